"""Which processes of this machine belong to a data folder: the server that a process number alone cannot prove.

After a restart of the machine the number in ``postmaster.pid`` may be another program's. A PostgreSQL server has its
data folder as working folder for as long as it lives, and so have its children, which outlive a killed server until
they finish what they were doing. Read from Linux's ``/proc``.
"""

import os
import signal
import time
from pathlib import Path

# A child told to quit does so at once unless it hangs in the system.
QUIT_SECONDS = 5.0


def postmaster_of(data: Path) -> int | None:
    """The number of the server process running in ``data``. None: none does."""
    number = _number_in(data / "postmaster.pid")
    return number if number is not None and number in processes_of(data) else None


def names_a_stranger(lock: Path, data: Path) -> bool:
    """Whether a lock file of PostgreSQL names a living process that does not serve ``data``."""
    number = _number_in(lock)
    return number is not None and Path("/proc", str(number)).is_dir() and number not in processes_of(data)


def processes_of(data: Path) -> set[int]:
    """The PostgreSQL processes whose data folder this is, as far as this user may see them."""
    try:
        wanted = data.stat()
    except OSError:
        return set()
    found = set()
    for number in _all_processes():
        folder = Path("/proc", str(number))
        try:
            at = (folder / "cwd").stat()
            program = (folder / "exe").readlink().name
        except OSError:
            continue
        # Somebody's shell may stand in the folder too. An upgraded package leaves "postgres (deleted)".
        if (at.st_dev, at.st_ino) == (wanted.st_dev, wanted.st_ino) and program.startswith("postgres"):
            found.add(number)
    return found


def end_orphans(data: Path, uid: int) -> None:
    """End the children of a killed server. Their transactions are undone, as after any crash."""
    for way in (signal.SIGQUIT, signal.SIGKILL):
        orphans = {number for number in processes_of(data) if _owner(number) == uid}
        for number in orphans:
            _send(number, way)
        deadline = time.monotonic() + QUIT_SECONDS
        while orphans and processes_of(data) and time.monotonic() < deadline:
            time.sleep(0.05)


def _number_in(lock: Path) -> int | None:
    try:
        number = int(lock.read_text(encoding="ascii", errors="replace").split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    # Single-user mode writes a negative number: no server runs.
    return number if number > 0 else None


def _all_processes() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]


def _owner(number: int) -> int | None:
    try:
        return Path("/proc", str(number)).stat().st_uid
    except OSError:
        return None


def _send(number: int, way: signal.Signals) -> None:
    try:
        os.kill(number, way)
    except ProcessLookupError:
        return
