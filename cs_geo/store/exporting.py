"""Reading what an export writes: the reports of a selection, places, effort sessions and the runs that fit."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Connection, func, literal_column, select, text

from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings
from cs_geo.store.hidden_places import MATCH_NAME, as_written, place_name
from cs_geo.store.selecting import may_be_drawn, report_conditions
from cs_geo.store.tables import reports
from cs_geo.store.texts import FIELDS, shown_text

REPORT_COLUMNS = (
    "report_id", "reference", "kind", "occurred_from", "occurred_until", "date_precision", "time_band", "day_type",
    "term", "reported_on", "source_type", "agency", "directness", "harm_types", "police_category", "asb_qualifier",
    "presence_only", "severity_band", "young_people_band", "who_causes_harm", "what_helped", "note", "outcome",
    "safeguarding_answer", "location_text", "locality", "postcode", "place_named", "match_method", "match_precision",
    "match_radius_m", "match_confidence", "match_name", "match_gazetteer", "match_problem", "default_location",
    "coordinates_given", "edited_by_person", "pin_doubted", "published", "identity", "is_keyed", "occurrence",
)  # fmt: skip
WITHHELD = {
    "location_text": as_written("location_text"),
    "place_named": as_written("place_named"),
    "match_name": MATCH_NAME,
    **{field: shown_text(field) for field in FIELDS},
}
"""Columns that may name a hidden place or a person: what is read in their stead."""
EFFORT_COLUMNS = (
    "session_id", "effort_type", "started_at", "ended_at", "staff_count", "staff_hours", "route", "contacts_band",
    "place",
)  # fmt: skip


def read_reports(connection: Connection, selection: Selection) -> gpd.GeoDataFrame:
    """The reports of a selection outside protected locations, in storage metres, unmatched ones without a point.

    Returns
    -------
    GeoDataFrame
        Columns ``REPORT_COLUMNS``, ``source``, ``place`` (name of the registered place) and geometry.
    """
    names = [*REPORT_COLUMNS, "source", "place"]
    rows = connection.execute(
        select(
            *(literal_column(WITHHELD[name]) if name in WITHHELD else reports.c[name] for name in REPORT_COLUMNS),
            literal_column("(SELECT name FROM cs_geo.sources s WHERE s.source_id = cs_geo.reports.source_id)"),
            literal_column(place_name("cs_geo.reports.place_id")),
            func.ST_AsBinary(reports.c.geom),
        )
        .where(report_conditions(selection), may_be_drawn())
        .order_by(reports.c.first_day, reports.c.reference)
    ).all()
    return _frame(rows, names)


def read_effort(connection: Connection, selection: Selection) -> gpd.GeoDataFrame:
    """Effort sessions of the selection's window, in storage metres."""
    rows = connection.execute(
        text(f"""
        SELECT session_id, effort_type, started_at, ended_at, staff_count, staff_hours, route, contacts_band,
            coalesce({place_name("s.place_id")}, nullif({as_written("place_named")}, ''),
                {as_written("location_text")}),
            ST_AsBinary(geom)
        FROM cs_geo.effort_sessions s
        WHERE (CAST(:since AS date) IS NULL OR first_day >= :since)
            AND (CAST(:until AS date) IS NULL OR first_day <= :until)
            AND NOT cs_geo.lies_protected(s.geom, s.match_precision)
        ORDER BY started_at, session_id
        """),
        {"since": selection.since, "until": selection.until},
    ).all()
    return _frame(rows, list(EFFORT_COLUMNS))


def read_place_boundaries(connection: Connection) -> Mapping[str, shapely.Geometry]:
    """Present boundary of every place that has one, in storage metres, by its identifier."""
    rows = connection.execute(
        text("""
        SELECT DISTINCT ON (place_id) place_id::text, ST_AsBinary(geom) FROM cs_geo.place_boundaries
        ORDER BY place_id, version DESC
        """)
    )
    return {row[0]: shapely.from_wkb(bytes(row[1])) for row in rows}


def count_located(connection: Connection, selection: Selection) -> int:
    """How many of the reports that an export of a selection holds have a point in the study area."""
    columns = reports.c
    located = (columns.geom.is_not(None), columns.match_problem != "outside_study_area", may_be_drawn())
    return int(connection.scalar(select(func.count()).where(report_conditions(selection), *located)) or 0)


def note_export(
    connection: Connection,
    *,
    tier: str,
    purpose: str,
    selection: Selection,
    file_names: Sequence[str],
    rows: Mapping[str, int],
    actor: str,
) -> UUID:
    """Keep a record of what left, why, and by whom; its identifier."""
    export_id: UUID = connection.execute(
        text("""
        INSERT INTO cs_geo.exports (tier, purpose, selection, file_names, rows_n, exported_by)
        VALUES (:tier, :purpose, :selection, :files, :rows, :actor) RETURNING export_id
        """),
        {
            "tier": tier,
            "purpose": purpose,
            "selection": json.dumps(selection.to_json()),
            "files": list(file_names),
            "rows": json.dumps(dict(rows)),
            "actor": actor,
        },
    ).scalar_one()
    return export_id


def _frame(rows: Sequence[Any], names: list[str]) -> gpd.GeoDataFrame:
    frame = pd.DataFrame([tuple(row)[:-1] for row in rows], columns=names)
    points = [shapely.from_wkb(bytes(row[-1])) if row[-1] is not None else None for row in rows]
    return gpd.GeoDataFrame(frame, geometry=points, crs=get_settings().storage_epsg)
