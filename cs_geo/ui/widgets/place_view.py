"""One registered place: its boundary, strengths before worries, its reports page by page, and who looked there."""

from uuid import UUID

import geopandas as gpd
import pandas as pd
import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.crs import storage_epsg
from cs_geo.dates import format_day, format_window
from cs_geo.maps.captions import Effort, KindCount, MapFacts, caption
from cs_geo.maps.hotspot_map import FrameHeight
from cs_geo.maps.layers import degrees_bounds
from cs_geo.reports.selection import Selection
from cs_geo.store.places import PlaceSummary
from cs_geo.ui.widgets.boundary_form import ask_boundary
from cs_geo.ui.widgets.filters import name_of
from cs_geo.ui.widgets.map_view import show_map, tile_urls
from cs_geo.ui.widgets.report_details import show_report
from cs_geo.ui.widgets.report_words import (
    BY_KEYBOARD,
    counted,
    kinds_in_words,
    moment_in_words,
    reports_frame,
)
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.cases import open_case
from cs_geo.workflows.look_at_map import today_here
from cs_geo.workflows.register_places import (
    OpenPlace,
    page_of_place,
    redraw_boundary,
)

PAGE_SIZE = 25
OPEN_CASE = "cases_open"
"""Where the page *Cases* keeps which case is open."""


def show_place(place: OpenPlace) -> None:
    """Draw a place."""
    summary = place.summary
    st.title(escape_text(summary.name), anchor=False)
    st.markdown(_state_of(summary))
    drawn, known = st.columns([3, 2], gap="medium")
    with drawn:
        _show_boundary(place)
    with known:
        _show_known(place)
    if may(actor(), Action.OPEN_CASE):
        _offer_case(place)
    st.subheader("Reports inside it or naming it", anchor=False)
    _show_reports(place)
    st.subheader("Effort sessions there", anchor=False)
    _show_sessions(place)


def _offer_case(place: OpenPlace) -> None:
    """Open a case on the present boundary, for named members of a panel."""
    with st.expander("Open a case for the panel"):
        version = place.summary.boundary_version
        if version is None:
            st.markdown("Draw the boundary first: a case is about what lies inside it.")
            return
        st.markdown(
            "A case shows its named members this boundary, counts by source and dates, and no report. It keeps the "
            "boundary as it is now."
        )
        why_now = st.text_area(
            "Why now? What happens to safety here, without names or descriptions.", max_chars=400, key="case_why"
        )
        if st.button("Open the case", type="primary", key="case_open"):
            with in_words():
                case_id = open_case(store(), actor(), place.summary.place_id, version, why_now, today=today_here())
                st.session_state[OPEN_CASE] = str(case_id)
                st.switch_page("screens/cases.py")


def _state_of(summary: PlaceSummary) -> str:
    parts = [name_of("place_type", summary.place_type)]
    if summary.manager_role:
        parts.append(f"managed by: {escape_text(summary.manager_role)}")
    if summary.aliases:
        parts.append(f"also called {escape_text(', '.join(summary.aliases))}")
    parts.append(f"last report {format_day(summary.last_day)}" if summary.last_day else "no report yet")
    return " · ".join(parts)


def _show_boundary(place: OpenPlace) -> None:
    if place.boundary is None:
        st.info("No boundary has been drawn yet, so only reports that name the place are counted.")
    else:
        outline = gpd.GeoSeries([place.boundary], crs=storage_epsg())
        show_map(
            f"place_{place.summary.place_id}_{place.summary.boundary_version}",
            tile_urls(Selection()),
            selected=outline,
            bounds=degrees_bounds(outline.buffer(60)),
            height=FrameHeight(beside=420, least=300, most=460),
            label="Map of the place's boundary and the reports there",
        )
        st.caption(_caption(place))
        st.caption(f"Boundary, version {place.summary.boundary_version}. Earlier versions are kept.")
    if may(actor(), Action.REGISTER_PLACES):
        with st.expander("Draw a new boundary"):
            read_boundary = ask_boundary(f"redraw_{place.summary.place_id}", may_wait=False)
            if st.button("Keep this boundary", type="primary", key="redraw_keep"):
                with in_words():
                    boundary, origin = read_boundary()
                    if boundary is not None:
                        redraw_boundary(store(), actor(), place.summary.place_id, boundary, origin=origin)
                        st.rerun()
                    st.error("Choose the file with the outline first.")


