"""What has arrived lately and what waits for a person, for the home page."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, text


def count_arrivals(connection: Connection, since: datetime) -> Sequence[RowMapping]:
    """Partners' reports recorded since a moment, by kind and source type, most first."""
    return (
        connection.execute(
            text("""
            SELECT kind, source_type, count(*) AS reports_n FROM cs_geo.reports
            WHERE recorded_at >= :since AND NOT published AND NOT in_protected
            GROUP BY kind, source_type ORDER BY reports_n DESC, kind, source_type
            """),
            {"since": since},
        )
        .mappings()
        .all()
    )


def imports_to_mend(connection: Connection) -> Sequence[RowMapping]:
    """Imports with rejected rows that have not expired, soonest first."""
    return (
        connection.execute(
            text("""
            SELECT i.import_id, s.name AS source, count(*) AS rows_n, min(r.expires_at) AS expires_at
            FROM cs_geo.import_rejects r JOIN cs_geo.imports i USING (import_id) JOIN cs_geo.sources s USING (source_id)
            WHERE r.expires_at > now() AND i.state = 'done' AND NOT EXISTS (
                -- The same file imported again says the same of the same rows.
                SELECT 1 FROM cs_geo.import_files f JOIN cs_geo.import_files later USING (fingerprint)
                JOIN cs_geo.imports l ON l.import_id = later.import_id AND l.state = 'done'
                WHERE f.import_id = i.import_id AND l.source_id = i.source_id AND l.started_at > i.started_at)
            GROUP BY i.import_id, s.name ORDER BY expires_at LIMIT 10
            """)
        )
        .mappings()
        .all()
    )
