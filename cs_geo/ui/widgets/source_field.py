"""Saying who sent a file: one of those who have sent before, or, asked twice when it looks mistyped, somebody new."""

import streamlit as st

from cs_geo.ui.widgets.session import actor, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.read_reports import similar_sources, source_names

NEW = ""
"""Stands in the list for somebody who has sent nothing before."""


def choose_source(key: str, *, width: int = 480) -> str:
    """Draw the field; the name of the source, or nothing until it is settled."""
    known = source_names(store(), actor())
    chosen: str | None = NEW
    if known:
        # A text that was typed never becomes a name by itself: Enter takes the likeliest known one.
        chosen = st.selectbox(
            "Who sent it",
            [NEW, *known],
            index=None,
            format_func=lambda name: name or "Somebody who has sent nothing before …",
            placeholder="Choose",
            key=key,
            width=width,
        )
    if chosen is None:
        return ""
    if chosen != NEW:
        return chosen
    typed = st.text_input(
        "Name of the new source" if known else "Who sent it",
        placeholder="Such as Harbour Street School",
        max_chars=200,
        key=f"{key}_new",
        width=width,
    )
    return _settled(key, " ".join(typed.split()))


def _settled(key: str, name: str) -> str:
    """A new name, unless it may be a known one, mistyped: then what the person answers."""
    if not name:
        return ""
    alike = similar_sources(store(), actor(), name)
    if not alike or st.session_state.get(f"{key}_is_new") == name:
        return name
    likeliest = alike[0]
    if likeliest.casefold() == name.casefold():
        st.caption(f"**{escape_text(likeliest)}** has sent reports before, and is taken.")
        return likeliest
    st.warning(
        f"Did you mean **{escape_text(likeliest)}**? Under another name, reports that are here already count twice."
    )

    def take(found: str) -> None:
        st.session_state[key] = found

    with st.container(horizontal=True):
        for one in alike:
            st.button(f"Use {escape_text(one)}", key=f"{key}_use_{one}", on_click=take, args=(one,))
        if st.button(f"No, {escape_text(name)} is somebody new", key=f"{key}_not_alike"):
            st.session_state[f"{key}_is_new"] = name
            st.rerun()
    return ""
