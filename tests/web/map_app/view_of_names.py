"""Hotspots whose labels are what an attacker would type, drawn by the product's own code."""

import json
from datetime import date
from pathlib import Path

import borough
import geopandas as gpd
import streamlit as st
from shapely.geometry import Point
from streamlit_folium import st_folium

from cs_geo.maps.captions import KindCount, MapFacts, caption
from cs_geo.maps.hotspot_map import MapContents, draw_content, draw_frame
from cs_geo.maps.layers import degrees_bounds
from cs_geo.web.assets import map_assets

NAMES = json.loads((Path(__file__).parents[1] / "hostile_names.json").read_text("utf-8"))


def grid(number: int) -> Point:
    return Point(borough.CENTRE[0] + number % 8 * 900, borough.CENTRE[1] - number // 8 * 900)


def show() -> None:
    hotspots = gpd.GeoDataFrame(
        {"rank": range(1, len(NAMES) + 1), "reports_n": 5, "label": NAMES},
        geometry=[grid(number).buffer(300) for number in range(len(NAMES))],
        crs=3857,
    )
    st_folium(
        draw_frame(assets=map_assets(), bounds=degrees_bounds(hotspots), label=NAMES[0]),
        feature_group_to_add=draw_content(MapContents(tile_urls={}, hotspots=hotspots)),
        returned_objects=[],
        use_container_width=True,
        height=700,
    )
    for name in NAMES:
        st.caption(caption(MapFacts(date(2026, 8, 22), None, {"incident": KindCount(10, 9)}, 9, area=name)))
