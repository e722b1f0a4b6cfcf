"""A circular scan: wide, weak rises that a density threshold misses.

DBSCAN asks how many reports lie within one radius, and finds what is dense. A rise of half as many again over a whole
estate is nowhere dense enough, yet may be beyond chance. The scan lays discs of many sizes round every square of a
grid, holds what each counted against what the baseline expects, and takes the disc with the largest likelihood ratio;
chance is the largest ratio on simulated maps, so that all discs together are tested once.

Kulldorff (1997), A spatial scan statistic, Communications in Statistics 26(6), 1481–1496. Further discs are those with
the next largest ratios that share no square with a stronger one, held against the same largest ratios of simulated
maps, which makes their p too large rather than too small (p. 1489).

Parameters that change the answer, and so are said with it: the largest disc (``RADII_M``), and the largest share of all
that is expected (``MOST_SHARE``). Reports count for the square of 50 m they lie in.

What this cannot know: whatever ``chance`` cannot. A disc says how wide a rise is, not where in it reports lie.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cs_geo.hotspots.baselines import Baseline, Pool
from cs_geo.hotspots.rasters import DiscSums, Floats, Grid
from cs_geo.hotspots.ratios import bernoulli_ratio, poisson_ratio

SIDE_M = 50.0
RADII_M = (150.0, 200.0, 300.0, 400.0, 500.0, 650.0, 800.0, 1_000.0, 1_250.0, 1_500.0)
"""From a block to what is walked in twenty minutes, each about a quarter wider than the last."""
MOST_SHARE = 0.25
"""A disc that should hold more than this of all reports is no place."""
LEAST_COUNTED = 5
SAME_RATIO = 1e-9
"""Ratios no further apart than this are equal: sums by Fourier transform are right to about 1e-12."""
SHOWN = 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rise:
    """A disc that holds more than the baseline expects."""

    x: float
    y: float
    """Middle, in storage metres."""
    radius_m: float
    counted: int
    expected: float
    ratio: float
    """Log-likelihood ratio."""
    as_strong: int
    maps: int

    @property
    def p(self) -> float:
        """Share of maps, this one among them, whose strongest disc is at least as strong."""
        return (1 + self.as_strong) / (1 + self.maps)


def scan_for_rises(
    xy: Floats,
    baseline: Baseline,
    *,
    maps: int = 199,
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> list[Rise]:
    """Find the discs that hold more reports than a baseline expects.

    Parameters
    ----------
    xy
        Reports of one kind, shape (n, 2), storage metres. For a ``Pool``, those of it that are asked about.
    baseline
        What would be expected where.
    maps
        Simulated maps.
    progress
        Told after each map; it may raise to cancel.

    Returns
    -------
    list of Rise
        Strongest first, none sharing a square with a stronger one, at most ``SHOWN``; empty without reports.
    """
    if not len(xy):
        return []
    grid = Grid.over(np.concatenate([baseline.xy, xy]), SIDE_M)
    sums = DiscSums(grid, RADII_M)
    held = _Held(grid, sums, baseline, len(xy))
    ratios, counted = held.measure(xy)
    strongest = np.array([
        held.strongest(baseline.draw(len(xy), np.random.default_rng([seed, number])), progress, number, maps)
        for number in range(maps)
    ])  # fmt: skip
    return [
        Rise(x, y, radius, number, expected, ratio, int((strongest >= ratio - SAME_RATIO).sum()), maps)
        for x, y, radius, number, expected, ratio in _apart(grid, ratios, counted, held.expected)
    ]


class _Held:
    """A baseline laid under every disc once, for many maps."""

    def __init__(self, grid: Grid, sums: DiscSums, baseline: Baseline, reports: int) -> None:
        self.grid, self.sums, self.reports = grid, sums, reports
        self.pool: Floats | None = None
        if isinstance(baseline, Pool):
            self.total = len(baseline.xy)
            self.pool = sums(grid.count(baseline.xy), whole=True)
            self.expected = self.pool / self.total * reports
        else:
            self.total = reports
            self.expected = sums(grid.count(baseline.xy, baseline.share)) * reports
        self.open = (self.expected > 1e-9 * reports) & (self.expected <= MOST_SHARE * reports)

    def measure(self, xy: Floats) -> tuple[Floats, Floats]:
        """Likelihood ratio and count of every disc; the ratio is 0 where a disc takes no part."""
        counted = self.sums(self.grid.count(xy), whole=True)
        looked_at = self.open & (counted >= LEAST_COUNTED) & (counted > self.expected)
        ratios = np.zeros_like(counted)
        if self.pool is None:
            ratios[looked_at] = poisson_ratio(counted[looked_at], self.expected[looked_at], self.reports)
        else:
            ratios[looked_at] = bernoulli_ratio(counted[looked_at], self.pool[looked_at], self.reports, self.total)
        return ratios, counted

    def strongest(self, xy: Floats, progress: Progress, number: int, maps: int) -> float:
        """The largest likelihood ratio of a map."""
        ratios, _ = self.measure(xy)
        progress(number + 1, maps)
        return float(ratios.max())


def _apart(
    grid: Grid, ratios: Floats, counted: Floats, expected: Floats
) -> list[tuple[float, float, float, int, float, float]]:
    """The strongest discs of which no two share ground."""
    middles = grid.middles()
    radius_of, flat = np.divmod(np.flatnonzero(ratios), grid.rows * grid.columns)
    strength = ratios.ravel()[np.flatnonzero(ratios)]
    # Equal ratios: the smaller disc first, then the south-western.
    order = np.lexsort((flat, radius_of, -np.round(strength, 9)))
    taken: list[tuple[float, float, float]] = []
    found = []
    open_to = np.ones(len(order), dtype=bool)
    radii = np.array(RADII_M)[radius_of]
    for row in order:
        if not open_to[row]:
            continue
        x, y = middles[flat[row]]
        taken.append((x, y, radii[row]))
        place = (radius_of[row], *divmod(int(flat[row]), grid.columns))
        found.append(
            (float(x), float(y), float(radii[row]), int(counted[place]), float(expected[place]), float(strength[row]))
        )
        if len(found) == SHOWN:
            break
        open_to &= np.hypot(*(middles[flat] - (x, y)).T) > radii + radii[row]
    return found
