"""The map page: one selection for the visit, what its caption and list say, and doubts that reach a person."""

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.ui.widgets.filters import name_of
from cs_geo.workflows.find_hotspots import hotspots_for, list_doubted_hotspots, run_hotspots
from cs_geo.workflows.look_at_map import page_of_hotspot, reports_near
from tests.sheets import EASTING, NORTHING, import_rows, report_row
from tests.ui.conftest import OpenPage, press, shown, words

CORNER = [
    report_row(easting=EASTING + 10 * n, northing=NORTHING + 10 * (n % 3), date=f"2024-04-{n + 1:02d}", note=str(n))
    for n in range(12)
]


@pytest.fixture
def corner(store: Store, tmp_path: Path) -> Store:
    """A corner with twelve incidents, whose hotspot was found for three months to the newest of them."""
    import_rows(store, tmp_path, CORNER)
    quarter = Selection(since=date(2024, 1, 13), until=date(2024, 4, 12), kinds=(Kind.INCIDENT,))
    run_hotspots(store, LOCAL_ACTOR, quarter, HotspotParameters(min_reports=5))
    return store


def test_without_reports_the_map_says_how_they_come_in_and_offers_no_filters(open_page: OpenPage) -> None:
    app = open_page("map")
    assert "There are no reports yet" in words(app)
    assert [one.label for one in app.multiselect] == ["Act as"]
    assert {"Import a file", "Add a report"} <= {button.label for button in app.button}


def test_a_choice_made_on_the_map_holds_on_reports_and_on_export(open_page: OpenPage, corner: Store) -> None:
    app = open_page("map")
    shown(app.selectbox(key="filter_window").set_value("All dates").run())
    shown(app.multiselect(key="filter_kinds").set_value([Kind.INCIDENT]).run())
    for page in ("reports", "export", "map"):
        shown(app.switch_page(f"screens/{page}.py").run())
        assert app.selectbox(key="filter_window").value == "All dates"
        assert app.multiselect(key="filter_kinds").value == [Kind.INCIDENT]
        assert app.selectbox(key="filter_band").value == ""


def test_a_window_that_follows_the_newest_report_says_so_with_its_day(open_page: OpenPage, corner: Store) -> None:
    app = open_page("map")
    assert app.selectbox(key="filter_window").label == "Window, to 12 April 2024"
    assert "(3 months to the newest report)" in words(app)


def test_no_report_for_two_weeks_is_said_on_the_map(open_page: OpenPage, corner: Store) -> None:
    assert "No reports were received since 12 April 2024; this does not mean" in words(open_page("map"))


def test_a_newer_report_moves_the_dates_and_the_list_says_so(
    open_page: OpenPage, corner: Store, tmp_path: Path
) -> None:
    assert "dates have moved" not in words(open_page("map"))
    import_rows(corner, tmp_path, [report_row(date="2024-04-20")])
    said = words(open_page("map"))
    assert "The dates have moved: the newest report is now of 20 April 2024." in said
    assert "found for 13 January to 12 April 2024; the map shows 21 January to 20 April 2024" in said


def test_another_window_is_not_called_a_move_of_the_dates(open_page: OpenPage, corner: Store) -> None:
    app = open_page("map")
    shown(app.selectbox(key="filter_window").set_value("6 months to the newest report").run())
    assert "dates have moved" not in words(app)
    assert "the map shows 13 October 2023 to 12 April 2024" in words(app)


def test_published_data_switched_on_and_empty_is_said_to_be_so(open_page: OpenPage, corner: Store) -> None:
    app = open_page("map")
    assert "No published police data" not in words(app)
    shown(app.toggle(key="filter_published").set_value(True).run())
    assert "No published police data in these dates." in words(app)


