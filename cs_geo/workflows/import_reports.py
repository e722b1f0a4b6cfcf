"""Importing reports and effort sessions: files in, every row accounted for, one transaction.

The page, the command line and the job worker all call ``import_files``. A dry run does the very same work and rolls it
back, so that its counts and verdicts are those of the real run. Rows stream: memory does not grow with the file.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.reports.reading import Limits
from cs_geo.settings import Settings
from cs_geo.store.opening import Store
from cs_geo.workflows.import_under_way import ImportRequest, ImportUnderWay
from cs_geo.workflows.imported import ImportOutcome
from cs_geo.workflows.progress import Progress, say_nothing
from cs_geo.workflows.recording import permit, recorded, recorded_long

__all__ = ["ImportRequest", "command_limits", "import_files", "page_limits"]


def page_limits(settings: Settings) -> Limits:
    """How much an upload by page may hold."""
    return Limits(
        max_expansion_ratio=settings.max_expansion_ratio,
        max_columns=settings.max_columns,
        max_bytes=settings.page_max_bytes,
        max_rows=settings.page_max_rows,
    )


def command_limits(settings: Settings) -> Limits:
    """How much a file by command line may hold: it streams, so only bombs are refused."""
    return replace(page_limits(settings), max_bytes=None, max_rows=None)


class _DryRunDone(Exception):
    """Rolls back the transaction of a dry run."""


def import_files(
    store: Store,
    actor: Actor,
    request: ImportRequest,
    *,
    limits: Limits,
    progress: Progress = say_nothing,
    rejects_to: Path | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ImportOutcome:
    """Import files from one source, in one transaction.

    Parameters
    ----------
    rejects_to
        Where to write the sheet of rejected rows, if there are any. None: nowhere.

    Raises
    ------
    RefusedInput
        If a file cannot be read, holds no rows, or its columns fit no mapping. Nothing is kept then.
    """
    permit(store, actor, Action.IMPORT_REPORTS)
    if not request.source.strip():
        raise UsageError("Say who sent the reports: a name for the source, such as “Harbour Street School”.")
    if rejects_to is not None and not rejects_to.parent.is_dir():
        raise RefusedInput(
            f"There is no folder {rejects_to.parent.name} for the rejected rows. Make it, then try again."
        )

    def run(connection: Connection) -> ImportOutcome:
        return ImportUnderWay(connection, actor, request, limits, progress, now()).run(rejects_to)

    if request.dry_run:
        outcome = _try_out(store, actor, run)
        with recorded(store, actor, Action.IMPORT_REPORTS, details={"dry_run": True, **_counts(outcome)}):
            return outcome
    with recorded_long(store, actor, Action.IMPORT_REPORTS) as recording:
        outcome = run(recording.connection)
        recording.subject, recording.details = str(outcome.import_id), _counts(outcome)
    return outcome


def _try_out(store: Store, actor: Actor, run: Callable[[Connection], ImportOutcome]) -> ImportOutcome:
    """Do an import and roll it back."""
    outcome: ImportOutcome | None = None
    try:
        with store.begin(actor) as connection:
            outcome = run(connection)
            raise _DryRunDone
    except _DryRunDone:
        pass
    if outcome is None:
        raise RuntimeError("The import ended without an outcome.")
    return outcome


def _counts(outcome: ImportOutcome) -> dict[str, int]:
    return {
        "read": outcome.read,
        "created": outcome.created,
        "updated": outcome.updated,
        "duplicate": outcome.duplicate,
        "rejected": outcome.rejected,
    }
