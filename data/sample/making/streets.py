"""Side streets: grown between the main roads by the manner of each quarter.

Terraces are rows on a slightly bent grid. Everywhere else a street sets off at a right angle from one already there,
keeps its distance from the others, and either meets the next street or ends as a cul-de-sac; how long, how bent and
how often it meets depends on when that part of the town would have been built.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize, substring, unary_union

from making import layout
from making.geometry import Coords, chance, heading, lines_of, polygons_of


@dataclass(frozen=True)
class Manner:
    """Distances in metres, angles in degrees."""

    clearance: float
    """Distance kept from other streets."""
    shortest: float
    longest: float
    shortest_end: float
    """Shortest dead end."""
    meets: float
    """Share of streets that meet the next street where they could."""
    bend: float
    """Largest steady bend, in degrees per 100 m."""
    skew: float
    """Largest deviation from a right angle."""


COLLECTORS = Manner(clearance=190, shortest=180, longest=700, shortest_end=180, meets=1.0, bend=16, skew=8)
MANNERS = {
    "old": Manner(clearance=64, shortest=50, longest=230, shortest_end=95, meets=0.95, bend=14, skew=14),
    "semi": Manner(clearance=102, shortest=90, longest=420, shortest_end=90, meets=0.8, bend=22, skew=6),
    "estate": Manner(clearance=80, shortest=70, longest=230, shortest_end=70, meets=0.12, bend=40, skew=12),
}
ROW_SPACING = 78.0
CROSS_SPACING = 185.0
_STEP = 10.0


@dataclass
class Draft:
    """A street before it has a name."""

    line: LineString
    highway: str
    quarter: str
    dead_end: bool = False


_CELL = 6.0
_MARGIN = 400.0
_SHAPE = (1200, 1250)
_SPREAD = np.hypot(*np.mgrid[-40:41, -40:41]) * _CELL
"""Distance of the cells around a cell from it."""


@dataclass
class Plan:
    """The streets laid so far, with a quick answer, good to a cell of 6 m, to how near the next one is."""

    drafts: list[Draft] = field(default_factory=list)
    _owner: npt.NDArray[np.int32] = field(default_factory=lambda: np.full(_SHAPE, -1, dtype=np.int32))

    def lay(self, draft: Draft) -> int:
        """Add a street and return its number."""
        number = len(self.drafts)
        self.drafts.append(draft)
        along = shapely.line_interpolate_point(draft.line, np.arange(0, draft.line.length + 4, 4))
        columns, rows = self._cell(shapely.get_x(along), shapely.get_y(along))
        self._owner[rows, columns] = number
        return number

    def nearest(self, x: float, y: float, reach: float, but: int = -1) -> tuple[float, int]:
        """Distance to the nearest other street and its number, or infinity and -1 if none is within ``reach``."""
        span = min(int(reach / _CELL), 40)
        column, row = int((x + _MARGIN) / _CELL), int((y + _MARGIN) / _CELL)
        owner = self._owner[row - span : row + span + 1, column - span : column + span + 1]
        far = np.where((owner < 0) | (owner == but), np.inf, _SPREAD[40 - span : 41 + span, 40 - span : 41 + span])
        best = int(far.argmin())
        distance = float(far.flat[best])
        return (distance, int(owner.flat[best])) if distance <= reach else (float("inf"), -1)

    def _cell(self, x: Coords, y: Coords) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        columns = ((x + _MARGIN) / _CELL).astype(np.intp)
        rows = ((y + _MARGIN) / _CELL).astype(np.intp)
        return np.clip(columns, 0, _SHAPE[1] - 1), np.clip(rows, 0, _SHAPE[0] - 1)


def river_bed() -> Polygon:
    """The river between its banks."""
    return layout.RIVER.buffer(layout.RIVER_HALF_WIDTH)


@lru_cache(maxsize=1)
def _barriers() -> BaseGeometry:
    """What no side street crosses."""
    barriers = unary_union([layout.RIVER, layout.RAILWAY, *(site.outline for site in layout.SITES)])
    shapely.prepare(barriers)
    return barriers


def quarters() -> dict[str, list[Polygon]]:
    """The pieces of built-up land between main roads, river and railway, by quarter."""
    edges = [road.line for road in layout.ROADS] + [layout.RIVER, layout.RAILWAY, layout.BUILT_UP.exterior]
    faces = [face for face in polygonize(unary_union(edges)) if layout.BUILT_UP.contains(face.representative_point())]
    seeds = [(Point(at), quarter.name) for quarter in layout.QUARTERS for at in quarter.at]
    found: dict[str, list[Polygon]] = {quarter.name: [] for quarter in layout.QUARTERS}
    for face in sorted(faces, key=lambda face: (round(face.centroid.x), round(face.centroid.y))):
        middle = face.representative_point()
        found[min(seeds, key=lambda seed: seed[0].distance(middle))[1]].append(face)
    return found


def open_land(faces: list[Polygon]) -> MultiPolygon:
    """Where streets of a quarter may run: clear of water, railway, sites and the fields."""
    taken = [river_bed().buffer(26), layout.RAILWAY.buffer(24)] + [site.outline.buffer(9) for site in layout.SITES]
    kept = unary_union(faces).intersection(layout.BUILT_UP.buffer(-25)).difference(unary_union(taken))
    return MultiPolygon(polygons_of(kept))


def grow(plan: Plan, land: MultiPolygon, quarter: str, manner: Manner, highway: str, tries: float) -> None:
    """Lay streets off those that touch the land, with so many tries a hectare."""
    rng = chance(f"grow {quarter} {highway}")
    shapely.prepare(land)
    starts = [start for number in range(len(plan.drafts)) for start in _starts(plan, number, land, manner)]
    for _ in range(round(tries * land.area / 10_000)):
        host, at = starts[int(rng.integers(len(starts)))]
        line = plan.drafts[host].line
        side = 1 if rng.random() < 0.5 else -1
        skew = np.radians(rng.uniform(-manner.skew, manner.skew))
        bend = np.radians(rng.uniform(-manner.bend, manner.bend)) / 100 * _STEP
        start, direction = line.interpolate(at), heading(line, at) + side * np.pi / 2 + skew
        length, meets = float(rng.uniform(manner.shortest, manner.longest)), bool(rng.random() < manner.meets)
        ahead = np.array([start.x, start.y]) + 0.62 * manner.clearance * np.array(
            [np.cos(direction), np.sin(direction)]
        )
        if not meets and plan.nearest(ahead[0], ahead[1], manner.clearance, host)[1] >= 0:
            continue
        drawn = _draw(plan, land, host, np.array([start.x, start.y]), direction, bend, length, meets, manner)
        if drawn is not None and not (drawn[1] and drawn[0].length < manner.shortest_end):
            starts += _starts(plan, plan.lay(Draft(drawn[0], highway, quarter, drawn[1])), land, manner)


def _starts(plan: Plan, number: int, land: MultiPolygon, manner: Manner) -> list[tuple[int, float]]:
    """Where a side street could set off from this one: away from its ends and beside the land."""
    line = plan.drafts[number].line
    if line.distance(land) > 25:
        return []
    along = np.arange(0.5 * manner.clearance, line.length - 0.5 * manner.clearance, 7.0)
    beside = shapely.dwithin(shapely.line_interpolate_point(line, along), land, 25)
    return [(number, float(at)) for at in along[beside]]


def _draw(
    plan: Plan,
    land: MultiPolygon,
    host: int,
    start: Coords,
    direction: float,
    bend: float,
    length: float,
    meets: bool,
    manner: Manner,
) -> tuple[LineString, bool] | None:
    """One street and whether it is a dead end, or None where there is no room for it."""
    points = [start]
    done = 0.0
    entered = False
    while done < length or meets:
        here = points[-1] + _STEP * np.array([np.cos(direction), np.sin(direction)])
        done += _STEP
        inside = bool(shapely.contains_xy(land, here[0], here[1]))
        entered = entered or inside
        if (entered and not inside) or (not entered and done > 40) or done > manner.longest * 1.3:
            return _end(points, done, manner)
        if done >= 0.6 * manner.clearance:
            but = host if done < manner.clearance * 1.05 else -1
            which = plan.nearest(here[0], here[1], manner.clearance, but)[1]
            if which >= 0:
                return _meet(plan, points, here, direction, which, manner) if meets else _end(points, done, manner)
        points.append(here)
        direction += bend
    return _end(points, done, manner)


def _end(points: list[Coords], done: float, manner: Manner) -> tuple[LineString, bool] | None:
    if done < manner.shortest or len(points) < 4:
        return None
    return LineString(np.array(points)), True


def _meet(
    plan: Plan, points: list[Coords], here: Coords, direction: float, which: int, manner: Manner
) -> tuple[LineString, bool] | None:
    """Carry the street on to the one it came near, if it would meet it squarely and away from corners."""
    other = plan.drafts[which].line
    at = other.project(Point(here))
    if min(at, other.length - at) < 0.4 * manner.clearance:
        return None
    foot = np.array(other.interpolate(at).coords[0])
    towards = float(np.arctan2(*(foot - here)[::-1]))
    turn = (towards - direction + np.pi) % (2 * np.pi) - np.pi
    if abs(turn) > np.radians(42):
        return None
    if LineString([here, foot]).intersects(_barriers()):
        return None
    line = LineString(np.array([*points, here, foot]))
    return (line, False) if line.length >= manner.shortest else None


def rows(plan: Plan, land: MultiPolygon, quarter: str, angle: float) -> None:
    """Lay terraced rows and their cross streets."""
    rng = chance(f"rows {quarter}")
    middle = land.centroid
    turn = np.radians(angle)
    basis = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    phase = rng.uniform(0, 2 * np.pi, 2)

    def laid(u: Coords, v: Coords) -> LineString:
        """A line of the grid, bent as rows bend that followed older field edges."""
        bent_v = v + 14 * np.sin(u / 260 + phase[0]) + 5 * np.sin(u / 95 + phase[1])
        bent_u = u + 10 * np.sin(v / 210 + phase[1])
        return LineString(np.column_stack([bent_u, bent_v]) @ basis + np.array([middle.x, middle.y]))

    reach = np.arange(-1200.0, 1201.0, 15.0)
    crosses: list[LineString] = []
    offset = -1200.0 + rng.uniform(0, CROSS_SPACING)
    while offset < 1200:
        crosses.append(laid(np.full_like(reach, offset), reach))
        offset += CROSS_SPACING * rng.uniform(0.75, 1.3)
    crossing = unary_union(crosses)
    for v in np.arange(-1200.0, 1200.0, ROW_SPACING):
        for piece in lines_of(laid(reach, np.full_like(reach, v)).intersection(land)):
            for row in _clear_runs(plan, piece, crossing):
                plan.lay(Draft(row, "residential", quarter))
    for line in crosses:
        for piece in lines_of(line.intersection(land)):
            if piece.length >= 70 and sum(_beside(plan, piece, share * piece.length) for share in _SHARES) < 2:
                plan.lay(Draft(piece, "residential", quarter))


_SHARES = (0.2, 0.35, 0.5, 0.65, 0.8)


def _clear_runs(plan: Plan, piece: LineString, crossing: BaseGeometry) -> list[LineString]:
    """The parts of a row that do not run beside a road, each cut back to a cross street or the road it comes from."""
    stations = [*np.arange(20.0, piece.length - 20, 15), piece.length]
    runs: list[tuple[float, float]] = []
    start = 0.0
    for at in stations:
        if at < piece.length and not _beside(plan, piece, float(at)):
            continue
        end = piece.length if at == piece.length else float(at) - 15
        if end - start >= 70:
            runs.append((start, end))
        start = float(at) + 15
    found: list[LineString] = []
    for start, end in runs:
        meets = sorted(piece.project(point) for point in shapely.get_parts(piece.intersection(crossing)))
        meets = [at for at in meets if start <= at <= end]
        first = 0.0 if start == 0 else min(meets, default=end)
        last = piece.length if end == piece.length else max(meets, default=start)
        if last - first >= 70:
            found += lines_of(substring(piece, first, last))
    return found


def _beside(plan: Plan, piece: LineString, at: float) -> bool:
    """Does the piece run along a street that is there already?"""
    here = piece.interpolate(at)
    other = plan.nearest(here.x, here.y, 40)[1]
    if other < 0:
        return False
    line = plan.drafts[other].line
    return bool(abs(np.sin(heading(line, line.project(here)) - heading(piece, at))) < 0.5)


def lay_town() -> Plan:
    """Every street of the town, main roads first."""
    plan = Plan()
    for road in layout.ROADS:
        plan.lay(Draft(road.line, road.highway, ""))
    pieces = quarters()
    for quarter in layout.QUARTERS:
        faces = pieces[quarter.name]
        land = open_land(faces)
        if quarter.manner == "terrace":
            rows(plan, land, quarter.name, quarter.angle)
            continue
        if quarter.manner in {"semi", "estate"}:
            grow(plan, land, quarter.name, COLLECTORS, "collector", 5)
        grow(plan, land, quarter.name, MANNERS[quarter.manner], "residential", 34 if quarter.manner == "estate" else 24)
    for name, middle, radius in layout.VILLAGES:
        grow(
            plan,
            MultiPolygon(polygons_of(middle.buffer(radius).intersection(layout.BOROUGH.buffer(-60)))),
            name,
            MANNERS["estate"],
            "residential",
            9,
        )
    return plan
