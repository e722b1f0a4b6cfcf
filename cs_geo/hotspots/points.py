"""From reports to places: who takes no part, exact duplicates collapsed to weighted points, and anchors recognised.

Reports geocoded to one postcode, and published police points moved to anonymised anchors, lie on exactly the same
coordinates. They are one place with a weight: clustering is the same, in half the memory, and the number of distinct
places tells a spread from a single spot.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from cs_geo.crs import require_metres
from cs_geo.hotspots.parameters import LeftOut

_PRECISE_ENOUGH = ("building", "junction", "street", "postcode", "cell")
"""Match levels that may be clustered (practice: geocode match level)."""
_AREA = "area"
_NOT_MATCHED = "none"

ANCHORED_SHARE = 0.5
"""From this share of reports on repeated coordinates on, a map shows anchors rather than places."""
_FEWEST_FOR_ANCHORS = 20
"""Below this, one shared address already makes half of the reports."""


def reasons_to_leave_out(
    reports: gpd.GeoDataFrame,
    xy: npt.NDArray[np.float64],
    *,
    study_area: BaseGeometry | None = None,
    protected: BaseGeometry | None = None,
    include: Collection[LeftOut] = (),
) -> "pd.Series[str]":
    """Why each report takes no part, or an empty string; ``xy`` in storage metres, NaN without a point."""
    located = np.asarray(np.isfinite(xy).all(axis=1))
    precision = reports["precision"].fillna("").astype(str) if "precision" in reports else None
    found: dict[LeftOut, npt.NDArray[np.bool_]] = {LeftOut.NOT_LOCATED: ~located}
    if precision is not None:
        found[LeftOut.NOT_LOCATED] |= (precision == _NOT_MATCHED).to_numpy()
        found[LeftOut.AREA_PRECISION] = (precision == _AREA).to_numpy()
        found[LeftOut.PRECISION_UNKNOWN] = ~precision.isin(_PRECISE_ENOUGH).to_numpy()
    if study_area is not None:
        found[LeftOut.OUTSIDE_STUDY_AREA] = ~_touches(study_area, xy)
    if protected is not None:
        found[LeftOut.PROTECTED_LOCATION] = _touches(protected, xy)
    for reason in (LeftOut.PUBLISHED, LeftOut.PRESENCE_ONLY, LeftOut.DEFAULT_LOCATION):
        if reason not in include and reason in reports:
            found[reason] = reports[reason].fillna(False).to_numpy(dtype=bool)

    reasons = pd.Series("", index=reports.index, dtype=object)
    if "leave_out_reason" in reports:
        reasons = reports["leave_out_reason"].fillna("").astype(object)
    for reason in reversed(LeftOut):  # the first of the list is written last, and so prevails
        if reason in found:
            reasons = reasons.where(~found[reason], str(reason))
    return reasons


def count_reasons(reasons: "pd.Series[str]") -> dict[str, int]:
    """Number of reports left out by reason: those of ``LeftOut`` in their order, then the caller's own by name."""
    counts = Counter(reasons[reasons != ""])
    known = [str(reason) for reason in LeftOut]
    return {reason: counts[reason] for reason in (*known, *sorted(set(counts) - set(known))) if reason in counts}


@dataclass(frozen=True, slots=True)
class Places:
    """Distinct points in the order of x, then y. ``place_of`` leads from each report to its point."""

    xy: npt.NDArray[np.float64]
    weight: npt.NDArray[np.int64]
    place_of: npt.NDArray[np.int64]


def collapse(xy: npt.NDArray[np.float64]) -> Places:
    """Collapse exactly equal coordinates (shape (n, 2)) to distinct points with their number of reports."""
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    ordered = xy[order]
    starts = np.ones(len(xy), dtype=bool)
    starts[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    place_of = np.empty(len(xy), dtype=np.int64)
    place_of[order] = np.cumsum(starts) - 1
    distinct = np.ascontiguousarray(ordered[starts])
    return Places(distinct, np.bincount(place_of, minlength=len(distinct)).astype(np.int64), place_of)


def collapse_duplicates(reports: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Collapse reports at exactly the same coordinates to one point with a weight.

    Parameters
    ----------
    reports
        Points in metres, none missing.

    Returns
    -------
    GeoDataFrame
        Columns ``weight`` (reports at the point) and ``geometry``, CRS as given, ordered by x, then y, whatever the
        order of the rows.

    Raises
    ------
    ValueError
        If the CRS is not in honest metres.
    """
    require_metres(reports)
    places = collapse(shapely.get_coordinates(np.asarray(reports.geometry.array)) + 0.0)
    points = gpd.points_from_xy(*places.xy.T)
    return gpd.GeoDataFrame({"weight": places.weight}, geometry=points, crs=reports.crs)


@dataclass(frozen=True, slots=True)
class Anchoring:
    """How far the reports lie on coordinates that others share."""

    share: float
    """Share of reports on a coordinate that holds two or more, 0 to 1."""
    busiest_reports_n: int
    """Reports on the coordinate that holds most."""
    anchored: bool
    """Is this a map of anchors (postcode centres, anonymised points) rather than of places?"""


def share_on_anchors(points: gpd.GeoDataFrame) -> Anchoring:
    """Measure how many reports lie on repeated coordinates.

    Parameters
    ----------
    points
        What ``collapse_duplicates`` gives: one row a distinct point, column ``weight``.
    """
    return anchoring(points["weight"].to_numpy(dtype=np.int64))


def anchoring(weight: npt.NDArray[np.int64]) -> Anchoring:
    """``share_on_anchors`` for bare weights."""
    total = int(weight.sum())
    if not total:
        return Anchoring(share=0.0, busiest_reports_n=0, anchored=False)
    share = float(weight[weight > 1].sum() / total)
    anchored = total >= _FEWEST_FOR_ANCHORS and share > ANCHORED_SHARE
    return Anchoring(share=share, busiest_reports_n=int(weight.max()), anchored=anchored)


def _touches(area: BaseGeometry, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    shapely.prepare(area)
    return np.asarray(shapely.intersects_xy(area, xy[:, 0], xy[:, 1]), dtype=bool)
