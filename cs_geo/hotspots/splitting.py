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
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from cs_geo.hotspots.clusters import NO_CLUSTER, Clusters, Flags, Floats, Integers, assign_to_nearest, join_cores
from cs_geo.hotspots.discs import disc_radius, disc_unions
from cs_geo.hotspots.grouping import rows_by_group

_SHED = 0.1
"""Share of a cluster's core places that each step sheds at least: fine enough to keep pieces near the largest size,
coarse enough for a million points to need few steps."""
_NO_LEVEL = -1


@dataclass(frozen=True, eq=False)
class SizedClusters:
    """Clusters none of which is larger than allowed, unless marked. Arrays by point, then arrays by cluster."""

    labels: Integers
    core: Flags
    clusters: Clusters
    """What they were before they were split."""
    min_reports_used: Integers
    """By cluster: the minimum at which DBSCAN finds it."""
    split_from: Integers
    """By cluster: number of the larger cluster it was split from, ``NO_CLUSTER`` if it was not."""
    too_large: Flags
    """By cluster: larger than allowed, and nothing in it is denser than the rest."""
    discs: tuple[BaseGeometry | None, ...]
    """By cluster: the union of discs where measuring already drew it."""

    @property
    def density(self) -> Integers:
        """By point: reports within the radius, its own included."""
        return self.clusters.density


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Groups of cores at one step, all together: they are measured and split in a few sweeps, not one by one."""

    rows: Integers
    """Cores, ordered by piece."""
    piece: Integers
    """Piece of each core, from 0."""
    min_reports: Integers
    """By piece: the minimum at which it was found."""
    origin: Integers
    """By piece: number of the cluster it comes from."""

    def __len__(self) -> int:
        return len(self.min_reports)


@dataclass(frozen=True, slots=True)
class _Settled:
    cores: Integers
    min_reports: int
    origin: int
    fits: bool
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
    core_rows = np.flatnonzero(clusters.core)
    by_cluster = core_rows[np.argsort(clusters.labels[core_rows], kind="stable")]
    pieces = _Pieces(
        rows=by_cluster,
        piece=clusters.labels[by_cluster],
        min_reports=np.full(clusters.count, min_reports),
        origin=np.arange(clusters.count),
    )
    settled: list[_Settled] = []
    while len(pieces):
        discs, fits = _measure(pieces, xy, radius_m, max_area_m2)
        # Densities are counted only where something must be split.
        whole = np.full(len(pieces), _NO_LEVEL)
        higher = whole if fits.all() else np.where(fits, _NO_LEVEL, _next_levels(pieces, clusters.density))
        cores_of = rows_by_group(pieces.piece, len(pieces))
        settled.extend(
            _Settled(
                pieces.rows[cores_of[number]],
                int(pieces.min_reports[number]),
                int(pieces.origin[number]),
                bool(fits[number]),
                discs[number],
            )
            for number in np.flatnonzero(higher == _NO_LEVEL).tolist()
        )
        if (higher == _NO_LEVEL).all():
            break
        pieces = _split(pieces, higher, xy, clusters.density, radius_m)
    return _gather(xy, weight, clusters, settled, radius_m, min_reports)


def _measure(pieces: _Pieces, xy: Floats, radius_m: float, max_area_m2: float) -> tuple[npt.NDArray[np.object_], Flags]:
    """Unions of discs where they had to be drawn to tell whether a piece fits (otherwise None), and whether it does."""
    cores = xy[pieces.rows]
    starts = np.searchsorted(pieces.piece, np.arange(len(pieces)))
    spans = np.maximum.reduceat(cores, starts) - np.minimum.reduceat(cores, starts) + 2 * disc_radius(radius_m)
    fits = np.asarray(spans.prod(axis=1) <= max_area_m2)
    # A square of diagonal r that holds a core lies within that core's disc.
    squares = np.floor((cores - cores.min(axis=0)) / (radius_m / math.sqrt(2))).astype(np.int64)
    wide, high = squares.max(axis=0) + 1
    distinct = np.unique((pieces.piece * wide + squares[:, 0]) * high + squares[:, 1])
    covered = np.bincount(distinct // (wide * high), minlength=len(pieces)) * radius_m**2 / 2
    in_doubt = np.flatnonzero(~fits & (covered <= max_area_m2))
    discs = np.full(len(pieces), None, dtype=object)
    cores_of = rows_by_group(pieces.piece, len(pieces))
    discs[in_doubt] = disc_unions([cores[cores_of[number]] for number in in_doubt.tolist()], radius_m)
    fits[in_doubt] = shapely.area(discs[in_doubt]) <= max_area_m2
    return discs, fits


def _next_levels(pieces: _Pieces, density: Integers) -> Integers:
    """By piece, the lowest minimum that sheds at least ``_SHED`` of the cores, and not all.

    ``_NO_LEVEL`` where all cores are equally dense.
    """
    ordered = density[pieces.rows][np.lexsort((density[pieces.rows], pieces.piece))]
    starts = np.searchsorted(pieces.piece, np.arange(len(pieces)))
    sizes = np.diff(np.append(starts, len(ordered)))
    least, most = ordered[starts], ordered[starts + sizes - 1]
    shed = ordered[starts + np.floor(_SHED * (sizes - 1)).astype(np.int64)]
    return np.where(shed < most, shed + 1, np.where(least < most, most, _NO_LEVEL))


def _split(pieces: _Pieces, higher: Integers, xy: Floats, density: Integers, radius_m: float) -> _Pieces:
    """What is left at the next minimum of the pieces that have one.

    Cores of different pieces are farther apart than the radius, so all are joined in one sweep.
    """
    level = higher[pieces.piece]
    dense = (level != _NO_LEVEL) & (density[pieces.rows] >= level)
    rows, level, origin = pieces.rows[dense], level[dense], pieces.origin[pieces.piece][dense]
    groups = join_cores(xy[rows], radius_m)
    order = np.argsort(groups, kind="stable")
    firsts = order[np.searchsorted(groups[order], np.arange(int(groups.max(initial=-1)) + 1))]
    return _Pieces(rows=rows[order], piece=groups[order], min_reports=level[firsts], origin=origin[firsts])


def _gather(
    xy: Floats, weight: Integers, clusters: Clusters, pieces: list[_Settled], radius_m: float, min_reports: int
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
        clusters=clusters,
        min_reports_used=np.array([piece.min_reports for piece in ordered], dtype=np.int64),
        split_from=np.array(
            [piece.origin if piece.min_reports > min_reports else NO_CLUSTER for piece in ordered], dtype=np.int64
        ),
        too_large=np.array([not piece.fits for piece in ordered], dtype=bool),
        discs=tuple(piece.discs for piece in ordered),
    )
