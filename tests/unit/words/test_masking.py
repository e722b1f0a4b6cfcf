import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_geo.words.masking import Masked, mask_personal_details
from cs_geo.words.personal_details import DETAILS, SIGN_WORDS, SIGNS, TOKENS

# Numbers set aside for fiction and tests: Ofcom's drama ranges, the NHS's test number, the reserved prefix QQ.
FOUND = [
    ("phone number", "call 07700 900123 now", "call [phone removed] now"),
    ("phone number", "tel: 0151 496 0123.", "tel: [phone removed]."),
    ("phone number", "(0151) 496-0123", "[phone removed]"),
    ("phone number", "+44 7700 900 123", "[phone removed]"),
    ("phone number", "+44 (0)7700 900123", "[phone removed]"),
    ("phone number", "0044 151 496 0123", "[phone removed]"),
    ("phone number", "7700900123 without its nought", "[phone removed] without its nought"),
    ("phone number", "ring 496 0123", "ring [phone removed]"),
    ("phone number", "０７７００ ９００１２３", "[phone removed]"),
    ("phone number", "07700–900123", "[phone removed]"),
    ("phone number", "07700‑900‑123", "[phone removed]"),
    ("phone number", "07700 – 900 – 123", "[phone removed]"),
    ("phone number", "07700/900/123", "[phone removed]"),
    ("phone number", "ring 07700_900123 now", "ring [phone removed] now"),
    ("phone number", "+44/7700/900123", "[phone removed]"),
    ("e-mail address", "write to a.b+c@example.co.uk, please", "write to [e-mail removed], please"),
    ("e-mail address", "a.b (at) example.com", "[e-mail removed]"),
    ("web address", "see https://example.com/u/1?x=y.", "see [web address removed]."),
    ("web address", "www.example.org/a and example.com/a", "[web address removed] and [web address removed]"),
    ("web address", "t.me/someone", "[web address removed]"),
    ("handle", "posted by @some.one_14", "posted by [handle removed]"),
    ("handle", "snap: someone14", "snap: [handle removed]"),
    ("handle", "insta jd2010 was shown", "insta [handle removed] was shown"),
    ("handle", "added on snap as j_d.10", "added on snap as [handle removed]"),
    ("handle", "tiktok kayz07, whatsapp kz_99", "tiktok [handle removed], whatsapp [handle removed]"),
    ("handle", "whatsapp: somebody", "whatsapp: [handle removed]"),
    (
        "phone number",
        "ring oh seven seven double oh nine hundred one two three".replace("hundred", "zero zero"),
        "ring [phone removed]",
    ),
    ("phone number", "zero one five one, four nine six, oh one two three", "[phone removed]"),
    ("phone number", "it is oh-seven-seven-zero-zero-nine-double zero-one-two-three", "it is [phone removed]"),
    ("date of birth", "b. 12/03/2010", "b. [date of birth removed]"),
    ("date of birth", "a young person (b. 2010) left", "a young person (b. [date of birth removed]) left"),
    ("NHS number", "943 476 5919", "[NHS number removed]"),
    ("NHS number", "NHS no. 123 456 7890", "NHS no. [NHS number removed]"),
    ("NHS number", "NHS 943.476.5919", "NHS [NHS number removed]"),
    ("NHS number", "943–476–5919", "[NHS number removed]"),
    ("NHS number", "943/476/5919", "[NHS number removed]"),
    ("National Insurance number", "QQ 12 34 56 C", "[number removed]"),
    ("pupil number", "A823432108001", "[number removed]"),
    ("police number", "PNC 2010/0123456X", "PNC [number removed]"),
    ("vehicle plate", "a car, AB12 CDE, drove off", "a car, [plate removed], drove off"),
    ("vehicle plate", "ab12cde", "[plate removed]"),
    ("vehicle plate", "van ab12 old", "van [plate removed]"),
    ("vehicle plate", "A123 BCD", "[plate removed]"),
    ("vehicle plate", "ABC 123D", "[plate removed]"),
    ("vehicle plate", "moped p12 xyz", "moped [plate removed]"),
    ("vehicle plate", "reg XYZ 1234", "reg [plate removed]"),
    ("vehicle plate", "reg: LK-09-XYZ", "reg: [plate removed]"),
    ("vehicle plate", "car LK 09 XYZ", "car [plate removed]"),
    ("vehicle plate", "reg lk 09 xyz", "reg [plate removed]"),
    ("vehicle plate", "LK 09 XYZ was seen", "[plate removed] was seen"),
    ("vehicle plate", "LK–09–XYZ", "[plate removed]"),
    ("vehicle plate", "reg A 123 BCD", "reg [plate removed]"),
    ("date of birth", "DOB 14/04/2010", "DOB [date of birth removed]"),
    ("date of birth", "dob12/03/2010", "dob[date of birth removed]"),
    ("date of birth", "dob 01–02–2010", "dob [date of birth removed]"),
    ("date of birth", "d.o.b.: 14.4.10", "d.o.b.: [date of birth removed]"),
    ("date of birth", "born on the 3rd of March 2011", "born on the [date of birth removed]"),
    ("date of birth", "born in 2010", "born in [date of birth removed]"),
    ("date of birth", "date of birth\n2010-04-14", "date of birth\n[date of birth removed]"),
    ("date of birth", "14/04/2010 (dob)", "[date of birth removed] (dob)"),
    ("date of birth", "birthday is 3 March", "birthday is [date of birth removed]"),
    ("age", "a 14-year-old and a 15 year old", "a [age] and a [age]"),
    ("age", "14yo, 15 y/o, 13 yr old", "[age], [age], [age]"),
    ("age", "fourteen year olds", "[age]"),
    ("age", "aged 14 and 15", "aged [age]"),
    ("age", "Age: 14", "Age: [age]"),
    ("age", "just turned fifteen", "just turned [age]"),
    ("age", "a girl (14) and a boy, 15, left", "a girl ([age]) and a boy, [age], left"),
    ("age", "Year 9 pupils and Y10s", "[age] pupils and [age]"),
    ("house number", "outside 14 Elm Street", "outside [house number removed] Elm Street"),
    ("house number", "12-14a mill lane", "[house number removed] mill lane"),
    ("house number", "Flat 3, 14 Park Close", "[house number removed] Park Close"),
    ("house number", "at flat 12", "at [house number removed]"),
    ("house number", "lives at 14", "lives at [house number removed]"),
    ("house number", "outside no. 14", "outside no. [house number removed]"),
    ("postcode", "near ZZ9 9ZZ or zz99zz".replace("zz99zz", "ab19zz"), "near [postcode removed] or [postcode removed]"),
]


