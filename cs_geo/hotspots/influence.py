"""Which doubtful pin would change a hotspot: the order in which a person's time is best spent.

A report whose match is doubtful stands somewhere on the map all the same. Were it elsewhere, most hotspots would stay
as they are, and a few would fall apart or lose the reports that carry them. Each doubtful pin is taken away by itself
and its hotspot asked for again from its own members alone, at the minimum it was found at; what is left says how much
rests on that one pin. In the other direction nothing is guessed: where the report truly belongs, nobody knows yet.

What this cannot know: several doubtful pins that are wrong together. Their number stands beside.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from cs_geo.hotspots.clusters import NO_CLUSTER, Integers
from cs_geo.hotspots.grouping import rows_by_group
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.points import collapse
from cs_geo.hotspots.result import Clustered
from cs_geo.hotspots.sized import find_sized_clusters


@dataclass(frozen=True, slots=True)
class Influence:
    """What taking one pin away does to the hotspot it lies in."""

    row: int
    """Row of the report among those used."""
    hotspot: int
    """Row of the hotspot."""
    dissolves: bool
    """Nothing is left of the hotspot."""
    lost: int
    """Other reports that fall out of it."""
    doubtful_n: int
    """Doubtful pins in that hotspot, this one included."""


def rank_doubtful_pins(
    clustered: Clustered, doubtful: Collection[int], parameters: HotspotParameters
) -> list[Influence]:
    """Rank doubtful pins by what their hotspot loses without each: those that dissolve one first.

    Parameters
    ----------
    clustered
        What a run was made of.
    doubtful
        Rows of the reports used whose match is doubtful.
    """
    label_of = clustered.sized.labels[clustered.places.place_of]
    rows_of = rows_by_group(label_of, len(clustered.sized.discs))
    doubted = np.zeros(len(label_of), dtype=bool)
    doubted[list(doubtful)] = True
    found = []
    for hotspot, cluster in enumerate(clustered.hotspots.tolist()):
        rows = rows_of[cluster]
        pins = rows[doubted[rows]]
        least = int(clustered.sized.min_reports_used[cluster])
        for pin in pins.tolist():
            left = rows[rows != pin]
            kept = _largest_left(clustered, left, replace(parameters, min_reports=least))
            found.append(Influence(pin, hotspot, kept == 0, len(left) - kept, len(pins)))
    return sorted(found, key=lambda one: (not one.dissolves, -one.lost, one.hotspot, one.row))


def _largest_left(clustered: Clustered, rows: Integers, parameters: HotspotParameters) -> int:
    """Reports in the largest hotspot that these alone still make; 0 where they make none."""
    if len(rows) < parameters.min_reports:
        return 0
    places = collapse(clustered.xy[rows])
    sized = find_sized_clusters(places, parameters)
    members = sized.labels != NO_CLUSTER
    count = len(sized.discs)
    spread = np.bincount(sized.labels[members], minlength=count) >= parameters.min_places
    reports = np.bincount(sized.labels[members], weights=places.weight[members], minlength=count)
    return int(reports[spread].max(initial=0))
