"""People: who may use the program, and in which roles. For the administrator, who sees no report."""

import pandas as pd
import streamlit as st

from cs_geo.access.actor import Role
from cs_geo.store.people import Person
from cs_geo.ui.navigation import may_open
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.workflows.manage_people import end_roles, grant_roles, list_people, note_leaving


def named(person: Person) -> str:
    """What to call a person in a list."""
    return person.label or person.subject


def show_table(people: list[Person]) -> None:
    """Everybody, with what they hold now."""
    st.dataframe(
        pd.DataFrame(
            {
                "Who": [named(one) for one in people],
                "Roles": [", ".join(held.role.words for held in one.roles) or "none" for one in people],
                "Agency": [", ".join(sorted({held.agency for held in one.roles if held.agency})) for one in people],
                "Known since": [one.added_at.date() for one in people],
                "Left": [one.left_at.date() if one.left_at else None for one in people],
                "Vouched for by": [one.issuer for one in people],
                "Identifier there": [one.subject for one in people],
            }
        ),
        hide_index=True,
        column_config={
            "Known since": st.column_config.DateColumn(format="D MMMM YYYY"),
            "Left": st.column_config.DateColumn(format="D MMMM YYYY"),
        },
    )


def show_grant_form() -> None:
    """Let somebody in, or give somebody a further role."""
    with st.form("grant", clear_on_submit=True):
        st.subheader("Grant roles", anchor=False)
        issuer = st.text_input("Who vouches for them", help="The provider's address, as its sign-in states it.")
        subject = st.text_input(
            "Identifier there", help="What the person sees on the page that turns them away: they can copy it for you."
        )
        label = st.text_input("Post", help="What colleagues call the post, such as “coordinator, north”. No name.")
        agency = st.text_input("Agency")
        roles = st.multiselect("Roles", list(Role), format_func=lambda role: role.words.capitalize())
        if st.form_submit_button("Grant", type="primary"):
            with in_words():
                grant_roles(store(), actor(), issuer=issuer, subject=subject, roles=roles, label=label, agency=agency)
                st.rerun()


def show_end_form(people: list[Person]) -> None:
    """Take roles away, at once."""
    present = [one for one in people if one.left_at is None]
    if not present:
        return
    with st.form("end"):
        st.subheader("End roles", anchor=False)
        person = st.selectbox("Who", present, format_func=named)
        roles = st.multiselect("Roles to end", list(Role), format_func=lambda role: role.words.capitalize())
        has_left = st.checkbox("They have left: end every role")
        st.caption("It takes effect at whatever they do next. What they did stays written down.")
        if st.form_submit_button("End"):
            with in_words():
                if has_left:
                    note_leaving(store(), actor(), person.person_id)
                else:
                    end_roles(store(), actor(), person.person_id, roles)
                st.rerun()


st.title("People", anchor=False)
if may_open(actor(), "links.py"):
    st.page_link("screens/links.py", label="Reporting links of premises without an account")
with in_words():
    everybody = list(list_people(store(), actor()))
    if everybody:
        st.markdown("Who may use the program, and in which roles. Whoever has left stands last.")
        show_table(everybody)
    else:
        st.info("Nobody signs in here yet. Grant the first role below.")
    left, right = st.columns(2, gap="large")
    with left:
        show_grant_form()
    with right:
        show_end_form(everybody)
