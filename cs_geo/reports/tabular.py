"""What a partner's file is read into: tables of rows that keep the line they came from.

A table is a stream. Its rows are read when they are asked for, once, and before the next table of the same upload is
asked for; so a zip of forty months takes no more memory than one row of one of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cs_geo.errors import RefusedInput

SHOWN_NAME = 120
"""Longest name of a file, member or sheet in a message."""
TOO_LATE = "the rows of a table must be read while its upload is open, before the next table is asked for"
"""A fault of the program, not of the file: rows that came too late would be too few."""


@dataclass(frozen=True)
class Limits:
    """How much an upload may hold. None: no limit, for the command line, which streams."""

    max_expansion_ratio: float
    """Unpacked to packed size, of an upload and of each of its members."""
    max_columns: int
    max_bytes: int | None = None
    """Unpacked size of everything in the upload together."""
    max_rows: int | None = None
    """Rows of everything in the upload together."""


class Row(NamedTuple):
    """One row that is not blank: its text as written, blank cells as empty strings."""

    line: int
    """Where a person finds it: the line of a text file on which it starts, or the row number of a sheet. From 1."""
    cells: tuple[str, ...]
    """At least one cell per column. More only where text stands beyond the last column: see ``surplus_cells``."""


@dataclass(frozen=True)
class Table:
    """One table of an upload. ``rows`` can be read once."""

    name: str
    """"reports.csv", "year.zip: january.csv", "book.xlsx: Reports"."""
    columns: tuple[str, ...]
    """Heads, each different; "Column 4" where a head is blank."""
    rows: Iterator[Row]
    heading_line: int | None
    """Line of the heading. None: no row looks like one, so that every row is data and the columns are numbered."""
    encoding: str = ""
    """Of a text file."""
    delimiter: str = ""
    """Of a text file."""
    continues: bool = False
    """Is it a further sheet of the workbook that the table before it came from?"""
    skipped: list[str] = field(default_factory=list)
    """What was left aside, in words. One list for the whole upload: complete when its last table has been read."""


def surplus_cells(row: Row, columns: Sequence[str]) -> int:
    """How many cells stand beyond the last column: usually a comma inside an address that was not quoted.

    The values of such a row have moved to the wrong columns: it must be rejected, not read.
    """
    return max(0, len(row.cells) - len(columns))


def printable(name: str) -> str:
    """A name from outside, fit for one line of a message."""
    shown = "".join(char if char.isprintable() else "?" for char in name)
    return shown if len(shown) <= SHOWN_NAME else shown[: SHOWN_NAME - 1] + "…"


@dataclass
class Budget:
    """What an upload has used of its limits so far."""

    limits: Limits
    bytes_read: int = 0
    rows_read: int = 0

    def spend_bytes(self, count: int, name: str) -> None:
        """Count unpacked bytes.

        Raises
        ------
        RefusedInput
            If the upload holds more than it may.
        """
        self.bytes_read += count
        if self.limits.max_bytes is not None and self.bytes_read > self.limits.max_bytes:
            raise too_big(name, self.limits.max_bytes)

    def limit_rows(self, rows: Iterator[Row], name: str) -> Iterator[Row]:
        """Hand the rows on, counting them, up to the limit."""
        if self.limits.max_rows is None:
            return rows
        return self._counted(rows, self.limits.max_rows, name)

    def _counted(self, rows: Iterator[Row], most: int, name: str) -> Iterator[Row]:
        for row in rows:
            self.rows_read += 1
            if self.rows_read > most:
                raise RefusedInput(
                    f"{name}: more than {most:,} rows. Split the file, or import it with the cs-geo command, "
                    "which has no limit of rows."
                )
            yield row


def too_big(name: str, most: int) -> RefusedInput:
    """The refusal of an upload of too many bytes."""
    return RefusedInput(
        f"{name}: more than {most / 1024**2:,.0f} MB once unpacked. Split the file, or import it with the cs-geo "
        "command, which has no limit of size."
    )
