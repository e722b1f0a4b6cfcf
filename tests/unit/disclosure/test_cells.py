from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_geo.crs import storage_epsg
from cs_geo.disclosure.cells import ALL, TOGETHER, Withheld, cell_corners, count_by_cell, tell_groups
from cs_geo.disclosure.harm_groups import load_harm_groups
from cs_geo.settings import data_folder

GROUPS = load_harm_groups(data_folder())


def reports_at(*rows, kind="incident", harm=("damage",), ward="A", **columns):
    """Reports from (x, y) or (x, y, columns)."""
    table = pd.DataFrame(
        [{"kind": kind, "harm_types": harm, "ward": ward, **(row[2] if len(row) > 2 else {})} for row in rows]
    )
    points = gpd.points_from_xy([row[0] for row in rows], [row[1] for row in rows])
    return gpd.GeoDataFrame(table.assign(**columns), geometry=points, crs=storage_epsg())


def told(result, cell, kind="incident"):
    rows = result.counts[(result.counts["cell"] == cell) & (result.counts["kind"] == kind)]
    return dict(zip(rows["harm_group"], rows["reports"], strict=True))


def test_a_point_on_a_shared_side_belongs_to_the_cell_north_or_east_of_it():
    xy = np.array([[0.0, 49.999], [50.0, 50.0], [99.999, 100.0], [-0.001, 0.0]])
    assert cell_corners(xy, 50).tolist() == [[0, 0], [50, 50], [50, 100], [-50, 0]]


@given(st.floats(-1e7, 1e7, allow_nan=False))
def test_every_point_lies_in_its_half_open_cell(x):
    corner = cell_corners(np.array([[x, x]]), 50)[0, 0]
    assert corner <= x < corner + 50


def test_five_reports_are_counted_and_four_are_fewer_than_five():
    result = count_by_cell(reports_at(*[(10, 10)] * 5, *[(60, 10)] * 4), GROUPS)
    assert told(result, "0_0_A") == {ALL: "5", "surroundings": "5"}
    assert told(result, "50_0_A") == {ALL: "fewer than 5"}


@pytest.mark.trust("E4", figure="0 small counts")
def test_no_small_count_is_in_anything_that_a_partner_is_given():
    result = count_by_cell(reports_at(*[(10, 10)] * 5, *[(60, 10)] * 4, (110, 10)), GROUPS)
    assert set(result.counts["reports"]) == {"5", "fewer than 5"}
    assert list(result.cells.columns) == ["cell", "ward", "geometry"]
    assert result.exact["reports_n"].min() >= 5


def test_kinds_are_counted_apart_and_never_added_up():
    result = count_by_cell(reports_at(*[(10, 10)] * 6, *[(10, 10, {"kind": "strength", "harm_types": ()})] * 5), GROUPS)
    assert told(result, "0_0_A")[ALL] == "6"
    assert told(result, "0_0_A", "strength") == {ALL: "5", "none_given": "5"}


def test_a_cell_that_a_boundary_crosses_is_two_cells_each_within_its_ward():
    wards = gpd.GeoDataFrame(
        {"reference": ["A", "B"]}, geometry=[shapely.box(0, 0, 30, 100), shapely.box(30, 0, 100, 100)], crs=27700
    )
    result = count_by_cell(reports_at(*[(10, 10)] * 5, *[(40, 10, {"ward": "B"})] * 5), GROUPS, wards=wards)
    assert result.cells["cell"].tolist() == ["0_0_A", "0_0_B"]
    assert result.cells.geometry.area.tolist() == [30 * 50, 20 * 50]
    assert told(result, "0_0_A")[ALL] == told(result, "0_0_B")[ALL] == "5"


def test_a_report_whose_ward_lies_elsewhere_is_drawn_in_neither():
    wards = gpd.GeoDataFrame({"reference": ["A"]}, geometry=[shapely.box(1000, 0, 2000, 100)], crs=27700)
    result = count_by_cell(reports_at(*[(10, 10)] * 5), GROUPS, wards=wards)
    assert result.cells.empty
    assert result.counts.empty
    assert result.withheld == {Withheld.NO_WARD: 5}


