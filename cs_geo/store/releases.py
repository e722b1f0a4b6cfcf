"""The record of what partners and the public were given, and the reports that a release is made of."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from sqlalchemy import Connection, func, select, text

from cs_geo.disclosure.releases import Filter, Number, Release
from cs_geo.disclosure.rules import Audience
from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings
from cs_geo.store.bulk import append_rows
from cs_geo.store.hotspots import read_points
from cs_geo.store.selecting import report_conditions
from cs_geo.store.tables import areas, reports

LEAST_ADDRESSES = 5_000
"""Fewer are a list of some, of which nothing follows where it has none. A ward alone has about so many."""
LEVELS = ("lsoa", "ward", "district")
NUMBER_COLUMNS = ("release_id", "position", "name", "ground", "first_day", "last_day", "filter", "reports_n", "told")


def take_turns(connection: Connection) -> None:
    """Wait for another release that is being checked: neither would see the other's numbers."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('cs_geo releases', 0))"))


def read_counted(connection: Connection, selection: Selection) -> gpd.GeoDataFrame:
    """The reports of a selection as releases count them, in storage metres.

    Returns
    -------
    GeoDataFrame
        Columns of ``store.hotspots.read_points``, ``kind``, ``harm_types`` (tuple) and the references of ``lsoa``,
        ``ward`` and ``district`` it lies in, empty where there is none.
    """
    within = [
        select(func.min(areas.c.reference))
        .where(areas.c.kind == level, func.ST_Covers(areas.c.geom, reports.c.geom))
        .scalar_subquery()
        for level in LEVELS
    ]
    rows = connection.execute(
        select(reports.c.report_id, reports.c.kind, reports.c.harm_types, *within).where(report_conditions(selection))
    ).all()
    placed = pd.DataFrame(
        [(str(row[0]), row[1], tuple(row[2]), *(one or "" for one in row[3:])) for row in rows],
        columns=["report_id", "kind", "harm_types", *LEVELS],
    )
    found = read_points(connection, selection).merge(placed, on="report_id", how="inner")
    return gpd.GeoDataFrame(found, geometry="geometry", crs=get_settings().storage_epsg)


def read_areas(connection: Connection, *kinds: str) -> gpd.GeoDataFrame:
    """Areas of some kinds with columns ``kind``, ``reference``, ``name`` and geometry, in storage metres."""
    rows = connection.execute(
        text("""
        SELECT kind, reference, name, ST_AsBinary(geom) FROM cs_geo.areas WHERE kind = ANY(:kinds)
        ORDER BY kind, reference
        """),
        {"kinds": list(kinds)},
    ).all()
    return gpd.GeoDataFrame(
        pd.DataFrame([row[:-1] for row in rows], columns=["kind", "reference", "name"]),
        geometry=shapely.from_wkb([bytes(row[-1]) for row in rows]) if rows else [],
        crs=get_settings().storage_epsg,
    )


def read_addresses(connection: Connection) -> npt.NDArray[np.float64] | None:
    """Easting and northing of every address of the loaded gazetteers, shape (n, 2); None where they are not known."""
    rows = connection.execute(text("SELECT DISTINCT x, y FROM cs_geo.gazetteer_entries WHERE kind = 'address'")).all()
    return np.array([tuple(row) for row in rows], dtype=np.float64) if len(rows) >= LEAST_ADDRESSES else None


def read_releases(connection: Connection) -> list[Release]:
    """Every release made so far, oldest first."""
    numbers: dict[UUID, list[Number]] = {}
    for row in connection.execute(
        text("""
        SELECT release_id, name, ground, first_day, last_day, filter, reports_n, told FROM cs_geo.release_numbers
        ORDER BY release_id, position
        """)
    ):
        numbers.setdefault(row[0], []).append(
            Number(row[1], frozenset(row[2]), row[3], row[4], _read_filter(row[5]), row[6], row[7])
        )
    rows = connection.execute(
        text("SELECT release_id, name, released_on, audience FROM cs_geo.releases ORDER BY recorded_at, release_id")
    )
    return [Release(row[1], row[2], Audience(row[3]), tuple(numbers.get(row[0], ()))) for row in rows]


def keep_releases(
    connection: Connection,
    releases: Sequence[Release],
    *,
    export_id: UUID,
    rules: str,
    recipient: str = "",
    expires_on: date | None = None,
    said: tuple[Sequence[str], str] = ((), "[]"),
) -> list[UUID]:
    """Keep the record of what an export gives; the identifiers of its releases.

    Parameters
    ----------
    said
        For partners: the caveats, and as JSON what was left out and why (``given.said_of``).
    """
    kept: list[UUID] = []
    for release in releases:
        release_id = connection.execute(
            text("""
            INSERT INTO cs_geo.releases
                (export_id, audience, name, released_on, recipient, expires_on, rules, caveats, withheld)
            VALUES (:export_id, :audience, :name, :released_on, :recipient, :expires_on, :rules, :caveats, :withheld)
            RETURNING release_id
            """),
            {
                "export_id": export_id,
                "audience": str(release.audience),
                "name": release.table,
                "released_on": release.released_on,
                "recipient": recipient,
                "expires_on": expires_on,
                "rules": rules,
                "caveats": list(said[0]),
                "withheld": said[1],
            },
        ).scalar_one()
        kept.append(release_id)
        rows = [
            (
                release_id, position, number.name, sorted(number.area), number.first_day, number.last_day,
                json.dumps(_plain_filter(number.filter)), number.reports_n, number.told,
            )
            for position, number in enumerate(release.numbers)
        ]  # fmt: skip
        append_rows(connection, "release_numbers", NUMBER_COLUMNS, rows)
    return kept


def _plain_filter(filter_: Filter) -> dict[str, list[str]]:
    return {dimension: sorted(values) for dimension, values in sorted(filter_)}


def _read_filter(plain: Mapping[str, Any]) -> Filter:
    return frozenset((dimension, frozenset(values)) for dimension, values in plain.items())
