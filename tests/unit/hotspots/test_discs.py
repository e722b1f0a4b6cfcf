import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_geo.hotspots.discs import MARGIN_M, disc_radius, disc_union, disc_unions

RADIUS = 150.0
REACH = RADIUS + MARGIN_M


def round_discs(xy, reach=REACH):
    """The union of discs as the geometry library overlays them, nearly round."""
    return shapely.union_all(shapely.buffer(shapely.points(xy), reach, quad_segs=64))


@st.composite
def cores(draw):
    """Cores anywhere, on a lattice (many on one circle), or all on one line."""
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    xy = random.random((draw(st.integers(1, 100)), 2)) * draw(st.sampled_from([100, 400, 900, 2000]))
    arrangement = draw(st.sampled_from(["anywhere", "lattice of 50 m", "lattice of 75 m", "line"]))
    if arrangement.startswith("lattice"):
        side = float(arrangement.split()[2])
        xy = np.unique(np.round(xy / side) * side, axis=0)
    if arrangement == "line":
        xy[:, 1] = 0
    return xy + np.array([400_000, 300_000])


@settings(max_examples=60, deadline=None)
@given(st.lists(cores(), min_size=1, max_size=4))
def test_every_disc_is_covered_and_nothing_past_the_corners_of_a_disc_is(clusters):
    for xy, union in zip(clusters, disc_unions(clusters, RADIUS), strict=True):
        assert union.is_valid
        assert round_discs(xy).difference(union).area < 1e-6
        # A 256-sided disc lies within its circle by 0.01 m.
        assert union.difference(round_discs(xy, disc_radius(RADIUS) + 0.02)).area < 1e-6


@settings(max_examples=20, deadline=None)
@given(st.lists(cores(), min_size=2, max_size=4))
def test_clusters_drawn_together_do_not_touch_each_other(clusters):
    together = disc_unions(clusters, RADIUS)
    for xy, union in zip(clusters, together, strict=True):
        alone = disc_union(xy, RADIUS)
        # Straight sides may be placed differently round the same circles: by 0.7 m at their corners.
        assert union.symmetric_difference(alone).area < 0.01 * alone.area


def test_one_core_has_a_disc_of_32_sides():
    disc = disc_union(np.array([[0.0, 0.0]]), RADIUS)
    assert len(disc.exterior.coords) == 33
    assert disc.area == pytest.approx(np.pi * REACH**2, rel=0.005)


def test_two_cores_have_the_area_of_two_circles_without_their_lens():
    # Circles of radius r whose centres lie d apart share 2 r² acos(d/2r) - d/2 sqrt(4r² - d²).
    apart = 100.0
    lens = 2 * REACH**2 * np.arccos(apart / (2 * REACH)) - apart / 2 * np.sqrt(4 * REACH**2 - apart**2)
    union = disc_unions([np.array([[0.0, 0.0], [apart, 0.0]]), np.array([[0.0, 0.0]])], RADIUS)[0]
    assert union.area == pytest.approx(2 * np.pi * REACH**2 - lens, rel=0.005)


def test_a_ring_of_cores_leaves_the_ground_out_of_reach_open():
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    union = disc_union(np.column_stack([500 * np.cos(angle), 500 * np.sin(angle)]), RADIUS)
    assert len(union.interiors) == 1
    assert shapely.Polygon(union.interiors[0]).area == pytest.approx(np.pi * 350**2, rel=0.02)


def test_cores_out_of_each_others_reach_are_drawn_apart():
    union = disc_union(np.array([[0.0, 0.0], [50.0, 0.0], [0.0, 50.0], [2000.0, 0.0]]), RADIUS)
    assert len(union.geoms) == 2


def test_no_clusters_have_no_discs():
    assert len(disc_unions([], RADIUS)) == 0


def test_more_clusters_than_are_triangulated_together_keep_their_order():
    random = np.random.default_rng(5)
    clusters = [random.random((60, 2)) * 300 + np.array([10_000.0 * number, 0]) for number in range(400)]
    unions = disc_unions(clusters, RADIUS)
    assert [round(union.centroid.x / 10_000) for union in unions] == list(range(400))
