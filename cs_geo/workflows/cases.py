"""Cases: opened by a coordinator on a frozen boundary, shown to named members, closed or lapsed.

What a member sees is one value, ``OpenCase``, from which the page and the pack are both made, so that neither can show
more than the other. Which case a person may see is asked of the database at every look: a member who was ended, a case
that was closed or has lapsed is gone at the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from shapely.geometry.base import BaseGeometry

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.dates import add_months
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.store import cases as stored
from cs_geo.store.cases import Case, CaseCount, CaseMember, CasePerson, CasePlace
from cs_geo.store.opening import Store
from cs_geo.words.masking import mask_personal_details
from cs_geo.workflows.recording import looked_at, recorded

LOOKS_BACK_MONTHS = 12
"""A panel is shown what is known of the year before (practice.md §3, the data pull of SCREENED)."""
LAPSES_AFTER_MONTHS = 6
"""A plan and its review at three months, and as long again for what delays both; it can be let lapse later."""
LONGEST_MONTHS = 12
NOT_YOURS = "This case is not open to you: it has been closed, has lapsed, or your membership has ended."
ROUND_M = 150.0
"""Ground round the boundary whose streets are drawn, so that a panel knows where it is."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case as its members see it: boundary, exact counts by source, dates and approved texts, and no point."""

    case: Case
    place: CasePlace
    counts: Sequence[CaseCount]
    texts: Sequence[str]
    streets: Sequence[tuple[str, BaseGeometry]]
    members: Sequence[CaseMember]


def open_case(store: Store, actor: Actor, place_id: UUID, boundary_version: int, why_now: str, *, today: date) -> UUID:
    """Open a case on the present boundary of a place.

    Raises
    ------
    UsageError
        If it is not said why now.
    RefusedInput
        If what is said holds personal details.
    """
    said = " ".join(why_now.split())
    if not said:
        raise UsageError("Say in a sentence why this place comes to the panel now.")
    if len(said) > 400:
        raise UsageError("Say it in 400 characters at most.")
    if mask_personal_details(said).found:
        raise RefusedInput(
            "This seems to hold details of a person. Say what happens at the place, without names or descriptions."
        )
    with recorded(store, actor, Action.OPEN_CASE) as recording:
        case_id = stored.add_case(
            recording.connection,
            place_id,
            boundary_version=boundary_version,
            why_now=said,
            since=add_months(today, -LOOKS_BACK_MONTHS) + timedelta(days=1),
            lapses_on=add_months(today, LAPSES_AFTER_MONTHS),
            actor=actor.person,
        )
        recording.subject = str(case_id)
    return case_id


def list_cases(store: Store, actor: Actor) -> list[Case]:
    """The cases that a person may see."""
    with looked_at(store, actor, Action.VIEW_CASE, subject="cases") as connection:
        return stored.list_cases(connection)


def look_at_case(store: Store, actor: Actor, case_id: UUID) -> OpenCase:
    """One case as its members see it.

    Raises
    ------
    RefusedInput
        If the case is not open to the person.
    """
    with looked_at(store, actor, Action.VIEW_CASE, subject=str(case_id)) as connection:
        case = stored.read_case(connection, case_id)
        place = stored.read_case_place(connection, case_id) if case else None
        if case is None or place is None:
            raise RefusedInput(NOT_YOURS)
        return OpenCase(
            case,
            place,
            stored.read_case_counts(connection, case_id),
            stored.read_approved_texts(connection, case_id),
            stored.read_streets_round(connection, place.boundary.buffer(ROUND_M)),
            stored.list_members(connection, case_id),
        )


def list_case_people(store: Store, actor: Actor) -> list[CasePerson]:
    """Those to whom a case may be opened."""
    require(actor, Action.MANAGE_CASE)
    with store.begin(actor) as connection:
        return stored.list_case_people(connection)


def add_member(store: Store, actor: Actor, case_id: UUID, person_id: str) -> bool:
    """Open a case to somebody; False when it is open to them already.

    Raises
    ------
    RefusedInput
        If the case is not open to whoever asks.
    """
    with recorded(store, actor, Action.MANAGE_CASE, subject=str(case_id), details={"added": person_id}) as recording:
        _require_own(stored.may_see_case(recording.connection, case_id))
        return stored.add_member(recording.connection, case_id, person_id, actor=actor.person)


def end_member(store: Store, actor: Actor, case_id: UUID, person_id: str) -> bool:
    """Close a case to somebody, at once; False when it was not open to them.

    Raises
    ------
    RefusedInput
        If the case is not open to whoever asks.
    """
    with recorded(store, actor, Action.MANAGE_CASE, subject=str(case_id), details={"ended": person_id}) as recording:
        _require_own(stored.may_see_case(recording.connection, case_id))
        return stored.end_member(recording.connection, case_id, person_id, actor=actor.person)


def close_case(store: Store, actor: Actor, case_id: UUID) -> bool:
    """Close a case to all its members, at once; False when it is closed already.

    Raises
    ------
    RefusedInput
        If the case is not open to whoever asks.
    """
    with recorded(store, actor, Action.MANAGE_CASE, subject=str(case_id), details={"closed": True}) as recording:
        _require_own(stored.may_see_case(recording.connection, case_id))
        return stored.close_case(recording.connection, case_id, actor=actor.person)


def _require_own(is_open: bool) -> None:
    if not is_open:
        raise RefusedInput(NOT_YOURS)
