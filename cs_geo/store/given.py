"""What partners and the public were given, kept as it was given, with what was said of it.

People of that agency see it on a page, and its readers in a GIS (``reader_views``), and nothing that is counted anew.
Beside it stands the record of the exact numbers (``releases``), which is never shown outside.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Connection, text

from cs_geo.exports.contents import Contents
from cs_geo.exports.released import (
    CELL_COLUMNS,
    COUNT_COLUMNS,
    HOTSPOT_COLUMNS,
    TABLE_COLUMNS,
    WITHHELD_COLUMNS,
)
from cs_geo.settings import get_settings
from cs_geo.store.bulk import append_rows

PAGE_CELL_COLUMNS = tuple(name for name in CELL_COLUMNS if name != "watermark")
PAGE_HOTSPOT_COLUMNS = ("kind", "rank", "label", "reports", "chance")
PUBLISHED_COLUMNS = ("released_on", *TABLE_COLUMNS)


@dataclass(frozen=True, slots=True)
class GivenRelease:
    """A release to a partner that stands: for whom, since and until when, and what was said of it."""

    release_id: UUID
    recipient: str
    released_on: date
    expires_on: date
    caveats: tuple[str, ...]
    """The first is for whom and what for, the second the days of the reports."""
    withheld: tuple[tuple[str, str, str], ...]
    """What was left out, why, and how many in bands."""


def list_given(connection: Connection) -> list[GivenRelease]:
    """What was released to the acting person's agencies and stands, newest first; to every agency, for the team."""
    rows = connection.execute(
        text("""
        SELECT release_id, recipient, released_on, expires_on, caveats, withheld FROM cs_geo.given_releases()
        ORDER BY recorded_at DESC, release_id
        """)
    )
    return [GivenRelease(row[0], row[1], row[2], row[3], tuple(row[4]), tuple(map(tuple, row[5]))) for row in rows]


def read_given_cells(connection: Connection, release_id: UUID) -> gpd.GeoDataFrame:
    """The cells of a release that the acting person may see, with columns ``PAGE_CELL_COLUMNS``, in storage metres."""
    rows = connection.execute(
        text("""
        SELECT cell, ward, incident, concern, outreach, strength, ST_AsBinary(geom)
        FROM cs_geo.given_cells(:release) ORDER BY cell
        """),
        {"release": release_id},
    )
    return _frame(rows.all(), PAGE_CELL_COLUMNS)


def read_given_hotspots(connection: Connection, release_id: UUID) -> gpd.GeoDataFrame:
    """The hotspots of a release that the acting person may see: ``PAGE_HOTSPOT_COLUMNS``, in storage metres."""
    rows = connection.execute(
        text("""
        SELECT kind, rank, label, reports, chance, ST_AsBinary(geom)
        FROM cs_geo.given_hotspots(:release) ORDER BY kind, rank
        """),
        {"release": release_id},
    )
    return _frame(rows.all(), PAGE_HOTSPOT_COLUMNS)


def read_published(connection: Connection) -> pd.DataFrame:
    """The tables that the public was given, with columns ``PUBLISHED_COLUMNS``, the newest quarter first."""
    rows = connection.execute(
        text("""
        SELECT released_on, kind, quarter, level, area, name, harm_group, reports FROM cs_geo.published_tables()
        ORDER BY quarter DESC, kind, level, name, area, harm_group
        """)
    )
    return pd.DataFrame([tuple(row) for row in rows], columns=list(PUBLISHED_COLUMNS))


def _frame(rows: Sequence[Any], columns: Sequence[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        pd.DataFrame([tuple(row[:-1]) for row in rows], columns=list(columns)),
        geometry=shapely.from_wkb([bytes(row[-1]) for row in rows]) if rows else [],
        crs=get_settings().storage_epsg,
    )


def keep_published(
    connection: Connection, release_ids: Sequence[UUID], tables: Sequence[tuple[str, str, str]], counts: pd.DataFrame
) -> None:
    """Keep the tables of a public export, each beside its release.

    Parameters
    ----------
    tables
        Of each release, the kind, the first day of the quarter and the level of its table.
    """
    for release_id, (kind, quarter, level) in zip(release_ids, tables, strict=True):
        own = (counts["kind"] == kind) & (counts["quarter"] == quarter) & (counts["level"] == level)
        _keep(connection, release_id, "release_tables", counts[own], tuple(TABLE_COLUMNS))


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
