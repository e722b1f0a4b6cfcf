"""Who is at the page: the person of this machine, or whoever a provider or a proxy vouches for.

Asked at every run of a page, and answered from the roles that stand in the database at that moment. Who may not come
in sees the door, and nothing of the page behind it.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import streamlit as st

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, Tier, tier_of
from cs_geo.settings import SignIn, get_settings
from cs_geo.store.opening import Store
from cs_geo.web.identity import by_proxy
from cs_geo.workflows.sign_in import (
    NotKnown,
    actor_of,
    note_sign_in,
    note_sign_out,
    note_stranger,
    still_signed_in,
)

CAME_IN, LOCAL_ROLES, ROLES_CHOSEN = "came_in", "local_roles", "local_roles_chosen"
TIER_WORDS = {"internal": "Exact locations", "partner": "Counts by area", "public": "No reports"}
OWN_REPORTS = "Your own reports"


def who_is_here(open_store: Callable[[], Store]) -> Actor:
    """The person at this page. Draws the door and stops the run when there is none.

    The store is opened only where it is asked: in local mode, what needs no database works without one.
    """
    sign_in = get_settings().sign_in
    if sign_in is SignIn.LOCAL:
        return _act_locally(st.session_state.get(LOCAL_ROLES, LOCAL_ACTOR.roles))
    identity = _by_proxy() if sign_in is SignIn.PROXY else _by_provider()
    if identity is None:
        _show_door(sign_in)
        st.stop()
    issuer, subject, since = identity
    store = open_store()
    try:
        actor = actor_of(store, issuer, subject)
    except NotKnown as stranger:
        if st.session_state.get(CAME_IN) != "stranger":
            note_stranger(store, issuer, subject)
            st.session_state[CAME_IN] = "stranger"
        _show_stranger(stranger, subject)
        st.stop()
    settings = get_settings()
    is_in = still_signed_in(
        store,
        actor,
        since=since,
        idle=timedelta(minutes=settings.idle_minutes),
        longest=timedelta(hours=settings.session_hours),
        now=datetime.now(UTC),
    )
    if not is_in and sign_in is SignIn.OIDC:
        note_sign_out(store, actor, "time")
        st.session_state.clear()
        st.logout()
        st.stop()
    if st.session_state.get(CAME_IN) != actor.person:
        st.session_state.clear()  # nothing that another person chose in this tab is left
        note_sign_in(store, actor, _this_sign_in())
        st.session_state[CAME_IN] = actor.person
    return actor


def show_who(actor: Actor) -> None:
    """Say who is acting, in which roles and at which level of disclosure; let the person change or leave."""
    roles = ", ".join(sorted(role.words for role in actor.roles)) or "nobody in particular"
    is_contributor = actor.tier is Tier.PUBLIC and actor.holds(Role.CONTRIBUTOR)
    level = f"{OWN_REPORTS if is_contributor else TIER_WORDS[actor.tier]} ({actor.tier} tier)."
    sign_in = get_settings().sign_in
    if sign_in is SignIn.LOCAL:
        said = f"Local mode: one person on this machine, as {roles}. {level}"
        with st.popover(said, type="tertiary", help="Act in other roles", width="content"):
            st.multiselect(
                "Act as",
                list(Role),
                default=sorted(actor.roles),
                format_func=lambda role: role.words.capitalize(),
                key=ROLES_CHOSEN,
                on_change=_keep_roles,
            )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Signed in as {roles}. {level}", width="stretch")
        if sign_in is SignIn.OIDC and st.button("Sign out", type="tertiary"):
            st.session_state.clear()
            st.logout()
            st.stop()


def _keep_roles() -> None:
    # A field's own answer is forgotten when another page is opened from within one, and with it more would be seen.
    st.session_state[LOCAL_ROLES] = st.session_state[ROLES_CHOSEN]


def _act_locally(roles: Iterable[Role]) -> Actor:
    held = frozenset(roles)
    return Actor(LOCAL_ACTOR.person, held, tier_of(held))


def _by_provider() -> tuple[str, str, datetime] | None:
    if not st.user.is_logged_in:
        return None
    issued = st.user.get("iat")
    since = datetime.fromtimestamp(int(issued), UTC) if isinstance(issued, int | float) else datetime.min
    return str(st.user.get("iss", "")), str(st.user.get("sub", "")), since.replace(tzinfo=UTC)


def _this_sign_in() -> str:
    """What tells this sign-in from another of the same person: when, and the provider's word for it."""
    if get_settings().sign_in is not SignIn.OIDC:
        return ""  # a proxy vouches anew with every page, and limits its own sign-ins
    return f"{st.user.get('iat', '')} {st.user.get('nonce', '')}"


def _by_proxy() -> tuple[str, str, datetime] | None:
    found = by_proxy(dict(st.context.headers), get_settings())
    return (found.issuer, found.subject, found.since) if found else None


def _show_door(sign_in: SignIn) -> None:
    st.title("cs_geo", anchor=False)
    st.markdown("Reports about places, for those who make them safer.")
    if sign_in is SignIn.OIDC:
        if st.button("Sign in", type="primary"):
            st.login()
        return
    st.warning(
        "This page was not opened through your organisation's sign-in, or that has run out. Use the address your "
        "organisation gave you, or load the page again."
    )


def _show_stranger(stranger: NotKnown, subject: str) -> None:
    st.title("You have no role here yet", anchor=False)
    st.markdown(str(stranger))
    st.code(subject, language=None)
    if get_settings().sign_in is SignIn.OIDC and st.button("Sign out"):
        st.logout()
