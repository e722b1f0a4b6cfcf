"""Effort sessions as maps and pages ask for them: how much looking was done in a window."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, RowMapping, text


def count_effort(connection: Connection, since: date | None, until: date | None) -> tuple[int, float | None]:
    """Sessions and staff-hours of a window; hours are None when no session says them."""
    row = connection.execute(
        text("""
        SELECT count(*), sum(staff_hours) FROM cs_geo.effort_sessions
        WHERE (CAST(:since AS date) IS NULL OR first_day >= :since)
            AND (CAST(:until AS date) IS NULL OR first_day <= :until)
        """),
        {"since": since, "until": until},
    ).one()
    return int(row[0]), None if row[1] is None else float(row[1])


def sessions_of_place(connection: Connection, place_id: object, limit: int = 50) -> Sequence[RowMapping]:
    """The newest effort sessions at a place, by name or inside its boundary."""
    return (
        connection.execute(
            text("""
            SELECT s.effort_type, s.started_at, s.ended_at, s.staff_count, s.staff_hours, s.route
            FROM cs_geo.effort_sessions s
            LEFT JOIN LATERAL (
                SELECT geom FROM cs_geo.place_boundaries WHERE place_id = :place ORDER BY version DESC LIMIT 1) AS b
                ON true
            WHERE (s.place_id = :place OR ST_Covers(b.geom, s.geom))
                AND NOT cs_geo.lies_protected(s.geom, s.match_precision)
            ORDER BY s.started_at DESC LIMIT :limit
            """),
            {"place": place_id, "limit": limit},
        )
        .mappings()
        .all()
    )
