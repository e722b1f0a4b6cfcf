"""Streets and postcodes worked out of what a file does hold: points along streets, and addresses.

Many gazetteers list a street once for each of its segments, or only its addresses. Both are gathered here into one
entry for each street that hangs together, with a point on it and the reach it has; two streets of one name in two
villages stay two.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from cs_geo.geocode.gazetteer import Entry, Kind, postcode_entry, street_entry
from cs_geo.geocode.gazetteer_files import MEASURED_POSTCODE_M

HOUSES_TOGETHER_M = 500.0
"""Addresses of one street name that are nearer than this to another of them are on one street."""
SEGMENTS_TOGETHER_M = 1000.0
"""The same for the middles of segments, which are as far apart as country roads are long."""
LONGEST_STRETCH_M = 300.0
"""A street that reaches further than this is also given in stretches of this size, for the one beside a postcode."""

Beyond = tuple[tuple[int, float], ...]
"""Number of points known, and the metres beyond their reach within which 95% of the others lie; most points last."""

# Measured on OpenStreetMap's addresses of the Isle of Man, each held back in turn from the others of its street, its
# postcode, or its street and postcode; and against the points of its named highways.
BEYOND_SEGMENTS: Beyond = ((1, 290.0), (2, 60.0), (5, 30.0))
BEYOND_STREET_ADDRESSES: Beyond = ((1, 670.0), (2, 290.0), (3, 125.0), (5, 55.0), (8, 20.0))
BEYOND_POSTCODE_ADDRESSES: Beyond = ((1, 220.0), (2, 110.0), (3, 60.0), (5, 30.0))

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


def beyond(known: int, table: Beyond) -> float:
    """Metres to add to the reach of some known points, so that it holds 95% of those that are not known."""
    return next(metres for least, metres in reversed(table) if known >= least)


def streets_of_points(
    points: Iterable[StreetPoint], *, gazetteer: str, reaching: Beyond, together_m: float
) -> list[Entry]:
    """One street for each name and each cluster of its points, with its piece in each postcode and its stretches.

    Parameters
    ----------
    points
        Points on streets.
    gazetteer
        Name and version.
    reaching
        How far a street goes on beyond the points that are known.
    together_m
        Points of one name nearer than this to another of them belong to one street.

    Returns
    -------
    list of Entry
        For each street the whole, then its pieces by postcode, then (where it is long) its stretches. The point is
        the one nearest to the middle, so that it lies on the street.
    """
    by_name: dict[str, list[StreetPoint]] = {}
    for point in points:
        if point.name_norm:
            by_name.setdefault(point.name_norm, []).append(point)
    entries: list[Entry] = []
    for same_name in by_name.values():
        for street in _together(same_name, together_m):
            entries += _street_and_pieces(street, gazetteer, reaching)
    return entries


def _street_and_pieces(points: Sequence[StreetPoint], gazetteer: str, reaching: Beyond) -> Iterator[Entry]:
    def entry_of(group: Sequence[StreetPoint], postcode: str, table: Beyond) -> tuple[Entry | None, float]:
        middle, reach = _middle(group)
        places = len({(point.x, point.y) for point in group})
        localities = dict.fromkeys(name for point in group for name in point.localities)
        point = group[middle]
        entry = street_entry(
            point.name, point.x, point.y, radius_m=reach + beyond(places, table), gazetteer=gazetteer,
            localities=localities, postcode=postcode,
        )  # fmt: skip
        return entry, reach

    whole, reach = entry_of(points, "", reaching)
    if whole is None:
        return
    yield whole
    by_postcode, by_cell = _by_postcode(points), _by_cell(points)
    for postcode, group in by_postcode.items():
        piece, _ = entry_of(group, postcode, BEYOND_POSTCODE_ADDRESSES)
        if piece is not None:
            yield piece
    if reach > LONGEST_STRETCH_M:
        for group in by_cell:
            stretch, _ = entry_of(group, "", ((1, LONGEST_STRETCH_M / 2),))
            if stretch is not None:
                yield stretch


def _by_postcode(points: Sequence[StreetPoint]) -> dict[str, list[StreetPoint]]:
    groups: dict[str, list[StreetPoint]] = {}
    for point in points:
        if point.postcode:
            groups.setdefault(point.postcode, []).append(point)
    return groups


def _by_cell(points: Sequence[StreetPoint]) -> list[list[StreetPoint]]:
    groups: dict[tuple[int, int], list[StreetPoint]] = {}
    for point in points:
        cell = (math.floor(point.x / LONGEST_STRETCH_M), math.floor(point.y / LONGEST_STRETCH_M))
        groups.setdefault(cell, []).append(point)
    return list(groups.values())


def _together(points: Sequence[StreetPoint], together_m: float) -> Iterator[list[StreetPoint]]:
    """Points parted into clusters in which each is near another."""
    if len(points) == 1:
        yield list(points)
        return
    pairs = KDTree(_positions(points)).query_pairs(together_m, output_type="ndarray")
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
    """Postcodes at the middle of the points that carry them; the fewer the points, the larger the radius."""
    places: dict[str, dict[tuple[float, float], None]] = {}
    for point in points:
        if point.postcode:
            places.setdefault(point.postcode, {})[(point.x, point.y)] = None
    entries: list[Entry | None] = []
    for postcode, at in places.items():
        positions = np.array(list(at), dtype=np.float64)
        middle = np.median(positions, axis=0)
        reach = float(np.hypot(*(positions - middle).T).max()) + beyond(len(at), BEYOND_POSTCODE_ADDRESSES)
        radius = max(reach, MEASURED_POSTCODE_M)
        x, y = middle.tolist()
        entries.append(postcode_entry(postcode, x, y, radius_m=radius, gazetteer=gazetteer))
    return [entry for entry in entries if entry is not None]


def without_repeats(entries: Iterable[Entry]) -> list[Entry]:
    """Entries without those that say the same of the same point: an address listed as building and as shop."""
    seen: dict[tuple[Kind, str, float, float, str], Entry] = {}
    for entry in entries:
        key = (entry.kind, entry.name_norm, round(entry.x), round(entry.y), entry.postcode_norm)
        kept = seen.setdefault(key, entry)
        if entry.default_location and not kept.default_location:
            seen[key] = replace(kept, default_location=True)
    return list(seen.values())
