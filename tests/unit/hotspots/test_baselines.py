import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, box

from cs_geo.errors import UsageError
from cs_geo.hotspots.baselines import (
    BaselineKind,
    Question,
    area_ground,
    flat_ground,
    report_pool,
    street_ground,
)

E, N = 400_000, 300_000


def streets(*lines, **columns):
    shapes = [LineString([(E + x, N + y) for x, y in line]) for line in lines]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=27700)


def areas(*shapes, number):
    return gpd.GeoDataFrame({"number": number}, geometry=list(shapes), crs=27700)


def test_a_street_three_times_as_long_is_expected_to_hold_three_times_as_much():
    ground = street_ground(streets([(0, 0), (300, 0)], [(0, 1000), (900, 1000)]))
    assert ground.share[ground.xy[:, 1] > N + 500].sum() == pytest.approx(0.75)
    assert ground.share.sum() == pytest.approx(1)


def test_reports_by_chance_lie_on_the_streets():
    ground = street_ground(streets([(0, 0), (300, 400)], [(0, 1000), (900, 1000)]))
    drawn = ground.draw(500, np.random.default_rng(1))
    lines = shapely.union_all(streets([(0, 0), (300, 400)], [(0, 1000), (900, 1000)]).geometry.to_numpy())
    assert shapely.distance(shapely.points(drawn), lines).max() < 1e-6


def test_ways_that_nobody_may_walk_take_no_part():
    ground = street_ground(streets([(0, 0), (300, 0)], [(0, 50), (300, 50)], walkable=[True, False]))
    assert (ground.xy[:, 1] == N).all()


def test_streets_beyond_the_study_area_take_no_part():
    ground = street_ground(streets([(0, 0), (1000, 0)]), box(E, N - 10, E + 400, N + 10))
    assert ground.xy[:, 0].max() < E + 400


def test_without_a_street_the_remedy_is_said():
    with pytest.raises(UsageError, match="Load OpenStreetMap data first"):
        street_ground(streets([(0, 0), (300, 0)]), box(0, 0, 10, 10))


def test_degrees_are_refused():
    with pytest.raises(ValueError, match="metres"):
        street_ground(gpd.GeoDataFrame(geometry=[LineString([(-1, 53), (-1, 54)])], crs=4326))


def test_the_order_of_the_rows_changes_nothing():
    rows = streets([(0, 0), (300, 0)], [(0, 200), (300, 250)], [(10, 500), (60, 20)])
    one = street_ground(rows)
    other = street_ground(rows.iloc[::-1].reset_index(drop=True))
    assert np.array_equal(one.draw(50, np.random.default_rng(3)), other.draw(50, np.random.default_rng(3)))


def test_twice_as_many_residents_expect_twice_as_much_however_large_their_area():
    ground = area_ground(
        areas(box(E, N, E + 400, N + 400), box(E + 400, N, E + 500, N + 100), number=[1000, 2000]),
        BaselineKind.RESIDENTS,
    )
    assert ground.share[ground.xy[:, 0] > E + 400].sum() == pytest.approx(2 / 3)


def test_nobody_lives_in_the_park():
    park = box(E, N, E + 200, N + 400)
    ground = area_ground(areas(box(E, N, E + 400, N + 400), number=[1000]), BaselineKind.RESIDENTS, not_lived_on=park)
    in_park = ground.xy[:, 0] < E + 200
    assert in_park.any()
    assert (ground.share[in_park] == 0).all()
    assert ground.share.sum() == pytest.approx(1)


def test_an_area_without_anybody_is_no_baseline():
    with pytest.raises(UsageError, match="nobody in the study area"):
        area_ground(areas(box(E, N, E + 100, N + 100), number=[0]), BaselineKind.RESIDENTS)


def test_flat_ground_expects_the_same_everywhere():
    ground = flat_ground(box(E, N, E + 1000, N + 1000))
    west = ground.xy[:, 0] < E + 500
    assert ground.share[west].sum() == pytest.approx(0.5)


def test_a_map_by_chance_from_other_reports_holds_only_points_where_something_was_reported():
    asked, others = np.array([[0.0, 0.0]] * 3), np.array([[10.0, 0.0]] * 4 + [[20.0, 0.0]])
    pool = report_pool(asked, others, BaselineKind.PAST)
    drawn = pool.draw(3, np.random.default_rng(0))
    assert len(drawn) == 3
    assert {tuple(point) for point in drawn} <= {(0.0, 0.0), (10.0, 0.0), (20.0, 0.0)}
    assert pool.asked.sum() == 3


def test_against_no_reports_nothing_can_be_held():
    with pytest.raises(UsageError, match="own past"):
        report_pool(np.zeros((3, 2)), np.zeros((0, 2)), BaselineKind.PAST)


def test_each_baseline_answers_one_question():
    assert [kind for kind in BaselineKind if kind.question is Question.RISEN] == [BaselineKind.PAST]
