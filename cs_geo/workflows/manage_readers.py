"""Who reads the database directly, with a GIS: logins entered and ended, each written down as a change of roles."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.errors import NotAvailable, RefusedInput, SetupError, UsageError
from cs_geo.settings import Settings
from cs_geo.store import reader_roles, readers
from cs_geo.store.opening import Store, owner_url
from cs_geo.store.reader_views import SCHEMAS
from cs_geo.store.readers import Reader
from cs_geo.workflows.recording import looked_at, recorded

LOGIN = re.compile(r"(?!pg_|cs_geo|postgres$|public$|none$)[a-z][a-z0-9_]{2,62}")
PASSWORD_BYTES = 24


@dataclass(frozen=True, slots=True)
class AddedReader:
    """A login that may read, what it is given once, and what is left for the database's administrator."""

    login: str
    tier: str
    agency: str
    schema: str
    password: str
    statements: tuple[str, ...]
    """What makes the login, where the schema's owner may not. Empty: it is made."""
    logging: tuple[str, ...]
    """What has its statements logged."""


def add_reader(
    store: Store, actor: Actor, settings: Settings, *, login: str, tier: str, agency: str = ""
) -> AddedReader:
    """Let a login read what its tier may see, and make it where that may be done from here.

    Raises
    ------
    UsageError, RefusedInput
        If the name, the tier or the agency will not do, or the name is in use.
    NotAvailable
        In the private cluster.
    SetupError
        While everybody in the database may do what no reader should, with the statements that close it.
    """
    login, agency = login.strip(), " ".join(agency.split())
    about = {"granted": tier, **({"agency": agency} if agency else {})}
    with recorded(store, actor, Action.MANAGE_READERS, subject=login, details=about) as recording:
        connection = recording.connection
        _require_fitting(login, tier, agency)
        if not settings.database_url:
            raise NotAvailable(
                "The private cluster answers this machine's own account alone, and lets no other login in. A GIS reads "
                "from a served PostGIS: see “Reading with a GIS” in docs/operating.md."
            )
        owner = owner_url(settings)
        _require_prepared(connection, owner)
        is_there = readers.has_login(connection, login)
        if is_there and not readers.was_entered(connection, login):
            raise RefusedInput(
                f"The database has a role {login} already that was not made for this, and may hold other rights. "
                "Take another name."
            )
        if not readers.add_reader(connection, login=login, tier=tier, agency=agency, actor=actor.person):
            raise RefusedInput(
                f"{login} reads already. For a new password, tier or agency end it first: `cs-geo db readers end`."
            )
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        statements = reader_roles.login_statements(
            connection, login=login, tier=tier, password=password, is_there=is_there
        )
        # Last: should the list not be written after it, the login is on no list and sees no row.
        is_made = reader_roles.carry_out(owner, statements)
        logging = reader_roles.logging_statements(connection, login=login)
    return AddedReader(
        login, tier, agency, SCHEMAS[tier], password, () if is_made else tuple(statements), tuple(logging)
    )


def end_reader(store: Store, actor: Actor, settings: Settings, login: str) -> tuple[str, ...]:
    """End a login's reading, at its next statement; what is left for the database's administrator, if anything.

    Raises
    ------
    RefusedInput
        If it does not read.
    """
    login = login.strip()
    with recorded(store, actor, Action.MANAGE_READERS, subject=login) as recording:
        connection = recording.connection
        tier = readers.end_reader(connection, login, actor=actor.person)
        if tier is None:
            raise RefusedInput(f"{login} does not read. See `cs-geo db readers list`.")
        recording.details = {"ended": tier}
        statements: Sequence[str] = ()
        if readers.has_login(connection, login):
            statements = reader_roles.ending_statements(connection, login=login, tier=tier)
    if statements and reader_roles.carry_out(owner_url(settings), statements):
        return ()
    return tuple(statements)


def list_readers(store: Store, actor: Actor) -> list[Reader]:
    """Every login that reads, or once did."""
    with looked_at(store, actor, Action.MANAGE_READERS) as connection:
        return readers.list_readers(connection)


def _require_fitting(login: str, tier: str, agency: str) -> None:
    if tier not in SCHEMAS:
        raise UsageError(f"There is no “{tier}” to read as. Use --as {' or --as '.join(SCHEMAS)}.")
    if not LOGIN.fullmatch(login):
        raise UsageError(
            "Name the login for the post and not for the person, such as parks_gis: three small letters, figures or _ "
            "or more, a letter first, and not beginning with pg_ or cs_geo."
        )
    if tier == "partner" and not agency:
        raise UsageError("Say for which agency the partner reads: --agency, written as in the releases made to it.")
    if tier == "analyst" and agency:
        raise UsageError("An analyst reads all reports, for no agency. Leave out --agency.")


def _require_prepared(connection: Connection, owner: str) -> None:
    left = [*reader_roles.prepare_groups(owner), *readers.find_openings(connection)]
    if left:
        raise SetupError(
            "This database is not ready for readers: whoever may enter it could do or learn more than the views show. "
            "Its administrator runs once, as a superuser, in this database:\n"
            + "\n".join(f"{statement};" for statement in left)
        )
