import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point

from cs_geo.crs import transform_points
from cs_geo.errors import UserError
from cs_geo.hotspots.incoming import locate

# Fictional reports on open ground: metres east and north in British National Grid.
METRES = np.array([[400_000.0, 300_000.0], [400_120.5, 300_090.25], [401_000.0, 299_500.0]])


def frame(xy, epsg):
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*np.asarray(xy, dtype=float).T), crs=epsg)


def in_crs(epsg):
    return np.column_stack(transform_points(*METRES.T, from_epsg=27700, to_epsg=epsg))


def test_metres_are_taken_as_they_are():
    located = locate(frame(METRES, 27700))
    np.testing.assert_array_equal(located.xy, METRES)
    assert located.messages == ()


@pytest.mark.parametrize(("epsg", "said"), [(4326, "Longitude and latitude"), (3857, "Web mercator"), (32630, "32630")])
def test_other_reference_systems_are_converted_and_said(epsg, said):
    located = locate(frame(in_crs(epsg), epsg))
    assert np.abs(located.xy - METRES).max() < 0.01
    assert said in located.messages[-1]


def test_latitude_before_longitude_is_turned_round_and_said():
    located = locate(frame(in_crs(4326)[:, ::-1], 4326))
    assert np.abs(located.xy - METRES).max() < 0.01
    assert "wrong way round" in located.messages[0]


def test_both_orders_in_one_frame_are_refused():
    mixed = in_crs(4326)
    mixed[0] = mixed[0, ::-1]
    with pytest.raises(UserError, match="1 of these reports have latitude and longitude the other way round"):
        locate(frame(mixed, 4326))


def test_nought_degrees_is_no_location():
    with_nought = np.vstack([in_crs(4326), [0, 0]])
    assert np.isnan(locate(frame(with_nought, 4326)).xy).all(axis=1).tolist() == [False, False, False, True]


def test_missing_and_empty_points_stay_missing():
    reports = gpd.GeoDataFrame(geometry=[Point(*METRES[0]), None, Point()], crs=27700)
    assert np.isnan(locate(reports).xy).all(axis=1).tolist() == [False, True, True]


def test_a_frame_without_a_reference_system_is_refused_with_the_remedy():
    with pytest.raises(UserError, match="EPSG:4326 for longitude and latitude, EPSG:27700 for metres"):
        locate(frame(METRES, None))


def test_degrees_marked_as_metres_are_refused():
    with pytest.raises(UserError, match="numbers are degrees"):
        locate(frame(in_crs(4326), 27700))


def test_web_mercator_marked_as_national_grid_is_refused():
    with pytest.raises(UserError, match="wrong reference system"):
        locate(frame(in_crs(3857), 27700))


def test_lines_are_refused():
    with pytest.raises(UserError, match="lines or areas"):
        locate(gpd.GeoDataFrame(geometry=[LineString(METRES[:2])], crs=27700))
