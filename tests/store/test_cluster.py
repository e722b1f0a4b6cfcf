"""The private cluster, on the PostgreSQL of this machine: each test that breaks a cluster has one of its own."""

import contextlib
import multiprocessing
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
import pytest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.errors import SetupError
from cs_geo.settings import Settings
from cs_geo.store.cluster import Cluster, ClusterState, cluster_for
from cs_geo.store.cluster_account import account_for
from cs_geo.store.cluster_processes import processes_of
from cs_geo.store.opening import DatabaseAway, open_store
from cs_geo.store.upgrading import upgrade_database

CHECKOUT = Path(__file__).parents[2]
only_as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root acts for another user")


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty folder that the cluster's user may enter; pytest's own are closed to it when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix=f"cs_geo_{os.getpid()}_"))
    yield folder
    with contextlib.suppress(SetupError):
        Cluster(folder).stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def just_made() -> Iterator[Path]:
    """The home of a cluster that was made and never started, to copy from."""
    folder = Path(tempfile.mkdtemp(prefix=f"cs_geo_{os.getpid()}_"))
    Cluster(folder).init()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def own_cluster(home: Path, just_made: Path) -> Cluster:
    """A cluster that the test may break."""
    subprocess.run(["cp", "-a", f"{just_made}/.", home], check=True)
    cluster = Cluster(home)
    cluster.ensure_running()
    return cluster


def connect(cluster: Cluster, role: str = "app", database: str = "cs_geo") -> psycopg.Connection:
    return psycopg.connect(
        cluster.url(role, database).replace("postgresql+psycopg://", "postgresql://"),  # type: ignore[arg-type]
        autocommit=True,
    )


def ask(cluster: Cluster, question: str, role: str = "app", database: str = "cs_geo") -> list[tuple]:
    with connect(cluster, role, database) as connection:
        return connection.execute(question).fetchall()


# What is made


def test_each_role_reaches_the_database_with_the_schema_on_its_path(cluster: Cluster) -> None:
    assert ask(cluster, "SELECT current_user, current_setting('search_path')") == [("cs_geo_app", "cs_geo, public")]
    assert ask(cluster, "SELECT current_user, current_setting('search_path')", "owner") == [
        ("cs_geo_owner", "cs_geo, public")
    ]
    assert ask(cluster, "SELECT postgis_version() >= '3.3', similarity('Elm Park', 'Elm Pk') > 0.4") == [(True, True)]


@pytest.mark.trust("A2", figure="0 bad rows")
def test_the_app_is_no_superuser_and_bypasses_nothing_and_owns_nothing(cluster: Cluster, database) -> None:
    roles = ask(
        cluster,
        "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication, rolcanlogin FROM pg_roles"
        " WHERE rolname LIKE 'cs\\_geo\\_%' ORDER BY 1",
    )
    assert roles == [
        ("cs_geo_admin", True, True, True, True, True, True),
        ("cs_geo_app", False, False, False, False, False, True),
        ("cs_geo_owner", False, True, False, False, False, True),
    ]
    memberships = ask(
        cluster,
        "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid"
        " WHERE m.member = 'cs_geo_app'::regrole",
    )
    assert memberships == []
    owned = "SELECT count(*) FROM {} WHERE {} = 'cs_geo_app'::regrole"
    for catalogue, column in [("pg_class", "relowner"), ("pg_namespace", "nspowner"), ("pg_proc", "proowner")]:
        assert ask(cluster, owned.format(catalogue, column), "admin", database.name) == [(0,)]
    truncating = (
        "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND has_table_privilege('cs_geo_app', oid, 'TRUNCATE')"
    )
    assert ask(cluster, truncating, "admin", database.name) == [(0,)]


@pytest.mark.parametrize(
    "forbidden",
    ["CREATE TABLE public.mine (a int)", "CREATE SCHEMA mine", "CREATE DATABASE mine", "CREATE ROLE mine"],
)
def test_the_app_runs_no_ddl(cluster: Cluster, forbidden: str) -> None:
    with connect(cluster) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(forbidden)


