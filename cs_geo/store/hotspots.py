"""Hotspot runs: the points they are computed from, and what they found, kept with window, filters and parameters."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Integer, Text, case, cast, extract, func, null, or_, select, text

from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings
from cs_geo.store.bulk import append_rows
from cs_geo.store.selecting import report_conditions
from cs_geo.store.tables import reports

NOISE = "noise_nuisance"
"""Harm type of ``data/codelists/harm_type.csv``."""


def read_points(connection: Connection, selection: Selection) -> gpd.GeoDataFrame:
    """Read the reports of a selection as points in storage metres.

    Returns
    -------
    GeoDataFrame
        Columns ``report_id`` (str), ``occurred_on`` (date), ``date_precision``, ``source_type``, ``time_band``,
        ``hour`` (float, NaN without a time), ``precision``, ``precision_radius_m`` (float, NaN where it is not known),
        ``doubtful`` (a match of low confidence, or a pin that somebody doubts), ``presence_only``, ``noise_only``
        (noise or nuisance is the only harm named), ``default_location``, ``protected_location`` and geometry
        (missing where unmatched).
    """
    columns = reports.c
    local = func.timezone(get_settings().zone, columns.occurred_from)
    rows = connection.execute(
        select(
            cast(columns.report_id, Text).label("report_id"),
            columns.first_day.label("occurred_on"),
            columns.date_precision,
            columns.source_type,
            columns.time_band,
            case((columns.date_precision == "time", cast(extract("hour", local), Integer)), else_=null()).label("hour"),
            columns.match_precision.label("precision"),
            columns.match_radius_m.label("precision_radius_m"),
            or_(columns.match_confidence == "low", columns.pin_doubted).label("doubtful"),
            columns.presence_only,
            (columns.harm_types == cast([NOISE], columns.harm_types.type)).label("noise_only"),
            columns.default_location,
            columns.in_protected.label("protected_location"),
            func.ST_X(columns.geom).label("x"),
            func.ST_Y(columns.geom).label("y"),
        )
        .where(report_conditions(selection))
        .order_by(columns.report_id)
    ).all()
    names = [
        "report_id",
        "occurred_on",
        "date_precision",
        "source_type",
        "time_band",
        "hour",
        "precision",
        "precision_radius_m",
        "doubtful",
        "presence_only",
        "noise_only",
        "default_location",
        "protected_location",
        "x",
        "y",
    ]
    frame = pd.DataFrame(rows, columns=names)
    x, y = frame.pop("x").to_numpy(dtype=float), frame.pop("y").to_numpy(dtype=float)
    geometry = np.full(len(frame), None, dtype=object)
    located = ~np.isnan(x)
    geometry[located] = shapely.points(np.column_stack([x[located], y[located]]))
    for measured in ("hour", "precision_radius_m"):
        frame[measured] = frame[measured].astype(float)
    for flag in ("doubtful", "noise_only", "presence_only", "default_location", "protected_location"):
        frame[flag] = frame[flag].astype(bool)
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=get_settings().storage_epsg)


def read_label_streets(connection: Connection) -> gpd.GeoDataFrame:
    """Every named street for labelling: ``name``, ``highway`` and lines in storage metres."""
    rows = connection.execute(
        text("SELECT name, highway, ST_AsBinary(geom) FROM cs_geo.street_edges WHERE name <> '' ORDER BY name, way_id")
    ).all()
    return gpd.GeoDataFrame(
        {"name": [row[0] for row in rows], "highway": [row[1] for row in rows]},
        geometry=shapely.from_wkb([bytes(row[2]) for row in rows]) if rows else [],
        crs=get_settings().storage_epsg,
    )


@dataclass(frozen=True, slots=True)
class HotspotRun:
    """A kept run: what was asked, of which reports, and what was said of it."""

    run_id: UUID
    kind: str
    selection: Selection
    parameters: Mapping[str, Any]
    counts: Mapping[str, Any]
    messages: tuple[str, ...]
    ran_at: datetime


RUN = "run_id, kind, selection, parameters, counts, messages, ran_at"


def withdraw_runs(connection: Connection, protected: Sequence[BaseGeometry]) -> int:
    """Withdraw every run of which a hotspot touches one of these locations or counts a report in a protected one."""
    return connection.execute(
        text("""
        DELETE FROM cs_geo.hotspot_runs WHERE run_id IN (
            SELECT h.run_id FROM cs_geo.hotspots h
            JOIN unnest(CAST(:shapes AS bytea[])) AS p (shape) ON ST_Intersects(h.geom, ST_GeomFromWKB(p.shape, :srid))
            UNION
            SELECT h.run_id FROM cs_geo.reports r JOIN cs_geo.hotspot_members m USING (report_id)
            JOIN cs_geo.hotspots h USING (hotspot_id) WHERE r.in_protected)
        """),
        {"shapes": [shapely.to_wkb(shape) for shape in protected], "srid": get_settings().storage_epsg},
    ).rowcount


def find_run(connection: Connection, fingerprint: bytes) -> UUID | None:
    """The kept run of the same question over the same reports, if there is one: from now on the latest of its kind."""
    found: UUID | None = connection.scalar(
        text("""
        UPDATE cs_geo.hotspot_runs SET asked_at = now() WHERE run_id = (
            SELECT run_id FROM cs_geo.hotspot_runs WHERE fingerprint = :f ORDER BY ran_at DESC LIMIT 1)
        RETURNING run_id
        """),
        {"f": fingerprint},
    )
    return found


def save_run(
    connection: Connection,
    *,
    kind: str,
    selection: Selection,
    parameters: Mapping[str, Any],
    fingerprint: bytes,
    counts: Mapping[str, Any],
    messages: Sequence[str],
    code_version: str,
    actor: str,
) -> UUID:
    """Keep a run; its hotspots follow by ``save_hotspots``."""
    run_id: UUID = connection.execute(
        text("""
        INSERT INTO cs_geo.hotspot_runs
            (kind, selection, parameters, fingerprint, counts, messages, code_version, ran_by)
        VALUES (:kind, :selection, :parameters, :fingerprint, :counts, :messages, :code_version, :actor)
        RETURNING run_id
        """),
        {
            "kind": kind,
            "selection": json.dumps(selection.to_json()),
            "parameters": json.dumps(parameters),
            "fingerprint": fingerprint,
            "counts": json.dumps(counts),
            "messages": list(messages),
            "code_version": code_version,
            "actor": actor,
        },
    ).scalar_one()
    return run_id


def save_hotspots(
    connection: Connection, run_id: UUID, rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[bool, int], UUID]:
    """Keep the hotspots and spots of a run; their identifiers by "is it a spot?" and rank.

    ``geometry`` is in storage metres, ``details`` any JSON.
    """
    kept: dict[tuple[bool, int], UUID] = {}
    for row in rows:
        kept[row["at_one_spot"], row["rank"]] = connection.execute(
            text("""
            INSERT INTO cs_geo.hotspots
                (run_id, rank, at_one_spot, label, reports_n, places_n, days_n, sources_n, area_m2, details, geom)
            VALUES (:run, :rank, :at_one_spot, :label, :reports_n, :places_n, :days_n, :sources_n, :area_m2, :details,
                ST_GeomFromWKB(:geom, :srid))
            RETURNING hotspot_id
            """),
            {
                **{name: row[name] for name in ("rank", "at_one_spot", "label", "reports_n", "places_n", "days_n")},
                "sources_n": row["sources_n"],
                "area_m2": row["area_m2"],
                "run": run_id,
                "details": json.dumps(row["details"]),
                "geom": shapely.to_wkb(row["geometry"]),
                "srid": get_settings().storage_epsg,
            },
        ).scalar_one()
    return kept


def save_members(connection: Connection, members: Sequence[tuple[UUID, str]]) -> None:
    """Keep which report belongs to which hotspot."""
    append_rows(connection, "hotspot_members", ("hotspot_id", "report_id"), members)


def read_run(connection: Connection, run_id: UUID) -> HotspotRun | None:
    """One kept run."""
    row = connection.execute(text(f"SELECT {RUN} FROM cs_geo.hotspot_runs WHERE run_id = :id"), {"id": run_id}).first()
    return _run(row) if row else None


def latest_run(connection: Connection, kind: str) -> HotspotRun | None:
    """The run of partners' reports of a kind that was asked for last."""
    row = connection.execute(
        text(f"""
        SELECT {RUN} FROM cs_geo.hotspot_runs
        WHERE kind = :kind AND NOT coalesce((selection ->> 'published')::boolean, false)
        ORDER BY asked_at DESC LIMIT 1
        """),
        {"kind": kind},
    ).first()
    return _run(row) if row else None


