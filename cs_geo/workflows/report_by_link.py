"""Handing in by a premises' link, without an account: what is sent goes into the inbox, and nothing comes back out.

The link acts by an identity of its own. The database lets that add a submission while the link stands, and shows it
nothing. What is sent is checked and masked as every form is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from cs_geo.access.actor import NOBODY, Actor, Tier
from cs_geo.access.permissions import Action
from cs_geo.codelists import Code, load_codelists
from cs_geo.reports.cells import NOTE_ASKED_FOR
from cs_geo.reports.report import Kind, Severity
from cs_geo.reports.submission import SubmissionKind
from cs_geo.settings import data_folder, get_settings
from cs_geo.store import submissions as stored
from cs_geo.store.audit import write_audit
from cs_geo.store.links import OpenLink, find_link
from cs_geo.store.opening import Store, shared_store
from cs_geo.words.masking import mask_personal_details
from cs_geo.workflows.add_report import Draft, Now, check_fields
from cs_geo.workflows.hand_in import given_of
from cs_geo.workflows.pace import LINK_DAY, LINK_MINUTE, LINKS_IN_ALL, keep_pace

OFFERED_KINDS = (Kind.INCIDENT, Kind.CONCERN, Kind.STRENGTH)
"""Not outreach, which is a worker's."""
NO_BAND = ("spread", "unknown")
"""Time bands that are no time of day."""
SOURCE_TYPE = "business_venue"
HERE, ELSEWHERE = "here", "elsewhere"
CALLED, NOT_CALLED, NO_DANGER = "yes", "no", "not_needed"


