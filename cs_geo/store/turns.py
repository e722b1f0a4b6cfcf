"""Turns: how often somebody did something of late, counted in one place for every server process of a site."""

from datetime import timedelta

from sqlalchemy import Connection, text


def take_turn(connection: Connection, what: str, who: str, thing: str, *, most: int, within: timedelta) -> int:
    """Take a turn: 0, or in how many seconds there is one.

    Parameters
    ----------
    thing
        What it is taken for. The same thing again within the time is the same turn.
    most
        Turns that one may take within the time.
    """
    wait: float = connection.execute(
        text("SELECT cs_geo.take_turn(:what, :who, :thing, :most, :within)"),
        {"what": what, "who": who, "thing": thing, "most": most, "within": within},
    ).scalar_one()
    return int(wait)
