import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_geo.hotspots.find import find_hotspots
from cs_geo.hotspots.geojson import DECIMALS, to_degrees
from cs_geo.hotspots.parameters import HotspotParameters

E, N = 400_000, 300_000


def reports(offsets):
    xy = np.asarray(offsets, dtype=float).reshape(-1, 2) + np.array([E, N])
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=27700)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([600, 1500, 3000]))
def test_after_rounding_shapes_are_valid_and_still_hold_the_reports_they_count(seed, side):
    found = reports(np.random.default_rng(seed).random((200, 2)) * side)
    result = find_hotspots(found, HotspotParameters(radius_m=100, min_reports=6, max_area_m2=100_000))
    degrees = np.asarray(found.to_crs(4326).geometry.array)
    for polygon, reports_n in zip(to_degrees(result.hotspots.geometry), result.hotspots["reports_n"], strict=True):
        assert polygon.is_valid
        assert all(number == round(number, DECIMALS) for number in shapely.get_coordinates(polygon).ravel())
        assert all(shapely.is_ccw(part.exterior) for part in shapely.get_parts(polygon))
        assert shapely.intersects(polygon, degrees).sum() == reports_n