def test_a_doubted_hotspot_waits_on_home_and_under_review_until_it_is_settled(
    open_page: OpenPage, corner: Store
) -> None:
    app = open_page("map")
    app.session_state["map_chosen"] = str(_only_hotspot(corner))
    press(shown(app.run()), "This is in the wrong place")
    assert list_doubted_hotspots(corner, LOCAL_ACTOR) == []
    press(app, "Say so")
    assert "waits under" in words(app)
    assert "1 concentration** of reports said to be drawn in the wrong place" in words(open_page("home"))
    review = open_page("review_locations")
    assert "said to be drawn in the wrong place" in words(review)
    press(review, "It is in the right place")
    assert list_doubted_hotspots(corner, LOCAL_ACTOR) == []


def test_a_doubt_can_be_left_or_taken_back_where_it_was_said(open_page: OpenPage, corner: Store) -> None:
    app = open_page("map")
    app.session_state["map_chosen"] = str(_only_hotspot(corner))
    press(press(shown(app.run()), "This is in the wrong place"), "Leave it")
    assert list_doubted_hotspots(corner, LOCAL_ACTOR) == []
    press(press(app, "This is in the wrong place"), "Say so")
    assert len(list_doubted_hotspots(corner, LOCAL_ACTOR)) == 1
    press(app, "Take it back")
    assert list_doubted_hotspots(corner, LOCAL_ACTOR) == []


def test_a_doubted_hotspot_opens_on_the_map_with_the_filters_it_was_found_with(
    open_page: OpenPage, corner: Store
) -> None:
    app = open_page("map")
    app.session_state["map_chosen"] = str(_only_hotspot(corner))
    press(press(shown(app.run()), "This is in the wrong place"), "Say so")
    review = press(open_page("review_locations"), "Open on the map")
    assert "12 incidents" in words(review)
    assert review.multiselect(key="filter_kinds").value == [Kind.INCIDENT]


def test_the_number_of_a_hotspot_leads_to_its_reports(open_page: OpenPage, corner: Store) -> None:
    app = open_page("map")
    app.session_state["map_chosen"] = str(_only_hotspot(corner))
    press(shown(app.run()), "Show these 12 incidents")
    assert "12 incidents, newest first" in words(app)
    assert any(len(table.value) == 12 and "Reference" in table.value for table in app.dataframe)


def test_the_reports_of_a_hotspot_come_page_by_page_newest_first(corner: Store) -> None:
    number, rows = page_of_hotspot(corner, LOCAL_ACTOR, _only_hotspot(corner), page=1, size=5)
    assert number == 12
    assert len(rows) == 5
    assert rows[0]["first_day"] > rows[-1]["first_day"]


def test_a_click_far_from_every_report_finds_the_nearest_however_far(corner: Store) -> None:
    everything = Selection(kinds=(Kind.INCIDENT,))
    (nearest,) = reports_near(corner, LOCAL_ACTOR, everything, -1.8, 52.7)
    assert nearest["distance_m"] > 300


def test_a_source_that_nobody_said_is_said_in_words() -> None:
    assert name_of("source_type", "") == name_of("source_type", "not_stated") == "Not said"


def _only_hotspot(store: Store) -> UUID:
    (found,) = hotspots_for(store, LOCAL_ACTOR, Selection(), (Kind.INCIDENT,))
    return UUID(found.hotspots["hotspot_id"].iloc[0])


def test_chance_may_choose_the_minimum_and_says_what_it_needs(open_page: OpenPage, corner: Store) -> None:
    app = open_page("map")
    shown(app.toggle(key="filter_by_chance").set_value(True).run())
    press(app, "Find hotspots")
    assert "Load OpenStreetMap data first" in words(app)


def test_points_that_stand_for_a_postcode_are_warned_of(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    rows = [
        report_row(easting=EASTING + 40 * (n % 5), northing=NORTHING, date=f"2024-04-{n % 12 + 1:02d}", note=str(n))
        for n in range(40)
    ]
    import_rows(store, tmp_path, rows)
    app = open_page("map")
    press(app, "Find hotspots")
    assert "stand for a postcode" in words(app)
