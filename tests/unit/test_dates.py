from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_geo.dates import (
    DateRefused,
    add_months,
    days_of,
    format_day,
    format_window,
    parse_day,
    parse_when,
    read_occurred,
    require_window,
    time_band_of,
)
from cs_geo.errors import UsageError
from cs_geo.reports.report import DatePrecision, Occurred, Severity, TimeBand

LONDON = ZoneInfo("Europe/London")
UTC_ZONE = ZoneInfo("UTC")
TODAY = date(2026, 11, 23)


def read(*cells: str, order="dmy", source_zone=LONDON, of_months=False):
    return read_occurred(*cells, zone=LONDON, source_zone=source_zone, order=order, today=TODAY, of_months=of_months)


def when(*cells: str, **options):
    return read(*cells, **options).occurred


def codes(*cells: str, **options):
    return [caution.code for caution in read(*cells, **options).cautions]


def refusal(*cells: str, **options):
    with pytest.raises(DateRefused) as caught:
        read(*cells, **options)
    assert caught.value.remedy
    return caught.value.code, caught.value.field


@pytest.mark.parametrize(
    "text",
    [
        "2026-04-14",
        "2026/04/14",
        "2026.4.14",
        "20260414",
        "14/04/2026",
        "14/4/26",
        "14-04-2026",
        "14.04.2026",
        "14 April 2026",
        "14 Apr 2026",
        "14-Apr-26",
        "14th April 2026",
        "14th of April, 2026",
        "April 14, 2026",
        "April 14th 2026",
        "Tuesday 14 April 2026",
        "Tue, 14 Apr 2026",
        "  14  apr.  2026 ",
        "１４/０４/２０２６",
    ],
)
def test_every_way_partners_write_a_day_is_that_day(text):
    assert when(text) == Occurred(
        datetime(2026, 4, 14, tzinfo=LONDON), datetime(2026, 4, 15, tzinfo=LONDON), DatePrecision.DAY
    )


@pytest.mark.parametrize("text", ["2018-01", "01/2018", "1/2018", "January 2018", "Jan 2018", "Jan-2018", "Jan-18"])
def test_a_month_stays_a_month_and_no_day_is_made_up(text):
    assert when(text) == Occurred(
        datetime(2018, 1, 1, tzinfo=LONDON), datetime(2018, 2, 1, tzinfo=LONDON), DatePrecision.MONTH
    )


@pytest.mark.parametrize(
    "text",
    [
        "14/04/2026 15:30",
        "14/04/2026 15.30",
        "14/04/2026 1530",
        "14/04/2026 3:30 pm",
        "14/04/2026 3.30pm",
        "14/04/2026, 15:30",
        "14/04/2026 at 15:30",
        "14 April 2026 15:30 hrs",
        "2026-04-14 15:30:00",
        "2026-04-14T15:30",
        "2026-04-14T15:30:00.000",
        "2026-04-14T14:30:00Z",
        "2026-04-14T14:30:00+00:00",
        "2026-04-14 16:30:00+02",
        "2026-04-14T15:30:00+0100",
        "14/04/2026 15:30 BST",
    ],
)
def test_every_way_to_write_the_same_moment_is_the_same_moment(text):
    moment = datetime(2026, 4, 14, 15, 30, tzinfo=LONDON)
    occurred = when(text)
    assert occurred == Occurred(moment, moment, DatePrecision.TIME)
    assert occurred.start.tzinfo is LONDON


def test_a_time_in_its_own_column_belongs_to_the_day():
    moment = datetime(2026, 4, 14, 15, 30, tzinfo=LONDON)
    for clock in ("15:30", "15:30:00", "1530", "3.30pm", "15h30"):
        assert when("14/04/2026", clock) == Occurred(moment, moment, DatePrecision.TIME)
    # A spreadsheet writes a day as its midnight; the time column tells the time.
    assert when("2026-04-14 00:00:00", "15:30") == Occurred(moment, moment, DatePrecision.TIME)
    assert when("14/04/2026", "noon").start.hour == 12


def test_midnight_in_a_date_cell_is_a_day_and_in_a_time_column_a_time():
    assert when("2026-04-14 00:00:00").precision is DatePrecision.DAY
    assert codes("14/04/2026 00:00") == ["midnight_read_as_day"]
    assert when("14/04/2026", "00:00").precision is DatePrecision.TIME
    assert when("2026-04-14T00:00:00Z").start == datetime(2026, 4, 14, 1, 0, tzinfo=LONDON)


