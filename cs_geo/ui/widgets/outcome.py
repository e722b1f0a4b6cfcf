"""What an import did or would do: the counts in a sentence, the issues by weight, the rows to be mended."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from cs_geo.geocode.cascade import PROBLEMS
from cs_geo.reports.personal import looks_personal
from cs_geo.ui.widgets.handover import show_handover
from cs_geo.ui.widgets.report_words import counted
from cs_geo.ui.widgets.session import actor, store
from cs_geo.words.escaping import escape_text
from cs_geo.words.masking import mask_personal_details
from cs_geo.workflows.imported import Reject
from cs_geo.workflows.private_files import offer_rejects

SEVERITIES = {"reject": "Rejected", "warn": "Please look", "note": "For information"}
SHOWN_REJECTS = 20
SHOWN_CELLS = 8


def sentence(outcome: Mapping[str, Any]) -> str:
    """The counts of an import in words; they always add up."""
    would = "would be " if outcome["dry_run"] else ""
    parts = [
        f"{outcome['created']:,} {would}new",
        f"{outcome['updated']:,} {would}changed",
        f"{outcome['duplicate']:,} here already",
        f"{outcome['rejected']:,} rejected",
    ]
    return f"{counted(outcome['read'], 'row')} read: {', '.join(parts)}."


def placed_sentence(outcome: Mapping[str, Any]) -> str:
    """How many of the written records have a point, and why others have none or a doubtful one."""
    written = outcome["created"] + outcome["updated"]
    if not written:
        return "" if outcome["rejected"] == outcome["read"] else "Nothing new was in it."
    verb = "would be placed" if outcome["dry_run"] else "have been placed"
    # An outcome that was kept before rows outside were counted has no such count.
    outside = outcome.get("outside_study_area", 0)
    beyond = f"; {outside:,} lie outside the study area" if outside else ""
    return f"{outcome['matched'] - outside:,} of the {written:,} new or changed {verb} on the map{beyond}."


def show_outcome(outcome: Mapping[str, Any], rejects: Sequence[Reject] = ()) -> None:
    """Draw what an import did, or would do."""
    for caution in outcome.get("cautions", ()):
        st.warning(f"**{escape_text(caution)}**")
    st.markdown(f"**{sentence(outcome)}** {placed_sentence(outcome)}")
    problems = {PROBLEMS.get(code, code): number for code, number in outcome["location_problems"].items()}
    if problems:
        with st.expander(f"Doubtful or missing locations ({sum(problems.values()):,})"):
            st.dataframe(
                pd.DataFrame({"What is the matter": list(problems), "Rows": list(problems.values())}),
                hide_index=True,
                width="stretch",
            )
    for note in outcome["notes"]:
        st.caption(escape_text(note.replace("`", "")))
    _show_issues(outcome)
    if rejects:
        _show_rejects(outcome, rejects)


def show_reject_sheet(outcome: Mapping[str, Any], key: str) -> None:
    """Offer the sheet of rejected rows of an import that has been done."""
    if outcome["rejected"] and outcome["import_id"]:
        st.markdown(
            f"{counted(outcome['rejected'], 'row was', 'rows were')} rejected. Save the sheet, mend the rows in it, "
            "and import it with the same mapping. It is kept for 7 days."
        )
        import_id = UUID(outcome["import_id"])
        show_handover(key, "Get the rejected rows", lambda: offer_rejects(store(), actor(), import_id))


def _show_issues(outcome: Mapping[str, Any]) -> None:
    issues = outcome["issue_list"]
    if not issues:
        if not outcome["location_problems"]:
            st.markdown("No issues were found in any row.")
        return
    st.markdown(f"**{counted(len(issues), 'kind of issue', 'kinds of issue')}**, rejections first:")
    table = pd.DataFrame(
        {
            "": [SEVERITIES[issue["severity"]] for issue in issues],
            "Rows": [issue["rows_n"] for issue in issues],
            "Column": [issue["column"] for issue in issues],
            "Written": [issue["value"] for issue in issues],
            "What is the matter": [issue["message"] for issue in issues],
            "What to do": [issue["remedy"] for issue in issues],
            "First line": [issue["first_line"] for issue in issues],
            "File": [issue["file"] for issue in issues],
        }
    )
    if len(outcome["files"]) == 1:
        table = table.drop(columns="File")
    st.dataframe(table, hide_index=True, width="stretch", height=min(38 + 35 * len(table), 400))


def _show_rejects(outcome: Mapping[str, Any], rejects: Sequence[Reject]) -> None:
    shown = rejects[:SHOWN_REJECTS]
    total = outcome["rejected"]
    which = f"The first {len(shown)} of {total:,} rejected rows" if total > len(shown) else "Rejected rows"
    st.markdown(f"**{which}**, as the partner wrote them, less personal details:")
    columns = [name for name in shown[0].columns if not looks_personal(name)][:SHOWN_CELLS]
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Line": reject.line,
                    "Why": " ".join(reject.reasons),
                    **_cells(reject, columns),
                }
                for reject in shown
            ]
        ),
        hide_index=True,
        width="stretch",
    )


def _cells(reject: Reject, columns: Sequence[str]) -> dict[str, str]:
    written = dict(zip(reject.columns, reject.cells, strict=False))
    return {name: mask_personal_details(written.get(name, ""), is_location=True).text for name in columns}
