"""What a location asks the gazetteer: every key under which it may be found, worked out once per distinct location.

A question knows nothing of what exists. ``Answers`` fetches all keys of many questions in one call per sort of key.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from cs_geo.geocode.addresses import AddressParts, StreetReading, split_address, split_junction, street_readings
from cs_geo.geocode.gazetteer import AddressKey, Entry, Gazetteer, Kind
from cs_geo.geocode.names import normalise_name, normalise_postcode

K = TypeVar("K")
_NAMED = (Kind.PLACE, Kind.STREET, Kind.AREA)

# Ways of writing that no location is known, from the published police files and from council sheets.
_NO_LOCATION = frozenset(
    normalise_name(text)
    for text in (
        "No Location", "Location not known", "Not known", "Unknown", "Unknown location", "Unspecified", "Various",
        "Various locations", "N/A", "None", "Not given", "Not stated", "Not recorded", "Withheld", "TBC",
        "No fixed abode",
    )
)  # fmt: skip


class Location(Protocol):
    """A location as a partner wrote it; ``cs_geo.reports.report.LocationGiven`` is one. "" where not given."""

    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def locality(self) -> str: ...  # noqa: D102
    @property
    def postcode(self) -> str: ...  # noqa: D102
    @property
    def longitude(self) -> str: ...  # noqa: D102
    @property
    def latitude(self) -> str: ...  # noqa: D102
    @property
    def easting(self) -> str: ...  # noqa: D102
    @property
    def northing(self) -> str: ...  # noqa: D102
    @property
    def grid_reference(self) -> str: ...  # noqa: D102
    @property
    def place(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Question:
    """The words of one location, taken apart. ``similarity`` is below 1 for a question with a mended spelling."""

    parts: AddressParts
    streets: tuple[StreetReading, ...]
    junctions: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    """What may name a place: the place column, what stands before the street, or the whole text. Most telling first."""
    late_names: tuple[str, ...]
    """What would be a street, should no such street be known: "Elm Green" may be a place."""
    localities: tuple[str, ...]
    """Names that say where the place or street is."""
    postcode: str
    postcode_written: bool
    """Was anything written for a postcode, readable or not?"""
    similarity: float = 1.0

    @property
    def empty(self) -> bool:
        """Does it ask nothing at all?"""
        return not (self.names or self.streets or self.localities or self.postcode)

    @property
    def address_keys(self) -> tuple[AddressKey, ...]:
        """Keys of the address, most telling first: house number before house name, whole street before a part of it."""
        parts = self.parts
        if self.streets:
            # In "9 Lake Terrace, High Street" the number is the terrace's, so it is not looked for on the High Street.
            own = [reading.street for reading in self.streets if reading.street not in parts.other_streets]
            keys = [(house, street) for house in parts.house_keys for street in own]
            return (*keys, *((parts.street, other) for other in parts.other_streets))
        # "Rose Cottage, Mill End" and "Unit 5, Lake Works, Northside": the place stands for the street.
        around = [name for name in (parts.name, *self.localities[:2]) if name]
        return tuple((house, place) for house in parts.house_keys for place in around if house != place)

    @property
    def next_door_keys(self) -> tuple[AddressKey, ...]:
        """Keys of the houses up to four numbers away, nearest first and on the same side before across."""
        digits = re.match(r"\d+", self.parts.number)
        if not digits:
            return ()
        number = int(digits[0])
        beside = [number + step for step in (0, 2, -2, 4, -4, 1, -1, 3, -3)]
        others = self.parts.other_streets
        streets = [reading.street for reading in self.streets if reading.whole and reading.street not in others]
        return tuple((str(house), street) for street in streets for house in beside if house > 0)

    @property
    def area_names(self) -> tuple[str, ...]:
        """Names that may be an area, the most telling first."""
        return tuple(dict.fromkeys((*self.names, *self.late_names, *self.localities)))

    def reading_of(self, street: str) -> StreetReading:
        """The first reading that gives this street; a place that stands for a street is read as it is."""
        return next((reading for reading in self.streets if reading.street == street), StreetReading(street))


def ask(location: Location) -> Question:
    """Take the words of a location apart."""
    text = "" if normalise_name(location.text) in _NO_LOCATION else location.text
    parts = split_address(text, locality=location.locality)
    streets = street_readings(parts.street)
    names = [normalise_name(location.place)]
    street_piece = next((piece for piece in parts.pieces if parts.street and piece.endswith(parts.street)), "")
    if street_piece:
        names += parts.pieces[: parts.pieces.index(street_piece)]
        others = (street_piece, *parts.other_streets)  # the piece, because "39 Steps" is a street's whole name
        streets = tuple(dict.fromkeys((*streets, *map(StreetReading, others))))
    else:
        names += parts.pieces[:1]
    names.append(parts.name)
    if parts.relation and parts.pieces:
        names.append(f"{parts.relation} {parts.pieces[0]}")  # "By the Wood" may be a name
    within = [reading.locality for reading in streets if reading.locality]
    return Question(
        parts=parts,
        streets=streets,
        junctions=split_junction(text),
        names=tuple(dict.fromkeys(name for name in names if name)),
        late_names=(street_piece,) if street_piece else (),
        localities=tuple(dict.fromkeys(name for name in (*parts.localities, *within) if name)),
        postcode=normalise_postcode(location.postcode) or parts.postcode,
        postcode_written=bool(location.postcode.strip()),
    )


class Answers:
    """The entries for every key of many questions, fetched in one call per sort of key."""

    def __init__(self, questions: Collection[Question], gazetteer: Gazetteer) -> None:
        """Ask the gazetteer for all keys of all questions."""
        self.postcodes: Mapping[str, Sequence[Entry]] = _fetched(
            gazetteer.find_postcodes, (question.postcode for question in questions)
        )
        self.addresses: Mapping[AddressKey, Sequence[Entry]] = _fetched(
            gazetteer.find_addresses,
            (key for question in questions for key in (*question.address_keys, *question.next_door_keys)),
        )
        self.junctions: Mapping[tuple[str, str], Sequence[Entry]] = _fetched(
            gazetteer.find_junctions, (pair for question in questions for pair in question.junctions)
        )
        names = {name for question in questions for name in _names(question)}
        self._named = gazetteer.find_names(names, _NAMED) if names else {}

    def named(self, name: str, *kinds: Kind) -> list[Entry]:
        """Entries of the kinds with this name."""
        return [entry for entry in self._named.get(name, ()) if entry.kind in kinds]


def _fetched(
    find: Callable[[Collection[K]], Mapping[K, Sequence[Entry]]], keys: Iterable[K]
) -> Mapping[K, Sequence[Entry]]:
    wanted = {key for key in keys if key}
    return find(wanted) if wanted else {}


def _names(question: Question) -> Iterable[str]:
    yield from question.names
    yield from question.late_names
    yield from question.localities
    yield from (name for reading in question.streets for name in (reading.street, reading.locality) if name)
    for pair in question.junctions:
        yield from pair


def mended(questions: Sequence[Question], gazetteer: Gazetteer) -> dict[Question, tuple[Question, ...]]:
    """Questions whose street or name is spelt like a known one, each with its mended questions, most alike first."""
    wanted = {name for question in questions for name in _mendable(question)}
    similar = gazetteer.find_similar_names(wanted, (Kind.PLACE, Kind.STREET)) if wanted else {}
    result: dict[Question, tuple[Question, ...]] = {}
    for question in questions:
        versions: list[Question] = []
        for name in _mendable(question):
            for entry, score in similar.get(name, ()):
                versions.append(_with_spelling(question, name, entry, score))
        if versions:
            result[question] = tuple(dict.fromkeys(sorted(versions, key=lambda version: -version.similarity)))
    return result


def _mendable(question: Question) -> Iterable[str]:
    if question.streets:
        yield from (reading.street for reading in question.streets if reading.whole and len(reading.street) > 4)
    else:
        yield from (name for name in question.names[:2] if len(name) > 4)


def _with_spelling(question: Question, name: str, entry: Entry, score: float) -> Question:
    if entry.kind is Kind.STREET:
        reading = next((reading for reading in question.streets if reading.street == name), StreetReading(name))
        streets = (replace(reading, street=entry.name_norm),)
        return replace(question, streets=streets, junctions=(), names=(), late_names=(), similarity=score)
    return replace(question, streets=(), junctions=(), names=(entry.name_norm,), late_names=(), similarity=score)
