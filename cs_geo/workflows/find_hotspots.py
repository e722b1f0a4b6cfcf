"""Finding hotspots: one run per kind, kept with its window, filters, parameters and what it left out.

The same question over the same reports gives the kept run again. Nothing here is tested against chance yet, and every
hotspot says so; until it is, it cannot become a place's boundary.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from cs_geo import __version__
from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.dates import require_window
from cs_geo.errors import UsageError
from cs_geo.hotspots.find import find_hotspots
from cs_geo.hotspots.geojson import to_degrees
from cs_geo.hotspots.parameters import HotspotParameters, LeftOut
from cs_geo.hotspots.result import HotspotResult
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store import hotspots as stored
from cs_geo.store.areas import hold_protected, read_area, read_protected, read_study_area
from cs_geo.store.hotspots import DoubtedHotspot, HotspotRun
from cs_geo.store.opening import Store
from cs_geo.workflows.progress import Progress, say_nothing
from cs_geo.workflows.recording import permit, recorded, recorded_long

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
        If the selection names an area that is not loaded, or a window that ends before it starts.
    """
    permit(store, actor, Action.FIND_HOTSPOTS)
    require_window(selection.since, selection.until)
    kinds = selection.kinds or (Kind.INCIDENT, Kind.CONCERN)
    found = []
    for number, kind in enumerate(kinds):
        progress(f"Finding where {kind} reports are concentrated", number, len(kinds))
        with recorded_long(store, actor, Action.FIND_HOTSPOTS, details={"kind": str(kind)}) as recording:
            connection = recording.connection
            run_id = _run_kind(connection, actor, replace(selection, kinds=(kind,)), parameters)
            run = stored.read_run(connection, run_id)
            if run is None:
                raise RuntimeError("A run that was just kept is gone.")
            found.append(FoundHotspots(run, stored.read_hotspots(connection, [run_id])))
            recording.subject = str(run_id)
    return found


def hotspots_for(store: Store, actor: Actor, selection: Selection, kinds: Sequence[Kind]) -> list[FoundHotspots]:
    """The kept run of each kind that is about a selection; else the newest of that kind, whatever it was about."""
    require(actor, Action.VIEW_MAP)
    found = []
    with store.begin(actor) as connection:
        for kind in kinds:
            run = stored.run_about(connection, replace(selection, kinds=(kind,))) or stored.latest_run(
                connection, str(kind)
            )
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


def list_runs(store: Store, actor: Actor) -> list[HotspotRun]:
    """The newest runs of partners' reports."""
    require(actor, Action.VIEW_MAP)
    with store.begin(actor) as connection:
        return [run for run in stored.list_runs(connection) if not run.selection.published]


def doubt_hotspot(store: Store, actor: Actor, hotspot_id: UUID) -> bool:
    """Say that a hotspot is drawn in the wrong place: it waits under *Review locations*, and stays on the map."""
    with recorded(store, actor, Action.VIEW_MAP, subject=str(hotspot_id)) as recording:
        connection = recording.connection
        return stored.doubt_hotspot(connection, hotspot_id, doubted=True)


def settle_hotspot(store: Store, actor: Actor, hotspot_id: UUID) -> bool:
    """Take back that a hotspot is drawn in the wrong place."""
    with recorded(store, actor, Action.VIEW_MAP, subject=str(hotspot_id)) as recording:
        connection = recording.connection
        return stored.doubt_hotspot(connection, hotspot_id, doubted=False)


def list_doubted_hotspots(store: Store, actor: Actor) -> list[DoubtedHotspot]:
    """Every hotspot that somebody says is drawn in the wrong place, of the newest run first."""
    require(actor, Action.VIEW_MAP)
    with store.begin(actor) as connection:
        return stored.list_doubted_hotspots(connection)


def ground_of(connection: Connection, selection: Selection) -> tuple[BaseGeometry | None, BaseGeometry | None]:
    """The area that a selection is found in, and the protected ground that is kept off; storage metres.

    Raises
    ------
    UsageError
        If the selection names an area that is not loaded.
    """
    study_area = read_study_area(connection)
    if selection.area:
        study_area = read_area(connection, selection.area)
        if study_area is None:
            raise UsageError(f"No area has the reference “{selection.area}”. Load it, or choose another.")
    hold_protected(connection)
    return study_area, read_protected(connection)


