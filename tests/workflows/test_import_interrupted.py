"""An import is all or nothing, wherever it stops."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cs_geo.store.opening import Store
from cs_geo.workflows.progress import Cancelled
from tests.conftest import Database
from tests.sheets import ask_one, import_rows, import_sheet, report_row, table_hash, verdicts, write_sheet

TABLES = (
    "reports", "report_versions", "report_cells", "imports", "import_files", "import_issues", "import_rejects",
    "sources",
)  # fmt: skip
KILLS = 3
IMPORT = """
import sys
from tests.sheets import *
from cs_geo.store.opening import Store, make_engine
print("begun", flush=True)
import_sheet(Store(make_engine(sys.argv[1])), Path(sys.argv[2]))
print("done", flush=True)
"""


@pytest.mark.parametrize("stop_at", [0, 1, 2])
def test_an_import_that_is_stopped_on_its_way_leaves_nothing(
    store: Store, database: Database, tmp_path: Path, stop_at: int
) -> None:
    import_rows(store, tmp_path, [report_row(reference="A1", note="one")])
    before = table_hash(database, TABLES)
    said: list[str] = []

    def stop(doing: str, done: int, total: int | None) -> None:
        if len(said) == stop_at:
            raise Cancelled("Stopped.")
        said.append(doing)

    rows = [report_row(reference="A1", note="two"), report_row(reference="A2"), report_row(date="x")]
    with pytest.raises(Cancelled):
        import_rows(store, tmp_path, rows, progress=stop)
    assert len(said) == stop_at
    assert table_hash(database, TABLES) == before
    assert verdicts(import_rows(store, tmp_path, rows)) == (1, 1, 0, 1)


def test_a_second_file_that_cannot_be_read_takes_the_first_with_it(
    store: Store, database: Database, tmp_path: Path
) -> None:
    from cs_geo.errors import RefusedInput

    before = table_hash(database, TABLES)
    good = write_sheet(tmp_path / "good.csv", [report_row()])
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"MZ\x90\x00" + bytes(range(256)) * 40)
    with pytest.raises(RefusedInput):
        import_sheet(store, good, bad)
    assert table_hash(database, TABLES) == before


def test_an_import_that_is_killed_leaves_all_or_nothing(store: Store, database: Database, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "reports.csv", [report_row(note=f"note {number}") for number in range(6_000)])
    for _ in range(KILLS):
        count = ask_one(database, "SELECT count(*) FROM cs_geo.reports")
        process = subprocess.Popen(
            [sys.executable, "-c", IMPORT, database.app_url, str(sheet)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(random.uniform(0.1, 2.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        _wait_until_alone(database)
        stored = ask_one(database, "SELECT count(*) FROM cs_geo.reports")
        assert stored in {count, 6_000}
        assert ask_one(database, "SELECT count(*) FROM cs_geo.report_versions") == stored
        assert ask_one(database, "SELECT coalesce(sum(created_n), 0) FROM cs_geo.imports") == stored
    outcome = import_sheet(store, sheet)
    assert outcome.created in {0, 6_000}
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports") == 6_000


def _wait_until_alone(database: Database) -> None:
    """Until the database has noticed that the killed process is gone."""
    for _ in range(200):
        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = 'cs_geo_app' AND state <> 'idle'"
        )
        if ask_one(database, others, database.name) == 0:
            return
        time.sleep(0.1)
    raise AssertionError("A killed import still holds the database after 20 seconds.")
