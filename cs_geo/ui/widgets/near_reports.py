"""The panel beside the map for a click on open ground: the reports nearest to it."""

from collections.abc import Callable
from uuid import UUID

import streamlit as st

from cs_geo.maps.captions import day_text
from cs_geo.maps.clicks import Click
from cs_geo.reports.selection import Selection
from cs_geo.ui.widgets.filters import name_of
from cs_geo.ui.widgets.session import actor, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.look_at_map import NEAREST_WITHIN_M, reports_near
from cs_geo.workflows.place_reports import doubt_pin


def show_near_reports(selection: Selection, click: Click, *, close: Callable[[], None]) -> None:
    """Show the reports of a selection nearest to a click, nearest first."""
    st.subheader("Nearest reports", anchor=False)
    found = reports_near(store(), actor(), selection, click.longitude, click.latitude)
    if not found:
        st.markdown(
            f"No report of these filters lies within {NEAREST_WITHIN_M:.0f} m of that point. "
            "This does not mean no harm took place."
        )
    for report in found:
        with st.container(border=True):
            month = report["date_precision"] == "month"
            day = day_text(report["first_day"])
            st.markdown(f"**{report['kind'].capitalize()}** {report['reference']}")
            harms = ", ".join(name_of("harm_type", code) for code in report["harm_types"])
            when = day.split(" ", 1)[1] if month else day
            source = name_of("source_type", report["source_type"]) or "Not said"
            st.text("\n".join(part for part in (harms, report["location_text"]) if part))
            st.caption(f"{when} · {escape_text(source)} · {report['distance_m']:.0f} m away")
            if st.button("This pin is wrong", key=f"doubt_{report['report_id']}"):
                doubt_pin(store(), actor(), UUID(str(report["report_id"])))
                st.toast("Noted. It is at the top of the locations to review.")
    st.button("Back to the list", on_click=close)
