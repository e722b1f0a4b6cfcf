"""Reports as pages ask for them: counts, a page of a table, the nearest, one in full, nearby ones, those to place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, Label, RowMapping, func, literal_column, select, text

from cs_geo.reports.selection import Selection
from cs_geo.store.cells import hexagon_edge
from cs_geo.store.hidden_places import MATCH_NAME, as_written
from cs_geo.store.selecting import may_be_drawn, report_conditions
from cs_geo.store.tables import SRID, hotspot_members, reports
from cs_geo.store.texts import shown_text

BOUNDS_ZOOM = 12
WHERE_WRITTEN: Label[str] = literal_column(as_written("location_text")).label("location_text")

SORTED_BY = {
    "day": reports.c.first_day,
    "kind": reports.c.kind,
    "time": reports.c.time_band,
    "what": reports.c.harm_types,
    "source": reports.c.source_type,
    "location": reports.c.location_text,
    "precision": reports.c.match_precision,
    "reference": reports.c.reference,
}
"""Columns a table of reports may be sorted by."""


@dataclass(frozen=True, slots=True)
class ReportCounts:
    """What stands in the caption of a map or table."""

    reports: int
    located: int
    """With a point of any precision that does not lie outside the study area."""
    outside: int
    """With a point outside the study area."""
    precise: int
    """With a point close enough to draw and cluster."""
    to_place: int
    protected: int
    by_kind: Mapping[str, int]
    drawn_by_kind: Mapping[str, int]
    """With a point, outside protected locations: what a map draws."""
    presence_only: int
    first_day: date | None
    last_day: date | None

    @property
    def drawn(self) -> int:
        """Reports that a map draws. For arithmetic, never shown as one count of several kinds."""
        return sum(self.drawn_by_kind.values())

    @property
    def located_share(self) -> float | None:
        """Share of reports with a point; None without reports."""
        return self.located / self.reports if self.reports else None


def count_reports(connection: Connection, selection: Selection) -> ReportCounts:
    """Count the reports of a selection."""
    columns = reports.c
    rows = connection.execute(
        select(
            columns.kind,
            func.count(),
            func.count(columns.geom).filter(columns.match_problem != "outside_study_area"),
            func.count(columns.geom).filter(columns.match_problem == "outside_study_area"),
            func.count().filter(columns.geom.is_not(None), columns.match_precision != "area", may_be_drawn()),
            func.count().filter(columns.geom.is_(None)),
            func.count().filter(columns.in_protected),
            func.count().filter(columns.presence_only),
            func.min(columns.first_day),
            func.max(columns.last_day),
            func.count().filter(columns.geom.is_not(None), may_be_drawn()),
        )
        .where(report_conditions(selection))
        .group_by(columns.kind)
    ).all()
    return ReportCounts(
        reports=sum(row[1] for row in rows),
        located=sum(row[2] for row in rows),
        outside=sum(row[3] for row in rows),
        precise=sum(row[4] for row in rows),
        to_place=sum(row[5] for row in rows),
        protected=sum(row[6] for row in rows),
        by_kind={row[0]: row[1] for row in rows},
        drawn_by_kind={row[0]: row[10] for row in rows},
        presence_only=sum(row[7] for row in rows),
        first_day=min((row[8] for row in rows), default=None),
        last_day=max((row[9] for row in rows), default=None),
    )


def has_reports(connection: Connection) -> bool:
    """Is there any report of a partner?"""
    return bool(connection.scalar(text("SELECT EXISTS (SELECT 1 FROM cs_geo.reports WHERE NOT published)")))


def span_of_reports(connection: Connection) -> tuple[date, date] | None:
    """First and last day of all partners' reports; None without any."""
    first, last = connection.execute(
        text("SELECT min(first_day), max(last_day) FROM cs_geo.reports WHERE NOT published")
    ).one()
    return (first, last) if first and last else None


def count_drawn(connection: Connection, selection: Selection) -> int:
    """How many reports of a selection the map draws: those with a point, outside protected locations."""
    return int(
        connection.scalar(
            select(func.count()).where(report_conditions(selection), reports.c.geom.is_not(None), may_be_drawn())
        )
        or 0
    )


LISTED = tuple(
    WHERE_WRITTEN if name == "location_text" else reports.c[name]
    for name in (
        "report_id",
        "reference",
        "kind",
        "first_day",
        "date_precision",
        "time_band",
        "source_type",
        "harm_types",
        "police_category",
        "location_text",
        "match_precision",
        "match_confidence",
    )
)
"""Columns of a row in a table of reports."""


def page_of_reports(
    connection: Connection,
    selection: Selection,
    *,
    sorted_by: str = "day",
    descending: bool = True,
    offset: int = 0,
    limit: int = 50,
) -> Sequence[RowMapping]:
    """A page of the table of reports."""
    order = SORTED_BY[sorted_by]
    rows = connection.execute(
        select(*LISTED)
        .where(report_conditions(selection), may_be_drawn())
        .order_by(order.desc() if descending else order.asc(), reports.c.report_id)
        .offset(offset)
        .limit(limit)
    )
    return rows.mappings().all()


