"""Landing an import: resolved rows become records and versions, and can be withdrawn again.

Nothing is overwritten: every change appends the whole record to the table of versions, which the app role may not
update. Undoing an import withdraws what it created and restores what it replaced, unless somebody has changed it since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from cs_geo.settings import get_settings
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
    carried = (*IDENTITY, "occurrence", *table.given, *LOCATION)
    reference, say = ("reference,", "cs_geo.say_reference(s.number),") if table.numbered else ("", "")
    numbered = "nextval('cs_geo.report_numbers')" if table.numbered else "0"
    connection.execute(
        text(f"""
        INSERT INTO cs_geo.{table.name}
            ({table.key}, {reference} import_id, version, {", ".join(carried)}, {", ".join(MATCH)})
        SELECT s.target, {say} :import_id,
            1 + coalesce((SELECT max(v.version) FROM cs_geo.{table.versions} v WHERE v.{table.key} = s.given_id), 0),
            {", ".join(f"s.{column}" for column in carried)}, {", ".join(f"m.{column}" for column in MATCH)}
        FROM (SELECT {numbered} AS number, staged.* FROM staged WHERE verdict = 'created' ORDER BY row_no) AS s
        JOIN matched m USING (location_key)
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
    """References of records that somebody has changed since, which therefore stay."""


def undo_import(connection: Connection, table: RecordTable, *, import_id: UUID, actor: str) -> Undone:
    """Withdraw what an import created and restore what it replaced, where nobody has changed it since."""
    named = "r.reference" if table.numbered else f"r.{table.key}::text"
    connection.execute(
        text(f"""
        CREATE TEMPORARY TABLE undoing ON COMMIT DROP AS
        SELECT v.{table.key} AS record_id, {named} AS named, min(v.version) AS first_version,
            bool_or(v.change = 'created') AS was_created,
            (r.version > max(v.version) OR r.edited_by_person) AS changed_since
        FROM cs_geo.{table.versions} v JOIN cs_geo.{table.name} r USING ({table.key})
        WHERE v.changed_by_import = :import_id AND v.change IN ('created', 'updated')
        GROUP BY v.{table.key}, {named}, r.version, r.edited_by_person
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
    kept = tuple(connection.scalars(text("SELECT named FROM undoing WHERE changed_since ORDER BY named")))
    return Undone(withdrawn=withdrawn, restored=restored, kept=kept)


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
