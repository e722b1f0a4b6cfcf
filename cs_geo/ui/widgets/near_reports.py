"""The panel beside the map for a click on open ground: the reports nearest to it."""

from collections.abc import Callable
from uuid import UUID

import streamlit as st

from cs_geo.dates import format_window
from cs_geo.maps.clicks import Click
from cs_geo.reports.selection import Selection
from cs_geo.ui.widgets.filters import name_of
from cs_geo.ui.widgets.report_words import day_in_words, harms_in_words
from cs_geo.ui.widgets.session import actor, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.look_at_map import NEAREST_WITHIN_M, reports_near
from cs_geo.workflows.place_reports import doubt_pin


def show_near_reports(selection: Selection, click: Click, *, close: Callable[[], None]) -> None:
    """Show the reports of a selection nearest to a click, nearest first."""
    st.button("Back to the list", on_click=close)
    st.subheader("Nearest reports", anchor=False)
    found = reports_near(store(), actor(), selection, click.longitude, click.latitude)
    if not found:
        st.markdown("No report of these filters has a point. This does not mean that no harm took place.")
        return
    st.caption(f"Of these filters, {format_window(selection.since, selection.until)}.")
    if found[0]["distance_m"] > NEAREST_WITHIN_M:
        st.markdown(
            f"None lies within {NEAREST_WITHIN_M:.0f} m of that point; this does not mean that no harm took place. "
            f"The nearest is {distance_in_words(found[0]['distance_m'])} away:"
        )
    for report in found:
        with st.container(border=True):
            st.markdown(f"**{report['kind'].capitalize()}** {report['reference']}")
            st.text("\n".join(part for part in (harms_in_words(report), report["location_text"]) if part))
            when = day_in_words(report["first_day"], report["date_precision"])
            who = escape_text(name_of("source_type", report["source_type"]))
            st.caption(f"{when} · {who} · {distance_in_words(report['distance_m'])} away")
            if st.button("This pin is wrong", key=f"doubt_{report['report_id']}"):
                doubt_pin(store(), actor(), UUID(str(report["report_id"])))
                st.toast("Noted. It is at the top of the locations to review.")


def distance_in_words(metres: float) -> str:
    """A distance as it is said: 240 m, 1.2 km."""
    return f"{metres:.0f} m" if metres < 1000 else f"{metres / 1000:.1f} km"
