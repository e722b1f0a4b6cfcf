"""The names of those who send reports, and whether another of them has sent the same rows."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from cs_geo.store.record_tables import LOCATION

LOOKED_AT = 200
"""Staged rows compared with what others have sent: enough to tell "most of them", whatever the size of the file."""
TOLD_BY = ("published", "first_day", "kind", "occurred_from", "occurred_until", "harm_types", "note", *LOCATION)
"""Columns in which two rows about one event agree, whoever sent them. The stored hash of a row holds its source."""


@dataclass(frozen=True, slots=True)
class EqualRows:
    """How many of the first new rows of an import another source has sent already."""

    source: str
    equal_n: int
    looked_at_n: int


def list_source_names(connection: Connection) -> list[str]:
    """Every source by name, in alphabetical order."""
    return list(connection.scalars(text("SELECT name FROM cs_geo.sources ORDER BY lower(name)")))


def compare_with_other_sources(connection: Connection) -> EqualRows | None:
    """The other source that has sent most of the first new rows that are staged; None when no other has sent any."""
    told_by = ", ".join(TOLD_BY)
    same = " AND ".join(f"r.{column} = l.{column}" for column in TOLD_BY)
    row = connection.execute(
        text(f"""
        WITH looked_at AS (
            SELECT row_no, source_id, {told_by} FROM staged WHERE verdict = 'created' ORDER BY row_no LIMIT :most)
        SELECT s.name, count(DISTINCT l.row_no), (SELECT count(*) FROM looked_at)
        FROM looked_at l JOIN cs_geo.reports r ON r.source_id <> l.source_id AND {same}
        JOIN cs_geo.sources s ON s.source_id = r.source_id
        GROUP BY s.name ORDER BY 2 DESC, 1 LIMIT 1
        """),
        {"most": LOOKED_AT},
    ).first()
    return EqualRows(*row) if row else None