@dataclass(frozen=True, slots=True)
class Offered:
    """What the form offers to choose from, and what it says of whom it is for."""

    premises: str
    location: str
    kinds: tuple[Code, ...]
    harms: tuple[Code, ...]
    bands: tuple[Code, ...]
    today: date


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a form that was sent: nothing at fault, or what must be mended, by field."""

    faults: Mapping[str, str] = field(default_factory=dict)
    mended: Mapping[str, str] = field(default_factory=dict)
    """Texts out of which personal details were taken, in place of what was typed."""
    has_nobody_called: bool = False


def open_form(code: str, *, store: Store | None = None, now: Now = lambda: datetime.now(UTC)) -> Offered | None:
    """The form of a link; None where the code opens none."""
    opened = store or shared_store()
    with opened.begin(NOBODY) as connection:
        link = find_link(connection, code)
    return _offered(link, now()) if link else None


def send_form(
    code: str,
    typed: Mapping[str, str],
    form_id: UUID,
    *,
    store: Store | None = None,
    now: Now = lambda: datetime.now(UTC),
) -> Sent | None:
    """Hand in what was typed; None where the code opens no form. Sent twice, it is handed in once.

    Parameters
    ----------
    form_id
        Which form was filled in: the number that it was drawn with.

    Raises
    ------
    TooOften
        If more is sent from this link, or from all of them, than people send.
    """
    opened = store or shared_store()
    with opened.begin(NOBODY) as connection:
        link = find_link(connection, code)
    if link is None:
        return None
    moment = now()
    faults, mended = _look_over(link, typed, _offered(link, moment))
    # One link's forms can be taken for no other's; the same form with other words in it is another submission.
    submission_id = uuid5(link.link_id, "\n".join([str(form_id), *(f"{name}={typed[name]}" for name in sorted(typed))]))
    fields = _fields(link, typed)
    actor = Actor(link.person, frozenset(), Tier.PUBLIC, link.premises)
    with opened.begin(actor) as connection:
        report, issues = check_fields(connection, Draft(submission_id, fields), moment)
    for issue in issues:
        # Until it is said whether it was here, where it was is no fault of its own.
        if issue.severity is Severity.REJECT and not (issue.column == "location" and "where" in faults):
            faults.setdefault(_FIELD_OF.get(issue.column, "date"), f"{issue.message} {issue.remedy}".strip())
    if faults or report is None:
        return Sent({name: faults[name] for name in ORDER if name in faults}, mended)
    keep_pace(opened, actor, LINK_MINUTE, LINK_DAY, LINKS_IN_ALL, thing=str(submission_id))
    with opened.begin(actor) as connection:
        is_new = stored.add_submission(
            connection,
            submission_id,
            person=actor.person,
            agency=actor.agency,
            kind=SubmissionKind.REPORT,
            given=given_of(Draft(submission_id, fields), report, moment),
        )
        if is_new:
            write_audit(
                connection,
                Action.SUBMIT_REPORT,
                "done",
                subject=str(submission_id),
                details={"kind": str(SubmissionKind.REPORT), "by": "link"},
            )
    return Sent(has_nobody_called=typed.get("danger") == NOT_CALLED)


ORDER = ("danger", "kind", "harm", "where", "location", "date", "band", "note")
"""The questions of the form, from top to bottom."""
_FIELD_OF = {
    "kind": "kind",
    "harm_types": "harm",
    "location": "location",
    "date": "date",
    "time": "band",
    "time_to": "band",
    "note": "note",
    "what_helped": "note",
    "safeguarding_answer": "danger",
}


def _offered(link: OpenLink, now: datetime) -> Offered:
    lists = load_codelists(data_folder() / "codelists")
    today = now.astimezone(ZoneInfo(get_settings().zone)).date()
    kinds = lists["kind"].codes
    return Offered(
        premises=link.premises,
        location=link.location,
        kinds=tuple(kinds[str(kind)] for kind in OFFERED_KINDS),
        harms=lists["harm_type"].offered_codes(today),
        bands=tuple(code for code in lists["time_band"].codes.values() if code.reference not in NO_BAND),
        today=today,
    )


def _look_over(link: OpenLink, typed: Mapping[str, str], offered: Offered) -> tuple[dict[str, str], dict[str, str]]:
    """What must be mended before the form is checked as a report, and what was taken out of its texts."""
    faults: dict[str, str] = {}
    mended: dict[str, str] = {}
    if typed.get("danger") not in (CALLED, NOT_CALLED, NO_DANGER):
        faults["danger"] = "Say whether a child may be in danger now."
    if typed.get("kind") not in {code.reference for code in offered.kinds}:
        faults["kind"] = "Choose what you want to report."
    if typed.get("harm") and typed["harm"] not in {code.reference for code in offered.harms}:
        faults["harm"] = "Choose one of the list, or leave it open."
    if typed.get("band") and typed["band"] not in {code.reference for code in offered.bands}:
        faults["band"] = "Choose one of the list, or leave it as not known."
    if link.location and typed.get("where") not in (HERE, ELSEWHERE):
        faults["where"] = "Say whether it was at your premises or somewhere else."
    elif _is_here(link, typed) and typed.get("location", "").strip():
        faults["location"] = "You chose your premises and wrote a place. Choose “Somewhere else”, or empty this field."
    elif not _is_here(link, typed) and not typed.get("location", "").strip():
        faults["location"] = "Say where it was: a place, street, address or postcode."
    if not _is_day(typed.get("date", "")):
        faults["date"] = "Give the day as it stands in a calendar, such as 2026-04-14."
    for name, words in (("note", "note"), ("location", "place")):
        masked = mask_personal_details(typed.get(name, ""), is_location=name == "location")
        if masked.found:
            mended[name] = masked.text
            faults[name] = (
                f"Personal details are not kept, and were taken out of your {words}: {', '.join(masked.found)}. Read "
                "it as it stands now, and send it again."
            )
    if len(typed.get("note", "")) > NOTE_ASKED_FOR:
        faults["note"] = f"Shorten the note to {NOTE_ASKED_FOR} characters: the place, and what happened to safety."
    return faults, mended


def _fields(link: OpenLink, typed: Mapping[str, str]) -> Mapping[str, str]:
    """The form as fields of a report."""
    is_strength = typed.get("kind") == Kind.STRENGTH
    since, _, until = typed.get("band", "").partition("-")
    # The last minute of the band: a time of 24:00 belongs to the next day.
    hours = {"time": f"{since}:00", "time_to": f"{int(until) - 1:02d}:59"} if until.isdigit() else {}
    return {
        "kind": typed.get("kind", ""),
        "location": link.location if _is_here(link, typed) else typed.get("location", ""),
        "date": typed.get("date", "") if _is_day(typed.get("date", "")) else "",
        **hours,
        "harm_types": "" if is_strength else typed.get("harm", ""),
        "source_type": SOURCE_TYPE,
        "what_helped" if is_strength else "note": typed.get("note", ""),
        "safeguarding_answer": typed.get("danger", ""),
    }


def _is_here(link: OpenLink, typed: Mapping[str, str]) -> bool:
    return bool(link.location) and typed.get("where") == HERE


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
