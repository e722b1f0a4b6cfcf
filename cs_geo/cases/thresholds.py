"""The guide level of the threshold worksheet, by the stated rule; the panel's own level is its own (practice.md §2.5).

The rule: the highest level of which at least two rows of worries are *seen*, resting on at least two independent
sources. What is not known is listed and never counted as absence. Strengths shape the plan, and never cancel a harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cs_geo.cases.configuration import Indicator
from cs_geo.cases.records import Mark, Seen

LEAST_ROWS = 2
LEAST_SOURCES = 2


@dataclass(frozen=True, slots=True)
class Guide:
    """What the rule gives, and on what it rests."""

    level: int
    """0 where no level is reached."""
    rests_on: tuple[str, ...]
    """References of the indicators that were seen at this level."""
    sources: tuple[str, ...]
    not_known: tuple[str, ...]
    """References of indicators of which nothing is known, unmarked ones with them."""


def guide_level(indicators: Mapping[str, Indicator], marks: Mapping[str, Mark]) -> Guide:
    """The level that the rule suggests.

    Parameters
    ----------
    indicators
        The set that the sheet was filled in with, by reference.
    marks
        What was marked, by reference; what has no mark is not known.
    """
    not_known = tuple(
        reference for reference in indicators if (mark := marks.get(reference)) is None or mark.seen is Seen.NOT_KNOWN
    )
    for level in (3, 2, 1):
        seen = [
            one
            for one in indicators.values()
            if one.level == level
            and one.column == "risk"
            and (mark := marks.get(one.reference)) is not None
            and mark.seen is Seen.SEEN
        ]
        sources = sorted({source for one in seen for source in marks[one.reference].sources})
        if len({one.row for one in seen}) >= LEAST_ROWS and len(sources) >= LEAST_SOURCES:
            return Guide(level, tuple(one.reference for one in seen), tuple(sources), not_known)
    return Guide(0, (), (), not_known)
