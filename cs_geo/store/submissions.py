"""The inbox: what contributors hand in, answered by a coordinator. Who reaches which row, the policies say."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from cs_geo.reports.submission import SubmissionKind, SubmissionState

_COLUMNS = "submission_id, person, agency, kind, given, state, answer, report_id, reference, handed_in_at, answered_at"


@dataclass(frozen=True, slots=True)
class Submission:
    """One submission as it stands."""

    submission_id: UUID
    person: str
    agency: str
    kind: SubmissionKind
    given: Mapping[str, Any]
    """``fields`` of the form as text, and ``pin`` where one was set."""
    state: SubmissionState
    answer: str
    """What the coordinator wrote."""
    report_id: UUID | None
    reference: str
    """Of the report it has become."""
    handed_in_at: datetime
    answered_at: datetime | None

    @property
    def fields(self) -> Mapping[str, str]:
        """The fields of the form as text."""
        fields: Mapping[str, str] = self.given["fields"]
        return fields

    @property
    def lacks_call(self) -> bool:
        """Does it say that a child may be in danger, and that nobody has called?"""
        is_open = self.state in (SubmissionState.HANDED_IN, SubmissionState.ASKED_BACK)
        return is_open and self.fields.get("safeguarding_answer") == "no"


def add_submission(
    connection: Connection,
    submission_id: UUID,
    *,
    person: str,
    agency: str,
    kind: SubmissionKind,
    given: Mapping[str, Any],
) -> bool:
    """Hand something in; False when it has been handed in already."""
    return bool(
        connection.execute(
            text("""
            INSERT INTO cs_geo.submissions (submission_id, person, agency, kind, given)
            VALUES (:id, :person, :agency, :kind, CAST(:given AS jsonb)) ON CONFLICT DO NOTHING
            """),
            {"id": submission_id, "person": person, "agency": agency, "kind": str(kind), "given": json.dumps(given)},
        ).rowcount
    )


def change_given(connection: Connection, submission_id: UUID, given: Mapping[str, Any]) -> bool:
    """Hand in again what was asked back; False when it does not wait for its contributor."""
    return bool(
        connection.execute(
            text("""
            UPDATE cs_geo.submissions SET given = CAST(:given AS jsonb), state = 'handed_in'
            WHERE submission_id = :id AND state = 'asked_back' AND person = cs_geo.acting_person()
            """),
            {"id": submission_id, "given": json.dumps(given)},
        ).rowcount
    )


def answer_submission(
    connection: Connection,
    submission_id: UUID,
    state: SubmissionState,
    *,
    answer: str,
    report_id: UUID | None = None,
    reference: str = "",
) -> None:
    """Answer a submission that waits."""
    connection.execute(
        text("""
        UPDATE cs_geo.submissions SET state = :state, answer = :answer, report_id = :report, reference = :reference
        WHERE submission_id = :id
        """),
        {"id": submission_id, "state": str(state), "answer": answer, "report": report_id, "reference": reference},
    )


def note_call(connection: Connection, submission_id: UUID) -> bool:
    """Note that the call has been made; False when nobody was waiting for one."""
    return bool(
        connection.execute(
            text("""
            UPDATE cs_geo.submissions SET given = jsonb_set(given, '{fields,safeguarding_answer}', '"yes"')
            WHERE submission_id = :id AND state IN ('handed_in', 'asked_back')
                AND given #>> '{fields,safeguarding_answer}' = 'no'
            """),
            {"id": submission_id},
        ).rowcount
    )


def read_submission(connection: Connection, submission_id: UUID, *, lock: bool = False) -> Submission | None:
    """One submission; None where the person acting may not read it. Locked: nobody answers it meanwhile."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM cs_geo.submissions WHERE submission_id = :id{' FOR UPDATE' if lock else ''}"),
        {"id": submission_id},
    ).first()
    return _submission(row) if row else None


def list_own(connection: Connection) -> list[Submission]:
    """What the person acting has handed in, the newest first."""
    rows = connection.execute(
        text(f"""
        SELECT {_COLUMNS} FROM cs_geo.submissions WHERE person = cs_geo.acting_person()
        ORDER BY handed_in_at DESC, submission_id
        """)
    )
    return [_submission(row) for row in rows]


def list_waiting(connection: Connection) -> list[Submission]:
    """What waits for an answer, or for a call about a child who may be in danger; the longest waiting first."""
    rows = connection.execute(
        text(f"""
        SELECT {_COLUMNS} FROM cs_geo.submissions
        WHERE state = 'handed_in'
            OR state = 'asked_back' AND given #>> '{{fields,safeguarding_answer}}' = 'no'
        ORDER BY handed_in_at, submission_id
        """)
    )
    return [_submission(row) for row in rows]


def list_states(connection: Connection, submission_id: UUID) -> Sequence[tuple[SubmissionState, str, datetime]]:
    """Every state of a submission, the first one first: state, what was written, when."""
    rows = connection.execute(
        text(
            "SELECT state, answer, entered_at FROM cs_geo.submission_states WHERE submission_id = :id ORDER BY number"
        ),
        {"id": submission_id},
    )
    return [(SubmissionState(row[0]), row[1], row[2]) for row in rows]


def _submission(row: Sequence[Any]) -> Submission:
    submission_id, person, agency, kind, given, state, *rest = row
    return Submission(submission_id, person, agency, SubmissionKind(kind), given, SubmissionState(state), *rest)
