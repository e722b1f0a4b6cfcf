"""Logins that read the database directly: the list of them, and what the database says of each.

The list says who may; the login and its membership of a group role are the database's own (``reader_roles``). Both are
asked at every statement, so that either ends it. Entries are ended and never deleted.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from cs_geo.store.reader_views import GROUPS


@dataclass(frozen=True, slots=True)
class Reader:
    """One entry of the list, with the login as it is in the database now."""

    login: str
    tier: str
    """analyst or partner."""
    agency: str
    """For a partner: the name under which releases are made to it."""
    added_at: datetime
    ended_at: datetime | None
    has_login: bool
    is_member: bool
    """Of the group role of its tier."""
    is_logged: bool
    """Is each of its statements written to the database's log?"""
    other_roles: tuple[str, ...]
    """Further roles that it is a member of, which cs_geo has not given it."""

    @property
    def reads(self) -> bool:
        """Does it see rows now?"""
        return self.ended_at is None and self.has_login and self.is_member


def list_readers(connection: Connection) -> list[Reader]:
    """Every entry, those that stand first."""
    rows = connection.execute(
        text("""
        SELECT r.login, r.tier, r.agency, r.added_at, r.ended_at, coalesce(l.rolcanlogin, false),
            coalesce(g.rolname = ANY (m.roles), false), coalesce('log_statement=all' = ANY (l.rolconfig), false),
            array_remove(coalesce(m.roles, '{}'), g.rolname)
        FROM cs_geo.readers r
        LEFT JOIN pg_roles l ON l.rolname = r.login
        LEFT JOIN pg_roles g ON g.rolname = 'cs_geo_' || r.tier || '_read'
        LEFT JOIN LATERAL (SELECT array_agg(o.rolname::text ORDER BY o.rolname) AS roles FROM pg_auth_members a
            JOIN pg_roles o ON o.oid = a.roleid WHERE a.member = l.oid) AS m ON true
        ORDER BY r.ended_at IS NOT NULL, r.login, r.added_at
        """)
    )
    return [Reader(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], tuple(row[8] or ())) for row in rows]


def add_reader(connection: Connection, *, login: str, tier: str, agency: str, actor: str) -> bool:
    """Enter a login; False where it stands on the list already."""
    return bool(
        connection.execute(
            text("""
            INSERT INTO cs_geo.readers (login, tier, agency, added_by) VALUES (:login, :tier, :agency, :actor)
            ON CONFLICT (login) WHERE ended_at IS NULL DO NOTHING
            """),
            {"login": login, "tier": tier, "agency": agency, "actor": actor},
        ).rowcount
    )


def end_reader(connection: Connection, login: str, *, actor: str) -> str | None:
    """End a login's entry; the tier it read. None where it does not stand on the list."""
    tier: str | None = connection.scalar(
        text("""
        UPDATE cs_geo.readers SET ended_at = now(), ended_by = :actor WHERE login = :login AND ended_at IS NULL
        RETURNING tier
        """),
        {"login": login, "actor": actor},
    )
    return tier


def was_entered(connection: Connection, login: str) -> bool:
    """Has cs_geo ever entered this login?"""
    return bool(
        connection.scalar(text("SELECT EXISTS (SELECT 1 FROM cs_geo.readers WHERE login = :login)"), {"login": login})
    )


def has_login(connection: Connection, login: str) -> bool:
    """Is there a role of this name in the cluster?"""
    return bool(
        connection.scalar(text("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :login)"), {"login": login})
    )


TELLING_FUNCTIONS = (
    "_postgis_stats", "_postgis_selectivity", "_postgis_join_selectivity", "_postgis_index_extent",
    "st_estimatedextent",
)  # fmt: skip
"""Functions of PostGIS that tell the extent of any table, and how its shapes lie, to whoever may enter the database:
they ask for no right to the table (seen in PostGIS 3.3.2). One protected location alone is told to the metre."""
STORING_FUNCTIONS = ("lo_creat", "lo_create", "lo_from_bytea")
"""Functions of PostgreSQL by which anybody may keep something in the database: large objects."""


def find_openings(connection: Connection) -> list[str]:
    """What everybody in the database may do and no reader should: the statements that close it, for a superuser."""
    return list(
        connection.scalars(
            text("""
            SELECT format('REVOKE EXECUTE ON FUNCTION %I.%I(%s) FROM PUBLIC', n.nspname, p.proname,
                pg_get_function_identity_arguments(p.oid))
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE p.proname = ANY (:functions) AND has_function_privilege('public', p.oid, 'EXECUTE')
            UNION ALL
            SELECT format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', nspname) FROM pg_namespace
            WHERE has_schema_privilege('public', oid, 'CREATE')
            UNION ALL
            SELECT 'REVOKE ALL ON SCHEMA cs_geo FROM PUBLIC' WHERE has_schema_privilege('public', 'cs_geo', 'USAGE')
            UNION ALL
            SELECT format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database())
            WHERE has_database_privilege('public', current_database(), 'CREATE')
                OR has_database_privilege('public', current_database(), 'TEMPORARY')
            UNION ALL
            SELECT format('REVOKE %I FROM %I', o.rolname, g.rolname) FROM pg_auth_members m
            JOIN pg_roles g ON g.oid = m.member JOIN pg_roles o ON o.oid = m.roleid WHERE g.rolname = ANY (:groups)
            UNION ALL
            SELECT format('ALTER ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS',
                rolname)
            FROM pg_roles WHERE rolname = ANY (:groups)
                AND (rolcanlogin OR rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
            ORDER BY 1
            """),
            {"functions": [*TELLING_FUNCTIONS, *STORING_FUNCTIONS], "groups": list(GROUPS.values())},
        )
    )
