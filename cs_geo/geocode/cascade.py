"""Where each report lies, by the best evidence it gives; many locations at once, without a query per row.

The order: the row's own coordinates; then address with postcode, named place, junction, street (with mended spelling
where nothing is known as written); then the postcode alone; then the ward, district or settlement it names, which is
kept for counting by area and never clustered; else unmatched, with its candidates. A report that names a street inside
the surroundings of its postcode is placed by whichever of the two reaches less far.

``HIGH`` confidence needs something that agrees: a postcode, a locality or the register. What rests on a mended
spelling, a default location or a contradiction is never high.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from cs_geo.geocode.choosing import NOTHING, Agreement, Choice, Chooser, candidates
from cs_geo.geocode.coordinates import PlacedCoordinates, place_coordinates
from cs_geo.geocode.default_locations import DefaultLocations, shipped_default_locations
from cs_geo.geocode.gazetteer import TERMINATED, Entry, Gazetteer, Kind
from cs_geo.geocode.match import UNMATCHED, Confidence, Match, Method, Precision
from cs_geo.geocode.questions import Answers, Location, Question, ask, mended

PROBLEMS: Mapping[str, str] = {
    "no_location": "No location was given. Ask the source, or place the report by hand.",
    "not_found": "Nothing of this name is known. Check the spelling, or load a gazetteer that covers it.",
    "postcode_not_found": "The postcode is not in the gazetteer: newer than it, or mistyped. Check it with the source.",
    "postcode_unreadable": "What stands for a postcode is not a full one. Give all of it, such as EH1 1BQ.",
    "postcode_terminated": "The postcode is no longer in use; its last known point was taken. Check that it is right.",
    "ambiguous_name": "Several things have this name. Choose the one that is meant, or add a postcode or locality.",
    "similar_name": "The name was found only in another spelling. Check that it is the one that is meant.",
    "part_of_name": "Only a part of the name was found. Check that it is the street that is meant.",
    "junction_not_found": "These two streets are not known to meet. Choose one of them, or place the report by hand.",
    "address_and_postcode_disagree": "The address lies elsewhere than the postcode, which was taken. Check both.",
    "long_street": "The street is long and nothing says where on it. Add a house number, junction or postcode.",
    "area_only": "Only the area is known, so the report is counted by area and takes no part in hotspots.",
    "default_location": "A place that is often given when the true one is not known. Check that it happened there.",
    "zero_coordinates": "The coordinates are 0, 0, which stands for none. Ask the source for the true ones.",
    "coordinate_missing": "One of the two coordinates is missing. Give both.",
    "coordinates_unreadable": "The coordinates are not numbers that can be read. Write them like -2.98412 and 53.40912.",
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

BARE_COORDINATE_M = 50.0
"""Radius of a coordinate whose source does not say how exact it is. A partner's point may be a door, a pin set by hand
or a snapped anchor; without a statement it is taken for a stretch of street."""
BUILDING_M, STREET_M, POSTCODE_M = 25.0, 250.0, 1000.0
"""Largest radius at which a coordinate counts as a building, a street and a postcode. 250 m takes in the published
police anchors, which stand for a street or a place on it; above 1 km (a grid reference of two figures) it is an area."""
DISAGREE_M = 1000.0
"""Coordinates further than this from their postcode contradict it. Of the food-hygiene points 0.26% lie so far off."""
_SURE_WITHIN_M = 250.0
"""HIGH is promised to be within this distance, so nothing with a larger radius is high."""
_LONG_STREET_M = 500.0
_NEAR_BY = frozenset({"near", "nr", "near to", "close to", "around", "by", "in the area of", "area of", "vicinity of",
                      "in the vicinity of", "behind", "off", "rear of", "at the rear of", "to the rear of"})  # fmt: skip
_NEAR_BY_M = 100.0
"""Added to the radius where the text says "near" or "behind"."""


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
    work = _Cascade(
        study_area, accuracy_m, registered_places or {}, default_locations or shipped_default_locations()
    )
    matches = work.match(distinct, gazetteer)
    return [matches[at] for at in order]


def _cells(location: Location) -> tuple[str, ...]:
    return (
        location.text, location.locality, location.postcode, location.longitude, location.latitude, location.easting,
        location.northing, location.grid_reference, location.place,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Words:
    """What the words alone came to: a match, which may be only an area or none."""

    match: Match
    postcode: Entry | None


class _Cascade:
    """One run over distinct locations."""

    def __init__(
        self,
        study_area: BaseGeometry | None,
        accuracy_m: float | None,
        registered: Mapping[str, Entry],
        default_locations: DefaultLocations,
    ) -> None:
        self._study_area, self._accuracy_m = study_area, accuracy_m
        self._registered, self._default_locations = registered, default_locations
        self._defaults_seen: dict[str, bool] = {}
        if study_area is not None:
            shapely.prepare(study_area)

    def match(self, locations: Sequence[Location], gazetteer: Gazetteer) -> list[Match]:
        """Match distinct locations."""
        columns = zip(*(_cells(location)[3:8] for location in locations), strict=True)
        longitude, latitude, easting, northing, grid = columns
        placed = place_coordinates(longitude, latitude, easting, northing, grid, study_area=self._study_area)
        questions: dict[int, Question] = {}
        # tolist() because reading single numbers out of an array takes ten times as long.
        for at, (x, problem, radius) in enumerate(
            zip(placed.x.tolist(), placed.problem.tolist(), placed.radius_m.tolist(), strict=True)
        ):
            sure = x == x and not problem and radius <= POSTCODE_M
            if not sure or locations[at].postcode:
                questions[at] = ask(locations[at])
        words = self._match_words(list(dict.fromkeys(questions.values())), gazetteer)
        given = _points(placed)
        return [
            self._joined(location, given[at], words.get(questions[at]) if at in questions else None)
            for at, location in enumerate(locations)
        ]

    # --- coordinates ---------------------------------------------------------------------------------------------

    def _joined(self, location: Location, given: "_Point", words: _Words | None) -> Match:
        """The match of one location from its coordinates and its words."""
        if given.x is None:
            match = words.match if words else UNMATCHED
            if given.problem and (match.x is None or not match.problem or match.problem == "area_only"):
                match = replace(match, problem=given.problem, confidence=_at_most(match.confidence, Confidence.MEDIUM))
            return match
        match = self._by_coordinates(given)
        if words is not None:
            match = self._weighed_against_words(match, words)
        return self._flagged(match, (location.place, location.text))

    def _by_coordinates(self, given: "_Point") -> Match:
        stated = self._accuracy_m if self._accuracy_m is not None else BARE_COORDINATE_M
        radius = given.radius_m if given.method is Method.GRID_REFERENCE else max(given.radius_m, stated)
        precision = _precision_of(radius)
        confidence = Confidence.HIGH if radius <= STREET_M else Confidence.MEDIUM
        if self._accuracy_m is not None and self._accuracy_m > 2 * BARE_COORDINATE_M or given.problem:
            confidence = Confidence.MEDIUM
        problem = given.problem or ("area_only" if precision is Precision.AREA else "")
        if problem == "outside_study_area":
            confidence = Confidence.LOW
        return Match(given.x, given.y, given.method, precision, radius, confidence, problem=problem)

    def _weighed_against_words(self, match: Match, words: _Words) -> Match:
        spoken = words.match
        usable = spoken.x is not None and spoken.precision.clusters and spoken.problem != "outside_study_area"
        if usable and match.precision is Precision.AREA:
            return spoken
        if usable and match.problem == "outside_study_area" and spoken.confidence is not Confidence.LOW:
            confidence = _at_most(spoken.confidence, Confidence.MEDIUM)
            return replace(spoken, problem="address_used_instead", confidence=confidence)
        postcode = words.postcode
        if postcode is None or match.x is None or match.y is None or postcode.precision is Precision.AREA:
            return match
        apart = ((match.x - postcode.x) ** 2 + (match.y - postcode.y) ** 2) ** 0.5
        if apart <= DISAGREE_M + postcode.radius_m + (match.radius_m or 0.0):
            return match
        return replace(
            match,
            confidence=Confidence.LOW,
            problem=match.problem or "coordinates_and_postcode_disagree",
            alternatives=candidates([postcode], score=0.5),
        )

    # --- words ---------------------------------------------------------------------------------------------------

    def _match_words(self, questions: Sequence[Question], gazetteer: Gazetteer) -> dict[Question, _Words]:
        """Match questions by their words: exactly, then in a mended spelling, then by postcode or area."""
        answers = Answers(questions, gazetteer)
        chooser = Chooser(answers, self._inside if self._study_area is not None else None)
        exact = {question: self._exact(question, chooser) for question in questions}
        lost = [question for question, (match, _) in exact.items() if match is None and not question.empty]
        spelt = self._in_another_spelling(lost, gazetteer)
        result: dict[Question, _Words] = {}
        for question, (match, rivals) in exact.items():
            found = match or spelt.get(question)
            match = found if found is not None and found.x is not None else None
            match = self._with_postcode(match, found, question, chooser, rivals)
            if match.x is not None and not self._is_inside(match.x, match.y):
                match = replace(match, problem="outside_study_area", confidence=Confidence.LOW)
            result[question] = _Words(
                self._flagged(match, question.shown_names), chooser.postcode_entry(question.postcode)
            )
        return result
