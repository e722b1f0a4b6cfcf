"""One import under way: its tables read, checked, resolved, placed and landed, inside one transaction.

``import_reports`` opens the transaction, and rolls it back for a dry run. Rows stream: memory does not grow with the
file.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, cast, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from cs_geo.access.actor import Actor
from cs_geo.codelists import load_codelists
from cs_geo.dates import DateOrder
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.exports.tables import table_beside_reports
from cs_geo.reports.checks import CheckContext
from cs_geo.reports.columns import Binding, Profile, bind_columns
from cs_geo.reports.identity import OccurrenceCounter
from cs_geo.reports.own_exports import claim_own_columns
from cs_geo.reports.reading import Limits, Row, Table, read_tables
from cs_geo.reports.rejected_rows import mendable_cells
from cs_geo.reports.report import Issue, Kind, Severity
from cs_geo.settings import data_folder, get_settings
from cs_geo.store import imports as stored
from cs_geo.store.cells import count_cells
from cs_geo.store.landing import land_rows, store_matches
from cs_geo.store.record_tables import EFFORT_SESSIONS, REPORTS
from cs_geo.store.sources import list_source_names
from cs_geo.store.staging import (
    Verdicts,
    create_staging,
    empty_staging,
    is_known_file,
    mark_events,
    resolve_rows,
    stage_carried,
    stage_rows,
    unmatched_locations,
)
from cs_geo.store.texts import check_texts
from cs_geo.workflows.choose_mapping import MappingChooser
from cs_geo.workflows.import_cautions import say_outside, say_rows_of_another, say_source_alike
from cs_geo.workflows.imported import FileCounts, ImportOutcome, IssueLog, Reject, notes_on_rejected, write_rejects
from cs_geo.workflows.match_locations import LocationMatcher, unpack_location
from cs_geo.workflows.progress import Progress
from cs_geo.workflows.site_calendar import read_school_calendar
from cs_geo.workflows.table_reading import Begun, TableReading
from cs_geo.workflows.verdict_issues import explain_verdicts

CHUNK_ROWS = 10_000
"""Rows checked and copied at a time: a second or less of work between two words of progress."""
SHOWN_REJECTS = 200
"""Rejected rows handed back with the outcome, to be shown; all of them are in the sheet."""
NO_STUDY_AREA = (
    "No study area is loaded, so points in the wrong county cannot be told. "
    "Load one with `cs-geo areas load FILE --kind study`."
)
NO_CALENDAR = (
    "No school calendar is loaded, so term and holiday are unknown. Load one with `cs-geo calendar load FILE`."
)


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What is to be imported, and how.

    ``names`` are what to call the files, where they lie under other names than the person gave them. ``mapping`` is a
    profile's name; None means that the columns say which. ``kind`` is the kind of reports where neither the file nor
    the profile says it.
    """

    paths: tuple[Path, ...]
    source: str
    mapping: str | None = None
    kind: str = ""
    dry_run: bool = False
    names: tuple[str, ...] = ()


