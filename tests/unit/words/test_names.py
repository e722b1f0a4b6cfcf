"""Names in what partners write: found by a list and by capitals, and places here left standing."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_geo.words.masking import mask_personal_details
from cs_geo.words.names import (
    NameKind,
    Sort,
    check_text,
    find_names,
    fold_name,
    load_name_words,
    phrases_to_ask,
    redact_names,
)
from cs_geo.words.personal_details import NAME

WORDS = load_name_words(Path(__file__).parents[3] / "data")
NAMES = sorted(word for word, sort in WORDS.items() if sort is Sort.NAME)
ALSO_WORDS = sorted(word for word, sort in WORDS.items() if sort is Sort.ALSO_A_WORD)
PLACES = {"victoria park", "jordan road", "stanley street", "thimble"}


def is_place(phrase: str) -> bool:
    return phrase.casefold() in PLACES


def redacted(text: str) -> str:
    return check_text(text, WORDS, is_place).redacted


def kinds(text: str) -> set[str]:
    return set(check_text(text, WORDS, is_place).flags)


@pytest.mark.parametrize(
    ("case", "at_least"), [(str.title, 0.999), (str.upper, 0.99), (str.lower, 0.95)], ids=["Jordan", "JORDAN", "jordan"]
)
def test_nearly_every_name_of_the_list_is_found_in_the_middle_of_a_sentence(case, at_least):
    found = [name for name in NAMES if NameKind.FIRST_NAME in kinds(f"They saw {case(name)} by the wall.")]
    assert len(found) >= at_least * len(NAMES)


def test_a_name_that_is_also_a_word_is_found_by_its_capital_alone():
    missed = [name for name in ALSO_WORDS if not kinds(f"They saw {name.title()} by the wall.")]
    assert missed == []
    assert [name for name in ALSO_WORDS if kinds(f"They saw {name} by the wall.")] == []


@pytest.mark.parametrize(
    "text",
    [
        "Glass in Victoria Park and on Jordan Road.",
        "victoria park gates, Jordan Road end",
        "Will return tomorrow. Mark the spot. Grace period over; Hope this helps",
        "A fight began on Friday near Tesco, at the Library, in December",
        "Young people were chased. Others ran. They hid.",
        "WEAPON SEEN BY THE SHELTER. POLICE CALLED",
        "CCTV was out; PCSO told, ASB team told",
        "I think it was two of them and I'm sure",
        "- Bottles\n- Cans\n* Glass",
        "saw it by Thimble",
        "[phone removed] was rung",
        "the rest will mark the spot, with joy and grace",
    ],
)
def test_places_here_and_ordinary_words_are_left_standing(text):
    assert redacted(text) == text
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Saw Jordan's brother", f"Saw {NAME}'s brother"),
        ("Saw Jordan’s brother", f"Saw {NAME}’s brother"),
        ("it was Mary-Jane again", f"it was {NAME} again"),
        ("Zoë, Łukasz, José and Siân", f"{NAME}, {NAME}, {NAME} and {NAME}"),
        ("by JORDAN SMITH near the shop", f"by {NAME} near the shop"),
        ("JAYDEN WAS SEEN NEAR THE SHOP", f"{NAME} WAS SEEN NEAR THE SHOP"),
        ("then Jayden Okonkwo-Bright came", f"then {NAME} came"),
        ("Mr Thistlethwaite saw it", f"Mr {NAME} saw it"),
        ("a lad called Blade did it", f"a lad called {NAME} did it"),
        ("then Will came", f"then {NAME} came"),
        ("saw jayden there", f"saw {NAME} there"),
        ("with O'Connell there", f"with {NAME} there"),
        ("Jordan was in Victoria Park", f"{NAME} was in Victoria Park"),
        ("near Jordan", f"near {NAME}"),
        ("Jordan14 wrote it", f"{NAME}14 wrote it"),
    ],
)
def test_a_name_is_found_however_it_is_written(text, shown):
    assert redacted(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Will was seen here",  # a name that is also a word, where a sentence begins
        "saw blade there",  # no name of the list, and no capital
        "JD and TK were there",  # initials
        "with Victoria Park, who is fourteen in all but name",  # a person called as a place here
        "с Иваном",
    ],
)
def test_what_passes_is_what_the_module_says_passes(text):
    assert {kind for kind in kinds(text) if kind != NameKind.CAPITAL} == set() or "Иван" in text


def test_kinds_are_named_and_never_the_words():
    checked = check_text("saw Jayden, insta jd2010, b. 12/03/2010", WORDS, is_place)
    assert set(checked.flags) == {"first name", "handle", "date of birth"}
    assert checked.redacted == f"saw {NAME}, insta [handle removed], b. [date of birth removed]"


def test_a_place_of_one_word_clears_no_first_name():
    assert redacted("near Jordan") == f"near {NAME}"
    found = find_names("near Jordan", WORDS, lambda phrase: phrase == "Jordan")
    assert [one.kind for one in found] == [NameKind.FIRST_NAME]


PIECES = st.sampled_from([*NAMES[::400], "Jordan", "JORDAN'S", "Victoria Park", "Will", "Mr Khan", NAME, *"[].- '\n"])
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=12).map("".join)


@given(TEXTS)
@settings(max_examples=200)
def test_what_was_redacted_has_nothing_left_of_what_was_found(text):
    masked = mask_personal_details(text).text
    found = find_names(masked, WORDS, is_place)
    assert all(one.start < one.end for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    kept = redact_names(masked, found)
    assert kept.count(NAME) >= len(found)
    taken_out = sum(one.end - one.start for one in found)
    assert len(kept) == len(masked) - taken_out + len(NAME) * len(found)


@given(TEXTS, st.sampled_from([name for name in NAMES if len(name) > 3]))
def test_a_listed_name_with_a_capital_is_found_wherever_it_stands(text, name):
    written = f"{text} | {name.title()} | {text}"
    shown = check_text(written, WORDS, lambda _: False).redacted
    assert f"| {name.title()} |" not in shown


@given(TEXTS)
def test_every_phrase_that_is_asked_stands_in_the_text(text):
    assert all(phrase in text for phrase in phrases_to_ask(text, WORDS))


def test_the_list_holds_folded_words_once_each():
    assert all(fold_name(word) == word for word in WORDS)
    assert len(NAMES) > 5000


@pytest.mark.parametrize("unit", ["A", "a ", "Jordan ", "Jordan-", "Jordan's ", ". ", "A. ", "\n", "((("])
def test_a_long_text_made_to_be_hard_takes_no_time_to_speak_of(unit):
    text = (unit * 20_000)[:20_000]
    started = time.process_time()
    check_text(text, WORDS, is_place)
    assert time.process_time() - started < 3
