"""Finding hotspots: one run per kind, kept with its window, filters, parameters and what it left out.

The same question over the same reports gives the kept run again. Nothing here is tested against chance yet, and every
hotspot says so; until it is, it cannot become a place's boundary.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import geopandas as gpd
from sqlalchemy import Connection

from cs_geo import __version__
from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.errors import UsageError
from cs_geo.hotspots.find import HotspotResult, find_hotspots
from cs_geo.hotspots.parameters import HotspotParameters, LeftOut
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store import hotspots as stored
from cs_geo.store.areas import read_area, read_protected, read_study_area
from cs_geo.store.hotspots import HotspotRun
from cs_geo.store.opening import Store
from cs_geo.workflows.progress import Progress, say_nothing

NOT_TESTED = "Not yet tested against chance."
"""Said of every hotspot until the chance test exists."""


@dataclass(frozen=True, slots=True)
class FoundHotspots:
    """A run with its hotspots and spots (columns of ``cs_geo.store.hotspots.read_hotspots``), in storage metres."""

    run: HotspotRun
    hotspots: gpd.GeoDataFrame


def run_hotspots(
    store: Store,
    actor: Actor,
    selection: Selection,
    parameters: HotspotParameters,
    *,
    progress: Progress = say_nothing,
) -> list[FoundHotspots]:
    """Find the hotspots of a selection, one run for each of its kinds.

    Raises
    ------
    UsageError
        If the selection names an area that is not loaded.
    """
    require(actor, Action.FIND_HOTSPOTS)
    kinds = selection.kinds or (Kind.INCIDENT, Kind.CONCERN)
    found = []
    for number, kind in enumerate(kinds):
        progress(f"Finding where {kind} reports are concentrated", number, len(kinds))
        with store.begin(actor) as connection:
            run_id = _run_kind(connection, actor, replace(selection, kinds=(kind,)), parameters)
            run = stored.read_run(connection, run_id)
            if run is None:
                raise RuntimeError("A run that was just kept is gone.")
            found.append(FoundHotspots(run, stored.read_hotspots(connection, [run_id])))
    return found


def latest_hotspots(store: Store, actor: Actor, kinds: Sequence[Kind]) -> list[FoundHotspots]:
    """The newest run of each kind that has one."""
    require(actor, Action.VIEW_MAP)
    found = []
    with store.begin(actor) as connection:
        for kind in kinds:
            run = stored.latest_run(connection, str(kind))
            if run:
                found.append(FoundHotspots(run, stored.read_hotspots(connection, [run.run_id])))
    return found


def read_runs(store: Store, actor: Actor, run_ids: Sequence[UUID]) -> list[FoundHotspots]:
    """Kept runs, in the order asked for."""
    require(actor, Action.VIEW_MAP)
    found = []
    with store.begin(actor) as connection:
        for run_id in run_ids:
            run = stored.read_run(connection, run_id)
            if run:
                found.append(FoundHotspots(run, stored.read_hotspots(connection, [run_id])))
    return found


def doubt_hotspot(store: Store, actor: Actor, hotspot_id: UUID) -> bool:
    """Note that somebody says a hotspot is drawn in the wrong place."""
    require(actor, Action.VIEW_MAP)
    with store.begin(actor) as connection:
        return stored.doubt_hotspot(connection, hotspot_id)


def _run_kind(connection: Connection, actor: Actor, selection: Selection, parameters: HotspotParameters) -> UUID:
    study_area = read_study_area(connection)
    if selection.area:
        study_area = read_area(connection, selection.area)
        if study_area is None:
            raise UsageError(f"No area has the reference “{selection.area}”. Load it, or choose another.")
    settings = parameters
    if selection.published and LeftOut.PUBLISHED not in parameters.include:
        settings = replace(parameters, include=(*parameters.include, LeftOut.PUBLISHED))
    points = stored.read_points(connection, selection)
    protected = read_protected(connection)
    streets = stored.read_label_streets(connection)
    fingerprint = _fingerprint(selection, settings, points, study_area, len(streets))
    kept = stored.find_run(connection, fingerprint)
    if kept:
        return kept
    result = find_hotspots(points, settings, study_area=study_area, protected=protected, streets=streets)
    run_id = stored.save_run(
        connection,
        kind=str(selection.kinds[0]),
        selection=selection,
        parameters=settings.to_json(),
        fingerprint=fingerprint,
        counts=_plain(result.counts),
        messages=result.messages,
        code_version=__version__,
        actor=actor.person,
    )
    _keep(connection, run_id, result)
    return run_id


def _keep(connection: Connection, run_id: UUID, result: HotspotResult) -> None:
    raise NotImplementedError
