"""An export of ours comes back as the very reports it was written from."""

import itertools
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.exports.tables import REPORT_COLUMNS
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.words.formulas import guard_cell, guard_text, unguard_cell
from cs_geo.workflows.export_locations import export_locations
from cs_geo.workflows.place_reports import place_report
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
    export_locations(store, LOCAL_ACTOR, path, selection=selection or Selection())
    return path


@pytest.mark.parametrize("text", [*FORMULAS, "", "plain", "-0.1276", "1e5", "-12"])
@pytest.mark.trust("C5", figure="identical")
def test_a_guard_is_taken_away_again(text: str) -> None:
    assert unguard_cell(guard_cell(text)) == text
    assert unguard_cell(guard_text(text)) == text


@pytest.mark.trust("C5", figure="numbers stay numbers")
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
@pytest.mark.trust("C5", figure="0 changes")
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


PARTNER = [
    report_row(note="=1"),
    report_row(note="=1"),
    report_row(reference="A1", note="one"),
    report_row(reference="A1", note="two"),
    report_row(easting="", location="Ward"),
    report_row(easting="", location="Pinned"),
    report_row(easting="", location="Looked at"),
    report_row(easting="", location="Doubted"),
    report_row(easting="", location="Nowhere"),
    report_row(easting="", northing="", longitude="-2.0001", latitude="52.5980", date="2024-04"),
    report_row(easting="", northing="", grid_reference="SP 00013 00027", harm_types="damage; noise_nuisance"),
]


def fill_with_every_sort_of_match(store: Store, database: Database, folder: Path) -> None:
    """Reports by coordinates, by area, placed and looked at by a person, doubted, published, without a point."""
    import_rows(store, folder, PARTNER)
    at = "geom = ST_SetSRID(ST_MakePoint(%s, %s), 27700)"
    for location, found in (
        ("Ward", "match_method = 'area', match_precision = 'area', match_radius_m = 900, match_confidence = 'medium',"
         " match_name = 'Harbour ward', match_gazetteer = 'wards 2024', published = true"),
        ("Looked at", "match_method = 'place', match_precision = 'junction', match_radius_m = 41.5,"
         " match_confidence = 'medium', match_name = 'Town hall', edited_by_person = true"),
        ("Doubted", "match_method = 'postcode', match_precision = 'postcode', match_radius_m = 73,"
         " match_confidence = 'low', match_problem = 'low_score', default_location = true, pin_doubted = true"),
    ):  # fmt: skip
        change(
            database,
            f"UPDATE cs_geo.reports SET {at}, {found} WHERE location_text = '{location}'",
            EASTING + 70,
            NORTHING,
        )
    (pinned,) = ask(database, "SELECT report_id, version, first_day FROM cs_geo.reports WHERE location_text = 'Pinned'")
    place_report(store, LOCAL_ACTOR, pinned, longitude=-2.0123, latitude=52.5987)


def export_all(store: Store, folder: Path, ending: str = ".csv") -> list[Path]:
    folder.mkdir()
    return [
        export_csv(store, folder / f"{name}{ending}", Selection(published=published))
        for name, published in (("reports", False), ("published", True))
    ]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_an_export_fills_a_fresh_database_with_the_same_reports_in_every_column(
    store: Store, fresh_database: type[Database], database: Database, tmp_path: Path, ending: str
) -> None:
    fill_with_every_sort_of_match(store, database, tmp_path)
    sheets = export_all(store, tmp_path / "first")
    sent = sheets if ending == ".csv" else export_all(store, tmp_path / "sent", ending)
    other = open_test_store(fresh_database())
    try:
        filled = [import_sheet(other, sheet, source="Somebody else") for sheet in sent]
        assert [verdicts(one) for one in filled] == [(10, 0, 0, 0), (1, 0, 0, 0)]
        assert [one.issues for one in filled] == [(), ()]
        again = export_all(other, tmp_path / "again")
        for before, after in zip(sheets, again, strict=True):
            assert read_sheet(after) == read_sheet(before)
            assert set(read_sheet(after)[0]) == set(REPORT_COLUMNS)
        # The partner's own file, and the export once more, bring nothing twice.
        assert verdicts(import_rows(other, tmp_path, PARTNER)) == (0, 0, 11, 0)
        assert [verdicts(import_sheet(other, sheet)) for sheet in sent] == [(0, 0, 10, 0), (0, 0, 1, 0)]
        # A new report gets a reference that none has.
        assert verdicts(import_rows(other, tmp_path, [report_row(note="new")])) == (1, 0, 0, 0)
        # An import that brought what a person had placed can be undone like any other.
        assert undo_import(other, LOCAL_ACTOR, filled[0].import_id).withdrawn == 10
    finally:
        other.close()


