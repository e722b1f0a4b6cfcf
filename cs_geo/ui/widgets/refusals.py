"""A refusal at its place on a page: its sentence, in which names that somebody wrote stay plain text."""

import streamlit as st

from cs_geo.store.opening import DatabaseAway
from cs_geo.words.escaping import escape_text


def show_refusal(refusal: object) -> None:
    """Draw a refusal, or what a job said of one.

    Without its database, the page ends with that sentence: whatever comes after it would only say it again.
    """
    st.error(escape_text(str(refusal).replace("`", "")))
    if isinstance(refusal, DatabaseAway):
        st.button("Try again", type="primary", key="try_database_again")
        st.stop()