def run_about(connection: Connection, selection: Selection) -> HotspotRun | None:
    """The newest run about exactly these reports."""
    row = connection.execute(
        text(f"""
        SELECT {RUN} FROM cs_geo.hotspot_runs WHERE kind = :kind AND selection = CAST(:selection AS jsonb)
        ORDER BY asked_at DESC LIMIT 1
        """),
        {"kind": str(selection.kinds[0]), "selection": json.dumps(selection.to_json())},
    ).first()
    return _run(row) if row else None


def list_runs(connection: Connection, limit: int = 50) -> list[HotspotRun]:
    """The newest runs."""
    rows = connection.execute(
        text(f"SELECT {RUN} FROM cs_geo.hotspot_runs ORDER BY ran_at DESC LIMIT :limit"), {"limit": limit}
    )
    return [_run(row) for row in rows]


def _run(row: Any) -> HotspotRun:
    return HotspotRun(row[0], row[1], Selection.from_json(row[2]), row[3], row[4], tuple(row[5]), row[6])


def read_hotspots(connection: Connection, run_ids: Sequence[UUID]) -> gpd.GeoDataFrame:
    """The hotspots and spots of runs, in storage metres, ranked.

    Returns
    -------
    GeoDataFrame
        Columns ``hotspot_id``, ``run_id`` (str), ``kind``, ``rank``, ``at_one_spot``, ``label``, ``reports_n``,
        ``places_n``, ``days_n``, ``sources_n``, ``area_m2``, ``details`` (dict), ``doubted`` and geometry.
    """
    rows = connection.execute(
        text("""
        SELECT hotspot_id::text, run_id::text, kind, rank, at_one_spot, label, reports_n, places_n, days_n, sources_n,
            area_m2, details, doubted, ST_AsBinary(geom)
        FROM cs_geo.hotspots JOIN cs_geo.hotspot_runs USING (run_id)
        WHERE run_id = ANY(:runs) ORDER BY kind, at_one_spot, rank
        """),
        {"runs": list(run_ids)},
    ).all()
    names = [
        "hotspot_id",
        "run_id",
        "kind",
        "rank",
        "at_one_spot",
        "label",
        "reports_n",
        "places_n",
        "days_n",
        "sources_n",
        "area_m2",
        "details",
        "doubted",
    ]
    return gpd.GeoDataFrame(
        pd.DataFrame([row[:-1] for row in rows], columns=names),
        geometry=shapely.from_wkb([bytes(row[-1]) for row in rows]) if rows else [],
        crs=get_settings().storage_epsg,
    )


def doubt_hotspot(connection: Connection, hotspot_id: UUID, *, doubted: bool) -> bool:
    """Note whether somebody says a hotspot is drawn in the wrong place."""
    return bool(
        connection.execute(
            text("UPDATE cs_geo.hotspots SET doubted = :doubted WHERE hotspot_id = :id"),
            {"id": hotspot_id, "doubted": doubted},
        ).rowcount
    )


@dataclass(frozen=True, slots=True)
class DoubtedHotspot:
    """A hotspot that somebody says is drawn in the wrong place."""

    hotspot_id: UUID
    label: str
    reports_n: int
    at_one_spot: bool
    run: HotspotRun


def list_doubted_hotspots(connection: Connection) -> list[DoubtedHotspot]:
    """Every hotspot that somebody says is drawn in the wrong place, of the newest run first."""
    rows = connection.execute(
        text(f"""
        SELECT {RUN}, hotspot_id, label, reports_n, at_one_spot
        FROM cs_geo.hotspots JOIN cs_geo.hotspot_runs USING (run_id)
        WHERE doubted ORDER BY asked_at DESC, kind, at_one_spot, rank
        """)
    ).all()
    return [DoubtedHotspot(row[7], row[8], row[9], row[10], _run(row)) for row in rows]
