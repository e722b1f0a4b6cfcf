"""The map beside the panel: a frame that stays, content that changes, and what was clicked."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import streamlit as st
from streamlit_folium import st_folium

from cs_geo.maps.clicks import RETURNED_OBJECTS, Click, read_click
from cs_geo.maps.given import GivenCells
from cs_geo.maps.hotspot_map import Bounds, FrameHeight, MapContents, draw_content, draw_frame
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.ui.widgets.session import actor, store
from cs_geo.web.assets import map_assets
from cs_geo.web.tokens import TileClaims, mint_tile_token
from cs_geo.workflows.draw_tiles import token_key
from cs_geo.workflows.look_at_map import first_bounds, has_basemap, published_of

DAY_S = 86_400
BASEMAP, REPORTS, PUBLISHED = "basemap", "reports", "published"


def tile_urls(selection: Selection | None, *, published: bool = False) -> dict[str, str]:
    """Addresses of the tiles a map needs, each with a token for this person and these reports."""
    urls = {BASEMAP: _address(BASEMAP, None)} if has_basemap(store(), actor()) else {}
    if published and selection is not None:
        urls[PUBLISHED] = _address(REPORTS, published_of(selection))
    if selection is not None:
        urls[REPORTS] = _address(REPORTS, selection)
    return urls


def _address(layer: str, selection: Selection | None) -> str:
    claims = TileClaims.of(actor(), layer, selection.to_json() if selection else None)
    # The basemap changes rarely and holds no report: its address stays for a day, and with it the browser's copy.
    kept = {"step_s": DAY_S, "lifetime_s": 2 * DAY_S} if layer == BASEMAP else {}
    return f"/tiles/{layer}/{{z}}/{{x}}/{{y}}?t={mint_tile_token(token_key(), claims, **kept)}"


def show_map(
    key: str,
    urls: Mapping[str, str],
    *,
    hotspots: gpd.GeoDataFrame | None = None,
    spots: gpd.GeoDataFrame | None = None,
    selected: gpd.GeoSeries | None = None,
    pins: gpd.GeoSeries | None = None,
    given: GivenCells | None = None,
    breaks: tuple[int, ...] = (1, 2, 5, 10, 20),
    show_strengths: bool = True,
    tested: bool = False,
    kinds: Sequence[Kind] = (),
    panel: str = "",
    chosen: str = "",
    height: FrameHeight | None = None,
    bounds: Bounds | None = None,
    label: str = "Map of reports",
) -> Click | None:
    """Draw a map and give the last click on it. Panning and zooming do not run the page again."""
    # The frame must be the same at every run, or the reader loses their place.
    held = st.session_state.setdefault(f"{key}_bounds", bounds or first_bounds(store(), actor()))
    frame = draw_frame(assets=map_assets(), bounds=held, height=height or FrameHeight(), label=label)
    contents = MapContents(
        tile_urls=urls,
        hotspots=hotspots,
        spots=spots,
        selected=selected,
        pins=pins,
        given=given,
        breaks=breaks,
        show_strengths=show_strengths,
        tested=tested,
        kinds=kinds,
        panel=panel,
        chosen=chosen,
    )
    answer = st_folium(
        frame,
        key=f"{key}_map",
        feature_group_to_add=draw_content(contents),
        returned_objects=RETURNED_OBJECTS,
        use_container_width=True,
        height=520,
    )
    return read_click(answer)
