"""What stands in the private cluster's files: its settings, who may connect, and the roles and database it begins with.

The configuration is the program's and is written anew at every start, so that a new version of the program brings its
own; a site that must change a value uses ``ALTER SYSTEM``, which PostgreSQL reads after it.

**Who may connect.** The socket lies in a folder only the account (and root) can enter, there is no TCP port, and
PostgreSQL asks the kernel who is calling (``peer``): only the account itself and root get in. Those may connect as any
of the three roles, the superuser included: on a person's own machine the program and the person are the same user, and
a password would have to lie in a file that the program can read. The two roles keep the app from doing by mistake what
it may not do (trust.md A2); they are no wall against whoever already runs programs as that user. A site that needs that
wall serves PostGIS from another account or machine with passwords and sets ``CS_GEO_DATABASE_URL``.
"""

import os
from collections.abc import Iterable
from pathlib import Path

ADMIN, OWNER, APP = "cs_geo_admin", "cs_geo_owner", "cs_geo_app"
DATABASE = "cs_geo"
PORT = 5432

MEGABYTE = 1024 * 1024


def main_configuration(original: str) -> str:
    """PostgreSQL's own ``postgresql.conf`` with ours read after it."""
    return original + "\ninclude 'cs_geo.conf'\n"


def configuration(sockets: Path, logs: Path) -> str:
    """The settings of ``cs_geo.conf``, for a shared machine of 2 cores and upwards."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    settings = {
        "cluster_name": "cs_geo",
        "listen_addresses": "",
        "port": PORT,
        # Double quotes: a comma would otherwise begin a second folder.
        "unix_socket_directories": f'"{sockets}"',
        "unix_socket_permissions": "0700",
        "ssl": "off",
        "max_connections": 100,
        "timezone": "UTC",
        # A sixteenth of memory: PostgreSQL's manual asks for a quarter on a machine that does nothing else, and here
        # geopandas and a browser run beside it.
        "shared_buffers": f"{_between(128, memory // 16 // MEGABYTE, 512)}MB",
        "effective_cache_size": f"{max(256, memory // 2 // MEGABYTE)}MB",
        "work_mem": f"{_between(16, memory // 256 // MEGABYTE, 64)}MB",
        "maintenance_work_mem": f"{_between(64, memory // 32 // MEGABYTE, 512)}MB",
        "dynamic_shared_memory_type": "posix" if _shared_memory_is_roomy() else "mmap",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "synchronous_commit": "on",
        "random_page_cost": 1.1,
        "max_parallel_workers_per_gather": 2,
        "jit": "off",
        "logging_collector": "on",
        "log_directory": str(logs),
        # A week of files, one a day, each written over after seven days.
        "log_filename": "postgresql-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": 0,
        "log_file_mode": "0600",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %q%u ",
        "log_checkpoints": "off",
        # People before data: an error's own words hold the row ("Failing row contains …", "invalid input syntax …"),
        # so errors go to the caller and never to the log, and neither do statements or their values.
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_statement": "none",
        "log_min_duration_statement": -1,
        "log_parameter_max_length": 0,
        "log_parameter_max_length_on_error": 0,
    }
    lines = [f"{name} = '{str(value).replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()]
    return "# Written by cs_geo at every start. Change a value with ALTER SYSTEM instead.\n" + "\n".join(lines) + "\n"


def host_based_access() -> str:
    """``pg_hba.conf``: the socket only, and the kernel says who calls."""
    return "# Written by cs_geo at every start.\nlocal all all peer map=cs_geo\n"


def user_map(names: Iterable[str]) -> str:
    """``pg_ident.conf``: the users of this machine who may act as the cluster's roles."""
    lines = [f'cs_geo "{name}" {role}' for name in sorted(set(names)) for role in (ADMIN, OWNER, APP)]
    return "# Written by cs_geo at every start.\n" + "\n".join(lines) + "\n"


# Migrations run as the owner, who bypasses row-level security: under FORCE an owner's UPDATE otherwise touches 0 rows
# without an error (design decision 7c). The app role owns nothing; it may make temporary tables, through which COPY
# reaches tables with row-level security (7b).
ROLES = f"""
CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS;

CREATE ROLE {APP} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

GRANT {APP} TO {OWNER};

ALTER ROLE {OWNER} SET search_path = cs_geo, public;

ALTER ROLE {APP} SET search_path = cs_geo, public;

REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;

CREATE DATABASE {DATABASE} OWNER {OWNER};

"""


def database_privileges(database: str) -> list[str]:
    """Who may enter a database. ``CREATE DATABASE … TEMPLATE`` does not copy this."""
    return [
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {APP}",
    ]


# `&&` is not leakproof, and under a row-level policy an indexed window query would turn into a scan of the table
# (0.3 ms into 109 ms, design decision 7a). The function compares boxes and says nothing about rows it leaves out.
EXTENSIONS = "".join(
    statement + ";\n\n"
    for statement in [
        "CREATE EXTENSION postgis",
        "CREATE EXTENSION pg_trgm",
        "ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF",
        *database_privileges(DATABASE),
    ]
)

# PostGIS's own script catches errors, so it cannot run with exit_on_error; this asks afterwards whether it all came.
VERIFY = """
DO $$ BEGIN
    IF (SELECT count(*) FROM pg_extension WHERE extname IN ('postgis', 'pg_trgm')) <> 2
        OR NOT (SELECT proleakproof FROM pg_proc
                WHERE oid = 'geometry_overlaps(geometry, geometry)'::regprocedure)
        OR has_database_privilege('public', current_database(), 'CONNECT')
    THEN RAISE EXCEPTION 'the database was not prepared completely';
    END IF;
END $$;

"""


def _between(least: int, value: int, most: int) -> int:
    return max(least, min(value, most))


def _shared_memory_is_roomy() -> bool:
    """Whether parallel queries may share memory the usual way: many containers give /dev/shm only 64 MB."""
    try:
        shared = os.statvfs("/dev/shm")  # noqa: S108 - asked for its size, nothing is put there
    except OSError:
        return False
    return shared.f_frsize * shared.f_blocks >= 256 * MEGABYTE
