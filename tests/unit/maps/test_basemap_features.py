from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from cs_geo.crs import DEGREES, transform_points
from cs_geo.maps.basemap import BIG_STREETS, HELPFUL_AMENITIES, MIDDLE_STREETS, basemap_paint
from cs_geo.maps.basemap_features import COLUMNS, LAYERS, basemap_features
from cs_geo.osm import TAGS, OsmData, read_osm

Drawn = Sequence[tuple[Any, dict[str, str]]]


def extract(points: Drawn = (), lines: Drawn = (), areas: Drawn = ()) -> OsmData:
    """An extract in metres."""

    def frame(drawn: Drawn, kind: Any) -> gpd.GeoDataFrame:
        cells = {key: pd.array([tags.get(key) for _, tags in drawn], dtype="str") for key in TAGS}
        return gpd.GeoDataFrame(
            {"osm_id": np.arange(len(drawn)), **cells}, geometry=[kind(shape) for shape, _ in drawn], crs=27700
        )

    return OsmData(
        frame(points, shapely.Point), frame(lines, shapely.LineString), frame(areas, shapely.Polygon), pd.DataFrame()
    )


def box(x: float, y: float, size: float) -> list[tuple[float, float]]:
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]


def drawn(data: OsmData, layer: str) -> pd.DataFrame:
    features = basemap_features(data)
    return features[features["layer"] == layer].reset_index(drop=True)


LINE = [(0, 0), (100, 0)]


@pytest.mark.parametrize(
    ("tags", "layer", "kind", "min_zoom"),
    [
        ({"highway": "motorway"}, "streets", "motorway", 6),
        ({"highway": "primary_link"}, "streets", "primary", 8),
        ({"highway": "residential"}, "streets", "residential", 12),
        ({"highway": "service"}, "streets", "service", 14),
        ({"highway": "service", "service": "driveway"}, "streets", "service", 15),
        ({"highway": "footway"}, "paths", "footway", 15),
        ({"railway": "rail"}, "rail", "rail", 9),
        ({"waterway": "canal"}, "water", "canal", 11),
    ],
)
def test_a_line_is_drawn_in_its_layer_from_its_zoom_on(
    tags: dict[str, str], layer: str, kind: str, min_zoom: int
) -> None:
    (feature,) = basemap_features(extract(lines=[(LINE, tags)])).to_dict("records")

    assert (feature["layer"], feature["kind"], feature["min_zoom"]) == (layer, kind, min_zoom)


@pytest.mark.parametrize(
    "tags",
    [
        {"railway": "subway", "tunnel": "yes"},
        {"highway": "corridor"},
        {"highway": "footway", "indoor": "yes"},
        {"highway": "proposed"},
        {"railway": "abandoned"},
        {"railway": "rail", "service": "siding"},
    ],
)
def test_what_lies_underground_or_indoors_or_is_not_there_is_not_drawn(tags: dict[str, str]) -> None:
    assert basemap_features(extract(lines=[(LINE, tags)])).empty


def test_a_short_way_under_the_railway_is_drawn() -> None:
    underpass = {"highway": "footway", "tunnel": "yes"}

    assert len(drawn(extract(lines=[([(0, 0), (20, 0)], underpass)]), "paths")) == 1


def test_pieces_of_a_street_are_joined_so_that_its_name_finds_room() -> None:
    street = {"highway": "residential", "name": "Mill Lane"}
    data = extract(
        lines=[
            ([(0, 0), (50, 0)], street),
            ([(50, 0), (120, 0)], street | {"surface": "asphalt"}),
            ([(120, 0), (150, 0)], {"highway": "residential", "name": "Elm Row"}),
        ]
    )

    streets = drawn(data, "streets")
    assert dict(zip(streets["name"], streets.length, strict=True)) == {"Mill Lane": 120, "Elm Row": 30}


@pytest.mark.parametrize(("size", "min_zoom"), [(2_000, 9), (400, 11), (150, 13), (40, 14), (20, 15)])
def test_a_large_park_is_drawn_earlier_than_a_small_one(size: float, min_zoom: int) -> None:
    (park,) = drawn(extract(areas=[(box(0, 0, size), {"leisure": "park", "name": "Elm Park"})]), "parks").to_dict(
        "records"
    )

    assert (park["kind"], park["name"], park["min_zoom"]) == ("park", "Elm Park", min_zoom)