@pytest.mark.parametrize(("kind", "text", "masked"), FOUND)
def test_a_personal_detail_is_taken_out_of_a_note(kind, text, masked):
    assert mask_personal_details(text) == Masked(masked, (kind,))


@pytest.mark.parametrize(
    "text",
    [
        "On the A34 OFF the M60 near B1 BUS stop",
        "M60 THE junction, A580 AND A59",
        "Bus 86A and the 34a bus",
        "CH41 and L20",
        "14/04/2026 15:30 to 01.02.2026 15.30",
        "2026-04-14T15:30:00",
        "3 boys on Mill Road, 2 girls near High Street",
        "2 youths walk home, 10 people in park",
        "at 3 on the high street, at 7 pm",
        "86 bus on Mill Road, 15 street lights out",
        "met @ 3pm, @7:30",
        "14-16 year olds, aged 13 to 15",
        "last year 12 reports, for 2 years, 20 minutes",
        "334567 390123 and SJ 34567 89012",
        "53.408412, -2.991573",
        "Platform 2 Lime Street, bus 10 Smith Lane",
        "crime number 1234567890",
        "told.me nothing. Then.Next",
        "101 and 999",
        "3 cans, 12 bottles; shelter broken",
        "14–16 year olds – by the shop",
        "Car stopped on 14 Apr, van at 30 mph, bike in 10 min",
        "ON 14 APR, AT 30 MPH, IN 10 MIN, BY 20 MEN",
        "premises 00985/4000/2/000",
        "Flat B. 12 reports, in block b 12/03/2026, at 3b. 12/03/2026",
        "posted on snapchat at 10pm, on tiktok twice, insta story seen by 3 or 4, whatsapp group of 20",
        "oh no, one or two or three of them; zero tolerance for one, two, three or four years",
        "01/04/2024, 02/04/2024 and 03/04/2024 15:30",
        "SJ 03456 90123 and 0.4931247871, 54.1221239",
    ],
)
def test_what_only_looks_like_a_personal_detail_stays(text):
    assert mask_personal_details(text) == Masked(text)


