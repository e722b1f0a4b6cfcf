"""One cell that holds a day, a month or a time, read as it was written and before any zone.

In: text of one cell. Out: ``Written``, or ``DateRefused`` with the reason and the remedy. How two ends become an
interval, and which choices are made on the way, is told in ``cs_geo.dates``.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, date, time, timedelta, timezone
from functools import lru_cache
from typing import Literal

from cs_geo.errors import RefusedInput

DateOrder = Literal["dmy", "mdy", "ymd"]
"""How a source writes day, month and year in figures."""

FIRST_DAY = date(1990, 1, 1)
"""Earlier dates are slips of the pen: no partner's records of this kind reach further back."""
LAST_DAY = date(2089, 12, 31)
"""The last day that a two-digit year can mean; nothing later is taken, whatever today is said to be."""
LONGEST_TEXT = 80
"""Characters of a cell that can still be a date, or two with the words between them."""

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

NOTHING = frozenset({"", "-", "–", "?", "n/a", "na", "nk", "not known", "unknown", "none", "null"})
"""What people write where nothing is known."""
NAMED_CLOCKS = {"noon": time(12), "midday": time(12), "midnight": time(0)}
CLOCK = re.compile(
    r"(?:(?P<h>\d{1,2})[:.h](?P<min>\d{2})(?:[:.](?P<s>\d{2})(?:[.,]\d{1,9})?)?"
    r"|(?P<joined>\d{4})(?P<js>\d{2})?"
    r"|(?P<bare>\d{1,2})(?= ?[ap]))"
    r"(?: ?(?P<half>[ap])\.?m\.?)?(?: ?(?:hrs?|hours))?(?: ?(?P<offset>z|utc|gmt|bst|[+-]\d{2}(?::?\d{2})?))?"
)

_MONTH_NUMBER = {name[:3].casefold(): number for number, name in enumerate(MONTHS, start=1)}
_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_END = r"(?=$|[ t])"
_YEAR_FIRST = re.compile(rf"(?P<y>\d{{4}})(?P<sep>[-/.])(?P<m>\d{{1,2}})(?P=sep)(?P<d>\d{{1,2}}){_END}")
_COMPACT = re.compile(rf"(?P<y>(?:19|20)\d{{2}})(?P<m>\d{{2}})(?P<d>\d{{2}}){_END}")
_NUMERIC = re.compile(rf"(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})(?P=sep)(?P<c>\d{{4}}|\d{{2}}){_END}")
_DAY_NAMED = re.compile(rf"(?P<d>\d{{1,2}})[ .-]?{_MONTH}[ -]?(?P<y>\d{{4}}|\d{{2}}){_END}")
_NAMED_DAY = re.compile(rf"{_MONTH} ?(?P<d>\d{{1,2}})[ -]+(?P<y>\d{{4}}){_END}")
_MONTH_ONLY = (
    re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})"),
    re.compile(r"(?P<m>\d{1,2})[-/](?P<y>\d{4})"),
    re.compile(rf"{_MONTH}[ -]?(?P<y>\d{{4}})"),
    re.compile(rf"{_MONTH}-(?P<y>\d{{2}})"),  # how spreadsheets show a month: Jan-18
)
_DAY_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_CLOCK_SERIAL = re.compile(r"0?\.\d+")
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.? ")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b(?: of\b)?")


class DateRefused(RefusedInput):
    """A date or time that cannot be taken: which field, what is wrong with it and how to put it right."""

    def __init__(self, code: str, message: str, remedy: str, field: str = "date") -> None:
        super().__init__(f"{message} {remedy}")
        self.code = code
        self.message = message
        self.remedy = remedy
        self.field = field


@dataclass(frozen=True, slots=True)
class Written:
    """One end of an interval as written."""

    day: date
    is_month: bool = False
    clock: time | None = None
    next_day: bool = False
    """The clock said 24:00."""
    offset: timezone | None = None
    at_midnight: bool = False
    """The cell said 00:00, which is read as no time at all unless the other end has one."""


def tidy(text: str) -> str:
    """One spelling of a cell: plain figures, small letters, single spaces, no weekday and no "th"."""
    plain = " ".join(unicodedata.normalize("NFKC", text[: LONGEST_TEXT + 1]).casefold().replace(",", " ").split())
    if len(text) > LONGEST_TEXT:
        return "text too long to be a date"
    return _ORDINAL.sub("", strip_weekday(plain))


def strip_weekday(text: str) -> str:
    """The text without a day of the week in front."""
    return _WEEKDAY.sub("", text)


def is_clock(text: str) -> bool:
    """Does the text look like a time of day?"""
    return text in NAMED_CLOCKS or CLOCK.fullmatch(text) is not None


