"""The app's pages: one script that Streamlit runs at every visit, which asks who is there and names their pages.

The pages stand in ``screens``: a folder called ``pages`` beside this script would be taken by Streamlit for pages of
its own, and the first visitor to an address inside it would see them without navigation.
"""

import streamlit as st

from cs_geo.access.actor import Actor
from cs_geo.ui.navigation import FOLDER, screens_for, screens_not_for
from cs_geo.ui.widgets.not_yours import page_not_yours
from cs_geo.ui.widgets.session import arrive, in_words
from cs_geo.ui.widgets.signing_in import show_who


def run_page(person: Actor) -> None:
    """Draw the page that was asked for, of those that the person may open."""
    first, *others = screens_for(person)
    page = st.navigation(
        [
            st.Page(FOLDER / first.file, title=first.title, default=True),
            *(
                st.Page(
                    FOLDER / screen.file,
                    title=screen.title,
                    url_path=screen.path,
                    visibility="visible" if screen.is_heading_for(person) else "hidden",
                )
                for screen in others
            ),
            *(
                st.Page(page_not_yours(screen), title=screen.title, url_path=screen.path, visibility="hidden")
                for screen in screens_not_for(person)
            ),
        ],
        position="top",
    )
    show_who(person)
    page.run()


st.set_page_config(page_title="cs_geo", layout="wide", initial_sidebar_state="collapsed")
with in_words():
    run_page(arrive())
