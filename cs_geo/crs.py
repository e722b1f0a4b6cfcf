"""Coordinate reference systems: metres inside, degrees at the doors.

Stored and computed in ``STORAGE_EPSG`` metres (British National Grid by default), EPSG:4326 only when coordinates are
read in and when layers or files are written out, EPSG:3857 for tiles only: at 53° N a web-mercator "metre" is 0.6 m on
the ground, so distances there are refused.
"""

from functools import lru_cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
from pyproj import Transformer

from cs_geo.settings import get_settings

DEGREES = 4326
WEB_MERCATOR = 3857


def storage_epsg() -> int:
    """EPSG code in which geometries are stored and distances computed."""
    return get_settings().storage_epsg


@lru_cache(maxsize=16)
def transformer(from_epsg: int, to_epsg: int) -> Transformer:
    """A cached transformer that always takes and gives x, y (easting, northing or longitude, latitude)."""
    return Transformer.from_crs(from_epsg, to_epsg, always_xy=True)


def transform_points(
    x: npt.ArrayLike, y: npt.ArrayLike, *, from_epsg: int, to_epsg: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Move points between two reference systems.

    Parameters
    ----------
    x, y
        Easting and northing in metres, or longitude and latitude in degrees; same shape.
    from_epsg, to_epsg
        EPSG codes.

    Returns
    -------
    tuple of ndarray
        x and y in ``to_epsg``; ``inf`` where a point lies outside what the transformation covers.
    """
    xs, ys = transformer(from_epsg, to_epsg).transform(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    return np.asarray(xs, dtype=np.float64), np.asarray(ys, dtype=np.float64)


def transformation_accuracy_m(from_epsg: int = DEGREES, to_epsg: int | None = None) -> float:
    """Accuracy in metres that PROJ states for the transformation in use.

    2.0 for WGS 84 to British National Grid by the seven-parameter shift, 0.1 or better where the site has installed
    the OSTN15 grid file. -1 where PROJ does not say.
    """
    best = pyproj.transformer.TransformerGroup(from_epsg, to_epsg or storage_epsg(), always_xy=True).transformers
    return float(best[0].accuracy) if best else -1.0


def require_metres(frame: gpd.GeoDataFrame) -> None:
    """Refuse a frame whose coordinates are not honest metres.

    Raises
    ------
    ValueError
        If the frame has no CRS, a geographic one, or web mercator.
    """
    crs = frame.crs
    if crs is None or not _counts_in_metres(crs):
        raise ValueError(f"Distances need a CRS in metres such as EPSG:{storage_epsg()}; this frame has {crs}.")
    if crs.to_epsg() == WEB_MERCATOR:
        raise ValueError(f"Web mercator (EPSG:3857) stretches distances; convert to EPSG:{storage_epsg()} first.")


def is_in_metres(epsg: int) -> bool:
    """Is this the code of a reference system in honest metres?"""
    try:
        return _counts_in_metres(pyproj.CRS.from_epsg(epsg)) and epsg != WEB_MERCATOR
    except pyproj.exceptions.CRSError:
        return False


def _counts_in_metres(crs: pyproj.CRS) -> bool:
    return bool(crs.is_projected) and crs.axis_info[0].unit_name in {"metre", "meter"}
