"""Adding one report by hand: first whether a child is in danger, then one column of questions, pick-lists first."""

import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.errors import UserError
from cs_geo.ui.widgets.around import show_around
from cs_geo.ui.widgets.contacts import show_folded_contacts
from cs_geo.ui.widgets.danger_first import danger_answered
from cs_geo.ui.widgets.filters import name_of
from cs_geo.ui.widgets.import_list import say_undone, show_undo
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.report_form import Form, fill_form
from cs_geo.ui.widgets.report_words import harms_in_words, place_in_words, when_in_words
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.add_report import Saved, check_draft, save_report
from cs_geo.workflows.answer_dangers import record_call
from cs_geo.workflows.read_reports import open_report
from cs_geo.workflows.undo_imports import undo_import

WIDTH = 640


def show_page() -> None:
    """Draw the page."""
    with st.container(width=WIDTH):
        st.page_link("screens/reports.py", label="Back to reports")
        st.title("Add a report", anchor=False)
        show_undo()
        saved = st.session_state.get("add_saved")
        if saved:
            _show_saved(saved)
        elif danger_answered(_key):
            _show_form()


def _key(name: str) -> str:
    """A key of the present form: the next form has its own."""
    return f"add_{st.session_state.setdefault('add_turn', 0)}_{name}"


def _show_form() -> None:
    draft = fill_form(
        Form(
            _key,
            check=lambda draft: check_draft(store(), actor(), draft),
            button=lambda checked: "It is another one: save" if checked.duplicates else "Save the report",
            show_around=show_around,
        )
    )
    if draft is None:
        return
    try:
        saved = save_report(store(), actor(), draft)
    except UserError as refusal:
        show_refusal(refusal)
        return
    st.session_state.add_saved = saved
    # The page is as far down as the button was.
    st.toast(f"Stored as **{saved.reference}**.", duration="long")
    st.rerun()


def _show_saved(saved: Saved) -> None:
    st.markdown("The report is stored. On the phone, say:")
    st.header(saved.reference, anchor=False)
    with in_words():
        _sum_up(saved)
    if st.session_state.get(_key("danger")) == "no":
        _remind_of_call(saved)
    if st.button("Add another", type="primary", width="stretch", key="add_another"):
        _begin_anew()
    if may(actor(), Action.VIEW_REPORTS) and st.button("Open the report", width="stretch", key="add_open"):
        st.session_state.reports_open = str(saved.report_id)
        _forget_form()
        st.switch_page("screens/reports.py")
    if saved.import_id and st.button("Take it back", width="stretch", key="add_undo"):
        with in_words():
            say_undone(undo_import(store(), actor(), saved.import_id))
            _begin_anew()


def _sum_up(saved: Saved) -> None:
    opened = open_report(store(), actor(), saved.report_id) if may(actor(), Action.VIEW_REPORTS) else None
    if opened:
        report = opened.report
        parts = (name_of("kind", report["kind"]), when_in_words(report), escape_text(harms_in_words(report)))
        st.markdown(" · ".join(part for part in parts if part))
        if report["location_text"]:
            st.text(report["location_text"])
        if saved.is_placed:
            st.caption(escape_text(place_in_words(report)))
    if not saved.is_placed:
        st.markdown("Its place was not found. It waits under **Review locations** for somebody to place it.")


def _remind_of_call(saved: Saved) -> None:
    st.warning(
        "You said that a child may be in danger and that nobody has called yet. Please call now. Until the call is "
        "noted, the report stands first on **Home**."
    )
    with in_words():
        show_folded_contacts()
        if st.button("The call has been made", width="stretch", key="add_called"):
            record_call(store(), actor(), saved.report_id)
            st.session_state[_key("danger")] = "yes"
            st.rerun()


def _begin_anew() -> None:
    _forget_form()
    st.rerun()


def _forget_form() -> None:
    st.session_state.pop("add_saved")
    st.session_state.add_turn += 1


show_page()
