"""Shapes as GeoJSON wants them: longitude and latitude with six decimals, still valid, rings the right way round."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from cs_geo.crs import DEGREES

DECIMALS = 6
"""Six decimals of a degree are 0.11 m north and 0.07 m east at 53° N: finer than any report is known."""


def to_degrees(shapes: gpd.GeoSeries) -> npt.NDArray[np.object_]:
    """Geometries in EPSG:4326, rounded to ``DECIMALS`` and valid, outer rings anticlockwise."""
    # The grid keeps shapes valid where plain rounding would fold a corner over its neighbour; rounding after it only
    # makes the numbers print short.
    on_grid = shapely.set_precision(np.asarray(shapes.to_crs(epsg=DEGREES).array), 10.0**-DECIMALS)
    return np.asarray(shapely.orient_polygons(shapely.transform(on_grid, _round)), dtype=object)


def _round(coordinates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.round(coordinates, DECIMALS)
