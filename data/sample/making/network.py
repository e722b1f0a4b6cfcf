"""Streets, paths and rails with shared vertices where they meet, as OpenStreetMap wants them."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Point
from shapely.strtree import STRtree

from making import layout
from making.geometry import Coords
from making.naming import Street

MEETS_WITHIN = 1.5
"""An end this near to another street is on it."""
TIDY = 7.0
"""A drawn vertex nearer than this to a junction is dropped."""
CUT_THROUGH = (16.0, 95.0)
"""Shortest and longest footpath from the end of a close to the next street."""


@dataclass
class Way:
    """A line with its vertices rounded to 0.1 m, so that equal vertices are one node."""

    name: str
    highway: str
    xy: list[tuple[float, float]]
    street: Street | None = None


def paths(streets: list[Street]) -> list[Street]:
    """Footpaths: through the parks, along the river, over the footbridge, down the Steps, and out of closes."""
    drawn = [Street("", "footway", line, "", "path") for line in layout.PARK_PATHS]
    drawn += [Street("Sallow Path", "footway", line, "", "path") for line in layout.RIVERSIDE]
    drawn.append(Street("", "footway", layout.FOOTBRIDGE, "", "path"))
    drawn.append(Street("", "steps", layout.STEPS, "", "path"))
    return drawn + _cut_throughs(streets)


def _cut_throughs(streets: list[Street]) -> list[Street]:
    tree = STRtree([street.line for street in streets])
    closed = shapely.union_all([layout.RIVER, layout.RAILWAY] + [site.outline for site in layout.SITES])
    found: list[Street] = []
    for number, street in enumerate(streets):
        if street.manner not in {"estate", "semi"}:
            continue
        end = Point(street.line.coords[-1])
        others = [int(n) for n in tree.query(end, predicate="dwithin", distance=CUT_THROUGH[1]) if int(n) != number]
        if any(streets[n].line.distance(end) < CUT_THROUGH[0] for n in others):
            continue
        mine = street.line.coords[0]
        for n in sorted(others, key=lambda n: streets[n].line.distance(end)):
            other = streets[n].line
            link = LineString([end, other.interpolate(other.project(end))])
            if (
                other.distance(Point(mine)) > 2
                and not link.intersects(closed)
                and len(tree.query(link, "intersects")) <= 2
            ):
                found.append(Street("", "footway", link, street.quarter, "path"))
                break
    return found[::2]


def join(streets: list[Street]) -> list[Way]:
    """The streets as ways that share a vertex wherever they meet."""
    lines = [street.line for street in streets]
    tree = STRtree(lines)
    met: dict[int, list[tuple[float, float]]] = defaultdict(list)
    pairs = tree.query(lines, predicate="dwithin", distance=MEETS_WITHIN)
    for one, other in pairs.T:
        if one < other:
            for point in _meetings(lines[one], lines[other]):
                met[int(one)].append(point)
                met[int(other)].append(point)
    return [
        Way(street.name, street.highway, _with_vertices(street.line, met[number]), street)
        for number, street in enumerate(streets)
    ]


def _meetings(one: LineString, other: LineString) -> list[tuple[float, float]]:
    """Where two streets meet: where an end of one lies on the other, and where they cross."""
    found: list[Point] = []
    for line, end_of in ((one, other), (other, one)):
        for at in (0, -1):
            end = Point(end_of.coords[at])
            if line.distance(end) <= MEETS_WITHIN:
                found.append(end)
    for part in shapely.get_parts(one.intersection(other)):
        middle = part if isinstance(part, Point) else part.interpolate(0.5, normalized=True)
        if all(middle.distance(there) > 4 for there in found):
            found.append(middle)
    distinct: list[Point] = []
    for point in found:
        if all(point.distance(there) > 3 for there in distinct):
            distinct.append(point)
    return [(round(point.x, 1), round(point.y, 1)) for point in distinct]


def _with_vertices(line: LineString, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The line's vertices with the meeting points put in, and drawn vertices beside those left out."""
    own = [(round(float(x), 1), round(float(y), 1)) for x, y in shapely.simplify(line, 0.4).coords]
    placed = sorted({(round(line.project(Point(xy)), 2), xy) for xy in dict.fromkeys(points)})
    kept = list(placed)
    for place, xy in enumerate(own):
        at = line.project(Point(xy))
        apart = MEETS_WITHIN + 0.5 if place in {0, len(own) - 1} else TIDY
        if all(abs(at - there) >= apart for there, _ in placed):
            kept.append((at, xy))
    ordered = [xy for _, xy in sorted(kept)]
    return [xy for number, xy in enumerate(ordered) if number == 0 or xy != ordered[number - 1]]


def connected(ways: list[Way]) -> list[Way]:
    """The ways that can be reached from High Street; a handful of drawn strays falls away."""
    at: dict[tuple[float, float], list[int]] = defaultdict(list)
    for number, way in enumerate(ways):
        for xy in way.xy:
            at[xy].append(number)
    start = next(number for number, way in enumerate(ways) if way.name == "High Street")
    reached, todo = {start}, [start]
    while todo:
        for xy in ways[todo.pop()].xy:
            for number in at[xy]:
                if number not in reached:
                    reached.add(number)
                    todo.append(number)
    return [way for number, way in enumerate(ways) if number in reached]


def junctions(ways: list[Way]) -> dict[tuple[float, float], tuple[str, ...]]:
    """Where streets of different names meet: the point and their names."""
    at: dict[tuple[float, float], set[str]] = defaultdict(set)
    for way in ways:
        for xy in way.xy:
            if way.name:
                at[xy].add(way.name)
    return {xy: tuple(sorted(found)) for xy, found in sorted(at.items()) if len(found) > 1}


def coordinates(way: Way) -> Coords:
    """Local coordinates of a way's vertices."""
    return np.asarray(way.xy, dtype=np.float64)
