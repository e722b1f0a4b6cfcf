"""The one row of filters over a map or table, and the selection of reports it stands for."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import streamlit as st

from cs_geo.codelists import Codelist, load_codelists
from cs_geo.dates import add_months
from cs_geo.hotspots.parameters import MIN_REPORTS, RADIUS_M, HotspotParameters
from cs_geo.reports.report import Kind, Term, TimeBand
from cs_geo.reports.selection import Selection
from cs_geo.settings import data_folder
from cs_geo.ui.widgets.session import actor, store
from cs_geo.workflows.look_at_map import choices, window_of_reports

WINDOWS = {"Last month": 1, "Last 3 months": 3, "Last 6 months": 6, "Last 12 months": 12}
"""Windows that end on the day of the newest report, in months."""
OTHER_DATES = "Other dates …"
ALL_DATES = "All dates"
DEFAULT_KINDS = (Kind.INCIDENT, Kind.CONCERN)


@st.cache_data
def codelists() -> dict[str, Codelist]:
    """The vocabularies, the same for everybody."""
    return dict(load_codelists(data_folder() / "codelists"))


def name_of(list_name: str, reference: str) -> str:
    """What a code is called; the code itself where the list does not know it."""
    code = codelists()[list_name].codes.get(reference)
    return code.name if code else reference


@dataclass(frozen=True, slots=True)
class Filters:
    """What was chosen: the selection, and whether published police data is to be shown behind it."""

    selection: Selection
    show_published: bool = False
    show_strengths: bool = True
    find: bool = False
    """Was *Find hotspots* pressed?"""
    parameters: HotspotParameters = field(default_factory=HotspotParameters)


def show_filters(key: str, *, with_layers: bool = False) -> Filters:
    """Draw the row of filters and give what was chosen. ``key`` keeps two pages' choices apart."""
    columns = st.columns([2, 3, 1.8, 1.5, 1.6] if with_layers else [2, 3.2, 2, 1.6], vertical_alignment="bottom")
    since, until = _window(columns[0], key)
    kinds = columns[1].multiselect(
        "Kinds", list(Kind), default=list(DEFAULT_KINDS), format_func=lambda kind: kind.capitalize(), key=f"{key}_kinds"
    )
    bands = columns[2].selectbox(
        "Time of day",
        [None, *TimeBand],
        format_func=lambda band: "Any" if band is None else name_of("time_band", band),
        key=f"{key}_band",
    )
    wards, sources, harms = _choices()
    with columns[3].popover("More filters", width="stretch"):
        chosen_harms = st.multiselect(
            "Harm", harms, format_func=lambda code: name_of("harm_type", code), key=f"{key}_harms"
        )
        chosen_sources = st.multiselect(
            "Source", sources, format_func=lambda code: name_of("source_type", code), key=f"{key}_sources"
        )
        term = st.selectbox(
            "School year",
            [None, *Term],
            format_func=lambda one: "Any" if one is None else name_of("term", one),
            key=f"{key}_term",
        )
        area = st.selectbox(
            "Ward or district",
            [None, *wards],
            format_func=lambda one: "Everywhere" if one is None else one[1],
            key=f"{key}_area",
        )
        show_strengths, show_published, parameters = True, False, HotspotParameters()
        if with_layers:
            st.divider()
            parameters = HotspotParameters(
                radius_m=float(
                    st.number_input("Neighbours are within … metres", 20, 1000, int(RADIUS_M), 10, key=f"{key}_radius")
                ),
                min_reports=int(
                    st.number_input("Neighbours that make a concentration", 3, 1000, MIN_REPORTS, key=f"{key}_least")
                ),
            )
            show_strengths = st.toggle("Show strengths", value=True, key=f"{key}_strengths")
            show_published = st.toggle(
                "Show published police data (all recorded crime, all ages)", value=False, key=f"{key}_published"
            )
    selection = Selection(
        since=since,
        until=until,
        kinds=tuple(kinds),
        harm_types=tuple(chosen_harms),
        source_types=tuple(chosen_sources),
        time_bands=(bands,) if bands else (),
        terms=(term,) if term else (),
        area=area[0] if area else None,
    )
    find = with_layers and columns[4].button("Find hotspots", type="primary", width="stretch")
    return Filters(selection, show_published, show_strengths, find, parameters)


def _window(column: st.delta_generator.DeltaGenerator, key: str) -> tuple[date | None, date | None]:
    chosen = column.selectbox("Window", [*WINDOWS, ALL_DATES, OTHER_DATES], index=1, key=f"{key}_window")
    span = window_of_reports(store(), actor())
    last = span[1] if span else date.today()
    if chosen in WINDOWS:
        return add_months(last, -WINDOWS[chosen]) + timedelta(days=1), last
    if chosen == ALL_DATES:
        return None, None
    with column.popover("Choose dates", width="stretch"):
        first_day = st.date_input("First day", value=add_months(last, -3) + timedelta(days=1), key=f"{key}_since")
        last_day = st.date_input("Last day", value=last, key=f"{key}_until")
    if first_day > last_day:
        st.warning("The first day is after the last. Both are shown the other way round.")
        first_day, last_day = last_day, first_day
    return first_day, last_day


def _choices() -> tuple[list[tuple[str, str]], list[str], list[str]]:
    areas, sources, harms = choices(store(), actor())
    return [(area.reference, area.name) for area in areas], sources, harms
