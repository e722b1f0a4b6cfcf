"""What lies in what: cells, LSOAs, wards and districts as sets of the smallest pieces that any release tells apart.

A release keeps the names of its ground, which stay short; they are taken apart when releases are compared. A piece is
where an LSOA, a ward and a district overlap. A cell that was told is cut out of its pieces, and so is a part of each
area it lies in. Slivers, which come of boundaries drawn by different hands, are no pieces.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cs_geo.disclosure.releases import Release

LEVELS = ("district", "ward", "lsoa")
LEAST_M2 = 100.0
"""Smaller overlaps are slivers."""


def area_key(level: str, reference: str) -> str:
    """The name of an area as ground; a cell's is its own."""
    return f"{level}:{reference}"


@dataclass(frozen=True, slots=True)
class Ground:
    """Name of a cell or area (``area_key``) to its pieces. What has none stands for itself."""

    pieces: Mapping[str, frozenset[str]]

    def expand(self, release: Release) -> Release:
        """The release with the ground of its numbers in pieces."""
        done = {area: self._expand(area) for area in {number.area for number in release.numbers}}
        return replace(release, numbers=tuple(replace(one, area=done[one.area]) for one in release.numbers))

    def _expand(self, area: frozenset[str]) -> frozenset[str]:
        return frozenset().union(*(self.pieces.get(name, frozenset({name})) for name in area))


def lay_ground(areas: gpd.GeoDataFrame, cells: Iterable[str] = (), cell_m: int = 50) -> Ground:
    """Take areas and cells apart.

    Parameters
    ----------
    areas
        Columns ``kind`` (lsoa, ward or district), ``reference`` and geometry, in metres.
    cells
        Names of cells as ``cells.count_by_cell`` gives them.
    """
    pieces = _overlay(areas)
    found: dict[str, set[str]] = {}
    names = [str(number) for number in range(len(pieces))]
    for level in LEVELS:
        for name, reference in zip(names, pieces[level], strict=True):
            if isinstance(reference, str):
                found.setdefault(area_key(level, reference), set()).add(name)
    _cut_out(found, pieces, sorted(set(cells)), cell_m)
    return Ground({name: frozenset(parts) for name, parts in found.items()})


def _overlay(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Where areas of all levels overlap: a column a level, nothing where an area of that level is missing."""
    pieces = gpd.GeoDataFrame(geometry=[], crs=areas.crs)
    for level in LEVELS:
        own = areas.loc[areas["kind"] == level, ["reference", "geometry"]].rename(columns={"reference": level})
        if pieces.empty:
            pieces = own.reset_index(drop=True)
        elif len(own):
            pieces = gpd.overlay(pieces, own, how="union", keep_geom_type=True)
            pieces = pieces[pieces.area >= LEAST_M2].reset_index(drop=True)
    return pieces.reindex(columns=[*LEVELS, "geometry"])


def _cut_out(found: dict[str, set[str]], pieces: gpd.GeoDataFrame, cells: list[str], cell_m: int) -> None:
    if not cells or pieces.empty:
        return
    parts = [name.split("_", 2) for name in cells]
    corners = np.array([(float(x), float(y)) for x, y, _ in parts])
    squares = shapely.box(*corners.T, *(corners + cell_m).T)
    shapes = np.asarray(pieces.geometry.array, dtype=object)
    inside, of = shapely.STRtree(shapes).query(squares, predicate="intersects")
    overlaps = shapely.area(np.asarray(shapely.intersection(squares[inside], shapes[of]), dtype=object)) > 0
    for number, piece in zip(inside[overlaps].tolist(), of[overlaps].tolist(), strict=True):
        if pieces["ward"].iloc[piece] != parts[number][2]:
            continue
        part = f"{piece}/{cells[number]}"
        found.setdefault(cells[number], set()).add(part)
        for level in LEVELS:
            reference = pieces[level].iloc[piece]
            if not pd.isna(reference):
                found[area_key(level, str(reference))].add(part)
