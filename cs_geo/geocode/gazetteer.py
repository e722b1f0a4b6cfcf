"""What a gazetteer holds and what it can be asked: the port between the cascade and whatever keeps the entries.

An ``Entry`` is one named thing with a point: a postcode, an address, a place, a street, a junction or an area. The
``Gazetteer`` protocol asks for many keys in one call, never one per report. ``MemoryGazetteer`` (``memory``) is the
reference engine; the store keeps another in PostGIS, and both are held to the same specification in the tests.

Points are in storage metres. Names are kept as written and as ``normalise_name`` spells them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Protocol

import pandas as pd

from cs_geo.geocode.addresses import house_numbers
from cs_geo.geocode.match import Precision
from cs_geo.geocode.names import name_similarity, normalise_name, normalise_postcode

__all__ = [
    "ENTRY_COLUMNS",
    "TERMINATED",
    "AddressKey",
    "Chunk",
    "Entry",
    "Gazetteer",
    "Kind",
    "address_entries",
    "area_entry",
    "area_names",
    "entries_of",
    "frame_of",
    "junction_entry",
    "junction_key",
    "locality_key",
    "name_similarity",
    "normalise_name",
    "normalise_postcode",
    "place_entry",
    "place_radius",
    "postcode_entry",
    "street_entry",
]

FEATURE_RADIUS_M = 250
"""Largest radius of a named feature that stands as a point. A larger park or estate is an area: its reports would pile
up on one coordinate that none of them happened at."""
LONG_STREET_RADIUS_M = 1000
"""A street known only as a whole, reaching further than this from its middle, is an area too."""
POINT_RADIUS_M = 20
"""Radius of a building's or a junction's point where the source does not say better."""
PLACE_RADIUS_M = {
    "city": 3200.0, "borough": 3200.0, "town": 1500.0, "suburb": 1500.0, "quarter": 1000.0, "village": 2200.0,
    "hamlet": 2500.0, "island": 3000.0, "neighbourhood": 750.0, "locality": 850.0, "estate": 270.0,
    "isolated_dwelling": 150.0, "farm": 150.0, "city_block": 100.0, "square": 100.0, "junction": 50.0, "islet": 150.0,
}  # fmt: skip
"""Radius of a named place by its kind in OpenStreetMap. City, town, village, hamlet, locality and estate are measured:
95% of the Isle of Man's 4,231 addresses lie so near the place that they name (city 3,236 m, town 1,326, village 2,159,
hamlet 2,528 at 90%, locality 848, estate 266). The others are set beside them."""
SETTLEMENTS = frozenset({"city", "borough", "town", "suburb", "quarter", "village", "hamlet", "neighbourhood"})
"""Kinds of place that are named after a street to say where it is."""
TERMINATED = "terminated"
"""``feature`` of a postcode that is no longer in use."""

AddressKey = tuple[str, str]
"""House number or name and street (or, where there is no street, place), both normalised."""


class Kind(StrEnum):
    """What sort of thing an entry is."""

    POSTCODE = "postcode"
    ADDRESS = "address"
    PLACE = "place"
    """A named feature (park, school, shop) or a settlement."""
    STREET = "street"
    JUNCTION = "junction"
    AREA = "area"
    """A ward, district or other area known by its boundary."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One named thing with a point. x and y in storage metres."""

    entry_id: int
    """Number in the store; 0 until it is stored."""
    kind: Kind
    name: str
    """As it is shown to a person."""
    name_norm: str
    """What it is found by: the normalised name; of a postcode the postcode; of a junction ``junction_key``."""
    number_norm: str
    """House number or house name of an address."""
    street_norm: str
    """Street of an address, or the place that stands for one; of a street its name."""
    locality_norm: str
    """Normalised localities it lies in, parted by "|": village, town, ward."""
    postcode_norm: str
    x: float
    y: float
    radius_m: float
    """Radius within which the thing itself lies: half a street's length, a park's reach, a postcode's spread."""
    precision: Precision
    gazetteer: str
    """Name and version of the gazetteer."""
    default_location: bool = False
    feature: str = ""
    """What it is, in OpenStreetMap's word where there is one: park, school, hospital, village."""

    @property
    def localities(self) -> frozenset[str]:
        """The localities it lies in."""
        return frozenset(self.locality_norm.split("|")) - {""}


