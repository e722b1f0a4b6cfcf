"""Whom to call when a child may be in danger, before anything else."""

import streamlit as st

from cs_geo.words.escaping import escape_text
from cs_geo.workflows.local_contacts import Contact, read_contacts


def show_contacts() -> None:
    """Draw the emergency contact on top, then the others."""
    contacts = read_contacts()
    _show(contacts.emergency, first=True)
    for contact in contacts.others:
        _show(contact, first=False)


def _show(contact: Contact, *, first: bool) -> None:
    with st.container(border=True):
        st.markdown(f"**{escape_text(contact.name)}**")
        st.markdown(escape_text(contact.when))
        if contact.phone:
            digits = "".join(sign for sign in contact.phone if sign.isdigit() or sign == "+")
            st.link_button(
                f"Call {contact.phone}", f"tel:{digits}", type="primary" if first else "secondary", width="stretch"
            )
            if contact.hours:
                st.caption(escape_text(contact.hours))
        if contact.note:
            st.caption(escape_text(contact.note))
