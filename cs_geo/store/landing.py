"""Landing an import: resolved rows become records and versions, and can be withdrawn again.

Nothing is overwritten: every change appends the whole record to the table of versions, which the app role may not
update. Undoing an import withdraws what it created and restores what it replaced, unless that has been changed since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from cs_geo.settings import get_settings
from cs_geo.store.own_exports import FOUND
from cs_geo.store.record_tables import IDENTITY, LOCATION, MATCH, RecordTable
from cs_geo.store.staging import driver_connection

MATCH_VALUES = ("location_key", *MATCH[:-1], "x", "y")
"""Order of the values in ``store_matches``."""


def store_matches(connection: Connection, rows: Iterable[Sequence[Any]]) -> None:
    """Keep the geocoder's answers of an import: values in the order of ``MATCH_VALUES``, x and y in storage metres."""
    srid = get_settings().storage_epsg
    # All answers first: the geocoder asks over this connection, which a COPY under way keeps for itself.
    answers = list(rows)
    with (
        driver_connection(connection).cursor() as cursor,
        cursor.copy(f"COPY matched (location_key, {', '.join(MATCH)}) FROM STDIN") as copy,
    ):
        for *values, x, y in answers:
            copy.write_row((*values, None if x is None else f"SRID={srid};POINT({x!r} {y!r})"))


def land_rows(connection: Connection, table: RecordTable, *, import_id: UUID, actor: str) -> None:
    """Write created and updated rows and their versions."""
    _note_months(connection, table)
    _insert_created(connection, table, import_id)
    _update_changed(connection, table, import_id)
    connection.execute(
        text(f"""
        INSERT INTO cs_geo.{table.versions} ({", ".join(table.columns())}, recorded_by, change, changed_by_import)
        SELECT {", ".join(f"r.{column}" for column in table.columns())}, :actor, s.verdict, :import_id
        FROM staged s JOIN cs_geo.{table.name} r ON r.{table.key} = s.target
        WHERE s.verdict IN ('created', 'updated')
        """),
        {"actor": actor, "import_id": import_id},
    )


def _insert_created(connection: Connection, table: RecordTable, import_id: UUID) -> None:
    own = (*IDENTITY, "occurrence", *table.given, *LOCATION)
    reference, say = ("reference,", "cs_geo.say_reference(s.number),") if table.numbered else ("", "")
    number = "coalesce(carried.number, nextval('cs_geo.report_numbers'))" if table.numbered else "0"
    # A row of an export brings the answer it was exported with; any other has the geocoder's.
    brought = {column: f"CASE WHEN c.row_no IS NULL THEN m.{column} ELSE c.{column} END" for column in (*FOUND, "geom")}
    answers = ", ".join(brought.get(column, f"m.{column}") for column in MATCH)
    connection.execute(
        text(f"""
        INSERT INTO cs_geo.{table.name}
            ({table.key}, {reference} import_id, version, {", ".join(own)}, {", ".join(MATCH)},
            edited_by_person, pin_doubted)
        SELECT s.target, {say} :import_id,
            1 + coalesce((SELECT max(v.version) FROM cs_geo.{table.versions} v WHERE v.{table.key} = s.given_id), 0),
            {", ".join(f"s.{column}" for column in own)}, {answers},
            coalesce(c.edited_by_person, false), coalesce(c.pin_doubted, false)
        FROM (
            SELECT {number} AS number, staged.* FROM staged LEFT JOIN carried USING (row_no)
            WHERE verdict = 'created' ORDER BY row_no) AS s
        JOIN matched m USING (location_key)
        LEFT JOIN carried c ON c.row_no = s.row_no AND c.is_sealed
        """),
        {"import_id": import_id},
    )


def _update_changed(connection: Connection, table: RecordTable, import_id: UUID) -> None:
    given = ", ".join(f"{column} = s.{column}" for column in (*table.given, *LOCATION, "content"))
    # A pin stays where it is while the partner's words for the place stay the same.
    moved = ", ".join(
        f"{column} = CASE WHEN {_same_location()} THEN r.{column} ELSE m.{column} END" for column in MATCH
    )
    connection.execute(
        text(f"""
        UPDATE cs_geo.{table.name} r SET {given}, {moved}, removed = '{{}}', version = r.version + 1,
            import_id = :import_id
        FROM staged s JOIN matched m USING (location_key)
        WHERE s.verdict = 'updated' AND r.{table.key} = s.target
        """),
        {"import_id": import_id},
    )


def _same_location() -> str:
    return "(" + " AND ".join(f"r.{column} = s.{column}" for column in LOCATION) + ")"


def _note_months(connection: Connection, table: RecordTable) -> None:
    """Note the months whose counts change: those that rows come to lie in, and those that updated ones leave."""
    if table.name == "reports":
        connection.execute(
            text("""
            INSERT INTO touched_months
            SELECT DISTINCT date_trunc('month', first_day)::date FROM staged WHERE verdict IN ('created', 'updated')
            UNION
            SELECT DISTINCT date_trunc('month', r.first_day)::date
            FROM staged s JOIN cs_geo.reports r ON r.report_id = s.target WHERE s.verdict = 'updated'
            """)
        )


