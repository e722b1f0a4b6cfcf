"""What stands at the address of a page that is not for the person's role."""

from collections.abc import Callable

import streamlit as st

from cs_geo.access.permissions import ALLOWED
from cs_geo.ui.navigation import Screen


def page_not_yours(screen: Screen) -> Callable[[], None]:
    """A page that says whose it is and whom to ask, in place of one that a person may not open."""

    def not_yours() -> None:
        st.title(screen.title, anchor=False)
        who = " or ".join(sorted(role.words for role in ALLOWED[screen.action])) if screen.action else "anybody"
        st.markdown(
            f"This page is not for your role. It is for whoever is {who}. If your work needs it, ask the person who "
            "administers this site."
        )

    not_yours.__name__ = f"not_yours_{screen.path}"
    return not_yours
