"""What a worker does for each kind of job, and what it leaves when it is refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.jobs.work import WORKS
from cs_geo.jobs.worker import run_worker
from cs_geo.settings import get_settings
from cs_geo.store.jobs import Job
from cs_geo.store.opening import Store
from cs_geo.workflows.private_files import drop_uploads, keep_upload, upload_path
from cs_geo.workflows.run_jobs import list_jobs, start_job
from cs_geo.workflows.undo_imports import list_imports
from tests.conftest import Database
from tests.sheets import SOURCE, import_rows, open_test_store, report_row, write_sheet


@pytest.fixture
def store(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("CS_GEO_HOME", str(tmp_path / "home"))
    get_settings.cache_clear()
    opened = open_test_store(database)
    yield opened
    opened.close()
    get_settings.cache_clear()


def test_a_check_keeps_the_upload_and_an_import_deletes_it(store: Store, tmp_path: Path) -> None:
    upload = keep_upload(write_sheet(tmp_path / "reports.csv", [report_row()]).read_bytes())
    arguments = {"files": [upload.name], "names": ["reports.csv"], "source": SOURCE}
    checked = _do(store, "import", {**arguments, "dry_run": True})
    assert (checked.state, (checked.result or {})["created"]) == ("done", 1)
    assert upload.exists()
    assert list_imports(store, LOCAL_ACTOR) == []
    assert _do(store, "import", arguments).state == "done"
    assert not upload.exists()
    assert list_imports(store, LOCAL_ACTOR)[0].files == ("reports.csv",)


def test_a_refused_import_says_why_and_leaves_no_upload(store: Store) -> None:
    upload = keep_upload(b"\x7fELF\x02\x01\x01" + bytes(100))
    job = _do(store, "import", {"files": [upload.name], "names": ["reports.csv"], "source": SOURCE})
    assert job.state == "refused"
    assert "reports.csv" in job.message
    assert not upload.exists()


@pytest.mark.parametrize("name", ["../../../etc/passwd", "gone", "/etc/passwd"])
def test_a_job_reads_only_what_was_uploaded(store: Store, name: str) -> None:
    job = _do(store, "import", {"files": [name], "names": ["reports.csv"], "source": SOURCE})
    assert job.state == "refused"
    assert "upload it again" in job.message


def test_hotspots_and_the_geocoder_run_as_jobs(store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(location="Nowhere", easting="", northing="")])
    found = _do(store, "find_hotspots", {"selection": {"kinds": ["incident"]}, "min_reports": 5})
    assert [run["kind"] for run in (found.result or {})["runs"]] == ["incident"]
    assert _do(store, "geocode_again", {}).result == {"placed": 0}


def test_what_a_job_leaves_can_be_kept_as_json_without_what_partners_wrote(store: Store, tmp_path: Path) -> None:
    upload = keep_upload(write_sheet(tmp_path / "r.csv", [report_row(kind="riot", note="swings")]).read_bytes())
    job = _do(store, "import", {"files": [upload.name], "names": ["r.csv"], "source": SOURCE, "dry_run": True})
    assert "swings" not in json.dumps(job.result)
    drop_uploads([upload])
    assert not upload.exists()


def test_an_upload_is_for_this_user_alone(store: Store) -> None:
    upload = keep_upload(b"x")
    assert upload.stat().st_mode & 0o777 == 0o600
    assert upload.parent.stat().st_mode & 0o777 == 0o700
    assert upload_path(upload.name) == upload


def _do(store: Store, kind: str, arguments: dict[str, object]) -> Job:
    assert kind in WORKS
    start_job(store, LOCAL_ACTOR, kind, arguments)
    run_worker(store, wait=False)
    return list_jobs(store, LOCAL_ACTOR, [kind], 1)[0]
