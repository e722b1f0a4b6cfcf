"""What stands under and on every map: window, n of N, share located, effort, and the two sentences that always stand.

A map without these is read as a map of danger. The sentences are those of practice.md §4.6; nothing here says
*hotspot*, which is a word for analysts' screens. Every answer is plain text of known words and numbers; a name that a
person wrote passes ``escape_text`` on the way in, so that the caption may be shown as Markdown or HTML.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from cs_geo.dates import format_day, format_window
from cs_geo.reports.report import Kind
from cs_geo.words.escaping import escape_text

KIND_WORDS = {
    Kind.STRENGTH: ("strength", "strengths"),
    Kind.INCIDENT: ("incident", "incidents"),
    Kind.CONCERN: ("concern", "concerns"),
    Kind.OUTREACH: ("outreach note", "outreach notes"),
}
"""One and several of each kind, in the order in which they are said: strengths before worries."""

NOT_DANGER = "Darker = more reports received, not more dangerous people."
NOT_ALL_HARM = "Reports are not all harm, and not all harm is reported."
NO_REPORTS = "No reports were received. This does not mean no harm took place."
NOBODY_ASKED = "Nobody has been asked yet what helps here."
PUBLISHED_NOTE = "All recorded crime, all ages"
UNTESTED_NOTE = "Reports are concentrated here; not yet tested against chance"
TESTED_NOTE = "Reports are concentrated here; the list says whether more than chance"

QUIET_AFTER = timedelta(days=14)
"""Reports that stop coming are said to have stopped after this long."""

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
class KindCount:
    """Reports of one kind."""

    reports_n: int
    """Wherever they are: the N of "n of N"."""
    shown_n: int
    """Of these, drawn on the map: located, and not at a protected location."""


@dataclass(frozen=True, slots=True)
class MapFacts:
    """The counts a caption stands on. All are counts of reports in the same selection."""

    since: date | None
    until: date | None
    kinds: Mapping[str, KindCount]
    """By kind, because kinds are never added up."""
    located_n: int
    """Reports of these kinds with a point of any precision that does not lie outside the study area."""
    effort: Effort | None = None
    """None when no effort has been recorded for the window."""
    outside_n: int = 0
    """Of these, reports with a point outside the study area."""
    area: str = ""
    """Name of the area the map is about, as its owner wrote it. Empty: everything loaded."""
    window: str = ""
    """What the window is called, where its dates alone do not say what they follow."""

    @property
    def reports_n(self) -> int:
        """Reports of these kinds, wherever they are."""
        return sum(count.reports_n for count in self.kinds.values())

    @property
    def hidden_n(self) -> int:
        """Reports that have a point and are not drawn, because they lie at protected locations."""
        return self.located_n + self.outside_n - sum(count.shown_n for count in self.kinds.values())


def caption(facts: MapFacts) -> str:
    """The whole text under a map, one paragraph."""
    if facts.reports_n == 0:
        return " ".join((f"{_dated(facts)}: {NO_REPORTS[0].lower()}{NO_REPORTS[1:]}", _effort(facts), NOT_ALL_HARM))
    return " ".join((_shown(facts), _located(facts), _effort(facts), NOT_DANGER, NOT_ALL_HARM))


def quiet_text(newest: date, today: date) -> str:
    """What is said when reports have stopped coming; empty while they come."""
    if today - newest <= QUIET_AFTER:
        return ""
    return f"No reports were received since {format_day(newest)}; this does not mean that no harm took place."


def located_percent(facts: MapFacts) -> int:
    """Share of reports located, in whole per cent, never rounded up: 84.9% has not reached the floor of 85%."""
    return 100 * facts.located_n // facts.reports_n if facts.reports_n else 0


def concentration_text(reports_n: int, label: str) -> str:
    """What is said of one outlined area, where it is pointed at: its label and its count."""
    return f"{escape_text(label)}: {count_text(reports_n, 'report')}"


def spot_text(reports_n: int, label: str) -> str:
    """What is said of several reports that stand at one spot, which are never given an area."""
    return f"{escape_text(label)}: {count_text(reports_n, 'report')} at one spot"


def count_text(count: int, noun: str, nouns: str = "") -> str:
    """A count with its noun: ``1 report``, ``4,812 reports``."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def _shown(facts: MapFacts) -> str:
    said = [
        f"{facts.kinds[kind].shown_n:,} of {count_text(facts.kinds[kind].reports_n, *words)}"
        for kind, words in KIND_WORDS.items()
        if kind in facts.kinds and facts.kinds[kind].reports_n
    ]
    listed = " and ".join(part for part in (", ".join(said[:-1]), said[-1]) if part)
    return f"Showing {listed}, {_dated(facts, capital=False)}."


def _dated(facts: MapFacts, *, capital: bool = True) -> str:
    place = f"{escape_text(facts.area)}, " if facts.area else ""
    window = format_window(facts.since, facts.until)
    called = f" ({facts.window})" if facts.window else ""
    return f"{place}{window[0].upper() + window[1:] if capital and not place else window}{called}"


def _located(facts: MapFacts) -> str:
    percent, missing = located_percent(facts), facts.reports_n - facts.located_n - facts.outside_n
    left = f"; {missing:,} not located" if missing else ""
    if facts.hidden_n:
        left += f"; {facts.hidden_n:,} not drawn, at protected locations"
    left += f"; {facts.outside_n:,} outside the study area" if facts.outside_n else ""
    if percent >= LOCATED_FLOOR_PERCENT:
        return f"{percent}% located (at least {LOCATED_FLOOR_PERCENT}% is needed){left}."
    return f"Only {percent}% located, below the {LOCATED_FLOOR_PERCENT}% a map needs to be trusted{left}."


def _effort(facts: MapFacts) -> str:
    if facts.effort is None:
        return "Effort: not recorded."
    hours = "" if facts.effort.staff_hours is None else f", {facts.effort.staff_hours:,.0f} staff-hours"
    return f"Effort: {count_text(facts.effort.sessions, 'session')}{hours}."
