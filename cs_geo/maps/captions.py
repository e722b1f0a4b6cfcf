"""What stands under and on every map: window, n of N, share located, effort, and the two sentences that always stand.

A map without these is read as a map of danger. The sentences are those of practice.md §4.6; nothing here says
*hotspot*, which is a word for analysts' screens. Every answer is plain text of known words and numbers; a name that a
person wrote passes ``escape_text`` on the way in, so that the caption may be shown as Markdown or HTML.
"""

from dataclasses import dataclass
from datetime import date

from cs_geo.words.escaping import escape_text

NOT_DANGER = "Darker = more reports received, not more dangerous people."
NOT_ALL_HARM = "Reports are not all harm, and not all harm is reported."
NO_REPORTS = "No reports were received. This does not mean no harm took place."
NOBODY_ASKED = "Nobody has been asked yet what helps here."
PUBLISHED_NOTE = "All recorded crime, all ages"
UNTESTED_NOTE = "Reports are concentrated here; not yet tested against chance"

LOCATED_FLOOR_PERCENT = 85
"""Share of reports that must be located before a map of them can be trusted.

Ratcliffe, J. H. (2004), Geocoding crime and a first estimate of a minimum acceptable hit rate, International Journal of
Geographical Information Science 18(1), 61-72.
"""


@dataclass(frozen=True, slots=True)
class Effort:
    """Time spent looking in the window. Reports follow effort, so no map is shown without it."""

    sessions: int
    staff_hours: float | None = None


@dataclass(frozen=True, slots=True)
class MapFacts:
    """The counts a caption stands on. All are counts of reports in the same selection."""

    since: date | None
    until: date | None
    reports_n: int
    """Reports in the selection, wherever they are: the N of "n of N"."""
    located_n: int
    """Of these, reports with a point of any precision that does not lie outside the study area."""
    shown_n: int
    """Of these, reports drawn on the map: located precisely enough, and not at a protected location."""
    effort: Effort | None = None
    """None when no effort has been recorded for the window."""
    outside_n: int = 0
    """Of these, reports with a point outside the study area."""
    area: str = ""
    """Name of the area the map is about, as its owner wrote it. Empty: everything loaded."""


def caption(facts: MapFacts) -> str:
    """The whole text under a map, one paragraph."""
    if facts.reports_n == 0:
        return " ".join((f"{_dated(facts)}: {NO_REPORTS[0].lower()}{NO_REPORTS[1:]}", _effort(facts), NOT_ALL_HARM))
    return " ".join((_shown(facts), _located(facts), _effort(facts), NOT_DANGER, NOT_ALL_HARM))


def window_text(since: date | None, until: date | None) -> str:
    """A window in words: ``14 April 2026 to 22 November 2026``."""
    if since and until:
        return day_text(since) if since == until else f"{day_text(since)} to {day_text(until)}"
    if since:
        return f"since {day_text(since)}"
    return f"up to {day_text(until)}" if until else "of all dates"


def day_text(day: date) -> str:
    """A date as it is said: ``14 April 2026``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def located_percent(facts: MapFacts) -> int:
    """Share of reports located, in whole per cent, never rounded up: 84.9% has not reached the floor of 85%."""
    return 100 * facts.located_n // facts.reports_n if facts.reports_n else 0


def concentration_text(reports_n: int, label: str) -> str:
    """What is said of one outlined area, where it is pointed at: its label and its count."""
    return f"{escape_text(label)}: {count_text(reports_n, 'report')}"


def spot_text(reports_n: int, label: str) -> str:
    """What is said of several reports that stand at one spot, which are never given an area."""
    return f"{escape_text(label)}: {count_text(reports_n, 'report')} at one spot"


def count_text(count: int, noun: str) -> str:
    """A count with its noun: ``1 report``, ``4,812 reports``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _shown(facts: MapFacts) -> str:
    return f"Showing {facts.shown_n:,} of {count_text(facts.reports_n, 'report')}, {_dated(facts, capital=False)}."


def _dated(facts: MapFacts, *, capital: bool = True) -> str:
    place = f"{escape_text(facts.area)}, " if facts.area else ""
    window = window_text(facts.since, facts.until)
    return f"{place}{window[0].upper() + window[1:] if capital and not place else window}"


def _located(facts: MapFacts) -> str:
    percent, missing = located_percent(facts), facts.reports_n - facts.located_n - facts.outside_n
    left = f"; {missing:,} not located" if missing else ""
    left += f"; {facts.outside_n:,} outside the study area" if facts.outside_n else ""
    if percent >= LOCATED_FLOOR_PERCENT:
        return f"{percent}% located (at least {LOCATED_FLOOR_PERCENT}% is needed){left}."
    return f"Only {percent}% located, below the {LOCATED_FLOOR_PERCENT}% a map needs to be trusted{left}."


def _effort(facts: MapFacts) -> str:
    if facts.effort is None:
        return "Effort: not recorded."
    hours = "" if facts.effort.staff_hours is None else f", {facts.effort.staff_hours:,.0f} staff-hours"
    return f"Effort: {count_text(facts.effort.sessions, 'session')}{hours}."


# Not strftime: month names must not change with the server's locale.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
