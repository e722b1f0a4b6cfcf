"""Long work: it runs, says how far it is, stops when asked, and ends in words whatever happens."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest

from cs_geo.access.actor import LOCAL_ACTOR, Actor
from cs_geo.errors import RefusedInput
from cs_geo.store.opening import Store
from cs_geo.workflows.progress import Progress
from cs_geo.workflows.run_jobs import Work, cancel_job, do_job, list_jobs, read_job, start_job, waiting_jobs
from tests.conftest import Database
from tests.sheets import ask, change


def job_of(store: Store, work: Work) -> UUID:
    job_id = start_job(store, LOCAL_ACTOR, "count", {"to": 3})
    do_job(store, job_id, {"count": work})
    return job_id


def test_a_job_runs_in_the_name_of_whoever_asked_and_keeps_its_result(store: Store) -> None:
    seen: list[tuple[Actor, Mapping[str, Any], str, int, int | None]] = []

    def count(at: Store, actor: Actor, arguments: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        for number in range(arguments["to"]):
            progress("Counting", number, 3)
            running = read_job(at, actor, job_id)
            assert running is not None
            assert running.state == "running"
            seen.append((actor, arguments, running.doing, running.done_n, running.total_n))
        return {"counted": 3}

    job_id = start_job(store, LOCAL_ACTOR, "count", {"to": 3})
    waiting = read_job(store, LOCAL_ACTOR, job_id)
    assert waiting is not None
    assert (waiting.state, waiting.is_over) == ("waiting", False)
    do_job(store, job_id, {"count": count})
    assert seen == [(LOCAL_ACTOR, {"to": 3}, "Counting", number, 3) for number in range(3)]
    done = read_job(store, LOCAL_ACTOR, job_id)
    assert done is not None
    assert (done.state, done.result, done.is_over) == ("done", {"counted": 3}, True)
    assert [job.job_id for job in list_jobs(store, LOCAL_ACTOR, ["count"])] == [job_id]
    assert list_jobs(store, LOCAL_ACTOR, ["other"]) == []


def test_a_job_is_done_once_however_often_it_is_taken(store: Store) -> None:
    taken: list[int] = []

    def work(*_: Any) -> Mapping[str, Any]:
        taken.append(1)
        return {}

    job_id = job_of(store, work)
    do_job(store, job_id, {"count": work})
    do_job(store, uuid4(), {"count": work})
    assert taken == [1]


def test_a_running_job_stops_when_it_is_cancelled(store: Store) -> None:
    def work(at: Store, actor: Actor, arguments: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        progress("Working", 1, 2)
        cancel_job(at, actor, job_id)
        progress("Working", 2, 2)
        raise AssertionError("It went on.")

    job_id = start_job(store, LOCAL_ACTOR, "count", {})
    do_job(store, job_id, {"count": work})
    job = read_job(store, LOCAL_ACTOR, job_id)
    assert job is not None
    assert (job.state, job.message) == ("cancelled", "Stopped as asked. Nothing was changed.")


def test_a_waiting_job_is_cancelled_at_once_and_never_begun(store: Store) -> None:
    job_id = start_job(store, LOCAL_ACTOR, "count", {})
    cancel_job(store, LOCAL_ACTOR, job_id)

    def work(*_: Any) -> Mapping[str, Any]:
        raise AssertionError("It was begun.")

    do_job(store, job_id, {"count": work})
    job = read_job(store, LOCAL_ACTOR, job_id)
    assert job is not None
    assert job.state == "cancelled"
    assert waiting_jobs(store) == []


def test_a_cancel_after_the_end_changes_nothing(store: Store) -> None:
    job_id = job_of(store, lambda *_: {})
    cancel_job(store, LOCAL_ACTOR, job_id)
    job = read_job(store, LOCAL_ACTOR, job_id)
    assert job is not None
    assert (job.state, job.cancel_requested) == ("done", False)


def test_a_refusal_is_told_in_its_own_words(store: Store) -> None:
    def work(*_: Any) -> Mapping[str, Any]:
        raise RefusedInput("may.csv: there is not one row to import.")

    job = read_job(store, LOCAL_ACTOR, job_of(store, work))
    assert job is not None
    assert (job.state, job.message) == ("refused", "may.csv: there is not one row to import.")


def test_a_fault_of_the_program_is_told_without_any_data(store: Store, database: Database) -> None:
    def work(*_: Any) -> Mapping[str, Any]:
        raise ValueError("Canary Zeta, 07700 900123")

    job_id = start_job(store, LOCAL_ACTOR, "count", {})
    with pytest.raises(ValueError, match="Canary"):
        do_job(store, job_id, {"count": work})
    job = read_job(store, LOCAL_ACTOR, job_id)
    assert job is not None
    assert job.state == "failed"
    assert "Something went wrong in the program, and nothing was changed." in job.message
    assert "Canary" not in str(ask(database, "SELECT t::text FROM cs_geo.jobs t"))


def test_work_of_no_known_kind_fails_in_words(store: Store) -> None:
    job_id = start_job(store, LOCAL_ACTOR, "no such work", {})
    with pytest.raises(KeyError):
        do_job(store, job_id, {})
    job = read_job(store, LOCAL_ACTOR, job_id)
    assert job is not None
    assert job.state == "failed"


def test_a_job_whose_worker_is_gone_is_ended_and_its_person_told(store: Store, database: Database) -> None:
    gone = start_job(store, LOCAL_ACTOR, "count", {})
    alive = start_job(store, LOCAL_ACTOR, "count", {})
    fresh = start_job(store, LOCAL_ACTOR, "count", {})
    change(
        database,
        "UPDATE cs_geo.jobs SET state = 'running', heard_at = now() - interval '3 minutes' WHERE job_id = %s",
        gone,
    )
    change(database, "UPDATE cs_geo.jobs SET state = 'running', heard_at = now() WHERE job_id = %s", alive)
    assert waiting_jobs(store) == [fresh]
    ended, running = (read_job(store, LOCAL_ACTOR, job_id) for job_id in (gone, alive))
    assert ended is not None
    assert running is not None
    assert (ended.state, running.state) == ("failed", "running")
    assert "start it again" in ended.message
