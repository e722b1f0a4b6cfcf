"""Staging an import: rows go by COPY into a temporary table, and one statement each decides what becomes of them.

Identity of a record (practice: police files give no key for antisocial behaviour, and 6–7% of their rows are equal and
yet separate reports):

* source + key where the row has one, otherwise source + content;
* plus its occurrence number within the file, so that equal keyless rows of one file are separate records and the same
  file again, reordered or renamed, adds nothing.

Rows are first paired with stored records of equal content; what is left of a known key updates when exactly one stored
record is left for exactly one row, and is otherwise rejected for a person to decide. Rows of our own exports name their
record (``cs_geo.store.own_exports``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection, text

from cs_geo.store.own_exports import (
    CARRIED,
    EDITED_KEPT,
    OTHER_SOURCE,
    create_carried,
    resolve_named,
    settle_created,
)
from cs_geo.store.record_tables import IDENTITY, LOCATION, MATCH, RecordTable

STAGED = ("row_no", "line", "given_id", *IDENTITY, "occurrence", "location_key", *LOCATION)
"""Columns staged before those of the record itself."""

RESOLVED_BY = ("row_no", "given_id", "source_id", "identity", "is_keyed", "content", "occurrence", "verdict")
"""Columns that the planner must know of to resolve rows; statistics of all fifty would take longer than the queries."""
AMBIGUOUS_KEY = "ambiguous_key"


@dataclass(frozen=True)
class Verdicts:
    """What became of the rows of one file."""

    created: int
    updated: int
    duplicate: int
    ambiguous_lines: tuple[int, ...]
    """Lines of a known key with changed content that more than one stored record could be: rejected."""
    edited_lines: tuple[int, ...]
    """Lines whose record a person has edited: the edit was kept."""
    foreign_lines: tuple[int, ...] = ()
    """Lines that name the record of another source: rejected too."""
    altered_lines: tuple[int, ...] = ()
    """Lines of new records that are not as an export of ours wrote them."""
    renumbered_lines: tuple[int, ...] = ()
    """Lines of new records whose short reference is another record's here."""


