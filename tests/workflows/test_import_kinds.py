"""What is kept of a row: times, masked texts, published data apart, protected locations nowhere, effort beside."""

from datetime import date
from pathlib import Path

import pytest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.store.tiles import read_report_tile
from cs_geo.workflows.export_locations import export_locations
from cs_geo.workflows.find_hotspots import run_hotspots
from cs_geo.workflows.load_site_data import load_calendar, load_protected
from cs_geo.workflows.look_at_map import page_of_reports, read_report, reports_near, summarise_map
from cs_geo.workflows.undo_imports import undo_import
from tests.conftest import Database
from tests.mvt import read_layers, tiles_over
from tests.sheets import (
    EASTING,
    NORTHING,
    ask,
    ask_one,
    effort_row,
    import_rows,
    import_sheet,
    read_sheet,
    report_row,
    table_hash,
    verdicts,
    write_sheet,
)

SECRETS = ("07700 900123", "943 476 5919", "AB12 CDE", "jo@example.org")


def test_columns_about_people_are_named_and_not_read(store: Store, database: Database, tmp_path: Path) -> None:
    row = {
        "Form number": "F1",
        "Where did it happen": "High Street",
        "Type of concern": "Fighting",
        "When did it happen": "14/04/2024",
        "Pupil name": "Canary Zeta",
        "Date of birth": "01/02/2010",
        "Reporter's email": "canary@example.org",
        "Number plate": "CA11 ARY",
    }
    outcome = import_rows(store, tmp_path, [row])
    assert verdicts(outcome) == (1, 0, 0, 0)
    (note,) = [note for note in outcome.notes if "described a person" in note]
    assert all(head in note for head in ("Pupil name", "Date of birth", "Reporter's email", "Number plate"))
    for table in ("reports", "report_versions", "import_issues", "import_rejects", "imports", "import_files"):
        kept = str(ask(database, f"SELECT t::text FROM cs_geo.{table} t"))
        assert not any(secret in kept for secret in ("Canary", "canary", "2010", "CA11")), table


def test_contact_details_in_a_note_are_masked_before_anything_is_stored(
    store: Store, database: Database, tmp_path: Path
) -> None:
    note = f"Ring {SECRETS[0]}, NHS number {SECRETS[1]}, car {SECRETS[2]}, {SECRETS[3]}"
    rows = [report_row(note=note), report_row(note=note, severity_band=note), report_row(reference="A1", outcome=note)]
    outcome = import_rows(store, tmp_path, rows)
    import_rows(store, tmp_path, [report_row(reference="A1", outcome=f"later: {note}", what_helped=note)])
    assert "personal_details_removed" in {issue.code for issue in outcome.issues}
    for table in ("reports", "report_versions", "import_issues", "import_rejects"):
        kept = str(ask(database, f"SELECT t::text FROM cs_geo.{table} t"))
        assert not any(secret in kept for secret in SECRETS), table
    assert not any(secret in str(outcome.to_json()) for secret in SECRETS)


@pytest.mark.parametrize(
    ("written", "precision", "first", "last", "band"),
    [
        ("April 2024", "month", date(2024, 4, 1), date(2024, 4, 30), "unknown"),
        ("14/04/2024", "day", date(2024, 4, 14), date(2024, 4, 14), "unknown"),
        ("14/04/2024 15:30", "time", date(2024, 4, 14), date(2024, 4, 14), "15-18"),
        ("2024-07-01T23:30Z", "time", date(2024, 7, 2), date(2024, 7, 2), "00-06"),
    ],
)
def test_a_date_keeps_its_precision_and_is_stored_in_local_days(
    store: Store, database: Database, tmp_path: Path, written: str, precision: str, first: date, last: date, band: str
) -> None:
    import_rows(store, tmp_path, [report_row(date=written)])
    stored = ask(database, "SELECT date_precision, first_day, last_day, time_band FROM cs_geo.reports")[0]
    assert stored == {"date_precision": precision, "first_day": first, "last_day": last, "time_band": band}


