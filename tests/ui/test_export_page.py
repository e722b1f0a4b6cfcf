"""Exporting on the page: what travels inside is said first, and the file is handed over once."""

import zipfile
from datetime import date
from pathlib import Path

import pytest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.errors import NotAvailable, RefusedInput, UsageError
from cs_geo.jobs.worker import run_worker
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.workflows.download_files import redeem
from cs_geo.workflows.export_files import ReadyExport, export_to_file, hand_over
from cs_geo.workflows.run_jobs import read_job, start_job
from tests.sheets import EASTING, import_rows, report_row
from tests.ui.conftest import OpenPage, press, shown, words

TODAY = date(2026, 11, 23)


def test_a_tier_that_has_no_rules_yet_says_why(open_page: OpenPage) -> None:
    app = open_page("export")
    shown(app.radio(key="export_tier").set_value("partner").run())
    assert "not available yet" in words(app)
    assert "Export" not in [button.label for button in app.button]


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
    handed = redeem(link.url.removeprefix("/downloads/"), store=store)
    assert handed is not None
    assert b"".join(handed.body).startswith(b"SQLite format 3")
    assert redeem(link.url.removeprefix("/downloads/"), store=store) is None
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
    handed = redeem(hand_over(store, LOCAL_ACTOR, ready), store=store)
    assert handed is not None
    assert b"".join(handed.body)
    with pytest.raises(RefusedInput, match="export it again"):
        hand_over(store, LOCAL_ACTOR, ready)


def test_a_worker_writes_a_large_export(store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row()])
    arguments = {"ending": ".geojson", "tier": "internal", "selection": {}, "purpose": "test", "today": "2026-11-23"}
    job_id = start_job(store, LOCAL_ACTOR, "export", arguments)
    run_worker(store, wait=False)
    job = read_job(store, LOCAL_ACTOR, job_id)
    assert job is not None
    assert job.state == "done", job.message
    assert Path(ReadyExport(**(job.result or {})).path).is_file()


def test_partners_and_the_public_get_nothing_yet(store: Store) -> None:
    with pytest.raises(NotAvailable):
        _export(store, ".gpkg", tier="public")
    with pytest.raises(UsageError):
        _export(store, ".docx")


def _export(store: Store, ending: str, tier: str = "internal") -> ReadyExport:
    return export_to_file(
        store, LOCAL_ACTOR, ending=ending, selection=Selection(), purpose="test", today=TODAY, tier=tier
    )
