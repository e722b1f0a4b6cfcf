from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from cs_geo.geocode.gazetteer import Entry, Kind
from cs_geo.geocode.match import Precision
from cs_geo.geocode.memory import MemoryGazetteer
from cs_geo.geocode.osm_entries import entries_from_osm
from cs_geo.osm import TAGS, OsmData, read_osm

Tagged = tuple[Any, dict[str, str]]


def extract(
    points: Sequence[tuple[tuple[float, float], dict[str, str]]] = (),
    streets: Sequence[tuple[Sequence[tuple[float, float]], dict[str, str]]] = (),
    areas: Sequence[tuple[shapely.Polygon, dict[str, str]]] = (),
) -> OsmData:
    """An extract in metres. Streets share a node wherever they have the same vertex."""

    def frame(shapes: list[Any], tags: Sequence[dict[str, str]], **columns: Any) -> gpd.GeoDataFrame:
        cells = {key: pd.array([each.get(key) for each in tags], dtype="str") for key in TAGS}
        return gpd.GeoDataFrame({"osm_id": range(len(shapes)), **columns, **cells}, geometry=shapes, crs=27700)

    vertices = sorted({vertex for line, _ in streets for vertex in line})
    numbers = {vertex: number for number, vertex in enumerate(vertices)}
    nodes = [np.array([numbers[vertex] for vertex in line], dtype=np.int64) for line, _ in streets]
    return OsmData(
        points=frame([shapely.Point(point) for point, _ in points], [tags for _, tags in points]),
        lines=frame(
            [shapely.LineString(line) for line, _ in streets],
            [{"highway": "residential"} | tags for _, tags in streets],
            nodes=pd.Series(nodes, dtype=object),
        ),
        areas=frame([shape for shape, _ in areas], [tags for _, tags in areas]),
        nodes=pd.DataFrame(vertices, columns=["x", "y"]),
    )


def listed(data: OsmData, kind: Kind) -> list[Entry]:
    return [entry for entry in entries_from_osm(data, "osm 2024") if entry.kind is kind]


def named(data: OsmData, name: str, kind: Kind = Kind.PLACE) -> list[Entry]:
    return [entry for entry in listed(data, kind) if entry.name_norm == name]


def at(entry: Entry) -> tuple[float, float]:
    return entry.x, entry.y


# --- streets ----------------------------------------------------------------------------------------------------------


def test_a_street_is_a_point_on_it_near_its_middle_and_half_its_length() -> None:
    ways = [([(0, 0), (100, 0)], {"name": "High St"}), ([(100, 0), (300, 0)], {"name": "High St"})]
    (street,) = listed(extract(streets=ways), Kind.STREET)

    assert (street.name, street.name_norm, street.precision) == ("High St", "high street", Precision.STREET)
    assert at(street) == (150, 0)
    assert street.radius_m == 150


def test_the_point_of_a_bent_street_is_on_it_and_not_in_somebodys_garden() -> None:
    line = [(0, 0), (0, 200), (200, 200)]
    (street,) = listed(extract(streets=[(line, {"name": "Mill Lane"})]), Kind.STREET)

    assert shapely.LineString(line).distance(shapely.Point(street.x, street.y)) == pytest.approx(0)
    ends = [np.hypot(street.x - x, street.y - y) for x, y in line]
    assert street.radius_m == pytest.approx(max(ends))


def test_pieces_of_one_name_a_roundabout_apart_are_one_street_and_half_a_mile_apart_are_two() -> None:
    pieces = [([(x, 0), (x + 100, 0)], {"name": "Church Street"}) for x in (0, 180, 1_080)]

    one, two = listed(extract(streets=pieces), Kind.STREET)

    # The middle of 0-100 and 180-280 is 140, in the gap between them; the nearest point on the street is an end of it.
    assert at(one) in {(100, 0), (180, 0)}
    assert one.radius_m == 180
    assert (at(two), two.radius_m) == ((1130, 0), 50)


