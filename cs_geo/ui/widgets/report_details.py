"""One report in full: what it says, where it was put, who said so, and every version of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.dates import format_day
from cs_geo.ui.widgets.filters import name_of
from cs_geo.ui.widgets.report_words import (
    CHANGES,
    PLURALS,
    harms_in_words,
    moment_in_words,
    place_in_words,
    when_in_words,
)
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.place_reports import doubt_pin
from cs_geo.workflows.read_reports import OpenReport, open_report
from cs_geo.workflows.review_texts import reveal_text

NAMED = (
    ("How the source knows", "directness"),
    ("Agency", "agency"),
    ("Nuisance type", "asb_qualifier"),
    ("Severity, the worker's view", "severity_band"),
    ("Young people there", "young_people_band"),
    ("Who causes harm", "who_causes_harm"),
    ("Day", "day_type"),
    ("School year", "term"),
)
"""Label and codelist (which is also the column) of what is shown by name."""


def show_report(report_id: UUID, key: str) -> None:
    """Draw one report."""
    with in_words():
        opened = open_report(store(), actor(), report_id)
        if opened is None:
            st.info("This report is no longer current: its import was undone, or it changed while you were reading.")
            return
        _show(opened, key)


def _show(opened: OpenReport, key: str) -> None:
    report = opened.report
    kind = PLURALS[report["kind"]][0].capitalize()
    st.subheader(f"{report['reference']} · {kind}", anchor=False)
    st.markdown(f"{when_in_words(report)}. {name_of('source_type', report['source_type'])}.")
    if report["presence_only"]:
        st.caption("Presence only: young people were there, and no harm is described. It takes no part in hotspots.")
    if harms := harms_in_words(report):
        st.markdown(f"**What** {escape_text(harms)}")
    for label, column in (("What helped", "what_helped"), ("Note", "note"), ("Outcome", "outcome")):
        if report[column]:
            st.markdown(f"**{label}**")
            st.text(report[column])
    _offer_raw(report, key)
    st.markdown("**Where**")
    st.text(_where(report))
    st.markdown(escape_text(place_in_words(report)))
    if report["longitude"] is not None:
        st.caption(f"{report['longitude']:.5f}, {report['latitude']:.5f} (longitude, latitude)")
    _offer_doubt(report, key)
    st.dataframe(_facts(opened), hide_index=True, width="stretch")
    with st.expander(f"History ({len(opened.history)})"):
        _show_history(opened)


def _offer_raw(report: Mapping[str, Any], key: str) -> None:
    """For a data steward, the texts as they came in: each look is written down."""
    has_texts = any(report[column] for column in ("what_helped", "note", "outcome")) and not report["published"]
    if not has_texts or not may(actor(), Action.REVEAL_TEXT):
        return
    if st.button("Show the words as they came in", key=f"{key}_raw", help="Each look is written into the audit log."):
        with in_words():
            for said in reveal_text(store(), actor(), report["report_id"]).values():
                st.text(said)


def _where(report: Mapping[str, Any]) -> str:
    parts = (report["location_text"], report["locality"], report["postcode"], report["place_named"])
    if said := ", ".join(part for part in dict.fromkeys(parts) if part):
        return said
    if {"location_text", "exact_geometry"} & set(report["removed"]):
        return "The words for the location were kept for as long as they may be, and removed."
    return "Coordinates only." if report["x"] is not None else "No location was given."


def _offer_doubt(report: Mapping[str, Any], key: str) -> None:
    if report["x"] is None:
        if may(actor(), Action.PLACE_REPORTS):
            st.page_link("screens/review_locations.py", label="Place it under Review locations")
        return
    if report["pin_doubted"]:
        st.info("The pin is said to be wrong. It waits under Review locations.")
    elif st.button("This pin is wrong", key=f"{key}_doubt"):
        doubt_pin(store(), actor(), report["report_id"])
        st.rerun()


def _facts(opened: OpenReport) -> pd.DataFrame:
    report, provenance = opened.report, opened.provenance
    facts = {label: name_of(column, report[column]) for label, column in NAMED if report[column]}
    if report["reported_on"]:
        facts["Reported on"] = format_day(report["reported_on"])
    if provenance["safeguarding_answer"]:
        facts["Referral for a child"] = name_of("safeguarding_answer", provenance["safeguarding_answer"])
    if provenance["place"]:
        facts["Registered place"] = provenance["place"]
    if report["default_location"]:
        facts["Default location"] = "Such a place is often given when the true one is not known"
    facts["Sent by"] = provenance["source"]
    facts["File"] = ", ".join(provenance["files"] or ()) or "None: added by hand"
    facts["Recorded"] = moment_in_words(provenance["recorded_at"])
    return pd.DataFrame({"Also recorded": list(facts), "": list(facts.values())})


def _show_history(opened: OpenReport) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "Version": [row["version"] for row in opened.history],
                "What": [CHANGES.get(row["change"], row["change"]) for row in opened.history],
                "When": [moment_in_words(row["recorded_from"]) for row in opened.history],
                "By": [row["recorded_by"] for row in opened.history],
            }
        ),
        hide_index=True,
        width="stretch",
    )
    st.caption("Nothing is overwritten: every version is kept.")
