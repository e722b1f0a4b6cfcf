"""Adding one report by hand: checked as an import checks a row, shown beside what is known nearby, stored once.

A form is stored as an import of one row, by the same staging and landing, so that it has a version, a reference and an
undo like any other report. Its key is the form's own number: pressing *Save* twice stores one report.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.codelists import load_codelists
from cs_geo.crs import DEGREES, storage_epsg, transform_points
from cs_geo.errors import RefusedInput
from cs_geo.geocode.match import Confidence, Match, Method, Precision
from cs_geo.reports.checks import CheckContext, check_report
from cs_geo.reports.identity import identify
from cs_geo.reports.report import Issue, LocationGiven, Report, Severity
from cs_geo.settings import data_folder, get_settings
from cs_geo.store import imports as stored
from cs_geo.store.adding import find_added, landed_report
from cs_geo.store.cells import count_cells
from cs_geo.store.landing import land_rows, store_matches
from cs_geo.store.opening import Store
from cs_geo.store.record_tables import REPORTS
from cs_geo.store.reports import nearby_reports
from cs_geo.store.staging import create_staging, resolve_rows, stage_rows, unmatched_locations
from cs_geo.store.texts import check_texts
from cs_geo.workflows.match_locations import LocationMatcher, pack_location
from cs_geo.workflows.place_reports import PIN_RADIUS_M, LookedUp, looked_up, pace_look_up
from cs_geo.workflows.recording import recorded
from cs_geo.workflows.site_calendar import read_school_calendar
from cs_geo.workflows.staged_rows import report_values, staged_head

SOURCE = "Added by hand"
MAPPING = "form"
NEARBY_DAYS = 90
"""Days before the report in which reports nearby are shown (practice.md F1)."""
NEARBY_M = 200.0
"""How far "nearby" reaches: about three minutes' walk."""
FARTHEST_M = 500.0
"""How far it reaches at most, where only a park or a long street is known."""
DUPLICATE_M = 100.0
DUPLICATE_DAYS = 1
"""Two reports of one kind and harm this close in place and time may be about one event. A person decides."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A point that the person chose, in degrees: set by hand, or one of the geocoder's candidates."""

    longitude: float
    latitude: float
    precision: str = str(Precision.BUILDING)
    radius_m: float = PIN_RADIUS_M
    name: str = ""


@dataclass(frozen=True)
class Draft:
    """A form as it stands: fields of ``cs_geo.reports.fields`` as text, and the pin if one was set."""

    draft_id: UUID
    fields: Mapping[str, str]
    pin: Pin | None = None


@dataclass(frozen=True)
class DraftChecked:
    """What a form would become: its issues, where it lies, and what is known nearby."""

    issues: tuple[Issue, ...]
    found: LookedUp | None = None
    """Where it would be placed; None while the form cannot be saved."""
    nearby: tuple[Mapping[str, Any], ...] = ()
    within_m: float = NEARBY_M
    """How far around the place was looked: further where the place itself is large or vague."""
    duplicates: tuple[Mapping[str, Any], ...] = ()
    """Those of ``nearby`` that may be about the same event."""

    @property
    def can_be_saved(self) -> bool:
        """Is there nothing left that must be mended?"""
        return self.found is not None


@dataclass(frozen=True, slots=True)
class Saved:
    """A stored report, with what is said on the phone."""

    report_id: UUID
    reference: str
    import_id: UUID | None
    is_placed: bool


Now = Callable[[], datetime]


def check_draft(store: Store, actor: Actor, draft: Draft, *, now: Now = lambda: datetime.now(UTC)) -> DraftChecked:
    """Check a form as an import would check a row, and look around the place it names. Stores nothing."""
    require(actor, Action.ADD_REPORT)
    pace_draft(store, actor, draft)
    with store.begin(actor) as connection:
        return look_around(connection, draft, now())


def pace_draft(store: Store, actor: Actor, draft: Draft) -> None:
    """Take the person's turn for looking up where a form says that it was; a pin needs no looking up."""
    if draft.pin is None:
        pace_look_up(store, actor, draft.fields.get("location", ""))


def look_around(connection: Connection, draft: Draft, now: datetime) -> DraftChecked:
    """What a form would become, and what is known around the place it names: for whoever may read reports."""
    report, issues = check_fields(connection, draft, now)
    if report is None:
        return DraftChecked(issues)
    match = match_draft(connection, report.location, draft.pin)
    within_m = max(NEARBY_M, min(match.radius_m or 0.0, FARTHEST_M))
    nearby = _nearby(connection, report, match, within_m)
    duplicates = tuple(row for row in nearby if _may_be_same(report, row))
    return DraftChecked(issues, looked_up(connection, match), tuple(nearby), within_m, duplicates)


def save_report(store: Store, actor: Actor, draft: Draft, *, now: Now = lambda: datetime.now(UTC)) -> Saved:
    """Store a form as a report.

    Raises
    ------
    RefusedInput
        If something must be mended first. Nothing is stored then.
    """
    with recorded(store, actor, Action.ADD_REPORT) as recording:
        return land_draft(recording.connection, actor, draft, now=now())


