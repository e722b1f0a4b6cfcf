"""Standing purposes: an export that is made every week is not asked the same thing each time.

What stands for 90 days is the answer to *what is it for* and *for whom*, and nothing else: each export is still
previewed, checked and written down by itself, with the standing purpose it was made for.
"""

from uuid import UUID

from cs_geo.access.actor import Actor, Tier
from cs_geo.access.permissions import Action, require
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.store import standing_purposes as stored
from cs_geo.store.opening import Store
from cs_geo.store.standing_purposes import StandingPurpose
from cs_geo.workflows.recording import recorded

ACTIONS = {Tier.INTERNAL: Action.EXPORT, Tier.PARTNER: Action.EXPORT_PARTNER, Tier.PUBLIC: Action.EXPORT_PUBLIC}
RAN_OUT = "This standing purpose has run out or was ended. Say again what the export is for."


def list_standing(store: Store, actor: Actor, tier: Tier) -> list[StandingPurpose]:
    """A person's own standing purposes for a tier."""
    require(actor, ACTIONS[tier])
    with store.begin(actor) as connection:
        return stored.list_standing(connection, actor.person, str(tier))


def find_standing(store: Store, actor: Actor, tier: Tier, named: str) -> StandingPurpose:
    """A standing purpose by its words.

    Raises
    ------
    RefusedInput
        If the person has none of that name, or it has run out.
    """
    require(actor, ACTIONS[tier])
    for one in list_standing(store, actor, tier):
        if one.purpose == named:
            return one
    raise RefusedInput(
        f"You have no standing purpose “{named}” for this tier, or it has run out. Say it with --purpose."
    )


def keep_standing(store: Store, actor: Actor, tier: Tier, purpose: str, recipient: str = "") -> UUID:
    """Keep what an export is for, for 90 days.

    Raises
    ------
    UsageError
        If it is not said what for, or for a partner not for whom.
    """
    action = ACTIONS[tier]
    said, whom = " ".join(purpose.split()), " ".join(recipient.split())
    if not said:
        raise UsageError("Say what the export is for. It is kept with the record of the export.")
    if tier is Tier.PARTNER and not whom:
        raise UsageError("Say whom the export is for. It stands in every table of the file.")
    with recorded(store, actor, action, details={"standing": "kept", "purpose": said, "tier": str(tier)}) as recording:
        standing_id = stored.keep_standing(
            recording.connection, person=actor.person, tier=str(tier), purpose=said, recipient=whom
        )
        recording.subject = str(standing_id)
    return standing_id


def end_standing(store: Store, actor: Actor, standing: StandingPurpose) -> bool:
    """End a standing purpose; False when it had ended already."""
    action = ACTIONS[Tier(standing.tier)]
    with recorded(store, actor, action, subject=str(standing.standing_id), details={"standing": "ended"}) as recording:
        return stored.end_standing(recording.connection, actor.person, standing.standing_id)
