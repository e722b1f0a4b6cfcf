"""People who use the program, and the roles they hold: granted, ended, never deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from cs_geo.access.actor import Role


@dataclass(frozen=True, slots=True)
class HeldRole:
    """One role a person holds, for an agency where it matters."""

    role: Role
    agency: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may use the program."""

    person_id: str
    issuer: str
    subject: str
    label: str
    added_at: datetime
    left_at: datetime | None
    roles: tuple[HeldRole, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What sign-in learns of somebody: who they are here and which roles they hold now."""

    person_id: str
    label: str
    roles: tuple[HeldRole, ...]


def find_known(connection: Connection, issuer: str, subject: str) -> Known | None:
    """The person a provider vouches for; None when nobody here is known by that."""
    rows = connection.execute(
        text("SELECT person_id, label, role, agency FROM cs_geo.roles_held(:issuer, :subject)"),
        {"issuer": issuer, "subject": subject},
    ).all()
    if not rows:
        return None
    return Known(rows[0][0], rows[0][1], tuple(HeldRole(Role(row[2]), row[3]) for row in rows if row[2]))


def roles_of(connection: Connection, person_id: str) -> tuple[HeldRole, ...]:
    """The roles a person holds now; none for somebody who has left or never was."""
    rows = connection.execute(text("SELECT role, agency FROM cs_geo.roles_of(:person)"), {"person": person_id})
    return tuple(HeldRole(Role(row[0]), row[1]) for row in rows)


def own_label(connection: Connection) -> str:
    """What colleagues call the acting person's post; empty where nobody wrote it down."""
    return str(
        connection.scalar(text("SELECT label FROM cs_geo.people WHERE person_id = cs_geo.acting_person()")) or ""
    )


def last_seen(connection: Connection) -> datetime | None:
    """When the acting person did something before this, which is noted; None for the first time."""
    seen: datetime | None = connection.scalar(text("SELECT cs_geo.last_seen()"))
    return seen


def add_person(connection: Connection, *, issuer: str, subject: str, label: str, actor: str) -> str:
    """Let somebody be known here, or known again; their identifier."""
    person_id: str = connection.execute(
        text("""
        INSERT INTO cs_geo.people (issuer, subject, label, added_by) VALUES (:issuer, :subject, :label, :actor)
        ON CONFLICT (issuer, subject) DO UPDATE SET left_at = NULL,
            label = CASE WHEN excluded.label = '' THEN people.label ELSE excluded.label END
        RETURNING person_id
        """),
        {"issuer": issuer, "subject": subject, "label": label, "actor": actor},
    ).scalar_one()
    return person_id


def grant_role(connection: Connection, person_id: str, role: Role, *, agency: str, actor: str) -> bool:
    """Grant a role; False when the person holds it already."""
    return bool(
        connection.execute(
            text("""
            INSERT INTO cs_geo.role_grants (person_id, role, agency, granted_by)
            VALUES (:person, :role, :agency, :actor)
            ON CONFLICT (person_id, role, agency) WHERE ended_at IS NULL DO NOTHING
            """),
            {"person": person_id, "role": str(role), "agency": agency, "actor": actor},
        ).rowcount
    )


def end_role(connection: Connection, person_id: str, role: Role, *, actor: str) -> bool:
    """End a role, whatever the agency; False when the person does not hold it."""
    return bool(
        connection.execute(
            text("""
            UPDATE cs_geo.role_grants SET ended_at = now(), ended_by = :actor
            WHERE person_id = :person AND role = :role AND ended_at IS NULL
            """),
            {"person": person_id, "role": str(role), "actor": actor},
        ).rowcount
    )


def mark_left(connection: Connection, person_id: str, *, actor: str) -> None:
    """Note that somebody has left, and end every role they hold."""
    connection.execute(
        text("""
        UPDATE cs_geo.role_grants SET ended_at = now(), ended_by = :actor
        WHERE person_id = :person AND ended_at IS NULL
        """),
        {"person": person_id, "actor": actor},
    )
    connection.execute(
        text("UPDATE cs_geo.people SET left_at = now() WHERE person_id = :person"), {"person": person_id}
    )


def count_holders(connection: Connection, role: Role) -> int:
    """How many people who sign in hold a role: the person of this machine does not count."""
    held: int = connection.execute(
        text("""
        SELECT count(DISTINCT g.person_id) FROM cs_geo.role_grants g JOIN cs_geo.people p USING (person_id)
        WHERE g.role = :role AND g.ended_at IS NULL AND p.left_at IS NULL AND p.issuer <> 'local'
        """),
        {"role": str(role)},
    ).scalar_one()
    return held


def list_people(connection: Connection) -> Sequence[Person]:
    """Everybody who may use the program or once could, those who have left last."""
    rows = connection.execute(
        text("""
        SELECT p.person_id, p.issuer, p.subject, p.label, p.added_at, p.left_at,
            coalesce(array_agg(g.role ORDER BY g.role, g.agency) FILTER (WHERE g.role IS NOT NULL), '{}'),
            coalesce(array_agg(g.agency ORDER BY g.role, g.agency) FILTER (WHERE g.role IS NOT NULL), '{}')
        FROM cs_geo.people p LEFT JOIN cs_geo.role_grants g ON g.person_id = p.person_id AND g.ended_at IS NULL
        GROUP BY p.person_id ORDER BY p.left_at IS NOT NULL, p.label, p.issuer, p.subject
        """)
    )
    return [
        Person(
            person_id=row[0],
            issuer=row[1],
            subject=row[2],
            label=row[3],
            added_at=row[4],
            left_at=row[5],
            roles=tuple(HeldRole(Role(role), agency) for role, agency in zip(row[6], row[7], strict=True)),
        )
        for row in rows
    ]