@dataclass(frozen=True)
class Undone:
    """What undoing an import did."""

    withdrawn: int
    restored: int
    kept: tuple[str, ...]
    """References of records that have been changed since, which therefore stay."""
    waiting: tuple[str, ...] = ()
    """Those of ``kept`` that only a later import has changed: once that one is undone, so can this one be."""
    later_imports: tuple[tuple[str, datetime], ...] = ()
    """Source and start of the imports that they wait for, newest first."""


def undo_import(connection: Connection, table: RecordTable, *, import_id: UUID, actor: str) -> Undone:
    """Withdraw what an import created and restore what it replaced, where its change is the newest that still stands.

    A change stands until it is undone. So the imports of one record are undone newest first, and a record on which
    somebody has worked since stays for good.
    """
    named = "r.reference" if table.numbered else f"r.{table.key}::text"
    connection.execute(
        text(f"""
        CREATE TEMPORARY TABLE undoing ON COMMIT DROP AS
        WITH own AS (
            SELECT v.{table.key}, min(v.version) AS first_version, max(v.version) AS last_version,
                bool_or(v.change = 'created') AS was_created
            FROM cs_geo.{table.versions} v
            WHERE v.changed_by_import = :import_id AND v.change IN ('created', 'updated') AND {_stands(table)}
            GROUP BY v.{table.key})
        SELECT r.{table.key} AS record_id, {named} AS named, own.first_version, own.was_created,
            later.by_person OR later.imports <> '{{}}' AS changed_since,
            NOT later.by_person AND later.imports <> '{{}}' AS is_waiting, later.imports
        FROM own JOIN cs_geo.{table.name} r USING ({table.key})
        CROSS JOIN LATERAL (
            SELECT coalesce(bool_or(v.changed_by_import IS NULL), false) AS by_person,
                coalesce(array_agg(v.changed_by_import) FILTER (WHERE v.changed_by_import IS NOT NULL), '{{}}')
                    AS imports
            FROM cs_geo.{table.versions} v
            WHERE v.{table.key} = own.{table.key} AND v.version > own.last_version
                AND v.change NOT IN ('withdrawn', 'restored') AND {_stands(table)}) AS later
        """),
        {"import_id": import_id},
    )
    columns = tuple(table.columns())
    for change, condition in (("withdrawn", "u.was_created"), ("restored", "NOT u.was_created")):
        connection.execute(
            text(f"""
            INSERT INTO cs_geo.{table.versions} ({", ".join(columns)}, recorded_by, change, changed_by_import)
            SELECT {", ".join("r.version + 1" if c == "version" else f"v.{c}" for c in columns)},
                :actor, :change, :import_id
            FROM undoing u JOIN cs_geo.{table.name} r ON r.{table.key} = u.record_id
            JOIN cs_geo.{table.versions} v ON v.{table.key} = u.record_id
                AND v.version = CASE WHEN u.was_created THEN u.first_version ELSE u.first_version - 1 END
            WHERE NOT u.changed_since AND {condition}
            """),
            {"actor": actor, "change": change, "import_id": import_id},
        )
    withdrawn = connection.execute(
        text(f"""
        DELETE FROM cs_geo.{table.name} r USING undoing u
        WHERE r.{table.key} = u.record_id AND u.was_created AND NOT u.changed_since
        """)
    ).rowcount
    restored_columns = ", ".join(f"{column} = v.{column}" for column in columns if column != table.key)
    restored = connection.execute(
        text(f"""
        UPDATE cs_geo.{table.name} r SET {restored_columns}
        FROM undoing u JOIN cs_geo.{table.versions} v ON v.{table.key} = u.record_id
        WHERE r.{table.key} = u.record_id AND v.version = r.version + 1
            AND NOT u.was_created AND NOT u.changed_since
        """)
    ).rowcount
    kept = connection.execute(text("SELECT named, is_waiting FROM undoing WHERE changed_since ORDER BY named")).all()
    later = connection.execute(
        text("""
        SELECT s.name, i.started_at FROM cs_geo.imports i JOIN cs_geo.sources s USING (source_id)
        WHERE i.import_id IN (SELECT unnest(imports) FROM undoing WHERE is_waiting) ORDER BY i.started_at DESC
        """)
    ).all()
    return Undone(
        withdrawn=withdrawn,
        restored=restored,
        kept=tuple(row[0] for row in kept),
        waiting=tuple(row[0] for row in kept if row[1]),
        later_imports=tuple((row[0], row[1]) for row in later),
    )


def _stands(table: RecordTable) -> str:
    """Whether the change that made version ``v`` has not been undone. An import is undone once for each record."""
    return f"""NOT EXISTS (
        SELECT 1 FROM cs_geo.{table.versions} undo
        WHERE undo.{table.key} = v.{table.key} AND undo.changed_by_import = v.changed_by_import
            AND undo.change IN ('withdrawn', 'restored'))"""


def months_of_import(connection: Connection, import_id: UUID) -> list[date]:
    """First days of the months in which an import's reports lie, before and after it."""
    return list(
        connection.scalars(
            text("""
            SELECT DISTINCT date_trunc('month', v.first_day)::date FROM cs_geo.report_versions v
            WHERE v.report_id IN (
                SELECT report_id FROM cs_geo.report_versions WHERE changed_by_import = :import_id)
            """),
            {"import_id": import_id},
        )
    )
