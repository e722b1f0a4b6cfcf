import re

import geopandas as gpd
import pytest
from shapely.geometry import Point

from cs_geo.maps.hotspot_map import (
    FrameHeight,
    MapAssets,
    MapContents,
    draw_content,
    draw_frame,
    draw_hotspot_map,
)

ASSETS = MapAssets(scripts=("/assets/1/leaflet.js", "/assets/1/map.js"), styles=("/assets/1/map.css",))
BOUNDS = (-2.0, 52.5, -1.9, 52.6)


@pytest.fixture
def hotspots() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"rank": [1, 2], "reports_n": [63, 14], "label": ["Harbour Green", "</script><script>hit()</script>"]},
        geometry=[Point(400_000, 300_000).buffer(150), Point(402_000, 300_000).buffer(150)],
        crs=27700,
    )


def contents(hotspots: gpd.GeoDataFrame, token: str = "a") -> MapContents:
    return MapContents(
        tile_urls={layer: f"/tiles/{layer}/{{z}}/{{x}}/{{y}}?t={token}" for layer in ("basemap", "reports")},
        hotspots=hotspots,
        spots=hotspots.set_geometry(hotspots.centroid),
        selected=hotspots.geometry[:1],
        pins=hotspots.centroid,
    )


def rendered(hotspots: gpd.GeoDataFrame) -> str:
    return str(draw_hotspot_map(contents(hotspots), assets=ASSETS, bounds=BOUNDS).get_root().render())


def test_a_map_asks_no_other_host_for_anything(hotspots: gpd.GeoDataFrame) -> None:
    page = rendered(hotspots)
    asked = re.findall(r"""(?:src|href)\s*=\s*["']([^"']+)""", page)
    assert set(asked) == {*ASSETS.scripts, *ASSETS.styles}
    elsewhere = re.findall(r"https?://[^\s\"'\\]+", page)
    assert set(elsewhere) <= {"https://www.openstreetmap.org/copyright"}


def test_a_map_has_no_default_tiles_and_no_jquery(hotspots: gpd.GeoDataFrame) -> None:
    page = rendered(hotspots)
    assert "L.tileLayer" not in page
    assert "$(" not in page


def test_the_same_map_has_the_same_page_source_every_time(hotspots: gpd.GeoDataFrame) -> None:
    assert rendered(hotspots) == rendered(hotspots)


def test_the_frame_does_not_change_with_what_is_on_the_map(hotspots: gpd.GeoDataFrame) -> None:
    from streamlit_folium import generate_leaflet_string

    def scripts() -> str:
        frame = draw_frame(assets=ASSETS, bounds=BOUNDS, height=FrameHeight())
        frame.get_root().render()
        return str(generate_leaflet_string(frame))

    alone = scripts()
    draw_content(contents(hotspots, token="b"))
    assert scripts() == alone
    assert "/tiles/" not in alone


def test_a_hostile_name_cannot_leave_its_script(hotspots: gpd.GeoDataFrame) -> None:
    page = rendered(hotspots)
    assert "<script>hit()" not in page
    assert "&#60;/script&#62;" in page.replace("\\u0026", "&")


def test_a_map_without_reports_yet_still_stands() -> None:
    empty = MapContents(tile_urls={}, hotspots=gpd.GeoDataFrame({"rank": []}, geometry=[], crs=27700))
    page = str(draw_hotspot_map(empty, assets=ASSETS, bounds=BOUNDS).get_root().render())
    assert "csGeo.show" in page
    assert "L.geoJson" not in page


def test_helpful_places_stand_without_reports() -> None:
    urls = {"basemap": "/tiles/basemap/{z}/{x}/{y}?t=a"}
    page = str(draw_hotspot_map(MapContents(tile_urls=urls), assets=ASSETS, bounds=BOUNDS).get_root().render())
    assert "youth_venue" in page


def test_a_map_with_nothing_loaded_has_no_legend_and_credits_nobody() -> None:
    page = str(draw_hotspot_map(MapContents(tile_urls={}), assets=ASSETS, bounds=BOUNDS).get_root().render())
    assert "what helps here" not in page
    assert "OpenStreetMap" not in page


def test_pins_are_numbered_in_their_order(hotspots: gpd.GeoDataFrame) -> None:
    group = draw_content(MapContents(tile_urls={}, pins=hotspots.centroid))
    group.add_to(draw_frame(assets=ASSETS, bounds=BOUNDS))
    page = str(group.get_root().render())
    assert page.count("cs-geo-pin") == 2
    assert page.index('"html": "1"') < page.index('"html": "2"')
