"""When something happened: the interval, how exactly it is known, and what part of the day, week and year that was."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DatePrecision(StrEnum):
    """How exactly the time is known. A month stays a month; no day is made up."""

    TIME = "time"
    DAY = "day"
    MONTH = "month"


class TimeBand(StrEnum):
    """Part of the day (practice.md §2.2). ``SPREAD`` when an interval crosses bands, ``UNKNOWN`` without a time."""

    BEFORE_SCHOOL = "06-09"
    SCHOOL_DAY = "09-15"
    AFTER_SCHOOL = "15-18"
    EARLY_EVENING = "18-21"
    LATE_EVENING = "21-24"
    NIGHT = "00-06"
    SPREAD = "spread"
    UNKNOWN = "unknown"


class DayType(StrEnum):
    """What sort of day it was. ``UNKNOWN`` without a day or without a calendar."""

    SCHOOL_DAY = "school_day"
    WEEKEND = "weekend"
    HOLIDAY_WEEKDAY = "holiday_weekday"
    BANK_HOLIDAY = "bank_holiday"
    UNKNOWN = "unknown"


class Term(StrEnum):
    """School term or holiday. ``UNKNOWN`` without a day or without a calendar."""

    TERM = "term"
    HALF_TERM = "half_term"
    HOLIDAY = "holiday"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Occurred:
    """When it happened: an interval with its precision. Both ends carry a time zone.

    For a moment, ``until`` equals ``start``; for a day, midnight to midnight of that day; for a month, the first
    midnight to the first of the next month.
    """

    start: datetime
    until: datetime
    precision: DatePrecision
