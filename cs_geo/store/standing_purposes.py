"""What a person exports for, week after week: kept for 90 days, ended, never changed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class StandingPurpose:
    """One purpose that is not asked for each time."""

    standing_id: UUID
    tier: str
    purpose: str
    recipient: str
    """Whom a partner's export is for; empty otherwise."""
    expires_at: datetime


def list_standing(connection: Connection, person: str, tier: str) -> list[StandingPurpose]:
    """A person's purposes for a tier that have neither run out nor been ended, by their words."""
    rows = connection.execute(
        text("""
        SELECT standing_id, tier, purpose, recipient, expires_at FROM cs_geo.standing_purposes
        WHERE person = :person AND tier = :tier AND ended_at IS NULL AND expires_at > now()
        ORDER BY purpose, recipient
        """),
        {"person": person, "tier": tier},
    )
    return [StandingPurpose(*row) for row in rows]


def keep_standing(connection: Connection, *, person: str, tier: str, purpose: str, recipient: str) -> UUID:
    """Keep a purpose for 90 days from now; an earlier one in the same words ends."""
    connection.execute(
        text("""
        UPDATE cs_geo.standing_purposes SET ended_at = now()
        WHERE person = :person AND tier = :tier AND purpose = :purpose AND recipient = :recipient AND ended_at IS NULL
        """),
        {"person": person, "tier": tier, "purpose": purpose, "recipient": recipient},
    )
    standing_id: UUID = connection.execute(
        text("""
        INSERT INTO cs_geo.standing_purposes (person, tier, purpose, recipient)
        VALUES (:person, :tier, :purpose, :recipient) RETURNING standing_id
        """),
        {"person": person, "tier": tier, "purpose": purpose, "recipient": recipient},
    ).scalar_one()
    return standing_id


def end_standing(connection: Connection, person: str, standing_id: UUID) -> bool:
    """End a purpose of a person's own; False when there is none to end."""
    return bool(
        connection.execute(
            text("""
            UPDATE cs_geo.standing_purposes SET ended_at = now()
            WHERE standing_id = :id AND person = :person AND ended_at IS NULL
            """),
            {"id": standing_id, "person": person},
        ).rowcount
    )