def test_the_app_may_fill_a_temporary_table_for_a_bulk_import(cluster: Cluster) -> None:
    with connect(cluster) as connection:
        connection.execute("CREATE TEMPORARY TABLE incoming (line int)")
        with connection.cursor().copy("COPY incoming FROM STDIN") as copy:
            copy.write_row([7])
        assert connection.execute("SELECT line FROM incoming").fetchall() == [(7,)]


def test_the_app_cannot_enter_the_other_databases_of_the_cluster(cluster: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        connect(cluster, "app", "postgres")


def test_a_window_under_row_level_security_still_uses_the_index(cluster: Cluster, fresh_database) -> None:
    name = fresh_database().name
    with connect(cluster, "owner", name) as owner:
        owner.execute("CREATE TABLE cs_geo.points (area int, geom geometry(Point, 27700))")
        owner.execute(
            "INSERT INTO cs_geo.points SELECT n % 5, ST_SetSRID(ST_MakePoint(n % 200 * 50, n / 200 * 50), 27700)"
            " FROM generate_series(1, 20000) n"
        )
        owner.execute("CREATE INDEX ON cs_geo.points USING gist (geom)")
        owner.execute("ALTER TABLE cs_geo.points ENABLE ROW LEVEL SECURITY")
        owner.execute("CREATE POLICY own_area ON cs_geo.points USING (area = 1)")
        owner.execute("GRANT SELECT ON cs_geo.points TO cs_geo_app")
        owner.execute("ANALYZE cs_geo.points")
    window = "EXPLAIN SELECT * FROM cs_geo.points WHERE geom && ST_MakeEnvelope(0, 0, 300, 300, 27700)"
    plan = "\n".join(row[0] for row in ask(cluster, window, "app", name))
    assert "Index Cond" in plan
    assert "Filter: (area = 1)" in plan


def test_dates_are_kept_in_utc_and_text_in_utf8(cluster: Cluster) -> None:
    assert ask(
        cluster,
        "SELECT current_setting('timezone'), current_setting('server_encoding'), current_setting('data_checksums')",
    ) == [("UTC", "UTF8", "on")]


# Who gets in


def test_no_tcp_port_is_open(cluster: Cluster) -> None:
    process = cluster.status().process
    assert process is not None
    inodes = set()
    for descriptor in Path("/proc", str(process), "fd").iterdir():
        with contextlib.suppress(OSError):
            inodes.add(str(descriptor.readlink()))
    listening = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path("/proc/net", table).read_text(encoding="ascii").splitlines()[1:]
    ]
    assert [fields[1] for fields in listening if f"socket:[{fields[9]}]" in inodes] == []
    assert ask(cluster, "SHOW listen_addresses") == [("",)]


def test_folders_are_closed_to_everybody_else(cluster: Cluster) -> None:
    for folder in (cluster.data, cluster.data.parent, cluster.sockets, cluster.logs):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert cluster.home.stat().st_mode & 0o077 == 0


@only_as_root
def test_another_user_is_turned_away_even_with_the_folders_open(own_cluster: Cluster) -> None:
    own_cluster.home.chmod(0o711)
    own_cluster.sockets.chmod(0o711)
    (own_cluster.sockets / ".s.PGSQL.5432").chmod(0o777)

    def knock() -> str:
        try:
            connect(own_cluster, "admin").close()
        except psycopg.OperationalError as fault:
            return str(fault)
        return "let in"

    assert "Peer authentication failed" in as_nobody(knock)


