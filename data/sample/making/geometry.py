"""Lines, angles and degrees for the drawing of the sample borough.

The town is drawn in local metres from the south-west corner of its plan; ``ORIGIN`` puts the plan into the British
National Grid. Every random choice takes a generator that was seeded by name, so that a change in one part of the town
does not shift all the others.
"""

import zlib

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

ORIGIN = (560_000.0, 470_000.0)
"""Easting and northing of the plan's corner: the North Sea, 35 km off the coast, so that no real street is drawn."""

# The seven-parameter shift from OSGB36 to WGS 84 (EPSG:1314), written out so that the files do not depend on which grid
# files a machine has installed. Where OSTN15 is installed, degrees and metres lie up to some metres apart.
_PIPELINE = (
    "+proj=pipeline +step +inv +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy "
    "+step +proj=push +v_3 +step +proj=cart +ellps=airy +step +proj=helmert +x=446.448 +y=-125.157 +z=542.06 +rx=0.15 "
    "+ry=0.247 +rz=0.842 +s=-20.489 +convention=position_vector +step +inv +proj=cart +ellps=WGS84 "
    "+step +proj=pop +v_3 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
)

Coords = npt.NDArray[np.float64]


def to_grid(xy: npt.ArrayLike) -> Coords:
    """Easting and northing of local points."""
    grid: Coords = np.asarray(xy, dtype=np.float64) + np.array(ORIGIN)
    return grid


def to_degrees(xy: npt.ArrayLike) -> Coords:
    """Longitude and latitude (WGS 84) of local points."""
    grid = to_grid(xy)
    lon, lat = pyproj.Transformer.from_pipeline(_PIPELINE).transform(grid[..., 0], grid[..., 1])
    return np.stack([np.asarray(lon), np.asarray(lat)], axis=-1)


def chance(name: str) -> np.random.Generator:
    """A generator of its own for each part of the work, the same in every run."""
    return np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))


def _spline(knots: Coords, step: float) -> Coords:
    """Centripetal Catmull-Rom from the second knot to the last but one, with a vertex about every ``step`` metres."""
    drawn = [knots[1:2]]
    for before, start, end, after in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        spans = [max(float(np.hypot(*(b - a))) ** 0.5, 1e-6) for a, b in ((before, start), (start, end), (end, after))]
        t1 = spans[0]
        t2 = t1 + spans[1]
        t3 = t2 + spans[2]
        t = np.linspace(t1, t2, max(2, round(float(np.hypot(*(end - start))) / step) + 1))[1:, None]
        a1 = (t1 - t) / t1 * before + t / t1 * start
        a2 = (t2 - t) / (t2 - t1) * start + (t - t1) / (t2 - t1) * end
        a3 = (t3 - t) / (t3 - t2) * end + (t - t2) / (t3 - t2) * after
        b1 = (t2 - t) / t2 * a1 + t / t2 * a2
        b2 = (t3 - t) / (t3 - t1) * a2 + (t - t1) / (t3 - t1) * a3
        drawn.append((t2 - t) / (t2 - t1) * b1 + (t - t1) / (t2 - t1) * b2)
    return np.asarray(np.vstack(drawn).round(2), dtype=np.float64)


def curve(points: npt.ArrayLike, step: float = 18.0) -> LineString:
    """A smooth line through the points."""
    knots = np.asarray(points, dtype=np.float64)
    return LineString(_spline(np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]]), step))


def ring(points: npt.ArrayLike, step: float = 25.0) -> Polygon:
    """A smooth closed outline through the points."""
    knots = np.asarray(points, dtype=np.float64)
    return Polygon(_spline(np.vstack([knots[-1:], knots, knots[:2]]), step)[:-1])


def broken_ring(points: npt.ArrayLike, turns: int = 3, shift: float = 0.09) -> Polygon:
    """A closed outline through the points that wanders as old boundaries do: its sides are broken ``turns`` times."""
    rng = chance("broken ring")
    corners = np.asarray(points, dtype=np.float64)
    for _ in range(turns):
        sides = np.roll(corners, -1, axis=0) - corners
        across = np.column_stack([-sides[:, 1], sides[:, 0]])
        middles = corners + sides * rng.uniform(0.35, 0.65, (len(corners), 1))
        middles += across * rng.uniform(-shift, shift, (len(corners), 1))
        corners = np.stack([corners, middles], axis=1).reshape(-1, 2)
    return Polygon(np.round(corners, 2))


def block(x: float, y: float, angle: float, width: float, depth: float) -> Polygon:
    """A rectangle centred on x, y; ``width`` runs along ``angle`` (degrees anticlockwise from east)."""
    turn = np.radians(angle)
    along = np.array([np.cos(turn), np.sin(turn)]) * width / 2
    across = np.array([-np.sin(turn), np.cos(turn)]) * depth / 2
    centre = np.array([x, y])
    return Polygon([centre - along - across, centre + along - across, centre + along + across, centre - along + across])


def heading(line: LineString, at: float) -> float:
    """Direction in radians in which the line runs ``at`` metres from its start."""
    here, there = line.interpolate(max(at - 4, 0)), line.interpolate(min(at + 4, line.length))
    return float(np.arctan2(there.y - here.y, there.x - here.x))


def lines_of(shape: BaseGeometry) -> list[LineString]:
    """The lines in a geometry, whatever it came out as."""
    return [part for part in shapely.get_parts([shape]) if isinstance(part, LineString) and part.length > 0]


def polygons_of(shape: BaseGeometry) -> list[Polygon]:
    """The polygons in a geometry, whatever it came out as."""
    return [part for part in shapely.get_parts([shape]) if isinstance(part, Polygon) and part.area > 0]
