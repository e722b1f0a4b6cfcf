"""Backups and restores: everything comes back, or nothing, and a backup that would hold less is refused."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from cs_geo.access.actor import LOCAL_ACTOR, Role
from cs_geo.access.permissions import Refused
from cs_geo.errors import NotAvailable, RefusedInput, SetupError, UsageError
from cs_geo.settings import Settings
from cs_geo.store import backups, cluster_files, sealing
from cs_geo.store.audit import list_audit
from cs_geo.store.cluster import Cluster
from cs_geo.store.dumping import DumpFailed
from cs_geo.store.opening import Store
from cs_geo.store.reader_views import VIEWS
from cs_geo.store.sealing import WrongPassphrase
from cs_geo.workflows.keep_backups import back_up, restore
from tests.conftest import Database, plain
from tests.sheets import (
    ask_one,
    change,
    effort_row,
    import_rows,
    import_sheet,
    open_test_store,
    report_row,
    write_sheet,
)

PASSPHRASE = "elm copper harbour nine"
CANARY = "heron on the weir"


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LOG_N", 2)


@pytest.fixture
def filled(store: Store, tmp_path: Path) -> Store:
    """A store with reports in two versions, rejects, effort, and what was done."""
    rows = [report_row(reference=f"A{n}", note=f"{CANARY} {n}") for n in range(30)]
    import_rows(store, tmp_path, [*rows, report_row(date="x")])
    import_rows(store, tmp_path, [report_row(reference="A1", note="again\nin two lines \\. and a tab\t")])
    import_sheet(store, write_sheet(tmp_path / "effort.csv", [effort_row()]), source="Youth team")
    return store


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[Database]:
    """A database as its administrator hands it over: extensions, and no schema of ours."""
    name = "test_restored"
    admin = plain(cluster.url("admin", "postgres"))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {cluster_files.DATABASE} OWNER {cluster_files.OWNER}")
        for statement in cluster_files.database_privileges(name):
            connection.execute(statement)
    yield Database(name, cluster.url("owner", name), cluster.url("app", name), cluster.url("admin", name))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def settings_of(cluster: Cluster, database: Database) -> Settings:
    return Settings(home=cluster.home, database_url=database.app_url, owner_database_url=database.owner_url)


def log(store: Store) -> list[tuple[str, str]]:
    with store.begin(LOCAL_ACTOR) as connection:
        return [(row.action, row.outcome) for row in reversed(list_audit(connection))]


def is_empty(database: Database) -> bool:
    return bool(ask_one(database, "SELECT to_regnamespace('cs_geo') IS NULL"))


@pytest.mark.trust("D12", figure="counts, checksums, policies and chain equal")
def test_a_restore_into_an_empty_database_gives_back_every_row_rule_and_number(
    filled: Store, settings: Settings, cluster: Cluster, database: Database, empty: Database, tmp_path: Path
) -> None:
    file = tmp_path / "site.backup"
    manifest = back_up(filled, LOCAL_ACTOR, settings, file, PASSPHRASE)
    assert log(filled)[-2:] == [("back_up", "begun"), ("back_up", "done")]
    assert manifest.sums.tables["reports"].rows == 30
    assert CANARY.encode() not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0

    done = restore(LOCAL_ACTOR, settings_of(cluster, empty), file, PASSPHRASE)
    assert done.manifest == manifest
    for table in ("reports", "report_versions", "import_rejects", "effort_sessions", "report_cells", "role_grants"):
        whole = f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM cs_geo.{table} t"
        assert ask_one(empty, whole) == ask_one(database, whole), table
    unforced = "SELECT count(*) FROM pg_class WHERE relnamespace = 'cs_geo'::regnamespace AND relforcerowsecurity"
    assert ask_one(empty, unforced) == ask_one(database, unforced) == done.forced
    assert ask_one(empty, "SELECT count(*) FROM cs_geo.altered_audit_rows()") == 0
    views = "SELECT count(*) FROM pg_views WHERE schemaname IN ('cs_geo_internal', 'cs_geo_partner')"
    assert ask_one(empty, views) == ask_one(database, views) == len(VIEWS)
    # The site goes on: who may do what is as before, and new reports get references nobody has.
    restored = open_test_store(empty)
    try:
        assert log(restored)[-2:] == [("back_up", "begun"), ("restore", "done")]
        import_rows(restored, tmp_path, [report_row(reference="A31")])
        assert ask_one(empty, "SELECT count(DISTINCT reference) FROM cs_geo.reports") == 31
    finally:
        restored.close()
    with psycopg.connect(plain(empty.app_url)) as connection:
        assert connection.execute("SELECT count(*) FROM cs_geo.reports").fetchone() == (0,)


@pytest.mark.trust("D12", figure="restored into an empty cluster")
def test_a_backup_is_restored_into_a_new_private_cluster(
    filled: Store, settings: Settings, cluster: Cluster, tmp_path: Path
) -> None:
    file, home = tmp_path / "site.backup", cluster.home / "n"
    back_up(filled, LOCAL_ACTOR, settings, file, PASSPHRASE)
    try:
        done = restore(LOCAL_ACTOR, settings, file, PASSPHRASE, into_home=home)
        assert done.home == home
        with psycopg.connect(plain(Cluster(home).url("owner"))) as connection:
            assert connection.execute("SELECT count(*) FROM cs_geo.reports").fetchone() == (30,)
        with pytest.raises(RefusedInput, match="already"):
            restore(LOCAL_ACTOR, settings, file, PASSPHRASE, into_home=home)
    finally:
        Cluster(home).stop()


def cut_in_the_middle(content: bytes) -> bytes:
    return content[: len(content) // 2]


def cut_by_a_byte(content: bytes) -> bytes:
    return content[:-1]


def with_a_byte_altered(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    ("damage", "message"),
    [(cut_in_the_middle, "cut short"), (cut_by_a_byte, "cut short"), (with_a_byte_altered, "altered")],
)
@pytest.mark.trust("D13", figure="detected, nothing restored")
def test_a_backup_cut_short_or_altered_restores_nothing(
    filled: Store,
    settings: Settings,
    cluster: Cluster,
    empty: Database,
    tmp_path: Path,
    damage: Callable[[bytes], bytes],
    message: str,
) -> None:
    file = tmp_path / "site.backup"
    back_up(filled, LOCAL_ACTOR, settings, file, PASSPHRASE)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(RefusedInput, match=message):
        restore(LOCAL_ACTOR, settings_of(cluster, empty), file, PASSPHRASE)
    assert is_empty(empty)
    # Should the file change between the look through it and the restore, the transaction is given up.
    with pytest.raises((RefusedInput, DumpFailed)):
        backups.restore_backup(empty.owner_url, file, PASSPHRASE)
    assert is_empty(empty)


@pytest.mark.trust("D13", figure="detected, nothing restored")
def test_another_passphrase_restores_nothing(
    filled: Store, settings: Settings, cluster: Cluster, empty: Database, tmp_path: Path
) -> None:
    file = tmp_path / "site.backup"
    back_up(filled, LOCAL_ACTOR, settings, file, PASSPHRASE)
    with pytest.raises(WrongPassphrase):
        restore(LOCAL_ACTOR, settings_of(cluster, empty), file, "elm copper harbour ten")
    assert is_empty(empty)


def test_a_database_that_holds_anything_is_not_restored_into(
    filled: Store, settings: Settings, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "site.backup"
    back_up(filled, LOCAL_ACTOR, settings, file, PASSPHRASE)
    with pytest.raises(RefusedInput, match="not empty"):
        restore(LOCAL_ACTOR, settings, file, PASSPHRASE)
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports") == 30


def test_a_backup_of_a_newer_program_is_refused_with_both_versions(
    filled: Store,
    settings: Settings,
    cluster: Cluster,
    empty: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "site.backup"
    with monkeypatch.context() as newer:
        newer.setattr(backups, "present_revision", lambda _: "9001")
        newer.setattr(backups, "__version__", "7.0")
        back_up(filled, LOCAL_ACTOR, settings, file, PASSPHRASE)
    with pytest.raises(NotAvailable, match=r"cs_geo 7\.0.*9001.*newer"):
        restore(LOCAL_ACTOR, settings_of(cluster, empty), file, PASSPHRASE)
    assert is_empty(empty)


def test_what_is_restored_otherwise_than_it_was_is_taken_away_again(
    filled: Store,
    settings: Settings,
    cluster: Cluster,
    empty: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "site.backup"
    back_up(filled, LOCAL_ACTOR, settings, file, PASSPHRASE)
    honest = backups.restore_schema

    def restore_less(program: str, url: str, blocks: Iterator[bytes]) -> None:
        honest(program, url, blocks)
        with psycopg.connect(plain(url)) as connection:
            connection.execute("UPDATE cs_geo.reports SET note = 'x' WHERE occurrence = 1")
            connection.execute("DELETE FROM cs_geo.import_rejects")
            connection.execute("ALTER TABLE cs_geo.places NO FORCE ROW LEVEL SECURITY")

    monkeypatch.setattr(backups, "restore_schema", restore_less)
    with pytest.raises(RefusedInput) as refused:
        restore(LOCAL_ACTOR, settings_of(cluster, empty), file, PASSPHRASE)
    for said in ("rows of reports are not the same", "import_rejects holds 0 rows", "row-level security of places"):
        assert said in str(refused.value)
    assert is_empty(empty)


@pytest.mark.trust("D12", figure="refused")
def test_a_role_from_which_rows_are_hidden_makes_no_backup(
    filled: Store, database: Database, cluster: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "site.backup"
    as_app = Settings(home=cluster.home, database_url=database.app_url)
    with pytest.raises(SetupError, match="BYPASSRLS"):
        back_up(filled, LOCAL_ACTOR, as_app, file, PASSPHRASE)
    assert list(tmp_path.glob("*.backup*")) == []
    assert log(filled)[-2:] == [("back_up", "begun"), ("back_up", "failed")]


def test_a_table_with_rows_that_is_dumped_empty_makes_no_backup(
    filled: Store, settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "site.backup"
    honest = backups.dump_schema

    def dump_without_sight(program: str, url: str, snapshot: str) -> Iterator[bytes]:
        # What pg_dump does under policies when it is told to take what it can see.
        script = tmp_path / "pg_dump"
        script.write_text(f'#!/bin/sh\nexec {program} --enable-row-security "$@"\n')
        script.chmod(0o755)
        return honest(str(script), database.app_url, snapshot)

    monkeypatch.setattr(backups, "dump_schema", dump_without_sight)
    change(database, "GRANT SELECT ON ALL TABLES IN SCHEMA cs_geo TO cs_geo_app")
    change(database, "GRANT SELECT ON ALL SEQUENCES IN SCHEMA cs_geo TO cs_geo_app")
    with pytest.raises(SetupError, match=r"reports \(0 of 30 rows\)"):
        back_up(filled, LOCAL_ACTOR, settings, file, PASSPHRASE)
    assert not file.exists()
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []


def test_a_backup_is_not_written_over_another_file_nor_into_nowhere(
    filled: Store, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "site.backup"
    file.write_text("kept")
    with pytest.raises(RefusedInput, match="already"):
        back_up(filled, LOCAL_ACTOR, settings, file, PASSPHRASE)
    assert file.read_text() == "kept"
    with pytest.raises(RefusedInput, match="could not be written"):
        back_up(filled, LOCAL_ACTOR, settings, tmp_path / "no" / "site.backup", PASSPHRASE)


def test_a_short_passphrase_is_refused_before_anything_is_written(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="12 characters"):
        back_up(store, LOCAL_ACTOR, settings, tmp_path / "site.backup", "elm")


def test_backups_are_for_the_administrator_and_the_data_steward(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    analyst = LOCAL_ACTOR.acting_as({Role.ANALYST})
    with pytest.raises(Refused):
        back_up(store, analyst, settings, tmp_path / "site.backup", PASSPHRASE)
    with pytest.raises(Refused):
        restore(analyst, settings, tmp_path / "site.backup", PASSPHRASE)


def test_what_cannot_be_written_down_is_not_backed_up(
    filled: Store, settings: Settings, database: Database, tmp_path: Path
) -> None:
    change(database, "REVOKE EXECUTE ON FUNCTION cs_geo.write_audit(text, text, text, jsonb) FROM cs_geo_app")
    with pytest.raises(DBAPIError):
        back_up(filled, LOCAL_ACTOR, settings, tmp_path / "site.backup", PASSPHRASE)
    assert not (tmp_path / "site.backup").exists()


def test_the_manifest_names_versions_counts_and_checksums_and_no_content(
    filled: Store, settings: Settings, tmp_path: Path
) -> None:
    manifest = back_up(filled, LOCAL_ACTOR, settings, tmp_path / "site.backup", PASSPHRASE)
    document = json.loads(manifest.to_bytes())
    assert {"format", "made_at", "program", "revision", "storage_epsg", "tables", "audit"} == set(document)
    assert document["tables"]["reports"]["rows"] == 30
    assert CANARY not in json.dumps(document)
