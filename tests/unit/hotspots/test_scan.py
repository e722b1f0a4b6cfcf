import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely import box

from cs_geo.hotspots.baselines import BaselineKind, flat_ground, report_pool
from cs_geo.hotspots.rasters import DiscSums, Grid
from cs_geo.hotspots.scan import scan_for_rises

E, N = 400_000, 300_000
FLAT = flat_ground(box(E, N, E + 5000, N + 5000))


def thin(number, seed=1):
    return FLAT.draw(number, np.random.default_rng(seed))


def wide(number, seed=2):
    """Reports evenly over a disc of 500 m: nowhere dense."""
    rng = np.random.default_rng(seed)
    angle, away = rng.uniform(0, 2 * np.pi, number), 500 * np.sqrt(rng.uniform(0, 1, number))
    return np.column_stack([E + 2000 + away * np.cos(angle), N + 3000 + away * np.sin(angle)])


def test_a_wide_weak_rise_is_found_where_no_density_threshold_would():
    rises = scan_for_rises(np.concatenate([thin(400), wide(40)]), FLAT, maps=99)
    first = rises[0]
    assert first.p <= 0.05
    assert np.hypot(first.x - E - 2000, first.y - N - 3000) < 300
    assert 300 <= first.radius_m <= 800
    assert first.counted > 2 * first.expected


def test_a_map_by_chance_has_no_rise_beyond_it():
    assert scan_for_rises(thin(400, seed=7), FLAT, maps=39)[0].p > 0.05


def test_further_rises_share_no_ground_with_a_stronger_one():
    rises = scan_for_rises(np.concatenate([thin(400), wide(60)]), FLAT, maps=3)
    for one, first in enumerate(rises):
        for other in rises[one + 1 :]:
            assert np.hypot(first.x - other.x, first.y - other.y) > first.radius_m + other.radius_m
            assert other.ratio <= first.ratio + 1e-9


def test_one_kind_against_another_finds_where_it_is_more_common():
    concerns = np.concatenate([thin(300, seed=3), wide(90)])
    outreach = np.concatenate([thin(300, seed=4), wide(10, seed=5)])
    pool = report_pool(concerns, outreach, BaselineKind.REPORTS)
    first = scan_for_rises(concerns, pool, maps=99)[0]
    assert first.p <= 0.05
    assert np.hypot(first.x - E - 2000, first.y - N - 3000) < 400


def test_without_reports_there_is_nothing_to_find():
    assert scan_for_rises(np.zeros((0, 2)), FLAT) == []


def test_the_order_of_the_rows_changes_nothing():
    xy = np.concatenate([thin(100), wide(30)])
    assert scan_for_rises(xy, FLAT, maps=5) == scan_for_rises(xy[::-1], FLAT, maps=5)


@settings(max_examples=30, deadline=None)
@given(arrays(np.int64, (7, 9), elements=st.integers(0, 5)), st.sampled_from([50.0, 120.0, 300.0]))
def test_sums_over_discs_are_those_of_adding_up_by_hand(counts, radius):
    grid = Grid(0.0, 0.0, 50.0, columns=9, rows=7)
    sums = DiscSums(grid, [radius])(counts.astype(float), whole=True)[0]
    middles = grid.middles()
    away = np.hypot(*(middles[:, None, :] - middles[None, :, :]).transpose(2, 0, 1))
    by_hand = (away <= radius) @ counts.ravel()
    assert sums.ravel().tolist() == by_hand.tolist()


def test_a_point_on_the_edge_of_two_squares_is_counted_once():
    grid = Grid(0.0, 0.0, 50.0, columns=2, rows=2)
    assert grid.count(np.array([[50.0, 50.0], [0.0, 0.0], [49.999, 50.0]])).tolist() == [[1, 0], [1, 1]]


def test_discs_are_measured_in_the_metres_of_the_ground():
    grid = Grid.over(np.array([[E, N], [E + 999, N + 999]], dtype=float), 50.0)
    assert (grid.columns, grid.rows, grid.west) == (20, 20, E)
    counts = np.zeros((20, 20))
    counts[10, 10] = 1
    assert DiscSums(grid, [100.0])(counts, whole=True).sum() == pytest.approx(13)
