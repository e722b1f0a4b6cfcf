"""Importing on the page: mapped, checked without keeping anything, kept, and taken back."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.jobs.worker import run_worker
from cs_geo.settings import get_settings, home_folder
from cs_geo.store.imports import find_or_add_source
from cs_geo.store.opening import Store, shared_store
from cs_geo.ui.widgets.source_field import NEW
from cs_geo.workflows.choose_mapping import list_profiles
from cs_geo.workflows.run_jobs import list_jobs
from cs_geo.workflows.undo_imports import list_imports, undo_import
from tests.sheets import report_row
from tests.ui.conftest import OpenPage, press, sheet, shown, words

SOURCE = "Harbour Street School"


def test_an_empty_page_says_what_to_do_first(open_page: OpenPage) -> None:
    app = open_page("import_reports")
    assert "Every row is checked first" in words(app)
    assert not app.error


def test_a_recognised_file_is_checked_kept_and_undone(open_page: OpenPage, store: Store) -> None:
    app = _upload(open_page, sheet([report_row(), report_row(kind="riot"), report_row(date="2024-05-01")]))
    press(app, "Check")
    assert "3 rows read: 2 would be new, 0 would be changed, 0 here already, 1 rejected." in words(app)
    assert list_imports(store, LOCAL_ACTOR) == []
    press(app, "Import")
    assert f"Imported from {SOURCE}" in words(app)
    assert "3 rows read: 2 new, 0 changed, 0 here already, 1 rejected." in words(app)
    kept = list_imports(store, LOCAL_ACTOR)[0]
    assert (kept.source, kept.created, kept.rejected) == (SOURCE, 2, 1)
    press(app, "Undo this import")
    press(app, "Undo the import")
    assert list_imports(store, LOCAL_ACTOR)[0].state == "undone"


def test_a_receipt_goes_when_its_import_is_undone_elsewhere(open_page: OpenPage, store: Store) -> None:
    app = press(press(_upload(open_page, sheet([report_row()])), "Check"), "Import")
    assert f"Imported from {SOURCE}" in words(app)
    undo_import(store, LOCAL_ACTOR, list_imports(store, LOCAL_ACTOR)[0].import_id)
    shown(app.run())
    assert f"Imported from {SOURCE}" not in words(app)


def test_a_mistyped_source_is_asked_about_before_it_becomes_a_new_one(open_page: OpenPage) -> None:
    app = _upload(open_page, sheet([report_row()]))
    app.selectbox[0].set_value(NEW)
    shown(app.run())
    shown(app.text_input[0].set_value("Harbor Street Scool").run())
    assert f"Did you mean **{SOURCE}**?" in words(app)
    assert "Check" not in [button.label for button in app.button]
    press(app, f"Use {SOURCE}")
    assert app.selectbox[0].value == SOURCE
    assert "Check" in [button.label for button in app.button]


def test_a_new_source_that_only_looks_alike_is_taken_when_the_person_says_so(open_page: OpenPage) -> None:
    app = _upload(open_page, sheet([report_row()]))
    app.selectbox[0].set_value(NEW)
    shown(app.run())
    shown(app.text_input[0].set_value("Harbour Square School").run())
    press(app, "No, Harbour Square School is somebody new")
    press(app, "Check")
    assert "1 row read: 1 would be new" in words(app)


def test_the_rejected_rows_come_by_a_link_and_never_by_a_download_button(open_page: OpenPage) -> None:
    app = _upload(open_page, sheet([report_row(), report_row(kind="riot")]))
    press(press(app, "Check"), "Import")
    press(app, "Get the rejected rows")
    assert [link.url for link in app.link_button if link.url.startswith("/downloads/")]
    assert not app.download_button


def test_a_guessed_mapping_is_saved_before_anything_is_checked(open_page: OpenPage, store: Store) -> None:
    rows = [{"When was it": "14/04/2024", "Street": "High Street", "Remarks": "Broken glass by the swings"}]
    app = _upload(open_page, sheet(rows))
    assert "Check" not in [button.label for button in app.button]
    press(app, "Save this mapping")
    assert "harbour-street-school" in list_profiles(store, LOCAL_ACTOR)
    press(press(app, "Check"), "Import")
    assert list_imports(store, LOCAL_ACTOR)[0].created == 1


def test_a_file_that_is_no_table_is_refused_in_words(open_page: OpenPage) -> None:
    app = _upload(open_page, b"\x7fELF\x02\x01\x01" + bytes(200))
    assert app.error
    assert "report.csv" in app.error[0].value


def test_an_upload_never_stays_on_the_disk(open_page: OpenPage) -> None:
    app = _upload(open_page, sheet([report_row()]))
    press(press(app, "Check"), "Import")
    assert list((home_folder(get_settings()) / "uploads").iterdir()) == []


def test_a_large_file_is_a_job_that_a_worker_does(open_page: OpenPage, store: Store) -> None:
    rows = [report_row(note=f"Noise at the shelter, evening {number}" + " and again" * 40) for number in range(6000)]
    app = _upload(open_page, sheet(rows))
    press(app, "Check")
    job = list_jobs(store, LOCAL_ACTOR, ["import"])[0]
    waiting = home_folder(get_settings()) / "uploads" / job.arguments["files"][0]
    assert _mode(waiting) == 0o600
    assert "Check of report.csv" in words(app)
    run_worker(store, wait=False)
    app = open_page("import_reports")
    assert "6,000 rows read: 6,000 would be new" in words(app)
    assert list_imports(store, LOCAL_ACTOR) == []
    press(app, "Import")
    run_worker(store, wait=False)
    assert list_imports(store, LOCAL_ACTOR)[0].created == 6000
    assert not waiting.exists()
    app = open_page("import_reports")
    assert "6,000 rows read: 6,000 new" in words(app)
    assert "Check of report.csv" not in words(app)
    undo_import(store, LOCAL_ACTOR, list_imports(store, LOCAL_ACTOR)[0].import_id)
    app = open_page("import_reports")
    assert "This import was undone." in words(app)
    assert "Undo this import" not in [button.label for button in app.button]
    press(app, "Put away")
    assert "Import of report.csv" not in words(app)


def _upload(open_page: OpenPage, content: bytes) -> AppTest:
    # AppTest cannot write a new name into a list, so the source is known already.
    with shared_store().begin(LOCAL_ACTOR) as connection:
        find_or_add_source(connection, SOURCE)
    app = open_page("import_reports")
    app.file_uploader[0].set_value([("report.csv", content, "text/csv")])
    app.selectbox[0].set_value(SOURCE)
    return shown(app.run())


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_rejected_rows_are_shown_without_the_people_in_them(open_page: OpenPage) -> None:
    rows = [report_row(kind="riot", note="Ring 07700 900123") | {"Pupil name": "Anon"}]
    app = press(_upload(open_page, sheet(rows)), "Check")
    (table,) = [one.value for one in app.dataframe if "Why" in one.value]
    assert "Pupil name" not in table
    assert "07700 900123" not in table.to_csv()


def test_a_mapping_that_was_saved_here_is_corrected_under_its_own_name(open_page: OpenPage, store: Store) -> None:
    app = _upload(open_page, sheet([{"When": "14/04/2024", "Street": "High Street", "Kind of trouble": "damage"}]))
    press(app, "Save this mapping")
    assert "kind" in list_profiles(store, LOCAL_ACTOR)["harbour-street-school"].columns
    shown(app.toggle[0].set_value(True).run())
    next(one for one in app.multiselect if one.label == "Kind").set_value([])
    next(one for one in app.multiselect if one.label == "Harm types").set_value(["Kind of trouble"])
    press(shown(app.run()), "Save this mapping")
    saved = list_profiles(store, LOCAL_ACTOR)["harbour-street-school"]
    assert saved.columns["harm_types"] == ("Kind of trouble",)
    assert saved.fixed == {"kind": "incident"}
    assert "1 would be new" in words(press(app, "Check"))
