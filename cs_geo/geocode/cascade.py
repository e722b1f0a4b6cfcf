"""Where each report lies, by the best evidence it gives; many locations at once, without a query per row.

The order: the row's own coordinates; then address with postcode, named place, junction, street (with mended spelling
where nothing is known as written); then the postcode alone; then the ward, district or settlement it names, which is
kept for counting by area and never clustered; else unmatched, with its candidates. A report that names a street inside
the surroundings of its postcode is placed by whichever of the two reaches less far.

``HIGH`` confidence needs something that agrees: a postcode, a locality or the register. What rests on a mended
spelling, a default location or a contradiction is never high.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shapely.geometry.base import BaseGeometry

from cs_geo.geocode.choosing import candidates
from cs_geo.geocode.coordinates import PlacedCoordinates, place_coordinates
from cs_geo.geocode.default_locations import DefaultLocations, shipped_default_locations
from cs_geo.geocode.gazetteer import Entry, Gazetteer
from cs_geo.geocode.match import UNMATCHED, Confidence, Match, Method, Precision
from cs_geo.geocode.questions import Location, ask
from cs_geo.geocode.resolving import Resolver, Words, at_most

PROBLEMS: Mapping[str, str] = {
    "no_location": "No location was given. Ask the source, or place the report by hand.",
    "not_found": "Nothing of this name is known. Check the spelling, or ask for a gazetteer that covers it.",
    "postcode_not_found": "The postcode is not in the gazetteer: newer than it, or mistyped. Check it with the source.",
    "postcode_unreadable": "What stands for a postcode is not a full one. Give all of it, such as EH1 1BQ.",
    "postcode_terminated": "The postcode is no longer in use; its last known point was taken. Check that it is right.",
    "ambiguous_name": "Several things have this name. Choose the one that is meant, or add a postcode or locality.",
    "similar_name": "The name was found only in another spelling. Check that it is the one that is meant.",
    "part_of_name": "Only a part of the name was found. Check that it is the street that is meant.",
    "junction_not_found": "These two streets are not known to meet. Choose one of them, or place the report by hand.",
    "address_and_postcode_disagree": "The address lies elsewhere than the postcode, which was taken. Check both.",
    "long_street": "The street is long, or only a point or two of it are known. Add a house number or postcode.",
    "area_only": "Only the area is known, so the report is counted by area and takes no part in hotspots.",
    "default_location": "A place that is often given when the true one is not known. Check that it happened there.",
    "zero_coordinates": "The coordinates are 0, 0, which stands for none. Ask the source for the true ones.",
    "coordinate_missing": "One of the two coordinates is missing. Give both.",
    "coordinates_unreadable": "The coordinates are not numbers that can be read. Write them like -2.98412, 53.40912.",
    "swapped_axes": "The two coordinates stood in each other's column and were put right. Check the source's columns.",
    "metres_in_degree_columns": "Eastings and northings stood in the columns for degrees and were read as such.",
    "degrees_in_metre_columns": "Degrees stood in the columns for easting and northing and were read as such.",
    "outside_country": "The coordinates lie off the land this product is set up for. Check sign, order and system.",
    "outside_study_area": "The point lies outside the study area. Check it, or leave it to the neighbouring authority.",
    "address_used_instead": "The coordinates lie outside the study area, the address inside it; the address was used.",
    "coordinates_and_postcode_disagree": "The coordinates lie over 1 km from the postcode; they were kept. Check both.",
    "irish_grid": "This is an Irish grid reference, which is not read. Give longitude and latitude instead.",
    "grid_reference_unreadable": "This is not a grid reference of Great Britain. Write it like SJ 345 904.",
}
"""Code of ``Match.problem``: what is the matter and what to do next."""

HIGH_RADIUS_M = 100.0
"""Largest radius of a coordinate of high confidence. The police anchors (200 m) are never high."""
BARE_COORDINATE_M = 50.0
"""Radius of a coordinate whose source does not say how exact it is, however many figures it has. A partner's point may
be a door, a pin set by hand or a snapped anchor; without a statement it is taken for a stretch of street."""
BUILDING_M, STREET_M, POSTCODE_M = 25.0, 250.0, 1000.0
"""Largest radius at which a coordinate counts as a building, a street and a postcode. 250 m takes in the published
police anchors, which stand for a street or a place on it; above 1 km (a grid reference of two figures) it is an area.
"""
DISAGREE_M = 1000.0
"""Coordinates further than this from their postcode contradict it. Of the food-hygiene points 0.16% lie so far off."""


def match_locations(
    locations: Sequence[Location],
    gazetteer: Gazetteer,
    *,
    study_area: BaseGeometry | None = None,
    accuracy_m: float | None = None,
    registered_places: Mapping[str, Entry] | None = None,
    default_locations: DefaultLocations | None = None,
) -> list[Match]:
    """Find the point of every location.

    Parameters
    ----------
    locations
        Locations as written; equal ones are matched once.
    gazetteer
        Asked a handful of times, however many locations there are.
    study_area
        Polygon in storage metres. Decides between things of one name, and flags what lies outside.
    accuracy_m
        Radius in metres that the source states for its coordinates. None: not stated.
    registered_places
        Places of the register by normalised name and alias.
    default_locations
        None: the list that comes with the product.

    Returns
    -------
    list of Match
        One for each location, in their order. Points in storage metres.
    """
    positions: dict[tuple[str, ...], int] = {}
    distinct: list[Location] = []
    order: list[int] = []
    for location in locations:
        key = _cells(location)
        at = positions.setdefault(key, len(distinct))
        if at == len(distinct):
            distinct.append(location)
        order.append(at)
    if not distinct:
        return []
    defaults = default_locations or shipped_default_locations()
    resolver = Resolver(gazetteer, study_area=study_area, registered=registered_places or {}, defaults=defaults)
    matches = _matched(distinct, resolver, study_area, accuracy_m)
    return [matches[at] for at in order]


def _cells(location: Location) -> tuple[str, ...]:
    return (
        location.text, location.locality, location.postcode, location.longitude, location.latitude, location.easting,
        location.northing, location.grid_reference, location.place,
    )  # fmt: skip


def _matched(
    locations: Sequence[Location], resolver: Resolver, study_area: BaseGeometry | None, accuracy_m: float | None
) -> list[Match]:
    """The match of each of some distinct locations."""
    longitude, latitude, easting, northing, grid = zip(*(_cells(location)[3:8] for location in locations), strict=True)
    placed = place_coordinates(longitude, latitude, easting, northing, grid, study_area=study_area)
    points = _points(placed)
    questions = {
        at: ask(location)
        for at, (location, point) in enumerate(zip(locations, points, strict=True))
        if location.postcode or not point.is_sure
    }
    words = resolver.resolve(list(dict.fromkeys(questions.values())))
    matches: list[Match] = []
    for at, (location, point) in enumerate(zip(locations, points, strict=True)):
        spoken = words[questions[at]] if at in questions else None
        if point.x is None:
            matches.append(_without_a_point(point.problem, spoken.match if spoken else UNMATCHED))
            continue
        match = _by_coordinates(point, accuracy_m)
        match = _weighed_against_words(match, spoken) if spoken else match
        matches.append(resolver.flagged(match, (location.place, location.text.split(",", 1)[0])))
    return matches


@dataclass(frozen=True, slots=True)
class _Point:
    """One row of ``PlacedCoordinates``."""

    x: float | None
    y: float | None
    radius_m: float
    method: Method
    problem: str

    @property
    def is_sure(self) -> bool:
        """Can the words of the location be left unread?"""
        return self.x is not None and not self.problem and self.radius_m <= POSTCODE_M


def _points(placed: PlacedCoordinates) -> list[_Point]:
    # Through lists, because reading single numbers out of arrays takes ten times as long.
    columns = (placed.x, placed.y, placed.radius_m, placed.method, placed.problem)
    return [
        _Point(None, None, 0.0, Method.NONE, problem) if math.isnan(x) else _Point(x, y, radius, method, problem)
        for x, y, radius, method, problem in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _without_a_point(problem: str, spoken: Match) -> Match:
    """The match by words where the coordinates gave no point; what was wrong with them is said before "area only"."""
    if not problem or (spoken.problem not in {"", "area_only", "no_location"}):
        return spoken
    return replace(spoken, problem=problem, confidence=at_most(spoken.confidence, Confidence.MEDIUM))


def _by_coordinates(point: _Point, accuracy_m: float | None) -> Match:
    stated = BARE_COORDINATE_M if accuracy_m is None else accuracy_m
    radius = max(point.radius_m, stated)
    precision = precision_of(radius)
    problem = point.problem or ("area_only" if precision is Precision.AREA else "")
    confidence = Confidence.HIGH if radius <= HIGH_RADIUS_M and not problem else Confidence.MEDIUM
    if problem == "outside_study_area":
        confidence = Confidence.LOW
    return Match(point.x, point.y, point.method, precision, radius, confidence, problem=problem)


def precision_of(radius_m: float) -> Precision:
    """How closely a coordinate of this radius is known."""
    if radius_m <= BUILDING_M:
        return Precision.BUILDING
    if radius_m <= STREET_M:
        return Precision.STREET
    return Precision.POSTCODE if radius_m <= POSTCODE_M else Precision.AREA


def _weighed_against_words(match: Match, words: Words) -> Match:
    """A match by coordinates against what the words say: kept, flagged or replaced."""
    spoken, postcode = words.match, words.postcode
    usable = spoken.x is not None and spoken.precision.clusters and spoken.problem != "outside_study_area"
    if usable and match.precision is Precision.AREA:
        return spoken
    if usable and match.problem == "outside_study_area" and spoken.confidence is not Confidence.LOW:
        confidence = at_most(spoken.confidence, Confidence.MEDIUM)
        return replace(spoken, problem="address_used_instead", confidence=confidence)
    if postcode is None or postcode.precision is Precision.AREA or match.x is None or match.y is None:
        return match
    apart = math.hypot(match.x - postcode.x, match.y - postcode.y)
    if apart <= DISAGREE_M + postcode.radius_m + (match.radius_m or 0.0):
        return match
    return replace(
        match,
        confidence=Confidence.LOW,
        problem=match.problem or "coordinates_and_postcode_disagree",
        alternatives=candidates([postcode], score=0.5),
    )
