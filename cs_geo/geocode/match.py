"""What a geocoder answers: a point with its method, precision, radius and the other candidates, or none and why.

An answer never claims more than it knows: no centroid is labelled an address, an ambiguous name stays unmatched with
its candidates, and an area match is kept for counting by area but never clustered.
"""

from dataclasses import dataclass
from enum import StrEnum


class Precision(StrEnum):
    """How closely the point is known, from a building to an area (practice.md §2.2, match level)."""

    BUILDING = "building"
    JUNCTION = "junction"
    """A junction or a named feature."""
    STREET = "street"
    POSTCODE = "postcode"
    CELL = "cell"
    """The centre of a cell of 50 m, in place of an exact point that was kept as long as it may be."""
    AREA = "area"
    NONE = "none"

    @property
    def clusters(self) -> bool:
        """May a report of this precision take part in hotspots?"""
        return self not in {Precision.AREA, Precision.NONE}


class Method(StrEnum):
    """How the point was found."""

    COORDINATES = "coordinates"
    GRID_REFERENCE = "grid_reference"
    ADDRESS = "address"
    PLACE = "place"
    STREET = "street"
    JUNCTION = "junction"
    POSTCODE = "postcode"
    AREA = "area"
    PERSON = "person"
    """Placed or confirmed by a person."""
    NONE = "none"


class Confidence(StrEnum):
    """How sure the match is. ``HIGH`` is held to at most 1% of matches more than 250 m off."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing the text could have meant. x and y in storage metres."""

    name: str
    kind: str
    x: float
    y: float
    precision: Precision
    radius_m: float
    score: float
    gazetteer: str
    locality: str = ""
    """Where it is, as its gazetteer says: "Elmside, Newborough"."""


@dataclass(frozen=True, slots=True)
class Match:
    """The answer for one location. x and y in storage metres, None when unmatched."""

    x: float | None
    y: float | None
    method: Method
    precision: Precision
    radius_m: float | None
    """Radius in metres within which the true place lies in about 95% of such matches."""
    confidence: Confidence
    matched_name: str = ""
    gazetteer: str = ""
    """Name and version of the gazetteer that answered."""
    alternatives: tuple[Candidate, ...] = ()
    default_location: bool = False
    """Hospital, police station, council office…: often written because the true place was not known."""
    problem: str = ""
    """Why there is no point or why it is doubtful: a code of ``PROBLEMS`` in ``cs_geo.geocode.cascade``."""


UNMATCHED = Match(None, None, Method.NONE, Precision.NONE, None, Confidence.NONE)
