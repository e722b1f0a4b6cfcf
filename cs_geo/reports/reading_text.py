"""Reading delimited text: which encoding, which delimiter, and every row with the line it starts on.

A quotation mark that is opened and never closed swallows the rows after it. That is never guessed at: the file is
refused with the line where it happened. A row of odd quotation marks that stays on its line is read as it stands, if
it has as many cells as the heading.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import IO, cast

from charset_normalizer import from_bytes

from cs_geo.errors import RefusedInput
from cs_geo.reports.archives import Source
from cs_geo.reports.heads import SAMPLE_ROWS, find_heading
from cs_geo.reports.signatures import HEAD_BYTES, wide_encoding
from cs_geo.reports.tabular import TOO_LATE, Budget, Row, Table

DELIMITERS = ",;\t|"
DELIMITER_OF_ENDING = {"tsv": "\t", "tab": "\t", "psv": "|", "ssv": ";"}
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""First line that Excel writes to name the delimiter."""
BLOCK = 128 * 1024
"""Characters that are read at once."""
LONGEST_LINE = 4 * 1024 * 1024
"""In characters. The longest cell is what the csv module takes (131,072 characters; Excel's own limit is 32,767)."""
WESTERN = "cp1252"
MOSTLY_FOREIGN = 0.25
"""Share of bytes above 127 from which text in no Unicode encoding is hardly Western European."""


def _western_bytes(fault: UnicodeError) -> tuple[str, int]:
    if not isinstance(fault, UnicodeDecodeError):
        raise fault
    return fault.object[fault.start : fault.end].decode(WESTERN, "replace"), fault.end


# Exports that were put together from several are UTF-8 in one part and Windows-1252 in another, and a file may be plain
# ASCII for a hundred thousand rows before its first "é". So Western text is read as UTF-8, and the bytes in it that are
# not UTF-8 as Windows-1252, one by one.
codecs.register_error("cs_geo_western", _western_bytes)


def read_text(source: Source, budget: Budget, skipped: list[str]) -> Iterator[Table]:
    """Read one delimited text as one table."""
    limits = budget.limits
    head = source.head()
    encoding = find_encoding(head)
    codec, errors = _codec(encoding)
    text = codecs.getincrementaldecoder(codec)(errors).decode(head)
    separator = SEPARATOR_LINE.fullmatch(next(iter(text.removeprefix("\ufeff").splitlines()), ""))
    delimiter = separator[1] if separator else find_delimiter(text, source.name, complete=len(head) < HEAD_BYTES)
    counted = cast(IO[bytes], source.counted(budget))
    with io.TextIOWrapper(counted, codec, errors, newline="") as stream:
        records = _Records(
            stream, delimiter, source.name, first_line=2 if separator else 1, max_columns=limits.max_columns
        )
        sample = list(islice(records, SAMPLE_ROWS))
        if not sample:
            raise RefusedInput(f"{source.name}: the file has no rows. Save it again at its source and check it.")
        heading = find_heading(sample)
        records.width = len(heading.columns)
        if records.width > limits.max_columns:
            raise too_many_columns(source.name, records.width, limits.max_columns)
        if heading.above:
            skipped.append(f"{source.name}: {above_heading(heading.above)}")
        if heading.first_data == len(sample):
            skipped.append(f"{source.name}: a heading without rows")
        rows = chain(map(records.fit, sample[heading.first_data :]), records)
        yield Table(
            source.name,
            heading.columns,
            budget.limit_rows(rows, source.name),
            heading_line=heading.line,
            encoding=encoding,
            delimiter=delimiter,
            skipped=skipped,
        )


def find_encoding(head: bytes) -> str:
    """The encoding of a text from its first bytes: by its mark, else UTF-8, else by what the bytes look like."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if wide := wide_encoding(head):
        return wide
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    foreign = sum(1 for byte in head if byte > 127) / len(head)
    # Detection by frequency is unsure of short Western text ("mac_roman", "cp1250"): asked only where that is unlikely.
    if foreign > MOSTLY_FOREIGN or any(byte in head for byte in b"\x81\x8d\x8f\x90\x9d"):
        guess = from_bytes(head[: _last_line_end(head)]).best()
        if guess is not None:
            return guess.encoding
    return WESTERN


def find_delimiter(text: str, name: str, *, complete: bool) -> str:
    """The delimiter with which the most rows have the same number of cells, more than one. Comma if none has.

    ``name`` breaks a tie by its ending; ``complete`` says that the text is the whole file and not its beginning.
    """
    ending = name.lower().removesuffix(".gz").rpartition(".")[2]
    usual = DELIMITER_OF_ENDING.get(ending, ",")
    if not complete:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    best, best_score = ",", (0.0, False, 0)
    for delimiter in DELIMITERS:
        widths = Counter(_widths(text, delimiter))
        total = sum(widths.values())
        width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
        score = (round(count / total, 2), delimiter == usual, width) if width > 1 else (0.0, False, 0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _widths(text: str, delimiter: str) -> Iterator[int]:
    """How many cells the rows would have."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield len(cells)
    except csv.Error:
        return


