"""Likelihood ratios against what SaTScan printed for public data sets.

New York leukaemia, 281 tracts, 552 cases, 1,057,673 people (SaTScan 9.6, discrete Poisson, discs of at most 10% of the
people), and the medieval graves of Alt and Vach, 143 graves, 30 affected (SaTScan 9.3.1, Bernoulli): both are in the
test folders of the R packages smerc and smacpod.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.hotspots.ratios import bernoulli_ratio, poisson_ratio

LEUKAEMIA = [
    (95_249, 85, 11.577255),
    (34_083, 38, 9.019716),
    (78_280, 64, 6.114140),
    (24_571, 25, 4.651839),
    (29_782, 28, 4.169203),
    (9_840, 12, 3.363518),
    (8_839, 11, 3.209485),
]
GRAVES = [(19, 11, 7.419340), (3, 3, 4.808517), (2, 2, 3.177442)]


@pytest.mark.parametrize(("people", "cases", "printed"), LEUKAEMIA)
def test_the_poisson_ratio_is_what_satscan_printed(people, cases, printed):
    assert poisson_ratio(cases, 552 * people / 1_057_673, 552) == pytest.approx(printed, abs=5e-7)


@pytest.mark.parametrize(("graves", "affected", "printed"), GRAVES)
def test_the_bernoulli_ratio_is_what_satscan_printed(graves, affected, printed):
    assert bernoulli_ratio(affected, graves, 30, 143) == pytest.approx(printed, abs=5e-7)


def test_as_many_as_expected_is_no_concentration_and_a_lack_is_none_either():
    assert poisson_ratio([10, 3], [10.0, 10.0], 100).tolist() == [0, 0]
    assert bernoulli_ratio([5, 1], [10, 10], 50, 100).tolist() == [0, 0]


def test_all_reports_in_one_zone_have_a_finite_ratio():
    assert poisson_ratio(20, 2.0, 20) == pytest.approx(20 * np.log(10))


def test_a_zone_that_is_the_whole_map_does_not_stand_out():
    assert bernoulli_ratio(30, 143, 30, 143) == 0


@given(st.integers(2, 500).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.floats(0.01, n - 0.01))))
def test_a_ratio_is_never_negative_and_grows_with_the_count(drawn):
    total, counted, expected = drawn
    here, more = poisson_ratio([counted, min(counted + 1, total)], [expected, expected], total)
    assert 0 <= here <= more
    assert np.isfinite(more)
