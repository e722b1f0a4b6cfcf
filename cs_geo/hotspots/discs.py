"""The ground within reach of a cluster: the union of discs round its cores, for many clusters at once.

The edge of such a union runs along the circle of one core until it crosses the line halfway to another, and goes on
along that one's circle. These crossings are the points of the cores' Voronoi edges at exactly the radius from both
cores (the boundary of an alpha shape: Edelsbrunner, Kirkpatrick & Seidel 1983, doi:10.1109/TIT.1983.1056714), so one
Delaunay triangulation of all clusters gives every edge, without overlaying a disc on a disc: a million discs take
seconds instead of minutes. Where points lie so regularly that rounding leaves a chain of arcs broken, the discs of
that cluster are united one by one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Delaunay
from shapely.geometry.base import BaseGeometry

from cs_geo.hotspots.grouping import rows_by_group

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MARGIN_M = 0.25
"""Added to the radius so that a member at exactly the radius is still inside when a file rounds its coordinates to six
decimals of a degree (at most 0.07 m)."""
_QUARTER_SEGMENTS = 8
_STEP = math.pi / (2 * _QUARTER_SEGMENTS)
"""Longest arc that one straight side stands for; a side lies outside its arc."""

_BATCH = 10_000
"""Points triangulated together: twenty times as many take two and a half times as long each."""


def disc_radius(radius_m: float) -> float:
    """Radius to the corners of the 32-sided disc whose sides lie outside the circle of ``radius_m`` and its margin."""
    return (radius_m + MARGIN_M) / math.cos(_STEP / 2)


def disc_union(cores: Floats, radius_m: float) -> BaseGeometry:
    """Union of the discs round points (shape (n, 2), metres)."""
    union: BaseGeometry = disc_unions([cores], radius_m)[0]
    return union


def disc_unions(cores_of: Sequence[Floats], radius_m: float) -> npt.NDArray[np.object_]:
    """Union of the discs round the points of each cluster.

    Parameters
    ----------
    cores_of
        Cores of each cluster, shape (n, 2), metres.
    radius_m
        Radius that the discs reach at least; they reach at most to ``disc_radius``.

    Returns
    -------
    ndarray of geometry
        A polygon, with holes where ground is beyond reach, or a multipolygon where cores are not within twice the
        radius of one another.
    """
    points = np.cumsum([len(cores) for cores in cores_of], dtype=np.int64)
    batches = [[cores_of[number] for number in rows] for rows in rows_by_group(points // _BATCH) if len(rows)]
    drawn = [_draw(batch, radius_m) for batch in batches]
    return np.concatenate(drawn) if drawn else np.empty(0, dtype=object)


def _draw(cores_of: Sequence[Floats], radius_m: float) -> npt.NDArray[np.object_]:
    unions = np.empty(len(cores_of), dtype=object)
    # Three points far from one another make a triangulation of any clusters possible, even of two points or a line.
    helpers = np.array([[0.0, 0.0], [8 * radius_m, 0.0], [0.0, 8 * radius_m]])
    together = [*cores_of, helpers]
    cluster = np.repeat(np.arange(len(together)), [len(own) for own in together])
    _assemble(_trace(np.concatenate(together), cluster, radius_m + MARGIN_M), unions)
    for number in np.flatnonzero(shapely.is_missing(unions) | ~shapely.is_valid(unions)).tolist():
        unions[number] = _unite_one_by_one(cores_of[number], radius_m)
    return unions


@dataclass(frozen=True, slots=True)
class _Edges:
    """Directed edges between neighbouring cores on whose left their circles cross outside all other discs."""

    start: Integers
    end: Integers
    crossing: Floats
    """Where the circles cross, shape (n, 2)."""
    alone: Integers
    """Rows of cores whose discs meet no other of their cluster: their circles have no crossing to begin from."""


@dataclass(frozen=True, slots=True)
class _Rings:
    """Closed chains of arcs: corners, the ring each belongs to, and the cluster of each ring."""

    corners: Floats
    ring: Integers
    cluster: Integers


def _trace(cores: Floats, cluster: Integers, reach: float) -> _Rings:
    """Chain the arcs of all clusters to rings; clusters with a broken chain have none."""
    triangulation = Delaunay(_set_apart(cores, cluster, reach))
    edges = _exposed_edges(triangulation, cores, cluster, reach)
    following, broken = _following(cores, edges)
    whole = np.ones(int(cluster[-1]) + 1, dtype=bool)
    whole[cluster[broken]] = whole[cluster[edges.alone]] = False
    order, ring = _walk(following, whole[cluster[edges.start]])
    corners, arc = _arc_corners(
        cores[edges.start[order]], edges.crossing[order], edges.crossing[following[order]], reach
    )
    first = np.flatnonzero(np.diff(ring, prepend=-1))
    return _Rings(corners, ring[arc], cluster[edges.start[order[first]]])


def _exposed_edges(triangulation: Delaunay, cores: Floats, cluster: Integers, reach: float) -> _Edges:
    corner = triangulation.simplices.astype(np.int64)
    # Half-edge 3t + k is the side of triangle t opposite its corner k, with that corner on its left.
    start, end, apex = np.roll(corner, -1, axis=1).ravel(), np.roll(corner, -2, axis=1).ravel(), corner.ravel()
    opposite = _opposite_half_edges(triangulation.neighbors.astype(np.int64))
    own_side = cluster[start] == cluster[end]
    middle, along = (cores[start] + cores[end]) / 2, cores[end] - cores[start]
    length = np.hypot(*along.T)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.column_stack([-along[:, 1], along[:, 0]]) / length[:, None]
        # Triangles run anticlockwise, so the height is not negative but for rounding of flat ones.
        height = np.abs(np.einsum("ij,ij->i", left, cores[apex] - middle))
        towards = np.einsum("ij,ij->i", cores[apex] - cores[start], cores[apex] - cores[end])
        # Offset of the circumcentre from the middle of the side; a corner of another cluster bounds nothing.
        bound = np.where(own_side & (cluster[start] == cluster[apex]), towards / (2 * height), np.inf)
        offset = np.where(own_side, np.sqrt(reach**2 - (length / 2) ** 2), np.nan)
        shown = (offset <= bound) & (-np.where(opposite >= 0, bound[opposite], np.inf) <= offset)
        # Outside the convex hull there is no triangle: its sides are taken the other way round as well.
        outside = (opposite < 0) & (-bound <= offset)
    meets_another = np.zeros(len(cores), dtype=bool)
    meets_another[start[np.isfinite(offset)]] = True
    meets_another[end[np.isfinite(offset)]] = True
    return _Edges(
        start=np.concatenate([start[shown], end[outside]]),
        end=np.concatenate([end[shown], start[outside]]),
        crossing=np.concatenate(
            [
                middle[shown] + left[shown] * offset[shown, None],
                middle[outside] - left[outside] * offset[outside, None],
            ]
        ),
        alone=np.flatnonzero(~meets_another),
    )


def _set_apart(cores: Floats, cluster: Integers, reach: float) -> Floats:
    """Move clusters so far apart that no disc of one meets another: they can then be triangulated together."""
    count = int(cluster[-1]) + 1
    lowest = np.full((count, 2), np.inf)
    highest = np.full((count, 2), -np.inf)
    np.minimum.at(lowest, cluster, cores)
    np.maximum.at(highest, cluster, cores)
    width, height = (highest - lowest).T + 8 * reach
    columns = math.ceil(math.sqrt(count))
    column, row = np.arange(count) % columns, np.arange(count) // columns
    west = np.array([width[column == one].max(initial=0) for one in range(columns)]).cumsum()
    south = np.array([height[row == one].max(initial=0) for one in range(columns)]).cumsum()
    return np.asarray(cores - lowest[cluster] + np.column_stack([west[column], south[row]])[cluster])


def _opposite_half_edges(neighbours: Integers) -> Integers:
    """For each half-edge the one on the other side of it, -1 on the hull. ``neighbours``: triangle beyond each side."""
    across = neighbours.ravel()
    triangle = np.repeat(np.arange(len(neighbours)), 3)
    opposite = np.full(len(across), -1, dtype=np.int64)
    for side in range(3):
        back = (across >= 0) & (neighbours[across, side] == triangle)
        opposite[back] = 3 * across[back] + side
    return opposite


def _following(cores: Floats, edges: _Edges) -> tuple[Integers, Integers]:
    """The edge whose crossing ends the arc that begins at each edge's crossing.

    Round each core, crossings where an arc begins (edges that start there) and where one ends (edges that end there)
    alternate. Where they do not, the chain is broken.

    Returns
    -------
    following : ndarray
        Row of the following edge, for each edge.
    broken : ndarray
        Rows of cores round which beginnings and ends do not alternate.
    """
    count = len(edges.start)
    following = np.zeros(count, dtype=np.int64)
    if not count:
        return following, np.zeros(0, dtype=np.int64)
    at = np.concatenate([edges.start, edges.end])
    ends_here = np.repeat([False, True], count)
    edge = np.tile(np.arange(count), 2)
    order = np.lexsort((_direction(edges.crossing[edge] - cores[at]), at))
    at, ends_here, edge = at[order], ends_here[order], edge[order]
    firsts = np.flatnonzero(np.concatenate([[True], at[1:] != at[:-1]]))
    successor = np.arange(1, len(at) + 1)
    successor[np.concatenate([firsts[1:], [len(at)]]) - 1] = firsts
    following[edge[~ends_here]] = edge[successor[~ends_here]]
    return following, np.unique(at[ends_here == ends_here[successor]])


def _arc_corners(centre: Floats, begins: Floats, ends: Floats, reach: float) -> tuple[Floats, Integers]:
    """Corners of the straight sides that stand for arcs, each arc's first point leading, and the arc of each corner.

    The corners between the ends lie where tangents of the circle meet, so that no part of a disc is cut off.
    """
    first = _direction(begins - centre)
    turn = np.mod(_direction(ends - centre) - first, 2 * math.pi)
    sides = np.maximum(np.ceil(turn / _STEP).astype(np.int64), 1)
    arc = np.repeat(np.arange(len(centre)), sides + 1)
    place = np.arange(len(arc)) - np.repeat(np.cumsum(sides + 1) - sides - 1, sides + 1)
    step = turn[arc] / sides[arc]
    angle = first[arc] + (place - 0.5) * step
    tangents = centre[arc] + np.column_stack([np.cos(angle), np.sin(angle)]) * (reach / np.cos(step / 2))[:, None]
    return np.where((place == 0)[:, None], begins[arc], tangents), arc


def _direction(vector: Floats) -> Floats:
    return np.arctan2(vector[:, 1], vector[:, 0])


def _walk(following: Integers, whole: npt.NDArray[np.bool_]) -> tuple[Integers, Integers]:
    """Edges in the order in which they follow one another, ring after ring, and the number of each one's ring."""
    order: list[int] = []
    ring: list[int] = []
    waiting, next_of, number = whole.tolist(), following.tolist(), 0
    for edge in range(len(waiting)):
        if not waiting[edge]:
            continue
        while waiting[edge]:
            waiting[edge] = False
            order.append(edge)
            ring.append(number)
            edge = next_of[edge]
        number += 1
    return np.array(order, dtype=np.int64), np.array(ring, dtype=np.int64)


def _assemble(rings: _Rings, unions: npt.NDArray[np.object_]) -> None:
    """Make polygons of rings: anticlockwise ones are outer edges, clockwise ones holes. Several outer edges: none."""
    drawn = np.asarray(shapely.linearrings(rings.corners, indices=rings.ring))
    outer = shapely.is_ccw(drawn)
    holes_of = rows_by_group(np.where(outer, -1, rings.cluster), len(unions))
    outers_of = rows_by_group(np.where(outer, rings.cluster, -1), len(unions))
    for number, (outers, holes) in enumerate(zip(outers_of, holes_of, strict=True)):
        if len(outers) == 1:
            unions[number] = shapely.Polygon(drawn[outers[0]], drawn[holes])


def _unite_one_by_one(cores: Floats, radius_m: float) -> BaseGeometry:
    """The union by overlaying discs. Buffering a MultiPoint gives the same shape thirty-five times slower."""
    discs = shapely.buffer(np.asarray(shapely.points(cores)), disc_radius(radius_m), quad_segs=_QUARTER_SEGMENTS)
    union: BaseGeometry = shapely.union_all(discs)
    return union
