"""Bringing a database to the schema of this version of the program.

Runs as the role that owns the schema; the app role runs no DDL and owns nothing (design decision 7).
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import errors
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from cs_geo.crs import is_in_metres, storage_epsg
from cs_geo.errors import SetupError
from cs_geo.store.reader_views import make_reader_views
from cs_geo.store.texts import check_texts

UPGRADE_LOCK = 0x6373_6765
"""Key of the advisory lock that a start holds while it makes or upgrades the schema."""
NOT_PERMITTED = (errors.InsufficientPrivilege, errors.FeatureNotSupported, errors.UndefinedFile)
"""What PostgreSQL says where the role may not do it, or the extension is not on the machine."""

ROLES = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'cs_geo_app') THEN
        CREATE ROLE cs_geo_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
        EXECUTE format('GRANT cs_geo_app TO %I', current_user);
    END IF;
END $$
"""


def upgrade_database(owner_url: str) -> str:
    """Migrate the database to the newest revision and say which that is.

    Raises
    ------
    SetupError
        If PostGIS or pg_trgm is missing and may not be installed by this role, the role may not make the app role, or
        the reference system of the settings is not in metres or not the one the database was made with.
    """
    if not is_in_metres(storage_epsg()):
        raise SetupError(
            f"CS_GEO_STORAGE_EPSG is {storage_epsg()}, which is no reference system in metres. Set one that is, such "
            "as 27700 (British National Grid)."
        )
    engine = create_engine(owner_url, hide_parameters=True)
    try:
        with engine.begin() as connection:
            # Two first-time starts at once would each make the same roles, extensions and tables.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
            prepare_database(connection)
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS cs_geo"))
            if present_revision(connection):
                require_reference_system(connection)
            configuration = alembic_configuration()
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, "head")
            make_reader_views(connection)
            check_texts(connection)
    finally:
        engine.dispose()
    return newest_revision()


def alembic_configuration() -> Config:
    """Alembic's settings: where the revisions are."""
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return configuration


def newest_revision() -> str:
    """The revision this version of the program works with."""
    return str(ScriptDirectory.from_config(alembic_configuration()).get_current_head())


def present_revision(connection: Connection) -> str | None:
    """The revision a database is at. None: it has never been migrated."""
    if connection.scalar(text("SELECT to_regclass('cs_geo.alembic_version')")) is None:
        return None
    revision = connection.scalar(text("SELECT version_num FROM cs_geo.alembic_version"))
    return str(revision) if revision else None


def require_reference_system(connection: Connection) -> None:
    """Stop unless the database was made with the reference system that the settings name.

    Raises
    ------
    SetupError
        If it was made with another: every point and distance would be wrong.
    """
    made_with = connection.scalar(text("SELECT Find_SRID('cs_geo', 'reports', 'geom')"))
    if made_with != storage_epsg():
        raise SetupError(
            f"This database keeps its points in EPSG:{made_with}, and CS_GEO_STORAGE_EPSG says {storage_epsg()}. It is "
            f"fixed when a database is made: set it to {made_with}, or make another database."
        )


def knows_revision(revision: str) -> bool:
    """Is this a revision of this version of the program, or of an earlier one?"""
    known = ScriptDirectory.from_config(alembic_configuration()).walk_revisions()
    return any(one.revision == revision for one in known)


def prepare_database(connection: Connection) -> None:
    """Make sure of what the schema stands on: the extensions and the app's role.

    Raises
    ------
    SetupError
        If one is missing and may not be made by this role.
    """
    try:
        for extension in ("postgis", "pg_trgm"):
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
        connection.execute(text(ROLES))
    except DBAPIError as fault:
        if not isinstance(fault.orig, NOT_PERMITTED):
            raise
        raise SetupError(
            "This database role may not prepare the database. Ask its administrator to run, once: "
            "CREATE EXTENSION postgis; CREATE EXTENSION pg_trgm; CREATE ROLE cs_geo_app NOLOGIN; "
            "GRANT cs_geo_app TO the role in CS_GEO_OWNER_DATABASE_URL."
        ) from fault
