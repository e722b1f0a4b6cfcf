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
from dataclasses import dataclass, replace

import numpy as np
from shapely.geometry.base import BaseGeometry

from cs_geo.hotspots.clusters import NO_CLUSTER, Clusters, Flags, Floats, Integers, assign_to_nearest, join_cores
from cs_geo.hotspots.discs import disc_radius, disc_unions
from cs_geo.hotspots.grouping import rows_by_group

_SHED = 0.1
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
    origin: int
    """Number of the cluster it comes from."""
    fits: bool = False
    discs: BaseGeometry | None = None


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
    core_rows = np.flatnonzero(clusters.core)
    groups = rows_by_group(clusters.labels[core_rows], clusters.count)
    waiting = [_Piece(core_rows[rows], min_reports, number) for number, rows in enumerate(groups)]
    settled: list[_Piece] = []
    while waiting:
        measured = _measure(waiting, xy, radius_m, max_area_m2)
        settled.extend(piece for piece in measured if piece.fits)
        waiting = []
        for piece in measured:
            if not piece.fits:
                parts = _split(piece, xy, clusters.density, radius_m)
                waiting.extend(parts)
                settled.extend([] if parts else [piece])
    return _gather(xy, weight, clusters, settled, radius_m, min_reports)


def _split(piece: _Piece, xy: Floats, density: Integers, radius_m: float) -> list[_Piece]:
    """What is left of a cluster at the next minimum; nothing where all its cores are equally dense."""
    higher = _next_level(density[piece.cores])
    if higher is None:
        return []
    dense = piece.cores[density[piece.cores] >= higher]
    groups = rows_by_group(join_cores(xy[dense], radius_m))
    return [_Piece(dense[rows], higher, piece.origin) for rows in groups]


def _next_level(density: Integers) -> int | None:
    """The lowest minimum that sheds at least ``_SHED`` of the cores, and not all; None where all are equally dense."""
    ordered = np.sort(density)
    shed = int(ordered[math.floor(_SHED * (len(ordered) - 1))])
    if shed < ordered[-1]:
        return shed + 1
    return None if ordered[0] == ordered[-1] else int(ordered[-1])


def _measure(pieces: list[_Piece], xy: Floats, radius_m: float, max_area_m2: float) -> list[_Piece]:
    """Say of each piece whether it fits; keep the union of its discs where it had to be drawn to tell."""
    boxed = [_surely_fits(xy[piece.cores], radius_m, max_area_m2) for piece in pieces]
    in_doubt = [
        number
        for number, piece in enumerate(pieces)
        if not boxed[number] and not _surely_larger(xy[piece.cores], radius_m, max_area_m2)
    ]
    unions = disc_unions([xy[pieces[number].cores] for number in in_doubt], radius_m)
    measured = [replace(piece, fits=fits) for piece, fits in zip(pieces, boxed, strict=True)]
    for number, union in zip(in_doubt, unions, strict=True):
        measured[number] = replace(pieces[number], discs=union, fits=bool(union.area <= max_area_m2))
    return measured


def _surely_fits(cores: Floats, radius_m: float, max_area_m2: float) -> bool:
    width, height = np.ptp(cores, axis=0) + 2 * disc_radius(radius_m)
    return bool(width * height <= max_area_m2)


def _surely_larger(cores: Floats, radius_m: float, max_area_m2: float) -> bool:
    """A square of diagonal ``radius_m`` that holds a core lies within that core's disc."""
    squares = np.floor(cores / (radius_m / math.sqrt(2))).astype(np.int64)
    covered = len(np.unique(squares[:, 0] * 2**32 + squares[:, 1])) * radius_m**2 / 2
    return bool(covered > max_area_m2)


def _gather(
    xy: Floats, weight: Integers, clusters: Clusters, pieces: list[_Piece], radius_m: float, min_reports: int
) -> SizedClusters:
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
        split_from=np.array(
            [piece.origin if piece.min_reports > min_reports else NO_CLUSTER for piece in ordered], dtype=np.int64
        ),
        too_large=np.array([not piece.fits for piece in ordered], dtype=bool),
        discs=tuple(piece.discs for piece in ordered),
    )
