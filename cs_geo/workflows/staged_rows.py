"""From a checked record to the values that are staged for the database."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cs_geo.dates import days_of
from cs_geo.reports.identity import Identity
from cs_geo.reports.report import EffortSession, Report
from cs_geo.workflows.match_locations import pack_location
from cs_geo.workflows.own_rows import Found


def location_key(location: Sequence[str], accuracy_m: float | None) -> bytes:
    """What makes two locations the same question to the geocoder."""
    return hashlib.blake2b("\x1f".join((*location, repr(accuracy_m))).encode(), digest_size=16).digest()


def staged_head(
    row_no: int,
    line: int,
    given_id: UUID | None,
    source_id: UUID,
    identity: Identity,
    occurrence: int,
    location: Sequence[str],
    accuracy_m: float | None,
    found: Found | None = None,
) -> tuple[Any, ...]:
    """Values of ``cs_geo.store.staging.STAGED``. What an export of ours knows goes before what is reckoned here."""
    if found is not None:
        named, keyed, occurrence = found.digest, found.is_keyed, found.occurrence
    else:
        named, keyed = identity.key or identity.content, identity.key is not None
    return (
        row_no,
        line,
        given_id,
        source_id,
        named,
        keyed,
        identity.content,
        occurrence,
        location_key(location, accuracy_m),
        *location,
    )


def report_values(report: Report, *, published: bool) -> tuple[Any, ...]:
    """Values of ``cs_geo.store.record_tables.REPORTS.given``."""
    first_day, last_day = days_of(report.occurred)
    return (
        str(report.kind),
        published,
        report.source_type,
        report.agency,
        report.directness,
        report.occurred.start,
        report.occurred.until,
        str(report.occurred.precision),
        first_day,
        last_day,
        str(report.time_band),
        str(report.day_type),
        str(report.term),
        report.reported_on,
        "{" + ",".join(report.harm_types) + "}",
        report.police_category,
        report.asb_qualifier,
        report.presence_only,
        report.severity_band,
        report.young_people_band,
        report.who_causes_harm,
        report.what_helped,
        report.note,
        report.outcome,
        report.safeguarding_answer,
    )


def effort_values(session: EffortSession) -> tuple[Any, ...]:
    """Values of ``cs_geo.store.record_tables.EFFORT_SESSIONS.given``."""
    return (
        session.effort_type,
        session.start,
        session.until,
        session.start.date(),
        session.staff_count,
        session.staff_hours,
        session.route,
        session.contacts_band,
        session.note,
    )


__all__ = ["effort_values", "location_key", "pack_location", "report_values", "staged_head"]
