"""The queue that tells workers which job to take next, kept in PostgreSQL beside the jobs themselves.

The library is procrastinate: it lives in the database we already have, so that work asked for survives the tab, the
server and the machine. A job's own row (``jobs``) says what is to be done and what came of it.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.connector import Notify
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import Engine

from cs_geo.store.opening import APP_ROLE

TASK = "cs_geo.work"
QUEUE = "cs_geo"


def queue_address(engine: Engine) -> str:
    """The engine's address as libpq writes it."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _options() -> str:
    return f"-c role={APP_ROLE} -c search_path=cs_geo,public"


def enqueue(engine: Engine, job_id: UUID) -> None:
    """Tell the workers of a job, unless they have been told. Its row must be committed already."""
    queue = App(connector=SyncPsycopgConnector(conninfo=queue_address(engine), kwargs={"options": _options()}))
    with queue.open(), suppress(AlreadyEnqueued):
        queue.configure_task(TASK, queue=QUEUE, queueing_lock=str(job_id)).defer(job_id=str(job_id))


class _WaryConnector(PsycopgConnector):
    """Hears of new jobs and of nothing else.

    Whoever may enter the database may send a notification, a login that may only read too. The library ends the worker
    at one that it cannot read, and lets one abort a job: ours are stopped by their own row.
    """

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        async def hear(*, channel: str, payload: str) -> None:
            if _is_of_new_job(payload):
                await on_notification(channel=channel, payload=payload)

        await super().listen_notify(hear, channels)


def _is_of_new_job(payload: str) -> bool:
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and said.get("type") == "job_inserted"


def worker_queue(engine: Engine) -> App:
    """The queue as a worker reads it."""
    return App(connector=_WaryConnector(conninfo=queue_address(engine), kwargs={"options": _options()}))
