"""An export of ours comes back as the very reports it was written from."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.words.formulas import guard_cell, guard_text, unguard_cell
from cs_geo.workflows.export_locations import export_locations
from cs_geo.workflows.undo_imports import undo_import
from tests.conftest import Database
from tests.sheets import (
    EASTING,
    NORTHING,
    ask,
    ask_one,
    change,
    import_rows,
    import_sheet,
    open_test_store,
    read_sheet,
    report_row,
    verdicts,
    write_sheet,
)

NUMBER = itertools.count()
FORMULAS = [
    "=1+1", "+1-1", "-cmd|' /C calc'!A0", "@SUM(1)", "|x", "%0A", "＝1+1", "－1", "\u200b=1", "\ufeff=1", "'=1", '"=1',
    "'quoted' words", "''=1", "- a dash before words", "\xa0=1",
]  # fmt: skip


def export_csv(store: Store, path: Path, selection: Selection | None = None) -> Path:
    export_locations(store, LOCAL_ACTOR, path, tier="internal", selection=selection or Selection())
    return path


@pytest.mark.parametrize("text", [*FORMULAS, "", "plain", "-0.1276", "1e5", "-12"])
def test_a_guard_is_taken_away_again(text: str) -> None:
    assert unguard_cell(guard_cell(text)) == text
    assert unguard_cell(guard_text(text)) == text


def test_a_number_that_was_read_as_text_is_not_guarded() -> None:
    assert [guard_text(text) for text in ("-0.1276", "+44", "1e-5")] == ["-0.1276", "+44", "1e-5"]
    assert guard_text("-1+1") == "'-1+1"


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["incident", "concern", "outreach", "strength"]),
            "date": st.sampled_from(
                ["2024-04-14", "2024-04", "2024-04-14T15:30", "2024-03-31 01:30", "2024-10-27T01:30Z"]
            ),
            "date_to": st.sampled_from(["", "2024-11-02", "2024-11-02T18:00", "2024-11"]),
            "reported_on": st.sampled_from(["", "2024-11-20"]),
            "source_type": st.sampled_from(["school_or_college", "resident"]),
            "reference": st.sampled_from(["", "A1", "A2"]),
            "easting": st.sampled_from(["", str(EASTING)]),
            "northing": st.just(str(NORTHING)),
            "location": st.sampled_from(["", "High Street", "=High Street", *FORMULAS]),
            "postcode": st.sampled_from(["", "XX1 1AA"]),
            "place": st.sampled_from(["", "Elm Park", "=Elm Park"]),
            "note": st.sampled_from(["", *FORMULAS, "two\nlines", "“quotes”; and, commas", "it's"]),
            "harm_types": st.sampled_from(["", "damage; noise_nuisance", "presence_only", "unclear"]),
            "presence_only": st.sampled_from(["", "yes"]),
            "young_people_band": st.sampled_from(["", "4"]),
            "safeguarding_answer": st.sampled_from(["", "not_needed"]),
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=ROWS)
def test_an_export_imported_again_changes_nothing(
    module_store: Store, tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    source = f"Source {next(NUMBER)}"
    created = import_sheet(module_store, write_sheet(tmp_path / "any.csv", rows), source=source)
    exported = read_sheet(export_csv(module_store, tmp_path / "export.csv"))
    own = [row for row in exported if row["source"] == source]
    assert len(own) == created.created
    again = import_sheet(module_store, write_sheet(tmp_path / "again.csv", own), source="Somebody else")
    assert verdicts(again) == (0, 0, created.created, 0), list(again.issues)


def test_an_export_stays_equal_when_a_calendar_is_loaded_between(
    store: Store, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row()])
    sheet = export_csv(store, tmp_path / "export.csv")
    change(
        database,
        "INSERT INTO cs_geo.calendar_periods (kind, name, starts, ends)"
        " VALUES ('term', 't', '2024-01-01', '2024-12-31')",
    )
    assert verdicts(import_sheet(store, sheet)) == (0, 0, 1, 0)


def test_every_column_edited_in_an_export_updates_its_report(store: Store, database: Database, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(note="one", harm_types="damage")])
    edits = {
        "note": "=two", "kind": "concern", "date": "2024-04-15", "harm_types": "noise_nuisance",
        "location": "Mill Lane", "source_type": "resident", "severity_band": "s2", "what_helped": "light",
        "postcode": "XX1 1AA", "place": "Elm Park",
    }  # fmt: skip
    for number, (column, value) in enumerate(edits.items(), start=1):
        (row,) = read_sheet(export_csv(store, tmp_path / "export.csv"))
        row[column] = value
        outcome = import_sheet(store, write_sheet(tmp_path / "edited.csv", [row]))
        assert verdicts(outcome) == (0, 1, 0, 0), column
        assert ask_one(database, "SELECT version FROM cs_geo.reports") == number + 1
    stored = ask(database, "SELECT kind, note, location_text, ST_X(geom) AS x FROM cs_geo.reports")[0]
    assert stored == {"kind": "concern", "note": "=two", "location_text": "Mill Lane", "x": EASTING}


def test_a_point_moved_in_an_export_moves_its_report(store: Store, database: Database, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row()])
    (row,) = read_sheet(export_csv(store, tmp_path / "export.csv"))
    row["longitude"] = str(float(row["longitude"]) + 0.001)
    assert verdicts(import_sheet(store, write_sheet(tmp_path / "edited.csv", [row]))) == (0, 1, 0, 0)
    assert 60 < ask_one(database, "SELECT ST_X(geom) FROM cs_geo.reports") - EASTING < 75
    assert verdicts(import_sheet(store, export_csv(store, tmp_path / "export.csv"))) == (0, 0, 1, 0)


def test_an_edited_cell_leaves_the_pin_and_how_it_was_found(store: Store, database: Database, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(easting="", northing="", postcode="XX1 1AA")])
    change(
        database,
        "UPDATE cs_geo.reports SET geom = ST_SetSRID(ST_MakePoint(%s, %s), 27700), match_method = 'postcode',"
        " match_precision = 'postcode', match_radius_m = 73, match_confidence = 'medium', match_name = 'XX1 1AA'",
        EASTING,
        NORTHING,
    )
    question = (
        "SELECT match_method, match_precision, match_radius_m, match_name, coordinates_given,"
        " ST_X(geom) AS x, ST_Y(geom) AS y FROM cs_geo.reports"
    )
    before = ask(database, question)
    (row,) = read_sheet(export_csv(store, tmp_path / "export.csv"))
    row["outcome"] = "lights mended"
    assert verdicts(import_sheet(store, write_sheet(tmp_path / "edited.csv", [row]))) == (0, 1, 0, 0)
    assert ask(database, question) == before
    assert ask_one(database, "SELECT outcome FROM cs_geo.reports") == "lights mended"


def test_published_reports_stay_published_when_their_export_comes_back(
    store: Store, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row()])
    change(database, "UPDATE cs_geo.reports SET published = true")
    sheet = export_csv(store, tmp_path / "export.csv", Selection(published=True))
    (row,) = read_sheet(sheet)
    assert verdicts(import_sheet(store, sheet)) == (0, 0, 1, 0)
    row["note"] = "edited"
    assert verdicts(import_sheet(store, write_sheet(tmp_path / "edited.csv", [row]))) == (0, 1, 0, 0)
    assert ask_one(database, "SELECT published FROM cs_geo.reports")


def test_an_export_fills_a_fresh_database_with_the_same_reports(
    store: Store, fresh_database: type[Database], database: Database, tmp_path: Path
) -> None:
    rows: Sequence[dict[str, object]] = [
        report_row(note="=1"),
        report_row(note="=1"),
        report_row(reference="A1"),
        report_row(easting=""),
    ]
    import_rows(store, tmp_path, rows)
    sheet = export_csv(store, tmp_path / "export.csv")
    fresh = fresh_database()
    other = open_test_store(fresh)
    try:
        assert verdicts(import_sheet(other, sheet)) == (4, 0, 0, 0)
        identifiers = "SELECT report_id::text AS id FROM cs_geo.reports ORDER BY 1"
        assert ask(fresh, identifiers) == ask(database, identifiers)
        assert verdicts(import_sheet(other, sheet)) == (0, 0, 4, 0)
        again = export_csv(other, tmp_path / "again.csv")
        given = ("report_id", "kind", "date", "location", "longitude", "latitude", "note", "source")
        assert sorted([row[name] for name in given] for row in read_sheet(again)) == sorted(
            [row[name] for name in given] for row in read_sheet(sheet)
        )
    finally:
        other.close()


def test_an_export_of_elsewhere_meets_the_same_rows_imported_here(
    store: Store, fresh_database: type[Database], tmp_path: Path
) -> None:
    """The same partner file was imported on two sites; one sends its export to the other."""
    rows = [
        report_row(easting="", northing="", location=""),
        report_row(note="two", easting="", northing="", location=""),
    ]
    import_rows(store, tmp_path, rows)
    sheet = export_csv(store, tmp_path / "export.csv")
    other = open_test_store(fresh_database())
    try:
        import_rows(other, tmp_path, rows)
        outcome = import_sheet(other, sheet)
        assert outcome.read == sum(verdicts(outcome)) == 2
        assert outcome.created == 0
    finally:
        other.close()


def test_an_export_brings_back_what_was_undone(store: Store, database: Database, tmp_path: Path) -> None:
    first = import_rows(store, tmp_path, [report_row()])
    sheet = export_csv(store, tmp_path / "export.csv")
    undo_import(store, LOCAL_ACTOR, first.import_id)
    assert verdicts(import_sheet(store, sheet)) == (1, 0, 0, 0)
    changes = ask(database, "SELECT change, version FROM cs_geo.report_versions ORDER BY version")
    assert [(row["version"], row["change"]) for row in changes] == [(1, "created"), (2, "withdrawn"), (3, "created")]
    (row,) = read_sheet(sheet)
    again = import_sheet(store, write_sheet(tmp_path / "twice.csv", [row, row]))
    assert verdicts(again) == (0, 0, 2, 0)
