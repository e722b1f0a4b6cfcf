"""Houses along the streets, their numbers and their postcodes."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.strtree import STRtree

from making import layout
from making.geometry import block, chance, heading
from making.landmarks import Feature, beside
from making.naming import Street
from making.streets import river_bed


@dataclass(frozen=True)
class Pattern:
    """How houses stand along a street; metres from the middle of the road, ranges drawn evenly."""

    homes: tuple[int, int]
    """Homes in one building."""
    front: tuple[float, float]
    """Frontage of one home."""
    depth: tuple[float, float]
    setback: tuple[float, float]
    gap: tuple[float, float]
    kind: str


PATTERNS = {
    "old": Pattern((1, 2), (6, 11), (10, 16), (5.5, 6.5), (0.0, 1.5), "yes"),
    "terrace": Pattern((4, 8), (5.2, 5.8), (8.5, 9.5), (6.5, 7.5), (2.0, 4.0), "terrace"),
    "semi": Pattern((2, 2), (6.8, 7.6), (8.5, 9.5), (11, 13), (4.5, 7.0), "semidetached_house"),
    "estate": Pattern((1, 3), (6.5, 9.5), (8.0, 10.0), (9.5, 13), (4.5, 8.0), "house"),
    "main": Pattern((1, 4), (7, 9), (9, 12), (10, 13), (4.0, 9.0), "house"),
}
_CORNER = 9.0
"""Metres kept free at both ends of a street."""


@dataclass
class Building:
    """A building with the addresses in it. ``numbers`` is empty where the map does not know them."""

    outline: Polygon
    kind: str
    street: str
    numbers: tuple[int, ...]
    postcode: str = ""
    ward: str = ""
    mapped: bool = False
    """Does the map carry its address?"""

    @property
    def at(self) -> tuple[float, float]:
        """Its middle."""
        return float(self.outline.centroid.x), float(self.outline.centroid.y)


def build(streets: list[Street], features: list[Feature]) -> list[Building]:
    """Houses along every street of the town, none touching another, a road, a site, water or the railway."""
    drawn: list[Building] = []
    for street in streets:
        if street.manner in PATTERNS:
            drawn += _along(street)
    drawn += _behind(streets)
    outlines = np.array([building.outline for building in drawn])
    roads = [street.line.buffer(5.0 if street.highway != "footway" else 2.0) for street in streets]
    sites = [site.outline for site in layout.SITES] + [layout.POND, layout.RESERVOIR, layout.GOLF, *layout.WOODS]
    others = [feature.shape for feature in features if isinstance(feature.shape, Polygon)]
    taken = STRtree([*roads, *sites, *others, river_bed().buffer(8), layout.RAILWAY.buffer(11)])
    blocked = set(taken.query(outlines, "intersects")[0].tolist())
    inside = shapely.contains(layout.BUILT_UP, outlines)
    for _, middle, radius in layout.VILLAGES:
        inside |= shapely.contains(middle.buffer(radius), outlines)
    near: dict[int, set[int]] = {}
    for one, other in STRtree(outlines).query(outlines, "intersects").T:
        near.setdefault(int(one), set()).add(int(other))
    kept: set[int] = set()
    for number in range(len(drawn)):
        if inside[number] and number not in blocked and not near[number] & kept:
            kept.add(number)
    return [building for number, building in enumerate(drawn) if number in kept]


def _along(street: Street) -> list[Building]:
    pattern = PATTERNS[street.manner]
    rng = chance(f"houses {street.name} {street.quarter} {street.line.length:.1f}")
    found: list[Building] = []
    for side, first in ((1.0, 1), (-1.0, 2)):
        at, number = _CORNER + rng.uniform(0, 4), first
        setback = rng.uniform(*pattern.setback)
        while True:
            homes = int(rng.integers(pattern.homes[0], pattern.homes[1] + 1))
            width = homes * rng.uniform(*pattern.front)
            if at + width > street.line.length - _CORNER:
                break
            outline, _ = beside(street.line, at + width / 2, side, setback, width, rng.uniform(*pattern.depth))
            numbers = tuple(number + 2 * k for k in range(homes))
            found.append(Building(outline, pattern.kind, street.name, numbers))
            number += 2 * homes
            at += width + rng.uniform(*pattern.gap)
    return found


def _behind(streets: list[Street]) -> list[Building]:
    """Workshops, halls and yards behind the fronts of the old town."""
    rng = chance("behind the fronts")
    old = shapely.union_all([street.line for street in streets if street.manner == "old"]).convex_hull
    west, south, east, north = old.bounds
    tree = STRtree([street.line for street in streets])
    found: list[Building] = []
    for _ in range(900):
        here = shapely.Point(rng.uniform(west, east), rng.uniform(south, north))
        width, depth = rng.uniform(12, 34), rng.uniform(9, 20)
        line = streets[int(tree.nearest(here))].line
        at, far = line.project(here), line.distance(here)
        if old.contains(here) and 24 < far < 90:
            turn = np.degrees(heading(line, at))
            found.append(Building(block(here.x, here.y, float(turn), width, depth), "commercial", "", ()))
    return found


def number_text(numbers: tuple[int, ...]) -> str:
    """House numbers of one building as a map gives them."""
    return f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else f"{numbers[0]}"


def side_point(line: LineString, at: float, off: float) -> tuple[float, float]:
    """A point beside a street."""
    shape, _ = beside(line, at, 1.0 if off > 0 else -1.0, abs(off), 1, 1)
    return float(shape.centroid.x), float(shape.centroid.y)
