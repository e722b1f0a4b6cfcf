"""Areas, the school calendar and protected locations: what a site loads once and everything else is read against."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from cs_geo.settings import get_settings


@dataclass(frozen=True, slots=True)
class Area:
    """A loaded area, without its boundary."""

    kind: str
    reference: str
    name: str


def replace_areas(connection: Connection, kind: str, areas: gpd.GeoDataFrame, *, source: str, actor: str) -> int:
    """Load areas of a kind in place of those there were.

    Parameters
    ----------
    areas
        Columns ``reference``, ``name``, ``was_mended`` and multipolygons in storage metres.
    """
    connection.execute(text("DELETE FROM cs_geo.areas WHERE kind = :kind"), {"kind": kind})
    rows = [
        {
            "kind": kind,
            "reference": reference,
            "name": name,
            "was_mended": bool(was_mended),
            "source": source,
            "actor": actor,
            "geom": shapely.to_wkb(geometry),
            "srid": get_settings().storage_epsg,
        }
        for reference, name, was_mended, geometry in zip(
            areas["reference"], areas["name"], areas["was_mended"], areas.geometry, strict=True
        )
    ]
    connection.execute(
        text("""
        INSERT INTO cs_geo.areas (kind, reference, name, was_mended, source, loaded_by, geom)
        VALUES (:kind, :reference, :name, :was_mended, :source, :actor, ST_Multi(ST_GeomFromWKB(:geom, :srid)))
        """),
        rows,
    )
    return len(rows)


def list_areas(connection: Connection, *kinds: str) -> list[Area]:
    """The loaded areas of the kinds, by name."""
    rows = connection.execute(
        text("SELECT kind, reference, name FROM cs_geo.areas WHERE kind = ANY(:kinds) ORDER BY kind, name, reference"),
        {"kinds": list(kinds)},
    )
    return [Area(*row) for row in rows]


def read_study_area(connection: Connection) -> BaseGeometry | None:
    """The study area in storage metres; None when none is loaded. A district stands in where there is no study area."""
    wkb = connection.scalar(
        text("""
        SELECT ST_AsBinary(ST_UnaryUnion(ST_Collect(geom))) FROM cs_geo.areas
        WHERE kind = CASE WHEN EXISTS (SELECT 1 FROM cs_geo.areas WHERE kind = 'study') THEN 'study' ELSE 'district' END
        """)
    )
    return shapely.from_wkb(bytes(wkb)) if wkb else None


def read_area(connection: Connection, reference: str) -> BaseGeometry | None:
    """The boundary of a loaded area in storage metres; None when there is none of that reference."""
    wkb = connection.scalar(
        text("SELECT ST_AsBinary(ST_Union(geom)) FROM cs_geo.areas WHERE reference = :reference"),
        {"reference": reference},
    )
    return shapely.from_wkb(bytes(wkb)) if wkb else None


def area_entries(connection: Connection) -> list[tuple[str, str, float, float, float]]:
    """Kind, name, a point inside and the reach of every ward, LSOA and district, for matching by name."""
    rows = connection.execute(
        text("""
        SELECT kind, name, ST_X(point), ST_Y(point), ST_MaxDistance(point, geom)
        FROM (SELECT kind, name, geom, ST_PointOnSurface(geom) AS point FROM cs_geo.areas WHERE kind <> 'study') AS a
        ORDER BY kind, name
        """)
    )
    return [(str(row[0]), str(row[1]), float(row[2]), float(row[3]), float(row[4])) for row in rows]


def replace_calendar(connection: Connection, periods: Iterable[tuple[str, str, date, date]]) -> int:
    """Load the school calendar (kind, name, first and last day) in place of the one there was."""
    connection.execute(text("DELETE FROM cs_geo.calendar_periods"))
    rows = [{"kind": kind, "name": name, "starts": starts, "ends": ends} for kind, name, starts, ends in periods]
    if rows:
        connection.execute(
            text("""
            INSERT INTO cs_geo.calendar_periods (kind, name, starts, ends) VALUES (:kind, :name, :starts, :ends)
            ON CONFLICT DO NOTHING
            """),
            rows,
        )
    return len(rows)


def read_calendar_periods(connection: Connection) -> list[tuple[str, str, date, date]]:
    """Every period of the loaded calendar: kind, name, first and last day."""
    rows = connection.execute(
        text("SELECT kind, name, starts, ends FROM cs_geo.calendar_periods ORDER BY starts, kind, name")
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def replace_protected(
    connection: Connection, locations: Sequence[tuple[str, BaseGeometry]], *, source: str, actor: str
) -> int:
    """Load protected locations (kind, polygon in storage metres) in place of those of the same source."""
    connection.execute(text("DELETE FROM cs_geo.protected_locations WHERE source = :source"), {"source": source})
    rows: list[dict[str, Any]] = [
        {
            "kind": kind,
            "source": source,
            "actor": actor,
            "geom": shapely.to_wkb(geometry),
            "srid": get_settings().storage_epsg,
        }
        for kind, geometry in locations
    ]
    if rows:
        connection.execute(
            text("""
            INSERT INTO cs_geo.protected_locations (kind, source, added_by, geom)
            VALUES (:kind, :source, :actor, ST_Multi(ST_GeomFromWKB(:geom, :srid)))
            """),
            rows,
        )
    connection.execute(
        text("""
        UPDATE cs_geo.reports r SET in_protected = NOT in_protected
        WHERE in_protected IS DISTINCT FROM (r.geom IS NOT NULL AND cs_geo.lies_protected(r.geom, r.match_precision))
        """)
    )
    return len(rows)


def hold_protected(connection: Connection) -> None:
    """Let nobody change the protected locations before this work is done: what it keeps must hold for the next list."""
    connection.execute(text("LOCK TABLE cs_geo.protected_locations IN SHARE MODE"))


def read_protected(connection: Connection) -> BaseGeometry | None:
    """Everything within which nothing is clustered, drawn or named; None when nothing is listed."""
    wkb = connection.scalar(text("SELECT ST_AsBinary(cs_geo.protected_ground())"))
    return shapely.from_wkb(bytes(wkb)) if wkb else None


def study_bounds(connection: Connection) -> tuple[float, float, float, float] | None:
    """West, south, east and north of the study area in degrees; None when none is loaded."""
    row = connection.execute(
        text("""
        SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
        FROM (SELECT ST_Extent(ST_Transform(geom, 4326)) AS box FROM cs_geo.areas WHERE kind = 'study') AS b
        """)
    ).first()
    return (row[0], row[1], row[2], row[3]) if row and row[0] is not None else None


def loaded_sources(connection: Connection) -> set[str]:
    """Names of the files and gazetteers that have been loaded; the calendar's file by its own name."""
    rows = connection.scalars(
        text("""
        SELECT source FROM cs_geo.areas UNION SELECT source FROM cs_geo.protected_locations
        UNION SELECT name FROM cs_geo.gazetteers UNION SELECT DISTINCT source FROM cs_geo.basemap_features
        UNION SELECT 'calendar.csv' WHERE EXISTS (SELECT 1 FROM cs_geo.calendar_periods)
        """)
    )
    return {str(row) for row in rows}
