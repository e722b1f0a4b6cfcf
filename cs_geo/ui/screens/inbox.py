"""Inbox: what contributors have handed in, the longest waiting first; read beside what is near, and answered."""

from functools import partial
from uuid import UUID

import streamlit as st

from cs_geo.reports.submission import SubmissionState
from cs_geo.store.submissions import Submission
from cs_geo.ui.navigation import may_open
from cs_geo.ui.widgets.around import show_around
from cs_geo.ui.widgets.note_field import show_note
from cs_geo.ui.widgets.report_words import PRECISIONS, counted, moment_in_words
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.ui.widgets.submission_view import STATES, ask_for_call, head_in_words, show_given
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.inbox import (
    OpenSubmission,
    accept,
    ask_back,
    came_by_link,
    decline,
    list_waiting,
    note_call,
    open_submission,
)

OPENED, SAID = "inbox_open", "inbox_said"
WIDTH = 760


def show_page() -> None:
    """Draw the page."""
    with st.container(width=WIDTH):
        st.title("Inbox", anchor=False)
        if SAID in st.session_state:
            st.success(st.session_state.pop(SAID))
        with in_words():
            opened = st.session_state.get(OPENED)
            found = open_submission(store(), actor(), UUID(opened)) if opened else None
            if found:
                _show_opened(found)
            else:
                _show_list(list_waiting(store(), actor()))


def _show_list(waiting: list[Submission]) -> None:
    if not waiting:
        st.markdown("Nothing waits. What contributors hand in stands here until somebody answers.")
    else:
        number = counted(sum(one.state is SubmissionState.HANDED_IN for one in waiting), "submission")
        st.markdown(f"{number} to answer, the longest waiting first.")
    for one in waiting:
        with st.container(border=True):
            st.markdown(f"**{head_in_words(one)}**")
            st.caption(escape_text(_whence(one)))
            if one.state is SubmissionState.ASKED_BACK:
                st.caption("You asked back; it waits for whoever handed it in.")
            ask_for_call(one, partial(note_call, store(), actor(), one.submission_id))
            if st.button("Open", key=f"inbox_open_{one.submission_id}"):
                st.session_state[OPENED] = str(one.submission_id)
                st.rerun()
    st.page_link("screens/my_reports.py", label="What you have handed in yourself")
    if may_open(actor(), "texts.py"):
        st.page_link("screens/texts.py", label="Texts to read before others may")
    if may_open(actor(), "links.py"):
        st.page_link("screens/links.py", label="Reporting links of premises without an account")


def _whence(one: Submission) -> str:
    whence = f" by {'the link of ' * came_by_link(one)}{one.agency}" if one.agency else ""
    return f"Handed in{whence} on {moment_in_words(one.handed_in_at)}."


def _show_opened(found: OpenSubmission) -> None:
    one, checked = found.submission, found.checked
    if st.button("Back to the inbox"):
        _close()
    st.subheader(head_in_words(one), anchor=False)
    st.caption(escape_text(_whence(one)))
    ask_for_call(one, partial(note_call, store(), actor(), one.submission_id))
    show_given(one, is_protected=found.is_protected)
    _show_states(found)
    if not checked.can_be_saved:
        faults = " ".join(f"{issue.message} {issue.remedy}" for issue in checked.issues)
        st.warning(escape_text(f"This cannot be accepted as it is: {faults}"))
    elif not found.is_protected:
        _say_place(found)
        show_around(checked, before="you accept")
    if one.state is SubmissionState.HANDED_IN:
        _answer(one, can_be_accepted=checked.can_be_saved, may_be_same=bool(checked.duplicates))
    else:
        st.markdown(f"**{STATES[one.state]}.** {escape_text(one.answer)}")


def _show_states(found: OpenSubmission) -> None:
    """What was asked before, for something that was handed in again."""
    for state, answer, moment in found.states:
        if state is SubmissionState.ASKED_BACK:
            st.caption(escape_text(f"Asked on {moment_in_words(moment)}: {answer}"))


def _say_place(found: OpenSubmission) -> None:
    place = found.checked.found
    if place is None or place.longitude is None:
        st.caption("Its place was not found. Accepted, it waits under Review locations.")
        return
    match = place.match
    name = match.matched_name or "A point"
    st.caption(escape_text(f"Found: {name} ({PRECISIONS[str(match.precision)]}, to {match.radius_m:,.0f} m)."))


def _answer(one: Submission, *, can_be_accepted: bool, may_be_same: bool) -> None:
    label = "It is another one: accept" if may_be_same else "Accept"
    if st.button(label, type="primary", width="stretch", disabled=not can_be_accepted, key="inbox_accept"):
        with in_words():
            saved = accept(store(), actor(), one.submission_id)
            unplaced = "" if saved.is_placed else " Its place was not found: it waits under **Review locations**."
            _close(f"Accepted, and kept as **{saved.reference}**.{unplaced}")
    if came_by_link(one):
        _decline_link(one)
        return
    st.markdown("Or write to whoever handed it in. They read it on their own page.")
    key = f"inbox_words_{one.submission_id}"
    show_note("A question, or why it is not taken. No names or descriptions.", key, placeholder="What they should know")
    words = str(st.session_state.get(key) or "")
    asking, declining = st.columns(2)
    if asking.button("Ask back", width="stretch", key="inbox_ask"):
        with in_words():
            ask_back(store(), actor(), one.submission_id, words)
            _close("Asked. It comes back here when it is handed in again.")
    if declining.button("Decline", width="stretch", key="inbox_decline"):
        with in_words():
            decline(store(), actor(), one.submission_id, words)
            _close("Declined, with your reason.")


def _decline_link(one: Submission) -> None:
    """Nobody reads an answer to what came by a link; why it was not taken is kept for colleagues."""
    st.markdown("Or note why it is not taken. It came by a premises' link: nobody can be asked back there.")
    key = f"inbox_words_{one.submission_id}"
    show_note("Why it is not taken. No names or descriptions.", key, placeholder="What colleagues should know")
    if st.button("Decline", width="stretch", key="inbox_decline"):
        with in_words():
            decline(store(), actor(), one.submission_id, str(st.session_state.get(key) or ""))
            _close("Declined, with your reason.")


def _close(said: str = "") -> None:
    st.session_state.pop(OPENED, None)
    if said:
        st.session_state[SAID] = said
    st.rerun()


show_page()
