"""Cases: opened on the page of a place, shown to a named member, taken away as a pack, closed while a tab is open."""

from datetime import date
from pathlib import Path

import pytest

from cs_geo.access.actor import LOCAL_ACTOR, Role
from cs_geo.store.opening import Store
from cs_geo.workflows.cases import add_member, close_case, list_cases, open_case
from cs_geo.workflows.register_places import boundary_around, list_register, register_place
from tests.sheets import EASTING, NORTHING, import_rows, report_row
from tests.ui.conftest import OpenAs, OpenPage, press, shown, words

WHY = "Three agencies write of the same corner."


@pytest.fixture
def parade(store: Store, tmp_path: Path) -> Store:
    import_rows(store, tmp_path, [report_row(note="one"), report_row(note="two", easting=EASTING + 20)])
    boundary = boundary_around(store, LOCAL_ACTOR, f"{EASTING}, {NORTHING}", 100.0)
    register_place(store, LOCAL_ACTOR, name="The parade", place_type="shops", boundary=boundary, origin="drawn")
    return store


def test_without_a_case_the_page_says_what_a_case_is(open_page: OpenPage) -> None:
    said = words(open_page("cases"))
    assert "No case is open to you" in said
    assert "opened by a coordinator from the page of a place" in said


def opened_case(store: Store) -> str:
    (place,) = list_register(store, LOCAL_ACTOR)
    return str(open_case(store, LOCAL_ACTOR, place.place_id, 1, WHY, today=date.today()))


def test_an_open_case_shows_boundary_counts_and_who_is_named(open_page: OpenPage, parade: Store) -> None:
    case_id = opened_case(parade)
    app = open_page("cases")
    app.session_state["cases_open"] = case_id
    shown(app.run())
    said = words(app)
    assert "The parade" in said
    assert WHY in said.replace("&#46;", ".")
    assert "Nobody is named yet" in said
    assert "No text has been approved" in said


def test_a_case_closed_while_a_tab_is_open_is_gone_at_the_next_run(
    open_as: OpenAs,
    parade: Store,
) -> None:
    case_id = opened_case(parade)
    (case,) = list_cases(parade, LOCAL_ACTOR)
    add_member(parade, LOCAL_ACTOR, case.case_id, "local")
    app = open_as(Role.PANEL_MEMBER)
    app.session_state["cases_open"] = case_id
    shown(app.run())
    assert "The parade" in words(app)
    close_case(parade, LOCAL_ACTOR, case.case_id)
    shown(app.run())
    assert "The parade" not in words(app)
    assert "No case is open to you" in words(app)


def test_a_pack_without_a_purpose_is_refused_in_words(open_page: OpenPage, parade: Store) -> None:
    app = open_page("cases")
    app.session_state["cases_open"] = opened_case(parade)
    shown(app.run())
    press(app, "Make the pack")
    assert "Say what the pack is for" in words(app)
