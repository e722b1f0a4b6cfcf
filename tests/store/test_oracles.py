"""What is hidden cannot be felt for: keys are random, and an error holds no value of a row."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.store.opening import Store
from cs_geo.store.people import add_person, grant_role
from tests.conftest import Database
from tests.sheets import ask, ask_one, change, import_rows, report_row

HIDDEN = "Harbour Street School"
ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
NUMBERED = {
    "audit_log",  # numbered without a gap, so that a row taken out is missed; read by the data steward alone
    "audit_head",  # one row, which nobody reads
    "erasures",  # by the reference that was said on the phone, which the data steward alone asks for
    "other_erasures",  # by the random identifier of what was erased
    "import_issues",
    "import_rejects",  # numbers of rows that only those see who see the import
}
"""Tables under policies whose key is no random identifier."""
ATTEMPTS = {
    "a name that is there": f"INSERT INTO cs_geo.sources (name) VALUES ('{HIDDEN}')",
    "a reference that is there": "INSERT INTO cs_geo.places (name, place_type, created_by)"
    " VALUES ('Elm Park', 'x', 'x')",
    "an identifier that is there": "INSERT INTO cs_geo.place_boundaries (place_id, version, geom, origin, drawn_by)"
    " VALUES (:there, 1, ST_Multi(ST_MakeEnvelope(0, 0, 9, 9, 27700)), '', '')",
    "an identifier that is none": "INSERT INTO cs_geo.imports (source_id, mapping, record, actor)"
    " VALUES (gen_random_uuid(), 'Harbour', 'report', 'Harbour')",
    "a role of somebody": "INSERT INTO cs_geo.role_grants (person_id, role, agency, granted_by)"
    " VALUES (:there, 'analyst', '', 'x')",
    "a person who is known": "INSERT INTO cs_geo.people (issuer, subject, label, added_by)"
    " VALUES ('https://id.test', 'known', '', 'x')",
    "a value that is none": "SELECT CAST(name AS int) FROM cs_geo.sources",
}


@pytest.fixture
def filled(store: Store, database: Database, tmp_path) -> Store:
    import_rows(store, tmp_path, [report_row(note="Harbour")], source=HIDDEN)
    change(database, "INSERT INTO cs_geo.places (name, place_type, created_by) VALUES ('Elm Park', 'park', 'x')")
    return store


def person(store: Store, role: Role) -> Actor:
    with store.begin(ADMINISTRATOR) as connection:
        found = add_person(connection, issuer="https://id.test", subject="known", label="", actor="local")
        grant_role(connection, found, role, agency="", actor="local")
    return Actor(found, frozenset({role}), tier_of({role}))


def attempt(store: Store, actor: Actor, statement: str, database: Database) -> str:
    there = ask_one(database, "SELECT place_id::text FROM cs_geo.places")
    with pytest.raises(DBAPIError) as refused, store.begin(actor) as connection:
        connection.execute(text(statement), {"there": there} if ":there" in statement else {})
    return f"{refused.value} {refused.value.__cause__} {refused.value.orig.diag.message_detail}"  # type: ignore[union-attr]


@pytest.mark.trust("A7", figure="0 values; refused alike, whether it is there or not")
@pytest.mark.parametrize("attempted", [name for name in ATTEMPTS if name != "a value that is none"])
def test_a_partner_cannot_feel_for_what_is_hidden(filled: Store, database: Database, attempted: str) -> None:
    said = attempt(filled, person(filled, Role.PARTNER_VIEWER), ATTEMPTS[attempted], database)
    assert "row-level security" in said
    assert not [value for value in (HIDDEN, "Harbour", "Elm Park", "known") if value in said.partition("[SQL:")[0]]


@pytest.mark.trust("A7", figure="0 key values, also for those who may see the row")
@pytest.mark.parametrize("attempted", ["a name that is there", "a reference that is there"])
def test_an_error_about_a_key_does_not_hold_it(filled: Store, database: Database, attempted: str) -> None:
    said = attempt(filled, LOCAL_ACTOR, ATTEMPTS[attempted], database)
    assert "duplicate key" in said
    assert "Key (" not in said
    assert not [value for value in (HIDDEN, "Elm Park") if value in said.partition("[SQL:")[0]]


@pytest.mark.trust("A7", figure="0 values that were bound")
def test_an_error_does_not_hold_what_was_bound(filled: Store) -> None:
    with pytest.raises(DBAPIError) as refused, filled.begin(LOCAL_ACTOR) as connection:
        connection.execute(text("SELECT 1 / 0 WHERE :typed <> ''"), {"typed": "canary"})
    assert "canary" not in str(refused.value)


@pytest.mark.trust("A7", figure="random keys in every table under policies, but 4 that name nobody")
def test_keys_of_what_is_hidden_are_random(database: Database) -> None:
    keys = ask(
        database,
        "SELECT c.relname, a.attname, format_type(a.atttypid, NULL) AS type, pg_get_expr(d.adbin, d.adrelid) AS made"
        " FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
        " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
        " WHERE c.relnamespace = 'cs_geo'::regnamespace AND c.relrowsecurity",
    )
    assert len(keys) > 15
    assert {
        row["relname"] for row in keys if row["type"] not in {"uuid", "bytea"} and "uuid" not in (row["made"] or "")
    } == NUMBERED
