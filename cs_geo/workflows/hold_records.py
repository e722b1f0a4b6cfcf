"""Legal holds: what a court, an inquiry or a review needs is kept, whatever the rules say."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.codelists import load_codelists
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.reports.reference import read_reference
from cs_geo.settings import data_folder
from cs_geo.store import retention as stored
from cs_geo.store.opening import Store
from cs_geo.store.retention import Hold
from cs_geo.workflows.recording import looked_at, recorded


def add_hold(
    store: Store,
    actor: Actor,
    *,
    reason: str,
    report: str = "",
    place: str = "",
    of_import: UUID | None = None,
) -> UUID:
    """Keep one report, what lies at one place, or what one import brought; the hold's identifier.

    Raises
    ------
    UsageError
        If not exactly one of the three is named, or the reason is not on the list.
    RefusedInput
        If there is no such report, place or import.
    """
    if [bool(report), bool(place), of_import is not None].count(True) != 1:
        raise UsageError("Name one thing to hold: a report, a place or an import.")
    scope = "report" if report else "place" if place else "import"
    code = require_reason("hold_reason", reason)
    with recorded(store, actor, Action.HOLD, subject=scope) as recording:
        target = _find_target(recording.connection, report, place, of_import)
        hold = stored.add_hold(recording.connection, scope, target, reason=code, actor=actor.person)
        recording.details = {"hold": str(hold), "target": str(target), "reason": code}
    return hold


def end_hold(store: Store, actor: Actor, hold: UUID) -> None:
    """End a hold. What was due meanwhile goes at the next run of retention.

    Raises
    ------
    RefusedInput
        If there is no such hold, or it has ended already.
    """
    with recorded(store, actor, Action.HOLD, subject="end", details={"hold": str(hold)}) as recording:
        if not stored.end_hold(recording.connection, hold, actor=actor.person):
            raise RefusedInput("No hold with this identifier stands. See `cs-geo hold list`.")


def list_holds(store: Store, actor: Actor) -> list[Hold]:
    """Every hold, those that stand first."""
    with looked_at(store, actor, Action.HOLD, subject="list") as connection:
        return stored.list_holds(connection)


def require_reason(codelist: str, reason: str) -> str:
    """The reference of a reason on a list.

    Raises
    ------
    UsageError
        If it is not on the list, with what is.
    """
    offered = load_codelists(data_folder() / "codelists")[codelist]
    code = offered.find_code(reason)
    if code is None or not code.is_offered(datetime.now(UTC).date()):
        named = ", ".join(one.reference for one in offered.offered_codes(datetime.now(UTC).date()))
        raise UsageError(f"“{reason}” is no reason on the list. Use one of: {named}.")
    return code.reference


def _find_target(connection: Connection, report: str, place: str, of_import: UUID | None) -> UUID:
    if report:
        found = stored.report_named(connection, read_reference(report))
        missing = "There is no report of this reference. Ask for it again."
    elif place:
        found = stored.place_named(connection, place.strip())
        missing = "There is no registered place of this name. See the page Places."
    else:
        found = stored.import_numbered(connection, of_import) if of_import else None
        missing = "There is no import of this number. Look it up with `cs-geo imports list`."
    if found is None:
        raise RefusedInput(missing)
    return found