def test_spellings_of_one_name_make_one_street() -> None:
    ways = [([(0, 0), (100, 0)], {"name": "St John's Road"}), ([(100, 0), (120, 0)], {"name": "Saint Johns Rd"})]

    assert [street.name for street in listed(extract(streets=ways), Kind.STREET)] == ["St John's Road"]


def test_a_street_is_found_by_its_other_names_but_not_by_a_name_that_is_another_streets() -> None:
    ways = [
        ([(0, 0), (100, 0)], {"name": "Castle Street", "alt_name": "The Shambles;Mill Lane"}),
        ([(0, 500), (100, 500)], {"name": "Mill Lane"}),
    ]
    data = extract(streets=ways)

    assert [at(street) for street in named(data, "shambles", Kind.STREET)] == [(50, 0)]
    assert [at(street) for street in named(data, "mill lane", Kind.STREET)] == [(50, 500)]


def test_a_street_still_to_be_built_and_a_platform_are_not_listed() -> None:
    ways = [([(0, 0), (9, 0)], {"name": "New Road", "highway": kind}) for kind in ("proposed", "platform")]

    assert list(entries_from_osm(extract(streets=ways), "osm")) == []


def test_a_street_lies_in_the_town_that_its_addresses_give_and_the_village_around_it() -> None:
    data = extract(
        points=[
            ((60, 10), {"addr:housenumber": "3", "addr:street": "Mill Lane", "addr:city": "Foxdell"}),
            ((300, 0), {"place": "village", "name": "Netherby"}),
            ((1_500, 0), {"place": "village", "name": "Overby"}),
        ],
        streets=[([(0, 0), (100, 0)], {"name": "Mill Lane"})],
    )

    assert listed(data, Kind.STREET)[0].localities == {"foxdell", "netherby"}


def test_between_two_villages_a_street_may_lie_in_either() -> None:
    data = extract(
        points=[
            ((-400, 0), {"place": "village", "name": "Netherby"}),
            ((500, 0), {"place": "village", "name": "Overby"}),
        ],
        streets=[([(0, 0), (10, 0)], {"name": "Mill Lane"})],
    )

    assert listed(data, Kind.STREET)[0].localities == {"netherby", "overby"}


# --- junctions --------------------------------------------------------------------------------------------------------


CROSSING = [
    ([(0, 0), (100, 0), (200, 0)], {"name": "High Street"}),
    ([(100, -80), (100, 0), (100, 80)], {"name": "Mill Lane"}),
]


def test_two_streets_that_share_a_node_have_a_junction_found_in_either_order() -> None:
    data = extract(streets=CROSSING)
    (junction,) = listed(data, Kind.JUNCTION)
    gazetteer = MemoryGazetteer([junction])

    assert (at(junction), junction.precision) == ((100, 0), Precision.JUNCTION)
    assert junction.name in {"High Street / Mill Lane", "Mill Lane / High Street"}
    for pair in [("high street", "mill lane"), ("mill lane", "high street")]:
        assert len(gazetteer.find_junctions([pair])[pair]) == 1


def test_a_street_that_passes_over_another_has_no_junction_with_it() -> None:
    ways = [CROSSING[0], ([(100.5, -80), (100.5, 80)], {"name": "Mill Lane", "bridge": "yes"})]

    assert listed(extract(streets=ways), Kind.JUNCTION) == []


def test_both_carriageways_of_a_wide_street_make_one_junction_and_a_crescents_two_ends_make_two() -> None:
    dual = [
        ([(0, 0), (100, 0)], {"name": "Ring Road"}),
        ([(0, 30), (100, 30)], {"name": "Ring Road"}),
        ([(0, -50), (0, 0), (0, 30)], {"name": "Mill Lane"}),
    ]
    crescent = [
        ([(0, 0), (400, 0)], {"name": "Park Road"}),
        ([(0, 0), (0, 90), (400, 90), (400, 0)], {"name": "Park Crescent"}),
    ]

    (junction,) = listed(extract(streets=dual), Kind.JUNCTION)
    assert (at(junction), junction.radius_m) == ((0, 15), 15 + 20)
    assert [at(end) for end in listed(extract(streets=crescent), Kind.JUNCTION)] == [(0, 0), (400, 0)]