@pytest.mark.trust("B7", figure="0 values in the database's log")
def test_the_log_holds_no_statement_and_no_value(own_cluster: Cluster) -> None:
    with connect(own_cluster, "owner") as connection:
        connection.execute("CREATE SCHEMA cs_geo CREATE TABLE notes (line int PRIMARY KEY, note text NOT NULL)")
        connection.execute("INSERT INTO cs_geo.notes VALUES (1, 'xyzzy one')")
        for failing, values in [
            ("INSERT INTO cs_geo.notes VALUES (%s, 'xyzzy two')", [1]),
            ("INSERT INTO cs_geo.notes VALUES (NULL, %s)", ["xyzzy three"]),
            ("SELECT %s::text::int", ["xyzzy four"]),
            ("SELECT 'xyzzy five' FROM nowhere", []),
        ]:
            with pytest.raises(psycopg.Error):
                connection.execute(failing, values)
    own_cluster.stop()
    logs = "".join(path.read_text(encoding="utf-8") for path in own_cluster.logs.iterdir())
    assert "database system is ready" in logs
    assert "xyzzy" not in logs


# Starting, stopping, being killed


def test_looking_at_a_cluster_makes_none(home: Path) -> None:
    status = Cluster(home / "site").status()
    assert (status.state, status.major, status.process) == (ClusterState.ABSENT, None, None)
    assert list(home.iterdir()) == []


def test_a_cluster_is_made_started_stopped_and_started_again(home: Path) -> None:
    cluster = cluster_for(Settings(home=home))
    cluster.init()
    assert cluster.status().state is ClusterState.STOPPED
    cluster.start()
    assert cluster.status().state is ClusterState.RUNNING
    cluster.stop()
    assert cluster.status().state is ClusterState.STOPPED
    assert not (cluster.data / "postmaster.pid").exists()
    cluster.stop()
    cluster.ensure_running()
    assert ask(cluster, "SELECT 1") == [(1,)]


def test_asking_for_a_running_cluster_takes_milliseconds(cluster: Cluster) -> None:
    def once() -> float:
        begun = time.perf_counter()
        cluster.ensure_running()
        return time.perf_counter() - begun

    assert min(once() for _ in range(5)) < 0.05


def test_a_home_may_have_spaces_and_an_apostrophe_in_its_name(home: Path) -> None:
    folder = home / "the site's own"
    if os.geteuid() == 0:
        home.chmod(0o711)
    cluster = Cluster(folder)
    cluster.ensure_running()
    try:
        assert ask(cluster, "SELECT 1") == [(1,)]
    finally:
        cluster.stop()


def test_several_processes_at_once_make_and_start_one_cluster(home: Path) -> None:
    processes = [start_in_another_process(home) for _ in range(4)]
    answers = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, answers
    assert {out.strip() for out, _ in answers} == {str(Cluster(home).status().process)}
    assert [path.name for path in (home / "pg").iterdir()] == ["data"]


