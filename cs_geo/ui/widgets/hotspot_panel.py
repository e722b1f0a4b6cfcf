"""The panel beside the map for one concentration: what it rests on, what helps there, what is not known."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from cs_geo.dates import format_day
from cs_geo.maps.captions import KIND_WORDS, NOBODY_ASKED, count_text
from cs_geo.ui.widgets.filters import name_of
from cs_geo.ui.widgets.hotspot_defence import show_defence
from cs_geo.ui.widgets.hotspot_reports import show_hotspot_reports
from cs_geo.ui.widgets.session import actor, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.defend_hotspots import Defence
from cs_geo.workflows.find_hotspots import FoundHotspots, doubt_hotspot, settle_hotspot
from cs_geo.workflows.look_at_map import strengths_near

SHOWN_STRENGTHS = 5
ASKING = "hotspot_asking"
"""Which hotspot the reader is about to say is in the wrong place."""


def show_hotspot(row: Any, run: FoundHotspots, defence: Defence, *, close: Callable[[], None]) -> None:
    """Show one hotspot of a run: a row of ``cs_geo.store.hotspots.read_hotspots``."""
    details = row["details"]
    st.button("Back to the list", on_click=close)
    st.subheader(escape_text(row["label"]), anchor=False)
    what = "Reports at one spot" if row["at_one_spot"] else "Reports are concentrated here"
    st.caption(f"{what} · number {row['rank']} in the list")
    number = count_text(row["reports_n"], *KIND_WORDS[row["kind"]])
    st.markdown(
        f"**{number}** from {count_text(row['sources_n'], 'source')} on {count_text(row['days_n'], 'day')}. "
        f"{rests_on(row, details)}"
    )
    show_defence(row, run, defence)
    with st.container(horizontal=True):
        if st.button(f"Show {'this' if row['reports_n'] == 1 else 'these'} {number}", key="hotspot_reports"):
            show_hotspot_reports(row)
        doubt(row)
    confirm(row)
    show_strengths(UUID(row["hotspot_id"]))
    st.markdown("**What is reported**")
    counts = sorted(details["source_counts"].items(), key=lambda item: (-item[1], item[0]))
    st.dataframe(
        pd.DataFrame(
            [(name_of("source_type", source), number) for source, number in counts], columns=["Who noticed", "Reports"]
        ),
        hide_index=True,
        height="content",
    )
    bands = [(name_of("time_band", band), number) for band, number in details["time_band_counts"].items()]
    st.dataframe(pd.DataFrame(bands, columns=["Time of day", "Reports"]), hide_index=True, height="content")


def doubt(row: Any) -> None:
    """Offer to say that a hotspot is drawn in the wrong place, or to take that back."""
    if not row["doubted"]:
        if st.button("This is in the wrong place", key="hotspot_doubt"):
            st.session_state[ASKING] = row["hotspot_id"]
    elif st.button("Take it back", key="hotspot_settle", help="Say that it is in the right place after all."):
        settle_hotspot(store(), actor(), UUID(row["hotspot_id"]))
        st.rerun()


def confirm(row: Any) -> None:
    """Ask before a hotspot is said to be in the wrong place, and say what has become of it."""
    if row["doubted"]:
        st.info("Somebody has said that this is drawn in the wrong place. It waits under *Review locations*.")
    elif st.session_state.get(ASKING) == row["hotspot_id"]:
        with st.container(border=True):
            st.markdown(
                "Say that this is drawn in the wrong place? It stays on the map, and waits for a person under "
                "*Review locations*. You can take it back."
            )
            with st.container(horizontal=True):
                said = st.button("Say so", type="primary", key="hotspot_doubt_yes")
                left = st.button("Leave it", key="hotspot_doubt_no")
        if said:
            doubt_hotspot(store(), actor(), UUID(row["hotspot_id"]))
        if said or left:
            st.session_state.pop(ASKING, None)
            st.rerun()


def rests_on(row: Any, details: Any) -> str:
    """What a concentration rests on, in a sentence or two."""
    said = f"They lie at {count_text(row['places_n'], 'point')}"
    said += f" within {row['area_m2'] / 10_000:.1f} hectares." if row["area_m2"] else "."
    if details.get("was_split"):
        said += " It is part of a larger concentration that was split so that each part can be walked."
    if details.get("month_precise_n"):
        said += f" {count_text(details['month_precise_n'], 'report')} are known only by their month."
    for name, what in (("noise_only_n", "noise or nuisance alone"), ("presence_only_n", "mere presence, no harm")):
        if details.get(name):
            said += f" {count_text(details[name], 'report')} of {row['reports_n']:,} tell of {what}."
    return said


def show_strengths(hotspot_id: UUID) -> None:
    """What helps in and around it, before what worries."""
    st.markdown("**What helps here**")
    strengths = strengths_near(store(), actor(), hotspot_id)
    if not strengths:
        st.markdown(NOBODY_ASKED)
    for strength in strengths[:SHOWN_STRENGTHS]:
        said = strength["what_helped"] or strength["location_text"] or "Noted without words"
        st.text(f"{said} ({format_day(strength['first_day'])})")
    if len(strengths) > SHOWN_STRENGTHS:
        st.caption(f"and {len(strengths) - SHOWN_STRENGTHS} more within five minutes' walk")
