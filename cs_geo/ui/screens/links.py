"""Reporting links: how premises hand in without an account. Added, printed and ended here."""

from datetime import UTC, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from cs_geo.dates import format_day
from cs_geo.settings import get_settings
from cs_geo.store.links import ReportingLink
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.web.qr_code import draw_qr
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.manage_links import LONGEST_NAME, add_link, end_link, list_links

ADDED = "link_added"
"""Premises and address of the link that was just added: it is shown in this tab and nowhere again."""
ABOUT = (
    "Shops, venues and other premises that have no account can hand in by a link of their own, on a phone. What they "
    "send waits in the inbox like any other submission. The link shows them nothing of what is known here."
)


def show_page() -> None:
    """Draw the page."""
    st.title("Reporting links", anchor=False)
    with in_words():
        links = list(list_links(store(), actor()))
        st.markdown(ABOUT)
        _show_added()
        if links:
            _show_table(links)
        left, right = st.columns(2, gap="large")
        with left:
            _show_add_form()
        with right:
            _show_end_form([one for one in links if one.stands(datetime.now(UTC))])


def _show_added() -> None:
    """The new link, with its QR code and its sheet, for as long as this tab stays."""
    if ADDED not in st.session_state:
        return
    premises, address = st.session_state[ADDED]
    with st.container(border=True):
        st.markdown(f"**The link of {escape_text(premises)}.** It is shown only now: print its sheet, or copy it.")
        code, rest = st.columns([1, 3], gap="medium", vertical_alignment="center")
        with code:
            st.image(draw_qr(address), width=180)
        with rest:
            st.code(address, language=None, wrap_lines=True)
            with st.container(horizontal=True):
                st.link_button("Open the sheet to print", f"{address}/sheet", type="primary")
                if st.button("Done", key="link_done"):
                    st.session_state.pop(ADDED)
                    st.rerun()
            st.caption(
                "Whoever has the link can send reports from these premises. If it is lost, end it and add another."
            )


def _show_table(links: list[ReportingLink]) -> None:
    zone = ZoneInfo(get_settings().zone)
    st.dataframe(
        pd.DataFrame(
            {
                "Premises": [one.premises for one in links],
                "Where": [one.location for one in links],
                "Added on": [one.added_at.astimezone(zone).date() for one in links],
                "State": [_state(one, zone) for one in links],
            }
        ),
        hide_index=True,
        column_config={"Added on": st.column_config.DateColumn(format="D MMMM YYYY")},
    )


def _state(link: ReportingLink, zone: ZoneInfo) -> str:
    if link.ended_at:
        return f"Ended on {format_day(link.ended_at.astimezone(zone).date())}"
    if link.open_until is None:
        return "Stands until it is ended"
    last = format_day(link.last_day(zone))
    return f"Stands until {last}" if link.stands(datetime.now(UTC)) else f"Ran out after {last}"


def _show_add_form() -> None:
    today = datetime.now(ZoneInfo(get_settings().zone)).date()
    with st.form("link_add", clear_on_submit=True):
        st.subheader("Add a link", anchor=False)
        premises = st.text_input(
            "Premises", placeholder="Such as: Corner shop, Mill Lane", max_chars=LONGEST_NAME, help="No person's name."
        )
        location = st.text_input(
            "Where they lie",
            placeholder="Address, street or postcode",
            max_chars=300,
            help="Their form then offers “at the premises”. It is looked up like any location.",
        )
        until = st.date_input(
            "Last day",
            value=None,
            min_value=today,
            format="DD/MM/YYYY",
            help="Left empty, it stands until it is ended.",
        )
        if st.form_submit_button("Add", type="primary"):
            with in_words():
                added = add_link(store(), actor(), premises=premises, location=location, until=until, today=today)
                st.session_state[ADDED] = (premises.strip(), added.address(_site()))
                st.rerun()


def _show_end_form(standing: list[ReportingLink]) -> None:
    if not standing:
        return
    with st.form("link_end"):
        st.subheader("End a link", anchor=False)
        link = st.selectbox("Premises", standing, format_func=lambda one: one.premises)
        st.caption("Whoever opens it from then on is told that it does not work. What was handed in stays.")
        if st.form_submit_button("End"):
            with in_words():
                end_link(store(), actor(), link.link_id)
                st.rerun()


def _site() -> str:
    """The address of the site: as it was set, else as this page was opened."""
    if set_here := get_settings().public_address:
        return set_here
    opened = urlsplit(st.context.url or "")
    return f"{opened.scheme}://{opened.netloc}" if opened.netloc else f"http://localhost:{get_settings().port}"


show_page()
