"""Handing in: a contributor's report or place referral, kept until a coordinator answers, and what became of it.

It is checked as a form is, and masked before it is stored. What else is known around the place is not told: whoever
hands in sees their own and nothing else.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.errors import RefusedInput
from cs_geo.reports.report import Report
from cs_geo.reports.submission import SubmissionKind, SubmissionState
from cs_geo.settings import get_settings
from cs_geo.store import submissions as stored
from cs_geo.store.opening import Store
from cs_geo.store.submissions import Submission
from cs_geo.workflows.add_report import Draft, DraftChecked, Now, Pin, check_fields, match_draft, pace_draft, say_faults
from cs_geo.workflows.place_reports import looked_up
from cs_geo.workflows.recording import looked_at, recorded

WHEN = ("date", "time", "time_to")


def check_submission(store: Store, actor: Actor, draft: Draft, *, now: Now = lambda: datetime.now(UTC)) -> DraftChecked:
    """Check a form before it is handed in. Stores nothing, and looks at no report."""
    require(actor, Action.SUBMIT_REPORT)
    pace_draft(store, actor, draft)
    with store.begin(actor) as connection:
        report, issues = check_fields(connection, draft, now())
        if report is None:
            return DraftChecked(issues)
        return DraftChecked(issues, looked_up(connection, match_draft(connection, report.location, draft.pin)))


def hand_in(
    store: Store, actor: Actor, draft: Draft, kind: SubmissionKind, *, now: Now = lambda: datetime.now(UTC)
) -> Submission:
    """Hand a form in, or hand in again what was asked back. Doing it twice hands it in once.

    Raises
    ------
    RefusedInput
        If something must be mended first.
    """
    details = {"kind": str(kind)}
    with recorded(store, actor, Action.SUBMIT_REPORT, subject=str(draft.draft_id), details=details) as recording:
        connection = recording.connection
        moment = now()
        report, issues = check_fields(connection, draft, moment)
        if report is None:
            raise RefusedInput(say_faults(issues))
        given = given_of(draft, report, moment)
        before = stored.read_submission(connection, draft.draft_id)
        if before is None:
            stored.add_submission(
                connection, draft.draft_id, person=actor.person, agency=actor.agency, kind=kind, given=given
            )
        elif before.state is SubmissionState.ASKED_BACK:
            stored.change_given(connection, draft.draft_id, given)
        submission = stored.read_submission(connection, draft.draft_id)
        if submission is None:
            raise RefusedInput("This could not be handed in. Begin again with a new form.")
        return submission


def list_mine(store: Store, actor: Actor) -> list[Submission]:
    """What the person has handed in and what became of it, the newest first."""
    with looked_at(store, actor, Action.SUBMIT_REPORT, subject="own submissions") as connection:
        return stored.list_own(connection)


def note_own_call(store: Store, actor: Actor, submission_id: UUID) -> bool:
    """Note that the call has been made; False when it has been noted already."""
    with recorded(store, actor, Action.SUBMIT_REPORT, subject=str(submission_id), details={"call": True}) as recording:
        return stored.note_call(recording.connection, submission_id)


def draft_of(submission: Submission) -> Draft:
    """A submission as the form it came from."""
    pin = submission.given.get("pin")
    return Draft(submission.submission_id, submission.fields, Pin(**pin) if pin else None)


def given_of(draft: Draft, report: Report, now: datetime) -> Mapping[str, Any]:
    """What is kept of a form: its texts as they were masked, its codes as they were understood."""
    fields = {
        "kind": str(report.kind),
        "location": report.location.text,
        **{name: draft.fields.get(name, "") for name in WHEN},
        "harm_types": "; ".join(report.harm_types) if draft.fields.get("harm_types") else "",
        "source_type": report.source_type,
        "directness": report.directness,
        "young_people_band": report.young_people_band,
        "who_causes_harm": report.who_causes_harm,
        "what_helped": report.what_helped,
        "note": report.note,
        "safeguarding_answer": report.safeguarding_answer,
        # The day it was handed in, and not that on which somebody gets round to it.
        "reported_on": now.astimezone(ZoneInfo(get_settings().zone)).date().isoformat(),
    }
    return {
        "fields": {name: value for name, value in fields.items() if value},
        "pin": asdict(draft.pin) if draft.pin else None,
    }
