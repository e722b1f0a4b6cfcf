"""One square kilometre of London as OpenStreetMap had it in 2020, whole and as two extracts of highways only."""

import bz2
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from cs_geo.geocode.gazetteer import Entry, Kind
from cs_geo.geocode.osm_entries import entries_from_osm
from cs_geo.geocode.osm_streets import normalised
from cs_geo.maps.basemap_features import LAYERS, basemap_features
from cs_geo.osm import TAGS, OsmData, is_protected, read_osm
from cs_geo.surroundings.streets import StreetNetwork, build_streets, to_osmnx_graph, verify_streets

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "osm"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the OpenStreetMap extracts are not beside the checkout"),
]


@pytest.fixture(scope="module")
def london() -> OsmData:
    return read_osm(FOLDER / "london.osm.pbf")


@pytest.fixture(scope="module")
def streets(london: OsmData) -> StreetNetwork:
    return build_streets(london)


@pytest.fixture(scope="module")
def entries(london: OsmData) -> list[Entry]:
    return list(entries_from_osm(london, "London 2020"))


def test_the_extract_holds_the_streets_addresses_lamps_and_cameras_that_it_is_known_to_hold(london: OsmData) -> None:
    ways = london.lines[london.lines["highway"].notna()]
    grounds = london.areas[london.areas["highway"].notna()]
    squares = grounds[grounds["osm_type"] == "way"]
    everything = pd.concat([frame[list(TAGS)] for frame in (london.points, london.lines, london.areas)])

    assert ways["osm_id"].nunique() + squares["osm_id"].nunique() == 3_141
    assert pd.concat([ways["name"], grounds["name"]]).nunique() == 497
    # Of 1,579 house numbers one hangs on an open line and one on a collection: neither has a place on the ground.
    assert everything["addr:housenumber"].notna().sum() == 1_577
    assert (everything["highway"] == "street_lamp").sum() == 131
    assert (everything["man_made"] == "surveillance").sum() == 23
    assert london.as_of == "2020-07-20"


def test_the_extracts_of_highways_hold_the_same_streets(streets: StreetNetwork) -> None:
    walk = build_streets(read_osm(FOLDER / "london.walk.osm.bz2"))
    drive = build_streets(read_osm(FOLDER / "london.drive.osm.bz2"))

    assert len(walk.edges) == len(streets.edges)
    assert walk.edges["length_m"].sum() == pytest.approx(streets.edges["length_m"].sum())
    for_cars = streets.edges["drivable"]
    assert drive.edges.loc[drive.edges["drivable"], "length_m"].sum() == pytest.approx(
        streets.edges.loc[for_cars, "length_m"].sum()
    )


def test_the_network_holds_together_and_no_building_is_a_street(london: OsmData, streets: StreetNetwork) -> None:
    assert verify_streets(streets) == []
    assert set(streets.edges["way_id"]) <= set(london.lines.loc[london.lines["highway"].notna(), "osm_id"])
    # osmnx makes 638 nodes from the drive extract and 17,608 from the whole, of which it takes buildings for streets.
    # A few of the 638 lie on ways that are closed to cars.
    assert 600 <= len(to_osmnx_graph(streets, mode="drive")) <= 638


def test_osmnx_makes_the_same_graph_of_the_same_highways(tmp_path: Path) -> None:
    import osmnx

    packed = FOLDER / "london.drive.osm.bz2"
    plain = tmp_path / "drive.osm"
    plain.write_bytes(bz2.decompress(packed.read_bytes()))
    theirs = osmnx.graph_from_xml(plain, bidirectional=True, retain_all=True)

    ours = to_osmnx_graph(build_streets(read_osm(packed)), mode="all")

    assert set(ours) == set(theirs)
    assert sorted((u, v) for u, v, _ in ours.edges) == sorted((u, v) for u, v, _ in theirs.edges)
    lengths = [sum(length for *_, length in graph.edges(data="length")) for graph in (ours, theirs)]
    assert lengths[0] == pytest.approx(lengths[1], rel=0.002), "metres of the grid against metres of the sphere"


def test_every_street_is_listed_by_a_point_on_it(london: OsmData, entries: list[Entry]) -> None:
    lines = london.lines[london.lines["highway"].notna() & london.lines["name"].notna()]
    norms = lines["name"].map(normalised)
    by_name = {norm: shapely.union_all(group.to_numpy()) for norm, group in lines.geometry.groupby(norms)}
    streets = [entry for entry in entries if entry.kind is Kind.STREET and entry.name_norm in by_name]

    assert {street.name_norm for street in streets} >= set(norms) - {""} - _indoors(london)
    away = [by_name[street.name_norm].distance(shapely.Point(street.x, street.y)) for street in streets]
    assert max(away) < 0.01
    twice = pd.Series([street.name_norm for street in streets]).value_counts()
    assert twice[twice > 1].index.tolist() == ["bishops court"], "two courts of that name lie 600 m apart"


def _indoors(london: OsmData) -> set[str]:
    named = london.lines[london.lines["name"].notna()]
    kinds = named.groupby(named["name"].map(normalised))["highway"]
    return {
        name for name, found in kinds if set(found.dropna()) <= {"corridor", "platform", "construction", "elevator"}
    }


def test_every_junction_lies_on_both_its_streets(london: OsmData, entries: list[Entry]) -> None:
    lines = london.lines[london.lines["highway"].notna() & london.lines["name"].notna()]
    by_name = {
        norm: shapely.union_all(group.to_numpy())
        for norm, group in lines.geometry.groupby(lines["name"].map(normalised))
    }
    junctions = [entry for entry in entries if entry.kind is Kind.JUNCTION]
    off = [
        max(by_name[norm].distance(shapely.Point(junction.x, junction.y)) - junction.radius_m for norm in pair)
        for junction in junctions
        for pair in [junction.name_norm.split(" / ")]
    ]

    assert len(junctions) > 700
    assert max(off) <= 0
    assert {"fleet street / shoe lane", "clerkenwell road / leather lane"} <= {entry.name_norm for entry in junctions}


def test_the_hospital_and_the_police_stations_are_default_locations(entries: list[Entry]) -> None:
    flagged = {entry.name for entry in entries if entry.default_location}

    assert {"St Bartholomew's Hospital", "Snow Hill Police Station", "Guildhall"} <= flagged
    assert len(flagged) < 20


def test_nothing_listed_or_drawn_is_a_protected_place(london: OsmData, entries: list[Entry]) -> None:
    names = pd.DataFrame({key: pd.array([None] * len(entries), dtype="str") for key in TAGS})
    names["name"] = pd.array([entry.name for entry in entries], dtype="str")

    assert not is_protected(names).any()
    assert not is_protected(london.points).any()
    assert not is_protected(london.areas).any()


def test_the_basemap_has_every_layer_and_its_names_where_they_help(london: OsmData) -> None:
    features = basemap_features(london)

    assert set(features["layer"]) == set(LAYERS)
    assert features["min_zoom"].between(6, 16).all()
    assert features.geometry.is_valid.all()
    assert not features.geometry.is_empty.any()
    places = features[features["layer"] == "places"]
    assert {"Clerkenwell", "Smithfield"} <= set(places["name"])
    named = features[(features["layer"] == "streets") & (features["kind"] == "primary")]
    assert (named["name"] != "").mean() > 0.9
    assert np.isin(["youth_venue", "library", "school", "stop"], features["kind"]).sum() >= 3
