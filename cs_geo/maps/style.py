"""Colours, classes and shapes of every map, on screen and in print.

Reports are one blue-violet sequence of five classes at most, which differ in lightness as well as in hue so that they
stand in greyscale and for colour-blind readers. Strengths differ by *shape*, a ring in a warm tone, of equal weight.
There is no red against green and no fire palette: the map shows what was reported, not who is dangerous (practice.md
§4.6). The basemap is quiet; data is what is dark.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from cs_geo.reports.report import Kind

GROUND = "#f7f6f3"
"""The map's background, a warm near-white: every contrast below is measured against it."""
PARK = "#e6ebdf"
WATER = "#d8e3ea"
BUILDING = "#ebe7e0"
LAND_USE = "#f1efea"
STREET = "#ffffff"
STREET_EDGE = "#e0dcd4"
PATH = "#d9d3c8"
RAIL = "#cfcac1"
LABEL = "#6b6a67"
LABEL_HALO = "#fbfaf8"

REPORTS = ("#d7d9ee", "#afb1da", "#8580bf", "#5f4a9c", "#3a1a6b")
"""Reports received, few to many. Lightness (CIE L*) 87, 73, 56, 37, 19."""
POINTS = {
    Kind.INCIDENT: ("disc", "#4c3a8c"),
    Kind.CONCERN: ("diamond", "#1d6fae"),
    Kind.OUTREACH: ("square", "#5a6272"),
}
"""Shape and colour of one report of each kind that is no strength, so that neither rests on the other; several at one
point are drawn larger, never darker than the legend says."""
OUTLINE = "#4a2382"
"""Edge of an area where reports are concentrated."""
STRENGTH = "#a8551a"
"""Ring of a strength: a place or a person that helps."""
ACTION = "#1f5a6b"
"""What was chosen, and every action of the interface (``theme.primaryColor``)."""
PUBLISHED = ("#e2e1de", "#cbc9c5", "#aeaca7", "#8f8d88", "#72706b")
"""Published police data behind everything else: grey, because it is background."""
PUBLISHED_POINT = "#8f8d88"

CELL_OPACITY = 0.8
"""Streets stay readable through hexagons."""
POINT_OPACITY = 0.65
AREA_OPACITY = 0.15
"""An area is told by its outline. A darker fill would say something of its own, and hide what lies under it."""

MOST_CLASSES = len(REPORTS)


def class_breaks(largest: int) -> tuple[int, ...]:
    """Lower bounds of at most five classes of a count, in steps of 1, 2 and 5 that grow by a constant factor.

    Counts per cell are very uneven, so equal steps would put nearly all cells into the first class.

    Parameters
    ----------
    largest
        Largest count to be shown; below 1 is taken as 1.

    Returns
    -------
    tuple of int
        Increasing, beginning with 1: ``(1, 2, 5, 10, 20)`` for 63. For a comparison, take the breaks of the larger
        side for both.
    """
    factor = max(largest, 1) ** (1 / MOST_CLASSES)
    return tuple(sorted({_nearest_step(factor**power) for power in range(MOST_CLASSES)}))


def class_labels(breaks: Sequence[int]) -> tuple[str, ...]:
    """What the legend says of each class: ``1``, ``2 to 4``, ``20 or more``."""
    closed = (f"{low}" if high - low == 1 else f"{low} to {high - 1}" for low, high in pairwise(breaks))
    return (*closed, f"{breaks[-1]} or more")


def class_colours(breaks: Sequence[int], sequence: Sequence[str] = REPORTS) -> tuple[str, ...]:
    """One colour for each class. Fewer than five classes are spread over the whole sequence, lightest first."""
    if len(breaks) == 1:
        return (sequence[len(sequence) // 2],)
    last = len(sequence) - 1
    return tuple(sequence[round(place * last / (len(breaks) - 1))] for place in range(len(breaks)))


def _nearest_step(value: float) -> int:
    """The number of the series 1, 2, 5, 10, 20, 50 … that is nearest to a value of at least 1, by ratio."""
    power = 10 ** math.floor(math.log10(value))
    return int(min((1 * power, 2 * power, 5 * power, 10 * power), key=lambda step: abs(math.log(step / value))))
