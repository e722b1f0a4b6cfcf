"""The first question of every report: might a child be in danger now? Whom to call stands before anything else."""

from collections.abc import Callable

import streamlit as st

from cs_geo.ui.widgets.contacts import show_contacts
from cs_geo.ui.widgets.session import in_words

Key = Callable[[str], str]
"""Makes the keys of the present form."""


def danger_answered(key: Key) -> bool:
    """Ask first whether a child may be in danger, and show whom to call."""
    answer = st.session_state.get(key("danger"))
    if answer is None:
        st.subheader("Might a child be in danger now?", anchor=False)
        yes, no = st.columns(2)
        if yes.button("Yes, now", width="stretch", key=key("danger_yes")):
            st.session_state[key("danger")] = "no"
            st.session_state[key("danger_now")] = True
            st.rerun()
        if no.button("No", type="primary", width="stretch", key=key("danger_no")):
            st.session_state[key("danger")] = "not_needed"
            st.rerun()
        st.caption("This form is about places. Nobody reads it at once, and it does not stand in for a referral.")
        return False
    if st.session_state.get(key("danger_now")):
        st.subheader("Call first. The report can wait.", anchor=False)
        with in_words():
            show_contacts()
        if st.button("The call has been made: go on to the report", type="primary", width="stretch", key=key("called")):
            st.session_state[key("danger")] = "yes"
            st.session_state.pop(key("danger_now"))
            st.rerun()
        if st.button("Nobody has called yet: note the place all the same", width="stretch", key=key("not_called")):
            st.session_state.pop(key("danger_now"))
            st.rerun()
        return False
    _say_answer(answer, key)
    return True


def _say_answer(answer: str, key: Key) -> None:
    said = {
        "yes": "You said that a child may be in danger, and that the call has been made.",
        "no": "You said that a child may be in danger, and **nobody has called yet**. Please call before you go on.",
        "not_needed": "You said that no child is in danger now.",
    }[answer]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(said)
        if st.button("Change", key=key("danger_again"), type="tertiary"):
            st.session_state.pop(key("danger"))
            st.rerun()
    if answer == "no":
        with in_words(), st.expander("Whom to call", expanded=True):
            show_contacts()
