"""The first question of every report: might a child be in danger now? Whom to call stands before anything else."""

from collections.abc import Callable

import streamlit as st

from cs_geo.ui.widgets.contacts import show_emergency, show_folded_contacts, show_other_contacts
from cs_geo.ui.widgets.session import in_words

Key = Callable[[str], str]
"""Makes the keys of the present form."""


def danger_answered(key: Key) -> bool:
    """Ask first whether a child may be in danger, and show whom to call."""
    answer = st.session_state.get(key("danger"))
    if answer is None:
        _ask(key)
        return False
    if key("danger_now") in st.session_state:
        _ask_for_call(key, is_sure=st.session_state[key("danger_now")])
        return False
    _say_answer(answer, key)
    return True


def _ask(key: Key) -> None:
    st.subheader("Might a child be in danger now?", anchor=False)
    yes, unsure, no = st.columns(3)
    for column, label, is_sure in ((yes, "Yes, now", True), (unsure, "Not sure", False)):
        if column.button(label, width="stretch", key=key(f"danger_{'yes' if is_sure else 'unsure'}")):
            # Until somebody says otherwise, nobody has called.
            st.session_state[key("danger")] = "no"
            st.session_state[key("danger_now")] = is_sure
            st.rerun()
    if no.button("No", width="stretch", key=key("danger_no")):
        _answer(key, "not_needed")
    st.caption("This form is about places. Nobody reads it at once, and it does not stand in for a referral.")


def _ask_for_call(key: Key, *, is_sure: bool) -> None:
    st.subheader("Call first. The report can wait." if is_sure else "If you are not sure, call and ask.", anchor=False)
    with in_words():
        show_emergency()
    if st.button("Somebody has called: go on to the report", width="stretch", key=key("called")):
        _answer(key, "yes")
    if not is_sure and st.button("No call is needed", width="stretch", key=key("not_needed")):
        _answer(key, "not_needed")
    if st.button("Nobody has called yet: note the place all the same", width="stretch", key=key("not_called")):
        _answer(key, "no")
    with in_words():
        show_other_contacts()


def _answer(key: Key, answer: str) -> None:
    st.session_state[key("danger")] = answer
    st.session_state.pop(key("danger_now"), None)
    st.rerun()


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
        with in_words():
            show_folded_contacts()
