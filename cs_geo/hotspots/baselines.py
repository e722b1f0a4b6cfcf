"""What would be expected where, if nothing drew reports together: the measure that a chance test is held against.

Two questions are never mixed. *Concentrated*: is more reported here than elsewhere? It is asked against walkable street
and path, residents or addresses by area, another kind of report or, said aloud, flat ground. *Risen*: is more reported
here than usual? It is asked against the same places' own past.

A baseline on the ground (``Ground``) is a cloud of points with a share each: a length of street, or a square on which
people live. A baseline of reports (``Pool``) is the reports themselves, of which those asked about are drawn anew.

A wrong baseline is worse than none: against flat ground, where people live and walk looks "significant" on every map.
"""

from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from cs_geo.crs import require_metres
from cs_geo.errors import UsageError

Floats = npt.NDArray[np.float64]

STEP_M = 20.0
"""Length of street, or side of a square, that one point stands for: small beside any radius in use (20 to 1,000 m)."""
THIN_SHARE = 0.2
"""Ground with less than this share of the baseline's usual density expects next to nothing, and any report there would
"prove" a concentration: nothing is claimed of it."""
MOST_BARE = 0.5
"""A hotspot of which more than half is ground that nobody lives on (a park, a school gate, a precinct) cannot be held
against where people live: next to nobody is expected there, and chance would "prove" it."""
LARGEST_CLOUD = 4_000_000
"""Points of the largest cloud: beyond it, flat ground and areas are measured by wider squares."""


class Question(StrEnum):
    """What a chance test asks."""

    CONCENTRATED = "concentrated"
    """More here than elsewhere."""
    RISEN = "risen"
    """More here than usual."""


class BaselineKind(StrEnum):
    """What a baseline is made of."""

    STREETS = "streets"
    RESIDENTS = "residents"
    ADDRESSES = "addresses"
    REPORTS = "reports"
    PAST = "past"
    FLAT = "flat"

    @property
    def question(self) -> Question:
        """The one question that this baseline answers."""
        return Question.RISEN if self is BaselineKind.PAST else Question.CONCENTRATED


