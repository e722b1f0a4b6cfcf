from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_geo.osm import TAGS, OsmData
from cs_geo.surroundings.streets import StreetNetwork, build_streets, to_osmnx_graph, verify_streets

Tags = Mapping[str, str]
RESIDENTIAL = {"highway": "residential"}


def drawn(nodes: Mapping[int, tuple[float, float]], ways: Sequence[tuple[int, Sequence[int], Tags]]) -> OsmData:
    """An extract of lines only, in metres."""
    columns: dict[str, Any] = {"osm_id": [number for number, _, _ in ways]}
    columns["nodes"] = pd.Series([np.array(refs, dtype=np.int64) for _, refs, _ in ways], dtype=object)
    for key in TAGS:
        columns[key] = pd.array([tags.get(key) for _, _, tags in ways], dtype="str")
    shapes = [shapely.LineString([nodes[ref] for ref in refs]) for _, refs, _ in ways]
    lines = gpd.GeoDataFrame(columns, geometry=shapes, crs=27700)
    bare = gpd.GeoDataFrame({key: pd.array([], dtype="str") for key in TAGS}, geometry=[], crs=27700)
    return OsmData(bare, lines, bare, pd.DataFrame(nodes.values(), index=list(nodes), columns=["x", "y"]))


#          4
#          |
#  1 - 2 - 3 - 5 - 6      2 is a bend of the first way, 5 the seam of two ways
#          |
#          7
CROSSROADS = {1: (0, 0), 2: (50, 0), 3: (100, 0), 4: (100, 80), 5: (150, 0), 6: (200, 0), 7: (100, -60)}
HIGH_STREET = {"highway": "primary", "name": "High Street"}
CROSSROADS_WAYS = [
    (10, [1, 2, 3], HIGH_STREET),
    (11, [3, 5], HIGH_STREET),
    (12, [5, 6], {**HIGH_STREET, "surface": "asphalt"}),
    (13, [7, 3, 4], {"highway": "residential", "name": "Mill Lane"}),
]


def ends(network: StreetNetwork) -> set[tuple[int, int]]:
    return set(zip(network.edges["u"].tolist(), network.edges["v"].tolist(), strict=True))


def test_streets_are_split_where_they_meet_and_not_where_they_bend() -> None:
    network = build_streets(drawn(CROSSROADS, CROSSROADS_WAYS))

    assert ends(network) == {(1, 3), (3, 5), (5, 6), (7, 3), (3, 4)}
    lengths = network.edges.set_index(["u", "v"])["length_m"]
    assert (lengths[1, 3], lengths[7, 3]) == (100, 60)
    assert verify_streets(network) == []


def test_a_junction_is_where_three_ends_meet_and_a_seam_is_none() -> None:
    nodes = build_streets(drawn(CROSSROADS, CROSSROADS_WAYS)).nodes.set_index("osm_id")

    assert nodes["street_count"].to_dict() == {1: 1, 3: 4, 4: 1, 5: 2, 6: 1, 7: 1}
    assert nodes.index[nodes["is_junction"]].tolist() == [3]
    assert (nodes.geometry[3].x, nodes.geometry[3].y) == (100, 0)


def test_a_side_street_splits_the_street_that_it_opens_on() -> None:
    network = build_streets(drawn(CROSSROADS, [(10, [1, 2, 3], RESIDENTIAL), (11, [2, 4], RESIDENTIAL)]))

    assert ends(network) == {(1, 2), (2, 3), (2, 4)}
    assert network.edges["way_id"].tolist() == [10, 10, 11]


def test_a_bridge_over_a_street_makes_no_junction() -> None:
    nodes = {1: (0, 0), 2: (100, 0), 3: (50, -50), 4: (50, 50)}
    network = build_streets(drawn(nodes, [(10, [1, 2], RESIDENTIAL), (11, [3, 4], {**RESIDENTIAL, "bridge": "yes"})]))

    assert ends(network) == {(1, 2), (3, 4)}
    assert not network.nodes["is_junction"].any()


def test_buildings_rails_and_streets_not_yet_built_are_no_streets() -> None:
    others: list[Tags] = [
        {"building": "yes"}, {"railway": "rail"}, {"waterway": "river"}, {"highway": "construction"},
        {"highway": "proposed"}, {"highway": "platform"},
    ]  # fmt: skip
    ways = [(10, [1, 2], RESIDENTIAL), *((20 + number, [2, 3, 4], tags) for number, tags in enumerate(others))]

    assert ends(build_streets(drawn(CROSSROADS, ways))) == {(1, 2)}


