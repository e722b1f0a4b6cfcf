"""Reports as they come in: the columns a hotspot run reads, and their points brought to honest metres or refused.

Whatever is converted is said in a message. Nothing is converted on a guess: a frame without a reference system, or one
whose numbers contradict it, is refused with the remedy.
"""

from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from cs_geo.crs import DEGREES, WEB_MERCATOR, storage_epsg
from cs_geo.errors import RefusedInput

REPORT_COLUMNS: dict[str, str] = {
    "report_id": "What the report is known by; the frame's index where absent",
    "geometry": "Point, or nothing",
    "kind": "incident, concern, outreach or strength; one per run",
    "occurred_on": "Day it happened, or the first day of the month where only the month is known",
    "date_precision": "time, day or month; day where absent",
    "time_band": "Part of the day",
    "hour": "Hour of the day, 0 to 23, where the time is known; otherwise nothing",
    "source_type": "Who noticed it",
    "precision": "Match level of the point: building, junction, street, postcode, cell, area, none",
    "precision_radius_m": "Metres within which the true place probably lies",
    "doubtful": "True where the match is doubtful, or somebody doubts the point",
    "presence_only": "True where young people were merely present and no harm is described",
    "noise_only": "True where noise or nuisance is the only harm named",
    "default_location": "True where the point is one often written because the true place was not known",
    "published": "True for published police data",
    "leave_out_reason": "The caller's own reason to set the report aside; nothing where there is none",
}
"""Column: what it holds. Only the geometry is required; a column that is absent restricts nothing."""

_NEAR_M = 100_000.0
"""How far outside a reference system's own area a point may lie before it is nowhere."""


@dataclass(frozen=True, slots=True)
class Located:
    """Coordinates in storage metres, one row a report, NaN where there is no usable point."""

    xy: npt.NDArray[np.float64]
    messages: tuple[str, ...]


def locate(reports: gpd.GeoDataFrame) -> Located:
    """Bring the points of a frame to storage metres.

    Longitude and latitude (also the wrong way round), web mercator and any other known reference system are converted.
    Coordinates that lie nowhere (0, 0 in degrees; thousands of kilometres off) become missing.

    Parameters
    ----------
    reports
        Point geometries in any known CRS; missing and empty ones are allowed.

    Returns
    -------
    Located
        Coordinates in ``storage_epsg()``, shape (n, 2), and what was converted, in words.

    Raises
    ------
    RefusedInput
        If the frame has no CRS, holds lines or areas, or its numbers contradict its CRS.
    """
    crs = reports.crs
    if crs is None:
        raise RefusedInput(
            "These reports do not say which coordinates they use. Set the reference system first: EPSG:4326 for "
            f"longitude and latitude, EPSG:{storage_epsg()} for metres."
        )
    xy = _point_coordinates(reports)
    storage = CRS.from_epsg(storage_epsg())
    if crs.is_geographic:
        degrees, messages = _put_in_order(xy, storage)
        return Located(_transform(degrees, crs, storage), (*messages, "Longitude and latitude were converted."))
    if _look_like_degrees(xy, storage):
        raise RefusedInput(
            f"These reports are marked as {_name(crs)}, in metres, but their numbers are degrees. Set EPSG:4326 "
            "instead."
        )
    if crs == storage:
        return Located(_drop_far_off(xy, storage), ())
    converted = _drop_far_off(_transform(xy, crs, storage), storage)
    what = "Web mercator coordinates were" if crs.to_epsg() == WEB_MERCATOR else f"Coordinates in {_name(crs)} were"
    return Located(converted, (f"{what} converted.",))


def _point_coordinates(reports: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    geometries = np.asarray(reports.geometry.array)
    kinds = shapely.get_type_id(geometries)
    if np.isin(kinds, (-1, shapely.GeometryType.POINT)).all():
        # Adding 0.0 turns -0.0 into 0.0: equal points must have equal bytes, whichever came first.
        points = geometries.copy()
        points[shapely.is_empty(points)] = None
        return np.column_stack([shapely.get_x(points), shapely.get_y(points)]) + 0.0
    raise RefusedInput("Hotspots are found from points; this file also holds lines or areas.")


def _put_in_order(xy: npt.NDArray[np.float64], storage: CRS) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
    """Turn latitude, longitude round where only that lies in the country; drop what lies there neither way."""
    as_given = _within_degrees(xy, storage)
    swapped = ~as_given & _within_degrees(xy[:, ::-1], storage)
    if swapped.any() and as_given.any():
        raise RefusedInput(
            f"{swapped.sum():,} of these reports have latitude and longitude the other way round from the "
            f"{as_given.sum():,} others. Put them all as longitude, latitude."
        )
    ordered = xy[:, ::-1] if swapped.any() else xy
    kept = np.where((as_given | swapped)[:, None], ordered, np.nan)
    return kept, ("Latitude and longitude came the wrong way round and were turned.",) if swapped.any() else ()


def _within_degrees(xy: npt.NDArray[np.float64], storage: CRS) -> npt.NDArray[np.bool_]:
    area = storage.area_of_use
    if area is None:
        return np.asarray((np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90))
    inside_x = (xy[:, 0] >= area.west) & (xy[:, 0] <= area.east)
    return np.asarray(inside_x & (xy[:, 1] >= area.south) & (xy[:, 1] <= area.north))


def _look_like_degrees(xy: npt.NDArray[np.float64], storage: CRS) -> bool:
    known = xy[np.isfinite(xy).all(axis=1)]
    if storage.area_of_use is None or not len(known):
        return False
    return bool(_within_degrees(known, storage).all() or _within_degrees(known[:, ::-1], storage).all())


def _transform(xy: npt.NDArray[np.float64], crs: CRS, storage: CRS) -> npt.NDArray[np.float64]:
    x, y = _transformer(crs, storage).transform(xy[:, 0], xy[:, 1])
    moved = np.column_stack([x, y]).reshape(-1, 2)
    return np.where(np.isfinite(moved).all(axis=1)[:, None], moved, np.nan)


def _drop_far_off(xy: npt.NDArray[np.float64], storage: CRS) -> npt.NDArray[np.float64]:
    west, south, east, north = _extent(storage)
    inside_x = (xy[:, 0] >= west - _NEAR_M) & (xy[:, 0] <= east + _NEAR_M)
    inside = inside_x & (xy[:, 1] >= south - _NEAR_M) & (xy[:, 1] <= north + _NEAR_M)
    if np.isfinite(xy).all(axis=1).any() and not inside.any():
        raise RefusedInput(
            f"None of these points lies where {_name(storage)} is used. They are probably marked with the wrong "
            "reference system: set the one they were recorded in."
        )
    return np.where(inside[:, None], xy, np.nan)


@lru_cache(maxsize=4)
def _extent(storage: CRS) -> tuple[float, float, float, float]:
    """West, south, east and north end of the area where a reference system is used, in its own metres."""
    area = storage.area_of_use
    if area is None:
        return (-np.inf, -np.inf, np.inf, np.inf)
    west, south, east, north = _transformer(CRS.from_epsg(DEGREES), storage).transform_bounds(*area.bounds)
    return west, south, east, north


@lru_cache(maxsize=16)
def _transformer(crs: CRS, storage: CRS) -> Transformer:
    """A frame may have a reference system without a code, which ``cs_geo.crs.transformer`` does not take."""
    return Transformer.from_crs(crs, storage, always_xy=True)


def _name(crs: CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.name)
