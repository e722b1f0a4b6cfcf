"""Saying where: by words that are looked up, by a typed point, or by a pin on a small map."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import streamlit as st

from cs_geo.errors import UserError
from cs_geo.geocode.cascade import PROBLEMS
from cs_geo.geocode.match import Candidate
from cs_geo.maps.hotspot_map import FrameHeight
from cs_geo.ui.widgets.pin_map import Degrees, show_pin_map, to_degrees
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.report_words import PRECISIONS, candidates_in_words
from cs_geo.ui.widgets.session import actor, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.add_report import Pin
from cs_geo.workflows.place_reports import LookedUp, look_up
from cs_geo.workflows.typed_points import looks_like_point, read_typed_point

NONE_OF_THESE = -1


@dataclass(frozen=True, slots=True)
class Where:
    """What was said of the place: words to keep, and the point a person chose."""

    text: str
    pin: Pin | None


def where_now(key: Callable[[str], str]) -> Where:
    """What the field says, from what was entered so far."""
    text = str(st.session_state.get(key("where")) or "").strip()
    pin: Pin | None = st.session_state.get(key("pin"))
    meant_for, meant = st.session_state.get(key("meant"), ("", None))
    return Where("" if looks_like_point(text) else text, pin or (meant if meant_for == text else None))


def show_where(key: Callable[[str], str], say_issues: Callable[[], None]) -> None:
    """Draw the field, what must be mended in it, what it means, and the map if it is asked for or needed."""
    st.text_input(
        "Where",
        placeholder="Place, street, address or postcode",
        help="An address, a place, a street, two streets that meet (High Street / Mill Lane), a postcode, or a point: "
        "longitude and latitude, easting and northing, or a grid reference.",
        max_chars=300,
        key=key("where"),
        persist_state="session",
    )
    say_issues()
    text = str(st.session_state.get(key("where")) or "").strip()
    candidates: tuple[Candidate, ...] = ()
    found: Degrees | None = None
    try:
        if looks_like_point(text):
            found = _read_point(key, text)
        elif text:
            candidates, found = _say_found(key, look_up(store(), actor(), text), text)
    except UserError as refusal:
        show_refusal(refusal)
    _show_pin(key, candidates, found)


def _read_point(key: Callable[[str], str], text: str) -> Degrees:
    point = read_typed_point(store(), actor(), text)
    st.caption(f"A point: {point.longitude:.5f}, {point.latitude:.5f}. {point.caution}")
    _mean(key, text, Pin(point.longitude, point.latitude))
    return point.longitude, point.latitude


def _say_found(key: Callable[[str], str], answer: LookedUp, text: str) -> tuple[tuple[Candidate, ...], Degrees | None]:
    """Say what the words mean; where they may mean several things, ask which."""
    match = answer.match
    problem = PROBLEMS.get(match.problem, "")
    if answer.longitude is not None and answer.latitude is not None:
        name = match.matched_name or "A point"
        st.caption(
            f"Found: {escape_text(name)} ({PRECISIONS[str(match.precision)]}, to {match.radius_m:,.0f} m). {problem}"
        )
        return (), (answer.longitude, answer.latitude)
    if not match.alternatives:
        # Why is for whoever looks after the site, and stands under Review locations.
        st.caption("We could not find this place. Save it as it is, and a colleague places it later; or set a pin.")
        return (), None
    st.caption(problem)
    names = candidates_in_words([asdict(one) for one in match.alternatives])
    options = [*range(len(names)), NONE_OF_THESE]
    chosen = st.radio(
        "Which one is meant?",
        options,
        index=None,
        format_func=lambda at: "None of these" if at == NONE_OF_THESE else names[at],
        key=f"{key('candidate')}_{text}",
    )
    if chosen is None or chosen == NONE_OF_THESE:
        _mean(key, text, None)
    else:
        one = match.alternatives[chosen]
        _mean(key, text, Pin(*to_degrees(one.x, one.y), str(one.precision), one.radius_m, one.name))
    return match.alternatives, None


def _mean(key: Callable[[str], str], text: str, pin: Pin | None) -> None:
    """Note what a text stands for, with the text itself, so that a later text never inherits an earlier point."""
    meant = (text, pin)
    if st.session_state.get(key("meant"), ("", None)) != meant:
        st.session_state[key("meant")] = meant
        st.rerun()


def _show_pin(key: Callable[[str], str], candidates: tuple[Candidate, ...], found: Degrees | None) -> None:
    pin: Pin | None = st.session_state.get(key("pin"))
    if pin:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Pin set on the map: {pin.longitude:.5f}, {pin.latitude:.5f}.")
            if st.button("Remove the pin", key=key("remove_pin")):
                st.session_state.pop(key("pin"))
                st.rerun()
    # Places of one name are told apart by where they are.
    is_needed = bool(candidates)
    asked = st.toggle("Show the map to set a pin", key=key("map_on"), persist_state="session", disabled=is_needed)
    if not (asked or is_needed):
        return
    present = (pin.longitude, pin.latitude) if pin else None
    points = [present] if present else [to_degrees(one.x, one.y) for one in candidates] or ([found] if found else [])
    clicked = show_pin_map(
        f"{key('map')}_{len(candidates)}_{found}", points, height=FrameHeight(beside=420, least=280, most=360)
    )
    st.caption("Touch the map where it was.")
    if clicked:
        st.session_state[key("pin")] = Pin(*clicked)
        st.rerun()