def test_an_extract_without_streets_gives_an_empty_network_with_its_columns() -> None:
    empty = build_streets(drawn(CROSSROADS, [(1, [1, 2], {"railway": "rail"})]))
    full = build_streets(drawn(CROSSROADS, CROSSROADS_WAYS))

    assert (len(empty.nodes), len(empty.edges)) == (0, 0)
    assert list(empty.nodes.columns) == list(full.nodes.columns)
    assert list(empty.edges.columns) == list(full.edges.columns)


def test_two_ways_round_a_green_between_the_same_junctions_have_keys_of_their_own() -> None:
    nodes = {1: (0, 0), 2: (100, 0), 3: (50, 40), 4: (50, -40)}
    ways = [(10, [1, 3, 2], RESIDENTIAL), (11, [2, 4, 1], RESIDENTIAL)]
    edges = build_streets(drawn(nodes, ways)).edges

    assert edges[["u", "v", "key"]].to_numpy().tolist() == [[1, 2, 0], [2, 1, 1]]


def test_a_lollipop_street_is_a_stem_and_a_loop() -> None:
    nodes = {1: (0, 0), 2: (50, 0), 3: (80, 30), 4: (110, 0)}
    edges = build_streets(drawn(nodes, [(10, [1, 2, 3, 4, 2], RESIDENTIAL)])).edges

    assert edges[["u", "v"]].to_numpy().tolist() == [[1, 2], [2, 2]]
    assert edges["length_m"].sum() == pytest.approx(50 + 2 * np.hypot(30, 30) + 60)


@pytest.mark.parametrize(
    ("tags", "walkable", "drivable"),
    [
        ({"highway": "residential"}, True, True),
        ({"highway": "footway"}, True, False),
        ({"highway": "steps"}, True, False),
        ({"highway": "motorway"}, False, True),
        ({"highway": "cycleway"}, False, False),
        ({"highway": "cycleway", "foot": "designated"}, True, False),
        ({"highway": "residential", "access": "private"}, False, False),
        ({"highway": "service", "access": "private", "foot": "permissive"}, True, False),
        ({"highway": "tertiary", "foot": "no"}, False, True),
        ({"highway": "unclassified", "motor_vehicle": "no"}, True, False),
        ({"highway": "service", "service": "driveway"}, True, False),
        ({"highway": "pedestrian"}, True, False),
    ],
)
def test_who_may_use_a_way_follows_its_tags(tags: Tags, walkable: bool, drivable: bool) -> None:
    edge = build_streets(drawn(CROSSROADS, [(10, [1, 2], tags)])).edges.iloc[0]

    assert (edge["walkable"], edge["drivable"]) == (walkable, drivable)


@pytest.mark.parametrize(
    ("tags", "oneway", "first"),
    [
        ({}, False, 1),
        ({"oneway": "yes"}, True, 1),
        ({"oneway": "-1"}, True, 3),
        ({"junction": "roundabout"}, True, 1),
    ],
)
def test_a_one_way_street_runs_from_u_to_v(tags: Tags, oneway: bool, first: int) -> None:
    edge = build_streets(drawn(CROSSROADS, [(10, [1, 2, 3], RESIDENTIAL | tags)])).edges.iloc[0]

    assert (edge["oneway"], edge["u"]) == (oneway, first)
    assert shapely.get_coordinates(edge["geometry"])[0].tolist() == list(CROSSROADS[first])


def test_lengths_in_degrees_are_refused() -> None:
    data = drawn(CROSSROADS, CROSSROADS_WAYS)
    degrees = OsmData(data.points, data.lines.set_crs(4326, allow_override=True), data.areas, data.nodes)

    with pytest.raises(ValueError, match="metres"):
        build_streets(degrees)


def test_a_network_edited_by_hand_is_told_what_is_wrong_with_it() -> None:
    network = build_streets(drawn(CROSSROADS, CROSSROADS_WAYS))
    moved = network.edges.assign(geometry=network.edges.translate(5, 0))
    without = network.nodes[network.nodes["osm_id"] != 3]
    doubled = pd.concat([network.edges, network.edges.iloc[:1]])

    assert verify_streets(StreetNetwork(network.nodes, moved)) == [
        "5 edges do not reach their node u.",
        "5 edges do not reach their node v.",
    ]
    assert "4 edges end at a node that is not there." in verify_streets(StreetNetwork(without, network.edges))
    assert "Two edges have the same u, v and key." in verify_streets(StreetNetwork(network.nodes, doubled))
    assert "Lengths differ from the lines." in verify_streets(
        StreetNetwork(network.nodes, network.edges.assign(length_m=1.0))
    )


