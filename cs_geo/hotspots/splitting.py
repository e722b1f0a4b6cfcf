"""A hotspot has a size: clusters too large to walk are split by asking for more reports within the same radius.

Where reports are dense over a whole town centre, DBSCAN joins them into one cluster of many square kilometres, which
tells nobody where to go. Such a cluster is taken apart by raising the minimum step by step, for this cluster alone,
until what remains fits: the denser parts stay, the thinner ground between them falls away. Every resulting hotspot is
therefore a cluster that plain DBSCAN finds at the minimum it states (``min_reports_used``), and the same for everybody.

The price: reports on the ground that fell away are in no hotspot, though elsewhere as many would make one. And where
reports lie evenly over a large area nothing is denser than the rest: that cluster stays whole and is marked as too
large, for an even carpet is not a concentration.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry

from cs_geo.hotspots.clusters import NO_CLUSTER, Clusters, Flags, Floats, Integers, assign_to_nearest, join_cores
from cs_geo.hotspots.discs import disc_union
from cs_geo.hotspots.grouping import rows_by_group

_SHED = 0.05
"""Share of a cluster's core places that each step sheds at least: fine enough to keep pieces near the largest size,
coarse enough for a million points to need few steps."""


@dataclass(frozen=True, slots=True)
class SizedClusters:
    """Clusters none of which is larger than allowed, unless marked. Arrays by point, then arrays by cluster."""

    labels: Integers
    core: Flags
    density: Integers
    min_reports_used: Integers
    """By cluster: the minimum at which DBSCAN finds it."""
    split_from: Integers
    """By cluster: number of the larger cluster it was split from, ``NO_CLUSTER`` if it was not."""
    too_large: Flags
    """By cluster: larger than allowed, and nothing in it is denser than the rest."""
    discs: tuple[BaseGeometry | None, ...]
    """By cluster: the union of discs where measuring already drew it."""


@dataclass(frozen=True, slots=True)
class _Piece:
    cores: Integers
    min_reports: int
    split_from: int
    too_large: bool
    discs: BaseGeometry | None


def split_large_clusters(
    xy: Floats, weight: Integers, clusters: Clusters, *, radius_m: float, min_reports: int, max_area_m2: float
) -> SizedClusters:
    """Split the clusters whose outline would be larger than ``max_area_m2``.

    Parameters
    ----------
    xy, weight
        Distinct points in metres, shape (n, 2), in the order of x, then y, and the reports at each.
    clusters
        What ``cluster_places`` found in them at ``min_reports``.

    Returns
    -------
    SizedClusters
        Every point again with its nearest core among those that are left.
    """
    pieces: list[_Piece] = []
    core_rows = np.flatnonzero(clusters.core)
    for number, members in enumerate(rows_by_group(clusters.labels[core_rows], clusters.count)):
        pieces.extend(_pieces(xy, clusters.density, core_rows[members], number, radius_m, min_reports, max_area_m2))
    return _gather(xy, weight, clusters, pieces, radius_m)


def _pieces(
    xy: Floats, density: Integers, cores: Integers, number: int, radius_m: float, min_reports: int, max_area_m2: float
) -> Iterator[_Piece]:
    waiting = [(cores, min_reports)]
    while waiting:
        rows, level = waiting.pop()
        fits, discs = _measure(xy[rows], radius_m, max_area_m2)
        was_split = NO_CLUSTER if rows is cores else number
        if fits:
            yield _Piece(rows, level, was_split, too_large=False, discs=discs)
        elif (higher := _next_level(density[rows])) is None:
            yield _Piece(rows, level, was_split, too_large=True, discs=discs)
        else:
            dense = rows[density[rows] >= higher]
            groups = join_cores(xy[dense], radius_m)
            waiting.extend((dense[members], higher) for members in rows_by_group(groups))


def _next_level(density: Integers) -> int | None:
    """The lowest minimum that sheds at least ``_SHED`` of the cores, and not all; None where all are equally dense."""
    ordered = np.sort(density)
    shed = int(ordered[math.floor(_SHED * (len(ordered) - 1))])
    if shed < ordered[-1]:
        return shed + 1
    return None if ordered[0] == ordered[-1] else int(ordered[-1])


def _measure(cores: Floats, radius_m: float, max_area_m2: float) -> tuple[bool, BaseGeometry | None]:
    """Does the union of discs round the cores fit? The union is returned where it had to be drawn to tell."""
    width, height = np.ptp(cores, axis=0) + 2.02 * radius_m
    if width * height <= max_area_m2:
        return True, None
    # A square of diagonal r that holds a core lies within that core's disc.
    squares = np.floor(cores / (radius_m / math.sqrt(2))).astype(np.int64)
    covered = len(np.unique(squares[:, 0] * 2**32 + squares[:, 1])) * radius_m**2 / 2
    if covered > max_area_m2:
        return False, None
    discs = disc_union(cores, radius_m)
    return bool(discs.area <= max_area_m2), discs


def _gather(xy: Floats, weight: Integers, clusters: Clusters, pieces: list[_Piece], radius_m: float) -> SizedClusters:
    owner = np.full(len(xy), NO_CLUSTER, dtype=np.int64)
    for number, piece in enumerate(pieces):
        owner[piece.cores] = number
    core_rows = np.flatnonzero(owner != NO_CLUSTER)
    labels = assign_to_nearest(xy, core_rows, owner[core_rows], radius_m)
    members = labels != NO_CLUSTER
    reports = np.bincount(labels[members], weights=weight[members], minlength=len(pieces))
    firsts = np.full(len(pieces), len(xy))
    np.minimum.at(firsts, labels[members], np.flatnonzero(members))
    order = np.lexsort((firsts, -reports))
    new_number = np.empty(len(pieces), dtype=np.int64)
    new_number[order] = np.arange(len(pieces))
    ordered = [pieces[number] for number in order]
    return SizedClusters(
        labels=np.where(members, new_number[labels], NO_CLUSTER) if pieces else labels,
        core=owner != NO_CLUSTER,
        density=clusters.density,
        min_reports_used=np.array([piece.min_reports for piece in ordered], dtype=np.int64),
        split_from=np.array([piece.split_from for piece in ordered], dtype=np.int64),
        too_large=np.array([piece.too_large for piece in ordered], dtype=bool),
        discs=tuple(piece.discs for piece in ordered),
    )
