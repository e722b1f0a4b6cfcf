"""Gazetteer entries from a table that a site has: addresses, streets, places, local nicknames.

The heads may be OpenStreetMap's ("addr:street", "highway", "lat") or plain ("street", "name", "easting"); a ``kind``
column says outright what a row is. Streets listed by segment become one street each; where only addresses are known
their streets and postcodes are worked out of them.
"""

import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from cs_geo.errors import RefusedInput
from cs_geo.geocode.coordinates import place_coordinates
from cs_geo.geocode.default_locations import DefaultLocations, shipped_default_locations
from cs_geo.geocode.derived_entries import (
    BEYOND_SEGMENTS,
    BEYOND_STREET_ADDRESSES,
    HOUSES_TOGETHER_M,
    SEGMENTS_TOGETHER_M,
    StreetPoint,
    postcodes_of_points,
    streets_of_points,
    without_repeats,
)
from cs_geo.geocode.gazetteer import (
    PLACE_RADIUS_M,
    Chunk,
    Entry,
    Kind,
    address_entries,
    area_entry,
    area_names,
    frame_of,
    junction_entry,
    place_entry,
    place_radius,
    postcode_entry,
)
from cs_geo.geocode.gazetteer_files import MEASURED_POSTCODE_M
from cs_geo.geocode.names import normalise_name, normalise_postcode

# Heads as they are met, lower case and without anything but letters and digits: what each column holds.
_HEADS: Mapping[str, tuple[str, ...]] = {
    "kind": ("kind", "entrytype"),
    "name": ("name", "placename", "sitename", "premises", "nickname"),
    "aliases": ("aliases", "alias", "altname", "nameen", "namegv", "namecy", "oldname", "alsoknownas", "othernames"),
    "number": ("addrhousenumber", "housenumber", "number", "streetnumber", "houseno"),
    "house_name": ("addrhousename", "housename", "buildingname"),
    "unit": ("addrunit", "addrflats", "unit", "flat"),
    "street": ("addrstreet", "street", "streetname", "road", "thoroughfare"),
    "address_place": ("addrplace",),
    "localities": ("addrlocality", "addrsuburb", "addrcity", "addrhamlet", "addrvillage", "addrtown", "locality",
                   "town", "city", "village", "suburb", "ward", "district", "borough", "ladname",
                   "localauthority"),
    "postcode": ("addrpostcode", "postcode", "postalcode"),
    "highway": ("highway",),
    "place": ("place", "placetype"),
    "feature": ("feature", "amenity", "type", "category"),
    "crossing": ("othername", "secondstreet", "street2", "crossingstreet"),
    "radius": ("radius", "radiusm"),
    "longitude": ("lon", "long", "lng", "longitude", "wgs84longitude"),
    "latitude": ("lat", "latitude", "wgs84latitude"),
    "easting": ("easting", "eastings", "x", "osgbeasting"),
    "northing": ("northing", "northings", "y", "osgbnorthing"),
    "grid_reference": ("gridreference", "gridref", "osgridreference", "ngr"),
}  # fmt: skip
_POINT_COLUMNS = ("longitude", "latitude", "easting", "northing", "grid_reference")
_SUBSTREET = "addrsubstreet"
_DEFAULT_FEATURE_M = 100.0
"""Radius of a named place whose file gives neither a radius nor a kind of place."""
_AREAS = frozenset({"ward", "district", "lsoa"})
"""What a ``kind`` column calls the areas that people know."""
_NOT_A_STREET = frozenset({"bus_stop", "platform", "raceway", "rest_area", "services"})
"""Values of OpenStreetMap's ``highway`` that are no street."""

Row = Mapping[str, Sequence[str]]


