"""The schema: what the program believes of it is so, and what the app's role may not do it cannot do."""

import json
import random
import re
from datetime import date

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.dialects import postgresql

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.crs import transform_points
from cs_geo.reports.personal import looks_personal
from cs_geo.reports.reference import CAPACITY, say_reference
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.store.record_tables import EFFORT_SESSIONS, REPORTS
from cs_geo.store.tables import metadata
from cs_geo.store.tiles import Bounds, _points
from tests.conftest import Database, plain
from tests.sheets import ask, ask_one, change

OURS = "n.nspname = 'cs_geo'"


def columns_of(database: Database, table: str) -> dict[str, str]:
    rows = ask(
        database,
        "SELECT attname, format_type(atttypid, atttypmod) AS type, attnotnull FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        f"cs_geo.{table}",
    )
    return {row["attname"]: (row["type"], row["attnotnull"]) for row in rows}


@pytest.mark.parametrize("name", sorted(table.name for table in metadata.tables.values()))
def test_the_tables_queries_are_composed_from_are_those_of_the_database(module_database: Database, name: str) -> None:
    stored = columns_of(module_database, name)
    table = metadata.tables[f"cs_geo.{name}"]
    assert set(stored) == {column.name for column in table.columns}
    dialect = postgresql.dialect()
    for column in table.columns:
        written = column.type.compile(dialect).lower().replace("[]", "")
        kind, is_required = stored[column.name]
        kind = {"timestamp with time zone": "timestamp with time zone"}.get(kind, kind).lower().replace("[]", "")
        assert kind.replace(" ", "") == written.replace(" ", ""), column.name
        assert is_required == (not column.nullable), column.name


@pytest.mark.parametrize("table", [REPORTS, EFFORT_SESSIONS], ids=lambda table: table.name)
def test_a_version_holds_every_column_of_its_record(module_database: Database, table: type(REPORTS)) -> None:
    reckoned = {"geom_web", "in_protected", "geom_partner", "geom_public"}
    assert set(columns_of(module_database, table.name)) - reckoned == set(table.columns())
    recorded = {"recorded_from", "recorded_by", "change", "changed_by_import"}
    assert set(columns_of(module_database, table.versions)) - reckoned == set(table.columns()) | recorded


@pytest.mark.trust("A2", figure="0 bad rows")
def test_the_app_s_role_owns_nothing_and_has_no_privilege_beyond_its_rows(module_database: Database) -> None:
    (role,) = ask(
        module_database,
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles"
        " WHERE rolname = 'cs_geo_app'",
    )
    assert not any(role.values())
    owned = ask(
        module_database,
        "SELECT relname FROM pg_class WHERE relowner = 'cs_geo_app'::regrole UNION ALL"
        " SELECT proname FROM pg_proc WHERE proowner = 'cs_geo_app'::regrole UNION ALL"
        " SELECT nspname FROM pg_namespace WHERE nspowner = 'cs_geo_app'::regrole",
    )
    assert owned == []
    for privilege in ("TRUNCATE", "REFERENCES", "TRIGGER"):
        granted = ask(
            module_database,
            f"SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE {OURS}"
            f" AND relkind IN ('r', 'v', 'p') AND has_table_privilege('cs_geo_app', c.oid, '{privilege}')",
        )
        assert granted == [], privilege
    for schema in ("cs_geo", "public"):
        assert not ask_one(module_database, f"SELECT has_schema_privilege('cs_geo_app', '{schema}', 'CREATE')"), schema
    memberships = ask(
        module_database, "SELECT roleid::regrole::text FROM pg_auth_members WHERE member = 'cs_geo_app'::regrole"
    )
    assert memberships == []


