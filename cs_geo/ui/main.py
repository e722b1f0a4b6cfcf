"""The app's pages: one script that Streamlit runs at every visit, which names the pages and who is signed in.

The pages stand in ``screens``: a folder called ``pages`` beside this script would be taken by Streamlit for pages of
its own, and the first visitor to an address inside it would see them without navigation.
"""

from pathlib import Path

import streamlit as st

from cs_geo.ui.widgets.session import in_words, show_who

SCREENS = Path(__file__).parent / "screens"

st.set_page_config(page_title="cs_geo", layout="wide", initial_sidebar_state="collapsed")
page = st.navigation(
    [
        st.Page(SCREENS / "home.py", title="Home", default=True),
        st.Page(SCREENS / "map.py", title="Map", url_path="map"),
        st.Page(SCREENS / "reports.py", title="Reports", url_path="reports"),
        st.Page(SCREENS / "places.py", title="Places", url_path="places"),
        st.Page(SCREENS / "export.py", title="Export", url_path="export"),
        st.Page(SCREENS / "import_reports.py", title="Import a file", url_path="import", visibility="hidden"),
        st.Page(SCREENS / "add_report.py", title="Add a report", url_path="add", visibility="hidden"),
        st.Page(SCREENS / "review_locations.py", title="Review locations", url_path="review", visibility="hidden"),
    ],
    position="top",
)
show_who()
with in_words():
    page.run()
