"""A corner of Leeds, from another tool and another year than the London extracts."""

from pathlib import Path

import pytest

from cs_geo.geocode.gazetteer import Kind
from cs_geo.geocode.osm_entries import entries_from_osm
from cs_geo.maps.basemap_features import basemap_features
from cs_geo.osm import OsmData, read_osm
from cs_geo.surroundings.streets import build_streets, to_osmnx_graph, verify_streets

EXTRACT = Path(__file__).parents[3] / "shared" / "data" / "osm" / "its-example-leeds.osm.pbf"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not EXTRACT.is_file(), reason="the OpenStreetMap extracts are not beside the checkout"),
]


@pytest.fixture(scope="module")
def leeds() -> OsmData:
    return read_osm(EXTRACT)


def test_its_184_highways_are_read_where_leeds_is(leeds: OsmData) -> None:
    assert leeds.lines["highway"].notna().sum() + leeds.areas["highway"].notna().sum() == 184
    west, south, east, north = leeds.points.total_bounds
    assert 428_000 < west < east < 431_000
    assert 433_000 < south < north < 436_000


def test_its_streets_make_a_network_that_osmnx_can_count(leeds: OsmData) -> None:
    import osmnx

    network = build_streets(leeds)
    figures = osmnx.stats.basic_stats(to_osmnx_graph(network))

    assert verify_streets(network) == []
    assert figures["street_length_total"] == pytest.approx(
        network.edges.loc[network.edges["walkable"], "length_m"].sum(), rel=0.001
    )
    # All 308 edges may be walked. The seams (two ends) are merged; junctions and dead ends stay as they are.
    ends = network.nodes["street_count"].value_counts()
    counts = {count: nodes for count, nodes in figures["streets_per_node_counts"].items() if nodes}
    assert counts == ends.drop(2).to_dict()


def test_its_streets_addresses_places_and_junctions_are_listed_and_drawn(leeds: OsmData) -> None:
    entries = list(entries_from_osm(leeds, "Leeds"))

    assert {entry.kind for entry in entries} == {Kind.ADDRESS, Kind.PLACE, Kind.STREET, Kind.JUNCTION}
    assert "woodhouse lane" in {entry.name_norm for entry in entries if entry.kind is Kind.STREET}
    assert "library" in set(basemap_features(leeds)["kind"])
