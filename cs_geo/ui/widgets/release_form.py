"""Exporting to a partner or the public: what will be left out is said first, then whom and what it is for is asked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from cs_geo.access.actor import Tier
from cs_geo.access.permissions import require
from cs_geo.dates import add_months, format_window
from cs_geo.disclosure.preview import Preview
from cs_geo.disclosure.rules import RULES, quarter_end
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.ui.widgets.filters import show_filters
from cs_geo.ui.widgets.purpose_field import ask_purpose, choose_standing, settle_purpose
from cs_geo.ui.widgets.session import actor, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.export_files import ReadyExport, release_to_file
from cs_geo.workflows.export_released import ACTIONS, ReleaseRequest, preview_release
from cs_geo.workflows.look_at_map import window_of_reports
from cs_geo.workflows.run_jobs import list_jobs, start_job
from cs_geo.workflows.tabulate_for_public import PUBLIC_KINDS, takes_long

LEVELS = {"ward": "Wards", "lsoa": "LSOAs", "district": "The district"}
KEPT_MONTHS = 6
"""For how long a partner may keep a file, unless said otherwise."""
PREVIEW = "release_preview"
SHAPEFILES = {".shp": "Shapefile: a file for each layer, zipped"}


def show_release_form(tier: Tier, formats: Mapping[str, str], today: date) -> None:
    """Draw what is chosen, what it gives, and what is asked before it is written."""
    require(actor(), ACTIONS[tier])
    span = window_of_reports(store(), actor())
    if span is None:
        st.markdown("There is nothing to export yet. Import a file first.")
        st.page_link("screens/import_reports.py", label="Import a file")
        return
    if tier is Tier.PARTNER:
        request = ReleaseRequest(tier, show_filters("export").selection, today)
        in_job = False
    else:
        chosen = _choose_tables(span[0], today)
        if chosen is None:
            return
        request, in_job = chosen
    preview = _preview_in_job(request) if in_job else _preview_here(request)
    if preview is None:
        return
    _show_preview(preview, tier)
    if preview.may_be_released:
        _ask(request, {**formats, **(SHAPEFILES if tier is Tier.PARTNER else {})}, in_job=in_job)


def _choose_tables(first: date, today: date) -> tuple[ReleaseRequest, bool] | None:
    """The tables of the public that are asked for, and whether they take long; None where no quarter is due."""
    quarters = RULES.due_quarters(first, today)
    if not quarters:
        st.info(f"No quarter may be published yet: each waits {RULES.delay_months} month after its end.")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        level = st.selectbox("Areas", list(LEVELS), format_func=LEVELS.__getitem__, key="release_level", width=160)
        kinds = st.multiselect(
            "Kinds",
            list(Kind),
            default=list(PUBLIC_KINDS),
            format_func=lambda kind: kind.capitalize(),
            placeholder="Incidents and concerns",
            key="release_kinds",
            width=320,
        )
        since = st.selectbox(
            "From", quarters, index=len(quarters) - 1, format_func=_quarter, key="release_from", width=220
        )
        later = [quarter for quarter in quarters if quarter >= since]
        until = st.selectbox("To", later, index=len(later) - 1, format_func=_quarter, key="release_to", width=220)
    selection = Selection(since=since, until=quarter_end(until), kinds=tuple(kinds))
    request = ReleaseRequest(Tier.PUBLIC, selection, today, level=level)
    tables_n = (later.index(until) + 1) * len(kinds or PUBLIC_KINDS)
    return request, takes_long(store(), actor(), level, tables_n)


def _quarter(start: date) -> str:
    return format_window(start, add_months(start, 3) - timedelta(days=1))


def _preview_here(request: ReleaseRequest) -> Preview:
    """What would be given, looked at again when something else is chosen."""
    key = repr(request.to_json())
    kept = st.session_state.get(PREVIEW)
    if kept is None or kept[0] != key:
        with st.spinner("Counting what may be given …", show_time=True):
            kept = (key, preview_release(store(), actor(), request))
        st.session_state[PREVIEW] = kept
    found: Preview = kept[1]
    return found


def _preview_in_job(request: ReleaseRequest) -> Preview | None:
    """What would be given, as a worker found it; None until it has."""
    arguments = {"request": request.to_json()}
    mine = [
        job
        for job in list_jobs(store(), actor(), ("preview_release",), 20)
        if job.arguments == arguments and job.actor.get("person") == actor().person
    ]
    done = next((job for job in mine if job.state == "done"), None)
    if done:
        return Preview(**{name: tuple(lines) for name, lines in (done.result or {}).items()})
    if not any(not job.is_over for job in mine):
        st.markdown(
            "So many tables take some minutes to protect and to check. A worker makes them and says what will be left "
            "out; nothing is released by that."
        )
        if st.button("Check what may be given", type="primary"):
            start_job(store(), actor(), "preview_release", arguments)
            st.rerun()
    return None


def _show_preview(preview: Preview, tier: Tier) -> None:
    whom = "partners" if tier is Tier.PARTNER else "the public"
    with st.container(border=True):
        effects, rules = st.columns([3, 2], gap="medium")
        with effects:
            st.markdown("**What this export holds, and what is left out**")
            st.markdown("\n".join(f"- {escape_text(line)}" for line in preview.effects) or "Nothing.")
            st.caption(
                "These counts are for you. The file says why something is left out, and how much only in wide bands."
            )
        with rules:
            st.markdown(f"**What holds for every export to {whom}**")
            st.markdown("\n".join(f"- {escape_text(line)}" for line in preview.rules))
    for line in preview.refusals:
        st.error(escape_text(line))


def _ask(request: ReleaseRequest, formats: Mapping[str, str], *, in_job: bool) -> None:
    for_partner = request.tier is Tier.PARTNER
    standing = choose_standing(request.tier)
    with st.form("release_form", border=False):
        with st.container(horizontal=True, gap="small"):
            ending = st.selectbox(
                "Format", list(formats), format_func=formats.__getitem__, key="release_format", width=440
            )
            if for_partner:
                recipient = (
                    standing.recipient
                    if standing
                    else st.text_input(
                        "For whom",
                        placeholder="Such as: parks team of the council",
                        help="An organisation or a team. It stands in every table of the file.",
                        max_chars=100,
                        key="release_recipient",
                        width=320,
                    )
                )
                expires_on = st.date_input(
                    "To be deleted by",
                    add_months(request.today, KEPT_MONTHS),
                    min_value=request.today + timedelta(days=1),
                    format="DD/MM/YYYY",
                    key="release_expires",
                    width=180,
                )
                request = replace(request, recipient=recipient, expires_on=expires_on)
        purpose = ask_purpose(
            request.tier,
            standing,
            key="release_purpose",
            placeholder="Such as: lighting plan of the parks team",
            more=" It stands in every table of the file." * for_partner,
        )
        asked = st.form_submit_button("Export", type="primary")
    if asked:
        request = replace(request, purpose=purpose.words)
        request.require_whole()
        stands = settle_purpose(request.tier, purpose, request.recipient)
        _export(ending, replace(request, standing=stands), in_job=in_job)


def _export(ending: str, request: ReleaseRequest, *, in_job: bool) -> None:
    if in_job:
        start_job(store(), actor(), "release", {"ending": ending, "request": request.to_json()})
        st.rerun()
    with st.spinner("Checking against earlier releases, and writing …", show_time=True):
        ready: ReadyExport = release_to_file(store(), actor(), ending=ending, request=request)
    st.session_state.export_ready = ready
    st.session_state.pop(PREVIEW, None)
    st.rerun()