@st.composite
def walks(draw: st.DrawFn) -> list[list[int]]:
    """Ways over a grid of six by six nodes, from node to next node; they cross, repeat and turn back at will."""
    ways = []
    for _ in range(draw(st.integers(1, 6))):
        column, row = draw(st.integers(0, 5)), draw(st.integers(0, 5))
        way = [column * 6 + row]
        for step in draw(st.lists(st.sampled_from([(0, 1), (1, 0), (0, -1), (-1, 0)]), min_size=1, max_size=12)):
            column, row = min(max(column + step[0], 0), 5), min(max(row + step[1], 0), 5)
            if column * 6 + row != way[-1]:
                way.append(column * 6 + row)
        if len(way) > 1:
            ways.append(way)
    return ways


@settings(max_examples=60)
@given(ways=walks())
def test_splitting_neither_loses_nor_makes_a_metre_of_street(ways: list[list[int]]) -> None:
    nodes = {column * 6 + row: (column * 10.0, row * 10.0) for column in range(6) for row in range(6)}
    network = build_streets(drawn(nodes, [(number, way, RESIDENTIAL) for number, way in enumerate(ways)]))

    assert network.edges["length_m"].sum() == pytest.approx(sum(10 * (len(way) - 1) for way in ways))
    assert verify_streets(network) == []
    inside = {
        node
        for line, u, v in zip(network.edges.geometry, network.edges["u"], network.edges["v"], strict=True)
        for node in [number for number, xy in nodes.items() if xy in list(line.coords)[1:-1]]
        if node not in (u, v)
    }
    assert not inside & set(network.nodes["osm_id"]), "an edge passes through a node of the network"


# --- graphs for osmnx -------------------------------------------------------------------------------------------------


def test_osmnx_counts_the_junctions_and_metres_that_were_drawn() -> None:
    import osmnx

    graph = to_osmnx_graph(build_streets(drawn(CROSSROADS, CROSSROADS_WAYS)))
    figures = osmnx.stats.basic_stats(graph)

    assert set(graph) == {1, 3, 4, 6, 7}, "the seam at 5 is merged"
    assert figures["intersection_count"] == 1
    assert figures["street_segment_count"] == 4
    assert figures["street_length_total"] == pytest.approx(200 + 80 + 60)
    assert osmnx.routing.shortest_path(graph, 1, 4, weight="length") == [1, 3, 4]
    assert graph.edges[3, 6, 0]["osmid"] == [11, 12] or graph.edges[3, 6, 0]["osmid"] == [12, 11]


def test_a_graph_becomes_frames_and_a_graph_again() -> None:
    import osmnx

    graph = to_osmnx_graph(build_streets(drawn(CROSSROADS, CROSSROADS_WAYS)))
    nodes, edges = osmnx.graph_to_gdfs(graph)
    again = osmnx.graph_from_gdfs(nodes, edges, graph_attrs=graph.graph)

    assert nodes.crs.to_epsg() == edges.crs.to_epsg() == 27700
    assert set(again.edges) == set(graph.edges)
    assert osmnx.distance.nearest_nodes(graph, 101, 3) == 3


def test_cars_follow_one_way_streets_and_people_on_foot_do_not() -> None:
    ways = [(10, [1, 3], {**HIGH_STREET, "oneway": "yes"}), (11, [3, 4], {"highway": "steps"})]
    network = build_streets(drawn(CROSSROADS, ways))

    by_car = to_osmnx_graph(network, mode="drive", simplify=False)
    on_foot = to_osmnx_graph(network, mode="walk", simplify=False)

    assert set(by_car.edges) == {(1, 3, 0)}
    assert set(on_foot.edges) == {(1, 3, 0), (3, 1, 0), (3, 4, 0), (4, 3, 0)}


def test_without_simplifying_every_edge_and_its_shape_is_kept() -> None:
    network = build_streets(drawn(CROSSROADS, CROSSROADS_WAYS))
    graph = to_osmnx_graph(network, simplify=False)

    assert set(graph) == set(network.nodes["osm_id"])
    assert graph.number_of_edges() == 2 * len(network.edges)
    assert list(graph.edges[3, 1, 0]["geometry"].coords) == [(100, 0), (50, 0), (0, 0)]


def test_a_way_there_and_back_again_leaves_no_made_up_node() -> None:
    nodes = {1: (0, 0), 2: (50, 0), 3: (80, 0)}
    graph = to_osmnx_graph(build_streets(drawn(nodes, [(10, [1, 2], RESIDENTIAL), (11, [2, 3, 2], RESIDENTIAL)])))

    assert all(node > 0 for node in graph)


def test_a_network_without_a_street_for_cars_says_so() -> None:
    network = build_streets(drawn(CROSSROADS, [(10, [1, 2], {"highway": "footway"})]))

    with pytest.raises(ValueError, match="no edge for 'drive'"):
        to_osmnx_graph(network, mode="drive")