def land_draft(connection: Connection, actor: Actor, draft: Draft, *, now: datetime, source: str = SOURCE) -> Saved:
    """Store a form as a report of a source, in the transaction of whoever asked whether this may be done.

    Raises
    ------
    RefusedInput
        If something must be mended first.
    """
    report, issues = check_fields(connection, draft, now)
    if report is None:
        raise RefusedInput(say_faults(issues))
    source_id = stored.find_or_add_source(connection, source)
    stored.lock_source(connection, source_id)
    identity = identify(source, [str(draft.draft_id)], report)
    found = find_added(connection, source_id, identity.key or b"")
    if found:
        return Saved(*found, is_placed=True)
    create_staging(connection, REPORTS)
    import_id = stored.begin_import(
        connection, source_id=source_id, mapping=MAPPING, record="report", actor=actor.person
    )
    head = staged_head(1, 1, None, source_id, identity, 1, pack_location(report.location), None)
    stage_rows(connection, REPORTS, [(*head, *report_values(report, published=False))])
    resolve_rows(connection, REPORTS, known_file=False)
    matcher = LocationMatcher(connection)
    keys = [row[0] for row in unmatched_locations(connection)]
    rows = list(matcher.match_values(keys, [report.location]))
    store_matches(connection, rows if draft.pin is None else [_pinned(rows[0], draft.pin)])
    land_rows(connection, REPORTS, import_id=import_id, actor=actor.person)
    check_texts(connection, import_id)
    stored.finish_import(
        connection,
        import_id,
        {"read": 1, "created": 1, "updated": 0, "duplicate": 0, "rejected": 0, "issues": len(issues)},
    )
    count_cells(connection, stored.touched_months(connection))
    report_id, reference, is_placed = landed_report(connection)
    return Saved(report_id, reference, import_id, is_placed)


def say_faults(issues: Sequence[Issue]) -> str:
    """What must be mended in a form, in one line."""
    return " ".join(f"{one.message} {one.remedy}" for one in issues if one.severity is Severity.REJECT)


def check_fields(connection: Connection, draft: Draft, now: datetime) -> tuple[Report | None, tuple[Issue, ...]]:
    """The report of a form, None while something must be mended, and all issues."""
    zone = ZoneInfo(get_settings().zone)
    today = now.astimezone(zone).date()
    context = CheckContext(
        codelists=load_codelists(data_folder() / "codelists"),
        calendar=read_school_calendar(connection),
        today=today,
        zone=zone,
        date_order="ymd",
    )
    fields = {"reported_on": today.isoformat(), **draft.fields, **_pin_fields(draft.pin)}
    checked = check_report(0, fields, context)
    issues = tuple(_for_a_form(one) for one in checked.issues)
    is_complete = isinstance(checked.record, Report) and all(one.severity is not Severity.REJECT for one in issues)
    return (checked.record if is_complete and isinstance(checked.record, Report) else None), issues


_FORM_WORDS = {
    "kind_missing": ("Choose what you want to report.", ""),
    "no_location": ("Say where it was.", "Write an address, place, street, junction or postcode, or set a pin."),
}
"""What an issue of a row is called on a form, whose reader sees no row and no column."""


def _for_a_form(issue: Issue) -> Issue:
    if issue.code not in _FORM_WORDS:
        return issue
    message, remedy = _FORM_WORDS[issue.code]
    # A partner's row without a location is kept; whoever fills a form can still say where it was.
    return replace(issue, severity=Severity.REJECT, message=message, remedy=remedy)


def _pin_fields(pin: Pin | None) -> Mapping[str, str]:
    return {} if pin is None else {"longitude": f"{pin.longitude:.6f}", "latitude": f"{pin.latitude:.6f}"}


def match_draft(connection: Connection, location: LocationGiven, pin: Pin | None) -> Match:
    """Where a form's report lies, for a person to see: at its pin, else where its words are found."""
    return LocationMatcher(connection).look_up(location) if pin is None else _match_of_pin(pin)


def lies_protected(connection: Connection, location: LocationGiven, pin: Pin | None) -> bool:
    """Does a form's report lie in a protected location?"""
    matcher = LocationMatcher(connection)
    return matcher.is_protected(matcher.match([location])[0] if pin is None else _match_of_pin(pin))


def _pinned(row: tuple[Any, ...], pin: Pin) -> tuple[Any, ...]:
    """The geocoder's answer for ``store_matches`` with the person's point in its place; the registered place stays."""
    match = _match_of_pin(pin)
    return (
        row[0],
        row[1],
        str(match.method),
        str(match.precision),
        match.radius_m,
        str(match.confidence),
        match.matched_name,
        "",
        None,
        "",
        False,
        match.x,
        match.y,
    )


def _match_of_pin(pin: Pin) -> Match:
    x, y = transform_points([pin.longitude], [pin.latitude], from_epsg=DEGREES, to_epsg=storage_epsg())
    if not (abs(x[0]) < 1e7 and abs(y[0]) < 1e7):
        raise RefusedInput("There is no such point. Set the pin again.")
    return Match(
        float(x[0]), float(y[0]), Method.PERSON, Precision(pin.precision), pin.radius_m, Confidence.HIGH, pin.name
    )


def _nearby(connection: Connection, report: Report, match: Match, within_m: float) -> Sequence[Mapping[str, Any]]:
    if match.x is None or match.y is None:
        return ()
    day = report.occurred.start.date()
    found = nearby_reports(
        connection,
        match.x,
        match.y,
        since=day - timedelta(days=NEARBY_DAYS),
        until=day + timedelta(days=NEARBY_DAYS),
        within_m=within_m,
    )
    return [dict(row) for row in found]


def _may_be_same(report: Report, row: Mapping[str, Any]) -> bool:
    day: date = report.occurred.start.date()
    first, last = row["first_day"], row["last_day"]
    near = timedelta(days=DUPLICATE_DAYS)
    harms = set(report.harm_types) - {"unclear"}
    theirs = set(row["harm_types"]) - {"unclear"}
    return (
        row["kind"] == str(report.kind)
        and row["distance_m"] <= DUPLICATE_M
        and first - near <= day <= last + near
        and (not harms or not theirs or bool(harms & theirs))
    )
