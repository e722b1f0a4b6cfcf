from itertools import product

import pytest

from cs_geo.hotspots.baselines import AGAINST, BaselineKind, Question
from cs_geo.hotspots.chance import Grade, Untested
from cs_geo.hotspots.chance_words import (
    LIMITS,
    NOT_TESTED,
    STEADINESS,
    STEADY_MEANS,
    UNTESTED,
    chance_sentence,
    drawing_sentence,
    expected_words,
    grade_words,
    stability_sentence,
)
from cs_geo.hotspots.stability import Steadiness

STREETS = AGAINST[BaselineKind.STREETS]


def say(**changed):
    told = {
        "counted": 28,
        "expected": 7.4,
        "as_strong": 0,
        "maps": 199,
        "baseline": STREETS,
        "question": "concentrated",
    }
    return chance_sentence(**{**told, **changed})


def test_the_baseline_and_the_maps_stand_in_the_sentence():
    assert say() == (
        "28 reports, where about 7.4 would be expected by the length of walkable streets and paths. Of 199 random maps "
        "none had a concentration this strong anywhere."
    )


def test_a_rise_is_called_a_rise_and_maps_as_strong_are_counted():
    assert say(as_strong=12, question="risen").endswith("Of 199 random maps 12 had a rise this strong anywhere.")


@pytest.mark.parametrize("reason", list(Untested))
def test_what_was_not_tested_says_why(reason):
    assert say(untested=reason) == UNTESTED[reason]


@pytest.mark.parametrize(
    ("expected", "words"), [(0.01, "next to none"), (0.4, "about 0.4"), (9.96, "about 10"), (1234.5, "about 1,234")]
)
def test_expected_counts_are_no_more_exact_than_they_are(expected, words):
    assert expected_words(expected) == words


@pytest.mark.parametrize(("grade", "question"), product(Grade, Question))
def test_every_grade_has_words_for_either_question(grade, question):
    words = grade_words(grade, question)
    assert (words == NOT_TESTED) == (grade is Grade.NOT_TESTED)


@pytest.mark.parametrize("steadiness", list(Steadiness))
def test_every_steadiness_has_words(steadiness):
    assert STEADINESS[steadiness] in {"Steady", "Fair", "Fragile"}
    assert STEADY_MEANS[steadiness].endswith(".")


def test_nobody_is_said_to_be_sure_and_nothing_is_scored():
    said = " ".join([
        say(), drawing_sentence(reports=50, maps=199, baseline=STREETS, question="concentrated"),
        drawing_sentence(reports=50, maps=199, baseline="the same places' own past", question="risen"),
        stability_sentence(moved_found=80, moved=99, settings_found=4, settings=4), *LIMITS, *UNTESTED.values(),
    ])  # fmt: skip
    for word in ("sure", "score", "significant", "%", "safe", "risk", "proven"):
        assert word not in said.lower().split()
