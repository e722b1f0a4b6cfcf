import html
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.words.escaping import PLAIN_PUNCTUATION, escape_text, unescape_text

HOSTILE_NAMES = json.loads((Path(__file__).parents[2] / "web" / "hostile_names.json").read_text("utf-8"))
"""Names as an attacker would type them (trust.md C1); the browser test shows the same ones on a map."""


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.trust("C1", figure="0 characters that a reader acts on")
def test_a_hostile_name_becomes_text_with_no_character_a_reader_acts_on(name: str) -> None:
    escaped = escape_text(name)
    bare = re.sub(r"&#\d+;", "", escaped)
    assert all(c in PLAIN_PUNCTUATION or c.isalpha() or c.isdecimal() for c in bare)


@pytest.mark.parametrize("name", [name for name in HOSTILE_NAMES if "\x00" not in name and "\n" not in name])
def test_a_hostile_name_is_shown_as_typed(name: str) -> None:
    assert html.unescape(escape_text(name)) == name


@pytest.mark.parametrize(
    "name", ["Elm Park", "St. Anne's (north)", "Café Zoë", "Heol y Môr / Sea Road", "路", "O’Neill"]
)
def test_an_ordinary_place_name_keeps_its_letters(name: str) -> None:
    escaped = escape_text(name)
    assert unescape_text(escaped) == name
    assert escape_text("Elm Park, gate 2 (north)") == "Elm Park, gate 2 (north)"


def test_a_reference_typed_by_a_person_is_not_taken_for_one_of_ours() -> None:
    assert escape_text("&#60;") == "&#38;&#35;60&#59;"


def test_nothing_is_shown_for_nothing_and_numbers_are_shown_as_numbers() -> None:
    assert escape_text(None) == ""
    assert escape_text(63) == "63"
    assert escape_text(-0.5) == "-0.5"


def test_a_line_end_becomes_a_space_and_a_control_character_is_seen_to_have_been_there() -> None:
    assert escape_text("a\nb") == "a b"
    assert escape_text("a\x00b") == "a&#65533;b"
    assert escape_text("a\ud800b") == "a&#65533;b"


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs"))))
def test_any_text_is_shown_as_typed(text: str) -> None:
    assert unescape_text(escape_text(text)) == text


@given(st.text())
@pytest.mark.trust("C1", figure="0 characters that a reader acts on, any text")
def test_any_text_is_inert(text: str) -> None:
    bare = re.sub(r"&#\d+;", "", escape_text(text))
    assert not re.search(r"""[<>&"'`\\$={}\[\]#%;|!?*+~^@\n\r\t\x00]""", bare)
