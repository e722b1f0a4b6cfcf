"""Erasing a place of the register, and a person who used the program: a tombstone stays, and nothing else of them."""

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.errors import RefusedInput
from cs_geo.store import erasing as stored
from cs_geo.store.erasing import ErasedPlace
from cs_geo.store.opening import Store
from cs_geo.workflows.hold_records import require_reason
from cs_geo.workflows.recording import recorded

STAYS = {
    "hold": "“{name}” is under a legal hold and cannot be erased. See `cs-geo hold list`; ask whoever set it.",
    "case": "A case is about “{name}”. Cases are decisions, and are kept with the place that they are about.",
}


def erase_place(store: Store, actor: Actor, name: str, *, reason: str) -> ErasedPlace:
    """Erase a place by its name: names, aliases and every version of its boundary.

    Raises
    ------
    RefusedInput
        If there is no such place, it is under a legal hold, or a case is about it.
    UsageError
        If the reason is not on the list.
    """
    code = require_reason("erasure_reason", reason)
    with recorded(store, actor, Action.ERASE) as recording:
        connection = recording.connection
        place_id = stored.place_named(connection, name)
        if place_id is None:
            raise RefusedInput(f"No place is registered as “{name}”. Write it as it stands in the register.")
        if stays := stored.why_place_stays(connection, place_id):
            raise RefusedInput(STAYS[stays].format(name=name))
        erased = stored.erase_place(connection, place_id, reason=code)
        recording.subject = str(place_id)
        recording.details = {"what": "place", "reason": code, "boundaries": erased.boundaries, "links": erased.links}
    return erased


def erase_person(store: Store, actor: Actor, issuer: str, subject: str, *, reason: str) -> str:
    """Erase who a person of the program was; the pseudonym that what they did stays written down under.

    Raises
    ------
    RefusedInput
        If nobody is known by that, or it is whoever asks.
    UsageError
        If the reason is not on the list.
    """
    code = require_reason("erasure_reason", reason)
    with recorded(store, actor, Action.ERASE) as recording:
        connection = recording.connection
        person_id = stored.person_named(connection, issuer, subject)
        if person_id is None:
            raise RefusedInput("Nobody is known by that. `cs-geo people list` says who is.")
        if person_id in (actor.person, "local"):
            raise RefusedInput("Nobody erases themselves. Ask another data steward.")
        stored.erase_person(connection, person_id, reason=code)
        recording.subject = person_id
        recording.details = {"what": "person", "reason": code}
    return person_id
