"""The panel beside the map when nothing is open: every hotspot as a row, the same as on the map."""

import geopandas as gpd
import pandas as pd
import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.dates import format_day, format_window
from cs_geo.hotspots.chance_words import ANCHORED, NOT_TESTED
from cs_geo.ui.widgets.filters import Filters, follows_newest
from cs_geo.ui.widgets.hotspot_defence import defence_column, offer_test, show_rises
from cs_geo.ui.widgets.report_words import BY_KEYBOARD
from cs_geo.ui.widgets.session import actor
from cs_geo.ui.widgets.shown_hotspots import KIND, TURN, choose, differ_by
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.defend_hotspots import Defence
from cs_geo.workflows.find_hotspots import FoundHotspots

ROW_PX = 66
"""Three lines of a label, beside which the counts still stand on a projector. Rows of 64 pixels or less do not wrap."""


def show_list(
    hotspots: gpd.GeoDataFrame | None, found: list[FoundHotspots], filters: Filters, defence: Defence
) -> None:
    """Show every hotspot of a kind as a row, largest first, for reading, sorting and the keyboard."""
    st.subheader("Reports are concentrated here", anchor=False)
    kinds = [one.run.kind for one in found]
    if len(kinds) > 1:
        st.segmented_control(
            "Kind", kinds, required=True, format_func=str.capitalize, key=KIND, label_visibility="collapsed"
        )
    if hotspots is None:
        st.markdown(
            "No concentration has been found for these reports. Press *Find hotspots*, choose a longer window, or "
            "lower the minimum under *More filters*."
        )
        return
    _say_difference(found, filters)
    shown = next(one for one in found if one.run.kind == hotspots["kind"].iloc[0])
    test = defence.latest(shown.run.run_id)
    held = f"Held against {test.baseline['words']}." if test else f"{NOT_TESTED}."
    asked = f"{shown.run.parameters['min_reports']} within {shown.run.parameters['radius_m']:g} m"
    st.caption(
        escape_text(f"Found for {windows_of(found)}, from {asked}. {held}") + " Choose a row, or an outline on the map."
    )
    if shown.run.counts.get("anchored"):
        st.warning(ANCHORED)
    rows = pd.DataFrame(
        {"": hotspots["rank"], "Reports": hotspots["reports_n"], "Where": hotspots["label"]}
    ).reset_index(drop=True)
    if test:
        rows = rows.join(defence_column(hotspots, test, defence))
    else:
        rows = rows.assign(Days=hotspots["days_n"].to_numpy(), Sources=hotspots["sources_n"].to_numpy())
    event = st.dataframe(
        rows,
        hide_index=True,
        column_config={
            "": st.column_config.NumberColumn(width=30),
            "Reports": st.column_config.NumberColumn(width=64),
            "Where": st.column_config.TextColumn(width=112),
            "Than chance": st.column_config.TextColumn(width=84),
            "Than usual": st.column_config.TextColumn(width=84),
        },
        row_height=ROW_PX,
        height="content",
        on_select="rerun",
        selection_mode="single-row",
        key=f"map_list_{st.session_state.get(TURN, 0)}",
    )
    st.caption(BY_KEYBOARD)
    if test:
        show_rises(test)
    if may(actor(), Action.FIND_HOTSPOTS):
        offer_test([shown])
    if event.selection.rows:
        choose(str(hotspots["hotspot_id"].iloc[event.selection.rows[0]]))
        st.rerun()


def windows_of(found: list[FoundHotspots]) -> str:
    """The windows the shown hotspots were found in."""
    return " and ".join(sorted({format_window(one.run.selection.since, one.run.selection.until) for one in found}))


def _say_difference(found: list[FoundHotspots], filters: Filters) -> None:
    difference = differ_by(found, filters.selection)
    if not difference:
        return
    said = "These were found with other filters."
    if difference == "dates":
        now = format_window(filters.selection.since, filters.selection.until)
        said = f"These were found for {windows_of(found)}; the map shows {now}."
        if filters.newest and all(follows_newest(one.run.selection, filters.window) for one in found):
            said = f"The dates have moved: the newest report is now of {format_day(filters.newest)}. {said}"
    st.info(f"{said} Press *Find hotspots* for the reports now on the map.")
