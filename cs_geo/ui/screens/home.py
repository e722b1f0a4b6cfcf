"""Home: what is new since last week in plain counts, and what needs a person."""

import streamlit as st

from cs_geo.dates import format_day
from cs_geo.maps.captions import count_text, quiet_text
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.ui.navigation import may_open
from cs_geo.ui.widgets.alarm_lines import show_alarms
from cs_geo.ui.widgets.anchors import show_unanchored
from cs_geo.ui.widgets.dangers import show_dangers
from cs_geo.ui.widgets.filters import keep_selection, name_of
from cs_geo.ui.widgets.inbox_line import show_inbox_line
from cs_geo.ui.widgets.report_words import kinds_in_words
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.ui.widgets.texts_line import show_texts_line
from cs_geo.workflows.look_at_home import HomeSummary, summarise_home

KIND_NAMES = {
    Kind.INCIDENT: "Incidents",
    Kind.CONCERN: "Concerns",
    Kind.OUTREACH: "Outreach notes",
    Kind.STRENGTH: "Strengths",
}
COUNT_PX = 160
"""Two counts side by side on a phone."""


def show_page() -> None:
    """Draw the page."""
    heading, ways = st.columns([3, 2], vertical_alignment="bottom")
    heading.title("Home", anchor=False)
    with ways, st.container(horizontal=True, horizontal_alignment="right"):
        _go_to("Add a report", "add_report", primary=True)
        _go_to("Import a file", "import_reports")
    with in_words():
        home = summarise_home(store(), actor())
        if not home.reports:
            _show_welcome(home)
            return
        left, right = st.columns([6, 4], gap="large")
        with left:
            _show_arrivals(home)
            show_alarms()
        with right:
            _show_work(home)


def _go_to(label: str, screen: str, *, primary: bool = False) -> None:
    if may_open(actor(), f"{screen}.py") and st.button(
        label, type="primary" if primary else "secondary", key=f"home_{screen}"
    ):
        st.switch_page(f"screens/{screen}.py")


def _show_welcome(summary: HomeSummary) -> None:
    """What to do first on a site that has no reports yet."""
    st.markdown(
        "This is where reports from every partner come together by place, so that the place can change and not the "
        "child. There are no reports here yet."
    )
    if summary.missing:
        st.markdown(
            "Before the first import, whoever looks after the site loads what locations are looked up in. "
            "Each is one command:"
        )
        st.markdown("\n".join(f"- {what}: `{command}`" for what, command in summary.missing.items()))


def _show_arrivals(summary: HomeSummary) -> None:
    """Reports of the last week, kinds apart, and what came in about earlier days."""
    st.subheader("New since last week", anchor=False)
    since = format_day(summary.since)
    lately = _totals(summary, "lately_n")
    if summary.newest and (quiet := quiet_text(summary.newest, summary.today)):
        st.info(quiet)
    elif not any(lately.values()):
        st.markdown(f"No reports of {since} or later were received. This does not mean that no harm took place.")
    if any(lately.values()):
        st.markdown(f"What happened on or after {since}:")
        with st.container(horizontal=True):
            for kind, total in lately.items():
                with st.container(width=COUNT_PX):
                    _show_count(summary, Kind(kind), total)
        _show_sources(summary)
    earlier = kinds_in_words(_totals(summary, "earlier_n"))
    if earlier:
        st.markdown(f"Also received since {since}, about earlier days: {earlier}.")


def _show_count(summary: HomeSummary, kind: Kind, total: int) -> None:
    st.metric(KIND_NAMES[kind], f"{total:,}")
    if total and st.button("Show these", key=f"home_{kind}", help=f"Open {KIND_NAMES[kind].lower()} as a table"):
        keep_selection(Selection(since=summary.since, until=summary.today, kinds=(kind,)))
        st.switch_page("screens/reports.py")


def _totals(summary: HomeSummary, count: str) -> dict[str, int]:
    return {kind: sum(row[count] for row in summary.arrivals if row["kind"] == kind) for kind in KIND_NAMES}


def _show_sources(summary: HomeSummary) -> None:
    found = {(row["source_type"], row["kind"]): row["lately_n"] for row in summary.arrivals}
    sources = sorted({row["source_type"] for row in summary.arrivals if row["lately_n"]})
    st.dataframe(
        {
            "Who noticed": [name_of("source_type", source) for source in sources],
            **{name: [found.get((source, str(kind)), 0) for source in sources] for kind, name in KIND_NAMES.items()},
        },
        hide_index=True,
        height="content",
    )


def _show_work(summary: HomeSummary) -> None:
    """What waits for a person."""
    st.subheader("Needs a person", anchor=False)
    in_danger = show_dangers()
    is_inbox_full = show_inbox_line()
    do_texts_wait = show_texts_line()
    is_unanchored = show_unanchored()
    waiting = summary.unmatched + summary.doubtful + summary.doubted
    if waiting:
        st.markdown(
            f"**{count_text(waiting, 'location')} to review**: {summary.unmatched:,} without a point, "
            f"{summary.doubtful:,} doubtful, {summary.doubted:,} said to be in the wrong place."
        )
    if summary.doubted_hotspots:
        number = count_text(summary.doubted_hotspots, "concentration")
        st.markdown(f"**{number}** of reports said to be drawn in the wrong place.")
    if waiting or summary.doubted_hotspots:
        _go_to("Review locations", "review_locations")
    for row in summary.to_mend:
        st.markdown(
            f"**{count_text(row['rows_n'], 'rejected row')}** from {row['source']} to mend and import again; the sheet "
            f"is deleted on {format_day(row['expires_at'].date())}."
        )
    if summary.to_mend:
        _go_to("Open the imports", "reports")
    for what in summary.missing:
        st.markdown(f"**Not loaded yet:** {what}. Ask whoever looks after the site.")
    waits = (in_danger, is_inbox_full, do_texts_wait, is_unanchored, waiting, summary.doubted_hotspots, summary.to_mend)
    if not any((*waits, summary.missing)):
        st.markdown("Nothing waits for you. Every report has a place, and every row was taken.")


show_page()
