"""Exports that leave the team: looked at, checked against every earlier release, recorded, and only then written."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from cs_geo.access.actor import Actor, Tier
from cs_geo.access.permissions import Action
from cs_geo.dates import format_day, format_window, require_window
from cs_geo.disclosure.preview import Preview, describe_audience
from cs_geo.disclosure.releases import Release
from cs_geo.disclosure.rules import RULES, Audience
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.exports.contents import Contents
from cs_geo.exports.released import Given, partner_contents, public_contents
from cs_geo.exports.writing import write_contents
from cs_geo.hotspots.result import CHANCE_NOT_TESTED
from cs_geo.maps.captions import NOT_ALL_HARM, NOT_DANGER
from cs_geo.reports.selection import Selection
from cs_geo.store import exporting as stored
from cs_geo.store import releases as stored_releases
from cs_geo.store.given import keep_given, keep_published, said_of
from cs_geo.store.opening import Store
from cs_geo.workflows.count_for_partners import PartnerCounts, count_for_partner
from cs_geo.workflows.place_reports import MATCH_RATE_FLOOR
from cs_geo.workflows.progress import Progress, say_nothing
from cs_geo.workflows.recording import looked_at, permit, recorded_long, selection_digest
from cs_geo.workflows.tabulate_for_public import PublicTables, tabulate_for_public

ACTIONS = {Tier.PARTNER: Action.EXPORT_PARTNER, Tier.PUBLIC: Action.EXPORT_PUBLIC}
NOT_ADDED = (
    "Kinds of report are never added up into one count. No reports received does not mean that no harm took place."
)


def read_tier(tier: str) -> Tier:
    """The tier of a name.

    Raises
    ------
    UsageError
        If there is none.
    """
    try:
        return Tier(tier)
    except ValueError as fault:
        raise UsageError(f"There is no tier “{tier}”. Use --tier {', '.join(Tier)}.") from fault


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """What is asked for: the tier, the reports, and for whom."""

    tier: Tier
    selection: Selection
    today: date
    purpose: str = ""
    recipient: str = ""
    """For partners."""
    expires_on: date | None = None
    """For partners: the day by which the file is to be deleted."""
    level: str = "ward"
    """For the public: district, ward or lsoa."""
    standing: str = ""
    """The standing purpose it is made for, where it is one."""

    def to_json(self) -> dict[str, Any]:
        """As plain values, for a job."""
        return {
            **{name: getattr(self, name) for name in ("purpose", "recipient", "level", "standing")},
            "tier": str(self.tier),
            "selection": self.selection.to_json(),
            "today": self.today.isoformat(),
            "expires_on": self.expires_on.isoformat() if self.expires_on else None,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "ReleaseRequest":
        """Read what ``to_json`` wrote."""
        return cls(
            tier=Tier(plain["tier"]),
            selection=Selection.from_json(plain["selection"]),
            today=date.fromisoformat(plain["today"]),
            purpose=plain["purpose"],
            recipient=plain["recipient"],
            expires_on=date.fromisoformat(plain["expires_on"]) if plain["expires_on"] else None,
            level=plain["level"],
            standing=plain.get("standing", ""),
        )

    def given(self) -> Given:
        """Whom a partner's export is for.

        Raises
        ------
        UsageError
            If recipient, purpose or a day in the future is missing.
        """
        if not self.recipient.strip():
            raise UsageError("Say whom the export is for. It stands in every table of the file.")
        if self.expires_on is None or self.expires_on <= self.today:
            raise UsageError("Say until when the export may be kept: a day that is still to come.")
        return Given(self.recipient.strip(), self.purpose.strip(), self.expires_on)

    def require_whole(self) -> None:
        """Stop where something is missing that travels inside or is kept with the record.

        Raises
        ------
        UsageError
            With what to say.
        """
        require_window(self.selection.since, self.selection.until)
        if not self.purpose.strip():
            raise UsageError("Say what the export is for. It is kept with the record of the export.")
        if self.tier is Tier.PARTNER:
            self.given()


@dataclass(frozen=True, slots=True)
class WrittenRelease:
    """What was written, and what was left out and why."""

    files: tuple[Path, ...]
    rows: Mapping[str, int]
    preview: Preview


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """A release before it is written."""

    preview: Preview
    contents: Contents
    releases: tuple[Release, ...]
    tables: tuple[tuple[str, str, str], ...] = ()
    """For the public: kind, first day of the quarter and level of each release's table."""


def preview_release(store: Store, actor: Actor, request: ReleaseRequest, progress: Progress = say_nothing) -> Preview:
    """Say what an export would hold, and what would be left out and why."""
    require_window(request.selection.since, request.selection.until)
    details = {"tier": str(request.tier), "filter": selection_digest(request.selection)}
    with looked_at(store, actor, ACTIONS[request.tier], subject="preview", details=details) as connection:
        return _results(connection, request, progress).preview()


