"""Reports counted by hexagon and month, for maps at low zoom.

A tile at zoom 9 can hold a whole county: counting half a million points on each request takes up to half a second, and
reading a few thousand counts takes milliseconds. The counts are made again, month by month, when reports change.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, text

CELL_ZOOMS = range(6, 13)
"""Zooms at which reports are shown as hexagons; points are drawn from zoom 13 on."""
WORLD_M = 40_075_016.685578488
"""Width of the web-mercator world in its own metres (2π × 6,378,137 m)."""
CELLS_PER_TILE = 20
"""Hexagon edges to a tile's width: an edge of 12.8 pixels, a hexagon of about 26 by 22."""


def hexagon_edge(zoom: int) -> float:
    """Edge of a hexagon at a zoom, in web-mercator metres."""
    return WORLD_M / float(2**zoom) / CELLS_PER_TILE


def count_cells(connection: Connection, months: Iterable[date] | None = None) -> None:
    """Count the hexagons again, for the given months (first days), or for all."""
    chosen = None if months is None else sorted(set(months))
    if chosen == []:
        return
    within = "" if chosen is None else "AND first_day >= :first AND date_trunc('month', first_day)::date = ANY(:months)"
    given = {} if chosen is None else {"months": chosen, "first": chosen[0]}
    connection.execute(
        text("DELETE FROM cs_geo.report_cells" + ("" if chosen is None else " WHERE month = ANY(:months)")), given
    )
    zooms = ", ".join(f"({zoom}, {hexagon_edge(zoom)!r}::float8)" for zoom in CELL_ZOOMS)
    # Hexagons are reckoned once for each place: published reports lie on few points, and a month has many.
    connection.execute(
        text(f"""
        WITH counted AS (
            SELECT geom_web, date_trunc('month', first_day)::date AS month, published, kind, source_type, time_band,
                term, count(*) AS n
            FROM cs_geo.reports WHERE geom IS NOT NULL AND NOT in_protected {within}
            GROUP BY 1, 2, 3, 4, 5, 6, 7
        ), places AS MATERIALIZED (
            SELECT geom_web, zoom, i, j
            FROM (SELECT DISTINCT geom_web FROM counted) AS points
            CROSS JOIN (VALUES {zooms}) AS levels (zoom, edge)
            CROSS JOIN LATERAL cs_geo.hexagon_cell(ST_X(geom_web), ST_Y(geom_web), edge) AS cell)
        INSERT INTO cs_geo.report_cells
        SELECT zoom, i, j, month, published, kind, source_type, time_band, term, sum(n)
        FROM counted JOIN places USING (geom_web)
        GROUP BY zoom, i, j, month, published, kind, source_type, time_band, term
        """),
        given,
    )
