import random
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from cs_geo.reports.identity import FileFingerprint, OccurrenceCounter, identify
from cs_geo.reports.report import (
    DatePrecision,
    DayType,
    EffortSession,
    Kind,
    LocationGiven,
    Occurred,
    Report,
    Term,
    TimeBand,
)

LONDON = ZoneInfo("Europe/London")
MOMENT = datetime(2026, 4, 14, 15, 30, tzinfo=LONDON)
REPORT = Report(
    kind=Kind.CONCERN,
    occurred=Occurred(MOMENT, MOMENT, DatePrecision.TIME),
    location=LocationGiven(text="Elm Park", postcode="AB1 9ZZ", longitude="-2.990", latitude="53.4"),
    source_type="resident",
    harm_types=("damage", "noise_nuisance"),
    note="Adults handed round vapes",
)
SESSION = EffortSession("observation", MOMENT, MOMENT, 2, 1.0, LocationGiven(text="Elm Park"))


def content(record=REPORT, source="council"):
    return identify(source, [], record).content


def test_a_row_with_a_key_is_known_by_source_and_key():
    assert identify("council", ["A 1"], REPORT).key == identify("Council", [" a  1"], SESSION).key
    assert identify("council", ["A1"], REPORT).key != identify("police", ["A1"], REPORT).key
    assert identify("council", ["A", "1"], REPORT).key != identify("council", ["A1", ""], REPORT).key
    assert len(identify("council", ["A1"], REPORT).key or b"") == 16


def test_a_row_whose_key_is_blank_has_none():
    assert identify("council", [], REPORT).key is None
    assert identify("council", ["", "  "], REPORT).key is None


def test_what_is_derived_changes_no_identity():
    assert content(replace(REPORT, time_band=TimeBand.SPREAD, day_type=DayType.WEEKEND, term=Term.HOLIDAY)) == content()


def test_the_same_said_another_way_is_the_same():
    same = replace(
        REPORT,
        occurred=Occurred(MOMENT.astimezone(UTC), MOMENT.astimezone(UTC), DatePrecision.TIME),
        location=LocationGiven(text="ELM  park ", postcode="ab19zz", longitude="-2.99", latitude="53.400"),
        harm_types=("noise_nuisance", "damage"),
        note="adults handed\nround vapes",
    )
    assert content(same) == content()


def test_anything_the_source_said_differently_is_another_content():
    others = [
        replace(REPORT, kind=Kind.INCIDENT),
        replace(REPORT, occurred=Occurred(MOMENT, MOMENT, DatePrecision.DAY)),
        replace(REPORT, reported_on=date(2026, 4, 15)),
        replace(REPORT, location=replace(REPORT.location, text="Elm Parks")),
        replace(REPORT, location=replace(REPORT.location, text="", place="Elm Park")),
        replace(REPORT, location=replace(REPORT.location, longitude="-2.991")),
        replace(REPORT, location=replace(REPORT.location, longitude="53.4", latitude="-2.99")),
        replace(REPORT, source_type="anonymous"),
        replace(REPORT, agency="police"),
        replace(REPORT, directness="system_record"),
        replace(REPORT, harm_types=("damage",)),
        replace(REPORT, police_category="drugs"),
        replace(REPORT, asb_qualifier="personal"),
        replace(REPORT, presence_only=True),
        replace(REPORT, severity_band="s1"),
        replace(REPORT, young_people_band="none"),
        replace(REPORT, who_causes_harm="both"),
        replace(REPORT, what_helped="x"),
        replace(REPORT, note=""),
        replace(REPORT, note="", outcome=REPORT.note),
        replace(REPORT, safeguarding_answer="yes"),
    ]
    assert len({content(other) for other in [REPORT, *others]}) == len(others) + 1
    assert content(source="police") != content()
    assert content(SESSION) != content(replace(SESSION, staff_hours=None))


def test_an_hour_the_clocks_repeat_is_two_moments():
    first, second = (datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=fold) for fold in (0, 1))
    assert content(replace(REPORT, occurred=Occurred(first, first, DatePrecision.TIME))) != content(
        replace(REPORT, occurred=Occurred(second, second, DatePrecision.TIME))
    )


def test_a_separator_inside_a_text_does_not_move_the_border_between_two():
    assert content(replace(REPORT, what_helped="a\x1fb", note="")) != content(
        replace(REPORT, what_helped="a", note="b")
    )


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_has_an_identity(note, key):
    assert len(identify("council", [key], replace(REPORT, note=note)).content) == 16


def test_equal_rows_of_one_file_are_numbered():
    counter = OccurrenceCounter()
    one, other = content(), content(SESSION)
    assert [counter.number(digest) for digest in (one, other, one, one, other)] == [1, 1, 2, 3, 2]


def fingerprint(rows: list[dict[str, str]]) -> bytes:
    running = FileFingerprint()
    for row in rows:
        running.add(row)
    return running.value()


ROWS = st.lists(st.fixed_dictionaries({"a": st.sampled_from("xyz"), "b": st.sampled_from(["", "1", "2"])}), max_size=8)


@given(ROWS, st.randoms(use_true_random=False))
def test_a_file_is_the_same_in_any_order_of_rows(rows, chance: random.Random):
    mixed = list(rows)
    chance.shuffle(mixed)
    assert fingerprint(mixed) == fingerprint(rows)


@given(ROWS, ROWS)
def test_a_file_with_other_rows_or_another_number_of_them_is_another_file(rows, others):
    def counted(table: list[dict[str, str]]) -> list[str]:
        return sorted(str(sorted((name, text) for name, text in row.items() if text)) for row in table)

    assert (fingerprint(rows) == fingerprint(others)) == (counted(rows) == counted(others))


def test_columns_in_another_order_and_empty_ones_leave_the_file_the_same():
    assert fingerprint([{"a": "1", "b": "2"}]) == fingerprint([{"b": "2", "c": "", "a": "1"}])
    assert fingerprint([{"a": "1\x1fb=2"}]) != fingerprint([{"a": "1", "b": "2"}])
    assert fingerprint([]) != fingerprint([{}])
