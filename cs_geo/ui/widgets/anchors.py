"""A warning for whoever keeps the audit log: rows that nobody has anchored, whose loss nobody would notice."""

import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.dates import format_day
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.workflows.check_audit import unanchored_since


def show_unanchored() -> bool:
    """Draw the warning where there is one to draw, for those who may read the log."""
    if not may(actor(), Action.VIEW_AUDIT):
        return False
    with in_words():
        since = unanchored_since(store(), actor())
        if since is None:
            return False
        st.warning(
            f"**The audit log has not been anchored since {format_day(since.date())}.** Were its newest rows cut off, "
            "nobody would know. Ask whoever looks after the site whether a worker runs, or have a timer call "
            "cs-geo audit anchor every day."
        )
    return True
