"""Reading what a partner sends: one file, packed or not, into tables of rows with their line numbers.

``read_tables`` takes a path and yields tables, whose rows stream. It takes delimited text in any usual encoding, Excel
and OpenDocument workbooks, zip archives of them, and gz. It decides nothing about what the columns mean
(``cs_geo.reports.columns``) or whether a value is right (``cs_geo.reports.checks``). A row that is not blank is always
handed on. What cannot be read, or is not safe to read, is refused in words that say what to do instead; one bad member
refuses a whole archive, because half an upload cannot be accounted for.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from cs_geo.errors import RefusedInput
from cs_geo.reports.archives import (
    CHUNK,
    Source,
    check_sizes,
    file_source,
    members_of,
    nested,
    open_zip,
    reading,
    seekable,
    unpacked,
)
from cs_geo.reports.reading_sheets import locked, read_workbook
from cs_geo.reports.reading_text import read_text
from cs_geo.reports.signatures import Form, identify, is_locked, is_workbook
from cs_geo.reports.tabular import Budget, Limits, Row, Table, printable, surplus_cells, too_big

__all__ = ["Limits", "Row", "Table", "read_tables", "surplus_cells"]

MANIFEST_BYTES = 1024 * 1024


def read_tables(path: Path, *, limits: Limits, name: str | None = None) -> Iterator[Table]:
    """Read the tables of one upload, in their order.

    Parameters
    ----------
    path
        The file.
    limits
        How much it may hold. Sizes are checked before anything is parsed, and counted again while it is.
    name
        What to call it in messages and table names, where it lies under another name than the person gave it.

    Yields
    ------
    Table
        Read its rows before asking for the next one.

    Raises
    ------
    RefusedInput
        If it, or any part of it, cannot be taken. It can come while rows are read.
    """
    shown = printable(name or path.name)
    if not path.exists():
        raise RefusedInput(f"{shown}: there is no such file. Check the name and the folder.")
    if not path.is_file():
        raise RefusedInput(f"{shown}: this is not a file. Name the files to import, or put them into a zip.")
    try:
        size = path.stat().st_size
        path.open("rb").close()
    except OSError as fault:
        raise RefusedInput(f"{shown}: the file cannot be opened. Check that you may read it.") from fault
    if limits.max_bytes is not None and size > limits.max_bytes:
        raise too_big(shown, limits.max_bytes)
    upload = _Upload(limits)
    yield from upload.tables(file_source(path, shown), size, on_disk=True)


class _Upload:
    """One upload: its limits, what it used of them, and what was left aside."""

    def __init__(self, limits: Limits) -> None:
        self.budget = Budget(limits)
        self.skipped: list[str] = []

    def tables(
        self, source: Source, packed_bytes: int, *, on_disk: bool = False, in_zip: bool = False, in_gz: bool = False
    ) -> Iterator[Table]:
        """The tables of a file, of a member of an archive, or of what a gz holds."""
        form = identify(source.head(), source.name)
        if form is Form.TEXT:
            yield from read_text(source, self.budget, self.skipped)
        elif form is Form.GZIP:
            if in_gz:
                raise nested(source.name)
            inner = unpacked(source, packed_bytes, self.budget.limits)
            yield from self.tables(inner, packed_bytes, in_zip=in_zip, in_gz=True)
        elif form is Form.COMPOUND:
            with seekable(source, self.budget, on_disk=on_disk) as stream:
                if _is_locked(stream):
                    raise locked(source.name)
                yield from read_workbook(stream, source.name, self.budget, self.skipped)
        else:
            with seekable(source, self.budget, on_disk=on_disk) as stream:
                yield from self._zip_tables(stream, packed_bytes, source.name, packed=in_zip or in_gz)

    def _zip_tables(self, stream: IO[bytes], packed_bytes: int, name: str, *, packed: bool) -> Iterator[Table]:
        with open_zip(stream, name) as archive:
            stated_bytes = check_sizes(archive, packed_bytes, name, self.budget)
            if is_workbook(archive.namelist(), _text(archive, "mimetype", name), name):
                if "encryption-data" in _text(archive, "META-INF/manifest.xml", name):
                    raise locked(name)
                self.budget.spend_bytes(stated_bytes, name)
                yield from read_workbook(stream, name, self.budget, self.skipped)
                return
            if packed:
                raise nested(name)
            for source, member_bytes in members_of(archive, name, self.budget.limits, self.skipped):
                yield from self.tables(source, member_bytes, in_zip=True)


def _text(archive: zipfile.ZipFile, member: str, name: str) -> str:
    """The beginning of a member of a zipped document; "" if there is none."""
    if member not in archive.NameToInfo:
        return ""
    with reading(name), archive.open(member) as stream:
        return stream.read(MANIFEST_BYTES).decode("utf-8", "replace")


def _is_locked(stream: IO[bytes]) -> bool:
    stream.seek(0)
    carried = b""
    while chunk := stream.read(CHUNK):
        if is_locked(carried + chunk):
            return True
        carried = chunk[-64:]
    return False
