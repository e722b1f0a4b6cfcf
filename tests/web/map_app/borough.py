"""A fictional borough in the open sea, as vector tiles: streets on a bent grid, parks, a river, reports in six places.

Everything follows from one seed. Metres are those of web mercator.
"""

from collections import Counter
from functools import lru_cache
from itertools import pairwise
from math import cos, hypot, pi, sin, sqrt

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon, box
from vector_tiles import EXTENT, LINE, POINT, POLYGON, encode_tile

WORLD = 40_075_016.685578488
CENTRE = (-640_000.0, 6_640_000.0)  # about 5.75° W 51.15° N: open sea
HALF = 5_000.0
BUFFER = 64
CELL_ZOOMS = range(6, 13)
CELLS_PER_TILE = 20
HOTSPOTS = [
    (-2600, 2100, 260, 420),
    (900, 2600, 320, 610),
    (-700, -400, 220, 300),
    (2500, 300, 300, 480),
    (-2900, -2500, 240, 260),
    (1400, -2900, 280, 350),
]
"""Metres from the centre, spread, reports."""
PARKS = [
    (-1500, 900, 420, "Harbour Green"),
    (2600, -1400, 600, "Elm Park"),
    (-3400, -600, 380, "Mill Field"),
    (400, 1300, 240, "The Paddock"),
]
PLACES = [
    (0, 0, "town", "Aldermere", 1),
    (-3000, 2600, "suburb", "Northquay", 2),
    (3000, 2400, "suburb", "Dunlin Hill", 2),
    (-3000, -2600, "suburb", "Westfold", 2),
    (2900, -2800, "suburb", "Ashmouth", 2),
]
HELPFUL = [
    (-1100, 500, "youth_venue", "Lantern Youth Club"),
    (1800, 900, "library", "Aldermere Library"),
    (-2500, -1700, "youth_venue", "The Boathouse"),
    (900, -600, "library", "Ash Road Library"),
]
FIRST = ["Alder", "Barley", "Candle", "Dunlin", "Elder", "Fennel", "Garnet", "Heron", "Inkwell", "Juniper", "Kestrel"]
STREET_NAMES = [f"{first} {last}" for first in FIRST for last in ("Street", "Road", "Lane", "Row", "Way")]


def bend(x: float, y: float) -> tuple[float, float]:
    return CENTRE[0] + x + 140 * sin(y / 900) + 60 * sin(x / 500), CENTRE[1] + y + 160 * sin(x / 1100)


def street(points: list[tuple[float, float]]) -> LineString:
    dense = LineString(points).segmentize(120)
    return LineString([bend(x, y) for x, y in dense.coords])


@lru_cache(maxsize=1)
def basemap() -> dict[str, list]:
    """Features by layer: geometry and properties, as the product's basemap has them."""
    draw = np.random.default_rng(20260414)
    centre = [(-400, -600), (700, -600), (700, 500), (-400, 500)]
    river = street([(-HALF, -1500), (-1800, -1900), (600, -1200), (HALF, -2200)]).buffer(70)
    railway = street([(-HALF, 3600), (-800, 1700), (2200, -600), (HALF, -900)])
    return {
        "landuse": [feature(Polygon([bend(x, y) for x, y in centre]), "commercial")],
        "parks": [feature(park(x, y, radius), "park", name) for x, y, radius, name in PARKS],
        "water": [feature(river, "river", "River Ash")],
        "buildings": [feature(building, "building") for building in buildings(draw)],
        "paths": [feature(street([(x - r, y), (x + r, y + 60)]), "footway") for x, y, r, _ in PARKS],
        "streets": list(streets(draw)),
        "rail": [feature(railway, "rail")],
        "places": [feature(Point(bend(x, y)), kind, name, rank) for x, y, kind, name, rank in PLACES],
        "amenities": [feature(Point(bend(x, y)), kind, name) for x, y, kind, name in HELPFUL],
    }


def feature(geometry, kind: str, name: str = "", rank: int = 4) -> tuple:
    return geometry, {"kind": kind, "name": name, "rank": rank}


def park(x: float, y: float, radius: float) -> Polygon:
    turns = np.linspace(0, 2 * pi, 40)
    return Polygon([bend(x + radius * (1 + 0.2 * sin(3 * a)) * cos(a), y + radius * 0.8 * sin(a)) for a in turns])


def streets(draw: np.random.Generator):
    number = 0
    for line in np.arange(-HALF, HALF + 1, 250):
        big = abs(line) < 1 or abs(abs(line) - 3000) < 1
        middle = abs(line % 1000) < 1
        kind, rank = ("primary", 2) if big else ("secondary", 3) if middle else ("residential", 5)
        for across in (False, True):
            cuts = {-HALF, HALF} if big or middle else {-HALF, HALF, *draw.choice(np.arange(-4750, 4751, 250), 6)}
            for start, end in pairwise(sorted(cuts)):
                if rank == 5 and draw.random() < 0.35:
                    continue
                ends = [(line, start), (line, end)] if across else [(start, line), (end, line)]
                yield feature(street(ends), kind, STREET_NAMES[number % len(STREET_NAMES)], rank)
                number += 1


def buildings(draw: np.random.Generator):
    for _ in range(9000):
        x, y = draw.uniform(-HALF, HALF, 2)
        if min(x % 250, y % 250) < 45 or max(x % 250, y % 250) > 205:
            continue
        w, h = draw.uniform(10, 26, 2)
        yield Polygon([bend(x, y), bend(x + w, y), bend(x + w, y + h), bend(x, y + h)])


