"""Export: the location database of a selection as a file, with its caveats and its dictionary, handed over once."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from cs_geo.access.actor import Tier
from cs_geo.access.permissions import Action, may, require
from cs_geo.dates import format_window
from cs_geo.errors import UserError
from cs_geo.exports.tables import DICTIONARY
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings
from cs_geo.store.jobs import Job
from cs_geo.ui.navigation import may_open
from cs_geo.ui.widgets.filters import show_filters
from cs_geo.ui.widgets.handover import show_handover
from cs_geo.ui.widgets.job_list import show_jobs
from cs_geo.ui.widgets.purpose_field import Purpose, ask_purpose, choose_standing, settle_purpose
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.release_form import show_release_form
from cs_geo.ui.widgets.report_words import counted, kinds_in_words
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.export_files import ExportPreview, ReadyExport, export_to_file, hand_over, preview_export
from cs_geo.workflows.find_hotspots import run_hotspots
from cs_geo.workflows.look_at_map import window_of_reports
from cs_geo.workflows.run_jobs import start_job

LARGE_ROWS = 20_000
"""More reports than this are written by a worker."""
FORMATS = {
    ".gpkg": "GeoPackage: all tables in one file, for QGIS or ArcGIS",
    ".xlsx": "Excel: all tables as sheets, without shapes",
    ".csv": "CSV: a file for each table, zipped",
    ".geojson": "GeoJSON: a file for each table, zipped",
    ".parquet": "GeoParquet: a file for each table, zipped",
    ".zip": "All of these in one zip",
}
TIERS = {
    Tier.INTERNAL: "Internal: exact locations, for the team that may see them",
    Tier.PARTNER: "Partner: counts by cells of 50 m, and hotspots; no single report",
    Tier.PUBLIC: "Public: tables by area and quarter, with small numbers left out",
}


def show_page() -> None:
    """Draw the page."""
    st.title("Export", anchor=False)
    st.markdown(
        "What is known of locations as a file, for those who may have it. Every file carries its caveats and says what "
        "each column means, and every export is recorded."
    )
    with in_words():
        require(actor(), Action.EXPORT)
        tier = st.radio("For whom", list(TIERS), format_func=TIERS.__getitem__, key="export_tier")
        with in_words():
            if tier is Tier.INTERNAL:
                _show_form()
            else:
                show_release_form(tier, FORMATS, _today())
                if tier is Tier.PARTNER:
                    st.page_link("screens/partner_map.py", label="What each partner sees of what was released")
                else:
                    st.page_link("screens/published.py", label="The tables that are published")
        _show_ready()
        show_jobs(("export", "release", "preview_release"), _show_job_result, limit=2, heading="Large exports")


def _show_form() -> None:
    if window_of_reports(store(), actor()) is None and not preview_export(store(), actor(), Selection()).places:
        st.markdown("There is nothing to export yet. Import a file or register a place first.")
        if may_open(actor(), "import_reports.py"):
            st.page_link("screens/import_reports.py", label="Import a file")
        return
    selection = show_filters("export").selection
    preview = preview_export(store(), actor(), selection)
    _show_preview(preview, selection)
    _offer_hotspots(preview, selection)
    standing = choose_standing(Tier.INTERNAL)
    with st.form("export_form", border=False):
        ending = st.selectbox("Format", list(FORMATS), format_func=FORMATS.__getitem__, key="export_format", width=480)
        purpose = ask_purpose(
            Tier.INTERNAL, standing, key="export_purpose", placeholder="Such as: map for the December panel"
        )
        asked = st.form_submit_button("Export", type="primary", disabled=not preview.reports and not preview.places)
    if asked:
        _export(ending, selection, purpose, preview)


def _show_preview(preview: ExportPreview, selection: Selection) -> None:
    kinds = kinds_in_words(preview.counts.by_kind) or "No reports"
    protected = preview.counts.protected
    window = format_window(selection.since, selection.until)
    located = f"; {preview.located:,} of {preview.reports:,} are located" if preview.reports else ""
    st.markdown(
        f"**{kinds}**, {window}{located}. "
        f"With them: {counted(preview.places, 'place')}, {counted(preview.sessions, 'effort session')}, "
        f"**{counted(preview.hotspots, 'hotspot')}** of {counted(preview.runs, 'run')}."
        + (f" {counted(protected, 'report')} at protected locations stay out." if protected else "")
    )
    with st.expander("What travels inside"):
        for caveat in preview.caveats:
            st.markdown(f"- {escape_text(caveat)}")
    with st.expander("Columns"):
        table = st.segmented_control(
            "Table", list(DICTIONARY), default="reports", required=True, format_func=str.capitalize, key="export_table"
        )
        columns = DICTIONARY[table or "reports"]
        st.dataframe(
            pd.DataFrame({"Column": list(columns), "What it means": list(columns.values())}),
            hide_index=True,
            width="stretch",
        )


def _offer_hotspots(preview: ExportPreview, selection: Selection) -> None:
    """Say beforehand that no hotspot would be in the file, and offer to find them."""
    if preview.hotspots or not preview.reports:
        return
    if preview.runs:
        st.info("Hotspots were looked for within these dates, and none was found.")
        return
    st.warning(
        "**The file would hold no hotspots.** Nobody has looked for any within exactly these dates and kinds; those on "
        "the map may be of other dates."
    )
    if may(actor(), Action.FIND_HOTSPOTS) and st.button("Find hotspots", key="export_find"):
        with st.spinner("Finding where reports are concentrated …", show_time=True):
            run_hotspots(store(), actor(), selection, HotspotParameters())
        st.rerun()


def _export(ending: str, selection: Selection, purpose: Purpose, preview: ExportPreview) -> None:
    if not purpose.words.strip():
        st.error("Say what the export is for. It is kept with the record of the export.")
        return
    standing = settle_purpose(Tier.INTERNAL, purpose)
    if preview.reports > LARGE_ROWS:
        arguments = {
            "ending": ending,
            "selection": selection.to_json(),
            "purpose": purpose.words,
            "standing": standing,
            "today": _today().isoformat(),
        }
        start_job(store(), actor(), "export", arguments)
        st.rerun()
    with st.spinner("Writing the location database …"):
        ready = export_to_file(
            store(),
            actor(),
            ending=ending,
            selection=selection,
            purpose=purpose.words,
            standing=standing,
            today=_today(),
        )
    st.session_state.export_ready = ready
    st.rerun()


def _show_ready() -> None:
    ready: ReadyExport | None = st.session_state.get("export_ready")
    if ready is None:
        return
    with st.container(border=True):
        _show_file(ready, "export_direct", lambda: st.session_state.pop("export_ready", None))


def _show_file(ready: ReadyExport, key: str, put_away: Callable[[], object] | None = None) -> None:
    rows = ", ".join(f"{number:,} {name}" for name, number in ready.rows.items())
    st.markdown(f"**{ready.file_name}** is written: {rows}. It is handed over once and then deleted here.")
    show_handover(key, "Get the file", lambda: _ticket(ready))
    if put_away and st.button("Done", key=f"{key}_done"):
        put_away()
        st.rerun()


def _ticket(ready: ReadyExport) -> str:
    return hand_over(store(), actor(), ready)


def _show_job_result(job: Job) -> None:
    if job.kind == "preview_release":
        st.caption("Choose these tables above to see what may be given.")
        return
    try:
        _show_file(ReadyExport(**(job.result or {})), f"export_{job.job_id}")
    except UserError as refusal:
        show_refusal(refusal)


def _today() -> date:
    return datetime.now(ZoneInfo(get_settings().zone)).date()


show_page()
