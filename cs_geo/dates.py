"""Reading when something happened, and saying dates in words.

In: up to four cells (day, time, end day, end time) as partners write them: ISO, day first or month first, month names,
month only, with or without an offset, or both ends in one cell. Out: an interval in the site's zone with the precision
that was written. No day is made up for a month and no time for a day; what cannot be a date is refused with what to do.

Choices that a reader may not expect:

* Midnight inside a date cell ("14/04/2026 00:00") is how spreadsheets write a day, and is read as one unless it carries
  an offset or the other end has a time. Midnight in a time column is midnight.
* A day or a month has no zone: only a time is moved from the source's zone to the site's.
* A local time that the clocks skipped in spring is moved on by the hour they skipped; one they repeated in autumn is
  taken as the first of the two. Both are said as a caution.
* A two-digit year is 1990 to 2089.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cs_geo.date_cells import (
    CLOCK,
    FIRST_DAY,
    LAST_DAY,
    MONTHS,
    NOTHING,
    DateOrder,
    DateRefused,
    Written,
    as_month,
    is_clock,
    read_clock,
    read_day,
    strip_weekday,
    tidy,
)
from cs_geo.errors import UsageError
from cs_geo.issues import Severity
from cs_geo.moments import DatePrecision, Occurred, TimeBand

__all__ = [
    "FIRST_DAY",
    "Caution",
    "DateOrder",
    "DateRefused",
    "ReadTime",
    "add_months",
    "days_of",
    "format_day",
    "format_window",
    "parse_day",
    "parse_when",
    "read_occurred",
    "require_window",
    "time_band_of",
]

LONGEST_NIGHT = timedelta(hours=12)
"""An end time earlier than its start belongs to the next day when the interval stays within this."""
LONG_INTERVAL = timedelta(days=366)
"""A longer interval is taken, with a caution: the year is often mistyped in January."""

_RANGE = re.compile(r" (?:to|until|till|-|–|—) |(?<=\d) ?[–—] ?(?=\d)")
_ISO_RANGE = re.compile(r"(\d{4}-\d{2}[^/]*)/(\d{4}-\d{2}[^/]*)")
# No seconds before the hyphen: 15:30:00-05:00 is a time with its offset.
_TAIL_RANGE = re.compile(r"(.+[ t]\d{1,2}(?:[:.]\d{2})?(?: ?[ap]m)?)-(\d{1,2}(?:[:.]\d{2})?(?: ?[ap]m)?)")
_CLOCK_RANGE = re.compile(r" ?(?:to|until|till|-|–|—) ?")

_CAUTIONS = {
    "long_interval": (Severity.WARN, "It is said to have lasted over a year.", "Check the year of both ends."),
    "time_without_day": (Severity.WARN, "A time without a day was left aside.", "Give the day."),
    "time_not_read": (
        Severity.WARN,
        "The time was not understood; the day was kept.",
        "Write the time as 15:30, or leave it out.",
    ),
    "two_times": (
        Severity.WARN,
        "The day's own cell holds another time; this column's was taken.",
        "Check which of the two is right.",
    ),
    "one_time_only": (
        Severity.WARN,
        "Only one end has a time; the days were kept and the time was not.",
        "Give both times, or none.",
    ),
    "midnight_read_as_day": (
        Severity.NOTE,
        "00:00 in a date cell was read as the day, without a time.",
        "If it was midnight, write the time in a column of its own.",
    ),
    "ends_next_day": (
        Severity.NOTE,
        "The end time was read as being on the next day.",
        "If it was not, correct the times or give the end day.",
    ),
    "clock_skipped": (
        Severity.NOTE,
        "The clocks skipped this time in spring; it was moved on by an hour.",
        "Correct the time if it is known better.",
    ),
    "clock_repeated": (
        Severity.NOTE,
        "The clocks showed this time twice in autumn; the first was taken.",
        "Write the offset (+00:00 or +01:00) if it is known.",
    ),
}


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a person should know about how a date was read."""

    field: str
    code: str
    severity: Severity
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ReadTime:
    """When it happened, and how that was read."""

    occurred: Occurred
    cautions: tuple[Caution, ...] = ()


