"""Which hotspots a partner may see, and why not the others.

From five reports, on three distinct days, from two sources, with a boundary over eight addresses or none (practice.md
§5.3). Spots never: they are one place, and often one home. The public sees none.

A hotspot must come from a run without the reports that a partner is told of by district only: its outline would be
drawn round them. Where one holds any, it is withheld.
"""

from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from cs_geo.crs import require_metres
from cs_geo.disclosure.addresses import count_addresses
from cs_geo.disclosure.rules import RULES, SIGHTS, Audience, Rules

SHOWN_COLUMNS: dict[str, str] = {
    "rank": "1 for the one with most reports among those shown",
    "label": "Nearest junction or street",
    "reports_n": "Reports inside the shape",
    "area_m2": "Area of the shape in square metres",
    "chance": "What is known of chance",
    "geometry": "Shape in storage metres",
}
"""What a partner is told of a hotspot. Its counts by source, hour and part of the day stay inside: they are small."""


class Reason(StrEnum):
    """Why a hotspot is not shown, in the order in which it is asked."""

    AUDIENCE = "no outlines are shown to this audience"
    SPOT = "reports at one spot"
    GUARDED_HARM = "with reports of a harm that is told by district only"
    FEW_REPORTS = "with too few reports"
    FEW_DAYS = "on too few days"
    FEW_SOURCES = "from too few sources"
    FEW_ADDRESSES = "over too few addresses"


@dataclass(frozen=True, slots=True, eq=False)
class ShownHotspots:
    """The hotspots an audience may see, and the account: read = shown + withheld."""

    shown: gpd.GeoDataFrame
    """Columns ``SHOWN_COLUMNS``, by rank; all columns as given for an audience that is told exact counts."""
    read: int
    withheld: dict[str, int]
    """Reason (``Reason``) to number, each counted once, in the order of ``Reason``."""
    addresses_known: bool
    """Was the number of addresses looked at?"""


def choose_hotspots(
    hotspots: gpd.GeoDataFrame,
    audience: Audience,
    *,
    addresses: npt.NDArray[np.float64] | None = None,
    rules: Rules = RULES,
) -> ShownHotspots:
    """Choose the hotspots that an audience may see.

    Parameters
    ----------
    hotspots
        Columns of a run's hotspots and spots (``rank``, ``label``, ``reports_n``, ``days_n``, ``sources_n``,
        ``area_m2``, ``chance``), in metres. ``found_as`` tells spots, hotspot where absent; ``guarded_n`` is the number
        of reports told by district only, none where absent.
    addresses
        Easting and northing of every address, shape (n, 2), metres. None: not known, and not asked for.

    Raises
    ------
    ValueError
        If the hotspots are not in honest metres.
    """
    require_metres(hotspots)
    sight = SIGHTS[audience]
    shapes = np.asarray(hotspots.geometry.array, dtype=object)
    is_spot = _column(hotspots, "found_as", "hotspot") == "spot"
    held = count_addresses(shapes, addresses)
    outside = not sight.sensitive_harm
    tests = {
        Reason.AUDIENCE: np.full(len(hotspots), not sight.outlines),
        Reason.SPOT: is_spot & (not sight.spots),
        Reason.GUARDED_HARM: (_column(hotspots, "guarded_n", 0) > 0) & outside,
        Reason.FEW_REPORTS: (_column(hotspots, "reports_n") < rules.hotspot_reports) & outside,
        Reason.FEW_DAYS: (_column(hotspots, "days_n") < rules.hotspot_days) & outside,
        Reason.FEW_SOURCES: (_column(hotspots, "sources_n") < rules.hotspot_sources) & outside,
        Reason.FEW_ADDRESSES: np.array([not rules.may_hold(n) for n in held.tolist()], dtype=bool) & outside,
    }
    reason = np.full(len(hotspots), "", dtype=object)
    for why in reversed(Reason):  # the first of the list is written last, and so prevails
        reason[np.asarray(tests[why], dtype=bool)] = str(why)
    shown = hotspots[reason == ""].sort_values("rank")
    if outside:
        # Gaps in the ranks would tell how many are withheld, and where they stand.
        shown = shown.assign(rank=range(1, len(shown) + 1))[list(SHOWN_COLUMNS)]
    return ShownHotspots(
        shown=shown.reset_index(drop=True),
        read=len(hotspots),
        withheld={str(one): int((reason == one).sum()) for one in Reason if (reason == one).any()},
        addresses_known=addresses is not None,
    )


def _column(hotspots: gpd.GeoDataFrame, name: str, absent: object = None) -> npt.NDArray[np.object_]:
    """A column; a number that is not known is taken for none."""
    if name not in hotspots and absent is not None:
        return np.full(len(hotspots), absent, dtype=object)
    return pd.Series(hotspots[name]).fillna(0).to_numpy(dtype=object)
