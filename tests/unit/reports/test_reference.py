from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.errors import RefusedInput
from cs_geo.reports.reference import CAPACITY, LETTERS, number_of_reference, read_reference, say_reference

NUMBERS = st.integers(0, CAPACITY - 1)


def test_a_reference_can_be_said_on_the_phone():
    assert len(LETTERS) == len(set(LETTERS)) == 31
    assert not set("01ILO") & set(LETTERS)
    reference = say_reference(1)
    assert len(reference) == 8
    assert reference[3] == "-"
    # The rule is kept by the database too: 387420489 + 12345678 = 399766167, in base 31 with weights 2 to 7.
    digits = [399766167 // 31**power % 31 for power in range(5, -1, -1)]
    check = sum(weight * digit for weight, digit in enumerate(digits, start=2)) % 31
    assert reference.replace("-", "") == "".join(LETTERS[digit] for digit in [*digits, check])


@given(NUMBERS, NUMBERS)
def test_every_report_has_its_own_reference(one, other):
    assert (say_reference(one) == say_reference(other)) == (one == other)


@given(NUMBERS)
def test_a_reference_gives_its_number_back(number):
    assert number_of_reference(say_reference(number)) == number


def test_neighbouring_reports_have_references_that_do_not_look_alike():
    references = [say_reference(number) for number in range(5_000)]
    assert len(set(references)) == 5_000
    assert all(one[:3] != other[:3] for one, other in pairwise(references))


def test_numbers_without_a_reference_are_refused():
    for number in (-1, CAPACITY):
        with pytest.raises(ValueError, match="References go from"):
            say_reference(number)


@given(NUMBERS)
def test_a_reference_is_read_however_it_was_typed(number):
    reference = say_reference(number)
    for typed in (reference, reference.lower(), reference.replace("-", " "), f" {reference.replace('-', '')} "):
        assert read_reference(typed) == reference


@given(NUMBERS, st.integers(0, 6), st.sampled_from(LETTERS))
def test_any_one_wrong_character_is_noticed(number, position, letter):
    characters = list(say_reference(number).replace("-", ""))
    if characters[position] == letter:
        return
    characters[position] = letter
    with pytest.raises(RefusedInput, match="check character"):
        read_reference("".join(characters))


@given(NUMBERS, st.integers(0, 5))
def test_two_neighbours_swapped_are_noticed(number, position):
    characters = list(say_reference(number).replace("-", ""))
    if characters[position] == characters[position + 1]:
        return
    characters[position], characters[position + 1] = characters[position + 1], characters[position]
    with pytest.raises(RefusedInput, match="check character"):
        read_reference("".join(characters))


def test_what_is_no_reference_is_refused_in_words():
    with pytest.raises(RefusedInput, match="seven characters"):
        read_reference("4KM-7PX")
    with pytest.raises(RefusedInput, match="no 0, 1, I, L or O"):
        read_reference("4KM-7P0C")


@given(st.text(max_size=20))
def test_no_text_breaks_the_reader(text):
    try:
        reference = read_reference(text)
    except RefusedInput:
        return
    assert read_reference(reference) == reference
