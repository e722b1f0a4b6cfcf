"""Putting reports where they belong: by a person, by trying the geocoder again, and doubting a pin.

Every change is a new version of the report. A pin placed by a person is not moved by an import again.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from cs_geo.settings import get_settings
from cs_geo.store.landing import store_matches
from cs_geo.store.record_tables import LOCATION, MATCH, REPORTS, RecordTable


def place_report(
    connection: Connection,
    report_id: UUID,
    *,
    x: float,
    y: float,
    precision: str,
    radius_m: float,
    name: str,
    version: int,
    actor: str,
) -> bool:
    """Place one report at a point in storage metres; False when somebody has changed it since ``version``."""
    changed = connection.execute(
        text("""
        UPDATE cs_geo.reports SET geom = ST_SetSRID(ST_MakePoint(:x, :y), :srid), match_method = 'person',
            match_precision = :precision, match_radius_m = :radius, match_confidence = 'high', match_name = :name,
            match_gazetteer = '', match_problem = '', default_location = false, pin_doubted = false,
            edited_by_person = true,
            version = version + 1
        WHERE report_id = :id AND version = :version
        """),
        {
            "id": report_id,
            "x": x,
            "y": y,
            "srid": get_settings().storage_epsg,
            "precision": precision,
            "radius": radius_m,
            "name": name,
            "version": version,
        },
    ).rowcount
    if changed:
        append_version(connection, report_id, change="placed", actor=actor)
    return bool(changed)


def doubt_pin(connection: Connection, report_id: UUID, *, actor: str) -> bool:
    """Note that somebody says a report's pin is wrong; False when there is no such report."""
    changed = connection.execute(
        text("""
        UPDATE cs_geo.reports SET pin_doubted = true, version = version + 1
        WHERE report_id = :id AND NOT pin_doubted
        """),
        {"id": report_id},
    ).rowcount
    if changed:
        append_version(connection, report_id, change="edited", actor=actor)
    return bool(changed)


def leave_report(connection: Connection, report_id: UUID, *, version: int, actor: str) -> bool:
    """Note that a person looked and leaves a report as it is; False when somebody has changed it since."""
    changed = connection.execute(
        text("""
        UPDATE cs_geo.reports SET pin_doubted = false, default_location = false, edited_by_person = true,
            version = version + 1,
            match_confidence = CASE WHEN geom IS NULL THEN match_confidence ELSE 'medium' END
        WHERE report_id = :id AND version = :version
        """),
        {"id": report_id, "version": version},
    ).rowcount
    if changed:
        append_version(connection, report_id, change="edited", actor=actor)
    return bool(changed)


def append_version(connection: Connection, report_id: UUID, *, change: str, actor: str) -> None:
    """Append the report as it now is to the table of versions."""
    columns = ", ".join(REPORTS.columns())
    connection.execute(
        text(f"""
        INSERT INTO cs_geo.report_versions ({columns}, recorded_by, change)
        SELECT {columns}, :actor, :change FROM cs_geo.reports WHERE report_id = :id
        """),
        {"id": report_id, "actor": actor, "change": change},
    )


def locations_to_retry(connection: Connection, table: RecordTable) -> list[tuple[str, str, str, str, str]]:
    """Every distinct location of records without a point, or with a doubtful one, that no person has placed.

    Not of records from which a rule has removed something: what is left of the location gives a worse point.
    """
    rows = connection.execute(
        text(f"""
        SELECT DISTINCT {", ".join(LOCATION)} FROM cs_geo.{table.name}
        WHERE (geom IS NULL OR match_confidence IN ('low', 'none')) AND NOT edited_by_person
            AND NOT removed && '{{location_text,exact_geometry}}'
        """)
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def place_again(
    connection: Connection,
    table: RecordTable,
    locations: Sequence[tuple[str, ...]],
    matches: Iterable[Sequence[Any]],
    *,
    actor: str,
) -> tuple[int, list[date]]:
    """Give records the geocoder's new answer for their location, where it has one.

    Parameters
    ----------
    locations
        Values of ``LOCATION``.
    matches
        Values of ``MATCH_VALUES`` for each, keyed by the location's place in ``locations`` as four bytes.

    Returns
    -------
    tuple
        How many records got another point, and the months (first days) they lie in.
    """
    connection.execute(
        text(f"""
        CREATE TEMPORARY TABLE matched ON COMMIT DROP AS
            SELECT ''::bytea AS location_key, {", ".join(MATCH)} FROM cs_geo.{table.name} WITH NO DATA
        """)
    )
    store_matches(connection, matches)
    connection.execute(
        text(f"""
        CREATE TEMPORARY TABLE placed_again ON COMMIT DROP AS
        SELECT r.{table.key} AS record_id, asked.location_key
        FROM unnest(CAST(:keys AS bytea[]), {", ".join(f"CAST(:{c} AS text[])" for c in LOCATION)})
            AS asked (location_key, {", ".join(LOCATION)})
        JOIN matched m USING (location_key)
        JOIN cs_geo.{table.name} r ON {" AND ".join(f"r.{c} = asked.{c}" for c in LOCATION)}
        WHERE (r.geom IS NULL OR r.match_confidence IN ('low', 'none')) AND NOT r.edited_by_person
            AND NOT r.removed && '{{location_text,exact_geometry}}'
            AND m.geom IS NOT NULL AND m.geom IS DISTINCT FROM r.geom
        """),
        {
            "keys": [number.to_bytes(4, "big") for number in range(len(locations))],
            **{column: [location[i] for location in locations] for i, column in enumerate(LOCATION)},
        },
    )
    placed = connection.execute(
        text(f"""
        UPDATE cs_geo.{table.name} r SET {", ".join(f"{c} = m.{c}" for c in MATCH)}, version = r.version + 1
        FROM placed_again p JOIN matched m USING (location_key) WHERE r.{table.key} = p.record_id
        """)
    ).rowcount
    columns = tuple(table.columns())
    connection.execute(
        text(f"""
        INSERT INTO cs_geo.{table.versions} ({", ".join(columns)}, recorded_by, change)
        SELECT {", ".join(f"r.{c}" for c in columns)}, :actor, 'placed'
        FROM cs_geo.{table.name} r JOIN placed_again p ON r.{table.key} = p.record_id
        """),
        {"actor": actor},
    )
    months = list(
        connection.scalars(
            text(f"""
            SELECT DISTINCT date_trunc('month', first_day)::date
            FROM cs_geo.{table.name} JOIN placed_again ON {table.key} = record_id
            """)
        )
    )
    connection.execute(text("DROP TABLE matched, placed_again"))
    return placed, months
