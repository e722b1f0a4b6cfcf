"""How often somebody may do something: what no person at work reaches, and a program that goes round does.

A turn is taken in a transaction of its own before the work, so that nobody's work waits for another's. The counts stand
in the database (``store.turns``), where every server process of a site finds them.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Connection

from cs_geo.access.actor import Actor
from cs_geo.errors import TooOften
from cs_geo.store.audit import write_audit
from cs_geo.store.opening import Store
from cs_geo.store.turns import take_turn


@dataclass(frozen=True, slots=True)
class Limit:
    """How often one may do one thing."""

    what: str
    most: int
    within: timedelta
    said: str
    """What is told to whoever does it more often."""


MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SIGN_INS = Limit("sign_in", 6, MINUTE, "You have signed in many times within a minute.")
EXPORTS = Limit("export", 5, MINUTE, "You have made many exports within a minute.")
LOOK_UPS = Limit("look_up", 60, MINUTE, "You have looked many locations up within a minute.")
LINK_MINUTE = Limit("link", 6, MINUTE, "Many reports were sent from this link within a minute.")
LINK_DAY = Limit("link_day", 60, DAY, "Many reports were sent from this link within a day.")
LINKS_IN_ALL = Limit("links", 120, MINUTE, "Many reports are being sent at this moment.")
"""Of all premises together, so that no number of links fills the inbox in an hour."""

NOTES_A_MINUTE = 1
"""A refusal is written down once a minute: a program that goes round must not fill the log."""
EVERYBODY = ""


def keep_pace(store: Store, actor: Actor, *limits: Limit, who: str = "", thing: str = "") -> None:
    """Take a turn of each limit, or of none; a refusal is written down.

    Parameters
    ----------
    who
        Whose turns they are, where it is nobody known here; empty: the actor's.
    thing
        What the turn is for: the same again is no further turn. Empty: every time is one.

    Raises
    ------
    TooOften
        With when to try again.
    """
    asking = who or actor.person
    of = _digest(thing) if thing else uuid4().hex
    with store.begin(actor) as connection:
        try:
            with connection.begin_nested():
                for limit in limits:
                    _take(connection, limit, EVERYBODY if limit is LINKS_IN_ALL else asking, of)
            return
        except TooOften as refusal:
            refused = refusal
        first = limits[0]
        if not take_turn(connection, f"refusal {first.what}", asking, uuid4().hex, most=NOTES_A_MINUTE, within=MINUTE):
            write_audit(connection, first.what, "refused", details={"too_often": True})
    raise refused


def _take(connection: Connection, limit: Limit, who: str, thing: str) -> None:
    wait = take_turn(connection, limit.what, who, thing, most=limit.most, within=limit.within)
    if wait:
        raise TooOften(limit.said, wait)


def _digest(thing: str) -> str:
    # Not the thing itself: a location that somebody looked up is not kept anywhere.
    return hashlib.blake2b(thing.encode(), digest_size=16).hexdigest()