def read_csv_entries(
    path: Path, *, gazetteer: str | None = None, default_locations: DefaultLocations | None = None
) -> Iterator[Chunk]:
    """Entries of a CSV or TSV table (also .gz): first those of its rows, then those worked out of them.

    Parameters
    ----------
    path
        The table, with a head. UTF-8, else Windows-1252.
    gazetteer
        Name and version. None: the file's name.
    default_locations
        None: the list that comes with the product.

    Raises
    ------
    RefusedInput
        If the head names neither a point nor anything to be found by.
    """
    rows = _rows(path)
    entries, skipped = _entries_of_rows(
        rows, gazetteer or path.name.split(".")[0], default_locations or shipped_default_locations()
    )
    yield Chunk(frame_of(entries), skipped)


def entries_of_csv(path: Path, *, gazetteer: str | None = None) -> list[Entry]:
    """The same as a list, for tests and small gazetteers kept in memory."""
    entries, _ = _entries_of_rows(_rows(path), gazetteer or path.name.split(".")[0], shipped_default_locations())
    return entries


def _rows(path: Path) -> list[Row]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    head = next(lines, [])
    columns = _columns(head)
    present = set(columns.values())
    if not present & set(_POINT_COLUMNS) or not present & {"name", "street", "postcode", "house_name"}:
        raise RefusedInput(
            "This table cannot serve as a gazetteer: its head must name a point (longitude and latitude, easting and "
            "northing, or grid reference) and a name, street or postcode."
        )
    rows: list[Row] = []
    for cells in lines:
        row: dict[str, list[str]] = {}
        for at, field in columns.items():
            if at < len(cells) and cells[at].strip():
                row.setdefault(field, []).append(cells[at].strip())
        if row:
            rows.append(row)
    return rows


def _columns(head: Sequence[str]) -> dict[int, str]:
    """Position of each column that is known: what it holds. Columns that come first in ``_HEADS`` come first."""
    known = {spelling: field for field, spellings in _HEADS.items() for spelling in spellings}
    known[_SUBSTREET] = "street"
    norms = [re.sub(r"[^a-z0-9]", "", name.casefold()) for name in head]
    found = [(at, norm) for at, norm in enumerate(norms) if norm in known]
    # A sub-street stands before its street: "1 Lake Mews, Lake Road" is found under Lake Mews.
    found.sort(key=lambda pair: pair[1] != _SUBSTREET)
    return {at: known[norm] for at, norm in found}


def _first(row: Row, field: str) -> str:
    return next(iter(row.get(field, ())), "")


def _entries_of_rows(
    rows: Sequence[Row], gazetteer: str, defaults: DefaultLocations
) -> tuple[list[Entry], dict[str, int]]:
    placed = place_coordinates(*([_first(row, column) for row in rows] for column in _POINT_COLUMNS))
    skipped: Counter[str] = Counter()
    entries: list[Entry] = []
    segments: list[StreetPoint] = []
    houses: list[StreetPoint] = []
    for row, x, y, problem in zip(rows, placed.x.tolist(), placed.y.tolist(), placed.problem.tolist(), strict=True):
        if x != x:  # no point
            skipped[problem or "no_point"] += 1
            continue
        made, points = _entries_of_row(row, x, y, gazetteer, defaults)
        if not made and not points:
            skipped["no_name"] += 1
        entries += made
        (segments if "highway" in row else houses).extend(points)
    entries += streets_of_points(
        segments, gazetteer=gazetteer, reaching=BEYOND_SEGMENTS, together_m=SEGMENTS_TOGETHER_M
    )
    entries += streets_of_points(
        houses, gazetteer=gazetteer, reaching=BEYOND_STREET_ADDRESSES, together_m=HOUSES_TOGETHER_M
    )
    entries += postcodes_of_points(houses, gazetteer=gazetteer)
    return without_repeats(entries), dict(skipped)


