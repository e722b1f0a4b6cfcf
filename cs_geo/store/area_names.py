"""Which ward or district a point lies in, to tell places of one name apart."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from cs_geo.settings import get_settings


def names_at(
    connection: Connection, points: Sequence[tuple[float, float]], *, kinds: Sequence[str] = ("ward", "district")
) -> list[str]:
    """Name of the smallest loaded area of the kinds around each point in storage metres; empty where there is none."""
    if not points:
        return []
    rows = connection.execute(
        text("""
        SELECT coalesce((
            SELECT a.name FROM cs_geo.areas a
            WHERE a.kind = ANY(:kinds) AND ST_Covers(a.geom, ST_SetSRID(ST_MakePoint(p.x, p.y), :srid))
            ORDER BY ST_Area(a.geom) LIMIT 1), '')
        FROM unnest(CAST(:xs AS float8[]), CAST(:ys AS float8[])) WITH ORDINALITY AS p (x, y, n) ORDER BY p.n
        """),
        {
            "kinds": list(kinds),
            "xs": [x for x, _ in points],
            "ys": [y for _, y in points],
            "srid": get_settings().storage_epsg,
        },
    )
    return [str(row[0]) for row in rows]
