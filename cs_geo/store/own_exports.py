"""Rows of our own exports among staged ones: which stored report each is, and what a new one brings with it.

A row names its report by ``report_id``. It may speak for a report of its own source only; a row that names the report
of another source is rejected. What a sealed row carries (``carried``) is taken over by a report that is new here, so
that an export fills an empty database with the very reports it was written from.
"""

from sqlalchemy import Connection, text

from cs_geo.store.record_tables import LOCATION, MATCH, REPORTS, RecordTable
from cs_geo.store.texts import FIELDS

FOUND = tuple(column for column in MATCH if column not in {"place_id", "match_alternatives", "geom"})
"""What a row carries of how its point was found. Places and candidates are this database's own."""
CARRIED = (
    "row_no", "is_sealed", "has_given", "number", "edited_by_person", "pin_doubted", *FOUND, "longitude", "latitude",
    "geom",
)  # fmt: skip
OTHER_SOURCE = "other_source"
EDITED_KEPT = "edited_kept"
RECKONED = frozenset({"published", "time_band", "day_type", "term"})
"""Values of a report that an export does not settle: reckoned from its time and the calendar, or the mapping's."""
UNMOVED_DEGREES = 5e-6
"""Half a metre: an export writes six places of a degree, and two programs reckon them."""
NUMBERS_AHEAD = 10_000_000
"""How far ahead of the running number a carried reference may lie; references skipped over are never given."""


def create_carried(connection: Connection, table: RecordTable) -> None:
    """Make the temporary table of what rows carry."""
    connection.execute(
        text(f"""
        CREATE TEMPORARY TABLE carried ON COMMIT DROP AS
            SELECT 0 AS row_no, false AS is_sealed, false AS has_given, 0::bigint AS number, edited_by_person,
                pin_doubted, {", ".join(FOUND)}, 0::float8 AS longitude, 0::float8 AS latitude, geom
            FROM cs_geo.{table.name} WITH NO DATA
        """)
    )
    connection.execute(text("ALTER TABLE carried ADD PRIMARY KEY (row_no)"))


def resolve_named(connection: Connection, table: RecordTable) -> None:
    """Resolve the rows that name a report: reject those of another source, update or leave those stored here."""
    connection.execute(
        text(f"""
        UPDATE staged s SET verdict = '{OTHER_SOURCE}'
        WHERE s.given_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM cs_geo.{table.versions} v
            WHERE v.{table.key} = s.given_id AND v.source_id IS DISTINCT FROM s.source_id)
        """)
    )
    _keep_raw_texts(connection, table)
    _resolve_stored(connection, table)
    # The same record twice in one file: the first row speaks.
    connection.execute(
        text(f"""
        UPDATE staged s SET verdict = 'duplicate' FROM staged earlier
        WHERE s.given_id IS NOT NULL AND earlier.given_id = s.given_id AND earlier.row_no < s.row_no
            AND s.verdict IS DISTINCT FROM '{OTHER_SOURCE}' AND earlier.verdict IS DISTINCT FROM '{OTHER_SOURCE}'
        """)
    )
    _pair_exports_from_elsewhere(connection, table)
    # A row that is not as an export wrote it chooses no identifier.
    connection.execute(
        text("""
        UPDATE staged s SET given_id = NULL
        WHERE s.verdict IS NULL AND s.given_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM carried c WHERE c.row_no = s.row_no AND c.is_sealed)
        """)
    )


def _keep_raw_texts(connection: Connection, table: RecordTable) -> None:
    """Texts that come back as an export shows them, without names, have not been changed: the stored ones stand."""
    if table is not REPORTS:
        return
    for field in FIELDS:
        connection.execute(
            text(f"""
            UPDATE staged s SET {field} = r.{field}
            FROM cs_geo.reports r JOIN cs_geo.report_texts t ON t.report_id = r.report_id AND t.field = '{field}'
            WHERE s.verdict IS NULL AND r.report_id = s.given_id AND s.{field} = t.redacted
            """)
        )


def _resolve_stored(connection: Connection, table: RecordTable) -> None:
    """Rows that name a report stored here change it only where a value differs.

    The point of an export is the one that was found. It says something new only where somebody moved it in the export:
    a sealed row never does, and no other row by a point at which the report has lain before. Otherwise the coordinates
    as given, and with them the pin and how it was found, stay.
    """
    compared = (*(column for column in table.given if column not in RECKONED), *LOCATION)
    same = " AND ".join(
        f"r.{column} IS NOT DISTINCT FROM s.{column}" for column in compared if column != "coordinates_given"
    )
    connection.execute(
        text(f"""
        WITH own AS (
            SELECT s.row_no, r.{table.key}, r.published, r.edited_by_person, {same} AS is_same,
                r.coordinates_given AS first_given, CASE
                    WHEN c.is_sealed THEN s.coordinates_given
                    WHEN c.longitude IS NULL THEN
                        CASE WHEN s.coordinates_given = '' AND NOT c.has_given
                            THEN r.coordinates_given ELSE s.coordinates_given END
                    WHEN EXISTS (
                        SELECT 1 FROM cs_geo.{table.versions} v
                        CROSS JOIN LATERAL (SELECT ST_Transform(v.geom, 4326) AS point) AS lain
                        WHERE v.{table.key} = r.{table.key} AND abs(ST_X(point) - c.longitude) < :step
                            AND abs(ST_Y(point) - c.latitude) < :step)
                    THEN CASE WHEN c.has_given THEN s.coordinates_given ELSE r.coordinates_given END
                    ELSE c.longitude || '|' || c.latitude || '|||' END AS given
            FROM staged s JOIN cs_geo.{table.name} r ON r.{table.key} = s.given_id JOIN carried c USING (row_no)
            WHERE s.verdict IS NULL)
        UPDATE staged s SET target = own.{table.key}, published = own.published,
            location_key = uuid_send(own.{table.key}), coordinates_given = own.given,
            verdict = CASE
                WHEN own.is_same AND own.given = own.first_given THEN 'duplicate'
                WHEN own.edited_by_person THEN '{EDITED_KEPT}'
                ELSE 'updated' END
        FROM own WHERE own.row_no = s.row_no
        """),
        {"step": UNMOVED_DEGREES},
    )


