from datetime import date
from zoneinfo import ZoneInfo

from cs_geo.calendars import PeriodKind, SchoolCalendar, read_calendar
from cs_geo.dates import read_occurred
from cs_geo.reports.report import DayType, Severity, Term

LONDON = ZoneInfo("Europe/London")

ROWS = [
    {"kind": "term", "name": "Autumn", "starts": "01/09/2025", "ends": "19/12/2025"},
    {"kind": "Half-term", "name": "Autumn half-term", "starts": "27/10/2025", "ends": "31/10/2025"},
    {"kind": "term", "name": "Spring", "starts": "2026-01-05", "ends": "2026-03-27"},
    {"kind": "half term", "name": "", "starts": "16 February 2026", "ends": "20 February 2026"},
    {"kind": "bank_holiday", "name": "Christmas Day", "starts": "25/12/2025", "ends": ""},
]


def calendar() -> SchoolCalendar:
    made, issues = read_calendar(enumerate(ROWS, start=2))
    assert issues == []
    return made


def test_a_day_is_in_term_at_half_term_or_in_the_holidays():
    year = calendar()
    assert year.term_of(date(2025, 9, 10)) is Term.TERM
    assert year.term_of(date(2025, 10, 29)) is Term.HALF_TERM
    assert year.term_of(date(2025, 12, 27)) is Term.HOLIDAY  # only terms are listed: the gap between them is holiday


def test_without_a_calendar_or_outside_it_everything_is_unknown():
    for year, day in (
        (SchoolCalendar(), date(2025, 9, 10)),
        (calendar(), date(2026, 8, 1)),
        (calendar(), date(2024, 1, 1)),
    ):
        assert year.term_of(day) is Term.UNKNOWN
        assert year.day_type_of(day) is DayType.UNKNOWN


def test_what_sort_of_day_it_was():
    year = calendar()
    assert year.day_type_of(date(2025, 9, 10)) is DayType.SCHOOL_DAY
    assert year.day_type_of(date(2025, 9, 13)) is DayType.WEEKEND
    assert year.day_type_of(date(2025, 10, 29)) is DayType.HOLIDAY_WEEKDAY
    assert year.day_type_of(date(2025, 12, 25)) is DayType.BANK_HOLIDAY


def test_the_weekends_around_a_listed_half_term_belong_to_it():
    rows = [
        {"kind": "term", "starts": "05/01/2026", "ends": "13/02/2026"},
        {"kind": "half_term", "starts": "16/02/2026", "ends": "20/02/2026"},
        {"kind": "term", "starts": "23/02/2026", "ends": "27/03/2026"},
    ]
    year, _ = read_calendar(enumerate(rows, start=2))
    assert year.term_of(date(2026, 2, 14)) is Term.HALF_TERM
    assert year.term_of(date(2026, 2, 22)) is Term.HALF_TERM
    assert year.term_of(date(2026, 2, 13)) is Term.TERM


def test_a_year_that_nobody_listed_is_unknown_and_not_one_long_holiday():
    rows = [
        {"kind": "term", "starts": "04/09/2023", "ends": "20/12/2023"},
        {"kind": "term", "starts": "01/09/2025", "ends": "19/12/2025"},
    ]
    year, _ = read_calendar(enumerate(rows, start=2))
    assert year.term_of(date(2024, 5, 1)) is Term.UNKNOWN


def test_an_interval_has_the_answer_of_its_days_if_they_agree():
    year = calendar()

    def place(*cells: str) -> tuple[Term, DayType]:
        read = read_occurred(*cells, zone=LONDON, source_zone=LONDON, today=date(2026, 11, 23))
        return year.place_in_year(read.occurred)

    assert place("10/09/2025") == (Term.TERM, DayType.SCHOOL_DAY)
    assert place("12/09/2025", "23:00", "", "01:00") == (Term.TERM, DayType.SCHOOL_DAY)  # a Friday night
    assert place("12/09/2025", "", "13/09/2025") == (Term.TERM, DayType.UNKNOWN)  # Friday to Saturday
    assert place("24/10/2025", "", "28/10/2025") == (Term.UNKNOWN, DayType.UNKNOWN)
    assert place("2025-09") == (Term.UNKNOWN, DayType.UNKNOWN)


def test_a_row_that_cannot_be_taken_is_an_issue_and_the_others_stay():
    rows = [
        {"kind": "term", "starts": "01/09/2025", "ends": "19/12/2025"},
        {"kind": "inset", "starts": "01/09/2025", "ends": "01/09/2025"},
        {"kind": "term", "starts": "31/02/2026", "ends": "27/03/2026"},
        {"kind": "term", "starts": "05/01/2026", "ends": "27/03/2025"},
        {"kind": "term", "starts": "05/01/2025", "ends": "27/03/2026"},
        {"kind": "", "starts": "", "ends": ""},
    ]
    year, issues = read_calendar(enumerate(rows, start=2))
    assert [period.kind for period in year.periods] == [PeriodKind.TERM]
    assert [(issue.line, issue.column, issue.code) for issue in issues] == [
        (3, "kind", "calendar_kind"),
        (4, "starts", "date_impossible"),
        (5, "ends", "calendar_length"),
        (6, "ends", "calendar_length"),
        (7, "kind", "calendar_kind"),
    ]
    assert {issue.severity for issue in issues} == {Severity.REJECT}


def test_calendars_of_the_same_periods_are_equal():
    assert calendar() == calendar()
    assert calendar() != SchoolCalendar()
