"""What a report is: the four kinds, the fields, and the issues a row can raise.

A report says that something was noticed at a place. It has no column for a person: no name, date of birth, plate, photo
or exact age (practice.md §5.1). Geometry is not part of it; where a report lies is a ``Match`` of the geocode stage.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """The four kinds of report. They are never added up into one count."""

    INCIDENT = "incident"
    CONCERN = "concern"
    OUTREACH = "outreach"
    STRENGTH = "strength"


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


class Severity(StrEnum):
    """What an issue means for its row."""

    REJECT = "reject"
    """The row cannot be taken until it is mended."""
    WARN = "warn"
    """The row is taken; somebody should look."""
    NOTE = "note"
    """The row is taken; this is what was done to it."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing about one cell, and what to do about it. ``value`` is masked of personal details beforehand."""

    line: int
    column: str
    value: str
    code: str
    message: str
    remedy: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Occurred:
    """When it happened: an interval with its precision. Both ends carry a time zone.

    For a moment, ``until`` equals ``start``; for a day, midnight to midnight of that day; for a month, the first
    midnight to the first of the next month.
    """

    start: datetime
    until: datetime
    precision: DatePrecision


@dataclass(frozen=True, slots=True)
class LocationGiven:
    """Where it happened as the partner wrote it: the question put to the geocoder. Empty string: not given."""

    text: str = ""
    """Address, place, street, junction ("High Street / Mill Lane") or area, as written."""
    locality: str = ""
    """Village, town or ward that narrows the text."""
    postcode: str = ""
    longitude: str = ""
    latitude: str = ""
    easting: str = ""
    northing: str = ""
    grid_reference: str = ""
    place: str = ""
    """Name of a registered place ("Elm Park"), where the source has such a column."""


@dataclass(frozen=True, slots=True)
class Report:
    """One checked report, before it has a point. Codes are references of the codelists in ``data/codelists``."""

    kind: Kind
    occurred: Occurred
    location: LocationGiven
    source_type: str
    reported_on: date | None = None
    agency: str = ""
    directness: str = ""
    harm_types: tuple[str, ...] = ()
    police_category: str = ""
    asb_qualifier: str = ""
    presence_only: bool = False
    severity_band: str = ""
    young_people_band: str = ""
    who_causes_harm: str = ""
    what_helped: str = ""
    note: str = ""
    outcome: str = ""
    safeguarding_answer: str = ""
    time_band: TimeBand = TimeBand.UNKNOWN
    day_type: DayType = DayType.UNKNOWN
    term: Term = Term.UNKNOWN


@dataclass(frozen=True, slots=True)
class EffortSession:
    """Time spent looking: outreach, patrol, observation. Never a report, and never added to reports."""

    effort_type: str
    start: datetime
    until: datetime
    staff_count: int | None
    staff_hours: float | None
    location: LocationGiven
    route: str = ""
    contacts_band: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one row: a report or an effort session unless it was rejected, and the issues it raised."""

    record: Report | EffortSession | None
    issues: tuple[Issue, ...] = ()