def test_streets_that_open_on_one_roundabout_meet_there() -> None:
    ring = [(100, 0), (110, 10), (100, 20), (90, 10), (100, 0)]
    ways = [
        (ring, {"junction": "roundabout"}),
        ([(0, 10), (90, 10)], {"name": "West Road"}),
        ([(110, 10), (200, 10)], {"name": "East Road"}),
    ]
    (junction,) = listed(extract(streets=ways), Kind.JUNCTION)

    assert at(junction) == pytest.approx((100, 10))
    assert junction.radius_m == pytest.approx(10 + 20)


# --- addresses --------------------------------------------------------------------------------------------------------


HOUSE = shapely.box(0, 0, 10, 10)


def test_an_address_is_found_by_number_by_house_name_and_by_place_where_there_is_no_street() -> None:
    data = extract(
        points=[((50, 50), {"addr:housenumber": "3", "addr:place": "Netherby"})],
        areas=[
            (
                HOUSE,
                {
                    "building": "house", "addr:housenumber": "12A", "addr:street": "Mill Ln",
                    "addr:housename": "Larch House", "addr:postcode": "zz99 1aa", "addr:suburb": "Netherby",
                    "addr:city": "Foxdell",
                },
            )
        ],
    )  # fmt: skip
    entries = listed(data, Kind.ADDRESS)

    assert {(entry.number_norm, entry.street_norm) for entry in entries} == {
        ("12a", "mill lane"),
        ("larch house", "mill lane"),
        ("3", "netherby"),
    }
    house = entries[0]
    assert (at(house), house.precision, house.postcode_norm) == ((5, 5), Precision.BUILDING, "ZZ99 1AA")
    assert house.localities == {"netherby", "foxdell"}


def test_a_house_and_the_shop_inside_it_are_one_address() -> None:
    address = {"addr:housenumber": "12", "addr:street": "Mill Lane"}
    data = extract(points=[((8, 8), {"shop": "bakery", **address})], areas=[(HOUSE, {"building": "yes", **address})])

    assert [at(entry) for entry in listed(data, Kind.ADDRESS)] == [(5, 5)]


def test_the_same_number_in_another_street_of_that_name_is_another_address() -> None:
    address = {"addr:housenumber": "12", "addr:street": "Church Street"}

    assert len(listed(extract(points=[((0, 0), address), ((3_000, 0), address)]), Kind.ADDRESS)) == 2


def test_a_number_without_street_or_place_is_no_address() -> None:
    assert listed(extract(points=[((0, 0), {"addr:housenumber": "12"})]), Kind.ADDRESS) == []


# --- places -----------------------------------------------------------------------------------------------------------


def test_a_park_is_as_wide_as_its_outline_and_its_point_lies_inside() -> None:
    horseshoe = shapely.box(0, 0, 200, 100).difference(shapely.box(20, 20, 180, 100))
    (park,) = named(extract(areas=[(horseshoe, {"leisure": "park", "name": "Elm Park"})]), "elm park")

    assert (park.feature, park.precision) == ("park", Precision.JUNCTION)
    assert horseshoe.contains(shapely.Point(park.x, park.y))
    assert park.radius_m >= shapely.Point(park.x, park.y).distance(shapely.Point(200, 100)) - 1


def test_a_village_and_a_very_large_park_are_areas_whose_reports_never_cluster() -> None:
    data = extract(
        points=[((0, 0), {"place": "village", "name": "Netherby"})],
        areas=[(shapely.box(0, 0, 900, 900), {"leisure": "park", "name": "Great Park"})],
    )

    assert {entry.name: entry.precision for entry in listed(data, Kind.PLACE)} == {
        "Netherby": Precision.AREA,
        "Great Park": Precision.AREA,
    }


def test_a_school_drawn_as_node_and_as_outline_is_one_place_by_its_outline() -> None:
    school = {"amenity": "school", "name": "Foxdell School"}
    data = extract(points=[((30, 30), school)], areas=[(shapely.box(0, 0, 100, 80), school)])

    assert [(at(entry), entry.feature) for entry in named(data, "foxdell school")] == [((50, 40), "school")]


