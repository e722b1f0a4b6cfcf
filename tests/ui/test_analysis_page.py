"""Analysis: two runs side by side with the ground they share, and one kind beside another."""

from pathlib import Path

import pytest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.workflows.find_hotspots import run_hotspots
from tests.sheets import EASTING, NORTHING, import_rows, report_row
from tests.ui.conftest import OpenPage, press, shown, words

ROWS = [
    report_row(easting=EASTING + 10 * n, northing=NORTHING + 10 * (n % 3), date=f"2024-04-{n + 1:02d}", note=str(n))
    for n in range(20)
] + [
    report_row(kind="outreach", easting=EASTING + 90 * n, northing=NORTHING, date="2024-04-10", note=f"walk {n}")
    for n in range(20)
]


@pytest.fixture
def corner(store: Store, tmp_path: Path) -> Store:
    import_rows(store, tmp_path, ROWS)
    return store


def test_one_run_is_nothing_to_compare(open_page: OpenPage, corner: Store) -> None:
    assert "Two runs are needed" in words(open_page("analysis"))


def test_two_runs_stand_side_by_side_with_the_ground_they_share(open_page: OpenPage, corner: Store) -> None:
    for least in (5, 8):
        run_hotspots(corner, LOCAL_ACTOR, Selection(kinds=(Kind.INCIDENT,)), HotspotParameters(min_reports=least))
    app = open_page("analysis")
    assert "with 20 of 20 reports used" in words(app)
    (table,) = [one.value for one in app.dataframe if "Shared, of both" in one.value]
    assert table["First run"][0].endswith("(20 reports)")
    assert table["Shared, of the smaller"][0] == "100%"


def test_one_kind_is_laid_over_another_and_the_same_one_is_refused(open_page: OpenPage, corner: Store) -> None:
    app = open_page("analysis")
    shown(app.selectbox(key="filter_window").set_value("All dates").run())
    press(app, "Compare")
    assert "as common beside outreach reports" in words(app)
    app.selectbox(key="analysis_beside").set_value(Kind.INCIDENT)
    press(app, "Compare")
    assert "Choose two different kinds" in words(app)
