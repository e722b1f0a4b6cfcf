"""The map as the product's own page shows it: filters, map, caption, what was chosen."""

from datetime import date

import borough
import geopandas as gpd
import service
import streamlit as st
from streamlit_folium import st_folium

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.maps.captions import Effort, KindCount, MapFacts, caption
from cs_geo.maps.clicks import RETURNED_OBJECTS, read_click
from cs_geo.maps.hotspot_map import FrameHeight, MapContents, draw_content, draw_frame
from cs_geo.maps.layers import degrees_bounds
from cs_geo.maps.style import class_breaks
from cs_geo.web.assets import map_assets
from cs_geo.web.tokens import TileClaims, mint_tile_token

LABELS = [
    "Alder Street / Barley Row",
    "Candle Lane",
    "Harbour Green, north gate",
    "Dunlin Way",
    "Elder Road",
    "Fennel Row",
]
REPORTS_N = 5020
DAY_S = 86_400


def show() -> None:
    st.session_state.runs = st.session_state.get("runs", 0) + 1
    polygons = borough.hotspot_polygons()
    hotspots = gpd.GeoDataFrame(
        {
            "rank": range(1, len(polygons) + 1),
            "reports_n": [n for _, n in polygons],
            "label": LABELS,
            "note": "never in the page source",
        },
        geometry=[polygon for polygon, _ in polygons],
        crs=3857,
    )
    strengths = show_filters()
    left, right = st.columns([7, 3], gap="medium")
    chosen = st.session_state.get("chosen")
    with left:
        answer = st_folium(
            draw_frame(assets=map_assets(), bounds=degrees_bounds(hotspots), height=FrameHeight(beside=290)),
            key="map",
            feature_group_to_add=draw_content(
                MapContents(
                    tile_urls={"basemap": tile_url("basemap"), "reports": tile_url("reports")},
                    hotspots=hotspots,
                    spots=borough.spots(),
                    selected=hotspots.geometry[hotspots["rank"] == chosen] if chosen else None,
                    breaks=class_breaks(200),
                    show_strengths=strengths,
                )
            ),
            returned_objects=list(RETURNED_OBJECTS),
            use_container_width=True,
            height=600,
        )
        shown = len(borough.reports()[0])
        kinds = {"incident": KindCount(REPORTS_N, shown)}
        st.caption(caption(MapFacts(date(2026, 8, 22), date(2026, 11, 22), kinds, 4820, Effort(41, 123.5))))
    click = read_click(answer)
    if click and click.layer == "hotspots" and click.rank != chosen:
        st.session_state.chosen = click.rank
        st.rerun()
    with right:
        st.subheader(headline(click), anchor=False)
        st.dataframe(
            hotspots[["rank", "label", "reports_n"]].rename(
                columns={"rank": "", "label": "Where", "reports_n": "Reports"}
            ),
            hide_index=True,
        )
        st.text(f"runs: {st.session_state.runs}")


def headline(click) -> str:
    if click is None:
        return "Reports are concentrated here"
    return f"Chosen: {click.layer} {click.rank}" if click.layer else "Chosen: open ground"


def show_filters() -> bool:
    filters = st.columns([2, 4, 2, 1.6, 1.6], vertical_alignment="bottom")
    filters[0].selectbox("Window", ["Last 3 months", "Last 12 months"])
    filters[1].multiselect("Kinds", ["Incident", "Concern", "Outreach"], ["Incident", "Concern"])
    filters[2].selectbox("Time of day", ["Any", "After school"])
    with filters[3].popover("More filters"):
        strengths = st.toggle("Strengths", value=True)
    filters[4].button("Find hotspots", type="primary")
    return strengths


def tile_url(layer: str) -> str:
    now = 0 if st.query_params.get("expired") else None
    claims = TileClaims.of(LOCAL_ACTOR, layer, {"kinds": ["incident"]})
    # A step of a day: no test runs across it, so that what is fetched twice is fetched twice by the map.
    token = mint_tile_token(service.KEY, claims, lifetime_s=2 * DAY_S, step_s=DAY_S, now=now)
    return f"/tiles/{layer}/{{z}}/{{x}}/{{y}}?t={token}"
