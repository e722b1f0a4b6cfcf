"""What is still needed before a case goes on (practice.md §3).

Four needs are hard: the welfare statement, the reason for the level, the side-effect check and the cautions of a
comparison. Every other one may be passed by the chair, with a reason that the minutes print.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cs_geo.cases.case_file import CaseFile
from cs_geo.cases.configuration import PanelConfiguration
from cs_geo.cases.records import (
    MOST_GOALS,
    AssessmentPlan,
    Caution,
    Closing,
    Decision,
    FindingsNote,
    PanelDecision,
    PlanAgreement,
    PlannedAction,
    Referral,
    Screening,
    ThresholdDecision,
    ThresholdSheet,
    UrgentMeeting,
)
from cs_geo.cases.states import ENDED, LEVEL_STATES, State, next_states

LEAST_METHODS = 3
YOUNG_PEOPLES_METHODS = frozenset(
    {"young_people_survey", "walkabout_with_young_people", "safety_mapping", "discussion"}
)
LEAST_SIGNERS = 2
DECISION_STATES = {
    Decision.CLOSE: State.CLOSED,
    Decision.CONTINUE: State.RESPONDING,
    Decision.CHANGE: State.GOALS,
    Decision.ESCALATE: State.URGENT_MEETING,
    Decision.REASSESS: State.REASSESSING,
}


@dataclass(frozen=True, slots=True)
class Need:
    """Something that is still to be done, in words."""

    key: str
    words: str
    is_hard: bool = False
    """May nobody pass it, not even the chair?"""


Needs = Iterator[Need]


def what_is_needed(case: CaseFile, to: State, configuration: PanelConfiguration) -> tuple[Need, ...]:
    """What is still needed before a case goes on to a state; nothing before an urgent meeting or a pause.

    Parameters
    ----------
    case
        What is written down about it.
    to
        Where it is to go: one of ``next_states``.
    configuration
        Of the site's panel.
    """
    if to in (State.URGENT_MEETING, State.PAUSED) or case.state in (State.PAUSED, State.SIGNPOSTED):
        return ()
    return tuple(GUARDS.get(case.state, _nothing)(case, to, configuration))


def leads_to(case: CaseFile, to: State) -> bool:
    """May a case go there from where it stands, by what the panel decided?

    A level leads to its own state, and a decision at a review to its own.
    """
    if to not in next_states(case.state, case.paused_from):
        return False
    if to in (State.URGENT_MEETING, State.PAUSED):
        return True
    if case.state is State.THRESHOLD and (agreed := case.one(ThresholdDecision)) is not None:
        return LEVEL_STATES[agreed.level] is to
    if case.state is State.PANEL_DECISION and (decided := case.one(PanelDecision)) is not None:
        return DECISION_STATES[decided.decision] is to
    return True


def to_catch_up(case: CaseFile, configuration: PanelConfiguration) -> tuple[Need, ...]:
    """What an urgent case was opened without, and is still to be written down."""
    if case.one(UrgentMeeting) is None or case.state in ENDED:
        return ()
    return (*_referral(case, State.SCREENED, configuration), *_screening(case, State.THRESHOLD, configuration))


def _nothing(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    yield from ()


def _draft(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    if case.one(Referral) is None:
        yield Need("referral", "Fill in the referral.")


def _referral(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    said = case.one(Referral)
    if said is None:
        yield Need("referral", "Fill in the referral: why now, and whether a child may be in danger.")
        return
    if said.in_danger_now is None:
        yield Need("danger", "Answer whether a child may be in danger now.")
    if said.referral_made is None:
        yield Need("safeguarding", "Say whether a safeguarding referral was made where one was needed.")
    if not said.harm_types:
        yield Need("harm", "Say which harms this is about.")
    if not said.referrer:
        yield Need("referrer", "Say in which role it was referred.")
    if not said.strengths:
        yield Need("strengths", "Say what is known to be good about the place, or that nobody was asked yet.")
    if not said.young_people_view:
        yield Need("young_people", "Say what young people think of the place, or that they were not asked yet.")


def _screening(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    found = case.one(Screening)
    if found is None or found.pulled_on is None:
        yield Need("pull", "Read the counts of twelve months, with the share located and the sessions.")
    if found is None or not found.duplicates_checked:
        yield Need("duplicates", "Check whether this place, or one beside it, has a case already.")
    if found is None or not found.linked_considered:
        yield Need("linked", "Say which places this one is linked with, or that none is known.")
    if to is State.SIGNPOSTED and (found is None or not found.signposted_to):
        yield Need("signpost", "Say which service this was passed to.")


def _urgent(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    called = case.one(UrgentMeeting)
    if called is None or not called.attending:
        yield Need("attending", "Say who attends, by role.")
    if called is None or not called.first_actions:
        yield Need("first_actions", "Write down the first actions, each with the role that does it.")
    if called is None or not called.communication:
        yield Need("communication", "Agree what is said outside, and by whom.")


def _threshold(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    read = case.welfare_read_at
    if read is None or read < case.entered_at:
        yield Need("welfare", "Read the welfare statement, and note when it was read.", is_hard=True)
    decided = case.one(ThresholdDecision)
    if decided is None:
        yield Need("level", "Agree a level, and write why.", is_hard=True)
    elif not decided.reason:
        yield Need("reason", "Write the reason for the level.", is_hard=True)
    sheet = case.one(ThresholdSheet)
    if sheet is None or not sheet.marks:
        yield Need("sheet", "Go through the indicators, and mark what is seen and what is not known.")
    there = set(decided.agencies) if decided else set()
    if any(there.isdisjoint(group) for group in configuration.quorum):
        yield Need("quorum", f"The meeting needs {configuration.quorum_words}.")
    if to is State.NO_FURTHER_ACTION and (decided is None or decided.look_again is None):
        yield Need("look_again", "Set a day on which somebody looks again.")


def _assessing(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    plan = case.one(AssessmentPlan) or AssessmentPlan()
    if len(plan.assessors) < LEAST_SIGNERS:
        yield Need("assessors", "Name two assessors by role: a lead social worker and a youth worker.")
    if not plan.stakeholders:
        yield Need("stakeholders", "List who has an interest in the place, by role.")
    if len(set(plan.methods)) < LEAST_METHODS:
        yield Need("methods", f"Plan {LEAST_METHODS} kinds of method at least.")
    if YOUNG_PEOPLES_METHODS.isdisjoint(plan.methods) and not plan.no_young_people_because:
        yield Need("young_people", "Choose a method by which young people are heard, or say why there is none yet.")
    if not plan.worker_safety:
        yield Need("worker_safety", "Write down how workers stay safe and how people agree to take part.")
    if plan.fieldwork_from is None:
        yield Need("dates", "Set the days of fieldwork.")
    if not case.fieldwork.begun:
        yield Need("begun", "Begin the assessment on the place's page, so that its boundary is frozen.")
    if not case.fieldwork.baseline_taken:
        yield Need("baseline", "Take the first snapshot, from which the review compares.")


def _findings(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    note = case.one(FindingsNote) or FindingsNote()
    if not note.summary:
        yield Need("summary", "Write the findings: strengths and worries on each of the three sides.")
    if not note.unknowns:
        yield Need("unknowns", "Say what is still not known.")
    if not note.coverage:
        yield Need("coverage", "Say who was heard and who was not.")
    if not (note.second_reader or case.fieldwork.second_reader_signed):
        yield Need("second_reader", "Have the findings read by a second person.")


def _goals(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    goals = case.goals
    if not goals:
        yield Need("goals", "Agree one goal at least: what should be so, said positively.")
    if len(goals) > MOST_GOALS:
        yield Need("too_many", f"Keep to {MOST_GOALS} goals; there are {len(goals)}.")
    for key, goal in goals:
        if not (goal.method and goal.measure and goal.better):
            yield Need(
                f"measure_{key}",
                f"Goal {key}: say by which method it is measured again, and what would count as better.",
            )


def _plan(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    yield from side_effects_missing(case, configuration)
    actions = case.many(PlannedAction)
    if not actions:
        yield Need("actions", "Plan one action at least.")
    for key, action in actions:
        if action.due is None:
            yield Need(f"due_{key}", f"Action {key}: set the day by which it is done.")
        if action.is_resourced is None:
            yield Need(f"resource_{key}", f"Action {key}: say whether there is money and time for it.")
    agreed = case.one(PlanAgreement)
    if agreed is None:
        yield Need("agreement", "Note the day on which the plan was agreed.")
        return
    if not agreed.got_this_right:
        yield Need("right", "Ask those who live and work there: did we get this right?")
    if not agreed.young_people_answered:
        yield Need("answered", "Say how young people answered the findings, or that they were not asked yet.")
    if not agreed.communication:
        yield Need("communication", "Say what is told to whom about the plan.")


def side_effects_missing(case: CaseFile, configuration: PanelConfiguration) -> Needs:
    """Restrictive actions of a plan whose side effects were not thought through."""
    for key, action in case.many(PlannedAction):
        missing = restrictive_missing(action, configuration)
        if missing:
            yield Need(f"side_effect_{key}", f"Action {key} restricts young people: say {missing}.", is_hard=True)


def restrictive_missing(action: PlannedAction, configuration: PanelConfiguration) -> str:
    """What an action that restricts young people lacks, in words; nothing for another one (practice.md §2.6)."""
    if action.action_type not in configuration.restrictive:
        return ""
    parts = (
        (action.purpose, "what it is for"),
        (action.until, "when it ends"),
        (action.side_effect, "whom it might move on, where to, and whether that place is safer"),
        (action.consulted, "what young people think of it"),
        (action.watched_place, "which linked place is watched meanwhile"),
    )
    return _listed([words for value, words in parts if not value])


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _responding(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    yield from side_effects_missing(case, configuration)


def _review_due(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    if not case.fieldwork.repeated:
        yield Need("again", "Begin the assessment again from the first one: the same items, slots and boundary.")


def _reassessing(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    if not case.fieldwork.second_snapshot:
        yield Need("snapshot", "Take the second snapshot.")


def _comparing(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    signers = {case.recorded_by.get((Caution.sort, key), key) for key, _ in case.many(Caution)}
    if len(signers) < LEAST_SIGNERS:
        yield Need(
            "cautions", "Two people, the lead and an analyst, acknowledge the cautions of the comparison.", is_hard=True
        )


def _decision(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    decided = case.one(PanelDecision)
    if decided is None:
        yield Need("decision", "Write down what the panel decided.")
        return
    if not decided.reason:
        yield Need("why", "Write the reason, in terms of young people's welfare.")
    if not decided.not_known:
        yield Need("not_known", "Say what is still not known.")
    if not decided.feedback:
        yield Need("feedback", "Say by whom and when young people are told.")
    if to is State.CLOSED:
        yield from _closing(case, to, configuration)


def _closing(case: CaseFile, to: State, configuration: PanelConfiguration) -> Needs:
    if to is not State.CLOSED:
        return
    closing = case.one(Closing) or Closing()
    if not closing.owner:
        yield Need("owner", "Say which role keeps an eye on the place from now on.")
    if closing.look_again is None:
        yield Need("look_again", "Set a day on which somebody looks again, three months on.")
    if not closing.learning:
        yield Need("learning", "Write what was learnt.")
    if case.open_actions and not closing.handed_over:
        yield Need("open_actions", "Some actions are open: end them, or say to which role they go.")


GUARDS: dict[State, Callable[[CaseFile, State, PanelConfiguration], Needs]] = {
    State.DRAFT: _draft,
    State.REFERRED: _referral,
    State.SCREENED: _screening,
    State.URGENT_MEETING: _urgent,
    State.THRESHOLD: _threshold,
    State.LOOK_AGAIN: _closing,
    State.ASSESSING: _assessing,
    State.FINDINGS: _findings,
    State.GOALS: _goals,
    State.PLAN: _plan,
    State.RESPONDING: _responding,
    State.REVIEW_DUE: _review_due,
    State.REASSESSING: _reassessing,
    State.COMPARING: _comparing,
    State.PANEL_DECISION: _decision,
}
