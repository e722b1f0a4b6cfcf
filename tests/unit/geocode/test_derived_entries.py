import math

from hypothesis import given
from hypothesis import strategies as st

from cs_geo.geocode.derived_entries import (
    BEYOND_SEGMENTS,
    BEYOND_STREET_ADDRESSES,
    HOUSES_TOGETHER_M,
    StreetPoint,
    beyond,
    streets_of_points,
)
from cs_geo.geocode.gazetteer import Entry, Kind


def houses(postcode: str, *points: tuple[float, float]) -> list[StreetPoint]:
    return [StreetPoint("Mill Lane", "mill lane", x, y, ("Elmside",), postcode) for x, y in points]


def streets_of(known: list[StreetPoint]) -> list[Entry]:
    return streets_of_points(known, gazetteer="Test 1", reaching=BEYOND_STREET_ADDRESSES, together_m=HOUSES_TOGETHER_M)


def test_the_fewer_points_are_known_the_further_a_street_may_go_on() -> None:
    reaches = [beyond(known, BEYOND_STREET_ADDRESSES) for known in range(1, 12)]
    assert reaches == sorted(reaches, reverse=True)
    assert beyond(1, BEYOND_SEGMENTS) == 290
    assert beyond(100, BEYOND_SEGMENTS) == 30


def test_a_street_has_a_piece_in_each_of_its_postcodes() -> None:
    streets = streets_of(houses("XX1 1AA", (0, 0), (10, 0), (20, 0)) + houses("XX1 1AB", (100, 0), (110, 0)))
    assert [street.postcode_norm for street in streets] == ["", "XX1 1AA", "XX1 1AB"]
    assert all(street.kind is Kind.STREET and street.localities == {"elmside"} for street in streets)
    assert streets[1].x == 10


def test_two_streets_of_one_name_in_two_villages_stay_two() -> None:
    known = houses("", (0, 0), (10, 0), (20, 0)) + houses("", (5000, 0), (5010, 0), (5020, 0))
    assert sorted(street.x for street in streets_of(known)) == [10, 5010]


@given(st.lists(st.tuples(st.floats(0, 3000), st.floats(0, 3000)), min_size=1, max_size=12, unique=True))
def test_every_known_point_lies_within_the_reach_of_its_street(points: list[tuple[float, float]]) -> None:
    streets = streets_of_points(
        [StreetPoint("Mill Lane", "mill lane", x, y) for x, y in points],
        gazetteer="Test 1", reaching=BEYOND_SEGMENTS, together_m=500,
    )  # fmt: skip
    assert {(street.x, street.y) for street in streets} <= set(points), "a street's point is one of its own"
    for x, y in points:
        assert any(math.hypot(street.x - x, street.y - y) <= street.radius_m for street in streets)