@pytest.mark.parametrize("table", ["report_versions", "effort_session_versions"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET recorded_by = ''", "DELETE FROM {}", "TRUNCATE {}"])
def test_versions_can_only_be_appended_to(module_database: Database, table: str, statement: str) -> None:
    with psycopg.connect(plain(module_database.app_url)) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.format(f"cs_geo.{table}"))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE cs_geo.mine (a int)",
        "DROP TABLE cs_geo.reports",
        "ALTER TABLE cs_geo.reports DISABLE TRIGGER ALL",
        "UPDATE cs_geo.alembic_version SET version_num = ''",
        "CREATE FUNCTION cs_geo.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
@pytest.mark.trust("A2", figure="0 statements allowed")
def test_the_app_runs_no_ddl(module_database: Database, statement: str) -> None:
    with psycopg.connect(plain(module_database.app_url)) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)


def test_only_tables_of_ours_can_be_analysed_by_the_app(module_database: Database) -> None:
    with psycopg.connect(plain(module_database.app_url)) as connection:
        connection.execute("SELECT cs_geo.refresh_statistics('reports')")
        with pytest.raises(errors.UndefinedTable):
            connection.execute("SELECT cs_geo.refresh_statistics('reports; DROP TABLE reports')")


def test_every_foreign_key_has_an_index(module_database: Database) -> None:
    missing = ask(
        module_database,
        """
        SELECT conrelid::regclass::text AS table, conname FROM pg_constraint k
        WHERE contype = 'f' AND connamespace = 'cs_geo'::regnamespace AND NOT EXISTS (
            SELECT 1 FROM pg_index i WHERE i.indrelid = k.conrelid
                AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
                AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] <@ k.conkey)
        """,
    )
    assert [row for row in missing if "procrastinate" not in row["table"]] == []


def test_every_geometry_that_is_searched_has_a_spatial_index(module_database: Database) -> None:
    missing = ask(
        module_database,
        """
        SELECT f_table_name AS t, f_geometry_column AS g FROM geometry_columns
        WHERE f_table_schema = 'cs_geo' AND NOT EXISTS (
            SELECT 1 FROM pg_indexes WHERE schemaname = 'cs_geo' AND tablename = f_table_name
                AND indexdef LIKE '%%USING gist (' || f_geometry_column || ')%%')
        """,
    )
    # Tiles search storage metres; versions are read by their record; the tiers' columns are empty until they are used.
    unsearched = {"geom_web", "geom_partner", "geom_public"}
    assert [row for row in missing if row["g"] not in unsearched and not row["t"].endswith("_versions")] == []


@pytest.mark.trust("A4", figure="0 bad views")
def test_views_obey_the_rights_of_whoever_asks(module_database: Database) -> None:
    views = ask(
        module_database,
        f"SELECT relname, reloptions, relkind FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
        f" WHERE {OURS} AND relkind IN ('v', 'm')",
    )
    assert [view["relname"] for view in views] == ["report_history"]
    assert all("security_invoker=true" in view["reloptions"] for view in views)


# Names of our own tables that look like words about people and are not.
NOT_OF_A_PERSON = {
    "name",
    "names",
    "alias",
    "alias_norm",
    "match_name",
    "file_name",
    "file_names",
    "column_name",
    "table_name",
}


def test_no_column_is_for_a_person(module_database: Database) -> None:
    columns = ask(
        module_database,
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'cs_geo'"
        " AND table_name NOT LIKE 'procrastinate%%'",
    )
    assert len(columns) > 150
    personal = {
        f"{row['table_name']}.{row['column_name']}"
        for row in columns
        if looks_personal(row["column_name"]) and row["column_name"] not in NOT_OF_A_PERSON
    }
    # Whoever uses the program is recorded by a stable identifier; no column is about anybody in a report.
    assert {one for one in personal if not one.endswith("_by")} <= {
        "areas.name_norm", "gazetteer_entries.name_norm", "download_tickets.person",
        # Whoever uses the program, by a stable identifier.
        "people.person_id", "role_grants.person_id", "case_members.person_id", "standing_purposes.person",
        "audit_log.person", "submissions.person",
    }  # fmt: skip
    banned = re.compile(r"birth|dob|plate|photo|surname|forename|phone|email|ethnic|gender|^age$|address$")
    assert [row for row in columns if banned.search(row["column_name"])] == []


