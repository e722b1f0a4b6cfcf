"""What an import did: counts that add up, files, issues counted together, and rejected rows to be mended."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from cs_geo.reports.report import Issue, Severity
from cs_geo.words.formulas import guard_cell, guard_text

MOST_ISSUES = 5_000
"""Distinct issues kept of one import; more say no more, and a file of the wrong kind could raise a million."""
REJECT_HEADS = ("line", "why rejected")
"""Columns put before a partner's own in a sheet of rejected rows. They are passed over when it is imported again."""


@dataclass(frozen=True, slots=True)
class FileCounts:
    """What became of the rows of one file."""

    name: str
    read: int
    created: int
    updated: int
    duplicate: int
    rejected: int


@dataclass(frozen=True, slots=True)
class LoggedIssue:
    """Equal issues of one file, counted together."""

    file: str
    first_line: int
    rows_n: int
    column: str
    value: str
    code: str
    severity: str
    message: str
    remedy: str

    def to_json(self) -> dict[str, Any]:
        """The issue as plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Reject:
    """One rejected row as the partner wrote it, and why."""

    file: str
    line: int
    columns: tuple[str, ...]
    cells: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass
class IssueLog:
    """Gathers the issues of an import, equal ones together."""

    _counts: dict[tuple[str, ...], list[Any]] = field(default_factory=dict)
    total: int = 0
    beyond: int = 0
    """Issues beyond ``MOST_ISSUES`` distinct ones: counted, not kept."""

    def add(self, file: str, issue: Issue) -> None:
        """Take an issue of a file."""
        self.total += 1
        key = (file, issue.code, issue.column, issue.value, issue.message)
        found = self._counts.get(key)
        if found:
            found[1] += 1
        elif len(self._counts) < MOST_ISSUES:
            self._counts[key] = [issue, 1]
        else:
            self.beyond += 1

    def logged(self) -> list[LoggedIssue]:
        """The issues, rejections first, then those of most rows."""
        order = {Severity.REJECT: 0, Severity.WARN: 1, Severity.NOTE: 2}
        logged = [
            LoggedIssue(
                file=file,
                first_line=issue.line,
                rows_n=rows_n,
                column=issue.column,
                value=issue.value,
                code=issue.code,
                severity=str(issue.severity),
                message=issue.message,
                remedy=issue.remedy,
            )
            for (file, *_), (issue, rows_n) in self._counts.items()
        ]
        return sorted(logged, key=lambda one: (order[Severity(one.severity)], -one.rows_n, one.file, one.first_line))


@dataclass(frozen=True)
class ImportOutcome:
    """What an import did, or would do. ``read`` is always the sum of the four verdicts."""

    import_id: UUID | None
    source: str
    mapping: str
    record: str
    dry_run: bool
    files: tuple[FileCounts, ...]
    matched: int
    """Records written that have a point."""
    issues_n: int
    issues: tuple[LoggedIssue, ...]
    notes: tuple[str, ...]
    """What a person should know of the whole import, in sentences."""
    problems: tuple[tuple[str, int], ...] = ()
    """How many written records have each matching problem."""
    rejects: tuple[Reject, ...] = ()
    """The first rejected rows, to be shown."""
    cautions: tuple[str, ...] = ()
    """What must be seen before anything else, in sentences."""

    @property
    def outside(self) -> int:
        """Records written whose point lies outside the study area."""
        return dict(self.problems).get("outside_study_area", 0)

    @property
    def all_rejected(self) -> bool:
        """Was not one row taken?"""
        return 0 < self.read == self.rejected

    @property
    def read(self) -> int:
        """Rows read."""
        return sum(file.read for file in self.files)

    @property
    def created(self) -> int:
        """Rows that became new records."""
        return sum(file.created for file in self.files)

    @property
    def updated(self) -> int:
        """Rows that changed a stored record."""
        return sum(file.updated for file in self.files)

    @property
    def duplicate(self) -> int:
        """Rows whose record was there already."""
        return sum(file.duplicate for file in self.files)

    @property
    def rejected(self) -> int:
        """Rows that could not be taken."""
        return sum(file.rejected for file in self.files)

    def to_json(self) -> dict[str, Any]:
        """The outcome as plain values, without the rejected rows themselves: they are what a partner wrote."""
        return {
            "import_id": str(self.import_id) if self.import_id else None,
            "source": self.source,
            "mapping": self.mapping,
            "record": self.record,
            "dry_run": self.dry_run,
            "read": self.read,
            "created": self.created,
            "updated": self.updated,
            "duplicate": self.duplicate,
            "rejected": self.rejected,
            "matched": self.matched,
            "outside_study_area": self.outside,
            "issues": self.issues_n,
            "issue_list": [issue.to_json() for issue in self.issues],
            "location_problems": dict(self.problems),
            "cautions": list(self.cautions),
            "notes": list(self.notes),
            "files": [{name: getattr(file, name) for name in FileCounts.__slots__} for file in self.files],
        }


def notes_on_rejected(files: Sequence[FileCounts], *, dry_run: bool) -> list[str]:
    """What to say of files of which not one row was taken."""
    was = "would be" if dry_run else "was"
    lost = [file.name for file in files if 0 < file.read == file.rejected]
    if lost and all(file.read == file.rejected for file in files):
        return [
            f"Nothing {was} imported: every row {was} rejected. "
            "Mend the rows in the sheet of rejected rows and import that."
        ]
    return [f"{name}: every row {was} rejected, and nothing of it {was} imported." for name in lost]


def write_rejects(path: Path, rejects: Iterable[Reject]) -> int:
    """Write rejected rows to a CSV that can be mended and imported again; how many there were.

    Its columns are those of all files. What a spreadsheet would run as a formula is guarded; an import takes the guard
    away again.
    """
    kept = list(rejects)
    heads = list(dict.fromkeys(head for reject in kept for head in reject.columns))
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.writer(stream)
        writer.writerow([*REJECT_HEADS, *map(guard_cell, heads)])
        for reject in kept:
            cells = dict(zip(reject.columns, reject.cells, strict=False))
            writer.writerow(
                [reject.line, " ".join(reject.reasons), *(guard_text(cells.get(head, "")) for head in heads)]
            )
    return len(kept)
