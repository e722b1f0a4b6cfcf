"""The present form of *Hand in*, which *My reports* fills with what a coordinator asks back."""

import streamlit as st

from cs_geo.store.submissions import Submission
from cs_geo.ui.widgets.report_form import fill_in
from cs_geo.workflows.hand_in import draft_of

AGAIN = "question"
"""What the coordinator asks, while an earlier submission is handed in again."""


def handed_in_key(name: str) -> str:
    """A key of the present form: the next form has its own."""
    return f"hand_in_{st.session_state.setdefault('hand_in_turn', 0)}_{name}"


def begin_again(submission: Submission) -> None:
    """Begin a form with what was handed in before."""
    st.session_state.hand_in_turn = st.session_state.get("hand_in_turn", 0) + 1
    st.session_state.pop("hand_in_done", None)
    fill_in(handed_in_key, draft_of(submission))
    st.session_state[handed_in_key("sort")] = submission.kind
    st.session_state[handed_in_key(AGAIN)] = submission.answer
