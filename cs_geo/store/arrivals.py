"""What has arrived lately and what waits for a person, for the home page."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, text


def count_arrivals(connection: Connection, since: datetime, first_day: date, last_day: date) -> Sequence[RowMapping]:
    """Partners' reports recorded since a moment, by kind and source type.

    ``lately_n`` are those of the days given, by the rule of a selection's window; ``earlier_n`` are about days before.
    """
    return (
        connection.execute(
            text("""
            SELECT kind, source_type, count(*) FILTER (WHERE lately) AS lately_n,
                count(*) FILTER (WHERE NOT lately) AS earlier_n
            FROM (
                SELECT kind, source_type, first_day BETWEEN :first_day AND :last_day
                    AND (date_precision <> 'month' OR last_day <= :last_day) AS lately
                FROM cs_geo.reports WHERE recorded_at >= :since AND NOT published AND NOT in_protected) AS arrived
            GROUP BY kind, source_type ORDER BY kind, source_type
            """),
            {"since": since, "first_day": first_day, "last_day": last_day},
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
