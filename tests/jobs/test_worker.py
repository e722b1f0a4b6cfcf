"""The worker process: takes what is asked for, goes on after a failure, and takes up what was left when it stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.jobs.work import WORKS
from cs_geo.jobs.worker import run_worker
from cs_geo.store import jobs
from cs_geo.store.opening import Store
from cs_geo.store.queue import QUEUE
from cs_geo.workflows.run_jobs import read_job, start_job
from tests.conftest import Database, plain
from tests.sheets import ask, ask_one

WORKER = """
import sys
from cs_geo.jobs.worker import run_worker
from cs_geo.store.opening import Store, make_engine
run_worker(Store(make_engine(sys.argv[1])), works={"say": lambda store, actor, arguments, progress: arguments})
"""


def say(*given: Any) -> Mapping[str, Any]:
    return {"said": given[2]["word"]}


def test_a_worker_does_what_was_asked_for_while_nobody_listened(store: Store, database: Database) -> None:
    asked = [start_job(store, LOCAL_ACTOR, "say", {"word": str(number)}) for number in range(3)]
    run_worker(store, works={"say": say}, wait=False)
    done = [read_job(store, LOCAL_ACTOR, job_id) for job_id in asked]
    assert [job.result for job in done if job] == [{"said": str(number)} for number in range(3)]
    started = ask(database, "SELECT job_id FROM cs_geo.jobs ORDER BY started_at")
    assert [row["job_id"] for row in started] == asked
    assert ask_one(database, "SELECT count(*) FROM cs_geo.procrastinate_jobs") == 0


def test_a_job_whose_word_to_the_queue_was_lost_is_done_nevertheless(store: Store) -> None:
    with store.begin(LOCAL_ACTOR) as connection:
        job_id = jobs.add_job(
            connection, "say", {"word": "lost"}, {"person": "local", "roles": [], "tier": "internal", "agency": ""}
        )
    run_worker(store, works={"say": say}, wait=False)
    job = read_job(store, LOCAL_ACTOR, job_id)
    assert job is not None
    assert job.result == {"said": "lost"}


def test_a_failed_job_does_not_take_the_next_one_with_it(store: Store) -> None:
    def fail(*_: Any) -> Mapping[str, Any]:
        raise ValueError("a fault")

    first = start_job(store, LOCAL_ACTOR, "fail", {})
    second = start_job(store, LOCAL_ACTOR, "say", {"word": "on"})
    run_worker(store, works={"say": say, "fail": fail}, wait=False)
    states = [job.state for job_id in (first, second) if (job := read_job(store, LOCAL_ACTOR, job_id))]
    assert states == ["failed", "done"]


def test_a_listening_worker_hears_of_jobs_and_of_nothing_else_and_stops_when_told(
    store: Store, database: Database
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, database.app_url],
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        assert _done(store, "hello") == ("done", {"word": "hello"})
        # Anybody in the database may send a notification, a login that may only read too: none of these ends it.
        with psycopg.connect(plain(database.app_url), autocommit=True) as connection:
            for said in ("", "no JSON", "[1]", "{}", '{"type": "job_inserted"}', '{"type": "abort_job_requested"}',
                         "[" * 7_000):  # fmt: skip
                for channel in ("procrastinate_any_queue_v1", f"procrastinate_queue_v1#{QUEUE}"):
                    connection.execute("SELECT pg_notify(%s, %s)", [channel, said])
        time.sleep(0.5)
        assert process.poll() is None
        assert _done(store, "again") == ("done", {"word": "again"})
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def _done(store: Store, word: str) -> tuple[str, Any]:
    job_id = start_job(store, LOCAL_ACTOR, "say", {"word": word})
    for _ in range(300):
        job = read_job(store, LOCAL_ACTOR, job_id)
        assert job is not None
        if job.is_over:
            break
        time.sleep(0.1)
    return job.state, job.result


def test_every_kind_of_work_the_pages_ask_for_is_there() -> None:
    assert set(WORKS) == {
        "import",
        "find_hotspots",
        "defend_hotspots",
        "raise_alarms",
        "export",
        "release",
        "preview_release",
        "geocode_again",
    }
