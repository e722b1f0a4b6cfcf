"""What an export is for: said anew, or a purpose that stands for 90 days."""

from dataclasses import dataclass

import streamlit as st

from cs_geo.access.actor import Tier
from cs_geo.dates import format_day
from cs_geo.store.standing_purposes import StandingPurpose
from cs_geo.ui.widgets.session import actor, store
from cs_geo.workflows.standing_purposes import end_standing, keep_standing, list_standing

ANEW = "Say it anew"


@dataclass(frozen=True, slots=True)
class Purpose:
    """What was said, and whether it is to stand."""

    words: str
    recipient: str
    keep: bool
    standing: StandingPurpose | None


def choose_standing(tier: Tier) -> StandingPurpose | None:
    """Offer the purposes that stand, outside the form, so that the form follows the choice; None: say it anew."""
    standing = list_standing(store(), actor(), tier)
    if not standing:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Purpose",
            [None, *standing],
            format_func=lambda one: ANEW if one is None else _named(one),
            key=f"standing_{tier}",
            width=480,
        )
        if chosen and st.button("End it", key=f"standing_end_{tier}", help="From now on it is asked again."):
            end_standing(store(), actor(), chosen)
            st.rerun()
    return chosen


def ask_purpose(tier: Tier, standing: StandingPurpose | None, *, key: str, placeholder: str, more: str = "") -> Purpose:
    """The fields of a form that say what it is for; nothing is asked where a purpose stands."""
    if standing:
        st.caption(f"It stands until {format_day(standing.expires_at.date())}, and each export is written down.")
        return Purpose(standing.purpose, standing.recipient, False, standing)
    words = st.text_input(
        "What it is for",
        placeholder=placeholder,
        help="Kept with the record of the export." + more,
        max_chars=200,
        key=key,
        width=480,
    )
    keep = st.checkbox("Do not ask again for 90 days", key=f"{key}_stands")
    return Purpose(words, "", keep, None)


def settle_purpose(tier: Tier, purpose: Purpose, recipient: str = "") -> str:
    """The identifier of the standing purpose an export is made for; empty where none stands."""
    if purpose.standing:
        return str(purpose.standing.standing_id)
    return str(keep_standing(store(), actor(), tier, purpose.words, recipient)) if purpose.keep else ""


def _named(one: StandingPurpose) -> str:
    return f"{one.purpose}, for {one.recipient}" if one.recipient else one.purpose