@lru_cache(maxsize=65_536)
def read_day(text: str, order: DateOrder, field: str) -> Written:
    """Read a tidied cell that holds a day or a month, and perhaps a time."""
    for pattern in _MONTH_ONLY:
        if found := pattern.fullmatch(text):
            return replace(_on_day(found, 1, field), is_month=True)
    found = _YEAR_FIRST.match(text) or _COMPACT.match(text) or _DAY_NAMED.match(text) or _NAMED_DAY.match(text)
    if found:
        written = _on_day(found, int(found["d"]), field)
    elif found := _NUMERIC.match(text):
        written = _on_numeric_day(found, order, field)
    else:
        raise _unreadable(text, field)
    return _add_tail(written, text[found.end() :].lstrip("t "), field)


def read_clock(text: str, written: Written, field: str) -> Written | None:
    """Give a day the time that a tidied cell of its own holds. None: the cell holds words, not a time."""
    if text in NAMED_CLOCKS:
        return replace(written, clock=NAMED_CLOCKS[text], next_day=False, at_midnight=False)
    if found := CLOCK.fullmatch(text):
        return replace(_clock_of(found, written, field), at_midnight=False)
    if _CLOCK_SERIAL.fullmatch(text):
        raise DateRefused(
            "time_serial",
            "This is a spreadsheet's fraction of a day, not a time.",
            "Format the column as a time in the spreadsheet and save it again.",
            field,
        )
    if any(character.isdigit() for character in text):
        raise DateRefused("time_unreadable", "This is not a time.", "Write the time as 15:30.", field)
    return None


def as_month(written: Written) -> Written:
    """The month that its first day stands for: programs that know no months write 2022-01-01 for January 2022."""
    if written.day.day != 1 or written.clock not in {None, time(0)}:
        return written
    return Written(written.day, is_month=True)


def _on_day(found: re.Match[str], day: int, field: str) -> Written:
    named = found.groupdict().get("name")
    month = _MONTH_NUMBER[named[:3]] if named else int(found["m"])
    return Written(_make_day(_full_year(found["y"]), month, day, field))


def _on_numeric_day(found: re.Match[str], order: DateOrder, field: str) -> Written:
    first, second, third = found["a"], found["b"], found["c"]
    if order == "ymd" and len(third) == 2:
        return Written(_make_day(_full_year(first), int(second), int(third), field))
    month, day = (first, second) if order == "mdy" else (second, first)
    return Written(_make_day(_full_year(third), int(month), int(day), field))


def _full_year(text: str) -> int:
    if len(text) == 4:
        return int(text)
    return int(text) + (1900 if int(text) >= FIRST_DAY.year % 100 else 2000)


def _make_day(year: int, month: int, day: int, field: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise DateRefused(
            "date_impossible",
            "There is no such day in the calendar.",
            "Correct the date; if the source writes day and month the other way round, say so in its mapping.",
            field,
        ) from None


def _add_tail(written: Written, tail: str, field: str) -> Written:
    """Add the time that follows a day in the same cell."""
    tail = tail.removeprefix("at ").strip()
    if not tail:
        return written
    found = CLOCK.fullmatch(tail)
    if not found:
        if tail in NAMED_CLOCKS:
            return replace(written, clock=NAMED_CLOCKS[tail])
        raise DateRefused(
            "date_unreadable", "What follows the day is not a time.", "Write the time as 15:30, or leave it out.", field
        )
    timed = _clock_of(found, written, field)
    if timed.clock == time(0) and timed.offset is None and not timed.next_day and not found["half"]:
        return replace(timed, clock=None, at_midnight=True)
    return timed


def _clock_of(found: re.Match[str], written: Written, field: str) -> Written:
    joined = found["joined"]
    hour = int(joined[:2] if joined else found["h"] or found["bare"])
    minute = int(joined[2:] if joined else found["min"] or 0)
    second = int(found["s"] or found["js"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] == "p" else 0) if 1 <= hour <= 12 else 99
    next_day = (hour, minute, second) == (24, 0, 0)
    # 60 is a leap second, which some systems write and Python has none of.
    if (hour > 23 and not next_day) or minute > 59 or second > 60:
        raise DateRefused("time_impossible", "There is no such time of day.", "Write the time as 15:30.", field)
    return replace(
        written,
        clock=time(0) if next_day else time(hour, minute, min(second, 59)),
        next_day=next_day,
        offset=_offset_of(found["offset"], field),
    )


def _offset_of(text: str | None, field: str) -> timezone | None:
    if text is None:
        return None
    if text in {"z", "utc", "gmt"}:
        return UTC
    if text == "bst":
        return timezone(timedelta(hours=1))
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    if hours > 14 or minutes > 59:
        raise DateRefused("time_impossible", "There is no such offset from UTC.", "Write it as +01:00.", field)
    return timezone((1 if text[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))


def _unreadable(text: str, field: str) -> DateRefused:
    if text in NOTHING:
        return DateRefused(
            "date_missing", "There is no date.", "Give the day, or the month if no more is known.", field
        )
    if _DAY_SERIAL.fullmatch(text):
        return DateRefused(
            "date_serial",
            "This is a spreadsheet's day number, not a date.",
            "Format the column as a date in the spreadsheet and save it again.",
            field,
        )
    return DateRefused(
        "date_unreadable", "This is not a date.", "Write it as 14/04/2026, 2026-04-14 or April 2026.", field
    )
