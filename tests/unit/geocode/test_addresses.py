import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.geocode.addresses import house_numbers, split_address, split_junction, street_readings


def test_an_address_with_a_flat_is_taken_apart() -> None:
    parts = split_address("Flat 2, 12A High St, Elm Park, Elmside XX1 1AA")
    assert (parts.unit, parts.number, parts.street) == ("flat 2", "12a", "high street")
    assert parts.localities == ("elm park", "elmside")
    assert parts.postcode == "XX1 1AA"


@pytest.mark.parametrize(
    ("text", "number", "name", "street"),
    [
        ("W Oak And Son, 109 - 111 Elm Road, Moss Hill, Elmside", "109-111", "w oak and son", "elm road"),
        ("17, Central Arcade Mill Street, Elmside", "17", "", "central arcade mill street"),
        ("Old Hotel, 40 Mill Street, Elmside", "40", "old hotel", "mill street"),
        ("Golf Club, Moss Lane, Field Lane Estate, Elmside", "", "golf club", "moss lane"),
        ("12 Ballagarry, Elmside", "12", "", "ballagarry"),
        ("Rose Cottage, Main Road, Elmside", "", "rose cottage", "main road"),
        ("Flat 3 Elm Court 12 High Street", "12", "elm court", "high street"),
        ("2 U Food Limited, 2 Sand Close", "2", "2 u food limited", "sand close"),
        ("No. 5 The Green", "5", "", "green"),
        ("Elm Park", "", "elm park", ""),
        ("On or near Mill Lane", "", "", "mill lane"),
        ("Ground floor flat, 8 Mill Lane", "8", "", "mill lane"),
    ],
)
def test_the_street_is_the_part_with_the_number_else_the_first_that_ends_like_one(
    text: str, number: str, name: str, street: str
) -> None:
    parts = split_address(text)
    assert (parts.number, parts.name, parts.street) == (number, name, street)


def test_outside_a_shop_is_the_shop_with_a_word_before_it() -> None:
    parts = split_address("Outside the Co-op, High Street")
    assert (parts.relation, parts.name, parts.street) == ("outside", "co op", "high street")


def test_a_locality_column_joins_the_localities_of_the_text() -> None:
    assert split_address("Mill Lane, Northside", locality="Elmside").localities == ("northside", "elmside")


def test_a_terrace_on_a_street_leaves_both_to_be_looked_for() -> None:
    parts = split_address("9 Lake Terrace, High Street, Elmside")
    assert (parts.number, parts.street, parts.other_streets) == ("9", "lake terrace", ("high street",))


def test_a_range_of_numbers_is_every_house_on_its_side() -> None:
    assert house_numbers("109-113") == ("109-113", "109", "111", "113")
    assert house_numbers("4-5") == ("4-5", "4", "5")
    assert house_numbers("1-151") == ("1-151", "1", "151"), "the span of a block is not 76 front doors"
    assert house_numbers("12 A") == ("12a",)
    assert house_numbers("7, 9") == ("7", "9")
    assert house_numbers("Rose Cottage") == ()


def test_a_street_with_a_town_behind_it_is_read_without_the_town() -> None:
    readings = {reading.street: reading for reading in street_readings("church road northside")}
    assert readings["church road"].locality == "northside"
    assert readings["church road"].whole


def test_a_street_that_ends_like_one_has_no_town_in_it() -> None:
    assert [reading.street for reading in street_readings("summer hill place") if reading.whole] == [
        "summer hill place"
    ]


def test_a_part_of_a_street_name_is_marked_as_a_part() -> None:
    parts = {reading.street: reading.whole for reading in street_readings("old mill lane")}
    assert parts == {"old mill lane": True, "mill lane": False}


@pytest.mark.parametrize(
    "text",
    [
        "High Street / Mill Lane",
        "High St & Mill Ln, Elmside",
        "junction of High Street and Mill Lane",
        "corner of High Street and Mill Lane",
        "High Street at Mill Lane",
        "High Street junction with Mill Lane",
        "High Street, junction with Mill Lane",
        "High Street j/w Mill Lane",
        "On or near junction of High Street and Mill Lane",
    ],
)
def test_a_junction_is_read_however_it_is_written(text: str) -> None:
    assert split_junction(text)[0] == ("high street", "mill lane")


def test_a_street_with_an_and_in_its_name_is_parted_at_the_right_one() -> None:
    assert split_junction("junction of Bat and Ball Lane and Mill Road")[0] == ("bat and ball lane", "mill road")


def test_two_streets_may_share_their_kind() -> None:
    assert split_junction("High and Mill Streets") == (("high street", "mill street"),)


@pytest.mark.parametrize("text", ["Fish and Chip Shop", "12/14 High Street", "High Street", "and", "/", ""])
def test_what_names_no_two_streets_is_no_junction(text: str) -> None:
    assert split_junction(text) == ()


@given(st.text(max_size=400))
def test_no_text_breaks_the_address_reader(text: str) -> None:
    parts = split_address(text, locality=text[:20])
    street_readings(parts.street)
    split_junction(text)


@given(st.text(alphabet="aA1 -/,&nd.oftS\t", max_size=400))
def test_no_address_like_text_takes_long_to_read(text: str) -> None:
    start = time.perf_counter()
    split_address(text)
    split_junction(text)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    "text", ["1 " * 5000, "a" * 100_000, "1-" * 5000, "a 1 " * 5000, "and " * 5000, "high street " * 900]
)
def test_a_very_long_text_does_not_hang(text: str) -> None:
    start = time.perf_counter()
    split_address(text)
    split_junction(text)
    assert time.perf_counter() - start < 1
