"""Tickets for downloads: good once, for a minute, for the person who asked; kept so that several servers agree."""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

LIFETIME_S = 60
"""Seconds a ticket is good for (trust.md A11)."""


@dataclass(frozen=True, slots=True)
class TicketedFile:
    """The file a ticket stands for."""

    person: str
    file_name: str
    media_type: str
    path: Path


def issue_ticket(connection: Connection, file: TicketedFile) -> str:
    """Make a ticket for a file. Only its hash is kept, so that reading the table opens nothing."""
    ticket = secrets.token_urlsafe(32)
    connection.execute(
        text("""
        INSERT INTO cs_geo.download_tickets (ticket, person, file_name, media_type, path, expires_at)
        VALUES (:ticket, :person, :file_name, :media_type, :path, now() + make_interval(secs => :lifetime))
        """),
        {
            "ticket": _hash(ticket),
            "person": file.person,
            "file_name": file.file_name,
            "media_type": file.media_type,
            "path": str(file.path),
            "lifetime": LIFETIME_S,
        },
    )
    return ticket


def redeem_ticket(connection: Connection, ticket: str) -> TicketedFile | None:
    """Use a ticket; None when it is not one, is another's, has been used or has run out."""
    row = connection.execute(
        text("""
        SELECT person, file_name, media_type, path FROM cs_geo.redeem_ticket(:ticket)
        """),
        {"ticket": _hash(ticket)},
    ).first()
    return TicketedFile(row[0], row[1], row[2], Path(row[3])) if row else None


def is_ticket_of_another(connection: Connection, ticket: str) -> bool:
    """Is it a ticket that somebody other than the person acting could use?"""
    return bool(connection.scalar(text("SELECT cs_geo.is_ticket_of_another(:ticket)"), {"ticket": _hash(ticket)}))


def drop_old_tickets(connection: Connection) -> list[Path]:
    """Forget tickets an hour past their time; the files that no ticket stands for any more."""
    return [Path(row) for row in connection.scalars(text("SELECT path FROM cs_geo.drop_old_tickets()"))]


def _hash(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode()).digest()
