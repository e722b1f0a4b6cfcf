"""The record of imports: sources, what each upload brought, its issues, and rejected rows for a week."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from cs_geo.store.bulk import append_rows


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import, as it is listed."""

    import_id: UUID
    source: str
    mapping: str
    record: str
    state: str
    started_at: datetime
    files: tuple[str, ...]
    read: int
    created: int
    updated: int
    duplicate: int
    rejected: int
    matched: int
    issues: int


def find_or_add_source(connection: Connection, name: str) -> UUID:
    """The source of a name, made when it is new."""
    connection.execute(
        text("INSERT INTO cs_geo.sources (name) VALUES (:name) ON CONFLICT (name) DO NOTHING"), {"name": name}
    )
    source_id: UUID = connection.execute(
        text("SELECT source_id FROM cs_geo.sources WHERE name = :name"), {"name": name}
    ).scalar_one()
    return source_id


def lock_source(connection: Connection, source_id: UUID) -> None:
    """Let imports of one source wait for each other, so that neither counts the other's rows as new."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:source AS text), 0))"), {"source": str(source_id)}
    )


def begin_import(connection: Connection, *, source_id: UUID, mapping: str, record: str, actor: str) -> UUID:
    """Open the record of an import; its counts follow by ``finish_import``."""
    import_id: UUID = connection.execute(
        text("""
        INSERT INTO cs_geo.imports (source_id, mapping, record, actor) VALUES (:source, :mapping, :record, :actor)
        RETURNING import_id
        """),
        {"source": source_id, "mapping": mapping, "record": record, "actor": actor},
    ).scalar_one()
    return import_id


def note_file(
    connection: Connection, import_id: UUID, *, position: int, name: str, fingerprint: bytes, counts: Mapping[str, int]
) -> None:
    """Note one file of an import and what became of its rows."""
    connection.execute(
        text("""
        INSERT INTO cs_geo.import_files
            (import_id, position, name, fingerprint, read_n, created_n, updated_n, duplicate_n, rejected_n)
        VALUES (:import_id, :position, :name, :fingerprint, :read, :created, :updated, :duplicate, :rejected)
        """),
        {"import_id": import_id, "position": position, "name": name, "fingerprint": fingerprint, **counts},
    )


def note_rejects(
    connection: Connection,
    import_id: UUID,
    rejects: Iterable[tuple[str, int, Sequence[str], Sequence[str], Sequence[str]]],
    *,
    expires_at: datetime,
) -> None:
    """Keep rejected rows (file, line, columns, cells, reasons) until they have been mended or have expired."""
    append_rows(
        connection,
        "import_rejects",
        ("import_id", "file", "line", "columns", "cells", "reasons", "expires_at"),
        (
            (import_id, file, line, list(columns), list(cells), list(reasons), expires_at)
            for file, line, columns, cells, reasons in rejects
        ),
    )


def note_issues(connection: Connection, import_id: UUID, issues: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was said of the rows, equal issues of a file counted together."""
    if issues:
        connection.execute(
            text("""
            INSERT INTO cs_geo.import_issues
                (import_id, file, first_line, rows_n, column_name, value, code, severity, message, remedy)
            VALUES (:import_id, :file, :first_line, :rows_n, :column, :value, :code, :severity, :message, :remedy)
            """),
            [{"import_id": import_id, **issue} for issue in issues],
        )


def finish_import(connection: Connection, import_id: UUID, counts: Mapping[str, int]) -> int:
    """Write the counts of an import; how many of its records have a point."""
    matched: int = connection.execute(
        text("""
        SELECT (SELECT count(geom) FROM cs_geo.reports WHERE import_id = :id)
            + (SELECT count(geom) FROM cs_geo.effort_sessions WHERE import_id = :id)
        """),
        {"id": import_id},
    ).scalar_one()
    connection.execute(
        text("""
        UPDATE cs_geo.imports SET read_n = :read, created_n = :created, updated_n = :updated,
            duplicate_n = :duplicate, rejected_n = :rejected, issues_n = :issues, matched_n = :matched,
            finished_at = now()
        WHERE import_id = :id
        """),
        {"id": import_id, "matched": matched, **counts},
    )
    return matched


def count_problems(connection: Connection, import_id: UUID) -> list[tuple[str, int]]:
    """How many records of an import have each matching problem."""
    rows = connection.execute(
        text("""
        SELECT match_problem, count(*) FROM (
            SELECT match_problem FROM cs_geo.reports WHERE import_id = :id
            UNION ALL SELECT match_problem FROM cs_geo.effort_sessions WHERE import_id = :id) AS r
        WHERE match_problem <> '' GROUP BY 1 ORDER BY 2 DESC, 1
        """),
        {"id": import_id},
    )
    return [(row[0], row[1]) for row in rows]


