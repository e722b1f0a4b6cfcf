"""One kind of report relative to another: where the one is more, or less, common beside the other than usual.

Incidents, concerns and outreach come about in their own ways and are never added up; one may be laid over another. Both
are smoothed with the same kernel and the same bandwidth, and divided. Where the lower one is too thin, its ratio means
nothing and is left out. A ratio of 2 says that the first is twice as common beside the second as on the whole map; it
has no p of its own: whether chance would give it, the scan against a pool of reports says (``scan``, Bernoulli).

Kelsall & Diggle (1995), Kernel estimation of relative risk, Bernoulli 1(1–2), 3–16 (log ratio, one bandwidth for both).
Both densities lack the same share beyond the edge of the map, so that the ratio needs no correction there.

What this cannot know: why. Where outreach went, concerns are heard.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from cs_geo.errors import UsageError
from cs_geo.hotspots.rasters import Grid

Floats = npt.NDArray[np.float64]

SIDE_M = 50.0
BANDWIDTH_M = 300.0
"""Standard deviation of the kernel: 200 to 500 m shows neighbourhoods, and no single street (docs/methods.md)."""
FEWEST_NEAR = 5.0
"""Reports of the second kind within two bandwidths, by their smoothed density, below which no ratio is told."""


@dataclass(frozen=True, slots=True, eq=False)
class RelativeSurface:
    """How common one kind is beside another, by square."""

    grid: Grid
    ratio: Floats
    """Shape (rows, columns), rows from south to north; 1 is as on the whole map, NaN where nothing can be said."""
    bandwidth_m: float


def relate_kinds(
    first: Floats, second: Floats, *, bandwidth_m: float = BANDWIDTH_M, side_m: float = SIDE_M
) -> RelativeSurface:
    """Divide the density of one kind of report by that of another.

    Parameters
    ----------
    first, second
        Points in storage metres, shape (n, 2).
    bandwidth_m
        Standard deviation of the Gaussian kernel, in metres, of both.
    side_m
        Side of a square, in metres.

    Raises
    ------
    UsageError
        If there are no reports of either kind.
    """
    if not len(first) or not len(second):
        raise UsageError("There are no reports of one of the two kinds, so the one cannot be laid over the other.")
    grid = Grid.over(np.concatenate([first, second]), side_m)
    spread = bandwidth_m / side_m
    upper, lower = (
        gaussian_filter(grid.count(points), sigma=spread, mode="constant", truncate=4.0) for points in (first, second)
    )
    near = lower * np.pi * (2 * spread) ** 2
    told = near >= FEWEST_NEAR
    ratio = np.full(lower.shape, np.nan)
    ratio[told] = (upper[told] / len(first)) / (lower[told] / len(second))
    return RelativeSurface(grid, ratio, bandwidth_m)
