"""The row of filters over a map or table: one selection of reports, kept over all pages for the visit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import streamlit as st

from cs_geo.codelists import Codelist, load_codelists
from cs_geo.dates import add_months, format_day, format_window
from cs_geo.hotspots.parameters import MIN_REPORTS, RADIUS_M, HotspotParameters, Method
from cs_geo.hotspots.profiles import NOT_STATED
from cs_geo.reports.report import Kind, Term, TimeBand
from cs_geo.reports.selection import Selection
from cs_geo.settings import data_folder
from cs_geo.ui.widgets.session import actor, store
from cs_geo.workflows.look_at_map import choices, window_of_reports

WINDOWS = {
    "1 month to the newest report": 1,
    "3 months to the newest report": 3,
    "6 months to the newest report": 6,
    "12 months to the newest report": 12,
}
"""Windows that end on the day of the newest report, in months: they move when a newer one arrives."""
FIRST_WINDOW = "3 months to the newest report"
OTHER_DATES = "Other dates …"
ALL_DATES = "All dates"
DEFAULT_KINDS = (Kind.INCIDENT, Kind.CONCERN)
NOT_SAID = "Not said"
ANY = ""
"""Chosen where nothing is asked for. Not None: a field of None is drawn as one that nobody has filled in."""
WINDOW_PX = 235
"""The row fits a projector of 1024 pixels with two kinds chosen; every width under it is what its words need."""

_LAYERS = (HotspotParameters(), True, False, False)
WINDOW, FIRST_DAY, LAST_DAY = "filter_window", "filter_first_day", "filter_last_day"
KINDS, BAND, HARMS = "filter_kinds", "filter_band", "filter_harms"
SOURCES, TERM, AREA = "filter_sources", "filter_term", "filter_area"


@st.cache_data
def codelists() -> dict[str, Codelist]:
    """The vocabularies, the same for everybody."""
    return dict(load_codelists(data_folder() / "codelists"))


def name_of(list_name: str, reference: str) -> str:
    """What a code is called; the code itself where the list does not know it, words where there is none."""
    if reference in {"", NOT_STATED}:
        return NOT_SAID
    code = codelists()[list_name].codes.get(reference)
    return code.name if code else reference


@dataclass(frozen=True, slots=True)
class Filters:
    """What was chosen: the selection, and what is to be shown with it."""

    selection: Selection
    window: str = ""
    """What the window is called, where it follows the newest report."""
    newest: date | None = None
    """Day of the newest report; None without reports."""
    show_published: bool = False
    show_strengths: bool = True
    find: bool = False
    """Was *Find hotspots* pressed?"""
    parameters: HotspotParameters = field(default_factory=HotspotParameters)
    least_by_chance: bool = False
    """Is the minimum the one at which half of all random maps find nothing, in place of the parameters'?"""


def show_filters(key: str, *, with_layers: bool = False) -> Filters:
    """Draw the row of filters and give what was chosen.

    Every page shows the same choice. ``key`` names the row on its page.
    """
    span = window_of_reports(store(), actor())
    newest = span[1] if span else None
    # A row that wraps: on a phone the fields stand two by two, and the map is not pushed off the screen.
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key=f"{key}_filters"):
        since, until, window = _choose_window(newest)
        kinds = _choose_kinds()
        band = st.selectbox(
            "Time of day",
            [ANY, *TimeBand],
            format_func=lambda one: "Any" if one == ANY else name_of("time_band", one),
            key=BAND,
            persist_state="session",
            width=115,
        )
        with st.popover("More filters", width=125):
            more = _choose_more()
            parameters, show_strengths, show_published, by_chance = _choose_layers() if with_layers else _LAYERS
        find = with_layers and st.button("Find hotspots", type="primary", width=125)
    selection = replace(more, since=since, until=until, kinds=kinds, time_bands=(TimeBand(band),) if band else ())
    return Filters(selection, window, newest, show_published, show_strengths, find, parameters, by_chance)


def keep_selection(selection: Selection) -> None:
    """Make a selection the one that the filters of every page show from now on. For use before they are drawn."""
    if selection.since is None and selection.until is None:
        st.session_state[WINDOW] = ALL_DATES
    else:
        st.session_state[WINDOW] = OTHER_DATES
        st.session_state[FIRST_DAY] = selection.since or selection.until
        st.session_state[LAST_DAY] = selection.until or selection.since
    st.session_state[KINDS] = list(selection.kinds)
    st.session_state[BAND] = next(iter(selection.time_bands), ANY)
    st.session_state[HARMS] = list(selection.harm_types)
    st.session_state[SOURCES] = list(selection.source_types)
    st.session_state[TERM] = next(iter(selection.terms), ANY)
    st.session_state[AREA] = selection.area or ANY


