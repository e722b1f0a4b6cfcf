"""Analysis: two runs side by side, and one kind of report beside another. For those who want to look closer."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from cs_geo.dates import format_window
from cs_geo.hotspots.chance_words import expected_words
from cs_geo.hotspots.overlaps import match_hotspots
from cs_geo.maps.captions import NOT_ALL_HARM
from cs_geo.maps.hotspot_map import FrameHeight
from cs_geo.reports.report import Kind
from cs_geo.store.hotspots import HotspotRun
from cs_geo.ui.widgets.filters import show_filters
from cs_geo.ui.widgets.map_view import show_map, tile_urls
from cs_geo.ui.widgets.report_words import moment_in_words
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.find_hotspots import FoundHotspots, list_runs, read_runs
from cs_geo.workflows.relate_kinds import RelatedKinds, relate_kinds

RELATED = "analysis_related"
HEIGHT = FrameHeight(beside=420, least=320, most=420)


def show_page() -> None:
    """Draw the page."""
    st.title("Analysis", anchor=False)
    with in_words():
        beside, relative = st.tabs(["Two runs side by side", "One kind beside another"])
        with beside, in_words():
            _show_runs()
        with relative, in_words():
            _show_kinds()


def _show_runs() -> None:
    runs = list_runs(store(), actor())
    if len(runs) < 2:
        st.markdown("Two runs are needed. Open the map, choose dates or settings, and press *Find hotspots*.")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        first = st.selectbox("First run", runs, format_func=_run_name, key="analysis_first")
    with right:
        second = st.selectbox("Second run", runs, index=1, format_func=_run_name, key="analysis_second")
    if first.run_id == second.run_id:
        st.info("Choose two different runs.")
        return
    found = read_runs(store(), actor(), [first.run_id, second.run_id])
    shapes = [one.hotspots[~one.hotspots["at_one_spot"].astype(bool)].reset_index(drop=True) for one in found]
    for column, one, drawn, key in zip((left, right), found, shapes, ("first", "second"), strict=True):
        with column:
            _show_run(one, drawn, key)
    st.subheader("The same ground", anchor=False)
    st.markdown(
        "Hotspots of two runs seldom have the same shape. Compare counts inside a place's own boundary, and not these."
    )
    _show_matches(*shapes)


def _run_name(run: HotspotRun) -> str:
    window = format_window(run.selection.since, run.selection.until)
    settings = f"{run.parameters['radius_m']:g} m, from {run.parameters['min_reports']}"
    return f"{run.kind.capitalize()}, {window}; {settings}; found {moment_in_words(run.ran_at)}"


def _show_run(one: FoundHotspots, drawn: gpd.GeoDataFrame, key: str) -> None:
    show_map(
        f"analysis_{key}",
        tile_urls(None),
        hotspots=drawn,
        show_strengths=False,
        height=HEIGHT,
        label=f"Map of the hotspots of the {key} run",
    )
    counts = one.run.counts
    st.caption(
        f"{len(drawn):,} hotspots with {counts['in_hotspots']:,} of {counts['used']:,} reports used. {NOT_ALL_HARM}"
    )


def _show_matches(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> None:
    matches = match_hotspots(first, second)
    if not len(matches):
        st.markdown("Neither run found a hotspot.")
        return
    names = [frame.set_index("rank") for frame in (first, second)]
    st.dataframe(
        pd.DataFrame(
            {
                "First run": [_named(names[0], rank) for rank in matches["first_rank"]],
                "Second run": [_named(names[1], rank) for rank in matches["second_rank"]],
                "Shared, of both": [_share(share) for share in matches["share_of_both"]],
                "Shared, of the smaller": [_share(share) for share in matches["share_of_smaller"]],
            }
        ),
        hide_index=True,
        width="stretch",
    )


def _named(hotspots: gpd.GeoDataFrame, rank: Any) -> str:
    if rank is pd.NA:
        return "none on this ground"
    row = hotspots.loc[rank]
    return f"{rank}. {row['label']} ({row['reports_n']:,} reports)"


def _share(share: float) -> str:
    return "" if pd.isna(share) else f"{share:.0%}"


def _show_kinds() -> None:
    st.markdown(
        "Kinds come about in their own ways and are never added up. Here one is laid over another: where is it more "
        "common beside the other than on the whole map?"
    )
    selection = show_filters("analysis").selection
    kinds: Sequence[Kind] = list(Kind)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.selectbox("Kind", kinds, format_func=str.capitalize, key="analysis_kind", width=200)
        second = st.selectbox("Beside", kinds, index=2, format_func=str.capitalize, key="analysis_beside", width=200)
        asked = st.button("Compare", type="primary", key="analysis_compare")
    if asked:
        with st.spinner("Drawing random maps …", show_time=True):
            st.session_state[RELATED] = (
                first, second, selection, relate_kinds(store(), actor(), selection, first, second),
            )  # fmt: skip
    kept = st.session_state.get(RELATED)
    if kept and kept[:3] == (first, second, selection):
        _show_related(first, second, kept[3])


def _show_related(first: Kind, second: Kind, found: RelatedKinds) -> None:
    show_map(
        "analysis_kinds",
        tile_urls(None),
        hotspots=found.more,
        show_strengths=False,
        height=HEIGHT,
        label=f"Map of where {first} reports are more common beside {second} reports",
    )
    st.caption(
        f"Outlined: where {first} reports ({found.first_n:,}) are at least twice as common beside {second} reports "
        f"({found.second_n:,}) as on the whole map. Where hardly any {second} report is, nothing is told. Effort and "
        "habit of reporting differ from place to place."
    )
    if not found.rises:
        st.markdown("Nowhere more than chance would give.")
        return
    st.markdown("More than chance would give:")
    for rise, label in zip(found.rises, found.rise_labels, strict=True):
        st.markdown(
            "- "
            + escape_text(
                f"{label}, within {rise.radius_m:,.0f} m: {rise.counted:,} {first} reports where "
                f"{expected_words(rise.expected)} would be expected beside {second} reports; {rise.as_strong:,} of "
                f"{rise.maps:,} random maps had one as strong."
            )
        )


show_page()
