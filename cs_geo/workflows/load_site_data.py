"""Loading what everything else is read against: areas, calendar, gazetteers, basemap, protected locations, places."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.areas import read_areas
from cs_geo.store.areas import replace_areas
from cs_geo.store.opening import Store


@dataclass(frozen=True, slots=True)
class LoadedAreas:
    """What loading areas did."""

    kind: str
    loaded: int
    mended: int
    left_out: int


def load_areas(store: Store, actor: Actor, path: Path, kind: str, *, layer: str | None = None) -> LoadedAreas:
    """Load the areas of one kind, in place of those there were."""
    require(actor, Action.LOAD_SITE_DATA)
    read = read_areas(path, kind, layer=layer)
    with store.begin(actor) as connection:
        loaded = replace_areas(connection, kind, read.areas, source=path.name, actor=actor.person)
    return LoadedAreas(kind, loaded, read.mended, read.left_out)
