"""What every page needs: the store, the person acting, and errors turned into sentences."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from cs_geo.access.actor import Actor
from cs_geo.errors import UserError, place_of
from cs_geo.store.opening import Store, shared_store
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.signing_in import who_is_here

ACTING = "acting"


def store() -> Store:
    """The store of this server."""
    return shared_store()


def arrive() -> Actor:
    """Find out who is at the page, at the beginning of every run."""
    person = who_is_here(store)
    st.session_state[ACTING] = person
    return person


def actor() -> Actor:
    """The person this page is drawn for."""
    person: Actor = st.session_state[ACTING]
    return person


BROKEN = (
    "Something went wrong in the program. Nothing that was saved is lost. Try again. If it happens again, tell whoever "
    "looks after the site which page you were on and what you pressed."
)


@contextmanager
def in_words() -> Iterator[None]:
    """Show a refusal as its sentence, in place of what would have stood here; a fault of the program in plain words."""
    try:
        yield
    except UserError as refusal:
        show_refusal(refusal)
    except Exception as fault:  # noqa: BLE001 - the last door before the screen: no traceback reaches a person
        logging.getLogger(__name__).error("A page broke: %s", place_of(fault))
        st.error(BROKEN)
