import numpy as np
import pytest

from cs_geo.hotspots.alarms import scan_for_alarms

E, N = 400_000, 300_000


def usual(number=400, places=80, seed=1):
    """A year's reports over a town, where some places always have more."""
    rng = np.random.default_rng(seed)
    where = rng.uniform([E, N], [E + 4000, N + 4000], (places, 2))
    often = rng.dirichlet(np.full(places, 0.5))
    return where[rng.choice(places, number, p=often)], rng.integers(0, 365, number)


def test_six_reports_at_one_corner_this_week_are_told():
    xy, days = usual()
    corner = np.array([[E + 5000.0, N + 5000.0]] * 3 + [[E + 5040.0, N + 5000.0]] * 3)
    alarms = scan_for_alarms(np.concatenate([xy, corner]), np.concatenate([days, [0, 1, 2, 3, 4, 5]]), maps=99)
    first = alarms[0]
    assert first.p == pytest.approx(0.01)
    assert (first.counted, first.days) == (6, 6)
    assert sorted(first.rows) == [400, 401, 402, 403, 404, 405]
    assert first.expected < 1


def test_a_year_by_chance_raises_no_alarm():
    raised = sum(
        any(alarm.p <= 0.05 for alarm in scan_for_alarms(*usual(seed=seed), maps=19, seed=seed)) for seed in range(12)
    )
    # 1 in 20 by chance: four or more of 12 in 2 of 1,000 such runs.
    assert raised <= 3


def test_a_place_where_much_is_always_reported_raises_no_alarm():
    rng = np.random.default_rng(3)
    busy = np.full((300, 2), [E + 100.0, N + 100.0])
    xy, days = usual()
    alarms = scan_for_alarms(np.concatenate([xy, busy]), np.concatenate([days, rng.integers(0, 365, 300)]), maps=99)
    assert all(alarm.p > 0.05 for alarm in alarms)


def test_a_week_in_which_more_is_reported_everywhere_raises_no_alarm():
    xy, days = usual()
    more, _ = usual(number=80, seed=1)
    alarms = scan_for_alarms(
        np.concatenate([xy, more]), np.concatenate([days, np.random.default_rng(4).integers(0, 7, 80)]), maps=99
    )
    assert all(alarm.p > 0.05 for alarm in alarms)


def test_the_expected_count_is_share_of_place_times_share_of_time():
    xy = np.array([[E, N]] * 4 + [[E + 9000, N]] * 6, dtype=float)
    days = np.array([0, 0, 0, 100, 0, 100, 100, 100, 200, 300])
    alarm = scan_for_alarms(xy, days, maps=9)[0]
    assert (alarm.counted, alarm.days, alarm.radius_m) == (3, 1, 50.0)
    assert alarm.expected == pytest.approx(4 * 4 / 10)
    # c ln(c/E) + (C − c) ln((C − c)/(C − E)), Kulldorff et al. 2005, p. 218
    assert alarm.ratio == pytest.approx(3 * np.log(3 / 1.6) + 7 * np.log(7 / 8.4))


def test_the_order_of_the_rows_changes_only_the_rows():
    xy, days = usual()
    one = scan_for_alarms(xy, days, maps=9)
    other = scan_for_alarms(xy[::-1], days[::-1], maps=9)
    assert [(a.x, a.y, a.radius_m, a.days, a.as_strong) for a in one] == [
        (a.x, a.y, a.radius_m, a.days, a.as_strong) for a in other
    ]
    assert {399 - row for row in other[0].rows} == set(one[0].rows)


def test_without_late_reports_there_is_nothing_to_tell():
    assert scan_for_alarms(np.zeros((0, 2)), np.zeros(0, dtype=np.int64)) == []
    assert scan_for_alarms(np.zeros((5, 2)), np.full(5, 100)) == []
