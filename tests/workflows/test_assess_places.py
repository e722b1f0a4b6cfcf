"""Assessments: begun on the boundary of the day, run again on the same one, closed once, and not for everybody."""

from uuid import UUID

import pytest

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.access.permissions import Refused
from cs_geo.errors import RefusedInput
from cs_geo.store.opening import Store
from cs_geo.workflows.assess_places import begin_assessment, close_assessment, list_assessments
from cs_geo.workflows.register_places import boundary_around, redraw_boundary, register_place
from tests.conftest import Database
from tests.sheets import EASTING, NORTHING, ask_one, change

PARTNER = Actor("somebody", frozenset({Role.PANEL_MEMBER}), tier_of({Role.PANEL_MEMBER}))


def register(store: Store, name: str, *, radius_m: float | None = 100.0) -> UUID:
    boundary = radius_m and boundary_around(store, LOCAL_ACTOR, f"{EASTING}, {NORTHING}", radius_m)
    return register_place(
        store, LOCAL_ACTOR, name=name, place_type="shops", boundary=boundary or None, origin="drawn"
    ).place_id


def test_an_assessment_that_is_run_again_stays_on_the_boundary_of_the_first(store: Store) -> None:
    place = register(store, "The parade")
    first = begin_assessment(store, LOCAL_ACTOR, place)
    redraw_boundary(
        store, LOCAL_ACTOR, place, boundary_around(store, LOCAL_ACTOR, f"{EASTING}, {NORTHING}", 60.0), origin="drawn"
    )
    again = begin_assessment(store, LOCAL_ACTOR, place, repeats=first)
    anew = begin_assessment(store, LOCAL_ACTOR, place)
    known = {one.assessment_id: one for one in list_assessments(store, LOCAL_ACTOR, place_id=place)}
    assert [known[one].boundary_version for one in (first, again, anew)] == [1, 1, 2]
    assert known[again].repeats == first
    assert known[first].place == "The parade"


def test_an_assessment_waits_for_a_boundary_and_repeats_one_of_its_own_place(store: Store) -> None:
    undrawn, drawn = register(store, "Elm Park", radius_m=None), register(store, "The parade")
    with pytest.raises(RefusedInput, match="no boundary yet"):
        begin_assessment(store, LOCAL_ACTOR, undrawn)
    first = begin_assessment(store, LOCAL_ACTOR, drawn)
    with pytest.raises(RefusedInput, match="not one of this place"):
        begin_assessment(store, LOCAL_ACTOR, undrawn, repeats=first)


def test_an_assessment_is_closed_once_and_keeps_what_it_was_begun_with(store: Store, database: Database) -> None:
    assessment = begin_assessment(store, LOCAL_ACTOR, register(store, "The parade"))
    assert close_assessment(store, LOCAL_ACTOR, assessment)
    assert not close_assessment(store, LOCAL_ACTOR, assessment)
    with pytest.raises(Exception, match="keeps what it was begun with"):
        change(database, "UPDATE cs_geo.assessments SET boundary_version = 2, closed_at = NULL, closed_by = NULL")


def test_who_is_not_of_the_team_sees_no_assessment(store: Store, database: Database) -> None:
    begin_assessment(store, LOCAL_ACTOR, register(store, "The parade"))
    with pytest.raises(Refused):
        list_assessments(store, PARTNER)
    assert ask_one(database, "SELECT count(*) FROM cs_geo.assessments") == 1
    with store.begin(PARTNER) as connection:
        from cs_geo.store.assessments import list_assessments as read

        assert read(connection) == []
