"""Home: what is new since last week, beyond what the district's own reporting explains."""

import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.dates import format_day
from cs_geo.hotspots.chance_words import alarm_sentence
from cs_geo.maps.captions import KIND_WORDS
from cs_geo.reports.report import Kind
from cs_geo.ui.widgets.session import actor, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.look_at_map import today_here
from cs_geo.workflows.raise_alarms import is_due, read_latest_alarms
from cs_geo.workflows.run_jobs import list_jobs, start_job

JOB = "raise_alarms"
MEANING = (
    "A weekly look at places: what each usually has, and what the week had everywhere, is taken out. It says that "
    "reports came together, not that a place is dangerous; a new form or a new worker looks the same."
)


def show_alarms() -> None:
    """Say what the newest scan raised; ask for a new one where reports have changed since."""
    today = today_here()
    under_way = [job for job in list_jobs(store(), actor(), [JOB], 1) if not job.is_over]
    if not under_way and may(actor(), Action.FIND_HOTSPOTS) and is_due(store(), actor(), today):
        start_job(store(), actor(), JOB, {"until": today.isoformat()})
        under_way = list_jobs(store(), actor(), [JOB], 1)
    found = read_latest_alarms(store(), actor())
    if not found and not under_way:
        return
    st.subheader("More than usual reporting explains", anchor=False, help=MEANING)
    raised = [(alarms.scan, alarm) for alarms in found for alarm in alarms.raised]
    for scan, alarm in raised:
        one, many = KIND_WORDS[Kind(scan.kind)]
        st.markdown(
            "- "
            + escape_text(
                alarm_sentence(
                    what=one if alarm.counted_n == 1 else many,
                    where=alarm.label,
                    counted=alarm.counted_n,
                    expected=alarm.expected_n,
                    days=alarm.days_n,
                    as_strong=alarm.as_strong_n,
                    maps=scan.maps_n,
                )
            )
        )
    if found and not raised:
        st.markdown(
            "Nothing beyond what each place and each week usually has. This does not mean that no harm took place."
        )
    if found:
        until = max(alarms.scan.until for alarms in found)
        undated = sum(alarms.scan.undated_n for alarms in found)
        left_out = f" {undated:,} reports known only by their month take no part." if undated else ""
        st.caption(f"Reports up to {format_day(until)}.{left_out}")
    if under_way:
        st.caption("A new look is under way; it takes a few seconds. Open this page again to see it.")