def test_times_of_a_source_that_writes_utc_are_moved_to_london():
    assert when("2015-06-30 23:30", source_zone=UTC_ZONE).start == datetime(2015, 7, 1, 0, 30, tzinfo=LONDON)
    assert when("2015-01-31T23:30:00", source_zone=UTC_ZONE).start == datetime(2015, 1, 31, 23, 30, tzinfo=LONDON)
    # A day has no zone and stays that day.
    assert when("30/06/2015", source_zone=UTC_ZONE).start == datetime(2015, 6, 30, tzinfo=LONDON)


def test_a_time_the_clocks_skipped_is_moved_on_and_said():
    assert when("29/03/2026 01:30").start.isoformat() == "2026-03-29T02:30:00+01:00"
    assert codes("29/03/2026 01:30") == ["clock_skipped"]


def test_a_time_the_clocks_showed_twice_is_the_first_and_said():
    assert when("25/10/2026 01:30").start.isoformat() == "2026-10-25T01:30:00+01:00"
    assert codes("25/10/2026 01:30") == ["clock_repeated"]
    assert when("2026-10-25T01:30:00+00:00").start.isoformat() == "2026-10-25T01:30:00+00:00"
    assert codes("2026-10-25T01:30:00+00:00") == []
    # From twenty to two (summer time) to ten past one (winter time): half an hour, although the clock went back.
    night = when("2026-10-25T01:40:00+01:00", "", "2026-10-25T01:10:00+00:00")
    assert night.until.astimezone(UTC) - night.start.astimezone(UTC) == timedelta(minutes=30)
    assert time_band_of(night) is TimeBand.NIGHT


@pytest.mark.parametrize(
    ("cells", "code", "field"),
    [
        (("31/02/2026",), "date_impossible", "date"),
        (("2026-13-01",), "date_impossible", "date"),
        (("14/13/2026",), "date_impossible", "date"),
        (("2026-00",), "date_impossible", "date"),
        (("00/00/0000",), "date_impossible", "date"),
        (("14/04/2026 25:00",), "time_impossible", "date"),
        (("14/04/2026", "25:00"), "time_impossible", "time"),
        (("14/04/2026", "13:75"), "time_impossible", "time"),
        (("14/04/2026", "13pm"), "time_impossible", "time"),
        (("14/04/2026", "0.6458"), "time_serial", "time"),
        (("14/04/2026", "half past 3"), "time_unreadable", "time"),
        (("45123",), "date_serial", "date"),
        (("45123.5",), "date_serial", "date"),
        (("24/11/2026",), "date_future", "date"),
        (("2027-01",), "date_future", "date"),
        (("31/12/1989",), "date_too_early", "date"),
        (("01/01/0001",), "date_too_early", "date"),
        (("9999-12-31",), "date_future", "date"),
        (("",), "date_missing", "date"),
        (("n/a",), "date_missing", "date"),
        (("last Tuesday",), "date_unreadable", "date"),
        (("2026",), "date_unreadable", "date"),
        (("14/04",), "date_unreadable", "date"),
        (("14/04/2026 evening",), "date_unreadable", "date"),
        (("14/04/2026", "", "31/02/2026"), "date_impossible", "date_to"),
        (("14/04/2026", "", "24/11/2026"), "date_future", "date_to"),
        (("14/04/2026", "", "13/04/2026"), "ends_before_start", "date_to"),
        (("14/04/2026", "15:00", "14/04/2026", "14:00"), "ends_before_start", "date_to"),
        (("14/04/2026", "15:00", "", "14:00"), "ends_before_start", "date_to"),
        (("14/04/2026", "15:00", "", "26:00"), "time_impossible", "time_to"),
        (("x" * 5000,), "date_unreadable", "date"),
    ],
)
def test_what_cannot_be_a_date_is_refused_with_the_field_and_a_remedy(cells, code, field):
    assert refusal(*cells) == (code, field)


def test_today_is_not_the_future():
    assert when("23/11/2026").start.date() == TODAY
    assert when("November 2026").precision is DatePrecision.MONTH


@pytest.mark.parametrize(
    "text", ["2022-01-01", "01/01/2022", "2022-01-01 00:00:00", "2022-01", "Jan-22", "2022-01-01T00:00:00Z"]
)
def test_in_a_column_of_months_the_first_day_stands_for_its_month(text):
    assert when(text, of_months=True) == when("January 2022")
    assert codes(text, of_months=True) == []


def test_in_a_column_of_months_another_day_or_a_time_stays_what_it_is():
    assert when("2022-01-14", of_months=True) == when("2022-01-14")
    assert when("2022-01-01 15:30", of_months=True) == when("2022-01-01 15:30")


