"""Handing in and answering: checked, masked, accepted once under the contributor's agency, and told to them alone."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.access.permissions import Refused
from cs_geo.errors import RefusedInput
from cs_geo.reports.submission import SubmissionKind, SubmissionState
from cs_geo.settings import Settings
from cs_geo.store.audit import list_audit
from cs_geo.store.opening import Store
from cs_geo.store.submissions import Submission
from cs_geo.web.tokens import TileClaims
from cs_geo.workflows.add_report import Draft, Pin, check_draft
from cs_geo.workflows.answer_dangers import list_unanswered
from cs_geo.workflows.draw_tiles import read_tile
from cs_geo.workflows.hand_in import check_submission, draft_of, hand_in, list_mine, note_own_call
from cs_geo.workflows.hold_records import add_hold
from cs_geo.workflows.inbox import (
    accept,
    ask_back,
    count_waiting,
    decline,
    list_waiting,
    note_call,
    open_submission,
)
from cs_geo.workflows.look_at_map import first_bounds, has_basemap
from cs_geo.workflows.manage_people import grant_roles
from cs_geo.workflows.place_reports import ChangedMeanwhile, look_up
from cs_geo.workflows.read_reports import open_report
from cs_geo.workflows.run_retention import run_retention
from cs_geo.workflows.sign_in import actor_of
from cs_geo.workflows.typed_points import name_areas, read_typed_point
from cs_geo.workflows.undo_imports import undo_import
from tests.conftest import Database
from tests.sheets import ask, change

ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
COORDINATOR = LOCAL_ACTOR.acting_as({Role.COORDINATOR})
STEWARD = LOCAL_ACTOR.acting_as({Role.DATA_STEWARD})
FIELDS = {"kind": "incident", "date": "2026-04-14", "harm_types": "damage", "safeguarding_answer": "not_needed"}
PIN = Pin(-1.9998, 52.5976)
NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 27, 12, tzinfo=UTC)
SCHOOL = "Harbour Street School"


def contributor(store: Store, subject: str = "school-1", agency: str = SCHOOL) -> Actor:
    issuer = "https://id.test"
    grant_roles(store, ADMINISTRATOR, issuer=issuer, subject=subject, roles=[Role.CONTRIBUTOR], agency=agency)
    return actor_of(store, issuer, subject)


def handed(store: Store, actor: Actor, sort: SubmissionKind = SubmissionKind.REPORT, **fields: str) -> Submission:
    return hand_in(store, actor, Draft(uuid4(), {**FIELDS, **fields}, PIN), sort, now=lambda: NOW)


def test_what_is_accepted_is_a_report_of_the_contributors_agency_and_its_contributor_learns_the_reference(
    store: Store, database: Database
) -> None:
    school = contributor(store)
    submission = handed(store, school, note="Glass by the swings")
    saved = accept(store, COORDINATOR, submission.submission_id, now=lambda: LATER)
    opened = open_report(store, COORDINATOR, saved.report_id)
    assert opened is not None
    assert opened.provenance["source"] == SCHOOL
    assert (opened.report["kind"], opened.report["note"]) == ("incident", "Glass by the swings")
    # The day on which it was handed in, and not that on which it was accepted.
    (row,) = ask(database, "SELECT reported_on::text FROM cs_geo.reports")
    assert row["reported_on"] == "2026-04-20"
    (mine,) = list_mine(store, school)
    assert (mine.state, mine.reference) == (SubmissionState.ACCEPTED, saved.reference)


def test_an_agency_of_the_list_is_kept_as_its_code(store: Store, database: Database) -> None:
    parks = contributor(store, "parks-1", "Council: parks")
    accept(store, COORDINATOR, handed(store, parks).submission_id, now=lambda: LATER)
    assert [row["agency"] for row in ask(database, "SELECT agency FROM cs_geo.reports")] == ["parks"]


def test_whoever_acts_for_no_agency_hands_in_as_such(store: Store) -> None:
    saved = accept(store, COORDINATOR, handed(store, contributor(store, agency="")).submission_id, now=lambda: LATER)
    opened = open_report(store, COORDINATOR, saved.report_id)
    assert opened is not None
    assert opened.provenance["source"] == "Handed in"


def test_a_place_referral_is_kept_as_such_and_accepted_as_a_concern(store: Store) -> None:
    school = contributor(store)
    submission = handed(store, school, SubmissionKind.PLACE_REFERRAL, kind="concern")
    assert submission.kind is SubmissionKind.PLACE_REFERRAL
    saved = accept(store, COORDINATOR, submission.submission_id, now=lambda: LATER)
    opened = open_report(store, COORDINATOR, saved.report_id)
    assert opened is not None
    assert opened.report["kind"] == "concern"


def test_personal_details_are_gone_before_anything_is_stored(store: Store, database: Database) -> None:
    school = contributor(store)
    handed(store, school, note="Ring 07700 900123.", location="Mill Lane, ring 07700 900123")
    submission = handed(store, school)
    ask_back(store, COORDINATOR, submission.submission_id, "Ring me on 07700 900123: which end?")
    everything = ask(database, "SELECT given::text || answer AS said FROM cs_geo.submissions")
    everything += ask(database, "SELECT answer AS said FROM cs_geo.submission_states")
    assert everything
    assert not [row for row in everything if "900123" in row["said"]]


def test_what_cannot_be_read_is_refused_and_nothing_is_kept(store: Store) -> None:
    school = contributor(store)
    with pytest.raises(RefusedInput, match="Choose what you want to report"):
        handed(store, school, kind="")
    with pytest.raises(RefusedInput):
        handed(store, school, date="2026-04-21")
    assert list_mine(store, school) == []


def test_pressing_twice_hands_in_once_and_accepting_twice_stores_once(store: Store, database: Database) -> None:
    school = contributor(store)
    draft = Draft(uuid4(), FIELDS, PIN)
    for _ in range(2):
        submission = hand_in(store, school, draft, SubmissionKind.REPORT, now=lambda: NOW)
    assert len(list_mine(store, school)) == 1
    accept(store, COORDINATOR, submission.submission_id, now=lambda: LATER)
    with pytest.raises(ChangedMeanwhile):
        accept(store, COORDINATOR, submission.submission_id, now=lambda: LATER)
    assert ask(database, "SELECT count(*) AS n FROM cs_geo.reports")[0]["n"] == 1


def test_what_is_asked_back_is_handed_in_again_and_comes_back(store: Store) -> None:
    school = contributor(store)
    submission = handed(store, school)
    ask_back(store, COORDINATOR, submission.submission_id, "Was it before school?")
    assert list_waiting(store, COORDINATOR) == []
    (mine,) = list_mine(store, school)
    assert (mine.state, mine.answer) == (SubmissionState.ASKED_BACK, "Was it before school?")
    draft = draft_of(mine)
    again = replace(draft, fields={**draft.fields, "time": "08:15"})
    hand_in(store, school, again, SubmissionKind.REPORT, now=lambda: LATER)
    (waiting,) = list_waiting(store, COORDINATOR)
    assert waiting.fields["time"] == "08:15"
    opened = open_submission(store, COORDINATOR, waiting.submission_id, now=lambda: LATER)
    assert opened is not None
    assert [words for _, words, _ in opened.states] == ["", "Was it before school?", ""]


def test_a_decline_needs_a_reason_which_the_contributor_reads(store: Store) -> None:
    school = contributor(store)
    submission = handed(store, school)
    for silent in ("", "   "):
        with pytest.raises(RefusedInput, match="Write why"):
            decline(store, COORDINATOR, submission.submission_id, silent)
    decline(store, COORDINATOR, submission.submission_id, "It lies in another borough.")
    (mine,) = list_mine(store, school)
    assert (mine.state, mine.answer) == (SubmissionState.DECLINED, "It lies in another borough.")
    with pytest.raises(ChangedMeanwhile):
        ask_back(store, COORDINATOR, submission.submission_id, "Where?")


def test_what_waits_longest_stands_first(store: Store, database: Database) -> None:
    school = contributor(store)
    first, second = handed(store, school), handed(store, school)
    moved = "UPDATE cs_geo.submissions SET handed_in_at = now() - interval '2 days' WHERE submission_id = %s"
    change(database, moved, second.submission_id)
    waiting = [one.submission_id for one in list_waiting(store, COORDINATOR)]
    assert waiting == [second.submission_id, first.submission_id]
    assert count_waiting(store, COORDINATOR).submissions == 2


def test_the_coordinator_sees_what_is_near_and_the_contributor_does_not(store: Store) -> None:
    school = contributor(store)
    known = accept(store, COORDINATOR, handed(store, school).submission_id, now=lambda: NOW)
    draft = Draft(uuid4(), FIELDS, PIN)
    checked = check_submission(store, school, draft, now=lambda: NOW)
    assert checked.can_be_saved
    assert (checked.nearby, checked.duplicates) == ((), ())
    submission = hand_in(store, school, draft, SubmissionKind.REPORT, now=lambda: NOW)
    opened = open_submission(store, COORDINATOR, submission.submission_id, now=lambda: LATER)
    assert opened is not None
    assert [row["reference"] for row in opened.checked.duplicates] == [known.reference]


def test_a_contributor_may_look_up_where_and_nothing_else(store: Store) -> None:
    school = contributor(store)
    submission = handed(store, school)
    assert look_up(store, school, "High Street").match.x is None
    assert read_typed_point(store, school, "400013, 300027").longitude
    assert name_areas(store, school, [(400_013.0, 300_027.0)]) == [""]
    assert len(first_bounds(store, school)) == 4
    assert has_basemap(store, school) is False
    assert read_tile(TileClaims.of(school, "basemap"), "basemap", 14, 8100, 5400, store=store) == b""
    for refused in (
        lambda: read_tile(TileClaims.of(school, "reports"), "reports", 14, 8100, 5400, store=store),
        lambda: check_draft(store, school, Draft(uuid4(), FIELDS, PIN)),
        lambda: list_waiting(store, school),
        lambda: count_waiting(store, school),
        lambda: open_submission(store, school, submission.submission_id),
        lambda: accept(store, school, submission.submission_id),
        lambda: ask_back(store, school, submission.submission_id, "Where?"),
        lambda: decline(store, school, submission.submission_id, "No"),
    ):
        with pytest.raises(Refused):
            refused()


def test_a_contributor_sees_nobody_elses(store: Store) -> None:
    school, library = contributor(store), contributor(store, "library-1", "Library")
    theirs = handed(store, library)
    assert list_mine(store, school) == []
    with pytest.raises(RefusedInput, match="Begin again"):
        hand_in(store, school, draft_of(theirs), SubmissionKind.REPORT, now=lambda: NOW)


def test_a_child_in_danger_is_not_lost_in_the_inbox(store: Store) -> None:
    school = contributor(store)
    submission = handed(store, school, safeguarding_answer="no")
    assert count_waiting(store, COORDINATOR).lacking_call == 1
    with pytest.raises(RefusedInput, match="nobody has called yet"):
        decline(store, COORDINATOR, submission.submission_id, "Not ours")
    # Asked back it still stands there, until somebody has called.
    ask_back(store, COORDINATOR, submission.submission_id, "Which street?")
    assert [one.lacks_call for one in list_waiting(store, COORDINATOR)] == [True]
    assert note_call(store, COORDINATOR, submission.submission_id)
    assert not note_own_call(store, school, submission.submission_id)
    assert list_waiting(store, COORDINATOR) == []


def test_a_contributor_notes_their_own_call(store: Store) -> None:
    school = contributor(store)
    submission = handed(store, school, safeguarding_answer="no")
    assert note_own_call(store, school, submission.submission_id)
    assert count_waiting(store, COORDINATOR).lacking_call == 0


def test_accepted_without_a_call_it_waits_on_home_as_any_report_does(store: Store) -> None:
    saved = accept(
        store,
        COORDINATOR,
        handed(store, contributor(store), safeguarding_answer="no").submission_id,
        now=lambda: LATER,
    )
    assert [one.reference for one in list_unanswered(store, LOCAL_ACTOR)] == [saved.reference]


def test_at_a_protected_location_neither_what_is_near_nor_the_place_is_told(store: Store, database: Database) -> None:
    change(
        database,
        "INSERT INTO cs_geo.protected_locations (kind, added_by, geom) SELECT 'refuge', 'local',"
        " ST_Multi(ST_Buffer(ST_Transform(ST_SetSRID(ST_MakePoint(-1.9998, 52.5976), 4326), 27700), 50))",
    )
    submission = handed(store, contributor(store))
    opened = open_submission(store, COORDINATOR, submission.submission_id, now=lambda: LATER)
    assert opened is not None
    assert opened.is_protected
    assert opened.checked.can_be_saved
    assert opened.checked.found is not None
    assert opened.checked.found.longitude is None


def test_what_was_accepted_can_be_taken_back_like_any_report(store: Store, database: Database) -> None:
    saved = accept(store, COORDINATOR, handed(store, contributor(store)).submission_id, now=lambda: LATER)
    assert saved.import_id is not None
    assert undo_import(store, LOCAL_ACTOR, saved.import_id).withdrawn == 1


def test_an_accept_that_fails_leaves_neither_report_nor_answer(store: Store, database: Database) -> None:
    submission = handed(store, contributor(store))
    change(database, "ALTER TABLE cs_geo.submissions ADD CHECK (reference = '')")
    with pytest.raises(Exception, match="check constraint"):
        accept(store, COORDINATOR, submission.submission_id, now=lambda: LATER)
    assert ask(database, "SELECT count(*) AS n FROM cs_geo.reports")[0]["n"] == 0
    assert [one.state for one in list_waiting(store, COORDINATOR)] == [SubmissionState.HANDED_IN]


def test_words_are_removed_some_time_after_the_answer_and_what_waits_stays(
    store: Store, database: Database, settings: Settings, tmp_path: Path
) -> None:
    school, site = contributor(store), settings.model_copy(update={"home": tmp_path / "home"})
    accepted, declined, waiting, held = (
        handed(store, school, note="Glass by the swings", location="Mill Lane") for _ in range(4)
    )
    accept(store, COORDINATOR, accepted.submission_id, now=lambda: LATER)
    decline(store, COORDINATOR, declined.submission_id, "The swings are gone.")
    kept = accept(store, COORDINATOR, held.submission_id, now=lambda: LATER)
    add_hold(store, STEWARD, reason="inquiry", report=kept.reference)
    aged = "UPDATE cs_geo.submissions SET handed_in_at = now() - interval '100 days', answered_at = answered_at - %s"
    change(database, f"{aged}::interval", "89 days")
    assert submissions_removed(store, site) == (0, 0)
    change(database, f"{aged}::interval", "2 days")
    assert submissions_removed(store, site) == (2, 1)
    assert submissions_removed(store, site) == (0, 1)
    by_id = {one.submission_id: one for one in list_mine(store, school)}
    for one in (accepted, declined):
        assert set(by_id[one.submission_id].fields).isdisjoint({"note", "location"})
        assert by_id[one.submission_id].given["pin"] is None
        assert by_id[one.submission_id].fields["kind"] == "incident"
    for one in (waiting, held):
        assert by_id[one.submission_id].fields["note"] == "Glass by the swings"
    said = ask(database, "SELECT answer FROM cs_geo.submission_states UNION SELECT answer FROM cs_geo.submissions")
    assert {row["answer"] for row in said} == {"", "removed"}


def submissions_removed(store: Store, site: Settings) -> tuple[int, int]:
    done = {rule.rule: one for rule, one in run_retention(store, STEWARD, site).done}
    return done["submissions"].records, done["submissions"].held


def test_each_step_is_written_down_with_who_and_what_and_no_text(store: Store) -> None:
    school = contributor(store)
    submission = handed(store, school, note="Glass by the swings")
    ask_back(store, COORDINATOR, submission.submission_id, "Which swings?")
    hand_in(store, school, draft_of(list_mine(store, school)[0]), SubmissionKind.REPORT, now=lambda: NOW)
    accept(store, COORDINATOR, submission.submission_id, now=lambda: LATER)
    with store.begin(STEWARD) as connection:
        rows = [row for row in reversed(list_audit(connection)) if row.subject == str(submission.submission_id)]
    assert [(row.action, row.person == school.person) for row in rows] == [
        ("submit_report", True),
        ("accept_reports", False),
        ("submit_report", True),
        ("accept_reports", False),
    ]
    assert "wings" not in str([row.details for row in rows])
