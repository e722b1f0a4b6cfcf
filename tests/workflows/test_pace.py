"""Nobody goes faster than anybody at work: refused with when to try again, written down, and others unharmed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from cs_geo.access.actor import LOCAL_ACTOR, NOBODY, Actor, Role, Tier, tier_of
from cs_geo.errors import TooOften
from cs_geo.reports.selection import Selection
from cs_geo.settings import Settings
from cs_geo.store.opening import Store
from cs_geo.workflows import private_files
from cs_geo.workflows.add_report import Draft, Pin, check_draft
from cs_geo.workflows.export_files import export_to_file, release_to_file
from cs_geo.workflows.export_released import ReleaseRequest
from cs_geo.workflows.hand_in import check_submission
from cs_geo.workflows.manage_people import grant_roles
from cs_geo.workflows.pace import EXPORTS, LOOK_UPS, SIGN_INS, Limit, keep_pace
from cs_geo.workflows.place_reports import look_up
from cs_geo.workflows.run_jobs import start_job
from cs_geo.workflows.sign_in import actor_of, note_sign_in, note_stranger
from tests.conftest import Database
from tests.sheets import ask, ask_one, change, import_rows, report_row, verdicts

ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
FEW = Limit("few", 3, timedelta(seconds=60), "That was much.")


@pytest.fixture
def people(store: Store) -> Callable[[str], Actor]:
    """Somebody who holds the roles of the one person of a machine, by name."""

    def somebody(name: str) -> Actor:
        grant_roles(store, ADMINISTRATOR, issuer="https://id.test", subject=name, roles=sorted(LOCAL_ACTOR.roles))
        return actor_of(store, "https://id.test", name)

    return somebody


@pytest.fixture(autouse=True)
def at_home(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of exports go into the test's own folder."""
    monkeypatch.setattr(private_files, "home_folder", lambda _: tmp_path)


def refusals(database: Database, person: str) -> list[str]:
    rows = ask(
        database,
        "SELECT action FROM cs_geo.audit_log WHERE person = %s AND outcome = 'refused' ORDER BY number",
        person,
    )
    return [row["action"] for row in rows]


def hurry(times: int, do: Callable[[int], object]) -> tuple[int, list[TooOften]]:
    """Do something many times; how often it was done, and the refusals."""
    refused = []
    for number in range(times):
        try:
            do(number)
        except TooOften as refusal:
            refused.append(refusal)
    return times - len(refused), refused


@pytest.mark.trust("C12", figure="100 sign-ins: 6 taken, 94 refused with when to try again; others unharmed")
def test_a_hundred_sign_ins_in_a_minute_are_six(
    store: Store, database: Database, people: Callable[[str], Actor]
) -> None:
    hasty, calm = people("hasty"), people("calm")
    done, refused = hurry(100, lambda number: note_sign_in(store, hasty, f"sign-in {number}"))
    assert (done, len(refused)) == (6, 94)
    assert all(0 < one.wait_s <= 60 and "Try again in" in str(one) for one in refused)
    note_sign_in(store, calm, "sign-in 1")
    came_in = "SELECT count(*) FROM cs_geo.audit_log WHERE action = 'sign_in' AND outcome = 'done' AND person = %s"
    assert ask_one(database, came_in, hasty.person) == 6
    assert refusals(database, hasty.person) == ["sign_in"]


def test_one_sign_in_opens_any_number_of_tabs(store: Store, people: Callable[[str], Actor]) -> None:
    person = people("many tabs")
    assert hurry(20, lambda _: note_sign_in(store, person, "the same"))[0] == 20
    assert hurry(20, lambda _: note_sign_in(store, person))[0] == 20  # behind a proxy, which counts itself


def test_strangers_fill_no_log(store: Store, database: Database) -> None:
    assert hurry(30, lambda _: note_stranger(store, "https://id.test", "7"))[0] == 6
    note_stranger(store, "https://id.test", "8")
    assert refusals(database, "") == ["sign_in"] * 8
    assert "id.test" not in str(ask(database, "SELECT * FROM cs_geo.turns"))


