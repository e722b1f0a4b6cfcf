"""Adding a report by hand: danger first, nothing typed is lost, stored once, and said back by its reference."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.errors import RefusedInput
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.workflows.add_report import Draft, Pin, check_draft, save_report
from cs_geo.workflows.answer_dangers import list_unanswered, record_call
from cs_geo.workflows.look_at_map import page_of_reports
from cs_geo.workflows.read_reports import find_by_reference, open_report
from cs_geo.workflows.undo_imports import undo_import
from tests.sheets import import_rows, report_row
from tests.ui.conftest import OpenPage, press, shown, words

POINT = "400013, 300027"
FIELDS = {"kind": "incident", "date": "2026-04-14", "source_type": "resident", "harm_types": "damage"}
PIN = Pin(-1.9998, 52.5976)
NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)


def test_the_page_asks_about_danger_before_anything_else(open_page: OpenPage) -> None:
    app = open_page("add_report")
    assert "Might a child be in danger now?" in words(app)
    assert not app.text_input
    press(app, "Yes, now")
    assert words(app).count("Call first. The report can wait.") == 1
    assert any(link.url == "tel:999" for link in app.link_button)
    assert not app.text_input


def test_the_three_answers_weigh_the_same(open_page: OpenPage) -> None:
    app = open_page("add_report")
    answers = {button.label: button.proto.type for button in app.button}
    assert answers == {"Yes, now": "secondary", "Not sure": "secondary", "No": "secondary"}


def test_whoever_is_not_sure_is_shown_whom_to_call_and_may_find_that_no_call_is_needed(open_page: OpenPage) -> None:
    app = press(open_page("add_report"), "Not sure")
    assert any(link.url == "tel:999" for link in app.link_button)
    press(app, "No call is needed")
    assert "You said that no child is in danger now." in words(app)


def test_a_contact_without_a_number_is_said_to_be_with_the_manager(open_page: OpenPage) -> None:
    app = press(open_page("add_report"), "Yes, now")
    assert "Your manager has the number" in words(app)
    assert "contacts.toml" not in words(app)


def test_a_child_in_danger_for_whom_nobody_has_called_stands_first_on_home(open_page: OpenPage, store: Store) -> None:
    app = press(press(open_page("add_report"), "Yes, now"), "Nobody has called yet: note the place all the same")
    _fill(app, where=POINT)
    press(app, "Save the report")
    reference = app.header[0].value
    home = shown(app.switch_page("screens/home.py").run())
    assert "nobody has called yet" in words(home)
    assert reference in words(home)
    assert "Nothing waits for you" not in words(home)
    press(press(home, "The call has been made"), "Yes, the call was made")
    assert reference not in words(home)
    opened = open_report(store, LOCAL_ACTOR, find_by_reference(store, LOCAL_ACTOR, reference))
    assert opened is not None
    assert opened.provenance["safeguarding_answer"] == "yes"
    assert [one["change"] for one in opened.history] == ["edited", "created"]


def test_a_partners_row_without_a_referral_is_no_unanswered_danger(store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(safeguarding_answer="no")])
    assert list_unanswered(store, LOCAL_ACTOR) == []


def test_a_danger_at_a_protected_location_is_listed_without_its_place(store: Store) -> None:
    draft = Draft(uuid4(), {**FIELDS, "safeguarding_answer": "no", "location": "Elm House"}, PIN)
    saved = save_report(store, LOCAL_ACTOR, draft, now=lambda: NOW)
    with store.begin(LOCAL_ACTOR) as connection:
        connection.exec_driver_sql("UPDATE cs_geo.reports SET in_protected = true")
    (danger,) = list_unanswered(store, LOCAL_ACTOR)
    assert (danger.reference, danger.where, danger.can_be_opened) == (saved.reference, "", False)


def test_a_call_is_recorded_once(store: Store) -> None:
    saved = save_report(
        store, LOCAL_ACTOR, Draft(uuid4(), {**FIELDS, "safeguarding_answer": "no"}, PIN), now=lambda: NOW
    )
    assert record_call(store, LOCAL_ACTOR, saved.report_id)
    assert not record_call(store, LOCAL_ACTOR, saved.report_id)
    assert list_unanswered(store, LOCAL_ACTOR) == []


def test_everything_that_is_missing_is_said_at_once_in_plain_words_at_the_top_and_at_the_button(
    open_page: OpenPage,
) -> None:
    app = press(press(open_page("add_report"), "No"), "Save the report")
    everything = [error.value for error in app.error if "Choose what you want to report." in error.value]
    assert len([one for one in everything if "Say where it was." in one]) == 2
    assert "The row" not in words(app)


def test_what_was_reported_nearby_can_be_read_before_saving(open_page: OpenPage, store: Store) -> None:
    today = datetime.now(UTC).date().isoformat()
    saved = save_report(store, LOCAL_ACTOR, Draft(uuid4(), {**FIELDS, "date": today}, PIN))
    app = press(open_page("add_report"), "No")
    _fill(app, where="-1.9998, 52.5976")
    assert "This may have been reported already" in words(app)
    press(app, f"Read {saved.reference}")
    assert f"{saved.reference} · Incident" in words(app)


def test_after_saving_the_report_is_summed_up_and_can_be_opened(open_page: OpenPage) -> None:
    app = press(open_page("add_report"), "No")
    _fill(app, where=POINT)
    press(app, "Save the report")
    assert "Incident" in words(app)
    assert "time not known" in words(app)
    reference = app.header[0].value
    press(app, "Open the report")
    assert app.title[0].value == "Reports"
    assert f"{reference} · Incident" in words(app)


def test_a_place_that_is_not_found_is_said_without_the_words_of_the_site(open_page: OpenPage) -> None:
    app = press(open_page("add_report"), "No")
    _fill(app, where="Nowhere Lane 7")
    assert "gazetteer" not in words(app)
    assert "We could not find this place." in words(app)


def test_a_report_is_stored_with_what_was_answered(open_page: OpenPage, store: Store) -> None:
    app = press(press(open_page("add_report"), "Yes, now"), "Somebody has called: go on to the report")
    _fill(app, where=POINT)
    press(app, "Save the report")
    assert "On the phone, say:" in words(app)
    opened = open_report(store, LOCAL_ACTOR, find_by_reference(store, LOCAL_ACTOR, app.header[0].value))
    assert opened is not None
    assert opened.provenance["safeguarding_answer"] == "yes"
    assert opened.provenance["source"] == "Added by hand"
    assert (opened.report["match_method"], opened.report["kind"]) == ("person", "incident")
    assert [one["change"] for one in opened.history] == ["created"]


def test_a_form_without_a_place_says_so_and_keeps_what_was_typed(open_page: OpenPage, store: Store) -> None:
    app = press(open_page("add_report"), "No")
    _fill(app, where="")
    app.text_area[0].set_value("Broken glass by the swings").run()
    press(app, "Save the report")
    assert "Say where it was." in app.error[0].value
    assert app.text_area[0].value == "Broken glass by the swings"
    assert _reports(store) == 0


def test_a_phone_number_in_the_note_is_shown_as_it_will_be_stored(open_page: OpenPage) -> None:
    app = press(open_page("add_report"), "No")
    _fill(app, where=POINT)
    shown(app.text_area[0].set_value("The gang left. Ring 07700 900123.").run())
    assert "[phone removed]" in words(app)
    assert "Consider" in words(app)


def test_pressing_save_twice_stores_one_report(store: Store) -> None:
    draft = Draft(uuid4(), FIELDS, PIN)
    first, second = (save_report(store, LOCAL_ACTOR, draft, now=lambda: NOW) for _ in range(2))
    assert first.reference == second.reference
    assert _reports(store) == 1


def test_two_equal_reports_of_two_people_are_two_reports(store: Store) -> None:
    for _ in range(2):
        save_report(store, LOCAL_ACTOR, Draft(uuid4(), FIELDS, PIN), now=lambda: NOW)
    assert _reports(store) == 2


def test_what_was_reported_nearby_is_shown_before_saving(store: Store) -> None:
    saved = save_report(store, LOCAL_ACTOR, Draft(uuid4(), FIELDS, PIN), now=lambda: NOW)
    other = {**FIELDS, "kind": "concern"}
    near = check_draft(store, LOCAL_ACTOR, Draft(uuid4(), other, PIN), now=lambda: NOW)
    assert [row["reference"] for row in near.nearby] == [saved.reference]
    assert near.duplicates == ()
    same = check_draft(store, LOCAL_ACTOR, Draft(uuid4(), FIELDS, PIN), now=lambda: NOW)
    assert [row["reference"] for row in same.duplicates] == [saved.reference]
    later = {**FIELDS, "date": "2026-04-18"}
    assert check_draft(store, LOCAL_ACTOR, Draft(uuid4(), later, PIN), now=lambda: NOW).duplicates == ()


def test_a_report_of_tomorrow_is_refused(store: Store) -> None:
    with pytest.raises(RefusedInput):
        save_report(store, LOCAL_ACTOR, Draft(uuid4(), {**FIELDS, "date": "2026-04-21"}, PIN), now=lambda: NOW)
    assert _reports(store) == 0


def test_a_report_can_be_taken_back(store: Store) -> None:
    saved = save_report(store, LOCAL_ACTOR, Draft(uuid4(), FIELDS, PIN), now=lambda: NOW)
    assert saved.import_id is not None
    assert undo_import(store, LOCAL_ACTOR, saved.import_id).withdrawn == 1
    assert _reports(store) == 0


def _fill(app: AppTest, *, where: str) -> None:
    app.pills(key="add_0_kind").set_value("incident") if hasattr(app, "pills") else None
    shown(app.run())
    shown(app.text_input[0].set_value(where).run())


def _reports(store: Store) -> int:
    return len(page_of_reports(store, LOCAL_ACTOR, Selection(), sorted_by="day", descending=True, page=1, size=50))
