import bz2
import gzip
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import osmium
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cs_geo.crs import DEGREES, transform_points
from cs_geo.errors import RefusedInput
from cs_geo.osm import TAGS, OsmData, is_protected, read_osm

EAST, NORTH = 400_000, 300_000
"""Drawings are in metres from this corner."""

Tags = Mapping[str, str]
Node = tuple[int, float, float, Tags]
Way = tuple[int, Sequence[int], Tags]
Relation = tuple[int, Sequence[tuple[str, int, str]], Tags]


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def _node(node: Node) -> str:
    number, x, y, tags = node
    lon, lat = transform_points([EAST + x], [NORTH + y], from_epsg=27700, to_epsg=DEGREES)
    return f'<node id="{number}" version="1" lon="{lon[0]:.9f}" lat="{lat[0]:.9f}">{_tags(tags)}</node>'


def _way(way: Way) -> str:
    number, nodes, tags = way
    refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
    return f'<way id="{number}" version="1">{refs}{_tags(tags)}</way>'


def _relation(relation: Relation) -> str:
    number, members, tags = relation
    parts = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
    return f'<relation id="{number}" version="1">{parts}{_tags(tags)}</relation>'


def drawing(
    nodes: Sequence[Node], ways: Sequence[Way] = (), relations: Sequence[Relation] = (), *, ways_first: bool = False
) -> str:
    drawn = ["".join(map(_node, nodes)), "".join(map(_way, ways)), "".join(map(_relation, relations))]
    if ways_first:
        drawn = drawn[::-1]
    return f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{"".join(drawn)}</osm>'


def square(first: int, x: float, y: float, size: float = 20) -> list[Node]:
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
    return [(first + number, *corner, {}) for number, corner in enumerate(corners)]


def ring(first: int) -> list[int]:
    return [first, first + 1, first + 2, first + 3, first]


VILLAGE = drawing(
    [
        (1, 0, 0, {}),
        (2, 100, 0, {"highway": "crossing"}),
        (3, 100, 80, {}),
        (4, 40, 30, {"amenity": "library", "name": "Foxdell Library", "phone": "0000", "operator": "Somebody"}),
        *square(10, 20, 40),
    ],
    [
        (100, [1, 2, 3], {"highway": "residential", "name": "Mill  Lane "}),
        (101, ring(10), {"building": "yes", "addr:housenumber": "7", "addr:street": "Mill Lane"}),
    ],
)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., OsmData]:
    def read_text(text: str, name: str = "drawn.osm") -> OsmData:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_osm(path)

    return read_text


def _written_as(text: str, ending: str, folder: Path) -> Path:
    path = folder / f"village{ending}"
    if ending == ".osm.pbf":
        source = folder / "source.osm"
        source.write_text(text, encoding="utf-8")
        with osmium.SimpleWriter(str(path)) as writer:
            for thing in osmium.FileProcessor(str(source)):
                writer.add(thing)
    else:
        pack = {".osm": bytes, ".osm.gz": gzip.compress, ".osm.bz2": bz2.compress}[ending]
        path.write_bytes(pack(text.encode()))
    return path


@pytest.mark.parametrize("ending", [".osm", ".osm.gz", ".osm.bz2", ".osm.pbf"])
def test_every_packing_of_an_extract_gives_the_same_streets_and_places(ending: str, tmp_path: Path) -> None:
    data = read_osm(_written_as(VILLAGE, ending, tmp_path))

    assert data.lines["name"].tolist() == ["Mill Lane"]
    assert data.points["osm_id"].tolist() == [2, 4]
    assert data.areas["addr:housenumber"].tolist() == ["7"]
    assert data.nodes.index.tolist() == [1, 2, 3]


def test_the_content_decides_what_a_file_is_and_not_its_name(tmp_path: Path) -> None:
    path = _written_as(VILLAGE, ".osm.bz2", tmp_path).rename(tmp_path / "upload.bin")

    assert len(read_osm(path).lines) == 1


