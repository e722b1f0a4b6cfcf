"""What is new since last week, beyond what the district's own reporting explains: the space-time permutation scan.

Cylinders stand on discs round every place, and reach from today back over a few days to four weeks. What a cylinder
should hold rests on the reports alone: had where and when nothing to do with one another, the disc's share of all
reports and the window's share of all reports would multiply. So a place where much is always reported raises no alarm,
nor does a week in which more is reported everywhere. Chance is the strongest cylinder after dates were dealt out to
the reports anew.

Kulldorff, Heffernan, Hartman, Assunção & Mostashari (2005), A space-time permutation scan statistic for disease
outbreak detection, PLoS Medicine 2(3): e59, pp. 217–218 (expected count, likelihood ratio, permutation). Discs take in
all places at an equal distance together; in lists read one by one, whichever stands first decides.

What this cannot know: a change of effort in one place (a new youth worker, a new form) looks like a rise there. It
cannot see a rise over the whole district at all: that is what it takes out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from cs_geo.hotspots.points import collapse
from cs_geo.hotspots.ratios import poisson_ratio

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

RADII_M = (50.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0, 750.0, 1_000.0)
LONGEST_DAYS = 28
PERIOD_DAYS = 365
"""Days that are looked back on, so that a place's usual share is known over all seasons."""
LEAST_COUNTED = 3
SAME_RATIO = 1e-9
"""Ratios no further apart than this are equal."""
MAPS = 999
"""A weekly alarm at p of 0.01 comes about twice a year by chance, and needs a p that can be so small."""
SHOWN = 5

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Alarm:
    """A disc in which more was reported of late than the district's own reporting explains."""

    x: float
    y: float
    radius_m: float
    days: int
    """The window: this many days up to the last."""
    counted: int
    expected: float
    ratio: float
    as_strong: int
    maps: int
    rows: tuple[int, ...]
    """Rows of the reports in it."""

    @property
    def p(self) -> float:
        """Share of the maps, this one among them, whose strongest cylinder is at least as strong."""
        return (1 + self.as_strong) / (1 + self.maps)


def scan_for_alarms(
    xy: Floats,
    days_ago: Integers,
    *,
    maps: int = MAPS,
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> list[Alarm]:
    """Find where more was reported of late than the district's own reporting explains.

    Parameters
    ----------
    xy
        Reports of one kind whose day is known, shape (n, 2), storage metres.
    days_ago
        By report: days before the last day of the period, 0 for that day itself; below ``PERIOD_DAYS``.
    maps
        Times that the days are dealt out anew.
    progress
        Told after each; it may raise to cancel.

    Returns
    -------
    list of Alarm
        Strongest first, none sharing ground with a stronger one, at most ``SHOWN``; empty without late reports.
    """
    order = np.lexsort((days_ago, xy[:, 1], xy[:, 0]))
    xy, days_ago = xy[order], days_ago[order]
    if not (days_ago < LONGEST_DAYS).any():
        return []
    places = collapse(xy)
    discs = _Discs(places.xy, RADII_M)
    ever = discs.sums(places.weight[:, None].astype(np.float64))[..., 0]
    observed = _measure(discs, places.place_of, days_ago, ever)
    rng = np.random.default_rng(seed)
    strongest = np.empty(maps)
    for number in range(maps):
        strongest[number] = _measure(discs, places.place_of, rng.permutation(days_ago), ever).ratios.max()
        progress(number + 1, maps)
    return _apart(observed, places.xy, places.place_of, days_ago, order, strongest)


class _Discs:
    """Sums over discs of several radii round each place, by rings, so that no pair of places is visited twice."""

    def __init__(self, xy: Floats, radii_m: Sequence[float]) -> None:
        pairs = cKDTree(xy).sparse_distance_matrix(cKDTree(xy), max(radii_m), output_type="coo_matrix")
        # Explicit zeros are the places themselves; rounded, so that equal distances are equal.
        ring = np.searchsorted(np.array(radii_m), np.round(pairs.data, 6), side="left")
        shape = (len(xy), len(xy))
        ones = np.ones(len(ring))
        self._rings = [
            csr_array((ones[ring == number], (pairs.row[ring == number], pairs.col[ring == number])), shape=shape)
            for number in range(len(radii_m))
        ]

    def sums(self, values: Floats) -> Floats:
        """Sum of the values (places × windows) within each disc: shape (radii, places, windows)."""
        return np.asarray(np.cumsum(np.stack([ring @ values for ring in self._rings]), axis=0))


@dataclass(frozen=True, slots=True)
class _Measured:
    ratios: Floats
    counted: Floats
    expected: Floats


def _measure(discs: _Discs, place_of: Integers, days_ago: Integers, ever: Floats) -> _Measured:
    late = days_ago < LONGEST_DAYS
    by_day = np.zeros((ever.shape[1], LONGEST_DAYS))
    np.add.at(by_day, (place_of[late], days_ago[late]), 1.0)
    windows = np.cumsum(by_day, axis=1)
    total = len(days_ago)
    counted = discs.sums(windows)
    expected = ever[..., None] * windows.sum(axis=0) / total
    looked_at = (counted >= LEAST_COUNTED) & (counted > expected)
    ratios = np.zeros_like(counted)
    ratios[looked_at] = poisson_ratio(counted[looked_at], expected[looked_at], total)
    return _Measured(ratios, counted, expected)


def _apart(
    measured: _Measured, xy: Floats, place_of: Integers, days_ago: Integers, order: Integers, strongest: Floats
) -> list[Alarm]:
    """The strongest cylinders of which no two share ground."""
    radii, places, windows = np.nonzero(measured.ratios)
    strength = np.round(measured.ratios[radii, places, windows], 9)
    found: list[Alarm] = []
    open_to = np.ones(len(strength), dtype=bool)
    # Equal ratios: the smaller disc first, then the shorter window, then the place further west.
    for row in np.lexsort((places, windows, radii, -strength)):
        if not open_to[row]:
            continue
        middle, radius, days = xy[places[row]], RADII_M[radii[row]], int(windows[row]) + 1
        inside = (np.round(np.hypot(*(xy[place_of] - middle).T), 6) <= radius) & (days_ago < days)
        cell = (radii[row], places[row], windows[row])
        ratio = float(measured.ratios[cell])
        found.append(
            Alarm(
                x=float(middle[0]),
                y=float(middle[1]),
                radius_m=radius,
                days=days,
                counted=int(measured.counted[cell]),
                expected=float(measured.expected[cell]),
                ratio=ratio,
                as_strong=int((strongest >= ratio - SAME_RATIO).sum()),
                maps=len(strongest),
                rows=tuple(sorted(order[inside].tolist())),
            )
        )
        if len(found) == SHOWN:
            break
        open_to &= np.hypot(*(xy[places] - middle).T) > np.array(RADII_M)[radii] + radius
    return found
