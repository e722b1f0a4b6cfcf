"""Writing down what is done: each action and its row in the audit log stand or fall together.

``recorded`` is a transaction that ends with its row, so that the lock of the log's chain is held for a moment only.
``recorded_long`` writes first that the work has begun, in a transaction of its own: work of minutes must not hold the
lock, and work that was cut off must not be silent. Details are counts, codes and identifiers: never a name, a note or a
coordinate.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, Refused, require
from cs_geo.reports.selection import Selection
from cs_geo.store.audit import write_audit, write_look
from cs_geo.store.opening import Store


@dataclass
class Recording:
    """An action under way: its transaction, and what its row will say; once it is done, the row's number."""

    connection: Connection
    subject: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    number: int = 0


def selection_digest(selection: Selection) -> str:
    """A short name for a choice of reports, the same for the same choice: what was looked at, without its words."""
    return hashlib.blake2b(json.dumps(selection.to_json(), sort_keys=True).encode(), digest_size=8).hexdigest()


def permit(store: Store, actor: Actor, action: Action, *, subject: str = "") -> None:
    """Stop unless the person may do this, and write down that they asked.

    Raises
    ------
    Refused
        As ``access.permissions.require``.
    """
    try:
        require(actor, action)
    except Refused:
        with store.begin(actor) as connection:
            write_audit(connection, action, "refused", subject=subject)
        raise


@contextmanager
def recorded(
    store: Store, actor: Actor, action: Action, *, subject: str = "", details: Mapping[str, Any] | None = None
) -> Iterator[Recording]:
    """Do an action in one transaction that ends with its row in the log."""
    permit(store, actor, action, subject=subject)
    with store.begin(actor) as connection:
        recording = Recording(connection, subject, dict(details or {}))
        yield recording
        recording.number = write_audit(connection, action, "done", subject=recording.subject, details=recording.details)


@contextmanager
def recorded_long(
    store: Store, actor: Actor, action: Action, *, subject: str = "", details: Mapping[str, Any] | None = None
) -> Iterator[Recording]:
    """Do an action that takes long: its beginning is written before it, its end as its last statement."""
    permit(store, actor, action, subject=subject)
    with store.begin(actor) as connection:
        begun = write_audit(connection, action, "begun", subject=subject, details=details)
    try:
        with store.begin(actor) as connection:
            recording = Recording(connection, subject, dict(details or {}))
            yield recording
            recording.number = write_audit(
                connection, action, "done", subject=recording.subject, details={**recording.details, "begun": begun}
            )
    except BaseException:
        with store.begin(actor) as connection:
            write_audit(connection, action, "failed", subject=subject, details={"begun": begun})
        raise


@contextmanager
def looked_at(
    store: Store, actor: Actor, action: Action, *, subject: str = "", details: Mapping[str, Any] | None = None
) -> Iterator[Connection]:
    """Read something in a transaction that ends with its row, or with that of the same look a moment ago."""
    permit(store, actor, action, subject=subject)
    with store.begin(actor) as connection:
        yield connection
        write_look(connection, action, subject=subject, details=details)