@pytest.mark.parametrize("after", [0.3, 0.6, 1.0, 1.4])
def test_a_process_killed_while_making_the_cluster_leaves_nothing_half_made(home: Path, after: float) -> None:
    process = start_in_another_process(home)
    time.sleep(after)
    process.kill()
    process.communicate()
    cluster = Cluster(home)
    cluster.ensure_running()
    assert ask(cluster, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'cs\\_geo\\_%'") == [(3,)]
    assert ask(cluster, "SELECT count(*) FROM pg_extension WHERE extname IN ('postgis', 'pg_trgm')") == [(2,)]


def test_what_was_committed_survives_kill_9_of_the_server(own_cluster: Cluster) -> None:
    with connect(own_cluster, "owner") as connection:
        connection.execute("CREATE SCHEMA cs_geo CREATE TABLE kept (line int)")
        connection.execute("INSERT INTO cs_geo.kept SELECT generate_series(1, 1000)")
    kill_9(own_cluster)
    own_cluster.ensure_running()
    assert ask(own_cluster, "SELECT count(*) FROM kept", "owner") == [(1000,)]


def test_a_child_that_outlives_its_killed_server_does_not_bar_the_next_start(own_cluster: Cluster) -> None:
    def work_for_ever() -> None:
        with contextlib.suppress(psycopg.Error), connect(own_cluster) as connection:
            connection.execute("DO $$ BEGIN LOOP END LOOP; END $$")

    threading.Thread(target=work_for_ever, daemon=True).start()
    wait_until(lambda: ask(own_cluster, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO%'") == [(1,)])
    kill_9(own_cluster)
    assert processes_of(own_cluster.data), "the child should still be at work"
    own_cluster.ensure_running()
    assert ask(own_cluster, "SELECT 1") == [(1,)]


def test_locks_naming_another_program_of_the_same_user_do_not_bar_the_start(own_cluster: Cluster) -> None:
    kill_9(own_cluster)
    wait_until(lambda: not processes_of(own_cluster.data))
    account = account_for(own_cluster.home, own_cluster.data)
    stranger = subprocess.Popen(["sleep", "600"], user=account.uid if account.is_borrowed else None)
    try:
        for lock in (own_cluster.data / "postmaster.pid", own_cluster.sockets / ".s.PGSQL.5432.lock"):
            lines = lock.read_text(encoding="utf-8").split("\n")
            lock.write_text("\n".join([str(stranger.pid), *lines[1:]]), encoding="utf-8")
        assert own_cluster.status().state is ClusterState.STOPPED
        own_cluster.ensure_running()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
    assert ask(own_cluster, "SELECT 1") == [(1,)]


def test_a_server_that_will_not_start_says_why(own_cluster: Cluster) -> None:
    own_cluster.stop()
    with (own_cluster.data / "postgresql.auto.conf").open("a", encoding="utf-8") as lines:
        lines.write("max_connections = 'many'\n")
    with pytest.raises(SetupError, match="max_connections"):
        own_cluster.ensure_running()


# Folders that cannot be used


def test_a_folder_from_another_major_version_is_refused_and_left_alone(home: Path) -> None:
    cluster = Cluster(home)
    cluster.init()
    (cluster.data / "PG_VERSION").write_text("14\n", encoding="ascii")
    before = contents(home)
    for act in (cluster.ensure_running, cluster.init, cluster.start):
        with pytest.raises(SetupError, match=r"made by PostgreSQL 14.*Nothing was changed.*postgresql-14"):
            act()
    assert contents(home) == before
    assert cluster.status().major == 14


def test_a_folder_that_is_no_data_folder_is_refused_and_left_alone(home: Path) -> None:
    cluster = Cluster(home)
    cluster.data.mkdir(parents=True)
    (cluster.data / "holiday.jpg").write_bytes(b"\xff\xd8")
    if os.geteuid() == 0:
        shutil.chown(cluster.data, "postgres")
    before = contents(home)
    with pytest.raises(SetupError, match="not a PostgreSQL data folder"):
        cluster.ensure_running()
    assert contents(home) == before


def test_a_socket_path_the_system_cannot_hold_is_refused(home: Path) -> None:
    socket = len(os.fsencode(home / "run" / ".s.PGSQL.5432"))
    fits = home / ("x" * (107 - socket - 1))
    for folder in (fits.with_name(fits.name + "x"), fits.with_name(fits.name[:-1] + "é")):
        with pytest.raises(SetupError, match=r"108 bytes long.*at most 107.*CS_GEO_HOME"):
            Cluster(folder).ensure_running()
    if os.geteuid() == 0:
        home.chmod(0o711)
    longest = Cluster(fits)
    longest.ensure_running()
    try:
        assert ask(longest, "SELECT 1") == [(1,)]
    finally:
        longest.stop()


@pytest.mark.parametrize("name", ['say "hello"', "$HOME", "a`b", "one,two", "back\\slash"])
def test_a_path_postgresql_cannot_take_is_refused(home: Path, name: str) -> None:
    with pytest.raises(SetupError, match="CS_GEO_HOME"):
        Cluster(home / name).ensure_running()
    assert list(home.iterdir()) == []


@only_as_root
def test_started_by_root_the_server_runs_as_postgres(cluster: Cluster) -> None:
    process = cluster.status().process
    assert Path("/proc", str(process)).stat().st_uid == pwd.getpwnam("postgres").pw_uid
    assert cluster.data.stat().st_uid == pwd.getpwnam("postgres").pw_uid


@only_as_root
def test_a_home_inside_a_folder_of_roots_own_is_refused_with_its_name(home: Path) -> None:
    # As are root's own home and pytest's temporary folders.
    with pytest.raises(SetupError, match=rf"{home} is closed to the user postgres.*CS_GEO_HOME"):
        Cluster(home / "site").ensure_running()
    assert not (home / "site" / "pg").exists()


@only_as_root
def test_a_data_folder_of_roots_own_is_refused_with_the_command_that_mends_it(home: Path) -> None:
    cluster = Cluster(home)
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text("15\n", encoding="ascii")
    with pytest.raises(SetupError, match="chown -R postgres"):
        cluster.ensure_running()


@only_as_root
def test_an_ordinary_user_runs_the_cluster_as_themselves_and_root_may_help(home: Path) -> None:
    shutil.chown(home, "nobody")
    cluster = Cluster(home)

    def use() -> str:
        cluster.ensure_running()
        return str(ask(cluster, "SELECT 1"))

    assert as_nobody(use) == "[(1,)]"
    process = cluster.status().process
    assert Path("/proc", str(process)).stat().st_uid == pwd.getpwnam("nobody").pw_uid
    assert ask(cluster, "SELECT 1") == [(1,)]
    cluster.stop()
    cluster.ensure_running()
    assert Path("/proc", str(cluster.status().process)).stat().st_uid == pwd.getpwnam("nobody").pw_uid


@only_as_root
def test_a_cluster_of_somebody_else_is_refused_to_an_ordinary_user(own_cluster: Cluster) -> None:
    def use() -> str:
        try:
            own_cluster.ensure_running()
        except SetupError as refusal:
            return str(refusal)
        return "let in"

    assert "cannot be used: Permission denied. Set CS_GEO_HOME" in as_nobody(use)
    own_cluster.home.chmod(0o711)
    own_cluster.data.parent.chmod(0o711)
    assert "belongs to postgres" in as_nobody(use)


# Helpers


def as_nobody(act: Callable[[], str]) -> str:
    """Do something as an unprivileged user, in a child of this process."""
    entry = pwd.getpwnam("nobody")
    "".encode("ascii")  # an encoding not yet loaded could not be read by that user

    def child(answer: Connection) -> None:
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        try:
            answer.send(act())
        except Exception as fault:  # noqa: BLE001 - the parent's assertion shows it
            answer.send(f"{type(fault).__name__}: {fault}")

    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe()
    process = fork.Process(target=child, args=[there])
    process.start()
    assert here.poll(120)
    answer = here.recv()
    process.join()
    return str(answer)


def start_in_another_process(home: Path) -> subprocess.Popen[str]:
    code = (
        "import sys; from pathlib import Path; from cs_geo.store.cluster import Cluster\n"
        "cluster = Cluster(Path(sys.argv[1])); cluster.ensure_running(); print(cluster.status().process)"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(home)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill_9(cluster: Cluster) -> None:
    process = cluster.status().process
    assert process is not None
    os.kill(process, signal.SIGKILL)
    wait_until(lambda: cluster.status().process is None)


def wait_until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below a folder, by size and time of change."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in [folder, *folder.rglob("*")]
    }


def test_a_cluster_that_was_stopped_is_started_by_the_next_piece_of_work(own_cluster: Cluster) -> None:
    settings = Settings(home=own_cluster.home)
    upgrade_database(own_cluster.url("owner"))
    opened = open_store(settings)
    own_cluster.stop()
    with opened.begin(LOCAL_ACTOR) as connection:
        assert connection.exec_driver_sql("SELECT current_user").scalar() == "cs_geo_app"
    opened.close()


def test_a_cluster_whose_folder_is_gone_is_not_made_anew_under_people_at_work(own_cluster: Cluster) -> None:
    upgrade_database(own_cluster.url("owner"))
    opened = open_store(Settings(home=own_cluster.home))
    own_cluster.stop()
    own_cluster.data.rename(own_cluster.data.with_name("elsewhere"))
    with pytest.raises(DatabaseAway, match="Nothing that was saved is lost"), opened.begin(LOCAL_ACTOR):
        pass
    assert not own_cluster.data.exists()
    opened.close()
