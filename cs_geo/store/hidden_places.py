"""Registered places that are never shown, because they touch a protected location or bear the name of one.

Asked at every reading, so that it does not matter whether the place, the list or the gazetteer was loaded first.
"""

from uuid import UUID

from sqlalchemy import Connection, text

PROTECTED_TYPE = "care_or_supported_accommodation"
"""A type of place that is never listed: it belongs on the list of protected locations (practice.md §5)."""
HIDDEN_PLACES = f"""(
    SELECT place_id FROM cs_geo.places WHERE place_type = '{PROTECTED_TYPE}'
    UNION
    SELECT p.place_id FROM cs_geo.places p
    JOIN LATERAL (
        SELECT geom FROM cs_geo.place_boundaries WHERE place_id = p.place_id ORDER BY version DESC LIMIT 1) AS b ON true
    WHERE cs_geo.meets_protected(b.geom)
    UNION
    SELECT a.place_id FROM cs_geo.place_aliases a JOIN cs_geo.gazetteer_entries e ON e.name_norm = a.alias_norm
    WHERE e.kind NOT IN ('postcode', 'address')
    GROUP BY a.place_id, a.alias_norm
    HAVING bool_or(e.kind = 'place') AND bool_and(cs_geo.lies_protected(e.x, e.y))
)"""
"""Places of that type, whose boundary touches a protected location, or of one of whose names the gazetteers know only
what lies in one."""
MATCH_NAME = f"""
    CASE WHEN match_gazetteer = 'place register'
        AND match_name IN (SELECT name FROM cs_geo.places WHERE place_id IN {HIDDEN_PLACES})
    THEN '' ELSE match_name END
"""
"""What a report was matched with, unless that is a hidden place."""


def place_name(reference: str) -> str:
    """SQL for the name of the place that a column refers to, NULL where it is hidden."""
    return f"(SELECT name FROM cs_geo.places p WHERE p.place_id = {reference} AND p.place_id NOT IN {HIDDEN_PLACES})"


def as_written(column: str, *, place: str = "place_id") -> str:
    """SQL for a location as it was written, withheld where it names a hidden place."""
    return f"CASE WHEN {place} IN {HIDDEN_PLACES} THEN '' ELSE {column} END"


def is_hidden(connection: Connection, place_id: UUID) -> bool:
    """Does a place touch a protected location, or bear the name of one?"""
    return bool(connection.scalar(text(f"SELECT :place IN {HIDDEN_PLACES}"), {"place": place_id}))


def count_hidden(connection: Connection) -> int:
    """How many registered places are hidden."""
    return int(connection.scalar(text(f"SELECT count(*) FROM {HIDDEN_PLACES} AS hidden")) or 0)
