"""Reading a text before anybody outside does: what was found in it, taking words out, approving, keeping it in.

The raw text is read here, by whoever reviews it, and each look is a row of the log. What is decided is a row too, of
kinds and identifiers: never a word of the text.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, Refused, may, require
from cs_geo.errors import RefusedInput
from cs_geo.reports.cells import LONGEST_KEPT, clean_text
from cs_geo.settings import data_folder
from cs_geo.store import texts as stored
from cs_geo.store.audit import write_audit
from cs_geo.store.opening import Store
from cs_geo.store.texts import StoredText, TextDecision, WaitingText
from cs_geo.words.masking import mask_personal_details
from cs_geo.words.names import Found, check_text, find_names, load_name_words
from cs_geo.workflows.hold_records import require_reason
from cs_geo.workflows.place_reports import ChangedMeanwhile
from cs_geo.workflows.recording import looked_at, permit, recorded

LISTED = 200
"""Texts listed at once: nobody reads more at one sitting."""


@dataclass(frozen=True, slots=True)
class WaitingTexts:
    """How many texts wait for this person, and how many for somebody else."""

    mine: int
    others: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, and why it may name somebody; empty: it does not."""

    said: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class OpenText:
    """A text under review."""

    text: StoredText
    pieces: tuple[Piece, ...]
    """The raw text, cut where something was found."""
    may_approve: bool
    decisions: tuple[TextDecision, ...]


def count_texts(store: Store, actor: Actor) -> WaitingTexts:
    """How many texts wait, for whoever reviews them."""
    require(actor, Action.REVIEW_TEXTS)
    with store.begin(actor) as connection:
        return _count(connection, actor)


def list_texts(store: Store, actor: Actor) -> tuple[WaitingTexts, list[WaitingText]]:
    """What waits for this person, the newest reports first; texts with flags come to data stewards alone."""
    with looked_at(store, actor, Action.REVIEW_TEXTS, subject="waiting") as connection:
        stored.check_texts(connection)
        sorts = _flagged_for(actor)
        waiting = [one for sort in sorts for one in stored.list_waiting(connection, flagged=sort, limit=LISTED)]
        return _count(connection, actor), waiting[:LISTED]


def open_text(store: Store, actor: Actor, text_id: UUID) -> OpenText | None:
    """One text as it came in, with what was found in it; None where it is gone."""
    with looked_at(store, actor, Action.REVIEW_TEXTS, subject=str(text_id), details={"raw": True}) as connection:
        text = stored.read_text(connection, text_id)
        if text is None:
            return None
        is_place = stored.place_asker(connection, [text.raw])
        found = find_names(text.raw, load_name_words(data_folder()), is_place)
        may_approve = not text.flags or may(actor, Action.APPROVE_FLAGGED)
        decisions = [one for one in stored.list_decisions(connection, text.report_id) if one.field == text.field]
        return OpenText(text, _cut(text.raw, found), may_approve, tuple(decisions))


def redact_text(store: Store, actor: Actor, text_id: UUID, version: int, words: str) -> tuple[str, ...]:
    """Keep a text as somebody has edited it for others to read; the kinds of what is still found in it.

    Raises
    ------
    RefusedInput
        If nothing is left of it.
    ChangedMeanwhile
        If somebody has decided on it, or the report changed, since it was opened.
    """
    with recorded(store, actor, Action.REVIEW_TEXTS, subject=str(text_id)) as recording:
        text = _current(recording.connection, text_id, version)
        cleaned = clean_text(words, keep_lines=True)[: LONGEST_KEPT[text.field]]
        is_place = stored.place_asker(recording.connection, [cleaned])
        checked = check_text(cleaned, load_name_words(data_folder()), is_place)
        if not cleaned:
            raise RefusedInput("Nothing is left of the text. Keep it in instead.")
        # Details that a pattern knows are taken out; words that may be names are left to whoever edits.
        kept = mask_personal_details(cleaned).text
        stored.keep_review(recording.connection, text_id, "redacted", redacted=kept, flags=checked.flags)
        recording.details = {"decision": "redacted", "field": text.field, "flags": list(checked.flags)}
    return checked.flags


