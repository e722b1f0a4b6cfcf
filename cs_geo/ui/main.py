"""The app's pages: one script that Streamlit runs at every visit, which names the pages and who is signed in."""

from pathlib import Path

import streamlit as st

from cs_geo.ui.widgets.session import show_who

PAGES = Path(__file__).parent / "pages"

st.set_page_config(page_title="cs_geo", layout="wide", initial_sidebar_state="collapsed")
page = st.navigation(
    [
        st.Page(PAGES / "home.py", title="Home", url_path="home", default=True),
        st.Page(PAGES / "map.py", title="Map", url_path="map"),
        st.Page(PAGES / "reports.py", title="Reports", url_path="reports"),
        st.Page(PAGES / "places.py", title="Places", url_path="places"),
        st.Page(PAGES / "export.py", title="Export", url_path="export"),
        st.Page(PAGES / "import_reports.py", title="Import a file", url_path="import", visibility="hidden"),
        st.Page(PAGES / "add_report.py", title="Add a report", url_path="add", visibility="hidden"),
        st.Page(PAGES / "review_locations.py", title="Review locations", url_path="review", visibility="hidden"),
    ],
    position="top",
)
show_who()
page.run()
