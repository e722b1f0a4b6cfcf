"""Dumps by PostgreSQL's own programs, as streams: nothing of the dump is written to disk in clear.

The schema ``cs_geo`` is dumped, and not the extensions: those belong to whoever administers the database they are
restored into. A dump by a role under row-level security holds empty tables and says nothing of it (measured), so the
role is asked first, and the rows in the dump are counted on their way.
"""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Connection, text

from cs_geo.errors import SetupError
from cs_geo.store.cluster_programs import DEBIAN_ROOT

BLOCK = 1024 * 1024
NUMBERS_OF_VERSION = 10_000
"""PostgreSQL says 15.4 as 150004."""


class DumpFailed(SetupError):
    """One of PostgreSQL's programs did not do its work."""


def require_sight_of_all_rows(connection: Connection) -> None:
    """Refuse a role from which row-level security hides rows.

    Raises
    ------
    SetupError
        With what makes the role one that sees all rows.
    """
    role, sees_all = connection.execute(
        text("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    ).one()
    if not sees_all:
        raise SetupError(
            f"The database role {role} does not see all rows: row-level security hides them from it, and a backup by "
            f"it would hold empty tables. Set CS_GEO_OWNER_DATABASE_URL to the role that owns the schema, and have the "
            f"database's administrator run, once: ALTER ROLE {role} BYPASSRLS"
        )


def programs_for(connection: Connection, name: str) -> str:
    """The path of ``pg_dump`` or ``pg_restore``, of this server's version or the next newer one.

    Raises
    ------
    SetupError
        If none is installed here.
    """
    server = int(connection.scalar(text("SHOW server_version_num")) or 0) // NUMBERS_OF_VERSION
    found = {_major(path): path for path in reversed(_each_installed(name))}
    fitting = [major for major in sorted(found) if major >= server]
    if not fitting:
        raise SetupError(
            f"The program {name} of PostgreSQL {server} or newer is needed on this machine. "
            f"Install it: apt-get install postgresql-client-{server}"
        )
    return str(found[fitting[0]])


def dump_schema(program: str, url: str, snapshot: str) -> Iterator[bytes]:
    """The dump of the schema in PostgreSQL's custom format, as it was at a snapshot.

    Raises
    ------
    DumpFailed
        If the program ends before its time.
    """
    words = [program, "--format=custom", "--schema=cs_geo", f"--snapshot={snapshot}", "--no-password"]
    with _run([*words, f"--dbname={_address(url)}"], url, output=True) as process:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        while block := process.stdout.read(BLOCK):
            yield block


class RowCounter:
    """Counts the rows of each table in a dump that passes by: ``pg_restore`` unpacks it, and nothing is kept."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.rows: dict[str, int] = {}
        """Rows of each table that has a part in the dump; complete when the counting is over."""
        self._process = process
        self._reader = threading.Thread(target=self._count, daemon=True)
        self._reader.start()

    def write(self, block: bytes) -> None:
        """Take some more of the dump."""
        _hand_over(self._process, block)

    def finish(self) -> None:
        """Count to the end."""
        _close(self._process)
        self._reader.join()

    def _count(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        table = None
        for line in self._process.stdout:
            if table is None:
                begun = re.match(rb'COPY cs_geo\."?(\w+)"? \(.*FROM stdin;$', line.rstrip(b"\n"))
                table = begun[1].decode() if begun else None
                if table:
                    self.rows[table] = 0
            elif line == b"\\.\n":
                table = None
            else:
                self.rows[table] += 1


@contextmanager
def counting_rows(program: str) -> Iterator[RowCounter]:
    """Count the rows of a dump that is written to the counter."""
    with _run([program, "--data-only", "--file=-"], "", output=True, given=True) as process:
        counter = RowCounter(process)
        yield counter
        counter.finish()


def restore_schema(program: str, url: str, blocks: Iterator[bytes]) -> None:
    """Put a dump into a database in one transaction: all of it, or nothing.

    Raises
    ------
    DumpFailed
        If the program cannot. What ``blocks`` raises is raised, after the transaction was given up.
    """
    words = [program, "--single-transaction", "--exit-on-error", "--no-owner", "--no-password"]
    with _run([*words, f"--dbname={_address(url)}"], url, given=True) as process:
        for block in blocks:
            _hand_over(process, block)
        _close(process)


@contextmanager
def _run(
    words: Sequence[str], url: str, *, output: bool = False, given: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    # The password is given in the environment, which other users of the machine cannot read; arguments they can.
    password = conninfo_to_dict(_plain(url)).get("password") if url else None
    environment = os.environ | {"LC_ALL": "C.UTF-8"} | ({"PGPASSWORD": str(password)} if password else {})
    process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own programs
        words,
        stdin=subprocess.PIPE if given else subprocess.DEVNULL,
        stdout=subprocess.PIPE if output else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
    )
    said: list[bytes] = []
    assert process.stderr is not None  # noqa: S101 - a pipe was asked for
    listener = threading.Thread(target=_listen, args=(process.stderr, said), daemon=True)
    listener.start()
    try:
        yield process
        code = process.wait()
    except BaseException:
        # Before its input is closed: the end of the input could be taken for the end of the dump.
        process.kill()
        process.wait()
        raise
    finally:
        listener.join()
        if given:
            _close(process)
        process.stderr.close()
    if code:
        raise DumpFailed(f"{Path(words[0]).name} could not do its work: {_without_values(b''.join(said))}")


def _hand_over(process: subprocess.Popen[bytes], block: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - a pipe was asked for
    try:
        process.stdin.write(block)
    except BrokenPipeError:
        # It has ended already and its exit code says why.
        return


def _close(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None  # noqa: S101 - a pipe was asked for
    try:
        process.stdin.close()
    except BrokenPipeError:
        return


def _listen(pipe: IO[bytes], said: list[bytes]) -> None:
    said.extend(pipe)


def _without_values(said: bytes) -> str:
    """The first thing a program complained of, without what stands between quotation marks: it may come from a row."""
    lines = said.decode("utf-8", "replace").splitlines()
    first = next((line for line in lines if "error:" in line.casefold()), lines[0] if lines else "it did not say why")
    return re.sub(r'"[^"]*"', "“…”", re.sub(r"^\S+: (error: )?", "", first)).strip().rstrip(".") + "."


def _address(url: str) -> str:
    parts = conninfo_to_dict(_plain(url))
    parts.pop("password", None)
    return make_conninfo("", **parts)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _each_installed(name: str) -> list[Path]:
    found = [folder / "bin" / name for folder in DEBIAN_ROOT.glob("*")]
    on_path = shutil.which(name)
    return [path for path in (*found, *([Path(on_path)] if on_path else [])) if os.access(path, os.X_OK)]


def _major(path: Path) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    version = re.search(r"(\d+)", said)
    return int(version[1]) if version else 0
