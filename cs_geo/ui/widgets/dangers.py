"""Children who may be in danger and for whom nobody has called: the first thing that needs a person."""

from uuid import UUID

import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.ui.widgets.contacts import show_contacts
from cs_geo.ui.widgets.filters import name_of
from cs_geo.ui.widgets.report_words import counted, moment_in_words, when_in_words
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.answer_dangers import UnansweredDanger, list_unanswered, record_call

ASKED = "danger_call_asked"


def show_dangers() -> bool:
    """Draw every report that waits for a call; whether there is one."""
    waiting = list_unanswered(store(), actor())
    if not waiting:
        return False
    if ASKED in st.session_state:
        _ask()
    st.warning(
        f"**A child may be in danger, and nobody has called yet**: {counted(len(waiting), 'report')}. "
        "Call now, then note it here."
    )
    for one in waiting:
        _show(one)
    with st.expander("Whom to call"), in_words():
        show_contacts()
    return True


def _show(one: UnansweredDanger) -> None:
    with st.container(border=True):
        st.markdown(f"**{one.reference}** · {name_of('kind', one.row['kind'])} · {when_in_words(one.row)}")
        if one.where:
            st.text(one.where)
        elif not one.can_be_opened:
            st.markdown("At a protected location, which is not named. Ask a data steward.")
        st.caption(f"Written on {moment_in_words(one.row['recorded_at'])}.")
        with st.container(horizontal=True):
            if one.can_be_opened and st.button("Open the report", key=f"danger_open_{one.report_id}"):
                st.session_state.reports_open = str(one.report_id)
                st.switch_page("screens/reports.py")
            if may(actor(), Action.ADD_REPORT) and st.button(
                "The call has been made", key=f"danger_called_{one.report_id}"
            ):
                st.session_state[ASKED] = (one.report_id, one.reference)
                st.rerun()


def _put_away() -> None:
    st.session_state.pop(ASKED, None)


@st.dialog("Has the call been made?", on_dismiss=_put_away)
def _ask() -> None:
    report_id, reference = st.session_state[ASKED]
    st.markdown(escape_text(f"{reference} then no longer waits here. The report keeps who noted the call, and when."))
    yes, no = st.columns(2)
    if yes.button("Yes, the call was made", width="stretch", key="danger_call_yes"):
        with in_words():
            record_call(store(), actor(), UUID(str(report_id)))
            _put_away()
            st.rerun()
    if no.button("Not yet", width="stretch", key="danger_call_no"):
        _put_away()
        st.rerun()
