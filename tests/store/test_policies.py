"""Who reaches which rows: the database itself gives nothing to nobody, and to each only what their roles allow."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text

from cs_geo.access.actor import INTERNAL_ROLES, NOBODY, WORKER, Actor, Role, tier_of
from cs_geo.store.opening import Store, make_engine
from cs_geo.store.people import add_person, end_role, grant_role
from tests.conftest import Database, plain
from tests.sheets import ask, change, import_rows, report_row

SAME_FOR_EVERYBODY = {
    "alembic_version", "areas", "baseline_areas", "baselines", "basemap_features", "calendar_periods",
    "gazetteer_entries", "gazetteers",
    "mapping_profiles", "street_edges", "street_nodes",
    "procrastinate_events", "procrastinate_jobs", "procrastinate_periodic_defers", "procrastinate_workers",
}  # fmt: skip
"""Tables without report, place or case data: maps, vocabularies, and the queue, which holds a job's number alone."""
ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))


def acting(person: str, *roles: Role) -> Actor:
    return Actor(person, frozenset(roles), tier_of(roles))


@pytest.fixture(scope="module")
def filled(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with two reports and one person of each role."""
    store = Store(make_engine(module_database.app_url, pool_size=2))
    import_rows(store, tmp_path_factory.mktemp("rows"), [report_row(), report_row(note="again")])
    with store.begin(ADMINISTRATOR) as connection:
        for role in Role:
            person = add_person(connection, issuer="https://id.test", subject=str(role), label="", actor="local")
            grant_role(connection, person, role, agency="", actor="local")
    yield store
    store.close()


def person_of(database: Database, role: Role) -> str:
    (row,) = ask(database, "SELECT person_id FROM cs_geo.people WHERE subject = %s", str(role))
    return str(row["person_id"])


def count(store: Store, actor: Actor, table: str) -> int:
    with store.begin(actor) as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM cs_geo.{table}")) or 0)


@pytest.mark.trust("A3", figure="0 tables without forced policies")
def test_every_table_that_is_not_the_same_for_everybody_is_under_forced_policies(module_database: Database) -> None:
    rows = ask(
        module_database,
        "SELECT relname, relrowsecurity AND relforcerowsecurity AS is_forced FROM pg_class"
        " WHERE relnamespace = 'cs_geo'::regnamespace AND relkind IN ('r', 'p')",
    )
    assert {row["relname"] for row in rows if not row["is_forced"]} == SAME_FOR_EVERYBODY


@pytest.mark.trust("A4", figure="0 bad views, 0 materialised")
def test_every_view_asks_as_whoever_looks_and_none_is_kept(module_database: Database) -> None:
    views = ask(
        module_database,
        "SELECT relname, relkind, coalesce('security_invoker=true' = ANY (reloptions), false) AS as_invoker"
        " FROM pg_class WHERE relnamespace::regnamespace::text LIKE 'cs\\_geo%%' AND relkind IN ('v', 'm')",
    )
    assert len(views) > 5
    assert [view for view in views if not view["as_invoker"] or view["relkind"] == "m"] == []


def test_every_function_that_runs_as_its_owner_has_a_path_of_its_own(module_database: Database) -> None:
    loose = ask(
        module_database,
        "SELECT proname FROM pg_proc WHERE pronamespace::regnamespace::text LIKE 'cs\\_geo%%' AND prosecdef"
        " AND NOT EXISTS (SELECT 1 FROM unnest(proconfig) AS set WHERE set LIKE 'search_path=%%')",
    )
    assert loose == []


@pytest.mark.trust("A5", figure="0 rows")
def test_nobody_gets_no_rows(filled: Store, module_database: Database) -> None:
    with psycopg.connect(plain(module_database.app_url)) as connection:
        for setting in (None, ""):
            if setting is not None:
                connection.execute("SELECT set_config('cs_geo.person', '', true)")
            assert connection.execute("SELECT count(*) FROM cs_geo.reports").fetchone() == (0,)
    assert count(filled, NOBODY, "reports") == 0
    assert count(filled, acting("no such person", *Role), "reports") == 0


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("table", ["reports", "report_versions", "sources", "imports"])
@pytest.mark.trust("A5", figure="0 rows outside the internal roles")
def test_rows_of_reports_reach_those_who_work_with_them_and_nobody_else(
    filled: Store, module_database: Database, role: Role, table: str
) -> None:
    person = person_of(module_database, role)
    seen = count(filled, acting(person, role), table)
    assert (seen > 0) == (role in INTERNAL_ROLES)
    # Claiming roles that the person does not hold opens nothing.
    assert count(filled, acting(person, *Role), table) == seen


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.trust("A5", figure="0 rows by a role not acted in")
def test_a_person_acts_in_no_more_roles_than_they_chose(filled: Store, role: Role) -> None:
    assert (count(filled, acting("local", role), "reports") > 0) == (role in INTERNAL_ROLES)


def test_protected_locations_are_read_by_the_data_steward_alone(filled: Store, module_database: Database) -> None:
    change(
        module_database,
        "INSERT INTO cs_geo.protected_locations (kind, added_by, geom) VALUES"
        " ('refuge', 'local', ST_Multi(ST_MakeEnvelope(0, 0, 10, 10, 27700)))",
    )
    for role in Role:
        assert count(filled, acting("local", role), "protected_locations") == (1 if role is Role.DATA_STEWARD else 0)
    with filled.begin(acting("local", Role.COORDINATOR)) as connection:
        inside = text("SELECT cs_geo.lies_protected(ST_SetSRID(ST_MakePoint(:x, 5), 27700))")
        assert connection.scalar(inside, {"x": 5}) is True
        assert connection.scalar(inside, {"x": 15}) is False


def test_only_an_administrator_grants_roles(filled: Store, module_database: Database) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR}:
        person = person_of(module_database, role)
        with (
            pytest.raises(Exception, match="row-level security"),
            filled.begin(acting(person, role)) as connection,
        ):
            grant_role(connection, person, Role.DATA_STEWARD, agency="", actor=person)


@pytest.mark.trust("A8", figure="0 rows at the next statement")
def test_a_role_that_is_ended_ends_at_the_next_statement(filled: Store) -> None:
    with filled.begin(ADMINISTRATOR) as connection:
        person = add_person(connection, issuer="https://id.test", subject="leaving", label="", actor="local")
        grant_role(connection, person, Role.ANALYST, agency="", actor="local")
    analyst = acting(person, Role.ANALYST)
    assert count(filled, analyst, "reports") == 2
    with filled.begin(analyst) as open_before:
        with filled.begin(ADMINISTRATOR) as connection:
            end_role(connection, person, Role.ANALYST, actor="local")
        assert open_before.scalar(text("SELECT count(*) FROM cs_geo.reports")) == 0
    assert count(filled, analyst, "reports") == 0


@pytest.mark.trust("A6", figure="500 requests, 0 cross reads, nothing left on the connection")
def test_five_hundred_requests_by_two_people_over_one_connection_never_cross(
    filled: Store, module_database: Database
) -> None:
    analyst = acting(person_of(module_database, Role.ANALYST), Role.ANALYST)
    viewer = acting(person_of(module_database, Role.PARTNER_VIEWER), Role.PARTNER_VIEWER)
    engine = make_engine(module_database.app_url, pool_size=1)
    single = Store(engine.execution_options())
    with ThreadPoolExecutor(8) as pool:
        people = list(itertools.islice(itertools.cycle([analyst, viewer, NOBODY]), 500))
        seen = list(pool.map(lambda actor: count(single, actor, "reports"), people))
    assert [n for actor, n in zip(people, seen, strict=True) if (n == 2) != (actor is analyst)] == []
    # Nothing of the last person is left on the connection.
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT current_setting('cs_geo.person', true)")) in (None, "")
    engine.dispose()


@pytest.mark.trust("A7", figure="0 values in the error")
def test_a_refused_row_names_no_value(filled: Store, module_database: Database) -> None:
    viewer = acting(person_of(module_database, Role.PARTNER_VIEWER), Role.PARTNER_VIEWER)
    with pytest.raises(Exception, match="row-level security") as refused, filled.begin(viewer) as connection:
        connection.execute(text("INSERT INTO cs_geo.sources (name) VALUES ('Harbour Street School')"))
    assert "Harbour" not in str(refused.value.__cause__)


def test_a_worker_sees_jobs_and_nothing_else(filled: Store, module_database: Database) -> None:
    change(
        module_database,
        "INSERT INTO cs_geo.jobs (kind, arguments, actor) VALUES ('import', '{}', '{\"person\": \"somebody\"}')",
    )
    assert count(filled, WORKER, "jobs") == 1
    assert count(filled, WORKER, "reports") == 0
    viewer = acting(person_of(module_database, Role.PARTNER_VIEWER), Role.PARTNER_VIEWER)
    assert count(filled, viewer, "jobs") == 0


@pytest.mark.parametrize("kept", ["people", "role_grants"])
def test_people_and_grants_are_never_deleted(module_database: Database, kept: str) -> None:
    with psycopg.connect(plain(module_database.app_url)) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(f"DELETE FROM cs_geo.{kept}")


def test_a_window_of_the_map_is_still_found_by_its_index(filled: Store) -> None:
    with filled.begin(acting("local", Role.ANALYST)) as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(
            connection.scalars(
                text("EXPLAIN SELECT 1 FROM cs_geo.reports WHERE geom && ST_MakeEnvelope(0, 0, 1000, 1000, 27700)")
            )
        )
    assert "Index Cond: (geom &&" in plan