def test_day_and_month_are_read_in_the_order_of_the_source():
    assert when("03/04/2026").start.date() == date(2026, 4, 3)
    assert when("03/04/2026", order="mdy").start.date() == date(2026, 3, 4)
    assert when("26/04/03", order="ymd").start.date() == date(2026, 4, 3)
    assert refusal("04/14/2026") == ("date_impossible", "date")
    assert when("04/14/2026", order="mdy").start.date() == date(2026, 4, 14)
    assert when("2026-04-03", order="mdy").start.date() == date(2026, 4, 3)


def test_both_ends_may_stand_in_one_cell_or_in_several():
    expected = Occurred(
        datetime(2026, 4, 14, 15, tzinfo=LONDON), datetime(2026, 4, 14, 18, tzinfo=LONDON), DatePrecision.TIME
    )
    for cells in (
        ("14/04/2026", "15:00", "14/04/2026", "18:00"),
        ("14/04/2026", "15:00", "", "18:00"),
        ("14/04/2026", "15:00-18:00"),
        ("14/04/2026", "3pm to 6pm"),
        ("14/04/2026 15:00", "", "14/04/2026 18:00"),
        ("14/04/2026 15:00 to 18:00",),
        ("14/04/2026 15:00 – 18:00",),
        ("14/04/2026 15:00-18:00",),
        ("14/04/2026 15:00 - 14/04/2026 18:00",),
        ("2026-04-14T15:00/2026-04-14T18:00",),
        ("2026-04-14T14:00:00Z/2026-04-14T17:00:00Z",),
    ):
        assert when(*cells) == expected, cells
        assert codes(*cells) == []


def test_days_in_an_interval_keep_day_precision():
    expected = Occurred(datetime(2026, 4, 14, tzinfo=LONDON), datetime(2026, 4, 17, tzinfo=LONDON), DatePrecision.DAY)
    assert when("14/04/2026", "", "16/04/2026") == expected
    assert when("14 April 2026 to 16 April 2026") == expected
    assert when("14/04/2026", "20:00", "16/04/2026") == expected
    assert codes("14/04/2026", "20:00", "16/04/2026") == ["one_time_only"]
    assert when("2026-04", "", "2026-05").until == datetime(2026, 6, 1, tzinfo=LONDON)


def test_an_end_time_after_midnight_is_the_next_day_and_said():
    night = when("14/04/2026", "23:00", "", "01:00")
    assert night.until == datetime(2026, 4, 15, 1, tzinfo=LONDON)
    assert codes("14/04/2026", "23:00", "", "01:00") == ["ends_next_day"]


def test_what_is_not_understood_beside_a_day_leaves_the_day_and_a_warning():
    assert when("14/04/2026", "evening").precision is DatePrecision.DAY
    [caution] = read("14/04/2026", "evening").cautions
    assert (caution.code, caution.field, caution.severity) == ("time_not_read", "time", Severity.WARN)
    assert codes("14/04/2026 15:00", "16:00") == ["two_times"]
    assert when("14/04/2026 15:00", "16:00").start.hour == 16
    assert codes("2026-04", "15:00") == ["time_without_day"]
    assert codes("14/04/2025", "", "16/04/2026") == ["long_interval"]
    assert codes("14/04/2026", "unknown") == []


@pytest.mark.parametrize(
    ("begin", "end", "band"),
    [
        ("06:00", "", TimeBand.BEFORE_SCHOOL),
        ("05:59", "", TimeBand.NIGHT),
        ("09:00", "", TimeBand.SCHOOL_DAY),
        ("14:59:59", "", TimeBand.SCHOOL_DAY),
        ("15:00", "18:00", TimeBand.AFTER_SCHOOL),
        ("18:00", "", TimeBand.EARLY_EVENING),
        ("15:00", "18:01", TimeBand.SPREAD),
        ("21:00", "24:00", TimeBand.LATE_EVENING),
        ("00:00", "06:00", TimeBand.NIGHT),
        ("23:00", "01:00", TimeBand.SPREAD),
        ("17:00", "19:00", TimeBand.SPREAD),
    ],
)
def test_an_interval_that_crosses_bands_is_spread_and_never_forced_into_one(begin, end, band):
    assert time_band_of(when("14/04/2026", begin, "", end)) is band


def test_without_a_time_the_band_is_unknown():
    assert time_band_of(when("14/04/2026")) is TimeBand.UNKNOWN
    assert time_band_of(when("2026-04")) is TimeBand.UNKNOWN


