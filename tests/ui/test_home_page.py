"""Home: what is new since last week, and what needs a person."""

from datetime import timedelta
from pathlib import Path

from cs_geo.reports.report import Kind
from cs_geo.store.opening import Store
from cs_geo.workflows.look_at_map import today_here
from tests.conftest import Database
from tests.sheets import change, import_rows, report_row
from tests.ui.conftest import OpenPage, press, words


def test_home_counts_last_week_apart_from_old_reports_that_came_in_today(
    open_page: OpenPage, store: Store, tmp_path: Path
) -> None:
    lately = (today_here() - timedelta(days=3)).isoformat()
    rows = [report_row(date=lately), *(report_row(date="2024-04-14", note=str(n)) for n in range(4))]
    import_rows(store, tmp_path, rows)
    app = open_page("home")
    assert [metric.value for metric in app.metric] == ["1", "0", "0", "0"]
    assert "about earlier days: 4 incidents." in words(app)


def test_a_count_on_home_leads_to_its_rows(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    lately = (today_here() - timedelta(days=3)).isoformat()
    import_rows(store, tmp_path, [report_row(date=lately), report_row(date="2024-04-14")])
    app = press(open_page("home"), "Show these")
    assert "Rows 1 to 1 of 1" in words(app)
    assert app.multiselect(key="filter_kinds").value == [Kind.INCIDENT]


def test_home_offers_to_add_a_report(open_page: OpenPage) -> None:
    assert "Add a report" in {button.label for button in open_page("home").button}


def test_without_reports_home_says_what_to_load_and_by_which_command(open_page: OpenPage) -> None:
    said = words(open_page("home"))
    assert "There are no reports here yet" in said
    assert "`cs-geo gazetteer load FILE --format FORMAT`" in said


def test_a_log_that_nobody_anchors_is_said_to_the_data_steward(
    store: Store, open_page: OpenPage, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row()])
    assert "has not been anchored" not in words(open_page("home"))
    change(database, "UPDATE cs_geo.audit_log SET written_at = written_at - interval '3 days'")
    assert "The audit log has not been anchored since" in words(open_page("home"))
    assert "The audit log has not been anchored since" in words(open_page("audit"))