def test_two_branches_of_a_shop_stay_two_places() -> None:
    shop = {"shop": "bakery", "name": "Crumb & Co"}

    assert len(named(extract(points=[((0, 0), shop), ((600, 0), shop)]), "crumb and co")) == 2


def test_a_bus_stop_called_as_its_street_leaves_the_street_the_name() -> None:
    stop = {"highway": "bus_stop", "name": "High Street"}
    data = extract(points=[((90, 5), stop), ((110, -5), stop)], streets=CROSSING)

    assert named(data, "high street") == []
    assert len(named(data, "high street bus stop")) == 1


def test_a_stop_called_as_its_park_is_the_park() -> None:
    data = extract(
        points=[((150, 0), {"highway": "bus_stop", "name": "Elm Park"})],
        areas=[(shapely.box(0, 0, 100, 100), {"leisure": "park", "name": "Elm Park"})],
    )

    assert [entry.feature for entry in named(data, "elm park")] == ["park"]


def test_a_station_is_found_with_and_without_that_word_beside_the_suburb_of_its_name() -> None:
    data = extract(
        points=[
            ((0, 0), {"railway": "station", "name": "Netherby"}),
            ((90, 0), {"place": "suburb", "name": "Netherby"}),
        ]
    )

    assert [entry.feature for entry in named(data, "netherby station")] == ["station"]
    assert {entry.feature for entry in named(data, "netherby")} == {"station", "suburb"}


def test_places_where_things_are_put_down_for_want_of_a_better_one_are_flagged() -> None:
    tagged = {"hospital": "Foxdell Royal", "police": "Mill Lane", "townhall": "Guild House", "pub": "The Plough"}
    data = extract(
        points=[((at * 500.0, 0.0), {"amenity": kind, "name": name}) for at, (kind, name) in enumerate(tagged.items())]
    )

    assert {entry.feature: entry.default_location for entry in listed(data, Kind.PLACE)} == {
        "hospital": True,
        "police": True,
        "townhall": True,
        "pub": False,
    }


def test_a_hired_bicycle_stand_named_after_its_street_is_not_listed() -> None:
    data = extract(points=[((0, 0), {"amenity": "bicycle_rental", "name": "Red Lion Square, Foxdell"})])

    assert list(entries_from_osm(data, "osm")) == []


def test_a_refuge_is_listed_by_its_address_only(tmp_path: Path) -> None:
    tags = {
        "amenity": "social_facility", "social_facility": "shelter", "name": "Harbour House", "alt_name": "The Harbour",
        "addr:housename": "Harbour House", "addr:housenumber": "12", "addr:street": "Mill Lane",
    }  # fmt: skip
    text = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
    path = tmp_path / "refuge.osm"
    path.write_text(
        f'<osm version="0.6"><node id="1" version="1" lon="-2.0" lat="52.6">{text}</node></osm>', encoding="utf-8"
    )

    entries = list(entries_from_osm(read_osm(path), "osm"))

    assert [(entry.name, entry.feature) for entry in entries] == [("12 Mill Lane", "")]


def test_every_entry_names_its_gazetteer_and_an_empty_extract_has_none() -> None:
    assert {entry.gazetteer for entry in entries_from_osm(extract(streets=CROSSING), "osm 2024")} == {"osm 2024"}
    assert list(entries_from_osm(extract(), "osm 2024")) == []


def test_the_same_extract_in_another_order_gives_the_same_streets_and_junctions() -> None:
    def found(ways: list[Any]) -> set[tuple[str, float, float, float]]:
        return {
            (e.name_norm, round(e.x, 3), round(e.y, 3), round(e.radius_m, 3))
            for e in entries_from_osm(extract(streets=ways), "osm")
        }

    ways = [*CROSSING, ([(200, 0), (300, 50)], {"name": "High Street"}), ([(300, 50), (300, 90)], {"name": "Elm Row"})]
    assert found(ways) == found(ways[::-1])
