"""Which workflow each kind of job runs: plain arguments in, a plain result out."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from cs_geo.access.actor import Actor
from cs_geo.hotspots.chance import SCREENING_MAPS
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings
from cs_geo.store.opening import Store
from cs_geo.workflows.baseline_choice import BaselineChoice
from cs_geo.workflows.defend_hotspots import defend_run
from cs_geo.workflows.export_files import export_to_file, release_to_file
from cs_geo.workflows.export_released import ReleaseRequest, preview_release
from cs_geo.workflows.find_hotspots import run_hotspots
from cs_geo.workflows.import_reports import ImportRequest, import_files, page_limits
from cs_geo.workflows.place_reports import try_again
from cs_geo.workflows.private_files import drop_uploads, upload_path
from cs_geo.workflows.progress import Progress
from cs_geo.workflows.raise_alarms import raise_alarms
from cs_geo.workflows.run_jobs import Work

Plain = Mapping[str, Any]


def _import(store: Store, actor: Actor, arguments: Plain, progress: Progress) -> Plain:
    """Import uploads (``files``: names in the uploads folder; ``names``: what the person calls them).

    A dry run leaves the uploads where they are, so that they can be imported without being sent again.
    """
    paths = tuple(upload_path(name) for name in arguments["files"])
    dry_run = bool(arguments.get("dry_run"))
    try:
        outcome = import_files(
            store,
            actor,
            ImportRequest(
                paths,
                arguments["source"],
                mapping=arguments.get("mapping"),
                kind=arguments.get("kind", ""),
                dry_run=dry_run,
                names=tuple(arguments["names"]),
            ),
            limits=page_limits(get_settings()),
            progress=progress,
        )
    finally:
        if not dry_run:
            drop_uploads(paths)
    return outcome.to_json()


def _find_hotspots(store: Store, actor: Actor, arguments: Plain, progress: Progress) -> Plain:
    """Find the hotspots of a ``selection``; ``radius_m`` and ``min_reports`` where they are not the default."""
    given = {name: arguments[name] for name in ("radius_m", "min_reports") if arguments.get(name) is not None}
    found = run_hotspots(
        store,
        actor,
        Selection.from_json(arguments["selection"]),
        HotspotParameters(**given),
        progress=progress,
    )
    return {
        "runs": [{"run_id": str(one.run.run_id), "kind": one.run.kind, "hotspots": len(one.hotspots)} for one in found]
    }


def _defend_hotspots(store: Store, actor: Actor, arguments: Plain, progress: Progress) -> Plain:
    """Hold the runs of ``run_ids`` against a ``baseline`` on ``maps`` random maps, and try how steady they are."""
    choice = BaselineChoice.from_json(arguments["baseline"])
    tests = [
        defend_run(store, actor, UUID(run_id), choice, maps=arguments.get("maps", SCREENING_MAPS), progress=progress)
        for run_id in arguments["run_ids"]
    ]
    return {"tests": [{"run_id": str(test.run_id), "test_id": str(test.test_id)} for test in tests]}


def _raise_alarms(store: Store, actor: Actor, arguments: Plain, progress: Progress) -> Plain:
    """Look for what is new up to the day ``until``, beyond what the district's own reporting explains."""
    scans = raise_alarms(store, actor, date.fromisoformat(arguments["until"]), progress=progress)
    return {"scans": [str(scan.scan_id) for scan in scans]}


def _export(store: Store, actor: Actor, arguments: Plain, progress: Progress) -> Plain:
    """Write a ``selection`` in the format of an ``ending``, for a ``purpose``."""
    today = arguments.get("today")
    return export_to_file(
        store,
        actor,
        ending=arguments["ending"],
        selection=Selection.from_json(arguments["selection"]),
        purpose=arguments["purpose"],
        standing=arguments.get("standing", ""),
        today=date.fromisoformat(today) if today else datetime.now(UTC).date(),
        progress=progress,
        in_job=True,
    ).to_json()


def _release(store: Store, actor: Actor, arguments: Plain, progress: Progress) -> Plain:
    """Write what a ``request`` asks for, in the format of an ``ending``."""
    request = ReleaseRequest.from_json(arguments["request"])
    return release_to_file(
        store, actor, ending=arguments["ending"], request=request, progress=progress, in_job=True
    ).to_json()


def _preview_release(store: Store, actor: Actor, arguments: Plain, progress: Progress) -> Plain:
    """Say what a ``request`` would give, and what it would leave out."""
    found = preview_release(store, actor, ReleaseRequest.from_json(arguments["request"]), progress)
    return asdict(found)


def _geocode_again(store: Store, actor: Actor, arguments: Plain, progress: Progress) -> Plain:
    """Put unmatched and doubtful locations to the geocoder again."""
    return {"placed": try_again(store, actor, progress=progress)}


WORKS: Mapping[str, Work] = {
    "import": _import,
    "find_hotspots": _find_hotspots,
    "defend_hotspots": _defend_hotspots,
    "raise_alarms": _raise_alarms,
    "export": _export,
    "release": _release,
    "preview_release": _preview_release,
    "geocode_again": _geocode_again,
}
