"""Which hotspots of two runs lie on the same ground, and how much of it they share.

Two runs with other settings or other dates seldom draw the same shape. Overlap is told twice: the share of both
together (intersection over union), which is low where one shape lies within the other, and the share of the smaller.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import STRtree


def match_hotspots(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> pd.DataFrame:
    """Pair the hotspots of two runs that share ground.

    Parameters
    ----------
    first, second
        Columns ``rank``, ``label``, ``reports_n`` and polygons in one reference system in metres.

    Returns
    -------
    DataFrame
        A row for each pair, most shared ground first: ``first_rank``, ``second_rank``, ``share_of_both`` and
        ``share_of_smaller``, 0 to 1. A hotspot that shares none has a row with the other side missing (Int64).

    Raises
    ------
    ValueError
        If the two are in different reference systems.
    """
    if len(first) and len(second) and first.crs != second.crs:
        raise ValueError("The hotspots of two runs must be in one reference system.")
    one, other = np.asarray(first.geometry.array), np.asarray(second.geometry.array)
    left, right = STRtree(other).query(one, predicate="intersects")
    common = shapely.area(shapely.intersection(one[left], other[right]))
    areas, others = shapely.area(one)[left], shapely.area(other)[right]
    touching = common > 0
    pairs = pd.DataFrame(
        {
            "first_rank": first["rank"].to_numpy()[left],
            "second_rank": second["rank"].to_numpy()[right],
            "share_of_both": common / np.maximum(areas + others - common, 1e-9),
            "share_of_smaller": common / np.maximum(np.minimum(areas, others), 1e-9),
        }
    )[touching].sort_values(["share_of_both", "first_rank", "second_rank"], ascending=[False, True, True])
    alone = [
        pd.DataFrame({"first_rank": sorted(set(first["rank"]) - set(pairs["first_rank"]))}),
        pd.DataFrame({"second_rank": sorted(set(second["rank"]) - set(pairs["second_rank"]))}),
    ]
    together = pd.concat([pairs, *alone], ignore_index=True)
    columns = ["first_rank", "second_rank", "share_of_both", "share_of_smaller"]
    return pd.DataFrame(together.astype({"first_rank": "Int64", "second_rank": "Int64"})[columns])