def test_a_ward_from_an_export_is_never_clustered(
    store: Store, fresh_database: type[Database], tmp_path: Path, database: Database
) -> None:
    import_rows(store, tmp_path, [report_row(location="Ward", easting="", note=str(number)) for number in range(12)])
    change(
        database,
        "UPDATE cs_geo.reports SET geom = ST_SetSRID(ST_MakePoint(%s, %s), 27700), match_method = 'area',"
        " match_precision = 'area', match_radius_m = 900, match_confidence = 'medium'",
        EASTING,
        NORTHING,
    )
    sheet = export_csv(store, tmp_path / "export.csv")
    rows = read_sheet(sheet)
    for row in rows:
        row["precision"] = "street"
    edited = write_sheet(tmp_path / "edited.csv", rows)
    cut = ("report_id", "kind", "date", "source_type", "location", "longitude", "latitude", "precision", "note")
    partial = write_sheet(tmp_path / "partial.csv", [{name: row[name] for name in cut} for row in rows])
    for sent, precision, codes in (
        (sheet, "area", set()),
        (edited, "none", {"altered_since_export"}),
        (partial, "none", {"altered_since_export"}),
    ):
        fresh = fresh_database()
        other = open_test_store(fresh)
        try:
            outcome = import_sheet(other, sent)
            assert (verdicts(outcome), {one.code for one in outcome.issues}) == ((12, 0, 0, 0), codes)
            assert ask(fresh, "SELECT DISTINCT match_precision AS p FROM cs_geo.reports") == [{"p": precision}]
        finally:
            other.close()


def test_an_export_written_before_a_report_was_found_does_not_move_it_back(
    store: Store, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(easting="", location="Ward")])
    at_ward = (
        "geom = ST_SetSRID(ST_MakePoint(400900, 300900), 27700), match_method = 'area', match_precision = 'area',"
        " match_radius_m = 900, match_confidence = 'low'"
    )
    change(database, f"UPDATE cs_geo.reports SET {at_ward}")
    sheet = export_csv(store, tmp_path / "export.csv")
    found = (
        "geom = ST_SetSRID(ST_MakePoint(400013, 300027), 27700), match_method = 'street', match_precision = 'street'"
    )
    change(database, f"UPDATE cs_geo.reports SET {found}, match_confidence = 'high'")
    assert verdicts(import_sheet(store, sheet)) == (0, 0, 1, 0)
    assert ask_one(database, "SELECT match_precision FROM cs_geo.reports") == "street"
    (row,) = read_sheet(sheet)
    assert verdicts(import_sheet(store, write_sheet(tmp_path / "edited.csv", [row | {"note": "two"}]))) == (0, 1, 0, 0)
    assert ask(database, "SELECT match_precision AS p, note FROM cs_geo.reports") == [{"p": "street", "note": "two"}]


def test_a_pin_set_by_a_person_stays_when_its_export_is_followed_by_the_partners_change(
    store: Store, fresh_database: type[Database], database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(reference="A1", easting="")])
    (report,) = ask(database, "SELECT report_id, version, first_day FROM cs_geo.reports")
    place_report(store, LOCAL_ACTOR, report, longitude=-2.0123, latitude=52.5987)
    sheet = export_csv(store, tmp_path / "export.csv")
    fresh = fresh_database()
    other = open_test_store(fresh)
    try:
        import_sheet(other, sheet)
        changed = import_rows(other, tmp_path, [report_row(reference="A1", location="Mill Lane")])
        assert (verdicts(changed), changed.issues[0].code) == ((0, 0, 1, 0), "edited_kept")
        assert ask_one(fresh, "SELECT match_method FROM cs_geo.reports") == "person"
    finally:
        other.close()


