"""The logins of readers, as statements: carried out where the schema's owner may make roles, else handed on.

A password never stands in a statement: PostgreSQL takes its verifier (SCRAM-SHA-256), from which it cannot be had.
"""

from collections.abc import Sequence

from psycopg import errors, sql
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError

from cs_geo.store.reader_views import GROUPS, MAKE_GROUP, grant_to_groups, may_make_roles, missing_groups
from cs_geo.store.staging import driver_connection

CONNECTIONS = 10
"""Connections that one login may hold at a time. QGIS opens several for each project."""


def prepare_groups(owner_url: str) -> list[str]:
    """Make sure of the group roles and their rights, as the schema's owner; the statements that it may not run."""
    engine = create_engine(owner_url, hide_parameters=True)
    try:
        with engine.begin() as connection:
            missing = missing_groups(connection)
            if may_make_roles(connection):
                for group in missing:
                    connection.exec_driver_sql(MAKE_GROUP[group])
                missing = []
            grant_to_groups(connection)
    finally:
        engine.dispose()
    return [MAKE_GROUP[group] for group in missing]


def login_statements(connection: Connection, *, login: str, tier: str, password: str, is_there: bool) -> list[str]:
    """The statements that make a login, or let one that was ended in again, and give it its group role."""
    raw = driver_connection(connection)
    verifier = raw.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256").decode()
    made = (
        "ALTER ROLE {login} LOGIN CONNECTION LIMIT {limit} PASSWORD {verifier}"
        if is_there
        else "CREATE ROLE {login} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS "
        "CONNECTION LIMIT {limit} PASSWORD {verifier}"
    )
    return [
        sql.SQL(made)
        .format(login=sql.Identifier(login), limit=sql.Literal(CONNECTIONS), verifier=sql.Literal(verifier))
        .as_string(raw),
        _with_login(connection, "GRANT {group} TO {login}", login, tier),
    ]


def ending_statements(connection: Connection, *, login: str, tier: str) -> list[str]:
    """The statements that take the group role from a login and close it."""
    return [
        _with_login(connection, "REVOKE {group} FROM {login}", login, tier),
        _with_login(connection, "ALTER ROLE {login} NOLOGIN", login, tier),
    ]


def logging_statements(connection: Connection, *, login: str) -> list[str]:
    """The statements, for a superuser, by which each statement of a login is logged, and no value of a row with it.

    An error's own words may hold a value that the login has read ("invalid input syntax …"): they are not logged.
    """
    return [
        _with_login(connection, "ALTER ROLE {login} SET " + setting, login)
        for setting in ("log_statement = 'all'", "log_min_messages = 'log'", "log_min_error_statement = 'panic'")
    ]


def carry_out(owner_url: str, statements: Sequence[str]) -> bool:
    """Carry statements out as the schema's owner, all or none; False where it may not."""
    engine = create_engine(owner_url, hide_parameters=True)
    try:
        with engine.begin() as connection:
            if not may_make_roles(connection):
                return False
            for statement in statements:
                connection.exec_driver_sql(statement)
    except DBAPIError as fault:
        if isinstance(fault.orig, errors.InsufficientPrivilege):
            return False
        raise
    finally:
        engine.dispose()
    return True


def _with_login(connection: Connection, statement: str, login: str, tier: str = "analyst") -> str:
    composed = sql.SQL(statement).format(login=sql.Identifier(login), group=sql.Identifier(GROUPS[tier]))
    return composed.as_string(driver_connection(connection))
