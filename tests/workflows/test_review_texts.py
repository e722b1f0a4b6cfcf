"""Texts: masked where they are shown, approved by a person, and read by nobody outside before that."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from cs_geo.access.actor import INTERNAL_ROLES, LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.access.permissions import Refused
from cs_geo.codelists import load_codelists
from cs_geo.errors import RefusedInput, UsageError, UserError
from cs_geo.reports.selection import Selection
from cs_geo.settings import data_folder, get_settings
from cs_geo.store.exporting import read_reports
from cs_geo.store.opening import Store
from cs_geo.store.texts import check_texts
from cs_geo.words.names import Sort, load_name_words
from cs_geo.words.personal_details import NAME
from cs_geo.workflows.cases import add_member, close_case, look_at_case, open_case
from cs_geo.workflows.download_files import redeem
from cs_geo.workflows.export_case import offer_case_pack
from cs_geo.workflows.export_locations import export_locations
from cs_geo.workflows.hold_records import add_hold
from cs_geo.workflows.manage_people import grant_roles, list_people
from cs_geo.workflows.place_reports import ChangedMeanwhile
from cs_geo.workflows.read_reports import open_report
from cs_geo.workflows.register_places import boundary_around, list_register, register_place
from cs_geo.workflows.review_texts import (
    approve_text,
    count_texts,
    decline_text,
    list_texts,
    open_text,
    read_approved_text,
    redact_text,
    release_urgent_text,
    reveal_text,
)
from cs_geo.workflows.run_retention import run_retention
from tests.conftest import Database
from tests.sheets import EASTING, NORTHING, ask, ask_one, change, import_rows, import_sheet, report_row, verdicts

ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
COORDINATOR = LOCAL_ACTOR.acting_as({Role.COORDINATOR})
STEWARD = LOCAL_ACTOR.acting_as({Role.DATA_STEWARD})
ANALYST = LOCAL_ACTOR.acting_as({Role.ANALYST})
LATELY = date.today() - timedelta(days=20)
FLAGGED, PLAIN = "Jordan broke the shelter", "Glass by the shelter"
SEEN = f"{NAME} broke the shelter"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CS_GEO_HOME", str(tmp_path / "home"))
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def report_of(database: Database, note: str) -> UUID:
    return UUID(str(ask_one(database, "SELECT report_id FROM cs_geo.reports WHERE note = %s", note)))


def text_of(database: Database, report_id: UUID) -> UUID:
    return UUID(str(ask_one(database, "SELECT text_id FROM cs_geo.report_texts WHERE report_id = %s", report_id)))


def state(database: Database, text_id: UUID) -> str:
    return str(ask_one(database, "SELECT state FROM cs_geo.report_texts WHERE text_id = %s", text_id))


@pytest.fixture
def two(store: Store, database: Database, tmp_path: Path) -> tuple[UUID, UUID]:
    """The reports of a text with a name and of one without."""
    import_rows(store, tmp_path, [report_row(note=note, date=str(LATELY)) for note in (FLAGGED, PLAIN)])
    return report_of(database, FLAGGED), report_of(database, PLAIN)


def person(store: Store, subject: str, *roles: Role) -> Actor:
    grant_roles(store, ADMINISTRATOR, issuer="test", subject=subject, roles=roles, label=subject, agency="Fire")
    (found,) = [one for one in list_people(store, ADMINISTRATOR) if one.subject == subject]
    return Actor(found.person_id, frozenset(roles), tier_of(roles), "Fire")


def open_a_case(store: Store, *members: Actor) -> UUID:
    boundary = boundary_around(store, LOCAL_ACTOR, f"{EASTING}, {NORTHING}", 100.0)
    register_place(store, LOCAL_ACTOR, name="The parade", place_type="shops", boundary=boundary, origin="drawn")
    (place,) = list_register(store, LOCAL_ACTOR)
    case = open_case(store, LOCAL_ACTOR, place.place_id, 1, "Reports came together here.", today=date.today())
    for member in members:
        add_member(store, LOCAL_ACTOR, case, member.person)
    return case


def packed(store: Store, actor: Actor, case_id: UUID) -> str:
    names = load_codelists(data_folder() / "codelists")
    ticket = offer_case_pack(
        store, actor, case_id, ending=".html", purpose="the panel", names=names, today=date.today()
    )
    handed = redeem(ticket, ("test", "member"), store=store)
    assert handed is not None
    return b"".join(handed.body).decode()


def test_a_page_and_a_file_show_a_text_without_its_name_and_the_store_keeps_it_for_a_review(
    store: Store, database: Database, two: tuple[UUID, UUID]
) -> None:
    opened = open_report(store, ANALYST, two[0])
    assert opened is not None
    assert opened.report["note"] == SEEN
    with store.begin(ANALYST) as connection:
        assert sorted(read_reports(connection, Selection())["note"]) == sorted([PLAIN, SEEN])
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports WHERE note = %s", FLAGGED) == 1


def test_a_coordinator_approves_what_nothing_was_found_in_and_a_steward_the_rest(
    store: Store, database: Database, two: tuple[UUID, UUID]
) -> None:
    flagged, plain = (text_of(database, report) for report in two)
    counts, waiting = list_texts(store, COORDINATOR)
    assert [one.text_id for one in waiting] == [plain]
    assert (counts.mine, counts.others) == (1, 1)
    assert [one.text_id for one in list_texts(store, STEWARD)[1]] == [flagged, plain]
    approve_text(store, COORDINATOR, plain, 1)
    with pytest.raises(Refused):
        approve_text(store, COORDINATOR, flagged, 1)
    approve_text(store, STEWARD, flagged, 1)
    assert read_approved_text(store, ANALYST, two[0]) == {"note": SEEN}
    assert read_approved_text(store, ANALYST, two[1]) == {"note": PLAIN}
    assert count_texts(store, STEWARD).mine == 0


def test_editing_a_flagged_text_does_not_make_it_a_coordinators_to_approve(
    store: Store, database: Database, two: tuple[UUID, UUID]
) -> None:
    flagged = text_of(database, two[0])
    assert redact_text(store, COORDINATOR, flagged, 1, "Somebody broke the shelter") == ()
    with pytest.raises(Refused):
        approve_text(store, COORDINATOR, flagged, 2)
    approve_text(store, STEWARD, flagged, 2)
    assert read_approved_text(store, ANALYST, two[0]) == {"note": "Somebody broke the shelter"}


def test_a_name_or_a_number_typed_into_an_edit_is_found(
    store: Store, database: Database, two: tuple[UUID, UUID]
) -> None:
    plain = text_of(database, two[1])
    found = redact_text(store, COORDINATOR, plain, 1, "Glass; Jayden did it, ring 07700 900123")
    assert set(found) == {"first name", "phone number"}
    with pytest.raises(Refused):
        approve_text(store, COORDINATOR, plain, 2)
    opened = open_text(store, STEWARD, plain)
    assert opened is not None
    assert "900123" not in opened.text.redacted
    with pytest.raises(RefusedInput, match="Nothing is left"):
        redact_text(store, STEWARD, plain, 2, "  ")


def test_the_review_shows_the_raw_text_cut_at_what_was_found(
    store: Store, database: Database, two: tuple[UUID, UUID]
) -> None:
    opened = open_text(store, COORDINATOR, text_of(database, two[0]))
    assert opened is not None
    assert [(piece.said, piece.kind) for piece in opened.pieces] == [
        ("Jordan", "first name"),
        (" broke the shelter", ""),
    ]
    assert not opened.may_approve


def test_the_second_who_decides_is_told(store: Store, database: Database, two: tuple[UUID, UUID]) -> None:
    plain = text_of(database, two[1])
    approve_text(store, COORDINATOR, plain, 1)
    for decide in (approve_text, decline_text):
        with pytest.raises(ChangedMeanwhile):
            decide(store, STEWARD, plain, 1)
    with pytest.raises(ChangedMeanwhile):
        approve_text(store, STEWARD, uuid4(), 1)


def test_what_is_kept_in_is_read_inside_and_never_leaves(
    store: Store, database: Database, two: tuple[UUID, UUID]
) -> None:
    plain = text_of(database, two[1])
    approve_text(store, COORDINATOR, plain, 1)
    decline_text(store, COORDINATOR, plain, 2)
    assert read_approved_text(store, ANALYST, two[1]) == {}
    opened = open_report(store, ANALYST, two[1])
    assert opened is not None
    assert opened.report["note"] == PLAIN


REFUSED_BY_THE_DATABASE = {
    "approving what was found in": (Role.COORDINATOR, "SET state = 'approved'"),
    "dropping what was found": (Role.COORDINATOR, "SET flags = '{}', state = 'redacted'"),
    "a steward dropping what was found": (Role.DATA_STEWARD, "SET flags = '{}', state = 'redacted'"),
    "approving other words": (Role.DATA_STEWARD, "SET state = 'approved', redacted = 'other'"),
    "back to unreviewed": (Role.DATA_STEWARD, "SET state = 'unreviewed'"),
    "naming a reviewer": (Role.DATA_STEWARD, "SET reviewed_by = 'somebody'"),
}


@pytest.mark.trust("A3", figure="6 ways past the review of a text, 0 taken")
def test_the_database_itself_refuses_to_pass_the_review(
    store: Store, database: Database, two: tuple[UUID, UUID]
) -> None:
    for attempt, (role, how) in REFUSED_BY_THE_DATABASE.items():
        said = r"data steward|stays noted|in this way|permission denied"
        with pytest.raises(Exception, match=said), store.begin(LOCAL_ACTOR.acting_as({role})) as connection:
            connection.execute(text(f"UPDATE cs_geo.report_texts {how} WHERE report_id = '{two[0]}'"))
        assert state(database, text_of(database, two[0])) == "unreviewed", attempt


@pytest.mark.trust("A3", figure="0 texts and 0 decisions outside the internal roles")
def test_texts_and_decisions_reach_those_who_work_with_reports_alone(
    store: Store, database: Database, two: tuple[UUID, UUID]
) -> None:
    approve_text(store, COORDINATOR, text_of(database, two[1]), 1)
    for role in Role:
        with store.begin(LOCAL_ACTOR if role in LOCAL_ACTOR.roles else person(store, str(role), role)) as seen:
            texts = seen.scalar(text("SELECT count(*) FROM cs_geo.report_texts"))
            decisions = seen.scalar(text("SELECT count(*) FROM cs_geo.text_decisions"))
            given = seen.scalar(text("SELECT count(*) FROM cs_geo.approved_text(:id)"), {"id": two[1]})
        assert (texts, decisions, given) == ((2, 1, 1) if role in INTERNAL_ROLES else (0, 0, 0)), role


def test_decisions_are_only_ever_appended_by_the_database(store: Store) -> None:
    for statement in ("UPDATE {} SET reason = 'x'", "DELETE FROM {}", "INSERT INTO {} DEFAULT VALUES"):
        with pytest.raises(Exception, match="permission denied"), store.begin(STEWARD) as connection:
            connection.execute(text(statement.format("cs_geo.text_decisions")))


def test_a_text_that_changes_loses_its_approval(store: Store, database: Database, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(reference="R1", note=PLAIN)])
    report = report_of(database, PLAIN)
    approve_text(store, COORDINATOR, text_of(database, report), 1)
    import_rows(store, tmp_path, [report_row(reference="R1", note="Glass, and a fire")])
    assert read_approved_text(store, ANALYST, report) == {}
    assert state(database, text_of(database, report)) == "unreviewed"
    last = "SELECT decision FROM cs_geo.text_decisions ORDER BY decided_at DESC LIMIT 1"
    assert ask_one(database, last) == "text_changed"


def test_each_reveal_is_a_row_and_a_steward_s_alone(store: Store, database: Database, two: tuple[UUID, UUID]) -> None:
    for _ in range(3):
        assert reveal_text(store, STEWARD, two[0]) == {"note": FLAGGED}
    with pytest.raises(Refused):
        reveal_text(store, COORDINATOR, two[0])
    rows = ask(database, "SELECT outcome FROM cs_geo.audit_log WHERE action = 'reveal_text' ORDER BY number")
    assert [row["outcome"] for row in rows] == ["done", "done", "done", "refused"]


def test_a_chair_releases_the_text_of_their_own_case_without_its_name_and_gives_a_reason(
    store: Store, database: Database, two: tuple[UUID, UUID]
) -> None:
    chair, other = person(store, "chair", Role.CHAIR), person(store, "other", Role.CHAIR)
    member = person(store, "member", Role.PANEL_MEMBER)
    case_id = open_a_case(store, chair, member)
    assert look_at_case(store, member, case_id).texts == ()
    with pytest.raises(UsageError):
        release_urgent_text(store, chair, two[0], "because")
    for refused in (other, member, STEWARD):
        with pytest.raises(Refused):
            release_urgent_text(store, refused, two[0], "child_in_danger")
    assert release_urgent_text(store, chair, two[0], "child_in_danger") == {"note": SEEN}
    assert look_at_case(store, member, case_id).texts == (SEEN,)
    with pytest.raises(RefusedInput, match="No text"):
        release_urgent_text(store, chair, two[0], "child_in_danger")
    (decision,) = ask(database, "SELECT decision, reason, decided_by FROM cs_geo.text_decisions")
    assert decision == {"decision": "released", "reason": "child_in_danger", "decided_by": chair.person}
    outcomes = ask(database, "SELECT outcome FROM cs_geo.audit_log WHERE action = 'release_text' ORDER BY number")
    assert [row["outcome"] for row in outcomes] == ["refused", "refused", "refused", "done"]
    close_case(store, LOCAL_ACTOR, case_id)
    with store.begin(member) as connection:
        assert connection.scalar(text("SELECT count(*) FROM cs_geo.approved_text(:id)"), {"id": two[0]}) == 0


def test_what_was_kept_in_stays_in_also_in_an_urgent_case(
    store: Store, database: Database, two: tuple[UUID, UUID]
) -> None:
    chair = person(store, "chair", Role.CHAIR)
    open_a_case(store, chair)
    decline_text(store, STEWARD, text_of(database, two[0]), 1)
    with pytest.raises(RefusedInput):
        release_urgent_text(store, chair, two[0], "child_in_danger")


@pytest.mark.trust("E1", figure="100 planted names: 0 outside before approval, 0 in pages and files inside")
@pytest.mark.trust("B7", figure="100 planted names, 0 in the log")
@pytest.mark.trust("B5", figure="every look at a raw text, decision, reveal and refusal is a row")
def test_a_hundred_planted_names_reach_nobody_outside_and_no_page_or_log(
    store: Store, database: Database, tmp_path: Path
) -> None:
    names = [word.title() for word, sort in load_name_words(data_folder()).items() if sort is Sort.NAME]
    planted = [name for name in names if len(name) > 5][:: len(names) // 200][:100]
    assert len(planted) == 100
    notes = [f"Glass was left, and {name} was by the shelter" for name in planted]
    import_rows(store, tmp_path, [report_row(note=note, date=str(LATELY)) for note in notes])
    member = person(store, "member", Role.PANEL_MEMBER)
    case_id = open_a_case(store, member)
    seen = repr(look_at_case(store, member, case_id)) + packed(store, member, case_id)
    with store.begin(ANALYST) as connection:
        seen += read_reports(connection, Selection()).drop(columns="geometry").to_csv()
    for row in ask(database, "SELECT report_id, text_id FROM cs_geo.report_texts LIMIT 20"):
        seen += repr(open_report(store, ANALYST, row["report_id"]))
        open_text(store, STEWARD, row["text_id"])
        approve_text(store, STEWARD, row["text_id"], 1)
    seen += repr(look_at_case(store, member, case_id)) + packed(store, member, case_id)
    seen += "".join(path.read_text("utf-8", "replace") for path in (tmp_path / "home").rglob("*") if path.is_file())
    for table in ("audit_log", "text_decisions", "exports"):
        seen += "".join(row["line"] for row in ask(database, f"SELECT t::text AS line FROM cs_geo.{table} t"))
    assert [name for name in planted if name in seen] == []
    assert NAME in seen
    reviewed = ask(database, "SELECT action, count(*) AS n FROM cs_geo.audit_log WHERE details::text ~ 'raw|approved'"
                   " AND outcome = 'done' GROUP BY action")  # fmt: skip
    assert {row["action"]: row["n"] for row in reviewed} == {"review_texts": 20, "approve_flagged": 20}


def test_an_old_database_is_checked_before_anything_of_it_is_shown(
    store: Store, database: Database, two: tuple[UUID, UUID]
) -> None:
    change(database, "DELETE FROM cs_geo.report_texts")
    opened = open_report(store, ANALYST, two[0])
    assert opened is not None
    assert opened.report["note"] == "[waits for the check of names]"
    with store.begin(ANALYST) as connection:
        assert (check_texts(connection), check_texts(connection)) == (2, 0)
    opened = open_report(store, ANALYST, two[0])
    assert opened is not None
    assert opened.report["note"] == SEEN


def test_a_raw_text_gives_way_to_the_one_that_is_shown_after_its_time(
    store: Store, database: Database, two: tuple[UUID, UUID]
) -> None:
    approve_text(store, STEWARD, text_of(database, two[0]), 1)
    run_retention(store, STEWARD, get_settings())
    assert reveal_text(store, STEWARD, two[0]) == {"note": FLAGGED}
    for table in ("reports", "report_versions"):
        change(database, f"UPDATE cs_geo.{table} SET recorded_at = now() - interval '91 days'")
    run = run_retention(store, STEWARD, get_settings())
    assert {rule.rule: removed.records for rule, removed in run.done}["raw_texts"] == 1
    assert ask_one(database, "SELECT count(*) FROM cs_geo.report_versions WHERE note LIKE '%%Jordan%%'") == 0
    assert reveal_text(store, STEWARD, two[0]) == {"note": SEEN}
    assert read_approved_text(store, ANALYST, two[0]) == {"note": SEEN}
    again = run_retention(store, STEWARD, get_settings())
    assert {rule.rule: removed.records for rule, removed in again.done}["raw_texts"] == 0


def test_what_an_earlier_version_said_otherwise_goes_too_and_a_hold_keeps_all(
    store: Store, database: Database, tmp_path: Path
) -> None:
    for reference, note in (("R1", FLAGGED), ("R2", FLAGGED), ("R1", PLAIN), ("R2", "Quiet since")):
        import_rows(store, tmp_path, [report_row(reference=reference, note=note)])
    held = ask_one(database, "SELECT reference FROM cs_geo.reports WHERE note = %s", "Quiet since")
    add_hold(store, STEWARD, reason="inquiry", report=held)
    for table in ("reports", "report_versions"):
        change(database, f"UPDATE cs_geo.{table} SET recorded_at = now() - interval '91 days'")
    run = run_retention(store, STEWARD, get_settings())
    (done,) = [removed for rule, removed in run.done if rule.rule == "raw_texts"]
    assert (done.records, done.versions, done.held) == (1, 2, 1)
    notes = ask(database, "SELECT note, reference = %s AS held FROM cs_geo.report_versions", held)
    assert sorted((row["note"], row["held"]) for row in notes) == sorted(
        [("", False), (PLAIN, False), (FLAGGED, True), ("Quiet since", True)]
    )


def test_a_file_that_comes_back_without_names_changes_nothing(
    store: Store, database: Database, two: tuple[UUID, UUID], tmp_path: Path
) -> None:
    export_locations(store, LOCAL_ACTOR, tmp_path / "out.csv", selection=Selection())
    assert verdicts(import_sheet(store, tmp_path / "out.csv")) == (0, 0, 2, 0)
    assert reveal_text(store, STEWARD, two[0]) == {"note": FLAGGED}


def test_when_a_text_is_removed_what_was_approved_of_it_goes_too(
    store: Store, database: Database, two: tuple[UUID, UUID]
) -> None:
    approve_text(store, STEWARD, text_of(database, two[0]), 1)
    change(database, "UPDATE cs_geo.reports SET note = ''")
    assert ask_one(database, "SELECT count(*) FROM cs_geo.report_texts") == 0


def test_places_here_are_not_taken_for_names(store: Store, database: Database, tmp_path: Path) -> None:
    boundary = boundary_around(store, LOCAL_ACTOR, f"{EASTING}, {NORTHING}", 50.0)
    register_place(store, LOCAL_ACTOR, name="Victoria Park", place_type="park", boundary=boundary, origin="drawn")
    outcome = import_rows(store, tmp_path, [report_row(note="Glass in Victoria Park again")])
    assert verdicts(outcome)[0] == 1
    assert ask_one(database, "SELECT flags FROM cs_geo.report_texts") == []


def test_a_stranger_learns_nothing_from_a_report_that_is_not_there(store: Store, two: tuple[UUID, UUID]) -> None:
    viewer = person(store, "viewer", Role.PARTNER_VIEWER)
    assert read_approved_text(store, viewer, two[0]) == read_approved_text(store, viewer, uuid4()) == {}
    with pytest.raises(UserError):
        list_texts(store, viewer)
