"""What a hotspot run gives back: hotspots, spots, who is in them, and the account of every report that was read."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from cs_geo.hotspots.clusters import Floats, Integers
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.points import Anchoring, Places
from cs_geo.hotspots.splitting import SizedClusters

CHANCE_NOT_TESTED = "not yet tested against chance"
"""Stands with every hotspot until a chance test exists. Random points alone make clusters with any setting."""

HOTSPOT_COLUMNS: dict[str, str] = {
    "rank": "1 for the hotspot with most reports",
    "label": "Nearest junction or street",
    "reports_n": "Reports inside the final shape",
    "places_n": "Distinct points among them",
    "days_n": "Distinct days on which they happened, of those known to the day",
    "months_n": "Distinct months in which they happened",
    "month_precise_n": "Reports known only by their month",
    "sources_n": "Distinct source types",
    "source_counts": "Source type: number of reports",
    "noise_only_n": "Reports in which noise or nuisance is the only harm named",
    "presence_only_n": "Reports of young people merely being present, where these were switched on",
    "timed_n": "Reports with a known hour",
    "hour_profile": "Reports in each hour of the day, 24 numbers that add up to timed_n",
    "time_band_counts": "Part of the day: number of reports",
    "area_m2": "Area of the final shape",
    "min_reports_used": "Reports within the radius at which plain DBSCAN finds this hotspot",
    "was_split": "Is it part of a larger concentration that was split?",
    "split_from": "Number of that concentration, 1 for the one with most reports; nothing where it was not split",
    "is_too_large": "Larger than the largest area allowed, and nothing in it is denser than the rest",
    "chance": "What is known of chance",
    "geometry": "Shape in storage metres",
}
SPOT_COLUMNS = {
    name: meaning
    for name, meaning in HOTSPOT_COLUMNS.items()
    if name not in {"area_m2", "is_too_large", "was_split", "split_from"}
} | {"rank": "1 for the spot with most reports", "geometry": "The point with most reports, in storage metres"}


@dataclass(frozen=True, slots=True)
class RunCounts:
    """The account of a run: read = used + left out, and used = in hotspots + at spots + elsewhere."""

    read: int
    used: int
    left_out: dict[str, int]
    """Reason to number of reports (``parameters.LeftOut``, or the caller's own words)."""
    in_hotspots: int
    at_spots: int
    elsewhere: int
    """Used, and neither in a hotspot nor at a spot."""

    def to_json(self) -> dict[str, Any]:
        """The account as plain values."""
        return {
            "read": self.read,
            "used": self.used,
            "left_out": dict(self.left_out),
            "in_hotspots": self.in_hotspots,
            "at_spots": self.at_spots,
            "elsewhere": self.elsewhere,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Clustered:
    """What a run was made of, for the tests of chance and of stability: places, clusters and where reports may be."""

    places: Places
    sized: SizedClusters
    hotspots: Integers
    """By row of the hotspots: number of its cluster."""
    spots: Integers
    """By row of the spots: number of its cluster."""
    xy: Floats
    """By report used: its point in storage metres."""
    reach: Floats
    """By report used: the radius of its match in metres, NaN where it is not known."""
    doubtful: npt.NDArray[np.bool_]
    """By report used: is its match doubtful?"""
    report_ids: npt.NDArray[np.object_]
    """By report used: what it is known by."""


@dataclass(frozen=True, slots=True, eq=False)
class HotspotResult:
    """What a run found. Frames are in storage metres and in the order of rank."""

    hotspots: gpd.GeoDataFrame
    """Columns ``HOTSPOT_COLUMNS``; shapes are valid, do not overlap and hold exactly the reports they count."""
    spots: gpd.GeoDataFrame
    """Reports at one spot: fewer distinct places than a shape needs. Columns ``SPOT_COLUMNS``, geometry a point."""
    members: pd.DataFrame
    """Which reports are in what: ``report_id``, ``found_as`` (hotspot or spot) and ``rank``."""
    counts: RunCounts
    parameters: HotspotParameters
    anchoring: Anchoring
    """Do the reports lie on shared coordinates, so that the map shows anchors?"""
    clustered: Clustered
    messages: tuple[str, ...]
    """What a person should know of this run, in words."""
