"""What has been imported, and taking an import back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.errors import RefusedInput
from cs_geo.store import imports as stored
from cs_geo.store.cells import count_cells
from cs_geo.store.imports import ImportRecord
from cs_geo.store.landing import Undone, months_of_import
from cs_geo.store.landing import undo_import as undo_stored_import
from cs_geo.store.opening import Store
from cs_geo.store.record_tables import EFFORT_SESSIONS, REPORTS


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
    require(actor, Action.VIEW_REPORTS)
    with store.begin(actor) as connection:
        return stored.read_issues(connection, import_id)


def undo_import(store: Store, actor: Actor, import_id: UUID) -> Undone:
    """Withdraw what an import created and restore what it replaced, where nobody has changed it since.

    Raises
    ------
    RefusedInput
        If there is no such import, or it has been undone already.
    """
    require(actor, Action.IMPORT_REPORTS)
    with store.begin(actor) as connection:
        state = stored.state_of_import(connection, import_id)
        if state is None:
            raise RefusedInput("There is no import of this number. Look it up with `cs-geo imports list`.")
        if state[0] == "undone":
            raise RefusedInput("This import has been undone already. Nothing was changed.")
        table = REPORTS if state[1] == "report" else EFFORT_SESSIONS
        months = months_of_import(connection, import_id)
        undone = undo_stored_import(connection, table, import_id=import_id, actor=actor.person)
        stored.mark_undone(connection, import_id, actor.person)
        if table is REPORTS:
            count_cells(connection, months)
        return undone
