"""Reporting links of premises: opened by a code that is kept as a hash alone, ended and never deleted."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

CODE_BYTES = 20
"""Bytes of chance in a code: 160 bits, which nobody guesses, in 27 characters, which still fit on a sheet of paper."""


@dataclass(frozen=True, slots=True)
class ReportingLink:
    """A link as those see it who add and end links. Its code is known to nobody but its premises."""

    link_id: UUID
    premises: str
    location: str
    """Where the premises lie, as a person writes it; empty where nobody said."""
    open_until: datetime | None
    added_at: datetime
    added_by: str
    ended_at: datetime | None
    ended_by: str | None

    def stands(self, now: datetime) -> bool:
        """Does it open the form?"""
        return self.ended_at is None and (self.open_until is None or self.open_until > now)

    def last_day(self, zone: ZoneInfo) -> date:
        """The last day of a link that runs out."""
        if self.open_until is None:
            raise ValueError("This link stands until it is ended.")
        return (self.open_until.astimezone(zone) - timedelta(microseconds=1)).date()


@dataclass(frozen=True, slots=True)
class OpenLink:
    """What a code opens."""

    link_id: UUID
    premises: str
    location: str

    @property
    def person(self) -> str:
        """By whom the link acts: an identity of its own, that of no person."""
        return f"{LINK_PREFIX}{self.link_id}"


LINK_PREFIX = "link:"


def add_link(
    connection: Connection, link_id: UUID, *, premises: str, location: str, open_until: datetime | None, added_by: str
) -> str:
    """Add a link; its code, which cannot be read again."""
    code = secrets.token_urlsafe(CODE_BYTES)
    connection.execute(
        text("""
        INSERT INTO cs_geo.reporting_links (link_id, code_hash, premises, location, open_until, added_by)
        VALUES (:id, :hash, :premises, :location, :until, :by)
        """),
        {
            "id": link_id,
            "hash": _hash(code),
            "premises": premises,
            "location": location,
            "until": open_until,
            "by": added_by,
        },
    )
    return code


def find_link(connection: Connection, code: str) -> OpenLink | None:
    """The link that a code opens; None where it is none, has run out or was ended."""
    row = connection.execute(
        text("SELECT link_id, premises, location FROM cs_geo.find_link(:hash)"), {"hash": _hash(code)}
    ).first()
    return OpenLink(*row) if row else None


def end_link(connection: Connection, link_id: UUID, *, ended_by: str) -> bool:
    """End a link; False when it has been ended, or never was."""
    return bool(
        connection.execute(
            text("""
            UPDATE cs_geo.reporting_links SET ended_at = now(), ended_by = :by
            WHERE link_id = :id AND ended_at IS NULL
            """),
            {"id": link_id, "by": ended_by},
        ).rowcount
    )


def list_links(connection: Connection) -> Sequence[ReportingLink]:
    """Every link, those that stand first."""
    rows = connection.execute(
        text("""
        SELECT link_id, premises, location, open_until, added_at, added_by, ended_at, ended_by
        FROM cs_geo.reporting_links
        ORDER BY ended_at IS NOT NULL OR coalesce(open_until <= now(), false), premises, added_at, link_id
        """)
    )
    return [ReportingLink(*row) for row in rows]


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
