"""Hotspots on twelve months of published police data: anchors, a carpet of a city centre, months without days."""

import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from cs_geo.hotspots.clusters import cluster_places
from cs_geo.hotspots.find import find_hotspots
from cs_geo.hotspots.geojson import to_degrees
from cs_geo.hotspots.points import collapse

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "police" / "merseyside-street-2018-01_2021-09.zip"

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not ARCHIVE.exists(), reason=f"needs ../shared/data/police/{ARCHIVE.name}"),
]


@pytest.fixture(scope="module")
def reports():
    with zipfile.ZipFile(ARCHIVE) as archive:
        months = [name for name in sorted(archive.namelist()) if "2020-10" <= name[:7] <= "2021-09"]
        tables = [pd.read_csv(archive.open(name), usecols=["Month", "Longitude", "Latitude"]) for name in months]
    assert len(months) == 12
    rows = pd.concat(tables, ignore_index=True)
    return gpd.GeoDataFrame(
        {"occurred_on": pd.to_datetime(rows["Month"]), "date_precision": "month", "source_type": "police_recorded"},
        geometry=gpd.points_from_xy(rows["Longitude"], rows["Latitude"]),
        crs=4326,
    )


@pytest.fixture(scope="module")
def result(reports):
    return find_hotspots(reports)


def test_no_hotspot_is_larger_than_half_a_square_kilometre(result):
    assert len(result.hotspots) > 500
    assert result.hotspots["area_m2"].max() <= 500_000
    assert not result.hotspots["is_too_large"].any()
    assert any("larger than 0.5 km² split into" in message for message in result.messages)


def test_no_shape_is_without_area_and_no_hotspot_is_one_anchor(result):
    assert (result.hotspots.geometry.area > 0).all()
    assert (result.hotspots["places_n"] >= 3).all()
    assert any("stand for a postcode or a stretch of street" in message for message in result.messages)


def test_every_row_is_accounted_for(reports, result):
    counts = result.counts
    assert counts.read == len(reports) == 181_601
    assert counts.used == counts.in_hotspots + counts.at_spots + counts.elsewhere == counts.read


def test_polygons_do_not_overlap_and_hold_exactly_what_they_count(reports, result):
    shapes = np.asarray(result.hotspots.geometry.array)
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes, predicate="overlaps")
    assert shapely.area(shapely.intersection(shapes[first], shapes[second])).max(initial=0) < 0.001
    assert shapely.is_valid(shapes).all()
    _, holder = tree.query(np.asarray(reports.to_crs(27700).geometry.array), predicate="intersects")
    assert np.bincount(holder, minlength=len(shapes)).tolist() == result.hotspots["reports_n"].tolist()


def test_written_shapes_are_valid_and_hold_the_same_reports(reports, result):
    shapes = to_degrees(result.hotspots.geometry)
    assert shapely.is_valid(shapes).all()
    _, holder = shapely.STRtree(shapes).query(np.asarray(reports.geometry.array), predicate="intersects")
    assert np.bincount(holder, minlength=len(shapes)).tolist() == result.hotspots["reports_n"].tolist()


def test_points_moved_to_anchors_are_recognised(result):
    assert result.anchoring.anchored
    assert result.anchoring.share > 0.95


def test_months_are_counted_and_no_day_is_made_up(result):
    assert (result.hotspots["days_n"] == 0).all()
    assert (result.hotspots["month_precise_n"] == result.hotspots["reports_n"]).all()
    assert result.hotspots["months_n"].max() == 12


def test_a_split_hotspot_is_what_plain_dbscan_finds_at_the_minimum_it_states(reports, result):
    places = collapse(shapely.get_coordinates(np.asarray(reports.to_crs(27700).geometry.array)))
    split = result.hotspots[result.hotspots["was_split"]].iloc[0]
    plain = cluster_places(places.xy, places.weight, radius_m=150, min_reports=int(split["min_reports_used"]))
    inside = shapely.intersects_xy(split.geometry, *places.xy.T)
    labels = np.unique(plain.labels[inside & plain.core])
    assert len(labels) == 1
    # Nothing of that cluster's core lies in another hotspot.
    assert (inside[plain.core] == (plain.labels[plain.core] == labels[0])).all()


def test_the_order_of_rows_changes_no_bit(reports, result):
    again = find_hotspots(reports.sample(frac=1, random_state=7))
    assert again.hotspots.geometry.to_wkb().tolist() == result.hotspots.geometry.to_wkb().tolist()
    assert again.spots.geometry.to_wkb().tolist() == result.spots.geometry.to_wkb().tolist()
    assert again.hotspots["label"].tolist() == result.hotspots["label"].tolist()