def test_a_rejected_row_of_an_export_is_mended_and_is_the_same_report(
    store: Store, fresh_database: type[Database], database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(easting="", northing="", longitude="0.493124787", latitude="52.5980")])
    change(database, "UPDATE cs_geo.reports SET match_name = 'AB12 CDE, 12 High Street', pin_doubted = true")
    (row,) = read_sheet(export_csv(store, tmp_path / "export.csv"))
    fresh = fresh_database()
    other = open_test_store(fresh)
    try:
        sheet = write_sheet(tmp_path / "edited.csv", [row | {"date": "2024-02-31"}])
        outcome = import_sheet(other, sheet, rejects_to=tmp_path / "rejects.csv")
        assert verdicts(outcome) == (0, 0, 0, 1)
        (rejected,) = read_sheet(tmp_path / "rejects.csv")
        mended = import_sheet(other, write_sheet(tmp_path / "mended.csv", [rejected | {"date": row["date"]}]))
        assert (verdicts(mended), mended.issues) == ((1, 0, 0, 0), ())
        assert read_sheet(export_csv(other, tmp_path / "again.csv")) == [row]
    finally:
        other.close()


@pytest.mark.parametrize("source", ["", "Another Partner"])
def test_a_file_never_changes_the_report_of_another_source(
    store: Store, database: Database, tmp_path: Path, source: str
) -> None:
    first = import_rows(store, tmp_path, [report_row(note="first")])
    (row,) = read_sheet(export_csv(store, tmp_path / "export.csv"))
    rows = [
        report_row(report_id=row["report_id"], note="overwritten", source=source),
        {**row, "note": "overwritten", "source": source},
    ]
    for one in rows:
        outcome = import_sheet(store, write_sheet(tmp_path / "other.csv", [one]), source="Another Partner")
        assert (verdicts(outcome), outcome.issues[0].code) == ((0, 0, 0, 1), "other_source")
        assert "another source" in outcome.rejects[0].reasons[0]
        assert ask_one(database, "SELECT note FROM cs_geo.reports") == "first"
    # Nor does it take the identifier of one that was withdrawn.
    undo_import(store, LOCAL_ACTOR, first.import_id)
    outcome = import_sheet(store, write_sheet(tmp_path / "other.csv", rows[:1]), source="Another Partner")
    assert verdicts(outcome) == (0, 0, 0, 1)


def test_a_file_that_is_no_export_chooses_no_identifier_reference_or_precision(
    store: Store, database: Database, tmp_path: Path
) -> None:
    claimed = "00000000-0000-4000-8000-000000000001"
    row = report_row(report_id=claimed, short_reference="222-2222", precision="building", occurrence="7")
    assert verdicts(import_rows(store, tmp_path, [row])) == (1, 0, 0, 0)
    (stored,) = ask(database, "SELECT report_id::text AS id, match_precision, occurrence FROM cs_geo.reports")
    assert stored["id"] != claimed
    assert (stored["match_precision"], stored["occurrence"]) == ("street", 1)


def test_exports_of_two_sites_come_together_with_new_references_where_theirs_are_taken(
    store: Store, fresh_database: type[Database], database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(note="here")])
    other = open_test_store(fresh_database())
    try:
        import_rows(other, tmp_path, [report_row(note="there"), report_row(note="there too")])
        sheet = export_csv(other, tmp_path / "export.csv")
    finally:
        other.close()
    outcome = import_sheet(store, sheet)
    assert (verdicts(outcome), [one.code for one in outcome.issues]) == ((2, 0, 0, 0), ["reference_taken"])
    assert ask_one(database, "SELECT count(DISTINCT reference) FROM cs_geo.reports") == 3


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".zip"])
def test_an_export_with_its_other_tables_says_what_it_passes_over_and_nothing_of_people(
    store: Store, tmp_path: Path, ending: str
) -> None:
    import_rows(store, tmp_path, [report_row()])
    if ending == ".zip":
        written = export_locations(store, LOCAL_ACTOR, tmp_path / "a.csv", selection=Selection()).files
        sheet = tmp_path / "a.zip"
        with zipfile.ZipFile(sheet, "w") as archive:
            for file in written:
                archive.write(file, file.name)
    else:
        sheet = export_csv(store, tmp_path / f"export{ending}")
    outcome = import_sheet(store, sheet)
    assert verdicts(outcome) == (0, 0, 1, 0)
    assert not any("person" in note or "does not use" in note for note in outcome.notes)
    if ending != ".csv":
        assert any("“dictionary” of an export, not read" in note for note in outcome.notes)


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
