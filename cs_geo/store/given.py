"""What a partner was given, kept as it was given: cells, hotspots, counts, and what was said of them.

A reader of that agency sees it (``reader_views``), and nothing that is counted anew. Beside it stands the record of the
exact numbers (``releases``), which is never shown outside.
"""

import json
from uuid import UUID

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Connection

from cs_geo.exports.contents import Contents
from cs_geo.exports.released import CELL_COLUMNS, COUNT_COLUMNS, HOTSPOT_COLUMNS, WITHHELD_COLUMNS
from cs_geo.settings import get_settings
from cs_geo.store.bulk import append_rows


def keep_given(connection: Connection, release_id: UUID, contents: Contents) -> None:
    """Keep the layers and tables of a partner's export beside its release."""
    _keep(connection, release_id, "release_cells", contents.layers["cells"], tuple(CELL_COLUMNS))
    _keep(connection, release_id, "release_hotspots", contents.layers["hotspots"], tuple(HOTSPOT_COLUMNS))
    _keep(connection, release_id, "release_counts", contents.tables["counts"], tuple(COUNT_COLUMNS))


def said_of(contents: Contents) -> tuple[list[str], str]:
    """The caveats of an export, and as JSON what was left out of it and why."""
    withheld = contents.tables["withheld"][list(WITHHELD_COLUMNS)]
    return list(contents.caveats), json.dumps(withheld.astype(str).to_numpy().tolist())


def _keep(connection: Connection, release_id: UUID, table: str, frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    rows = frame[list(columns)].astype(object).to_numpy().tolist()
    if isinstance(frame, gpd.GeoDataFrame):
        srid = get_settings().storage_epsg
        shapes = shapely.to_wkb(shapely.set_srid(frame.geometry.to_numpy(), srid), hex=True, include_srid=True)
        rows = [[*row, shape] for row, shape in zip(rows, shapes, strict=True)]
        columns = (*columns, "geom")
    append_rows(connection, table, ("release_id", *columns), ([release_id, *row] for row in rows))
