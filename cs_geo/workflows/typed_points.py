"""A point as a person types it: longitude and latitude, easting and northing, or a grid reference."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.crs import DEGREES, storage_epsg, transform_points
from cs_geo.errors import RefusedInput
from cs_geo.geocode.cascade import PROBLEMS
from cs_geo.geocode.coordinates import place_coordinates
from cs_geo.store.area_names import names_at
from cs_geo.store.areas import read_study_area
from cs_geo.store.opening import Store

_NUMBER = r"[-+]?\d{1,8}(?:\.\d{1,12})?"
_PAIR = re.compile(rf"\s*({_NUMBER})\s*(?:[,;]|\s)\s*({_NUMBER})\s*")
_GRID = re.compile(r"\s*[A-Za-z]{1,2}\s*\d[\d\s]*")
HOW_TO_WRITE = (
    "This is not a point. Write longitude, latitude (-2.98412, 53.40912), easting, northing (334567, 390123) "
    "or a grid reference (SJ 345 904)."
)
_SMALLEST_METRES = 1000.0
"""Two numbers of which one is this large are easting and northing, not degrees."""


@dataclass(frozen=True, slots=True)
class TypedPoint:
    """A typed point in degrees, and what a person should know of it."""

    longitude: float
    latitude: float
    caution: str = ""


def looks_like_point(text: str) -> bool:
    """Is this a pair of numbers or a grid reference rather than words?"""
    return bool(_PAIR.fullmatch(text) or _GRID.fullmatch(text)) and sum(map(str.isdigit, text)) >= 4


def read_typed_point(store: Store, actor: Actor, text: str) -> TypedPoint:
    """Read a typed point.

    Raises
    ------
    RefusedInput
        If it cannot be read, or lies off the land.
    """
    require(actor, Action.LOOK_UP)
    if not looks_like_point(text):
        raise RefusedInput(HOW_TO_WRITE)
    with store.begin(actor) as connection:
        study_area = read_study_area(connection)
    longitude, latitude, easting, northing, grid = _cells(text)
    placed = place_coordinates([longitude], [latitude], [easting], [northing], [grid], study_area=study_area)
    problem = str(placed.problem[0])
    if math.isnan(placed.x[0]):
        raise RefusedInput(PROBLEMS.get(problem, HOW_TO_WRITE))
    x, y = transform_points([placed.x[0]], [placed.y[0]], from_epsg=storage_epsg(), to_epsg=DEGREES)
    return TypedPoint(float(x[0]), float(y[0]), PROBLEMS.get(problem, ""))


def _cells(text: str) -> tuple[str, str, str, str, str]:
    pair = _PAIR.fullmatch(text)
    if pair is None:
        return "", "", "", "", text.strip()
    if max(abs(float(pair[1])), abs(float(pair[2]))) >= _SMALLEST_METRES:
        return "", "", pair[1], pair[2], ""
    return pair[1], pair[2], "", "", ""


def name_areas(store: Store, actor: Actor, points: Sequence[tuple[float, float]]) -> list[str]:
    """The ward or district of each point in storage metres, to tell places of one name apart; empty where unknown."""
    require(actor, Action.LOOK_UP)
    with store.begin(actor) as connection:
        return names_at(connection, points)
