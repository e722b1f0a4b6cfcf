"""Handing in, one's own reports, and the inbox, as the pages of whoever holds one role."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.reports.submission import SubmissionKind, SubmissionState
from cs_geo.store.opening import Store
from cs_geo.store.submissions import Submission
from cs_geo.ui.navigation import screens_for
from cs_geo.ui.widgets.signing_in import LOCAL_ROLES
from cs_geo.workflows.add_report import Draft, Pin, save_report
from cs_geo.workflows.hand_in import hand_in, list_mine
from cs_geo.workflows.inbox import ask_back, decline, list_waiting
from tests.ui.conftest import MAIN, press, shown, words

POINT = "400013, 300027"
PIN = Pin(-1.9998, 52.5976)
CONTRIBUTOR = Actor("local", frozenset({Role.CONTRIBUTOR}), tier_of({Role.CONTRIBUTOR}))
"""The person of this machine, acting as contributor."""
NEAR = "Near the old mill"


def acting_as(app: AppTest) -> list[str]:
    """The roles chosen in local mode."""
    (chosen,) = [box for box in app.multiselect if box.label == "Act as"]
    return [str(role) for role in chosen.value]


def open_as(role: Role, name: str = "") -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.session_state[LOCAL_ROLES] = [role]
    shown(app.run())
    return shown(app.switch_page(f"screens/{name}.py").run()) if name else app


def handed(store: Store, **fields: str) -> Submission:
    given = {
        "kind": "incident", "date": datetime.now(UTC).date().isoformat(), "harm_types": "damage",
        "safeguarding_answer": "not_needed", "location": NEAR,
    }  # fmt: skip
    return hand_in(store, CONTRIBUTOR, Draft(uuid4(), {**given, **fields}, PIN), SubmissionKind.REPORT)


def fill(app: AppTest) -> AppTest:
    key = next(one.key for one in app.pills if one.key.endswith("_kind"))
    shown(app.pills(key=key).set_value("incident").run())
    return shown(app.text_input[0].set_value(POINT).run())


def test_a_contributor_arrives_at_handing_in_and_is_asked_about_danger_first(store: Store) -> None:
    app = open_as(Role.CONTRIBUTOR)
    assert app.title[0].value == "Hand in"
    assert "Might a child be in danger now?" in words(app)
    assert not app.text_input
    press(app, "Yes, now")
    assert any(link.url == "tel:999" for link in app.link_button)


def test_the_navigation_of_each_role_has_eight_headings_at_most() -> None:
    headings = [screen.title for screen in screens_for(LOCAL_ACTOR) if screen.is_heading_for(LOCAL_ACTOR)]
    assert len(headings) <= 8
    assert "Inbox" in headings
    assert "Hand in" not in headings
    own = [screen.title for screen in screens_for(CONTRIBUTOR) if screen.is_heading_for(CONTRIBUTOR)]
    assert own == ["Hand in", "My reports", "Published tables"]


def test_a_contributor_hands_in_and_sees_it_wait(store: Store) -> None:
    app = fill(press(open_as(Role.CONTRIBUTOR, "hand_in"), "No"))
    press(app, "Hand it in")
    assert "Nobody reads it at once" in words(app)
    assert [one.state for one in list_mine(store, CONTRIBUTOR)] == [SubmissionState.HANDED_IN]
    app = shown(app.switch_page("screens/my_reports.py").run())
    assert "Waits for the coordinator" in words(app)
    assert "Report · Incident" in words(app)


def test_a_contributor_is_told_of_nothing_nearby(store: Store) -> None:
    today = datetime.now(UTC).date().isoformat()
    known = save_report(store, LOCAL_ACTOR, Draft(uuid4(), {"kind": "incident", "date": today, "location": NEAR}, PIN))
    app = fill(press(open_as(Role.CONTRIBUTOR, "hand_in"), "No"))
    for told in ("reported already", "Nothing else was reported", "Other reports", known.reference, NEAR):
        assert told not in words(app)
    assert not app.expander
    press(app, "Hand it in")
    mine = shown(app.switch_page("screens/my_reports.py").run())
    assert known.reference not in words(mine)


def test_what_is_missing_is_said_and_what_was_typed_stays(store: Store) -> None:
    app = press(open_as(Role.CONTRIBUTOR, "hand_in"), "No")
    app.text_area[0].set_value("Broken glass by the swings").run()
    press(app, "Hand it in")
    assert "Not handed in yet." in app.error[0].value
    assert "Choose what you want to report." in app.error[0].value
    assert app.text_area[0].value == "Broken glass by the swings"


def test_a_place_referral_asks_no_kind_and_why(store: Store) -> None:
    app = press(open_as(Role.CONTRIBUTOR, "hand_in"), "No")
    shown(app.segmented_control(key="hand_in_0_sort").set_value(SubmissionKind.PLACE_REFERRAL).run())
    assert app.text_area[0].label.startswith("Why should this place be looked at?")
    assert not [one for one in app.pills if one.key.endswith("_kind")]
    shown(app.text_input[0].set_value(POINT).run())
    press(app, "Hand it in")
    assert [one.kind for one in list_mine(store, CONTRIBUTOR)] == [SubmissionKind.PLACE_REFERRAL]


def test_whoever_has_not_called_is_asked_to_and_notes_the_call(store: Store) -> None:
    app = press(open_as(Role.CONTRIBUTOR, "hand_in"), "Yes, now")
    fill(press(app, "Nobody has called yet: note the place all the same"))
    press(app, "Hand it in")
    assert "nobody has called yet" in words(app)
    press(app, "The call has been made")
    assert "nobody has called yet" not in words(app)
    assert not list_mine(store, CONTRIBUTOR)[0].lacks_call


def test_a_question_is_answered_in_the_form_as_it_was_filled_in(store: Store) -> None:
    submission = handed(store, note="Glass", time="15:30")
    ask_back(store, LOCAL_ACTOR, submission.submission_id, "Is it the upper mill, by the weir")
    app = open_as(Role.CONTRIBUTOR, "my_reports")
    assert "Is it the upper mill, by the weir" in words(app)
    press(app, "Answer and hand in again")
    shown(app.switch_page("screens/hand_in.py").run())
    assert app.title[0].value == "Hand in"
    assert "The coordinator asks: Is it the upper mill, by the weir" in words(app)
    assert app.text_input[0].value == NEAR
    assert app.text_area[0].value == "Glass"
    shown(app.text_area[0].set_value("Glass by the upper mill").run())
    press(app, "Hand it in again")
    (again,) = list_mine(store, CONTRIBUTOR)
    assert again.state is SubmissionState.HANDED_IN
    assert (again.fields["note"], again.fields["time"]) == ("Glass by the upper mill", "15:30")


def test_a_declined_report_says_why(store: Store) -> None:
    submission = handed(store)
    decline(store, LOCAL_ACTOR, submission.submission_id, "It lies in <b>another</b> borough.")
    app = open_as(Role.CONTRIBUTOR, "my_reports")
    assert "Not taken" in words(app)
    assert "<b>" not in words(app)
    assert "another" in words(app)


def test_a_contributor_who_has_handed_in_nothing_is_told_what_the_page_is_for(store: Store) -> None:
    assert "You have handed in nothing yet" in words(open_as(Role.CONTRIBUTOR, "my_reports"))


def test_the_coordinator_reads_what_waits_beside_what_is_near_and_accepts(
    store: Store,
) -> None:
    known = save_report(
        store,
        LOCAL_ACTOR,
        Draft(uuid4(), {"kind": "incident", "date": datetime.now(UTC).date().isoformat(), "harm_types": "damage"}, PIN),
    )
    handed(store)
    app = open_as(Role.COORDINATOR, "inbox")
    assert "1 submission to answer" in words(app)
    press(app, "Open")
    assert NEAR in words(app)
    assert "Compare before you accept" in words(app)
    assert f"Read {known.reference}" in {button.label for button in app.button}
    press(app, "It is another one: accept")
    assert "Accepted, and kept as" in app.success[0].value
    assert list_mine(store, CONTRIBUTOR)[0].state is SubmissionState.ACCEPTED


def test_an_answer_without_words_is_refused_and_one_with_words_is_sent(store: Store) -> None:
    handed(store)
    app = press(open_as(Role.COORDINATOR, "inbox"), "Open")
    press(app, "Decline")
    assert "Write why" in app.error[0].value
    press(app, "Ask back")
    assert "Write what you need to know" in app.error[0].value
    shown(app.text_area[0].set_value("Which mill?").run())
    press(app, "Ask back")
    assert "Asked." in app.success[0].value
    assert "Nothing waits." in words(app)
    assert list_mine(store, CONTRIBUTOR)[0].answer == "Which mill?"


def test_home_says_what_waits_in_the_inbox_to_those_who_answer_it(store: Store) -> None:
    save_report(store, LOCAL_ACTOR, Draft(uuid4(), {"kind": "incident", "date": "2026-04-14"}, PIN))
    handed(store, safeguarding_answer="no")
    app = open_as(Role.COORDINATOR)
    assert "**1 submission** in the inbox to answer." in words(app)
    assert "nobody has called yet" in words(app)
    assert "Nothing waits for you" not in words(app)
    press(app, "Open the inbox")
    press(app, "The call has been made")
    assert not list_waiting(store, LOCAL_ACTOR)[0].lacks_call
    assert "in the inbox" not in words(open_as(Role.ASSESSOR))


def test_the_inbox_is_no_page_of_a_contributor(store: Store) -> None:
    app = open_as(Role.CONTRIBUTOR)
    for page in ("inbox", "home", "reports", "add_report", "map"):
        with pytest.raises(ValueError, match="Could not find"):
            app.switch_page(f"screens/{page}.py")


def test_a_contributor_may_set_a_pin_on_the_map_of_streets(store: Store) -> None:
    app = press(open_as(Role.CONTRIBUTOR, "hand_in"), "No")
    shown(app.text_input[0].set_value(POINT).run())
    shown(app.toggle(key="hand_in_0_map_on").set_value(True).run())
    assert not app.error
    assert "Touch the map where it was." in words(app)


def test_the_roles_that_were_chosen_hold_from_page_to_page(store: Store) -> None:
    app = open_as(Role.CONTRIBUTOR)
    for page in ("my_reports", "hand_in", "my_reports", "hand_in"):
        shown(app.switch_page(f"screens/{page}.py").run())
        assert acting_as(app) == ["contributor"]
