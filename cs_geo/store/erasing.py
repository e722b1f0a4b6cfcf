"""Erasing a report: one function of the database does it, and leaves a tombstone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Erased:
    """What went with a report."""

    versions: int
    runs: int
    """Runs of the hotspot search in which it took part."""
    rejects: int
    """Rejected rows that repeated its texts."""
    months: Sequence[date]


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What stays of an erased report."""

    reference: str
    erased_at: datetime
    erased_by: str
    reason: str


def is_held(connection: Connection, report_id: UUID) -> bool:
    """Is a report under a legal hold?"""
    return bool(connection.execute(text("SELECT cs_geo.is_held(:id)"), {"id": report_id}).scalar_one())


def erase_report(connection: Connection, report_id: UUID, *, reason: str) -> Erased:
    """Erase a report, withdrawn or not, from every table."""
    row = connection.execute(
        text("SELECT versions, runs, rejects, months FROM cs_geo.erase_report(:id, :reason)"),
        {"id": report_id, "reason": reason},
    ).one()
    return Erased(row[0], row[1], row[2], tuple(row[3]))


def find_tombstone(connection: Connection, reference: str) -> Tombstone | None:
    """The tombstone of a reference; None when nothing of it was erased."""
    row = connection.execute(
        text("SELECT reference, erased_at, erased_by, reason FROM cs_geo.erasures WHERE reference = :reference"),
        {"reference": reference},
    ).first()
    return Tombstone(*row) if row else None


def exports_since(connection: Connection, report_id: UUID) -> int:
    """How many exports were written since a report was recorded: it may stand in any of them."""
    found: int = connection.execute(
        text("""
        SELECT count(*) FROM cs_geo.exports
        WHERE exported_at >= (SELECT min(recorded_at) FROM cs_geo.report_versions WHERE report_id = :id)
        """),
        {"id": report_id},
    ).scalar_one()
    return found


@dataclass(frozen=True, slots=True)
class ErasedPlace:
    """What went with a place."""

    boundaries: int
    links: int
    """Reports and effort sessions that were linked to it: they stay, and name what was written."""


def place_named(connection: Connection, name: str) -> UUID | None:
    """The registered place of a name."""
    found: UUID | None = connection.scalar(
        text("SELECT place_id FROM cs_geo.places WHERE name = :name"), {"name": name}
    )
    return found


def why_place_stays(connection: Connection, place_id: UUID) -> str:
    """Why a place cannot be erased now: ``hold`` or ``case``; empty where it can."""
    row = connection.execute(
        text("""
        SELECT EXISTS (SELECT 1 FROM cs_geo.legal_holds WHERE place_id = :id AND ended_at IS NULL),
            EXISTS (SELECT 1 FROM cs_geo.cases WHERE place_id = :id)
        """),
        {"id": place_id},
    ).one()
    return "hold" if row[0] else "case" if row[1] else ""


def erase_place(connection: Connection, place_id: UUID, *, reason: str) -> ErasedPlace:
    """Erase a place with its names and boundaries."""
    row = connection.execute(
        text("SELECT boundaries, links FROM cs_geo.erase_place(:id, :reason)"), {"id": place_id, "reason": reason}
    ).one()
    return ErasedPlace(row[0], row[1])


def person_named(connection: Connection, issuer: str, subject: str) -> str | None:
    """The identifier of a person by who vouches for them, for a data steward."""
    found: str | None = connection.scalar(
        text("SELECT cs_geo.person_named(:issuer, :subject)"), {"issuer": issuer, "subject": subject}
    )
    return found


def erase_person(connection: Connection, person_id: str, *, reason: str) -> bool:
    """Erase who a person was; False when that was done already."""
    return bool(
        connection.scalar(text("SELECT cs_geo.erase_person(:id, :reason)"), {"id": person_id, "reason": reason})
    )
