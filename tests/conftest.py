"""What every test may use: a private cluster for the run, and databases of its own for each test.

One cluster serves one run of pytest, shared by its workers, in a short folder that the ``postgres`` user can enter. It
is made by the first test that asks for it and is gone when the run ends. The schema is migrated once, into a template;
a test's database is a copy of it (about 0.1 s). A developer's own ``CS_GEO_…`` settings are put aside for the run, so
no test can reach a database that matters.
"""

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings

from tests.trust.recording import Recorder, note_marks

# The store is imported where it is used: tests of the stages need no driver and should not wait for one.
if TYPE_CHECKING:
    from cs_geo.settings import Settings
    from cs_geo.store.cluster import Cluster

RUN_HOME = "CS_GEO_TEST_HOME"
TEMPLATE = "cs_geo_template"

# A deadline measures how busy the machine is.
hypothesis_settings.register_profile("cs_geo", deadline=None)
hypothesis_settings.load_profile("cs_geo")


@dataclass(frozen=True)
class Database:
    """A migrated, empty database of the run's cluster, as each of the three roles reaches it."""

    name: str
    owner_url: str
    app_url: str
    admin_url: str


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run write down which tests of trust it held."""
    parser.addoption("--trust-record", type=Path, metavar="FILE", help="write what tests of trust hold into FILE")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hand the marks of trust over to the reports."""
    for item in items:
        note_marks(item)


def pytest_configure(config: pytest.Config) -> None:
    """Choose the folder of the run's cluster, before any worker is started."""
    if hasattr(config, "workerinput"):
        return
    if config.getoption("trust_record"):
        config.pluginmanager.register(Recorder(config.getoption("trust_record")))
    for name in [name for name in os.environ if name.startswith("CS_GEO_")]:
        del os.environ[name]
    _end_abandoned_runs()
    os.environ[RUN_HOME] = tempfile.mkdtemp(prefix=f"cs_geo_{os.getpid()}_")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the run's cluster and remove its folder, after the last worker has ended."""
    if not hasattr(config, "workerinput") and RUN_HOME in os.environ:
        _end(Path(os.environ.pop(RUN_HOME)))


@pytest.fixture(scope="session")
def cluster() -> "Cluster":
    """The run's private cluster, running."""
    from cs_geo.store.cluster import Cluster

    cluster = Cluster(Path(os.environ[RUN_HOME]))
    cluster.init()
    # What a test writes need not outlive a power cut.
    own_settings = cluster.data / "postgresql.auto.conf"
    if "fsync" not in own_settings.read_text(encoding="utf-8"):
        with own_settings.open("a", encoding="utf-8") as lines:
            lines.write("fsync = 'off'\nfull_page_writes = 'off'\nsynchronous_commit = 'off'\n")
    cluster.ensure_running()
    return cluster


@pytest.fixture(scope="session")
def make_database(cluster: "Cluster") -> Callable[[], contextlib.AbstractContextManager[Database]]:
    """``with make_database() as database:`` for a fixture of a wider scope than one test."""
    from cs_geo.store import cluster_files

    with (cluster.home / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _make_template(cluster)

    @contextlib.contextmanager
    def make() -> Iterator[Database]:
        name = f"test_{secrets.token_hex(6)}"
        _run_as_admin(
            cluster,
            f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {cluster_files.OWNER}",
            *cluster_files.database_privileges(name),
        )
        try:
            yield Database(name, cluster.url("owner", name), cluster.url("app", name), cluster.url("admin", name))
        finally:
            _run_as_admin(cluster, f"DROP DATABASE {name} WITH (FORCE)")

    return make


@pytest.fixture
def fresh_database(
    make_database: Callable[[], contextlib.AbstractContextManager[Database]],
) -> Iterator[Callable[[], Database]]:
    """Make as many migrated, empty databases as a test needs; they are dropped after it."""
    with contextlib.ExitStack() as made:
        yield lambda: made.enter_context(make_database())


@pytest.fixture
def database(fresh_database: Callable[[], Database]) -> Database:
    """A migrated, empty database for one test."""
    return fresh_database()


@pytest.fixture(scope="module")
def module_database(make_database: Callable[[], contextlib.AbstractContextManager[Database]]) -> Iterator[Database]:
    """A migrated database shared by the tests of one module, for what is slow to load."""
    with make_database() as database:
        yield database


@pytest.fixture
def database_url_owner(database: Database) -> str:
    """The test's database as the role that owns the schema."""
    return database.owner_url


@pytest.fixture
def database_url_app(database: Database) -> str:
    """The test's database as the app."""
    return database.app_url


@pytest.fixture
def settings(cluster: "Cluster", database: Database) -> "Settings":
    """The settings of a site whose database is the test's."""
    from cs_geo.settings import Settings

    return Settings(home=cluster.home, database_url=database.app_url, owner_database_url=database.owner_url)


def _make_template(cluster: "Cluster") -> None:
    import psycopg

    from cs_geo.store import cluster_files
    from cs_geo.store.upgrading import upgrade_database

    with psycopg.connect(plain(cluster.url("admin", "postgres"))) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone()
    if found:
        return
    making = f"{TEMPLATE}_making"
    _run_as_admin(
        cluster,
        f"DROP DATABASE IF EXISTS {making} WITH (FORCE)",
        f"CREATE DATABASE {making} TEMPLATE {cluster_files.DATABASE} OWNER {cluster_files.OWNER}",
    )
    upgrade_database(cluster.url("owner", making))
    _run_as_admin(cluster, f"ALTER DATABASE {making} RENAME TO {TEMPLATE}")


def _run_as_admin(cluster: "Cluster", *statements: str) -> None:
    import psycopg

    with psycopg.connect(plain(cluster.url("admin", "postgres")), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def plain(url: str) -> str:
    """An address in libpq's own form, for tests that use psycopg without SQLAlchemy."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def _end_abandoned_runs() -> None:
    """Remove what runs left that were killed: their process is gone, their folder and cluster are not."""
    for folder in Path(tempfile.gettempdir()).glob("cs_geo_*_*"):
        number = re.fullmatch(r"cs_geo_(\d+)_.*", folder.name)
        if number and not Path("/proc", number[1]).exists() and os.access(folder, os.W_OK):
            _end(folder)


def _end(home: Path) -> None:
    from cs_geo.store.cluster import Cluster

    if (home / "pg" / "data" / "PG_VERSION").exists():
        Cluster(home).stop()
    shutil.rmtree(home, ignore_errors=True)
