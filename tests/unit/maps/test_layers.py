import json

import geopandas as gpd
import pytest
from shapely.geometry import Point, Polygon, shape

from cs_geo.maps.layers import degrees_bounds, hotspot_features, rank_places, selected_features, spot_features


def square(x: float, y: float, side: float = 200) -> Polygon:
    return Polygon([(x, y), (x + side, y), (x + side, y + side), (x, y + side)])


@pytest.fixture
def hotspots() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "rank": [2, 1],
            "reports_n": [14, 63],
            "label": ["Mill Lane / High Street", "Harbour <b>Green</b>"],
            "sources_n": [2, 5],
            "note": ["seen by a worker", "seen by a worker"],
        },
        geometry=[square(400_000, 300_000), square(401_000, 300_000)],
        crs=27700,
    )


def test_areas_travel_in_degrees_and_in_the_order_of_their_rank(hotspots: gpd.GeoDataFrame) -> None:
    features = hotspot_features(hotspots)["features"]
    assert [feature["properties"]["rank"] for feature in features] == [1, 2]
    west, south, east, north = shape(features[0]["geometry"]).bounds
    assert -2 < west < east < -1.9
    assert 52 < south < north < 53


def test_only_rank_and_an_escaped_sentence_travel_with_an_area(hotspots: gpd.GeoDataFrame) -> None:
    first = hotspot_features(hotspots)["features"][0]
    assert first["properties"] == {
        "layer": "hotspots",
        "rank": 1,
        "text": "Harbour &#60;b&#62;Green&#60;/b&#62;: 63 reports",
    }
    assert "worker" not in json.dumps(hotspot_features(hotspots))


def test_the_frame_that_was_given_is_not_changed(hotspots: gpd.GeoDataFrame) -> None:
    before = hotspots.copy()
    hotspot_features(hotspots)
    assert hotspots.equals(before)
    assert hotspots.crs == before.crs


def test_reports_at_one_spot_stay_a_point_and_say_so(hotspots: gpd.GeoDataFrame) -> None:
    spots = hotspots.set_geometry(hotspots.centroid)
    first = spot_features(spots)["features"][0]
    assert first["geometry"]["type"] == "Point"
    assert first["properties"]["text"].endswith("63 reports at one spot")


def test_what_is_chosen_carries_no_words() -> None:
    chosen = gpd.GeoSeries([Point(400_000, 300_000)], crs=27700)
    assert selected_features(chosen)["features"][0]["properties"] == {"layer": "selected"}


def test_an_outline_is_drawn_to_a_tenth_of_a_metre_and_no_finer(hotspots: gpd.GeoDataFrame) -> None:
    ring = hotspot_features(hotspots)["features"][0]["geometry"]["coordinates"][0]
    assert all(round(number, 6) == number for point in ring for number in point)


def test_ranks_are_written_inside_their_areas_for_the_largest_few(hotspots: gpd.GeoDataFrame) -> None:
    (only,) = rank_places(hotspots, most=1)
    inside = gpd.GeoSeries([Point(only[1], only[2])], crs=4326).to_crs(27700)
    assert only[0] == 1
    assert inside.iloc[0].within(hotspots.geometry[1])


def test_bounds_are_west_south_east_north(hotspots: gpd.GeoDataFrame) -> None:
    west, south, east, north = degrees_bounds(hotspots)
    assert west < east < 0 < south < north
