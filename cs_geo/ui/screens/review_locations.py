"""Reviewing locations: one report at a time, what the partner wrote, what it could mean, and a person's decision."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from cs_geo.errors import UserError
from cs_geo.geocode.cascade import PROBLEMS
from cs_geo.maps.captions import count_text
from cs_geo.store.jobs import Job
from cs_geo.ui.widgets.doubted_hotspots import show_doubted_hotspots
from cs_geo.ui.widgets.filters import name_of
from cs_geo.ui.widgets.job_list import show_jobs
from cs_geo.ui.widgets.pin_map import Degrees, show_pin_map, to_degrees
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.report_words import (
    PRECISIONS,
    candidates_in_words,
    counted,
    day_in_words,
    harms_in_words,
    when_in_words,
)
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.place_reports import (
    MatchRate,
    leave_report,
    match_rate,
    page_to_place,
    place_report,
    try_again,
)
from cs_geo.workflows.run_jobs import start_job
from cs_geo.workflows.typed_points import read_typed_point

PAGE_SIZE = 25
MANY_LOCATIONS = 500
"""More are tried again by a worker."""
Row = Mapping[Any, Any]


def show_page() -> None:
    """Draw the page."""
    st.page_link("screens/reports.py", label="Back to reports")
    st.title("Review locations", anchor=False)
    with in_words():
        show_doubted_hotspots()
        rate = match_rate(store(), actor())
        waiting = rate.unmatched + rate.doubtful + rate.doubted
        _show_rate(rate, waiting)
        said = st.session_state.pop("review_said", None)
        if said:
            st.info(said)
        if waiting:
            _show_queue(waiting)
        elif rate.reports:
            st.markdown("Nothing is waiting. Every report has a point that nobody doubts, or was left as it is.")
    show_jobs(("geocode_again",), _show_job_result, limit=1, heading="The geocoder")


def _show_rate(rate: MatchRate, waiting: int) -> None:
    st.markdown(rate.sentence())
    if not rate.reports:
        st.markdown("Import a file or add a report first: what cannot be placed by itself then waits here.")
        return
    if waiting and st.button(
        "Try the geocoder again", key="try_again", help="After a gazetteer or a place was loaded."
    ):
        if waiting > MANY_LOCATIONS:
            start_job(store(), actor(), "geocode_again", {})
        else:
            with st.spinner("Looking up every unmatched or doubtful location …"):
                placed = try_again(store(), actor())
            st.session_state.review_said = _placed(placed)
        st.rerun()


def _show_queue(waiting: int) -> None:
    pages = -(-waiting // PAGE_SIZE)
    page = min(int(st.session_state.get("review_page", 1)), pages)
    rows = page_to_place(store(), actor(), offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    if not rows:
        st.markdown("Nothing is waiting on this page.")
        return
    by_id = {str(row["report_id"]): row for row in rows}
    present = st.session_state.get("review_now")
    row = by_id[present] if present in by_id else rows[0]
    st.markdown(f"**{counted(waiting, 'location')} left to look at.**")
    words, drawn = st.columns([2, 3], gap="medium")
    with words:
        _show_report(row)
        chosen = _choose_candidate(row)
        clicked = _typed_point(row) or st.session_state.get(_key(row, "pin"))
    with drawn:
        _show_map(row, clicked)
    with words:
        _decide(row, chosen, clicked, list(by_id))
    st.subheader("The list", anchor=False)
    _show_list(rows)
    if pages > 1:
        st.pagination(pages, key="review_page")


def _key(row: Row, name: str) -> str:
    return f"review_{row['report_id']}_{row['version']}_{name}"


def _show_report(row: Row) -> None:
    with st.container(border=True):
        st.markdown(f"**{row['reference']}** · {name_of('kind', row['kind'])} · {when_in_words(row)}")
        st.caption(f"{escape_text(harms_in_words(row))} · {name_of('source_type', row['source_type'])}".strip(" ·"))
        st.markdown("What was written:")
        given = (row["location_text"], row["locality"], row["postcode"], row["place_named"])
        st.text(", ".join(part for part in dict.fromkeys(given) if part) or "No words for the place.")
        st.markdown(escape_text(_why(row)))
        if rests := _rests_on(row):
            st.markdown(f"**{rests}**")


def _rests_on(row: Row) -> str:
    """What a concentration on the map would lose without this pin; empty where none rests on it."""
    if row["dissolves"]:
        return "A concentration on the map rests on this pin: without it, there would be none."
    if row["lost_n"]:
        others = count_text(row["lost_n"], "other report")
        return f"A concentration on the map rests on this pin: without it, {others} would fall out."
    return ""


def _why(row: Row) -> str:
    if row["pin_doubted"]:
        return "Somebody has said that the pin is wrong."
    why = PROBLEMS.get(row["match_problem"], "It could not be placed with confidence.")
    if row["x"] is not None:
        return f"Placed with low confidence ({PRECISIONS[row['match_precision']]}). {why}"
    return f"Not placed. {why}"


def _candidates(row: Row) -> Sequence[Mapping[str, Any]]:
    return row["match_alternatives"] or ()


def _choose_candidate(row: Row) -> Mapping[str, Any] | None:
    candidates = _candidates(row)
    if not candidates:
        return None
    names = candidates_in_words(candidates)
    at = st.radio(
        "It could be",
        range(len(candidates)),
        index=None,
        format_func=names.__getitem__,
        key=_key(row, "candidate"),
    )
    return None if at is None else candidates[at]


def _typed_point(row: Row) -> Degrees | None:
    typed = st.text_input(
        "Or type a point",
        placeholder="longitude, latitude, or easting, northing, or a grid reference",
        help="Longitude, latitude; easting, northing; or a grid reference. Or click on the map.",
        key=_key(row, "typed"),
    )
    if not typed.strip():
        return None
    try:
        point = read_typed_point(store(), actor(), typed)
    except UserError as refusal:
        show_refusal(refusal)
        return None
    if point.caution:
        st.caption(point.caution)
    return point.longitude, point.latitude


def _show_map(row: Row, pin: Degrees | None) -> None:
    points = [pin] if pin else [to_degrees(one["x"], one["y"]) for one in _candidates(row)]
    present = (row["longitude"], row["latitude"]) if row["longitude"] is not None else None
    clicked = show_pin_map(_key(row, "map"), points, present=present, label="Map of what the location could be")
    st.caption("Click where it was to set a pin." + (" The ring is where it is now." if present else ""))
    if clicked:
        st.session_state[_key(row, "pin")] = clicked
        st.rerun()


def _decide(row: Row, candidate: Mapping[str, Any] | None, pin: Degrees | None, ids: Sequence[str]) -> None:
    after = ids[(ids.index(str(row["report_id"])) + 1) % len(ids)]
    if pin:
        st.caption(f"Pin: {pin[0]:.5f}, {pin[1]:.5f}")
    with st.container(horizontal=True):
        placed = st.button(
            "Place it at the pin" if pin else "Accept",
            type="primary",
            disabled=not (pin or candidate),
            help="Choose a candidate, or set a pin, first." if not (pin or candidate) else None,
            key=_key(row, "accept"),
        )
        left = st.button(
            "Leave as it is",
            help="It keeps its doubtful point." if row["x"] is not None else "It stays without a point and is counted.",
            key=_key(row, "leave"),
        )
        skipped = st.button("Later", help="Go to the next one. It stays in the list.", key=_key(row, "later"))
    if not (placed or left or skipped):
        return
    try:
        if placed and pin:
            place_report(store(), actor(), row, longitude=pin[0], latitude=pin[1])
        elif placed:
            place_report(store(), actor(), row, candidate=candidate)
        elif left:
            leave_report(store(), actor(), row)
    except UserError as refusal:
        show_refusal(refusal)
        return
    if not skipped:
        done = f"placed {'at the pin' if pin else 'as accepted'}" if placed else "left as it is"
        st.session_state.review_said = f"{row['reference']} was {done}."
    st.session_state.review_now = after
    st.rerun()


def _show_list(rows: Sequence[Row]) -> None:
    table = pd.DataFrame(
        {
            "Reference": [row["reference"] for row in rows],
            "When": [day_in_words(row["first_day"], row["date_precision"]) for row in rows],
            "Where, as written": [row["location_text"] or row["postcode"] or row["place_named"] for row in rows],
            "Why": [_why(row) for row in rows],
            "Concentration": [
                "would go" if row["dissolves"] else f"would lose {row['lost_n']}" if row["lost_n"] else ""
                for row in rows
            ],
            "Candidates": [len(_candidates(row)) for row in rows],
        }
    )
    mark = hash(tuple((str(row["report_id"]), row["version"]) for row in rows))
    answer = st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="single-row",
        key=f"review_list_{mark}_{st.session_state.get('review_now')}",
    )
    picked = answer["selection"]["rows"]
    if picked and picked[0] < len(rows):
        st.session_state.review_now = str(rows[picked[0]]["report_id"])
        st.rerun()


def _placed(number: int) -> str:
    if not number:
        return (
            "The geocoder found nothing new. Place them by hand, or ask whoever looks after the site for a gazetteer "
            "that covers them."
        )
    return f"{counted(number, 'record')} got another point."


def _show_job_result(job: Job) -> None:
    st.markdown(_placed((job.result or {})["placed"]))


show_page()
