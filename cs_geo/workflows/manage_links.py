"""The links by which premises hand in without an account: added, listed and ended by a coordinator or administrator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.errors import RefusedInput
from cs_geo.settings import get_settings
from cs_geo.store import links as stored
from cs_geo.store.links import ReportingLink
from cs_geo.store.opening import Store
from cs_geo.words.masking import mask_personal_details
from cs_geo.workflows.recording import looked_at, recorded
from cs_geo.workflows.typed_points import looks_like_point

PATH = "/report/"
"""Where the site answers a link, before its code."""
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class AddedLink:
    """A link that was added, with its code, which is known here once."""

    link_id: UUID
    code: str

    def address(self, site: str) -> str:
        """The link as it is opened, below the address of the site."""
        return f"{site.rstrip('/')}{PATH}{self.code}"


def add_link(
    store: Store, actor: Actor, *, premises: str, location: str = "", until: date | None = None, today: date
) -> AddedLink:
    """Add a link for premises.

    Parameters
    ----------
    premises
        What the premises are called, never a person.
    location
        Where they lie, such as an address; it stands for "here" on their form.
    until
        Last day on which the link stands; None: until it is ended.

    Raises
    ------
    RefusedInput
        If the premises have no name, lie at figures and not at an address, or the last day is over.
    """
    named, lies = premises.strip()[:LONGEST_NAME], location.strip()[:300]
    if not named:
        raise RefusedInput("Say which premises the link is for, such as “Corner shop, Mill Lane”.")
    if mask_personal_details(named, is_location=True).found:
        raise RefusedInput("Name the premises alone: no person, telephone number or e-mail address.")
    if looks_like_point(lies):
        raise RefusedInput("Write where the premises lie in words: an address, a street or a postcode.")
    if until is not None and until < today:
        raise RefusedInput("The last day of the link is over. Choose a day from today on, or none.")
    link_id = uuid4()
    with recorded(store, actor, Action.MANAGE_LINKS, subject=str(link_id), details={"link": "added"}) as recording:
        code = stored.add_link(
            recording.connection,
            link_id,
            premises=named,
            location=lies,
            open_until=_end_of(until) if until else None,
            added_by=actor.person,
        )
    return AddedLink(link_id, code)


def list_links(store: Store, actor: Actor) -> Sequence[ReportingLink]:
    """Every link, those that stand first."""
    with looked_at(store, actor, Action.MANAGE_LINKS, subject="links") as connection:
        return stored.list_links(connection)


def end_link(store: Store, actor: Actor, link_id: UUID) -> None:
    """End a link. Whoever opens it from now on is told that it does not work.

    Raises
    ------
    RefusedInput
        If there is no such link, or it has been ended.
    """
    with recorded(store, actor, Action.MANAGE_LINKS, subject=str(link_id), details={"link": "ended"}) as recording:
        if not stored.end_link(recording.connection, link_id, ended_by=actor.person):
            raise RefusedInput("There is no such link, or it has been ended already. See the list of links.")


def _end_of(day: date) -> datetime:
    """The moment at which a day is over in the site's zone."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(get_settings().zone))
