"""The worker process: takes jobs from the queue, one at a time, until it is told to stop, and anchors the audit log."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from cs_geo.jobs.work import WORKS
from cs_geo.store.opening import Store
from cs_geo.store.queue import QUEUE, TASK, enqueue, worker_queue
from cs_geo.workflows.check_audit import write_daily_anchor
from cs_geo.workflows.run_jobs import Work, do_job, waiting_jobs

ANCHOR_TASK = "cs_geo.anchor"
ANCHOR_AT = "5 0 * * *"
"""Every day at five past midnight, as cron writes it."""


def run_worker(store: Store, *, works: Mapping[str, Work] = WORKS, wait: bool = True) -> None:
    """Do jobs as they come; with ``wait`` False, only those that are there now.

    Jobs whose word to the queue was lost are put there again. All go through the queue, which goes on after a failure.
    """
    for job_id in waiting_jobs(store):
        enqueue(store.engine, job_id)
    if wait:
        write_daily_anchor(store)
    queue = worker_queue(store.engine)

    @queue.task(name=TASK, queue=QUEUE)
    def work(job_id: str) -> None:
        do_job(store, UUID(job_id), works)

    @queue.periodic(cron=ANCHOR_AT)
    @queue.task(name=ANCHOR_TASK, queue=QUEUE)
    def anchor(timestamp: int) -> None:
        write_daily_anchor(store)

    async def listen() -> None:
        async with queue.open_async():
            await queue.run_worker_async(
                queues=[QUEUE], wait=wait, concurrency=1, listen_notify=wait, delete_jobs="always"
            )

    asyncio.run(listen())
