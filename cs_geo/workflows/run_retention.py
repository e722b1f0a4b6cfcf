"""Removing what has been kept for as long as the rules allow, with a certificate that says so and holds no content."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from cs_geo import __version__
from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.errors import RefusedInput
from cs_geo.settings import Settings, home_folder
from cs_geo.store.cells import count_cells
from cs_geo.store.opening import Store
from cs_geo.store.retention import RAW_TEXTS, Removed, apply_rule
from cs_geo.store.texts import check_texts
from cs_geo.workflows.recording import recorded_long
from cs_geo.workflows.retention_rules import Rule, Rules, read_rules

FOLDER = "certificates"


@dataclass(frozen=True, slots=True)
class RetentionRun:
    """What a run did, or would do."""

    rules: Rules
    done: tuple[tuple[Rule, Removed], ...]
    dry_run: bool
    ran_at: datetime
    ran_by: str
    audit_number: int
    certificate: Path | None
    """Where the certificate was written; None for a dry run."""

    def to_json(self) -> dict[str, Any]:
        """The certificate: rules, counts, when and by whom. Nothing of what was removed."""
        return {
            "certificate": "retention",
            "dry_run": self.dry_run,
            "ran_at": self.ran_at.isoformat(timespec="seconds"),
            "ran_by": self.ran_by,
            "audit_row": self.audit_number,
            "program": __version__,
            "rules_sha256": self.rules.sha256,
            "rules": self.rules.to_json(),
            "counts": counts_by_rule(self.done),
        }


def counts_by_rule(done: tuple[tuple[Rule, Removed], ...]) -> dict[str, dict[str, int]]:
    """How many records and versions each rule changed, spared because of a hold, or keeps."""
    return {
        rule.rule: {
            "records": removed.records,
            "versions": removed.versions,
            "held": removed.held,
            "kept": removed.kept,
        }
        for rule, removed in done
    }


def run_retention(
    store: Store,
    actor: Actor,
    settings: Settings,
    *,
    dry_run: bool = False,
    certificate: Path | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> RetentionRun:
    """Apply every rule, all or none. A dry run does the very same work and rolls it back.

    Parameters
    ----------
    certificate
        Where to write the certificate. None: into the folder of certificates in the site's home folder.

    Raises
    ------
    SetupError
        If the rules cannot be read.
    RefusedInput
        If the certificate cannot be written. Nothing is removed then.
    """
    rules = read_rules(settings)
    ran_at = now()
    path = None if dry_run else certificate or _next_certificate(settings, ran_at)
    details = {"rules_sha256": rules.sha256, "dry_run": dry_run}
    with recorded_long(store, actor, Action.RUN_RETENTION, details=details) as recording, _reserved(path):
        trial = recording.connection.begin_nested()
        done = tuple((rule, _apply(recording.connection, rule)) for rule in rules.rules)
        count_cells(recording.connection, {month for _, removed in done for month in removed.months})
        if dry_run:
            trial.rollback()
        else:
            trial.commit()
        recording.details["counts"] = counts_by_rule(done)
    run = RetentionRun(rules, done, dry_run, ran_at, actor.person, recording.number, path)
    if path is not None:
        path.write_text(json.dumps(run.to_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return run


def _next_certificate(settings: Settings, ran_at: datetime) -> Path:
    folder = home_folder(settings) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"retention-{ran_at:%Y-%m-%d-%H%M%S-%f}.json"


@contextmanager
def _reserved(path: Path | None) -> Iterator[None]:
    """Make sure of the certificate's file before anything is removed; it goes again when nothing is."""
    if path is None:
        yield
        return
    try:
        path.touch(mode=0o600, exist_ok=False)
    except OSError as fault:
        raise RefusedInput(
            f"The certificate cannot be written to {path}: it is there already, or its folder is missing. "
            "Nothing was removed. Name another file."
        ) from fault
    try:
        yield
    except BaseException:
        path.unlink()
        raise


def _apply(connection: Connection, rule: Rule) -> Removed:
    if rule.what == RAW_TEXTS:
        check_texts(connection)
    return apply_rule(connection, rule.what, rule.moment, rule.after)
