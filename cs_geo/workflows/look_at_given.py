"""What partners and the public were given, as pages show it: from the record of releases, and never counted anew."""

from dataclasses import dataclass
from uuid import UUID

import geopandas as gpd
import pandas as pd

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.errors import RefusedInput
from cs_geo.store import given as stored
from cs_geo.store.given import GivenRelease
from cs_geo.store.opening import Store
from cs_geo.workflows.recording import looked_at

NOT_GIVEN = "This release was made for another agency, or may no longer be kept. Ask whoever released it."


@dataclass(frozen=True, slots=True, eq=False)
class GivenMap:
    """One release with its cells and hotspots."""

    release: GivenRelease
    cells: gpd.GeoDataFrame
    """Columns ``store.given.PAGE_CELL_COLUMNS``."""
    hotspots: gpd.GeoDataFrame
    """Columns ``store.given.PAGE_HOTSPOT_COLUMNS``."""


def list_given(store: Store, actor: Actor) -> list[GivenRelease]:
    """What was released to the person's own agencies and stands, newest first; to every agency, for the team."""
    with looked_at(store, actor, Action.VIEW_GIVEN) as connection:
        return stored.list_given(connection)


def look_at_given(store: Store, actor: Actor, release_id: UUID) -> GivenMap:
    """One release to a partner.

    Raises
    ------
    RefusedInput
        If it was not made for an agency of the person, or is past its day.
    """
    with looked_at(store, actor, Action.VIEW_GIVEN, subject=str(release_id)) as connection:
        release = next((one for one in stored.list_given(connection) if one.release_id == release_id), None)
        if release is None:
            raise RefusedInput(NOT_GIVEN)
        return GivenMap(
            release,
            stored.read_given_cells(connection, release_id),
            stored.read_given_hotspots(connection, release_id),
        )


def read_published(store: Store, actor: Actor) -> pd.DataFrame:
    """The tables that the public was given, with columns ``store.given.PUBLISHED_COLUMNS``, newest quarter first."""
    with looked_at(store, actor, Action.VIEW_PUBLISHED) as connection:
        return stored.read_published(connection)