@lru_cache(maxsize=1)
def reports() -> tuple[np.ndarray, np.ndarray]:
    """Points of reports and of strengths."""
    draw = np.random.default_rng(7)
    scattered = draw.uniform(-HALF * 0.92, HALF * 0.92, (1500, 2))
    dense = [draw.normal((x, y), spread / 2, (count, 2)) for x, y, spread, count in HOTSPOTS]
    points = np.concatenate([scattered, *dense])
    points[: len(points) // 3] = np.round(points[: len(points) // 3] / 60) * 60
    strengths = draw.uniform(-HALF * 0.8, HALF * 0.8, (24, 2))
    return np.array([bend(*p) for p in points]), np.array([bend(*p) for p in strengths])


def hotspot_polygons() -> list[tuple[Polygon, int]]:
    points, _ = reports()
    found = []
    for x, y, spread, _count in HOTSPOTS:
        near = points[np.hypot(*(points - bend(x, y)).T) < spread]
        found.append((shapely.concave_hull(shapely.MultiPoint(near), 0.4).buffer(35).simplify(4), len(near)))
    return sorted(found, key=lambda pair: -pair[1])


def spots() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"rank": [1], "reports_n": [9], "label": ["Ash Road bus stop"]},
        geometry=[Point(bend(1200, -1500))],
        crs=3857,
    )


def basemap_tile(z: int, x: int, y: int) -> bytes:
    frame = Frame(z, x, y)
    first = {"buildings": 14, "paths": 14, "landuse": 10, "amenities": 12}
    layers = {}
    for name, features in basemap().items():
        if z < first.get(name, 0):
            continue
        layers[name] = [
            drawn
            for geometry, properties in features
            if not (name == "streets" and z < 12 and properties["rank"] > 3)
            for drawn in frame.draw(geometry, properties)
        ]
    return encode_tile(layers)


def report_tile(z: int, x: int, y: int) -> bytes:
    if z < CELL_ZOOMS.start:
        return b""
    frame = Frame(z, x, y)
    if z >= CELL_ZOOMS.stop:
        points, strengths = reports()
        return encode_tile(
            {"points": frame.points(points, "incident"), "strengths": frame.points(strengths, "strength")}
        )
    edge = WORLD / 2**z / CELLS_PER_TILE
    counted, helped = cells(z)
    hexagons = ((hexagon(*cell, edge), n) for cell, n in sorted(counted.items()))
    centres = ((Point(centre_of(*cell, edge)), n) for cell, n in sorted(helped.items()))
    return encode_tile({
        "cells": [drawn for shape, n in hexagons for drawn in frame.draw(shape, {"n": n})],
        "strengths": [drawn for shape, n in centres for drawn in frame.draw(shape, {"n": n})],
    })  # fmt: skip


@lru_cache(maxsize=16)
def cells(z: int) -> tuple[Counter, Counter]:
    edge = WORLD / 2**z / CELLS_PER_TILE
    return tuple(Counter(cell_of(*point, edge) for point in points) for points in reports())


def cell_of(x: float, y: float, edge: float) -> tuple[int, int]:
    i = round(x / (edge * 1.5))
    candidates = [(i + di, round(y / (edge * sqrt(3)) - (0.5 if (i + di) % 2 else 0))) for di in (-1, 0, 1)]
    return min(candidates, key=lambda cell: hypot(x - centre_of(*cell, edge)[0], y - centre_of(*cell, edge)[1]))


def centre_of(i: int, j: int, edge: float) -> tuple[float, float]:
    return i * edge * 1.5, (j + (0.5 if i % 2 else 0)) * edge * sqrt(3)


def hexagon(i: int, j: int, edge: float) -> Polygon:
    x, y = centre_of(i, j, edge)
    return Polygon([(x + edge * cos(a), y + edge * sin(a)) for a in np.arange(0, 2 * pi, pi / 3)])


class Frame:
    """One tile: what of a geometry falls into it, in tile units."""

    def __init__(self, z: int, x: int, y: int) -> None:
        self.width = WORLD / 2**z
        self.west, self.north = x * self.width - WORLD / 2, WORLD / 2 - y * self.width
        margin = self.width * BUFFER / EXTENT
        self.box = (
            self.west - margin,
            self.north - self.width - margin,
            self.west + self.width + margin,
            self.north + margin,
        )

    def points(self, points: np.ndarray, kind: str) -> list:
        """Each place once, with how many of the points stand there."""
        west, south, east, north = self.box
        inside = (points[:, 0] > west) & (points[:, 0] < east) & (points[:, 1] > south) & (points[:, 1] < north)
        counted = sorted(Counter(map(tuple, points[inside])).items())
        return [drawn for place, n in counted for drawn in self.draw(Point(place), {"kind": kind, "n": n})]

    def draw(self, geometry, properties):
        if not box(*geometry.bounds).intersects(box(*self.box)):
            return
        clipped = geometry if geometry.geom_type == "Point" else shapely.clip_by_rect(geometry, *self.box)
        for part in getattr(clipped, "geoms", [clipped]):
            if part.is_empty:
                continue
            if part.geom_type == "Polygon":
                rings = [part.exterior, *part.interiors]
                yield (
                    POLYGON,
                    [
                        self.units(shapely.geometry.polygon.orient(Polygon(ring), -1.0).exterior.coords)
                        for ring in rings
                    ],
                    properties,
                )
            else:
                yield (POINT if part.geom_type == "Point" else LINE), [self.units(part.coords)], properties

    def units(self, coordinates) -> list[tuple[int, int]]:
        scale = EXTENT / self.width
        return [(round((px - self.west) * scale), round((self.north - py) * scale)) for px, py in coordinates]
