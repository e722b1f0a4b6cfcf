"""The form of a report, for whoever adds one and for whoever hands one in: one column of questions, pick-lists first.

Nothing typed is lost: every answer is kept under the present form's own keys. What must be mended is said at once, at
the top, beside its field and at the button.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import streamlit as st

from cs_geo.errors import UserError
from cs_geo.reports.report import Issue, Kind, Severity
from cs_geo.settings import get_settings
from cs_geo.ui.widgets.danger_first import Key
from cs_geo.ui.widgets.filters import codelists, name_of
from cs_geo.ui.widgets.note_field import show_note
from cs_geo.ui.widgets.where_field import show_where, where_now
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.add_report import Draft, DraftChecked

TIMES = ("Not known", "At", "Between", "Only the month")
PICKED = ("kind", "harm_types", "source_type", "directness", "young_people_band", "who_causes_harm")


@dataclass(frozen=True)
class Form:
    """One form: what differs between those who fill it in."""

    key: Key
    check: Callable[[Draft], DraftChecked]
    button: Callable[[DraftChecked], str]
    """What the button says."""
    refused: str = "Not saved yet."
    kind: Kind | None = None
    """Of every report of this form; None: it is asked."""
    note: str = ""
    """What the note asks; empty: what goes with the kind."""
    show_around: Callable[[DraftChecked], None] = lambda _: None
    """Draws what is known around the place, for those who may see it."""


def fill_form(form: Form) -> Draft | None:
    """Draw the form; what was filled in, once it is whole and its button is pressed."""
    key = form.key
    draft = _draft(form)
    try:
        checked = form.check(draft)
    except UserError:
        st.markdown("What you typed is kept while this page stays open.")
        raise
    issues = checked.issues if st.session_state.get(key("tried")) else ()
    _show_faults(form, issues)
    if st.session_state.pop(key("refused"), False):
        # What is written above pushes the button off a small screen.
        said = " ".join(escape_text(one.message) for one in _faults(issues))
        st.toast(f"{form.refused} {said}", duration="long")
    _ask(form, issues)
    form.show_around(checked)
    _show_faults(form, issues)
    if not st.button(form.button(checked), type="primary", width="stretch", key=key("save")):
        return None
    st.session_state[key("tried")] = True
    if not checked.can_be_saved:
        st.session_state[key("refused")] = True
        st.rerun()
    return draft


def fill_in(key: Key, draft: Draft) -> None:
    """Put into a form what was given before, to be changed."""
    fields = draft.fields
    is_month = len(fields["date"]) == len("2026-04")
    times = {name: fields.get(name, "") for name in ("time", "time_to")}
    answers: dict[str, Any] = {
        "id": draft.draft_id,
        "pin": draft.pin,
        "danger": fields.get("safeguarding_answer"),
        "where": fields.get("location"),
        "day": date.fromisoformat(f"{fields['date']}-01" if is_month else fields["date"]),
        "time_known": TIMES[3]
        if is_month
        else TIMES[2]
        if times["time_to"]
        else TIMES[1]
        if times["time"]
        else TIMES[0],
        "note": fields.get("note") or fields.get("what_helped"),
        **{name: fields.get(name) for name in PICKED},
        "harm_types": [one for one in fields.get("harm_types", "").split("; ") if one],
        **{name: datetime.strptime(text, "%H:%M").time() if text else None for name, text in times.items()},
    }
    for name, answer in answers.items():
        if answer is not None:
            st.session_state[key(name)] = answer


def _ask(form: Form, issues: Sequence[Issue]) -> None:
    key = form.key
    say = partial(_say_issues, issues)
    st.caption("Only what and where are needed. The rest helps to read it.")
    kind = form.kind or _pick(key, "kind", "What do you want to report?", [str(kind) for kind in Kind])
    say("kind")
    if kind and not form.kind:
        st.caption(codelists()["kind"].codes[kind].description)
    if kind != Kind.STRENGTH:
        _choose_harm(key)
        say("harm_types")
    show_where(key, partial(say, "location", "longitude", "latitude"))
    _ask_when(key)
    say("date", "time", "date_to", "time_to")
    offered = [code.reference for code in codelists()["source_type"].offered_codes(date.today())]
    st.selectbox(
        "Who noticed it?",
        offered,
        index=None,
        placeholder="Choose",
        format_func=partial(name_of, "source_type"),
        key=key("source_type"),
        persist_state="session",
    )
    _pick(key, "directness", "How do they know?")
    if kind != Kind.STRENGTH:
        _pick(key, "young_people_band", "How many young people were there?")
        _pick(key, "who_causes_harm", "Who causes the harm?")
    by_kind = "What makes it safer here?" if kind == Kind.STRENGTH else "What happened to safety here?"
    show_note(f"{form.note or by_kind} No names or descriptions.", key("note"))
    say("note", "what_helped")


def _show_faults(form: Form, issues: Sequence[Issue]) -> None:
    """Everything that must be mended at once: at the top of the form, and where the thumb is, at its button."""
    faults = _faults(issues)
    if faults:
        st.error(
            "\n".join([f"**{form.refused}** Please put this right:", "", *(f"- {_sentence(one)}" for one in faults)])
        )


def _faults(issues: Sequence[Issue]) -> list[Issue]:
    return [one for one in issues if one.severity is Severity.REJECT]


def _pick(key: Key, field: str, label: str, offered: Sequence[str] = ()) -> str | None:
    return st.pills(
        label,
        offered or list(codelists()[field].codes),
        format_func=partial(name_of, field),
        key=key(field),
        persist_state="session",
    )


def _choose_harm(key: Key) -> None:
    st.multiselect(
        "What harm, or risk of it?",
        [code.reference for code in codelists()["harm_type"].offered_codes(date.today())],
        format_func=partial(name_of, "harm_type"),
        placeholder="Choose one or several",
        select_all=False,
        key=key("harm_types"),
        persist_state="session",
    )


def _ask_when(key: Key) -> None:
    st.session_state.setdefault(key("day"), _today())
    st.session_state.setdefault(key("time_known"), TIMES[0])
    st.date_input("Day", max_value=_today(), format="DD/MM/YYYY", key=key("day"), persist_state="session")
    how = st.segmented_control("Time", TIMES, key=key("time_known"), required=True, persist_state="session")
    if how in ("At", "Between"):
        first, last = st.columns(2)
        with first:
            st.time_input("From" if how == "Between" else "About", value=None, key=key("time"), persist_state="session")
        if how == "Between":
            with last:
                st.time_input("To", value=None, key=key("time_to"), persist_state="session")


def _draft(form: Form) -> Draft:
    """The form as it stands, from what was entered so far."""
    key = form.key
    state: Mapping[str, Any] = {name: st.session_state.get(key(name)) for name in (*PICKED, "note", "time", "time_to")}
    where = where_now(key)
    kind = form.kind or state["kind"] or ""
    is_strength = kind == Kind.STRENGTH
    day: date = st.session_state.get(key("day")) or _today()
    how = st.session_state.get(key("time_known")) or TIMES[0]
    fields = {
        "kind": str(kind),
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
        "safeguarding_answer": st.session_state[key("danger")],
    }
    draft_id = st.session_state.setdefault(key("id"), uuid4())
    return Draft(draft_id, fields, where.pin)


def _say_issues(issues: Sequence[Issue], *columns: str) -> None:
    for one in issues:
        if one.column in columns and one.severity is Severity.REJECT:
            st.error(_sentence(one))
        elif one.column in columns and one.severity is Severity.WARN:
            st.caption(_sentence(one))


def _sentence(issue: Issue) -> str:
    return escape_text(f"{issue.message} {issue.remedy}".strip())


def _today() -> date:
    return datetime.now(ZoneInfo(get_settings().zone)).date()