ENTRY_COLUMNS = tuple(field.name for field in fields(Entry) if field.name != "entry_id")
"""Columns of a frame of entries, in the order in which they are stored."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a gazetteer file: entries as a frame with ``ENTRY_COLUMNS``, and rows left out, by reason."""

    entries: pd.DataFrame
    skipped: Mapping[str, int]


class Gazetteer(Protocol):
    """What the cascade asks. Every method takes many keys at once and leaves out keys that it does not know.

    Within one key, entries come in the order of ``entry_id``. The normalised spelling is the caller's job.
    """

    def find_postcodes(self, postcodes: Collection[str]) -> Mapping[str, Sequence[Entry]]:
        """Entries of kind POSTCODE by ``postcode_norm``."""
        ...

    def find_addresses(self, keys: Collection[AddressKey]) -> Mapping[AddressKey, Sequence[Entry]]:
        """Entries of kind ADDRESS by (``number_norm``, ``street_norm``)."""
        ...

    def find_names(self, names: Collection[str], kinds: Collection[Kind]) -> Mapping[str, Sequence[Entry]]:
        """Entries of the kinds PLACE, STREET or AREA by ``name_norm``."""
        ...

    def find_junctions(self, pairs: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], Sequence[Entry]]:
        """Entries of kind JUNCTION where two streets meet, whichever of them is named first."""
        ...

    def find_similar_names(
        self, names: Collection[str], kinds: Collection[Kind]
    ) -> Mapping[str, Sequence[tuple[Entry, float]]]:
        """Entries of the kinds whose ``name_norm`` is spelt like the name but not equal, most alike first.

        At least every name with ``name_similarity`` of ``SIMILAR_ENOUGH``; the number is that similarity.
        """
        ...


SIMILAR_ENOUGH = 0.85
"""Least ``name_similarity`` at which one spelling may be a slip for another: one edit in seven letters."""
MOST_SIMILAR_NAMES = 5
"""Distinct names that ``find_similar_names`` gives at most for one name."""


def junction_key(one: str, other: str) -> str:
    """``name_norm`` of the junction of two streets, from their normalised names in either order."""
    return " / ".join(sorted((one, other)))


def place_radius(feature: str) -> float:
    """Radius in metres of a named place that has only a point, by its kind in OpenStreetMap."""
    return PLACE_RADIUS_M.get(feature, 100.0)


def locality_key(localities: Iterable[str]) -> str:
    """``locality_norm`` from localities as written."""
    return "|".join(dict.fromkeys(name for name in map(normalise_name, localities) if name))


# --- entries from what a file says ------------------------------------------------------------------------------------


def postcode_entry(
    postcode: str, x: float, y: float, *, radius_m: float, gazetteer: str, feature: str = ""
) -> Entry | None:
    """The entry of a postcode, None where it is not one."""
    norm = normalise_postcode(postcode)
    if not norm:
        return None
    precision = Precision.POSTCODE if radius_m <= LONG_STREET_RADIUS_M else Precision.AREA
    return Entry(0, Kind.POSTCODE, norm, norm, "", "", "", norm, x, y, radius_m, precision, gazetteer, False, feature)


def address_entries(
    *,
    x: float,
    y: float,
    gazetteer: str,
    number: str = "",
    house_name: str = "",
    unit: str = "",
    street: str = "",
    place: str = "",
    localities: Iterable[str] = (),
    postcode: str = "",
    radius_m: float = POINT_RADIUS_M,
    feature: str = "",
    default_location: bool = False,
) -> list[Entry]:
    """The entries by which one address is found: by number, by each number of a range, by name.

    An address without a street stands in its place ("3 Ballaquark"). Without number, name and unit there is nothing
    that would make it an address, and the list is empty.
    """
    street_norm = normalise_name(street or place)
    numbers = list(house_numbers(number))
    if not numbers and unit:
        numbers = [_unit_norm(unit)]
    numbers += [name for name in [normalise_name(house_name)] if name and name not in numbers]
    if not street_norm or not numbers:
        return []
    shown = ", ".join(
        part for part in (unit if not number else "", house_name, f"{number} {street or place}".strip()) if part
    )
    where = locality_key([place, *localities] if street else localities)
    norm_postcode = normalise_postcode(postcode)
    return [
        Entry(
            0, Kind.ADDRESS, shown, f"{norm} {street_norm}", norm, street_norm, where, norm_postcode, x, y, radius_m,
            Precision.BUILDING, gazetteer, default_location, feature,
        )
        for norm in numbers
    ]  # fmt: skip