def follows_newest(selection: Selection, window: str) -> bool:
    """Is this what a window of ``WINDOWS`` stood for when another report was the newest?"""
    if window not in WINDOWS or selection.since is None or selection.until is None:
        return False
    return selection.since == _first_day(selection.until, WINDOWS[window])


def _first_day(last: date, months: int) -> date:
    return add_months(last, -months) + timedelta(days=1)


def _choose_window(newest: date | None) -> tuple[date | None, date | None, str]:
    st.session_state.setdefault(WINDOW, FIRST_WINDOW)
    follows = newest is not None and st.session_state[WINDOW] in WINDOWS
    chosen = st.selectbox(
        f"Window, to {format_day(newest)}" if newest and follows else "Window",
        [*WINDOWS, ALL_DATES, OTHER_DATES],
        key=WINDOW,
        persist_state="session",
        width=WINDOW_PX,
    )
    last = newest or date.today()
    if chosen in WINDOWS:
        return _first_day(last, WINDOWS[chosen]), last, chosen if newest else ""
    if chosen == ALL_DATES:
        return None, None, ""
    st.session_state.setdefault(FIRST_DAY, _first_day(last, 3))
    st.session_state.setdefault(LAST_DAY, last)
    first_day, last_day = sorted((st.session_state[FIRST_DAY], st.session_state[LAST_DAY]))
    with st.popover(format_window(first_day, last_day), width=WINDOW_PX):
        st.date_input("First day", key=FIRST_DAY, format="DD/MM/YYYY", persist_state="session")
        st.date_input("Last day", key=LAST_DAY, format="DD/MM/YYYY", persist_state="session")
        if st.session_state[FIRST_DAY] > st.session_state[LAST_DAY]:
            st.caption("The first day is after the last. Both are taken the other way round.")
    return first_day, last_day, ""


def _choose_kinds() -> tuple[Kind, ...]:
    st.session_state.setdefault(KINDS, list(DEFAULT_KINDS))
    return tuple(
        st.multiselect(
            "Kinds",
            list(Kind),
            format_func=lambda kind: kind.capitalize(),
            placeholder="All kinds",
            key=KINDS,
            persist_state="session",
        )
    )


def _choose_more() -> Selection:
    wards, sources, harms = _choices()
    chosen_harms = st.multiselect(
        "Harm", harms, format_func=lambda code: name_of("harm_type", code), key=HARMS, persist_state="session"
    )
    chosen_sources = st.multiselect(
        "Who noticed", sources, format_func=lambda code: name_of("source_type", code), key=SOURCES,
        persist_state="session",
    )  # fmt: skip
    term = st.selectbox(
        "School year",
        [ANY, *Term],
        format_func=lambda one: "Any" if one == ANY else name_of("term", one),
        key=TERM,
        persist_state="session",
    )
    area = st.selectbox(
        "Ward or district",
        [ANY, *wards],
        format_func=lambda one: "Everywhere" if one == ANY else wards[one],
        key=AREA,
        persist_state="session",
    )
    return Selection(
        harm_types=tuple(chosen_harms),
        source_types=tuple(chosen_sources),
        terms=(Term(term),) if term else (),
        area=area or None,
    )


def _choose_layers() -> tuple[HotspotParameters, bool, bool, bool]:
    st.divider()
    for name, value in {"radius": int(RADIUS_M), "least": MIN_REPORTS, "strengths": True}.items():
        st.session_state.setdefault(f"filter_{name}", value)
    radius_m = st.number_input(
        "Neighbours are within … metres", 20, 1000, step=10, key="filter_radius", persist_state="session"
    )
    min_reports = st.number_input(
        "Neighbours that make a concentration", 3, 1000, key="filter_least", persist_state="session"
    )
    by_chance = st.toggle(
        "Let chance choose the minimum",
        key="filter_by_chance",
        persist_state="session",
        help="The number at which half of all random maps, drawn by walkable streets and paths, find nothing.",
    )
    variable = st.toggle(
        "Advanced: variable density",
        key="filter_variable",
        persist_state="session",
        help="For a dense centre beside thin estates (HDBSCAN): only the minimum is asked for.",
    )
    show_strengths = st.toggle("Show strengths", key="filter_strengths", persist_state="session")
    show_published = st.toggle(
        "Show published police data (all recorded crime, all ages)", key="filter_published", persist_state="session"
    )
    parameters = HotspotParameters(
        radius_m=float(radius_m),
        min_reports=int(min_reports),
        method=Method.VARIABLE_DENSITY if variable else Method.ONE_DENSITY,
    )
    return parameters, show_strengths, show_published, by_chance


def _choices() -> tuple[Mapping[str, str], list[str], list[str]]:
    areas, sources, harms = choices(store(), actor())
    return {area.reference: area.name for area in areas}, sources, harms
