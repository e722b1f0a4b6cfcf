"""Handing a report or a place referral in: for youth workers, schools, libraries and security, on a phone."""

from functools import partial

import streamlit as st

from cs_geo.errors import UserError
from cs_geo.reports.report import Kind
from cs_geo.reports.submission import SubmissionKind
from cs_geo.store.submissions import Submission
from cs_geo.ui.widgets.danger_first import danger_answered
from cs_geo.ui.widgets.handing_in import AGAIN, handed_in_key
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.report_form import Form, fill_form
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.ui.widgets.submission_view import SORTS, ask_for_call, head_in_words
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.hand_in import check_submission, hand_in, list_mine, note_own_call

WIDTH = 640
DONE = "hand_in_done"
WHAT = {
    SubmissionKind.REPORT: "Something that was noticed at a place: what happened, or what makes it safer.",
    SubmissionKind.PLACE_REFERRAL: "A place that you ask the coordinator to have looked at.",
}


def show_page() -> None:
    """Draw the page."""
    with st.container(width=WIDTH):
        done = st.session_state.get(DONE)
        if not done:
            st.page_link("screens/my_reports.py", label="What became of yours")
        st.title("Hand in", anchor=False)
        if done:
            _show_done(done)
        elif danger_answered(handed_in_key):
            _show_form()


def _show_form() -> None:
    question = st.session_state.get(handed_in_key(AGAIN))
    if question:
        st.info(escape_text(f"The coordinator asks: {question}"))
    st.session_state.setdefault(handed_in_key("sort"), SubmissionKind.REPORT)
    st.segmented_control(
        "What do you hand in?",
        list(SubmissionKind),
        format_func=lambda one: SORTS[one],
        required=True,
        disabled=bool(question),
        key=handed_in_key("sort"),
        persist_state="session",
    )
    sort: SubmissionKind = st.session_state[handed_in_key("sort")]
    st.caption(WHAT[sort])
    is_referral = sort is SubmissionKind.PLACE_REFERRAL
    draft = fill_form(
        Form(
            handed_in_key,
            check=lambda draft: check_submission(store(), actor(), draft),
            button=lambda _: "Hand it in again" if question else "Hand it in",
            refused="Not handed in yet.",
            kind=Kind.CONCERN if is_referral else None,
            note="Why should this place be looked at?" if is_referral else "",
        )
    )
    if draft is None:
        return
    try:
        st.session_state[DONE] = hand_in(store(), actor(), draft, sort)
    except UserError as refusal:
        show_refusal(refusal)
        return
    st.toast("Handed in.", duration="long")
    st.rerun()


def _show_done(done: Submission) -> None:
    st.markdown(
        "Handed in. A coordinator reads it and answers you. **Nobody reads it at once**, and it does not stand in for "
        "a referral."
    )
    with in_words():
        present = next((one for one in list_mine(store(), actor()) if one.submission_id == done.submission_id), done)
        st.markdown(escape_text(head_in_words(present)))
        ask_for_call(present, partial(note_own_call, store(), actor(), present.submission_id))
    if st.button("Hand in another", type="primary", width="stretch", key="hand_in_another"):
        _begin_anew()
        st.rerun()
    if st.button("See what became of yours", width="stretch", key="hand_in_mine"):
        _begin_anew()
        st.switch_page("screens/my_reports.py")


def _begin_anew() -> None:
    st.session_state.pop(DONE)
    st.session_state.hand_in_turn += 1


show_page()
