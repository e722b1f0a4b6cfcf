"""How many texts wait for review, on Home, for those who review them."""

import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.ui.widgets.report_words import counted
from cs_geo.ui.widgets.session import actor, store
from cs_geo.workflows.review_texts import count_texts


def show_texts_line() -> bool:
    """Say how many texts wait; whether any does."""
    if not may(actor(), Action.REVIEW_TEXTS):
        return False
    waiting = count_texts(store(), actor()).mine
    if not waiting:
        return False
    st.markdown(f"**{counted(waiting, 'text')}** to read before the members of a case may.")
    if st.button("Review texts", key="home_texts"):
        st.switch_page("screens/texts.py")
    return True
