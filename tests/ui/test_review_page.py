"""Reviewing locations: one at a time, with what could be meant, and a person's decision."""

from pathlib import Path

import pytest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.workflows.load_site_data import load_gazetteer_file
from cs_geo.workflows.look_at_map import page_of_reports
from cs_geo.workflows.place_reports import match_rate
from cs_geo.workflows.read_reports import open_report
from tests.sheets import import_rows, report_row
from tests.ui.conftest import OpenPage, press, shown, words

NICKNAMES = """name,kind,easting,northing,locality
The Swings,place,400013,300027,
Castle Row,place,401013,300027,Northfold
Castle Row,place,403013,302027,Southfold
"""


@pytest.fixture
def gazetteer(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "nicknames.csv"
    file.write_text(NICKNAMES, encoding="utf-8")
    load_gazetteer_file(store, LOCAL_ACTOR, file, "csv")


def test_nothing_to_review_says_so(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    assert "There are no reports yet." in words(open_page("review_locations"))
    import_rows(store, tmp_path, [report_row()])
    assert "Nothing is waiting." in words(open_page("review_locations"))


def test_an_unknown_name_is_placed_where_a_person_types(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [_vague("Nowhere in particular")])
    app = open_page("review_locations")
    assert "Nothing of this name is known" in words(app)
    assert "1 location left" in words(app)
    shown(app.text_input[0].set_value("400013, 300027").run())
    press(app, "Place it at the pin")
    assert match_rate(store, LOCAL_ACTOR).unmatched == 0
    placed = _first(store)
    assert (placed["match_precision"], placed["match_confidence"]) == ("building", "high")
    assert "Nothing is waiting." in words(app)


@pytest.mark.usefixtures("gazetteer")
def test_an_ambiguous_name_is_placed_at_the_candidate_that_is_accepted(
    open_page: OpenPage, store: Store, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [_vague("Castle Row")])
    app = open_page("review_locations")
    assert "Several things have this name" in words(app)
    assert len(app.radio[0].options) == 2
    shown(app.radio[0].set_value(1).run())
    press(app, "Accept")
    opened = open_report(store, LOCAL_ACTOR, _first(store)["report_id"])
    assert opened is not None
    assert opened.report["match_method"] == "person"
    assert opened.report["x"] in (401013, 403013)


def test_a_report_that_is_left_goes_from_the_queue_and_stays_without_a_point(
    open_page: OpenPage, store: Store, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [_vague("Nowhere in particular")])
    press(open_page("review_locations"), "Leave as it is")
    assert match_rate(store, LOCAL_ACTOR).located == 0
    assert match_rate(store, LOCAL_ACTOR).unmatched == 0


def test_trying_again_places_what_a_new_gazetteer_knows(
    open_page: OpenPage, store: Store, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    import_rows(store, tmp_path, [_vague("The Swings"), _vague("Nowhere in particular")])
    app = open_page("review_locations")
    request.getfixturevalue("gazetteer")
    press(app, "Try the geocoder again")
    assert "1 record got another point." in words(app)
    assert match_rate(store, LOCAL_ACTOR).unmatched == 1


def test_a_point_that_is_none_is_refused_in_words(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [_vague("Nowhere in particular")])
    app = open_page("review_locations")
    shown(app.text_input[0].set_value("somewhere").run())
    assert "This is not a point" in words(app)


def _vague(location: str) -> dict[str, object]:
    return report_row(location=location, easting="", northing="")


def _first(store: Store) -> dict[str, object]:
    rows = page_of_reports(store, LOCAL_ACTOR, Selection(), sorted_by="day", descending=True, page=1, size=5)
    return dict(rows[0])
