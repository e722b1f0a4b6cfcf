"""Erasing a report for good: its content goes, and the tombstone says that it did, when, why and by whom."""

from dataclasses import dataclass

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.dates import format_day
from cs_geo.errors import RefusedInput
from cs_geo.reports.reference import read_reference
from cs_geo.store import erasing as stored
from cs_geo.store.cells import count_cells
from cs_geo.store.erasing import Erased
from cs_geo.store.opening import Store
from cs_geo.store.retention import report_named
from cs_geo.workflows.hold_records import require_reason
from cs_geo.workflows.recording import recorded


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased, and where it may still be."""

    reference: str
    reason: str
    erased: Erased
    exports: int
    """Exports written since the report was recorded: it may stand in files that were handed out."""
    audit_number: int


def erase_report(store: Store, actor: Actor, typed: str, *, reason: str) -> Erasure:
    """Erase the report of a reference from every table.

    Raises
    ------
    RefusedInput
        If there is no such report, it was erased already, or it is under a legal hold.
    UsageError
        If the reason is not on the list.
    """
    reference = read_reference(typed)
    code = require_reason("erasure_reason", reason)
    with recorded(store, actor, Action.ERASE, subject=reference) as recording:
        connection = recording.connection
        report_id = report_named(connection, reference)
        if report_id is None:
            tombstone = stored.find_tombstone(connection, reference)
            if tombstone is not None:
                raise RefusedInput(f"{reference} was erased on {format_day(tombstone.erased_at.date())} already.")
            raise RefusedInput("There is no report of this reference. Ask for it again.")
        if stored.is_held(connection, report_id):
            raise RefusedInput(
                f"{reference} is under a legal hold and cannot be erased. See `cs-geo hold list`; ask whoever set it."
            )
        exports = stored.exports_since(connection, report_id)
        erased = stored.erase_report(connection, report_id, reason=code)
        count_cells(connection, erased.months)
        recording.details = {"reason": code, "versions": erased.versions, "runs": erased.runs}
    return Erasure(reference, code, erased, exports, recording.number)
