"""Reports of a child who may be in danger, for whom nobody had called when the report was written."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, RowMapping, text

from cs_geo.store.placing import append_version


def list_unanswered(connection: Connection, *, mapping: str) -> Sequence[RowMapping]:
    """Reports that came in by ``mapping`` and say that nobody has called, the longest waiting first.

    Those at protected locations are listed too, because a child may be in danger there; their place is not named.
    """
    return (
        connection.execute(
            text("""
            SELECT r.report_id, r.reference, r.kind, r.occurred_from, r.occurred_until, r.date_precision, r.first_day,
                r.last_day, r.recorded_at, r.in_protected,
                CASE WHEN r.in_protected THEN '' ELSE r.location_text END AS location_text
            FROM cs_geo.imports i JOIN cs_geo.reports r USING (import_id)
            WHERE i.mapping = :mapping AND r.safeguarding_answer = 'no'
            ORDER BY r.recorded_at, r.report_id
            """),
            {"mapping": mapping},
        )
        .mappings()
        .all()
    )


def record_call(connection: Connection, report_id: UUID, *, actor: str) -> bool:
    """Note in a new version of a report that the call has been made; False when nobody was waiting for one."""
    changed = connection.execute(
        text("""
        UPDATE cs_geo.reports SET safeguarding_answer = 'yes', version = version + 1
        WHERE report_id = :id AND safeguarding_answer = 'no'
        """),
        {"id": report_id},
    ).rowcount
    if changed:
        append_version(connection, report_id, change="edited", actor=actor)
    return bool(changed)
