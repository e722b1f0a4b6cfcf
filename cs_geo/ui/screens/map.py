"""Map: where reports are concentrated, what each concentration rests on, and what helps there."""

from dataclasses import replace
from uuid import UUID

import geopandas as gpd
import pandas as pd
import streamlit as st

from cs_geo.dates import format_window
from cs_geo.maps.captions import NOBODY_ASKED, Effort, MapFacts, caption, count_text
from cs_geo.maps.clicks import Click
from cs_geo.maps.style import class_breaks
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.ui.widgets.filters import Filters, name_of, show_filters
from cs_geo.ui.widgets.hotspot_panel import show_hotspot
from cs_geo.ui.widgets.map_view import show_map, tile_urls
from cs_geo.ui.widgets.near_reports import show_near_reports
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.workflows.find_hotspots import FoundHotspots, hotspots_for, read_runs, run_hotspots
from cs_geo.workflows.look_at_map import MapSummary, first_bounds, summarise_map

FOUND_FOR = "map_found_for"
RUNS, CHOSEN, LAST_CLICK, KIND = "map_runs", "map_chosen", "map_click", "map_kind"


def find(filters: Filters) -> None:
    """Find the hotspots of what is filtered, and show those."""
    with st.spinner("Finding where reports are concentrated …", show_time=True):
        found = run_hotspots(store(), actor(), filters.selection, filters.parameters)
    st.session_state[RUNS] = [str(one.run.run_id) for one in found]
    st.session_state[FOUND_FOR] = filters.selection
    st.session_state.pop(CHOSEN, None)


def shown_runs(filters: Filters) -> list[FoundHotspots]:
    """The runs on the map: those just found, else those of these filters, else the newest of each kind."""
    kinds = filters.selection.kinds or tuple(Kind)
    if st.session_state.get(RUNS) and st.session_state.get(FOUND_FOR) == filters.selection:
        found = read_runs(store(), actor(), [UUID(run) for run in st.session_state[RUNS]])
    else:
        found = hotspots_for(store(), actor(), filters.selection, kinds)
    return [one for one in found if Kind(one.run.kind) in kinds and not one.run.selection.published]


def ranked(found: list[FoundHotspots], kind: str | None) -> gpd.GeoDataFrame | None:
    """The hotspots of one kind, largest first, spots after them: kinds are never added up, nor laid over each other."""
    frames = [one.hotspots for one in found if one.run.kind == kind and len(one.hotspots)]
    if not frames:
        return None
    return frames[0].assign(rank=range(1, len(frames[0]) + 1)).reset_index(drop=True)


def show_list(hotspots: gpd.GeoDataFrame | None, found: list[FoundHotspots], selection: Selection) -> None:
    """Every hotspot as a row, largest first: the same as on the map, for reading, sorting and the keyboard."""
    st.subheader("Reports are concentrated here", anchor=False)
    kinds = [one.run.kind for one in found]
    if len(kinds) > 1:
        st.segmented_control(
            "Kind", kinds, default=kinds[0], format_func=str.capitalize, key=KIND, label_visibility="collapsed"
        )
    if hotspots is None:
        st.markdown(
            "No concentration has been found for these reports. Press *Find hotspots*, widen the window, or lower the "
            "minimum under *More filters*."
        )
        return
    if any(replace(one.run.selection, kinds=()) != replace(selection, kinds=()) for one in found):
        st.info("These were found with other filters. Press *Find hotspots* for the reports now on the map.")
    st.caption(f"{window_of(found)} Not yet tested against chance. Choose a row, or an outline on the map.")
    event = st.dataframe(
        pd.DataFrame(
            {
                "": hotspots["rank"],
                "Reports": hotspots["reports_n"],
                "Where": hotspots["label"],
                "Days": hotspots["days_n"],
                "Sources": hotspots["sources_n"],
            }
        ),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"map_list_{st.session_state.get('map_list_turn', 0)}",
    )
    if event.selection.rows:
        choose(str(hotspots["hotspot_id"].iloc[event.selection.rows[0]]))
        st.rerun()


