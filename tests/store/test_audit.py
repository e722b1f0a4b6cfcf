"""The audit log cannot be changed by the app, and says so when somebody else has changed it."""

import threading
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text

from cs_geo.access.actor import LOCAL_ACTOR, NOBODY, Role
from cs_geo.store.audit import altered_rows, holds_anchor, list_audit, present_anchor, write_audit, write_look
from cs_geo.store.opening import Store, make_engine
from tests.conftest import Database, plain
from tests.sheets import ask_one, change, open_test_store


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    opened = open_test_store(database)
    yield opened
    opened.close()


def write(store: Store, *actions: str) -> None:
    for action in actions:
        with store.begin(LOCAL_ACTOR) as connection:
            write_audit(connection, action, "done", subject="x", details={"rows": 3})


def altered(store: Store) -> list[tuple[int, str]]:
    with store.begin(LOCAL_ACTOR) as connection:
        return altered_rows(connection)


def test_rows_are_numbered_and_name_who_acted_in_which_roles(store: Store) -> None:
    write(store, "export", "import_reports")
    with store.begin(LOCAL_ACTOR) as connection:
        newest, first = list_audit(connection)
    assert (first.number, newest.number) == (1, 2)
    assert first.person == "local"
    assert first.roles == "analyst,coordinator,data_steward"
    assert first.details == {"rows": 3}
    assert altered(store) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cs_geo.audit_log SET person = 'somebody else'",
        "DELETE FROM cs_geo.audit_log",
        "TRUNCATE cs_geo.audit_log",
        "INSERT INTO cs_geo.audit_log SELECT * FROM cs_geo.audit_log",
        "UPDATE cs_geo.audit_head SET number = 0",
        "SELECT * FROM cs_geo.audit_head",
    ],
)
@pytest.mark.trust("B1", figure="all refused")
def test_the_app_can_neither_change_nor_take_away_a_row(store: Store, database: Database, statement: str) -> None:
    write(store, "export")
    with psycopg.connect(plain(database.app_url)) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.trust("B2", figure="row 3 named")
def test_a_row_that_was_edited_is_named(store: Store, database: Database) -> None:
    write(store, *["export"] * 5)
    change(database, "UPDATE cs_geo.audit_log SET person = 'somebody else' WHERE number = 3")
    assert altered(store) == [(3, "altered")]


@pytest.mark.trust("B2", figure="row 4 named")
def test_a_row_that_was_edited_with_its_hash_breaks_the_chain_after_it(store: Store, database: Database) -> None:
    write(store, *["export"] * 5)
    change(database, "UPDATE cs_geo.audit_log SET person = 'somebody else' WHERE number = 3")
    change(database, "UPDATE cs_geo.audit_log a SET hash = cs_geo.audit_hash(a) WHERE number = 3")
    assert altered(store) == [(4, "broken")]


@pytest.mark.trust("B2", figure="the gap named")
def test_a_row_taken_out_of_the_middle_is_missed(store: Store, database: Database) -> None:
    write(store, *["export"] * 5)
    change(database, "DELETE FROM cs_geo.audit_log WHERE number = 3")
    assert altered(store) == [(4, "rows missing before")]


@pytest.mark.trust("B3", figure="cut tail found")
def test_a_tail_cut_off_with_the_head_set_back_is_found_by_the_anchor_alone(store: Store, database: Database) -> None:
    write(store, *["export"] * 5)
    with store.begin(LOCAL_ACTOR) as connection:
        anchor = present_anchor(connection)
    change(database, "DELETE FROM cs_geo.audit_log WHERE number > 3")
    assert altered(store) == [(5, "rows missing after")]
    change(
        database,
        "UPDATE cs_geo.audit_head h SET number = a.number, hash = a.hash FROM cs_geo.audit_log a WHERE a.number = 3",
    )
    assert altered(store) == []
    with store.begin(LOCAL_ACTOR) as connection:
        assert not holds_anchor(connection, anchor)


def test_only_the_data_steward_reads_the_log(store: Store) -> None:
    write(store, "export")
    for actor in (NOBODY, LOCAL_ACTOR.acting_as({Role.ANALYST}), LOCAL_ACTOR.acting_as({Role.COORDINATOR})):
        with store.begin(actor) as connection:
            assert list_audit(connection) == []


@pytest.mark.trust("B6", figure="row and action fall together")
def test_an_action_rolled_back_leaves_no_row(store: Store) -> None:
    def fail_late() -> None:
        with store.begin(LOCAL_ACTOR) as connection:
            write_audit(connection, "export", "done")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_late()
    write(store, "import_reports")
    with store.begin(LOCAL_ACTOR) as connection:
        assert [(row.number, row.action) for row in list_audit(connection)] == [(1, "import_reports")]


def test_a_page_drawn_again_is_one_look_and_another_person_s_is_another(store: Store, database: Database) -> None:
    analyst = LOCAL_ACTOR.acting_as({Role.ANALYST})
    for actor in (LOCAL_ACTOR, LOCAL_ACTOR, analyst, LOCAL_ACTOR):
        with store.begin(actor) as connection:
            write_look(connection, "view_map", subject="district")
    assert ask_one(database, "SELECT count(*) FROM cs_geo.audit_log") == 2
    change(database, "UPDATE cs_geo.audit_log SET written_at = written_at - interval '11 minutes'")
    with store.begin(LOCAL_ACTOR) as connection:
        write_look(connection, "view_map", subject="district")
    assert ask_one(database, "SELECT count(*) FROM cs_geo.audit_log") == 3


@pytest.mark.trust("B4", figure="8 writers, 320 rows, 0 false alarms, 0 gaps")
def test_many_writers_at_once_raise_no_false_alarm(database: Database) -> None:
    engine = make_engine(database.app_url, pool_size=8)
    store = Store(engine)

    def write_some() -> None:
        for _ in range(40):
            with store.begin(LOCAL_ACTOR) as connection:
                connection.execute(text("SELECT 1"))
                write_audit(connection, "export", "done")

    writers = [threading.Thread(target=write_some) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert altered(store) == []
    assert ask_one(database, "SELECT max(number) FROM cs_geo.audit_log") == 320
    store.close()
