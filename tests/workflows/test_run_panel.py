"""The panel's work on a case, on PostGIS: records in versions, guards, the chair's part, and who sees it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.access.permissions import Refused
from cs_geo.cases.records import (
    Goal,
    Mark,
    PlannedAction,
    Record,
    Referral,
    Screening,
    ThresholdDecision,
    ThresholdSheet,
    WelfareReading,
)
from cs_geo.cases.states import State
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.store.opening import Store
from cs_geo.workflows.cases import add_member, list_cases, look_at_case, open_case
from cs_geo.workflows.manage_people import grant_roles, list_people
from cs_geo.workflows.panel_files import list_case_states, look_at_panel_case, read_history
from cs_geo.workflows.register_places import boundary_around, register_place
from cs_geo.workflows.run_panel import (
    call_urgent_meeting,
    link_context,
    make_record,
    move_case,
    read_screening,
    write_record,
)
from tests.conftest import Database
from tests.sheets import EASTING, NORTHING, ask, change, import_rows, report_row

TODAY = date.today()
ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
CHAIRING = Actor("local", frozenset({Role.COORDINATOR, Role.CHAIR}), tier_of({Role.COORDINATOR}))
REFERRAL = Referral(
    why_now="Three sources in a month.",
    harm_types=("intimidation_bullying",),
    strengths="A warden greets people.",
    young_people_view="Not asked yet.",
    referrer="community safety",
    in_danger_now="no",
    referral_made="not_known",
)


@pytest.fixture
def parade(store: Store, tmp_path: Path) -> UUID:
    """A place with reports of two kinds from two sources, and one report outside."""
    day = str(TODAY - timedelta(days=40))
    rows = [
        report_row(note="one", date=day, source_type="resident"),
        report_row(note="two", date=day, source_type="school_or_college", kind="concern"),
        report_row(note="elsewhere", date=day, easting=EASTING + 900),
    ]
    import_rows(store, tmp_path, rows)
    return place(store, "The parade")


def place(store: Store, name: str) -> UUID:
    boundary = boundary_around(store, LOCAL_ACTOR, f"{EASTING}, {NORTHING}", 100.0)
    return register_place(store, LOCAL_ACTOR, name=name, place_type="shops", boundary=boundary, origin="drawn").place_id


@pytest.fixture
def case_id(store: Store, parade: UUID) -> UUID:
    return open_case(store, LOCAL_ACTOR, parade, 1, "Three sources in a month.", today=TODAY)


def write(store: Store, case_id: UUID, record: Record, key: str = "", after: int = 0) -> None:
    write_record(store, LOCAL_ACTOR, case_id, record, key=key, after_version=after)


def move(store: Store, case_id: UUID, to: State, actor: Actor = LOCAL_ACTOR, **how: object) -> None:
    after = len(look_at_panel_case(store, LOCAL_ACTOR, case_id).steps)
    move_case(store, actor, case_id, to, after_step=after, today=TODAY, **how)  # type: ignore[arg-type]


def to_threshold(store: Store, case_id: UUID) -> None:
    write(store, case_id, REFERRAL)
    move(store, case_id, State.REFERRED)
    move(store, case_id, State.SCREENED)
    read_screening(store, LOCAL_ACTOR, case_id, today=TODAY)
    screening = look_at_panel_case(store, LOCAL_ACTOR, case_id).file.one(Screening)
    assert screening is not None
    whole = screening.model_copy(update={"duplicates_checked": True, "linked_considered": "The library."})
    write(store, case_id, whole, after=1)
    move(store, case_id, State.THRESHOLD)


def test_a_case_is_referred_screened_and_comes_before_the_panel_with_the_counts_of_a_year(
    store: Store, case_id: UUID
) -> None:
    to_threshold(store, case_id)
    seen = look_at_panel_case(store, LOCAL_ACTOR, case_id)
    assert seen.file.state is State.THRESHOLD
    found = seen.file.one(Screening)
    assert found is not None
    assert found.reports == {"incident": 1, "concern": 1}
    assert (found.sources, found.pulled_on) == (2, TODAY)
    assert [step.to_state for step in seen.steps] == ["referred", "screened", "threshold"]
    assert list_case_states(store, LOCAL_ACTOR)[case_id].state == "threshold"


def test_a_step_says_what_is_still_needed_and_only_the_chair_passes_it_with_a_reason(
    store: Store, case_id: UUID
) -> None:
    write(store, case_id, Referral(why_now="Three sources in a month.", in_danger_now="no", referral_made="no"))
    move(store, case_id, State.REFERRED)
    with pytest.raises(RefusedInput, match="Still needed: Say which harms"):
        move(store, case_id, State.SCREENED)
    with pytest.raises(RefusedInput, match="Only the chair"):
        move(store, case_id, State.SCREENED, is_passing=True, reason="Short of time.")
    with pytest.raises(RefusedInput, match="Say why the panel goes on"):
        move(store, case_id, State.SCREENED, CHAIRING, is_passing=True)
    move(store, case_id, State.SCREENED, CHAIRING, is_passing=True, reason="The meeting is tomorrow.")
    step = look_at_panel_case(store, LOCAL_ACTOR, case_id).steps[-1]
    assert step.reason == "The meeting is tomorrow."
    assert step.as_role == "chair"
    assert any("Say which harms" in one for one in step.passed)
    assert step.configuration.startswith("1-")


def test_nobody_passes_the_welfare_statement_or_a_level_without_a_reason(store: Store, case_id: UUID) -> None:
    to_threshold(store, case_id)
    with pytest.raises(RefusedInput, match="cannot be passed over: Read the welfare statement"):
        move(store, case_id, State.ASSESSING, CHAIRING, is_passing=True, reason="Short of time.")
    with pytest.raises(RefusedInput, match="Write the reason for the level"):
        write(store, case_id, ThresholdDecision(level=3))
    write(store, case_id, WelfareReading(read_at=datetime.now(UTC), read_by="chair"), key="1")
    write(store, case_id, ThresholdDecision(level=3, reason="Adults target children here."))
    move(store, case_id, State.ASSESSING, CHAIRING, is_passing=True, reason="The housing officer was ill.")


def test_the_guide_level_is_shown_after_the_panel_has_its_own(store: Store, case_id: UUID) -> None:
    marks = {
        "harm_2": Mark(seen="seen", sources=("resident",)),
        "place_risk_2": Mark(seen="seen", sources=("youth_worker",)),
    }
    write(store, case_id, ThresholdSheet(indicator_set="context-2026", marks=marks))
    assert look_at_panel_case(store, LOCAL_ACTOR, case_id).guide is None
    write(store, case_id, ThresholdDecision(level=1, reason="The worries are old."))
    guide = look_at_panel_case(store, LOCAL_ACTOR, case_id).guide
    assert guide is not None
    assert guide.level == 2


def test_a_level_leads_to_its_own_state(store: Store, case_id: UUID) -> None:
    to_threshold(store, case_id)
    write(store, case_id, ThresholdDecision(level=2, reason="Repeated over six weeks."))
    with pytest.raises(RefusedInput, match="It may go to: Joined-up help, Urgent meeting, Paused"):
        move(store, case_id, State.ASSESSING)


def test_a_correction_is_a_new_version_and_the_second_editor_is_told(store: Store, case_id: UUID) -> None:
    write(store, case_id, REFERRAL)
    write(store, case_id, REFERRAL.model_copy(update={"strengths": "A shop lends its phone."}), after=1)
    with pytest.raises(RefusedInput, match="Somebody else has written here"):
        write(store, case_id, REFERRAL.model_copy(update={"strengths": "None."}), after=1)
    kept = [one.body["strengths"] for one in read_history(store, LOCAL_ACTOR, case_id)]
    assert kept == ["A warden greets people.", "A shop lends its phone."]


def test_two_steps_at_once_are_one(store: Store, case_id: UUID) -> None:
    write(store, case_id, REFERRAL)
    move_case(store, LOCAL_ACTOR, case_id, State.REFERRED, after_step=0, today=TODAY)
    with pytest.raises(RefusedInput, match="Somebody else"):
        move_case(store, LOCAL_ACTOR, case_id, State.REFERRED, after_step=0, today=TODAY)


def test_a_text_about_a_person_is_refused_with_what_was_found(store: Store, case_id: UUID) -> None:
    for said in ("Ring 07700 900123 about it.", "We spoke with Danielle at the gate."):
        with pytest.raises(RefusedInput, match="details of a person"):
            write(store, case_id, REFERRAL.model_copy(update={"strengths": said}))
    with pytest.raises(RefusedInput, match="details of a person"):
        move(store, case_id, State.URGENT_MEETING, reason="Ring 07700 900123.")


def test_a_restrictive_action_is_not_kept_without_its_side_effect_check(store: Store, case_id: UUID) -> None:
    planned = PlannedAction(
        action_type="closure",
        expected="Nobody is hurt on the stairs.",
        lead_role="estate manager",
        lead_agency="housing",
    )
    with pytest.raises(RefusedInput, match="restricts young people"):
        write(store, case_id, planned, key="a1")
    whole = planned.model_copy(
        update={
            "purpose": "The stairs are unsafe.",
            "until": TODAY + timedelta(days=30),
            "side_effect": "They may sit in the library, which is warm and staffed.",
            "consulted": "Asked by the youth worker; they want light.",
            "watched_place": "The library",
        }
    )
    write(store, case_id, whole, key="a1")


def test_there_are_four_goals_at_most(store: Store, case_id: UUID) -> None:
    for number in range(4):
        write(store, case_id, Goal(statement=f"Something good, number {number}."), key=f"g{number}")
    with pytest.raises(RefusedInput, match="4 goals already"):
        write(store, case_id, Goal(statement="One more."), key="g9")
    write(store, case_id, Goal(statement="Something good, number 0.", withdrawn=True), key="g0", after=1)
    write(store, case_id, Goal(statement="One more."), key="g9")


def test_an_urgent_meeting_opens_a_case_with_a_reason_alone_and_only_the_chair_leaves_it(
    store: Store, parade: UUID
) -> None:
    with pytest.raises(UsageError, match="why an urgent meeting"):
        call_urgent_meeting(store, LOCAL_ACTOR, parade, 1, " ", today=TODAY)
    case_id = call_urgent_meeting(store, LOCAL_ACTOR, parade, 1, "A serious injury.", today=TODAY)
    seen = look_at_panel_case(store, LOCAL_ACTOR, case_id)
    assert seen.file.state is State.URGENT_MEETING
    assert {need.key for need in seen.catch_up} >= {"referral", "pull"}
    with pytest.raises(RefusedInput, match="left by the chair"):
        move(store, case_id, State.THRESHOLD)
    move(store, case_id, State.THRESHOLD, CHAIRING, is_passing=True, reason="First actions are in the minutes.")


def test_a_member_of_the_panel_sees_the_records_and_a_stranger_nothing(
    store: Store, case_id: UUID, database: Database
) -> None:
    def person(subject: str, role: Role) -> Actor:
        grant_roles(store, ADMINISTRATOR, issuer="test", subject=subject, roles=[role], label=subject, agency="Fire")
        (one,) = [one for one in list_people(store, ADMINISTRATOR) if one.subject == subject]
        return Actor(one.person_id, frozenset({role}), tier_of({role}), "Fire")

    chair, member, stranger = person("c", Role.CHAIR), person("m", Role.PANEL_MEMBER), person("s", Role.PANEL_MEMBER)
    for one in (chair, member):
        add_member(store, LOCAL_ACTOR, case_id, one.person)
    write(store, case_id, REFERRAL)
    assert look_at_panel_case(store, member, case_id).file.one(Referral) == REFERRAL
    with pytest.raises(RefusedInput, match="not open to you"):
        look_at_panel_case(store, stranger, case_id)
    with pytest.raises(Refused):
        write_record(store, member, case_id, REFERRAL, after_version=1)
    write_record(store, chair, case_id, REFERRAL.model_copy(update={"strengths": "A shop."}), after_version=1)
    with store.begin(stranger) as connection:
        for table in ("case_records", "case_steps", "case_contexts", "panel_meetings", "meeting_items"):
            assert connection.scalar(text(f"SELECT count(*) FROM cs_geo.{table}")) == 0
    for refused in ("UPDATE cs_geo.case_records SET body = '{}'", "DELETE FROM cs_geo.case_steps"):
        with pytest.raises(Exception, match="permission denied"), store.begin(LOCAL_ACTOR) as connection:
            connection.execute(text(refused))
    assert {row["as_role"] for row in ask(database, "SELECT as_role FROM cs_geo.case_records")} == {
        "coordinator",
        "chair",
    }


def test_two_places_stand_in_one_case(store: Store, case_id: UUID) -> None:
    library = place(store, "The library")
    assert link_context(store, LOCAL_ACTOR, case_id, library, 1)
    assert not link_context(store, LOCAL_ACTOR, case_id, library, 1)
    seen = look_at_panel_case(store, LOCAL_ACTOR, case_id)
    assert [one.name for one in seen.linked] == ["The library"]
    assert sorted(row[1:] for row in seen.linked_counts) == [
        ("concern", "school_or_college", 1),
        ("incident", "resident", 1),
    ]


def test_a_closed_case_is_opened_again_without_its_earlier_members(
    store: Store, case_id: UUID, database: Database
) -> None:
    grant_roles(store, ADMINISTRATOR, issuer="test", subject="m", roles=[Role.PANEL_MEMBER], label="m", agency="Fire")
    (one,) = [one for one in list_people(store, ADMINISTRATOR) if one.subject == "m"]
    member = Actor(one.person_id, frozenset({Role.PANEL_MEMBER}), tier_of({Role.PANEL_MEMBER}), "Fire")
    add_member(store, LOCAL_ACTOR, case_id, member.person)
    to_threshold(store, case_id)
    change(
        database,
        f"""INSERT INTO cs_geo.case_steps (case_id, number, from_state, to_state, configuration, taken_by, as_role)
        VALUES ('{case_id}', 4, 'universal', 'look_again', '1-x', 'local', 'coordinator')""",
    )
    move(store, case_id, State.CLOSED, CHAIRING, is_passing=True, reason="The panel agreed in May.")
    assert list_cases(store, member) == []
    move(store, case_id, State.THRESHOLD, reason="New reports.")
    assert list_cases(store, member) == []
    assert look_at_case(store, LOCAL_ACTOR, case_id).case.closed_at is None


def test_what_is_typed_wrongly_is_said_in_words() -> None:
    with pytest.raises(RefusedInput, match="one lead"):
        make_record(PlannedAction, action_type="lighting", expected="Light.", lead_role="everyone", lead_agency="parks")
    with pytest.raises(RefusedInput, match="Fill in: statement"):
        make_record(Goal, statement="  ")
