"""Opening the store: one engine as the app role, one transaction per piece of work, the person named in each.

The app role owns nothing and runs no DDL. A login of a served database acts as that role by ``SET ROLE`` from the first
statement of every connection; in the private cluster the login is the role.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import psycopg
from sqlalchemy import Connection, Dialect, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from cs_geo.access.actor import Actor
from cs_geo.errors import SetupError
from cs_geo.settings import Settings, get_settings
from cs_geo.store.cluster import Cluster, ClusterState, cluster_for
from cs_geo.store.upgrading import newest_revision, present_revision, require_reference_system

APP_ROLE = "cs_geo_app"
DRIVER = "postgresql+psycopg://"
NO_ADDRESS = (
    "CS_GEO_DATABASE_URL or CS_GEO_OWNER_DATABASE_URL is no address of a PostgreSQL database. "
    "Write it like postgresql://login@host:5432/database."
)
CONNECT_SECONDS = 10


class DatabaseAway(SetupError):
    """The database does not answer."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(
            "The database does not answer. Nothing that was saved is lost. Try again in a minute. If it stays like "
            "this, ask whoever looks after the site: "
            + (
                reason
                or "`cs-geo db status` says how it is, and where CS_GEO_DATABASE_URL is set, that address may be wrong."
            )
        )


@dataclass(frozen=True)
class Store:
    """The database, as the app sees it."""

    engine: Engine

    @contextmanager
    def begin(self, actor: Actor) -> Iterator[Connection]:
        """Open a transaction in the person's name; committed at the end, rolled back on any error."""
        with self.connect() as connection:
            try:
                with connection.begin():
                    # SET LOCAL semantics (the third argument): a plain SET would survive in the pool.
                    connection.execute(
                        text(
                            "SELECT set_config('cs_geo.person', :person, true), "
                            "set_config('cs_geo.roles', :roles, true)"
                        ),
                        {"person": actor.person, "roles": ",".join(sorted(str(role) for role in actor.roles))},
                    )
                    yield connection
            except DBAPIError as fault:
                if fault.connection_invalidated:
                    raise DatabaseAway from fault
                raise

    def connect(self) -> Connection:
        """A connection in nobody's name.

        Raises
        ------
        DatabaseAway
            If the database does not answer, and cannot be started from here.
        """
        try:
            return self.engine.connect()
        except OperationalError as fault:
            raise DatabaseAway from fault

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def app_url(settings: Settings) -> str:
    """Where the app connects; starts the private cluster when no served database is named."""
    if settings.database_url:
        return as_psycopg(settings.database_url)
    cluster = cluster_for(settings)
    cluster.ensure_running()
    return cluster.url("app")


def owner_url(settings: Settings) -> str:
    """Where migrations connect; starts the private cluster when no served database is named."""
    served = settings.owner_database_url or settings.database_url
    if served:
        return as_psycopg(served)
    cluster = cluster_for(settings)
    cluster.ensure_running()
    return cluster.url("owner")


def as_psycopg(url: str) -> str:
    """A PostgreSQL address as people write it, in the form that names the driver in use.

    Raises
    ------
    SetupError
        If it is no address of a PostgreSQL database.
    """
    for prefix in ("postgresql://", "postgres://", DRIVER):
        if url.startswith(prefix):
            address = DRIVER + url.removeprefix(prefix)
            break
    else:
        raise SetupError(NO_ADDRESS)
    try:
        make_url(address)
    except (ArgumentError, ValueError) as fault:
        raise SetupError(NO_ADDRESS) from fault
    return address


def make_engine(url: str, *, pool_size: int = 10, wake: Callable[[], None] | None = None) -> Engine:
    """An engine whose every connection acts as the app role, with the schema on its path.

    Parameters
    ----------
    wake
        Starts the database where it does not answer, before it is asked a second time. None: it is not ours to start.
    """
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=10,
        pool_pre_ping=True,
        # What somebody typed must not stand in a log because a query failed.
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_SECONDS},
    )

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Dialect, _record: object, arguments: Any, options: Any) -> Any:
        try:
            return dialect.connect(*arguments, **options)
        except psycopg.OperationalError:
            if wake is None:
                raise
        _wake(wake)
        return dialect.connect(*arguments, **options)

    @event.listens_for(engine, "connect")
    def act_as_app(dbapi_connection: psycopg.Connection[Any], _record: object) -> None:
        with dbapi_connection.cursor() as cursor:
            role = cursor.execute("SELECT current_user").fetchone()
            if role != (APP_ROLE,):
                cursor.execute(f"SET ROLE {APP_ROLE}")
            cursor.execute("SET search_path TO cs_geo, public")
            # An OpenStreetMap extract or a year of reports can be planned with JIT, which costs more than it saves.
            cursor.execute("SET jit TO off")
        dbapi_connection.commit()

    return engine


def _wake(wake: Callable[[], None]) -> None:
    try:
        wake()
    except SetupError as fault:
        raise DatabaseAway(str(fault)) from fault


def _start_again(cluster: Cluster) -> None:
    # A cluster whose folder is gone must not be made anew under people at work: it would be empty.
    if cluster.status().state is ClusterState.ABSENT:
        raise SetupError(f"There is no database in {cluster.data} any more.")
    cluster.ensure_running()


def open_store(settings: Settings) -> Store:
    """Open the store, ready for work.

    Raises
    ------
    SetupError
        If the database does not answer, or is not at the revision and in the reference system of this program.
    """
    if settings.database_url:
        store = Store(make_engine(as_psycopg(settings.database_url)))
    else:
        cluster = cluster_for(settings)
        _wake(cluster.ensure_running)
        store = Store(make_engine(cluster.url("app"), wake=partial(_start_again, cluster)))
    try:
        with store.connect() as connection:
            if present_revision(connection) != newest_revision():
                raise SetupError("The database is not at this version's schema. Run `cs-geo db upgrade` first.")
            require_reference_system(connection)
    except SetupError:
        store.close()
        raise
    return store


@lru_cache(maxsize=1)
def shared_store() -> Store:
    """The one store of a serving process, opened when it is first asked for."""
    return open_store(get_settings())
