"""Clusters of reports: DBSCAN over weighted distinct points, in metres.

A point is a *core* when at least ``min_reports`` reports, its own included, lie within ``radius_m`` of it (at exactly
that distance counts). Cores within the radius of one another are one cluster; any other point within the radius of a
core belongs to it; the rest belong to none. Ester et al. (1996) leave a point between two clusters to whichever was
visited first: here it belongs to its *nearest* core, and at equal distance to the core with the smaller x, then y.
Cores, their partition and the points that belong to none are those of scikit-learn's DBSCAN with ``sample_weight`` and
of PostGIS' ``ST_ClusterDBSCAN`` over the reports one by one.

The distance is straight, not along streets: a railway or river between two points does not part them.

Ester, Kriegel, Sander & Xu (1996), A density-based algorithm for discovering clusters, KDD-96.
Components are joined by the exact grid method of Wang, Gu & Shun (2020), doi:10.1145/3318464.3380582.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import dbscan
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from cs_geo.crs import require_metres

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NO_CLUSTER = -1
_ROUNDING = 1e-9
"""Relative slack when a tree is asked for neighbours whose distance is then compared exactly."""
_QUERY_CHUNK = 100_000


@dataclass(frozen=True, eq=False)
class Clusters:
    """Which cluster each point belongs to. Arrays have one entry a point, in the order the points were given."""

    labels: Integers
    """Number of the cluster, 0 for the one with most reports (ties by x, then y), ``NO_CLUSTER`` for none."""
    core: Flags
    xy: Floats
    weight: Integers
    radius_m: float

    @cached_property
    def density(self) -> Integers:
        """Reports within the radius of each point, its own included; counted when first asked for."""
        return count_within(self.xy, self.weight, self.radius_m)

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.labels.max(initial=NO_CLUSTER)) + 1


def find_clusters(points: gpd.GeoDataFrame, radius_m: float, min_reports: int) -> Clusters:
    """Find the clusters of weighted points.

    Parameters
    ----------
    points
        Distinct points in metres with a column ``weight``, the number of reports at each (see ``collapse_duplicates``).
    radius_m
        Distance within which reports are neighbours.
    min_reports
        Reports within the radius, itself included, that make a point a core.

    Returns
    -------
    Clusters
        Labels, cores and densities in the order of ``points``. The same whatever that order is.

    Raises
    ------
    ValueError
        If the CRS is not in honest metres.
    """
    require_metres(points)
    xy = shapely.get_coordinates(np.asarray(points.geometry.array)).reshape(-1, 2)
    weight = points["weight"].to_numpy(dtype=np.int64)
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    found = cluster_places(np.ascontiguousarray(xy[order]), weight[order], radius_m=radius_m, min_reports=min_reports)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return Clusters(labels=found.labels[back], core=found.core[back], xy=xy, weight=weight, radius_m=radius_m)


def cluster_places(xy: Floats, weight: Integers, *, radius_m: float, min_reports: int) -> Clusters:
    """``find_clusters`` for bare coordinates (shape (n, 2)) in the order of x, then y."""
    core, components = find_cores(xy, weight, radius_m, min_reports)
    labels = number_clusters(assign_to_nearest(xy, np.flatnonzero(core), components, radius_m), weight)
    return Clusters(labels=labels, core=core, xy=xy, weight=weight, radius_m=radius_m)


def find_cores(xy: Floats, weight: Integers, radius_m: float, min_reports: int) -> tuple[Flags, Integers]:
    """Which points are cores, and the group of each core, numbered in the order of their first core.

    The library takes no weights, so each point is given to it as often as it has reports: all are cores, or none.
    """
    if not len(xy):
        return np.zeros(0, dtype=bool), np.zeros(0, dtype=np.int64)
    reports = np.ascontiguousarray(np.repeat(xy, weight, axis=0))
    labels, is_core = dbscan.DBSCAN(reports, radius_m, min_reports)
    firsts = np.cumsum(weight) - weight
    core = np.asarray(is_core, dtype=bool)[firsts]
    return core, _number_in_order(np.asarray(labels)[firsts][core])


def count_within(xy: Floats, weight: Integers, radius_m: float) -> Integers:
    """Reports within the radius of each point, its own included.

    Each point stands in the tree as often as it has reports, so that whole branches are counted without a visit.
    """
    if not len(xy):
        return np.zeros(0, dtype=np.int64)
    tree = cKDTree(np.repeat(xy, weight, axis=0))
    return np.asarray(tree.query_ball_point(xy, radius_m, return_length=True, workers=-1), dtype=np.int64)


def join_cores(cores: Floats, radius_m: float) -> Integers:
    """Number the groups of cores in which each is within the radius of another, in the order of their first core."""
    if not len(cores):
        return np.zeros(0, dtype=np.int64)
    # With a minimum of one every point is a core, and DBSCAN's clusters are exactly these groups.
    labels, _ = dbscan.DBSCAN(np.ascontiguousarray(cores), radius_m, 1)
    return _number_in_order(labels)


def _number_in_order(labels: Integers) -> Integers:
    """Number groups anew by their first member."""
    _, first, group = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return np.asarray(rank[group], dtype=np.int64)


def assign_to_nearest(xy: Floats, cores: Integers, components: Integers, radius_m: float) -> Integers:
    """Label each point with the group of its nearest core, or ``NO_CLUSTER`` beyond the radius.

    Parameters
    ----------
    xy
        All points, shape (n, 2), in the order of x, then y.
    cores
        Rows of ``xy`` that are cores, ascending.
    components
        The group of each core.
    """
    labels = np.full(len(xy), NO_CLUSTER, dtype=np.int64)
    labels[cores] = components
    others = np.setdiff1d(np.arange(len(xy)), cores, assume_unique=True)
    nearest = nearest_core(xy[others], xy[cores], radius_m)
    reached = nearest >= 0
    labels[others[reached]] = components[nearest[reached]]
    return labels


def nearest_core(xy: Floats, cores: Floats, radius_m: float) -> Integers:
    """Row of the nearest core within the radius of each point, -1 for none; ties go to the earlier row of ``cores``."""
    if not len(cores) or not len(xy):
        return np.full(len(xy), -1, dtype=np.int64)
    tree = cKDTree(cores)
    parts = [_nearest_in(tree, cores, part, radius_m) for part in _chunks(xy)]
    return np.concatenate(parts)


def _nearest_in(tree: cKDTree, cores: Floats, xy: Floats, radius_m: float) -> Integers:
    reach = radius_m * (1 + _ROUNDING)
    distance, found = tree.query(xy, k=[1, 2], distance_upper_bound=reach, workers=-1)
    nearest = np.where(np.isfinite(distance[:, 0]), found[:, 0], -1).astype(np.int64)
    another_as_near = np.isfinite(distance[:, 1]) & (distance[:, 1] <= distance[:, 0] * (1 + _ROUNDING))
    for row in np.flatnonzero(another_as_near):
        tied = np.sort(tree.query_ball_point(xy[row], distance[row, 0] * (1 + _ROUNDING)))
        nearest[row] = tied[np.argmin(_squared(xy[row], cores[tied]))]
    reached = nearest >= 0
    # The tree compares roots; squares decide exactly, as they do in scikit-learn.
    too_far = _squared(xy[reached], cores[nearest[reached]]) > radius_m * radius_m
    nearest[np.flatnonzero(reached)[too_far]] = -1
    return nearest


def number_clusters(labels: Integers, weight: Integers) -> Integers:
    """Renumber clusters by reports, most first, ties by their first point. Points must be in the order of x, then y."""
    members = labels != NO_CLUSTER
    if not members.any():
        return labels
    names, first, group = np.unique(labels[members], return_index=True, return_inverse=True)
    reports = np.bincount(group, weights=weight[members])
    rank = np.empty(len(names), dtype=np.int64)
    rank[np.lexsort((first, -reports))] = np.arange(len(names))
    renumbered = np.full(len(labels), NO_CLUSTER, dtype=np.int64)
    renumbered[members] = rank[group]
    return renumbered


def _squared(one: Floats, other: Floats) -> Floats:
    difference = one - other
    return np.asarray(difference[..., 0] * difference[..., 0] + difference[..., 1] * difference[..., 1])


def _chunks(xy: Floats) -> Iterator[Floats]:
    for start in range(0, len(xy), _QUERY_CHUNK):
        yield xy[start : start + _QUERY_CHUNK]