def test_a_location_keeps_its_house_number_and_postcode_and_loses_the_rest():
    assert mask_personal_details("Flat 3, 14 Elm Street, AB1 9ZZ", is_location=True).found == ()
    masked = mask_personal_details(
        "14 Elm Street, AB1 9ZZ, ring 07700 900123, a@example.com, 943 476 5919, AB12 CDE, born 14/04/2010",
        is_location=True,
    )
    assert masked.text == (
        "14 Elm Street, AB1 9ZZ, ring [phone removed], [e-mail removed], [NHS number removed], [plate removed], "
        "born [date of birth removed]"
    )
    for place in (
        "0.4931247871, 54.1221239871",
        "0.493 54.1221",
        "SJ 03456 90123",
        "Gate at SJ0345690123",
        "sj 03456 90123",
        "NO 03456 90123",
        "SJ 9434765919",
        "CH 41 ASH Grove",
        "On or near A59",
        "Coffee@Market",
        "Pizza.com",
        "@no.6",
        "CH41 ASH Grove",
        "Year Lane",
        "Junction of A34 and B5178",
        "///filled.count.soap",
    ):
        assert mask_personal_details(place, is_location=True) == Masked(place)


def test_an_nhs_number_is_told_from_any_ten_figures_by_its_checksum():
    assert mask_personal_details("ref 9434765919").found == ("NHS number",)
    assert mask_personal_details("ref 9434765918").found == ()


def test_ten_figures_after_words_for_a_phone_are_no_grid_reference():
    assert mask_personal_details("TEL NO 01204 12345").found == ("phone number",)
    assert mask_personal_details("tel no 01204 12345", is_location=True).found == ("phone number",)


def test_line_breaks_stay():
    assert mask_personal_details("first\n07700 900123\n\nlast").text == "first\n[phone removed]\n\nlast"


def test_the_kinds_found_are_named_once_each_and_never_the_details():
    masked = mask_personal_details("07700 900123 or 07700 900456, aged 14")
    assert masked.found == ("phone number", "age")
    assert "07700" not in masked.text


PIECES = st.sampled_from(
    [text for _, text, _ in FOUND]
    + [
        *TOKENS,
        "@",
        "@a",
        ".",
        " ",
        "\n",
        "0",
        "7700",
        "AB12",
        " CDE",
        "14",
        "dob",
        "born ",
        "aged ",
        "Elm Street",
        ":",
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=12).map("".join), st.booleans())
@settings(max_examples=300)
def test_masking_what_was_masked_changes_nothing(text, is_location):
    masked = mask_personal_details(text, is_location=is_location).text
    assert mask_personal_details(masked, is_location=is_location) == Masked(masked)


@given(st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=12).map("".join))
def test_masking_never_lengthens_a_text_out_of_hand(text):
    # The shortest detail is two characters ("@a" does not count; "Y9" does), the longest words for one are 23.
    assert len(mask_personal_details(text).text) <= 12 * len(text) + max(map(len, TOKENS))


@given(st.sampled_from(FOUND), st.text(alphabet="abc \n.,", max_size=20), st.text(alphabet="abc \n.,", max_size=20))
def test_a_detail_is_found_wherever_it_stands(example, before, after):
    kind, text, _ = example
    assert kind in mask_personal_details(f"{before}\n{text}\n{after}").found


def test_the_quick_look_lets_no_detail_pass():
    for detail in DETAILS:
        for mark in detail.marks:
            assert detail.digits or SIGNS.search(mark) or any(word in mark for word in SIGN_WORDS), (detail.name, mark)


@pytest.mark.parametrize(
    "unit",
    ["a", "0", "1 ", "@a", "a@", "a.", "(", "http://", "www.", "born ", "AB12 ", "aged 14 and ", "12/", "snap:",
     "14 elm ", "flat ", "@a.@b.", "07700 900123 ", "14 a b ", "1.2.3.", "\n", "year ",
     "AB 12 ", "07700/", "0 - ", "943.476.", "SJ 03456 90123 ", "oh one ", "oh oh ", "insta a", "insta aa.", "b. "],
)  # fmt: skip
def test_a_hundred_thousand_characters_made_to_be_hard_take_no_time_to_speak_of(unit):
    text = (unit * 100_000)[:100_000]
    started = time.process_time()
    mask_personal_details(text)
    assert time.process_time() - started < 3
