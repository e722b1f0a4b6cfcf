"""Opening what a partner sends, packed or not, without trusting it.

Nothing is unpacked to a named file. The sizes that a zip's directory states are checked before anything is read;
because a directory can lie, what comes out is counted as well, and a gz, which states nothing, is stopped as soon as it
has grown too much.
"""

import gzip
import io
import lzma
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from cs_geo.errors import RefusedInput
from cs_geo.reports.signatures import HEAD_BYTES, Form, identify, may_be_workbook
from cs_geo.reports.tabular import Budget, Limits, printable, too_big

CHUNK = 256 * 1024
SMALL = 1024 * 1024
"""Up to this many bytes nothing is a bomb, and a short file of equal rows rightly packs to a hundredth."""
MAX_MEMBERS = 2_000
MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
"""A zip's directory is read whole before its members can be counted, so its size is looked at first."""
MAX_MEMBER_NAME = 255

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)
"""What the standard library raises on a broken, cut or unsupported archive."""

LEFT_ASIDE = frozenset({"thumbs.db", "desktop.ini"})
NOTES_STEMS = frozenset({"readme", "read me", "read_me", "licence", "license", "notes", "changelog"})


@dataclass(frozen=True)
class Source:
    """Bytes that can be opened any number of times: a file, a member of a zip, what a gz holds."""

    name: str
    open: Callable[[], IO[bytes]]
    """Opens the bytes from their beginning. What is read is not yet counted."""
    most: float
    """More bytes than this cannot rightly come of its packed size."""

    def head(self) -> bytes:
        """Its first bytes."""
        with reading(self.name), self.open() as stream:
            return _read_fully(stream, HEAD_BYTES)

    def counted(self, budget: Budget) -> "Counted":
        """Open it with its bytes counted against the limits."""
        with reading(self.name):
            return Counted(self.open(), self, budget)


class Counted(io.BufferedIOBase):
    """A stream that counts what it hands out and says in words what is wrong with it."""

    def __init__(self, stream: IO[bytes], source: Source, budget: Budget) -> None:
        self._stream = stream
        self._source = source
        self._budget = budget
        self._count = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as ``read1`` does: a part at a time."""
        return self.read1(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        """Read the next part, at most ``size`` bytes of it."""
        try:
            chunk = self._stream.read(CHUNK if size < 0 else size)
        except DAMAGE as fault:
            raise _damaged(self._source.name) from fault
        self._count += len(chunk)
        if self._count > self._source.most:
            raise expands_too_much(self._source.name, self._budget.limits)
        self._budget.spend_bytes(len(chunk), self._source.name)
        return chunk

    def close(self) -> None:
        """Close what it reads from as well."""
        self._stream.close()
        super().close()


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Say in words that an archive is broken, instead of in the words of the library that found it."""
    try:
        yield
    except DAMAGE as fault:
        raise _damaged(name) from fault


def _damaged(name: str) -> RefusedInput:
    return RefusedInput(
        f"{name}: the file is damaged, cut short or packed in an unusual way. "
        "Copy or download it again, or send the table unpacked."
    )


def expands_too_much(name: str, limits: Limits) -> RefusedInput:
    """The refusal of a bomb."""
    return RefusedInput(
        f"{name}: it would unpack to more than {limits.max_expansion_ratio:g} times its size, as files made to harm "
        "do. Send the table unpacked, or save the workbook as CSV."
    )


def file_source(path: Path, name: str) -> Source:
    """An upload as it lies on disk."""
    return Source(name, lambda: path.open("rb"), float("inf"))


def unpacked(source: Source, packed_bytes: int, limits: Limits) -> Source:
    """What a gz holds."""

    def open_gz() -> IO[bytes]:
        return cast(IO[bytes], _Gunzipped(source.open(), source.name, limits))

    return Source(source.name, open_gz, _most(packed_bytes, limits))


class _Gunzipped(gzip.GzipFile):
    """A gz that closes what it reads from, and stops as soon as it has grown too much for what went in."""

    def __init__(self, packed: IO[bytes], name: str, limits: Limits) -> None:
        super().__init__(fileobj=packed, mode="rb")
        self._packed_stream = packed
        self._shown = name
        self._limits = limits
        self._out = 0

    def read(self, size: int | None = -1) -> bytes:
        chunk = super().read(size)
        self._out += len(chunk)
        if self._out > _most(self._packed_stream.tell(), self._limits):
            raise expands_too_much(self._shown, self._limits)
        return chunk

    def close(self) -> None:
        super().close()
        self._packed_stream.close()


