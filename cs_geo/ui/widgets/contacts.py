"""Whom to call when a child may be in danger, before anything else."""

import streamlit as st

from cs_geo.words.escaping import escape_text
from cs_geo.workflows.local_contacts import Contact, read_contacts


def show_contacts() -> None:
    """Draw the emergency contact on top, then the others."""
    show_emergency()
    show_other_contacts()


def show_folded_contacts() -> None:
    """Draw the emergency contact, and the others where they are asked for: a form stands below."""
    show_emergency()
    with st.expander("Whom else to call"):
        show_other_contacts()


def show_emergency() -> None:
    """Draw the emergency contact."""
    _show(read_contacts().emergency, first=True)


def show_other_contacts() -> None:
    """Draw the other contacts; those whose number is not set here are named together."""
    others = read_contacts().others
    for contact in others:
        if contact.phone:
            _show(contact, first=False)
    unset = [escape_text(contact.name) for contact in others if not contact.phone]
    if unset:
        numbers = "number" if len(unset) == 1 else "numbers"
        st.markdown("\n".join([f"Your manager has the {numbers} of:", *(f"- {name}" for name in unset)]))


def _show(contact: Contact, *, first: bool) -> None:
    with st.container(border=True):
        st.markdown(f"**{escape_text(contact.name)}**")
        st.markdown(escape_text(contact.when))
        if contact.phone:
            digits = "".join(sign for sign in contact.phone if sign.isdigit() or sign == "+")
            st.link_button(
                f"Call {contact.phone}", f"tel:{digits}", type="primary" if first else "secondary", width="stretch"
            )
        for more in (contact.hours, contact.note):
            if more:
                st.caption(escape_text(more))