@lru_cache(maxsize=65_536)
def read_occurred(
    day: str,
    clock: str = "",
    day_to: str = "",
    clock_to: str = "",
    *,
    zone: ZoneInfo,
    source_zone: ZoneInfo,
    order: DateOrder = "dmy",
    today: date,
    of_months: bool = False,
) -> ReadTime:
    """Read when something happened.

    Parameters
    ----------
    day, clock, day_to, clock_to
        Text as written. ``day`` may hold the time, or both ends ("14/04/2026 15:00 to 18:00"); ``clock`` may hold both
        times.
    zone
        The site's zone, in which the answer is given.
    source_zone
        The zone of times written without an offset.
    order
        How the source writes day, month and year in figures. A four-digit year in front is always read as year first.
    today
        Last day that is not yet the future, in the site's zone.
    of_months
        The column of ``day`` is one of months, so that the first day of a month stands for the month.

    Raises
    ------
    DateRefused
        If there is no such day or time, it lies in the future or before ``FIRST_DAY``, or the end precedes the start.
    """
    cautions: list[Caution] = []
    day, day_to, clock_to = _part_days(tidy(day), tidy(day_to), tidy(clock_to))
    clock, clock_to = _part_clocks(tidy(clock), clock_to)
    has_end_day = day_to not in NOTHING
    begin = read_day(day, order, "date")
    begin = _with_clock(as_month(begin) if of_months else begin, clock, "time", cautions)
    end = None
    if has_end_day:
        end = _with_clock(read_day(day_to, order, "date_to"), clock_to, "time_to", cautions)
    elif clock_to not in NOTHING:
        base = Written(begin.day, is_month=begin.is_month, offset=begin.offset)
        end = _with_clock(base, clock_to, "time_to", cautions)
    begin, end = _settle_midnights(begin, end, cautions)
    _refuse_outside(begin.day, today, "date")
    if end and has_end_day:
        _refuse_outside(end.day, today, "date_to")
    occurred = _interval(begin, end, zone, source_zone, cautions, rolls=not has_end_day)
    if _length(occurred.start, occurred.until) > LONG_INTERVAL:
        cautions.append(_caution("date_to", "long_interval"))
    return ReadTime(occurred, tuple(cautions))


def parse_when(
    text: str, *, zone: ZoneInfo, order: DateOrder = "dmy", source_zone: ZoneInfo | None = None, today: date = LAST_DAY
) -> tuple[datetime, datetime, DatePrecision]:
    """Read one cell: start, end and precision, in ``zone``. For a moment both ends are equal.

    Raises
    ------
    DateRefused
        As ``read_occurred``.
    """
    read = read_occurred(text, zone=zone, source_zone=source_zone or zone, order=order, today=today).occurred
    return read.start, read.until, read.precision


def parse_day(text: str, *, order: DateOrder = "dmy") -> date:
    """Read a day; a time beside it is left aside.

    Raises
    ------
    DateRefused
        If the text is no day, or only a month.
    """
    written = read_day(tidy(text), order, "date")
    if written.is_month:
        raise DateRefused("date_unreadable", "This is a month, not a day.", "Write it as 14/04/2026 or 2026-04-14.")
    return written.day


def _caution(field: str, code: str) -> Caution:
    return Caution(field, code, *_CAUTIONS[code])


def _part_days(day: str, day_to: str, clock_to: str) -> tuple[str, str, str]:
    """Part a date cell that holds both ends."""
    if day_to not in NOTHING:
        return day, day_to, clock_to
    whole = _ISO_RANGE.fullmatch(day) or _TAIL_RANGE.fullmatch(day)
    ends = list(whole.groups()) if whole else _RANGE.split(day)
    if len(ends) != 2:
        return day, day_to, clock_to
    first, second = ends[0].strip(), strip_weekday(ends[1].strip())
    if CLOCK.fullmatch(second) or is_clock(second):
        return first, day_to, second if clock_to in NOTHING else clock_to
    return first, second, clock_to


