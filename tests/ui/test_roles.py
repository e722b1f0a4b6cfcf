"""Each role has the pages of its work, and whoever sees no reports finds no word of one on any page."""

from pathlib import Path

import pytest

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.access.permissions import Action
from cs_geo.store.audit import write_audit
from cs_geo.store.opening import Store
from cs_geo.ui.navigation import screens_for
from tests.conftest import Database
from tests.sheets import change, import_rows, report_row
from tests.ui.conftest import OpenAs, shown, words


@pytest.mark.parametrize("role", list(Role))
def test_every_role_arrives_at_a_page_of_its_own(open_as: OpenAs, role: Role) -> None:
    app = open_as(role)
    said = words(app)
    if role in {Role.COORDINATOR, Role.ANALYST, Role.ASSESSOR, Role.DATA_STEWARD}:
        assert "reports from every partner come together by place" in said
    elif role is Role.ADMINISTRATOR:
        assert "Nobody signs in here yet" in said
    elif role is Role.CONTRIBUTOR:
        assert "Might a child be in danger now?" in said
    else:
        assert "No case is open to you" in said


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_a_role_opens(open_as: OpenAs, role: Role) -> None:
    actor = Actor("local", frozenset({role}), tier_of({role}))
    for screen in screens_for(actor):
        open_as(role, screen.file.removesuffix(".py"))


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ANALYST, Role.ASSESSOR, Role.DATA_STEWARD])
def test_every_page_of_a_role_opens_where_there_are_reports(
    open_as: OpenAs, store: Store, tmp_path: Path, role: Role
) -> None:
    import_rows(store, tmp_path, [report_row(), report_row(easting="", northing="", location="nowhere known")])
    for screen in screens_for(Actor("local", frozenset({role}), tier_of({role}))):
        open_as(role, screen.file.removesuffix(".py"))


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.PARTNER_VIEWER, Role.CHAIR, Role.ADMINISTRATOR])
def test_whoever_may_not_see_reports_finds_no_word_of_one_on_any_page(
    open_as: OpenAs, store: Store, tmp_path: Path, role: Role
) -> None:
    import_rows(store, tmp_path, [report_row(location="Canary Row", note="a canary sang")])
    app = open_as(role)
    actor = Actor("local", frozenset({role}), tier_of({role}))
    for screen in screens_for(actor):
        app.switch_page(f"screens/{screen.file}").run()
        drawn = words(app) + "".join(str(table.value.to_dict()) for table in app.dataframe)
        assert "Canary" not in drawn
        assert "canary" not in drawn


def test_an_administrator_grants_a_role_and_ends_it(open_as: OpenAs, store: Store) -> None:
    app = open_as(Role.ADMINISTRATOR)
    boxes = {box.label: box for box in app.text_input}
    boxes["Who vouches for them"].set_value("https://id.council.test")
    boxes["Identifier there"].set_value("a1")
    boxes["Post"].set_value("coordinator, north")
    next(box for box in app.multiselect if box.label == "Roles").set_value([Role.COORDINATOR])
    shown(next(button for button in app.button if button.label == "Grant").click().run())
    (table,) = app.dataframe
    assert list(table.value["Who"]) == ["coordinator, north"]
    assert list(table.value["Roles"]) == ["coordinator"]
    next(box for box in app.multiselect if box.label == "Roles to end").set_value([Role.COORDINATOR])
    shown(next(button for button in app.button if button.label == "End").click().run())
    assert list(app.dataframe[0].value["Roles"]) == ["none"]


def test_a_grant_without_an_identifier_is_refused_in_words(open_as: OpenAs) -> None:
    app = open_as(Role.ADMINISTRATOR)
    app = next(button for button in app.button if button.label == "Grant").click().run()
    assert "Say who vouches for the person" in "".join(error.value for error in app.error)


def test_the_data_steward_reads_the_log_and_checks_it(open_as: OpenAs, store: Store, database: Database) -> None:
    with store.begin(LOCAL_ACTOR) as connection:
        write_audit(connection, Action.EXPORT, "done", details={"rows": 3})
    app = open_as(Role.DATA_STEWARD, "audit")
    assert "Export" in list(app.dataframe[0].value["Action"])
    app = shown(next(button for button in app.button if button.label == "Check the log").click().run())
    assert "as it was written" in app.success[0].value
    change(database, "UPDATE cs_geo.audit_log SET person = 'somebody else' WHERE number = 1")
    app = shown(next(button for button in app.button if button.label == "Check the log").click().run())
    assert "Row 1: altered" in app.error[0].value