def approve_text(store: Store, actor: Actor, text_id: UUID, version: int) -> None:
    """Let the members of a case read a text as it stands redacted.

    Raises
    ------
    Refused
        If something was found in it, and the person is no data steward.
    ChangedMeanwhile
        As ``redact_text``.
    """
    permit(store, actor, Action.REVIEW_TEXTS, subject=str(text_id))
    with store.begin(actor) as connection:
        opened = stored.read_text(connection, text_id)
    action = Action.APPROVE_FLAGGED if opened and opened.flags else Action.REVIEW_TEXTS
    with recorded(store, actor, action, subject=str(text_id)) as recording:
        text = _current(recording.connection, text_id, version)
        stored.keep_review(recording.connection, text_id, "approved")
        recording.details = {"decision": "approved", "field": text.field, "flags": list(text.flags)}


def decline_text(store: Store, actor: Actor, text_id: UUID, version: int) -> None:
    """Keep a text in: it is read by those who work with reports, redacted, and by nobody else.

    Raises
    ------
    ChangedMeanwhile
        As ``redact_text``.
    """
    with recorded(store, actor, Action.REVIEW_TEXTS, subject=str(text_id)) as recording:
        text = _current(recording.connection, text_id, version)
        stored.keep_review(recording.connection, text_id, "withdrawn")
        recording.details = {"decision": "withdrawn", "field": text.field}


def reveal_text(store: Store, actor: Actor, report_id: UUID) -> dict[str, str]:
    """The texts of a report as they came in, for a data steward. Every look is a row of its own."""
    with recorded(store, actor, Action.REVEAL_TEXT, subject=str(report_id)) as recording:
        return dict(stored.read_raw(recording.connection, report_id))


def read_approved_text(store: Store, actor: Actor, report_id: UUID) -> dict[str, str]:
    """The approved texts of a report, for those who work with reports and for members of an open case with it."""
    with looked_at(store, actor, Action.READ_APPROVED, subject=str(report_id)) as connection:
        return dict(stored.read_approved(connection, report_id))


def release_urgent_text(store: Store, actor: Actor, report_id: UUID, reason: str) -> dict[str, str]:
    """In an urgent case, let the members of a case read a text before its review; the text, without names.

    Raises
    ------
    UsageError
        If the reason is not on the list.
    Refused
        If the report is in no open case of which the person is chair.
    RefusedInput
        If no text of it waits.
    """
    code = require_reason("release_reason", reason)
    permit(store, actor, Action.RELEASE_TEXT, subject=str(report_id))
    with store.begin(actor) as connection:
        is_theirs = stored.may_release(connection, report_id)
        if not is_theirs:
            write_audit(connection, Action.RELEASE_TEXT, "refused", subject=str(report_id))
    if not is_theirs:
        raise Refused("You can release texts of the reports in an open case of yours. Ask a data steward.")
    with recorded(store, actor, Action.RELEASE_TEXT, subject=str(report_id), details={"reason": code}) as recording:
        connection = recording.connection
        released = stored.release_text(connection, report_id, reason=code)
        if not released:
            raise RefusedInput("No text of this report waits: it has been reviewed already, or there is none.")
        recording.details["texts"] = released
        return dict(stored.read_approved(connection, report_id))


def _flagged_for(actor: Actor) -> tuple[bool, ...]:
    """Which sorts of text this person decides on: those with flags first."""
    return (True, False) if may(actor, Action.APPROVE_FLAGGED) else (False,)


def _count(connection: Connection, actor: Actor) -> WaitingTexts:
    plain, flagged = (stored.count_waiting(connection, flagged=sort) for sort in (False, True))
    return WaitingTexts(plain + flagged, 0) if True in _flagged_for(actor) else WaitingTexts(plain, flagged)


def _current(connection: Connection, text_id: UUID, version: int) -> StoredText:
    """A text as it was opened, kept for whoever decides now."""
    text = stored.read_text(connection, text_id, lock=True)
    if text is None or text.version != version:
        raise ChangedMeanwhile("This text changed, or a colleague decided on it, since you opened it. Open the next.")
    return text


def _cut(raw: str, found: tuple[Found, ...]) -> tuple[Piece, ...]:
    pieces, at = [], 0
    for one in found:
        pieces += [Piece(raw[at : one.start]), Piece(raw[one.start : one.end], str(one.kind))]
        at = one.end
    return tuple(piece for piece in (*pieces, Piece(raw[at:])) if piece.said)