def _pair_exports_from_elsewhere(connection: Connection, table: RecordTable) -> None:
    """Rows of an export whose record is not here: equal to one of ours that no other row names, or a new one."""
    equal = "source_id, identity, CASE WHEN is_keyed THEN content END"
    connection.execute(
        text(f"""
        WITH incoming AS (
            SELECT row_no, source_id, identity, is_keyed, content,
                row_number() OVER (PARTITION BY {equal} ORDER BY occurrence) AS nth
            FROM staged JOIN carried USING (row_no) WHERE verdict IS NULL AND is_sealed
        ), stored AS (
            SELECT {table.key} AS record_id, source_id, identity, is_keyed, content,
                row_number() OVER (PARTITION BY {equal} ORDER BY occurrence) AS nth
            FROM cs_geo.{table.name} r
            WHERE identity IN (SELECT identity FROM incoming)
                AND NOT EXISTS (SELECT 1 FROM staged WHERE given_id = r.{table.key}))
        UPDATE staged s SET verdict = 'duplicate', target = stored.record_id
        FROM incoming JOIN stored USING (source_id, identity, is_keyed, nth)
        WHERE s.row_no = incoming.row_no AND (NOT incoming.is_keyed OR incoming.content = stored.content)
        """)
    )


def settle_created(connection: Connection, table: RecordTable) -> tuple[list[int], list[int]]:
    """Give carried occurrence numbers and references of new records way to those that are taken.

    Returns
    -------
    tuple
        Lines of rows that are new and not as the export wrote them, and of those whose reference was taken.
    """
    if not connection.scalar(text("SELECT EXISTS (SELECT 1 FROM carried)")):
        return [], []
    connection.execute(
        text(f"""
        UPDATE staged s SET occurrence = numbered.occurrence
        FROM (
            SELECT t.row_no, (
                    SELECT max(n) FROM (
                        SELECT max(r.occurrence) AS n FROM cs_geo.{table.name} r
                        WHERE r.identity = t.identity AND r.source_id = t.source_id
                        UNION ALL SELECT max(o.occurrence) FROM staged o
                        WHERE o.identity = t.identity AND o.source_id = t.source_id) AS taken)
                + row_number() OVER (PARTITION BY t.source_id, t.identity ORDER BY t.row_no) AS occurrence
            FROM staged t JOIN carried USING (row_no)
            WHERE t.verdict = 'created' AND (
                EXISTS (
                    SELECT 1 FROM cs_geo.{table.name} r WHERE r.identity = t.identity
                        AND r.source_id = t.source_id AND r.occurrence = t.occurrence)
                OR EXISTS (
                    SELECT 1 FROM staged o WHERE o.identity = t.identity AND o.source_id = t.source_id
                        AND o.occurrence = t.occurrence AND o.verdict = 'created' AND o.row_no < t.row_no))
        ) AS numbered
        WHERE s.row_no = numbered.row_no
        """)
    )
    altered = connection.scalars(
        text("""
        SELECT line FROM staged JOIN carried USING (row_no) WHERE verdict = 'created' AND NOT is_sealed ORDER BY line
        """)
    ).all()
    return list(altered), _settle_references(connection, table)


def _settle_references(connection: Connection, table: RecordTable) -> list[int]:
    """Keep the references that new records carry where they are free, and let the running number pass them."""
    connection.execute(
        text("UPDATE carried c SET number = NULL FROM staged s WHERE s.row_no = c.row_no AND s.verdict <> 'created'")
    )
    largest = connection.scalar(text("SELECT max(number) FROM carried"))
    if largest is None:
        return []
    running = connection.execute(text("SELECT nextval('cs_geo.report_numbers')")).scalar_one()
    taken = connection.scalars(
        text(f"""
        UPDATE carried c SET number = NULL FROM staged s
        WHERE s.row_no = c.row_no AND c.number IS NOT NULL AND (
            c.number > :farthest
            OR EXISTS (SELECT 1 FROM cs_geo.{table.name} r WHERE r.reference = cs_geo.say_reference(c.number))
            OR EXISTS (SELECT 1 FROM carried o WHERE o.number = c.number AND o.row_no < c.row_no))
        RETURNING s.line
        """),
        {"farthest": running + NUMBERS_AHEAD},
    ).all()
    connection.execute(
        text("""
        SELECT count(nextval('cs_geo.report_numbers'))
        FROM generate_series(CAST(:running AS bigint) + 1, (SELECT max(number) FROM carried))
        """),
        {"running": running},
    )
    return sorted(taken)
