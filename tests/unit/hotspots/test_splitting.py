import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_geo.hotspots.clusters import NO_CLUSTER, cluster_places
from cs_geo.hotspots.discs import disc_union
from cs_geo.hotspots.splitting import split_large_clusters

RADIUS = 100.0
LARGEST = 150_000.0  # a disc of 100 m is 31,700 m²: about five of them


def in_order(xy, weight):
    xy, weight = np.asarray(xy, dtype=float), np.asarray(weight, dtype=np.int64)
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    return np.ascontiguousarray(xy[order]), weight[order]


def split(xy, weight, least):
    clusters = cluster_places(xy, weight, radius_m=RADIUS, min_reports=least)
    sized = split_large_clusters(xy, weight, clusters, radius_m=RADIUS, min_reports=least, max_area_m2=LARGEST)
    return clusters, sized


def test_a_cluster_that_fits_is_left_alone():
    xy, weight = in_order([[0, 0], [50, 0], [0, 50]], [5, 5, 5])
    clusters, sized = split(xy, weight, 10)
    assert (sized.labels == clusters.labels).all()
    assert sized.min_reports_used.tolist() == [10]
    assert sized.split_from.tolist() == [NO_CLUSTER]
    assert not sized.too_large.any()


def test_two_busy_ends_of_a_long_street_become_two_hotspots():
    # 1.5 km of street with a report every 50 m joins them: a strip of 200 m width is 0.3 km². At a minimum of 3 all is
    # one cluster; the ends have 20 reports more.
    street = [[x, 0] for x in range(0, 1501, 50)]
    xy, weight = in_order(street, [10 if x in (0, 50, 1450, 1500) else 1 for x, _ in street])
    clusters, sized = split(xy, weight, 3)
    assert clusters.count == 1
    assert len(sized.min_reports_used) == 2
    assert sized.split_from.tolist() == [0, 0]
    west, east = sized.labels[0], sized.labels[-1]
    assert west != east
    assert sized.labels[len(xy) // 2] == NO_CLUSTER
    # (0..200 m) Twelve reports within 100 m of x = 100: 10 at 50, then 100, 150, 200.
    assert (sized.min_reports_used > 3).all()


def test_an_even_carpet_cannot_be_split_and_says_so():
    # A closed ring of equal points: everywhere the same number within the radius.
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    xy, weight = in_order(np.column_stack([600 * np.cos(angle), 600 * np.sin(angle)]).round(6), np.full(64, 4))
    clusters, sized = split(xy, weight, 10)
    assert len(set(clusters.density)) == 1
    assert sized.too_large.tolist() == [True]
    assert sized.split_from.tolist() == [NO_CLUSTER]
    assert (sized.labels == 0).all()


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.integers(80, 400), st.integers(600, 1600))
def test_every_piece_fits_and_is_what_plain_dbscan_finds_at_its_minimum(seed, number, side):
    random = np.random.default_rng(seed)
    xy, weight = in_order(random.random((number, 2)) * side, random.integers(1, 4, number))
    _, sized = split(xy, weight, 5)
    for piece, least in enumerate(sized.min_reports_used):
        cores = np.flatnonzero(sized.core & (sized.labels == piece))
        assert sized.too_large[piece] or disc_union(xy[cores], RADIUS).area <= LARGEST
        plain = cluster_places(xy, weight, radius_m=RADIUS, min_reports=int(least))
        same = np.flatnonzero(plain.core & (plain.labels == plain.labels[cores[0]]))
        assert cores.tolist() == same.tolist()


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_after_splitting_each_point_within_reach_still_has_a_hotspot(seed):
    random = np.random.default_rng(seed)
    xy, weight = in_order(random.random((300, 2)) * 1200, random.integers(1, 4, 300))
    _, sized = split(xy, weight, 5)
    cores = xy[sized.core]
    nearest = np.sqrt(((xy[:, None] - cores[None]) ** 2).sum(axis=2)).min(axis=1)
    assert ((sized.labels != NO_CLUSTER) == (nearest <= RADIUS)).all()
