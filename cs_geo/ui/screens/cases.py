"""Cases: what the named members of an open case see of it, and who they are."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

import geopandas as gpd
import pandas as pd
import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.crs import storage_epsg
from cs_geo.dates import format_day
from cs_geo.errors import UserError
from cs_geo.exports.case_pack import NO_REPORTS, NO_TEXTS, NOT_ALL, WELFARE
from cs_geo.maps.hotspot_map import FrameHeight
from cs_geo.maps.layers import degrees_bounds
from cs_geo.settings import SignIn, get_settings
from cs_geo.store.cases import Case, CasePerson
from cs_geo.ui.widgets.filters import codelists, name_of
from cs_geo.ui.widgets.handover import show_handover
from cs_geo.ui.widgets.map_view import show_map, tile_urls
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.report_words import BY_KEYBOARD, day_in_words
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.cases import (
    OpenCase,
    add_member,
    close_case,
    end_member,
    list_case_people,
    list_cases,
    look_at_case,
)
from cs_geo.workflows.export_case import offer_case_pack

OPEN = "cases_open"
FORMATS = {".pdf": "PDF", ".html": "HTML, one file"}


def show_page() -> None:
    """Draw the page."""
    with in_words():
        cases = list_cases(store(), actor())
        opened = next((case for case in cases if str(case.case_id) == st.session_state.get(OPEN)), None)
        if opened is None:
            _show_list(cases)
            return
        if st.button("All cases", key="cases_back"):
            st.session_state.pop(OPEN, None)
            st.rerun()
        _show_case(look_at_case(store(), actor(), opened.case_id))


def _show_list(cases: Sequence[Case]) -> None:
    st.title("Cases", anchor=False)
    if not cases:
        st.markdown(
            "No case is open to you. A case is opened by a coordinator from the page of a place, for the members of "
            "the panel that are named in it. It shows them the boundary, counts by source and dates, until it is "
            "closed or lapses."
        )
        return
    st.markdown(
        "Each case is open to its named members, and to those who work with reports, until it closes or lapses."
    )
    answer = st.dataframe(
        pd.DataFrame(
            {
                "Case": [case.reference for case in cases],
                "Why now": [case.why_now for case in cases],
                "Opened": [case.opened_at.date() for case in cases],
                "State": [_state(case) for case in cases],
            }
        ),
        hide_index=True,
        width="stretch",
        column_config={"Opened": st.column_config.DateColumn(format="D MMMM YYYY")},
        on_select="rerun",
        selection_mode="single-row",
        key="cases_table",
    )
    st.caption(BY_KEYBOARD)
    picked = answer["selection"]["rows"]
    if picked and picked[0] < len(cases):
        st.session_state[OPEN] = str(cases[picked[0]].case_id)
        st.rerun()


def _state(case: Case) -> str:
    if case.closed_at:
        return f"Closed on {format_day(case.closed_at.date())}"
    word = "Lapsed" if case.lapses_on <= date.today() else "Open; lapses"
    return f"{word} on {format_day(case.lapses_on)}"


def _show_case(seen: OpenCase) -> None:
    st.title(escape_text(seen.place.name), anchor=False)
    st.caption(
        escape_text(
            f"Case {seen.case.reference} · {name_of('place_type', seen.place.place_type)} · boundary version "
            f"{seen.place.boundary_version} · {_state(seen.case)}"
        )
    )
    st.markdown(f"*{escape_text(WELFARE)}*")
    st.markdown(f"**Why now.** {escape_text(seen.case.why_now)}")
    left, right = st.columns([6, 5], gap="large")
    with left:
        outline = gpd.GeoSeries([seen.place.boundary], crs=storage_epsg())
        show_map(
            f"case_{seen.case.case_id}",
            tile_urls(None),
            selected=outline,
            show_strengths=False,
            bounds=degrees_bounds(outline.buffer(60)),
            height=FrameHeight(beside=420, least=300, most=460),
            label="Map of the boundary",
        )
        st.caption("The boundary as it was when the case was opened. No report is drawn on it.")
        _show_texts(seen)
    with right:
        _show_counts(seen)
    _show_pack(seen)
    if may(actor(), Action.MANAGE_CASE) and seen.case.closed_at is None:
        _show_members(seen)


def _show_counts(seen: OpenCase) -> None:
    st.subheader("What was reported, by who noticed", anchor=False)
    st.caption(f"Inside the boundary, since {format_day(seen.case.since)}. {NOT_ALL}")
    if not seen.counts:
        st.markdown(NO_REPORTS)
        return
    by_source: Counter[tuple[str, str]] = Counter()
    by_day: Counter[tuple[date, str, str]] = Counter()
    for count in seen.counts:
        by_source[count.kind, count.source_type] += count.reports_n
        by_day[count.day, count.date_precision, count.kind] += count.reports_n
    st.dataframe(
        pd.DataFrame(
            [
                (kind.capitalize(), name_of("source_type", source), number)
                for (kind, source), number in sorted(by_source.items())
            ],
            columns=["Kind", "Who noticed", "Reports"],
        ),
        hide_index=True,
        height="content",
    )
    st.subheader("When", anchor=False)
    st.dataframe(
        pd.DataFrame(
            [
                (day_in_words(day, precision), kind.capitalize(), number)
                for (day, precision, kind), number in sorted(by_day.items(), reverse=True)
            ],
            columns=["When", "Kind", "Reports"],
        ),
        hide_index=True,
        height=260,
    )


def _show_texts(seen: OpenCase) -> None:
    st.subheader("In the words of those who noticed", anchor=False)
    if not seen.texts:
        st.markdown(NO_TEXTS)
    for text in seen.texts:
        st.text(text)


def _show_pack(seen: OpenCase) -> None:
    with st.expander("Take a pack away"):
        st.markdown(
            "A pack holds what stands on this page, with your post across every page. It is for you, and is written "
            "down with what it is for."
        )
        purpose = st.text_input("What is it for?", max_chars=200, key="case_purpose", placeholder="The panel of 14 May")
        ending = st.segmented_control(
            "As", list(FORMATS), format_func=FORMATS.__getitem__, default=".pdf", required=True, key="case_format"
        )
        show_handover(
            f"case_pack_{seen.case.case_id}",
            "Make the pack",
            lambda: offer_case_pack(
                store(),
                actor(),
                seen.case.case_id,
                ending=ending,
                purpose=purpose,
                names=codelists(),
                today=date.today(),
            ),
        )


def _show_members(seen: OpenCase) -> None:
    st.subheader("Members", anchor=False)
    people = {one.person_id: one for one in _people()}
    current = [member.person_id for member in seen.members]
    if not current:
        st.markdown("Nobody is named yet, so only those who work with reports see this case.")
    for person_id in current:
        row = st.container(horizontal=True, vertical_alignment="center")
        row.markdown(escape_text(_named(people.get(person_id), person_id)))
        if row.button("End", key=f"case_end_{person_id}", help="Closes the case to them at whatever they do next."):
            _do(partial(end_member, store(), actor(), seen.case.case_id, person_id))
    others = [one for one in people.values() if one.person_id not in current]
    if others:
        chosen = st.selectbox("Open it to", others, format_func=lambda one: _named(one, one.person_id), key="case_add")
        if st.button("Name as member", key="case_add_member"):
            _do(lambda: add_member(store(), actor(), seen.case.case_id, chosen.person_id))
    elif not people:
        st.caption("Nobody holds a role that a panel is made of. The administrator grants roles on the page *People*.")
    st.divider()
    if st.checkbox("Close this case to all members, for good", key="case_close_sure") and st.button("Close the case"):
        _do(lambda: close_case(store(), actor(), seen.case.case_id))


def _people() -> list[CasePerson]:
    local = get_settings().sign_in is SignIn.LOCAL
    return [one for one in list_case_people(store(), actor()) if local or one.person_id != "local"]


def _named(person: CasePerson | None, person_id: str) -> str:
    if person is None:
        return "Somebody whose roles have ended"
    roles = ", ".join(role.replace("_", " ") for role in person.roles)
    agency = f", {', '.join(person.agencies)}" if person.agencies else ""
    return f"{person.label or person_id} ({roles}{agency})"


def _do(action: Callable[[], object]) -> None:
    try:
        action()
    except UserError as refusal:
        show_refusal(refusal)
        return
    st.rerun()


show_page()
