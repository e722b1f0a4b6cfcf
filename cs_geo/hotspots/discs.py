"""The ground within reach of a cluster: the union of discs round its cores."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Delaunay, QhullError, cKDTree
from shapely.geometry.base import BaseGeometry

_QUARTER_SEGMENTS = 8
MARGIN_M = 0.25
"""Added to the radius so that a member at exactly the radius is still inside when a file rounds its coordinates to six
decimals of a degree (at most 0.07 m)."""
_MANY_CORES = 80
"""From here on finding the rim costs less than uniting the discs it saves."""
_BATCH = 32
"""Clusters a thread takes at a time: handing them over one by one costs as much as drawing the small ones."""


def disc_radius(radius_m: float) -> float:
    """Radius to the corners of the 32-sided disc whose sides lie outside the circle of ``radius_m`` and its margin."""
    return (radius_m + MARGIN_M) / math.cos(math.pi / (4 * _QUARTER_SEGMENTS))


def disc_union(cores: npt.NDArray[np.float64], radius_m: float) -> BaseGeometry:
    """Union of the discs round points (shape (n, 2), metres).

    Discs one by one and then their union: buffering a MultiPoint gives the same shape thirty-five times slower. Where
    there are many, only the discs on the rim are united and what the others cover is filled in.
    """
    on_rim = _rim(cores, radius_m) if len(cores) >= _MANY_CORES else np.ones(len(cores), dtype=bool)
    discs = shapely.buffer(
        np.asarray(shapely.points(cores[on_rim])), disc_radius(radius_m), quad_segs=_QUARTER_SEGMENTS
    )
    union = discs[0] if len(discs) == 1 else shapely.union_all(discs)
    return union if on_rim.all() else _fill_covered(union, cores, radius_m)


def disc_unions(cores_of: Sequence[npt.NDArray[np.float64]], radius_m: float) -> npt.NDArray[np.object_]:
    """``disc_union`` of many clusters, on all processor cores: the geometry library works outside Python's lock."""

    def draw(batch: Sequence[npt.NDArray[np.float64]]) -> list[BaseGeometry]:
        return [disc_union(cores, radius_m) for cores in batch]

    unions = np.empty(len(cores_of), dtype=object)
    if len(cores_of) <= _BATCH:
        unions[:] = draw(cores_of)
        return unions
    with ThreadPoolExecutor() as pool:
        batches = [cores_of[start : start + _BATCH] for start in range(0, len(cores_of), _BATCH)]
        unions[:] = list(chain.from_iterable(pool.map(draw, batches)))
    return unions


def _rim(cores: npt.NDArray[np.float64], radius_m: float) -> npt.NDArray[np.bool_]:
    """The cores that may shape the edge: all but those whose whole Voronoi cell lies within their own circle.

    The corners of that cell are the circumcentres of the Delaunay triangles round the core, so a core is inner when
    it is not on the convex hull and none of those triangles has a circumradius above the radius.
    """
    everything = np.ones(len(cores), dtype=bool)
    try:
        triangles = Delaunay(cores - cores.mean(axis=0))
    except QhullError:  # all on one line
        return everything
    corners = cores[triangles.simplices]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    doubled_area = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        wide = ~(sides.prod(axis=1) / (2 * doubled_area) <= radius_m)
    rim = everything.copy()
    rim[triangles.simplices] = False
    rim[triangles.simplices[wide]] = True
    rim[triangles.convex_hull] = True
    return rim


def _fill_covered(rim_union: BaseGeometry, cores: npt.NDArray[np.float64], radius_m: float) -> BaseGeometry:
    """Fill the holes that inner discs cover. A hole between rim discs is covered by inner ones wholly or not at all."""
    rings = [ring for part in shapely.get_parts(rim_union) for ring in shapely.get_rings(part)[1:]]
    holes = shapely.difference(shapely.polygons(rings), rim_union) if rings else np.array([])
    if not len(holes):
        return rim_union
    inside = shapely.get_coordinates(shapely.point_on_surface(holes))
    covered = holes[cKDTree(cores).query(inside)[0] <= radius_m]
    return shapely.union_all([rim_union, *covered]) if len(covered) else rim_union
