"""Long work as it goes: how far it is, a way to stop it, and what came of it. It can be left and come back to."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import streamlit as st

from cs_geo.store.jobs import Job
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.report_words import moment_in_words
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.run_jobs import cancel_job, list_jobs

TITLES = {
    "import": "Import",
    "find_hotspots": "Finding hotspots",
    "defend_hotspots": "Testing against chance",
    "raise_alarms": "Looking for what is new since last week",
    "export": "Export",
    "release": "Export",
    "preview_release": "Checking tables for the public",
    "geocode_again": "Trying the geocoder again",
}
STATES = {
    "waiting": "waiting for its turn",
    "running": "under way",
    "done": "done",
    "refused": "refused",
    "cancelled": "stopped",
    "failed": "failed",
}
UNITS = {"defend_hotspots": "runs"}
"""What progress counts, where it is not rows."""
LOOK_EVERY = "2s"
SHOWN_FOR = timedelta(days=1)
"""How long finished work stays on the page; what an upload left is deleted after as long."""
LOOKED_AT = 20
PUT_AWAY = "jobs_put_away"
ShowResult = Callable[[Job], None]
Keep = Callable[[Sequence[Job]], list[Job]]
"""Leaves out jobs of which nothing more is to be said."""


def show_jobs(
    kinds: Sequence[str],
    show_result: ShowResult,
    *,
    limit: int = 3,
    heading: str = "Work under way and done",
    keep: Keep = list,
) -> None:
    """Draw the newest jobs of some kinds; nothing where there are none. While one runs, it is looked at again."""
    jobs = _mine(kinds, limit, keep)
    if not jobs:
        return
    st.subheader(heading, anchor=False)
    running = any(not job.is_over for job in jobs)

    @st.fragment(run_every=LOOK_EVERY if running else None)
    def draw() -> None:
        # Drawn again by itself, without the rest of the page, it has only these words for a fault.
        with in_words():
            present = _mine(kinds, limit, keep)
            if running and all(job.is_over for job in present):
                st.rerun()
            for job in present:
                _show(job, show_result)

    draw()


def job_title(job: Job) -> str:
    """What a job is about, with the files or the source it names."""
    title = TITLES.get(job.kind, job.kind)
    if job.kind == "import":
        title = "Check" if job.arguments.get("dry_run") else title
        return escape_text(f"{title} of {', '.join(job.arguments['names'])} from {job.arguments['source']}")
    return title


def _mine(kinds: Sequence[str], limit: int, keep: Keep) -> list[Job]:
    person = actor().person
    since = datetime.now(UTC) - SHOWN_FOR
    away = st.session_state.get(PUT_AWAY, set())
    mine = [job for job in list_jobs(store(), actor(), kinds, LOOKED_AT) if job.actor.get("person") == person]
    return [job for job in keep(mine) if not job.is_over or (job.created_at > since and job.job_id not in away)][:limit]


def _show(job: Job, show_result: ShowResult) -> None:
    with st.container(border=True):
        st.markdown(f"**{job_title(job)}**: {STATES[job.state]}")
        st.caption(f"Asked for on {moment_in_words(job.created_at)}.")
        if not job.is_over:
            _show_progress(job)
        elif job.state == "done":
            show_result(job)
        elif job.state == "cancelled":
            st.info(job.message or "Stopped as asked. Nothing was changed.")
        else:
            show_refusal(job.message)
        if job.is_over and st.button("Put away", key=f"away_{job.job_id}", type="tertiary"):
            st.session_state.setdefault(PUT_AWAY, set()).add(job.job_id)
            st.rerun()


def _show_progress(job: Job) -> None:
    if job.cancel_requested:
        st.caption("Stopping …")
    elif job.state == "running":
        of = f" of {job.total_n:,}" if job.total_n else ""
        done = f": {job.done_n:,}{of} {UNITS.get(job.kind, 'rows')}" if job.done_n else ""
        text = f"{escape_text(job.doing or 'Beginning')}{done}. You can leave this page; the work goes on."
        if job.total_n:
            st.progress(min(job.done_n / job.total_n, 1.0), text=text)
        else:
            st.markdown(text)
    else:
        st.caption("It begins as soon as the work before it is done. You can leave this page.")
    if st.button("Stop it", key=f"cancel_{job.job_id}", disabled=job.cancel_requested):
        cancel_job(store(), actor(), job.job_id)
        st.rerun()
