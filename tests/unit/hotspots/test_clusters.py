import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from cs_geo.hotspots.clusters import NO_CLUSTER, find_clusters


def points(xy, weight=None):
    xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    return gpd.GeoDataFrame(
        {"weight": np.ones(len(xy), dtype=int) if weight is None else weight},
        geometry=gpd.points_from_xy(*xy.T),
        crs=27700,
    )


@st.composite
def weighted_points(draw):
    """Points on a lattice (many exact ties and distances of exactly the radius) or anywhere, with weights."""
    if draw(st.booleans()):
        coordinate = st.integers(0, draw(st.sampled_from([4, 10, 30]))).map(lambda n: n * 10.0)
    else:
        coordinate = st.floats(0, draw(st.sampled_from([50, 300])), width=32).map(float)
    xy = draw(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=60, unique=True))
    weight = draw(st.lists(st.integers(1, 5), min_size=len(xy), max_size=len(xy)))
    radius = draw(st.sampled_from([10.0, 30.0, 50.0, 100.0]))
    return np.array(xy), np.array(weight), radius, draw(st.integers(1, 15))


def groups(labels):
    """The partition that labels stand for."""
    return {frozenset(np.flatnonzero(labels == name)) for name in np.unique(labels)}


@settings(max_examples=60, deadline=None)
@given(weighted_points())
def test_cores_their_groups_and_noise_are_those_of_scikit_learn_with_weights(drawn):
    xy, weight, radius, least = drawn
    found = find_clusters(points(xy, weight), radius, least)
    oracle = DBSCAN(eps=radius, min_samples=least, algorithm="brute").fit(xy, sample_weight=weight)

    assert np.flatnonzero(found.core).tolist() == sorted(oracle.core_sample_indices_)
    assert groups(found.labels[found.core]) == groups(oracle.labels_[found.core])
    assert ((found.labels == NO_CLUSTER) == (oracle.labels_ == -1)).all()


@settings(max_examples=25, deadline=None)
@given(weighted_points())
def test_weights_stand_for_reports_one_by_one(drawn):
    xy, weight, radius, least = drawn
    found = find_clusters(points(xy, weight), radius, least)
    one_by_one = DBSCAN(eps=radius, min_samples=least, algorithm="brute").fit(np.repeat(xy, weight, axis=0))
    firsts = np.cumsum(weight) - weight
    assert (found.core == np.isin(firsts, one_by_one.core_sample_indices_)).all()
    assert ((found.labels == NO_CLUSTER) == (one_by_one.labels_[firsts] == -1)).all()


@settings(max_examples=30, deadline=None)
@given(weighted_points())
def test_every_other_point_belongs_to_its_nearest_core(drawn):
    xy, weight, radius, least = drawn
    found = find_clusters(points(xy, weight), radius, least)
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    cores = order[found.core[order]]  # in the order of coordinates, so that argmin settles ties by them
    for row in np.flatnonzero(~found.core & (found.labels != NO_CLUSTER)):
        squared = ((xy[cores] - xy[row]) ** 2).sum(axis=1)
        assert found.labels[row] == found.labels[cores[np.argmin(squared)]]


@settings(max_examples=25, deadline=None)
@given(weighted_points(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(drawn, random):
    xy, weight, radius, least = drawn
    order = np.array(random.sample(range(len(xy)), len(xy)))
    found = find_clusters(points(xy, weight), radius, least)
    again = find_clusters(points(xy[order], weight[order]), radius, least)
    assert (again.labels == found.labels[order]).all()
    assert (again.core == found.core[order]).all()
    assert (again.density == found.density[order]).all()


def test_exactly_the_radius_counts_and_a_millimetre_more_does_not():
    # 3-4-5: (90, 120) lies exactly 150 m from the origin.
    assert find_clusters(points([[0, 0], [90, 120]]), 150, 2).labels.tolist() == [0, 0]
    assert find_clusters(points([[0, 0], [90, 120.001]]), 150, 2).labels.tolist() == [NO_CLUSTER] * 2


def test_a_point_midway_between_two_clusters_goes_to_the_western_one():
    # East to west: 8 reports, 1, one midway, 1, 8 reports, each 60 m from the next. At a minimum of 9 the outer four
    # are cores (8 + 1, 8 + 1 + 1); the middle one has only 3 reports within 60 m and is exactly 60 m from two cores.
    found = find_clusters(points([[180, 0], [120, 0], [60, 0], [0, 0], [-60, 0]], [8, 1, 1, 1, 8]), 60, 9)
    assert found.density.tolist() == [9, 10, 3, 10, 9]
    assert found.core.tolist() == [True, True, False, True, True]
    assert found.labels.tolist() == [1, 1, 0, 0, 0]


def test_the_cluster_with_most_reports_is_number_nought():
    found = find_clusters(points([[0, 0], [10, 0], [1000, 0], [1010, 0]], [2, 2, 4, 4]), 50, 3)
    assert found.labels.tolist() == [1, 1, 0, 0]
    assert found.count == 2


def test_equal_clusters_are_numbered_from_the_west():
    found = find_clusters(points([[1000, 0], [0, 0]], [5, 5]), 50, 3)
    assert found.labels.tolist() == [1, 0]


def test_no_points_make_no_clusters():
    found = find_clusters(points([]), 150, 10)
    assert found.count == 0
    assert len(found.labels) == 0


def test_distances_in_web_mercator_are_refused():
    with pytest.raises(ValueError, match="stretches distances"):
        find_clusters(points([[0, 0]]).set_crs(3857, allow_override=True), 150, 10)