def export_release(
    store: Store, actor: Actor, path: Path, request: ReleaseRequest, progress: Progress = say_nothing
) -> WrittenRelease:
    """Write an export for a partner or the public.

    Raises
    ------
    UsageError
        If something is missing, or a filter is none that can be checked.
    RefusedInput
        If nothing of it may be released.
    """
    action = ACTIONS[request.tier]
    permit(store, actor, action)
    request.require_whole()
    about = {"tier": str(request.tier), "purpose": request.purpose.strip(), "filter": request.selection.to_json()}
    if request.tier is Tier.PARTNER:
        given = request.given()
        about |= {"recipient": given.recipient, "expires": given.expires_on.isoformat()}
    else:
        about |= {"level": request.level}
    if request.standing:
        about |= {"standing": request.standing}
    files: list[Path] = []
    with _or_nothing(files), recorded_long(store, actor, action, details=about) as recording:
        connection = recording.connection
        stored_releases.take_turns(connection)
        prepared = _prepare(connection, request, progress)
        if not prepared.preview.may_be_released:
            raise RefusedInput(" ".join(("Nothing was released.", *prepared.preview.effects)))
        rows = prepared.contents.row_counts()
        export_id = stored.note_export(
            connection,
            tier=str(request.tier),
            purpose=request.purpose.strip(),
            selection=request.selection,
            file_names=[path.name],
            rows=rows,
            actor=actor.person,
        )
        _keep_record(connection, request, prepared, export_id)
        files += write_contents(path, prepared.contents)
        recording.subject = str(export_id)
        recording.details |= {"rows": rows, "releases": len(prepared.releases), "rules": RULES.version}
    return WrittenRelease(tuple(files), rows, prepared.preview)


def _keep_record(connection: Connection, request: ReleaseRequest, prepared: _Prepared, export_id: UUID) -> None:
    """Keep every number of it for the checks of later releases, and what was given as pages and readers show it."""
    if request.tier is not Tier.PARTNER:
        kept = stored_releases.keep_releases(connection, prepared.releases, export_id=export_id, rules=RULES.version)
        keep_published(connection, kept, prepared.tables, prepared.contents.tables["counts"])
        return
    (release_id,) = stored_releases.keep_releases(
        connection,
        prepared.releases,
        export_id=export_id,
        rules=RULES.version,
        recipient=request.recipient.strip(),
        expires_on=request.expires_on,
        said=said_of(prepared.contents),
    )
    keep_given(connection, release_id, prepared.contents)


@contextmanager
def _or_nothing(files: list[Path]) -> Iterator[None]:
    """Take the files away again where they could not be recorded."""
    try:
        yield
    except BaseException:
        for file in files:
            file.unlink(missing_ok=True)
        raise


def _results(connection: Connection, request: ReleaseRequest, progress: Progress) -> PartnerCounts | PublicTables:
    if request.tier is Tier.PARTNER:
        progress("Counting by cell, and looking for hotspots", 0, None)
        return count_for_partner(connection, request.selection, request.today)
    return tabulate_for_public(connection, request.selection, request.level, request.today, progress)


def _prepare(connection: Connection, request: ReleaseRequest, progress: Progress) -> _Prepared:
    found = _results(connection, request, progress)
    if isinstance(found, PartnerCounts):
        contents = partner_contents(
            found.cells,
            found.hotspots,
            request.given(),
            chance=CHANCE_NOT_TESTED,
            caveats=(*_window(request), _located(found), *_common(Audience.PARTNER)),
        )
        return _Prepared(found.preview(), contents, (found.release,))
    caveats = (f"Released on {format_day(request.today)}. Late reports are not added to a released table.",)
    contents = public_contents(
        found.tables, found.areas, tuple(found.refused), caveats=(*caveats, *_common(Audience.PUBLIC))
    )
    tables = tuple((one.kind, one.quarter.isoformat(), one.level.name.lower()) for one in found.tables)
    return _Prepared(found.preview(), contents, tuple(one.release for one in found.tables), tables)


def _window(request: ReleaseRequest) -> tuple[str, ...]:
    selection = request.selection
    told = f"Reports {format_window(selection.since, selection.until)}, as known on {format_day(request.today)}."
    further = {
        "kinds": selection.kinds,
        "kinds of source": selection.source_types,
        "parts of the day": selection.time_bands,
        "parts of the school year": selection.terms,
        "area": (selection.area,) if selection.area else (),
    }
    only = [
        f"{name}: {', '.join(str(one).replace('_', ' ') for one in values)}"
        for name, values in further.items()
        if values
    ]
    return (told, *([f"Only {'; '.join(only)}."] if only else []))


def _located(found: PartnerCounts) -> str:
    side = "more" if found.share_located >= MATCH_RATE_FLOOR else "less"
    return f"Of the reports, {side} than {MATCH_RATE_FLOOR:.0%} are located. Below that a pattern cannot be relied on."


def _common(audience: Audience) -> tuple[str, ...]:
    return (
        *describe_audience(audience),
        "Numbers that would tell of few people together with earlier releases are left out.",
        f"Made under the disclosure rules {RULES.version}.",
        NOT_DANGER,
        NOT_ALL_HARM,
        NOT_ADDED,
    )
