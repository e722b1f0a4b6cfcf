import numpy as np
import pytest

from cs_geo.errors import UsageError
from cs_geo.hotspots.relative import relate_kinds

RNG = np.random.default_rng(1)


def even(number):
    return RNG.uniform(0, 5000, (number, 2))


def at(surface, x, y):
    return surface.ratio.ravel()[surface.grid.squares_of(np.array([[x, y]]))[0]]


def test_two_kinds_that_lie_alike_stand_at_one_everywhere():
    xy = even(3000)
    ratio = relate_kinds(xy, xy).ratio
    assert np.nanmax(np.abs(ratio - 1)) < 1e-9


def test_where_the_one_is_three_times_as_common_the_ratio_says_so():
    outreach = even(20_000)
    rare = even(20_000)
    west = rare[rare[:, 0] < 2500]
    concerns = np.concatenate([west, west + 0.5, west - 0.5, rare[rare[:, 0] >= 2500]])
    surface = relate_kinds(concerns, outreach)
    assert at(surface, 1000, 2500) / at(surface, 4000, 2500) == pytest.approx(3, rel=0.15)


def test_where_hardly_anything_of_the_second_kind_is_no_ratio_is_told():
    surface = relate_kinds(np.concatenate([even(500), [[20_000.0, 20_000.0]]]), even(500))
    assert np.isnan(at(surface, 20_000, 20_000))


def test_the_edge_of_the_map_needs_no_correction():
    xy = even(20_000)
    surface = relate_kinds(xy[:10_000], xy[10_000:])
    assert at(surface, 20, 20) == pytest.approx(1, abs=0.35)


def test_without_one_of_the_kinds_the_reason_is_said():
    with pytest.raises(UsageError, match="no reports of one of the two kinds"):
        relate_kinds(even(5), np.zeros((0, 2)))
