import pytest

from cs_geo.words.wording import Phrase, load_phrases, suggest_wording

PHRASES = (
    Phrase("gang", "group", "a label"),
    Phrase("gang area", "place where exploitation is a concern", "a label"),
    Phrase("no-go area", "place where young people may need more safety", "a label"),
)


def test_a_phrase_is_found_as_it_was_written_with_what_could_be_said_instead():
    text = "Known as a No Go  area after dark."
    [suggestion] = suggest_wording(text, PHRASES)
    assert suggestion.written == "No Go  area"
    assert text[suggestion.start : suggestion.end] == suggestion.written
    assert suggestion.suggestion == "place where young people may need more safety"


def test_of_two_phrases_that_overlap_the_longer_speaks():
    assert [found.written for found in suggest_wording("a gang area, a gang", PHRASES)] == ["gang area", "gang"]


def test_part_of_a_word_is_no_phrase():
    assert suggest_wording("gangway, Gangadhar, ganging", PHRASES) == ()


def test_a_letter_that_folds_in_two_ways_breaks_nothing():
    assert suggest_wording("mıssıng ofſ İ", (Phrase("missing of", "x", "y"),)) == ()


def test_without_phrases_there_is_nothing_to_suggest():
    assert suggest_wording("gang", ()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "a crime hotspot", "gang nominal", "youths loitering outside", "young offenders", "hard to reach",
        "they failed to engage", "streetwise", "a lifestyle choice", "drug runner", "risk score 87", "cracked down",
        "nuisance youths",
    ],
)  # fmt: skip
def test_the_product_s_own_list_knows_what_the_field_has_stopped_saying(text):
    assert suggest_wording(text)


def test_what_the_list_suggests_is_not_itself_on_the_list():
    for phrase in load_phrases():
        assert phrase.reason
        assert suggest_wording(phrase.suggestion) == ()