def test_a_month_that_is_written_as_its_first_day_stays_a_month(
    store: Store, database: Database, tmp_path: Path
) -> None:
    rows = [
        {"month": "2022-01-01", "easting": EASTING, "northing": NORTHING, "location": "High Street"},
        {"month": "2022-02-01", "easting": EASTING, "northing": NORTHING, "location": "Mill Lane"},
    ]
    import_rows(store, tmp_path, rows, kind="incident")
    assert ask(
        database, "SELECT date_precision, first_day::text, last_day::text FROM cs_geo.reports ORDER BY first_day"
    ) == [
        {"date_precision": "month", "first_day": "2022-01-01", "last_day": "2022-01-31"},
        {"date_precision": "month", "first_day": "2022-02-01", "last_day": "2022-02-28"},
    ]


def test_an_interval_over_several_bands_is_spread_and_a_month_belongs_only_to_a_window_that_holds_it(
    store: Store, database: Database, tmp_path: Path
) -> None:
    rows = [report_row(date="14/04/2024 14:00", date_to="14/04/2024 22:00"), report_row(date="April 2024")]
    import_rows(store, tmp_path, rows)
    bands = [row["time_band"] for row in ask(database, "SELECT time_band FROM cs_geo.reports ORDER BY date_precision")]
    assert bands == ["unknown", "spread"]
    part = Selection(since=date(2024, 4, 1), until=date(2024, 4, 29))
    whole = Selection(since=date(2024, 4, 1), until=date(2024, 4, 30))
    assert [summarise_map(store, LOCAL_ACTOR, one).counts.reports for one in (part, whole)] == [1, 2]


def test_term_and_holiday_are_unknown_without_a_calendar_and_known_with_one(
    store: Store, database: Database, tmp_path: Path
) -> None:
    assert any("No school calendar" in note for note in import_rows(store, tmp_path, [report_row()]).notes)
    calendar = [{"kind": "term", "name": "Summer", "starts": "2024-04-10", "ends": "2024-07-20"}]
    load_calendar(store, LOCAL_ACTOR, write_sheet(tmp_path / "calendar.csv", calendar))
    outcome = import_rows(store, tmp_path, [report_row(date="2024-04-15")])
    assert not any("No school calendar" in note for note in outcome.notes)
    terms = [row["term"] for row in ask(database, "SELECT term FROM cs_geo.reports ORDER BY first_day")]
    assert terms == ["unknown", "term"]


def published_row(**given: object) -> dict[str, object]:
    return {
        "Crime ID": "",
        "Month": "2024-04",
        "Reported by": "Test Police",
        "Longitude": -2.001241,
        "Latitude": 52.598035,
        "Location": "On or near High Street",
        "Crime type": "Anti-social behaviour",
    } | given


def test_published_police_data_stay_apart(store: Store, database: Database, tmp_path: Path) -> None:
    rows = [published_row(Longitude=-2.001241 + number / 10_000) for number in range(30)]
    outcome = import_rows(store, tmp_path, rows, source="Test Police")
    assert (outcome.mapping, verdicts(outcome)) == ("police-uk-street", (30, 0, 0, 0))
    assert ask_one(database, "SELECT bool_and(published AND harm_types = '{unclear}') FROM cs_geo.reports")
    import_rows(store, tmp_path, [report_row()])
    assert summarise_map(store, LOCAL_ACTOR, Selection()).counts.reports == 1
    assert summarise_map(store, LOCAL_ACTOR, Selection(published=True)).counts.reports == 30
    (own,) = run_hotspots(store, LOCAL_ACTOR, Selection(kinds=(Kind.INCIDENT,)), HotspotParameters())
    assert own.run.counts["read"] == 1
    (background,) = run_hotspots(
        store, LOCAL_ACTOR, Selection(kinds=(Kind.INCIDENT,), published=True), HotspotParameters()
    )
    assert background.run.counts["used"] == 30
    export = tmp_path / "export.csv"
    export_locations(store, LOCAL_ACTOR, export, selection=Selection())
    assert len(read_sheet(export)) == 1


