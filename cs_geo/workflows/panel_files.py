"""A case as the panel works on it: where it stands, what is written down, what is still needed, who did what when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.cases.case_file import CaseFile, Fieldwork
from cs_geo.cases.configuration import PanelConfiguration
from cs_geo.cases.needs import Need, leads_to, to_catch_up, what_is_needed
from cs_geo.cases.records import RECORDS, Record, ThresholdDecision, ThresholdSheet
from cs_geo.cases.states import State, next_states
from cs_geo.cases.thresholds import Guide, guide_level
from cs_geo.errors import RefusedInput
from cs_geo.store import cases as stored_cases
from cs_geo.store import panel as stored
from cs_geo.store.opening import Store
from cs_geo.store.panel import CaseState, LinkedPlace, Step, StoredRecord
from cs_geo.workflows.cases import NOT_YOURS
from cs_geo.workflows.panel_settings import panel_configuration
from cs_geo.workflows.recording import looked_at


@dataclass(frozen=True, eq=False)
class PanelCase:
    """A case as the panel works on it."""

    case: stored_cases.Case
    file: CaseFile
    needs: Mapping[State, tuple[Need, ...]]
    """Where it may go from here, and what is still needed before each."""
    catch_up: tuple[Need, ...]
    guide: Guide | None
    """What the rule suggests; None until the panel has recorded its own level."""
    steps: Sequence[Step]
    versions: Mapping[tuple[str, str], int]
    linked: Sequence[LinkedPlace]
    linked_counts: Sequence[tuple[UUID, str, str, int]]
    configuration: PanelConfiguration


def look_at_panel_case(store: Store, actor: Actor, case_id: UUID) -> PanelCase:
    """One case with all that is written down about it.

    Raises
    ------
    RefusedInput
        If the case is not open to the person.
    """
    configuration = panel_configuration()
    with looked_at(store, actor, Action.VIEW_CASE, subject=str(case_id)) as connection:
        case = stored_cases.read_case(connection, case_id)
        if case is None:
            raise RefusedInput(NOT_YOURS)
        records, steps = stored.read_records(connection, case_id), stored.read_steps(connection, case_id)
        file = file_of(connection, case, records, steps)
        linked = stored.list_linked(connection, case_id)
        counts = stored.count_linked(connection, case_id)
    return PanelCase(
        case=case,
        file=file,
        needs={
            to: what_is_needed(file, to, configuration)
            for to in next_states(file.state, file.paused_from)
            if leads_to(file, to)
        },
        catch_up=to_catch_up(file, configuration),
        guide=guide_of(file, configuration),
        steps=steps,
        versions={(one.sort, one.key): one.version for one in records},
        linked=linked,
        linked_counts=counts,
        configuration=configuration,
    )


def list_case_states(store: Store, actor: Actor) -> Mapping[UUID, CaseState]:
    """Where each case stands that a person may see."""
    with looked_at(store, actor, Action.VIEW_CASE, subject="cases") as connection:
        return stored.list_states(connection)


def read_history(store: Store, actor: Actor, case_id: UUID) -> Sequence[StoredRecord]:
    """Every version of every record of a case, oldest first."""
    with looked_at(store, actor, Action.VIEW_CASE, subject=str(case_id)) as connection:
        return stored.read_records(connection, case_id, every_version=True)


def own_case(connection: Connection, case_id: UUID) -> stored_cases.Case:
    """The case, if it is open to the person.

    Raises
    ------
    RefusedInput
        If it is not.
    """
    case = stored_cases.read_case(connection, case_id)
    if case is None:
        raise RefusedInput(NOT_YOURS)
    return case


def file_of(
    connection: Connection, case: stored_cases.Case, records: Sequence[StoredRecord], steps: Sequence[Step]
) -> CaseFile:
    """All that is written down about a case, of its records that hold and its steps."""
    by_sort: dict[str, dict[str, Record]] = {}
    for one in records:
        by_sort.setdefault(one.sort, {})[one.key] = RECORDS[one.sort].model_validate(one.body)
    begun, repeated = stored.read_fieldwork(connection, case.case_id)
    return CaseFile(
        state=State(steps[-1].to_state) if steps else State.DRAFT,
        entered_at=steps[-1].taken_at if steps else case.opened_at,
        records=by_sort,
        paused_from=State(steps[-1].from_state) if steps and steps[-1].to_state == State.PAUSED else None,
        fieldwork=Fieldwork(begun=begun, repeated=repeated),
        recorded_by={(one.sort, one.key): one.recorded_by for one in records},
    )


def guide_of(file: CaseFile, configuration: PanelConfiguration) -> Guide | None:
    """What the rule suggests; None until the panel has recorded its own level, so that the rule leads nobody."""
    sheet = file.one(ThresholdSheet)
    if sheet is None or file.one(ThresholdDecision) is None:
        return None
    return guide_level(configuration.indicators, sheet.marks)
