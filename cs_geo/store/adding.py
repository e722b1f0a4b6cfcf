"""Reports added one at a time: finding the one that a form has stored already, and the one it has just stored."""

from uuid import UUID

from sqlalchemy import Connection, text


def find_added(connection: Connection, source_id: UUID, identity: bytes) -> tuple[UUID, str, UUID | None] | None:
    """Report, reference and import of the record with this key, so that saving twice stores once."""
    row = connection.execute(
        text("""
        SELECT report_id, reference, import_id FROM cs_geo.reports
        WHERE source_id = :source AND identity = :identity AND is_keyed ORDER BY occurrence LIMIT 1
        """),
        {"source": source_id, "identity": identity},
    ).first()
    return (row[0], row[1], row[2]) if row else None


def landed_report(connection: Connection) -> tuple[UUID, str, bool]:
    """Report, reference, and whether it has a point, of the one row that was just landed."""
    row = connection.execute(
        text("""
        SELECT r.report_id, r.reference, r.geom IS NOT NULL
        FROM staged s JOIN cs_geo.reports r ON r.report_id = s.target
        """)
    ).one()
    return row[0], row[1], bool(row[2])