def test_things_lie_where_they_were_drawn_in_metres(read: Callable[..., OsmData]) -> None:
    data = read(VILLAGE)

    assert data.points.crs.to_epsg() == data.lines.crs.to_epsg() == data.areas.crs.to_epsg() == 27700
    library = data.points.loc[data.points["amenity"] == "library"].geometry.iloc[0]
    assert (library.x, library.y) == pytest.approx((EAST + 40, NORTH + 30), abs=0.02)
    assert data.lines.length.iloc[0] == pytest.approx(100 + 80, abs=0.05)
    assert data.areas.area.iloc[0] == pytest.approx(20 * 20, abs=1)


def test_a_street_keeps_the_numbers_of_its_nodes_in_order(read: Callable[..., OsmData]) -> None:
    data = read(VILLAGE)

    assert data.lines["nodes"].iloc[0].tolist() == [1, 2, 3]
    assert len(data.lines.geometry.iloc[0].coords) == 3
    assert data.nodes.loc[3].tolist() == pytest.approx([EAST + 100, NORTH + 80], abs=0.02)


def test_phone_numbers_and_operators_stay_behind(read: Callable[..., OsmData]) -> None:
    data = read(VILLAGE)

    for frame in (data.points, data.lines, data.areas):
        assert set(frame.columns) <= {*TAGS, "osm_id", "osm_type", "nodes", "geometry"}
        assert not frame.isin(["0000", "Somebody"]).to_numpy().any()


def test_a_roundabout_is_a_line_and_a_square_is_ground(read: Callable[..., OsmData]) -> None:
    data = read(
        drawing(
            [*square(10, 0, 0), *square(20, 100, 0)],
            [
                (1, ring(10), {"highway": "primary", "junction": "roundabout"}),
                (2, ring(20), {"highway": "pedestrian", "area": "yes", "name": "Market Square"}),
            ],
        )
    )

    assert data.lines["osm_id"].tolist() == [1]
    assert data.areas["name"].tolist() == ["Market Square"]


def test_a_park_of_two_outlines_and_a_pond_keeps_its_hole(read: Callable[..., OsmData]) -> None:
    data = read(
        drawing(
            [*square(10, 0, 0, 100), *square(20, 40, 40), *square(30, 200, 0, 100)],
            [(1, ring(10), {}), (2, ring(20), {"natural": "water"}), (3, ring(30), {})],
            [
                (
                    9,
                    [("way", 1, "outer"), ("way", 2, "inner"), ("way", 3, "outer")],
                    {"type": "multipolygon", "leisure": "park", "name": "Long Park"},
                )
            ],
        )
    )

    park = data.areas[data.areas["leisure"] == "park"].iloc[0]
    assert (park["osm_type"], park["osm_id"]) == ("relation", 9)
    assert park.geometry.area == pytest.approx(2 * 100 * 100 - 20 * 20, rel=0.001)
    assert data.areas["natural"].dropna().tolist() == ["water"]


def test_ways_written_before_their_nodes_are_sorted_first(read: Callable[..., OsmData]) -> None:
    nodes: list[Node] = [(1, 0, 0, {}), (2, 100, 0, {})]
    data = read(drawing(nodes, [(5, [1, 2], {"highway": "residential"})], ways_first=True))

    assert data.lines.length.tolist() == pytest.approx([100], abs=0.05)


def test_a_street_cut_by_the_edge_of_the_extract_is_read_in_pieces(read: Callable[..., OsmData]) -> None:
    nodes: list[Node] = [(number, number * 10, 0, {}) for number in (1, 2, 4, 5)]
    data = read(drawing(nodes, [(7, [1, 2, 3, 4, 5], {"highway": "residential"})]))

    assert [nodes.tolist() for nodes in data.lines["nodes"]] == [[1, 2], [4, 5]]
    assert data.lines["osm_id"].tolist() == [7, 7]