def test_a_week_of_evenings_is_spread():
    assert time_band_of(when("14/04/2026", "19:00", "21/04/2026", "20:00")) is TimeBand.SPREAD


def test_the_days_of_an_interval_leave_out_the_day_on_whose_midnight_it_ends():
    assert days_of(when("14/04/2026")) == (date(2026, 4, 14), date(2026, 4, 14))
    assert days_of(when("2026-04")) == (date(2026, 4, 1), date(2026, 4, 30))
    assert days_of(when("14/04/2026", "21:00", "", "24:00")) == (date(2026, 4, 14), date(2026, 4, 14))
    assert days_of(when("14/04/2026", "23:00", "", "01:00")) == (date(2026, 4, 14), date(2026, 4, 15))


def test_one_cell_can_be_read_alone():
    assert parse_when("2018-01", zone=LONDON) == (
        datetime(2018, 1, 1, tzinfo=LONDON),
        datetime(2018, 2, 1, tzinfo=LONDON),
        DatePrecision.MONTH,
    )
    assert parse_day("14/04/2026 15:30") == date(2026, 4, 14)
    with pytest.raises(DateRefused):
        parse_day("2026-04")


@given(st.dates(date(1990, 1, 1), TODAY), st.times())
def test_whatever_is_written_in_iso_is_read_back(day, clock):
    assert when(day.isoformat()).start == datetime(day.year, day.month, day.day, tzinfo=LONDON)
    assert parse_day(f"{day:%d/%m/%Y}") == day
    assert parse_day(format_day(day)) == day
    written = datetime.combine(day, clock, tzinfo=UTC).replace(microsecond=0)
    if written.astimezone(LONDON).date() <= TODAY:
        assert when(written.isoformat()).start == written


@given(
    st.lists(st.one_of(st.text(max_size=30), st.from_regex(r"[0-9/:.\- TZapm]{0,25}", fullmatch=True)), max_size=4),
    st.sampled_from(["dmy", "mdy", "ymd"]),
)
@settings(max_examples=400)
def test_no_text_breaks_the_reader_and_what_it_reads_is_in_order(cells, order):
    try:
        occurred = when(*(cells or [""]), order=order)
    except DateRefused:
        return
    assert occurred.start.astimezone(UTC) <= occurred.until.astimezone(UTC)
    assert date(1990, 1, 1) <= occurred.start.date()


def test_a_quarter_after_the_end_of_january_is_the_end_of_april():
    assert add_months(date(2026, 1, 31), 3) == date(2026, 4, 30)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2026, 11, 15), 3) == date(2027, 2, 15)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)


@given(st.dates(date(1990, 1, 1), date(2080, 1, 1)), st.integers(-36, 36))
def test_adding_months_keeps_their_order(day, months):
    assert add_months(day, months) < add_months(day, months + 1)
    assert (add_months(day, months).month - day.month - months) % 12 == 0


def test_days_and_windows_are_said_in_words():
    assert format_day(date(2026, 4, 4)) == "4 April 2026"
    windows = [
        (date(2026, 4, 14), date(2026, 4, 14), "14 April 2026"),
        (date(2026, 4, 3), date(2026, 4, 14), "3 to 14 April 2026"),
        (date(2026, 4, 14), date(2026, 5, 3), "14 April to 3 May 2026"),
        (date(2025, 12, 20), date(2026, 1, 4), "20 December 2025 to 4 January 2026"),
        (date(2026, 1, 1), date(2026, 1, 31), "January 2026"),
        (date(2026, 1, 1), date(2026, 3, 31), "January to March 2026"),
        (date(2025, 11, 1), date(2026, 1, 31), "November 2025 to January 2026"),
        (date(2026, 4, 3), None, "from 3 April 2026"),
        (None, date(2026, 4, 3), "to 3 April 2026"),
        (None, None, "all dates"),
    ]
    for since, until, words in windows:
        assert format_window(since, until) == words


def test_a_window_that_ends_before_it_starts_is_refused():
    require_window(date(2026, 4, 1), date(2026, 4, 1))
    require_window(None, date(2026, 4, 1))
    with pytest.raises(UsageError, match="ends on 1 April 2026, before it starts on 1 May 2026"):
        require_window(date(2026, 5, 1), date(2026, 4, 1))


def test_bands_follow_each_other_round_the_clock():
    hours = [time_band_of(when("14/04/2026", f"{hour:02d}:00")) for hour in range(24)]
    assert len([1 for one, other in pairwise(hours) if one is not other]) == 5
    assert TimeBand.UNKNOWN not in hours
    assert TimeBand.SPREAD not in hours
