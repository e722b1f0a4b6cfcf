"""The page of the test application; ``?view=`` chooses what it shows."""

import service
import streamlit as st

st.set_page_config(layout="wide", page_title="Map")
service.count_run()

match st.query_params.get("view", "map"):
    case "names":
        import view_of_names

        view_of_names.show()
    case "sinks":
        import view_of_sinks

        view_of_sinks.show()
    case _:
        import view_of_map

        view_of_map.show()
