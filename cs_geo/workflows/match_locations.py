"""Putting locations to the geocoder: many at once, against every loaded gazetteer, the areas and the place register."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy import Connection

from cs_geo.geocode.cascade import match_locations
from cs_geo.geocode.gazetteer import Entry, normalise_name, place_entry
from cs_geo.geocode.match import UNMATCHED, Candidate, Match
from cs_geo.reports.report import LocationGiven
from cs_geo.store.areas import read_protected, read_study_area
from cs_geo.store.gazetteer import StoredGazetteer
from cs_geo.store.places import registered_names, registered_points

COORDINATES = ("longitude", "latitude", "easting", "northing", "grid_reference")
REGISTER = "place register"


def pack_location(location: LocationGiven) -> tuple[str, str, str, str, str]:
    """A location as it is stored: text, locality, postcode, coordinates as given, place."""
    given = [getattr(location, name) for name in COORDINATES]
    coordinates = "|".join(given) if any(given) else ""
    return location.text, location.locality, location.postcode, coordinates, location.place


def unpack_location(stored: Sequence[str]) -> LocationGiven:
    """A stored location as it was given."""
    text, locality, postcode, coordinates, place = stored
    given = dict(zip(COORDINATES, coordinates.split("|"), strict=True)) if coordinates else {}
    return LocationGiven(text=text, locality=locality, postcode=postcode, place=place, **given)


class LocationMatcher:
    """The geocoder of one transaction: it reads the study area and the place register once."""

    def __init__(self, connection: Connection) -> None:
        self._gazetteer = StoredGazetteer(connection)
        self.study_area = read_study_area(connection)
        self._place_ids = registered_names(connection)
        self._registered = _register_entries(self._place_ids, registered_points(connection))
        self._protected = read_protected(connection)
        shapely.prepare(self._protected)

    def match(self, locations: Sequence[LocationGiven], *, accuracy_m: float | None = None) -> list[Match]:
        """Find the point of every location. What lies in a protected location is neither named nor a candidate."""
        matches = match_locations(
            locations,
            self._gazetteer,
            study_area=self.study_area,
            accuracy_m=accuracy_m,
            registered_places=self._registered,
        )
        return [self._unnamed(match) for match in matches]

    def look_up(self, location: LocationGiven) -> Match:
        """Find the point of a location for a person to see: none where it lies in a protected location."""
        match = self.match([location])[0]
        return replace(UNMATCHED, problem="not_found") if self.is_protected(match) else match

    def is_protected(self, found: Match | Candidate) -> bool:
        """Does a match or candidate lie in a protected location?"""
        if self._protected is None or found.x is None or found.y is None:
            return False
        return bool(shapely.intersects_xy(self._protected, found.x, found.y))

    def _unnamed(self, match: Match) -> Match:
        if self.is_protected(match):
            return replace(match, matched_name="", alternatives=())
        others = tuple(other for other in match.alternatives if not self.is_protected(other))
        if len(others) == len(match.alternatives):
            return match
        gone = match.x is None and not others
        return replace(match, alternatives=others, problem="not_found" if gone else match.problem)

    def place_id(self, location: LocationGiven) -> UUID | None:
        """The registered place that a location names, however vaguely."""
        for named in (location.place, location.text):
            found = self._place_ids.get(normalise_name(named)) if named else None
            if found:
                return found
        return None

    def match_values(
        self, keys: Sequence[bytes], locations: Sequence[LocationGiven], *, accuracy_m: float | None = None
    ) -> list[tuple[Any, ...]]:
        """Find the points of locations as rows for ``cs_geo.store.landing.store_matches``.

        A list, not an iterator: the gazetteer is asked on the connection that the rows are then copied through.
        """
        matches = self.match(locations, accuracy_m=accuracy_m)
        return [
            (
                key,
                self.place_id(location),
                str(match.method),
                str(match.precision),
                match.radius_m,
                str(match.confidence),
                match.matched_name,
                match.gazetteer,
                json.dumps([asdict(candidate) for candidate in match.alternatives]) if match.alternatives else None,
                match.problem,
                match.default_location,
                match.x,
                match.y,
            )
            for key, location, match in zip(keys, locations, matches, strict=True)
        ]


def _register_entries(
    place_ids: dict[str, UUID], points: dict[UUID, tuple[str, float, float, float]]
) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for alias, place_id in place_ids.items():
        if place_id in points:
            name, x, y, radius_m = points[place_id]
            entry = place_entry(name, x, y, radius_m=radius_m, gazetteer=REGISTER)
            if entry:
                entries[alias] = entry
    return entries