def compute_again(
    connection: Connection, run: HotspotRun
) -> tuple[HotspotResult, BaseGeometry | None, BaseGeometry | None] | None:
    """A kept run made again, with the ground it was found on; None where its reports or its ground have changed."""
    settings = HotspotParameters.from_json(run.parameters)
    study_area, protected = ground_of(connection, run.selection)
    points = stored.read_points(connection, run.selection)
    streets = stored.read_label_streets(connection)
    fingerprint = _fingerprint(run.selection, settings, points, study_area, protected, streets)
    if stored.find_run(connection, fingerprint) != run.run_id:
        return None
    result = find_hotspots(points, settings, study_area=study_area, protected=protected, streets=streets)
    return result, study_area, protected


def _run_kind(connection: Connection, actor: Actor, selection: Selection, parameters: HotspotParameters) -> UUID:
    settings = parameters
    if selection.published and LeftOut.PUBLISHED not in parameters.include:
        settings = replace(parameters, include=(*parameters.include, LeftOut.PUBLISHED))
    study_area, protected = ground_of(connection, selection)
    points = stored.read_points(connection, selection)
    streets = stored.read_label_streets(connection)
    fingerprint = _fingerprint(selection, settings, points, study_area, protected, streets)
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
        counts={
            **result.counts.to_json(),
            "anchored": bool(result.anchoring.anchored),
            "share_on_anchors": round(float(result.anchoring.share), 4),
        },
        messages=result.messages,
        code_version=__version__,
        actor=actor.person,
    )
    rows = [*_rows(result.hotspots, at_one_spot=False), *_rows(result.spots, at_one_spot=True)]
    kept_as = stored.save_hotspots(connection, run_id, rows)
    members = zip(result.members["found_as"], result.members["rank"], result.members["report_id"], strict=True)
    stored.save_members(
        connection, [(kept_as[found_as == "spot", int(rank)], str(report)) for found_as, rank, report in members]
    )
    return run_id


def _rows(found: gpd.GeoDataFrame, *, at_one_spot: bool) -> Iterator[dict[str, Any]]:
    """Hotspots or spots as they are kept: what is asked for often in columns, the rest as details."""
    for row in found.to_dict("records"):
        yield {
            "rank": int(row["rank"]),
            "at_one_spot": at_one_spot,
            "label": row["label"],
            "reports_n": int(row["reports_n"]),
            "places_n": int(row["places_n"]),
            "days_n": int(row["days_n"]),
            "sources_n": int(row["sources_n"]),
            "area_m2": float(row.get("area_m2", 0.0)),
            "geometry": row["geometry"],
            "details": {name: _plain(value) for name, value in row.items() if name not in KEPT_IN_COLUMNS},
        }


KEPT_IN_COLUMNS = frozenset(
    {"rank", "label", "reports_n", "places_n", "days_n", "sources_n", "area_m2", "geometry"},
)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and np.isnan(value) else value


def _fingerprint(
    selection: Selection,
    parameters: HotspotParameters,
    points: gpd.GeoDataFrame,
    study_area: BaseGeometry | None,
    protected: BaseGeometry | None,
    streets: gpd.GeoDataFrame,
) -> bytes:
    """What a run rests on: the question, the reports and what they are read against."""
    digest = hashlib.blake2b(digest_size=16)
    question = {"selection": selection.to_json(), "parameters": parameters.to_json(), "version": __version__}
    digest.update(json.dumps(question, sort_keys=True).encode())
    plain = pd.DataFrame(points.drop(columns="geometry"))
    digest.update(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
    digest.update(shapely.get_coordinates(points.geometry.to_numpy()).tobytes())
    for area in (study_area, protected):
        digest.update(shapely.to_wkb(area) if area is not None else b"-")
    digest.update(shapely.get_coordinates(streets.geometry.to_numpy()).tobytes())
    digest.update("\x1f".join(streets["name"]).encode())
    return digest.digest()


def to_document(found: Sequence[FoundHotspots]) -> dict[str, Any]:
    """Runs as one GeoJSON FeatureCollection in EPSG:4326, with what each run rests on."""
    features = []
    for one in found:
        for shape, row in zip(to_degrees(one.hotspots.geometry), one.hotspots.to_dict("records"), strict=True):
            properties = {name: _plain(row[name]) for name in row if name not in {"geometry", "details"}}
            features.append(
                {
                    "type": "Feature",
                    "id": row["hotspot_id"],
                    "geometry": mapping(shape),
                    "properties": {**properties, **row["details"]},
                }
            )
    return {
        "type": "FeatureCollection",
        "features": features,
        "runs": [
            {
                "run_id": str(one.run.run_id),
                "kind": one.run.kind,
                "selection": one.run.selection.to_json(),
                "parameters": dict(one.run.parameters),
                "counts": dict(one.run.counts),
                "messages": list(one.run.messages),
                "chance": NOT_TESTED,
                "ran_at": one.run.ran_at.isoformat(),
            }
            for one in found
        ],
    }
