"""Adding one report by hand: first whether a child is in danger, then one column of questions, pick-lists first."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.errors import UserError
from cs_geo.reports.report import Issue, Kind, Severity
from cs_geo.settings import get_settings
from cs_geo.ui.widgets.around import show_around
from cs_geo.ui.widgets.contacts import show_folded_contacts
from cs_geo.ui.widgets.danger_first import danger_answered
from cs_geo.ui.widgets.filters import codelists, name_of
from cs_geo.ui.widgets.import_list import say_undone, show_undo
from cs_geo.ui.widgets.note_field import show_note
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.report_words import harms_in_words, place_in_words, when_in_words
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.ui.widgets.where_field import show_where, where_now
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.add_report import (
    Draft,
    DraftChecked,
    Saved,
    check_draft,
    save_report,
)
from cs_geo.workflows.answer_dangers import record_call
from cs_geo.workflows.read_reports import open_report
from cs_geo.workflows.undo_imports import undo_import

WIDTH = 640
TIMES = ("Not known", "At", "Between", "Only the month")
PICKED = ("kind", "harm_types", "source_type", "directness", "young_people_band", "who_causes_harm")


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
    draft = _draft()
    try:
        checked = check_draft(store(), actor(), draft)
    except UserError:
        st.markdown("What you typed is kept while this page stays open.")
        raise
    issues = checked.issues if st.session_state.get(_key("tried")) else ()
    _show_faults(issues)
    if st.session_state.pop(_key("refused"), False):
        # What is written above pushes the button off a small screen.
        st.toast("Not saved yet. " + " ".join(escape_text(one.message) for one in _faults(issues)), duration="long")
    say = partial(_say_issues, issues)
    st.caption("Only what and where are needed. The rest helps to read it.")
    kind = _pick("kind", "What do you want to report?", [str(kind) for kind in Kind])
    say("kind")
    if kind:
        st.caption(codelists()["kind"].codes[kind].description)
    if kind != Kind.STRENGTH:
        _choose_harm()
        say("harm_types")
    show_where(_key, partial(say, "location", "longitude", "latitude"))
    _ask_when()
    say("date", "time", "date_to", "time_to")
    offered = [code.reference for code in codelists()["source_type"].offered_codes(date.today())]
    st.selectbox(
        "Who noticed it?",
        offered,
        index=None,
        placeholder="Choose",
        format_func=partial(name_of, "source_type"),
        key=_key("source_type"),
        persist_state="session",
    )
    _pick("directness", "How do they know?")
    if kind != Kind.STRENGTH:
        _pick("young_people_band", "How many young people were there?")
        _pick("who_causes_harm", "Who causes the harm?")
    prompt = "What makes it safer here?" if kind == Kind.STRENGTH else "What happened to safety here?"
    show_note(f"{prompt} No names or descriptions.", _key("note"))
    say("note", "what_helped")
    show_around(checked)
    _show_faults(issues)
    _offer_save(draft, checked)


def _show_faults(issues: Sequence[Issue]) -> None:
    """Everything that must be mended at once: at the top of the form, and where the thumb is, at its button."""
    faults = _faults(issues)
    if faults:
        st.error(
            "\n".join(["**Not saved yet.** Please put this right:", "", *(f"- {_sentence(one)}" for one in faults)])
        )


def _faults(issues: Sequence[Issue]) -> list[Issue]:
    return [one for one in issues if one.severity is Severity.REJECT]


def _pick(field: str, label: str, offered: Sequence[str] = ()) -> str | None:
    return st.pills(
        label,
        offered or list(codelists()[field].codes),
        format_func=partial(name_of, field),
        key=_key(field),
        persist_state="session",
    )


def _choose_harm() -> None:
    st.multiselect(
        "What harm, or risk of it?",
        [code.reference for code in codelists()["harm_type"].offered_codes(date.today())],
        format_func=partial(name_of, "harm_type"),
        placeholder="Choose one or several",
        select_all=False,
        key=_key("harm_types"),
        persist_state="session",
    )


def _ask_when() -> None:
    st.date_input(
        "Day", value=_today(), max_value=_today(), format="DD/MM/YYYY", key=_key("day"), persist_state="session"
    )
    how = st.segmented_control(
        "Time", TIMES, default=TIMES[0], key=_key("time_known"), required=True, persist_state="session"
    )
    if how in ("At", "Between"):
        first, last = st.columns(2)
        with first:
            st.time_input(
                "From" if how == "Between" else "About", value=None, key=_key("time"), persist_state="session"
            )
        if how == "Between":
            with last:
                st.time_input("To", value=None, key=_key("time_to"), persist_state="session")


def _draft() -> Draft:
    """The form as it stands, from what was entered so far."""
    state: Mapping[str, Any] = {name: st.session_state.get(_key(name)) for name in (*PICKED, "note", "time", "time_to")}
    where = where_now(_key)
    kind = state["kind"] or ""
    is_strength = kind == Kind.STRENGTH
    day: date = st.session_state.get(_key("day")) or _today()
    how = st.session_state.get(_key("time_known")) or TIMES[0]
    fields = {
        "kind": kind,
        "location": where.text,
        "date": f"{day:%Y-%m}" if how == "Only the month" else day.isoformat(),
        "time": f"{state['time']:%H:%M}" if how in ("At", "Between") and state["time"] else "",
        "time_to": f"{state['time_to']:%H:%M}" if how == "Between" and state["time_to"] else "",
        "harm_types": "" if is_strength else "; ".join(state["harm_types"] or ()),
        "source_type": state["source_type"] or "",
        "directness": state["directness"] or "",
        "young_people_band": "" if is_strength else state["young_people_band"] or "",
        "who_causes_harm": "" if is_strength else state["who_causes_harm"] or "",
        "what_helped" if is_strength else "note": state["note"] or "",
        "safeguarding_answer": st.session_state[_key("danger")],
    }
    draft_id = st.session_state.setdefault(_key("id"), uuid4())
    return Draft(draft_id, fields, where.pin)


def _say_issues(issues: Sequence[Issue], *columns: str) -> None:
    for one in issues:
        if one.column in columns and one.severity is Severity.REJECT:
            st.error(_sentence(one))
        elif one.column in columns and one.severity is Severity.WARN:
            st.caption(_sentence(one))


def _sentence(issue: Issue) -> str:
    return escape_text(f"{issue.message} {issue.remedy}".strip())


def _offer_save(draft: Draft, checked: DraftChecked) -> None:
    label = "It is another one: save" if checked.duplicates else "Save the report"
    if not st.button(label, type="primary", width="stretch", key=_key("save")):
        return
    st.session_state[_key("tried")] = True
    if not checked.can_be_saved:
        st.session_state[_key("refused")] = True
        st.rerun()
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


def _today() -> date:
    return datetime.now(ZoneInfo(get_settings().zone)).date()


show_page()
