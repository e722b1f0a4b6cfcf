"""An upgrade of a database that holds reports keeps every one of them, and what is new works on them at once."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine, text

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.store import cluster_files
from cs_geo.store.cluster import Cluster
from cs_geo.store.retention import apply_rule
from cs_geo.store.upgrading import alembic_configuration, prepare_database, upgrade_database
from tests.conftest import Database, plain
from tests.sheets import ask, ask_one, change, open_test_store

FILL = """
INSERT INTO cs_geo.sources (name) VALUES ('Harbour Street School');
INSERT INTO cs_geo.imports (source_id, mapping, record, started_at, actor)
SELECT source_id, 'template', 'report', now() - interval '3 years', 'local' FROM cs_geo.sources;
INSERT INTO cs_geo.reports (reference, kind, source_id, import_id, identity, is_keyed, content, occurrence,
    occurred_from, occurred_until, date_precision, first_day, last_day, time_band, day_type, term, geom,
    match_precision, match_radius_m, note, location_text, recorded_at)
SELECT cs_geo.say_reference(n), 'incident', source_id, import_id, decode(md5(n::text), 'hex'), false, ''::bytea, 1,
    d, d, 'day', d::date, d::date, 'unknown', 'unknown', 'unknown',
    ST_SetSRID(ST_MakePoint(400013 + n, 300027), 27700), 'building', 20, 'note ' || n, 'High Street', d
FROM cs_geo.imports, (SELECT n, now() - n * interval '30 days' AS d FROM generate_series(1, 36) AS n) AS days;
"""
VERSIONS = """
INSERT INTO cs_geo.report_versions ({columns}, recorded_by, change) SELECT {columns}, 'local', 'created'
FROM cs_geo.reports
"""
RELEASED = """
WITH export AS (
    INSERT INTO cs_geo.exports (tier, selection, file_names, rows_n, exported_by)
    VALUES ('partner', '{}', '{parks.gpkg}', '{}', 'local') RETURNING export_id),
release AS (
    INSERT INTO cs_geo.releases (export_id, audience, name, released_on, recipient, expires_on, rules)
    SELECT export_id, 'partner', 'cells', '2024-09-01', 'Parks team', '2099-01-01', '1' FROM export
    RETURNING release_id)
INSERT INTO cs_geo.release_numbers
    (release_id, position, name, ground, first_day, last_day, filter, reports_n, told)
SELECT release_id, 0, 'a cell', '{400000_300000_W1}', '2024-04-01', '2024-06-30', '{}', 14, true FROM release
"""
REVISIONS = ["0004", "0005", "0006", "0007", "0008", "0009", "0010", "0012", "0013", "0014"]


@pytest.fixture
def earlier(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with reports, at an earlier revision."""
    name = f"test_at_{request.param}"
    admin = plain(cluster.url("admin", "postgres"))
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {cluster_files.DATABASE} OWNER {cluster_files.OWNER}")
        for statement in cluster_files.database_privileges(name):
            connection.execute(statement)
    database = Database(name, cluster.url("owner", name), cluster.url("app", name), cluster.url("admin", name))
    engine = create_engine(database.owner_url)
    with engine.begin() as connection:
        prepare_database(connection)
        connection.execute(text("CREATE SCHEMA cs_geo"))
        configuration = alembic_configuration()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, request.param)
    engine.dispose()
    change(database, FILL)
    columns = ask(
        database,
        "SELECT attname FROM pg_attribute WHERE attrelid = 'cs_geo.reports'::regclass AND attnum > 0"
        " AND NOT attisdropped AND attname NOT IN ('geom_web', 'in_protected') ORDER BY attnum",
    )
    change(database, VERSIONS.format(columns=", ".join(row["attname"] for row in columns)))
    if request.param >= "0007":
        change(database, RELEASED)
    yield database
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def content(database: Database, table: str, columns: str) -> str:
    return str(
        ask_one(
            database,
            f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM (SELECT {columns} FROM cs_geo.{table}) AS t",
        )
    )


@pytest.mark.parametrize("earlier", REVISIONS, indirect=True)
@pytest.mark.trust("D11", figure="rows equal from the revision before")
def test_a_filled_database_of_the_revision_before_is_upgraded_with_every_row_as_it_was(earlier: Database) -> None:
    columns = "report_id, reference, note, location_text, geom, match_precision, version, recorded_at"
    kept = {"reports": columns, "report_versions": columns}
    if ask_one(earlier, "SELECT to_regclass('cs_geo.releases') IS NOT NULL"):
        kept |= {"releases": "release_id, name, recipient, expires_on, rules, recorded_at", "release_numbers": "*"}
    before = {table: content(earlier, table, columns) for table, columns in kept.items()}
    upgrade_database(earlier.owner_url)
    assert {table: content(earlier, table, columns) for table, columns in kept.items()} == before
    # What was given before is known by its exact numbers alone, which no partner's GIS is shown.
    if "releases" in kept:
        assert ask_one(earlier, "SELECT count(*) FROM cs_geo.release_cells") == 0
    store = open_test_store(earlier)
    try:
        with store.begin(LOCAL_ACTOR) as connection:
            # The 13th to 36th were recorded 390 to 1,080 days ago.
            assert apply_rule(connection, "texts", "recorded", "13 months").records in (23, 24)
    finally:
        store.close()
    (marked,) = ask(earlier, "SELECT count(*) AS n FROM cs_geo.report_versions WHERE removed = '{texts}'")
    assert marked["n"] in (23, 24)
