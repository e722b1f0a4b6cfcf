"""Backups of the whole schema in one sealed file, and restores that are compared with what was backed up.

The file holds, sealed, a manifest and PostgreSQL's own dump. The manifest gives the schema's revision, the program's
version, and the rows and checksum of every table, taken at the same snapshot as the dump. A backup whose dump holds
other counts than the database is not written: under row-level security a dump can be empty without an error.

A file is read through to its end before a database is touched, and again when it is restored. The restore is one
transaction, into a database without our schema; if what it gives is not what was backed up, the schema is dropped.
"""

import json
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from cs_geo import __version__
from cs_geo.errors import NotAvailable, RefusedInput, SetupError
from cs_geo.settings import get_settings
from cs_geo.store.dumping import counting_rows, dump_schema, programs_for, require_sight_of_all_rows, restore_schema
from cs_geo.store.sealing import ALTERED, SealedWriter, read_sealed
from cs_geo.store.table_sums import DatabaseSum, sum_database
from cs_geo.store.upgrading import knows_revision, newest_revision, prepare_database, present_revision

FORMAT = 1
LENGTH = struct.Struct(">I")
MOST_MANIFEST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    made_at: datetime
    program: str
    revision: str
    storage_epsg: int
    sums: DatabaseSum

    def to_bytes(self) -> bytes:
        """As it stands in the file."""
        document = {
            "format": FORMAT,
            "made_at": self.made_at.isoformat(),
            "program": self.program,
            "revision": self.revision,
            "storage_epsg": self.storage_epsg,
            **self.sums.to_json(),
        }
        return json.dumps(document).encode()


def write_backup(owner_url: str, path: Path, passphrase: str, *, made_at: datetime) -> Manifest:
    """Write a backup; its manifest. The file appears when it is complete.

    Raises
    ------
    SetupError
        If the role does not see all rows, or a program of PostgreSQL is missing or fails.
    RefusedInput
        If the file is there already or cannot be written, or the dump does not hold what the database does.
    """
    if path.exists():
        raise RefusedInput(f"{path} is there already. Name a file that is not.")
    making = path.with_name(f".{path.name}.making")
    with _connected(owner_url) as connection:
        require_sight_of_all_rows(connection)
        connection.rollback()  # the snapshot's transaction must be set up by its first statement
        try:
            descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                manifest = _write_sealed(connection, owner_url, SealedWriter(stream, passphrase), made_at)
                stream.flush()
                os.fsync(stream.fileno())
            making.rename(path)
        except OSError as fault:
            raise RefusedInput(f"{path} could not be written: {fault.strerror}. Name another file.") from fault
        finally:
            with suppress(FileNotFoundError, NotADirectoryError):
                making.unlink()
    return manifest


def read_manifest(path: Path, passphrase: str) -> Manifest:
    """What a backup says of itself, after every byte of the file has been checked.

    Raises
    ------
    RefusedInput
        If the passphrase is another, or the file is none of ours, cut short or altered.
    NotAvailable
        If a newer version of the program made it, or its points are in another reference system.
    """
    with _opened(path) as stream:
        chunks = read_sealed(stream, passphrase)
        manifest, _ = _split(chunks)
        for _ in chunks:
            pass
    if not knows_revision(manifest.revision):
        raise NotAvailable(
            f"This backup was made by cs_geo {manifest.program}, whose database (revision {manifest.revision}) is "
            f"newer than this program knows ({newest_revision()}). Nothing was changed. "
            "Install that version or a later one."
        )
    if manifest.storage_epsg != get_settings().storage_epsg:
        raise NotAvailable(
            f"This backup keeps its points in EPSG:{manifest.storage_epsg}. Nothing was changed. "
            f"Set CS_GEO_STORAGE_EPSG={manifest.storage_epsg} and restore again."
        )
    return manifest


def require_empty(owner_url: str) -> None:
    """Refuse a database that holds our schema already, or a role that would not see what is restored."""
    with _connected(owner_url) as connection:
        require_sight_of_all_rows(connection)
        if connection.scalar(text("SELECT to_regnamespace('cs_geo')")) is not None:
            raise RefusedInput(
                "This database is not empty: it holds the schema cs_geo. Nothing was changed. Restore into a database "
                "that was just made, or into a new private cluster with --into-home FOLDER."
            )