AGAINST = {
    BaselineKind.STREETS: "the length of walkable streets and paths",
    BaselineKind.RESIDENTS: "where people live",
    BaselineKind.ADDRESSES: "where addresses are",
    BaselineKind.REPORTS: "reports of the other kind",
    BaselineKind.PAST: "the same places' own past",
    BaselineKind.FLAT: "flat ground, as if people were everywhere alike",
}
"""What a baseline is called in a sentence about chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A baseline on the ground: points in storage metres, and the share of reports that is expected at each.

    Squares that nobody lives on stand among them with a share of 0, so that such ground is known for what it is.
    Points are in the order of x, then y, so that a seed gives the same maps whatever the order of the rows was.
    """

    kind: BaselineKind
    xy: Floats
    share: Floats
    """By point; adds up to 1."""
    reach: Floats
    """By point: half the length of the street, or half the side of the square, that it stands for, in metres."""
    along: Floats
    """By point: the street's direction as a unit vector, shape (n, 2); zeros for a square."""

    def draw(self, number: int, rng: np.random.Generator) -> Floats:
        """Reports that fall by the baseline alone: shape (number, 2), storage metres."""
        chosen = rng.choice(len(self.xy), size=number, p=self.share)
        offset = rng.uniform(-1.0, 1.0, (number, 2)) * self.reach[chosen, None]
        along = self.along[chosen]
        on_street = np.hypot(along[:, 0], along[:, 1]) > 0
        moved = np.where(on_street[:, None], along * offset[:, :1], offset)
        return np.asarray(self.xy[chosen] + moved, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """A baseline of reports: those asked about and those they are held against, by their points in storage metres.

    A map by chance draws as many as are asked about from all of them (random labelling): where, and how often at one
    point, anything is ever reported stays as it is, and a rise or a push of effort over the whole map cancels out.
    """

    kind: BaselineKind
    xy: Floats
    """All of them, shape (n, 2)."""
    asked: npt.NDArray[np.bool_]

    def draw(self, number: int, rng: np.random.Generator) -> Floats:
        """As many of all the reports as are asked about, without regard to which they are."""
        return np.asarray(self.xy[rng.choice(len(self.xy), size=number, replace=False)], dtype=np.float64)


Baseline = Ground | Pool


def street_ground(streets: gpd.GeoDataFrame, study_area: BaseGeometry | None = None) -> Ground:
    """Expect reports evenly along walkable streets and paths.

    Parameters
    ----------
    streets
        Lines in metres; with a column ``walkable``, only those where it is true.
    study_area
        Area in the same metres; streets beyond it take no part.

    Raises
    ------
    ValueError
        If the CRS is not in honest metres.
    UsageError
        If no walkable street lies in the study area.
    """
    require_metres(streets)
    lines = np.asarray(streets.geometry.array)
    if "walkable" in streets:
        lines = lines[streets["walkable"].to_numpy(dtype=bool)]
    coordinates, line_of = shapely.get_coordinates(lines, return_index=True)
    follows = np.diff(line_of) == 0
    start, end = coordinates[:-1][follows], coordinates[1:][follows]
    length = np.hypot(*(end - start).T)
    start, end, length = start[length > 0], end[length > 0], length[length > 0]
    pieces = np.ceil(length / STEP_M).astype(np.int64)
    straight = np.repeat(np.arange(len(pieces)), pieces)
    place = np.arange(len(straight)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    xy = start[straight] + (end - start)[straight] * ((place + 0.5) / pieces[straight])[:, None]
    reach = length[straight] / pieces[straight] / 2
    along = (end - start)[straight] / length[straight, None]
    if study_area is not None:
        inside = _within(study_area, xy)
        xy, reach, along = xy[inside], reach[inside], along[inside]
    if not len(xy):
        raise UsageError(
            "No walkable street is loaded for this area, so there is nothing to hold reports against. Load "
            "OpenStreetMap data first: cs-geo gazetteer load FILE --format osm."
        )
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    return Ground(BaselineKind.STREETS, xy[order], reach[order] / reach.sum(), reach[order], along[order])


def area_ground(
    areas: gpd.GeoDataFrame,
    kind: BaselineKind,
    *,
    study_area: BaseGeometry | None = None,
    not_lived_on: BaseGeometry | None = None,
) -> Ground:
    """Expect reports where people live or addresses are: evenly over the ground of each area that is lived on.

    Parameters
    ----------
    areas
        Polygons in metres with a column ``number``, the residents or addresses of each.
    kind
        ``BaselineKind.RESIDENTS`` or ``ADDRESSES``.
    study_area
        Area in the same metres; ground beyond it takes no part.
    not_lived_on
        Parks, water, school grounds, works and shops in the same metres: nobody is put there (dasymetric mapping,
        Wright 1936, Geographical Review 26(1), 103–110). An area that is nothing else keeps its people all over.

    Raises
    ------
    ValueError
        If the CRS is not in honest metres.
    UsageError
        If nobody lives in the study area by these numbers.
    """
    require_metres(areas)
    shapes = np.asarray(areas.geometry.array)
    numbers = areas["number"].to_numpy(dtype=np.float64)
    step = _step_for(float(shapely.area(shapes).sum()))
    clouds, shares = [np.empty((0, 2))], [np.empty(0)]
    for shape, number in zip(shapes, numbers, strict=True):
        if not number > 0 or shape is None or shape.is_empty:
            continue
        squares = _squares(shape, step)
        lived_on = np.ones(len(squares)) if not_lived_on is None else 1.0 - _within(not_lived_on, squares)
        if not lived_on.any():
            lived_on = np.ones(len(squares))
        clouds.append(squares)
        shares.append(number * lived_on / lived_on.sum())
    xy, share = np.concatenate(clouds), np.concatenate(shares)
    if study_area is not None and len(xy):
        inside = _within(study_area, xy)
        xy, share = xy[inside], share[inside]
    if not share.any():
        raise UsageError("This baseline has nobody in the study area. Load one that covers it.")
    order = np.lexsort((share, xy[:, 1], xy[:, 0]))
    return Ground(kind, xy[order], share[order] / share.sum(), np.full(len(xy), step / 2), np.zeros((len(xy), 2)))


def flat_ground(study_area: BaseGeometry) -> Ground:
    """Expect reports evenly over an area in storage metres, whatever stands there: the last resort."""
    step = _step_for(float(study_area.area))
    xy = _squares(study_area, step)
    return Ground(
        BaselineKind.FLAT, xy, np.full(len(xy), 1 / len(xy)), np.full(len(xy), step / 2), np.zeros((len(xy), 2))
    )


def report_pool(asked: Floats, others: Floats, kind: BaselineKind) -> Pool:
    """Hold reports against others: of another kind, or of the same kind in the past. Shapes (n, 2), storage metres.

    Raises
    ------
    UsageError
        If there is nothing to hold them against.
    """
    if not len(others):
        raise UsageError(f"There are no reports to hold these against ({AGAINST[kind]}). Choose another baseline.")
    together = np.concatenate([asked, others])
    is_asked = np.arange(len(together)) < len(asked)
    order = np.lexsort((is_asked, together[:, 1], together[:, 0]))
    return Pool(kind, together[order], is_asked[order])


def _step_for(area_m2: float) -> float:
    return max(STEP_M, float(np.sqrt(area_m2 / LARGEST_CLOUD)))


def _squares(shape: BaseGeometry, step: float) -> Floats:
    """Middles of the squares of a grid whose middle lies in a shape; the shape's own inner point where none does."""
    west, south, east, north = (np.floor(end / step) for end in shape.bounds)
    xs, ys = np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1))
    middles = (np.column_stack([xs.ravel(), ys.ravel()]) + 0.5) * step
    inside = middles[_within(shape, middles)]
    return inside if len(inside) else np.asarray(shape.representative_point().coords, dtype=np.float64)[:, :2]


def _within(area: BaseGeometry, xy: Floats) -> npt.NDArray[np.bool_]:
    shapely.prepare(area)
    return np.asarray(shapely.intersects_xy(area, xy[:, 0], xy[:, 1]), dtype=bool)
