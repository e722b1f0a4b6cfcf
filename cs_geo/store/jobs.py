"""Rows of long work: what was asked, by whom, how far it is, and what came of it.

The row outlives the browser tab and the server; the queue only says which row a worker takes next.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

COLUMNS = """job_id, kind, arguments, actor, state, doing, done_n, total_n, result, message, cancel_requested,
    created_at, started_at, heard_at, finished_at"""
SILENT_FOR = "2 minutes"
"""A running job that has not been heard of for this long has lost its worker."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work."""

    job_id: UUID
    kind: str
    arguments: Mapping[str, Any]
    actor: Mapping[str, Any]
    state: str
    doing: str
    done_n: int
    total_n: int | None
    result: Mapping[str, Any] | None
    message: str
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    heard_at: datetime | None
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Will nothing more come of it?"""
        return self.state not in {"waiting", "running"}


def add_job(connection: Connection, kind: str, arguments: Mapping[str, Any], actor: Mapping[str, Any]) -> UUID:
    """Ask for a piece of work."""
    job_id: UUID = connection.execute(
        text("""
        INSERT INTO cs_geo.jobs (kind, arguments, actor) VALUES (:kind, :arguments, :actor) RETURNING job_id
        """),
        {"kind": kind, "arguments": json.dumps(arguments), "actor": json.dumps(actor)},
    ).scalar_one()
    return job_id


def begin_job(connection: Connection, job_id: UUID) -> Job | None:
    """Take a waiting job; None when it was cancelled or taken meanwhile."""
    row = connection.execute(
        text(f"""
        UPDATE cs_geo.jobs SET state = 'running', started_at = now(), heard_at = now()
        WHERE job_id = :id AND state = 'waiting' RETURNING {COLUMNS}
        """),
        {"id": job_id},
    ).first()
    return Job(*row) if row else None


def note_progress(connection: Connection, job_id: UUID, doing: str, done_n: int, total_n: int | None) -> bool:
    """Note how far a job is; False when somebody has asked to cancel it."""
    cancel: bool | None = connection.scalar(
        text("""
        UPDATE cs_geo.jobs SET doing = :doing, done_n = :done, total_n = :total, heard_at = now()
        WHERE job_id = :id RETURNING cancel_requested
        """),
        {"id": job_id, "doing": doing, "done": done_n, "total": total_n},
    )
    return not cancel


def end_job(
    connection: Connection, job_id: UUID, state: str, *, result: Mapping[str, Any] | None = None, message: str = ""
) -> None:
    """Note what came of a job."""
    connection.execute(
        text("""
        UPDATE cs_geo.jobs SET state = :state, result = :result, message = :message, doing = '', finished_at = now()
        WHERE job_id = :id
        """),
        {
            "id": job_id,
            "state": state,
            "result": None if result is None else json.dumps(result),
            "message": message,
        },
    )


def request_cancel(connection: Connection, job_id: UUID) -> None:
    """Ask for a job to stop; one that is still waiting is cancelled at once."""
    connection.execute(
        text("""
        UPDATE cs_geo.jobs SET cancel_requested = true,
            state = CASE WHEN state = 'waiting' THEN 'cancelled' ELSE state END,
            finished_at = CASE WHEN state = 'waiting' THEN now() END
        WHERE job_id = :id AND state IN ('waiting', 'running')
        """),
        {"id": job_id},
    )


def fail_silent_jobs(connection: Connection) -> int:
    """End running jobs whose worker has gone; their transaction was rolled back, so nothing was changed."""
    return connection.execute(
        text(f"""
        UPDATE cs_geo.jobs SET state = 'failed', finished_at = now(), doing = '',
            message = 'The work stopped before it was done, and nothing was changed. Please start it again.'
        WHERE state = 'running' AND heard_at < now() - interval '{SILENT_FOR}'
        """)
    ).rowcount


def read_job(connection: Connection, job_id: UUID) -> Job | None:
    """One job as it stands."""
    row = connection.execute(text(f"SELECT {COLUMNS} FROM cs_geo.jobs WHERE job_id = :id"), {"id": job_id}).first()
    return Job(*row) if row else None


def list_jobs(connection: Connection, kinds: Sequence[str] = (), limit: int = 10) -> list[Job]:
    """The newest jobs, of the kinds if any are named."""
    rows = connection.execute(
        text(f"""
        SELECT {COLUMNS} FROM cs_geo.jobs WHERE cardinality(CAST(:kinds AS text[])) = 0 OR kind = ANY(:kinds)
        ORDER BY created_at DESC LIMIT :limit
        """),
        {"kinds": list(kinds), "limit": limit},
    )
    return [Job(*row) for row in rows]
