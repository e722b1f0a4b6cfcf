"""Loading the fictional sample borough: everything a site would load, and its partners' files, once.

A step that has been done is not done again, so that the second time takes seconds and duplicates nothing.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from cs_geo.access.actor import Actor
from cs_geo.dates import add_months
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.settings import data_folder, get_settings
from cs_geo.store.areas import loaded_sources
from cs_geo.store.opening import Store
from cs_geo.workflows import load_site_data as site
from cs_geo.workflows.find_hotspots import run_hotspots
from cs_geo.workflows.import_reports import ImportRequest, command_limits, import_files
from cs_geo.workflows.progress import Progress, say_nothing
from cs_geo.workflows.undo_imports import list_imports

WINDOW_MONTHS = 3
"""Months before the sample's last day in which its hotspots are found."""


def load_demo(
    store: Store, actor: Actor, folder: Path | None = None, *, progress: Progress = say_nothing
) -> Iterator[str]:
    """Load the sample borough from its manifest, saying each thing that was done."""
    source = folder or data_folder() / "sample"
    manifest = tomllib.loads((source / "manifest.toml").read_text(encoding="utf-8"))
    with store.begin(actor) as connection:
        present = loaded_sources(connection)
    for area in manifest["areas"]:
        if area["file"] not in present:
            done = site.load_areas(store, actor, source / area["file"], area["kind"])
            yield f"{done.loaded} {done.what}, {done.mended} of them mended."
    if manifest["calendar"] not in present:
        done = site.load_calendar(store, actor, source / manifest["calendar"])
        yield f"{done.loaded} {done.what}."
    if manifest["protected"] not in present:
        done = site.load_protected(store, actor, source / manifest["protected"])
        yield f"{done.loaded} {done.what}: never clustered, drawn or named."
    for gazetteer in manifest["gazetteers"]:
        if gazetteer["name"] not in present:
            progress(f"Loading {gazetteer['name']}", 0, None)
            loaded = site.load_gazetteer_file(
                store,
                actor,
                source / gazetteer["file"],
                gazetteer["format"],
                name=gazetteer["name"],
                version=gazetteer["version"],
            )
            yield f"Gazetteer {loaded.name}: {loaded.entries:,} entries."
    if manifest["basemap"] not in present:
        progress("Loading the basemap", 0, None)
        done = site.load_basemap(store, actor, source / manifest["basemap"])
        yield f"{done.loaded:,} {done.what}."
    done = site.load_places(store, actor, source / manifest["places"])
    if done.loaded:
        yield f"{done.loaded} {done.what} registered."
    yield from _import_all(store, actor, source, manifest, progress)
    yield from _find_hotspots(store, actor, manifest, progress)


def _import_all(
    store: Store, actor: Actor, folder: Path, manifest: Mapping[str, Any], progress: Progress
) -> Iterator[str]:
    imported = {(one.source, name) for one in list_imports(store, actor, 500) for name in one.files}
    for one in manifest["imports"]:
        if (one["source"], one["file"]) in imported:
            continue
        request = ImportRequest((folder / one["file"],), one["source"], mapping=one["mapping"])
        outcome = import_files(store, actor, request, limits=command_limits(get_settings()), progress=progress)
        yield (
            f"{one['source']}: {outcome.read:,} rows, {outcome.created:,} created, {outcome.duplicate:,} duplicates, "
            f"{outcome.rejected:,} rejected, {outcome.matched:,} placed."
        )


def _find_hotspots(store: Store, actor: Actor, manifest: Mapping[str, Any], progress: Progress) -> Iterator[str]:
    last: date = manifest["last_day"]
    for kind in (Kind.INCIDENT, Kind.CONCERN):
        selection = Selection(since=add_months(last, -WINDOW_MONTHS) + timedelta(days=1), until=last, kinds=(kind,))
        found = run_hotspots(store, actor, selection, HotspotParameters(), progress=progress)
        shapes = sum(int((~one.hotspots["at_one_spot"].astype(bool)).sum()) for one in found)
        yield f"{kind.capitalize()} reports of the last {WINDOW_MONTHS} months: {shapes} hotspots."
