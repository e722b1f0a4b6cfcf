"""A refusal at its place on a page: its sentence, in which names that somebody wrote stay plain text."""

import streamlit as st

from cs_geo.words.escaping import escape_text


def show_refusal(refusal: object) -> None:
    """Draw a refusal, or what a job said of one."""
    st.error(escape_text(str(refusal).replace("`", "")))
