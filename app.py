"""The ASGI application of a checkout: ``streamlit run app.py`` or ``uvicorn app:app``.

An installed wheel serves the same by ``cs-geo serve`` (``cs_geo.serving``).
"""

import streamlit as st

from cs_geo.serving import MAIN_PAGE, app_options

app = st.App(MAIN_PAGE, **app_options())
