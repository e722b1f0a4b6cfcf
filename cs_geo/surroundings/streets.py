"""The streets as a network: nodes where ways begin, end or meet, and one edge for each stretch between two of them.

In: what ``cs_geo.osm`` read. Out: frames in storage metres that are stored as they are and from which osmnx graphs are
rebuilt. Only ways with ``highway`` take part. Fed the whole of an extract, osmnx's ``graph_from_xml`` turns buildings
into streets: 17,608 nodes instead of 638 in one square kilometre of London.

What this cannot know: whether a gate is locked at night, or a stairwell is safe to use. *Walkable* means that the map
names no rule against walking there. Ways cut by the edge of the extract end there, which makes dead ends that are none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, pairwise
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from cs_geo.crs import require_metres
from cs_geo.osm import OsmData

if TYPE_CHECKING:
    import networkx

Mode = Literal["walk", "drive", "all"]

NOT_A_STREET = frozenset({
    "abandoned", "construction", "no", "planned", "platform", "proposed", "raceway", "razed", "rest_area", "services",
    "bus_stop", "street_lamp",
})  # fmt: skip
"""``highway`` values that are no way in use: those that osmnx 2.1 leaves out of its "all_public" network, and objects
beside the road that are now and then drawn as ways."""
NOT_FOR_CARS = frozenset({
    "bridleway", "bus_guideway", "busway", "corridor", "cycleway", "elevator", "escalator", "footway", "path",
    "pedestrian", "service", "steps", "track",
})  # fmt: skip
"""``highway`` values that osmnx 2.1 leaves out of its "drive" network, and the newer ``busway``."""
NOT_ON_FOOT = frozenset({"bus_guideway", "busway", "motorway", "motorway_link"})
ONLY_ON_FOOT_IF_SAID = frozenset({"cycleway"})
CLOSED = frozenset({"private", "no"})
ALLOWED = frozenset({"yes", "designated", "permissive", "destination", "customers"})
DRIVEWAYS = frozenset({"alley", "driveway", "emergency_access", "parking", "parking_aisle", "private"})
"""``service`` values that osmnx 2.1 leaves out of its "drive" network."""
ALWAYS_ONE_WAY = frozenset({"motorway"})
"""One way without being tagged so, as are roundabouts (OSM wiki, Key:oneway, implied values)."""


@dataclass(frozen=True, slots=True, eq=False)
class StreetNetwork:
    """Streets as a graph, in storage metres.

    Attributes
    ----------
    nodes
        ``osm_id`` (unique), ``street_count`` (ends of edges here: 1 is a dead end, 2 the seam of two ways),
        ``is_junction`` (three or more ends) and the point.
    edges
        ``u``, ``v`` (``osm_id`` of both ends), ``key`` (0, 1, … where several edges join the same two nodes, whichever
        comes first), ``way_id``, ``name`` (empty where there is none), ``highway``, ``walkable``, ``drivable``,
        ``oneway`` (for cars; always from ``u`` to ``v``), ``length_m`` and the line from ``u`` to ``v``.
    """

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame


def build_streets(data: OsmData) -> StreetNetwork:
    """Split the highways of an extract where they meet.

    Parameters
    ----------
    data
        An extract. Its lines are in storage metres.

    Returns
    -------
    StreetNetwork
        Empty frames where the extract has no street.
    """
    require_metres(data.lines)
    ways = data.lines[data.lines["highway"].notna() & ~data.lines["highway"].isin(NOT_A_STREET)]
    ways = ways.reset_index(drop=True)
    if ways.empty:
        return _empty(data.lines.crs)
    way_nodes = ways["nodes"].tolist()
    lengths = np.array([len(nodes) for nodes in way_nodes])
    refs = np.concatenate(way_nodes)
    coords = shapely.get_coordinates(ways.geometry.to_numpy())
    starts, lasts = np.cumsum(lengths) - lengths, np.cumsum(lengths) - 1

    first, last = _edge_spans(refs, starts, lasts)
    owner = np.repeat(np.arange(len(ways)), lengths)[first]
    counts = last - first + 1
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    lines = shapely.linestrings(coords[within], indices=np.repeat(np.arange(len(first)), counts))

    use = _uses(ways)
    backwards = ways["oneway"].isin(["-1", "reverse"]).to_numpy()[owner]
    edges = pd.DataFrame({
        "u": np.where(backwards, refs[last], refs[first]),
        "v": np.where(backwards, refs[first], refs[last]),
        "key": 0,
        "way_id": ways["osm_id"].to_numpy()[owner],
        "name": ways["name"].fillna("").to_numpy()[owner],
        "highway": ways["highway"].to_numpy()[owner],
        "walkable": use["walkable"].to_numpy()[owner],
        "drivable": use["drivable"].to_numpy()[owner],
        "oneway": use["oneway"].to_numpy()[owner],
        "length_m": shapely.length(lines),
    })  # fmt: skip
    lines = np.where(backwards, shapely.reverse(lines), lines)
    low, high = edges[["u", "v"]].min(axis=1), edges[["u", "v"]].max(axis=1)
    edges["key"] = edges.groupby([low, high]).cumcount()
    frame = gpd.GeoDataFrame(edges, geometry=lines, crs=data.lines.crs)
    return StreetNetwork(_nodes_of(frame, refs, coords), frame)


def _edge_spans(
    refs: npt.NDArray[np.int64], starts: npt.NDArray[np.int64], lasts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Positions in ``refs`` at which edges begin and end: the ends of ways, and every node that occurs twice.

    A node occurs twice where two ways share it or one way crosses itself. Shared nodes in a row stay an edge each.
    """
    _, code, times = np.unique(refs, return_inverse=True, return_counts=True)
    is_cut = times[code] > 1
    is_cut[starts] = is_cut[lasts] = True
    cuts = np.flatnonzero(is_cut)
    ends_way = np.isin(cuts, lasts)
    first, last = cuts[:-1][~ends_way[:-1]], cuts[1:][~ends_way[:-1]]
    standing_still = (last - first == 1) & (refs[first] == refs[last])
    return first[~standing_still], last[~standing_still]


