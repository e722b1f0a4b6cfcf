"""How often somebody may do something: what no person at work reaches, and a program that goes round does.

A turn is taken in a transaction of its own before the work, so that nobody's work waits for another's. The counts stand
in the database (``store.turns``), where every server process of a site finds them.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from cs_geo.access.actor import NOBODY
from cs_geo.errors import TooOften
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
LINK_MINUTE = Limit("link_minute", 6, MINUTE, "Many reports were sent from this link within a minute.")
LINK_DAY = Limit("link_day", 60, DAY, "Many reports were sent from this link within a day.")
LINKS_IN_ALL = Limit("links", 120, MINUTE, "Many reports are being sent at this moment.")
"""Of all premises together, so that no number of links fills the inbox in an hour."""

EVERYBODY = ""


def keep_pace(store: Store, who: str, *limits: Limit, thing: str = "") -> None:
    """Take a turn of each limit, or of none.

    Parameters
    ----------
    who
        Whose turns they are; ``EVERYBODY`` where all share them.
    thing
        What the turn is for: the same again is no further turn. Empty: every time is one.

    Raises
    ------
    TooOften
        With when to try again.
    """
    of = _digest(thing) if thing else uuid4().hex
    with store.begin(NOBODY) as connection:
        for limit in limits:
            whose = EVERYBODY if limit is LINKS_IN_ALL else who
            wait = take_turn(connection, limit.what, whose, of, most=limit.most, within=limit.within)
            if wait:
                raise TooOften(limit.said, wait)


def _digest(thing: str) -> str:
    # Not the thing itself: a location that somebody looked up is not kept anywhere.
    return hashlib.blake2b(thing.encode(), digest_size=16).hexdigest()