def test_an_object_given_twice_is_read_once(read: Callable[..., OsmData]) -> None:
    nodes: list[Node] = [(1, 0, 0, {"amenity": "pub"}), (1, 0, 0, {"amenity": "pub"}), (2, 50, 0, {})]
    street: Way = (3, [1, 2], {"highway": "residential"})
    data = read(drawing(nodes, [street, street]))

    assert (len(data.points), len(data.lines)) == (1, 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"date,place\n2024-01-01,Elm Park\n", "not an OpenStreetMap extract"),
        (b"<html><body>404</body></html>", "not an OpenStreetMap extract"),
        (b"PK\x03\x04" + b"\0" * 60, "unpack the archive"),
        (b'<osmChange version="0.6"></osmChange>', "list of changes"),
        (b'<osm version="0.6"></osm>', "holds no street"),
        (b'<osm><node id="1" lat="51" lon="0"/></osm>', "no version"),
        (VILLAGE.encode()[:-40], "cut short"),
        (gzip.compress(VILLAGE.encode(), mtime=0)[:-40], "cut short"),
        (bz2.compress(VILLAGE.encode())[:-40], "cut short"),
        (gzip.compress(b"date,place\n", mtime=0), "not an OpenStreetMap extract"),
    ],
)
def test_a_file_that_is_no_whole_extract_is_refused_in_words(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "upload.osm"
    path.write_bytes(content)

    with pytest.raises(RefusedInput, match=reason):
        read_osm(path)


def test_a_history_file_is_refused(tmp_path: Path) -> None:
    with osmium.SimpleWriter(str(tmp_path / "all.osh.pbf")) as writer:
        for version in (1, 2):
            writer.add_node(
                osmium.osm.mutable.Node(id=1, version=version, location=(-2, 52.6), tags={"amenity": "pub"})
            )

    with pytest.raises(RefusedInput, match="holds the history"):
        read_osm(tmp_path / "all.osh.pbf")


def test_a_missing_file_is_refused_by_name_and_not_by_path(tmp_path: Path) -> None:
    with pytest.raises(RefusedInput, match="There is no file") as refusal:
        read_osm(tmp_path / "nowhere.osm")
    assert str(tmp_path) not in str(refusal.value)


def test_objects_not_yet_uploaded_are_refused_with_the_command_that_mends_it(read: Callable[..., OsmData]) -> None:
    with pytest.raises(RefusedInput, match="osmium renumber"):
        read(drawing([(-1, 0, 0, {}), (-2, 9, 0, {})], [(-3, [-1, -2], {"highway": "residential"})]))


def test_an_extract_of_another_country_is_refused(read: Callable[..., OsmData]) -> None:
    berlin = '<osm version="0.6"><node id="1" version="1" lat="52.5" lon="13.4"><tag k="amenity" v="pub"/></node></osm>'

    with pytest.raises(RefusedInput, match="outside the area of EPSG:27700"):
        read(berlin)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cut=st.integers(min_value=0, max_value=5_000), ending=st.sampled_from([".osm", ".osm.bz2", ".osm.gz", ".osm.pbf"])
)
def test_an_extract_cut_anywhere_is_read_or_refused_but_never_a_traceback(
    cut: int, ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"village{ending}"
    if not path.exists():
        _written_as(VILLAGE, ending, tmp_path)
    whole = path.read_bytes()
    part = tmp_path / f"part{ending}"
    part.write_bytes(whole[: cut % len(whole)])

    try:
        read_osm(part)
    except RefusedInput:
        return
    # A .pbf is a row of blocks without a mark of its end: one that is cut between two of them is a whole file.
    assert ending == ".osm.pbf"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), head=st.sampled_from([b"", b"<osm version='0.6'>", b"\0\0\0\x0d\n\tOSMHeader"]))
