"""The table of reports, one report in full, and the ways in."""

from pathlib import Path

import pytest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.ui.widgets.report_sorts import NEWEST, OLDEST, SORTS, next_sort
from cs_geo.ui.widgets.report_words import reports_frame
from cs_geo.workflows.look_at_map import page_of_reports
from cs_geo.workflows.place_reports import match_rate
from cs_geo.workflows.undo_imports import list_imports
from tests.sheets import import_rows, report_row
from tests.ui.conftest import OpenPage, press, shown, words


def test_without_reports_the_page_says_how_they_come_in(open_page: OpenPage) -> None:
    app = open_page("reports")
    assert "There are no reports yet" in words(app)
    assert {"Import a file", "Add a report", "Review locations"} <= {button.label for button in app.button}


def test_the_table_says_names_and_whole_dates(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(harm_types="damage"), report_row(date="2024-04")])
    app = open_page("reports")
    table = app.dataframe[0].value
    assert set(table["When"]) == {"14 April 2024", "April 2024"}
    assert set(table["Source"]) == {"School or college"}
    assert "2 incidents" in words(app)
    assert "Rows 1 to 2 of 2" in words(app)


def test_a_month_that_lies_only_partly_in_the_window_is_not_listed(
    open_page: OpenPage, store: Store, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(date="2024-06-20"), report_row(date="2024-03")])
    assert "Rows 1 to 1 of 1" in words(open_page("reports"))


def test_a_report_opens_by_its_reference_however_it_is_typed(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(note="Broken glass by the swings")])
    reference = _rows(store)[0]["reference"]
    app = open_page("reports")
    app.text_input[0].set_value(reference.replace("-", " ").lower())
    press(app, "Open")
    assert f"{reference} · Incident" in words(app)
    assert "Broken glass by the swings" in words(app)
    assert "Placed by its coordinates" in words(app)


def test_a_reference_misheard_is_refused_in_words(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row()])
    app = open_page("reports")
    app.text_input[0].set_value("222-2223")
    press(app, "Open")
    assert "check character" in app.error[0].value


def test_a_doubted_pin_waits_for_review(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row()])
    app = open_page("reports")
    app.text_input[0].set_value(_rows(store)[0]["reference"])
    press(press(app, "Open"), "This pin is wrong")
    assert match_rate(store, LOCAL_ACTOR).doubted == 1
    assert "said to be wrong" in words(app)
    assert "Review locations (1)" in [button.label for button in app.button]


def test_an_import_is_undone_only_after_being_asked(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(), report_row(date="2024-05-01")])
    app = press(open_page("reports"), "Undo")
    assert list_imports(store, LOCAL_ACTOR)[0].state == "done"
    assert "Whatever a colleague has edited since stays" in words(app)
    press(app, "Undo the import")
    assert list_imports(store, LOCAL_ACTOR)[0].state == "undone"
    assert "2 records were withdrawn" in words(app)
    assert _rows(store) == []


@pytest.mark.parametrize("given", ["<img src=x onerror=alert(1)>", "![x](http://example.org/x.png)"])
@pytest.mark.trust("C2", figure="0 markup on the page of a report")
def test_what_a_partner_wrote_never_becomes_markup(
    open_page: OpenPage, store: Store, tmp_path: Path, given: str
) -> None:
    import_rows(store, tmp_path, [report_row(note=given, location=given)], source=given)
    app = open_page("reports")
    app.text_input[0].set_value(_rows(store)[0]["reference"])
    shown(press(app, "Open"))
    written = "\n".join(one.value for one in (*app.markdown, *app.caption, *app.subheader, *app.title))
    assert "<img" not in written
    assert "](http" not in written


def _rows(store: Store) -> list[dict[str, str]]:
    rows = page_of_reports(store, LOCAL_ACTOR, Selection(), sorted_by="day", descending=True, page=1, size=50)
    return [dict(row) for row in rows]


def test_pressing_a_head_sorts_all_rows_by_it_and_pressing_it_again_the_other_way_round() -> None:
    assert next_sort("Kind", NEWEST) == "Kind"
    assert next_sort("Kind", "Kind") == "Kind, backwards"
    assert next_sort("Kind", "Kind, backwards") == "Kind"
    assert (next_sort("When", "Kind"), next_sort("When", NEWEST)) == (NEWEST, OLDEST)


def test_every_head_of_the_table_has_an_order_of_all_rows(store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(kind="incident"), report_row(kind="concern")])
    for head in reports_frame(_rows(store)):
        column, descending = SORTS[next_sort(str(head), "")]
        rows = page_of_reports(store, LOCAL_ACTOR, Selection(), sorted_by=column, descending=descending, page=1, size=1)
        assert len(rows) == 1


def test_the_table_is_sorted_by_the_server_alone(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row()])
    modes = open_page("reports").dataframe[0].proto.selection_mode
    assert len(modes) == 2  # a row, and a column's head: a table whose heads can be chosen does not sort by itself


def test_a_report_that_a_link_opens_stands_above_the_filters(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row()])
    app = open_page("reports")
    app.session_state["reports_open"] = str(_rows(store)[0]["report_id"])
    shown(app.run())
    assert "Also recorded" in app.dataframe[0].value
    assert "Where, as written" in app.dataframe[-1].value