@pytest.mark.trust("C12", figure="50 exports: 5 taken, 45 refused; the worker counts none again; others unharmed")
def test_fifty_exports_in_a_minute_are_five(
    store: Store, database: Database, people: Callable[[str], Actor], tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row()])
    hasty, calm = people("hasty"), people("calm")
    today = date(2026, 4, 20)

    def export(actor: Actor, *, in_job: bool = False) -> None:
        asked = {"ending": ".csv", "selection": Selection(), "purpose": "test", "today": today}
        export_to_file(store, actor, **asked, in_job=in_job)

    def start(_: int) -> None:
        start_job(store, hasty, "export", {})

    for _ in range(4):
        export(hasty)
    assert hurry(1, start)[0] == 1
    done, refused = hurry(45, lambda number: start(number) if number % 2 else export(hasty))
    assert (done, len(refused)) == (0, 45)
    with pytest.raises(TooOften, match="many exports"):
        release_to_file(
            store, hasty, ending=".csv", request=ReleaseRequest(Tier.PARTNER, Selection(), today, purpose="test")
        )
    export(hasty, in_job=True)
    export(calm)
    assert ask_one(database, "SELECT count(*) FROM cs_geo.exports") == 6
    assert refusals(database, hasty.person) == ["export"]


@pytest.mark.trust("C12", figure="1,000 geocodes: 60 taken, 940 refused; others unharmed")
def test_a_thousand_look_ups_in_a_minute_are_sixty(
    store: Store, database: Database, people: Callable[[str], Actor]
) -> None:
    hasty, calm = people("hasty"), people("calm")
    for number in range(60):
        keep_pace(store, hasty, LOOK_UPS, thing=f"{number} mill lane")
    refused = hurry(940, lambda number: look_up(store, hasty, f"{60 + number} Mill Lane"))[1]
    assert len(refused) == 940
    # What was looked up a moment ago is drawn again with the page.
    look_up(store, hasty, " 7 MILL LANE ")
    look_up(store, calm, "1 Mill Lane")
    assert refusals(database, hasty.person) == ["look_up"]
    assert "mill" not in str(ask(database, "SELECT * FROM cs_geo.turns")).lower()


def test_a_form_drawn_again_and_again_with_other_places_is_a_look_up_each_time(
    store: Store, people: Callable[[str], Actor]
) -> None:
    person = people("hasty")
    fields = {"kind": "incident", "date": "2026-04-14", "safeguarding_answer": "not_needed"}

    def check(number: int) -> None:
        check = check_draft if number % 2 else check_submission
        check(store, person, Draft(uuid4(), {**fields, "location": f"{number} Mill Lane"}))

    for number in range(58):
        keep_pace(store, person, LOOK_UPS, thing=f"{number}")
    assert hurry(4, check)[0] == 2
    check_draft(store, person, Draft(uuid4(), {**fields, "location": "9 Mill Lane"}, Pin(-2.0, 52.6)))
    check_draft(store, person, Draft(uuid4(), {**fields, "location": ""}))


@pytest.mark.trust("C12", figure="an import of 500 rows takes no turn")
def test_an_import_looks_up_as_many_locations_as_it_holds(store: Store, database: Database, tmp_path: Path) -> None:
    rows = [report_row(location=f"{number} Mill Lane", easting="", northing="") for number in range(500)]
    assert verdicts(import_rows(store, tmp_path, rows)) == (500, 0, 0, 0)
    assert ask_one(database, "SELECT count(*) FROM cs_geo.turns") == 0


def test_turns_come_back_when_their_time_is_over_and_a_refusal_takes_none(store: Store, database: Database) -> None:
    assert hurry(9, lambda _: keep_pace(store, NOBODY, FEW, who="somebody"))[0] == 3
    change(database, "UPDATE cs_geo.turns SET taken_at = taken_at - interval '50 seconds'")
    with pytest.raises(TooOften) as refusal:
        keep_pace(store, NOBODY, FEW, who="somebody")
    assert refusal.value.wait_s <= 10
    change(database, "UPDATE cs_geo.turns SET taken_at = taken_at - interval '11 seconds'")
    assert hurry(9, lambda _: keep_pace(store, NOBODY, FEW, who="somebody"))[0] == 3
    # Those whose time is over are not kept.
    assert ask_one(database, "SELECT count(*) FROM cs_geo.turns WHERE what = 'few'") == 3


@pytest.mark.trust("C12", figure="40 at once: as many turns as there are, and no more")
def test_many_at_once_take_no_more_turns_than_there_are(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = sum(pool.map(lambda _: hurry(5, lambda _: keep_pace(store, NOBODY, FEW, who="somebody"))[0], range(8)))
    assert done == 3


def test_the_limits_are_those_that_were_asked_for() -> None:
    assert [(one.most, one.within.total_seconds()) for one in (SIGN_INS, EXPORTS, LOOK_UPS)] == [
        (6, 60), (5, 60), (60, 60),
    ]  # fmt: skip
