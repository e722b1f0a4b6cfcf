"""Which hotspots a visitor sees on the map, and which of them is open beside it."""

from dataclasses import replace
from uuid import UUID

import geopandas as gpd
import streamlit as st

from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store.hotspots import DoubtedHotspot
from cs_geo.ui.widgets.filters import Filters, keep_selection
from cs_geo.ui.widgets.session import actor, store
from cs_geo.workflows.baseline_choice import BaselineChoice
from cs_geo.workflows.defend_hotspots import least_for
from cs_geo.workflows.find_hotspots import FoundHotspots, hotspots_for, read_runs, run_hotspots

RUNS, FOUND_FOR, CHOSEN, KIND, TURN = "map_runs", "map_found_for", "map_chosen", "map_kind", "map_list_turn"


def find_shown(filters: Filters) -> None:
    """Find the hotspots of what is filtered, and show those."""
    with st.spinner("Finding where reports are concentrated …", show_time=True):
        found = [
            one
            for kind in filters.selection.kinds or (Kind.INCIDENT, Kind.CONCERN)
            for one in _find_kind(filters, kind)
        ]
    _show_runs([str(one.run.run_id) for one in found], filters.selection)


def _find_kind(filters: Filters, kind: Kind) -> list[FoundHotspots]:
    selection, parameters = replace(filters.selection, kinds=(kind,)), filters.parameters
    if filters.least_by_chance:
        least = least_for(store(), actor(), selection, parameters, BaselineChoice())
        parameters = replace(parameters, min_reports=least)
    return run_hotspots(store(), actor(), selection, parameters)


def shown_runs(selection: Selection) -> list[FoundHotspots]:
    """The runs on the map: those just found, else those of these filters, else the newest of each kind."""
    kinds = selection.kinds or tuple(Kind)
    if st.session_state.get(RUNS) and st.session_state.get(FOUND_FOR) == selection:
        found = read_runs(store(), actor(), [UUID(run) for run in st.session_state[RUNS]])
    else:
        found = hotspots_for(store(), actor(), selection, kinds)
    return [one for one in found if Kind(one.run.kind) in kinds and not one.run.selection.published]


def kind_on_map(found: list[FoundHotspots]) -> str | None:
    """The kind whose hotspots are on the map: kinds are never laid over each other."""
    kinds = [one.run.kind for one in found]
    if st.session_state.get(KIND) not in kinds:
        st.session_state[KIND] = next(iter(kinds), None)
    kind: str | None = st.session_state[KIND]
    return kind


def ranked(found: list[FoundHotspots], kind: str | None) -> gpd.GeoDataFrame | None:
    """The hotspots of one kind, largest first, spots after them."""
    frames = [one.hotspots for one in found if one.run.kind == kind and len(one.hotspots)]
    if not frames:
        return None
    return frames[0].assign(rank=range(1, len(frames[0]) + 1)).reset_index(drop=True)


def choose(what: str | None) -> None:
    """Open a hotspot, or ``ground`` for the last click, beside the map; None: go back to the list."""
    if what is None:
        st.session_state.pop(CHOSEN, None)
    else:
        st.session_state[CHOSEN] = what
    # A list drawn anew has no row selected: the last choice would otherwise be made again at every run.
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1


def open_on_map(hotspot: DoubtedHotspot) -> None:
    """Leave this page for the map, with a hotspot open and the filters it was found with."""
    keep_selection(hotspot.run.selection)
    _show_runs([str(hotspot.run.run_id)], hotspot.run.selection)
    st.session_state[CHOSEN] = str(hotspot.hotspot_id)
    st.switch_page("screens/map.py")


def differ_by(found: list[FoundHotspots], selection: Selection) -> str:
    """How what is filtered differs from what the hotspots were found in: not at all, by ``dates``, by ``filters``."""
    asked = [replace(one.run.selection, kinds=()) for one in found]
    now = replace(selection, kinds=())
    if all(one == now for one in asked):
        return ""
    dates = all(replace(one, since=now.since, until=now.until) == now for one in asked)
    return "dates" if dates else "filters"


def _show_runs(runs: list[str], selection: Selection) -> None:
    st.session_state[RUNS] = runs
    st.session_state[FOUND_FOR] = selection
    st.session_state.pop(CHOSEN, None)
