"""The panel beside the map for one concentration: what it rests on, what helps there, what is not known."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from cs_geo.maps.captions import NOBODY_ASKED, count_text, day_text
from cs_geo.ui.widgets.session import actor, store
from cs_geo.workflows.find_hotspots import NOT_TESTED, doubt_hotspot
from cs_geo.workflows.look_at_map import strengths_near

SHOWN_STRENGTHS = 5


def show_hotspot(row: Any, *, close: Callable[[], None], name_of: Callable[[str, str], str]) -> None:
    """Show one hotspot: a row of ``cs_geo.store.hotspots.read_hotspots``."""
    details = row["details"]
    st.subheader(row["label"], anchor=False)
    what = "Reports at one spot" if row["at_one_spot"] else "Reports are concentrated here"
    st.caption(f"{what} · {row['kind']} reports · {row['rank']} in the list")
    for column, (name, number) in zip(
        st.columns(3),
        {"Reports": row["reports_n"], "Sources": row["sources_n"], "Days": row["days_n"]}.items(),
        strict=True,
    ):
        column.metric(name, f"{number:,}")
    st.markdown(f"**{NOT_TESTED}** {rests_on(row, details)}")
    show_strengths(UUID(row["hotspot_id"]))
    st.markdown("**What is reported**")
    counts = sorted(details["source_counts"].items(), key=lambda item: (-item[1], item[0]))
    st.dataframe(
        pd.DataFrame(
            [(name_of("source_type", source) or "Not said", number) for source, number in counts],
            columns=["Source", "Reports"],
        ),
        hide_index=True,
    )
    bands = [(name_of("time_band", band), number) for band, number in details["time_band_counts"].items()]
    st.dataframe(pd.DataFrame(bands, columns=["Time of day", "Reports"]), hide_index=True)
    buttons = st.columns(2)
    buttons[0].button("Back to the list", on_click=close, width="stretch")
    if buttons[1].button("This is in the wrong place", width="stretch", disabled=bool(row["doubted"])):
        doubt_hotspot(store(), actor(), UUID(row["hotspot_id"]))
        st.toast("Noted. Whoever reviews locations will look at it.")
        st.rerun()
    if row["doubted"]:
        st.caption("Somebody has said that this is drawn in the wrong place.")


def rests_on(row: Any, details: Any) -> str:
    """What a concentration rests on, in a sentence or two."""
    said = f"It rests on {count_text(row['reports_n'], 'report')} at {count_text(row['places_n'], 'point')}"
    said += f" within {row['area_m2'] / 10_000:.1f} hectares." if row["area_m2"] else "."
    if details.get("was_split"):
        said += " It is part of a larger concentration that was split so that each part can be walked."
    if details.get("month_precise_n"):
        said += f" {count_text(details['month_precise_n'], 'report')} are known only by their month."
    return said


def show_strengths(hotspot_id: UUID) -> None:
    """What helps in and around it, before what worries."""
    st.markdown("**What helps here**")
    strengths = strengths_near(store(), actor(), hotspot_id)
    if not strengths:
        st.markdown(NOBODY_ASKED)
    for strength in strengths[:SHOWN_STRENGTHS]:
        said = strength["what_helped"] or strength["location_text"] or "Noted without words"
        st.text(f"{said} ({day_text(strength['first_day'])})")
    if len(strengths) > SHOWN_STRENGTHS:
        st.caption(f"and {len(strengths) - SHOWN_STRENGTHS} more within five minutes' walk")
