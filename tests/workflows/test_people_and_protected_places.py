"""What is never kept or handed out: what describes a person in a rejected row, and anything at a protected location."""

from pathlib import Path

import pyogrio

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.workflows.draw_tiles import KEY_BYTES, _own_key
from cs_geo.workflows.export_locations import export_locations
from cs_geo.workflows.load_site_data import load_protected
from cs_geo.workflows.place_reports import place_report
from tests.conftest import Database
from tests.sheets import (
    EASTING,
    NORTHING,
    ask,
    change,
    effort_row,
    import_rows,
    import_sheet,
    read_sheet,
    report_row,
    write_sheet,
)


def test_a_rejected_row_is_kept_without_what_describes_a_person(
    store: Store, database: Database, tmp_path: Path
) -> None:
    row = report_row(date="31/02/2024", note="ring 07700 900123") | {"Pupil name": "A B", "Date of birth": "03/04/2011"}
    outcome = import_rows(store, tmp_path, [row], rejects_to=tmp_path / "rejects.csv")
    assert outcome.rejected == 1
    (sheet,) = read_sheet(tmp_path / "rejects.csv")
    assert sheet["date"] == "31/02/2024"
    assert not {"Pupil name", "Date of birth"} & set(sheet)
    assert "07700" not in " ".join(sheet.values())
    (kept,) = ask(database, "SELECT columns, cells FROM cs_geo.import_rejects")
    assert "A B" not in kept["cells"]
    assert "Pupil name" not in kept["columns"]


def test_text_beyond_the_heading_stands_in_the_sheet_of_rejected_rows(store: Store, tmp_path: Path) -> None:
    path = write_sheet(tmp_path / "reports.csv", [report_row(), report_row(note="noise, late")])
    path.write_text(path.read_text().replace('"noise, late"', "noise, late"))
    outcome = import_sheet(store, path, rejects_to=tmp_path / "rejects.csv")
    assert outcome.rejected == 1
    (sheet,) = read_sheet(tmp_path / "rejects.csv")
    assert sheet["beyond the heading 1"].strip() == "late"


def test_an_effort_session_at_a_protected_location_is_not_exported(
    store: Store, database: Database, tmp_path: Path
) -> None:
    import_sheet(
        store,
        write_sheet(tmp_path / "sessions.csv", [effort_row()]),
        source="Outreach",
        mapping="outreach-sessions",
    )
    change(
        database,
        f"UPDATE cs_geo.effort_sessions SET geom = ST_SetSRID(ST_MakePoint({EASTING}, {NORTHING}), 27700)",
    )
    for number, expected in enumerate((1, 0)):
        written = export_locations(store, LOCAL_ACTOR, tmp_path / f"{number}.gpkg", selection=Selection())
        assert len(pyogrio.read_dataframe(written.files[0], layer="effort")) == expected
        listed = [{"kind": "refuge", "easting": EASTING, "northing": NORTHING, "radius_m": 100}]
        load_protected(store, LOCAL_ACTOR, write_sheet(tmp_path / "protected.csv", listed))


def test_a_report_that_a_person_placed_is_no_default_location(store: Store, database: Database, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(location="General Hospital")])
    (report,) = ask(database, "SELECT report_id, version, first_day, default_location FROM cs_geo.reports")
    assert report["default_location"]
    place_report(store, LOCAL_ACTOR, report, longitude=-2.0, latitude=52.6)
    (placed,) = ask(database, "SELECT default_location FROM cs_geo.reports")
    assert not placed["default_location"]


def test_the_key_of_map_links_is_whole_for_whoever_reads_it(tmp_path: Path) -> None:
    first = _own_key(tmp_path / "keys" / "token.key")
    assert len(first) == KEY_BYTES
    assert _own_key(tmp_path / "keys" / "token.key") == first
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["token.key"]
