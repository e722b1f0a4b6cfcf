"""An export as a page hands it over: looked at beforehand, written to a private file, packed where it is several."""

import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.exports.writing import MEDIA_TYPES, SHAPEFILE
from cs_geo.reports.selection import Selection
from cs_geo.store.effort import count_effort
from cs_geo.store.exporting import count_located
from cs_geo.store.hotspots import read_hotspots
from cs_geo.store.opening import Store
from cs_geo.store.places import list_places
from cs_geo.store.reports import ReportCounts, count_reports
from cs_geo.workflows.download_files import offer_file
from cs_geo.workflows.export_locations import caveats, export_locations, runs_within
from cs_geo.workflows.export_released import ReleaseRequest, export_release
from cs_geo.workflows.pace import EXPORTS, keep_pace
from cs_geo.workflows.private_files import outgoing_folder
from cs_geo.workflows.progress import Progress, say_nothing
from cs_geo.workflows.recording import permit

SEVERAL_FILES = (".csv", ".geojson", ".parquet", SHAPEFILE)
"""Formats with one file for each table: they are packed into one zip."""


@dataclass(frozen=True, slots=True)
class ExportPreview:
    """What an export of a selection would hold."""

    counts: ReportCounts
    located: int
    """Of the reports that would be written, those with a point in the study area."""
    reports: int
    """Reports that would be written: those of the selection outside protected locations."""
    places: int
    sessions: int
    hotspots: int
    runs: int
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadyExport:
    """A written export, waiting to be handed over once."""

    path: str
    file_name: str
    media_type: str
    rows: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """As plain values, for a job's result."""
        return asdict(self)


def preview_export(store: Store, actor: Actor, selection: Selection) -> ExportPreview:
    """Count what an export of a selection would hold."""
    require(actor, Action.EXPORT)
    with store.begin(actor) as connection:
        counts = count_reports(connection, selection)
        located = count_located(connection, selection)
        runs = runs_within(connection, selection)
        hotspots = len(read_hotspots(connection, [run.run_id for run in runs]))
        places = len(list_places(connection))
        sessions, _ = count_effort(connection, selection.since, selection.until)
    written = counts.reports - counts.protected
    return ExportPreview(
        counts=counts,
        located=located,
        reports=written,
        places=places,
        sessions=sessions,
        hotspots=hotspots,
        runs=len(runs),
        caveats=caveats(selection, reports_n=written, located_n=located),
    )


def export_to_file(
    store: Store,
    actor: Actor,
    *,
    ending: str,
    selection: Selection,
    purpose: str,
    today: date,
    standing: str = "",
    progress: Progress = say_nothing,
    in_job: bool = False,
) -> ReadyExport:
    """Write an internal export to a private file.

    Parameters
    ----------
    in_job
        Whoever asked for the job took their turn then.

    Raises
    ------
    TooOften
        If the person exports more often than anybody at work does.
    UsageError
        If there is no such format, or no purpose is given.
    """
    permit(store, actor, Action.EXPORT)
    _require_format(ending)
    if not purpose.strip():
        raise UsageError("Say what the export is for. It is kept with the record of the export.")
    if not in_job:
        keep_pace(store, actor, EXPORTS)
    path = outgoing_folder() / f"locations-{today.isoformat()}{ending}"
    progress("Reading and writing the location database", 0, None)
    written = export_locations(store, actor, path, selection=selection, purpose=purpose.strip(), standing=standing)
    progress("Packing", 0, None)
    return _ready(path, written.files, written.rows)


def release_to_file(
    store: Store,
    actor: Actor,
    *,
    ending: str,
    request: ReleaseRequest,
    progress: Progress = say_nothing,
    in_job: bool = False,
) -> ReadyExport:
    """Write an export for a partner or the public to a private file.

    Raises
    ------
    UsageError
        As ``export_release``, and if there is no such format.
    RefusedInput
        As ``export_release``.
    TooOften
        As ``export_to_file``.
    """
    permit(store, actor, Action.EXPORT)
    _require_format(ending)
    if not in_job:
        keep_pace(store, actor, EXPORTS)
    path = outgoing_folder() / f"{request.tier}-{request.today.isoformat()}{ending}"
    written = export_release(store, actor, path, request, progress)
    progress("Packing", 0, None)
    return _ready(path, written.files, written.rows)


def _require_format(ending: str) -> None:
    if ending not in (*MEDIA_TYPES, SHAPEFILE):
        raise UsageError(f"There is no format “{ending}”. Choose one of {', '.join(MEDIA_TYPES)}.")


def _ready(path: Path, files: tuple[Path, ...], rows: Mapping[str, int]) -> ReadyExport:
    if path.suffix in SEVERAL_FILES:
        path = _pack(path.with_suffix(".zip"), files)
    path.chmod(0o600)
    return ReadyExport(str(path), path.name, MEDIA_TYPES[path.suffix], dict(rows))


def hand_over(store: Store, actor: Actor, ready: ReadyExport) -> str:
    """A ticket for an export that is still waiting.

    Raises
    ------
    RefusedInput
        If it has been handed over already, or was not fetched within a day.
    """
    permit(store, actor, Action.EXPORT)
    path = Path(ready.path)
    if not path.is_file():
        raise RefusedInput("This file has been handed over, or is more than a day old. Please export it again.")
    return offer_file(store, actor, path, file_name=ready.file_name, media_type=ready.media_type)


def _pack(target: Path, files: tuple[Path, ...]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
            file.unlink()
    return target
