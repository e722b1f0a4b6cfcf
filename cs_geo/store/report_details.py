"""What a report's own page adds to the report: where it came from, and every version of it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, RowMapping, text

from cs_geo.store.hidden_places import place_name


def read_provenance(connection: Connection, report_id: UUID) -> RowMapping | None:
    """Source, registered place, upload and time of recording of one current report."""
    return (
        connection.execute(
            text(f"""
            SELECT s.name AS source, {place_name("r.place_id")} AS place, r.recorded_at, r.safeguarding_answer,
                r.import_id, i.mapping,
                (SELECT array_agg(f.name ORDER BY f.position) FROM cs_geo.import_files f
                    WHERE f.import_id = r.import_id) AS files
            FROM cs_geo.reports r JOIN cs_geo.sources s USING (source_id)
            LEFT JOIN cs_geo.imports i ON i.import_id = r.import_id
            WHERE r.report_id = :id AND NOT r.in_protected
            """),
            {"id": report_id},
        )
        .mappings()
        .one_or_none()
    )


def read_history(connection: Connection, report_id: UUID) -> Sequence[RowMapping]:
    """Every version of a report, newest first: version, change, by whom and when."""
    return (
        connection.execute(
            text("""
            SELECT version, change, recorded_by, recorded_from FROM cs_geo.report_history
            WHERE report_id = :id ORDER BY version DESC
            """),
            {"id": report_id},
        )
        .mappings()
        .all()
    )