def _uses(ways: gpd.GeoDataFrame) -> pd.DataFrame:
    """Who may use each way: on foot, by car, and by car in one direction only."""
    kind, access, foot = ways["highway"], ways["access"], ways["foot"]
    said = foot.isin(ALLOWED)
    on_foot = ~kind.isin(NOT_ON_FOOT) & (~kind.isin(ONLY_ON_FOOT_IF_SAID) | said)
    walkable = on_foot & ~foot.isin(CLOSED) & (~access.isin(CLOSED) | said)
    shut = ways["motor_vehicle"].eq("no") | ways["motorcar"].eq("no") | access.isin(CLOSED)
    drivable = ~kind.isin(NOT_FOR_CARS) & ~shut & ~ways["service"].isin(DRIVEWAYS)
    implied = kind.isin(ALWAYS_ONE_WAY) | ways["junction"].isin(["roundabout", "circular"])
    oneway = ways["oneway"].isin(["yes", "true", "1", "-1", "reverse"]) | implied
    return pd.DataFrame({"walkable": walkable, "drivable": drivable, "oneway": oneway}).astype(bool)


def _nodes_of(
    edges: gpd.GeoDataFrame, refs: npt.NDArray[np.int64], coords: npt.NDArray[np.float64]
) -> gpd.GeoDataFrame:
    ids, ends = np.unique(np.concatenate([edges["u"], edges["v"]]), return_counts=True)
    known, where = np.unique(refs, return_index=True)
    points = shapely.points(coords[where[np.searchsorted(known, ids)]])
    columns = {"osm_id": ids, "street_count": ends, "is_junction": ends >= 3}
    return gpd.GeoDataFrame(columns, geometry=points, crs=edges.crs)


def _empty(crs: object) -> StreetNetwork:
    nodes = {"osm_id": "int64", "street_count": "int64", "is_junction": "bool"}
    edges = {
        "u": "int64", "v": "int64", "key": "int64", "way_id": "int64", "name": "str", "highway": "str",
        "walkable": "bool", "drivable": "bool", "oneway": "bool", "length_m": "float64",
    }  # fmt: skip
    return StreetNetwork(*(
        gpd.GeoDataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()}, geometry=[], crs=crs)
        for columns in (nodes, edges)
    ))  # fmt: skip