def driver_connection(connection: Connection) -> psycopg.Connection[Any]:
    """The psycopg connection below, for COPY."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise TypeError("Bulk loading needs the psycopg driver.")
    return raw


def create_staging(connection: Connection, table: RecordTable) -> None:
    """Make the temporary tables of one import; they go with the transaction."""
    given = ", ".join(table.given)
    connection.execute(
        text(f"""
        CREATE TEMPORARY TABLE staged ON COMMIT DROP AS
            SELECT 0 AS row_no, 0 AS line, NULL::uuid AS given_id, source_id, identity, is_keyed, content, occurrence,
                ''::bytea AS location_key, {", ".join(LOCATION)}, {given},
                NULL::text AS verdict, NULL::uuid AS target
            FROM cs_geo.{table.name} WITH NO DATA
        """)
    )
    connection.execute(
        text(f"""
        CREATE TEMPORARY TABLE matched ON COMMIT DROP AS
            SELECT ''::bytea AS location_key, {", ".join(MATCH)} FROM cs_geo.{table.name} WITH NO DATA
        """)
    )
    connection.execute(text("ALTER TABLE matched ADD PRIMARY KEY (location_key)"))
    create_carried(connection, table)
    connection.execute(text("CREATE TEMPORARY TABLE touched_months (month date) ON COMMIT DROP"))


def stage_rows(connection: Connection, table: RecordTable, rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows of ``STAGED`` and ``table.given`` values into the staging table."""
    columns = ", ".join((*STAGED, *table.given))
    with (
        driver_connection(connection).cursor() as cursor,
        cursor.copy(f"COPY staged ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def stage_carried(connection: Connection, rows: Iterable[Sequence[Any]]) -> None:
    """COPY what rows of our own exports carry: values of ``CARRIED``."""
    with (
        driver_connection(connection).cursor() as cursor,
        cursor.copy(f"COPY carried ({', '.join(CARRIED)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def empty_staging(connection: Connection) -> None:
    """Make room for the next file."""
    connection.execute(text("TRUNCATE staged, carried"))


def mark_events(connection: Connection, fingerprint: bytes) -> None:
    """Let equal keyless rows of different files be different events, for a profile that says ``rows_are_events``.

    The file's own fingerprint becomes part of identity, so that the same file again still adds nothing.
    """
    connection.execute(
        text("UPDATE staged SET identity = decode(md5(identity || :fingerprint), 'hex') WHERE NOT is_keyed"),
        {"fingerprint": fingerprint},
    )


def is_known_file(connection: Connection, source_id: UUID, fingerprint: bytes) -> bool:
    """Has this file, whatever its name and row order, been imported from this source and not undone?

    A file with rows that were left for a person to decide is looked at anew.
    """
    found = connection.scalar(
        text("""
        SELECT EXISTS (
            SELECT 1 FROM cs_geo.import_files f JOIN cs_geo.imports i USING (import_id)
            WHERE f.fingerprint = :fingerprint AND i.source_id = :source AND i.state = 'done'
                AND NOT EXISTS (SELECT 1 FROM cs_geo.import_issues s
                    WHERE s.import_id = i.import_id AND s.file = f.name AND s.code = :ambiguous))
        """),
        {"fingerprint": fingerprint, "source": source_id, "ambiguous": AMBIGUOUS_KEY},
    )
    return bool(found)


def resolve_rows(connection: Connection, table: RecordTable, *, known_file: bool) -> Verdicts:
    """Decide for every staged row whether it is created, updated, a duplicate or rejected."""
    connection.execute(text(f"ANALYZE staged ({', '.join(RESOLVED_BY)})"))
    if table.numbered:
        resolve_named(connection, table)
    _pair_equal_content(connection, table)
    _pass_over_erased(connection, table)
    _resolve_changed_content(connection, table, known_file=known_file)
    connection.execute(
        text("""
        UPDATE staged SET verdict = 'created', target = coalesce(given_id, gen_random_uuid()) WHERE verdict IS NULL
        """)
    )
    altered, renumbered = settle_created(connection, table) if table.numbered else ([], [])
    counts: dict[str, int] = {
        row[0]: row[1] for row in connection.execute(text("SELECT verdict, count(*) FROM staged GROUP BY verdict"))
    }
    lines = {
        verdict: tuple(
            connection.scalars(text("SELECT line FROM staged WHERE verdict = :v ORDER BY line"), {"v": verdict})
        )
        for verdict in (AMBIGUOUS_KEY, EDITED_KEPT, OTHER_SOURCE)
        if counts.get(verdict)
    }
    return Verdicts(
        created=counts.get("created", 0),
        updated=counts.get("updated", 0),
        duplicate=counts.get("duplicate", 0) + counts.get(EDITED_KEPT, 0),
        ambiguous_lines=lines.get(AMBIGUOUS_KEY, ()),
        edited_lines=lines.get(EDITED_KEPT, ()),
        foreign_lines=lines.get(OTHER_SOURCE, ()),
        altered_lines=tuple(altered),
        renumbered_lines=tuple(renumbered),
    )


def _pair_equal_content(connection: Connection, table: RecordTable) -> None:
    connection.execute(
        text(f"""
        UPDATE staged s SET verdict = 'duplicate', target = r.{table.key}
        FROM cs_geo.{table.name} r
        WHERE s.verdict IS NULL AND s.given_id IS NULL AND NOT s.is_keyed AND NOT r.is_keyed
            AND r.identity = s.identity AND r.occurrence = s.occurrence AND r.source_id = s.source_id
        """)
    )
    connection.execute(
        text(f"""
        WITH stored AS (
            SELECT r.{table.key} AS record_id, r.source_id, r.identity, r.content,
                row_number() OVER (PARTITION BY r.source_id, r.identity, r.content ORDER BY r.occurrence) AS nth
            FROM cs_geo.{table.name} r
            WHERE r.is_keyed AND r.identity IN (SELECT identity FROM staged WHERE is_keyed AND verdict IS NULL))
        UPDATE staged s SET verdict = 'duplicate', target = stored.record_id
        FROM stored
        WHERE s.verdict IS NULL AND s.given_id IS NULL AND s.is_keyed AND s.identity = stored.identity
            AND s.content = stored.content AND s.occurrence = stored.nth AND s.source_id = stored.source_id
        """)
    )


def _pass_over_erased(connection: Connection, table: RecordTable) -> None:
    """What was erased does not come back with the next copy of its file, nor with an export that names it."""
    if not table.numbered:
        return
    connection.execute(
        text(f"""
        UPDATE staged s SET verdict = 'duplicate' FROM cs_geo.erasures e
        WHERE s.verdict IS NULL AND (
            s.given_id = e.report_id
            OR s.source_id = e.source_id AND s.identity = e.identity AND s.is_keyed = e.is_keyed AND CASE
                WHEN NOT s.is_keyed THEN s.occurrence = e.occurrence
                ELSE s.content = e.content OR NOT EXISTS (
                    SELECT 1 FROM cs_geo.{table.name} r
                    WHERE r.is_keyed AND r.identity = s.identity AND r.source_id = s.source_id) END)
        """)
    )


def _resolve_changed_content(connection: Connection, table: RecordTable, *, known_file: bool) -> None:
    connection.execute(
        text(f"""
        WITH incoming AS (
            SELECT source_id, identity, count(*) AS rows_n FROM staged
            WHERE is_keyed AND verdict IS NULL GROUP BY source_id, identity
        ), stored AS (
            SELECT r.source_id, r.identity, max(r.occurrence) AS last_occurrence,
                count(*) FILTER (WHERE p.target IS NULL) AS left_n,
                (array_agg(r.{table.key}) FILTER (WHERE p.target IS NULL))[1] AS record_id,
                bool_or(r.edited_by_person) FILTER (WHERE p.target IS NULL) AS was_edited
            FROM cs_geo.{table.name} r JOIN incoming USING (source_id, identity)
            LEFT JOIN (SELECT target FROM staged WHERE target IS NOT NULL) p ON p.target = r.{table.key}
            WHERE r.is_keyed
            GROUP BY r.source_id, r.identity)
        UPDATE staged s SET
            verdict = CASE
                WHEN :known_file THEN 'duplicate'
                WHEN stored.left_n = 0 THEN NULL
                WHEN stored.left_n = 1 AND incoming.rows_n = 1 AND stored.was_edited THEN '{EDITED_KEPT}'
                WHEN stored.left_n = 1 AND incoming.rows_n = 1 THEN 'updated'
                ELSE '{AMBIGUOUS_KEY}' END,
            target = CASE WHEN stored.left_n = 1 AND incoming.rows_n = 1 THEN stored.record_id END
        FROM incoming JOIN stored USING (source_id, identity)
        WHERE s.is_keyed AND s.verdict IS NULL
            AND s.source_id = incoming.source_id AND s.identity = incoming.identity
        """),
        {"known_file": known_file},
    )
    # Occurrence numbers of new records under a key follow those already stored.
    connection.execute(
        text(f"""
        UPDATE staged s SET occurrence = numbered.occurrence
        FROM (
            SELECT row_no, coalesce(stored.last_occurrence, 0)
                + row_number() OVER (PARTITION BY source_id, identity ORDER BY content, row_no) AS occurrence
            FROM staged LEFT JOIN (
                SELECT source_id, identity, max(occurrence) AS last_occurrence FROM cs_geo.{table.name}
                WHERE is_keyed AND identity IN (SELECT identity FROM staged WHERE is_keyed AND verdict IS NULL)
                GROUP BY source_id, identity) stored USING (source_id, identity)
            WHERE is_keyed AND verdict IS NULL AND given_id IS NULL) numbered
        WHERE s.row_no = numbered.row_no
        """)
    )


def unmatched_locations(connection: Connection) -> list[tuple[bytes, str, str, str, str, str]]:
    """Every distinct location of rows to be written that has not been put to the geocoder in this import."""
    rows = connection.execute(
        text(f"""
        SELECT DISTINCT ON (location_key) location_key, {", ".join(LOCATION)}
        FROM staged WHERE verdict IN ('created', 'updated')
            AND NOT EXISTS (SELECT 1 FROM matched WHERE matched.location_key = staged.location_key)
        ORDER BY location_key
        """)
    )
    return [(bytes(row[0]), row[1], row[2], row[3], row[4], row[5]) for row in rows]