@pytest.mark.parametrize(
    "harm", ["sexual_exploitation", "criminal_exploitation", "hate_or_discrimination", "radicalisation_worry"]
)
def test_guarded_harm_is_in_no_cell_and_not_in_what_is_left_of_all(harm):
    reports = reports_at(*[(10, 10)] * 6, *[(10, 10, {"harm_types": ("damage", harm)})] * 5)
    result = count_by_cell(reports, GROUPS)
    assert told(result, "0_0_A") == {ALL: "6", "surroundings": "6"}
    assert result.withheld == {Withheld.BY_DISTRICT: 5}


def test_reports_at_one_spot_stay_inside_where_there_are_or_may_be_dwellings():
    reports = reports_at(*[(10, 10)] * 6, at_spot=True)
    houses = np.array([[x, 20.0] for x in range(1, 10)])
    assert count_by_cell(reports, GROUPS).withheld == {Withheld.AT_SPOT: 6}
    assert count_by_cell(reports, GROUPS, addresses=houses).withheld == {Withheld.AT_SPOT: 6}
    assert told(count_by_cell(reports, GROUPS, addresses=houses + 500), "0_0_A")[ALL] == "6"


@pytest.mark.parametrize(("addresses_n", "shown"), [(0, True), (1, False), (7, False), (8, True)])
@pytest.mark.trust("E3", figure="8 addresses or none")
def test_a_cell_holds_eight_addresses_or_none(addresses_n, shown):
    houses = np.array([[n + 1.0, 20.0] for n in range(addresses_n)]).reshape(-1, 2)
    result = count_by_cell(reports_at(*[(10, 10)] * 6), GROUPS, addresses=houses)
    assert (result.in_cells == 6) == shown
    assert (result.withheld == {Withheld.FEW_ADDRESSES: 6}) == (not shown)


def test_every_report_is_in_a_cell_or_withheld_for_one_reason():
    reports = reports_at(
        (10, 10),
        (10, 10, {"protected": True, "harm_types": ("sexual_exploitation",)}),
        (10, 10, {"ward": None}),
        (10, 10, {"precision": "area"}),
        (np.nan, np.nan),
        (10, 10, {"harm_types": ("hate_or_discrimination",), "at_spot": True}),
    )
    reports["precision"] = reports["precision"].fillna("street")
    result = count_by_cell(reports, GROUPS)
    assert result.read == 6
    assert result.in_cells == 1
    assert result.withheld == {
        Withheld.PROTECTED: 1,
        Withheld.NOT_LOCATED: 2,
        Withheld.NO_WARD: 1,
        Withheld.BY_DISTRICT: 1,
    }


def test_harm_groups_too_small_to_be_told_are_told_together():
    harms = ["a"] * 9 + ["b"] * 8 + ["c"] * 3
    # 3 alone would be all less a and b; so b joins it.
    assert tell_groups(pd.Series(harms)) == [("a", 9), (TOGETHER, 11)]
    assert tell_groups(pd.Series(["a"] * 9 + ["c"] * 3 + ["d"] * 3)) == [("a", 9), (TOGETHER, 6)]
    assert tell_groups(pd.Series(["a"] * 9)) == [("a", 9)]


@given(st.lists(st.sampled_from("abcdef"), min_size=5, max_size=60))
def test_no_small_number_of_a_harm_is_told_or_left_over(harms):
    groups = tell_groups(pd.Series(harms))
    assert all(n >= 5 for _, n in groups)
    assert sum(n for _, n in groups) == len(harms)
    counted = Counter(harms)
    assert all(n == counted[group] for group, n in groups if group != TOGETHER)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(0, 60))
def test_reports_read_are_those_in_cells_and_those_withheld(seed, n):
    random = np.random.default_rng(seed)
    rows = [
        (x, y, {"ward": w, "harm_types": h, "at_spot": bool(s)})
        for x, y, w, h, s in zip(
            random.uniform(0, 200, n),
            random.uniform(0, 200, n),
            random.choice(["A", "B", ""], n),
            [("damage", "hate_or_discrimination")[i : i + 1] for i in random.integers(0, 3, n)],
            random.integers(0, 2, n),
            strict=True,
        )
    ]
    reports = reports_at(*rows) if rows else reports_at((0, 0)).iloc[:0]
    result = count_by_cell(reports, GROUPS, addresses=random.uniform(0, 200, (80, 2)))
    assert result.read == result.in_cells + sum(result.withheld.values()) == n
    assert set(result.counts["cell"]) == set(result.cells["cell"])


def test_degrees_are_refused():
    with pytest.raises(ValueError, match="metres"):
        count_by_cell(reports_at((0, 0)).to_crs(4326), GROUPS)
