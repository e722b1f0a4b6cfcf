"""Importing: every row ends in one verdict, the same file adds nothing, and an import is all or nothing."""

import itertools
import random
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, Tier
from cs_geo.access.permissions import Refused
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.store.opening import Store
from cs_geo.workflows.imported import REJECT_HEADS
from cs_geo.workflows.undo_imports import list_imports
from tests.conftest import Database
from tests.sheets import (
    EASTING,
    SOURCE,
    ask,
    ask_one,
    change,
    import_rows,
    import_sheet,
    read_sheet,
    report_row,
    table_hash,
    verdicts,
    write_sheet,
)

SHARED = settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Every example imports under a source of its own, so that examples may share the database and the folder."""
NUMBER = itertools.count()

CELLS = {
    "kind": st.sampled_from(["incident", "concern", "outreach", "strength", "Incident", "", "riot"]),
    "date": st.sampled_from(
        [
            "2024-04-14",
            "14/04/2024",
            "April 2024",
            "2024-04-14T15:30",
            "31/02/2024",
            "",
            "14.04.24",
            "1999-99-99",
            "2031",
        ]
    ),
    "date_to": st.sampled_from(["", "", "", "2024-04-15", "2024-04-01"]),
    "source_type": st.sampled_from(["school_or_college", "resident", "nobody knows"]),
    "reference": st.sampled_from(["", "", "A1", "A2", "A3"]),
    "easting": st.sampled_from(["", "400013", "400 500", "=1+1", "99999999999"]),
    "northing": st.sampled_from(["", "300027", "x"]),
    "location": st.sampled_from(["", "High Street", "=cmd()", "Mill Lane / High Street", "n/a"]),
    "note": st.sampled_from(["", "one", "two", "ring 07700 900123", "a\x1fb", "line\nbreak", "“quoted”, with comma"]),
    "harm_types": st.sampled_from(["", "damage", "no such harm", "damage; noise_nuisance"]),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=12)


def a_source() -> str:
    return f"Source {next(NUMBER)}"


def write_book(path: Path, sheets: Mapping[str, Sequence[Mapping[str, object]]], hidden: str = "") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in (list(rows[0]), *(list(row.values()) for row in rows)):
            sheet.append(cells)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
    book.save(path)
    return path


def assert_accounted(outcome: Any) -> None:
    for counts in outcome.files:
        assert counts.read == counts.created + counts.updated + counts.duplicate + counts.rejected
    assert outcome.read == sum(verdicts(outcome))


# --- Every row is accounted for -----------------------------------------------------------------------------------


@SHARED
@given(rows=ROWS)
def test_every_row_that_is_read_is_created_updated_a_duplicate_or_rejected(
    module_store: Store, module_database: Database, tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    source = a_source()
    sheet = write_sheet(tmp_path / "any.csv", rows, list(CELLS))
    kept = tmp_path / "rejects.csv"
    kept.unlink(missing_ok=True)
    outcome = import_sheet(module_store, sheet, source=source, rejects_to=kept)
    assert_accounted(outcome)
    assert outcome.read == sum(1 for row in rows if any(cell.strip() for cell in row.values()))
    stored = ask_one(
        module_database,
        "SELECT count(*) FROM cs_geo.reports JOIN cs_geo.sources USING (source_id) WHERE name = %s",
        source,
    )
    assert stored == outcome.created
    if outcome.rejected:
        sheet_rows = read_sheet(kept)
        assert len(sheet_rows) == outcome.rejected
        assert all(row["line"].isdigit() and row["why rejected"] for row in sheet_rows)
    else:
        assert not kept.exists() or not read_sheet(kept)


@SHARED
@given(before=ROWS, rows=ROWS)
def test_a_dry_run_gives_the_verdicts_of_the_real_run_and_stores_nothing(
    module_store: Store,
    module_database: Database,
    tmp_path: Path,
    before: list[dict[str, str]],
    rows: list[dict[str, str]],
) -> None:
    source = a_source()
    import_sheet(module_store, write_sheet(tmp_path / "before.csv", before, list(CELLS)), source=source)
    sheet = write_sheet(tmp_path / "any.csv", rows, list(CELLS))
    counted = "SELECT (SELECT count(*) FROM cs_geo.reports) + (SELECT count(*) FROM cs_geo.report_versions)\
        + (SELECT count(*) FROM cs_geo.imports) + (SELECT count(*) FROM cs_geo.import_rejects)\
        + (SELECT count(*) FROM cs_geo.sources) + (SELECT count(*) FROM cs_geo.import_issues)"
    stored = ask_one(module_database, counted)
    dry = import_sheet(module_store, sheet, source=source, dry_run=True)
    assert ask_one(module_database, counted) == stored
    real = import_sheet(module_store, sheet, source=source)
    assert dry.import_id is None
    assert real.import_id is not None
    assert (dry.read, *verdicts(dry), dry.matched) == (real.read, *verdicts(real), real.matched)
    assert dry.issues == real.issues
    assert dry.rejects == real.rejects


@SHARED
@given(rows=ROWS, seed=st.randoms(use_true_random=False))
def test_the_same_file_again_reordered_or_renamed_adds_nothing(
    module_store: Store, tmp_path: Path, rows: list[dict[str, str]], seed: random.Random
) -> None:
    source = a_source()
    first = import_sheet(module_store, write_sheet(tmp_path / "first.csv", rows, list(CELLS)), source=source)
    shuffled = rows[:]
    seed.shuffle(shuffled)
    for name, again in (("first.csv", rows), ("second.csv", rows), ("third.csv", shuffled)):
        repeated = import_sheet(module_store, write_sheet(tmp_path / name, again, list(CELLS)), source=source)
        assert (repeated.created, repeated.updated) == (0, 0)
        assert repeated.rejected == first.rejected
        assert_accounted(repeated)


def test_zero_rows_are_never_a_success(store: Store, database: Database, tmp_path: Path) -> None:
    with pytest.raises(RefusedInput, match="not one row"):
        import_sheet(store, write_sheet(tmp_path / "empty.csv", [], list(CELLS)))
    good = write_sheet(tmp_path / "good.csv", [report_row()])
    with pytest.raises(RefusedInput, match="not one row"):
        import_sheet(store, good, write_sheet(tmp_path / "empty.csv", [], list(CELLS)))
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports") == 0
    assert ask_one(database, "SELECT count(*) FROM cs_geo.imports") == 0


def test_a_file_of_which_every_row_is_rejected_is_said_and_its_sheet_is_kept(
    store: Store, database: Database, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"
    outcome = import_rows(store, tmp_path, [report_row(date="x"), report_row(date="y")], rejects_to=rejects)
    assert outcome.all_rejected
    assert any("Nothing was imported: every row was rejected." in note for note in outcome.notes)
    assert len(read_sheet(rejects)) == 2
    assert ask_one(database, "SELECT count(*) FROM cs_geo.import_rejects") == 2
    planned = import_rows(store, tmp_path, [report_row(date="x")], dry_run=True)
    assert any("Nothing would be imported: every row would be rejected." in note for note in planned.notes)


def test_of_several_files_the_one_that_was_wholly_rejected_is_named(store: Store, tmp_path: Path) -> None:
    good = write_sheet(tmp_path / "good.csv", [report_row()])
    bad = write_sheet(tmp_path / "bad.csv", [report_row(date="x")])
    outcome = import_sheet(store, good, bad)
    assert not outcome.all_rejected
    assert "bad.csv: every row was rejected, and nothing of it was imported." in outcome.notes
    assert not import_sheet(store, good).all_rejected, "a file that is here already is no failure"


def test_each_kind_of_personal_detail_is_an_issue_of_its_own(store: Store, tmp_path: Path) -> None:
    notes = ["ring 07700 900123", "NHS 943 476 5919", "dob 14/04/2010", "dob 15/04/2010"]
    issues = import_rows(store, tmp_path, [report_row(note=note) for note in notes]).issues
    said = {issue.message: issue.rows_n for issue in issues if issue.code == "personal_details_removed"}
    assert said == {
        "Taken out before storing: phone number.": 1,
        "Taken out before storing: NHS number.": 1,
        "Taken out before storing: date of birth.": 2,
    }


def test_what_was_left_aside_is_said_also_where_it_comes_last(store: Store, tmp_path: Path) -> None:
    book = write_book(tmp_path / "book.xlsx", {"Reports": [report_row()], "Old": [report_row()]}, hidden="Old")
    assert "book.xlsx: Old: hidden, not read" in import_sheet(store, book).notes
    packed = tmp_path / "year.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(write_sheet(tmp_path / "a.csv", [report_row()]), "a.csv")
        archive.write(write_sheet(tmp_path / "b.csv", [], list(report_row())), "b.csv")
    assert "year.zip: b.csv: a heading without rows" in import_sheet(store, packed).notes


def test_an_unknown_mapping_and_a_nameless_source_are_refused(store: Store, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "reports.csv", [report_row()])
    with pytest.raises(UsageError, match=r"There is no mapping “nobody”.*council-asb"):
        import_sheet(store, sheet, mapping="nobody")
    with pytest.raises(UsageError, match="who sent the reports"):
        import_sheet(store, sheet, source="  ")
    with pytest.raises(RefusedInput, match="no mapping fits"):
        import_sheet(store, write_sheet(tmp_path / "odd.csv", [{"a": 1, "b": 2}]))


def test_a_viewer_may_not_import(store: Store, tmp_path: Path) -> None:
    from cs_geo.workflows.import_reports import ImportRequest, import_files
    from tests.sheets import LIMITS

    viewer = Actor("viewer", frozenset({Role.PARTNER_VIEWER}), Tier.PARTNER)
    sheet = write_sheet(tmp_path / "reports.csv", [report_row()])
    with pytest.raises(Refused):
        import_files(store, viewer, ImportRequest((sheet,), SOURCE), limits=LIMITS)


def test_a_sheet_of_rejected_rows_is_mended_and_imported(store: Store, database: Database, tmp_path: Path) -> None:
    rows = [report_row(note="good"), report_row(date="31/02/2024", note="=HYPERLINK(1)", easting="400013.5")]
    rejects = tmp_path / "rejects.csv"
    outcome = import_rows(store, tmp_path, rows, rejects_to=rejects)
    assert verdicts(outcome) == (1, 0, 0, 1)
    (rejected,) = outcome.rejects
    assert rejected.line == 3
    assert "date" in rejected.reasons[0]
    sheet = read_sheet(rejects)
    assert tuple(sheet[0])[:2] == REJECT_HEADS
    assert sheet[0]["note"] == "'=HYPERLINK(1)", "a formula must not run when the sheet is opened"
    assert sheet[0]["easting"] == "400013.5", "a number stays a number"
    sheet[0]["date"] = "28/02/2024"
    mended = import_sheet(store, write_sheet(tmp_path / "mended.csv", sheet))
    assert verdicts(mended) == (1, 0, 0, 0)
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports WHERE note = '=HYPERLINK(1)'") == 1


@pytest.mark.parametrize("key", ["01234567890", "AB12CDE", "07700 900123"])
def test_a_mended_row_updates_the_report_of_its_key_and_keeps_its_coordinates(
    store: Store, database: Database, tmp_path: Path, key: str
) -> None:
    degrees = {"easting": "", "northing": "", "longitude": "0.493124787", "latitude": "54.122123123"}
    import_rows(store, tmp_path, [report_row(reference=key, **degrees)])
    rejects = tmp_path / "rejects.csv"
    changed = report_row(reference=key, note="changed, ring 07700 900123", date="31/02/2024", **degrees)
    import_rows(store, tmp_path, [changed, report_row(note="good")], rejects_to=rejects)
    (row,) = read_sheet(rejects)
    assert row["note"] == "changed, ring [phone removed]"
    assert row["longitude"] == "0.493124787"
    row["date"] = "28/02/2024"
    assert verdicts(import_sheet(store, write_sheet(tmp_path / "mended.csv", [row]))) == (0, 1, 0, 0)
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports WHERE coordinates_given LIKE '0.493124787|%%'") == 1


def test_a_row_whose_key_was_taken_out_of_the_sheet_is_not_taken_for_another_report(
    store: Store, tmp_path: Path
) -> None:
    rows = [report_row(reference="[phone removed]"), report_row(reference="A1")]
    outcome = import_rows(store, tmp_path, rows)
    assert verdicts(outcome) == (1, 0, 0, 1)
    assert "Write the key again" in outcome.rejects[0].reasons[0]


def test_a_sheet_of_rejected_rows_of_several_files_has_the_columns_of_all(store: Store, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    short = write_sheet(tmp_path / "short.csv", [{"kind": "incident", "date": "x", "source_type": "resident"}])
    long = write_sheet(tmp_path / "long.csv", [report_row(date="y", note="not to be lost")])
    import_sheet(store, short, long, rejects_to=rejects)
    assert [row["note"] for row in read_sheet(rejects)] == ["", "not to be lost"]


def test_rejected_rows_are_gone_after_seven_days(store: Store, database: Database, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(), report_row(date="x")])
    expires = ask_one(database, "SELECT extract(epoch FROM expires_at - now()) / 86400 FROM cs_geo.import_rejects")
    assert -60 < expires - 7 < 60
    change(database, "UPDATE cs_geo.import_rejects SET expires_at = now() - interval '1 second'")
    import_rows(store, tmp_path, [report_row(note="another")])
    assert ask_one(database, "SELECT count(*) FROM cs_geo.import_rejects") == 0


def test_unseen_characters_in_any_cell_or_head_do_not_stop_an_import(store: Store, tmp_path: Path) -> None:
    bad = "a\x1fb\x1fc\ud7ff\u202e"
    rows = [
        report_row(note=bad, source=bad, reference=bad, location=bad, extra=bad),
        report_row(date=bad, note=bad, place=bad, longitude=bad, postcode=bad, kind="incident"),
    ]
    named = [{f"{head}\x1f" if head == "extra" else head: cell for head, cell in row.items()} for row in rows]
    outcome = import_rows(store, tmp_path, named, rejects_to=tmp_path / "rejects.csv")
    assert verdicts(outcome) == (1, 0, 0, 1)


# --- What makes two rows the same report --------------------------------------------------------------------------


def test_equal_keyless_rows_of_one_file_are_separate_reports(store: Store, tmp_path: Path) -> None:
    assert verdicts(import_rows(store, tmp_path, [report_row()] * 3)) == (3, 0, 0, 0)
    assert verdicts(import_rows(store, tmp_path, [report_row()] * 3)) == (0, 0, 3, 0)
    assert verdicts(import_rows(store, tmp_path, [report_row()] * 4)) == (1, 0, 3, 0)


def test_equal_keyless_rows_on_two_sheets_of_one_workbook_are_separate_reports(store: Store, tmp_path: Path) -> None:
    row, other = report_row(), report_row(note="another")
    book = write_book(tmp_path / "book.xlsx", {"May": [row, row], "June": [other, row]})
    assert verdicts(import_sheet(store, book)) == (4, 0, 0, 0)
    turned = write_book(tmp_path / "turned.xlsx", {"June": [row, other], "May": [row, row]})
    assert verdicts(import_sheet(store, turned)) == (0, 0, 4, 0)


def test_equal_rows_of_one_key_on_two_sheets_are_one_report(store: Store, tmp_path: Path) -> None:
    row = report_row(reference="A1")
    book = write_book(tmp_path / "book.xlsx", {"May": [row], "June": [row]})
    assert verdicts(import_sheet(store, book)) == (1, 0, 1, 0)


def test_equal_keyless_rows_in_two_files_of_an_archive_are_duplicates_as_outside_of_it(
    store: Store, tmp_path: Path
) -> None:
    packed = tmp_path / "year.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(write_sheet(tmp_path / "a.csv", [report_row()]), "a.csv")
        archive.write(write_sheet(tmp_path / "b.csv", [report_row(), report_row(note="another")]), "b.csv")
    assert verdicts(import_sheet(store, packed)) == (2, 0, 1, 0)


def test_equal_keyless_rows_of_another_file_are_duplicates(store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row()])
    outcome = import_rows(store, tmp_path, [report_row(), report_row(note="another")])
    assert verdicts(outcome) == (1, 0, 1, 0)
    assert verdicts(import_rows(store, tmp_path, [report_row()], source="Mill Lane School")) == (1, 0, 0, 0)


def test_rows_that_are_events_are_separate_in_every_file_but_the_same(store: Store, tmp_path: Path) -> None:
    from cs_geo.reports.columns import Profile
    from cs_geo.workflows.choose_mapping import save_mapping

    profile = Profile(
        "noise-log",
        columns={"date": ("Day",), "location": ("Where",)},
        fixed={"kind": "incident"},
        rows_are_events=True,
    )
    save_mapping(store, LOCAL_ACTOR, profile)
    row = {"Day": "14/04/2024", "Where": "High Street"}
    first = [row, row]
    second = [row, row | {"Where": "Mill Lane"}]
    assert verdicts(import_rows(store, tmp_path, first, mapping="noise-log")) == (2, 0, 0, 0)
    assert verdicts(import_rows(store, tmp_path, second, mapping="noise-log")) == (2, 0, 0, 0)
    assert verdicts(import_rows(store, tmp_path, second[::-1], mapping="noise-log")) == (0, 0, 2, 0)


def test_a_known_key_with_changed_content_updates_its_report(store: Store, database: Database, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(reference="A1", note="one"), report_row(reference="A2", note="two")])
    changed = [report_row(reference="A1", note="mended"), report_row(reference="A2", note="two")]
    assert verdicts(import_rows(store, tmp_path, changed)) == (0, 1, 1, 0)
    assert [row["note"] for row in ask(database, "SELECT note FROM cs_geo.reports ORDER BY note")] == ["mended", "two"]
    history = ask(database, "SELECT version, change, note FROM cs_geo.report_versions ORDER BY note, version")
    assert [(row["version"], row["change"], row["note"]) for row in history] == [
        (2, "updated", "mended"),
        (1, "created", "one"),
        (1, "created", "two"),
    ]


def test_an_older_file_sent_again_does_not_take_back_what_a_newer_one_changed(
    store: Store, database: Database, tmp_path: Path
) -> None:
    older, newer = [report_row(reference="A1", note="older")], [report_row(reference="A1", note="newer")]
    import_rows(store, tmp_path, older)
    import_rows(store, tmp_path, newer)
    assert verdicts(import_rows(store, tmp_path, older)) == (0, 0, 1, 0)
    assert ask_one(database, "SELECT note FROM cs_geo.reports") == "newer"


def test_a_key_of_two_stored_reports_is_rejected_for_a_person_and_can_be_mended(
    store: Store, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(reference="A1", note="one"), report_row(reference="A1", note="two")])
    rejects = tmp_path / "rejects.csv"
    ambiguous = [report_row(reference="A1", note="three"), report_row(reference="A9", note="nine")]
    outcome = import_rows(store, tmp_path, ambiguous, rejects_to=rejects)
    assert verdicts(outcome) == (1, 0, 0, 1)
    assert [(issue.code, issue.first_line) for issue in outcome.issues] == [("ambiguous_key", 2)]
    (row,) = read_sheet(rejects)
    assert row["note"] == "three"
    assert "Several stored records carry this key" in row["why rejected"]
    row["reference"] = "A3"
    assert verdicts(import_sheet(store, write_sheet(tmp_path / "mended.csv", [row]))) == (1, 0, 0, 0)


def test_a_rejected_row_stays_rejected_when_its_file_is_sent_again(store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(reference="A1", note="one"), report_row(reference="A1", note="two")])
    ambiguous = [report_row(reference="A1", note="three")]
    assert verdicts(import_rows(store, tmp_path, ambiguous)) == (0, 0, 0, 1)
    assert verdicts(import_rows(store, tmp_path, ambiguous)) == (0, 0, 0, 1)


def test_two_files_of_one_name_do_not_mix_up_their_rejected_rows(store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(reference="A1", note="one"), report_row(reference="A1", note="two")])
    for folder in ("east", "west"):
        (tmp_path / folder).mkdir()
    east = write_sheet(tmp_path / "east" / "may.csv", [report_row(reference="A8", note="good")])
    west = write_sheet(tmp_path / "west" / "may.csv", [report_row(reference="A1", note="three")])
    outcome = import_sheet(store, east, west)
    assert verdicts(outcome) == (1, 0, 0, 1)
    assert [reject.cells for reject in outcome.rejects if "good" in reject.cells] == []
    assert len(outcome.rejects) == 1


def test_a_colleague_s_edit_is_kept(store: Store, database: Database, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(reference="A1", note="one")])
    change(database, "UPDATE cs_geo.reports SET note = 'by hand', edited_by_person = true, version = 2")
    outcome = import_rows(store, tmp_path, [report_row(reference="A1", note="changed by the partner")])
    assert verdicts(outcome) == (0, 0, 1, 0)
    assert [issue.code for issue in outcome.issues] == ["edited_kept"]
    assert ask_one(database, "SELECT note FROM cs_geo.reports") == "by hand"


def test_a_pin_stays_while_the_partner_s_words_for_the_place_stay(
    store: Store, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(reference="A1", note="one")])
    change(database, "UPDATE cs_geo.reports SET geom = ST_Translate(geom, 50, 0)")
    import_rows(store, tmp_path, [report_row(reference="A1", note="two")])
    assert ask_one(database, "SELECT ST_X(geom) FROM cs_geo.reports") == EASTING + 50
    import_rows(store, tmp_path, [report_row(reference="A1", note="two", location="Mill Lane")])
    assert ask_one(database, "SELECT ST_X(geom) FROM cs_geo.reports") == EASTING


# --- Undo -----------------------------------------------------------------------------------------------------------


def test_undo_leaves_the_tables_as_they_were(store: Store, database: Database, tmp_path: Path) -> None:
    from cs_geo.workflows.undo_imports import undo_import

    import_rows(store, tmp_path, [report_row(reference="A1", note="one"), report_row(note="keyless")])
    before = table_hash(database)
    outcome = import_rows(
        store,
        tmp_path,
        [
            report_row(reference="A1", note="changed", easting=EASTING + 700, date="2024-03-02"),
            report_row(reference="A2"),
            report_row(note="keyless"),
        ],
    )
    assert verdicts(outcome) == (1, 1, 1, 0)
    assert table_hash(database) != before
    undone = undo_import(store, LOCAL_ACTOR, outcome.import_id)
    assert (undone.withdrawn, undone.restored, undone.kept) == (1, 1, ())
    # The version goes on: nothing that was recorded is overwritten.
    change(database, "UPDATE cs_geo.reports SET version = 1")
    assert table_hash(database) == before
    assert [one.state for one in list_imports(store, LOCAL_ACTOR)] == ["undone", "done"]


def test_undo_keeps_and_names_what_a_person_has_edited_since(store: Store, database: Database, tmp_path: Path) -> None:
    from cs_geo.workflows.place_reports import doubt_pin
    from cs_geo.workflows.undo_imports import undo_import

    outcome = import_rows(store, tmp_path, [report_row(reference=key, note=key) for key in ("A1", "A2", "A3")])
    edited = ask(database, "SELECT report_id, reference FROM cs_geo.reports WHERE note = 'A2'")[0]
    doubt_pin(store, LOCAL_ACTOR, edited["report_id"])
    later = import_rows(store, tmp_path, [report_row(reference="A3", note="newer")])
    undone = undo_import(store, LOCAL_ACTOR, outcome.import_id)
    updated = ask_one(database, "SELECT reference FROM cs_geo.reports WHERE note = 'newer'")
    assert undone.withdrawn == 1
    assert (set(undone.kept), undone.waiting) == ({edited["reference"], updated}, (updated,))
    assert undo_import(store, LOCAL_ACTOR, later.import_id).restored == 1
    assert {row["note"] for row in ask(database, "SELECT note FROM cs_geo.reports")} == {"A2", "A3"}
    # What only waited for the later import can go now; what somebody has changed stays.
    again = undo_import(store, LOCAL_ACTOR, outcome.import_id)
    assert (again.withdrawn, again.kept, again.waiting) == (1, (edited["reference"],), ())
    assert [one.state for one in list_imports(store, LOCAL_ACTOR)] == ["undone", "undone"]


def test_imports_of_one_report_are_undone_newest_first_whatever_order_is_asked(
    store: Store, database: Database, tmp_path: Path
) -> None:
    from cs_geo.workflows.undo_imports import kept_in_words, undo_import

    def note() -> str:
        return str(ask_one(database, "SELECT note FROM cs_geo.reports"))

    one, two, three = (
        import_rows(store, tmp_path, [report_row(reference="A1", note=note)]).import_id for note in ("v1", "v2", "v3")
    )
    for early in (two, one):
        undone = undo_import(store, LOCAL_ACTOR, early)
        assert (undone.withdrawn, undone.restored, len(undone.waiting), note()) == (0, 0, 1, "v3")
        assert "Undo the later import first" in kept_in_words(undone)
        assert SOURCE in kept_in_words(undone)
    assert {record.state for record in list_imports(store, LOCAL_ACTOR)} == {"done"}
    assert (undo_import(store, LOCAL_ACTOR, three).restored, note()) == (1, "v2")
    assert (undo_import(store, LOCAL_ACTOR, two).restored, note()) == (1, "v1")
    assert undo_import(store, LOCAL_ACTOR, one).withdrawn == 1
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports") == 0
    assert {record.state for record in list_imports(store, LOCAL_ACTOR)} == {"undone"}


def test_an_undone_change_does_not_stand_in_the_way_of_what_comes_after_it(
    store: Store, database: Database, tmp_path: Path
) -> None:
    from cs_geo.workflows.undo_imports import undo_import

    one, two = (
        import_rows(store, tmp_path, [report_row(reference="A1", note=note)]).import_id for note in ("v1", "v2")
    )
    undo_import(store, LOCAL_ACTOR, two)
    three = import_rows(store, tmp_path, [report_row(reference="A1", note="v3")]).import_id
    assert len(undo_import(store, LOCAL_ACTOR, one).waiting) == 1
    assert undo_import(store, LOCAL_ACTOR, three).restored == 1
    assert ask_one(database, "SELECT note FROM cs_geo.reports") == "v1"
    assert undo_import(store, LOCAL_ACTOR, one).withdrawn == 1


def test_a_change_by_a_person_stays_also_where_a_later_import_stands_on_it(
    store: Store, database: Database, tmp_path: Path
) -> None:
    from cs_geo.workflows.place_reports import doubt_pin
    from cs_geo.workflows.undo_imports import undo_import

    first = import_rows(store, tmp_path, [report_row(reference="A1", note="v1")])
    doubt_pin(store, LOCAL_ACTOR, ask_one(database, "SELECT report_id FROM cs_geo.reports"))
    import_rows(store, tmp_path, [report_row(reference="A1", note="v2")])
    undone = undo_import(store, LOCAL_ACTOR, first.import_id)
    assert (len(undone.kept), undone.waiting) == (1, ())
    assert list_imports(store, LOCAL_ACTOR)[-1].state == "undone"


def test_undo_withdraws_what_one_import_both_made_and_changed(store: Store, database: Database, tmp_path: Path) -> None:
    from cs_geo.workflows.undo_imports import undo_import

    first = write_sheet(tmp_path / "first.csv", [report_row(reference="A1", note="one")])
    second = write_sheet(tmp_path / "second.csv", [report_row(reference="A1", note="two")])
    outcome = import_sheet(store, first, second)
    assert verdicts(outcome) == (1, 1, 0, 0)
    assert undo_import(store, LOCAL_ACTOR, outcome.import_id).withdrawn == 1
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports") == 0
    assert ask_one(database, "SELECT count(*) FROM cs_geo.report_cells") == 0


def test_an_import_can_be_undone_only_once(store: Store, database: Database, tmp_path: Path) -> None:
    from uuid import uuid4

    from cs_geo.workflows.undo_imports import undo_import

    outcome = import_rows(store, tmp_path, [report_row()])
    undo_import(store, LOCAL_ACTOR, outcome.import_id)
    with pytest.raises(RefusedInput, match="undone already"):
        undo_import(store, LOCAL_ACTOR, outcome.import_id)
    with pytest.raises(RefusedInput, match="no import"):
        undo_import(store, LOCAL_ACTOR, uuid4())
    assert ask_one(database, "SELECT count(*) FROM cs_geo.report_versions WHERE change = 'withdrawn'") == 1


def test_what_was_undone_can_be_imported_again(store: Store, tmp_path: Path) -> None:
    from cs_geo.workflows.undo_imports import undo_import

    rows = [report_row(), report_row(), report_row(reference="A1")]
    first = import_rows(store, tmp_path, rows)
    undo_import(store, LOCAL_ACTOR, first.import_id)
    assert verdicts(import_rows(store, tmp_path, rows)) == (3, 0, 0, 0)
    assert verdicts(import_rows(store, tmp_path, rows)) == (0, 0, 3, 0)