def test_water_woods_land_use_and_buildings_lie_in_their_layers() -> None:
    tags = [
        {"natural": "water"}, {"natural": "wood"}, {"landuse": "retail", "name": "The Precinct"},
        {"building": "yes", "name": "Foxdell Hall"}, {"highway": "pedestrian", "area": "yes", "name": "Market Square"},
    ]  # fmt: skip
    features = basemap_features(extract(areas=[(box(100 * at, 0, 50), each) for at, each in enumerate(tags)]))

    assert set(zip(features["layer"], features["kind"], features["name"], strict=True)) == {
        ("water", "water", ""),
        ("parks", "wood", ""),
        ("landuse", "retail", ""),
        ("buildings", "building", "Foxdell Hall"),
        ("landuse", "square", ""),
        ("places", "square", "Market Square"),
    }
    assert features.set_index("layer")["min_zoom"]["buildings"] == 15


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "community_centre"}, "youth_venue"),
        ({"amenity": "youth_centre"}, "youth_venue"),
        ({"amenity": "library"}, "library"),
        ({"amenity": "school"}, "school"),
        ({"highway": "bus_stop"}, "stop"),
        ({"railway": "station"}, "station"),
        ({"amenity": "fast_food", "shop": "convenience"}, "food"),
        ({"shop": "convenience"}, "shop"),
    ],
)
def test_places_people_go_to_are_points_with_a_kind(tags: dict[str, str], kind: str) -> None:
    as_point = drawn(extract(points=[((5, 5), tags)]), "amenities")
    as_area = drawn(extract(areas=[(box(0, 0, 10), tags)]), "amenities")

    for found in (as_point, as_area):
        assert found["kind"].tolist() == [kind]
        assert (found.geometry.x.iloc[0], found.geometry.y.iloc[0]) == (5, 5)


def test_a_library_drawn_twice_is_one_and_the_two_stops_of_a_street_are_two() -> None:
    library, stop = {"amenity": "library", "name": "Foxdell Library"}, {"highway": "bus_stop", "name": "Mill Lane"}
    data = extract(points=[((9, 9), library), ((200, 5), stop), ((210, -5), stop)], areas=[(box(0, 0, 20), library)])

    assert drawn(data, "amenities")["kind"].value_counts().to_dict() == {"stop": 2, "library": 1}


def test_a_gate_in_a_parks_edge_is_its_entrance_and_a_garden_gate_down_the_road_is_not() -> None:
    gate = {"barrier": "gate"}
    data = extract(
        points=[((0, 50), gate), ((300, 50), gate)],
        areas=[(box(0, 0, 100), {"leisure": "park", "name": "Elm Park"})],
    )

    entrances = drawn(data, "amenities")
    assert entrances[["kind", "name"]].to_numpy().tolist() == [["park_entrance", "Elm Park"]]


def test_a_town_is_named_before_a_suburb_and_once_though_it_has_a_point_and_an_outline() -> None:
    town = {"place": "town", "name": "Foxdell"}
    data = extract(
        points=[((0, 0), town), ((300, 0), {"place": "suburb", "name": "Netherby"})],
        areas=[(box(-900, -900, 2_000), town)],
    )

    places = drawn(data, "places")
    assert places[["name", "min_zoom"]].to_numpy().tolist() == [["Foxdell", 8], ["Netherby", 11]]
    assert places["rank"].is_monotonic_increasing
    assert (places.geometry.x[0], places.geometry.y[0]) == (0, 0)


def test_two_hamlets_of_one_name_far_apart_are_both_named() -> None:
    hamlet = {"place": "hamlet", "name": "Newton"}

    assert len(drawn(extract(points=[((0, 0), hamlet), ((9_000, 0), hamlet)]), "places")) == 2


def test_an_empty_extract_draws_nothing_and_still_has_its_columns() -> None:
    features = basemap_features(extract())

    assert list(features.columns) == COLUMNS
    assert features.empty
    assert features.crs.to_epsg() == 27700


def test_every_layer_and_kind_that_the_style_paints_is_one_that_is_made() -> None:
    kinds = {kind for rule in basemap_paint() for kind in rule.get("kinds", [])} | set(HELPFUL_AMENITIES)
    streets = [(LINE, {"highway": kind}) for kind in (*BIG_STREETS, *MIDDLE_STREETS)]
    helpful = [((0, 0), {"amenity": "youth_centre"}), ((0, 0), {"amenity": "library"})]

    assert {rule["layer"] for rule in basemap_paint()} <= set(LAYERS)
    assert kinds <= set(basemap_features(extract(points=helpful, lines=streets))["kind"])


def test_degrees_are_refused() -> None:
    data = extract(areas=[(box(0, 0, 10), {"building": "yes"})])
    degrees = OsmData(data.points, data.lines, data.areas.set_crs(4326, allow_override=True), data.nodes)

    with pytest.raises(ValueError, match="metres"):
        basemap_features(degrees)


def test_a_childrens_home_is_a_building_like_any_other(tmp_path: Path) -> None:
    lon, lat = transform_points(
        [400_000, 400_020, 400_020, 400_000], [300_000, 300_000, 300_020, 300_020], from_epsg=27700, to_epsg=DEGREES
    )
    nodes = "".join(
        f'<node id="{number}" version="1" lon="{x:.7f}" lat="{y:.7f}"/>'
        for number, (x, y) in enumerate(zip(lon, lat, strict=True), start=1)
    )
    refs = "".join(f'<nd ref="{number}"/>' for number in (1, 2, 3, 4, 1))
    tags = {"building": "yes", "amenity": "social_facility", "social_facility": "group_home", "name": "The Larches"}
    text = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
    path = tmp_path / "home.osm"
    path.write_text(f'<osm version="0.6">{nodes}<way id="9" version="1">{refs}{text}</way></osm>', encoding="utf-8")

    features = basemap_features(read_osm(path))

    assert features[["layer", "kind", "name"]].to_numpy().tolist() == [["buildings", "building", ""]]
