"""One table says who may do what, and nothing that a person can reach is missing from it."""

import ast
from pathlib import Path

import pytest

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.access.permissions import ALLOWED, Action, Refused, may, require
from cs_geo.ui.navigation import FOLDER, SCREENS, screens_for

WORKFLOWS = Path(__file__).parents[1] / "cs_geo" / "workflows"
ASKS = {"require", "permit", "recorded", "recorded_long", "looked_at"}
ASKS_NOBODY = {
    "load_demo.load_demo",  # the workflows it calls ask
    "read_reports.similar_sources",
    "register_places.boundary_around",
    "register_places.boundary_of_corners",
    "run_jobs.start_job",  # the job's own workflow asks, in the name of whoever started it
    "run_jobs.read_job",  # whose job it is, the database's policy says
    "run_jobs.list_jobs",
    "run_jobs.cancel_job",
    "download_files.offer_file",  # the workflow that wrote the file asked
    "pace.keep_pace",  # counts; the workflow that asks for it asks the table
    "place_reports.pace_look_up",
    "add_report.pace_draft",
    "sign_in.note_sign_in",
    "sign_in.note_sign_out",
    "sign_in.still_signed_in",
    "load_site_data.list_loaded_gazetteers",  # names and sizes of published gazetteers
}


def acting(role: Role) -> Actor:
    return Actor("somebody", frozenset({role}), tier_of({role}))


@pytest.mark.trust("A1", figure="every action in the table, none without a role")
def test_every_action_says_who_may() -> None:
    assert set(ALLOWED) == set(Action)
    assert all(ALLOWED.values())


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.trust("A1", figure="every role × action, 0 wrong")
def test_each_role_may_do_what_the_table_says_and_nothing_else(role: Role, action: Action) -> None:
    allowed = role in ALLOWED[action]
    assert may(acting(role), action) == allowed
    if allowed:
        require(acting(role), action)
    else:
        with pytest.raises(Refused, match="Ask a colleague who is"):
            require(acting(role), action)


def test_an_administrator_reaches_no_report() -> None:
    reports = {Action.VIEW_MAP, Action.VIEW_REPORTS, Action.IMPORT_REPORTS, Action.EXPORT, Action.FIND_HOTSPOTS}
    assert not [action for action in reports if may(acting(Role.ADMINISTRATOR), action)]


@pytest.mark.trust("A1", figure="0 pages outside the table")
def test_every_page_names_what_its_work_is() -> None:
    assert {screen.file for screen in SCREENS} == {path.name for path in FOLDER.glob("*.py")} - {"__init__.py"}
    assert len({screen.path for screen in SCREENS}) == len(SCREENS)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.file)
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.trust("A1", figure="every role × page, 0 wrong")
def test_each_role_has_the_pages_of_its_work_and_no_other(role: Role, screen: object) -> None:
    opens = screen in screens_for(acting(role))
    assert opens == (screen.action is None or role in ALLOWED[screen.action])


def test_nobody_is_left_without_a_page() -> None:
    for role in Role:
        assert screens_for(acting(role))
    assert [screen.file for screen in screens_for(LOCAL_ACTOR.acting_as(()))] == ["no_page.py"]


def asking_workflows() -> list[tuple[str, ast.FunctionDef]]:
    """Public functions of workflows that are given a store and the person acting."""
    found = []
    for path in sorted(WORKFLOWS.glob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                given = [argument.arg for argument in node.args.args]
                if "store" in given and "actor" in given:
                    found.append((f"{path.stem}.{node.name}", node))
    return found


@pytest.mark.parametrize(("name", "function"), asking_workflows(), ids=[name for name, _ in asking_workflows()])
@pytest.mark.trust("A1", figure="0 workflows that do not ask")
def test_every_workflow_asks_the_table(name: str, function: ast.FunctionDef) -> None:
    called = {
        node.func.id for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert bool(called & ASKS) != (name in ASKS_NOBODY), name
