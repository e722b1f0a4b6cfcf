"""A submission in words: what was given, where it stands, and whom to call where nobody has."""

from collections.abc import Callable, Mapping
from datetime import date

import streamlit as st

from cs_geo.dates import format_day
from cs_geo.reports.submission import SubmissionKind, SubmissionState
from cs_geo.store.submissions import Submission
from cs_geo.ui.widgets.contacts import show_folded_contacts
from cs_geo.ui.widgets.filters import name_of
from cs_geo.words.escaping import escape_text

SORTS = {SubmissionKind.REPORT: "Report", SubmissionKind.PLACE_REFERRAL: "Place referral"}
STATES = {
    SubmissionState.HANDED_IN: "Waits for the coordinator",
    SubmissionState.ASKED_BACK: "The coordinator asks",
    SubmissionState.ACCEPTED: "Accepted",
    SubmissionState.DECLINED: "Not taken",
}


def head_in_words(submission: Submission) -> str:
    """What was handed in and when it happened, in one line."""
    fields = submission.fields
    kind = "" if submission.kind is SubmissionKind.PLACE_REFERRAL else name_of("kind", fields["kind"])
    return " · ".join(part for part in (SORTS[submission.kind], kind, _when(fields)) if part)


def show_given(submission: Submission, *, is_protected: bool = False) -> None:
    """Draw what was given. At a protected location neither place nor text is shown."""
    fields = submission.fields
    harms = ", ".join(name_of("harm_type", code) for code in fields.get("harm_types", "").split("; ") if code)
    if harms:
        st.markdown(escape_text(harms))
    if is_protected:
        st.markdown("At a protected location, which is not named. Ask a data steward.")
    else:
        pin = submission.given.get("pin")
        where = fields.get("location") or (f"Pin at {pin['longitude']:.5f}, {pin['latitude']:.5f}" if pin else "")
        if where:
            st.text(where)
        for text in (fields.get("note"), fields.get("what_helped")):
            if text:
                st.text(text)
    told = {
        "Who noticed": name_of("source_type", fields.get("source_type", "")),
        "How they know": name_of("directness", fields.get("directness", "")),
        "Young people there": name_of("young_people_band", fields.get("young_people_band", "")),
        "Who causes the harm": name_of("who_causes_harm", fields.get("who_causes_harm", "")),
    }
    said = [f"{label}: {words}" for label, words in told.items() if fields.get(_FIELDS[label])]
    if said:
        st.caption(escape_text(" · ".join(said)))


_FIELDS = {
    "Who noticed": "source_type",
    "How they know": "directness",
    "Young people there": "young_people_band",
    "Who causes the harm": "who_causes_harm",
}


def ask_for_call(submission: Submission, note: Callable[[], object]) -> None:
    """Say that nobody has called yet, and whom to call, until somebody notes that it was done."""
    if not submission.lacks_call:
        return
    st.warning("**A child may be in danger, and nobody has called yet.** Call now, then note it here.")
    show_folded_contacts()
    if st.button("The call has been made", width="stretch", key=f"call_{submission.submission_id}"):
        note()
        st.rerun()


def _when(fields: Mapping[str, str]) -> str:
    day = fields["date"]
    if len(day) == len("2026-04"):
        return format_day(date.fromisoformat(f"{day}-01")).split(" ", 1)[1]
    times = " to ".join(fields[name] for name in ("time", "time_to") if fields.get(name))
    return f"{format_day(date.fromisoformat(day))}, {times or 'time not known'}"
