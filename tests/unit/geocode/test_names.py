import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.geocode.names import ends_like_a_street, find_postcode, name_similarity, normalise_name, normalise_postcode


@pytest.mark.parametrize(
    ("written", "norm"),
    [
        ("High St", "high street"),
        ("HIGH STREET", "high street"),
        ("St. John's Rd", "saint johns road"),
        ("Saint Johns Road", "saint johns road"),
        ("St Mary’s", "saint marys"),
        ("Moss St West", "moss street west"),
        ("Moss Ln W", "moss lane west"),
        ("The Avenue", "avenue"),
        ("Park Ave", "park avenue"),
        ("Bat & Ball Ln", "bat and ball lane"),
        ("On or near Mill Lane", "mill lane"),
        ("Dr Oak House", "dr oak house"),
        ("Oak Dr", "oak drive"),
        ("1st Avenue", "first avenue"),
        ("Château Pl.", "chateau place"),
        ("The", "the"),
        ("  ", ""),
        ("日本", ""),
    ],
)
def test_a_street_has_one_spelling(written: str, norm: str) -> None:
    assert normalise_name(written) == norm


@given(st.text(max_size=80))
def test_a_name_once_normalised_stays_as_it_is(text: str) -> None:
    once = normalise_name(text)
    assert normalise_name(once) == once


@given(st.text(alphabet="stndrewaoplc '.,&-13", max_size=40))
def test_a_name_of_abbreviations_once_normalised_stays_as_it_is(text: str) -> None:
    once = normalise_name(text)
    assert normalise_name(once) == once


@pytest.mark.parametrize(
    ("written", "norm"),
    [
        ("EH1  1BQ", "EH1 1BQ"),
        ("BS273QA", "BS27 3QA"),
        ("bs27 3qa", "BS27 3QA"),
        ("PR8 1SA.", "PR8 1SA"),
        ("L95 AN", "L9 5AN"),
        ("PR9 OPA", "PR9 0PA"),
        ("L1 lAA", "L1 1AA"),
        ("LI5 3AB", "L15 3AB"),
        ("0L1 2AB", "OL1 2AB"),
        ("S01 7AA", "SO1 7AA"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("W1A 1AA", "W1A 1AA"),
        ("XX1 1AA", "XX1 1AA"),
        ("M1 1AA, Manchester", "M1 1AA"),
        ("BL3", ""),
        ("PRIVATE", ""),
        ("", ""),
        ("EH1 1B", ""),
        ("12345", ""),
        ("M1 1CA", ""),
    ],
)
def test_a_postcode_has_one_spelling_or_is_none(written: str, norm: str) -> None:
    assert normalise_postcode(written) == norm


@given(st.text(max_size=40))
def test_no_text_breaks_the_postcode_reader(text: str) -> None:
    once = normalise_postcode(text)
    assert normalise_postcode(once) == once
    assert once == "" or len(once.split()) == 2


@given(st.from_regex(r"[A-Z]{1,2}[1-9][0-9]? [0-9][ABD-HJLNP-UW-Z]{2}", fullmatch=True))
def test_a_well_written_postcode_is_never_changed_beyond_a_known_area(postcode: str) -> None:
    norm = normalise_postcode(postcode)
    slips = str.maketrans({"O": "0", "I": "1"})
    assert norm.translate(slips) == postcode.translate(slips)


def test_a_postcode_is_found_inside_an_address() -> None:
    assert find_postcode("12 High Street, Elmside XX1 1AA") == ("XX1 1AA", "12 High Street, Elmside")
    assert find_postcode("A580 at junction 14") == ("", "A580 at junction 14")


def test_one_letter_is_a_slip_but_another_number_or_kind_of_street_is_not() -> None:
    assert name_similarity("mill lane", "mil lane") > 0.85
    assert name_similarity("high street", "hgih street") > 0.85
    assert name_similarity("first avenue", "third avenue") == 0
    assert name_similarity("unit 1 works", "unit 7 works") == 0
    assert name_similarity("mill road", "mill lane") == 0


def test_a_street_is_told_from_a_building_by_its_last_word() -> None:
    assert ends_like_a_street("moss lane west")
    assert not ends_like_a_street("elm park")
    assert not ends_like_a_street("street house")
    assert not ends_like_a_street("")
