"""Which PostgreSQL programs the private cluster runs on: version 15 or newer, with PostGIS 3.3 or newer.

Only the file system is read, and ``pg_config`` asked; nothing is installed or started. Where the programs are missing
the message names the command that installs them on Debian and its relatives. The set-up asks the same question before
any Python package is installed, so nothing but the standard library may be imported here.
"""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cs_geo.errors import SetupError

OLDEST_POSTGRESQL = 15
OLDEST_POSTGIS = (3, 3)
NEEDED = ("pg_config", "pg_ctl", "initdb", "postgres")

# Debian keeps every major version side by side here and only wrappers on the PATH.
DEBIAN_ROOT = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Programs:
    """One installed PostgreSQL: its major version, where its programs are, and the PostGIS beside it."""

    major: int
    folder: Path
    postgis: tuple[int, ...] | None

    def path(self, name: str) -> str:
        """The full path of one program."""
        return str(self.folder / name)

    @property
    def is_suitable(self) -> bool:
        """Whether the cluster can run on it."""
        return self.major >= OLDEST_POSTGRESQL and self.postgis is not None and self.postgis >= OLDEST_POSTGIS


def installed_programs(root: Path = DEBIAN_ROOT) -> list[Programs]:
    """Every PostgreSQL found, newest first, suitable or not."""
    found = {programs.major: programs for programs in _each_installed(root)}
    return [found[major] for major in sorted(found, reverse=True)]


def newest_programs(installed: Iterable[Programs]) -> Programs:
    """The programs a new cluster is made with.

    Raises
    ------
    SetupError
        If no suitable PostgreSQL with PostGIS is installed.
    """
    installed = list(installed)
    for programs in installed:
        if programs.is_suitable:
            return programs
    raise SetupError(
        f"PostgreSQL {OLDEST_POSTGRESQL} or newer with PostGIS {_dotted(OLDEST_POSTGIS)} or newer is needed; "
        f"{_what_is_there(installed)}. Install it: {install_command(_major_to_offer(installed))}"
    )


def programs_of_version(major: int, data: Path, installed: Iterable[Programs]) -> Programs:
    """The programs that may open a data folder of this major version, and no other.

    Raises
    ------
    SetupError
        If they are not installed. The folder is left as it is: PostgreSQL cannot open another version's folder.
    """
    installed = list(installed)
    same = next((programs for programs in installed if programs.major == major), None)
    if same is not None and same.is_suitable:
        return same
    if same is not None:
        raise SetupError(
            f"The database in {data} needs PostGIS {_dotted(OLDEST_POSTGIS)} or newer beside PostgreSQL {major}. "
            f"Install it: {install_command(major)}"
        )
    raise SetupError(
        f"The database in {data} was made by PostgreSQL {major}; {_what_is_there(installed)}. Nothing was changed. "
        f"Either install PostgreSQL {major} again ({install_command(major)}), or keep that folder as it is and start "
        "with an empty one by setting CS_GEO_HOME to another folder."
    )


def packages_to_install(installed: Iterable[Programs]) -> list[str]:
    """Debian's packages that are missing for a new cluster, of the version this machine's archive offers.

    Empty where a suitable PostgreSQL is installed; one that is new enough and lacks only PostGIS is kept.
    """
    installed = list(installed)
    if any(programs.is_suitable for programs in installed):
        return []
    return _packages(_major_to_offer(installed))


def install_command(major: int | None = None) -> str:
    """The command that installs PostgreSQL and PostGIS here; None: of the version the archive offers."""
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get install --no-install-recommends {' '.join(_packages(major))}"


def _packages(major: int | None) -> list[str]:
    offered = major or _offered_by_archive() or OLDEST_POSTGRESQL
    return [f"postgresql-{offered}", f"postgresql-{offered}-postgis-3"]


def _each_installed(root: Path) -> Iterator[Programs]:
    folders = [folder / "bin" for folder in root.glob("*")]
    # Elsewhere than on Debian the programs are on the PATH.
    folders += [Path(found).resolve().parent for name in ("postgres", "pg_config") if (found := shutil.which(name))]
    for folder in reversed(folders):
        if all(os.access(folder / name, os.X_OK) for name in NEEDED):
            yield _programs_in(folder)


def _programs_in(folder: Path) -> Programs:
    answer = subprocess.run(  # noqa: S603 - PostgreSQL's own program, found by its folder
        [folder / "pg_config", "--version", "--sharedir"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    version, share = answer[0].split()[1], Path(answer[1])
    digits = "".join(character if character.isdigit() else " " for character in version).split()
    return Programs(int(digits[0]), folder, _postgis_version(share / "extension" / "postgis.control"))


def _postgis_version(control: Path) -> tuple[int, ...] | None:
    if not control.is_file():
        return None
    for line in control.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "default_version":
            return tuple(int(part) for part in value.strip().strip("'").split(".") if part.isdigit())
    return None


def _offered_by_archive() -> int | None:
    """The newest version whose PostGIS the machine's package archive offers, by its local lists."""
    apt_cache = shutil.which("apt-cache")
    if apt_cache is None:
        return None
    asked = subprocess.run(  # noqa: S603 - the system's own program
        [apt_cache, "pkgnames", "postgresql-"], capture_output=True, text=True
    )
    names = asked.stdout.split()
    offered = [name.split("-")[1] for name in names if name.endswith("-postgis-3")]
    return max((int(version) for version in offered if version.isdigit()), default=None)


def _major_to_offer(installed: list[Programs]) -> int | None:
    """Where a new enough PostgreSQL lacks only PostGIS, that version."""
    return next((programs.major for programs in installed if programs.major >= OLDEST_POSTGRESQL), None)


def _what_is_there(installed: list[Programs]) -> str:
    if not installed:
        return "no PostgreSQL is installed here"
    return "installed here: " + ", ".join(
        f"PostgreSQL {programs.major} "
        + (f"with PostGIS {_dotted(programs.postgis)}" if programs.postgis else "without PostGIS")
        for programs in installed
    )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
