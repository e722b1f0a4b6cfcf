import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from cs_geo.hotspots.overlaps import match_hotspots


def run(*shapes, crs=27700):
    count = len(shapes)
    return gpd.GeoDataFrame(
        {"rank": range(1, count + 1), "label": [f"S{n}" for n in range(count)], "reports_n": [10] * count},
        geometry=list(shapes),
        crs=crs,
    )


def test_the_same_shape_shares_all_and_one_within_another_shares_all_of_the_smaller():
    matches = match_hotspots(run(box(0, 0, 10, 10), box(100, 0, 120, 20)), run(box(0, 0, 10, 10), box(100, 0, 110, 10)))
    assert matches.loc[0].tolist() == [1, 1, 1.0, 1.0]
    assert (matches.loc[1, "share_of_both"], matches.loc[1, "share_of_smaller"]) == (0.25, 1.0)


def test_a_hotspot_on_ground_of_its_own_has_no_other():
    matches = match_hotspots(run(box(0, 0, 10, 10)), run(box(50, 0, 60, 10), box(10, 0, 20, 10)))
    assert matches["share_of_both"].isna().all(), "touching at an edge shares no ground"
    assert matches["first_rank"].dropna().tolist() == [1]
    assert sorted(matches["second_rank"].dropna()) == [1, 2]
    assert matches["first_rank"].iloc[1] is pd.NA


def test_no_hotspots_are_no_matches():
    assert len(match_hotspots(run(), run())) == 0
    assert len(match_hotspots(run(box(0, 0, 1, 1)), run())) == 1


def test_two_reference_systems_are_refused():
    with pytest.raises(ValueError, match="one reference system"):
        match_hotspots(run(box(0, 0, 1, 1)), run(box(0, 0, 1, 1), crs=3857))
