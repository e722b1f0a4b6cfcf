"""Taking a pack of a case away: made from what its members see, marked with who took it, and written down."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.codelists import Codelist
from cs_geo.dates import add_months, format_day, format_window
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.exports.case_pack import CasePack, write_html, write_pdf
from cs_geo.maps.boundary_picture import draw_boundary
from cs_geo.store.cases import may_see_case
from cs_geo.store.opening import Store
from cs_geo.store.people import own_label
from cs_geo.workflows.cases import NOT_YOURS, OpenCase, look_at_case
from cs_geo.workflows.download_files import offer_file
from cs_geo.workflows.pace import EXPORTS, keep_pace
from cs_geo.workflows.private_files import case_folder
from cs_geo.workflows.recording import recorded

MEDIA_TYPES = {".pdf": "application/pdf", ".html": "text/html"}


def offer_case_pack(
    store: Store,
    actor: Actor,
    case_id: UUID,
    *,
    ending: str,
    purpose: str,
    names: Mapping[str, Codelist],
    today: date,
) -> str:
    """Write the pack of a case for the person who asks; a ticket for its download.

    Raises
    ------
    UsageError
        If there is no such format, or no purpose is given.
    RefusedInput
        If the case is not open to the person.
    TooOften
        If the person exports more often than anybody at work does.
    """
    if ending not in MEDIA_TYPES:
        raise UsageError(f"There is no format “{ending}”. Choose one of {', '.join(MEDIA_TYPES)}.")
    if not purpose.strip():
        raise UsageError("Say what the pack is for. It is kept with the record of the export.")
    seen = look_at_case(store, actor, case_id)
    keep_pace(store, actor, EXPORTS)
    details = {
        "tier": "case",
        "purpose": purpose.strip(),
        "recipient": actor.person,
        "rows": sum(count.reports_n for count in seen.counts),
        "expires": seen.case.lapses_on.isoformat(),
        "format": ending,
    }
    with recorded(store, actor, Action.EXPORT_CASE, subject=str(case_id), details=details) as recording:
        if not may_see_case(recording.connection, case_id):
            raise RefusedInput(NOT_YOURS)
        made_for = ", ".join(filter(None, [own_label(recording.connection) or "one of its members", actor.agency]))
    html = write_html(pack_of(seen, made_for=made_for, record=recording.number, names=names, today=today))
    path = case_folder(case_id) / f"case-{seen.case.reference}{ending}"
    _write(path, write_pdf(html) if ending == ".pdf" else html.encode())
    return offer_file(store, actor, path, file_name=path.name, media_type=MEDIA_TYPES[ending])


def pack_of(seen: OpenCase, *, made_for: str, record: int, names: Mapping[str, Codelist], today: date) -> CasePack:
    """What a member sees, in the words of a pack."""
    by_source: Counter[tuple[str, str]] = Counter()
    by_day: Counter[tuple[date, str, str]] = Counter()
    for count in seen.counts:
        by_source[count.kind, count.source_type] += count.reports_n
        by_day[count.day, count.date_precision, count.kind] += count.reports_n
    return CasePack(
        reference=seen.case.reference,
        place=seen.place.name,
        place_type=_name(names, "place_type", seen.place.place_type),
        boundary_version=seen.place.boundary_version,
        why_now=seen.case.why_now,
        since=seen.case.since,
        until=today,
        picture=draw_boundary(seen.place.boundary, seen.streets),
        counts=[
            (_name(names, "kind", kind), _name(names, "source_type", source), number)
            for (kind, source), number in sorted(by_source.items())
        ],
        dates=[
            (_when(day, precision), _name(names, "kind", kind), number)
            for (day, precision, kind), number in sorted(by_day.items(), reverse=True)
        ],
        texts=list(seen.texts),
        lapses_on=format_day(seen.case.lapses_on),
        made_for=made_for,
        made_on=format_day(today),
        record=record,
    )


def _when(day: date, precision: str) -> str:
    if precision != "month":
        return format_day(day)
    first = day.replace(day=1)
    return format_window(first, add_months(first, 1) - timedelta(days=1))


def _name(names: Mapping[str, Codelist], listed: str, reference: str) -> str:
    code = names[listed].codes.get(reference) if listed in names else None
    return code.name if code else reference.replace("_", " ") or "Not said"


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
