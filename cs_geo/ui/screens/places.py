"""Places: the register of locations where something was reported or helps, each with what is known of it."""

from collections.abc import Sequence
from uuid import UUID

import pandas as pd
import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.errors import UserError
from cs_geo.maps.captions import NOT_ALL_HARM
from cs_geo.store.places import PlaceSummary
from cs_geo.ui.widgets.boundary_form import ask_boundary
from cs_geo.ui.widgets.filters import codelists, name_of
from cs_geo.ui.widgets.note_field import show_suggestions
from cs_geo.ui.widgets.place_view import show_place
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.report_words import BY_KEYBOARD, counted
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.register_places import (
    PROTECTED_TYPE,
    list_register,
    open_place,
    register_place,
)

PAGE_SIZE = 25
OPEN = "places_open"


def show_page() -> None:
    """Draw the page."""
    with in_words():
        places = list_register(store(), actor())
        opened = next((place for place in places if str(place.place_id) == st.session_state.get(OPEN)), None)
        if opened:
            if st.button("All places", key="places_back"):
                _open(None)
            show_place(open_place(store(), actor(), opened))
        else:
            _show_register(places)


def _show_register(places: Sequence[PlaceSummary]) -> None:
    st.title("Places", anchor=False)
    said = st.session_state.pop("places_said", None)
    if said:
        st.info(said)
    if places:
        st.markdown(
            f"{counted(len(places), 'place')}: somewhere people know by name. A report counts for a place when it lies "
            f"inside its boundary or names it, however vaguely. Counts are of all dates. {NOT_ALL_HARM}"
        )
        _show_table(places)
    else:
        st.markdown(
            "No place is registered yet. A place is somewhere people know by name: a park gate, a bus station, a "
            "parade of shops. Register one to see in one spot what was reported there and what helps."
        )
    if may(actor(), Action.REGISTER_PLACES):
        with st.expander("Register a place", expanded=not places):
            _register()


def _show_table(places: Sequence[PlaceSummary]) -> None:
    answer = st.dataframe(
        pd.DataFrame(
            {
                "Place": [place.name for place in places],
                "Type": [name_of("place_type", place.place_type) for place in places],
                "Strengths": [place.strengths for place in places],
                "Incidents": [place.incidents for place in places],
                "Concerns": [place.concerns for place in places],
                "Outreach": [place.outreach for place in places],
                "Sources": [place.sources for place in places],
                "Sessions": [place.sessions for place in places],
                "Last report": [place.last_day for place in places],
                "Boundary": ["Drawn" if place.boundary_version else "Not yet" for place in places],
            }
        ),
        hide_index=True,
        width="stretch",
        column_config={"Last report": st.column_config.DateColumn(format="D MMMM YYYY")},
        on_select="rerun",
        selection_mode="single-row",
        key=f"places_table_{st.session_state.get('places_turn', 0)}",
    )
    st.caption(f"Choose a row to open the place. {BY_KEYBOARD} Kinds are never added up.")
    picked = answer["selection"]["rows"]
    if picked and picked[0] < len(places):
        _open(places[picked[0]].place_id)


def _open(place_id: UUID | None) -> None:
    st.session_state[OPEN] = str(place_id) if place_id else None
    # A table that still had its row selected would open the place again.
    st.session_state.places_turn = st.session_state.get("places_turn", 0) + 1
    st.session_state.pop("place_report", None)
    st.rerun()


def _register() -> None:
    name = st.text_input(
        "Neutral name",
        placeholder="Elm Park, south gate",
        help="What people call the place. No judgement, and no person's name.",
        max_chars=120,
        key="place_name",
        persist_state="session",
    )
    show_suggestions(name)
    types = [code.reference for code in codelists()["place_type"].codes.values() if code.reference != PROTECTED_TYPE]
    left, right = st.columns(2)
    with left:
        place_type = st.selectbox(
            "Type",
            types,
            index=None,
            placeholder="Choose",
            format_func=lambda code: name_of("place_type", code),
            key="place_type",
            persist_state="session",
        )
    with right:
        role = st.text_input(
            "Who manages it (a role, never a person)",
            placeholder="Park ranger",
            max_chars=120,
            key="place_role",
            persist_state="session",
        )
    aliases = st.text_input(
        "Other names, parted by ;",
        placeholder="The swings; Elm rec",
        max_chars=400,
        key="place_aliases",
        persist_state="session",
    )
    read_boundary = ask_boundary("place", may_wait=True)
    if not st.button("Register the place", type="primary", key="place_register"):
        return
    try:
        boundary, origin = read_boundary()
        registered = register_place(
            store(),
            actor(),
            name=name,
            place_type=place_type or "",
            manager_role=role,
            aliases=aliases.split(";"),
            boundary=boundary,
            origin=origin,
        )
    except UserError as refusal:
        show_refusal(refusal)
        return
    named = counted(registered.linked, "record names it", "records name it")
    st.session_state.places_said = (
        f"{escape_text(name)} is registered; {named} and {'is' if registered.linked == 1 else 'are'} linked."
    )
    for field in ("place_name", "place_type", "place_role", "place_aliases"):
        st.session_state.pop(field, None)
    st.rerun()


show_page()
