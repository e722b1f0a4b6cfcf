import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from cs_geo.hotspots.find import find_hotspots
from cs_geo.hotspots.geojson import DECIMALS, to_feature_collection
from cs_geo.hotspots.parameters import HotspotParameters

E, N = 400_000, 300_000


def reports(offsets):
    xy = np.asarray(offsets, dtype=float).reshape(-1, 2) + np.array([E, N])
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=27700)


def numbers(coordinates):
    if isinstance(coordinates, int | float):
        return [coordinates]
    return [number for inner in coordinates for number in numbers(inner)]


ONE_OF_EACH = reports([(5 * step, 0) for step in range(12)] + [(2000, 0)] * 15)


def test_a_run_travels_with_its_shapes_as_plain_json():
    written = json.loads(json.dumps(to_feature_collection(find_hotspots(ONE_OF_EACH), {"run": "H-1"})))
    assert written["type"] == "FeatureCollection"
    assert [feature["properties"]["found_as"] for feature in written["features"]] == ["hotspot", "spot"]
    assert [feature["geometry"]["type"] for feature in written["features"]] == ["Polygon", "Point"]
    assert written["run"]["run"] == "H-1"
    assert written["run"]["counts"]["read"] == 27
    assert written["run"]["parameters"]["radius_m"] == 150
    assert written["run"]["crs"] == "EPSG:4326"


def test_every_shape_says_that_it_is_not_yet_tested_against_chance():
    written = to_feature_collection(find_hotspots(ONE_OF_EACH))
    assert {feature["properties"]["chance"] for feature in written["features"]} == {"not yet tested against chance"}
    assert written["run"]["chance"] == "not yet tested against chance"


def test_what_is_not_known_is_null_and_not_a_number():
    properties = to_feature_collection(find_hotspots(ONE_OF_EACH))["features"][0]["properties"]
    assert properties["split_from"] is None
    assert properties["was_split"] is False


def test_nothing_found_is_an_empty_collection():
    written = json.loads(json.dumps(to_feature_collection(find_hotspots(reports([])))))
    assert written["features"] == []
    assert written["run"]["counts"]["read"] == 0


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([600, 1500, 3000]))
def test_after_rounding_shapes_are_valid_and_still_hold_the_reports_they_count(seed, side):
    found = reports(np.random.default_rng(seed).random((200, 2)) * side)
    result = find_hotspots(found, HotspotParameters(radius_m=100, min_reports=6, max_area_m2=100_000))
    degrees = np.asarray(found.to_crs(4326).geometry.array)
    for feature in to_feature_collection(result)["features"]:
        if feature["properties"]["found_as"] == "spot":
            continue
        polygon = shape(feature["geometry"])
        assert polygon.is_valid
        assert all(number == round(number, DECIMALS) for number in numbers(feature["geometry"]["coordinates"]))
        assert all(shapely.is_ccw(part.exterior) for part in shapely.get_parts(polygon))
        assert shapely.intersects(polygon, degrees).sum() == pytest.approx(feature["properties"]["reports_n"], abs=0)
