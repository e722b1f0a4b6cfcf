import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from cs_geo.hotspots.labels import NO_STREET, label_places

# A fictional junction: Mill Lane runs east and west through (0, 0), Cross Street north and south.
E, N = 400_000, 300_000


def line(*corners):
    return LineString([(E + x, N + y) for x, y in corners])


def streets(*rows):
    names, classes, lines = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"name": names, "highway": classes}, geometry=list(lines), crs=27700)


MILL_LANE = ("Mill Lane", "residential", line((-1000, 0), (1000, 0)))
CROSS_STREET = ("Cross Street", "residential", line((0, -1000), (0, 1000)))


def at(*offsets):
    return np.array([(E + x, N + y) for x, y in offsets], dtype=float)


def test_a_place_near_a_junction_is_named_by_both_streets_the_nearer_first():
    assert label_places(at((30, 10)), streets(MILL_LANE, CROSS_STREET)) == ["Mill Lane and Cross Street"]
    assert label_places(at((10, 30)), streets(MILL_LANE, CROSS_STREET)) == ["Cross Street and Mill Lane"]


def test_a_place_along_a_street_is_named_by_it():
    assert label_places(at((300, 20)), streets(MILL_LANE, CROSS_STREET)) == ["near Mill Lane"]


def test_two_streets_near_by_that_do_not_meet_make_no_junction():
    parallel = ("Back Lane", "residential", line((-1000, 40), (1000, 40)))
    assert label_places(at((300, 10)), streets(MILL_LANE, parallel)) == ["near Mill Lane"]


def test_streets_that_meet_out_of_sight_make_no_junction():
    # Both pass within 60 m, and meet 100 m off.
    slanting = ("Low Road", "residential", line((-100, 0), (100, 80)))
    assert label_places(at((0, 10)), streets(MILL_LANE, slanting)) == ["near Mill Lane"]


def test_without_a_street_within_reach_no_name_is_made_up():
    assert label_places(at((500, 200)), streets(MILL_LANE)) == [NO_STREET]
    assert label_places(at((0, 0)), None) == [NO_STREET]


@pytest.mark.parametrize(
    ("name", "highway"),
    [
        ("Hillside School", "footway"),
        ("Northgate Academy", "residential"),
        ("Willow Estate", "residential"),
        ("Alder Court", "residential"),
        ("Beech House", "footway"),
        ("Tesco Access Road", "residential"),
        ("McDonald's Drive", "residential"),
        ("Market Yard", "service"),
        (None, "residential"),
        ("", "residential"),
    ],
)
def test_a_school_estate_block_brand_or_yard_never_names_a_hotspot(name, highway):
    nearer = (name, highway, line((-1000, 5), (1000, 5)))
    assert label_places(at((300, 5)), streets(nearer, MILL_LANE)) == ["near Mill Lane"]


@pytest.mark.parametrize("name", ["School Lane", "College Road", "Hospital Street", "Court Road"])
def test_a_street_named_after_an_institution_is_still_a_street(name):
    assert label_places(at((0, 0)), streets((name, "tertiary", line((-50, 0), (50, 0))))) == [f"near {name}"]


def test_joined_ways_with_several_classes_and_streets_without_a_class_are_streets():
    joined = gpd.GeoDataFrame(
        {"name": ["Mill Lane"], "highway": [["service", "residential"]]}, geometry=[MILL_LANE[2]], crs=27700
    )
    assert label_places(at((0, 0)), joined) == ["near Mill Lane"]
    assert label_places(at((0, 0)), joined[["name", "geometry"]]) == ["near Mill Lane"]


def test_hotspots_on_one_street_are_told_apart_by_where_they_lie():
    assert label_places(at((-500, 0), (500, 0)), streets(MILL_LANE)) == [
        "near Mill Lane (west)",
        "near Mill Lane (east)",
    ]


def test_labels_are_distinct_however_many_share_a_street():
    offsets = [(x, 0) for x in range(-900, 901, 100) if x]
    labels = label_places(at(*offsets), streets(MILL_LANE))
    assert len(set(labels)) == len(offsets)
    assert labels[0] == "near Mill Lane (west 1)"


def test_places_without_a_street_are_numbered():
    assert label_places(at((0, 0), (50, 0)), None) == [f"{NO_STREET} (1)", f"{NO_STREET} (2)"]


def test_streets_in_degrees_are_understood():
    assert label_places(at((300, 20)), streets(MILL_LANE).to_crs(4326)) == ["near Mill Lane"]
