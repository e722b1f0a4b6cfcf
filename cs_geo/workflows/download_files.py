"""Handing a file to the person who asked for it: by a ticket that is good once, for a minute."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cs_geo.access.actor import NOBODY, Actor, Role, Tier
from cs_geo.access.permissions import Refused
from cs_geo.store.audit import write_audit
from cs_geo.store.cases import may_see_case
from cs_geo.store.opening import Store, shared_store
from cs_geo.store.people import find_known
from cs_geo.store.tickets import TicketedFile, drop_old_tickets, is_ticket_of_another, issue_ticket, redeem_ticket
from cs_geo.workflows.sign_in import renewed

CHUNK_BYTES = 1 << 20
FETCH = "fetch"
"""That a file went out by its link, in the audit log."""
Asker = tuple[str, str]
"""Who vouches for whoever asks, and by which identifier."""
ROLE_ENDED = "Since you asked for this file, your role has ended. It has been deleted."
CASE_ENDED = "Since you asked for this pack, the case has been closed to you. It has been deleted."


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file on its way out. It is deleted once it has been sent."""

    filename: str
    media_type: str
    path: Path

    @property
    def body(self) -> Iterator[bytes]:
        """The file's bytes; reading them to the end deletes it."""
        return _read_and_delete(self.path)


def offer_file(store: Store, actor: Actor, path: Path, *, file_name: str, media_type: str) -> str:
    """Make a ticket for a file that was written for this person; files that nobody fetched are deleted."""
    with store.begin(actor) as connection:
        for forgotten in drop_old_tickets(connection):
            forgotten.unlink(missing_ok=True)
        return issue_ticket(connection, TicketedFile(actor.person, file_name, media_type, path))


def redeem(ticket: str, asker: Asker | None, *, store: Store | None = None) -> HandedFile | None:
    """The file a ticket stands for; None when it is not one, has been used, or has run out.

    Parameters
    ----------
    asker
        By whom the request is made, as its provider vouches; None: by nobody known.

    Raises
    ------
    Refused
        If it is another's, which stays good for them; or if the role has ended that the file was for, or its case has
        been closed to the person.
    """
    opened = store or shared_store()
    actor = _actor_of(opened, asker)
    with opened.begin(actor) as connection:
        file = redeem_ticket(connection, ticket)
        if file is None:
            is_anothers = is_ticket_of_another(connection, ticket)
            if is_anothers:
                write_audit(connection, FETCH, "refused", details={"ticket": "another's"})
        elif file.path.is_file():
            case_id = _case_of(file.path)
            may_have = may_see_case(connection, case_id) if case_id else actor.tier is Tier.INTERNAL
            write_audit(connection, FETCH, "done" if may_have else "refused", subject=file.file_name)
    if file is None:
        if is_anothers:
            raise Refused("This link is for the person who asked for the file. Sign in as that person, or ask for it.")
        return None
    if not file.path.is_file():
        return None
    if not may_have:
        file.path.unlink(missing_ok=True)
        raise Refused(CASE_ENDED if case_id else ROLE_ENDED)
    return HandedFile(file.file_name, file.media_type, file.path)


def _actor_of(store: Store, asker: Asker | None) -> Actor:
    """Whoever asks, with all the roles they hold now."""
    if asker is None:
        return NOBODY
    with store.begin(NOBODY) as connection:
        known = find_known(connection, *asker)
    return renewed(store, known.person_id, Role) if known else NOBODY


def _case_of(path: Path) -> UUID | None:
    """The case that a pack is of, by the folder it was written in (``private_files.case_folder``)."""
    *_, folder, case, _ = path.parts
    return UUID(case) if folder == "cases" else None


def _read_and_delete(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk
    finally:
        path.unlink(missing_ok=True)
