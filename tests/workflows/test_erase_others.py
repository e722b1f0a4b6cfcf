"""Erasing a place and a person of the program: nothing of them is left in a full dump, and a tombstone stays."""

from datetime import date
from pathlib import Path

import pytest

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.access.permissions import Refused
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.store.opening import Store
from cs_geo.workflows.cases import open_case
from cs_geo.workflows.erase_others import erase_person, erase_place
from cs_geo.workflows.hold_records import add_hold
from cs_geo.workflows.manage_people import grant_roles, list_people
from cs_geo.workflows.register_places import boundary_around, list_register, register_place
from tests.conftest import Database
from tests.sheets import EASTING, NORTHING, ask, ask_one, change, import_rows, report_row
from tests.workflows.test_erase_report import STEWARD, dump

ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
PLANTED = "zq-dunlin"


@pytest.fixture
def yard(store: Store, tmp_path: Path) -> Store:
    import_rows(store, tmp_path, [report_row(note="one"), report_row(note="two", easting=EASTING + 10)])
    register_place(
        store,
        LOCAL_ACTOR,
        name="zq-dunlin Yard",
        place_type="shops",
        aliases=["zq-dunlin Corner"],
        boundary=boundary_around(store, LOCAL_ACTOR, f"{EASTING}, {NORTHING}", 100.0),
        origin="zq-dunlin sketch",
    )
    return store


@pytest.mark.trust("D14", figure="0 planted words of a place in a full dump")
def test_a_place_is_erased_with_its_names_and_boundaries_and_its_reports_stay(yard: Store, database: Database) -> None:
    (place,) = list_register(yard, LOCAL_ACTOR)
    change(database, f"UPDATE cs_geo.reports SET place_id = '{place.place_id}'")
    assert PLANTED in dump(database)
    done = erase_place(yard, STEWARD, "zq-dunlin Yard", reason="sent_in_error")
    assert (done.boundaries, done.links) == (1, 2)
    assert PLANTED not in dump(database)
    assert list_register(yard, LOCAL_ACTOR) == []
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports WHERE geom IS NOT NULL") == 2
    (tombstone,) = ask(database, "SELECT what, reason, erased_by FROM cs_geo.other_erasures")
    assert dict(tombstone) == {"what": "place", "reason": "sent_in_error", "erased_by": "local"}


def test_a_place_that_a_hold_or_a_case_keeps_is_not_erased(yard: Store, database: Database) -> None:
    (place,) = list_register(yard, LOCAL_ACTOR)
    open_case(yard, LOCAL_ACTOR, place.place_id, 1, "Three agencies write of it.", today=date.today())
    with pytest.raises(RefusedInput, match="A case is about"):
        erase_place(yard, STEWARD, "zq-dunlin Yard", reason="sent_in_error")
    add_hold(yard, STEWARD, place="zq-dunlin Yard", reason="inquiry")
    with pytest.raises(RefusedInput, match="legal hold"):
        erase_place(yard, STEWARD, "zq-dunlin Yard", reason="sent_in_error")
    assert len(list_register(yard, LOCAL_ACTOR)) == 1


@pytest.mark.trust("D14", figure="0 planted words of a person in a full dump; their rows of the log stay")
def test_a_person_is_erased_to_a_pseudonym_and_the_log_stays_whole(store: Store, database: Database) -> None:
    grant_roles(
        store,
        ADMINISTRATOR,
        issuer="https://zq-dunlin.example",
        subject="zq-dunlin-7",
        roles=[Role.ANALYST],
        label="zq-dunlin post",
        agency="zq-dunlin agency",
    )
    (person,) = [one for one in list_people(store, ADMINISTRATOR) if one.subject == "zq-dunlin-7"]
    rows = ask_one(database, "SELECT count(*) FROM cs_geo.audit_log")
    pseudonym = erase_person(store, STEWARD, "https://zq-dunlin.example", "zq-dunlin-7", reason="right_to_erasure")
    assert pseudonym == person.person_id
    assert PLANTED not in dump(database)
    (erased,) = [one for one in list_people(store, ADMINISTRATOR) if one.person_id == pseudonym]
    assert erased.left_at is not None
    assert erased.roles == ()
    assert ask_one(database, "SELECT count(*) FROM cs_geo.audit_log") == rows + 1


def test_what_cannot_be_erased_is_refused_in_words(store: Store) -> None:
    with pytest.raises(RefusedInput, match="No place is registered"):
        erase_place(store, STEWARD, "nowhere", reason="sent_in_error")
    with pytest.raises(RefusedInput, match="Nobody is known"):
        erase_person(store, STEWARD, "x", "y", reason="sent_in_error")
    with pytest.raises(RefusedInput, match="Nobody erases themselves"):
        erase_person(store, STEWARD, "local", "local", reason="sent_in_error")
    with pytest.raises(UsageError):
        erase_place(store, STEWARD, "nowhere", reason="because")


def test_only_a_data_steward_erases(yard: Store) -> None:
    for actor in (LOCAL_ACTOR.acting_as({Role.COORDINATOR}), ADMINISTRATOR):
        with pytest.raises(Refused):
            erase_place(yard, actor, "zq-dunlin Yard", reason="sent_in_error")
        with pytest.raises(Refused):
            erase_person(yard, actor, "local", "local", reason="sent_in_error")
