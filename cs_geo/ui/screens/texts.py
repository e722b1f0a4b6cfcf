"""Texts: what partners wrote, read by a person before the members of a case may; what may name somebody is marked."""

from uuid import UUID

import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.dates import format_day
from cs_geo.reports.cells import LONGEST_KEPT
from cs_geo.reports.report import Kind
from cs_geo.store.texts import WaitingText
from cs_geo.ui.widgets.report_words import PLURALS, counted, moment_in_words
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.review_texts import (
    OpenText,
    WaitingTexts,
    approve_text,
    decline_text,
    list_texts,
    open_text,
    redact_text,
)

PASSED, SAID = "texts_passed", "texts_said"
WIDTH = 760
FIELDS = {"note": "Note", "what_helped": "What helped", "outcome": "Outcome"}
DECISIONS = {
    "redacted": "Edited",
    "approved": "Approved",
    "withdrawn": "Kept in",
    "released": "Released by a chair",
    "text_changed": "The report changed, and its text with it",
}


def show_page() -> None:
    """Draw the page."""
    with st.container(width=WIDTH):
        st.title("Texts", anchor=False)
        if SAID in st.session_state:
            st.success(st.session_state.pop(SAID))
        with in_words():
            counts, waiting = list_texts(store(), actor())
            _say_counts(counts)
            passed = st.session_state.get(PASSED, ())
            ahead = [one for one in waiting if str(one.text_id) not in passed]
            if ahead:
                _show_first(ahead)
            elif waiting:
                st.markdown("You have been through all that wait.")
                if st.button("Begin again"):
                    st.session_state.pop(PASSED)
                    st.rerun()


def _say_counts(counts: WaitingTexts) -> None:
    if not counts.mine:
        st.markdown("No text waits for you. What partners write stands here until somebody has read it.")
    else:
        st.markdown(
            f"{counted(counts.mine, 'text')} to read, the newest reports first. Until somebody approves it, a text is "
            "read by no one outside the team; members of a case then read it as it stands below."
        )
    if counts.others:
        wait = "waits" if counts.others == 1 else "wait"
        words = counted(counts.others, "other text")
        st.caption(f"{words} with words that may name somebody {wait} for a data steward.")


def _show_first(ahead: list[WaitingText]) -> None:
    opened = open_text(store(), actor(), ahead[0].text_id)
    if opened is None:
        st.info("This text changed while you were reading.")
        _pass(ahead[0].text_id)
        return
    _show(opened)


def _show(opened: OpenText) -> None:
    text = opened.text
    kind = PLURALS[Kind(text.kind)][0].capitalize()
    st.subheader(f"{text.reference} · {kind} · {format_day(text.first_day)}", anchor=False)
    st.markdown(f"**{FIELDS[text.field]}, as it came in**")
    with st.container(border=True):
        st.markdown(_marked(opened))
    _say_found(opened)
    key = f"text_{text.text_id}_{text.version}"
    words = st.text_area(
        "As others will read it",
        value=text.redacted,
        max_chars=LONGEST_KEPT[text.field],
        height=130,
        key=key,
        help="Take out whatever tells who somebody is. What happened to safety at the place can stay.",
    )
    _decide(opened, words)
    for one in opened.decisions:
        st.caption(escape_text(f"{DECISIONS[one.decision]} on {moment_in_words(one.decided_at)} by {one.decided_by}."))


def _marked(opened: OpenText) -> str:
    """The text with what was found in bold between brackets: to be seen in print and by whoever sees no colour."""
    pieces = [f"**⟦{_in_lines(piece.said)}⟧**" if piece.kind else _in_lines(piece.said) for piece in opened.pieces]
    return "".join(pieces)


def _in_lines(said: str) -> str:
    return "  \n".join(escape_text(line) for line in said.split("\n"))


def _say_found(opened: OpenText) -> None:
    if opened.text.flags:
        found = ", ".join(opened.text.flags)
        st.caption(escape_text(f"Found: {found}. What is marked may name somebody, and may be a place or a shop."))
    else:
        st.caption("Nothing was found that may name somebody. Names without a capital or at the beginning can pass.")


def _decide(opened: OpenText, words: str) -> None:
    text = opened.text
    is_edited = words.strip() != text.redacted.strip()
    if not opened.may_approve:
        st.info("Words were found that may name somebody: a data steward approves this text.")
    with st.container(horizontal=True):
        if opened.may_approve and st.button(
            "Save and approve" if is_edited else "Approve", type="primary", key="texts_approve"
        ):
            _approve(opened, words if is_edited else "")
        if st.button("Save", key="texts_save", disabled=not is_edited):
            with in_words():
                redact_text(store(), actor(), text.text_id, text.version, words)
                _close("Saved. It waits for its approval.")
        if st.button("Keep in", key="texts_decline", help="Nobody outside the team reads it."):
            with in_words():
                decline_text(store(), actor(), text.text_id, text.version)
                _close("Kept in: nobody outside the team reads it.")
        if st.button("Next", key="texts_next"):
            _pass(text.text_id)


def _approve(opened: OpenText, words: str) -> None:
    text, version = opened.text, opened.text.version
    with in_words():
        if words:
            found = redact_text(store(), actor(), text.text_id, version, words)
            version += 1
            if found and not may(actor(), Action.APPROVE_FLAGGED):
                _close("Saved. Your words may name somebody, so a data steward approves it.")
        approve_text(store(), actor(), text.text_id, version)
        _close("Approved. Members of a case with this report can read it.")


def _pass(text_id: UUID) -> None:
    st.session_state[PASSED] = (*st.session_state.get(PASSED, ()), str(text_id))
    st.rerun()


def _close(said: str) -> None:
    st.session_state[SAID] = said
    st.rerun()


show_page()
