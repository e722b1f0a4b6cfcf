"""Who reaches what was handed in: contributors their own, coordinators and analysts all; nobody deletes."""

import itertools
import json
from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cs_geo.access.actor import INTERNAL_ROLES, NOBODY, Actor, Role, tier_of
from cs_geo.reports.submission import SubmissionKind, SubmissionState
from cs_geo.store import submissions as stored
from cs_geo.store.opening import Store, make_engine
from cs_geo.store.people import add_person, grant_role
from tests.conftest import Database, plain
from tests.sheets import ask, import_rows, report_row

ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
HANDING_IN = {Role.CONTRIBUTOR, Role.COORDINATOR, Role.ANALYST}
ANSWERING = {Role.COORDINATOR, Role.ANALYST}
GIVEN = {"fields": {"kind": "concern", "date": "2026-04-14", "location": "High Street"}, "pin": None}
PAIRS = list(itertools.combinations_with_replacement(Role, 2))


@pytest.fixture(scope="module")
def filled(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A report, a person for each pair of roles, and one submission of each who may hand in."""
    store = Store(make_engine(module_database.app_url, pool_size=2))
    import_rows(store, tmp_path_factory.mktemp("rows"), [report_row()])
    for pair in PAIRS:
        with store.begin(ADMINISTRATOR) as connection:
            person = add_person(connection, issuer="https://id.test", subject="+".join(pair), label="", actor="local")
            for role in set(pair):
                grant_role(connection, person, role, agency="", actor="local")
        if set(pair) & HANDING_IN:
            hand_in(store, acting(person, *pair))
    yield store
    store.close()


def acting(person: str, *roles: Role) -> Actor:
    return Actor(person, frozenset(roles), tier_of(roles))


def holder(database: Database, *pair: Role) -> Actor:
    (row,) = ask(database, "SELECT person_id FROM cs_geo.people WHERE subject = %s", "+".join(pair))
    return acting(row["person_id"], *pair)


def hand_in(store: Store, actor: Actor, **given: str) -> UUID:
    submission_id = uuid4()
    fields = {"fields": {**GIVEN["fields"], **given}, "pin": None}
    with store.begin(actor) as connection:
        assert stored.add_submission(
            connection, submission_id, person=actor.person, agency="", kind=SubmissionKind.REPORT, given=fields
        )
    return submission_id


def answer(store: Store, actor: Actor, submission_id: UUID, state: SubmissionState, words: str = "") -> None:
    with store.begin(actor) as connection:
        report = uuid4() if state is SubmissionState.ACCEPTED else None
        stored.answer_submission(connection, submission_id, state, answer=words, report_id=report)


def count(store: Store, actor: Actor, what: str) -> int:
    with store.begin(actor) as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM cs_geo.{what}")) or 0)


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
def test_each_pair_of_roles_sees_its_own_submissions_or_all_and_no_report_that_is_not_its_to_see(
    filled: Store, module_database: Database, pair: tuple[Role, Role]
) -> None:
    actor = holder(module_database, *pair)
    everything = ask(module_database, "SELECT count(*) AS n FROM cs_geo.submissions")[0]["n"]
    seen = everything if set(pair) & ANSWERING else 1 if set(pair) & HANDING_IN else 0
    assert count(filled, actor, "submissions") == seen
    assert count(filled, actor, "submission_states") >= seen
    assert (count(filled, actor, "submission_states") > 0) == (seen > 0)
    others = "submissions WHERE person <> cs_geo.acting_person()"
    assert (count(filled, actor, others) > 0) == bool(set(pair) & ANSWERING)
    for table in ("reports", "report_versions", "sources", "imports", "places"):
        assert count(filled, actor, table) == 0 or set(pair) & INTERNAL_ROLES
    # Claiming roles that the person does not hold opens nothing.
    assert count(filled, acting(actor.person, *Role), "submissions") == seen


def test_nobody_sees_nothing(filled: Store) -> None:
    assert count(filled, NOBODY, "submissions") == 0
    assert count(filled, acting("no such person", *Role), "submissions") == 0


def test_nobody_hands_in_for_somebody_else(filled: Store, module_database: Database) -> None:
    one = holder(module_database, Role.CONTRIBUTOR, Role.CONTRIBUTOR)
    with pytest.raises(DBAPIError, match="row-level security"), filled.begin(one) as connection:
        stored.add_submission(
            connection, uuid4(), person="somebody else", agency="", kind=SubmissionKind.REPORT, given=GIVEN
        )


@pytest.mark.parametrize("role", sorted(set(Role) - HANDING_IN))
def test_other_roles_hand_in_nothing(filled: Store, module_database: Database, role: Role) -> None:
    one = holder(module_database, role, role)
    with pytest.raises(DBAPIError, match="row-level security"):
        hand_in(filled, one)


def test_a_submission_begins_as_handed_in(filled: Store, module_database: Database) -> None:
    one = holder(module_database, Role.COORDINATOR, Role.COORDINATOR)
    with pytest.raises(DBAPIError, match="begins as handed in"), filled.begin(one) as connection:
        connection.execute(
            text(
                "INSERT INTO cs_geo.submissions (submission_id, person, kind, given, state, answer)"
                " VALUES (:id, :person, 'report', CAST(:given AS jsonb), 'declined', 'no')"
            ),
            {"id": uuid4(), "person": one.person, "given": json.dumps(GIVEN)},
        )


def test_a_contributor_cannot_answer_their_own(filled: Store, module_database: Database) -> None:
    one = holder(module_database, Role.CONTRIBUTOR, Role.CONTRIBUTOR)
    mine = hand_in(filled, one)
    for state in (SubmissionState.ACCEPTED, SubmissionState.DECLINED, SubmissionState.ASKED_BACK):
        with pytest.raises(DBAPIError, match="cannot change in this way"):
            answer(filled, one, mine, state, "by myself")


def test_a_contributor_reaches_nobody_elses(filled: Store, module_database: Database) -> None:
    theirs = hand_in(filled, holder(module_database, Role.COORDINATOR, Role.COORDINATOR), safeguarding_answer="no")
    one = holder(module_database, Role.CONTRIBUTOR, Role.CONTRIBUTOR)
    with filled.begin(one) as connection:
        assert stored.read_submission(connection, theirs) is None
        assert not stored.note_call(connection, theirs)
        assert stored.list_states(connection, theirs) == []


def test_what_was_given_is_changed_by_its_contributor_alone_and_only_when_asked(
    filled: Store, module_database: Database
) -> None:
    one = holder(module_database, Role.CONTRIBUTOR, Role.CONTRIBUTOR)
    coordinator = holder(module_database, Role.COORDINATOR, Role.COORDINATOR)
    mine = hand_in(filled, one)
    rewrite = text("""UPDATE cs_geo.submissions SET given = '{"fields": {}}' WHERE submission_id = :id""")
    for actor in (one, coordinator):
        with pytest.raises(DBAPIError, match="cannot change in this way"), filled.begin(actor) as connection:
            connection.execute(rewrite, {"id": mine})
    answer(filled, coordinator, mine, SubmissionState.ASKED_BACK, "Which end of the street?")
    with filled.begin(one) as connection:
        assert stored.change_given(connection, mine, GIVEN)
        read = stored.read_submission(connection, mine)
        states = [state for state, _, _ in stored.list_states(connection, mine)]
    assert read is not None
    assert read.state is SubmissionState.HANDED_IN
    assert states == [SubmissionState.HANDED_IN, SubmissionState.ASKED_BACK, SubmissionState.HANDED_IN]


@pytest.mark.parametrize("end", [SubmissionState.ACCEPTED, SubmissionState.DECLINED])
def test_what_was_answered_stays_answered(filled: Store, module_database: Database, end: SubmissionState) -> None:
    one = holder(module_database, Role.CONTRIBUTOR, Role.CONTRIBUTOR)
    coordinator = holder(module_database, Role.COORDINATOR, Role.COORDINATOR)
    mine = hand_in(filled, one)
    answer(filled, coordinator, mine, end, "It lies in another borough.")
    for state in SubmissionState:
        with pytest.raises(DBAPIError, match=r"cannot change|check constraint"):
            answer(filled, coordinator, mine, state, "Another answer")
    (row,) = ask(module_database, "SELECT answered_by FROM cs_geo.submissions WHERE submission_id = %s", mine)
    assert row["answered_by"] == coordinator.person


@pytest.mark.parametrize("role", sorted(set(Role) - HANDING_IN))
def test_nobody_else_answers(filled: Store, module_database: Database, role: Role) -> None:
    mine = hand_in(filled, holder(module_database, Role.CONTRIBUTOR, Role.CONTRIBUTOR))
    answer(filled, holder(module_database, role, role), mine, SubmissionState.DECLINED, "no")
    (row,) = ask(module_database, "SELECT state FROM cs_geo.submissions WHERE submission_id = %s", mine)
    assert row["state"] == "handed_in"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM cs_geo.submissions",
        "TRUNCATE cs_geo.submissions CASCADE",
        "UPDATE cs_geo.submissions SET person = 'local'",
        "UPDATE cs_geo.submissions SET handed_in_at = now()",
        "DELETE FROM cs_geo.submission_states",
        "UPDATE cs_geo.submission_states SET state = 'accepted'",
        "INSERT INTO cs_geo.submission_states VALUES (gen_random_uuid(), 1, 'accepted', '', now(), 'local')",
    ],
)
def test_nothing_is_deleted_and_no_state_is_written_by_hand(module_database: Database, statement: str) -> None:
    with psycopg.connect(plain(module_database.app_url)) as connection:
        connection.execute("SET ROLE cs_geo_app")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement)
