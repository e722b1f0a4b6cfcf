"""The school calendar as a value: is a day in term, at half-term or in the holidays, and what sort of day is it?

In: rows of a file with the columns kind, name, starts and ends, both ends included. Out: ``SchoolCalendar``, which
answers *unknown* for every day it does not cover. Councils differ in what they list: where only terms are listed, the
gaps between them are holidays; a gap beside a half-term (its weekends) belongs to it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from cs_geo.dates import DateRefused, days_of, parse_day
from cs_geo.issues import Issue, Severity
from cs_geo.moments import DatePrecision, DayType, Occurred, Term

LONGEST_PERIOD = timedelta(days=183)
"""No term or holiday lasts longer: a longer one has the wrong year."""
LONGEST_GAP = 70
"""Days between listed periods that can be a holiday nobody listed (summer is about 45); more is a missing list."""
_DAY = timedelta(days=1)
_SATURDAY = 5


class PeriodKind(StrEnum):
    """What a row of a calendar says about its days."""

    TERM = "term"
    HALF_TERM = "half_term"
    HOLIDAY = "holiday"
    BANK_HOLIDAY = "bank_holiday"


_TERM_OF_KIND = {
    PeriodKind.TERM: Term.TERM,
    PeriodKind.HOLIDAY: Term.HOLIDAY,
    PeriodKind.HALF_TERM: Term.HALF_TERM,
}
"""In the order in which they yield: councils list a term as running through its half-term."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days of one kind, both ends included."""

    kind: PeriodKind
    starts: date
    ends: date
    name: str = ""

    def days(self) -> Iterable[date]:
        """Every day of the period."""
        return (self.starts + _DAY * n for n in range((self.ends - self.starts).days + 1))


@dataclass(frozen=True)
class SchoolCalendar:
    """Terms, half-terms, holidays and bank holidays. Without periods every answer is unknown."""

    periods: tuple[Period, ...] = ()
    _terms: Mapping[date, Term] = field(init=False, repr=False, compare=False)
    _bank_holidays: frozenset[date] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        terms: dict[date, Term] = {}
        for kind, term in _TERM_OF_KIND.items():
            terms.update((day, term) for period in self.periods if period.kind is kind for day in period.days())
        object.__setattr__(self, "_terms", _fill_gaps(terms))
        bank = (day for period in self.periods if period.kind is PeriodKind.BANK_HOLIDAY for day in period.days())
        object.__setattr__(self, "_bank_holidays", frozenset(bank))

    def term_of(self, day: date) -> Term:
        """Term, half-term or holiday; unknown outside the days that the calendar spans."""
        return self._terms.get(day, Term.UNKNOWN)

    def day_type_of(self, day: date) -> DayType:
        """School day, weekend, holiday weekday or bank holiday; unknown outside the days that the calendar spans."""
        if day in self._bank_holidays:
            return DayType.BANK_HOLIDAY
        term = self.term_of(day)
        if term is Term.UNKNOWN:
            return DayType.UNKNOWN
        if day.weekday() >= _SATURDAY:
            return DayType.WEEKEND
        return DayType.SCHOOL_DAY if term is Term.TERM else DayType.HOLIDAY_WEEKDAY

    def place_in_year(self, occurred: Occurred) -> tuple[Term, DayType]:
        """Both answers for an interval: those of its day; unknown for a month, or for days that differ.

        A night belongs to the day on which it began.
        """
        if occurred.precision is DatePrecision.MONTH or not self.periods:
            return Term.UNKNOWN, DayType.UNKNOWN
        first, last = days_of(occurred)
        if occurred.precision is DatePrecision.TIME and last - first <= _DAY:
            last = first
        days = [first + _DAY * n for n in range(min((last - first).days, LONGEST_PERIOD.days) + 1)]
        terms, day_types = {self.term_of(day) for day in days}, {self.day_type_of(day) for day in days}
        return (
            terms.pop() if len(terms) == 1 else Term.UNKNOWN,
            day_types.pop() if len(day_types) == 1 else DayType.UNKNOWN,
        )


def _fill_gaps(terms: Mapping[date, Term]) -> dict[date, Term]:
    """Give every day between the first and the last one its term."""
    filled: dict[date, Term] = {}
    gap: list[date] = []
    before = Term.UNKNOWN
    for day in (min(terms) + _DAY * n for n in range((max(terms) - min(terms)).days + 1)) if terms else ():
        term = terms.get(day)
        if term is None:
            gap.append(day)
            continue
        if len(gap) <= LONGEST_GAP:
            filled.update(dict.fromkeys(gap, Term.HALF_TERM if Term.HALF_TERM in {before, term} else Term.HOLIDAY))
        gap.clear()
        filled[day] = before = term
    return filled


def read_calendar(rows: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[SchoolCalendar, list[Issue]]:
    """Read rows of (line number, cells by column name) with the columns kind, name, starts, ends.

    A row that cannot be taken becomes an issue and is left out. ``ends`` may be empty where it is the same day.
    """
    periods: list[Period] = []
    issues: list[Issue] = []
    for line, cells in rows:
        period = _read_period(line, {column: (text or "").strip() for column, text in cells.items()})
        if isinstance(period, Issue):
            issues.append(period)
        else:
            periods.append(period)
    return SchoolCalendar(tuple(periods)), issues


def _read_period(line: int, cells: Mapping[str, str]) -> Period | Issue:
    kind = re.sub(r"[\W_]+", "_", cells.get("kind", "").casefold())
    if kind not in set(PeriodKind):
        kinds = ", ".join(PeriodKind)
        return Issue(
            line,
            "kind",
            cells.get("kind", "")[:80],
            "calendar_kind",
            "This is no kind of period.",
            f"Write one of {kinds}.",
            Severity.REJECT,
        )
    days: list[date] = []
    for column in ("starts", "ends"):
        text = cells.get(column, "") or (cells.get("starts", "") if column == "ends" else "")
        try:
            days.append(parse_day(text))
        except DateRefused as refused:
            return Issue(line, column, text[:80], refused.code, refused.message, refused.remedy, Severity.REJECT)
    starts, ends = days
    if ends < starts or ends - starts > LONGEST_PERIOD:
        return Issue(
            line,
            "ends",
            cells.get("ends", "")[:80],
            "calendar_length",
            "The period ends before it starts, or lasts more than half a year.",
            "Correct the dates.",
            Severity.REJECT,
        )
    return Period(PeriodKind(kind), starts, ends, cells.get("name", ""))
