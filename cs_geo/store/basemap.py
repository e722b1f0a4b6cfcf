"""The basemap and the street network, loaded from OpenStreetMap data the site holds itself."""

import geopandas as gpd
import shapely
from sqlalchemy import Connection, text

from cs_geo.crs import WEB_MERCATOR
from cs_geo.settings import get_settings
from cs_geo.store.staging import driver_connection


def replace_basemap(connection: Connection, features: gpd.GeoDataFrame, *, source: str) -> int:
    """Load what the basemap draws, in place of what the same source drew.

    Parameters
    ----------
    features
        Columns ``layer``, ``kind``, ``name``, ``min_zoom``, ``rank`` and geometry in any CRS.
    """
    connection.execute(text("DELETE FROM cs_geo.basemap_features WHERE source = :source"), {"source": source})
    web = features.to_crs(WEB_MERCATOR)
    with (
        driver_connection(connection).cursor() as cursor,
        cursor.copy(
            "COPY cs_geo.basemap_features (source, layer, kind, name, min_zoom, rank, geom) FROM STDIN"
        ) as copy,
    ):
        for layer, kind, name, min_zoom, rank, geometry in zip(
            web["layer"], web["kind"], web["name"], web["min_zoom"], web["rank"], web.geometry, strict=True
        ):
            copy.write_row((source, layer, kind, _text(name), int(min_zoom), int(rank), _ewkb(geometry, WEB_MERCATOR)))
    connection.execute(text("SELECT cs_geo.refresh_statistics('basemap_features')"))
    return len(web)


def replace_streets(connection: Connection, nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, *, source: str) -> int:
    """Load the street graph, in place of what the same source held.

    Parameters
    ----------
    nodes, edges
        As in ``cs_geo.surroundings.streets.StreetNetwork``, in storage metres.
    """
    connection.execute(text("DELETE FROM cs_geo.street_edges WHERE source = :source"), {"source": source})
    connection.execute(
        text("""
        DELETE FROM cs_geo.street_nodes n WHERE source = :source AND NOT EXISTS (
            SELECT 1 FROM cs_geo.street_edges e WHERE n.node_id IN (e.from_node, e.to_node))
        """),
        {"source": source},
    )
    srid = get_settings().storage_epsg
    cursor = driver_connection(connection).cursor()
    with cursor:
        # Extracts overlap: a node or edge that another source brought already is left as it is.
        cursor.execute("CREATE TEMPORARY TABLE new_nodes (LIKE cs_geo.street_nodes) ON COMMIT DROP")
        with cursor.copy("COPY new_nodes (node_id, source, geom) FROM STDIN") as copy:
            for node_id, geometry in zip(nodes["osm_id"], nodes.geometry, strict=True):
                copy.write_row((int(node_id), source, _ewkb(geometry, srid)))
        cursor.execute("INSERT INTO cs_geo.street_nodes SELECT * FROM new_nodes ON CONFLICT DO NOTHING")
        cursor.execute("CREATE TEMPORARY TABLE new_edges (LIKE cs_geo.street_edges) ON COMMIT DROP")
        with cursor.copy(
            "COPY new_edges (from_node, to_node, parallel, source, way_id, name, highway, walkable, drivable, oneway, "
            "length_m, geom) FROM STDIN"
        ) as copy:
            for row in zip(
                *(edges[column] for column in ("u", "v", "key")),
                *(edges[column] for column in ("way_id", "name", "highway", "walkable", "drivable", "oneway")),
                edges["length_m"],
                edges.geometry,
                strict=True,
            ):
                from_node, to_node, parallel, way_id, name, highway, walkable, drivable, one_way, length, line = row
                copy.write_row(
                    (
                        int(from_node),
                        int(to_node),
                        int(parallel),
                        source,
                        int(way_id),
                        _text(name),
                        highway,
                        bool(walkable),
                        bool(drivable),
                        bool(one_way),
                        float(length),
                        _ewkb(line, srid),
                    )
                )
        cursor.execute("INSERT INTO cs_geo.street_edges SELECT * FROM new_edges ON CONFLICT DO NOTHING")
        cursor.execute("DROP TABLE new_nodes, new_edges")
    for table in ("street_nodes", "street_edges"):
        connection.execute(text("SELECT cs_geo.refresh_statistics(:table)"), {"table": table})
    return len(edges)


def has_basemap(connection: Connection) -> bool:
    """Is a basemap loaded?"""
    return bool(connection.scalar(text("SELECT EXISTS (SELECT 1 FROM cs_geo.basemap_features)")))


def basemap_bounds(connection: Connection) -> tuple[float, float, float, float] | None:
    """West, south, east and north of the basemap in degrees; None when none is loaded."""
    row = connection.execute(
        text("""
        SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
        FROM (SELECT ST_Transform(ST_SetSRID(ST_Extent(geom), 3857), 4326) AS box FROM cs_geo.basemap_features
            WHERE layer IN ('streets', 'places')) AS b
        """)
    ).first()
    return (row[0], row[1], row[2], row[3]) if row and row[0] is not None else None


def _ewkb(geometry: shapely.Geometry, srid: int) -> str:
    return str(shapely.to_wkb(shapely.set_srid(geometry, srid), hex=True, include_srid=True))


def _text(value: object) -> str:
    """A name as it is stored; frames hold a missing one as None or as NaN."""
    return value if isinstance(value, str) else ""
