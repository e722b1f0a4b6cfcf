"""Cases: what named members see of an open one, what they do not, and that it ends when membership or case does."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.access.permissions import Refused
from cs_geo.codelists import load_codelists
from cs_geo.errors import RefusedInput, UsageError, UserError
from cs_geo.settings import data_folder, get_settings
from cs_geo.store.opening import Store
from cs_geo.workflows.cases import (
    add_member,
    close_case,
    end_member,
    list_case_people,
    list_cases,
    look_at_case,
    open_case,
)
from cs_geo.workflows.download_files import redeem
from cs_geo.workflows.export_case import offer_case_pack
from cs_geo.workflows.manage_people import end_roles, grant_roles, list_people
from cs_geo.workflows.register_places import boundary_around, list_register, register_place
from tests.conftest import Database
from tests.sheets import EASTING, NORTHING, ask, ask_one, change, import_rows, report_row

TODAY = date.today()
SPRING, LATELY = TODAY - timedelta(days=90), TODAY - timedelta(days=20)
MONTH = (TODAY - timedelta(days=50)).replace(day=1)
NAMES = load_codelists(data_folder() / "codelists")
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CS_GEO_HOME", str(tmp_path / "home"))
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def named(store: Store, subject: str, *roles: Role) -> Actor:
    grant_roles(
        store, ADMINISTRATOR, issuer="test", subject=subject, roles=roles, label=f"post of {subject}", agency="Fire"
    )
    (person,) = [one for one in list_people(store, ADMINISTRATOR) if one.subject == subject]
    return Actor(person.person_id, frozenset(roles), tier_of(roles), "Fire")


ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))


@pytest.fixture
def parade(store: Store, tmp_path: Path) -> UUID:
    """A place with reports inside and outside its boundary."""
    rows = [
        report_row(note="one", date=str(SPRING), source_type="resident"),
        report_row(note="two", date=str(SPRING), source_type="resident", easting=EASTING + 20),
        report_row(note="three", date=f"{MONTH:%Y-%m}", source_type="school_or_college"),
        report_row(note="four", date=str(LATELY), kind="concern", source_type="resident"),
        report_row(note="long ago", date="2021-05-03"),
        report_row(note="elsewhere", date=str(LATELY), easting=EASTING + 900),
    ]
    import_rows(store, tmp_path, rows)
    boundary = boundary_around(store, LOCAL_ACTOR, f"{EASTING}, {NORTHING}", 100.0)
    return register_place(
        store, LOCAL_ACTOR, name="The parade", place_type="shops", boundary=boundary, origin="drawn"
    ).place_id


def opened(store: Store, parade: UUID) -> UUID:
    (place,) = [place for place in list_register(store, LOCAL_ACTOR) if place.place_id == parade]
    assert place.boundary_version == 1
    return open_case(store, LOCAL_ACTOR, parade, 1, "Three agencies write of the same corner.", today=TODAY)


def lapse(database: Database, case_id: UUID) -> None:
    change(
        database,
        "ALTER TABLE cs_geo.cases DISABLE TRIGGER guard_case; UPDATE cs_geo.cases SET"
        " opened_at = now() - interval '9 months', lapses_on = current_date"
        f" WHERE case_id = '{case_id}'; ALTER TABLE cs_geo.cases ENABLE TRIGGER guard_case",
    )


def test_a_member_sees_boundary_exact_counts_by_source_and_dates(store: Store, parade: UUID) -> None:
    case_id = opened(store, parade)
    member = named(store, "ann", Role.PANEL_MEMBER)
    assert add_member(store, LOCAL_ACTOR, case_id, member.person)
    seen = look_at_case(store, member, case_id)
    assert seen.place.name == "The parade"
    assert seen.place.boundary.area > 30_000
    assert [(one.kind, one.source_type, one.day, one.date_precision, one.reports_n) for one in seen.counts] == [
        ("incident", "resident", SPRING, "day", 2),
        ("incident", "school_or_college", MONTH, "month", 1),
        ("concern", "resident", LATELY, "day", 1),
    ]
    assert seen.texts == ()


@pytest.mark.trust("E1", figure="0 rows of reports, places and boundaries for a member of a case")
def test_a_member_reads_no_report_and_no_place_in_any_other_way(store: Store, parade: UUID) -> None:
    case_id = opened(store, parade)
    member = named(store, "ann", Role.PANEL_MEMBER, Role.CHAIR)
    add_member(store, LOCAL_ACTOR, case_id, member.person)
    with store.begin(member) as connection:
        for table in ("reports", "report_versions", "places", "place_boundaries", "report_cells", "sources"):
            assert connection.scalar(text(f"SELECT count(*) FROM cs_geo.{table}")) == 0, table
        assert connection.scalar(text("SELECT count(*) FROM cs_geo.cases")) == 1


@pytest.mark.trust("A3", figure="0 cases for whoever is no member of them now")
def test_whoever_is_no_member_now_sees_no_case(store: Store, parade: UUID) -> None:
    case_id = opened(store, parade)
    member, other = named(store, "ann", Role.PANEL_MEMBER), named(store, "bob", Role.PANEL_MEMBER)
    add_member(store, LOCAL_ACTOR, case_id, member.person)
    assert [case.case_id for case in list_cases(store, member)] == [case_id]
    assert list_cases(store, other) == []
    with pytest.raises(RefusedInput, match="not open to you"):
        look_at_case(store, other, case_id)
    assert end_member(store, LOCAL_ACTOR, case_id, member.person)
    assert list_cases(store, member) == []
    with pytest.raises(RefusedInput, match="not open to you"):
        look_at_case(store, member, case_id)
    with store.begin(member) as connection:
        assert connection.execute(text(f"SELECT * FROM cs_geo.case_counts('{case_id}')")).all() == []
        assert connection.execute(text(f"SELECT * FROM cs_geo.case_place('{case_id}')")).all() == []


def test_two_cases_on_one_ground_are_open_each_to_its_own(store: Store, parade: UUID) -> None:
    first, second = opened(store, parade), opened(store, parade)
    ann, bob = named(store, "ann", Role.PANEL_MEMBER), named(store, "bob", Role.PANEL_MEMBER)
    add_member(store, LOCAL_ACTOR, first, ann.person)
    add_member(store, LOCAL_ACTOR, second, bob.person)
    assert [case.case_id for case in list_cases(store, ann)] == [first]
    assert [case.case_id for case in list_cases(store, bob)] == [second]


def test_a_case_that_is_closed_or_has_lapsed_is_gone_for_its_members(
    store: Store, parade: UUID, database: Database
) -> None:
    closed, lapsed = opened(store, parade), opened(store, parade)
    member = named(store, "ann", Role.PANEL_MEMBER)
    for case_id in (closed, lapsed):
        add_member(store, LOCAL_ACTOR, case_id, member.person)
    assert close_case(store, LOCAL_ACTOR, closed)
    lapse(database, lapsed)
    assert list_cases(store, member) == []
    assert {case.case_id for case in list_cases(store, LOCAL_ACTOR)} == {closed, lapsed}
    with pytest.raises(UserError):
        add_member(store, member, closed, member.person)


def test_a_member_whose_role_has_ended_sees_nothing(store: Store, parade: UUID) -> None:
    case_id = opened(store, parade)
    member = named(store, "ann", Role.PANEL_MEMBER)
    add_member(store, LOCAL_ACTOR, case_id, member.person)
    end_roles(store, ADMINISTRATOR, member.person, [Role.PANEL_MEMBER])
    assert list_cases(store, member) == []


def test_a_chair_names_members_of_a_case_of_their_own_and_of_no_other(store: Store, parade: UUID) -> None:
    own, other = opened(store, parade), opened(store, parade)
    chair, ann = named(store, "chair", Role.CHAIR), named(store, "ann", Role.PANEL_MEMBER)
    add_member(store, LOCAL_ACTOR, own, chair.person)
    assert {one.person_id for one in list_case_people(store, chair)} >= {ann.person, chair.person}
    assert add_member(store, chair, own, ann.person)
    assert not add_member(store, chair, own, ann.person)
    with pytest.raises(RefusedInput):
        add_member(store, chair, other, ann.person)
    with pytest.raises(Refused):
        add_member(store, ann, own, chair.person)


def test_protected_ground_is_left_out_of_the_counts(store: Store, parade: UUID, database: Database) -> None:
    case_id = opened(store, parade)
    change(database, "UPDATE cs_geo.reports SET in_protected = true WHERE note IN ('one', 'two')")
    assert sum(count.reports_n for count in look_at_case(store, LOCAL_ACTOR, case_id).counts) == 2


def test_a_boundary_drawn_anew_does_not_move_the_case(store: Store, parade: UUID, database: Database) -> None:
    case_id = opened(store, parade)
    change(
        database,
        "INSERT INTO cs_geo.place_boundaries (place_id, version, origin, drawn_by, geom) SELECT place_id, 2, 'x', 'x',"
        f" ST_Translate(geom, 5000, 0) FROM cs_geo.place_boundaries WHERE place_id = '{parade}'",
    )
    assert sum(count.reports_n for count in look_at_case(store, LOCAL_ACTOR, case_id).counts) == 4


@pytest.mark.parametrize("said", ["", "   ", "His number is 07700 900123, ask there"])
def test_a_case_says_why_now_without_details_of_a_person(store: Store, parade: UUID, said: str) -> None:
    with pytest.raises((UsageError, RefusedInput)):
        open_case(store, LOCAL_ACTOR, parade, 1, said, today=TODAY)
    assert list_cases(store, LOCAL_ACTOR) == []


def test_what_a_case_was_opened_with_cannot_be_changed(store: Store, parade: UUID) -> None:
    case_id = opened(store, parade)
    for change_of in ("why_now = 'x'", "since = '2000-01-01'", "boundary_version = 2"):
        with pytest.raises(Exception, match=r"permission denied|keeps what"), store.begin(LOCAL_ACTOR) as connection:
            connection.execute(text(f"UPDATE cs_geo.cases SET {change_of} WHERE case_id = '{case_id}'"))


def pack(store: Store, actor: Actor, case_id: UUID, ending: str = ".html") -> str:
    return offer_case_pack(store, actor, case_id, ending=ending, purpose="the panel of June", names=NAMES, today=TODAY)


def fetched(store: Store, ticket: str, asker: tuple[str, str] = ("local", "local")) -> bytes:
    handed = redeem(ticket, asker, store=store)
    assert handed is not None
    return b"".join(handed.body)


@pytest.mark.trust("E1", figure="0 coordinates and 0 notes in a pack")
def test_a_pack_holds_what_members_see_with_who_took_it_and_no_point(
    store: Store, parade: UUID, database: Database
) -> None:
    case_id = opened(store, parade)
    member = named(store, "ann", Role.PANEL_MEMBER)
    add_member(store, LOCAL_ACTOR, case_id, member.person)
    html = fetched(store, pack(store, member, case_id), ("test", "ann")).decode()
    assert "Made for post of ann, Fire" in html
    assert "The parade" in html
    rows = re.findall(r"<td>Incident</td><td>([^<]+)</td><td class='n'>(\d+)</td>", html)
    assert sorted(number for _, number in rows) == ["1", "2"]
    for row in ask(database, "SELECT ST_X(geom) AS x, ST_Y(geom) AS y, note FROM cs_geo.reports"):
        assert str(round(row["x"])) not in html
        assert str(round(row["y"])) not in html
        assert f">{row['note']}<" not in html
    (entry,) = ask(database, "SELECT details, subject FROM cs_geo.audit_log WHERE action = 'export_case'")
    assert entry["subject"] == str(case_id)
    assert entry["details"]["purpose"] == "the panel of June"
    assert (entry["details"]["tier"], entry["details"]["rows"]) == ("case", 4)


def test_the_pdf_says_on_every_page_whom_it_was_made_for(store: Store, parade: UUID, tmp_path: Path) -> None:
    case_id = opened(store, parade)
    path = tmp_path / "pack.pdf"
    path.write_bytes(fetched(store, pack(store, LOCAL_ACTOR, case_id, ".pdf")))
    from pypdf import PdfReader

    pages = [page.extract_text() for page in PdfReader(path).pages]
    assert pages
    for number, page in enumerate(pages, start=1):
        assert "Made for this machine" in page
        assert f"page {number} of {len(pages)}" in page


@pytest.mark.trust("C2", figure="0 markup from a hostile name in a pack")
def test_a_hostile_name_is_text_in_a_pack(store: Store, parade: UUID, database: Database) -> None:
    change(database, f"UPDATE cs_geo.places SET name = '{HOSTILE}'")
    html = fetched(store, pack(store, LOCAL_ACTOR, opened(store, parade))).decode()
    assert "<img" not in html
    assert "onerror" in html, "shown as typed"
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")


def test_a_pack_made_before_the_case_closed_is_not_handed_over_after(store: Store, parade: UUID) -> None:
    case_id = opened(store, parade)
    member = named(store, "ann", Role.PANEL_MEMBER)
    add_member(store, LOCAL_ACTOR, case_id, member.person)
    ticket = pack(store, member, case_id)
    close_case(store, LOCAL_ACTOR, case_id)
    with pytest.raises(Refused, match="closed to you"):
        redeem(ticket, ("test", "ann"), store=store)


def test_a_pack_needs_a_purpose_and_a_case_that_is_open(store: Store, parade: UUID, database: Database) -> None:
    case_id = opened(store, parade)
    with pytest.raises(UsageError, match="what the pack is for"):
        offer_case_pack(store, LOCAL_ACTOR, case_id, ending=".pdf", purpose=" ", names=NAMES, today=TODAY)
    with pytest.raises(RefusedInput):
        pack(store, named(store, "bob", Role.PANEL_MEMBER), case_id)
    assert (
        ask_one(database, "SELECT count(*) FROM cs_geo.audit_log WHERE action = 'export_case' AND outcome = 'done'")
        == 0
    )


def test_every_look_at_a_case_is_a_row(store: Store, parade: UUID, database: Database) -> None:
    case_id = opened(store, parade)
    member = named(store, "ann", Role.PANEL_MEMBER)
    add_member(store, LOCAL_ACTOR, case_id, member.person)
    look_at_case(store, member, case_id)
    seen = ask(database, f"SELECT person FROM cs_geo.audit_log WHERE action = 'view_case' AND subject = '{case_id}'")
    assert [row["person"] for row in seen] == [member.person]
