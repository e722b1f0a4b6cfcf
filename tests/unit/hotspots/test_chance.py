from dataclasses import replace

import numpy as np
import pytest
from shapely import box

from cs_geo.hotspots.baselines import BaselineKind, Ground, flat_ground, report_pool
from cs_geo.hotspots.chance import (
    Grade,
    Untested,
    grade_of,
    hold_against_chance,
    least_by_chance,
    strongest_by_chance,
)
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.points import collapse
from cs_geo.hotspots.sized import find_sized_clusters

E, N = 400_000, 300_000
TOWN = box(E, N, E + 4000, N + 4000)
FLAT = flat_ground(TOWN)
TEN = HotspotParameters()


def hold(xy, baseline=FLAT, parameters=TEN, **told):
    places = collapse(np.asarray(xy, dtype=float))
    return hold_against_chance(places, find_sized_clusters(places, parameters), baseline, parameters, **told)


def thin(number, seed=1, baseline=FLAT):
    return baseline.draw(number, np.random.default_rng(seed))


def block(number, x=1000, y=1000, spread=60, seed=2):
    return np.random.default_rng(seed).normal([E + x, N + y], spread, (number, 2))


def test_forty_reports_in_one_block_of_a_thin_town_are_beyond_chance():
    test = hold(np.concatenate([thin(200), block(40)]), maps=99)
    assert test.as_strong[0] == 0
    assert test.p[0] == pytest.approx(1 / 100)
    assert test.grades[0] is Grade.CLEAR
    # 240 reports over 16 km²: a disc of some 200 m holds two.
    assert 1 < test.expected[0] < 6


def test_a_map_by_chance_is_not_distinguishable_from_chance():
    xy = thin(600, seed=11)
    test = hold(xy, parameters=replace(TEN, min_reports=6), maps=99)
    assert len(test.p)
    assert set(test.grades) <= {Grade.CHANCE, Grade.POSSIBLE}


def test_a_clustered_population_is_beyond_chance_on_flat_ground_and_not_by_where_it_lives():
    rng = np.random.default_rng(5)
    homes = np.concatenate([rng.uniform([E, N], [E + 4000, N + 4000], (3000, 2)), block(2000, 2500, 2500, 250)])
    homes = homes[(homes >= [E, N]).all(axis=1) & (homes < [E + 4000, N + 4000]).all(axis=1)]
    order = np.lexsort((homes[:, 1], homes[:, 0]))
    lived = Ground(
        BaselineKind.RESIDENTS,
        homes[order],
        np.full(len(homes), 1 / len(homes)),
        np.full(len(homes), 10.0),
        np.zeros((len(homes), 2)),
    )
    xy = lived.draw(500, rng)
    assert hold(xy, FLAT, maps=99).grades[0] is Grade.CLEAR
    assert hold(xy, lived, maps=99).grades[0] is Grade.CHANCE


def test_twenty_seeded_maps_by_chance_declare_next_to_nothing():
    declared = 0
    parameters = replace(TEN, min_reports=8)
    for seed in range(20):
        test = hold(thin(1000, seed=seed), parameters=parameters, maps=39, seed=seed)
        declared += bool((test.p <= 0.05).any())
    # 20 maps at 1 in 20: four or more in 1.6 of 100 such runs.
    assert declared <= 3


def test_the_p_of_a_hotspot_counts_its_own_map():
    assert grade_of(2 / 200) is Grade.CLEAR
    assert grade_of(3 / 200) is Grade.POSSIBLE
    assert grade_of(11 / 200) is Grade.CHANCE
    assert grade_of(float("nan")) is Grade.NOT_TESTED


def test_the_order_of_the_rows_changes_nothing_and_the_seed_decides():
    xy = np.concatenate([thin(300), block(20)])
    one, other = hold(xy, maps=19, seed=4), hold(xy[::-1], maps=19, seed=4)
    assert np.array_equal(one.as_strong, other.as_strong)
    assert np.array_equal(one.ratio, other.ratio)
    strongest = [
        list(strongest_by_chance(FLAT, 600, replace(TEN, min_reports=6), maps=5, seed=seed)) for seed in (4, 4, 5)
    ]
    assert strongest[0] == strongest[1] != strongest[2]


def test_where_the_baseline_does_not_reach_nothing_is_claimed():
    far = np.concatenate([thin(100), block(30, x=9000, y=9000)])
    test = hold(far, maps=9)
    assert test.reason.tolist() == [Untested.NO_GROUND]
    assert test.grades == [Grade.NOT_TESTED]
    assert np.isnan(test.p).all()


def test_a_concentration_where_hardly_anybody_lives_is_not_proven_by_that():
    west = FLAT.xy[:, 0] < E + 2000
    share = np.where(west, 1.0, 0.001)
    lived = replace(FLAT, kind=BaselineKind.RESIDENTS, share=share / share.sum())
    test = hold(np.concatenate([thin(100, baseline=lived), block(30, x=3000, y=2000)]), lived, maps=9)
    assert test.reason.tolist() == [Untested.THIN_GROUND]


def test_reports_at_one_spot_are_not_tested_against_ground():
    test = hold(np.full((20, 2), [E + 500.0, N + 500.0]), maps=9)
    assert test.reason.tolist() == [Untested.AT_ONE_SPOT]


def test_what_was_always_so_has_not_risen():
    asked = np.concatenate([thin(60), block(30)])
    past = np.concatenate([thin(240, seed=8), block(120, seed=9)])
    pool = report_pool(asked, past, BaselineKind.PAST)
    test = hold(asked, pool, maps=99)
    assert test.expected[0] == pytest.approx(30, rel=0.2)
    assert test.grades[0] is Grade.CHANCE


def test_what_is_new_beside_the_past_has_risen_even_at_one_spot():
    asked = np.concatenate([thin(60), np.full((30, 2), [E + 900.0, N + 900.0])])
    pool = report_pool(asked, thin(300, seed=8), BaselineKind.PAST)
    test = hold(asked, pool, maps=99)
    assert test.grades[0] is Grade.CLEAR
    assert test.counted[0] >= 30


def test_progress_is_told_and_may_cancel():
    told = []

    def stop_at_three(done, total):
        told.append((done, total))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hold(np.concatenate([thin(100), block(30)]), maps=9, progress=stop_at_three)
    assert told == [(1, 9), (2, 9), (3, 9)]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_hardly_any_reports_are_tested_without_a_fault(number):
    assert len(hold(thin(number) if number else np.zeros((0, 2)), maps=3).p) == 0


def test_the_minimum_by_chance_rises_with_the_reports_and_is_never_a_handful():
    few, many = (least_by_chance(FLAT, number, 150.0) for number in (50, 2000))
    assert few == 5
    assert 15 < many < 30
