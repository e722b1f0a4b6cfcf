import geopandas as gpd
import numpy as np
import pytest
import shapely

from cs_geo.crs import storage_epsg
from cs_geo.disclosure.hotspots import SHOWN_COLUMNS, Reason, choose_hotspots
from cs_geo.disclosure.rules import Audience

PASSES = {"reports_n": 5, "days_n": 3, "sources_n": 2, "found_as": "hotspot"}


def hotspots(*rows):
    """Squares of 100 m in a row, each as PASSES unless it says otherwise."""
    table = [
        {"rank": n + 1, "label": f"Street {n + 1}", "area_m2": 10_000.0, "chance": "", "source_counts": {"school": 1}}
        | PASSES
        | row
        for n, row in enumerate(rows)
    ]
    shapes = [shapely.box(200 * n, 0, 200 * n + 100, 100) for n in range(len(rows))]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=storage_epsg())


@pytest.mark.parametrize(
    ("lacks", "reason"),
    [
        ({"reports_n": 4}, Reason.FEW_REPORTS),
        ({"days_n": 2}, Reason.FEW_DAYS),
        ({"days_n": None}, Reason.FEW_DAYS),
        ({"sources_n": 1}, Reason.FEW_SOURCES),
        ({"found_as": "spot"}, Reason.SPOT),
        ({"guarded_n": 1}, Reason.GUARDED_HARM),
    ],
)
def test_a_hotspot_that_lacks_one_thing_is_not_shown_to_a_partner(lacks, reason):
    chosen = choose_hotspots(hotspots({"guarded_n": 0}, {"guarded_n": 0} | lacks), Audience.PARTNER)
    assert chosen.shown["label"].tolist() == ["Street 1"]
    assert chosen.withheld == {reason: 1}


@pytest.mark.parametrize(("addresses_n", "shown"), [(0, True), (1, False), (7, False), (8, True)])
def test_a_boundary_holds_eight_addresses_or_none(addresses_n, shown):
    houses = np.array([[n + 1.0, 50.0] for n in range(addresses_n)] + [[5000.0, 5000.0]])
    chosen = choose_hotspots(hotspots({}), Audience.PARTNER, addresses=houses)
    assert len(chosen.shown) == shown
    assert chosen.addresses_known


def test_a_partner_is_told_no_counts_by_source_and_no_gap_in_the_ranks():
    chosen = choose_hotspots(hotspots({}, {"reports_n": 3}, {}), Audience.PARTNER)
    assert list(chosen.shown.columns) == list(SHOWN_COLUMNS)
    assert chosen.shown["rank"].tolist() == [1, 2]
    assert chosen.shown["label"].tolist() == ["Street 1", "Street 3"]


def test_every_hotspot_is_counted_once_under_the_first_reason():
    chosen = choose_hotspots(
        hotspots({}, {"reports_n": 2, "days_n": 1}, {"days_n": 1, "sources_n": 1}), Audience.PARTNER
    )
    assert chosen.read == len(chosen.shown) + sum(chosen.withheld.values()) == 3
    assert list(chosen.withheld.items()) == [(Reason.FEW_REPORTS, 1), (Reason.FEW_DAYS, 1)]


def test_the_public_sees_no_outline():
    chosen = choose_hotspots(hotspots({}, {}), Audience.PUBLIC)
    assert chosen.shown.empty
    assert chosen.withheld == {Reason.AUDIENCE: 2}


def test_inside_all_are_shown_as_they_are_and_a_case_sees_no_spot():
    found = hotspots({}, {"reports_n": 1, "found_as": "spot"})
    inside = choose_hotspots(found, Audience.INTERNAL)
    assert list(inside.shown.columns) == list(found.columns)
    assert len(inside.shown) == 2
    assert choose_hotspots(found, Audience.CASE).withheld == {Reason.SPOT: 1}


def test_a_run_that_found_nothing_shows_nothing():
    assert choose_hotspots(hotspots({}).iloc[:0], Audience.PARTNER).withheld == {}
