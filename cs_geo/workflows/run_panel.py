"""The panel's work on a case: writing things down, and going from state to state past the guards.

What is still needed is told by ``cases.needs``. The chair may pass a need that is not hard, with a reason which the
minutes print. Two people who write at once do not overwrite each other: each writes the version after the one they
read, and the second is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection

from cs_geo.access.actor import Actor, Role
from cs_geo.access.permissions import Action
from cs_geo.cases.case_file import CaseFile
from cs_geo.cases.configuration import PanelConfiguration
from cs_geo.cases.needs import Need, leads_to, restrictive_missing, what_is_needed
from cs_geo.cases.records import (
    MANY,
    MOST_GOALS,
    Goal,
    PlannedAction,
    Record,
    Screening,
    ThresholdDecision,
    UrgentMeeting,
)
from cs_geo.cases.states import State, next_states
from cs_geo.dates import add_months
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.store import cases as stored_cases
from cs_geo.store import panel as stored
from cs_geo.store.opening import Store
from cs_geo.workflows.cases import LAPSES_AFTER_MONTHS
from cs_geo.workflows.panel_files import file_of, own_case
from cs_geo.workflows.panel_settings import panel_configuration
from cs_geo.workflows.plain_texts import refuse_persons
from cs_geo.workflows.recording import recorded

SOMEBODY_ELSE = (
    "Somebody else has written here since you opened this. Nothing of theirs was overwritten: read what stands there "
    "now, and write again."
)
CHAIRS_STEPS = frozenset({State.URGENT_MEETING, State.PANEL_DECISION})
"""States that only the chair leaves (practice.md §3)."""


def make_record(sort: type[Record], **fields: Any) -> Record:
    """A record of what was typed.

    Raises
    ------
    RefusedInput
        With what is the matter, in words.
    """
    try:
        return sort(**fields)
    except ValidationError as fault:
        raise RefusedInput(_in_words(fault)) from fault


def write_record(
    store: Store, actor: Actor, case_id: UUID, record: Record, *, key: str = "", after_version: int = 0
) -> None:
    """Write a record of a case down, as the version after the one that was read.

    Raises
    ------
    RefusedInput
        If a text holds details of a person, a restrictive action lacks its side-effect check, there are four goals
        already, somebody else has written since, or the case is not open to the person.
    UsageError
        If there may be one record of the sort only and a key is given, or several and none is.
    """
    if (record.sort in MANY) != bool(key):
        raise UsageError("A goal, an action and the like need a key; other records have none.")
    configuration = panel_configuration()
    details = {"wrote": record.sort, "version": after_version + 1}
    with recorded(store, actor, Action.WRITE_CASE, subject=str(case_id), details=details) as recording:
        connection = recording.connection
        case = own_case(connection, case_id)
        refuse_persons(connection, _texts_of(record))
        file = file_of(
            connection, case, stored.read_records(connection, case_id), stored.read_steps(connection, case_id)
        )
        _check(record, key, file, configuration)
        written = stored.add_record(
            connection,
            case_id,
            sort=record.sort,
            key=key,
            after_version=after_version,
            body=record.model_dump(mode="json"),
            configuration=configuration.version,
            actor=actor.person,
            as_role=acting_role(actor),
        )
        if not written:
            raise RefusedInput(SOMEBODY_ELSE)


def read_screening(store: Store, actor: Actor, case_id: UUID, *, today: date) -> None:
    """Read the counts of twelve months into the screening of a case, beside what was written there.

    Raises
    ------
    RefusedInput
        If somebody else has written since, or the case is not open to the person.
    """
    configuration = panel_configuration()
    with recorded(store, actor, Action.SCREEN_CASE, subject=str(case_id)) as recording:
        connection = recording.connection
        own_case(connection, case_id)
        held = [one for one in stored.read_records(connection, case_id) if one.sort == Screening.sort]
        before = Screening.model_validate(held[0].body) if held else Screening()
        found = before.model_copy(update={"pulled_on": today, **stored.pull_screening(connection, case_id)})
        written = stored.add_record(
            connection,
            case_id,
            sort=Screening.sort,
            key="",
            after_version=held[0].version if held else 0,
            body=found.model_dump(mode="json"),
            configuration=configuration.version,
            actor=actor.person,
            as_role=acting_role(actor),
        )
        if not written:
            raise RefusedInput(SOMEBODY_ELSE)


def move_case(
    store: Store,
    actor: Actor,
    case_id: UUID,
    to: State,
    *,
    after_step: int,
    today: date,
    reason: str = "",
    is_passing: bool = False,
) -> None:
    """Take a case to its next state.

    Parameters
    ----------
    after_step
        Number of the last step that was read, so that two people do not take two at once.
    is_passing
        Does the chair pass over what is still needed? Only with a reason, and never over what is hard.

    Raises
    ------
    RefusedInput
        If the state does not follow, something is still needed, or the case is not open to the person.
    """
    configuration = panel_configuration()
    said = " ".join(reason.split())[:400]
    with recorded(store, actor, Action.MOVE_CASE, subject=str(case_id), details={"to": str(to)}) as recording:
        connection = recording.connection
        case = own_case(connection, case_id)
        refuse_persons(connection, [said])
        steps = stored.read_steps(connection, case_id)
        file = file_of(connection, case, stored.read_records(connection, case_id), steps)
        if len(steps) != after_step:
            raise RefusedInput(SOMEBODY_ELSE)
        if not leads_to(file, to):
            raise RefusedInput(_no_way(file, to, configuration))
        if file.state in CHAIRS_STEPS and to not in (State.PAUSED,) and not actor.holds(Role.CHAIR):
            raise RefusedInput(f"“{configuration.name_of(file.state)}” is left by the chair. Ask the chair to do it.")
        if to is State.PAUSED and not said:
            raise RefusedInput("Say why the case is paused, who takes it up again, and until when.")
        passed = _pass(what_is_needed(file, to, configuration), actor, said, is_passing=is_passing)
        recording.details["passed"] = len(passed)
        _settle_access(connection, case, file.state, to, actor, today)
        _add_step(connection, case_id, file.state, to, len(steps), said, passed, configuration, actor)


def call_urgent_meeting(
    store: Store, actor: Actor, place_id: UUID, boundary_version: int, reason: str, *, today: date
) -> UUID:
    """Open a case on a place at once, with a reason and nothing else; the rest is caught up later.

    Raises
    ------
    UsageError
        If no reason is given.
    RefusedInput
        If the reason holds details of a person.
    """
    said = " ".join(reason.split())
    if not said:
        raise UsageError("Say in a sentence why an urgent meeting is called.")
    if len(said) > 400:
        raise UsageError("Say it in 400 characters at most.")
    configuration = panel_configuration()
    with recorded(store, actor, Action.OPEN_CASE, details={"urgent": True}) as recording:
        connection = recording.connection
        refuse_persons(connection, [said])
        case_id = stored_cases.add_case(
            connection,
            place_id,
            boundary_version=boundary_version,
            why_now=said,
            since=add_months(today, -12),
            lapses_on=add_months(today, LAPSES_AFTER_MONTHS),
            actor=actor.person,
        )
        recording.subject = str(case_id)
        stored.add_record(
            connection,
            case_id,
            sort=UrgentMeeting.sort,
            key="",
            after_version=0,
            body=UrgentMeeting(reason=said).model_dump(mode="json"),
            configuration=configuration.version,
            actor=actor.person,
            as_role=acting_role(actor),
        )
        _add_step(connection, case_id, State.DRAFT, State.URGENT_MEETING, 0, said, (), configuration, actor)
    return case_id


def link_context(store: Store, actor: Actor, case_id: UUID, place_id: UUID, boundary_version: int) -> bool:
    """Let a place stand in a case beside its own, such as the school beside the park; False where it does already.

    Raises
    ------
    RefusedInput
        If the case is not open to the person.
    """
    details = {"linked": str(place_id)}
    with recorded(store, actor, Action.WRITE_CASE, subject=str(case_id), details=details) as recording:
        own_case(recording.connection, case_id)
        return stored.link_place(
            recording.connection, case_id, place_id, boundary_version=boundary_version, actor=actor.person
        )


def acting_role(actor: Actor) -> str:
    """In which of their roles somebody acts at a panel, the first that fits."""
    order = (Role.CHAIR, Role.COORDINATOR, Role.ASSESSOR, Role.ANALYST, Role.PANEL_MEMBER)
    return next((str(role) for role in order if role in actor.roles), "")


def _check(record: Record, key: str, file: CaseFile, configuration: PanelConfiguration) -> None:
    if isinstance(record, PlannedAction) and (missing := restrictive_missing(record, configuration)):
        raise RefusedInput(f"This action restricts young people. Before it can be kept, say {missing}.")
    if isinstance(record, Goal) and not record.withdrawn:
        others = [one for one, _ in file.goals if one != key]
        if len(others) >= MOST_GOALS:
            raise RefusedInput(f"There are {MOST_GOALS} goals already. Withdraw one, or put two together.")
    if isinstance(record, ThresholdDecision) and not record.reason:
        raise RefusedInput(
            "Write the reason for the level: the panel's own judgement, in terms of young people's welfare."
        )


def _pass(needs: Sequence[Need], actor: Actor, reason: str, *, is_passing: bool) -> tuple[str, ...]:
    """What the chair passes over, in words."""
    if not needs:
        return ()
    hard = [need.words for need in needs if need.is_hard]
    if hard:
        raise RefusedInput(f"This cannot be passed over: {' '.join(hard)}")
    said = " ".join(need.words for need in needs)
    if not is_passing:
        raise RefusedInput(f"Still needed: {said}")
    if not actor.holds(Role.CHAIR):
        raise RefusedInput(f"Only the chair may go on without this: {said}")
    if not reason:
        raise RefusedInput("Say why the panel goes on without it. The minutes print the reason.")
    return tuple(need.words for need in needs)


def _no_way(file: CaseFile, to: State, configuration: PanelConfiguration) -> str:
    ways = [configuration.name_of(one) for one in next_states(file.state, file.paused_from) if leads_to(file, one)]
    return (
        f"From “{configuration.name_of(file.state)}” a case does not go to “{configuration.name_of(to)}”. "
        f"It may go to: {', '.join(ways)}."
    )


def _settle_access(
    connection: Connection, case: stored_cases.Case, came_from: State, to: State, actor: Actor, today: date
) -> None:
    """Close the case to its members where it ends, and open it to the team where it is taken up again."""
    if to is State.CLOSED:
        for member in stored_cases.list_members(connection, case.case_id):
            if member.person_id != actor.person:
                stored_cases.end_member(connection, case.case_id, member.person_id, actor=actor.person)
    elif case.closed_at is not None:
        stored.reopen_case(
            connection, case.case_id, lapses_on=add_months(today, LAPSES_AFTER_MONTHS), actor=actor.person
        )


def _add_step(
    connection: Connection,
    case_id: UUID,
    came_from: State,
    to: State,
    after: int,
    reason: str,
    passed: Sequence[str],
    configuration: PanelConfiguration,
    actor: Actor,
) -> None:
    taken = stored.add_step(
        connection,
        case_id,
        after=after,
        from_state=str(came_from),
        to_state=str(to),
        reason=reason,
        passed=passed,
        configuration=configuration.version,
        actor=actor.person,
        as_role=acting_role(actor),
    )
    if not taken:
        raise RefusedInput(SOMEBODY_ELSE)
    if to is State.CLOSED:
        # Last: whoever closes a case as its member sees nothing of it afterwards.
        stored_cases.close_case(connection, case_id, actor=actor.person)


def _texts_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts_of(getattr(value, name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts_of(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _texts_of(one)


def _in_words(fault: ValidationError) -> str:
    said = []
    for error in fault.errors():
        name = str(error["loc"][-1]).replace("_", " ") if error["loc"] else ""
        if error["type"] == "value_error":
            said.append(str(error["ctx"]["error"]))
        elif error["type"] in {"string_too_short", "missing"}:
            said.append(f"Fill in: {name}.")
        elif error["type"] == "string_too_long":
            said.append(f"Shorten: {name}, to {error['ctx']['max_length']} characters at most.")
        else:
            said.append(f"Look at: {name}.")
    return " ".join(said)
