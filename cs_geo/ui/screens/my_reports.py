"""My reports: what somebody has handed in, and what became of it. Nobody else's, and nothing that is known nearby."""

from functools import partial

import streamlit as st

from cs_geo.reports.submission import SubmissionState
from cs_geo.store.submissions import Submission
from cs_geo.ui.widgets.handing_in import begin_again
from cs_geo.ui.widgets.report_words import moment_in_words
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.ui.widgets.submission_view import STATES, ask_for_call, head_in_words, show_given
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.hand_in import list_mine, note_own_call

WIDTH = 640


def show_page() -> None:
    """Draw the page."""
    with st.container(width=WIDTH):
        st.title("My reports", anchor=False)
        if st.button("Hand in another", type="primary", width="stretch", key="mine_hand_in"):
            st.switch_page("screens/hand_in.py")
        with in_words():
            mine = list_mine(store(), actor())
            if not mine:
                st.markdown("You have handed in nothing yet. What you hand in stands here, with what became of it.")
            # What waits for this person comes first.
            for one in sorted(mine, key=lambda one: one.state is not SubmissionState.ASKED_BACK):
                _show(one)


def _show(one: Submission) -> None:
    with st.container(border=True):
        st.markdown(f"**{head_in_words(one)}**")
        st.caption(f"Handed in on {moment_in_words(one.handed_in_at)}.")
        _show_state(one)
        ask_for_call(one, partial(note_own_call, store(), actor(), one.submission_id))
        if one.state is SubmissionState.ASKED_BACK and st.button(
            "Answer and hand in again", type="primary", width="stretch", key=f"again_{one.submission_id}"
        ):
            begin_again(one)
            st.switch_page("screens/hand_in.py")
        with st.expander("What you gave"):
            show_given(one)


def _show_state(one: Submission) -> None:
    said = f"**{STATES[one.state]}**"
    if one.state is SubmissionState.HANDED_IN:
        st.markdown(f"{said}.")
    elif one.state is SubmissionState.ACCEPTED:
        st.markdown(f"{said}. It is kept as **{one.reference}**: say that on the phone.")
    else:
        st.markdown(f"{said}: {escape_text(one.answer)}")


show_page()
