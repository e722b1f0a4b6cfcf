"""What is written down about cases: records in versions, steps from state to state, linked places, meetings."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One version of a record."""

    sort: str
    key: str
    version: int
    body: Mapping[str, Any]
    configuration: str
    recorded_at: datetime
    recorded_by: str
    as_role: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case from state to state."""

    number: int
    from_state: str
    to_state: str
    reason: str
    passed: tuple[str, ...]
    """What the chair passed over, in words."""
    configuration: str
    taken_at: datetime
    taken_by: str
    as_role: str


@dataclass(frozen=True, slots=True)
class LinkedPlace:
    """A place that stands in a case beside its own."""

    place_id: UUID
    name: str
    place_type: str
    boundary_version: int
    boundary: BaseGeometry


@dataclass(frozen=True, slots=True)
class CaseState:
    """Where a case stands, for lists."""

    case_id: UUID
    place: str
    state: str
    """Empty while no step was taken."""
    entered_at: datetime
    steps: int


RECORD = "sort, key, version, body, configuration, recorded_at, recorded_by, as_role"


def add_record(
    connection: Connection,
    case_id: UUID,
    *,
    sort: str,
    key: str,
    after_version: int,
    body: Mapping[str, Any],
    configuration: str,
    actor: str,
    as_role: str,
) -> bool:
    """Add the version after the one that was read; False where somebody else has written since."""
    statement = text("""
        INSERT INTO cs_geo.case_records (case_id, sort, key, version, body, configuration, recorded_by, as_role)
        SELECT :case, :sort, :key, 1 + :after, CAST(:body AS jsonb), :configuration, :actor, :role
        WHERE :after = coalesce((SELECT max(version) FROM cs_geo.case_records
            WHERE case_id = :case AND sort = :sort AND key = :key), 0)
        """)
    given = {
        "case": case_id,
        "sort": sort,
        "key": key,
        "after": after_version,
        "body": json.dumps(body),
        "configuration": configuration,
        "actor": actor,
        "role": as_role,
    }
    try:
        with connection.begin_nested():
            return bool(connection.execute(statement, given).rowcount)
    except IntegrityError:
        return False


def read_records(connection: Connection, case_id: UUID, *, every_version: bool = False) -> list[StoredRecord]:
    """The records of a case that hold now, or every version of them, oldest first."""
    distinct = "" if every_version else "DISTINCT ON (sort, key)"
    order = "recorded_at, sort, key, version" if every_version else "sort, key, version DESC"
    rows = connection.execute(
        text(f"SELECT {distinct} {RECORD} FROM cs_geo.case_records WHERE case_id = :id ORDER BY {order}"),
        {"id": case_id},
    )
    return [StoredRecord(*row) for row in rows]


def add_step(
    connection: Connection,
    case_id: UUID,
    *,
    after: int,
    from_state: str,
    to_state: str,
    reason: str,
    passed: Sequence[str],
    configuration: str,
    actor: str,
    as_role: str,
) -> bool:
    """Add the step after the last one that was read; False where somebody else has taken one since."""
    statement = text("""
        INSERT INTO cs_geo.case_steps (case_id, number, from_state, to_state, reason, passed, configuration, taken_by,
            as_role)
        SELECT :case, 1 + :after, :from, :to, :reason, CAST(:passed AS text[]), :configuration, :actor, :role
        WHERE :after = coalesce((SELECT max(number) FROM cs_geo.case_steps WHERE case_id = :case), 0)
        """)
    given = {
        "case": case_id,
        "after": after,
        "from": from_state,
        "to": to_state,
        "reason": reason,
        "passed": list(passed),
        "configuration": configuration,
        "actor": actor,
        "role": as_role,
    }
    try:
        with connection.begin_nested():
            return bool(connection.execute(statement, given).rowcount)
    except IntegrityError:
        return False


def read_steps(connection: Connection, case_id: UUID) -> list[Step]:
    """The steps of a case, oldest first."""
    rows = connection.execute(
        text("""
        SELECT number, from_state, to_state, reason, passed, configuration, taken_at, taken_by, as_role
        FROM cs_geo.case_steps WHERE case_id = :id ORDER BY number
        """),
        {"id": case_id},
    )
    return [Step(row[0], row[1], row[2], row[3], tuple(row[4]), *row[5:]) for row in rows]


def list_states(connection: Connection) -> dict[UUID, CaseState]:
    """Where each case stands that the acting person may see."""
    rows = connection.execute(
        text("""
        SELECT c.case_id, coalesce((SELECT name FROM cs_geo.case_place(c.case_id)), ''), coalesce(s.to_state, ''),
            coalesce(s.taken_at, c.opened_at), coalesce(s.number, 0)
        FROM cs_geo.cases c LEFT JOIN LATERAL (
            SELECT number, to_state, taken_at FROM cs_geo.case_steps
            WHERE case_id = c.case_id ORDER BY number DESC LIMIT 1) AS s ON true
        """)
    )
    return {row[0]: CaseState(*row) for row in rows}


def read_fieldwork(connection: Connection, case_id: UUID) -> tuple[bool, bool]:
    """Whether the assessment of a case's place was begun, and whether it was run again."""
    row = connection.execute(text("SELECT begun, repeated FROM cs_geo.case_fieldwork(:id)"), {"id": case_id}).one()
    return bool(row[0]), bool(row[1])


