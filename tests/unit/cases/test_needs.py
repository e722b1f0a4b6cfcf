"""The panel's states and guards: what is still needed, what nobody may pass, and where a level leads."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cs_geo.cases.case_file import CaseFile, notice_date, review_date, review_of
from cs_geo.cases.configuration import load_configuration
from cs_geo.cases.needs import leads_to, to_catch_up, what_is_needed
from cs_geo.cases.records import (
    Caution,
    Goal,
    Mark,
    PanelDecision,
    PlanAgreement,
    PlannedAction,
    PostponedReview,
    Record,
    Referral,
    Screening,
    ThresholdDecision,
    ThresholdSheet,
    UrgentMeeting,
    WelfareReading,
)
from cs_geo.cases.states import ENDED, STEPS, State, next_states
from cs_geo.cases.thresholds import guide_level
from cs_geo.settings import data_folder

PANEL = load_configuration(data_folder())
ENTERED = datetime(2026, 5, 4, 10, tzinfo=UTC)
QUORUM = ("childrens_services", "police", "education")


def case(state: State, *records: Record, **keyed: Record) -> CaseFile:
    found: dict[str, dict[str, Record]] = {}
    for record in records:
        found.setdefault(record.sort, {})[""] = record
    for key, record in keyed.items():
        found.setdefault(record.sort, {})[key] = record
    return CaseFile(state, ENTERED, found)


def read(at: datetime) -> WelfareReading:
    return WelfareReading(read_at=at, read_by="chair")


def keys(file: CaseFile, to: State, *, hard: bool = False) -> set[str]:
    return {need.key for need in what_is_needed(file, to, PANEL) if need.is_hard or not hard}


FULL_REFERRAL = Referral(
    why_now="Three sources in a month.",
    harm_types=("intimidation_bullying",),
    strengths="A warden greets people.",
    young_people_view="Not asked yet.",
    referrer="community safety",
    in_danger_now="no",
    referral_made="not_known",
)


def test_a_referral_asks_about_danger_strengths_and_young_people_before_it_is_screened() -> None:
    bare = case(State.REFERRED, Referral(why_now="Three sources in a month."))
    assert keys(bare, State.SCREENED) == {"danger", "safeguarding", "harm", "referrer", "strengths", "young_people"}
    assert keys(case(State.REFERRED, FULL_REFERRAL), State.SCREENED) == set()


def test_the_welfare_statement_is_read_in_the_state_where_the_level_is_agreed() -> None:
    decided = ThresholdDecision(level=2, reason="Repeated over six weeks.", agencies=QUORUM)
    marks = ThresholdSheet(indicator_set="context-2026", marks={"harm_2": Mark(seen="seen")})
    before = case(State.THRESHOLD, decided, marks, w=read(ENTERED - timedelta(days=1)))
    assert keys(before, State.LIGHT_PLAN, hard=True) == {"welfare"}
    assert keys(case(State.THRESHOLD, decided, marks, w=read(ENTERED + timedelta(hours=1))), State.LIGHT_PLAN) == set()


def test_a_level_without_a_reason_is_no_level_and_a_quorum_is_counted_by_group() -> None:
    silent = case(State.THRESHOLD, ThresholdDecision(level=2, agencies=("police", "education")), w=read(ENTERED))
    assert keys(silent, State.LIGHT_PLAN, hard=True) == {"reason"}
    assert {"quorum", "sheet"} <= keys(silent, State.LIGHT_PLAN)


@pytest.mark.parametrize(
    ("level", "state"),
    [(0, State.NO_FURTHER_ACTION), (1, State.UNIVERSAL), (2, State.LIGHT_PLAN), (3, State.ASSESSING)],
)
def test_a_level_leads_to_its_own_state_and_to_no_other(level: int, state: State) -> None:
    decided = case(State.THRESHOLD, ThresholdDecision(level=level, reason="So the panel judged."))
    assert [to for to in STEPS[State.THRESHOLD] if leads_to(decided, to)] == [state]


def test_an_urgent_meeting_is_called_from_any_state_and_its_gaps_are_caught_up() -> None:
    assert all(State.URGENT_MEETING in next_states(one) for one in State if one is not State.URGENT_MEETING)
    urgent = case(State.THRESHOLD, UrgentMeeting(reason="A serious injury."))
    assert {need.key for need in to_catch_up(urgent, PANEL)} == {"referral", "pull", "duplicates", "linked"}
    caught_up = case(
        State.THRESHOLD,
        UrgentMeeting(reason="A serious injury."),
        FULL_REFERRAL,
        Screening(duplicates_checked=True, linked_considered="None is known.", pulled_on=date(2026, 5, 4)),
    )
    assert to_catch_up(caught_up, PANEL) == ()


def test_a_paused_case_goes_on_where_it_was() -> None:
    paused = replace(case(State.PAUSED), paused_from=State.ASSESSING)
    assert leads_to(paused, State.ASSESSING)
    assert not leads_to(paused, State.GOALS)


def test_a_restrictive_action_needs_purpose_end_side_effects_young_people_and_a_watched_place() -> None:
    planned = PlannedAction(
        action_type="dispersal", expected="Fewer adults wait at the gate.", lead_role="inspector", lead_agency="police"
    )
    file = case(State.PLAN, PlanAgreement(approved_on=date(2026, 5, 4)), a1=planned)
    (need,) = [one for one in what_is_needed(file, State.RESPONDING, PANEL) if one.is_hard]
    for said in ("what it is for", "when it ends", "where to", "young people think", "linked place"):
        assert said in need.words
    lit = planned.model_copy(update={"action_type": "lighting"})
    assert not keys(case(State.PLAN, a1=lit), State.RESPONDING, hard=True)


@pytest.mark.parametrize("owner", ["All partners", "everyone", "The panel"])
def test_an_action_has_one_lead_and_everybody_is_nobody(owner: str) -> None:
    with pytest.raises(ValidationError, match="one lead"):
        PlannedAction(action_type="lighting", expected="Light.", lead_role=owner, lead_agency="parks")


def test_cautions_are_acknowledged_by_two_people_and_not_by_one_twice() -> None:
    one = case(State.COMPARING, a=Caution(as_role="assessor"), b=Caution(as_role="analyst"))
    by_one = replace(one, recorded_by={("caution", "a"): "p1", ("caution", "b"): "p1"})
    by_two = replace(one, recorded_by={("caution", "a"): "p1", ("caution", "b"): "p2"})
    assert keys(by_one, State.PANEL_DECISION, hard=True) == {"cautions"}
    assert keys(by_two, State.PANEL_DECISION) == set()


def test_an_assessment_needs_three_methods_and_one_by_which_young_people_are_heard() -> None:
    needed = keys(case(State.ASSESSING), State.FINDINGS)
    assert {"methods", "young_people", "baseline", "begun", "worker_safety"} <= needed


def test_a_goal_is_measured_by_a_method_that_is_run_again() -> None:
    vague = case(State.GOALS, g1=Goal(statement="Young people have somewhere dry to sit."))
    assert keys(vague, State.PLAN) == {"measure_g1"}


def test_a_case_is_not_closed_over_open_actions_without_handing_them_over() -> None:
    planned = PlannedAction(action_type="lighting", expected="Light.", lead_role="parks manager", lead_agency="parks")
    decided = PanelDecision(decision="close", reason="Safer.", not_known="Winter.", feedback="Youth worker, 3 June.")
    assert {"open_actions", "owner", "learning"} <= keys(case(State.PANEL_DECISION, decided, a1=planned), State.CLOSED)


@pytest.mark.parametrize(
    ("approved", "due"),
    [
        (date(2026, 1, 31), date(2026, 4, 30)),
        (date(2026, 5, 14), date(2026, 8, 14)),
        (date(2026, 11, 30), date(2027, 2, 28)),
    ],
)
def test_a_plan_is_reviewed_three_calendar_months_on_with_notice_28_days_before(approved: date, due: date) -> None:
    assert review_date(approved) == due
    assert notice_date(due) == due - timedelta(days=28)
    assert review_of(case(State.RESPONDING, PlanAgreement(approved_on=approved))) == due
    later = due + timedelta(days=21)
    postponed = case(
        State.RESPONDING, PlanAgreement(approved_on=approved), PostponedReview(until=later, reason="School holidays.")
    )
    assert review_of(postponed) == later


def test_the_guide_level_needs_two_rows_of_worries_seen_by_two_sources() -> None:
    seen = {
        "harm_3": Mark(seen="seen", sources=("police_recorded",)),
        "guardian_risk_3": Mark(seen="seen", sources=("police_recorded",)),
        "harm_2": Mark(seen="seen", sources=("resident",)),
        "place_risk_2": Mark(seen="seen", sources=("youth_worker",)),
        "guardian_strength_3": Mark(seen="seen", sources=("resident",)),
    }
    # Level 3 rests on one source only, so that level 2 is the highest with two rows and two sources.
    assert guide_level(PANEL.indicators, seen).level == 2
    seen["guardian_risk_3"] = Mark(seen="seen", sources=("school_or_college",))
    found = guide_level(PANEL.indicators, seen)
    assert (found.level, found.sources) == (3, ("police_recorded", "school_or_college"))
    assert "harm_1" in found.not_known
    assert "harm_3" not in found.not_known


@given(
    marks=st.dictionaries(st.sampled_from(sorted(PANEL.indicators)), st.sampled_from(["seen", "partly", "not_known"]))
)
def test_strengths_never_raise_or_lower_the_guide_level(marks: dict[str, str]) -> None:
    made = {one: Mark(seen=seen, sources=("resident", "police_recorded")) for one, seen in marks.items()}
    without = {one: mark for one, mark in made.items() if PANEL.indicators[one].column == "risk"}
    assert guide_level(PANEL.indicators, made).level == guide_level(PANEL.indicators, without).level


HARD = {
    State.THRESHOLD: {"welfare", "level"},
    State.COMPARING: {"cautions"},
}


@given(st.data())
def test_no_walk_passes_a_hard_guard_with_nothing_written_down(data: st.DataObject) -> None:
    """Whatever way a case takes, the four hard guards stand before the steps they guard."""
    state = State.DRAFT
    for _ in range(12):
        empty = case(state)
        ways = [to for to in next_states(state, State.REFERRED) if leads_to(empty, to)]
        free = [to for to in ways if not keys(empty, to, hard=True)]
        for to in set(ways) - set(free):
            assert state in HARD
            assert keys(empty, to, hard=True) == HARD[state]
        if state in HARD:
            assert set(free) <= {State.URGENT_MEETING, State.PAUSED}
        state = data.draw(st.sampled_from(free))


def test_every_state_is_reached_and_every_state_that_goes_on_has_a_way_out() -> None:
    reached = {State.DRAFT, State.URGENT_MEETING, State.PAUSED} | {to for ways in STEPS.values() for to in ways}
    assert reached == set(State)
    assert all(next_states(one) for one in State if one not in ENDED)
    assert set(PANEL.state_names) == set(State)
