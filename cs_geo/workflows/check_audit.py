"""The audit log as the data steward reads and checks it, and its anchors outside the database.

The chain shows a row that was altered or taken out. It cannot show a tail cut off together with the head: for that the
newest number and hash are written, once a day, into a file that lies elsewhere, best on another machine.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cs_geo.access.actor import NOBODY, Actor
from cs_geo.access.permissions import Action, require
from cs_geo.errors import RefusedInput
from cs_geo.settings import Settings, get_settings, home_folder
from cs_geo.store import audit as stored
from cs_geo.store.audit import Anchor, AuditRow
from cs_geo.store.opening import Store
from cs_geo.workflows.recording import looked_at

HEADS = ("written_at", "number", "hash")
ANCHORED_WITHIN = timedelta(days=2)
"""A worker anchors every day: what is older has been missed."""


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What checking the log found."""

    rows: int
    altered: tuple[tuple[int, str], ...]
    """Numbers of rows that are not as they were written, with the fault."""
    anchors: int
    lost: tuple[Anchor, ...]
    """Anchors whose row is gone or another."""

    @property
    def is_whole(self) -> bool:
        """Is every row as it was written, and none missing?"""
        return not self.altered and not self.lost


def anchor_file(settings: Settings) -> Path:
    """Where anchors are written: beside the cluster, unless the site names a place on another machine."""
    return settings.audit_anchors or home_folder(settings) / "audit-anchors.csv"


def write_anchor(
    store: Store, file: Path | None = None, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Anchor:
    """Write the newest number and hash down outside the database."""
    path = file or anchor_file(get_settings())
    with store.begin(NOBODY) as connection:
        anchor = stored.present_anchor(connection)
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        if is_new:
            writer.writerow(HEADS)
        writer.writerow((now().isoformat(timespec="seconds"), anchor.number, anchor.hash))
    return anchor


def write_daily_anchor(store: Store, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Write an anchor unless one of today is there."""
    last = _last_day(anchor_file(get_settings()))
    if last is None or last < now().date():
        write_anchor(store, now=now)


def check_audit(store: Store, actor: Actor, file: Path | None = None) -> AuditCheck:
    """Check every row of the log against the chain, and every anchor against the log.

    Raises
    ------
    RefusedInput
        If the file of anchors cannot be read.
    """
    anchors = read_anchors(file or anchor_file(get_settings()))
    with looked_at(store, actor, Action.VIEW_AUDIT, subject="check") as connection:
        present = stored.present_anchor(connection)
        return AuditCheck(
            rows=present.number,
            altered=tuple(stored.altered_rows(connection)),
            anchors=len(anchors),
            lost=tuple(anchor for anchor in anchors if not stored.holds_anchor(connection, anchor)),
        )


def unanchored_since(
    store: Store, actor: Actor, file: Path | None = None, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> datetime | None:
    """Since when rows have stood in no anchor, where that is longer than a worker or a timer would have left them.

    None where all is well. A tail of such rows could be cut off and nobody would know.

    Raises
    ------
    RefusedInput
        If the file of anchors cannot be read.
    """
    require(actor, Action.VIEW_AUDIT)
    anchors = read_anchors(file or anchor_file(get_settings()))
    with store.begin(actor) as connection:
        oldest = stored.first_after(connection, max((anchor.number for anchor in anchors), default=0))
    return oldest if oldest and now() - oldest > ANCHORED_WITHIN else None


def read_audit(
    store: Store,
    actor: Actor,
    *,
    since: date | None = None,
    until: date | None = None,
    action: str = "",
    page: int = 1,
    size: int = 50,
) -> Sequence[AuditRow]:
    """One page of the log, newest first, counted from 1."""
    with looked_at(store, actor, Action.VIEW_AUDIT, subject="log") as connection:
        return stored.list_audit(
            connection, since=since, until=until, action=action, offset=(page - 1) * size, limit=size
        )


def read_anchors(path: Path) -> list[Anchor]:
    """The anchors of a file; none where there is no file yet."""
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            return [Anchor(int(row["number"]), row["hash"]) for row in csv.DictReader(lines)]
    except (OSError, KeyError, TypeError, ValueError) as fault:
        raise RefusedInput(
            f"{path.name} is no list of anchors: it needs the columns {', '.join(HEADS)}. Take the last copy that was "
            "kept elsewhere."
        ) from fault


def _last_day(path: Path) -> date | None:
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as lines:
        days = [row["written_at"] for row in csv.DictReader(lines)]
    return datetime.fromisoformat(days[-1]).date() if days else None
