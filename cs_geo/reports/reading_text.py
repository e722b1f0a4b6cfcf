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
from collections.abc import Iterator
from itertools import chain, islice

from charset_normalizer import from_bytes

from cs_geo.errors import RefusedInput
from cs_geo.reports.archives import Source
from cs_geo.reports.heads import SAMPLE_ROWS, find_heading
from cs_geo.reports.signatures import HEAD_BYTES, wide_encoding
from cs_geo.reports.tabular import Budget, Row, Table

DELIMITERS = ",;\t|"
DELIMITER_OF_ENDING = {"tsv": "\t", "tab": "\t", "psv": "|", "ssv": ";"}
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""First line that Excel writes to name the delimiter."""
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
# ASCII for a hundred thousand rows before its first "é". So bytes that are not UTF-8 are read as Windows-1252 one by one.
codecs.register_error("cs_geo_western", _western_bytes)


def read_text(source: Source, budget: Budget, skipped: list[str]) -> Iterator[Table]:
    """Read one delimited text as one table."""
    head = source.head()
    encoding = find_encoding(head)
    text = codecs.getincrementaldecoder(encoding)(_errors(encoding)).decode(head)
    separator = SEPARATOR_LINE.fullmatch(next(iter(text.removeprefix("\ufeff").splitlines()), ""))
    if separator:
        delimiter = separator[1]
    else:
        delimiter = find_delimiter(text, source.name, complete=len(head) < HEAD_BYTES)
    with io.TextIOWrapper(source.counted(budget), encoding, _errors(encoding), newline="") as stream:
        records = _Records(stream, delimiter, source.name)
        if separator:
            next(iter(records.lines), None)
        sample = list(islice(records.not_blank(), SAMPLE_ROWS))
        if not sample:
            raise RefusedInput(f"{source.name}: the file has no rows. Save it again at its source and check it.")
        heading = find_heading(sample)
        records.width = width = len(heading.columns)
        if width > budget.limits.max_columns:
            raise too_many_columns(source.name, width, budget.limits.max_columns)
        if heading.above:
            skipped.append(f"{source.name}: {above_heading(heading.above)}")
        rows = records.rows(chain(sample[heading.first_data :], records.not_blank()), budget.limits.max_columns)
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
    # Detection by frequency is unsure of short Western text ("mac_roman", "cp1250"): asked only where Western is unlikely.
    if foreign > MOSTLY_FOREIGN or any(byte in head for byte in b"\x81\x8d\x8f\x90\x9d"):
        guess = from_bytes(head[: _last_line_end(head)]).best()
        if guess is not None:
            return guess.encoding
    return WESTERN


def find_delimiter(text: str, name: str, *, complete: bool) -> str:
    """The delimiter with which the most rows have the same number of cells, more than one. Comma if none has.

    ``name`` breaks a tie by its ending; ``complete`` says that the text is the whole file and not its beginning.
    """
    ending = name.rpartition(".")[2].lower()
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
    """The lines of a text, keeping the last one for a second look."""

    def __init__(self, stream: io.TextIOWrapper, name: str) -> None:
        self.last = ""
        self.count = 0
        self._stream = stream
        self._name = name

    def __iter__(self) -> Iterator[str]:
        if self._stream.closed:
            raise RuntimeError("the rows of a table must be read before the next table is asked for")
        readline = self._stream.readline
        try:
            while line := readline(LONGEST_LINE):
                self.last = line
                self.count += 1
                if "\0" in line:
                    raise RefusedInput(
                        f"{self._name}: line {self.count:,} holds bytes that are not text. Save it again as CSV."
                    )
                if len(line) == LONGEST_LINE:
                    raise RefusedInput(
                        f"{self._name}: line {self.count:,} has more than {LONGEST_LINE:,} characters. "
                        "Check that each row has its own line, and save the file again."
                    )
                yield line
        except UnicodeError as fault:
            raise RefusedInput(
                f"{self._name}: the text breaks off or changes its encoding after line {self.count:,}. "
                "Save it again as CSV UTF-8."
            ) from fault


class _Records:
    """The records of a delimited text, each with the line it starts on."""

    def __init__(self, stream: io.TextIOWrapper, delimiter: str, name: str) -> None:
        self.lines = _Lines(stream, name)
        self.width: int | None = None
        """Number of columns, once the heading is known."""
        self._delimiter = delimiter
        self._name = name
        self._iterator = iter(self._read())

    def not_blank(self) -> Iterator[tuple[int, list[str]]]:
        """The records, going on where the last caller stopped."""
        return self._iterator

    def rows(self, records: Iterator[tuple[int, list[str]]], max_columns: int) -> Iterator[Row]:
        """The records as rows of the table: short ones filled up, blank cells beyond the last column cut off."""
        width = self.width or 0
        row = Row
        for line, cells in records:
            if len(cells) != width:
                if len(cells) < width:
                    cells = cells + [""] * (width - len(cells))
                else:
                    while len(cells) > width and not cells[-1].strip():
                        cells.pop()
                    if len(cells) > max_columns:
                        raise too_many_columns(f"{self._name}, line {line:,}", len(cells), max_columns)
            yield row(line, tuple(cells))

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        lines = self.lines
        reader = csv.reader(iter(lines), delimiter=self._delimiter, skipinitialspace=True, strict=True)
        start = lines.count + 1
        while True:
            try:
                for cells in reader:
                    if lines.count > start and self._has_swallowed_rows(cells):
                        raise _unclosed(self._name, start)
                    if "".join(cells).strip():
                        yield start, cells
                    start = lines.count + 1
            except csv.Error as fault:
                yield start, self._read_leniently(start, fault)
                start = lines.count + 1
            else:
                return

    def _read_leniently(self, start: int, fault: csv.Error) -> list[str]:
        if "limit" in str(fault) and self.lines.count == start:
            raise RefusedInput(
                f"{self._name}: line {start:,} has a cell of more than {csv.field_size_limit():,} characters. "
                "Shorten it and send the file again."
            ) from fault
        if self.lines.count > start or "unexpected end" in str(fault):
            raise _unclosed(self._name, start) from fault
        cells = next(csv.reader([self.lines.last], delimiter=self._delimiter, skipinitialspace=True))
        if self.width is not None and len(cells) != self.width:
            raise RefusedInput(
                f"{self._name}: the quotation marks on line {start:,} do not pair up, so its cells cannot be told apart. "
                "Mend the line, or export the file again as .xlsx."
            ) from fault
        return cells

    def _has_swallowed_rows(self, cells: list[str]) -> bool:
        """Does a record over several lines lack cells while one of its cells holds whole lines of a table?"""
        if self.width is None or len(cells) >= self.width or self.width < 2:
            return False
        within = (line for cell in cells for line in cell.splitlines()[1:])
        return any(line.count(self._delimiter) >= self.width - 1 for line in within)


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
        f'{name}: a quotation mark (") opened in the row that starts on line {line:,} is not closed, and the rows after it '
        "would be lost. Close it or take it out, or export the file again as .xlsx."
    )


def _errors(encoding: str) -> str:
    if encoding.startswith("utf-8"):
        return "cs_geo_western"
    return "strict" if encoding.startswith("utf") else "replace"


def _last_line_end(head: bytes) -> int | None:
    return (head.rfind(b"\n") + 1) or None
