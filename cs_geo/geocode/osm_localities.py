"""Which village, suburb or town an OpenStreetMap address, place or street lies in.

A settlement with an outline holds what lies inside it. Most have only a point: then the nearest of its size is taken,
and with it any other that is hardly further, because between two villages nobody can say from the map which is meant.
A name too many leaves two streets of one name ambiguous; a wrong one would move a report to the other village.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import KDTree

from cs_geo.osm import OsmData

REACH_M = {
    ("neighbourhood", "quarter", "hamlet"): 800,
    ("suburb", "village"): 2_000,
    ("town",): 5_000,
    ("city",): 12_000,
}
"""How far a settlement of each size is taken to reach from its point. Rough: half the usual distance to the next."""
HARDLY_FURTHER = 1.5
SETTLEMENTS = frozenset(kind for kinds in REACH_M for kind in kinds)
NEAREST = 4
"""Settlements of one size looked at around a point."""


@dataclass(frozen=True, slots=True, eq=False)
class LocalityFinder:
    """Answers for many points at once in which settlements they lie."""

    outlines: shapely.STRtree
    outline_names: npt.NDArray[np.object_]
    centres: tuple[tuple[KDTree, npt.NDArray[np.object_], float], ...]

    @classmethod
    def of(cls, data: OsmData) -> "LocalityFinder":
        """The settlements of an extract."""
        areas = data.areas[data.areas["place"].isin(SETTLEMENTS) & data.areas["name"].notna()]
        points = data.points[data.points["name"].notna() & ~data.points["name"].isin(areas["name"])]
        centres = []
        for kinds, reach in REACH_M.items():
            found = points[points["place"].isin(kinds)]
            if len(found):
                tree = KDTree(shapely.get_coordinates(found.geometry.to_numpy()))
                centres.append((tree, found["name"].to_numpy(dtype=object), float(reach)))
        return cls(shapely.STRtree(areas.geometry.to_numpy()), areas["name"].to_numpy(dtype=object), tuple(centres))

    def around(self, points: npt.NDArray[np.float64]) -> list[list[str]]:
        """The settlements of each point, smallest first.

        Parameters
        ----------
        points
            Shape (n, 2), storage metres.
        """
        found: list[list[str]] = [[] for _ in points]
        if not len(points):
            return found
        for point, outline in self.outlines.query(shapely.points(points), predicate="within").T:
            found[point].append(self.outline_names[outline])
        for tree, names, reach in self.centres:
            nearest = min(NEAREST, len(names))
            distances, which = tree.query(points, k=[*range(1, nearest + 1)], distance_upper_bound=reach)
            near = np.isfinite(distances) & (distances <= distances[:, :1] * HARDLY_FURTHER)
            for point, column in zip(*np.nonzero(near), strict=True):
                found[point].append(names[which[point, column]])
        return found
