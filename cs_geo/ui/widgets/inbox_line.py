"""How much waits in the inbox, on Home, for those who answer it."""

import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.ui.widgets.report_words import counted
from cs_geo.ui.widgets.session import actor, store
from cs_geo.workflows.inbox import count_waiting


def show_inbox_line() -> bool:
    """Say what waits in the inbox; whether anything does."""
    if not may(actor(), Action.ACCEPT_REPORTS):
        return False
    waiting = count_waiting(store(), actor())
    if waiting.lacking_call:
        st.warning(
            f"**A child may be in danger, and nobody has called yet**: {counted(waiting.lacking_call, 'submission')} "
            "in the inbox. Read it now."
        )
    if not (waiting.submissions or waiting.lacking_call):
        return False
    st.markdown(f"**{counted(waiting.submissions, 'submission')}** in the inbox to answer.")
    if st.button("Open the inbox", key="home_inbox"):
        st.switch_page("screens/inbox.py")
    return True
