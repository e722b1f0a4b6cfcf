"""What is known around a report before it is saved: what may be the same event, and what else is near."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import streamlit as st

from cs_geo.ui.widgets.filters import name_of
from cs_geo.ui.widgets.report_details import show_report
from cs_geo.ui.widgets.report_words import harms_in_words, when_in_words
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.add_report import NEARBY_DAYS, DraftChecked

SHOWN_NEARBY = 5


def show_around(checked: DraftChecked, *, before: str = "you save") -> None:
    """What is known around the place, before anything is saved."""
    if not checked.can_be_saved:
        return
    rest = [row for row in checked.nearby if row not in checked.duplicates]
    if checked.duplicates:
        st.warning(f"This may have been reported already. Compare before {before}:")
        for row in checked.duplicates:
            _show_nearby(row)
    if rest:
        with st.expander(f"Other reports within {checked.within_m:.0f} m and {NEARBY_DAYS} days ({len(rest)})"):
            for row in rest[:SHOWN_NEARBY]:
                _show_nearby(row)
    elif not checked.duplicates and checked.found and checked.found.longitude is not None:
        st.caption(f"Nothing else was reported within {checked.within_m:.0f} m and {NEARBY_DAYS} days.")


def _show_nearby(row: Mapping[str, Any]) -> None:
    parts = (
        f"{name_of('kind', row['kind'])}, {when_in_words(row)}",
        escape_text(harms_in_words(row)),
        name_of("source_type", row["source_type"]),
        f"{row['distance_m']:.0f} m away",
    )
    st.markdown(" · ".join(part for part in parts if part))
    if st.button(f"Read {row['reference']}", key=f"around_{row['report_id']}"):
        _read(row["report_id"])


@st.dialog("Reported already", width="medium")
def _read(report_id: UUID) -> None:
    show_report(report_id, "around")
