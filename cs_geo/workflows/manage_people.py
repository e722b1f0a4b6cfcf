"""Who may use the program: people known by their provider, roles granted and ended."""

from collections.abc import Sequence

from sqlalchemy import Connection

from cs_geo.access.actor import Actor, Role
from cs_geo.access.permissions import Action
from cs_geo.errors import RefusedInput
from cs_geo.store import people as stored
from cs_geo.store.opening import Store
from cs_geo.store.people import Person
from cs_geo.workflows.recording import looked_at, recorded

LOCAL = "local"
"""Issuer of the person of this machine, whom no provider vouches for."""


def list_people(store: Store, actor: Actor) -> Sequence[Person]:
    """Everybody who may use the program, or once could."""
    with looked_at(store, actor, Action.MANAGE_PEOPLE) as connection:
        return [person for person in stored.list_people(connection) if person.issuer != LOCAL]


def grant_roles(
    store: Store, actor: Actor, *, issuer: str, subject: str, roles: Sequence[Role], label: str = "", agency: str = ""
) -> str:
    """Let somebody be known and grant them roles; their identifier.

    Raises
    ------
    RefusedInput
        If issuer or subject is missing.
    """
    issuer, subject = issuer.strip(), subject.strip()
    if not issuer or not subject or issuer == LOCAL:
        raise RefusedInput(
            "Say who vouches for the person (the provider's address, as its sign-in states it) and by which identifier "
            "it knows them (the claim “sub”)."
        )
    with recorded(store, actor, Action.MANAGE_PEOPLE) as recording:
        person = stored.add_person(
            recording.connection, issuer=issuer, subject=subject, label=label.strip(), actor=actor.person
        )
        granted = [
            str(role)
            for role in roles
            if stored.grant_role(recording.connection, person, role, agency=agency.strip(), actor=actor.person)
        ]
        recording.subject = person
        recording.details = {"granted": granted}
    return person


def end_roles(store: Store, actor: Actor, person: str, roles: Sequence[Role]) -> list[Role]:
    """End roles of a person; those that they held. It takes effect at whatever they do next.

    Raises
    ------
    RefusedInput
        If nobody would be left to grant roles.
    """
    with recorded(store, actor, Action.MANAGE_PEOPLE, subject=person) as recording:
        ended = [role for role in roles if stored.end_role(recording.connection, person, role, actor=actor.person)]
        _require_administrator(recording.connection, ended)
        recording.details = {"ended": [str(role) for role in ended]}
    return ended


def note_leaving(store: Store, actor: Actor, person: str) -> None:
    """Note that somebody has left: every role ends, and what they did stays written down."""
    with recorded(store, actor, Action.MANAGE_PEOPLE, subject=person, details={"left": True}) as recording:
        stored.mark_left(recording.connection, person, actor=actor.person)
        _require_administrator(recording.connection, [Role.ADMINISTRATOR])


def _require_administrator(connection: Connection, ended: Sequence[Role]) -> None:
    if Role.ADMINISTRATOR in ended and not stored.count_holders(connection, Role.ADMINISTRATOR):
        raise RefusedInput(
            "This is the only administrator: nobody could grant roles any more. Make somebody else administrator first."
        )
