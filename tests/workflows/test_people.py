"""Who may use the program: granted, ended at once, written down; and never a site that nobody administers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from cs_geo.access.actor import LOCAL_ACTOR, NOBODY, Actor, Role, Tier, tier_of
from cs_geo.access.permissions import Action, Refused
from cs_geo.errors import RefusedInput
from cs_geo.store.audit import list_audit
from cs_geo.store.opening import Store
from cs_geo.workflows.check_audit import check_audit, unanchored_since, write_anchor
from cs_geo.workflows.manage_people import end_roles, grant_roles, list_people, note_leaving
from cs_geo.workflows.recording import looked_at, recorded, recorded_long
from cs_geo.workflows.sign_in import NotKnown, actor_of, renewed
from tests.conftest import Database
from tests.sheets import ask, change, open_test_store

ISSUER = "https://id.council.test"
ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
STEWARD = LOCAL_ACTOR.acting_as({Role.DATA_STEWARD})


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    opened = open_test_store(database)
    yield opened
    opened.close()


def log(store: Store) -> list[tuple[str, str]]:
    with store.begin(STEWARD) as connection:
        return [(row.action, row.outcome) for row in reversed(list_audit(connection))]


def grant(store: Store, subject: str, *roles: Role, agency: str = "") -> str:
    return grant_roles(store, ADMINISTRATOR, issuer=ISSUER, subject=subject, roles=roles, agency=agency)


def test_whoever_holds_no_role_is_turned_away_with_what_to_do(store: Store) -> None:
    with pytest.raises(NotKnown, match="administers this site"):
        actor_of(store, ISSUER, "a1")
    grant(store, "a1")
    with pytest.raises(NotKnown):
        actor_of(store, ISSUER, "a1")


def test_a_person_acts_in_all_their_roles_at_the_level_these_give(store: Store) -> None:
    person = grant(store, "a1", Role.PANEL_MEMBER, Role.ADMINISTRATOR, agency="housing")
    actor = actor_of(store, ISSUER, "a1")
    assert actor == Actor(person, frozenset({Role.PANEL_MEMBER, Role.ADMINISTRATOR}), Tier.PARTNER, "housing")
    grant(store, "a1", Role.ANALYST)
    assert actor_of(store, ISSUER, "a1").tier is Tier.INTERNAL
    # The same sign of another provider is somebody else.
    with pytest.raises(NotKnown):
        actor_of(store, "https://elsewhere.test", "a1")


@pytest.mark.parametrize(
    ("roles", "tier"),
    [
        ({Role.CONTRIBUTOR}, Tier.PUBLIC),
        ({Role.ADMINISTRATOR}, Tier.PUBLIC),
        ({Role.CHAIR}, Tier.PARTNER),
        ({Role.PARTNER_VIEWER, Role.ASSESSOR}, Tier.INTERNAL),
        (set(), Tier.PUBLIC),
    ],
)
def test_the_level_of_disclosure_is_that_of_the_widest_role(roles: set[Role], tier: Tier) -> None:
    assert tier_of(roles) is tier


@pytest.mark.trust("A8", figure="0 roles beyond those held")
def test_what_a_token_names_is_no_more_than_what_is_still_held(store: Store) -> None:
    person = grant(store, "a1", Role.ANALYST, Role.COORDINATOR)
    assert renewed(store, person, [Role.ANALYST, Role.DATA_STEWARD]).roles == {Role.ANALYST}
    end_roles(store, ADMINISTRATOR, person, [Role.ANALYST])
    assert renewed(store, person, [Role.ANALYST]).roles == set()
    assert renewed(store, "no such person", Role).roles == set()


@pytest.mark.trust("B5", figure="a refusal is one row")
def test_only_an_administrator_manages_people_and_the_attempt_is_written_down(store: Store) -> None:
    with pytest.raises(Refused, match="administrator"):
        grant_roles(store, STEWARD, issuer=ISSUER, subject="a1", roles=[Role.ANALYST])
    assert log(store) == [("manage_people", "refused")]


def test_the_last_administrator_cannot_leave_nor_lose_the_role(store: Store) -> None:
    first = grant(store, "a1", Role.ADMINISTRATOR)
    for attempt in (
        lambda: end_roles(store, ADMINISTRATOR, first, [Role.ADMINISTRATOR]),
        lambda: note_leaving(store, ADMINISTRATOR, first),
    ):
        with pytest.raises(RefusedInput, match="only administrator"):
            attempt()
    assert actor_of(store, ISSUER, "a1").roles == {Role.ADMINISTRATOR}
    grant(store, "a2", Role.ADMINISTRATOR)
    note_leaving(store, ADMINISTRATOR, first)
    with pytest.raises(NotKnown):
        actor_of(store, ISSUER, "a1")
    assert [(one.subject, one.left_at is not None) for one in list_people(store, ADMINISTRATOR)] == [
        ("a2", False),
        ("a1", True),
    ]


def test_grants_that_ended_are_kept_and_say_who_ended_them(store: Store, database: Database) -> None:
    person = grant(store, "a1", Role.ANALYST)
    end_roles(store, ADMINISTRATOR, person, [Role.ANALYST])
    grant(store, "a1", Role.ANALYST)
    rows = ask(
        database,
        "SELECT ended_by FROM cs_geo.role_grants WHERE person_id = %s ORDER BY ended_at NULLS LAST",
        person,
    )
    assert [row["ended_by"] for row in rows] == ["local", None]


def test_the_person_of_this_machine_is_vouched_for_by_no_provider(store: Store) -> None:
    with pytest.raises(RefusedInput, match="who vouches"):
        grant_roles(store, ADMINISTRATOR, issuer="local", subject="local", roles=[Role.ANALYST])


@pytest.mark.trust("B6", figure="0 changes without a row")
def test_what_cannot_be_written_down_does_not_happen(store: Store, database: Database) -> None:
    change(database, "REVOKE EXECUTE ON FUNCTION cs_geo.write_audit(text, text, text, jsonb) FROM cs_geo_app")
    try:
        with pytest.raises(Exception, match="permission denied"):
            grant(store, "a1", Role.ANALYST)
    finally:
        change(database, "GRANT EXECUTE ON FUNCTION cs_geo.write_audit(text, text, text, jsonb) TO cs_geo_app")
    with pytest.raises(NotKnown):
        actor_of(store, ISSUER, "a1")


@pytest.mark.trust("B5", figure="begun and done, or begun and failed")
def test_long_work_is_written_down_before_it_and_after_it(store: Store) -> None:
    analyst = LOCAL_ACTOR.acting_as({Role.ANALYST})
    with recorded_long(store, analyst, Action.IMPORT_REPORTS) as recording:
        assert log(store) == [("import_reports", "begun")]
        recording.details["rows"] = 3

    def cut_off() -> None:
        with recorded_long(store, analyst, Action.IMPORT_REPORTS):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        cut_off()
    assert [outcome for _, outcome in log(store)] == ["begun", "done", "begun", "failed"]


def test_long_work_does_not_hold_the_log_while_it_lasts(store: Store) -> None:
    with recorded_long(store, LOCAL_ACTOR, Action.IMPORT_REPORTS):
        with recorded(store, LOCAL_ACTOR, Action.EXPORT):
            pass
        assert [action for action, _ in log(store)] == ["import_reports", "export"]


@pytest.mark.trust("B5", figure="one row a look, one a refusal")
def test_looking_is_written_down_once_and_refused_looks_too(store: Store) -> None:
    for _ in range(3):
        with looked_at(store, LOCAL_ACTOR, Action.VIEW_MAP, subject="district") as connection:
            connection.execute(text("SELECT 1"))

    def look() -> None:
        with looked_at(store, NOBODY, Action.VIEW_MAP, subject="district"):
            raise AssertionError

    with pytest.raises(Refused):
        look()
    assert log(store) == [("view_map", "done"), ("view_map", "refused")]


@pytest.mark.trust("B3", figure="cut tail found")
def test_a_log_whose_tail_was_cut_off_is_found_by_its_anchor(store: Store, database: Database, tmp_path: Path) -> None:
    anchors = tmp_path / "elsewhere" / "anchors.csv"
    for subject in ("a1", "a2", "a3"):
        grant(store, subject, Role.ANALYST)
    write_anchor(store, anchors)
    assert check_audit(store, STEWARD, anchors).is_whole
    change(database, "DELETE FROM cs_geo.audit_log WHERE number > 1")
    change(
        database,
        "UPDATE cs_geo.audit_head h SET number = a.number, hash = a.hash FROM cs_geo.audit_log a WHERE a.number = 1",
    )
    found = check_audit(store, STEWARD, anchors)
    assert found.altered == ()
    assert [anchor.number for anchor in found.lost] == [3]
    assert not found.is_whole


@pytest.mark.trust("B3", figure="rows without an anchor for two days are said to the data steward")
def test_rows_that_nobody_anchored_are_said_after_two_days(store: Store, tmp_path: Path) -> None:
    anchors = tmp_path / "anchors.csv"
    now = datetime.now(UTC)

    def since(days: float) -> datetime | None:
        return unanchored_since(store, STEWARD, anchors, now=lambda: now + timedelta(days=days))

    assert since(9) is None  # nothing has been written yet
    with recorded(store, STEWARD, Action.VIEW_AUDIT):
        pass
    assert since(1.9) is None
    assert since(2.1) is not None
    write_anchor(store, anchors)
    assert since(9) is None
    with recorded(store, STEWARD, Action.VIEW_AUDIT):
        pass
    assert since(2.1) is not None
    with pytest.raises(Refused):
        unanchored_since(store, STEWARD.acting_as(()), anchors)


def test_a_list_of_anchors_that_is_none_is_refused_in_words(store: Store, tmp_path: Path) -> None:
    broken = tmp_path / "anchors.csv"
    broken.write_text("date,place\n2024-01-01,Elm Park\n")
    with pytest.raises(RefusedInput, match="no list of anchors"):
        check_audit(store, STEWARD, broken)
