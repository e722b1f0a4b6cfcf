"""A fictional borough in the open sea, as vector tiles: streets on a bent grid, parks, a river, reports in six places.

Everything follows from one seed. Metres are those of web mercator.
"""

from collections import Counter
from functools import lru_cache
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
HOTSPOTS = [(-2600, 2100, 260, 420), (900, 2600, 320, 610), (-700, -400, 220, 300), (2500, 300, 300, 480),
            (-2900, -2500, 240, 260), (1400, -2900, 280, 350)]  # fmt: skip


def bend(x: float, y: float) -> tuple[float, float]:
    return CENTRE[0] + x + 140 * sin(y / 900) + 60 * sin(x / 500), CENTRE[1] + y + 160 * sin(x / 1100)


def street(points: list[tuple[float, float]]) -> LineString:
    dense = LineString(points).segmentize(120)
    return LineString([bend(x, y) for x, y in dense.coords])


@lru_cache(maxsize=1)
def basemap() -> dict[str, list]:
    draw = np.random.default_rng(20260414)
    features: dict[str, list] = {name: [] for name in (
        "landuse", "parks", "water", "buildings", "paths", "streets", "rail", "places", "amenities")}  # fmt: skip
    names = [f"{first} {last}" for first in ("Alder", "Barley", "Candle", "Dunlin", "Elder", "Fennel", "Garnet", "Heron",
             "Inkwell", "Juniper", "Kestrel", "Lantern") for last in ("Street", "Road", "Lane", "Row", "Way")]  # fmt: skip
    number = 0
    for line in np.arange(-HALF, HALF + 1, 250):
        big = abs(line) < 1 or abs(abs(line) - 3000) < 1
        middle = abs(line % 1000) < 1
        kind = "primary" if big else "secondary" if middle else "residential"
        for across in (False, True):
            cuts = (
                [-HALF, HALF] if big or middle else sorted({-HALF, HALF, *draw.choice(np.arange(-4750, 4751, 250), 6)})
            )
            for start, end in zip(cuts[::1], cuts[1::1], strict=False):
                if not (big or middle) and draw.random() < 0.35:
                    continue
                ends = [(line, start), (line, end)] if across else [(start, line), (end, line)]
                name = names[number % len(names)]
                number += 1
                features["streets"].append(
                    (street(ends), {"kind": kind, "name": name, "rank": 1 if big else 2 if middle else 5})
                )
    for x, y, r, name in [(-1500, 900, 420, "Harbour Green"), (2600, -1400, 600, "Elm Park"), (-3400, -600, 380, "Mill Field"),
                          (400, 1300, 240, "The Paddock")]:  # fmt: skip
        ring = [bend(x + r * (1 + 0.2 * sin(3 * a)) * cos(a), y + r * 0.8 * sin(a)) for a in np.linspace(0, 2 * pi, 40)]
        features["parks"].append((Polygon(ring), {"kind": "park", "name": name, "rank": 3}))
        features["paths"].append((street([(x - r, y), (x + r, y + 60)]), {"kind": "footway", "name": "", "rank": 8}))
    river = street([(-HALF, -1500), (-1800, -1900), (600, -1200), (HALF, -2200)]).buffer(70)
    features["water"].append((river, {"kind": "river", "name": "River Ash", "rank": 2}))
    features["rail"].append(
        (street([(-HALF, 3600), (-800, 1700), (2200, -600), (HALF, -900)]), {"kind": "rail", "name": "", "rank": 2})
    )
    features["landuse"].append((Polygon([bend(x, y) for x, y in [(-400, -600), (700, -600), (700, 500), (-400, 500)]]),
                                {"kind": "commercial", "name": "", "rank": 4}))  # fmt: skip
    for _ in range(9000):
        x, y = draw.uniform(-HALF, HALF, 2)
        if (x % 250) < 45 or (x % 250) > 205 or (y % 250) < 45 or (y % 250) > 205:
            continue
        w, h = draw.uniform(10, 26, 2)
        features["buildings"].append((Polygon([bend(x, y), bend(x + w, y), bend(x + w, y + h), bend(x, y + h)]),
                                      {"kind": "building", "name": "", "rank": 9}))  # fmt: skip
    for x, y, name, rank in [(0, 0, "Aldermere", 1), (-3000, 2600, "Northquay", 2), (3000, 2400, "Dunlin Hill", 2),
                             (-3000, -2600, "Westfold", 2), (2900, -2800, "Ashmouth", 2)]:  # fmt: skip
        features["places"].append(
            (Point(bend(x, y)), {"kind": "town" if rank == 1 else "suburb", "name": name, "rank": rank})
        )
    for x, y, kind, name in [(-1100, 500, "youth_venue", "Lantern Youth Club"), (1800, 900, "library", "Aldermere Library"),
                             (-2500, -1700, "youth_venue", "The Boathouse"), (900, -600, "library", "Ash Road Library")]:  # fmt: skip
        features["amenities"].append((Point(bend(x, y)), {"kind": kind, "name": name, "rank": 4}))
    return features


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
            if not (name == "streets" and z < 12 and properties["rank"] > 2)
            for drawn in frame.draw(geometry, properties)
        ]
    return encode_tile(layers)


def report_tile(z: int, x: int, y: int) -> bytes:
    if z < CELL_ZOOMS.start:
        return b""
    frame = Frame(z, x, y)
    if z >= CELL_ZOOMS.stop:
        points, strengths = reports()
        return encode_tile({
            "points": [drawn for (px, py), n in frame.count(points) for drawn in frame.draw(Point(px, py), {"kind": "incident", "n": n})],
            "strengths": [drawn for (px, py), n in frame.count(strengths) for drawn in frame.draw(Point(px, py), {"kind": "strength", "n": n})],
        })  # fmt: skip
    edge = WORLD / 2**z / CELLS_PER_TILE
    counted, helped = cells(z)
    return encode_tile({
        "cells": [drawn for cell in sorted(counted) for drawn in frame.draw(hexagon(*cell, edge), {"n": counted[cell]})],
        "strengths": [drawn for cell in sorted(helped) for drawn in frame.draw(Point(centre_of(*cell, edge)), {"n": helped[cell]})],
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

    def count(self, points: np.ndarray) -> list[tuple[tuple[float, float], int]]:
        west, south, east, north = self.box
        inside = (points[:, 0] > west) & (points[:, 0] < east) & (points[:, 1] > south) & (points[:, 1] < north)
        return sorted(Counter(map(tuple, points[inside])).items())

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
