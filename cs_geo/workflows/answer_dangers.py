"""Children who may be in danger, for whom nobody has called yet: who waits, and noting that the call was made.

Only reports added by hand are meant. There "no" answers the question whether somebody has called about a child in
danger; in a partner's sheet it says that no referral was made, most often because none was called for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.store import dangers as stored
from cs_geo.store.opening import Store
from cs_geo.workflows.add_report import MAPPING
from cs_geo.workflows.recording import looked_at, recorded


@dataclass(frozen=True, slots=True)
class UnansweredDanger:
    """A report of a child who may be in danger, with no call made."""

    report_id: UUID
    reference: str
    where: str
    """As it was written; empty at a protected location, which is never named."""
    can_be_opened: bool
    row: Mapping[str, Any]
    """``kind``, when it happened, and ``recorded_at``."""


def list_unanswered(store: Store, actor: Actor) -> list[UnansweredDanger]:
    """Who waits for a call, the longest waiting first."""
    with looked_at(store, actor, Action.VIEW_REPORTS, subject="dangers") as connection:
        rows = stored.list_unanswered(connection, mapping=MAPPING)
    return [
        UnansweredDanger(row["report_id"], row["reference"], row["location_text"], not row["in_protected"], dict(row))
        for row in rows
    ]


def record_call(store: Store, actor: Actor, report_id: UUID) -> bool:
    """Note that the call has been made, in a new version of the report; False when a colleague has noted it already."""
    with recorded(store, actor, Action.ADD_REPORT, subject=str(report_id)) as recording:
        connection = recording.connection
        return stored.record_call(connection, report_id, actor=actor.person)
