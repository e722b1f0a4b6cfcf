"""Every place of a folium map that takes text, each given every name through the one escaper."""

import folium
import geopandas as gpd
import streamlit as st
from streamlit_folium import st_folium
from view_of_names import NAMES, grid

from cs_geo.maps.hotspot_map import draw_frame
from cs_geo.maps.layers import degrees_bounds
from cs_geo.web.assets import map_assets
from cs_geo.words.escaping import escape_text


def show() -> None:
    points = gpd.GeoSeries([grid(number) for number in range(len(NAMES))], crs=3857)
    drawn = draw_frame(assets=map_assets(), bounds=degrees_bounds(points))
    drawn.default_js = [("jquery", "/test-assets/jquery.js"), *drawn.default_js]
    for name, point in zip(NAMES, points.to_crs(4326), strict=True):
        text = escape_text(name)
        layer = folium.FeatureGroup(name=text).add_to(drawn)
        folium.Marker(
            [point.y, point.x],
            popup=folium.Popup(text),
            tooltip=folium.Tooltip(text),
            icon=folium.DivIcon(html=text, class_name="name-icon"),
        ).add_to(layer)
        folium.GeoJson(
            {
                "type": "FeatureCollection",
                "features": [{"type": "Feature", "properties": {"name": text}, "geometry": point.__geo_interface__}],
            },
            popup=folium.GeoJsonPopup(["name"], labels=False),
            tooltip=folium.GeoJsonTooltip(["name"], labels=False),
            marker=folium.CircleMarker(radius=5),
        ).add_to(layer)
    folium.LayerControl(collapsed=False).add_to(drawn)
    st_folium(drawn, returned_objects=[], use_container_width=True, height=700)
    st.text("drawn")
