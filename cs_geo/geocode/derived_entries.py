"""Streets and postcodes worked out of what a file does hold: points along streets, and addresses.

Many gazetteers list a street once for each of its segments, or only its addresses. Both are gathered here into one
entry for each street that hangs together, with a point on it and the reach it has; two streets of one name in two
villages stay two.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from cs_geo.geocode.gazetteer import Entry, Kind, postcode_entry, street_entry
from cs_geo.geocode.gazetteer_files import MEASURED_POSTCODE_M

TOGETHER_M = 500.0
"""Points of one street name that are nearer than this to another of them belong to one street."""
SEGMENT_REACH_M = 150.0
"""Added to the reach of a street known only by points of its segments, whose own lengths are not known."""
BEYOND_THE_LAST_HOUSE_M = 50.0
"""Added to the reach of a street known only by its addresses: how far it goes on beyond the last of them."""
LEAST_ADDRESSES = 3
"""Addresses of a postcode from which its point is worked out."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StreetPoint:
    """A point on a street: of a segment, or of an address. x and y in storage metres."""

    name: str
    name_norm: str
    x: float
    y: float
    localities: tuple[str, ...] = ()
    postcode: str = ""


def streets_of_points(points: Iterable[StreetPoint], *, gazetteer: str, reach_m: float) -> list[Entry]:
    """One street for each name and each cluster of its points, and its piece in each postcode.

    Parameters
    ----------
    points
        Points on streets.
    gazetteer
        Name and version.
    reach_m
        Metres added to the distance from the middle to the furthest point: how far a street goes on beyond it.

    Returns
    -------
    list of Entry
        Streets, then (where the points carry postcodes) their pieces. The point is the one nearest to the middle, so
        that it lies on the street.
    """
    by_name: dict[str, list[StreetPoint]] = {}
    for point in points:
        if point.name_norm:
            by_name.setdefault(point.name_norm, []).append(point)
    entries: list[Entry] = []
    for same_name in by_name.values():
        for street in _together(same_name):
            entries += _street_and_pieces(street, gazetteer, reach_m)
    return entries


def _street_and_pieces(points: Sequence[StreetPoint], gazetteer: str, reach_m: float) -> Iterator[Entry]:
    by_postcode: dict[str, list[StreetPoint]] = {}
    for point in points:
        by_postcode.setdefault(point.postcode, []).append(point)
    pieces = [(postcode, piece) for postcode, piece in by_postcode.items() if postcode]
    for postcode, group in [("", points), *pieces]:
        middle, reach = _middle(group)
        entry = street_entry(
            group[middle].name, group[middle].x, group[middle].y, radius_m=reach + reach_m, gazetteer=gazetteer,
            localities=dict.fromkeys(name for point in group for name in point.localities), postcode=postcode,
        )  # fmt: skip
        if entry is not None:
            yield entry


def _together(points: Sequence[StreetPoint]) -> Iterator[list[StreetPoint]]:
    """Points parted into clusters in which each is within ``TOGETHER_M`` of another."""
    if len(points) == 1:
        yield list(points)
        return
    pairs = KDTree(_positions(points)).query_pairs(TOGETHER_M, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(points), len(points)))
    _, labels = connected_components(links, directed=False)
    for label in range(int(labels.max()) + 1):
        yield [point for point, of in zip(points, labels.tolist(), strict=True) if of == label]


def _positions(points: Sequence[StreetPoint]) -> Floats:
    return np.array([(point.x, point.y) for point in points], dtype=np.float64)


def _middle(points: Sequence[StreetPoint]) -> tuple[int, float]:
    """The point nearest to the median of some points, and the distance from it to the furthest of them."""
    positions = _positions(points)
    off = np.hypot(*(positions - np.median(positions, axis=0)).T)
    middle = int(off.argmin())
    return middle, float(np.hypot(*(positions - positions[middle]).T).max())


def postcodes_of_points(points: Iterable[StreetPoint], *, gazetteer: str) -> list[Entry]:
    """Postcodes at the middle of at least three different points that carry them."""
    places: dict[str, dict[tuple[float, float], None]] = {}
    for point in points:
        if point.postcode:
            places.setdefault(point.postcode, {})[(point.x, point.y)] = None
    entries: list[Entry | None] = []
    for postcode, at in places.items():
        if len(at) < LEAST_ADDRESSES:
            continue
        positions = np.array(list(at), dtype=np.float64)
        middle = np.median(positions, axis=0)
        reach = max(float(np.hypot(*(positions - middle).T).max()), MEASURED_POSTCODE_M)
        entries.append(
            postcode_entry(postcode, float(middle[0]), float(middle[1]), radius_m=reach, gazetteer=gazetteer)
        )
    return [entry for entry in entries if entry is not None]


def derive_streets(addresses: Iterable[Entry]) -> list[Entry]:
    """Streets where only their addresses are known, whole and in pieces by postcode, each at its middle address."""
    return [
        street
        for gazetteer, points in _address_points(addresses).items()
        for street in streets_of_points(points, gazetteer=gazetteer, reach_m=BEYOND_THE_LAST_HOUSE_M)
    ]


def derive_postcodes(addresses: Iterable[Entry]) -> list[Entry]:
    """Postcodes where only their addresses are known, at the middle of at least three of them."""
    return [
        postcode
        for gazetteer, points in _address_points(addresses).items()
        for postcode in postcodes_of_points(points, gazetteer=gazetteer)
    ]


def _address_points(addresses: Iterable[Entry]) -> dict[str, list[StreetPoint]]:
    """Points of addresses by gazetteer, each once, though an address may be found under several numbers."""
    points: dict[str, dict[StreetPoint, None]] = {}
    for entry in addresses:
        if entry.kind is Kind.ADDRESS:
            point = StreetPoint(
                entry.street_norm.title(), entry.street_norm, entry.x, entry.y, tuple(sorted(entry.localities)),
                entry.postcode_norm,
            )  # fmt: skip
            points.setdefault(entry.gazetteer, {})[point] = None
    return {gazetteer: list(of_gazetteer) for gazetteer, of_gazetteer in points.items()}


def without_repeats(entries: Iterable[Entry]) -> list[Entry]:
    """Entries without those that say the same of the same point: an address listed as building and as shop."""
    seen: dict[tuple[Kind, str, float, float, str], Entry] = {}
    for entry in entries:
        key = (entry.kind, entry.name_norm, round(entry.x), round(entry.y), entry.postcode_norm)
        kept = seen.setdefault(key, entry)
        if entry.default_location and not kept.default_location:
            seen[key] = replace(kept, default_location=True)
    return list(seen.values())
