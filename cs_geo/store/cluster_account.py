"""As whom the private cluster runs, and whose its folders are.

PostgreSQL refuses to run as root. Started by root, it runs as the owner of the cluster's folder, which for a new one
is the ``postgres`` user of the machine's packages; started by anybody else, it runs as that person. Folders are 0700:
with ``peer`` authentication (``cluster_files``) that is what keeps other people of the machine out.
"""

import os
import pwd
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cs_geo.errors import SetupError

PACKAGE_USER = "postgres"

LOCK_NAME = ".lock"

# PGHOST, PGDATA, PGOPTIONS and their like in the caller's environment would send PostgreSQL's programs elsewhere.
CLEAN_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


@dataclass(frozen=True)
class Account:
    """The user PostgreSQL runs as."""

    name: str
    uid: int
    gid: int

    @property
    def is_borrowed(self) -> bool:
        """Whether root acts through this account."""
        return os.geteuid() != self.uid

    def run(self, command: Sequence[str | Path], *, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program as this user, in a folder and an environment that lead nowhere."""
        return subprocess.run(  # noqa: S603 - the programs are PostgreSQL's and the system's own
            [str(part) for part in command],
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            cwd="/",
            env=CLEAN_ENVIRONMENT,
            umask=0o077,
            user=self.uid if self.is_borrowed else None,
            group=self.gid if self.is_borrowed else None,
            extra_groups=os.getgrouplist(self.name, self.gid) if self.is_borrowed else None,
        )

    def write(self, path: Path, text: str) -> None:
        """Write a file as this user, complete or not at all."""
        # Root writing by itself into another user's folder could be led elsewhere by a link put there.
        written = self.run(["sh", "-c", 'cat > "$1.new" && mv -fT "$1.new" "$1"', "sh", path], text=text)
        if written.returncode:
            raise SetupError(f"{path} could not be written: {written.stderr.strip()}")


def account_for(home: Path, data: Path) -> Account:
    """The account for the cluster in ``home``.

    Raises
    ------
    SetupError
        If the cluster belongs to somebody else, or root finds no ``postgres`` user to run it.
    """
    owner = owner_of(data)
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise SetupError(
                f"The database in {data} belongs to {_name(owner)}. Run this as that user, or as root, "
                "or set CS_GEO_HOME to a folder of your own."
            )
        return _account(lambda: pwd.getpwuid(os.geteuid()), os.geteuid())
    if owner == 0:
        raise SetupError(
            f"The database in {data} belongs to root, as whom PostgreSQL refuses to run. "
            f"Give it back: chown -R {PACKAGE_USER}: {home}"
        )
    if owner is not None:
        return _account(lambda: pwd.getpwuid(owner), owner)
    return _account(lambda: pwd.getpwnam(PACKAGE_USER), PACKAGE_USER)


def make_home(home: Path, account: Account) -> None:
    """Make the home folder, 0700 and the account's own; one that was there already is left as it is.

    Raises
    ------
    SetupError
        If it cannot be made.
    """
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        home.mkdir(mode=0o700, exist_ok=True)
        # Also where another process has just made it, or was killed before it came to this line.
        if account.is_borrowed and _is_just_made(home):
            os.chown(home, account.uid, account.gid, follow_symlinks=False)
    except OSError as fault:
        raise cannot_use(home, fault) from fault


def prepare_folders(home: Path, folders: Sequence[Path], account: Account) -> None:
    """Make the cluster's folders, 0700 and the account's own. Called under the cluster's lock.

    Raises
    ------
    SetupError
        If a folder cannot be made or entered, or belongs to somebody else.
    """
    try:
        check_enterable(home, account)
        for folder in folders:
            if not folder.is_dir():
                folder.mkdir(mode=0o700)
                if account.is_borrowed:
                    os.chown(folder, account.uid, account.gid, follow_symlinks=False)
            if owner_of(folder) != account.uid:
                raise SetupError(
                    f"{folder} does not belong to {account.name}, as whom PostgreSQL runs here. "
                    f"Give it over (chown -R {account.name}: {folder}), or set CS_GEO_HOME to another folder."
                )
            folder.chmod(0o700)
    except OSError as fault:
        raise cannot_use(home, fault) from fault


def check_enterable(home: Path, account: Account) -> None:
    """Refuse a home the account cannot reach, such as one inside root's own folder or a test's temporary one."""
    route = [*reversed(home.parents), home]
    # Asked of the system, as that user: permission bits alone do not show access lists.
    closed = account.run(["sh", "-c", 'for f do [ -x "$f" ] || { printf %s "$f"; exit 1; }; done', "sh", *route])
    if closed.returncode:
        folder = closed.stdout or home
        raise SetupError(
            f"The folder {folder} is closed to the user {account.name}, as whom PostgreSQL runs here. Set CS_GEO_HOME "
            f"to a folder that user can enter, or let others pass through this one: chmod o+x {folder}"
        )


def owner_of(path: Path) -> int | None:
    """The uid a path belongs to. None: there is nothing there.

    Raises
    ------
    SetupError
        If that cannot be seen, which must never be taken for absence.
    """
    try:
        return path.stat(follow_symlinks=False).st_uid
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise cannot_use(path, fault) from fault


def _is_just_made(home: Path) -> bool:
    """Whether a home is root's own, closed and still empty: then it may be handed to the account that will use it."""
    now = home.stat(follow_symlinks=False)
    return now.st_uid == 0 and not now.st_mode & 0o077 and all(entry.name == LOCK_NAME for entry in home.iterdir())


def _account(find: Callable[[], pwd.struct_passwd], who: object) -> Account:
    try:
        entry = find()
    except KeyError:
        raise SetupError(
            f"There is no user {who} on this machine, and PostgreSQL runs neither as root nor without a name. "
            "Install the machine's own PostgreSQL packages, or run this as an ordinary user."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid).pw_name if uid is not None else "nobody"
    except KeyError:
        return f"user {uid}"


def cannot_use(path: Path, fault: OSError) -> SetupError:
    """What to say when the system refuses a file or folder of the home."""
    return SetupError(f"{path} cannot be used: {fault.strerror}. Set CS_GEO_HOME to a folder in which you may write.")
