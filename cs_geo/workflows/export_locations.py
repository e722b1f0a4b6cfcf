"""Exporting the location database: what a GIS, a spreadsheet or another program opens.

This is the internal tier, exact. What partners and the public may have is in ``export_released``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection

from cs_geo.access.actor import Actor, Tier
from cs_geo.access.permissions import Action
from cs_geo.dates import format_window, require_window
from cs_geo.exports.tables import (
    EFFORT_COLUMNS,
    HOTSPOT_COLUMNS,
    PLACE_COLUMNS,
    RUN_COLUMNS,
    LocationDatabase,
    reports_table,
)
from cs_geo.exports.writing import write_contents
from cs_geo.maps.captions import NOT_ALL_HARM, NOT_DANGER
from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings
from cs_geo.store import exporting as stored
from cs_geo.store import hotspots as stored_hotspots
from cs_geo.store.hotspots import HotspotRun
from cs_geo.store.opening import Store
from cs_geo.store.places import PlaceSummary, list_places
from cs_geo.workflows.defend_hotspots import Defence, gather_defence, say_defence
from cs_geo.workflows.place_reports import MATCH_RATE_FLOOR
from cs_geo.workflows.recording import permit, recorded_long


@dataclass(frozen=True, slots=True)
class Written:
    """What an export wrote."""

    files: tuple[Path, ...]
    rows: Mapping[str, int]


def export_locations(
    store: Store, actor: Actor, path: Path, *, selection: Selection, purpose: str = "", standing: str = ""
) -> Written:
    """Write the location database of a selection; ``standing`` names the standing purpose it is made for.

    Raises
    ------
    UsageError
        If there is no such format, or the window ends before it starts.
    """
    permit(store, actor, Action.EXPORT)
    require_window(selection.since, selection.until)
    zone = ZoneInfo(get_settings().zone)
    about: dict[str, Any] = {"tier": str(Tier.INTERNAL), "purpose": purpose, "filter": selection.to_json()}
    if standing:
        about["standing"] = standing
    with recorded_long(store, actor, Action.EXPORT, details=about) as recording:
        connection = recording.connection
        reports = reports_table(stored.read_reports(connection, selection), zone)
        runs = runs_within(connection, selection)
        database = LocationDatabase(
            reports=reports,
            places=_places(list_places(connection), stored.read_place_boundaries(connection)),
            hotspots=_hotspots(
                stored_hotspots.read_hotspots(connection, [run.run_id for run in runs]),
                gather_defence(connection, [run.run_id for run in runs]),
            ),
            effort=_effort(stored.read_effort(connection, selection), zone),
            runs=_runs(runs),
            caveats=caveats(selection, reports_n=len(reports), located_n=stored.count_located(connection, selection)),
            zone=zone,
        )
        files = write_contents(path, database.contents())
        stored.note_export(
            connection,
            tier=str(Tier.INTERNAL),
            purpose=purpose,
            selection=selection,
            file_names=[file.name for file in files],
            rows=database.row_counts(),
            actor=actor.person,
        )
        recording.details["rows"] = dict(database.row_counts())
    return Written(tuple(files), database.row_counts())


def runs_within(connection: Connection, selection: Selection) -> list[HotspotRun]:
    """The runs that an export of a selection holds: those about reports within it."""
    return [run for run in stored_hotspots.list_runs(connection, 200) if _fits(run, selection)]


def caveats(selection: Selection, *, reports_n: int, located_n: int) -> tuple[str, ...]:
    """What every reader of the export must know."""
    located = (
        f"{located_n:,} of {reports_n:,} reports are located. Below {MATCH_RATE_FLOOR:.0%} a pattern cannot "
        "be relied on."
    )
    return (
        "Internal: exact locations. Not to be passed on outside the team that may see them.",
        f"Reports {format_window(selection.since, selection.until)}.",
        located,
        NOT_DANGER,
        NOT_ALL_HARM,
        "Hotspots: random points make some too. The column chance says whether each was tested, and against what.",
        "Kinds of report are never added up into one count. No reports received does not mean that no harm took place.",
    )


def _fits(run: HotspotRun, selection: Selection) -> bool:
    """Is a run about reports within the selection's window and kinds?"""
    theirs = run.selection
    return (
        theirs.published == selection.published
        and theirs.area == selection.area
        and (not selection.kinds or set(theirs.kinds) <= set(selection.kinds))
        and (selection.since is None or (theirs.since is not None and theirs.since >= selection.since))
        and (selection.until is None or (theirs.until is not None and theirs.until <= selection.until))
    )


def _places(places: Sequence[PlaceSummary], boundaries: Mapping[str, object]) -> gpd.GeoDataFrame:
    rows = [
        (
            str(place.place_id), place.name, place.place_type, place.manager_role, "; ".join(place.aliases),
            place.boundary_version, place.incidents, place.concerns, place.outreach, place.strengths, place.sessions,
            place.last_day.isoformat() if place.last_day else "",
        )
        for place in places
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(PLACE_COLUMNS))
    shapes = [boundaries.get(identifier) for identifier in frame["place_id"]]
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=get_settings().storage_epsg)


def _hotspots(found: gpd.GeoDataFrame, defence: Defence) -> gpd.GeoDataFrame:
    said = [
        say_defence(defence, UUID(run_id), UUID(hotspot_id))
        for run_id, hotspot_id in zip(found["run_id"], found["hotspot_id"], strict=True)
    ]
    frame = found.assign(
        found_as=["spot" if at_one_spot else "hotspot" for at_one_spot in found["at_one_spot"]],
        chance=[chance for chance, _ in said],
        steadiness=[steady for _, steady in said],
    )
    return gpd.GeoDataFrame(frame[[*HOTSPOT_COLUMNS, "geometry"]], crs=found.crs)


def _effort(sessions: gpd.GeoDataFrame, zone: ZoneInfo) -> gpd.GeoDataFrame:
    plain = sessions.assign(session_id=sessions["session_id"].astype(str))
    for name in ("started_at", "ended_at"):
        plain[name] = [moment.astimezone(zone).isoformat() for moment in sessions[name]]
    return gpd.GeoDataFrame(plain[[*EFFORT_COLUMNS, "geometry"]], crs=sessions.crs)


def _runs(runs: Sequence[HotspotRun]) -> pd.DataFrame:
    rows = [
        (
            str(run.run_id), run.kind, run.ran_at.isoformat(), format_window(run.selection.since, run.selection.until),
            json.dumps(run.selection.to_json()), json.dumps(dict(run.parameters)), json.dumps(dict(run.counts)),
            " ".join(run.messages),
        )
        for run in runs
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(RUN_COLUMNS))
