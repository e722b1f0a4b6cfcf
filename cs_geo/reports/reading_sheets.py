"""Reading workbooks: .xlsx, .xlsm, .xlsb, .xls and .ods, each sheet that holds a table as one table.

The workbook is opened in a child process with a limit of memory and of time (``sheet_worker``), because a small file
can be made to ask for any amount of either.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from cs_geo.errors import RefusedInput
from cs_geo.reports.heads import SAMPLE_ROWS, Heading, find_heading
from cs_geo.reports.reading_text import above_heading, too_many_columns
from cs_geo.reports.tabular import TOO_LATE, Budget, Row, Table, printable

WORKER = Path(__file__).with_name("sheet_worker.py")
PAGE_MEMORY, PAGE_SECONDS = 1024**3, 60
"""For an upload with a limit of bytes. Measured: a sheet of 145 MB (4 million cells) takes 0.33 GB and 6 s."""
FREE_MEMORY, FREE_SECONDS = 6 * 1024**3, 900
"""For one without. Measured: a sheet of 540 MB (12 million cells) takes 1.1 GB and 25 s."""
NOTES_NAMES = (
    "note",
    "readme",
    "read me",
    "guidance",
    "instruction",
    "lookup",
    "contents",
    "cover",
    "glossary",
    "metadata",
)
"""How the names of sheets that explain the others begin."""

Numbered = tuple[int, list[str]]
"""The number of a row and its cells, without the blank ones at its end."""


def read_workbook(stream: IO[bytes], name: str, budget: Budget, skipped: list[str]) -> Iterator[Table]:
    """Read the sheets of a workbook that hold a table, saying which were left aside.

    Raises
    ------
    RefusedInput
        If it is locked or broken, or no sheet holds a table.
    """
    aside: list[str] = []
    found = False
    with closing(_Worker(stream, name, budget)) as worker:
        for sheet, visible, rows in worker.sheets():
            shown = f"{name}: {printable(sheet)}"
            sample = list(islice(rows, SAMPLE_ROWS))
            heading = _find_heading(sample)
            reason = _reason_to_skip(sheet, visible, heading, len(sample), only=worker.sheet_count == 1)
            if reason:
                aside.append(f"{shown}: {reason}")
                skipped.append(aside[-1])
                continue
            if len(heading.columns) > budget.limits.max_columns:
                raise too_many_columns(shown, len(heading.columns), budget.limits.max_columns)
            if heading.above:
                skipped.append(f"{shown}: {above_heading(heading.above)}")
            data = _rows(chain(sample[heading.first_data :], rows), len(heading.columns), shown, budget)
            yield Table(
                shown,
                heading.columns,
                budget.limit_rows(data, shown),
                heading_line=heading.line,
                continues=found,
                skipped=skipped,
            )
            found = True
    if not found:
        reasons = "; ".join(aside) or "it has no sheets"
        raise RefusedInput(
            f"{name}: no sheet holds a table ({reasons}). Put the table on a sheet of its own with one heading row."
        )


def _find_heading(sample: list[Numbered]) -> Heading:
    widest = max((len(cells) for _, cells in sample), default=0)
    return find_heading([(number, cells + [""] * (widest - len(cells))) for number, cells in sample])


def _reason_to_skip(sheet: str, visible: bool, heading: Heading, rows_seen: int, *, only: bool) -> str:
    if not rows_seen:
        return "empty"
    if only:
        return ""
    if not visible:
        return "hidden, not read"
    if sheet.strip().casefold().startswith(NOTES_NAMES):
        return "notes, not read"
    if len(heading.columns) < 2:
        return "no table, not read"
    return "" if rows_seen > heading.first_data else "a heading without rows"


def _rows(rows: Iterator[Numbered], width: int, name: str, budget: Budget) -> Iterator[Row]:
    most = budget.limits.max_columns
    for number, cells in rows:
        if len(cells) > most:
            raise too_many_columns(f"{name}, row {number:,}", len(cells), most)
        yield Row(number, tuple(cells) + ("",) * (width - len(cells)))


class _Worker:
    """The child process, and what it says."""

    def __init__(self, stream: IO[bytes], name: str, budget: Budget) -> None:
        free = budget.limits.max_bytes is None
        memory, seconds = (FREE_MEMORY, FREE_SECONDS) if free else (PAGE_MEMORY, PAGE_SECONDS)
        self.sheet_count = 0
        self._name = name
        self._turn = 0
        """Number of the sheet in hand: even when none is."""
        self._after: dict[str, Any] | None = None
        """What came after the rows of the sheet in hand."""
        # The worker needs none of the program's secrets: it gets only what the interpreter may need to start.
        kept = {key: os.environ[key] for key in ("LD_LIBRARY_PATH", "SYSTEMROOT") if key in os.environ}
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", str(WORKER), str(memory), str(seconds)],
            stdin=stream,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept | {"RUST_BACKTRACE": "0", "PYTHONUTF8": "1"},
        )

    def sheets(self) -> Iterator[tuple[str, bool, Iterator[Numbered]]]:
        """Each sheet: its name, whether it is visible, its rows. Rows that were not asked for are passed over."""
        message = self._message()
        while isinstance(message, dict) and "end" not in message:
            if "sheets" in message:
                self.sheet_count = message["sheets"]
                message = self._message()
                continue
            self._turn += 1
            self._after = None
            yield message["sheet"], message["visible"], self._rows(self._turn)
            self._turn += 1
            while self._after is None:
                passed_over = self._message()
                self._after = passed_over if isinstance(passed_over, dict) else None
            message = self._after

    def _rows(self, turn: int) -> Iterator[Numbered]:
        while True:
            if turn != self._turn:
                raise RuntimeError(TOO_LATE)
            message = self._message()
            if isinstance(message, dict):
                self._after = message
                return
            yield message[0], message[1:]

    def _message(self) -> dict[str, Any] | list[Any]:
        if self._process.stdout is None or self._process.stdout.closed:
            raise RuntimeError(TOO_LATE)
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise RefusedInput(
                f"{self._name}: the workbook is too large or not well formed, so reading it was stopped. "
                "Often one stray cell far from the table is the cause. Save the table alone as CSV and send that."
            )
        message: dict[str, Any] | list[Any] = json.loads(line)
        if isinstance(message, dict) and "fault" in message:
            raise locked(self._name) if message["fault"] == "password" else _broken(self._name)
        return message

    def close(self) -> None:
        """End the process, which may be in the middle of a sheet."""
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.kill()
        self._process.wait()


def locked(name: str) -> RefusedInput:
    """The refusal of a workbook with a password."""
    return RefusedInput(
        f"{name}: the workbook is locked with a password. Save it without a password and send it again."
    )


def _broken(name: str) -> RefusedInput:
    return RefusedInput(
        f"{name}: the workbook cannot be opened: it is damaged or of an unusual kind. "
        "Open it in Excel or LibreOffice, save it as .xlsx or CSV, and send that."
    )
