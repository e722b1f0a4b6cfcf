"""Long work: asked for on a page, done by a worker, watched from anywhere.

A job names a workflow and its arguments as plain values. The worker runs it in the name of the person who asked, says
how far it is, and stops when somebody cancels; the workflow's own transaction keeps all or nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cs_geo.access.actor import WORKER, Actor, Role
from cs_geo.errors import UserError
from cs_geo.store import jobs
from cs_geo.store.jobs import Job
from cs_geo.store.opening import Store
from cs_geo.store.queue import enqueue
from cs_geo.workflows.pace import EXPORTS, keep_pace
from cs_geo.workflows.progress import Cancelled, Progress
from cs_geo.workflows.sign_in import renewed

Work = Callable[[Store, Actor, Mapping[str, Any], Progress], Mapping[str, Any]]
"""A workflow as a job runs it: plain arguments in, a plain result out."""


EXPORTING = ("export", "release")


def start_job(store: Store, actor: Actor, kind: str, arguments: Mapping[str, Any]) -> UUID:
    """Ask for a piece of long work and tell the workers.

    Raises
    ------
    TooOften
        If it is an export, and the person exports more often than anybody at work does.
    """
    if kind in EXPORTING:
        keep_pace(store, actor, EXPORTS)
    with store.begin(actor) as connection:
        job_id = jobs.add_job(connection, kind, arguments, _plain_actor(actor))
    enqueue(store.engine, job_id)
    return job_id


def read_job(store: Store, actor: Actor, job_id: UUID) -> Job | None:
    """A job as it stands; None when there is none."""
    with store.begin(actor) as connection:
        return jobs.read_job(connection, job_id)


def list_jobs(store: Store, actor: Actor, kinds: Sequence[str] = (), limit: int = 10) -> list[Job]:
    """The newest jobs."""
    with store.begin(actor) as connection:
        return jobs.list_jobs(connection, kinds, limit)


def cancel_job(store: Store, actor: Actor, job_id: UUID) -> None:
    """Ask for a job to stop. What it had done so far is not kept."""
    with store.begin(actor) as connection:
        jobs.request_cancel(connection, job_id)


def do_job(store: Store, job_id: UUID, works: Mapping[str, Work]) -> None:
    """Do a waiting job, as a worker does."""
    with store.begin(WORKER) as connection:
        job = jobs.begin_job(connection, job_id)
    if job is None:
        return
    progress = _JobProgress(store, job_id)
    ended: dict[str, Any]
    try:
        result = works[job.kind](store, _asked_by(store, job), job.arguments, progress)
        ended = {"state": "done", "result": result}
    except Cancelled:
        ended = {"state": "cancelled", "message": "Stopped as asked. Nothing was changed."}
    except UserError as refusal:
        ended = {"state": "refused", "message": str(refusal)}
    except BaseException:
        with store.begin(WORKER) as connection:
            jobs.end_job(
                connection,
                job_id,
                "failed",
                message="Something went wrong in the program, and nothing was changed. "
                "Please tell whoever looks after it, with this job's number.",
            )
        raise
    with store.begin(WORKER) as connection:
        jobs.end_job(connection, job_id, **ended)


def waiting_jobs(store: Store) -> list[UUID]:
    """Jobs asked for and not begun, oldest first: a worker takes them up when it starts."""
    with store.begin(WORKER) as connection:
        jobs.fail_silent_jobs(connection)
        return [job.job_id for job in reversed(jobs.list_jobs(connection, limit=1000)) if job.state == "waiting"]


@dataclass
class _JobProgress:
    store: Store
    job_id: UUID

    def __call__(self, doing: str, done: int, total: int | None) -> None:
        with self.store.begin(WORKER) as connection:
            go_on = jobs.note_progress(connection, self.job_id, doing, done, total)
        if not go_on:
            raise Cancelled("Stopped as asked. Nothing was changed.")


def _plain_actor(actor: Actor) -> dict[str, Any]:
    return {"person": actor.person, "roles": sorted(str(role) for role in actor.roles)}


def _asked_by(store: Store, job: Job) -> Actor:
    """Whoever asked for a job, in those of their roles that they still hold."""
    return renewed(store, job.actor["person"], (Role(role) for role in job.actor["roles"]))