def _unit_norm(unit: str) -> str:
    norm = normalise_name(unit)
    return norm if " " in norm else f"unit {norm}"


def place_entry(
    name: str,
    x: float,
    y: float,
    *,
    radius_m: float,
    gazetteer: str,
    feature: str = "",
    localities: Iterable[str] = (),
    postcode: str = "",
    default_location: bool = False,
) -> Entry | None:
    """A named feature or settlement; an area where it reaches further than ``FEATURE_RADIUS_M``. None: no name."""
    norm = normalise_name(name)
    if not norm:
        return None
    precision = Precision.JUNCTION if radius_m <= FEATURE_RADIUS_M else Precision.AREA
    return Entry(
        0, Kind.PLACE, name, norm, "", "", locality_key(localities), normalise_postcode(postcode), x, y, radius_m,
        precision, gazetteer, default_location, feature,
    )  # fmt: skip


def street_entry(
    name: str,
    x: float,
    y: float,
    *,
    radius_m: float,
    gazetteer: str,
    localities: Iterable[str] = (),
    postcode: str = "",
    feature: str = "",
) -> Entry | None:
    """A street by a point on it and half its length, whole or (with a postcode) the piece within that postcode."""
    norm = normalise_name(name)
    if not norm:
        return None
    precision = Precision.STREET if radius_m <= LONG_STREET_RADIUS_M else Precision.AREA
    return Entry(
        0, Kind.STREET, name, norm, "", norm, locality_key(localities), normalise_postcode(postcode), x, y, radius_m,
        precision, gazetteer, False, feature,
    )  # fmt: skip


def junction_entry(
    one: str, other: str, x: float, y: float, *, gazetteer: str, radius_m: float = POINT_RADIUS_M
) -> Entry | None:
    """The point where two streets meet, None where either has no name or both have the same."""
    norms = normalise_name(one), normalise_name(other)
    if not all(norms) or norms[0] == norms[1]:
        return None
    key = junction_key(*norms)
    return Entry(
        0, Kind.JUNCTION, f"{one} / {other}", key, "", "", "", "", x, y, radius_m, Precision.JUNCTION, gazetteer,
        False, "junction",
    )  # fmt: skip


def area_entry(
    name: str, x: float, y: float, *, radius_m: float, gazetteer: str, feature: str = "", localities: Iterable[str] = ()
) -> Entry | None:
    """A ward, district or other area by a point inside it. None: no name."""
    norm = normalise_name(name)
    if not norm:
        return None
    return Entry(
        0, Kind.AREA, name, norm, "", "", locality_key(localities), "", x, y, radius_m, Precision.AREA, gazetteer,
        False, feature,
    )  # fmt: skip


def area_names(name: str, kind: str) -> tuple[str, ...]:
    """What people call an area of a kind: "Oldmarket ward" as well as "Oldmarket"."""
    return (name, f"{name} {kind}") if kind and not normalise_name(name).endswith(f" {kind}") else (name,)


# --- frames -----------------------------------------------------------------------------------------------------------


def frame_of(entries: Iterable[Entry]) -> pd.DataFrame:
    """Entries as a frame with ``ENTRY_COLUMNS``, for COPY and for counting."""
    rows = [tuple(getattr(entry, column) for column in ENTRY_COLUMNS) for entry in entries]
    return pd.DataFrame(rows, columns=list(ENTRY_COLUMNS))


def entries_of(frame: pd.DataFrame, *, first_id: int = 1) -> Iterator[Entry]:
    """The entries of a frame with ``ENTRY_COLUMNS``, numbered from ``first_id``."""
    columns = [frame[column].tolist() for column in ENTRY_COLUMNS]
    for number, row in enumerate(zip(*columns, strict=True), start=first_id):
        values = dict(zip(ENTRY_COLUMNS, row, strict=True))
        values["kind"], values["precision"] = Kind(values["kind"]), Precision(values["precision"])
        yield Entry(number, **values)