@contextmanager
def seekable(source: Source, budget: Budget, *, on_disk: bool) -> Iterator[IO[bytes]]:
    """Its bytes as a file that can be read from any position: its own, or a nameless temporary one."""
    if on_disk:
        with reading(source.name):
            stream = source.open()
        with stream:
            yield stream
        return
    with tempfile.TemporaryFile() as held:
        with source.counted(budget) as counted:
            while chunk := counted.read1(CHUNK):
                held.write(chunk)
        held.seek(0)
        yield held


def open_zip(stream: IO[bytes], name: str) -> zipfile.ZipFile:
    """Read the directory of a zip."""
    with reading(name):
        packed = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, packed - 65_557))  # the end record, and the longest comment that may follow it
        tail = stream.read()
        end = tail.rfind(b"PK\x05\x06")
        size = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
        stream.seek(0)
        # 0xFFFFFFFF: the true size stands in a zip64 record, which only a zip of more than 4 GB needs.
        if MAX_DIRECTORY_BYTES < size < 0xFFFFFFFF:
            raise _too_many_members(name)
        archive = zipfile.ZipFile(stream)
    if len(archive.infolist()) > MAX_MEMBERS:
        raise _too_many_members(name)
    return archive


def check_sizes(archive: zipfile.ZipFile, packed_bytes: int, name: str, budget: Budget) -> int:
    """Check what a zip or a zipped workbook says it holds, before any of it is read, and return how many bytes that is.

    Raises
    ------
    RefusedInput
        If a member is encrypted, or what it would unpack to is over a limit.
    """
    limits = budget.limits
    members = archive.infolist()
    if any(member.flag_bits & 0x1 for member in members):
        raise RefusedInput(f"{name}: it is locked with a password. Save it without a password and send it again.")
    total = sum(member.file_size for member in members)
    grown = any(member.file_size > _most(member.compress_size, limits) for member in members)
    if grown or total > _most(packed_bytes, limits):
        raise expands_too_much(name, limits)
    if limits.max_bytes is not None and budget.bytes_read + total > limits.max_bytes:
        raise too_big(name, limits.max_bytes)
    return total


def members_of(archive: zipfile.ZipFile, name: str, limits: Limits, skipped: list[str]) -> list[tuple[Source, int]]:
    """The members of a zip that may hold tables, in their order, each with its packed size.

    Raises
    ------
    RefusedInput
        If any member is not what an archive of tables holds: one bad member refuses the whole upload.
    """
    kept: list[tuple[Source, int]] = []
    for member in archive.infolist():
        shown = f"{name}: {printable(member.filename)}"
        _check_member(member, shown)
        path = PurePosixPath(member.filename)
        if member.is_dir() or path.name.startswith(".") or "__MACOSX" in path.parts or path.name.lower() in LEFT_ASIDE:
            continue
        source = Source(shown, lambda member=member: archive.open(member), _most(member.compress_size, limits))  # type: ignore[misc]
        form = identify(head := source.head(), shown)
        if form is Form.ZIP and not may_be_workbook(head):
            raise nested(shown)
        if form is Form.TEXT and path.suffix.lower() in {".txt", ".md"} and path.stem.lower() in NOTES_STEMS:
            skipped.append(f"{shown}: notes, not read")
            continue
        kept.append((source, member.compress_size))
    if not kept:
        raise RefusedInput(f"{name}: the archive holds no table. Put the CSV or Excel files themselves into it.")
    return kept


def nested(name: str) -> RefusedInput:
    """The refusal of an archive inside an archive."""
    return RefusedInput(f"{name}: an archive inside an archive. Unpack the inner one and send its files.")


def _check_member(member: zipfile.ZipInfo, shown: str) -> None:
    name = member.orig_filename
    parts = name.replace("\\", "/").split("/")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if "\0" in name or len(name) > MAX_MEMBER_NAME:
        fault = "has a name that is too long or not a name"
    elif name.startswith(("/", "\\")) or ".." in parts or name[1:2] == ":":
        fault = "points outside the archive"
    elif kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        fault = "is a link or a device, not a file"
    else:
        return
    raise RefusedInput(f"{shown} {fault}. Make the archive again from plain files in one folder.")


def _too_many_members(name: str) -> RefusedInput:
    return RefusedInput(f"{name}: more than {MAX_MEMBERS:,} files in one archive. Send it in parts.")


def _most(packed_bytes: int, limits: Limits) -> float:
    return max(SMALL, packed_bytes * limits.max_expansion_ratio)


def _read_fully(stream: IO[bytes], size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0 and (chunk := stream.read(size)):
        parts.append(chunk)
        size -= len(chunk)
    return b"".join(parts)