def restore_backup(owner_url: str, path: Path, passphrase: str) -> DatabaseSum:
    """Restore a backup whose manifest has been read into an empty database, and compare; what the database then holds.

    Raises
    ------
    RefusedInput
        If what was restored is not what was backed up, or its audit log is not whole. The database is empty again.
    SetupError
        If PostgreSQL cannot restore it here.
    """
    with _engine(owner_url) as engine:
        with engine.begin() as connection:
            prepare_database(connection)
            program = programs_for(connection, "pg_restore")
        with _opened(path) as stream:
            chunks = read_sealed(stream, passphrase)
            manifest, rest = _split(chunks)
            restore_schema(program, owner_url, _joined(rest, chunks))
        try:
            with engine.begin() as connection:
                restored = sum_database(connection)
                wrong = manifest.sums.differences(restored)
                altered = connection.execute(text("SELECT count(*) FROM cs_geo.altered_audit_rows()")).scalar_one()
            if altered:
                wrong.append("the audit log is not whole")
            if wrong:
                raise RefusedInput(
                    f"What was restored is not what was backed up: {'; '.join(wrong)}. The database is empty again. "
                    "Take another backup."
                )
        except BaseException:
            with engine.begin() as connection:
                connection.execute(text("DROP SCHEMA cs_geo CASCADE"))
            raise
    return restored


def _write_sealed(connection: Connection, owner_url: str, sealed: SealedWriter, made_at: datetime) -> Manifest:
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
    revision = present_revision(connection)
    if revision is None:
        raise RefusedInput("There is nothing to back up: this database has no schema yet.")
    manifest = Manifest(made_at, __version__, revision, get_settings().storage_epsg, sum_database(connection))
    head = manifest.to_bytes()
    sealed.write(LENGTH.pack(len(head)) + head)
    dump = dump_schema(programs_for(connection, "pg_dump"), owner_url, snapshot)
    with counting_rows(programs_for(connection, "pg_restore")) as counter:
        for block in dump:
            counter.write(block)
            sealed.write(block)
    sealed.finish()
    missing = [
        f"{name} ({counter.rows.get(name, 0):,} of {table.rows:,} rows)"
        for name, table in manifest.sums.tables.items()
        if counter.rows.get(name, 0) != table.rows
    ]
    if missing:
        raise SetupError(
            f"No backup was written, for it would not hold every row: {', '.join(missing)}. "
            "Does the owner's role see all rows?"
        )
    return manifest


def _split(chunks: Iterator[bytes]) -> tuple[Manifest, bytes]:
    """The manifest, and what of the dump was in the same chunks."""
    content = next(chunks)
    (length,) = LENGTH.unpack_from(content)
    if length > MOST_MANIFEST_BYTES:
        raise RefusedInput(ALTERED)
    while len(content) < LENGTH.size + length:
        content += next(chunks)
    document = json.loads(content[LENGTH.size : LENGTH.size + length])
    if document["format"] != FORMAT:
        raise NotAvailable(
            f"This backup was made by cs_geo {document['program']} in a form that this version does not read. "
            "Nothing was changed. Install that version or a later one."
        )
    manifest = Manifest(
        datetime.fromisoformat(document["made_at"]),
        document["program"],
        document["revision"],
        document["storage_epsg"],
        DatabaseSum.from_json(document),
    )
    return manifest, content[LENGTH.size + length :]


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        stream = path.open("rb")
    except OSError as fault:
        raise RefusedInput(f"{path} could not be read: {fault.strerror}.") from fault
    with stream:
        yield stream


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url, hide_parameters=True)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    with _engine(url) as engine:
        try:
            connection = engine.connect()
        except OperationalError as fault:
            raise SetupError(
                "The database does not answer. Look at it with `cs-geo db status`; where CS_GEO_OWNER_DATABASE_URL "
                "is set, check that address."
            ) from fault
        with connection:
            yield connection