def _part_clocks(clock: str, clock_to: str) -> tuple[str, str]:
    """Part a time cell that holds both times: 18:00-20:30, 3pm to 6pm."""
    ends = _CLOCK_RANGE.split(clock)
    if len(ends) == 2 and clock_to in NOTHING and all(is_clock(end) for end in ends):
        return ends[0], ends[1]
    return clock, clock_to


def _with_clock(written: Written, text: str, field: str, cautions: list[Caution]) -> Written:
    """Give a day the time of its own column."""
    if text in NOTHING:
        return written
    if written.is_month:
        cautions.append(_caution(field, "time_without_day"))
        return written
    timed = read_clock(text, written, field)
    if timed is None:
        cautions.append(_caution(field, "time_not_read"))
        return written
    if written.clock is None:
        return replace(timed, offset=timed.offset or written.offset)
    if written.clock != timed.clock:
        cautions.append(_caution(field, "two_times"))
    return timed


def _settle_midnights(begin: Written, end: Written | None, cautions: list[Caution]) -> tuple[Written, Written | None]:
    """Decide whether 00:00 in a date cell was a time: it was when the other end has one."""
    if begin.at_midnight and end and end.clock is not None:
        begin = replace(begin, clock=time(0), at_midnight=False)
    if end and end.at_midnight and begin.clock is not None:
        end = replace(end, clock=time(0), at_midnight=False)
    if begin.at_midnight:
        cautions.append(_caution("date", "midnight_read_as_day"))
    return begin, end


def _refuse_outside(day: date, today: date, field: str) -> None:
    if day < FIRST_DAY:
        raise DateRefused("date_too_early", f"The date lies before {FIRST_DAY.year}.", "Correct the year.", field)
    if day > min(today, LAST_DAY):
        raise DateRefused(
            "date_future",
            "The date lies in the future.",
            "Correct the date; if the source writes day and month the other way round, say so in its mapping.",
            field,
        )


def _interval(
    begin: Written,
    end: Written | None,
    zone: ZoneInfo,
    source_zone: ZoneInfo,
    cautions: list[Caution],
    *,
    rolls: bool,
) -> Occurred:
    """The interval between two ends, as precise as the less precise one. ``rolls``: the end has no day of its own."""
    last = end or begin
    if begin.is_month or last.is_month:
        first = begin.day.replace(day=1)
        _refuse_backwards(first > last.day)
        until = add_months(last.day.replace(day=1), 1)
        return Occurred(_midnight(first, zone), _midnight(until, zone), DatePrecision.MONTH)
    if begin.clock is not None and (end is None or (end.clock is None and end.day == begin.day)):
        moment = _moment(begin, zone, source_zone, "time", cautions)
        return Occurred(moment, moment, DatePrecision.TIME)
    if begin.clock is None or last.clock is None:
        _refuse_backwards(begin.day > last.day)
        if begin.clock is not None or last.clock is not None:
            cautions.append(_caution("time", "one_time_only"))
        until = last.day + timedelta(days=1)
        return Occurred(_midnight(begin.day, zone), _midnight(until, zone), DatePrecision.DAY)
    start = _moment(begin, zone, source_zone, "time", cautions)
    ended = _moment(last, zone, source_zone, "time_to", cautions)
    if rolls and _length(start, ended) < timedelta():
        ended = _moment(replace(last, day=last.day + timedelta(days=1)), zone, source_zone, "time_to", [])
        _refuse_backwards(_length(start, ended) > LONGEST_NIGHT)
        cautions.append(_caution("time_to", "ends_next_day"))
    _refuse_backwards(_length(start, ended) < timedelta())
    return Occurred(start, ended, DatePrecision.TIME)


def _length(start: datetime, until: datetime) -> timedelta:
    """Time that passed. Python itself subtracts the wall clock when both ends share a zone: an hour off in autumn."""
    return until.astimezone(UTC) - start.astimezone(UTC)