def verify_streets(network: StreetNetwork) -> list[str]:
    """Say what is wrong with a network, in sentences; an empty list when nothing is.

    For networks that come back from a store or were edited by hand: every edge ends at its nodes (to 1 cm), keys are
    unique, lengths are those of the lines.
    """
    nodes, edges = network.nodes, network.edges
    faults = []
    if nodes["osm_id"].duplicated().any():
        faults.append("Two nodes have the same osm_id.")
    strangers = ~(edges["u"].isin(nodes["osm_id"]) & edges["v"].isin(nodes["osm_id"]))
    if strangers.any():
        faults.append(f"{int(strangers.sum())} edges end at a node that is not there.")
    if edges.duplicated(["u", "v", "key"]).any():
        faults.append("Two edges have the same u, v and key.")
    points = nodes.drop_duplicates("osm_id").set_index("osm_id").geometry
    for end, at in (("u", 0), ("v", -1)):
        there = points.reindex(edges[end]).to_numpy()
        gap = shapely.distance(shapely.get_point(edges.geometry.to_numpy(), at), there)
        if (gap > 0.01).any():
            faults.append(f"{int((gap > 0.01).sum())} edges do not reach their node {end}.")
    if (np.abs(edges["length_m"] - edges.geometry.length) > 0.01).any():
        faults.append("Lengths differ from the lines.")
    return faults


def to_osmnx_graph(
    network: StreetNetwork, *, mode: Mode = "walk", simplify: bool = True
) -> "networkx.MultiDiGraph[int]":
    """Rebuild a graph for osmnx, in metres, as osmnx itself would have made it from these ways.

    Parameters
    ----------
    network
        Streets in metres.
    mode
        ``walk``: walkable edges, both ways; ``drive``: drivable edges, one way where cars must; ``all``: every edge,
        both ways.
    simplify
        Merge edges at seams, where two ways meet and nothing else does, so that statistics count junctions and not
        changes of the speed limit. Values that differ along a merged edge become lists, and a ring that touches
        nothing falls away, as osmnx has it.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes by ``osm_id`` with ``x``, ``y`` and ``street_count``; edges with ``osmid``, ``name``, ``highway``,
        ``oneway``, ``reversed``, ``length`` (metres) and ``geometry``; ``crs`` and ``simplified`` on the graph.

    Raises
    ------
    ValueError
        There is no edge for the mode.
    """
    import networkx  # here, not above: osmnx and what it brings take 3 to 6 s to import
    import osmnx

    require_metres(network.edges)
    edges = network.edges
    if mode != "all":
        edges = edges[edges["walkable" if mode == "walk" else "drivable"]]
    if edges.empty:
        raise ValueError(f"These streets have no edge for {mode!r}.")
    graph = networkx.MultiDiGraph(crs=edges.crs, simplified=not simplify)
    points = network.nodes.set_index("osm_id").geometry
    used = pd.unique(pd.concat([edges["u"], edges["v"]]))
    graph.add_nodes_from((int(node), {"x": points[node].x, "y": points[node].y}) for node in used)
    bends = count(start=-1, step=-1)
    for edge, line in zip(edges.drop(columns="geometry").itertuples(), edges.geometry, strict=True):
        oneway = bool(edge.oneway) and mode == "drive"
        values = {"osmid": int(edge.way_id), "highway": edge.highway, "oneway": oneway}
        values |= {"name": edge.name} if edge.name else {}
        _add_edge(graph, int(edge.u), int(edge.v), line, values, bends if simplify else None)
    if simplify:
        graph = osmnx.simplify_graph(graph)
    networkx.set_node_attributes(graph, osmnx.stats.count_streets_per_node(graph), "street_count")
    return graph


def _add_edge(
    graph: "networkx.MultiDiGraph[int]",
    u: int,
    v: int,
    line: shapely.LineString,
    values: dict[str, object],
    bends: Iterator[int] | None,
) -> None:
    """Add an edge whole or, given numbers for its bends, as straight pieces, which is how osmnx wants to simplify."""
    coords = list(line.coords)
    if bends is None or len(coords) == 2 or (u == v and len(coords) == 3):  # there and back again stays a loop
        pieces, nodes = [line], [u, v]
    else:
        nodes = [u, *(next(bends) for _ in coords[1:-1]), v]
        graph.add_nodes_from((node, {"x": x, "y": y}) for node, (x, y) in zip(nodes, coords, strict=True))
        pieces = [shapely.LineString(pair) for pair in pairwise(coords)]
    for start, end, piece in zip(nodes[:-1], nodes[1:], pieces, strict=True):
        shape = {"geometry": piece} if len(nodes) == 2 and bends is None else {}
        graph.add_edge(start, end, length=piece.length, reversed=False, **shape, **values)
        if not values["oneway"]:
            shape = {"geometry": piece.reverse()} if shape else {}
            graph.add_edge(end, start, length=piece.length, reversed=True, **shape, **values)
