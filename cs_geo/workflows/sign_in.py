"""From whoever a provider vouches for to the person acting here, with the roles they hold at this moment."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from cs_geo.access.actor import NOBODY, Actor, Role, tier_of
from cs_geo.errors import UserError
from cs_geo.store.audit import write_audit
from cs_geo.store.opening import Store
from cs_geo.store.people import HeldRole, find_known, last_seen, roles_of
from cs_geo.workflows.pace import SIGN_INS, keep_pace

SIGN_IN = "sign_in"
SIGN_OUT = "sign_out"


class NotKnown(UserError):
    """Somebody who signed in and holds no role here."""


def actor_of(store: Store, issuer: str, subject: str) -> Actor:
    """The person acting, from what the provider says and what the database holds now. Asked at every run of a page.

    Raises
    ------
    NotKnown
        If nobody is known here by that, or they hold no role.
    """
    with store.begin(NOBODY) as connection:
        known = find_known(connection, issuer, subject)
    if known is None or not known.roles:
        raise NotKnown(
            "You have signed in, and you have no role here yet. Ask the person who administers this site to add you, "
            "and give them the identifier shown on this page."
        )
    return _actor(known.person_id, known.roles)


def renewed(store: Store, person: str, roles: Iterable[Role]) -> Actor:
    """The person that a token or a job names, in those of the named roles that they still hold."""
    with store.begin(NOBODY) as connection:
        held = roles_of(connection, person)
    return _actor(person, held).acting_as(roles)


def still_signed_in(
    store: Store, actor: Actor, *, since: datetime, idle: timedelta, longest: timedelta, now: datetime
) -> bool:
    """Has the person's session neither lain idle too long nor lasted too long? Asking counts as doing something.

    Parameters
    ----------
    since
        When the provider signed the person in: a provider's cookie may outlast many sessions of ours.
    """
    with store.begin(actor) as connection:
        seen = last_seen(connection)
    last = max(since, seen) if seen else since
    return now - last <= idle and now - since <= longest


def note_sign_in(store: Store, actor: Actor, sign_in: str = "") -> None:
    """Write down that somebody has come in.

    Parameters
    ----------
    sign_in
        What tells this sign-in from another of the same person; empty where a proxy counts them. One sign-in opens any
        number of tabs.

    Raises
    ------
    TooOften
        If the person signs in again and again. Nobody has come in then.
    """
    if sign_in:
        keep_pace(store, actor, SIGN_INS, thing=sign_in)
    with store.begin(actor) as connection:
        write_audit(connection, SIGN_IN, "done")


def note_sign_out(store: Store, actor: Actor, reason: str) -> None:
    """Write down that somebody has gone, and why: by choice, idle or at the limit of a session."""
    with store.begin(actor) as connection:
        write_audit(connection, SIGN_OUT, "done", details={"reason": reason})


def note_stranger(store: Store, issuer: str, subject: str) -> None:
    """Write down that somebody without a role was turned away. Who they are is the provider's to know.

    Raises
    ------
    TooOften
        If they come again and again: that is written down once.
    """
    keep_pace(store, NOBODY, SIGN_INS, who=f"stranger {_digest(issuer, subject)}")
    with store.begin(NOBODY) as connection:
        write_audit(connection, SIGN_IN, "refused")


def _digest(issuer: str, subject: str) -> str:
    """Whose turns they are, without saying who they are."""
    return hashlib.blake2b(f"{issuer}\n{subject}".encode(), digest_size=16).hexdigest()


def _actor(person: str, held: Iterable[HeldRole]) -> Actor:
    kept = tuple(held)
    roles = frozenset(one.role for one in kept)
    agencies = sorted({one.agency for one in kept if one.agency})
    return Actor(person, roles, tier_of(roles), agencies[0] if len(agencies) == 1 else "")
