"""Reports: the table of a selection, one report in full, and the ways in: a file, a form, a location to review."""

from functools import partial
from uuid import UUID

import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.dates import format_window
from cs_geo.errors import UserError
from cs_geo.reports.selection import Selection
from cs_geo.ui.widgets.filters import show_filters
from cs_geo.ui.widgets.import_list import show_imports
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.report_details import show_report
from cs_geo.ui.widgets.report_sorts import SORTS, next_sort
from cs_geo.ui.widgets.report_words import counted, kinds_in_words, reports_frame
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.workflows.look_at_map import page_of_reports, summarise_map, window_of_reports
from cs_geo.workflows.place_reports import match_rate
from cs_geo.workflows.read_reports import find_by_reference

PAGE_SIZE = 50
PICKED = "reports_picked"
READING_WIDTH = 760


def show_page() -> None:
    """Draw the page."""
    st.title("Reports", anchor=False)
    has_reports = window_of_reports(store(), actor()) is not None
    ways, search = st.columns([3, 2], vertical_alignment="top")
    with ways:
        _show_ways_in()
    if has_reports:
        with search:
            _show_search()
        if not _is_beside_table():
            _show_open()
    if not has_reports:
        st.markdown(
            "There are no reports yet. A partner's file is the quickest way in: choose **Import a file**, and every "
            "row is checked before anything is kept."
        )
    else:
        _show_table(show_filters("reports").selection)
    st.subheader("Recent imports", anchor=False)
    show_imports("reports")


def _show_ways_in() -> None:
    waiting = match_rate(store(), actor())
    to_place = waiting.unmatched + waiting.doubtful + waiting.doubted
    review = f"Review locations ({to_place:,})" if to_place else "Review locations"
    ways = (
        (Action.IMPORT_REPORTS, "Import a file", "screens/import_reports.py"),
        (Action.ADD_REPORT, "Add a report", "screens/add_report.py"),
        (Action.PLACE_REPORTS, review, "screens/review_locations.py"),
    )
    with st.container(horizontal=True):
        for number, (action, label, page) in enumerate(ways):
            if may(actor(), action) and st.button(
                label, type="primary" if number == 0 else "secondary", key=f"go_{action}"
            ):
                st.switch_page(page)
    if to_place:
        verb = "needs" if to_place == 1 else "need"
        st.caption(f"{counted(to_place, 'location')} {verb} a person to look at {'it' if to_place == 1 else 'them'}.")


def _show_search() -> None:
    with st.form("reports_search", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(
            "Open by reference", placeholder="Reference, such as 4KM-7PXC", max_chars=20, label_visibility="collapsed"
        )
        asked = st.form_submit_button("Open", width=90)
    if asked and typed.strip():
        try:
            st.session_state.reports_open = str(find_by_reference(store(), actor(), typed))
            _clear_choice()
        except UserError as refusal:
            show_refusal(refusal)


def _show_table(selection: Selection) -> None:
    with in_words():
        summary = summarise_map(store(), actor(), selection)
        listed = summary.counts.reports - summary.counts.protected
        if not listed:
            st.info(
                f"No reports {_window(selection)} fit these filters. This does not mean that no harm took place. "
                "Choose a longer window or other kinds."
            )
            if _is_beside_table():
                _show_open()
            return
        pages = -(-listed // PAGE_SIZE)
        sort_by, turn = st.columns([1, 3], vertical_alignment="bottom")
        chosen = sort_by.selectbox("Sorted by", list(SORTS), key="reports_sort")
        column, descending = SORTS[chosen]
        with turn:
            page = st.pagination(pages, key="reports_page") if pages > 1 else 1
        page = min(page, pages)
        rows = page_of_reports(
            store(), actor(), selection, sorted_by=column, descending=descending, page=page, size=PAGE_SIZE
        )
        hidden = summary.counts.protected
        st.markdown(
            f"{kinds_in_words(summary.counts.by_kind)}, {_window(selection)}"
            + (f"; {hidden:,} of them at protected locations {_is(hidden)} not listed" if hidden else "")
            + f". Rows {(page - 1) * PAGE_SIZE + 1:,} to {(page - 1) * PAGE_SIZE + len(rows):,} of {listed:,}; "
            f"{summary.shown:,} have a point."
        )
        opened = st.session_state.get("reports_open")
        table, details = st.columns([3, 2], gap="medium") if _is_beside_table() else (st.container(), None)
        with table:
            shown = hash((selection, chosen, page, st.session_state.get("reports_closed", 0)))
            key = f"reports_table_{shown}"
            answer = st.dataframe(
                reports_frame(rows),
                hide_index=True,
                width="stretch",
                height=min(38 + 35 * len(rows), 640),
                on_select=partial(_sort_by_head, key),
                # Where heads can be chosen, the table does not sort the rows of this page by itself.
                selection_mode=["single-row", "single-column"],
                key=key,
            )
        picked = [str(rows[at]["report_id"]) for at in answer["selection"]["rows"] if at < len(rows)]
        if picked and picked[0] != opened:
            st.session_state.reports_open = st.session_state[PICKED] = picked[0]
            st.rerun()
        if details is not None:
            with details:
                _show_open()
        else:
            st.caption(
                "Choose a row to read the whole report. Press a column's head to sort all rows by it; its menu sorts "
                "the rows of this page."
            )


def _sort_by_head(key: str) -> None:
    heads = st.session_state[key]["selection"]["columns"]
    if heads:
        st.session_state.reports_sort = next_sort(heads[0], st.session_state.reports_sort)
        st.session_state.reports_page = 1


def _is_beside_table() -> bool:
    """Was the open report chosen in the table? One that was asked for by reference or by a link stands above it."""
    opened = st.session_state.get("reports_open")
    return opened is not None and opened == st.session_state.get(PICKED)


def _show_open() -> None:
    opened = st.session_state.get("reports_open")
    if not opened:
        return
    with st.container(border=True, width="stretch" if _is_beside_table() else READING_WIDTH):
        show_report(UUID(opened), "reports")
        if st.button("Close", key="reports_close"):
            st.session_state.pop("reports_open", None)
            _clear_choice()
            st.rerun()


def _clear_choice() -> None:
    """Give the table another key: one that still had its row selected would open that report again."""
    st.session_state.reports_closed = st.session_state.get("reports_closed", 0) + 1


def _window(selection: Selection) -> str:
    words = format_window(selection.since, selection.until)
    return "of all dates" if words == "all dates" else words


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


show_page()
