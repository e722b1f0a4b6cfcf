"""Cases: opened on a frozen boundary, shown to their members as counts and dates, closed or lapsed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from cs_geo.settings import get_settings


@dataclass(frozen=True, slots=True)
class Case:
    """One case, as those who may see it do."""

    case_id: UUID
    reference: str
    why_now: str
    since: date
    """First day that it looks back to."""
    opened_at: datetime
    lapses_on: date
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class CasePlace:
    """The place of a case and the boundary that was frozen, in storage metres."""

    name: str
    place_type: str
    boundary_version: int
    boundary: BaseGeometry


@dataclass(frozen=True, slots=True)
class CaseCount:
    """Reports of one kind from one source on one day, or in one month where the day is not known."""

    kind: str
    source_type: str
    day: date
    date_precision: str
    reports_n: int


@dataclass(frozen=True, slots=True)
class CaseMember:
    """Somebody to whom a case is open."""

    member_id: UUID
    person_id: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class CasePerson:
    """Somebody to whom a case may be opened, by what colleagues call their post."""

    person_id: str
    label: str
    roles: tuple[str, ...]
    agencies: tuple[str, ...]


CASE = "case_id, reference, why_now, since, opened_at, lapses_on, closed_at"


def add_case(
    connection: Connection,
    place_id: UUID,
    *,
    boundary_version: int,
    why_now: str,
    since: date,
    lapses_on: date,
    actor: str,
) -> UUID:
    """Open a case on one version of a place's boundary."""
    case_id: UUID = connection.execute(
        text("""
        INSERT INTO cs_geo.cases (place_id, boundary_version, why_now, since, lapses_on, opened_by)
        VALUES (:place, :version, :why, :since, :lapses, :actor) RETURNING case_id
        """),
        {
            "place": place_id,
            "version": boundary_version,
            "why": why_now,
            "since": since,
            "lapses": lapses_on,
            "actor": actor,
        },
    ).scalar_one()
    return case_id


def list_cases(connection: Connection) -> list[Case]:
    """The cases that the acting person may see, open ones first, the newest first."""
    rows = connection.execute(text(f"SELECT {CASE} FROM cs_geo.cases ORDER BY closed_at IS NOT NULL, opened_at DESC"))
    return [Case(*row) for row in rows]


def read_case(connection: Connection, case_id: UUID) -> Case | None:
    """One case; None where the acting person may not see it, or there is none."""
    row = connection.execute(text(f"SELECT {CASE} FROM cs_geo.cases WHERE case_id = :id"), {"id": case_id}).first()
    return Case(*row) if row else None


def read_case_place(connection: Connection, case_id: UUID) -> CasePlace | None:
    """The place of a case."""
    row = connection.execute(
        text("SELECT name, place_type, boundary_version, ST_AsBinary(boundary) FROM cs_geo.case_place(:id)"),
        {"id": case_id},
    ).first()
    return CasePlace(row[0], row[1], row[2], shapely.from_wkb(bytes(row[3]))) if row else None


def read_case_counts(connection: Connection, case_id: UUID) -> list[CaseCount]:
    """What was reported inside the boundary, by kind, source and day."""
    rows = connection.execute(
        text("""
        SELECT kind, source_type, day, date_precision, reports_n FROM cs_geo.case_counts(:id)
        ORDER BY day, kind, source_type
        """),
        {"id": case_id},
    )
    return [CaseCount(*row) for row in rows]


def read_approved_texts(connection: Connection, case_id: UUID) -> Sequence[str]:
    """Texts of reports inside the boundary that a person approved for others to read."""
    rows = connection.execute(text("SELECT said FROM cs_geo.case_texts(:id)"), {"id": case_id})
    return tuple(rows.scalars())


def list_members(connection: Connection, case_id: UUID) -> list[CaseMember]:
    """Those to whom a case is open now."""
    rows = connection.execute(
        text("""
        SELECT member_id, person_id, added_at FROM cs_geo.case_members
        WHERE case_id = :id AND ended_at IS NULL ORDER BY added_at
        """),
        {"id": case_id},
    )
    return [CaseMember(*row) for row in rows]


def list_case_people(connection: Connection) -> list[CasePerson]:
    """Those to whom a case may be opened; nobody where the acting person may not open it to anybody."""
    rows = connection.execute(
        text("SELECT person_id, label, roles, agencies FROM cs_geo.case_people() ORDER BY label, person_id")
    )
    return [CasePerson(row[0], row[1], tuple(row[2]), tuple(row[3] or ())) for row in rows]


def add_member(connection: Connection, case_id: UUID, person_id: str, *, actor: str) -> bool:
    """Open a case to somebody; False when it is open to them already."""
    return bool(
        connection.execute(
            text("""
            INSERT INTO cs_geo.case_members (case_id, person_id, added_by) VALUES (:case, :person, :actor)
            ON CONFLICT (case_id, person_id) WHERE ended_at IS NULL DO NOTHING
            """),
            {"case": case_id, "person": person_id, "actor": actor},
        ).rowcount
    )


def end_member(connection: Connection, case_id: UUID, person_id: str, *, actor: str) -> bool:
    """Close a case to somebody; False when it was not open to them."""
    return bool(
        connection.execute(
            text("""
            UPDATE cs_geo.case_members SET ended_at = now(), ended_by = :actor
            WHERE case_id = :case AND person_id = :person AND ended_at IS NULL
            """),
            {"case": case_id, "person": person_id, "actor": actor},
        ).rowcount
    )


def close_case(connection: Connection, case_id: UUID, *, actor: str) -> bool:
    """Close a case to all its members; False when it is closed already."""
    return bool(
        connection.execute(
            text("""
            UPDATE cs_geo.cases SET closed_at = now(), closed_by = :actor WHERE case_id = :id AND closed_at IS NULL
            """),
            {"id": case_id, "actor": actor},
        ).rowcount
    )


def may_see_case(connection: Connection, case_id: UUID) -> bool:
    """May the acting person see a case now?"""
    return bool(connection.scalar(text("SELECT cs_geo.may_see_case(:id)"), {"id": case_id}))


def read_streets_round(connection: Connection, shape: BaseGeometry) -> list[tuple[str, BaseGeometry]]:
    """Name and line of the streets within the bounds of a shape, in storage metres."""
    west, south, east, north = shape.bounds
    rows = connection.execute(
        text("""
        SELECT name, ST_AsBinary(geom) FROM cs_geo.street_edges
        WHERE geom && ST_MakeEnvelope(:west, :south, :east, :north, :srid) ORDER BY from_node, to_node, parallel
        """),
        {"west": west, "south": south, "east": east, "north": north, "srid": get_settings().storage_epsg},
    )
    return [(row[0], shapely.from_wkb(bytes(row[1]))) for row in rows]
