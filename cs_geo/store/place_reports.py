"""The reports of one registered place: those inside its boundary, and those that name it however vaguely."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, RowMapping, text

from cs_geo.store.hidden_places import as_written

OF_PLACE = """
    FROM cs_geo.reports r
    LEFT JOIN LATERAL (
        SELECT geom FROM cs_geo.place_boundaries WHERE place_id = :place ORDER BY version DESC LIMIT 1) AS b ON true
    WHERE (r.place_id = :place
            OR (r.geom && b.geom AND ST_Covers(b.geom, r.geom) AND r.match_precision NOT IN ('area', 'none')))
        AND NOT r.published AND NOT r.in_protected
"""
"""The same rule as in ``cs_geo.store.places.list_places``, so that the register's counts are these rows."""


def count_place_reports(connection: Connection, place_id: UUID) -> list[tuple[str, str, int]]:
    """How many reports of each kind and source type concern a place."""
    rows = connection.execute(
        text(f"SELECT r.kind, r.source_type, count(*) {OF_PLACE} GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"),
        {"place": place_id},
    )
    return [(row[0], row[1], int(row[2])) for row in rows]


@dataclass(frozen=True, slots=True)
class PlaceCounts:
    """What stands under the map of a place."""

    reports_by_kind: Mapping[str, int]
    drawn_by_kind: Mapping[str, int]
    """Of these, with a point; none of them lies at a protected location."""
    first_day: date | None
    last_day: date | None


def count_place_kinds(connection: Connection, place_id: UUID) -> PlaceCounts:
    """Count the reports that concern a place, kinds apart."""
    rows = connection.execute(
        text(f"""
        SELECT r.kind, count(*), count(r.geom), min(r.first_day), max(r.last_day) {OF_PLACE} GROUP BY 1
        """),
        {"place": place_id},
    ).all()
    return PlaceCounts(
        reports_by_kind={row[0]: row[1] for row in rows},
        drawn_by_kind={row[0]: row[2] for row in rows},
        first_day=min((row[3] for row in rows), default=None),
        last_day=max((row[4] for row in rows), default=None),
    )


def page_of_place_reports(
    connection: Connection, place_id: UUID, *, offset: int = 0, limit: int = 25
) -> Sequence[RowMapping]:
    """The newest reports that concern a place. ``is_inside`` is false for those that only name it."""
    return (
        connection.execute(
            text(f"""
            SELECT r.report_id, r.reference, r.kind, r.first_day, r.date_precision, r.time_band, r.source_type,
                r.harm_types, r.police_category, {as_written("r.location_text", place="r.place_id")} AS location_text,
                r.match_precision, r.match_confidence,
                coalesce(ST_Covers(b.geom, r.geom) AND r.match_precision NOT IN ('area', 'none'), false) AS is_inside
            {OF_PLACE}
            ORDER BY r.first_day DESC, r.report_id OFFSET :offset LIMIT :limit
            """),
            {"place": place_id, "offset": offset, "limit": limit},
        )
        .mappings()
        .all()
    )