def test_no_bytes_make_the_reader_fall_over(content: bytes, head: bytes, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(head + content)

    with pytest.raises(RefusedInput):
        read_osm(path)


# --- protected places -----------------------------------------------------------------------------------------------


def _row(**tags: str) -> pd.DataFrame:
    return pd.DataFrame({key: pd.array([tags.get(key.replace(":", "_"))], dtype="str") for key in TAGS})


@pytest.mark.parametrize(
    "tags",
    [
        {"amenity": "social_facility", "social_facility": "group_home"},
        {"amenity": "social_facility", "social_facility": "shelter"},
        {"amenity": "social_facility", "social_facility": "outreach;group_home"},
        {"amenity": "social_facility", "social_facility": "a_value_nobody_knows"},
        {"amenity": "social_facility"},
        {"social_facility": "assisted_living"},
        {"office": "charity", "social_facility_for": "abused;women"},
        {"amenity": "refugee_site"},
        {"building": "orphanage"},
        {"building": "yes", "name": "The Larches Children's Home"},
        {"building": "house", "name": "Rosemead Women’s Refuge"},
        {"office": "charity", "alt_name": "Harbour Women's Aid"},
        {"building": "yes", "addr_housename": "Oakdene Supported Living"},
        {"tourism": "hotel", "name": "Grand Asylum Seekers Accommodation"},
        {"highway": "bus_stop", "name": "Foxdell Children's Home"},
    ],
)
def test_a_place_where_people_are_protected_is_known_by_tag_or_name(tags: dict[str, str]) -> None:
    assert is_protected(_row(**tags)).all()


@pytest.mark.parametrize(
    "tags",
    [
        {"amenity": "shelter", "name": "Bandstand"},
        {"amenity": "social_facility", "social_facility": "food_bank", "name": "Foxdell Food Bank"},
        {"amenity": "community_centre", "name": "Children's Centre"},
        {"highway": "bus_stop", "name": "Asylum Road"},
        {"natural": "wood", "name": "Heron Refuge"},
        {"place": "hamlet", "name": "Refuge"},
        {"shop": "yes", "name": "Home and Away"},
        {"tourism": "hostel", "name": "Backpackers"},
    ],
)
def test_a_food_bank_a_bandstand_and_a_street_called_asylum_are_not_protected(tags: dict[str, str]) -> None:
    assert not is_protected(_row(**tags)).any()


def _home_in_a_street(home: Tags, *, drawn_as: str) -> str:
    """A home at 12 Mill Lane, drawn as a node in a named building, as the building, or as grounds around it."""
    nodes = [(1, 0, 0, {}), (2, 100, 0, {}), *square(10, 20, 20), *square(30, 0, 10, 60), *square(50, 80, 20)]
    address = {"addr:housenumber": "12", "addr:street": "Mill Lane"}
    building = {"building": "yes", "name": "Larch House", **address}
    ways: list[Way] = [
        (100, [1, 2], {"highway": "residential", "name": "Mill Lane"}),
        (103, ring(50), {"building": "yes", "name": "Foxdell Hall"}),
    ]
    if drawn_as == "node":
        nodes.append((5, 30, 30, {"name": "The Larches", **home}))
        ways.append((101, ring(10), building))
    elif drawn_as == "building":
        ways.append((101, ring(10), building | home))
    else:
        ways += [(101, ring(10), building), (102, ring(30), {"name": "The Larches", **home})]
    return drawing(nodes, ways)


@pytest.mark.parametrize("drawn_as", ["node", "building", "grounds"])
def test_a_protected_home_keeps_its_outline_and_address_and_nothing_that_names_it(
    drawn_as: str, read: Callable[..., OsmData]
) -> None:
    home = {"amenity": "social_facility", "social_facility": "group_home", "addr:housename": "The Larches"}
    data = read(_home_in_a_street(home, drawn_as=drawn_as))

    assert data.protected == 1
    everything = pd.concat([data.points[list(TAGS)], data.areas[list(TAGS)]])
    assert not everything.isin(["The Larches", "Larch House", "social_facility", "group_home"]).to_numpy().any()
    outline = data.areas[data.areas["osm_id"] == 101].iloc[0]
    assert (outline["building"], outline["addr:housenumber"], outline["addr:street"]) == ("yes", "12", "Mill Lane")
    assert "Foxdell Hall" in everything["name"].tolist()


@settings(max_examples=30)
@given(
    value=st.sampled_from(["group_home", "shelter", "assisted_living", "group_home;outreach"]),
    other=st.dictionaries(
        st.sampled_from(["name", "shop", "office", "leisure", "highway", "building", "place"]), st.text(max_size=20)
    ),
)
def test_no_other_tag_undoes_protection(value: str, other: dict[str, str]) -> None:
    assert is_protected(_row(**(other | {"social_facility": value}))).all()
