import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cs_geo.disclosure.masking import NEAREST_M, RINGS_M, MaskedPoint, mask_place
from cs_geo.errors import RefusedInput

SECRET = bytes(range(16))
WARD = shapely.box(0, 0, 2000, 2000)
PLACE = shapely.box(980, 980, 1020, 1020)
secrets = st.binary(min_size=16, max_size=32)


@st.composite
def areas(draw):
    """Areas of any outline: a ragged star, with a hole or without, in one part or two."""
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    angles = np.sort(random.uniform(0, 2 * np.pi, draw(st.integers(3, 14))))
    reach = random.uniform(60, 900, len(angles))
    star = shapely.Polygon(np.column_stack([1000 + reach * np.cos(angles), 1000 + reach * np.sin(angles)]))
    area = shapely.make_valid(star)
    if draw(st.booleans()):
        area = area.difference(shapely.Point(random.uniform(800, 1200, 2)).buffer(random.uniform(10, 200)))
    if draw(st.booleans()):
        area = area.union(shapely.box(2100, 0, 2300, 400))
    assume(area.area > 0)
    return area


@pytest.mark.trust("E2", figure="100 exports, 1 point")
def test_a_hundred_exports_give_one_point_and_so_no_better_guess_than_one():
    points = [mask_place(PLACE, WARD, SECRET) for _ in range(100)]
    assert len(set(points)) == 1
    exports = np.array([[point.x, point.y] for point in points])
    truth = np.array([1000, 1000])
    assert np.linalg.norm(exports.mean(axis=0) - truth) == pytest.approx(np.linalg.norm(exports[0] - truth))


@settings(max_examples=40)
@given(secrets, areas())
def test_the_same_place_is_masked_the_same_for_ever_and_within_its_area(secret, area):
    place = area.representative_point().buffer(15)
    first = mask_place(place, area, secret)
    assert all(mask_place(place, area, secret) == first for _ in range(5))
    if first:
        assert area.contains(shapely.Point(first.x, first.y))


@settings(max_examples=40)
@given(secrets, areas(), st.integers(0, 10_000))
@pytest.mark.trust("E3", figure="8 addresses or none")
def test_the_catchment_of_a_masked_point_holds_eight_addresses_or_none(secret, area, seed):
    random = np.random.default_rng(seed)
    addresses = random.uniform(400, 1600, (random.integers(0, 6000), 2))
    point = mask_place(area.representative_point(), area, secret, addresses=addresses)
    if point:
        assert area.contains(shapely.Point(point.x, point.y))
        square = (np.abs(addresses - [point.x, point.y]) < 25).all(axis=1)
        held = int((square & shapely.intersects_xy(area, *addresses.T)).sum())
        assert held == 0 or held >= 8


@pytest.mark.trust("E2", figure="even chances")
def test_without_the_secret_no_square_is_likelier_than_another():
    random = np.random.default_rng(0)
    points = np.array([[p.x, p.y] for p in (mask_place(PLACE, WARD, random.bytes(16)) for _ in range(1500))])
    distinct, counts = np.unique(points, axis=0, return_counts=True)
    assert len(distinct) > 60  # the squares between 50 m and 250 m off
    assert counts.max() < 5 * counts.mean()
    # The mean of many places is no bearing to any of them: it is where they all are.
    assert np.linalg.norm(points.mean(axis=0) - 1000) < 25


def test_a_masked_point_is_the_middle_of_a_square_some_way_off():
    for n in range(20):
        point = mask_place(PLACE, WARD, bytes([n]) * 16)
        assert point.x % 50 == point.y % 50 == 25
        assert NEAREST_M <= np.hypot(point.x - 1000, point.y - 1000) <= RINGS_M[0]


def test_where_nothing_near_fits_a_wider_ring_is_searched():
    # One house in each square within 300 m: none of them fits.
    xs = np.arange(725, 1300, 50.0)
    houses = np.stack(np.meshgrid(xs, xs), axis=-1).reshape(-1, 2)
    point = mask_place(PLACE, WARD, SECRET, addresses=houses)
    assert RINGS_M[0] < np.hypot(point.x - 1000, point.y - 1000) <= RINGS_M[1]


def test_a_place_in_a_sliver_or_with_few_squares_to_choose_among_has_no_masked_point():
    assert mask_place(shapely.Point(5, 5), shapely.box(0, 0, 10, 20), SECRET) is None
    assert mask_place(shapely.Point(5, 25), shapely.box(0, 0, 400, 50), SECRET) is None  # seven squares
    assert mask_place(shapely.Point(5, 25), shapely.box(0, 0, 600, 50), SECRET) is not None


@pytest.mark.trust("E3", figure="0 points across a boundary")
def test_a_place_on_a_boundary_is_masked_on_its_own_side():
    west = shapely.box(0, 0, 1000, 2000)
    for n in range(50):
        assert mask_place(PLACE, west, bytes([n]) * 16).x < 1000


def test_a_masked_point_says_nothing_of_how_far_it_was_moved():
    assert MaskedPoint.__slots__ == ("x", "y")


def test_a_place_outside_its_area_and_a_short_secret_are_refused():
    with pytest.raises(RefusedInput, match="outside the area"):
        mask_place(PLACE, shapely.box(0, 0, 10, 10), SECRET)
    with pytest.raises(ValueError, match="guessed"):
        mask_place(PLACE, WARD, b"short")