def link_place(connection: Connection, case_id: UUID, place_id: UUID, *, boundary_version: int, actor: str) -> bool:
    """Let a place stand in a case beside its own; False where it does already."""
    return bool(
        connection.execute(
            text("""
            INSERT INTO cs_geo.case_contexts (case_id, place_id, boundary_version, added_by)
            VALUES (:case, :place, :version, :actor) ON CONFLICT DO NOTHING
            """),
            {"case": case_id, "place": place_id, "version": boundary_version, "actor": actor},
        ).rowcount
    )


def list_linked(connection: Connection, case_id: UUID) -> list[LinkedPlace]:
    """The places that stand in a case beside its own."""
    rows = connection.execute(
        text("""
        SELECT place_id, name, place_type, boundary_version, ST_AsBinary(boundary) FROM cs_geo.case_linked(:id)
        """),
        {"id": case_id},
    )
    return [LinkedPlace(row[0], row[1], row[2], row[3], shapely.from_wkb(bytes(row[4]))) for row in rows]


def count_linked(connection: Connection, case_id: UUID) -> list[tuple[UUID, str, str, int]]:
    """Reports inside each linked place, by kind and source."""
    rows = connection.execute(
        text("""
        SELECT place_id, kind, source_type, reports_n FROM cs_geo.case_linked_counts(:id)
        ORDER BY place_id, kind, source_type
        """),
        {"id": case_id},
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def reopen_case(connection: Connection, case_id: UUID, *, lapses_on: object, actor: str) -> bool:
    """Open a closed case again, without its earlier members; False where it is not closed."""
    connection.execute(
        text("""
        UPDATE cs_geo.case_members SET ended_at = now(), ended_by = :actor
        WHERE case_id = :id AND ended_at IS NULL
            AND EXISTS (SELECT 1 FROM cs_geo.cases WHERE case_id = :id AND closed_at IS NOT NULL)
        """),
        {"id": case_id, "actor": actor},
    )
    return bool(
        connection.execute(
            text("""
            UPDATE cs_geo.cases SET closed_at = NULL, closed_by = NULL, lapses_on = :lapses
            WHERE case_id = :id AND closed_at IS NOT NULL
            """),
            {"id": case_id, "lapses": lapses_on},
        ).rowcount
    )


def pull_screening(connection: Connection, case_id: UUID) -> dict[str, Any]:
    """What is known of the place of a case over the time that it looks back: reports by kind, sources, share located.

    Received are reports that lie inside the boundary or name the place; located are those of them with a point.
    """
    row = connection.execute(
        text("""
        WITH shape AS (
            SELECT c.place_id, c.since, b.geom FROM cs_geo.cases c
            JOIN cs_geo.place_boundaries b ON b.place_id = c.place_id AND b.version = c.boundary_version
            WHERE c.case_id = :id),
        concerned AS (
            SELECT r.kind, r.source_type, r.geom IS NOT NULL AND ST_Covers(s.geom, r.geom)
                AND r.match_precision NOT IN ('area', 'none') AS is_inside, r.geom IS NOT NULL AS is_located
            FROM cs_geo.reports r, shape s
            WHERE r.first_day >= s.since AND NOT r.published AND NOT r.in_protected
                AND (r.place_id = s.place_id OR (r.geom && s.geom AND ST_Covers(s.geom, r.geom))))
        SELECT (SELECT coalesce(jsonb_object_agg(kind, n), '{}') FROM (
                SELECT kind, count(*) AS n FROM concerned WHERE is_inside GROUP BY kind) AS k),
            (SELECT count(DISTINCT source_type) FROM concerned WHERE is_inside),
            (SELECT count(*) FILTER (WHERE is_located) FROM concerned), (SELECT count(*) FROM concerned),
            (SELECT count(*) FROM cs_geo.effort_sessions e, shape s WHERE e.first_day >= s.since
                AND (e.place_id = s.place_id OR ST_Covers(s.geom, e.geom))
                AND NOT cs_geo.lies_protected(e.geom, e.match_precision))
        """),
        {"id": case_id},
    ).one()
    return {"reports": dict(row[0]), "sources": row[1], "located": row[2], "received": row[3], "sessions": row[4]}
