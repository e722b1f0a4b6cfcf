"""Population layers: how many people live, or addresses lie, in each area; and the ground that nobody lives on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from cs_geo.settings import get_settings

NOT_LIVED_ON = ("retail", "commercial", "industrial", "railway", "school", "hospital", "parking", "square")
"""Kinds of land use on which next to nobody lives; parks and water are layers of their own."""


@dataclass(frozen=True, slots=True)
class LoadedBaseline:
    """A loaded layer, without its areas."""

    name: str
    kind: str
    source: str
    loaded_at: datetime
    areas_n: int
    number: float
    """Residents or addresses in all of it."""


def replace_baseline(
    connection: Connection, name: str, kind: str, areas: gpd.GeoDataFrame, *, source: str, actor: str
) -> int:
    """Load a layer in place of the one of the same name.

    Parameters
    ----------
    areas
        Columns ``reference``, ``number`` and multipolygons in storage metres.
    """
    connection.execute(text("DELETE FROM cs_geo.baselines WHERE name = :name"), {"name": name})
    baseline_id = connection.scalar(
        text("""
        INSERT INTO cs_geo.baselines (name, kind, source, loaded_by) VALUES (:name, :kind, :source, :actor)
        RETURNING baseline_id
        """),
        {"name": name, "kind": kind, "source": source, "actor": actor},
    )
    connection.execute(
        text("""
        INSERT INTO cs_geo.baseline_areas (baseline_id, reference, number, geom)
        VALUES (:baseline, :reference, :number, ST_Multi(ST_GeomFromWKB(:geom, :srid)))
        """),
        [
            {
                "baseline": baseline_id,
                "reference": reference,
                "number": float(number),
                "geom": shapely.to_wkb(geometry),
                "srid": get_settings().storage_epsg,
            }
            for reference, number, geometry in zip(areas["reference"], areas["number"], areas.geometry, strict=True)
        ],
    )
    return len(areas)


def list_baselines(connection: Connection) -> list[LoadedBaseline]:
    """The loaded layers, by name."""
    rows = connection.execute(
        text("""
        SELECT name, kind, source, loaded_at, count(reference), coalesce(sum(number), 0)
        FROM cs_geo.baselines LEFT JOIN cs_geo.baseline_areas USING (baseline_id)
        GROUP BY baseline_id ORDER BY name
        """)
    )
    return [LoadedBaseline(*row) for row in rows]


def read_baseline_areas(connection: Connection, name: str) -> tuple[str, gpd.GeoDataFrame] | None:
    """Kind of a layer and its areas (``reference``, ``number``, storage metres); None where none has the name."""
    kind = connection.scalar(text("SELECT kind FROM cs_geo.baselines WHERE name = :name"), {"name": name})
    if kind is None:
        return None
    rows = connection.execute(
        text("""
        SELECT reference, number, ST_AsBinary(geom) FROM cs_geo.baselines JOIN cs_geo.baseline_areas USING (baseline_id)
        WHERE name = :name ORDER BY reference
        """),
        {"name": name},
    ).all()
    areas = gpd.GeoDataFrame(
        {"reference": [row[0] for row in rows], "number": [row[1] for row in rows]},
        geometry=shapely.from_wkb([bytes(row[2]) for row in rows]) if rows else [],
        crs=get_settings().storage_epsg,
    )
    return str(kind), areas


def read_ground_not_lived_on(connection: Connection, within: Sequence[float]) -> BaseGeometry | None:
    """Parks, water, school grounds, works and shops of the basemap within bounds, in storage metres; None without."""
    srid = get_settings().storage_epsg
    rows = connection.scalars(
        text("""
        SELECT ST_AsBinary(ST_Transform(geom, CAST(:srid AS integer))) FROM cs_geo.basemap_features
        WHERE (layer IN ('parks', 'water') OR (layer = 'landuse' AND kind = ANY(:kinds)))
            AND ST_Dimension(geom) = 2
            AND geom && ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, CAST(:srid AS integer)), 3857)
        """),
        {
            "srid": srid,
            "kinds": list(NOT_LIVED_ON),
            **dict(zip(("west", "south", "east", "north"), within, strict=True)),
        },
    ).all()
    shapes = [shapely.make_valid(shapely.from_wkb(bytes(wkb))) for wkb in rows]
    return shapely.union_all(shapes) if shapes else None


def read_walkable_streets(connection: Connection, within: BaseGeometry | None) -> gpd.GeoDataFrame:
    """Every walkable street and path, in storage metres; within the bounds of an area where there is one."""
    srid = get_settings().storage_epsg
    condition = "AND geom && ST_MakeEnvelope(:west, :south, :east, :north, :srid)" if within is not None else ""
    given = (
        dict(zip(("west", "south", "east", "north"), within.bounds, strict=True)) | {"srid": srid}
        if within is not None
        else {}
    )
    rows = connection.scalars(
        text(f"""
        SELECT ST_AsBinary(geom) FROM cs_geo.street_edges WHERE walkable {condition}
        ORDER BY from_node, to_node, parallel
        """),
        given,
    ).all()
    return gpd.GeoDataFrame(
        geometry=shapely.from_wkb([bytes(wkb) for wkb in rows]) if rows else [],
        crs=srid,
    )
