"""Exporting on the page: what travels inside is said first, and the file is handed over once."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cs_geo.access.actor import LOCAL_ACTOR, Role
from cs_geo.access.permissions import Refused
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.jobs.worker import run_worker
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.workflows.download_files import redeem
from cs_geo.workflows.export_files import ReadyExport, export_to_file, hand_over
from cs_geo.workflows.run_jobs import read_job, start_job
from cs_geo.workflows.tabulate_for_public import takes_long
from tests.boroughs import load_areas, spread
from tests.sheets import EASTING, import_rows, report_row
from tests.ui.conftest import OpenPage, press, shown, words

TODAY = date(2026, 11, 23)


def open_tier(open_page: OpenPage, tier: str) -> AppTest:
    app = open_page("export")
    return shown(app.radio(key="export_tier").set_value(tier).run())


def test_a_partners_export_says_what_is_left_out_before_it_asks_whom_it_is_for(
    open_page: OpenPage, store: Store, tmp_path: Path
) -> None:
    load_areas(store)
    import_rows(store, tmp_path, [*spread(9, EASTING), report_row(harm_types="sexual_exploitation")])
    app = open_tier(open_page, "partner")
    assert "9 of 10 reports are counted in 1 cell." in words(app)
    assert "1 report not in any cell: of a harm that is told by district only." in words(app)
    press(app, "Export")
    assert "Say what the export is for." in app.error[0].value
    app.text_input(key="release_purpose").set_value("Lighting plan")
    press(app, "Export")
    assert "Say whom the export is for." in app.error[0].value
    app.text_input(key="release_recipient").set_value("Parks team")
    press(app, "Export")
    assert "partner-" in words(app)
    assert "1 cells" in words(app)
    press(app, "Get the file")
    assert [link for link in app.link_button if link.url.startswith("/downloads/")]


def test_a_filter_that_cannot_be_checked_is_refused_in_words(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    load_areas(store)
    import_rows(store, tmp_path, spread(9, EASTING))
    app = open_tier(open_page, "partner")
    shown(app.multiselect(key="filter_harms").set_value(["damage"]).run())
    assert "Leave out the filter by harm." in app.error[0].value
    assert "Export" not in [button.label for button in app.button]


def test_tables_for_the_public_say_what_will_be_suppressed(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    load_areas(store)
    import_rows(store, tmp_path, [*spread(23, EASTING), *spread(3, EASTING + 300)])
    app = open_tier(open_page, "public")
    app.selectbox(key="release_from").set_value(date(2024, 4, 1)).run()
    app.selectbox(key="release_to").set_value(date(2024, 4, 1)).run()
    assert "will be suppressed because they are from 1 to 5" in words(shown(app))
    app.text_input(key="release_purpose").set_value("Yearly figures")
    press(app, "Export")
    assert "public-" in words(app)


def test_many_tables_for_the_public_are_checked_by_a_worker_first(
    open_page: OpenPage, store: Store, tmp_path: Path
) -> None:
    load_areas(store)
    import_rows(store, tmp_path, spread(23, EASTING))
    app = open_tier(open_page, "public")
    shown(app.selectbox(key="release_from").set_value(date(2024, 4, 1)).run())
    if "Check what may be given" not in [button.label for button in app.button]:
        shown(app.selectbox(key="release_level").set_value("lsoa").run())
    assert "Export" not in [button.label for button in app.button]
    press(app, "Check what may be given")
    run_worker(store, wait=False)
    shown(app.run())
    assert "reports are counted" in words(app)
    app.text_input(key="release_purpose").set_value("Yearly figures")
    press(app, "Export")
    run_worker(store, wait=False)
    assert "public-" in words(shown(app.run()))


def test_an_analyst_is_told_who_may_export_for_the_public(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row()])
    analyst = LOCAL_ACTOR.acting_as({Role.ANALYST})
    with pytest.raises(Refused, match="data steward"):
        takes_long(store, analyst, "ward", 1)


def test_an_export_needs_a_purpose(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row()])
    app = press(open_page("export"), "Export")
    assert "Say what the export is for." in app.error[0].value


def test_an_export_is_written_and_handed_over_by_a_link(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(), report_row(kind="concern")])
    app = open_page("export")
    assert "1 incident · 1 concern" in words(app)
    app.text_input(key="export_purpose").set_value("Map for the panel")
    press(app, "Export")
    assert "2 reports" in words(app)
    press(app, "Get the file")
    (link,) = [link for link in app.link_button if link.url.startswith("/downloads/")]
    handed = redeem(link.url.removeprefix("/downloads/"), ("local", "local"), store=store)
    assert handed is not None
    assert b"".join(handed.body).startswith(b"SQLite format 3")
    assert redeem(link.url.removeprefix("/downloads/"), ("local", "local"), store=store) is None
    assert not app.download_button


def test_without_anything_stored_the_page_says_what_comes_first(open_page: OpenPage) -> None:
    app = open_page("export")
    assert "There is nothing to export yet." in words(app)
    assert "Export" not in [button.label for button in app.button]


def test_that_no_hotspot_would_be_in_the_file_is_said_beforehand_and_they_can_be_found(
    open_page: OpenPage, store: Store, tmp_path: Path
) -> None:
    near = [report_row(easting=EASTING + 9 * step, note=str(step)) for step in range(12)]
    import_rows(store, tmp_path, near)
    app = open_page("export")
    assert "The file would hold no hotspots." in words(app)
    press(app, "Find hotspots")
    assert "The file would hold no hotspots." not in words(app)
    assert "**1 hotspot**" in words(app)


def test_several_files_travel_in_one_zip(store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row()])
    ready = _export(store, ".csv")
    assert ready.media_type == "application/zip"
    with zipfile.ZipFile(ready.path) as archive:
        assert {"locations-2026-11-23.csv", "locations-2026-11-23-caveats.csv"} <= set(archive.namelist())
    assert [path.name for path in Path(ready.path).parent.iterdir()] == [ready.file_name]
    assert Path(ready.path).stat().st_mode & 0o077 == 0


def test_a_file_that_was_fetched_is_not_offered_again(store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row()])
    ready = _export(store, ".gpkg")
    handed = redeem(hand_over(store, LOCAL_ACTOR, ready), ("local", "local"), store=store)
    assert handed is not None
    assert b"".join(handed.body)
    with pytest.raises(RefusedInput, match="export it again"):
        hand_over(store, LOCAL_ACTOR, ready)


def test_a_worker_writes_a_large_export(store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row()])
    arguments = {"ending": ".geojson", "selection": {}, "purpose": "test", "today": "2026-11-23"}
    job_id = start_job(store, LOCAL_ACTOR, "export", arguments)
    run_worker(store, wait=False)
    job = read_job(store, LOCAL_ACTOR, job_id)
    assert job is not None
    assert job.state == "done", job.message
    assert Path(ReadyExport(**(job.result or {})).path).is_file()


def test_an_unknown_format_is_refused(store: Store) -> None:
    with pytest.raises(UsageError):
        _export(store, ".docx")


def _export(store: Store, ending: str) -> ReadyExport:
    return export_to_file(store, LOCAL_ACTOR, ending=ending, selection=Selection(), purpose="test", today=TODAY)