def window_of(found: list[FoundHotspots]) -> str:
    """The window the shown hotspots were found in."""
    windows = {format_window(one.run.selection.since, one.run.selection.until) for one in found}
    return f"Found for {' and '.join(sorted(windows))}."


def choose(hotspot_id: str | None) -> None:
    """Open a hotspot in the panel, or go back to the list."""
    if hotspot_id is None:
        st.session_state.pop(CHOSEN, None)
    else:
        st.session_state[CHOSEN] = hotspot_id
    # A list drawn anew has no row selected: the last choice would otherwise be made again at every run.
    st.session_state["map_list_turn"] = st.session_state.get("map_list_turn", 0) + 1


def take_click(click: Click | None, hotspots: gpd.GeoDataFrame | None) -> bool:
    """Take a new click on the map; True when the page must be drawn again for it."""
    if click is None or click == st.session_state.get(LAST_CLICK):
        return False
    st.session_state[LAST_CLICK] = click
    if click.rank is not None and hotspots is not None and click.rank <= len(hotspots):
        choose(str(hotspots["hotspot_id"].iloc[click.rank - 1]))
    else:
        st.session_state[CHOSEN] = "ground"
    return True


def show_caption(filters: Filters, summary: MapSummary) -> None:
    """What stands under every map."""
    selection, counts = filters.selection, summary.counts
    effort = Effort(summary.sessions, summary.staff_hours) if summary.sessions else None
    facts = MapFacts(
        selection.since, selection.until, counts.reports, counts.located, summary.shown, effort, counts.outside
    )
    st.caption(caption(facts))
    if counts.presence_only:
        st.caption(
            f"{count_text(counts.presence_only, 'report')} of young people merely being present, no harm described, "
            "take no part in hotspots."
        )
    if filters.show_strengths and not summary.strengths:
        st.caption(NOBODY_ASKED)


def chosen_shape(hotspots: gpd.GeoDataFrame | None, chosen: str | None) -> gpd.GeoSeries | None:
    """What to draw over everything else."""
    if chosen == "ground":
        click = st.session_state.get(LAST_CLICK)
        return gpd.GeoSeries.from_xy([click.longitude], [click.latitude], crs=4326) if click else None
    if hotspots is None or chosen is None:
        return None
    return hotspots.geometry[hotspots["hotspot_id"] == chosen]


with in_words():
    chosen_filters = show_filters("map", with_layers=True)
    bounds = first_bounds(store(), actor())
    counted = summarise_map(store(), actor(), chosen_filters.selection, bounds)
    if chosen_filters.find:
        find(chosen_filters)
    runs = shown_runs(chosen_filters)
    kind = st.session_state.get(KIND) or next((one.run.kind for one in runs), None)
    outlines = ranked(runs, kind)
    shapes = outlines[~outlines["at_one_spot"].astype(bool)] if outlines is not None else None
    spots = outlines[outlines["at_one_spot"].astype(bool)] if outlines is not None else None
    selection = chosen_filters.selection
    if chosen_filters.show_strengths and selection.kinds and Kind.STRENGTH not in selection.kinds:
        drawn = replace(selection, kinds=(*selection.kinds, Kind.STRENGTH))
    else:
        drawn = selection
    left, right = st.columns([7, 3], gap="medium")
    with left:
        clicked = show_map(
            "map",
            tile_urls(drawn, published=chosen_filters.show_published),
            hotspots=shapes,
            spots=spots,
            selected=chosen_shape(outlines, st.session_state.get(CHOSEN)),
            breaks=class_breaks(counted.largest_cell),
            show_strengths=chosen_filters.show_strengths,
        )
        show_caption(chosen_filters, counted)
    if take_click(clicked, outlines):
        st.rerun()
    with right:
        opened = st.session_state.get(CHOSEN)
        row = outlines[outlines["hotspot_id"] == opened] if outlines is not None else None
        if opened == "ground":
            show_near_reports(selection, st.session_state[LAST_CLICK], close=lambda: choose(None))
        elif row is not None and len(row):
            show_hotspot(row.iloc[0], close=lambda: choose(None), name_of=name_of)
        else:
            show_list(outlines, runs, selection)
