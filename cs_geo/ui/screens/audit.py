"""Audit: what was done, by whom, and whether the log is whole. For the data steward."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from cs_geo.access.permissions import Action
from cs_geo.ui.widgets.anchors import show_unanchored
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.workflows.check_audit import check_audit, read_audit

ROWS = 50
OTHERS = ("sign_in", "sign_out", "fetch")


def words(action: str) -> str:
    """An action as it is said."""
    return action.replace("_", " ").capitalize()


def in_words_of(details: Mapping[str, Any]) -> str:
    """Details as they are read: lists by their members, what is empty left out."""
    flat = {**details.get("filter", {}), **{name: value for name, value in details.items() if name != "filter"}}
    return "; ".join(
        f"{name.replace('_', ' ')} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in flat.items()
        if value not in ("", None, [], {})
    )


def show_check() -> None:
    """Check the chain when asked."""
    if not st.button("Check the log"):
        return
    with st.spinner("Checking every row …"):
        found = check_audit(store(), actor())
    if found.is_whole:
        st.success(
            f"Every one of {found.rows:,} rows is as it was written, and {found.anchors:,} anchors agree with them."
        )
        return
    faults = [f"Row {number}: {fault}." for number, fault in found.altered]
    faults += [f"The row of anchor {anchor.number} is gone or another." for anchor in found.lost]
    st.error(
        "The log has been changed since it was written. Keep the database as it is and tell your data protection "
        "officer.\n\n" + "\n\n".join(faults)
    )


st.title("Audit", anchor=False)
with in_words():
    show_unanchored()
    show_check()
    columns = st.columns([2, 2, 2, 1], vertical_alignment="bottom")
    since = columns[0].date_input("From", value=date.today() - timedelta(days=30))
    until = columns[1].date_input("To", value=date.today())
    action = columns[2].selectbox(
        "Action", ["", *sorted([*map(str, Action), *OTHERS])], format_func=lambda one: words(one) if one else "Any"
    )
    page = columns[3].number_input("Page", min_value=1, value=1)
    rows = read_audit(store(), actor(), since=since, until=until, action=action, page=int(page), size=ROWS)
    if rows:
        st.markdown("What was done, newest first. Details are counts and identifiers: no name, note or place is kept.")
        st.dataframe(
            pd.DataFrame(
                {
                    "No.": [row.number for row in rows],
                    "When": [row.written_at for row in rows],
                    "Who": [row.person for row in rows],
                    "Acting as": [row.roles.replace("_", " ").replace(",", ", ") for row in rows],
                    "Action": [words(row.action) for row in rows],
                    "Outcome": [row.outcome for row in rows],
                    "What": [row.subject for row in rows],
                    "Details": [in_words_of(row.details) for row in rows],
                }
            ),
            hide_index=True,
            column_config={"When": st.column_config.DatetimeColumn(format="D MMMM YYYY, HH:mm")},
        )
    else:
        st.info("Nothing was written down for these days and this action.")
