"""Hotspots that somebody says are drawn in the wrong place: to be opened, and settled, by whoever reviews locations."""

import streamlit as st

from cs_geo.dates import format_window
from cs_geo.maps.captions import KIND_WORDS, count_text
from cs_geo.ui.widgets.session import actor, store
from cs_geo.ui.widgets.shown_hotspots import open_on_map
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.find_hotspots import list_doubted_hotspots, settle_hotspot


def show_doubted_hotspots() -> None:
    """Show each of them with what can be done about it; nothing where there is none."""
    doubted = list_doubted_hotspots(store(), actor())
    if not doubted:
        return
    st.subheader("Concentrations said to be drawn in the wrong place", anchor=False)
    st.markdown(
        "Open it, look at its reports, and say of each that is misplaced that its pin is wrong. When those are placed "
        "anew, find hotspots again."
    )
    for hotspot in doubted:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            selection = hotspot.run.selection
            number = count_text(hotspot.reports_n, *KIND_WORDS[selection.kinds[0]])
            st.markdown(
                f"**{escape_text(hotspot.label)}** · {number}, {format_window(selection.since, selection.until)}",
                width="stretch",
            )
            if st.button("Open on the map", key=f"open_{hotspot.hotspot_id}"):
                open_on_map(hotspot)
            if st.button("It is in the right place", key=f"settle_{hotspot.hotspot_id}"):
                settle_hotspot(store(), actor(), hotspot.hotspot_id)
                st.rerun()
