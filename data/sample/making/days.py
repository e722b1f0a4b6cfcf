"""Days of the sample: its window, its school year and its bank holidays."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

START = date(2025, 5, 21)
END = date(2026, 11, 20)
"""Last day of the reports, fixed: eighteen months to here. The last three months of a day soon after it find them."""
LAST_QUARTER = date(2026, 8, 21)
LAST_YEAR = date(2025, 11, 21)
RESPONSE = date(2026, 5, 11)
"""From here the top floor of the Maltings car park is closed in the evening, and its lights stay on."""
WINDOWS = ((START, LAST_YEAR), (LAST_YEAR, LAST_QUARTER), (LAST_QUARTER, END + timedelta(days=1)))
"""First day and day after the last: before the last year, in it before the last quarter, and the last quarter."""

PERIODS: tuple[tuple[str, str, str, str], ...] = (
    ("term", "Summer term first half 2025", "2025-04-22", "2025-05-23"),
    ("half_term", "Summer half-term 2025", "2025-05-26", "2025-05-30"),
    ("term", "Summer term second half 2025", "2025-06-02", "2025-07-22"),
    ("holiday", "Summer holiday 2025", "2025-07-23", "2025-09-02"),
    ("term", "Autumn term first half 2025", "2025-09-03", "2025-10-24"),
    ("half_term", "Autumn half-term 2025", "2025-10-27", "2025-10-31"),
    ("term", "Autumn term second half 2025", "2025-11-03", "2025-12-19"),
    ("holiday", "Christmas holiday 2025", "2025-12-20", "2026-01-04"),
    ("term", "Spring term first half 2026", "2026-01-05", "2026-02-13"),
    ("half_term", "Spring half-term 2026", "2026-02-16", "2026-02-20"),
    ("term", "Spring term second half 2026", "2026-02-23", "2026-03-27"),
    ("holiday", "Easter holiday 2026", "2026-03-28", "2026-04-12"),
    ("term", "Summer term first half 2026", "2026-04-13", "2026-05-22"),
    ("half_term", "Summer half-term 2026", "2026-05-25", "2026-05-29"),
    ("term", "Summer term second half 2026", "2026-06-01", "2026-07-21"),
    ("holiday", "Summer holiday 2026", "2026-07-22", "2026-09-01"),
    ("term", "Autumn term first half 2026", "2026-09-02", "2026-10-23"),
    ("half_term", "Autumn half-term 2026", "2026-10-26", "2026-10-30"),
    ("term", "Autumn term second half 2026", "2026-11-02", "2026-12-18"),
    ("holiday", "Christmas holiday 2026", "2026-12-19", "2027-01-03"),
    ("term", "Spring term first half 2027", "2027-01-04", "2027-02-12"),
    ("half_term", "Spring half-term 2027", "2027-02-15", "2027-02-19"),
    ("term", "Spring term second half 2027", "2027-02-22", "2027-03-25"),
    ("holiday", "Easter holiday 2027", "2027-03-26", "2027-04-11"),
    ("term", "Summer term first half 2027", "2027-04-12", "2027-05-28"),
    ("half_term", "Summer half-term 2027", "2027-05-31", "2027-06-04"),
    ("term", "Summer term second half 2027", "2027-06-07", "2027-07-21"),
    ("bank_holiday", "Good Friday", "2025-04-18", "2025-04-18"),
    ("bank_holiday", "Easter Monday", "2025-04-21", "2025-04-21"),
    ("bank_holiday", "Early May bank holiday", "2025-05-05", "2025-05-05"),
    ("bank_holiday", "Spring bank holiday", "2025-05-26", "2025-05-26"),
    ("bank_holiday", "Summer bank holiday", "2025-08-25", "2025-08-25"),
    ("bank_holiday", "Christmas Day", "2025-12-25", "2025-12-25"),
    ("bank_holiday", "Boxing Day", "2025-12-26", "2025-12-26"),
    ("bank_holiday", "New Year's Day", "2026-01-01", "2026-01-01"),
    ("bank_holiday", "Good Friday", "2026-04-03", "2026-04-03"),
    ("bank_holiday", "Easter Monday", "2026-04-06", "2026-04-06"),
    ("bank_holiday", "Early May bank holiday", "2026-05-04", "2026-05-04"),
    ("bank_holiday", "Spring bank holiday", "2026-05-25", "2026-05-25"),
    ("bank_holiday", "Summer bank holiday", "2026-08-31", "2026-08-31"),
    ("bank_holiday", "Christmas Day", "2026-12-25", "2026-12-25"),
    ("bank_holiday", "Boxing Day (substitute day)", "2026-12-28", "2026-12-28"),
    ("bank_holiday", "New Year's Day", "2027-01-01", "2027-01-01"),
    ("bank_holiday", "Good Friday", "2027-03-26", "2027-03-26"),
    ("bank_holiday", "Easter Monday", "2027-03-29", "2027-03-29"),
    ("bank_holiday", "Early May bank holiday", "2027-05-03", "2027-05-03"),
    ("bank_holiday", "Spring bank holiday", "2027-05-31", "2027-05-31"),
)
"""Kind, name, first and last day, as a council lists them. Bank holidays are those of England."""


def days_between(first: date, after: date) -> list[date]:
    """Every day from the first to the day before ``after``."""
    return [first + timedelta(days=n) for n in range((after - first).days)]


def _days_of(*kinds: str) -> frozenset[date]:
    return frozenset(
        day
        for kind, _, starts, ends in PERIODS
        if kind in kinds
        for day in days_between(date.fromisoformat(starts), date.fromisoformat(ends) + timedelta(days=1))
    )


IN_TERM = _days_of("term")
SCHOOL_DAYS = frozenset(day for day in IN_TERM if day.weekday() < 5) - _days_of("bank_holiday")


@dataclass(frozen=True)
class Rhythm:
    """When things happen: on which days, how much more at weekends, and between which hours."""

    hours: tuple[float, float]
    days: str = "any"
    """any, school (school days only)."""
    weekend: float = 1.0
    """Weight of a Friday, Saturday or Sunday against another day."""

    def moments(self, first: date, after: date, count: int, rng: np.random.Generator) -> list[datetime]:
        """So many moments in a window, in order, to five minutes."""
        days = [day for day in days_between(first, after) if self.days == "any" or day in SCHOOL_DAYS]
        weights = np.array([self.weekend if day.weekday() >= 4 else 1.0 for day in days])
        chosen = rng.choice(len(days), count, p=weights / weights.sum())
        hours = rng.uniform(*self.hours, count)
        return sorted(_moment(days[int(d)], float(h)) for d, h in zip(chosen, hours, strict=True))


def _moment(day: date, hour: float) -> datetime:
    return datetime.combine(day, time(0)) + timedelta(minutes=round(hour * 12) * 5)
