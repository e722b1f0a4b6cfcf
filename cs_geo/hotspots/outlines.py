"""Outlines of clusters: the ground within reach of their cores, cut from their neighbours, with exactly their members.

The outline of a cluster is the union of discs round its cores. It holds every member and, unlike a hull, no stranger
beyond the reach. Discs of neighbouring clusters overlap, so outlines are cut along the line where the nearest core
changes cluster: no two overlap, and each holds its own. Then they are clipped to the study area, and what lies in the
final shape is counted again, so that anybody who counts the points in the shape gets the number shown with it.

An outline says where reports lie close together. Its edge is no boundary on the ground: it runs through gardens and
houses, and somebody just inside is no more concerned than somebody just outside.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree
from shapely import GeometryType, STRtree
from shapely.geometry.base import BaseGeometry

from cs_geo.crs import require_metres
from cs_geo.hotspots.clusters import NO_CLUSTER, Clusters, Flags, Floats, Integers
from cs_geo.hotspots.discs import MARGIN_M, disc_radius, disc_unions
from cs_geo.hotspots.grouping import rows_by_group

Shapes = npt.NDArray[np.object_]

SIMPLIFY_M = 2.0
"""Bends smaller than this are dropped: half the vertices go, discs still look round (at most 5 m is allowed)."""
_EDGE_M = 0.1
"""A member closer than this to another cluster's outline gets a patch of its own: files round to about 0.07 m."""
_TOUCH_M = 0.001
"""Nearer than a millimetre counts as inside: overlay computes edges to far less, but not to nothing."""
_SMALLEST_M2 = 1.0


@dataclass(frozen=True, slots=True)
class Outlines:
    """Final shapes and who is in them."""

    labels: Integers
    """By point: the cluster in whose shape it lies, ``NO_CLUSTER`` for none. Members of clusters keep their cluster."""
    shapes: tuple[BaseGeometry | None, ...]
    """By cluster: a valid polygon or multipolygon; None where clipping left no area."""


def draw_outlines(
    points: gpd.GeoDataFrame, clusters: Clusters, radius_m: float, study_area: BaseGeometry | None = None
) -> gpd.GeoDataFrame:
    """Draw the outline of each cluster.

    Parameters
    ----------
    points
        Distinct points in metres with a column ``weight``, as given to ``find_clusters``.
    clusters
        What ``find_clusters`` found in them at ``radius_m``.
    study_area
        Area in the same metres to which outlines are clipped. None: they are not.

    Returns
    -------
    GeoDataFrame
        One row a cluster: ``cluster``, ``reports_n``, ``places_n``, ``area_m2`` and ``geometry``; counts and area are
        those of the final shape. Clusters that clipping left without area are missing.

    Raises
    ------
    ValueError
        If the CRS is not in honest metres.
    """
    require_metres(points)
    xy = shapely.get_coordinates(np.asarray(points.geometry.array)).reshape(-1, 2)
    weight = points["weight"].to_numpy(dtype=np.int64)
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    drawn = outline_clusters(
        xy[order],
        clusters.labels[order],
        clusters.core[order],
        clusters.count,
        radius_m=radius_m,
        study_area=study_area,
    )
    inside = drawn.labels != NO_CLUSTER
    reports = np.bincount(drawn.labels[inside], weights=weight[order][inside], minlength=clusters.count)
    places = np.bincount(drawn.labels[inside], minlength=clusters.count)
    shapes = np.array(drawn.shapes, dtype=object)
    table = gpd.GeoDataFrame(
        {
            "cluster": np.arange(clusters.count),
            "reports_n": reports.astype(np.int64),
            "places_n": places.astype(np.int64),
            "area_m2": shapely.area(shapes),
        },
        geometry=shapes,
        crs=points.crs,
    )
    return table[table.geometry.notna()].reset_index(drop=True)


def outline_clusters(
    xy: Floats,
    labels: Integers,
    core: Flags,
    count: int,
    *,
    radius_m: float,
    study_area: BaseGeometry | None = None,
    discs: Sequence[BaseGeometry | None] | None = None,
) -> Outlines:
    """``draw_outlines`` for bare coordinates (shape (n, 2)) in the order of x, then y.

    ``discs`` are unions of discs that were already drawn, by cluster.
    """
    if not count:
        return Outlines(labels=labels, shapes=())
    core_rows = np.flatnonzero(core)
    cores_of = [core_rows[rows] for rows in rows_by_group(labels[core_rows], count)]
    unions = np.array(discs or [None] * count, dtype=object)
    missing = np.flatnonzero(shapely.is_missing(unions))
    unions[missing] = disc_unions([xy[cores_of[number]] for number in missing], radius_m)

    shapes = _simplify(unions, xy, labels, core, radius_m)
    shapes, cut = _cut(shapes, xy, cores_of, radius_m)
    counted = _count_again(shapes, xy, labels, core, radius_m)
    shapes = _patch_edges(shapes, cut, xy, labels, counted)
    if study_area is not None:
        shapes = _clip(shapes, study_area)
    shapes = _drop_empty_parts(shapes, xy, labels)
    counted = _drop_those_outside(shapes, xy, labels, counted)
    return Outlines(labels=counted, shapes=tuple(shapes))


