"""The pages of what was released: to a partner, and to the public."""

from dataclasses import replace
from pathlib import Path

import pytest

from cs_geo.access.actor import LOCAL_ACTOR, Role
from cs_geo.store.opening import Store
from cs_geo.store.people import grant_role
from cs_geo.workflows.export_released import export_release
from tests.boroughs import NOTE, STREET, load_areas, spread
from tests.sheets import EASTING, import_rows
from tests.ui.conftest import OpenAs, words
from tests.workflows.test_look_at_given import ADMINISTRATOR, PARKS, PUBLIC


@pytest.fixture
def released(store: Store, tmp_path: Path) -> Store:
    load_areas(store)
    spring = [*spread(14, EASTING), *spread(3, EASTING + 120), *spread(6, EASTING, kind="concern")]
    import_rows(store, tmp_path, [*spring, *spread(30, EASTING + 50, date="2024-02-10")])
    export_release(store, LOCAL_ACTOR, tmp_path / "p.csv", PARKS)
    export_release(store, LOCAL_ACTOR, tmp_path / "t.csv", PUBLIC)
    with store.begin(ADMINISTRATOR) as connection:
        grant_role(connection, "local", Role.PARTNER_VIEWER, agency="Parks team", actor="local")
    return store


@pytest.mark.parametrize("role", [Role.CHAIR, Role.PANEL_MEMBER, Role.PARTNER_VIEWER])
def test_a_partner_to_whom_nothing_was_released_is_told_whom_to_ask(open_as: OpenAs, role: Role) -> None:
    said = words(open_as(role, "partner_map"))
    assert "Nothing is released to your agency at present" in said
    assert "an analyst or a data steward" in said


def test_the_team_is_told_that_nothing_is_released(open_as: OpenAs) -> None:
    assert "Nothing is released to any partner at present" in words(open_as(Role.ANALYST, "partner_map"))


def test_a_partner_finds_cells_in_bands_and_what_was_left_out(open_as: OpenAs, released: Store) -> None:
    app = open_as(Role.PARTNER_VIEWER, "partner_map")
    said = words(app)
    assert "Released to Parks team on 1 September 2024" in said
    assert "1 April to 30 June 2024" in said or "April to June 2024" in said
    hotspots, cells, withheld = (table.value for table in app.dataframe)
    assert list(hotspots["Reports"]) == ["10 or more"]
    assert list(cells["Reports"]) == ["13", "fewer than 5", "fewer than 5"]
    assert "not told" in set(withheld["How many"])
    assert NOTE not in said
    assert STREET not in said


def test_kinds_are_shown_one_at_a_time(open_as: OpenAs, released: Store) -> None:
    app = open_as(Role.PARTNER_VIEWER, "partner_map")
    (kinds,) = (one for one in app.get("button_group") if one.label == "Kind of report")
    assert kinds.value == "incident"
    app = kinds.set_value("concern").run()
    assert "6" in set(next(table.value for table in app.dataframe if "Easting" in table.value)["Reports"])


def test_the_team_sees_it_under_the_name_of_the_partner(open_as: OpenAs, released: Store) -> None:
    said = words(open_as(Role.ANALYST, "partner_map"))
    assert "You see what the people of Parks team see" in said.replace("&#46;", ".")


@pytest.mark.parametrize("role", list(Role))
def test_without_a_published_table_the_page_says_when_there_will_be_one(open_as: OpenAs, role: Role) -> None:
    assert "No table is published yet" in words(open_as(role, "published"))


def test_a_published_table_shows_every_area_with_small_numbers_left_out(open_as: OpenAs, released: Store) -> None:
    app = open_as(Role.CONTRIBUTOR, "published")
    (table,) = app.dataframe
    assert list(table.value["District"]) == ["All areas", "Elmshire"]
    assert list(table.value["All harms"]) == ["30", "30"]
    assert app.get("component_instance") == []
    said = words(app)
    assert "rounded to 5" in said
    assert "suppressed" in said


def test_two_releases_that_stand_may_be_chosen_between(open_as: OpenAs, released: Store, tmp_path: Path) -> None:
    export_release(released, LOCAL_ACTOR, tmp_path / "b.csv", replace(PARKS, purpose="Again"))
    app = open_as(Role.PARTNER_VIEWER, "partner_map")
    chooser = next(box for box in app.selectbox if box.label == "Release")
    assert len(chooser.options) == 2
    assert "Again" in words(app)
