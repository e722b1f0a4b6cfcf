"""What has been imported, and taking an import back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.dates import format_day
from cs_geo.errors import RefusedInput
from cs_geo.settings import get_settings
from cs_geo.store import imports as stored
from cs_geo.store.cells import count_cells
from cs_geo.store.imports import ImportRecord
from cs_geo.store.landing import Undone, months_of_import
from cs_geo.store.landing import undo_import as undo_stored_import
from cs_geo.store.opening import Store
from cs_geo.store.record_tables import EFFORT_SESSIONS, REPORTS
from cs_geo.store.texts import check_texts
from cs_geo.workflows.recording import looked_at, recorded

KEPT_NAMED = 20
"""Records that are named when they stay; the rest are counted."""


def list_imports(store: Store, actor: Actor, limit: int = 50) -> list[ImportRecord]:
    """The newest imports."""
    require(actor, Action.VIEW_REPORTS)
    with store.begin(actor) as connection:
        return stored.list_imports(connection, limit)


def is_undone(store: Store, actor: Actor, import_id: UUID) -> bool:
    """Has an import been undone?"""
    require(actor, Action.VIEW_REPORTS)
    with store.begin(actor) as connection:
        return stored.is_undone(connection, import_id)


def read_issues(store: Store, actor: Actor, import_id: UUID) -> list[Mapping[str, Any]]:
    """What was said of the rows of an import."""
    with looked_at(store, actor, Action.VIEW_REPORTS, subject=str(import_id)) as connection:
        return stored.read_issues(connection, import_id)


def undo_import(store: Store, actor: Actor, import_id: UUID) -> Undone:
    """Withdraw what an import created and restore what it replaced, where that has not been changed since.

    While a later import still stands on some of it, the import is not undone: undo the later one, then this one again.

    Raises
    ------
    RefusedInput
        If there is no such import, or it has been undone already.
    """
    with recorded(store, actor, Action.IMPORT_REPORTS, subject=str(import_id)) as recording:
        connection = recording.connection
        state = stored.state_of_import(connection, import_id)
        if state is None:
            raise RefusedInput("There is no import of this number. Look it up with `cs-geo imports list`.")
        if state[0] == "undone":
            raise RefusedInput("This import has been undone already. Nothing was changed.")
        table = REPORTS if state[1] == "report" else EFFORT_SESSIONS
        months = months_of_import(connection, import_id)
        undone = undo_stored_import(connection, table, import_id=import_id, actor=actor.person)
        if not undone.waiting:
            stored.mark_undone(connection, import_id, actor.person)
        if table is REPORTS:
            check_texts(connection)
            count_cells(connection, months)
        return undone


def kept_in_words(undone: Undone) -> str:
    """Which records stay, why, and what to do about it. Empty where none does."""
    by_people = [name for name in undone.kept if name not in set(undone.waiting)]
    said = []
    if by_people:
        said.append(f"Kept, because somebody has changed them since: {_listed(by_people)}.")
    if undone.waiting:
        zone = ZoneInfo(get_settings().zone)
        begun = [(source, moment.astimezone(zone)) for source, moment in undone.later_imports]
        later = _listed([f"{source}, {format_day(moment.date())}, {moment:%H:%M}" for source, moment in begun])
        said.append(
            f"Kept, because a later import has changed them again ({later}): {_listed(undone.waiting)}. "
            "Undo the later import first, then this one again."
        )
    return " ".join(said)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - KEPT_NAMED:,} more" if len(names) > KEPT_NAMED else ""
    return f"{', '.join(names[:KEPT_NAMED])}{more}"
