"""The recent imports, each with its counts and a way to take it back."""

from uuid import UUID

import streamlit as st

from cs_geo.errors import UserError
from cs_geo.store.imports import ImportRecord
from cs_geo.store.landing import Undone
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.report_words import counted, moment_in_words
from cs_geo.ui.widgets.session import actor, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.undo_imports import kept_in_words, list_imports, undo_import

ASKED, SAID = "undo_asked", "undo_said"


def show_imports(key: str, *, limit: int = 5) -> None:
    """Draw the newest imports of files."""
    show_undo()
    imports = [one for one in list_imports(store(), actor(), 50) if one.files]
    if not imports:
        st.markdown("Nothing has been imported yet. Begin with **Import a file**; it is checked before it is kept.")
        return
    for one in imports[:limit]:
        _show(one, key)
    if len(imports) > limit:
        with st.expander(f"Earlier imports ({len(imports) - limit})"):
            for one in imports[limit:]:
                _show(one, key)


def show_undo() -> bool:
    """Ask about an undo that was pressed, or say once what it did; whether one was done just now."""
    if ASKED in st.session_state:
        _ask()
    said = st.session_state.pop(SAID, None)
    if said:
        st.info(said)
    return bool(said)


def offer_undo(import_id: str, what: str, key: str, label: str = "Undo") -> None:
    """Draw the button that asks before an import is taken back; ``what`` says which, as Markdown."""
    if st.button(label, key=key, width="content"):
        st.session_state[ASKED] = (import_id, what)
        st.rerun()


def say_undone(undone: Undone) -> None:
    """Keep what an undo did, to be said at the next run."""
    begun = "It was undone in part" if undone.waiting else "It was undone"
    did = (
        f"{begun}: {counted(undone.withdrawn, 'record was', 'records were')} withdrawn and "
        f"{undone.restored:,} put back as before."
    )
    st.session_state[SAID] = " ".join(filter(None, (did, escape_text(kept_in_words(undone)))))


def _put_away() -> None:
    st.session_state.pop(ASKED, None)


@st.dialog("Undo this import?", on_dismiss=_put_away)
def _ask() -> None:
    import_id, what = st.session_state[ASKED]
    st.markdown(what)
    st.markdown(
        "What it brought is withdrawn, and what it changed is put back as it was. "
        "Whatever a colleague has edited since stays, and you will be told which. "
        "Where a later import has changed the same reports, undo that one first."
    )
    yes, no = st.columns(2)
    if yes.button("Undo the import", type="primary", width="stretch", key="undo_yes"):
        try:
            say_undone(undo_import(store(), actor(), UUID(import_id)))
        except UserError as refusal:
            show_refusal(refusal)
            return
        _put_away()
        st.rerun()
    if no.button("Keep it", width="stretch", key="undo_no"):
        _put_away()
        st.rerun()


def _show(one: ImportRecord, key: str) -> None:
    records = "sessions" if one.record == "effort" else "reports"
    files = escape_text(", ".join(one.files[:3])) + (f" and {len(one.files) - 3} more" if len(one.files) > 3 else "")
    counts = (
        f"{one.created:,} new {records}, {one.updated:,} changed, {one.duplicate:,} here already, "
        f"{one.rejected:,} rejected, of {counted(one.read, 'row')}"
    )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(width="stretch", gap=None):
            st.markdown(f"**{escape_text(one.source)}** · {moment_in_words(one.started_at)}")
            st.caption(f"{files}: {counts}")
        if one.state == "undone":
            st.caption("Undone")
        else:
            what = f"**{escape_text(one.source)}**, {files}: {counts}."
            offer_undo(str(one.import_id), what, f"{key}_undo_{one.import_id}")
