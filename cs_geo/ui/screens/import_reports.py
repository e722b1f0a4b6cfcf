"""Importing a partner's file: upload, map its columns, check every row, then keep it. Nothing is kept before that."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cs_geo.errors import UserError
from cs_geo.settings import get_settings
from cs_geo.store.jobs import Job
from cs_geo.ui.widgets.import_list import offer_undo, show_undo
from cs_geo.ui.widgets.job_list import show_jobs
from cs_geo.ui.widgets.mapping_form import Mapped, Sheet, choose_mapping
from cs_geo.ui.widgets.outcome import sentence, show_outcome, show_reject_sheet
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.session import actor, store
from cs_geo.ui.widgets.source_field import choose_source
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.choose_mapping import list_profiles, look_into
from cs_geo.workflows.import_reports import ImportRequest, import_files, page_limits
from cs_geo.workflows.imported import ImportOutcome
from cs_geo.workflows.private_files import drop_uploads, keep_upload
from cs_geo.workflows.run_jobs import start_job
from cs_geo.workflows.undo_imports import is_undone

ENDINGS = ["csv", "tsv", "txt", "xlsx", "xls", "ods", "zip", "gz"]
PACKED = (".xlsx", ".ods", ".zip", ".gz")
LARGE_BYTES = 2 * 1024 * 1024
LARGE_ROWS = 5_000
"""More than this takes over ten seconds: it becomes a job, which can be left and come back to."""
UNPACKED_TIMES = 8
"""How much larger packed tables are, about, when they are unpacked."""


def show_page() -> None:
    """Draw the page."""
    st.page_link("screens/reports.py", label="Back to reports")
    st.title("Import a file", anchor=False)
    show_undo()
    _show_receipt()
    st.markdown(
        "CSV, Excel, OpenDocument, or a zip of them. Every row is checked first, and ends as new, changed, here "
        "already or rejected with its reason. Nothing is kept until you press *Import*."
    )
    try:
        _show_steps()
    except UserError as refusal:
        show_refusal(refusal)
    show_jobs(("import",), _show_job_result, heading="Large files under way and done", keep=_without_used_checks)


def _show_steps() -> None:
    turn = st.session_state.setdefault("import_turn", 0)
    uploads = st.file_uploader("Files", type=ENDINGS, accept_multiple_files=True, key=f"import_files_{turn}")
    source = choose_source(f"import_source_{turn}")
    if not uploads:
        return
    sheet = _sheet_of(uploads[0])
    st.subheader("What the columns mean", anchor=False)
    mapped = choose_mapping(sheet, list_profiles(store(), actor()), source=source)
    if mapped is None:
        return
    if not source:
        st.info("Say who sent it to go on to the check.")
        return
    asked = (tuple(upload.file_id for upload in uploads), source, mapped)
    checked = st.session_state.get("import_checked")
    if checked and checked[0] != asked:
        checked = None
    if st.button("Check", type="secondary" if checked else "primary", key="import_check"):
        checked = _check(uploads, source, mapped, asked)
    if checked:
        _show_checked(checked, uploads, source, mapped)


def _sheet_of(upload: UploadedFile) -> Sheet:
    """The head and first rows of an upload, read once."""
    held: Sheet | None = st.session_state.get("import_sheet")
    if held is None or held.mark != upload.file_id:
        path = keep_upload(upload.getbuffer())
        try:
            table, rows = look_into(path, page_limits(get_settings()), name=upload.name)
        finally:
            drop_uploads([path])
        held = Sheet(tuple(table.columns), tuple(rows), upload.file_id)
        st.session_state.import_sheet = held
    return held


def _check(uploads: Sequence[UploadedFile], source: str, mapped: Mapped, asked: object) -> Any:
    """Do everything but keep it. A large file is checked as a job, which stands in the list below."""
    if _is_large(uploads):
        _start(uploads, source, mapped, dry_run=True)
        return None
    outcome = _run(uploads, source, mapped, dry_run=True)
    st.session_state.import_checked = (asked, outcome.to_json(), outcome.rejects)
    return st.session_state.import_checked


def _show_checked(checked: Any, uploads: Sequence[UploadedFile], source: str, mapped: Mapped) -> None:
    _, outcome, rejects = checked
    with st.container(border=True):
        st.subheader("What would happen", anchor=False)
        show_outcome(outcome, rejects)
    if not outcome["created"] + outcome["updated"]:
        st.info(
            "There is nothing in these files to keep." + (" Mend the rejected rows." if outcome["rejected"] else "")
        )
        return
    if st.button("Import", type="primary", key="import_now"):
        if _is_large(uploads, outcome["read"]):
            _start(uploads, source, mapped, dry_run=False)
        done = _run(uploads, source, mapped, dry_run=False)
        st.session_state.import_receipt = done.to_json()
        _begin_anew()


def _run(uploads: Sequence[UploadedFile], source: str, mapped: Mapped, *, dry_run: bool) -> ImportOutcome:
    bar = st.progress(0.0, text="Reading …")

    def say(doing: str, done: int, total: int | None) -> None:
        bar.progress(done / total if total else 0.5, text=f"{escape_text(doing)}: {done:,} rows")

    paths = [keep_upload(upload.getbuffer()) for upload in uploads]
    try:
        return import_files(
            store(),
            actor(),
            ImportRequest(
                tuple(paths),
                source,
                mapping=mapped.name,
                kind=mapped.kind,
                dry_run=dry_run,
                names=tuple(upload.name for upload in uploads),
            ),
            limits=page_limits(get_settings()),
            progress=say,
        )
    finally:
        drop_uploads(paths)
        bar.empty()


def _start(uploads: Sequence[UploadedFile], source: str, mapped: Mapped, *, dry_run: bool) -> None:
    """Hand the files to a worker; the list below says how far it is."""
    paths = [keep_upload(upload.getbuffer()) for upload in uploads]
    arguments = {
        "files": [path.name for path in paths],
        "names": [upload.name for upload in uploads],
        "source": source,
        "mapping": mapped.name,
        "kind": mapped.kind,
        "dry_run": dry_run,
    }
    try:
        start_job(store(), actor(), "import", arguments)
    except BaseException:
        drop_uploads(paths)
        raise
    _begin_anew()


def _begin_anew() -> None:
    """An empty form; the receipt or the job says what became of the last one."""
    st.session_state.import_turn += 1
    for name in ("import_checked", "import_sheet"):
        st.session_state.pop(name, None)
    st.rerun()


def _is_large(uploads: Sequence[UploadedFile], rows: int = 0) -> bool:
    size = sum(up.size * (UNPACKED_TIMES if up.name.lower().endswith(PACKED) else 1) for up in uploads)
    return size > LARGE_BYTES or rows > LARGE_ROWS


def _show_receipt() -> None:
    outcome = st.session_state.get("import_receipt")
    if outcome and is_undone(store(), actor(), UUID(outcome["import_id"])):
        st.session_state.pop("import_receipt")
        return
    if not outcome:
        return
    with st.container(border=True):
        st.subheader(f"Imported from {escape_text(outcome['source'])}", anchor=False)
        show_outcome(outcome)
        _show_next(outcome, "receipt")
        if st.button("Done", key="receipt_done"):
            st.session_state.pop("import_receipt")
            st.rerun()


def _show_next(outcome: Mapping[str, Any], key: str) -> None:
    """What can be done after an import: fetch what was rejected, place what was not found, take it back."""
    show_reject_sheet(outcome, f"{key}_rejects")
    with st.container(horizontal=True, vertical_alignment="center"):
        if outcome["location_problems"]:
            st.page_link("screens/review_locations.py", label="Review locations")
        what = f"**{escape_text(outcome['source'])}**: {sentence(outcome)}"
        offer_undo(outcome["import_id"], what, f"{key}_undo", "Undo this import")


def _without_used_checks(jobs: Sequence[Job]) -> list[Job]:
    """A check whose files are being imported, or have been, has done its work."""
    imported = {tuple(job.arguments["files"]) for job in jobs if not job.arguments["dry_run"]}
    return [job for job in jobs if not (job.arguments["dry_run"] and tuple(job.arguments["files"]) in imported)]


def _show_job_result(job: Job) -> None:
    outcome = job.result or {}
    if not job.arguments.get("dry_run"):
        if is_undone(store(), actor(), UUID(outcome["import_id"])):
            st.markdown("This import was undone.")
            return
        st.markdown(sentence(outcome))
        with st.expander("Details"):
            show_outcome(outcome)
        _show_next(outcome, f"job_{job.job_id}")
        return
    show_outcome(outcome)
    if outcome["created"] + outcome["updated"] and st.button("Import", type="primary", key=f"import_{job.job_id}"):
        start_job(store(), actor(), "import", {**job.arguments, "dry_run": False})
        st.rerun()


show_page()
