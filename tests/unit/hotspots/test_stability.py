import numpy as np
import pytest
from shapely import Point, box

from cs_geo.hotspots.outlines import outline_clusters
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.points import collapse
from cs_geo.hotspots.sized import find_sized_clusters
from cs_geo.hotspots.stability import Steadiness, grade_stability, move_within, other_settings, try_stability

E, N = 400_000, 300_000
TEN = HotspotParameters()


def block(number, spread=30, seed=2):
    return np.random.default_rng(seed).normal([E, N], spread, (number, 2))


def shapes_of(xy, parameters=TEN):
    places = collapse(xy)
    sized = find_sized_clusters(places, parameters)
    drawn = outline_clusters(
        places.xy, sized.labels, sized.core, len(sized.discs), radius_m=parameters.radius_m, discs=sized.discs
    )
    return list(drawn.shapes)


def test_sixty_well_located_reports_in_one_block_are_steady():
    xy = block(60)
    found = try_stability(xy, np.full(60, 10.0), shapes_of(xy), TEN, runs=19)
    assert found.moved_found.tolist() == [19]
    assert found.steadiness == [Steadiness.STEADY]


def test_ten_reports_known_to_half_a_kilometre_are_fragile():
    xy = block(10)
    found = try_stability(xy, np.full(10, 500.0), shapes_of(xy), TEN, runs=19)
    assert found.moved_found[0] < 10
    assert found.steadiness == [Steadiness.FRAGILE]


def test_a_hotspot_that_hangs_on_the_minimum_is_not_steady():
    xy = block(11)
    found = try_stability(xy, np.zeros(11), shapes_of(xy), TEN, runs=9)
    assert found.moved_found.tolist() == [9]
    assert found.settings_found[0] == len(found.settings) - 1, "at 12 reports it is gone"
    assert found.steadiness == [Steadiness.FAIR]


def test_the_order_of_the_rows_changes_nothing():
    xy, reach = block(14), np.linspace(10, 200, 14)
    shapes = shapes_of(xy)
    one = try_stability(xy, reach, shapes, TEN, runs=9, seed=3)
    other = try_stability(xy[::-1], reach[::-1], shapes, TEN, runs=9, seed=3)
    assert np.array_equal(one.moved_found, other.moved_found)


def test_a_report_is_moved_no_farther_than_its_match_reaches():
    reach = np.array([0.0, 50.0, 200.0] * 200)
    moved = move_within(np.zeros((600, 2)), reach, np.random.default_rng(1))
    away = np.hypot(*moved.T)
    assert (away <= reach + 1e-9).all()
    assert away[reach == 200].mean() == pytest.approx(200 * 2 / 3, rel=0.1)


def test_a_report_of_unknown_precision_stays_where_it_is():
    xy = block(12)
    found = try_stability(xy, np.full(12, np.nan), shapes_of(xy), TEN, runs=5)
    assert found.moved_found.tolist() == [5]


def test_settings_out_of_range_are_not_tried():
    assert [words for words, _ in other_settings(TEN)] == [
        "within 112 m",
        "within 188 m",
        "from 8 reports",
        "from 12 reports",
    ]
    assert len(other_settings(HotspotParameters(radius_m=20.0, min_reports=3))) == 2


def test_grades_ask_for_moved_reports_and_for_settings():
    assert grade_stability(80, 99, 4, 4) is Steadiness.STEADY
    assert grade_stability(79, 99, 4, 4) is Steadiness.FAIR
    assert grade_stability(99, 99, 1, 4) is Steadiness.FRAGILE
    assert grade_stability(49, 99, 4, 4) is Steadiness.FRAGILE


def test_without_hotspots_there_is_nothing_to_find_again():
    found = try_stability(block(3), np.zeros(3), [], TEN, runs=2)
    assert found.steadiness == []


def test_a_shape_elsewhere_is_not_found_again():
    found = try_stability(block(20), np.zeros(20), [Point(E + 900, N).buffer(100), box(0, 0, 1, 1)], TEN, runs=2)
    assert found.moved_found.tolist() == [0, 0]
