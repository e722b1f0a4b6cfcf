"""Streets and junctions of an OpenStreetMap extract, as a person would name them.

OpenStreetMap cuts a street into ways wherever anything about it changes. Here the ways of one name that touch, or lie
close, are one street: a point on it nearest its middle, and how far its ends are. Where two streets share a vertex, or
open on the same roundabout, is their junction.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cs_geo.geocode.gazetteer import POINT_RADIUS_M, Entry, junction_entry, street_entry
from cs_geo.geocode.names import normalise_name
from cs_geo.geocode.osm_localities import LocalityFinder
from cs_geo.osm import OsmData

NOT_A_STREET = frozenset({
    "abandoned", "bus_stop", "construction", "corridor", "elevator", "escalator", "no", "planned", "platform",
    "proposed", "raceway", "razed", "rest_area", "services",
})  # fmt: skip
JOIN_GAP_M = 200
"""Ways of one name no further apart are one street. In an extract of central London the pieces of one street lay up to
168 m apart (subways, squares, a roundabout of another name); the next same-named ways were two streets 604 m apart."""
JUNCTION_GAP_M = 100
"""Meeting points of the same two streets no further apart are one junction: two carriageways, slips, staggered arms."""
ALIAS_KEYS = ("alt_name", "loc_name", "official_name", "old_name", "short_name")
ADDRESS_REACH_M = 500
"""An address further than this from a street of its name belongs to another one."""

Integers = npt.NDArray[np.int64]
normalised = lru_cache(maxsize=100_000)(normalise_name)


@dataclass(frozen=True, slots=True)
class Street:
    """One street: ways of one name that belong together, in storage metres."""

    name: str
    norm: str
    aliases: tuple[str, ...]
    highway: str
    """The sort of way that makes up most of its length."""
    line: shapely.MultiLineString
    x: float
    y: float
    radius_m: float
    """From its point to its furthest vertex."""


def streets_of(data: OsmData) -> list[Street]:
    """Group the named highways of an extract into streets.

    Parameters
    ----------
    data
        An extract in storage metres.

    Returns
    -------
    list of Street
        In the order of their names and then from west to east, so that the same extract gives the same list.
    """
    ways = _named_ways(data)
    if ways.empty:
        return []
    pieces = _touching(ways)
    ways_of_piece = _as_one(ways.geometry.to_numpy(), pieces)
    norm_of_piece = ways["norm"].to_numpy()[np.unique(pieces, return_index=True)[1]]
    groups = _close_by(ways_of_piece, norm_of_piece)[pieces]
    lines = _as_one(ways.geometry.to_numpy(), groups)
    middles = shapely.get_point(shapely.shortest_line(lines, shapely.centroid(lines)), 0)
    reach = np.maximum(shapely.hausdorff_distance(lines, middles), POINT_RADIUS_M)
    texts = _texts_of(ways, groups)
    streets = [
        Street(*texts[number], line=line, x=middle.x, y=middle.y, radius_m=float(radius))
        for number, (line, middle, radius) in enumerate(zip(lines, middles, reach, strict=True))
    ]
    return sorted(streets, key=lambda street: (street.norm, street.x, street.y))


def street_entries(data: OsmData, streets: list[Street], localities: LocalityFinder, gazetteer: str) -> Iterator[Entry]:
    """The entries of streets, by their names and other names."""
    around = localities.around(np.array([(street.x, street.y) for street in streets]).reshape(-1, 2))
    written = _written_localities(data, streets)
    for number, street in enumerate(streets):
        for name in (street.name, *street.aliases):
            entry = street_entry(
                name, street.x, street.y, radius_m=street.radius_m, gazetteer=gazetteer, feature=street.highway,
                localities=[*written.get(number, ()), *around[number]],
            )  # fmt: skip
            if entry:
                yield entry


def junction_entries(data: OsmData, gazetteer: str) -> Iterator[Entry]:
    """The entries of junctions: wherever two differently named streets meet."""
    ways, rings = _named_ways(data), _roundabouts(data)
    ways = ways[~ways["junction"].isin(["roundabout", "circular"])]
    if ways.empty:
        return
    nodes = np.concatenate(ways["nodes"].tolist())
    counts = ways["nodes"].map(len).to_numpy()
    spots = pd.DataFrame(
        {"node": nodes, "norm": np.repeat(ways["norm"], counts), "name": np.repeat(ways["name"], counts)}
    )
    spots["spot"] = spots["node"].map(rings).fillna(spots["node"]).astype(np.int64)
    spots = spots.drop_duplicates(["spot", "norm"])
    spots = spots[spots.duplicated("spot", keep=False)]
    shown: dict[str, str] = dict(zip(ways["norm"], ways["name"], strict=True))
    where = _spot_places(data, rings)
    meetings: dict[tuple[str, str], list[int]] = {}
    at_spot: dict[int, list[str]] = {}
    for spot, norm in zip(spots["spot"].tolist(), spots["norm"].tolist(), strict=True):
        at_spot.setdefault(spot, []).append(norm)
    for spot, norms in at_spot.items():
        for pair in combinations(sorted(norms), 2):
            meetings.setdefault(pair, []).append(spot)
    for (one, other), found in meetings.items():
        for x, y, radius in _junctions_of(np.array([where(spot) for spot in found])):
            entry = junction_entry(shown[one], shown[other], x, y, gazetteer=gazetteer, radius_m=radius)
            if entry:
                yield entry


def _named_ways(data: OsmData) -> gpd.GeoDataFrame:
    lines = data.lines
    ways = lines[lines["highway"].notna() & lines["name"].notna() & ~lines["highway"].isin(NOT_A_STREET)]
    ways = ways.assign(norm=ways["name"].map(normalised))
    return ways[ways["norm"] != ""].reset_index(drop=True)


def _components(one: Integers, other: Integers, size: int) -> Integers:
    """Label ``size`` things so that those joined by a pair have the same label."""
    joined = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(size, size))
    return np.asarray(connected_components(joined, directed=False)[1], dtype=np.int64)


def _touching(ways: gpd.GeoDataFrame) -> Integers:
    """Label ways of one name that are joined through shared vertices, 0, 1, 2, …"""
    counts = ways["nodes"].map(len).to_numpy()
    way = np.repeat(np.arange(len(ways), dtype=np.int64), counts)
    name_code = np.asarray(pd.factorize(ways["norm"])[0], dtype=np.int64)
    vertices = pd.DataFrame({"norm": name_code[way], "node": np.concatenate(ways["nodes"].tolist())})
    vertex = np.asarray(vertices.groupby(["norm", "node"], sort=False).ngroup(), dtype=np.int64)
    labels = _components(way, vertex + len(ways), len(ways) + int(vertex.max()) + 1)[: len(ways)]
    return np.asarray(pd.factorize(labels)[0], dtype=np.int64)


def _close_by(lines: npt.NDArray[np.object_], norms: npt.NDArray[np.object_]) -> Integers:
    """Label pieces of one name that lie within ``JOIN_GAP_M`` of each other."""
    code = np.asarray(pd.factorize(norms)[0], dtype=np.int64)
    several = np.flatnonzero(np.bincount(code)[code] > 1).astype(np.int64)
    tree = shapely.STRtree(lines[several])
    one, other = tree.query(lines[several], predicate="dwithin", distance=JOIN_GAP_M)
    one, other = several[one], several[other]
    same = code[one] == code[other]
    return _components(one[same], other[same], len(lines))


def _as_one(lines: npt.NDArray[np.object_], labels: Integers) -> npt.NDArray[np.object_]:
    """One multi-line for each label 0, 1, 2, …"""
    order = np.argsort(labels, kind="stable")
    return np.asarray(shapely.multilinestrings(lines[order], indices=labels[order]), dtype=object)


def _texts_of(ways: gpd.GeoDataFrame, groups: Integers) -> list[tuple[str, str, tuple[str, ...], str]]:
    """Name, normalised name, other names and sort of way of each group: of the names, those of most of its length."""
    names, highways = ([Counter[str]() for _ in range(groups.max() + 1)] for _ in range(2))
    aliases: list[set[str]] = [set() for _ in names]
    columns = [ways[key].tolist() for key in ("name", "highway", *ALIAS_KEYS)]
    for group, length, name, highway, *others in zip(groups, ways.geometry.length, *columns, strict=True):
        names[group][name] += length
        highways[group][highway] += length
        for other in others:
            if isinstance(other, str):
                aliases[group].update(part.strip() for part in other.split(";"))
    # Another name that is a street's own name elsewhere would only make that street doubtful.
    taken = {*ways["norm"], ""}
    texts = []
    for group, counted in enumerate(names):
        name = _most(counted)
        distinct = {normalised(alias): alias for alias in sorted(aliases[group]) if normalised(alias) not in taken}
        texts.append((name, normalised(name), tuple(distinct.values()), _most(highways[group])))
    return texts


def _most(counted: Counter[str]) -> str:
    return max(sorted(counted), key=counted.__getitem__)


def _written_localities(data: OsmData, streets: list[Street]) -> Mapping[int, list[str]]:
    """Suburb and town as the addresses on each street give them, most often given first, by number of the street."""
    numbers: dict[str, list[int]] = {}
    for number, street in enumerate(streets):
        numbers.setdefault(street.norm, []).append(number)
    columns = ["addr:street", "addr:suburb", "addr:city", "geometry"]
    given = pd.concat([frame.loc[frame["addr:street"].notna(), columns] for frame in (data.points, data.areas)])
    given = given[given[["addr:suburb", "addr:city"]].notna().any(axis=1)]
    given = given.assign(norm=given["addr:street"].map(normalised))
    found: dict[int, Counter[str]] = {}
    for norm, addresses in given[given["norm"].isin(numbers)].groupby("norm"):
        lines = np.array([streets[number].line for number in numbers[norm]], dtype=object)
        distances = shapely.distance(shapely.centroid(addresses.geometry.to_numpy())[:, None], lines[None, :])
        nearest, near = distances.argmin(axis=1), distances.min(axis=1) <= ADDRESS_REACH_M
        for key in ("addr:suburb", "addr:city"):
            for place, name in zip(nearest[near], addresses[key][near], strict=True):
                if isinstance(name, str):
                    found.setdefault(numbers[norm][place], Counter())[name] += 1
    return {number: [name for name, _ in counted.most_common()] for number, counted in found.items()}


def _roundabouts(data: OsmData) -> dict[int, int]:
    """The vertices of roundabouts, each with a number below zero for its roundabout."""
    lines = data.lines
    rings = lines[lines["highway"].notna() & lines["junction"].isin(["roundabout", "circular"])].reset_index(drop=True)
    if rings.empty:
        return {}
    counts = rings["nodes"].map(len).to_numpy()
    nodes, code = np.unique(np.concatenate(rings["nodes"].tolist()), return_inverse=True)
    ring = np.repeat(np.arange(len(rings)), counts)
    labels = _components(ring, code + len(rings), len(rings) + len(nodes))[len(rings) :]
    return {int(node): -int(label) - 1 for node, label in zip(nodes, labels, strict=True)}


def _spot_places(data: OsmData, rings: Mapping[int, int]) -> Callable[[int], tuple[float, float, float]]:
    """Where a vertex is; the middle of a roundabout and how far its rim is."""
    nodes = data.nodes[["x", "y"]]
    rim = nodes.loc[list(rings)].assign(ring=list(rings.values()))
    middles = rim.groupby("ring")[["x", "y"]].transform("mean")
    rim = middles.assign(ring=rim["ring"], reach=np.hypot(rim["x"] - middles["x"], rim["y"] - middles["y"]))
    spots = {number: (x, y, 0.0) for number, x, y in nodes.itertuples(name=None)}
    spots |= {number: (x, y, reach) for number, x, y, reach in rim.groupby("ring").max().itertuples(name=None)}
    return spots.__getitem__


def _junctions_of(spots: npt.NDArray[np.float64]) -> Iterator[tuple[float, float, float]]:
    """Middle and radius of each cluster of meeting points of one pair of streets, given as x, y and reach."""
    points, reach = spots[:, :2], spots[:, 2]
    apart = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    one, other = np.nonzero(apart <= JUNCTION_GAP_M)
    labels = _components(one, other, len(points))
    for label in range(int(labels.max()) + 1):
        members = labels == label
        x, y = points[members].mean(axis=0)
        radius = (np.hypot(*(points[members] - (x, y)).T) + reach[members]).max() + POINT_RADIUS_M
        yield float(x), float(y), float(radius)