def test_a_reference_is_said_alike_by_the_database_and_the_program(module_database: Database) -> None:
    chosen = random.Random(1)
    numbers = [
        *range(300),
        CAPACITY - 1,
        CAPACITY - 2,
        31**5,
        31**3 - 1,
        *(chosen.randrange(CAPACITY) for _ in range(2_000)),
    ]
    rows = ask(module_database, "SELECT n, cs_geo.say_reference(n) AS said FROM unnest(%s::bigint[]) AS n", numbers)
    assert {row["n"]: row["said"] for row in rows} == {number: say_reference(number) for number in numbers}


def test_the_program_and_the_database_put_a_point_in_the_same_place(module_database: Database) -> None:
    chosen = random.Random(2)
    lons = [chosen.uniform(-6, 1.7) for _ in range(300)]
    lats = [chosen.uniform(50, 58.5) for _ in range(300)]
    xs, ys = transform_points(lons, lats, from_epsg=4326, to_epsg=27700)
    rows = ask(
        module_database,
        "SELECT ST_X(p) AS x, ST_Y(p) AS y FROM (SELECT n,"
        " ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4326), 27700)"
        " AS p FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS t (lon, lat, n)) AS q ORDER BY n",
        lons,
        lats,
    )
    apart = [((row["x"] - x) ** 2 + (row["y"] - y) ** 2) ** 0.5 for row, x, y in zip(rows, xs, ys, strict=True)]
    assert max(apart) <= 0.1


FILL = """
INSERT INTO cs_geo.reports (reference, kind, source_id, identity, is_keyed, content, occurrence, occurred_from,
    occurred_until, date_precision, first_day, last_day, time_band, day_type, term, geom, match_precision)
SELECT 'T' || n, 'incident', (SELECT source_id FROM cs_geo.sources), decode(md5(n::text), 'hex'), false, ''::bytea, 1,
    d, d, 'time', d::date, d::date, 'unknown', 'unknown', 'unknown',
    ST_SetSRID(ST_MakePoint(400000 + random() * 30000, 300000 + random() * 30000), 27700), 'building'
FROM (SELECT n, timestamptz '2023-01-01' + n * interval '5 minutes' AS d FROM generate_series(1, 100000) AS n) AS days
"""


def test_a_map_window_of_a_hundred_thousand_reports_is_found_by_the_spatial_index(
    database: Database, store: Store
) -> None:
    change(database, "INSERT INTO cs_geo.sources (name) VALUES ('Test')")
    # Without the trigger, which looks for protected locations: there are none here.
    change(database, f"SET session_replication_role = replica; {FILL}")
    with store.begin(LOCAL_ACTOR) as connection:
        connection.exec_driver_sql("SELECT cs_geo.refresh_statistics('reports')")
        middle = ask(
            database,
            "SELECT ST_X(p) AS x, ST_Y(p) AS y FROM ("
            "SELECT ST_Transform(ST_SetSRID(ST_MakePoint(415000, 315000), 27700), 3857) AS p) AS q",
        )[0]
        bounds = Bounds(middle["x"] - 600, middle["y"] - 600, middle["x"] + 600, middle["y"] + 600)
        for selection in (Selection(), Selection(since=date(2023, 3, 1), until=date(2023, 9, 15))):
            query = _points(selection, bounds, strengths=False)
            compiled = query.compile(connection.engine, compile_kwargs={"literal_binds": True})
            plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled}").scalar_one()
            plan = plan if isinstance(plan, list) else json.loads(plan)
            assert "reports_geom" in json.dumps(plan)
            assert plan[0]["Execution Time"] <= 300