def test_what_happens_in_a_protected_location_is_counted_and_shown_nowhere(
    store: Store, database: Database, tmp_path: Path
) -> None:
    inside = [report_row(note=f"inside {number}", easting=EASTING + number) for number in range(12)]
    outside = [report_row(note="outside", easting=EASTING + 900)]
    import_rows(store, tmp_path, inside[:6])
    listed = [{"kind": "refuge", "easting": EASTING, "northing": NORTHING, "radius_m": 150}]
    load_protected(store, LOCAL_ACTOR, write_sheet(tmp_path / "protected.csv", listed))
    import_rows(store, tmp_path, inside[6:] + outside)
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports WHERE in_protected") == 12

    everything = Selection()
    summary = summarise_map(store, LOCAL_ACTOR, everything)
    assert (summary.counts.protected, summary.shown) == (12, 1)
    shown = page_of_reports(store, LOCAL_ACTOR, everything, sorted_by="day", descending=True, page=1, size=50)
    assert len(shown) == 1
    near = reports_near(store, LOCAL_ACTOR, everything, -2.001241, 52.598035)
    assert [round(row["distance_m"], -2) for row in near] == [900]  # the one outside
    hidden = ask(database, "SELECT report_id FROM cs_geo.reports WHERE in_protected LIMIT 1")[0]["report_id"]
    assert read_report(store, LOCAL_ACTOR, hidden) is None
    with store.begin(LOCAL_ACTOR) as connection:
        for zoom in (6, 9, 12, 13, 16):
            layer = "points" if zoom >= 13 else "cells"
            drawn = [
                feature["n"]
                for z, x, y in tiles_over(EASTING - 2000, NORTHING - 2000, EASTING + 2000, NORTHING + 2000, zoom)
                for feature in read_layers(read_report_tile(connection, everything, z, x, y)).get(layer, [])
            ]
            # The one report outside, drawn again where a neighbouring tile's buffer holds it.
            assert set(drawn) == {1}, zoom
    (found,) = run_hotspots(store, LOCAL_ACTOR, Selection(kinds=(Kind.INCIDENT,)), HotspotParameters(min_reports=3))
    assert len(found.hotspots) == 0
    assert found.run.counts["left_out"] == {"protected_location": 12}
    export = tmp_path / "export.csv"
    export_locations(store, LOCAL_ACTOR, export, selection=everything)
    assert [row["note"] for row in read_sheet(export)] == ["outside"]


def test_effort_sessions_are_imported_updated_and_undone(store: Store, database: Database, tmp_path: Path) -> None:
    first = import_rows(store, tmp_path, [effort_row(), effort_row(**{"Session reference": "S2", "Finish": "17:00"})])
    assert (first.record, verdicts(first)) == ("effort", (2, 0, 0, 0))
    hours = [row["staff_hours"] for row in ask(database, "SELECT staff_hours FROM cs_geo.effort_sessions ORDER BY 1")]
    assert hours == [2, 4]
    before = table_hash(database)
    changed = [effort_row(Remarks="rain"), effort_row(**{"Session reference": "S3"})]
    second = import_rows(store, tmp_path, changed)
    assert verdicts(second) == (1, 1, 0, 0)
    assert verdicts(import_rows(store, tmp_path, changed[::-1])) == (0, 0, 2, 0)
    assert second.import_id is not None
    undone = undo_import(store, LOCAL_ACTOR, second.import_id)
    assert (undone.withdrawn, undone.restored) == (1, 1)
    assert ask_one(database, "SELECT max(version) FROM cs_geo.effort_sessions") == 3
    assert [row["note"] for row in ask(database, "SELECT note FROM cs_geo.effort_sessions")] == ["", ""]
    assert before != ""


def test_reports_and_effort_are_not_taken_in_one_import(store: Store, database: Database, tmp_path: Path) -> None:
    from cs_geo.errors import RefusedInput

    reports = write_sheet(tmp_path / "reports.csv", [report_row()])
    effort = write_sheet(tmp_path / "effort.csv", [effort_row()])
    with pytest.raises(RefusedInput, match="another mapping"):
        import_sheet(store, reports, effort)
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports") == 0
