import geopandas as gpd
import numpy as np

from cs_geo.hotspots.find import find_hotspots
from cs_geo.hotspots.influence import rank_doubtful_pins

E, N = 400_000, 300_000


def find(offsets):
    xy = np.asarray(offsets, dtype=float) + np.array([E, N])
    return find_hotspots(gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=27700))


def row_of(result, x):
    return int(np.flatnonzero(result.clustered.xy[:, 0] == E + x)[0])


def test_the_pin_that_carries_a_hotspot_comes_before_one_among_many():
    frail = [(5 * step, 0) for step in range(10)]
    stout = [(3000 + 5 * step, 0) for step in range(40)]
    result = find(frail + stout)
    ranked = rank_doubtful_pins(result.clustered, [row_of(result, 0), row_of(result, 3000)], result.parameters)
    assert [one.row for one in ranked] == [row_of(result, 0), row_of(result, 3000)]
    assert ranked[0].dissolves
    assert not ranked[1].dissolves
    assert ranked[1].lost == 0


def test_a_pin_that_joins_two_halves_costs_the_smaller_one():
    left = [(5 * step, 0) for step in range(15)]
    right = [(320 + 5 * step, 0) for step in range(11)]
    result = find([*left, (195, 0), *right])
    assert len(result.hotspots) == 1
    bridge = rank_doubtful_pins(result.clustered, [row_of(result, 195)], result.parameters)[0]
    assert not bridge.dissolves
    assert bridge.lost == 11


def test_doubtful_pins_in_no_hotspot_change_none():
    result = find([(5 * step, 0) for step in range(12)] + [(2000, 0)])
    assert rank_doubtful_pins(result.clustered, [row_of(result, 2000)], result.parameters) == []


def test_how_many_pins_of_the_hotspot_are_doubtful_stands_beside():
    result = find([(5 * step, 0) for step in range(12)])
    ranked = rank_doubtful_pins(result.clustered, [row_of(result, 0), row_of(result, 5)], result.parameters)
    assert {one.doubtful_n for one in ranked} == {2}