def _entries_of_row(
    row: Row, x: float, y: float, gazetteer: str, defaults: DefaultLocations
) -> tuple[list[Entry], list[StreetPoint]]:
    """Entries of one row, and the points on streets that it gives."""
    kind = _kind(row)
    name, names = _first(row, "name"), [*row.get("name", ())[:1], *_aliases(row)]
    localities = tuple(row.get("localities", ()))
    postcode = normalise_postcode(_first(row, "postcode"))
    if kind is Kind.STREET:
        known = dict.fromkeys(norm for norm in map(normalise_name, names or row.get("street", ())) if norm)
        shown = name or _first(row, "street")
        return [], [StreetPoint(shown, norm, x, y, localities, postcode) for norm in known]
    if kind is Kind.ADDRESS:
        return _addresses(row, x, y, gazetteer, defaults), _house_points(row, x, y)
    if kind is Kind.POSTCODE:
        radius = _radius(row) or MEASURED_POSTCODE_M
        return _kept([postcode_entry(postcode or name, x, y, radius_m=radius, gazetteer=gazetteer)]), []
    if kind is Kind.JUNCTION:
        pair = re.split(r"\s*/\s*", name, maxsplit=1) if "/" in name else [name, _first(row, "crossing")]
        return _kept([junction_entry(pair[0], pair[1], x, y, gazetteer=gazetteer)]), []
    feature = _first(row, "place") or _first(row, "feature") or _first(row, "highway")
    radius = _radius(row) or (place_radius(feature) if feature in PLACE_RADIUS_M else _DEFAULT_FEATURE_M)
    if kind is Kind.AREA:
        area = next((said for said in (_first(row, "kind").casefold(), feature.casefold()) if said in _AREAS), "")
        made = [
            area_entry(
                called, x, y, radius_m=radius, gazetteer=gazetteer, feature=area or feature, localities=localities
            )
            for each in dict.fromkeys(names)
            for called in area_names(each, area)
        ]
        return _kept(made), []
    made = [
        place_entry(
            each, x, y, radius_m=radius, gazetteer=gazetteer, feature=feature, localities=localities,
            postcode=postcode, default_location=bool(defaults.reference_of(each, feature)),
        )
        for each in dict.fromkeys(names)
    ]  # fmt: skip
    return _kept(made), []


def _kind(row: Row) -> Kind:
    """What a row is: as its kind column says, else by what it holds."""
    said = _first(row, "kind").casefold()
    if said in {kind.value for kind in Kind}:
        return Kind(said)
    if said in _AREAS:
        return Kind.AREA
    highway = _first(row, "highway")
    if highway and highway not in _NOT_A_STREET and "name" in row:
        return Kind.STREET
    if "name" in row and "number" not in row and "house_name" not in row:
        return Kind.PLACE
    if "street" in row or "address_place" in row:
        return Kind.ADDRESS
    return Kind.POSTCODE if "postcode" in row and "name" not in row else Kind.PLACE


def _addresses(row: Row, x: float, y: float, gazetteer: str, defaults: DefaultLocations) -> list[Entry]:
    """One entry for each way in which the address is given: by street and by sub-street."""
    house_name = _first(row, "house_name") or _first(row, "name")
    streets = row.get("street", ()) or ("",)
    return [
        entry
        for street in streets
        for entry in address_entries(
            x=x, y=y, gazetteer=gazetteer, number=_first(row, "number"), house_name=house_name,
            unit=_first(row, "unit"), street=street, place=_first(row, "address_place"),
            localities=row.get("localities", ()), postcode=_first(row, "postcode"),
            default_location=bool(defaults.reference_of(house_name, _first(row, "feature"))),
        )
    ]  # fmt: skip


def _house_points(row: Row, x: float, y: float) -> list[StreetPoint]:
    """The point of an address on its street, or in the place that stands for one."""
    localities = (*row.get("address_place", ()), *row.get("localities", ()))
    postcode = normalise_postcode(_first(row, "postcode"))
    names = row.get("street", ()) or row.get("address_place", ()) or ("",)
    return [StreetPoint(name, normalise_name(name), x, y, localities, postcode) for name in names]


def _aliases(row: Row) -> list[str]:
    return [part.strip() for cell in row.get("aliases", ()) for part in cell.split(";") if part.strip()]


def _radius(row: Row) -> float:
    try:
        radius = float(_first(row, "radius"))
    except ValueError:
        return 0.0
    return radius if 0 < radius < 100_000 else 0.0


def _kept(entries: Iterable[Entry | None]) -> list[Entry]:
    return [entry for entry in entries if entry is not None]
