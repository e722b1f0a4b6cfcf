"""The inbox: what contributors have handed in, read beside what is known nearby, and answered.

Accepting stores a report as *Add a report* does, under the contributor's agency, in the transaction that answers.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.codelists import load_codelists
from cs_geo.errors import RefusedInput
from cs_geo.geocode.match import UNMATCHED
from cs_geo.reports.submission import SubmissionState
from cs_geo.settings import data_folder
from cs_geo.store import submissions as stored
from cs_geo.store.links import LINK_PREFIX
from cs_geo.store.opening import Store
from cs_geo.store.submissions import Submission
from cs_geo.words.masking import mask_personal_details
from cs_geo.workflows.add_report import (
    Draft,
    DraftChecked,
    Now,
    Saved,
    check_fields,
    land_draft,
    lies_protected,
    look_around,
)
from cs_geo.workflows.hand_in import draft_of
from cs_geo.workflows.place_reports import ChangedMeanwhile, looked_up
from cs_geo.workflows.recording import looked_at, recorded

SOURCE = "Handed in"
"""Source of a report whose contributor acts for no agency that is known."""
LONGEST_ANSWER = 400


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits in the inbox."""

    submissions: int
    lacking_call: int
    """Those in which a child may be in danger and nobody has called yet."""


@dataclass(frozen=True, slots=True)
class OpenSubmission:
    """A submission with what a coordinator needs to answer it."""

    submission: Submission
    checked: DraftChecked
    is_protected: bool
    """It lies in a protected location: neither its place nor its note is shown, nor what is near."""
    states: tuple[tuple[SubmissionState, str, datetime], ...]


def came_by_link(submission: Submission) -> bool:
    """Was it handed in by a premises' link, behind which there is nobody to answer?"""
    return submission.person.startswith(LINK_PREFIX)


def count_waiting(store: Store, actor: Actor) -> Waiting:
    """How much waits, for whoever may answer."""
    require(actor, Action.ACCEPT_REPORTS)
    with store.begin(actor) as connection:
        waiting = stored.list_waiting(connection)
    submissions = sum(one.state is SubmissionState.HANDED_IN for one in waiting)
    return Waiting(submissions, sum(one.lacks_call for one in waiting))


def list_waiting(store: Store, actor: Actor) -> list[Submission]:
    """What waits for an answer or for a call, the longest waiting first."""
    with looked_at(store, actor, Action.ACCEPT_REPORTS, subject="waiting") as connection:
        return stored.list_waiting(connection)


def open_submission(
    store: Store, actor: Actor, submission_id: UUID, *, now: Now = lambda: datetime.now(UTC)
) -> OpenSubmission | None:
    """One submission with what is known around its place; None when there is none."""
    with looked_at(store, actor, Action.ACCEPT_REPORTS, subject=str(submission_id)) as connection:
        submission = stored.read_submission(connection, submission_id)
        if submission is None:
            return None
        draft = draft_of(submission)
        report, issues = check_fields(connection, draft, now())
        is_protected = report is not None and lies_protected(connection, report.location, draft.pin)
        checked = (
            DraftChecked(issues, looked_up(connection, UNMATCHED))
            if is_protected
            else look_around(connection, draft, now())
        )
        return OpenSubmission(submission, checked, is_protected, tuple(stored.list_states(connection, submission_id)))


def accept(store: Store, actor: Actor, submission_id: UUID, *, now: Now = lambda: datetime.now(UTC)) -> Saved:
    """Store what was handed in as a report.

    Raises
    ------
    RefusedInput
        If something in it must be mended first.
    ChangedMeanwhile
        If it no longer waits.
    """
    with recorded(store, actor, Action.ACCEPT_REPORTS, subject=str(submission_id)) as recording:
        connection = recording.connection
        submission = _waiting(connection, submission_id)
        saved = land_draft(connection, actor, _with_agency(submission), now=now(), source=submission.agency or SOURCE)
        stored.answer_submission(
            connection,
            submission_id,
            SubmissionState.ACCEPTED,
            answer="",
            report_id=saved.report_id,
            reference=saved.reference,
        )
        recording.details = {"state": str(SubmissionState.ACCEPTED), "report": str(saved.report_id)}
    return saved


def ask_back(store: Store, actor: Actor, submission_id: UUID, question: str) -> None:
    """Ask the contributor something; it waits for them until they hand it in again.

    Raises
    ------
    RefusedInput
        If nothing is asked, or it came by a link.
    ChangedMeanwhile
        If it no longer waits.
    """
    words = _words(question, "Write what you need to know.")
    with recorded(store, actor, Action.ACCEPT_REPORTS, subject=str(submission_id)) as recording:
        if came_by_link(_waiting(recording.connection, submission_id)):
            raise RefusedInput("It came by a premises' link, and nobody can be asked back. Accept it, or decline it.")
        stored.answer_submission(recording.connection, submission_id, SubmissionState.ASKED_BACK, answer=words)
        recording.details = {"state": str(SubmissionState.ASKED_BACK)}


def decline(store: Store, actor: Actor, submission_id: UUID, reason: str) -> None:
    """Decline a submission, with the reason that its contributor reads.

    Raises
    ------
    RefusedInput
        If there is no reason, or a child may be in danger and nobody has called yet.
    ChangedMeanwhile
        If it no longer waits.
    """
    words = _words(reason, "Write why, so that whoever handed it in can read it.")
    with recorded(store, actor, Action.ACCEPT_REPORTS, subject=str(submission_id)) as recording:
        if _waiting(recording.connection, submission_id).lacks_call:
            raise RefusedInput(
                "A child may be in danger, and nobody has called yet. Call, note the call, and decline then."
            )
        stored.answer_submission(recording.connection, submission_id, SubmissionState.DECLINED, answer=words)
        recording.details = {"state": str(SubmissionState.DECLINED)}


def note_call(store: Store, actor: Actor, submission_id: UUID) -> bool:
    """Note that the call about a submission has been made; False when it has been noted already."""
    with recorded(store, actor, Action.ACCEPT_REPORTS, subject=str(submission_id), details={"call": True}) as recording:
        return stored.note_call(recording.connection, submission_id)


def _waiting(connection: Connection, submission_id: UUID) -> Submission:
    """A submission that waits, kept for whoever answers it now."""
    submission = stored.read_submission(connection, submission_id, lock=True)
    if submission is None or submission.state is not SubmissionState.HANDED_IN:
        raise ChangedMeanwhile("A colleague has answered this since you opened it. Go back to the inbox.")
    return submission


def _with_agency(submission: Submission) -> Draft:
    draft = draft_of(submission)
    agency = load_codelists(data_folder() / "codelists")["agency"].find_code(submission.agency)
    return replace(draft, fields={**draft.fields, "agency": agency.reference}) if agency else draft


def _words(written: str, nothing: str) -> str:
    """What is kept of an answer, which leaves the team: without personal details."""
    words = mask_personal_details(written.strip()).text[:LONGEST_ANSWER]
    if not words:
        raise RefusedInput(nothing)
    return words