def _refuse_backwards(is_backwards: bool) -> None:
    if is_backwards:
        raise DateRefused(
            "ends_before_start", "It is said to have ended before it began.", "Correct one of the two.", "date_to"
        )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _moment(written: Written, zone: ZoneInfo, source_zone: ZoneInfo, field: str, cautions: list[Caution]) -> datetime:
    """The instant of a day and time, in the site's zone."""
    clock = written.clock or time(0)
    day = written.day + timedelta(days=1) if written.next_day else written.day
    if written.offset is not None:
        return datetime.combine(day, clock, tzinfo=written.offset).astimezone(zone)
    local = datetime.combine(day, clock, tzinfo=source_zone)
    settled = local.astimezone(UTC).astimezone(source_zone)
    if settled.replace(tzinfo=None) != local.replace(tzinfo=None):
        cautions.append(_caution(field, "clock_skipped"))
    elif local.utcoffset() != local.replace(fold=1).utcoffset():
        cautions.append(_caution(field, "clock_repeated"))
    return settled.astimezone(zone)


_BANDS = (
    (time(6), TimeBand.NIGHT),
    (time(9), TimeBand.BEFORE_SCHOOL),
    (time(15), TimeBand.SCHOOL_DAY),
    (time(18), TimeBand.AFTER_SCHOOL),
    (time(21), TimeBand.EARLY_EVENING),
)
"""Where each band ends (practice.md §2.2); the last one ends at midnight."""


def time_band_of(occurred: Occurred) -> TimeBand:
    """The part of the day in which it happened, by the clock of the interval's own zone.

    An interval that ends exactly where a band ends lies in that band; one that crosses bands is ``SPREAD`` and is never
    forced into one of them.
    """
    if occurred.precision is not DatePrecision.TIME:
        return TimeBand.UNKNOWN
    start, until = occurred.start.replace(tzinfo=None), occurred.until.replace(tzinfo=None)
    band, last = TimeBand.LATE_EVENING, datetime.combine(start.date() + timedelta(days=1), time(0))
    for ends, candidate in _BANDS:
        if start.time() < ends:
            band, last = candidate, datetime.combine(start.date(), ends)
            break
    return band if until <= last else TimeBand.SPREAD


def days_of(occurred: Occurred) -> tuple[date, date]:
    """First and last day that an interval touches, by the clock of its own zone. Its end at midnight touches no day."""
    first, last = occurred.start.date(), occurred.until.date()
    if last > first and occurred.until.time() == time(0):
        last -= timedelta(days=1)
    return first, last


def add_months(day: date, months: int) -> date:
    """The same day some months on, or the month's last day where there is none: 31 January + 3 = 30 April."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def format_day(day: date) -> str:
    """A day in words: 14 April 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def format_window(since: date | None, until: date | None) -> str:
    """A window in words, both days included: "3 to 14 April 2026", "January to March 2026", "all dates"."""
    if since is None:
        return f"to {format_day(until)}" if until is not None else "all dates"
    if until is None:
        return f"from {format_day(since)}"
    if since.day == 1 and until == add_months(until.replace(day=1), 1) - timedelta(days=1):
        first, last = f"{MONTHS[since.month - 1]} {since.year}", f"{MONTHS[until.month - 1]} {until.year}"
    else:
        first, last = format_day(since), format_day(until)
    if first == last:
        return first
    if since.year == until.year:
        first = str(since.day) if since.month == until.month else first.removesuffix(f" {since.year}")
    return f"{first} to {last}"


def require_window(since: date | None, until: date | None) -> None:
    """Stop unless a window ends on or after the day it starts.

    Raises
    ------
    UsageError
        If its last day comes before its first.
    """
    if since is not None and until is not None and until < since:
        raise UsageError(
            f"This window ends on {format_day(until)}, before it starts on {format_day(since)}. "
            "Give the first day first, then the last."
        )