def page_of_hotspot(
    connection: Connection, hotspot_id: UUID, *, offset: int = 0, limit: int = 25
) -> tuple[int, Sequence[RowMapping]]:
    """How many reports of a hotspot are still current, and a page of them, newest first."""
    belongs = reports.c.report_id.in_(
        select(hotspot_members.c.report_id).where(hotspot_members.c.hotspot_id == hotspot_id)
    )
    current = connection.scalar(select(func.count()).select_from(reports).where(belongs, may_be_drawn()))
    rows = connection.execute(
        select(*LISTED)
        .where(belongs, may_be_drawn())
        .order_by(reports.c.first_day.desc(), reports.c.report_id)
        .offset(offset)
        .limit(limit)
    )
    return int(current or 0), rows.mappings().all()


ALTERNATIVES = """(
    SELECT jsonb_agg(other ORDER BY place)
    FROM jsonb_array_elements(match_alternatives) WITH ORDINALITY AS a (other, place)
    WHERE NOT cs_geo.lies_protected((other ->> 'x')::float8, (other ->> 'y')::float8))
"""
"""What else a location could have meant, without what lies in a protected location, whichever was stored first."""
_TEXTS = ", ".join(f"{shown_text(field)} AS {field}" for field in ("what_helped", "note", "outcome"))
FULL = f"""
    report_id, reference, kind, published, source_type, agency, directness, occurred_from, occurred_until,
    date_precision, first_day, last_day, time_band, day_type, term, reported_on, harm_types, police_category,
    asb_qualifier, presence_only, severity_band, young_people_band, who_causes_harm, {_TEXTS},
    {as_written("location_text")} AS location_text, locality, postcode, {as_written("place_named")} AS place_named,
    place_id, match_method, match_precision, match_radius_m,
    match_confidence, {MATCH_NAME} AS match_name, match_gazetteer, {ALTERNATIVES} AS match_alternatives,
    match_problem, default_location, pin_doubted,
    version, edited_by_person, removed, ST_X(geom) AS x, ST_Y(geom) AS y,
    ST_X(ST_Transform(geom, 4326)) AS longitude, ST_Y(ST_Transform(geom, 4326)) AS latitude
"""


def read_report(connection: Connection, report_id: UUID) -> RowMapping | None:
    """One report in full, with its point in storage metres and degrees; None when it is no longer current."""
    return (
        connection.execute(
            text(f"SELECT {FULL} FROM cs_geo.reports WHERE report_id = :id AND NOT in_protected"), {"id": report_id}
        )
        .mappings()
        .one_or_none()
    )


def find_reference(connection: Connection, reference: str) -> UUID | None:
    """The report with a reference as said on the phone."""
    found: UUID | None = connection.scalar(
        text("SELECT report_id FROM cs_geo.reports WHERE reference = :reference"), {"reference": reference}
    )
    return found


def nearest_reports(
    connection: Connection,
    selection: Selection,
    longitude: float,
    latitude: float,
    *,
    within_m: float | None,
    limit: int = 5,
) -> Sequence[RowMapping]:
    """The reports of a selection nearest to a point in degrees, nearest first, with ``distance_m``.

    Without ``within_m`` however far away.
    """
    columns = reports.c
    point = func.ST_Transform(func.ST_SetSRID(func.ST_MakePoint(longitude, latitude), 4326), SRID)
    rows = connection.execute(
        select(
            columns.report_id,
            columns.reference,
            columns.kind,
            columns.first_day,
            columns.date_precision,
            columns.source_type,
            columns.harm_types,
            WHERE_WRITTEN,
            func.ST_Distance(columns.geom, point).label("distance_m"),
        )
        .where(
            report_conditions(selection),
            may_be_drawn(),
            columns.geom.is_not(None) if within_m is None else func.ST_DWithin(columns.geom, point, within_m),
        )
        .order_by(columns.geom.op("<->")(point), columns.first_day.desc(), columns.report_id)
        .limit(limit)
    )
    return rows.mappings().all()


def nearby_reports(
    connection: Connection, x: float, y: float, *, since: date, until: date, within_m: float
) -> Sequence[RowMapping]:
    """Partners' reports near a point in storage metres within a window, nearest first: shown before one is saved."""
    return (
        connection.execute(
            text(f"""
            SELECT {FULL}, ST_Distance(geom, ST_SetSRID(ST_MakePoint(:x, :y), ST_SRID(geom))) AS distance_m
            FROM cs_geo.reports
            WHERE NOT published AND NOT in_protected AND first_day BETWEEN :since AND :until
                AND ST_DWithin(geom, ST_SetSRID(ST_MakePoint(:x, :y), :srid), :within)
            ORDER BY distance_m, first_day DESC LIMIT 20
            """),
            {"x": x, "y": y, "since": since, "until": until, "within": within_m, "srid": SRID},
        )
        .mappings()
        .all()
    )


