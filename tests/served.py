"""A served PostGIS: PostgreSQL on a port of this machine, prepared by the statements that docs/operating.md gives.

Unlike the run's private cluster it has real logins with passwords, and group roles that an administrator has made.
"""

import os
import re
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from cs_geo.settings import Settings
from cs_geo.store.cluster_account import account_for
from cs_geo.store.cluster_programs import installed_programs, newest_programs
from cs_geo.store.upgrading import upgrade_database
from tests.conftest import Database

OPERATING = Path(__file__).parents[1] / "docs" / "operating.md"
PASSWORD = "documented"
SETTINGS = {
    "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", "synchronous_commit": "off",
    "full_page_writes": "off", "log_line_prefix": "%u ",
}  # fmt: skip


@dataclass(frozen=True)
class Served:
    """A served database, and where its log is."""

    database: Database
    home: Path
    port: int

    @property
    def settings(self) -> Settings:
        """The settings of a site that uses it."""
        return Settings(home=self.home, database_url=self.database.app_url, owner_database_url=self.database.owner_url)

    def url(self, login: str, password: str = PASSWORD) -> str:
        """Its address for a login."""
        return f"postgresql://{login}:{password}@127.0.0.1:{self.port}/cs_geo"

    def run_as_admin(self, *statements: str) -> None:
        """What its administrator does."""
        with psycopg.connect(self.database.admin_url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[arg-type]

    def log(self) -> str:
        """The server's own log."""
        return (self.home / "log").read_text("utf-8")


def documented_statements(heading: str, *, block: int = 0) -> list[str]:
    """The statements of a block of SQL under a heading of the page on operating."""
    section = re.search(rf"^## {heading}\n(.*?)^## ", OPERATING.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert section
    found = re.findall(r"```sql\n(.*?)```", section[1], re.DOTALL)[block]
    return [one.strip() for one in found.replace("'…'", f"'{PASSWORD}'").split(";") if one.strip()]


@contextmanager
def serve_postgis() -> Iterator[Served]:
    """Serve a database prepared as documented, with this version's schema; it is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix=f"cs_geo_{os.getpid()}_"))
    account = account_for(home, home / "data")
    os.chown(home, account.uid, account.gid)
    programs = newest_programs(installed_programs())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    secret = secrets.token_hex(8)
    account.write(home / "password", secret)
    data, words = home / "data", " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
    made = account.run(
        [programs.path("initdb"), "-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", home / "password",
         "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    control = [programs.path("pg_ctl"), "-D", data, "-w", "-s"]
    started = account.run([*control, "-l", home / "log", "-o", f"{words} -c port={port}", "start"])
    try:
        assert started.returncode == 0, started.stderr
        admin = f"postgresql://postgres:{secret}@127.0.0.1:{port}"
        _prepare(admin)
        address = f"postgresql+psycopg://{{}}:{PASSWORD}@127.0.0.1:{port}/cs_geo"
        database = Database("cs_geo", address.format("site_owner"), address.format("site_login"), f"{admin}/cs_geo")
        upgrade_database(database.owner_url)
        yield Served(database, home, port)
    finally:
        account.run([*control, "-m", "immediate", "stop"])
        shutil.rmtree(home, ignore_errors=True)


def _prepare(admin: str) -> None:
    statements = documented_statements("A served database")
    enter = next(number for number, one in enumerate(statements) if one.startswith("\\connect"))
    inside = statements[enter].split("\n", 1)[1]
    for name, part in (("postgres", statements[:enter]), ("cs_geo", [inside, *statements[enter + 1 :]])):
        with psycopg.connect(f"{admin}/{name}", autocommit=True) as connection:
            for statement in part:
                connection.execute(statement)  # type: ignore[arg-type]
