"""Weekly alarms: where more was reported of late than the district's own reporting explains."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, func, select, text

from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings
from cs_geo.store.selecting import report_conditions
from cs_geo.store.tables import reports


@dataclass(frozen=True, slots=True)
class KeptAlarm:
    """One disc in which more was reported of late."""

    label: str
    x: float
    y: float
    radius_m: float
    days_n: int
    counted_n: int
    expected_n: float
    ratio: float
    as_strong_n: int


@dataclass(frozen=True, slots=True)
class AlarmScan:
    """A scan of one kind, up to a day."""

    scan_id: UUID
    kind: str
    until: date
    reports_n: int
    undated_n: int
    """Reports known only by their month, which take no part."""
    maps_n: int


def stamp_of(connection: Connection, selection: Selection) -> str:
    """Changes whenever a report of a selection, the study area or protected ground does."""
    columns = reports.c
    row = func.hashtextextended(func.concat(columns.report_id, columns.version, columns.in_protected), 0)
    number, sum_of_rows = connection.execute(
        select(func.count(), func.coalesce(func.sum(row), 0)).where(report_conditions(selection))
    ).one()
    areas = connection.scalar(text("SELECT max(loaded_at) FROM cs_geo.areas WHERE kind IN ('study', 'district')"))
    return f"{number} {sum_of_rows} {areas}"


def find_scan(connection: Connection, fingerprint: bytes) -> UUID | None:
    """The kept scan of the same reports up to the same day."""
    found: UUID | None = connection.scalar(
        text("SELECT scan_id FROM cs_geo.alarm_scans WHERE fingerprint = :f"), {"f": fingerprint}
    )
    return found


def save_scan(
    connection: Connection,
    *,
    kind: str,
    fingerprint: bytes,
    until: date,
    reports_n: int,
    undated_n: int,
    maps_n: int,
    code_version: str,
    actor: str,
    alarms: Iterable[KeptAlarm],
) -> UUID:
    """Keep a scan and what it found."""
    scan_id: UUID = connection.execute(
        text("""
        INSERT INTO cs_geo.alarm_scans
            (kind, fingerprint, until, reports_n, undated_n, maps_n, code_version, scanned_by)
        VALUES (:kind, :fingerprint, :until, :reports_n, :undated_n, :maps_n, :code_version, :actor)
        RETURNING scan_id
        """),
        {
            "kind": kind,
            "fingerprint": fingerprint,
            "until": until,
            "reports_n": reports_n,
            "undated_n": undated_n,
            "maps_n": maps_n,
            "code_version": code_version,
            "actor": actor,
        },
    ).scalar_one()
    rows = [
        {
            "scan": scan_id,
            "label": one.label,
            "x": one.x,
            "y": one.y,
            "srid": get_settings().storage_epsg,
            "radius": one.radius_m,
            "days": one.days_n,
            "counted": one.counted_n,
            "expected": one.expected_n,
            "ratio": one.ratio,
            "as_strong": one.as_strong_n,
        }
        for one in alarms
    ]
    if rows:
        connection.execute(
            text("""
            INSERT INTO cs_geo.alarms
                (scan_id, label, radius_m, days_n, counted_n, expected_n, ratio, as_strong_n, geom)
            VALUES (:scan, :label, :radius, :days, :counted, :expected, :ratio, :as_strong,
                ST_SetSRID(ST_MakePoint(:x, :y), :srid))
            """),
            rows,
        )
    return scan_id


def latest_scans(connection: Connection, kinds: Sequence[str]) -> list[AlarmScan]:
    """The newest scan of each kind."""
    rows = connection.execute(
        text("""
        SELECT DISTINCT ON (kind) scan_id, kind, until, reports_n, undated_n, maps_n
        FROM cs_geo.alarm_scans WHERE kind = ANY(:kinds) ORDER BY kind, scanned_at DESC
        """),
        {"kinds": list(kinds)},
    )
    return [AlarmScan(*row) for row in rows]


def read_alarms(connection: Connection, scan_id: UUID) -> list[KeptAlarm]:
    """What a scan found outside protected ground, strongest first."""
    rows = connection.execute(
        text("""
        SELECT label, ST_X(geom), ST_Y(geom), radius_m, days_n, counted_n, expected_n, ratio, as_strong_n
        FROM cs_geo.alarms WHERE scan_id = :scan AND NOT cs_geo.lies_protected(geom) ORDER BY ratio DESC
        """),
        {"scan": scan_id},
    )
    return [KeptAlarm(*row) for row in rows]
