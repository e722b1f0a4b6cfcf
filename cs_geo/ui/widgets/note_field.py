"""A short note with its privacy prompt: what will be stored of it, and what could be said otherwise, as it is typed."""

import streamlit as st

from cs_geo.reports.cells import NOTE_ASKED_FOR
from cs_geo.words.escaping import escape_text
from cs_geo.words.masking import mask_personal_details
from cs_geo.words.wording import suggest_wording


def show_note(
    label: str, key: str, *, height: int = 110, placeholder: str = "The place, and what made it less safe or safer"
) -> None:
    """Draw the note."""
    st.text_area(
        label,
        max_chars=NOTE_ASKED_FOR,
        height=height,
        placeholder=placeholder,
        key=key,
        persist_state="session",
    )
    written = str(st.session_state.get(key) or "")
    masked = mask_personal_details(written)
    if masked.found:
        st.warning(f"Personal details are not stored: {', '.join(masked.found)}. It will be kept like this:")
        st.text(masked.text)
    show_suggestions(masked.text)


def show_suggestions(text: str) -> None:
    """Say what could be said otherwise in a text. Nothing is rewritten: a note may quote somebody."""
    for one in suggest_wording(text):
        written, better = escape_text(one.written), escape_text(one.suggestion)
        st.caption(f"You wrote “{written}”. Consider “{better}”: {escape_text(one.reason)}")
