"""The page about security says what the tests say, no more and no less."""

import pytest

from tests.trust.recording import read_record
from tests.trust.table import PAGE, marks_in_record, marks_in_tests, page_of, read_asked, state_of

AGAIN = "Run `.venv/bin/python -m tests.trust.table` again."


def test_what_was_recorded_is_what_the_tests_are_marked_with() -> None:
    assert marks_in_record(read_record()) == set(marks_in_tests()), AGAIN


def test_every_test_that_is_recorded_passed() -> None:
    assert [one["test"] for one in read_record()["tests"] if one["passed"] != one["cases"] or not one["cases"]] == []


def test_the_page_is_made_of_the_record() -> None:
    assert PAGE.read_text("utf-8") == page_of(read_record(), read_asked()), AGAIN


@pytest.mark.parametrize(("number", "one"), read_asked().items())
def test_what_no_test_holds_says_what_is_missing(number: str, one: dict[str, str]) -> None:
    assert one["missing"] or state_of(number, one, read_record()) == "held"


def test_every_mark_names_a_test_of_trust() -> None:
    assert {mark.number for mark in marks_in_tests()} <= set(read_asked())


def test_without_a_test_nothing_is_held() -> None:
    asked = {"A1": {"asked": "something", "pass": "always", "missing": ""}}
    assert "### A1: not yet" in page_of({"tests": [], "benchmarks": []}, asked)
