"""The audit log: rows are written by the database's own functions, in the name of whoever acts in the transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

LOOK_AGAIN_AFTER = "10 minutes"
"""The same look at the same thing within this time is one row: pages are drawn anew at every touch."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the log."""

    number: int
    written_at: datetime
    person: str
    roles: str
    action: str
    outcome: str
    subject: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Anchor:
    """The newest number and hash of the log at some moment."""

    number: int
    hash: str


def write_audit(
    connection: Connection, action: str, outcome: str, *, subject: str = "", details: Mapping[str, Any] | None = None
) -> int:
    """Append a row; its number. The chain stays locked until the transaction ends, so write it last."""
    number: int = connection.execute(
        text("SELECT cs_geo.write_audit(:action, :outcome, :subject, :details)"),
        {"action": action, "outcome": outcome, "subject": subject, "details": json.dumps(details or {})},
    ).scalar_one()
    return number


def write_look(
    connection: Connection, action: str, *, subject: str = "", details: Mapping[str, Any] | None = None
) -> int:
    """Append a row for a look at something, unless the same person has looked at it just now; its number."""
    number: int = connection.execute(
        text("SELECT cs_geo.write_audit_once(:action, :subject, :details, CAST(:within AS interval))"),
        {"action": action, "subject": subject, "details": json.dumps(details or {}), "within": LOOK_AGAIN_AFTER},
    ).scalar_one()
    return number


def altered_rows(connection: Connection) -> list[tuple[int, str]]:
    """Numbers of rows that are not as they were written, with what is wrong there."""
    rows = connection.execute(text("SELECT number, fault FROM cs_geo.altered_audit_rows()"))
    return [(row[0], row[1]) for row in rows]


def present_anchor(connection: Connection) -> Anchor:
    """The newest number and hash."""
    row = connection.execute(text("SELECT number, encode(hash, 'hex') FROM cs_geo.audit_anchor()")).one()
    return Anchor(row[0], row[1])


def holds_anchor(connection: Connection, anchor: Anchor) -> bool:
    """Is the row of an earlier anchor still there, as it was?"""
    if anchor.number == 0:
        return True
    found = connection.scalar(text("SELECT encode(cs_geo.audit_hash_at(:n), 'hex')"), {"n": anchor.number})
    return bool(found == anchor.hash)


def first_after(connection: Connection, number: int) -> datetime | None:
    """When the first row after a number was written; None where there is none, or the person may not read the log."""
    written: datetime | None = connection.scalar(
        text("SELECT written_at FROM cs_geo.audit_log WHERE number > :number ORDER BY number LIMIT 1"),
        {"number": number},
    )
    return written


def list_audit(
    connection: Connection,
    *,
    since: date | None = None,
    until: date | None = None,
    action: str = "",
    person: str = "",
    offset: int = 0,
    limit: int = 50,
) -> Sequence[AuditRow]:
    """Rows of the log, newest first."""
    rows = connection.execute(
        text("""
        SELECT number, written_at, person, roles, action, outcome, subject, details FROM cs_geo.audit_log
        WHERE (CAST(:since AS date) IS NULL OR written_at >= CAST(:since AS date))
            AND (CAST(:until AS date) IS NULL OR written_at < CAST(:until AS date) + 1)
            AND (:action = '' OR action = :action) AND (:person = '' OR person = :person)
        ORDER BY number DESC OFFSET :offset LIMIT :limit
        """),
        {"since": since, "until": until, "action": action, "person": person, "offset": offset, "limit": limit},
    )
    return [AuditRow(*row) for row in rows]
