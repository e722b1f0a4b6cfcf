"""The point that a row's own coordinates give, in storage metres, and what was wrong with them.

Longitude and latitude, else easting and northing, else an Ordnance Survey grid reference. A mistake is mended only
where the cells as given lie off the land that the storage CRS covers (or outside the study area) and the mended ones
lie in it, and the code of the problem always says so. A point outside the study area is kept and flagged: a report
just over the border is real, and a person decides. 0,0 and points off the land give no point.

A WGS 84 / OSGB36 mix-up (about 100 m) cannot be seen in one row. For the accuracy of the transformation in use, see
``cs_geo.crs.transformation_accuracy_m``.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from cs_geo.crs import DEGREES, storage_epsg, transform_points
from cs_geo.geocode.match import Method
from cs_geo.geocode.number_reading import Reading, read_degrees, read_grid_reference, read_metres, read_pair, read_plain

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

BRITISH_NATIONAL_GRID = 27700
"""Eastings, northings and grid references are of this grid, whatever the storage CRS is."""
_METRES_PER_DEGREE = 111_320.0
"""One degree of latitude; of longitude, times the cosine of the latitude."""
_ROUNDED_FROM_M = 100.0
"""Eastings and northings that both end in two noughts or more were rounded: one pair in 10,000 does so by chance."""


@dataclass(frozen=True, slots=True, eq=False)
class PlacedCoordinates:
    """One row per question. x, y and radius_m are NaN where there is no point."""

    x: Floats
    y: Floats
    radius_m: Floats
    """What the figures themselves can tell: half the diagonal of the last decimal place or of the grid square."""
    method: Texts
    """``Method.COORDINATES``, ``Method.GRID_REFERENCE`` or ``Method.NONE``."""
    problem: Texts
    """Code of ``PROBLEMS`` in ``cs_geo.geocode.cascade``, or ""."""


def place_coordinates(
    longitude: Sequence[str],
    latitude: Sequence[str],
    easting: Sequence[str],
    northing: Sequence[str],
    grid_reference: Sequence[str],
    *,
    study_area: BaseGeometry | None = None,
) -> PlacedCoordinates:
    """Place rows by the coordinates written in them.

    Parameters
    ----------
    longitude, latitude, easting, northing, grid_reference
        Cells as text, of equal length; "" where not given.
    study_area
        Polygon in storage metres. None: only the land that the storage CRS covers is known.

    Returns
    -------
    PlacedCoordinates
        Points in storage metres with their problems. A row without coordinates has neither.
    """
    placed = _Working(len(longitude))
    if study_area is not None:
        shapely.prepare(study_area)
    _place_pairs(placed, longitude, latitude, study_area, _DEGREE_READINGS, read_degrees)
    _place_pairs(placed, easting, northing, study_area, _METRE_READINGS, read_metres)
    _place_grid_references(placed, grid_reference)
    off_land = ~_on_land(placed.x, placed.y)
    placed.drop(off_land & np.isfinite(placed.x), "outside_country")
    if study_area is not None:
        outside = np.isfinite(placed.x) & ~shapely.contains_xy(study_area, placed.x, placed.y)
        placed.problem[outside] = "outside_study_area"
    return PlacedCoordinates(placed.x, placed.y, placed.radius, placed.method, placed.problem)


class _Working:
    """The columns of the answer while they are being filled."""

    def __init__(self, rows: int) -> None:
        self.x, self.y, self.radius = (np.full(rows, np.nan) for _ in range(3))
        # Not np.full, which would turn the enum's members into plain text.
        self.method: Texts = np.empty(rows, dtype=object)
        self.method.fill(Method.NONE)
        self.problem: Texts = np.empty(rows, dtype=object)
        self.problem.fill("")

    def put(self, rows: npt.NDArray[np.intp], x: Floats, y: Floats, radius: Floats, method: Method) -> None:
        self.x[rows], self.y[rows], self.radius[rows], self.method[rows] = x, y, radius, method

    def drop(self, rows: Bools, problem: str) -> None:
        for column in (self.x, self.y, self.radius):
            column[rows] = np.nan
        self.method[rows] = Method.NONE
        self.problem[rows] = problem


# A way of reading a pair of cells: its problem code, from which EPSG code, and whether the cells change places.
_Way = tuple[str, int, bool]
_DEGREE_READINGS: tuple[_Way, ...] = (
    ("", DEGREES, False),
    ("swapped_axes", DEGREES, True),
    ("metres_in_degree_columns", BRITISH_NATIONAL_GRID, False),
    ("metres_in_degree_columns", BRITISH_NATIONAL_GRID, True),
)
_METRE_READINGS: tuple[_Way, ...] = (
    ("", BRITISH_NATIONAL_GRID, False),
    ("swapped_axes", BRITISH_NATIONAL_GRID, True),
    ("degrees_in_metre_columns", DEGREES, False),
    ("degrees_in_metre_columns", DEGREES, True),
)


def _place_pairs(
    placed: _Working,
    first: Sequence[str],
    second: Sequence[str],
    study_area: BaseGeometry | None,
    ways: tuple[_Way, ...],
    read: Callable[[str], Reading | None],
) -> None:
    """Place rows that have no point yet by two cells, trying the ways of reading them in order."""
    rows, one, other, resolution = _numbers(placed, first, second, read)
    if not len(rows):
        return
    zero = (one == 0) & (other == 0)
    placed.problem[rows[zero]] = "zero_coordinates"
    open_rows, fallback = ~zero, np.zeros(len(rows), dtype=bool)
    for problem, epsg, swapped in ways:
        x, y = (other, one) if swapped else (one, other)
        x, y, radius, good = _converted(x, y, resolution, epsg)
        good &= open_rows
        if study_area is not None:
            inside = good & np.asarray(shapely.contains_xy(study_area, x, y))
            # On land but outside the study area: kept for the time being, unless another reading lies inside it.
            late = good & ~inside & ~fallback
            _put(placed, rows, late, (x, y, radius), problem)
            fallback |= late
            good = inside
        _put(placed, rows, good, (x, y, radius), problem)
        open_rows &= ~good
    nowhere = open_rows & ~fallback
    placed.problem[rows[nowhere]] = "outside_country"


def _put(
    placed: _Working, rows: npt.NDArray[np.intp], chosen: Bools, point: tuple[Floats, Floats, Floats], problem: str
) -> None:
    x, y, radius = point
    placed.put(rows[chosen], x[chosen], y[chosen], radius[chosen], Method.COORDINATES)
    placed.problem[rows[chosen]] = problem


def _numbers(
    placed: _Working, first: Sequence[str], second: Sequence[str], read: Callable[[str], Reading | None]
) -> tuple[npt.NDArray[np.intp], Floats, Floats, Floats]:
    """Rows that have two readable cells, with both numbers and the finer of their resolutions.

    The finer, because a trailing nought falls away in a spreadsheet: 53.4 beside -2.98412 was 53.40000.
    """
    rows, values = [], []
    done = np.isfinite(placed.x)
    for row, (one, other) in enumerate(zip(first, second, strict=True)):
        if (not one and not other) or done[row]:
            continue
        pair = _read_two(one, other, read)
        if pair is None:
            placed.problem[row] = "coordinates_unreadable" if one and other else "coordinate_missing"
            continue
        rows.append(row)
        values.append(pair)
    table = np.array(values, dtype=np.float64).reshape(-1, 3)
    return np.array(rows, dtype=np.intp), table[:, 0], table[:, 1], table[:, 2]


def _read_two(one: str, other: str, read: Callable[[str], Reading | None]) -> tuple[float, float, float] | None:
    if read is read_degrees:
        plain, other_plain = read_plain(one), read_plain(other)
        if plain and other_plain:
            return plain[0], other_plain[0], min(plain[1], other_plain[1])
        if not one.strip() or not other.strip():
            pair = read_pair(one or other)  # map sites write latitude first
            return (pair[1].value, pair[0].value, min(pair[0].resolution, pair[1].resolution)) if pair else None
    first, second = read(one), read(other)
    if first is None or second is None:
        return None
    if first.axis == "y" and second.axis == "x":
        first, second = second, first
    return first.value, second.value, min(first.resolution, second.resolution)


def _converted(x: Floats, y: Floats, resolution: Floats, epsg: int) -> tuple[Floats, Floats, Floats, Bools]:
    """Numbers read as one reference system: storage metres, radius in metres, and whether they lie on the land."""
    if epsg == DEGREES:
        west, south, east, north = land_bounds()
        good = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        radius = resolution / 2 * _METRES_PER_DEGREE * np.hypot(1.0, np.cos(np.radians(np.clip(y, -90, 90))))
    else:
        # A degree is never an easting here: both numbers below 1,000 m lie in the sea south-west of Scilly.
        good = (x >= 0) & (x <= 700_000) & (y >= 0) & (y <= 1_300_000) & (np.maximum(x, y) >= 1000)
        radius = np.where(resolution >= _ROUNDED_FROM_M, resolution * math.sqrt(0.5), 0.0)
    good &= np.isfinite(x) & np.isfinite(y)
    storage_x, storage_y = np.full(len(x), np.nan), np.full(len(y), np.nan)
    if good.any():
        storage_x[good], storage_y[good] = transform_points(x[good], y[good], from_epsg=epsg, to_epsg=storage_epsg())
    good &= _on_land(storage_x, storage_y)
    return storage_x, storage_y, radius, good


def _place_grid_references(placed: _Working, references: Sequence[str]) -> None:
    """Place rows that have no point yet by the centre of their grid square."""
    rows, centres = [], []
    done = np.isfinite(placed.x)
    for row, text in enumerate(references):
        if not text or done[row] or not text.strip():
            continue
        square = read_grid_reference(text)
        if isinstance(square, str):
            placed.problem[row] = square
            continue
        half = square.side / 2
        rows.append(row)
        centres.append((square.easting + half, square.northing + half, half * math.sqrt(2)))
    if not rows:
        return
    table, where = np.array(centres), np.array(rows, dtype=np.intp)
    x, y = transform_points(table[:, 0], table[:, 1], from_epsg=BRITISH_NATIONAL_GRID, to_epsg=storage_epsg())
    placed.put(where, x, y, table[:, 2], Method.GRID_REFERENCE)
    placed.problem[where] = ""


@lru_cache(maxsize=4)
def _bounds(epsg: int) -> tuple[tuple[float, float, float, float], tuple[float, float, float, float]]:
    crs = pyproj.CRS.from_epsg(epsg)
    area = crs.area_of_use
    if area is None:
        raise ValueError(f"EPSG:{epsg} states no area of use, so coordinates off the land cannot be told.")
    to_metres = pyproj.Transformer.from_crs(DEGREES, epsg, always_xy=True)
    return area.bounds, to_metres.transform_bounds(*area.bounds)


def land_bounds() -> tuple[float, float, float, float]:
    """West, south, east and north, in degrees, of the land that the storage CRS is meant for."""
    return _bounds(storage_epsg())[0]


def _on_land(x: Floats, y: Floats) -> Bools:
    west, south, east, north = _bounds(storage_epsg())[1]
    with np.errstate(invalid="ignore"):
        return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))
