"""The reports that a hotspot rests on, row by row, over the page: the map behind it stays as it is."""

from typing import Any
from uuid import UUID

import streamlit as st

from cs_geo.maps.captions import KIND_WORDS, count_text
from cs_geo.ui.widgets.report_details import show_report
from cs_geo.ui.widgets.report_words import BY_KEYBOARD, reports_frame
from cs_geo.ui.widgets.session import actor, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.look_at_map import page_of_hotspot

PAGE_SIZE = 25


@st.dialog("Reports that are concentrated here", width="large")
def show_hotspot_reports(row: Any) -> None:
    """Show the reports of one hotspot, a row of ``cs_geo.store.hotspots.read_hotspots``."""
    pages = -(-int(row["reports_n"]) // PAGE_SIZE)
    rows_stand, turn = st.container(), st.container()
    page = turn.pagination(pages, key=f"members_page_{row['hotspot_id']}") if pages > 1 else 1
    current, rows = page_of_hotspot(store(), actor(), UUID(row["hotspot_id"]), page=page, size=PAGE_SIZE)
    gone = int(row["reports_n"]) - current
    with rows_stand:
        st.markdown(
            f"**{escape_text(row['label'])}**: {count_text(current, *KIND_WORDS[row['kind']])}, newest first. "
            + (f"{gone:,} more were withdrawn or moved since it was found. " if gone else "")
            + "Choose a row to read the whole report."
        )
        answer = st.dataframe(
            reports_frame(rows).drop(columns="Kind"),
            hide_index=True,
            height=min(38 + 35 * len(rows), 360),
            on_select="rerun",
            selection_mode="single-row",
            key=f"members_{row['hotspot_id']}_{page}",
        )
        st.caption(BY_KEYBOARD)
    picked = answer["selection"]["rows"]
    if picked and picked[0] < len(rows):
        with st.container(border=True):
            show_report(UUID(str(rows[picked[0]]["report_id"])), "members")