class _Lines:
    """The lines of a text, in blocks: a loop over single lines in Python would cost as much as taking them apart."""

    def __init__(self, stream: "io.TextIOWrapper[IO[bytes]]", name: str) -> None:
        self._stream = stream
        self._name = name
        self._block: list[str] = []
        self._before = 0

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._blocks())

    def __getitem__(self, number: int) -> str:
        """The text of a line of the block in hand, numbered from 1 in the whole text."""
        return self._block[number - self._before - 1]

    def _blocks(self) -> Iterator[list[str]]:
        rest = ""
        while text := self._read():
            if "\0" in text:
                self._block = []
                raise RefusedInput(
                    f"{self._name}: bytes that are not text follow on line {self._before + 1:,} or soon after. "
                    "Save it again as CSV."
                )
            self._before += len(self._block)
            self._block = list(io.StringIO(rest + text, newline=""))
            # The last line may go on in the next block, and a CR at its end may be the first half of a CR LF.
            rest = self._block.pop()
            if len(rest) > LONGEST_LINE:
                raise RefusedInput(
                    f"{self._name}: line {self._before + len(self._block) + 1:,} has more than {LONGEST_LINE:,} "
                    "characters. Check that each row has its own line, and save the file again."
                )
            yield self._block
        self._before += len(self._block)
        self._block = [rest] if rest else []
        yield self._block

    def _read(self) -> str:
        if self._stream.closed:
            raise RuntimeError(TOO_LATE)
        try:
            return self._stream.read(BLOCK)
        except UnicodeError as fault:
            raise RefusedInput(
                f"{self._name}: the text breaks off or changes its encoding after line {self._before:,}. "
                "Save it again as CSV UTF-8."
            ) from fault


class _Records:
    """The records of a delimited text that are not blank, each with the line it starts on."""

    def __init__(
        self,
        stream: "io.TextIOWrapper[IO[bytes]]",
        delimiter: str,
        name: str,
        *,
        first_line: int,
        max_columns: int,
    ) -> None:
        self.width: int | None = None
        """Number of columns, once the heading is known."""
        self._lines = _Lines(stream, name)
        self._delimiter = delimiter
        self._name = name
        self._skipped_lines = first_line - 1
        self._max_columns = max_columns
        self._odd: set[int] = set()
        """Lines whose quotation marks are odd."""
        self._iterator = self._read()

    def __iter__(self) -> Iterator[Row]:
        """Go on where the last caller stopped."""
        return self._iterator

    def fit(self, row: Row) -> Row:
        """A row with a cell for each column: filled up if short, blank cells beyond the last column cut off."""
        return Row(row.line, tuple(self._fitted(list(row.cells), row.line)))

    def _fitted(self, cells: list[str], line: int) -> list[str]:
        if self.width is None:
            return cells
        if line in self._odd and len(cells) != self.width:
            raise RefusedInput(
                f"{self._name}: the quotation marks on line {line:,} do not pair up, so its cells cannot be told "
                "apart. Mend the line, or export the file again as .xlsx."
            )
        if len(cells) < self.width and self._has_swallowed_rows(cells, self.width):
            raise _unclosed(self._name, line)
        while len(cells) > self.width and not cells[-1].strip():
            cells.pop()
        if len(cells) > self._max_columns:
            raise too_many_columns(f"{self._name}, line {line:,}", len(cells), self._max_columns)
        return cells + [""] * (self.width - len(cells))

    def _read(self) -> Iterator[Row]:
        lines = iter(self._lines)
        for _ in islice(lines, self._skipped_lines):
            pass
        reader = csv.reader(lines, delimiter=self._delimiter, skipinitialspace=True, strict=True)
        line = first = 1 + self._skipped_lines
        new, strip = tuple.__new__, str.strip  # a million times: without the call of Row.__new__ in Python
        while True:
            try:
                for cells in reader:
                    following = first + reader.line_num
                    if any(map(strip, cells)):
                        if len(cells) != self.width:
                            cells = self._fitted(cells, line)
                        yield new(Row, (line, tuple(cells)))
                    line = following
            except csv.Error as fault:
                following = first + reader.line_num
                cells = self._read_leniently(line, following - 1, fault)
                yield Row(line, tuple(self._fitted(cells, line)))
                line = following
            else:
                return

    def _read_leniently(self, line: int, last: int, fault: csv.Error) -> list[str]:
        """Read a line whose quotation marks are odd, if that can go wrong for this line only."""
        if "limit" in str(fault) and last == line:
            raise RefusedInput(
                f"{self._name}: line {line:,} has a cell of more than {csv.field_size_limit():,} characters. "
                "Shorten it and send the file again."
            ) from fault
        if last > line or "unexpected end" in str(fault):
            raise _unclosed(self._name, line) from fault
        self._odd.add(line)
        return next(csv.reader([self._lines[line]], delimiter=self._delimiter, skipinitialspace=True))

    def _has_swallowed_rows(self, cells: Sequence[str], width: int) -> bool:
        """Does a record that lacks cells have one that holds whole lines of a table?"""
        within = (line for cell in cells for line in cell.splitlines()[1:])
        return any(line.count(self._delimiter) >= width - 1 for line in within)


def above_heading(count: int) -> str:
    """Say that rows above the heading were not read as data."""
    return "1 row above the heading, not read" if count == 1 else f"{count} rows above the heading, not read"


def too_many_columns(name: str, count: int, most: int) -> RefusedInput:
    """The refusal of a table that is too wide."""
    return RefusedInput(
        f"{name}: {count:,} columns, and at most {most:,} can be read. "
        "Remove the columns that are not needed, and check that the delimiter is right."
    )


def _unclosed(name: str, line: int) -> RefusedInput:
    return RefusedInput(
        f'{name}: a quotation mark (") opened in the row that starts on line {line:,} is not closed, and the rows '
        "after it would be lost. Close it or take it out, or export the file again as .xlsx."
    )


def _codec(encoding: str) -> tuple[str, str]:
    """The codec for an encoding, and what it does with bytes that do not fit."""
    if encoding.startswith("utf-8"):
        return encoding, "cs_geo_western"
    if encoding == WESTERN:
        return "utf-8", "cs_geo_western"
    return encoding, "strict" if encoding.startswith("utf") else "replace"


def _last_line_end(head: bytes) -> int | None:
    return (head.rfind(b"\n") + 1) or None
