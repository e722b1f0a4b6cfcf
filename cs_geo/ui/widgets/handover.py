"""Handing a file to the person at the screen: a link that works once, within a minute."""

import time
from collections.abc import Callable

import streamlit as st

from cs_geo.errors import UserError
from cs_geo.store.tickets import LIFETIME_S
from cs_geo.ui.widgets.refusals import show_refusal


def show_handover(key: str, label: str, make_ticket: Callable[[], str]) -> None:
    """Draw a button that makes a link, then the link itself.

    Never ``st.download_button``: what that is given can be fetched by anybody who has the address, for minutes.
    """
    held = st.session_state.get(f"{key}_ticket")
    if held and time.monotonic() - held[1] < LIFETIME_S:
        st.link_button(
            f"{label}: save it now",
            f"/downloads/{held[0]}",
            type="primary",
            on_click=_forget,
            args=(key,),
            key=f"{key}_link",
        )
        st.caption("The link works once, within 60 seconds. After that, ask for the file again.")
        return
    if st.button(label, type="primary", key=f"{key}_ask"):
        try:
            st.session_state[f"{key}_ticket"] = (make_ticket(), time.monotonic())
        except UserError as refusal:
            show_refusal(refusal)
            return
        st.rerun()


def _forget(key: str) -> None:
    st.session_state.pop(f"{key}_ticket", None)
