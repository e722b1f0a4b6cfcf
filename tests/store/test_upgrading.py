"""Making and upgrading the schema: once, whoever else starts, and only in the reference system of the site."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from cs_geo.errors import SetupError
from cs_geo.settings import Settings, get_settings
from cs_geo.store import cluster_files
from cs_geo.store.cluster import Cluster
from cs_geo.store.opening import as_psycopg, open_store
from cs_geo.store.upgrading import newest_revision, upgrade_database
from tests.conftest import Database, _run_as_admin

UPGRADE = "import sys; from cs_geo.store.upgrading import upgrade_database; print(upgrade_database(sys.argv[1]))"


@pytest.fixture
def unmade(cluster: Cluster) -> Iterator[str]:
    """Address, as its owner, of a database without a schema."""
    name = f"test_{token_hex(6)}"
    _run_as_admin(cluster, f"CREATE DATABASE {name} TEMPLATE {cluster_files.DATABASE} OWNER {cluster_files.OWNER}")
    yield cluster.url("owner", name)
    _run_as_admin(cluster, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def set_reference_system(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch
    get_settings.cache_clear()


def test_several_first_time_starts_at_once_make_one_schema(unmade: str) -> None:
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, unmade],
            cwd=Path(__file__).parents[2], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]  # fmt: skip
    said = [start.communicate(timeout=120) for start in starts]
    assert [(start.returncode, out.strip()) for start, (out, _) in zip(starts, said, strict=True)] == [
        (0, newest_revision())
    ] * 3, said


@pytest.mark.parametrize("code", [4326, 3857, 999_999])
def test_no_database_is_made_in_a_reference_system_that_is_not_in_metres(
    unmade: str, set_reference_system: pytest.MonkeyPatch, code: int
) -> None:
    set_reference_system.setenv("CS_GEO_STORAGE_EPSG", str(code))
    get_settings.cache_clear()
    with pytest.raises(SetupError, match="no reference system in metres"):
        upgrade_database(unmade)


def test_a_database_made_in_another_reference_system_is_not_opened(
    database: Database, settings: Settings, set_reference_system: pytest.MonkeyPatch
) -> None:
    open_store(settings).close()
    set_reference_system.setenv("CS_GEO_STORAGE_EPSG", "32630")
    get_settings.cache_clear()
    with pytest.raises(SetupError, match="keeps its points in EPSG:27700, and CS_GEO_STORAGE_EPSG says 32630"):
        open_store(settings)
    with pytest.raises(SetupError, match="set it to 27700"):
        upgrade_database(database.owner_url)


@pytest.mark.parametrize("text", ["garbage", "mysql://somebody@host/db", "postgresql://host:port/db", ""])
def test_what_is_no_address_of_a_database_is_refused_in_words(text: str) -> None:
    with pytest.raises(SetupError, match="Write it like postgresql://"):
        as_psycopg(text)