class ImportUnderWay:
    """One import under way: its transaction, its counts so far, and what it checks rows against."""

    def __init__(
        self,
        connection: Connection,
        actor: Actor,
        request: ImportRequest,
        limits: Limits,
        progress: Progress,
        now: datetime,
    ) -> None:
        self.connection = connection
        self.actor = actor
        self.request = request
        self.limits = limits
        self.progress = progress
        self.now = now
        self.issues = IssueLog()
        self.files: list[FileCounts] = []
        self.notes: dict[str, None] = {}
        self.cautions: list[str] = []
        self.shown_rejects: list[Reject] = []
        self.sources: dict[str, UUID] = {}
        self.keyless = OccurrenceCounter()
        """Numbers equal keyless rows of the file in hand, on all its sheets."""
        self.matcher = LocationMatcher(connection)
        self.chooser = MappingChooser(connection, named=request.mapping, kind=request.kind)

    def run(self, rejects_to: Path | None) -> ImportOutcome:
        """Import every table of every file."""
        names = self.request.names or tuple(path.name for path in self.request.paths)
        begun: Begun | None = None
        for path, name in zip(self.request.paths, names, strict=True):
            before = sum(file.read for file in self.files)
            skipped: list[str] = []
            for table in self._tables(path, name):
                profile, rows = self.chooser.choose(table)
                begun = begun or self._begin(profile)
                self._import_table(begun, table, rows)
                skipped = table.skipped
            self.notes.update(dict.fromkeys(skipped))
            if sum(file.read for file in self.files) == before:
                raise RefusedInput(
                    f"{name}: there is not one row to import. Check that it is the right file, and that its first "
                    "sheet or member holds the reports."
                )
        if begun is None:
            raise RefusedInput("No file was given. Name at least one.")
        return self._finish(begun, rejects_to)

    def _tables(self, path: Path, name: str) -> Iterator[Table]:
        """The tables of a file, passing over what stands beside the reports in an export of ours."""
        for table in read_tables(path, limits=self.limits, name=name):
            beside = table_beside_reports(table.columns)
            if not beside:
                yield table
                continue
            self.notes[f"{table.name}: the table “{beside}” of an export, not read."] = None
            deque(table.rows, maxlen=0)

    def _begin(self, profile: Profile) -> Begun:
        settings = get_settings()
        calendar = read_school_calendar(self.connection)
        if self.matcher.study_area is None:
            self.notes[NO_STUDY_AREA] = None
        if not calendar.periods:
            self.notes[NO_CALENDAR] = None
        name = self.request.source.strip()
        self.notes.update(dict.fromkeys(say_source_alike(name, list_source_names(self.connection))))
        source_id = self._source(name)
        stored.lock_source(self.connection, source_id)
        record = REPORTS if profile.record == "report" else EFFORT_SESSIONS
        create_staging(self.connection, record)
        zone = ZoneInfo(settings.zone)
        return Begun(
            profile=profile,
            record=record,
            context=CheckContext(
                codelists=load_codelists(data_folder() / "codelists"),
                calendar=calendar,
                today=self.now.astimezone(zone).date(),
                zone=zone,
                source_zone=ZoneInfo(profile.zone),
                date_order=_date_order(profile.date_order),
                source_type=profile.source_type,
                agency=profile.agency,
                kind=read_kind(self.request.kind),
                published=profile.published,
            ),
            import_id=stored.begin_import(
                self.connection,
                source_id=source_id,
                mapping=profile.name,
                record=profile.record,
                actor=self.actor.person,
            ),
            source_id=source_id,
        )

    def _source(self, name: str) -> UUID:
        if name not in self.sources:
            self.sources[name] = stored.find_or_add_source(self.connection, name)
        return self.sources[name]

    def _import_table(self, begun: Begun, table: Table, rows: Iterable[Row]) -> None:
        binding = claim_own_columns(bind_columns(begun.profile, table.columns, table=table.name))
        self._note_columns(binding)
        empty_staging(self.connection)
        if not table.continues:
            self.keyless = OccurrenceCounter()
        reading = TableReading(begun, table, binding, self._source, self.request.source.strip(), self.keyless)
        done = sum(file.read for file in self.files)
        for chunk in _chunks(rows, CHUNK_ROWS):
            rejects = self._stage_chunk(begun, reading, chunk)
            self._keep_rejects(begun, table, rejects)
            self.progress(f"Checking {table.name}", done + reading.read, None)
        fingerprint = reading.fingerprint.value()
        if begun.profile.rows_are_events:
            mark_events(self.connection, fingerprint)
        known = is_known_file(self.connection, begun.source_id, fingerprint)
        verdicts = resolve_rows(self.connection, begun.record, known_file=known)
        self.progress(f"Placing {table.name}", done + reading.read, None)
        self._match(begun)
        if begun.record is REPORTS and not self.files:
            self.cautions += say_rows_of_another(self.connection, self.request.source.strip())
        land_rows(self.connection, begun.record, import_id=begun.import_id, actor=self.actor.person)
        self._explain(begun, table, binding, verdicts)
        counts = FileCounts(
            name=table.name,
            read=reading.read,
            created=verdicts.created,
            updated=verdicts.updated,
            duplicate=verdicts.duplicate,
            rejected=reading.rejected + len(verdicts.ambiguous_lines) + len(verdicts.foreign_lines),
        )
        self.files.append(counts)
        stored.note_file(
            self.connection,
            begun.import_id,
            position=len(self.files),
            name=table.name,
            fingerprint=fingerprint,
            counts={
                "read": counts.read,
                "created": counts.created,
                "updated": counts.updated,
                "duplicate": counts.duplicate,
                "rejected": counts.rejected,
            },
        )

    def _stage_chunk(self, begun: Begun, reading: TableReading, chunk: Sequence[Row]) -> list[Reject]:
        staged: list[tuple[Any, ...]] = []
        rejects: list[Reject] = []
        for row in chunk:
            checked, values = reading.check(row)
            for issue in checked.issues:
                self.issues.add(reading.name, issue)
            if values is not None:
                staged.append(values)
            else:
                reasons = [one for one in checked.issues if one.severity is Severity.REJECT]
                rejects.append(_reject(reading.name, reading.binding, row, reasons))
        stage_rows(self.connection, begun.record, staged)
        stage_carried(self.connection, reading.take_carried())
        return rejects

    def _keep_rejects(self, begun: Begun, table: Table, rejects: Sequence[Reject]) -> None:
        if not rejects:
            return
        self.shown_rejects.extend(rejects[: max(0, SHOWN_REJECTS - len(self.shown_rejects))])
        stored.note_rejects(
            self.connection,
            begun.import_id,
            [(one.file, one.line, one.columns, one.cells, one.reasons) for one in rejects],
            expires_at=self.now + timedelta(days=get_settings().reject_days),
        )

    def _match(self, begun: Begun) -> None:
        asked = unmatched_locations(self.connection)
        accuracy = begun.profile.location_accuracy_m
        locations = [unpack_location(stored_location) for _, *stored_location in asked]
        keys = [key for key, *_ in asked]
        store_matches(self.connection, self.matcher.match_values(keys, locations, accuracy_m=accuracy))

    def _explain(self, begun: Begun, table: Table, binding: Binding, verdicts: Verdicts) -> None:
        """Say why rows that name a stored record were left alone, changed or rejected."""
        faults: dict[int, Issue] = {}
        for issue in explain_verdicts(verdicts, key=", ".join(begun.profile.key) or "reference"):
            self.issues.add(table.name, issue)
            if issue.severity is Severity.REJECT:
                faults[issue.line] = issue
        if faults:
            rows = (row for row in self._read_again() if row.line in faults)
            self._keep_rejects(begun, table, [_reject(table.name, binding, row, [faults[row.line]]) for row in rows])

    def _read_again(self) -> Iterator[Row]:
        """The rows of the present table once more: rare enough not to keep every row for it."""
        names = self.request.names or tuple(path.name for path in self.request.paths)
        passed = 0
        for path, name in zip(self.request.paths, names, strict=True):
            for table in self._tables(path, name):
                if passed == len(self.files):
                    yield from table.rows
                    return
                passed += 1
                # A table gives way to the next one only when its rows have been read.
                deque(table.rows, maxlen=0)

    def _note_columns(self, binding: Binding) -> None:
        if binding.personal:
            self.notes[
                f"Columns that look as if they described a person were not read: {', '.join(binding.personal)}."
            ] = None
        if binding.unmapped:
            self.notes[f"Columns that the mapping does not use: {', '.join(binding.unmapped)}."] = None

    def _finish(self, begun: Begun, rejects_to: Path | None) -> ImportOutcome:
        read = sum(file.read for file in self.files)
        self.progress("Counting", read, read)
        logged = self.issues.logged()
        if self.issues.beyond:
            self.notes[f"{self.issues.beyond:,} further issues are counted and not listed."] = None
        stored.note_issues(self.connection, begun.import_id, [issue.to_json() for issue in logged])
        matched = stored.finish_import(
            self.connection,
            begun.import_id,
            {
                "read": read,
                "created": sum(file.created for file in self.files),
                "updated": sum(file.updated for file in self.files),
                "duplicate": sum(file.duplicate for file in self.files),
                "rejected": sum(file.rejected for file in self.files),
                "issues": self.issues.total,
            },
        )
        if begun.record is REPORTS:
            check_texts(self.connection, begun.import_id)
            count_cells(self.connection, stored.touched_months(self.connection))
        stored.expire_rejects(self.connection)
        if rejects_to is not None:
            kept = [Reject(*row) for row in stored.read_rejects(self.connection, begun.import_id)]
            if kept:
                write_rejects(rejects_to, kept)
        stored.refresh_statistics(self.connection, begun.record.name)
        self.notes.update(dict.fromkeys(notes_on_rejected(self.files, dry_run=self.request.dry_run)))
        problems = stored.count_problems(self.connection, begun.import_id)
        written = sum(file.created + file.updated for file in self.files)
        outside = dict(problems).get("outside_study_area", 0)
        return ImportOutcome(
            import_id=None if self.request.dry_run else begun.import_id,
            source=self.request.source.strip(),
            mapping=begun.profile.name,
            record=begun.profile.record,
            dry_run=self.request.dry_run,
            files=tuple(self.files),
            matched=matched,
            issues_n=self.issues.total,
            issues=tuple(logged),
            notes=tuple(self.notes),
            problems=tuple(problems),
            rejects=tuple(self.shown_rejects),
            cautions=(*say_outside(self.connection, outside, written), *self.cautions),
        )


def read_kind(name: str) -> Kind | None:
    """The kind of a name; None for an empty one."""
    if not name:
        return None
    try:
        return Kind(name)
    except ValueError as fault:
        raise UsageError(f"“{name}” is no kind of report. Use one of: {', '.join(Kind)}.") from fault


def _date_order(name: str) -> DateOrder:
    if name not in get_args(DateOrder):
        raise UsageError(f"“{name}” is no order of day, month and year. Use one of: {', '.join(get_args(DateOrder))}.")
    return cast(DateOrder, name)


def _reject(file: str, binding: Binding, row: Row, issues: Sequence[Issue]) -> Reject:
    kept = list(mendable_cells(binding, row))
    reasons = tuple(f"{issue.column}: {issue.message} {issue.remedy}" for issue in issues)
    return Reject(file, row.line, tuple(column for column, _ in kept), tuple(cell for _, cell in kept), reasons)


def _chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk
