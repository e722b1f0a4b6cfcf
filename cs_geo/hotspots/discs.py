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
from scipy.spatial import Delaunay, QhullError
from shapely.geometry.base import BaseGeometry

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MARGIN_M = 0.25
"""Added to the radius so that a member at exactly the radius is still inside when a file rounds its coordinates to six
decimals of a degree (at most 0.07 m)."""
_QUARTER_SEGMENTS = 8
_STEP = math.pi / (2 * _QUARTER_SEGMENTS)
"""Longest arc that one straight side stands for; a side lies outside its arc."""


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
    unions = np.empty(len(cores_of), dtype=object)
    if not len(cores_of):
        return unions
    cores = np.concatenate(list(cores_of))
    cluster = np.repeat(np.arange(len(cores_of)), [len(own) for own in cores_of])
    rings = _trace(cores, cluster, radius_m + MARGIN_M)
    if rings is not None:
        _assemble(rings, unions)
    for number in np.flatnonzero(shapely.is_missing(unions) | ~shapely.is_valid(unions)):
        unions[number] = _unite_one_by_one(cores_of[number], radius_m)
    return unions


@dataclass(frozen=True, slots=True)
class _Rings:
    """Closed chains of arcs: corners, the ring each belongs to, and the cluster of each ring."""

    corners: Floats
    ring: Integers
    cluster: Integers


def _trace(cores: Floats, cluster: Integers, reach: float) -> _Rings | None:
    """Chain the arcs of all clusters to rings; clusters with a broken chain have none. None without a triangulation."""
    edges = _exposed_edges(cores, cluster, reach)
    if edges is None:
        return None
    start, end, crossing = edges
    following, broken = _following(cores, start, end, crossing)
    whole = ~np.isin(cluster[start], cluster[broken])
    order, ring = _walk(following, whole)
    # From its crossing, an edge's arc runs round the core where it starts to the crossing of the one that follows.
    centre = cores[start[order]]
    first = np.arctan2(*(crossing[order] - centre).T[::-1])
    last = np.arctan2(*(crossing[following[order]] - centre).T[::-1])
    turn = np.mod(last - first, 2 * math.pi)
    sides = np.maximum(np.ceil(turn / _STEP).astype(np.int64), 1)
    piece = np.repeat(np.arange(len(order)), sides)
    within = np.arange(len(piece)) - np.repeat(np.cumsum(sides) - sides, sides)
    step = turn[piece] / sides[piece]
    angle = first[piece] + (within + 0.5) * step
    outward = np.column_stack([np.cos(angle), np.sin(angle)]) * (reach / np.cos(step / 2))[:, None]
    corners = np.concatenate([crossing[order], centre[piece] + outward])
    place = np.concatenate([np.arange(len(order)), piece + (within + 1) / (sides[piece] + 1)])
    by_place = np.argsort(place, kind="stable")
    rings = np.concatenate([ring, ring[piece]])[by_place]
    return _Rings(corners[by_place], rings, cluster[start[order]][np.searchsorted(ring, np.arange(ring.max(initial=-1) + 1))])


def _exposed_edges(
    cores: Floats, cluster: Integers, reach: float
) -> tuple[Integers, Integers, Floats] | None:
    """Directed edges between neighbouring cores on whose left their circles cross outside all other discs.

    Returns
    -------
    start, end : ndarray
        Rows of the two cores.
    crossing : ndarray
        Where the circles cross, shape (n, 2).
    """
    try:
        triangulation = Delaunay(_set_apart(cores, cluster, reach))
    except (QhullError, ValueError):  # fewer than three points, or all on one line
        return None
    corner = triangulation.simplices.astype(np.int64)
    count = len(corner)
    # Half-edge 3t + k is the side of triangle t opposite its corner k, with that corner on its left.
    start, end, apex = np.roll(corner, -1, axis=1).ravel(), np.roll(corner, -2, axis=1).ravel(), corner.ravel()
    beyond = triangulation.neighbors.astype(np.int64)
    opposite = _opposite_half_edges(beyond, count)
    own = (cluster[start] == cluster[end]) & (cluster[start] == cluster[apex])
    middle = (cores[start] + cores[end]) / 2
    along = cores[end] - cores[start]
    length = np.hypot(*along.T)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.column_stack([-along[:, 1], along[:, 0]]) / length[:, None]
        height = np.einsum("ij,ij->i", left, cores[apex] - middle)
        towards = np.einsum("ij,ij->i", cores[apex] - cores[start], cores[apex] - cores[end])
        # Offset of the circumcentre from the middle of the side; a corner of another cluster bounds nothing.
        bound = np.where(own, towards / (2 * height), np.inf)
        offset = np.sqrt(reach**2 - (length / 2) ** 2)
        right_bound = np.where(opposite >= 0, bound[opposite], np.inf)
        shown = (cluster[start] == cluster[end]) & (offset <= bound) & (-right_bound <= offset)
        hull = (opposite < 0) & (cluster[start] == cluster[end]) & (-bound <= offset) & np.isfinite(offset)
    one_way = (start[shown], end[shown], middle[shown] + left[shown] * offset[shown, None])
    # The outside of the convex hull has no triangle: its sides are taken the other way round.
    other_way = (end[hull], start[hull], middle[hull] - left[hull] * offset[hull, None])
    both = [np.concatenate(pair) for pair in zip(one_way, other_way, strict=True)]
    return both[0], both[1], both[2]


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
    return cores - lowest[cluster] + np.column_stack([west[column], south[row]])[cluster]


def _opposite_half_edges(beyond: Integers, count: int) -> Integers:
    """For each half-edge the one on the other side of it, -1 on the hull."""
    across = beyond.ravel()
    triangle = np.repeat(np.arange(count), 3)
    opposite = np.full(3 * count, -1, dtype=np.int64)
    for side in range(3):
        back = (across >= 0) & (beyond[across, side] == triangle)
        opposite[back] = 3 * across[back] + side
    return opposite


def _following(
    cores: Floats, start: Integers, end: Integers, crossing: Floats
) -> tuple[Integers, npt.NDArray[np.bool_]]:
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
    count = len(start)
    at = np.concatenate([start, end])
    ends_here = np.repeat([False, True], count)
    edge = np.tile(np.arange(count), 2)
    angle = np.arctan2(*(crossing[edge] - cores[at]).T[::-1])
    order = np.lexsort((angle, at))
    at, ends_here, edge = at[order], ends_here[order], edge[order]
    firsts = np.flatnonzero(np.r_[True, at[1:] != at[:-1]]) if len(at) else np.zeros(0, dtype=np.int64)
    lasts = np.r_[firsts[1:], len(at)] - 1
    successor = np.arange(1, len(at) + 1)
    successor[lasts] = firsts
    following = np.zeros(count, dtype=np.int64)
    begins = ~ends_here
    following[edge[begins]] = edge[successor[begins]]
    broken = np.unique(at[ends_here == ends_here[successor]])
    return following, broken