def touched_months(connection: Connection) -> list[Any]:
    """First days of the months whose reports the import changed."""
    return list(connection.scalars(text("SELECT DISTINCT month FROM touched_months")))


def list_imports(connection: Connection, limit: int = 50) -> list[ImportRecord]:
    """The newest imports."""
    rows = connection.execute(
        text("""
        SELECT i.import_id, s.name, i.mapping, i.record, i.state, i.started_at,
            (SELECT array_agg(f.name ORDER BY f.position) FROM cs_geo.import_files f WHERE f.import_id = i.import_id),
            i.read_n, i.created_n, i.updated_n, i.duplicate_n, i.rejected_n, i.matched_n, i.issues_n
        FROM cs_geo.imports i JOIN cs_geo.sources s USING (source_id)
        ORDER BY i.started_at DESC LIMIT :limit
        """),
        {"limit": limit},
    )
    return [
        ImportRecord(
            import_id=row[0],
            source=row[1],
            mapping=row[2],
            record=row[3],
            state=row[4],
            started_at=row[5],
            files=tuple(row[6] or ()),
            read=row[7],
            created=row[8],
            updated=row[9],
            duplicate=row[10],
            rejected=row[11],
            matched=row[12],
            issues=row[13],
        )
        for row in rows
    ]


def state_of_import(connection: Connection, import_id: UUID) -> tuple[str, str] | None:
    """State and kind of record of an import; None when there is none."""
    row = connection.execute(
        text("SELECT state, record FROM cs_geo.imports WHERE import_id = :id FOR UPDATE"), {"id": import_id}
    ).first()
    return (row[0], row[1]) if row else None


def is_undone(connection: Connection, import_id: UUID) -> bool:
    """Has an import been undone?"""
    state = connection.scalar(text("SELECT state FROM cs_geo.imports WHERE import_id = :id"), {"id": import_id})
    return bool(state == "undone")


def mark_undone(connection: Connection, import_id: UUID, actor: str) -> None:
    """Note that an import has been undone."""
    connection.execute(
        text("UPDATE cs_geo.imports SET state = 'undone', undone_at = now(), undone_by = :actor WHERE import_id = :id"),
        {"id": import_id, "actor": actor},
    )


def read_rejects(
    connection: Connection, import_id: UUID
) -> list[tuple[str, int, tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
    """Rejected rows of an import that have not expired: file, line, columns, cells, reasons."""
    rows = connection.execute(
        text("""
        SELECT file, line, columns, cells, reasons FROM cs_geo.import_rejects
        WHERE import_id = :id AND expires_at > now() ORDER BY reject_id
        """),
        {"id": import_id},
    )
    return [(row[0], row[1], tuple(row[2]), tuple(row[3]), tuple(row[4])) for row in rows]


def read_issues(connection: Connection, import_id: UUID) -> list[Mapping[str, Any]]:
    """What was said of an import's rows, rejections first, then by how many rows it concerns."""
    rows = connection.execute(
        text("""
        SELECT file, first_line, rows_n, column_name, value, code, severity, message, remedy
        FROM cs_geo.import_issues WHERE import_id = :id
        ORDER BY array_position(ARRAY['reject', 'warn', 'note'], severity), rows_n DESC, file, first_line
        """),
        {"id": import_id},
    )
    return [dict(row) for row in rows.mappings()]


def expire_rejects(connection: Connection) -> int:
    """Delete rejected rows that are past their days, except of imports under a legal hold."""
    return connection.execute(
        text("""
        DELETE FROM cs_geo.import_rejects
        WHERE expires_at <= now() AND import_id NOT IN (SELECT import_id FROM cs_geo.held_imports())
        """)
    ).rowcount


def saved_profiles(connection: Connection) -> dict[str, str]:
    """Mapping profiles saved on this site: name and TOML."""
    rows = connection.execute(text("SELECT name, toml FROM cs_geo.mapping_profiles ORDER BY name"))
    return {row[0]: row[1] for row in rows}


def keep_profile(connection: Connection, name: str, toml: str, actor: str) -> None:
    """Save a mapping profile, in place of an earlier one of the same name."""
    connection.execute(
        text("""
        INSERT INTO cs_geo.mapping_profiles (name, toml, saved_by) VALUES (:name, :toml, :actor)
        ON CONFLICT (name) DO UPDATE SET toml = excluded.toml, saved_at = now(), saved_by = excluded.saved_by
        """),
        {"name": name, "toml": toml, "actor": actor},
    )


def refresh_statistics(connection: Connection, table: str) -> None:
    """Let the planner know what a bulk load changed."""
    connection.execute(text("SELECT cs_geo.refresh_statistics(:table)"), {"table": table})
