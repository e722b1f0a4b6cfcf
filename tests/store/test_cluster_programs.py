"""Which PostgreSQL is chosen, on folders that look like Debian's."""

import os
from pathlib import Path

import pytest

from cs_geo.errors import SetupError
from cs_geo.store.cluster_programs import (
    Programs,
    install_command,
    installed_programs,
    newest_programs,
    programs_of_version,
)


def install(root: Path, major: int, postgis: str | None) -> None:
    """Put programs of a version below ``root``: only ``pg_config`` is ever asked here."""
    share = root / "share" / str(major)
    folder = root / "lib" / str(major) / "bin"
    (share / "extension").mkdir(parents=True)
    folder.mkdir(parents=True)
    for name in ("pg_ctl", "initdb", "postgres", "pg_config"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho 'PostgreSQL {major}.4 (Debian {major}.4-1)'\necho '{share}'\n")
        program.chmod(0o755)
    if postgis:
        (share / "extension" / "postgis.control").write_text(
            f"# postgis extension\ncomment = 'PostGIS'\ndefault_version = '{postgis}'\nrelocatable = false\n"
        )


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def found(root: Path) -> list[Programs]:
    return installed_programs(root / "lib")


def test_the_newest_version_that_has_postgis_is_taken(root: Path) -> None:
    for major, postgis in [(9, None), (15, "3.3.2"), (16, "3.4.0"), (17, None)]:
        install(root, major, postgis)
    assert [programs.major for programs in found(root)] == [17, 16, 15, 9]
    assert newest_programs(found(root)) == Programs(16, root / "lib" / "16" / "bin", (3, 4, 0))


def test_an_older_folder_is_opened_by_its_own_version_beside_a_newer_one(root: Path) -> None:
    install(root, 15, "3.3.2")
    install(root, 16, "3.4.0")
    assert programs_of_version(15, root, found(root)).path("initdb") == str(root / "lib" / "15" / "bin" / "initdb")


@pytest.mark.parametrize(
    ("versions", "there", "offered"),
    [
        ([], "no PostgreSQL is installed here", "postgresql-"),
        ([(14, "3.3.2")], "installed here: PostgreSQL 14 with PostGIS 3.3.2", "postgresql-"),
        ([(15, None)], "installed here: PostgreSQL 15 without PostGIS", "postgresql-15-postgis-3"),
        ([(16, "3.2.9")], "installed here: PostgreSQL 16 with PostGIS 3.2.9", "postgresql-16-postgis-3"),
    ],
)
def test_what_is_missing_is_said_with_the_command_that_installs_it(
    root: Path, versions: list[tuple[int, str | None]], there: str, offered: str
) -> None:
    for major, postgis in versions:
        install(root, major, postgis)
    with pytest.raises(SetupError) as refusal:
        newest_programs(found(root))
    assert there in str(refusal.value)
    assert offered in str(refusal.value)
    assert "apt-get install" in str(refusal.value)


def test_a_folder_whose_version_lacks_postgis_names_the_package(root: Path) -> None:
    install(root, 15, None)
    install(root, 16, "3.4.0")
    with pytest.raises(SetupError, match="postgresql-15-postgis-3"):
        programs_of_version(15, root, found(root))


def test_the_command_names_the_version_the_archive_offers(root: Path) -> None:
    archive = root / "apt-cache"
    archive.write_text("#!/bin/sh\necho postgresql-17-postgis-3\necho postgresql-16-postgis-3-scripts\n")
    archive.chmod(0o755)
    sudo = "" if os.geteuid() == 0 else "sudo "
    assert install_command() == f"{sudo}apt-get install --no-install-recommends postgresql-17 postgresql-17-postgis-3"