def verify_outlines(outlines: Outlines, xy: Floats) -> list[str]:
    """What is wrong with outlines, in words; an empty list when all is well.

    Checks that shapes are valid areas, that none overlap by more than rounding, that each member lies in its own shape
    and that no shape holds a point it does not count.
    """
    problems = []
    kept = np.flatnonzero([shape is not None for shape in outlines.shapes])
    shapes = np.array([outlines.shapes[number] for number in kept], dtype=object)
    if not shapely.is_valid(shapes).all() or (shapely.area(shapes) <= 0).any():
        problems.append("A shape is invalid or has no area.")
    tree = STRtree(shapes)
    first, second = tree.query(shapes, predicate="overlaps")
    if (shapely.area(shapely.intersection(shapes[first], shapes[second])) > _TOUCH_M).any():
        problems.append("Two shapes overlap.")
    points = np.asarray(shapely.points(xy))
    point, shape = tree.query(points, predicate="intersects")
    if (outlines.labels[point] != kept[shape]).any():
        problems.append("A shape holds a point that is not counted in it.")
    members = np.flatnonzero(np.isin(outlines.labels, kept))
    own = shapes[np.searchsorted(kept, outlines.labels[members])]
    if not shapely.dwithin(points[members], own, _TOUCH_M).all():
        problems.append("A member lies outside its shape.")
    return problems


def _simplify(unions: Shapes, xy: Floats, labels: Integers, core: Flags, radius_m: float) -> Shapes:
    """Drop small bends, except where a member would come to lie at the edge or the shape would grow."""
    # Without the guard for topology, then checked: 10 s less for twenty thousand outlines.
    simple = shapely.simplify(unions, SIMPLIFY_M, preserve_topology=False)
    keep = shapely.is_valid(simple) & (shapely.area(simple) <= shapely.area(unions))
    keep &= shapely.get_type_id(simple) == shapely.get_type_id(unions)
    fringe = np.flatnonzero((labels != NO_CLUSTER) & ~core)
    if len(fringe):
        distance, _ = cKDTree(xy[core]).query(xy[fringe], workers=-1)
        # A core's disc reaches past its members by the margin, and simplifying takes at most its tolerance.
        at_risk = fringe[distance > radius_m + MARGIN_M - SIMPLIFY_M - _EDGE_M]
        points, owners = np.asarray(shapely.points(xy[at_risk])), labels[at_risk]
        edges = shapely.boundary(simple)
        shapely.prepare(simple)
        shapely.prepare(edges)
        safe = shapely.covers(simple[owners], points) & ~shapely.dwithin(edges[owners], points, _EDGE_M)
        keep[owners[~safe]] = False
    return np.where(keep, simple, unions)


def _cut(shapes: Shapes, xy: Floats, cores_of: list[Integers], radius_m: float) -> tuple[Shapes, Integers]:
    """Cut overlapping shapes along the line where the nearest core changes cluster.

    Within an overlap, the ground nearest to a cluster's cores is that cluster's: their Voronoi cells. Only cores
    within reach of an overlap have a say in it.

    Returns
    -------
    shapes : ndarray
        The shapes, those that overlapped another cut.
    involved : ndarray
        Numbers of the clusters that were cut.
    """
    first, second = STRtree(shapes).query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    if not len(first):
        return shapes, first
    overlaps = shapely.intersection(shapes[first], shapes[second])
    involved, cells = _cells_near(overlaps, np.unique([first, second]), xy, cores_of, radius_m)
    pairs_of = rows_by_group(np.searchsorted(involved, np.concatenate([first, second])), len(involved))
    neighbours = np.concatenate([second, first])
    cut = shapes.copy()
    for number, own_cells, pairs in zip(involved, cells, pairs_of, strict=True):
        # Taking the neighbours whole, and not their overlaps, leaves no edges that run along the shape's own:
        # such edges would differ in the last digit and leave slivers.
        around = shapely.union_all(shapes[neighbours[pairs]])
        foreign = shapely.difference(around, shapely.coverage_union_all(own_cells))
        cut[number] = _areas_only(shapely.difference(shapes[number], foreign))
    return cut, involved


def _cells_near(
    overlaps: Shapes, involved: Integers, xy: Floats, cores_of: list[Integers], radius_m: float
) -> tuple[Integers, list[Shapes]]:
    """The Voronoi cells of the cores within reach of an overlap, by involved cluster."""
    reach = disc_radius(radius_m)
    owners = np.repeat(involved, [len(cores_of[number]) for number in involved])
    rows = np.concatenate([cores_of[number] for number in involved])
    _, near = STRtree(shapely.points(xy[rows])).query(overlaps, predicate="dwithin", distance=reach)
    near = np.unique(near)
    owners, cores = owners[near], xy[rows[near]]
    origin = cores.min(axis=0)  # near zero, coordinates keep more digits
    local = cores - origin
    diagram = shapely.voronoi_polygons(
        shapely.multipoints(local),
        extend_to=shapely.box(-2 * reach, -2 * reach, *local.max(axis=0) + 2 * reach),
        ordered=True,
    )
    cells = shapely.transform(shapely.get_parts(diagram), lambda corners: corners + origin)
    return involved, [cells[members] for members in rows_by_group(np.searchsorted(involved, owners), len(involved))]


