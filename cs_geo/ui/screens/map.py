"""Map: where reports are concentrated, what each concentration rests on, and what helps there."""

from dataclasses import replace

import geopandas as gpd
import streamlit as st

from cs_geo.maps.captions import NOBODY_ASKED, Effort, KindCount, MapFacts, caption, count_text, quiet_text
from cs_geo.maps.clicks import Click
from cs_geo.maps.hotspot_map import FrameHeight
from cs_geo.maps.style import class_breaks
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.ui.navigation import may_open
from cs_geo.ui.widgets.filters import Filters, show_filters
from cs_geo.ui.widgets.hotspot_list import show_list
from cs_geo.ui.widgets.hotspot_panel import show_hotspot
from cs_geo.ui.widgets.map_view import show_map, tile_urls
from cs_geo.ui.widgets.near_reports import show_near_reports
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.ui.widgets.shown_hotspots import CHOSEN, choose, find_shown, kind_on_map, ranked, shown_runs
from cs_geo.workflows.defend_hotspots import read_defence
from cs_geo.workflows.look_at_map import (
    GREAT_BRITAIN,
    MapSummary,
    first_bounds,
    has_reports,
    summarise_map,
    today_here,
)

LAST_CLICK, PANEL, GROUND = "map_click", "map_panel", "ground"
NO_PUBLISHED = "No published police data in these dates."


def show_page() -> None:
    """Draw the page."""
    with in_words():
        if has_reports(store(), actor()):
            _show_reports()
        else:
            _show_empty()


def _show_empty() -> None:
    st.title("Map", anchor=False)
    st.markdown(
        "There are no reports yet, so there is nothing to show. When a file is imported or a report is added, this "
        "page shows where reports are concentrated, what they rest on, and what helps there."
    )
    with st.container(horizontal=True):
        if may_open(actor(), "import_reports.py") and st.button("Import a file", type="primary"):
            st.switch_page("screens/import_reports.py")
        if may_open(actor(), "add_report.py") and st.button("Add a report"):
            st.switch_page("screens/add_report.py")
    bounds = first_bounds(store(), actor())
    if bounds != GREAT_BRITAIN:
        show_map("map_empty", tile_urls(None), bounds=bounds, label="Map of the area")


def _show_reports() -> None:
    filters = show_filters("map", with_layers=True)
    selection = filters.selection
    bounds = first_bounds(store(), actor())
    counted = summarise_map(store(), actor(), selection, bounds, with_published=filters.show_published)
    if filters.find:
        find_shown(filters)
    runs = shown_runs(selection)
    outlines = ranked(runs, kind_on_map(runs))
    defence = read_defence(store(), actor(), [one.run.run_id for one in runs])
    chosen = st.session_state.get(CHOSEN)
    if filters.newest and (quiet := quiet_text(filters.newest, today_here())):
        st.info(quiet)
    left, right = st.columns([7, 3], gap="medium")
    with left:
        clicked = show_map(
            "map",
            tile_urls(_drawn(filters), published=filters.show_published),
            hotspots=_of_shape(outlines, at_one_spot=False),
            spots=_of_shape(outlines, at_one_spot=True),
            selected=_chosen_shape(outlines, chosen),
            breaks=class_breaks(counted.largest_cell),
            show_strengths=filters.show_strengths,
            tested=bool(defence.tests),
            height=FrameHeight(beside=316),
            kinds=selection.kinds,
            panel=PANEL,
            chosen=_name_of_choice(chosen),
        )
        _show_caption(filters, counted)
    if _take_click(clicked, outlines):
        st.rerun()
    with right, st.container(key=PANEL):
        row = outlines[outlines["hotspot_id"] == chosen] if outlines is not None else None
        if chosen == GROUND:
            show_near_reports(selection, st.session_state[LAST_CLICK], close=lambda: choose(None))
        elif row is not None and len(row):
            opened = row.iloc[0]
            run = next(one for one in runs if str(one.run.run_id) == opened["run_id"])
            show_hotspot(opened, run, defence, close=lambda: choose(None))
        else:
            show_list(outlines, runs, filters, defence)


def _of_shape(hotspots: gpd.GeoDataFrame | None, *, at_one_spot: bool) -> gpd.GeoDataFrame | None:
    return None if hotspots is None else hotspots[hotspots["at_one_spot"].astype(bool) == at_one_spot]


def _drawn(filters: Filters) -> Selection:
    """What the map draws: the selection, and strengths although they were not asked for."""
    kinds = filters.selection.kinds
    if filters.show_strengths and kinds and Kind.STRENGTH not in kinds:
        return replace(filters.selection, kinds=(*kinds, Kind.STRENGTH))
    return filters.selection


def _take_click(click: Click | None, hotspots: gpd.GeoDataFrame | None) -> bool:
    """Take a new click on the map; True when the page must be drawn again for it."""
    if click is None or click == st.session_state.get(LAST_CLICK):
        return False
    st.session_state[LAST_CLICK] = click
    if click.rank is not None and hotspots is not None and click.rank <= len(hotspots):
        choose(str(hotspots["hotspot_id"].iloc[click.rank - 1]))
    else:
        choose(GROUND)
    return True


def _show_caption(filters: Filters, summary: MapSummary) -> None:
    """What stands under every map."""
    selection, counts = filters.selection, summary.counts
    effort = Effort(summary.sessions, summary.staff_hours) if summary.sessions else None
    kinds = {kind: KindCount(number, counts.drawn_by_kind[kind]) for kind, number in counts.by_kind.items()}
    said = []
    if summary.published is not None:
        said.append(
            f"In grey: {summary.published:,} published crimes, all recorded crime, all ages."
            if summary.published
            else NO_PUBLISHED
        )
    said.append(
        caption(
            MapFacts(
                selection.since,
                selection.until,
                kinds,
                counts.located,
                effort,
                outside_n=counts.outside,
                window=filters.window,
            )
        )
    )
    if counts.presence_only:
        said.append(
            f"{count_text(counts.presence_only, 'report')} of young people merely being present, no harm described, "
            "take no part in hotspots."
        )
    if filters.show_strengths and not summary.strengths:
        said.append(NOBODY_ASKED)
    for line in said:
        st.caption(line)
    with st.container(horizontal=True):
        if st.button("Show these reports as a table"):
            st.switch_page("screens/reports.py")
        if may_open(actor(), "analysis.py") and st.button("Analysis", help="Two runs side by side; kinds compared."):
            st.switch_page("screens/analysis.py")


def _chosen_shape(hotspots: gpd.GeoDataFrame | None, chosen: str | None) -> gpd.GeoSeries | None:
    """What to draw over everything else."""
    if chosen == GROUND:
        click = st.session_state.get(LAST_CLICK)
        return gpd.GeoSeries.from_xy([click.longitude], [click.latitude], crs=4326) if click else None
    if hotspots is None or chosen is None:
        return None
    return hotspots.geometry[hotspots["hotspot_id"] == chosen]


def _name_of_choice(chosen: str | None) -> str:
    """Another name for every choice, so that a second click on open ground is another choice."""
    return f"{chosen} {st.session_state.get(LAST_CLICK)}" if chosen == GROUND else chosen or ""


show_page()
