"""Drawing a map tile for whoever the page's token names."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from cs_geo.access.actor import Role
from cs_geo.access.permissions import Action, require
from cs_geo.errors import SetupError
from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings, home_folder
from cs_geo.store.opening import Store, shared_store
from cs_geo.store.tiles import read_basemap_tile, read_report_tile
from cs_geo.workflows.sign_in import renewed

KEY_BYTES = 32


class Claims(Protocol):
    """What a tile token says: who asks, in which roles and tier, for which reports."""

    @property
    def person(self) -> str:
        """The person the page was drawn for."""

    @property
    def roles(self) -> tuple[str, ...]:
        """Their roles."""

    @property
    def selection(self) -> Mapping[str, Any]:
        """The reports the page was about."""


def read_tile(claims: Claims, layer: str, z: int, x: int, y: int, *, store: Store | None = None) -> bytes:
    """Draw one tile of ``reports`` or ``basemap`` as a vector tile; empty where there is nothing."""
    opened = store or shared_store()
    actor = renewed(opened, claims.person, (Role(role) for role in claims.roles))
    require(actor, Action.VIEW_BASEMAP if layer == "basemap" else Action.VIEW_MAP)
    with opened.begin(actor) as connection:
        if layer == "basemap":
            return read_basemap_tile(connection, z, x, y)
        return read_report_tile(connection, Selection.from_json(claims.selection), z, x, y)


@lru_cache(maxsize=1)
def token_key() -> bytes:
    """The key that signs tile links: the site's setting, or a key of this machine's own, made when first needed."""
    settings = get_settings()
    if settings.secret_key:
        if len(settings.secret_key) < KEY_BYTES:
            raise SetupError(f"CS_GEO_SECRET_KEY is too short: give at least {KEY_BYTES} characters of chance.")
        return settings.secret_key.encode()
    return _own_key(home_folder(settings) / "keys" / "token.key")


def _own_key(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        # Written aside and linked whole: another process sees either no key or all of it.
        descriptor, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "wb") as made:
            made.write(secrets.token_bytes(KEY_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_bytes()