TO_PLACE = """
    ((geom IS NULL OR match_confidence IN ('low', 'none')) AND NOT edited_by_person
        AND NOT removed && '{location_text,exact_geometry}' OR pin_doubted) AND NOT in_protected
"""
"""What needs a person: no point or a doubtful one that nobody has looked at, or a pin that somebody says is wrong.
Once the words for a location have been removed, nobody can find it any more."""


def count_to_place(connection: Connection) -> tuple[int, int, int]:
    """How many reports are unmatched, doubtful, and doubted by a person. A report counts once, in that order."""
    row = connection.execute(
        text(f"""
        SELECT count(*) FILTER (WHERE geom IS NULL), count(*) FILTER (WHERE geom IS NOT NULL AND NOT pin_doubted),
            count(*) FILTER (WHERE geom IS NOT NULL AND pin_doubted)
        FROM cs_geo.reports WHERE {TO_PLACE} AND NOT published
        """)
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


CARRIED = """
    SELECT report_id, bool_or(dissolves) AS dissolves, max(lost_n) AS lost_n
    FROM cs_geo.hotspot_pins JOIN cs_geo.hotspots USING (hotspot_id)
    WHERE run_id IN (SELECT DISTINCT ON (kind) run_id FROM cs_geo.hotspot_runs ORDER BY kind, asked_at DESC)
    GROUP BY report_id
"""
"""Pins that a hotspot on the map rests on: does it dissolve without, and how many other reports fall out of it?"""


def page_to_place(connection: Connection, *, offset: int = 0, limit: int = 25) -> Sequence[RowMapping]:
    """Reports whose location needs a person, those first that a hotspot rests on.

    Then doubted pins, then unmatched, then doubtful ones, newest first. ``dissolves`` and ``lost_n`` say what the
    hotspot would lose without the pin; None where none rests on it.
    """
    return (
        connection.execute(
            text(f"""
            SELECT {FULL}, dissolves, lost_n FROM cs_geo.reports LEFT JOIN ({CARRIED}) AS carried USING (report_id)
            WHERE {TO_PLACE} AND NOT published
            ORDER BY coalesce(dissolves, false) DESC, coalesce(lost_n, 0) DESC, pin_doubted DESC, geom IS NULL DESC,
                first_day DESC, report_id
            OFFSET :offset LIMIT :limit
            """),
            {"offset": offset, "limit": limit},
        )
        .mappings()
        .all()
    )


def report_bounds(connection: Connection) -> tuple[float, float, float, float] | None:
    """West, south, east and north of where most reports lie, in degrees; None without reports that have a point."""
    # From the hexagons, which are few: the extent of every report takes a scan of all of them.
    row = connection.execute(
        text("""
        SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box) FROM (
            SELECT ST_Transform(ST_SetSRID(ST_Extent(ST_Hexagon(:edge, i, j)), 3857), 4326) AS box
            FROM (SELECT DISTINCT i, j FROM cs_geo.report_cells WHERE zoom = :zoom) AS cells) AS b
        """),
        {"zoom": BOUNDS_ZOOM, "edge": hexagon_edge(BOUNDS_ZOOM)},
    ).first()
    return (row[0], row[1], row[2], row[3]) if row and row[0] is not None else None


def codes_in_use(connection: Connection) -> tuple[list[str], list[str]]:
    """Source types and harm types that partners' reports have."""
    sources = connection.scalars(
        text("SELECT DISTINCT source_type FROM cs_geo.reports WHERE NOT published AND source_type <> '' ORDER BY 1")
    ).all()
    harms = connection.scalars(
        text("SELECT DISTINCT unnest(harm_types) FROM cs_geo.reports WHERE NOT published ORDER BY 1")
    ).all()
    return list(sources), list(harms)


def strengths_near_hotspot(
    connection: Connection, hotspot_id: UUID, *, within_m: float, limit: int = 20
) -> Sequence[RowMapping]:
    """Strengths inside a hotspot or near it, newest first."""
    return (
        connection.execute(
            text(f"""
            SELECT r.report_id, r.reference, r.first_day, r.date_precision, r.source_type,
                {shown_text("what_helped", "r")} AS what_helped,
                {as_written("r.location_text", place="r.place_id")} AS location_text
            FROM cs_geo.reports r JOIN cs_geo.hotspots h ON ST_DWithin(r.geom, h.geom, :within)
            WHERE h.hotspot_id = :hotspot AND r.kind = 'strength' AND NOT r.in_protected AND NOT r.published
            ORDER BY r.first_day DESC, r.report_id LIMIT :limit
            """),
            {"hotspot": hotspot_id, "within": within_m, "limit": limit},
        )
        .mappings()
        .all()
    )
