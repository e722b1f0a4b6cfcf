"""One process at a time makes, starts or stops the cluster of a home folder.

The lock is the system's (``flock``) on a file that stays empty: the system gives it back when the process ends, however
it ends, so there is no stale lock to clear.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cs_geo.errors import SetupError
from cs_geo.store.cluster_account import LOCK_NAME, Account, cannot_use, make_home

# Longer than a start after a crash may take, for which the other process holds it.
LOCK_SECONDS = 300


@contextmanager
def locked(home: Path, account: Account) -> Iterator[None]:
    """Hold the lock of a home, which is made if it is not there.

    Raises
    ------
    SetupError
        If the home cannot be made or written to, or another process holds the lock for too long.
    """
    make_home(home, account)
    path = home / LOCK_NAME
    try:
        lock = _open(path, account)
    except OSError as fault:
        raise cannot_use(path, fault) from fault
    try:
        _wait_for(lock, path)
        yield
    finally:
        os.close(lock)


def _open(path: Path, account: Account) -> int:
    # Root follows no link in a folder that is another user's, and gives away only a file it has just made.
    while True:
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            try:
                return os.open(path, os.O_RDWR | os.O_NOFOLLOW)
            except FileNotFoundError:
                continue
        if account.is_borrowed:
            os.fchown(lock, account.uid, account.gid)
        return lock


def _wait_for(lock: int, path: Path) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise SetupError(
                    f"Another process has been starting or stopping the database for {LOCK_SECONDS} seconds "
                    f"(it holds {path}). End it and try again."
                ) from None
            time.sleep(0.05)
