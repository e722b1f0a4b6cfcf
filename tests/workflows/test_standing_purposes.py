"""Standing purposes: kept for 90 days, of one person's own, named in the row of each export, asked again afterwards."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, Tier, tier_of
from cs_geo.access.permissions import Refused
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.workflows.export_locations import export_locations
from cs_geo.workflows.export_released import ReleaseRequest
from cs_geo.workflows.manage_people import grant_roles, list_people
from cs_geo.workflows.standing_purposes import end_standing, find_standing, keep_standing, list_standing
from tests.conftest import Database
from tests.sheets import ask, change, import_rows, report_row

WEEKLY = "the weekly map of the tasking meeting"
ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))


def analyst(store: Store, subject: str) -> Actor:
    grant_roles(store, ADMINISTRATOR, issuer="test", subject=subject, roles=[Role.ANALYST])
    (person,) = [one for one in list_people(store, ADMINISTRATOR) if one.subject == subject]
    return Actor(person.person_id, frozenset({Role.ANALYST}), Tier.INTERNAL)


def test_a_purpose_stands_for_ninety_days_and_each_export_names_it(
    store: Store, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row()])
    standing_id = keep_standing(store, LOCAL_ACTOR, Tier.INTERNAL, WEEKLY)
    (standing,) = list_standing(store, LOCAL_ACTOR, Tier.INTERNAL)
    assert timedelta(days=89) < standing.expires_at - datetime.now(UTC) <= timedelta(days=90)
    for number in range(2):
        export_locations(
            store,
            LOCAL_ACTOR,
            tmp_path / f"{number}.csv",
            selection=Selection(),
            purpose=standing.purpose,
            standing=str(standing_id),
        )
    rows = ask(database, "SELECT details FROM cs_geo.audit_log WHERE action = 'export' AND details ? 'rows'")
    assert [(row["details"]["purpose"], row["details"]["standing"]) for row in rows] == [(WEEKLY, str(standing_id))] * 2


def test_after_ninety_days_it_is_asked_again(store: Store, database: Database) -> None:
    keep_standing(store, LOCAL_ACTOR, Tier.INTERNAL, WEEKLY)
    change(database, "UPDATE cs_geo.standing_purposes SET expires_at = now() - interval '1 second'")
    assert list_standing(store, LOCAL_ACTOR, Tier.INTERNAL) == []
    with pytest.raises(RefusedInput, match="run out"):
        find_standing(store, LOCAL_ACTOR, Tier.INTERNAL, WEEKLY)


def test_a_purpose_that_is_kept_again_stands_from_now_on_once(store: Store, database: Database) -> None:
    first = keep_standing(store, LOCAL_ACTOR, Tier.INTERNAL, WEEKLY)
    second = keep_standing(store, LOCAL_ACTOR, Tier.INTERNAL, f"  {WEEKLY} ")
    assert [one.standing_id for one in list_standing(store, LOCAL_ACTOR, Tier.INTERNAL)] == [second] != [first]
    assert len(ask(database, "SELECT 1 FROM cs_geo.standing_purposes")) == 2


def test_an_ended_purpose_stands_no_more(store: Store) -> None:
    keep_standing(store, LOCAL_ACTOR, Tier.INTERNAL, WEEKLY)
    standing = find_standing(store, LOCAL_ACTOR, Tier.INTERNAL, WEEKLY)
    assert end_standing(store, LOCAL_ACTOR, standing)
    assert not end_standing(store, LOCAL_ACTOR, standing)
    assert list_standing(store, LOCAL_ACTOR, Tier.INTERNAL) == []


@pytest.mark.trust("A3", figure="0 standing purposes of somebody else's")
def test_nobody_uses_or_ends_what_stands_for_somebody_else(store: Store) -> None:
    ann, bob = analyst(store, "ann"), analyst(store, "bob")
    keep_standing(store, ann, Tier.INTERNAL, WEEKLY)
    standing = find_standing(store, ann, Tier.INTERNAL, WEEKLY)
    assert list_standing(store, bob, Tier.INTERNAL) == []
    assert not end_standing(store, bob, standing)
    assert list_standing(store, ann, Tier.INTERNAL) == [standing]


def test_a_purpose_for_one_tier_stands_for_no_other(store: Store) -> None:
    keep_standing(store, LOCAL_ACTOR, Tier.PARTNER, WEEKLY, "parks team")
    assert list_standing(store, LOCAL_ACTOR, Tier.INTERNAL) == []
    assert find_standing(store, LOCAL_ACTOR, Tier.PARTNER, WEEKLY).recipient == "parks team"


@pytest.mark.parametrize(("tier", "purpose", "said"), [(Tier.INTERNAL, " ", "what the"), (Tier.PARTNER, "x", "whom")])
def test_what_is_not_said_does_not_stand(store: Store, tier: Tier, purpose: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        keep_standing(store, LOCAL_ACTOR, tier, purpose)


def test_whoever_may_not_export_keeps_no_purpose(store: Store, database: Database) -> None:
    coordinator = Actor("local", frozenset({Role.COORDINATOR}), Tier.INTERNAL)
    with pytest.raises(Refused):
        keep_standing(store, coordinator, Tier.INTERNAL, WEEKLY)
    assert ask(database, "SELECT 1 FROM cs_geo.standing_purposes") == []


def test_a_request_keeps_what_it_stands_for_on_its_way_through_a_job() -> None:
    request = ReleaseRequest(Tier.PARTNER, Selection(), date(2026, 11, 1), standing="abc")
    assert ReleaseRequest.from_json(request.to_json()) == request
