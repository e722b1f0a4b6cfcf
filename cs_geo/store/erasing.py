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
