"""One row, or one filled form, to a report or an effort session, with every issue it raises.

In: the fields of ``cs_geo.reports.fields`` as text. Out: ``Checked``. All issues of a row are collected, not only the
first, so that a rejected row can be mended in one go. The *Add a report* form goes through the same functions.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from cs_geo.codelists import Codelist
from cs_geo.dates import FIRST_DAY, DateRefused, ReadTime, parse_day, time_band_of
from cs_geo.reports.cells import (
    CheckContext,
    Findings,
    find_reference,
    read_band,
    read_code,
    read_location,
    read_number,
    read_text,
    read_when,
    read_yes,
)
from cs_geo.reports.report import Checked, DatePrecision, EffortSession, Kind, Occurred, Report

__all__ = ["CheckContext", "check_effort", "check_report"]

PRESENCE_ONLY = "presence_only"
UNCLEAR = "unclear"
OTHER = "other"
"""Effort type of a session that is none of those listed."""
_HOUR = timedelta(hours=1)
LONG_SESSION = timedelta(hours=12)
LONGEST_SESSION = timedelta(hours=24)
"""A session is one visit; a longer one is two rows in one, or has the wrong day."""
MANY_STAFF = 50
HOURS_MAY_DIFFER = 0.25
"""Share by which given staff-hours may differ from times and staff before somebody should look: breaks, late starts."""


def check_report(line: int, fields: Mapping[str, str], context: CheckContext) -> Checked:
    """Check one row of reports.

    Parameters
    ----------
    line
        Line of the row in its file, for the issues.
    fields
        Field (of ``REPORT_FIELDS``): text as written. Fields may be absent.
    context
        Codelists, calendar, zones and the file's defaults.

    Returns
    -------
    Checked
        The report, or None where the row is rejected, and all issues.
    """
    findings = Findings(line)
    kind = _read_kind(findings, fields, context)
    read = read_when(findings, fields, context)
    location = read_location(findings, fields)
    harm_types, presence_only = _read_harm(findings, fields, context, kind)
    source_type = read_code(findings, fields, context, "source_type") or context.source_type
    codes = {column: read_code(findings, fields, context, column) for column in _OPTIONAL_CODES if fields.get(column)}
    band = read_band(findings, fields, context, "young_people_band")
    what_helped = read_text(findings, fields, "what_helped")
    note = read_text(findings, fields, "note")
    outcome = read_text(findings, fields, "outcome")
    reported_on = _read_reported_on(findings, fields, context, read)
    if kind is None or read is None:
        return Checked(None, tuple(findings.issues))
    term, day_type = context.calendar.place_in_year(read.occurred)
    report = Report(
        kind=kind,
        occurred=read.occurred,
        location=location,
        source_type=source_type or ("police_recorded" if context.published else ""),
        reported_on=reported_on,
        agency=codes.get("agency") or context.agency,
        directness=codes.get("directness", ""),
        harm_types=harm_types,
        police_category=codes.get("police_category", ""),
        asb_qualifier=codes.get("asb_qualifier", ""),
        presence_only=presence_only,
        severity_band=codes.get("severity_band", ""),
        young_people_band=band,
        who_causes_harm=codes.get("who_causes_harm", ""),
        what_helped=what_helped,
        note=note,
        outcome=outcome,
        safeguarding_answer=codes.get("safeguarding_answer", ""),
        time_band=time_band_of(read.occurred),
        day_type=day_type,
        term=term,
    )
    return Checked(report, tuple(findings.issues))


_OPTIONAL_CODES = (
    "agency",
    "directness",
    "police_category",
    "asb_qualifier",
    "severity_band",
    "who_causes_harm",
    "safeguarding_answer",
)


def _read_kind(findings: Findings, fields: Mapping[str, str], context: CheckContext) -> Kind | None:
    text = (fields.get("kind") or "").strip()
    if not text:
        if context.kind is not None or context.published:
            return context.kind or Kind.INCIDENT
        findings.reject("kind", "", "kind_missing", "The row does not say what kind of report it is.", _KIND_REMEDY)
        return None
    codelist = context.codelists["kind"]
    code = codelist.find_code(text)
    if code:
        return Kind(code.reference)
    nearest = codelist.nearest_codes(text)[0].reference
    findings.reject(
        "kind", text, "kind_unknown", "There is no such kind of report.", f"{_KIND_REMEDY} The nearest is {nearest}."
    )
    return None


_KIND_REMEDY = f"Write one of {', '.join(Kind)}, or give the mapping a kind for all rows."


def _read_harm(
    findings: Findings, fields: Mapping[str, str], context: CheckContext, kind: Kind | None
) -> tuple[tuple[str, ...], bool]:
    """What harm, and whether young people were merely present. A strength needs no harm."""
    text = fields.get("harm_types") or ""
    harms = _read_harm_types(findings, context.codelists["harm_type"], text) if text else []
    presence_only = read_yes(findings, fields, PRESENCE_ONLY) or PRESENCE_ONLY in harms
    if not presence_only:
        return tuple(harms or ([] if kind is Kind.STRENGTH else [UNCLEAR])), False
    if PRESENCE_ONLY not in harms:
        harms = [harm for harm in harms if harm != UNCLEAR] + [PRESENCE_ONLY]
    if set(harms) - {PRESENCE_ONLY, UNCLEAR}:
        findings.warn(
            "harm_types",
            text,
            "presence_with_harm",
            "The row says both that young people were merely present and what harm there was. "
            "It is left out of hotspots as presence only.",
            "Keep one of the two.",
        )
    return tuple(harms), True


def _read_harm_types(findings: Findings, codelist: Codelist, text: str) -> list[str]:
    """Codes parted by ; or |, each once. A name that holds such a sign is a code as a whole."""
    if code := codelist.find_code(text):
        return [code.reference]
    given = (find_reference(findings, codelist, "harm_types", part.strip()) for part in re.split(r"[;|\n]", text))
    return list(dict.fromkeys(harm for harm in given if harm))


def _read_reported_on(
    findings: Findings, fields: Mapping[str, str], context: CheckContext, read: ReadTime | None
) -> date | None:
    """The day on which it was reported. It is not needed, so a bad one is left empty rather than the row rejected."""
    text = (fields.get("reported_on") or "").strip()
    if not text:
        return None
    try:
        day = parse_day(text, order=context.date_order)
    except DateRefused as refused:
        findings.warn(
            "reported_on", text, "reported_on_not_read", f"{refused.message} It was left empty.", refused.remedy
        )
        return None
    if day > context.today or day < FIRST_DAY:
        findings.warn(
            "reported_on",
            text,
            "reported_on_not_read",
            "The day lies in the future or too far back. It was left empty.",
            "Correct the date.",
        )
        return None
    if read and day < read.occurred.start.date():
        findings.warn(
            "reported_on",
            text,
            "reported_before_it_happened",
            "It is said to have been reported before it happened.",
            "Check both dates.",
        )
    return day


def check_effort(line: int, fields: Mapping[str, str], context: CheckContext) -> Checked:
    """Check one row of effort sessions: time spent looking, by how many staff, where.

    Parameters and return as ``check_report``, with the fields of ``EFFORT_FIELDS``. Staff-hours are reckoned from both
    times and the staff where they are not given; an end is reckoned from staff-hours and staff where it is not.
    """
    findings = Findings(line)
    effort_type = _read_effort_type(findings, fields, context)
    read = read_when(findings, fields, context)
    location = read_location(findings, fields, needed=not (fields.get("route") or "").strip())
    route = read_text(findings, fields, "route")
    note = read_text(findings, fields, "note")
    contacts = read_band(findings, fields, context, "contacts_band")
    staff = _read_staff(findings, fields)
    hours = read_number(findings, fields, "staff_hours")
    if read is None:
        return Checked(None, tuple(findings.issues))
    start, until, hours = _settle_session(findings, fields, read.occurred, staff, hours)
    if findings.rejected:
        return Checked(None, tuple(findings.issues))
    session = EffortSession(effort_type, start, until, staff, hours, location, route, contacts, note)
    return Checked(session, tuple(findings.issues))


def _read_effort_type(findings: Findings, fields: Mapping[str, str], context: CheckContext) -> str:
    given = read_code(findings, fields, context, "effort_type")
    if given or context.effort_type:
        return given or context.effort_type
    if not (fields.get("effort_type") or "").strip():
        findings.warn(
            "effort_type",
            "",
            "effort_type_missing",
            "The row does not say what sort of session it was; it was taken as other.",
            "Give the sort of session, or give the mapping one for all rows.",
        )
    return OTHER


def _read_staff(findings: Findings, fields: Mapping[str, str]) -> int | None:
    number = read_number(findings, fields, "staff_count")
    if number is None:
        return None
    text = fields["staff_count"]
    if number != int(number):
        findings.reject("staff_count", text, "not_a_number", "Staff are counted whole.", "Write how many there were.")
        return None
    if number > MANY_STAFF:
        findings.warn(
            "staff_count", text, "many_staff", f"There are more than {MANY_STAFF} staff.", "Check the number."
        )
    return int(number)


def _settle_session(
    findings: Findings, fields: Mapping[str, str], occurred: Occurred, staff: int | None, hours: float | None
) -> tuple[datetime, datetime, float | None]:
    """Start, end and staff-hours of a session, each reckoned from the others where it can be."""
    start, until = occurred.start, occurred.until
    value = fields.get("date") or ""
    if occurred.precision is DatePrecision.MONTH:
        findings.reject("date", value, "session_without_day", "A session needs its day.", "Give the day.")
        return start, until, hours
    if hours is not None and hours > LONGEST_SESSION / _HOUR * (staff or MANY_STAFF):
        findings.reject(
            "staff_hours",
            fields["staff_hours"],
            "too_many_hours",
            "There are more staff-hours than a day of these staff has.",
            "Correct the hours or the staff; give each session its own row.",
        )
    if occurred.precision is DatePrecision.TIME and until == start and hours and staff:
        until = (start.astimezone(UTC) + hours / staff * _HOUR).astimezone(start.tzinfo)
    length = until.astimezone(UTC) - start.astimezone(UTC)
    # A day without times lasts 23 to 25 hours, as the clocks go.
    longest = LONGEST_SESSION + (_HOUR if occurred.precision is DatePrecision.DAY else 0 * _HOUR)
    if length > longest:
        findings.reject(
            "date_to",
            fields.get("date_to") or value,
            "session_too_long",
            "It is said to have lasted more than a day.",
            "Correct the times; give each session its own row.",
        )
        return start, until, hours
    if occurred.precision is DatePrecision.DAY or until == start:
        findings.warn(
            "time" if occurred.precision is DatePrecision.DAY else "time_to",
            value,
            "session_without_times",
            "The session lacks a start or an end time.",
            "Give both times, so that reports can be read beside the hours spent.",
        )
        return start, until, hours
    if length > LONG_SESSION:
        findings.warn("time_to", value, "long_session", "It is said to have lasted over 12 hours.", "Check the times.")
    reckoned = round(length / _HOUR * staff, 2) if staff else None
    if hours is not None and reckoned and abs(hours - reckoned) > HOURS_MAY_DIFFER * reckoned:
        findings.warn(
            "staff_hours",
            fields["staff_hours"],
            "hours_differ",
            f"Times and staff come to {reckoned:g} hours; those given were kept.",
            "Check times, staff and hours.",
        )
    return start, until, hours if hours is not None else reckoned
