"""Home: what is new since last week in plain counts, and what needs a person."""

import streamlit as st

from cs_geo.dates import format_day
from cs_geo.maps.captions import NO_REPORTS, count_text
from cs_geo.reports.report import Kind
from cs_geo.ui.widgets.dangers import show_dangers
from cs_geo.ui.widgets.filters import name_of
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.workflows.look_at_home import HomeSummary, summarise_home

KIND_NAMES = {
    Kind.INCIDENT: "Incidents",
    Kind.CONCERN: "Concerns",
    Kind.OUTREACH: "Outreach notes",
    Kind.STRENGTH: "Strengths",
}


def show_welcome(summary: HomeSummary) -> None:
    """What to do first on a site that has no reports yet."""
    st.markdown(
        "This is where reports from every partner come together by place, so that the place can change and not the "
        "child. There are no reports here yet."
    )
    if summary.missing:
        st.markdown(f"Before the first import, have {', '.join(summary.missing)} loaded: the guide says how.")
    st.page_link("screens/import_reports.py", label="Import the first file", icon=None)


def show_arrivals(summary: HomeSummary) -> None:
    """Reports that arrived in the last week, kinds apart."""
    st.subheader("New since last week", anchor=False)
    since = format_day(summary.arrived_since.date())
    if not summary.arrivals:
        st.markdown(f"Since {since}: {NO_REPORTS[0].lower()}{NO_REPORTS[1:]}")
        return
    totals = {kind: sum(row["reports_n"] for row in summary.arrivals if row["kind"] == kind) for kind in KIND_NAMES}
    for column, (kind, total) in zip(st.columns(len(totals)), totals.items(), strict=True):
        column.metric(KIND_NAMES[kind], f"{total:,}")
    st.markdown(f"Reports that arrived since {since}, by who noticed:")
    sources = sorted({row["source_type"] for row in summary.arrivals})
    found = {(row["source_type"], row["kind"]): row["reports_n"] for row in summary.arrivals}
    st.dataframe(
        {
            "Source": [name_of("source_type", source) or "Not said" for source in sources],
            **{name: [found.get((source, str(kind)), 0) for source in sources] for kind, name in KIND_NAMES.items()},
        },
        hide_index=True,
    )


def show_work(summary: HomeSummary) -> None:
    """What waits for a person."""
    st.subheader("Needs a person", anchor=False)
    in_danger = show_dangers()
    waiting = summary.unmatched + summary.doubtful + summary.doubted
    if waiting:
        st.markdown(
            f"**{count_text(waiting, 'location')} to review**: {summary.unmatched:,} without a point, "
            f"{summary.doubtful:,} doubtful, {summary.doubted:,} said to be in the wrong place."
        )
        st.page_link("screens/review_locations.py", label="Review locations")
    for row in summary.to_mend:
        st.markdown(
            f"**{count_text(row['rows_n'], 'rejected row')}** from {row['source']} to mend and import again; the sheet "
            f"is deleted on {format_day(row['expires_at'].date())}."
        )
    if summary.to_mend:
        st.page_link("screens/reports.py", label="Open the imports")
    for what in summary.missing:
        st.markdown(f"**Not loaded yet:** {what}. Ask whoever looks after the site.")
    if not (in_danger or waiting or summary.to_mend or summary.missing):
        st.markdown("Nothing waits for you. Every report has a place, and every row was taken.")


st.title("Home", anchor=False)
with in_words():
    home = summarise_home(store(), actor())
    if not home.reports:
        show_welcome(home)
    else:
        left, right = st.columns([6, 4], gap="large")
        with left:
            show_arrivals(home)
        with right:
            show_work(home)