def _caption(place: OpenPlace) -> str:
    counts = place.counts
    kinds = {kind: KindCount(number, counts.drawn_by_kind[kind]) for kind, number in counts.reports_by_kind.items()}
    effort = Effort(place.summary.sessions) if place.summary.sessions else None
    located = sum(counts.drawn_by_kind.values())
    facts = MapFacts(
        counts.first_day, counts.last_day, kinds, located, effort, area=place.summary.name, window="all dates"
    )
    return f"{caption(facts)} The map also draws what was reported around it."


def _show_known(place: OpenPlace) -> None:
    summary, counts = place.summary, place.counts
    if counts.first_day and counts.last_day:
        st.caption(f"All that was received: {format_window(counts.first_day, counts.last_day)}.")
    st.markdown("**What helps here**")
    st.markdown(
        counted(summary.strengths, "strength") if summary.strengths else "Nobody has been asked yet what helps."
    )
    st.markdown("**What is reported**")
    worries = {"incident": summary.incidents, "concern": summary.concerns, "outreach": summary.outreach}
    st.markdown(kinds_in_words(worries) or "Nothing was reported. This does not mean that no harm took place.")
    rows = [(kind, source, count) for kind, source, count in place.by_source if kind != "strength"]
    if rows:
        st.dataframe(
            pd.DataFrame(
                {
                    "Who noticed": [name_of("source_type", source) for _, source, _ in rows],
                    "Kind": [kind.capitalize() for kind, _, _ in rows],
                    "Reports": [count for _, _, count in rows],
                }
            ),
            hide_index=True,
            width="stretch",
        )
    st.markdown(f"**Looking** {counted(summary.sessions, 'effort session')}")


def _show_reports(place: OpenPlace) -> None:
    if not place.reports_n:
        st.markdown("None yet.")
        return
    pages = -(-place.reports_n // PAGE_SIZE)
    page = st.pagination(pages, key=f"place_page_{place.summary.place_id}") if pages > 1 else 1
    rows = page_of_place(store(), actor(), place.summary.place_id, page=page, size=PAGE_SIZE)
    table = reports_frame(rows)
    table["Inside"] = ["Inside" if row["is_inside"] else "Names it" for row in rows]
    opened = st.session_state.get("place_report")
    answer = st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="single-row",
        key=f"place_reports_{place.summary.place_id}_{page}",
    )
    st.caption(f"Choose a row to read the whole report. {BY_KEYBOARD}")
    picked = answer["selection"]["rows"]
    now = str(rows[picked[0]]["report_id"]) if picked and picked[0] < len(rows) else None
    if now != opened:
        st.session_state.place_report = now
    if now:
        with st.container(border=True):
            show_report(UUID(now), "place")


def _show_sessions(place: OpenPlace) -> None:
    if not place.sessions:
        st.markdown("None is recorded. Reports follow effort: where nobody looked, little is reported.")
        return
    st.dataframe(
        pd.DataFrame(
            {
                "Session": [name_of("effort_type", row["effort_type"]) for row in place.sessions],
                "Began": [moment_in_words(row["started_at"]) for row in place.sessions],
                "Staff": [row["staff_count"] for row in place.sessions],
                "Staff-hours": [row["staff_hours"] for row in place.sessions],
                "Route": [row["route"] for row in place.sessions],
            }
        ),
        hide_index=True,
        width="stretch",
    )
