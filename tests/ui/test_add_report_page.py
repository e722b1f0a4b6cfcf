"""Adding a report by hand: danger first, nothing typed is lost, stored once, and said back by its reference."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.errors import RefusedInput
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.workflows.add_report import Draft, Pin, check_draft, save_report
from cs_geo.workflows.look_at_map import page_of_reports
from cs_geo.workflows.read_reports import find_by_reference, open_report
from cs_geo.workflows.undo_imports import undo_import
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
    assert "Call first. The report can wait." in words(app)
    assert any(link.url == "tel:999" for link in app.link_button)
    assert not app.text_input


def test_a_report_is_stored_with_what_was_answered(open_page: OpenPage, store: Store) -> None:
    app = press(press(open_page("add_report"), "Yes, now"), "The call has been made: go on to the report")
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
    assert "It does not say where." in app.error[0].value
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
