"""What each audience may see: the constants with their sources, as one value that every channel reads.

Map, tiles, popups, tables, files and packs ask here; none has a threshold of its own. The audiences are those of
practice.md §5.1, which override the table of §5.3: internal (exact), case (named members of one open case), partner
(50 m cells with banded counts, never a row) and public (fixed tables by area and quarter).
"""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum

from cs_geo.dates import add_months

EDITION = 1
"""Counted up whenever a rule of this package changes what an audience is told."""
_STEPS = (5, 10, 20, 50, 100, 200, 500, 1000)


class Audience(StrEnum):
    """Who looks. The tiers of ``access`` are three of them; a case is open only to its own members."""

    INTERNAL = "internal"
    CASE = "case"
    PARTNER = "partner"
    PUBLIC = "public"


class Place(StrEnum):
    """How closely an audience may see where a report lies."""

    POINT = "exact point"
    BOUNDARY = "boundary of the case"
    CELL = "cell"
    AREA = "ward or LSOA"


class Count(StrEnum):
    """How an audience is told a number of reports."""

    EXACT = "exact"
    BANDED = "exact from a threshold on, a phrase below it"
    ROUNDED = "small ones suppressed, the rest rounded"


class Time(StrEnum):
    """How closely an audience may see when something happened."""

    MOMENT = "moment"
    DATE = "date"
    DATE_AND_BAND = "date and part of the day"
    QUARTER = "quarter"


class Text(StrEnum):
    """Which free text an audience may read."""

    REDACTED = "redacted"
    APPROVED = "approved"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Sight:
    """What one audience may see at all."""

    place: Place
    count: Count
    time: Time
    text: Text
    rows: bool
    """One line a report?"""
    spots: bool
    """Reports at one spot where there are, or may be, dwellings?"""
    outlines: bool
    """Outlines of hotspots, those that pass the thresholds?"""
    sensitive_harm: bool
    """Sexual harm, exploitation, hate and radicalisation worry below district?"""


SIGHTS: dict[Audience, Sight] = {
    Audience.INTERNAL: Sight(
        Place.POINT, Count.EXACT, Time.MOMENT, Text.REDACTED, rows=True, spots=True, outlines=True, sensitive_harm=True
    ),
    Audience.CASE: Sight(
        Place.BOUNDARY, Count.EXACT, Time.DATE, Text.APPROVED, rows=False, spots=False, outlines=True,
        sensitive_harm=True,
    ),
    Audience.PARTNER: Sight(
        Place.CELL, Count.BANDED, Time.DATE_AND_BAND, Text.NONE, rows=False, spots=False, outlines=True,
        sensitive_harm=False,
    ),
    Audience.PUBLIC: Sight(
        Place.AREA, Count.ROUNDED, Time.QUARTER, Text.NONE, rows=False, spots=False, outlines=False,
        sensitive_harm=False,
    ),
}  # fmt: skip
"""Audience: what it may see (practice.md §5.1 and §5.3)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The thresholds. A site may make them stricter and never looser.

    Raises
    ------
    ValueError
        If a threshold is looser than the one shipped.
    """

    cell_m: int = 50
    """Side of a partner's cell in metres (practice.md §5.3)."""
    fewest_told: int = 5
    """Smallest number of reports that a partner is told exactly; below it "fewer than 5" (practice.md §5.3)."""
    hotspot_reports: int = 5
    hotspot_days: int = 3
    hotspot_sources: int = 2
    """Reports, distinct days and sources from which a partner may see a hotspot (practice.md §5.3)."""
    fewest_addresses: int = 8
    """Addresses that a boundary, cell or catchment holds, unless it holds none. The rule of police.uk's map points:
    https://ukcrimestats.com/blog/faqs/how-is-it-decided-where-the-crimes-asb-incidents-are-located/"""
    suppressed_up_to: int = 5
    """Counts from 1 to this are suppressed for the public. The Department for Education's rule for children in need:
    https://explore-education-statistics.service.gov.uk/find-statistics/children-in-need/2021/explore"""
    rounded_to: int = 5
    """What other counts for the public are rounded to (practice.md §5.3)."""
    delay_months: int = 1
    """Months between the end of a quarter and its release to the public (practice.md §5.3)."""

    def __post_init__(self) -> None:
        for name, least in _LOOSEST.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} may be made stricter than {least}, never looser.")

    def largest_small(self, audience: Audience) -> int:
        """The largest count that may not be worked out from what an audience is told; 0 where counts are exact."""
        count = SIGHTS[audience].count
        return {Count.EXACT: 0, Count.BANDED: self.fewest_told - 1, Count.ROUNDED: self.suppressed_up_to}[count]

    def band_count(self, reports_n: int) -> str:
        """A number of reports as a partner is told it. None is told like few: an absence is a small number too."""
        return f"{reports_n:,}" if reports_n >= self.fewest_told else self.few

    @property
    def few(self) -> str:
        """What stands for a count that is too small to be told."""
        return f"fewer than {self.fewest_told}"

    @property
    def version(self) -> str:
        """The edition of the rules and a short name of the thresholds, the same for the same ones."""
        thresholds = repr(sorted(asdict(self).items())).encode()
        return f"{EDITION}-{hashlib.blake2b(thresholds, digest_size=4).hexdigest()}"

    def at_least(self, reports_n: int) -> str:
        """A number that is told in wide bands, so that no difference of two of them is a small one."""
        reached = [step for step in _STEPS if self.fewest_told <= step <= reports_n]
        return f"{reached[-1]:,} or more" if reached else f"fewer than {self.fewest_told}"

    def may_hold(self, addresses_n: int) -> bool:
        """May a boundary, cell or catchment hold so many addresses?"""
        return addresses_n == 0 or addresses_n >= self.fewest_addresses

    def is_due(self, quarter_start: date, today: date) -> bool:
        """May a quarter be published today?"""
        return today >= add_months(quarter_end(quarter_start), self.delay_months)

    def due_quarters(self, first: date, today: date) -> list[date]:
        """First days of the quarters from that of a day on that may be published, oldest first."""
        start, due = quarter_of(first), []
        while self.is_due(start, today):
            due.append(start)
            start = add_months(start, 3)
        return due


_LOOSEST = {
    "cell_m": 50,
    "fewest_told": 5,
    "hotspot_reports": 5,
    "hotspot_days": 3,
    "hotspot_sources": 2,
    "fewest_addresses": 8,
    "suppressed_up_to": 5,
    "rounded_to": 5,
    "delay_months": 1,
}

RULES = Rules()
"""The thresholds as they are shipped."""


def quarter_of(day: date) -> date:
    """First day of the calendar quarter a day lies in."""
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def quarter_end(quarter_start: date) -> date:
    """Last day of the calendar quarter that starts on a day."""
    return add_months(quarter_start, 3) - timedelta(days=1)
