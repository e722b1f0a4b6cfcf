import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from cs_geo.hotspots.incoming import locate
from cs_geo.hotspots.parameters import LeftOut
from cs_geo.hotspots.points import collapse_duplicates, count_reasons, reasons_to_leave_out, share_on_anchors

HERE = Point(400_000, 300_000)


def reports(geometry, **columns):
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=27700)


def leave_out(given_reports, **asked):
    """The reports that take part, and the others counted by reason."""
    reasons = reasons_to_leave_out(given_reports, locate(given_reports).xy, **asked)
    return given_reports[reasons == ""], count_reasons(reasons)


def test_reports_at_one_postcode_are_one_place_with_a_weight():
    places = collapse_duplicates(reports([HERE, Point(400_050, 300_000), HERE, HERE]))
    assert places["weight"].tolist() == [3, 1]
    assert places.geometry.iloc[0] == HERE


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), max_size=30), st.randoms(use_true_random=False))
def test_collapsing_keeps_every_report_and_forgets_the_order_of_rows(points, random):
    shuffled = random.sample(points, len(points))
    first, second = (
        collapse_duplicates(gpd.GeoDataFrame(geometry=gpd.points_from_xy(*zip(*rows, strict=True)), crs=27700))
        if rows
        else collapse_duplicates(gpd.GeoDataFrame(geometry=[], crs=27700))
        for rows in (points, shuffled)
    )
    assert first["weight"].sum() == len(points)
    assert len(first) == len(set(points))
    assert first.geometry.to_wkb().tolist() == second.geometry.to_wkb().tolist()
    assert first["weight"].tolist() == second["weight"].tolist()


def test_minus_nought_and_nought_are_one_place():
    places = [collapse_duplicates(reports([Point(x, 5), Point(-x, 5)])) for x in (0.0, -0.0)]
    assert places[0]["weight"].tolist() == [2]
    assert places[0].geometry.to_wkb().tolist() == places[1].geometry.to_wkb().tolist()


def test_lengths_in_degrees_are_refused():
    with pytest.raises(ValueError, match="metres"):
        collapse_duplicates(gpd.GeoDataFrame(geometry=[Point(-1, 53)], crs=4326))


def test_only_points_precise_enough_are_kept_and_the_others_counted():
    levels = ["building", "junction", "street", "postcode", "area", "area", "none", None, "roughly"]
    kept, counts = leave_out(reports([HERE] * len(levels), precision=levels))
    assert kept["precision"].tolist() == ["building", "junction", "street", "postcode"]
    assert counts == {"not_located": 1, "area_precision": 2, "precision_unknown": 2}


def test_a_report_is_counted_once_under_the_first_reason():
    kept, counts = leave_out(
        reports([None, HERE, HERE], precision=["none", "area", "street"], presence_only=[True, True, True])
    )
    assert len(kept) == 0
    assert counts == {"not_located": 1, "area_precision": 1, "presence_only": 1}


@pytest.mark.parametrize("reason", [LeftOut.PUBLISHED, LeftOut.PRESENCE_ONLY, LeftOut.DEFAULT_LOCATION])
def test_what_is_left_out_by_default_can_be_switched_on(reason):
    given_reports = reports([HERE, HERE, HERE], **{reason: [True, False, None]})
    assert leave_out(given_reports)[1] == {reason: 1}
    assert leave_out(given_reports, include=[reason])[1] == {}


def test_a_protected_location_takes_no_part_whatever_is_switched_on():
    kept, counts = leave_out(reports([HERE, Point(400_500, 300_000)]), protected=HERE.buffer(50), include=list(LeftOut))
    assert kept.geometry.tolist() == [Point(400_500, 300_000)]
    assert counts == {"protected_location": 1}


def test_reports_outside_the_study_area_are_counted_and_one_on_its_edge_is_kept():
    area = box(400_000, 299_000, 401_000, 301_000)
    kept, counts = leave_out(reports([HERE, Point(399_999, 300_000)]), study_area=area)
    assert kept.geometry.tolist() == [HERE]
    assert counts == {"outside_study_area": 1}


def test_the_callers_own_reason_is_counted_in_its_own_words():
    _, counts = leave_out(reports([HERE] * 3, leave_out_reason=["pin is wrong", None, ""]))
    assert counts == {"pin is wrong": 1}


def test_a_map_of_anchors_is_recognised_by_the_share_of_shared_points():
    # 18 of 20 reports lie on two postcodes.
    anchored = share_on_anchors(gpd.GeoDataFrame({"weight": [10, 8, 1, 1]}))
    assert (anchored.share, anchored.busiest_reports_n, anchored.anchored) == (0.9, 10, True)
    # 4 of 20 share a point.
    spread = share_on_anchors(gpd.GeoDataFrame({"weight": [2, 2] + [1] * 16}))
    assert (spread.share, spread.anchored) == (0.2, False)


def test_a_handful_of_reports_is_no_map_of_anchors():
    assert not share_on_anchors(gpd.GeoDataFrame({"weight": [3, 1]})).anchored
    assert share_on_anchors(gpd.GeoDataFrame({"weight": []})).share == 0.0
