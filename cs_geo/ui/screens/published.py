"""Published tables: what anybody may have, as it was released."""

import pandas as pd
import streamlit as st

from cs_geo.dates import format_day, format_window
from cs_geo.disclosure.rules import RULES, quarter_end
from cs_geo.maps.captions import KIND_WORDS, NOT_ALL_HARM
from cs_geo.reports.report import Kind
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.look_at_given import read_published

LEVELS = {"district": "District", "ward": "Ward", "lsoa": "LSOA"}
ALL = "all"
NOTHING_YET = (
    "No table is published yet. Tables for the public are fixed: reports of one kind in one quarter, by area and group "
    "of harms, a month after the quarter at the earliest. A data steward releases them on the page Export."
)


def show_page() -> None:
    """Draw the page."""
    st.title("Published tables", anchor=False)
    with in_words():
        tables = read_published(store(), actor())
        if tables.empty:
            st.markdown(NOTHING_YET)
            return
        st.markdown("What anybody may have, as it was released. Late reports are not added to a table that is out.")
        _show_table(tables)


def _show_table(tables: pd.DataFrame) -> None:
    row = st.container(horizontal=True)
    quarters = sorted(set(tables["quarter"]), reverse=True)
    quarter = row.selectbox(
        "Quarter", quarters, format_func=lambda day: format_window(day, quarter_end(day)), key="published_quarter"
    )
    found = tables[tables["quarter"] == quarter]
    kinds = [kind for kind in KIND_WORDS if (found["kind"] == kind).any()]
    kind = row.selectbox(
        "Kind of report", kinds, format_func=lambda one: KIND_WORDS[one][1].capitalize(), key="published_kind"
    )
    found = found[found["kind"] == kind]
    levels = [level for level in LEVELS if (found["level"] == level).any()]
    level = row.selectbox("By", levels, format_func=LEVELS.__getitem__, key="published_level")
    found = found[found["level"] == level]
    _show_counts(found, Kind(kind), level)


def _show_counts(found: pd.DataFrame, kind: Kind, level: str) -> None:
    areas = found["name"].where(found["area"] != ALL, "All areas")
    groups = found["harm_group"].str.replace("_", " ").str.capitalize().where(found["harm_group"] != ALL, "All harms")
    wide = found.assign(area_name=areas, group=groups).pivot(
        index=["area", "area_name"], columns="group", values="reports"
    )
    totals = [name for name in ("All harms",) if name in wide.columns]
    wide = wide[[*totals, *(name for name in wide.columns if name not in totals)]]
    wide = wide.sort_index(key=lambda index: index.where(index != ALL, "") if index.name == "area" else index)
    shown = wide.reset_index().drop(columns="area").rename(columns={"area_name": LEVELS[level]})
    shown.columns.name = None
    st.dataframe(shown, hide_index=True, height="content" if len(shown) <= 15 else 560)
    released = format_day(min(found["released_on"]))
    st.caption(
        escape_text(
            f"{KIND_WORDS[kind][1].capitalize()} reported, rounded to {RULES.rounded_to}. Released on {released}. "
            f"“suppressed”: from 1 to {RULES.suppressed_up_to}, or one that would give such a number away. "
            f"{NOT_ALL_HARM}"
        )
    )


show_page()
