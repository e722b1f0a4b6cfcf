"""Vector tiles from PostGIS: reports as hexagons or points, and the basemap.

Only what the map draws is in a tile: counts and kinds, never a note, a reference or an identifier.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil, floor, sqrt
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    cast,
    func,
    literal_column,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.sql.expression import FromClause

from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store.cells import CELL_ZOOMS, WORLD_M, hexagon_edge
from cs_geo.store.selecting import may_be_drawn, report_conditions
from cs_geo.store.tables import SRID, report_cells, reports

EXTENT = 4096
"""Units to a tile's side, as vector tile viewers expect."""
BUFFER = 256
"""Units drawn beyond the side, 16 of 256 pixels, so that a large dot on the edge is not cut."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The square of a tile in web-mercator metres."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def of_tile(cls, z: int, x: int, y: int) -> "Bounds":
        """The square of tile z/x/y, counted from the north-west corner."""
        width = WORLD_M / 2**z
        west, north = x * width - WORLD_M / 2, WORLD_M / 2 - y * width
        return cls(west, north - width, west + width, north)

    def widened(self) -> "Bounds":
        """The square with its buffer."""
        margin = (self.east - self.west) * BUFFER / EXTENT
        return Bounds(self.west - margin, self.south - margin, self.east + margin, self.north + margin)

    def envelope(self) -> ColumnElement[Any]:
        """The square as a geometry."""
        return func.ST_MakeEnvelope(self.west, self.south, self.east, self.north, 3857)


def read_report_tile(connection: Connection, selection: Selection, z: int, x: int, y: int) -> bytes:
    """Draw the reports of one tile: the layer ``cells`` up to zoom 12, ``points`` from 13 on, and ``strengths``.

    At low zoom a strength stands in the middle of its hexagon, with the number of strengths there.
    """
    if z < CELL_ZOOMS.start:
        return b""
    bounds = Bounds.of_tile(z, x, y)
    if z < CELL_ZOOMS.stop:
        return _layer(connection, "cells", _cells(selection, z, bounds, strengths=False)) + _layer(
            connection, "strengths", _cells(selection, z, bounds, strengths=True)
        )
    return _layer(connection, "points", _points(selection, bounds, strengths=False)) + _layer(
        connection, "strengths", _points(selection, bounds, strengths=True)
    )


def _layer(connection: Connection, name: str, rows: Select[Any]) -> bytes:
    tile = rows.subquery("tile")
    encoded = select(func.ST_AsMVT(literal_column("tile.*"), name, EXTENT, "geom")).select_from(tile)
    return bytes(connection.scalar(encoded) or b"")


def _drawn(geometry: ColumnElement[Any], bounds: Bounds) -> ColumnElement[Any]:
    return func.ST_AsMVTGeom(geometry, bounds.envelope(), EXTENT, BUFFER, True).label("geom")


def _points(selection: Selection, bounds: Bounds, *, strengths: bool) -> Select[Any]:
    kind = reports.c.kind
    grouped = (
        select(reports.c.geom_web.label("point"), kind, func.count().label("n"))
        .where(
            reports.c.geom.op("&&")(func.ST_Transform(bounds.widened().envelope(), SRID)),
            kind == Kind.STRENGTH if strengths else kind != Kind.STRENGTH,
            may_be_drawn(),
            report_conditions(selection),
        )
        .group_by(reports.c.geom_web, kind)
        .subquery()
    )
    return select(_drawn(grouped.c.point, bounds), grouped.c.kind, grouped.c.n)


def _cells(selection: Selection, z: int, bounds: Bounds, *, strengths: bool) -> Select[Any]:
    edge = hexagon_edge(z)
    most = _most_of_a_kind(_counted_cells(selection, z, edge, bounds), strengths=strengths).subquery()
    origin = func.ST_SetSRID(func.ST_MakePoint(0, 0), 3857)
    hexagon = func.ST_Hexagon(edge, most.c.i, most.c.j, origin)
    return select(_drawn(func.ST_Centroid(hexagon) if strengths else hexagon, bounds), most.c.n)


def _most_of_a_kind(counted: FromClause, *, strengths: bool) -> Select[Any]:
    """By hexagon, the reports of the kind that has most there: kinds are never added up."""
    kind = counted.c.kind
    by_kind = (
        select(counted.c.i, counted.c.j, func.sum(counted.c.n).label("n"))
        .where(kind == Kind.STRENGTH if strengths else kind != Kind.STRENGTH)
        .group_by(counted.c.i, counted.c.j, kind)
        .subquery()
    )
    # A sum of bigints is a numeric, which a tile would hold as text.
    return select(by_kind.c.i, by_kind.c.j, cast(func.max(by_kind.c.n), Integer).label("n")).group_by(
        by_kind.c.i, by_kind.c.j
    )


def _counted_cells(selection: Selection, z: int, edge: float, bounds: Bounds) -> FromClause:
    """Counts by hexagon and kind: whole months as counted beforehand, the days at either end from the reports."""
    months = whole_months(selection)
    if selection.harm_types or selection.area or months is None:
        return _cells_of_reports(selection, edge, bounds).subquery()
    first, last = months
    counted = _cells_counted_before(selection, z, edge, bounds, first, last)
    # Each end is a short window of its own, which the index of days finds; a window of whole months has none.
    ends = []
    if first and first != selection.since:
        ends.append(replace(selection, until=first - timedelta(days=1)))
    if last and last != selection.until:
        ends.append(replace(selection, since=last + timedelta(days=1)))
    if not ends:
        return counted.subquery()
    return union_all(counted, *(_cells_of_reports(end, edge, bounds) for end in ends)).subquery()


def whole_months(selection: Selection) -> tuple[date | None, date | None] | None:
    """First and last day of the whole months within a window; None on a side that is open; None when there are none."""
    first = last = None
    if selection.since:
        first = selection.since if selection.since.day == 1 else _next_month(selection.since)
    if selection.until:
        after = selection.until + timedelta(days=1)
        last = after.replace(day=1) - timedelta(days=1)
    if first and last and first > last:
        return None
    return first, last


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _cells_counted_before(
    selection: Selection, z: int, edge: float, bounds: Bounds, first: date | None, last: date | None
) -> Select[Any]:
    cells = report_cells.c
    conditions: list[ColumnElement[bool]] = [
        cells.zoom == z,
        cells.published == selection.published,
        cells.i.between(floor(bounds.west / (edge * 1.5)) - 1, ceil(bounds.east / (edge * 1.5)) + 1),
        cells.j.between(floor(bounds.south / (edge * sqrt(3))) - 1, ceil(bounds.north / (edge * sqrt(3))) + 1),
    ]
    if first:
        conditions.append(cells.month >= first)
    if last:
        conditions.append(cells.month <= last)
    if selection.kinds:
        conditions.append(cells.kind.in_([str(kind) for kind in selection.kinds]))
    if selection.source_types:
        conditions.append(cells.source_type.in_(selection.source_types))
    if selection.time_bands:
        conditions.append(cells.time_band.in_([str(band) for band in selection.time_bands]))
    if selection.terms:
        conditions.append(cells.term.in_([str(term) for term in selection.terms]))
    return select(cells.i, cells.j, cells.kind, cells.reports_n.label("n")).where(and_(*conditions))


def _cells_of_reports(selection: Selection, edge: float, bounds: Bounds) -> Select[Any]:
    point = reports.c.geom_web
    cell = (
        func.cs_geo.hexagon_cell(func.ST_X(point), func.ST_Y(point), edge)
        .table_valued("i", "j")
        .render_derived()
        .lateral("cell")
    )
    # A hexagon that only just reaches into the tile's buffer is counted whole.
    margin = edge * 2 + (bounds.widened().east - bounds.east)
    square = func.ST_MakeEnvelope(
        bounds.west - margin, bounds.south - margin, bounds.east + margin, bounds.north + margin, 3857
    )
    return (
        select(cell.c.i, cell.c.j, reports.c.kind, func.count().label("n"))
        .select_from(reports.join(cell, true()))
        .where(reports.c.geom.op("&&")(func.ST_Transform(square, SRID)), may_be_drawn(), report_conditions(selection))
        .group_by(cell.c.i, cell.c.j, reports.c.kind)
    )


def read_basemap_tile(connection: Connection, z: int, x: int, y: int) -> bytes:
    """Draw the basemap of one tile: a layer for each kind of thing, least detail first."""
    bounds = Bounds.of_tile(z, x, y)
    wide = bounds.widened()
    tile = connection.scalar(
        text("""
        WITH drawn AS (
            SELECT layer, kind, name, rank, ST_AsMVTGeom(
                ST_Simplify(geom, :tolerance, true), ST_MakeEnvelope(:west, :south, :east, :north, 3857),
                :extent, :buffer, true) AS geom
            FROM cs_geo.basemap_features
            WHERE geom && ST_MakeEnvelope(:wide_west, :wide_south, :wide_east, :wide_north, 3857) AND min_zoom <= :z
            ORDER BY layer, rank)
        SELECT string_agg(encoded, ''::bytea) FROM (
            SELECT ST_AsMVT(feature, feature.layer, :extent, 'geom') AS encoded
            FROM (SELECT * FROM drawn WHERE geom IS NOT NULL) AS feature GROUP BY feature.layer) AS layers
        """),
        {
            "z": z,
            "extent": EXTENT,
            "buffer": BUFFER,
            "tolerance": (bounds.east - bounds.west) / EXTENT * 4,
            "west": bounds.west,
            "south": bounds.south,
            "east": bounds.east,
            "north": bounds.north,
            "wide_west": wide.west,
            "wide_south": wide.south,
            "wide_east": wide.east,
            "wide_north": wide.north,
        },
    )
    return bytes(tile or b"")


def largest_cell(connection: Connection, selection: Selection, z: int, bounds: Bounds) -> int:
    """The most reports of one kind that a hexagon holds at a zoom, strengths apart: what a legend's classes are for."""
    most = _most_of_a_kind(_counted_cells(selection, z, hexagon_edge(z), bounds), strengths=False).subquery()
    return int(connection.scalar(select(func.max(most.c.n))) or 0)
