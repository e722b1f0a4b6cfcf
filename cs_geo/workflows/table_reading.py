"""One table of an import under way: each row checked, identified and turned into the values that are staged."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from cs_geo.reports.cells import clean_text
from cs_geo.reports.checks import CheckContext, check_effort, check_report
from cs_geo.reports.columns import Binding, Profile
from cs_geo.reports.identity import FileFingerprint, Identity, OccurrenceCounter, identify
from cs_geo.reports.reading import Row, Table
from cs_geo.reports.rejected_rows import find_masked_key, key_parts
from cs_geo.reports.report import Checked, Report
from cs_geo.store.record_tables import REPORTS, RecordTable
from cs_geo.words.formulas import unguard_cell
from cs_geo.workflows.imported import REJECT_HEADS
from cs_geo.workflows.match_locations import pack_location
from cs_geo.workflows.own_rows import OwnRows, with_points
from cs_geo.workflows.staged_rows import effort_values, report_values, staged_head


@dataclass
class Begun:
    """What is settled by the first table: the mapping, and with it what a row is."""

    profile: Profile
    record: RecordTable
    context: CheckContext
    import_id: UUID
    source_id: UUID


class TableReading:
    """One table under way: each row checked, identified and turned into the values that are staged."""

    def __init__(
        self,
        begun: Begun,
        table: Table,
        binding: Binding,
        source_of: Callable[[str], UUID],
        source: str,
        keyless: OccurrenceCounter,
    ) -> None:
        self.begun = begun
        self.name = table.name
        self.binding = binding
        self.context = replace(begun.context, dates_are_months=binding.dates_are_months)
        self.fingerprint = FileFingerprint()
        self.read = 0
        self.rejected = 0
        self._source_of = source_of
        self._source = source
        self._keyed = OccurrenceCounter()
        # Events of different tables are told apart by the tables, so that their numbers begin anew in each.
        self._keyless = OccurrenceCounter() if begun.profile.rows_are_events else keyless
        self._is_report = begun.record is REPORTS
        self._is_guarded = _is_our_own_csv(table)
        self._own = OwnRows(table.columns, self._free) if "report_id" in begun.profile.columns else None
        self._carried: list[tuple[Any, ...]] = []

    def check(self, row: Row) -> tuple[Checked, tuple[Any, ...] | None]:
        """Check one row; None for the values of a rejected one."""
        self.read += 1
        profile, context = self.begun.profile, self.context
        fields = self.binding.read_fields(row)
        fields = {name: self._free(text) for name, text in fields.items()} if self._is_guarded else fields
        self.fingerprint.add(fields)
        fault = self.binding.find_fault(row) or find_masked_key(profile, row.line, fields)
        if fault:
            self.rejected += 1
            return Checked(None, (fault,)), None
        own = self._own.read(row, fields) if self._own else None
        if own:
            # The point of an export is the one that was found: it says nothing of what the source gave.
            fields = {**fields, **own.given}
        checked = (check_report if self._is_report else check_effort)(row.line, fields, context)
        record = checked.record
        if record is None:
            self.rejected += 1
            return checked, None
        source = clean_text(fields.get("source", "")) or self._source
        identity = identify(source, key_parts(profile, fields), record)
        location = pack_location(record.location)
        occurrence = self._occurrence(identity)
        head = staged_head(
            self.read,
            row.line,
            own.report_id if own else None,
            self._source_of(source),
            identity,
            occurrence,
            location,
            profile.location_accuracy_m,
            own.found if own else None,
        )
        if own:
            self._carried.append(own.staged(self.read))
        if isinstance(record, Report):
            published = own.found.published if own and own.found else profile.published
            return checked, (*head, *report_values(record, published=published))
        return checked, (*head, *effort_values(record))

    def take_carried(self) -> list[tuple[Any, ...]]:
        """What the rows since the last call carry as rows of our own exports, for ``stage_carried``."""
        carried, self._carried = self._carried, []
        return with_points(carried)

    def _free(self, text: str) -> str:
        return unguard_cell(text) if self._is_guarded else text

    def _occurrence(self, identity: Identity) -> int:
        """The row's number among equal ones: keyless rows of its file, or rows of its table of one key and content."""
        if identity.key is None:
            return self._keyless.number(identity.content)
        return self._keyed.number(hashlib.blake2b(identity.key + identity.content, digest_size=8).digest())


def _is_our_own_csv(table: Table) -> bool:
    """Is this a CSV that we wrote, an export or a sheet of rejected rows, whose texts are guarded against formulas?"""
    return bool(table.delimiter) and ("report_id" in table.columns or set(REJECT_HEADS) <= set(table.columns))
