"""The private PostGIS cluster: the database of a site that has no database server.

One home folder holds one cluster: ``pg/data`` (PostgreSQL's data folder), ``run`` (the Unix socket; there is no TCP
port) and ``log``. ``ensure_running`` is what the program calls: it makes the cluster the first time, starts it when it
is stopped, and returns within milliseconds when it runs. Everything is safe to call from several processes at once and
after any of them, or PostgreSQL itself, was killed: changes happen under a lock in the home folder, a new cluster is
made aside and put in place by one rename, and what a crash left behind is cleared before the next start.

A folder made by another major version of PostgreSQL is opened by that version's programs or not at all. The cluster is
left running when the program ends, for the next one; ``stop`` stops it. It does not migrate (``upgrading``) and does
not serve connections to the app (``opening``).
"""

import os
import re
import secrets
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from cs_geo.errors import SetupError
from cs_geo.settings import Settings, home_folder
from cs_geo.store import cluster_files as files
from cs_geo.store.cluster_account import Account, account_for, cannot_use, owner_of, prepare_folders
from cs_geo.store.cluster_lock import locked
from cs_geo.store.cluster_processes import end_orphans, names_a_stranger, postmaster_of
from cs_geo.store.cluster_programs import Programs, installed_programs, newest_programs, programs_of_version

# sun_path of unix(7) holds 108 bytes, the last of them a zero.
LONGEST_SOCKET_PATH = 107
# pg_ctl puts paths into a shell command between double quotes, and libpq reads a comma as a second host.
IMPOSSIBLE_IN_PATH = '"$`\\,\n'

# After a crash PostgreSQL first replays its journal, of which max_wal_size allows 4 GB.
START_SECONDS = 180
START_LOG = "start.log"
STOP_SECONDS = 60

ROLES = {"owner": files.OWNER, "app": files.APP, "admin": files.ADMIN}


class ClusterState(StrEnum):
    """How far a cluster is from answering."""

    ABSENT = "absent"
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"


@dataclass(frozen=True)
class ClusterStatus:
    """What ``cs-geo db status`` says. ``major`` and ``process`` are None where there is no such thing."""

    state: ClusterState
    home: Path
    data: Path
    sockets: Path
    logs: Path
    major: int | None
    process: int | None


def cluster_for(settings: Settings) -> "Cluster":
    """The private cluster of a site. Nothing is touched yet."""
    return Cluster(home_folder(settings))


@dataclass(frozen=True)
class Cluster:
    """The private cluster in one home folder."""

    home: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "pg" / "data"

    @property
    def sockets(self) -> Path:
        """The folder of the Unix socket."""
        return self.home / "run"

    @property
    def logs(self) -> Path:
        """The folder of the server's log, a week of it."""
        return self.home / "log"

    def url(self, role: Literal["owner", "app", "admin"], database: str = files.DATABASE) -> str:
        """Where to connect as a role, in SQLAlchemy's form. The cluster need not run."""
        return (
            f"postgresql+psycopg://{ROLES[role]}@/{quote(database)}?host={quote(str(self.sockets))}&port={files.PORT}"
        )

    def status(self) -> ClusterStatus:
        """Look, and change nothing."""
        process = None
        if owner_of(self.data) is None:
            state = ClusterState.ABSENT
        else:
            process = postmaster_of(self.data)
            answer = self._ping()
            if answer == Ping.OK:
                state = ClusterState.RUNNING
            else:
                state = ClusterState.STOPPED if process is None else ClusterState.STARTING
        major = None if state is ClusterState.ABSENT else self._major()
        return ClusterStatus(state, self.home, self.data, self.sockets, self.logs, major, process)

    def ensure_running(self) -> None:
        """Make the cluster if there is none, start it if it is stopped.

        Raises
        ------
        SetupError
            If it cannot be made or started here; the message says what to do.
        """
        self._check_path()
        if self._ping() != Ping.OK:
            self._check_folder()
            with self._lock():
                self._make_if_absent()
                self._bring_up()

    def init(self) -> None:
        """Make the cluster if there is none, without starting it."""
        self._check_path()
        self._check_folder()
        with self._lock():
            self._make_if_absent()

    def start(self) -> None:
        """Start the cluster, making it first if there is none."""
        self.ensure_running()

    def stop(self) -> None:
        """Stop the cluster cleanly; people still connected are cut off. Nothing happens when it does not run."""
        if owner_of(self.data) is None:
            return
        with self._lock():
            if postmaster_of(self.data) is None:
                return
            account, programs = account_for(self.home, self.data), self._programs()
            asked = account.run(
                [programs.path("pg_ctl"), "stop", "-D", self.data, "-m", "fast", "-w", "-t", str(STOP_SECONDS)]
            )
            if asked.returncode and postmaster_of(self.data) is not None:
                raise SetupError(
                    f"The database did not stop within {STOP_SECONDS} seconds. Its log is in {self.logs}. Try again."
                )

    # Making

    def _make_if_absent(self) -> None:
        if owner_of(self.data) is not None:
            return
        account, programs = account_for(self.home, self.data), self._programs()
        kept = self.data.parent
        prepare_folders(self.home, [kept, self.sockets, self.logs], account)
        # Left by a process that was killed in the middle.
        for leftover in kept.glob("making-*"):
            account.run(["rm", "-rf", leftover])
        making = kept / f"making-{secrets.token_hex(4)}"
        try:
            self._make(making, programs, account)
            making.rename(self.data)
        except BaseException:
            account.run(["rm", "-rf", making])
            raise
        account.run(["sync", kept])

    def _make(self, folder: Path, programs: Programs, account: Account) -> None:
        """Make a complete cluster in ``folder``, in single-user mode: a kill leaves no server behind."""

        def run(command: Sequence[str | Path], text: str = "") -> None:
            done = account.run(command, text=text)
            if done.returncode:
                raise SetupError(
                    f"PostgreSQL could not make a database in {self.data.parent}: {_last_words(done.stderr)}"
                )

        run(
            [
                *(programs.path("initdb"), "-D", folder, "--username", files.ADMIN, "--auth=peer", "--data-checksums"),
                *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"),
            ]
        )
        single: list[str | Path] = [programs.path("postgres"), "--single", "-j", "-F", "-D", folder]
        strict = [*single, "-c", "exit_on_error=on"]
        run([*strict, "template1"], files.ROLES)
        run([*single, files.DATABASE], files.EXTENSIONS)
        run([*strict, files.DATABASE], files.VERIFY)
        original = (folder / "postgresql.conf").read_text(encoding="utf-8")
        account.write(folder / "postgresql.conf", files.main_configuration(original))
        run([programs.path("initdb"), "--sync-only", "-D", folder])

    # Starting

    def _bring_up(self) -> None:
        """Start, or wait for what is already starting or recovering, until connections are taken."""
        account, programs = account_for(self.home, self.data), self._programs()
        deadline = time.monotonic() + START_SECONDS
        while self._ping() != Ping.OK:
            if time.monotonic() > deadline:
                raise SetupError(
                    f"The database is still starting after {START_SECONDS} seconds. After a crash it may need longer: "
                    f"try again. Its log is in {self.logs}."
                )
            if postmaster_of(self.data) is None:
                self._launch(programs, account)
            time.sleep(0.05)

    def _launch(self, programs: Programs, account: Account) -> None:
        prepare_folders(self.home, [self.data.parent, self.data, self.sockets, self.logs], account)
        self._clear_after_crash(account)
        account.write(self.data / "cs_geo.conf", files.configuration(self.sockets, self.logs))
        account.write(self.data / "pg_hba.conf", files.host_based_access())
        account.write(self.data / "pg_ident.conf", files.user_map([account.name, "root"]))
        log = self.logs / START_LOG
        account.write(log, "")
        started = account.run(
            [programs.path("pg_ctl"), "start", "-D", self.data, "-l", log, "-s", "-w", "-t", str(START_SECONDS)]
        )
        if started.returncode and postmaster_of(self.data) is None and self._ping() == Ping.NO_RESPONSE:
            raise SetupError(
                f"The database in {self.data} did not start: {self._last_words(account)} Its log is in {self.logs}."
            )

    def _clear_after_crash(self, account: Account) -> None:
        """Clear what a killed server left: its children still at work, and locks that name a stranger's process.

        PostgreSQL clears its own locks unless a process of the same user now has the number in them, as happens after
        the machine restarted. Only called when no server runs in the folder, under the home's lock.
        """
        end_orphans(self.data, account.uid)
        for lock in (self.data / "postmaster.pid", self.sockets / f".s.PGSQL.{files.PORT}.lock"):
            if names_a_stranger(lock, self.data):
                account.run(["rm", "-f", lock])

    def _last_words(self, account: Account) -> str:
        """What the server said before it ended: first in the file of the start, later in the newest log."""
        early = account.run(["cat", self.logs / START_LOG]).stdout
        late = account.run(["sh", "-c", 'tail -n 20 "$(ls -t "$1"/postgresql-*.log | head -n 1)"', "sh", self.logs])
        return _last_words(early if _telling(_lines(early)) else late.stdout)

    # Looking

    def _ping(self) -> Ping:
        address = make_conninfo(host=str(self.sockets), port=files.PORT, connect_timeout=10)
        return Ping(PGconn.ping(address.encode()))

    def _programs(self) -> Programs:
        """The programs for the folder there is, or for a new one."""
        if owner_of(self.data) is None:
            return newest_programs(installed_programs())
        return programs_of_version(self._major(), self.data, installed_programs())

    def _major(self) -> int:
        try:
            return int((self.data / "PG_VERSION").read_text(encoding="ascii").strip())
        except PermissionError as fault:
            raise cannot_use(self.data, fault) from fault
        except (OSError, ValueError) as fault:
            raise SetupError(
                f"{self.data} is there but is not a PostgreSQL data folder. Nothing was changed. "
                "Move it away, or set CS_GEO_HOME to another folder."
            ) from fault

    def _check_folder(self) -> None:
        """Refuse a folder that cannot be used before anything in it is touched."""
        account_for(self.home, self.data)
        self._programs()

    def _check_path(self) -> None:
        socket = str(self.sockets / f".s.PGSQL.{files.PORT}")
        length = len(os.fsencode(socket))
        if length > LONGEST_SOCKET_PATH:
            raise SetupError(
                f"The path of the database's socket would be {length} bytes long, and the system allows at most "
                f"{LONGEST_SOCKET_PATH}: {socket}. Set CS_GEO_HOME to a folder with a shorter path."
            )
        if any(character in str(self.home) for character in IMPOSSIBLE_IN_PATH):
            raise SetupError(
                f"The path {self.home} holds a quotation mark, backslash, $, ` or comma, which PostgreSQL cannot take. "
                "Set CS_GEO_HOME to another folder."
            )

    def _lock(self) -> AbstractContextManager[None]:
        return locked(self.home, account_for(self.home, self.data))


def _last_words(text: str) -> str:
    """What PostgreSQL complained of, with the line before, which often has the reason."""
    lines = _lines(text)
    first = next((place for place, line in enumerate(lines) if _telling([line])), len(lines) - 2)
    return " ".join(lines[max(0, first - 1) :][:4]) or "it did not say why."


def _lines(text: str) -> list[str]:
    # Without the time and process number that begin a line of the log.
    return [re.sub(r"^\S+ \S+ \S+ \[\d+\] ", "", line.strip()) for line in text.splitlines() if line.strip()]


def _telling(lines: list[str]) -> bool:
    return any(mark in line for line in lines for mark in ("FATAL:", "PANIC:", "ERROR:", "error:"))