def _count_again(shapes: Shapes, xy: Floats, labels: Integers, core: Flags, radius_m: float) -> Integers:
    """Label also the points of no cluster that a shape holds, or all but holds: discs reach past the radius."""
    loose = np.flatnonzero(labels == NO_CLUSTER)
    reach = disc_radius(radius_m) + SIMPLIFY_M + _EDGE_M
    distance, _ = cKDTree(xy[core]).query(xy[loose], distance_upper_bound=reach, workers=-1)
    loose = loose[np.isfinite(distance)]
    row, shape = STRtree(shapes).query(shapely.points(xy[loose]), predicate="dwithin", distance=_EDGE_M)
    counted = labels.copy()
    counted[loose[row[::-1]]] = shape[::-1]  # between two shapes the first counts
    return counted


def _patch_edges(shapes: Shapes, cut: Integers, xy: Floats, labels: Integers, counted: Integers) -> Shapes:
    """Give a small patch of ground to points that lie on an edge: where two clusters meet, or just past the radius."""
    added = np.flatnonzero(counted != labels)
    members = np.flatnonzero(np.isin(labels, cut))
    _, at_edge = STRtree(np.asarray(shapely.points(xy[members]))).query(
        shapely.boundary(shapes[cut]), predicate="dwithin", distance=MARGIN_M
    )
    candidates = np.union1d(members[at_edge], added)
    if not len(candidates):
        return shapes
    row, near = STRtree(shapes).query(shapely.points(xy[candidates]), predicate="dwithin", distance=MARGIN_M)
    row = candidates[row]
    foreign = counted[row] != near
    row, near = row[foreign], near[foreign]
    between = row[shapely.dwithin(np.asarray(shapely.points(xy[row])), shapes[near], _EDGE_M)]
    patched = shapes.copy()
    tree = cKDTree(xy)
    for point in np.union1d(between, added):
        neighbours = np.array(tree.query_ball_point(xy[point], 4 * MARGIN_M))
        strangers = neighbours[counted[neighbours] != counted[point]]
        gap = np.linalg.norm(xy[strangers] - xy[point], axis=1).min(initial=np.inf)
        patch = shapely.buffer(shapely.Point(xy[point]), min(MARGIN_M, 0.4 * gap))
        for other in near[row == point]:
            patched[other] = _areas_only(shapely.difference(patched[other], patch))
        patched[counted[point]] = _areas_only(shapely.union(patched[counted[point]], patch))
    return patched


def _clip(shapes: Shapes, study_area: BaseGeometry) -> Shapes:
    shapely.prepare(study_area)
    crossing = ~shapely.covers(study_area, shapes)
    clipped = shapes.copy()
    clipped[crossing] = [_areas_only(shape) for shape in shapely.intersection(shapes[crossing], study_area)]
    return clipped


def _drop_empty_parts(shapes: Shapes, xy: Floats, labels: Integers) -> Shapes:
    """Keep the parts of a shape that hold a member; a shape without area becomes None."""
    kept = shapes.copy()
    in_parts = np.flatnonzero(shapely.get_type_id(shapes) == GeometryType.MULTIPOLYGON)
    members_of = rows_by_group(labels, len(shapes)) if len(in_parts) else []
    for number in in_parts:
        parts = shapely.get_parts(shapes[number])
        points = shapely.multipoints(xy[members_of[number]])
        kept[number] = _areas_only(shapely.union_all(parts[shapely.dwithin(parts, points, _TOUCH_M)]))
    kept[shapely.area(kept) < _SMALLEST_M2] = None
    return kept


def _drop_those_outside(shapes: Shapes, xy: Floats, labels: Integers, counted: Integers) -> Integers:
    """Take away again what was counted in ground that clipping took away."""
    added = np.flatnonzero(counted != labels)
    inside = shapely.dwithin(np.asarray(shapely.points(xy[added])), shapes[counted[added]], _TOUCH_M)
    final = counted.copy()
    final[added[~inside]] = NO_CLUSTER
    return final


def _areas_only(geometry: BaseGeometry) -> BaseGeometry:
    """The polygons of an overlay's result, without the lines and points that touching leaves, valid."""
    parts = shapely.get_parts(geometry)
    areas = parts[shapely.get_type_id(parts) == GeometryType.POLYGON]
    shape = areas[0] if len(areas) == 1 else shapely.multipolygons(areas)
    return shape if shapely.is_valid(shape) else _areas_only(shapely.make_valid(shape))
