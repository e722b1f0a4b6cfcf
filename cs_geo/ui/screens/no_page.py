"""Welcome: what somebody sees whose roles open no page yet."""

import streamlit as st

from cs_geo.ui.widgets.session import actor

roles = " and ".join(sorted(role.words for role in actor().roles)) or "nobody in particular"
st.title("Nothing to open yet", anchor=False)
st.markdown(
    f"You are here as {roles}. This version has no page for that. If you need to see reports or to hand in one, ask "
    "the person who administers this site which role fits your work."
)
