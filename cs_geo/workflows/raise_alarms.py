"""The weekly alarm: is anything new since last week, beyond what this district's own reporting explains?

It is asked once of the same reports: of incidents and of concerns, each by itself. A scan takes seconds and is done as
a job when Home is opened and something has changed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from cs_geo import __version__
from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.hotspots.alarms import MAPS, PERIOD_DAYS, scan_for_alarms
from cs_geo.hotspots.clusters import Floats, Integers
from cs_geo.hotspots.find import used_reports
from cs_geo.hotspots.labels import label_places
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store import alarms as stored
from cs_geo.store.alarms import AlarmScan, KeptAlarm
from cs_geo.store.hotspots import read_label_streets, read_points
from cs_geo.store.opening import Store
from cs_geo.workflows.find_hotspots import ground_of
from cs_geo.workflows.progress import Progress, say_nothing
from cs_geo.workflows.recording import recorded_long

KINDS = (Kind.INCIDENT, Kind.CONCERN)
RAISED_P = 0.01
"""Asked every week of two kinds: by chance alone, about once a year."""
SEED = 20260414


@dataclass(frozen=True, slots=True)
class Alarms:
    """The newest scan of a kind and what it raises."""

    scan: AlarmScan
    raised: Sequence[KeptAlarm]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a scan rests on."""

    xy: Floats
    days_ago: Integers
    undated: int


def raise_alarms(store: Store, actor: Actor, until: date, *, progress: Progress = say_nothing) -> list[AlarmScan]:
    """Scan each kind up to a day, unless the same reports were scanned already."""
    scans = []
    for kind in KINDS:
        with recorded_long(store, actor, Action.FIND_HOTSPOTS, details={"alarm": str(kind)}) as recording:
            connection = recording.connection
            fingerprint = _fingerprint(connection, kind, until)
            if stored.find_scan(connection, fingerprint) is None:
                asked = _read(connection, kind, until)
                found = scan_for_alarms(
                    asked.xy,
                    asked.days_ago,
                    seed=SEED,
                    progress=lambda done, total: (
                        progress("Dealing out dates anew", done, total) if done % 50 == 0 else None
                    ),
                )
                points = np.array([(one.x, one.y) for one in found]).reshape(-1, 2)
                labels = label_places(points, read_label_streets(connection))
                stored.save_scan(
                    connection,
                    kind=str(kind),
                    fingerprint=fingerprint,
                    until=until,
                    reports_n=len(asked.xy),
                    undated_n=asked.undated,
                    maps_n=MAPS,
                    code_version=__version__,
                    actor=actor.person,
                    alarms=[
                        KeptAlarm(
                            label,
                            one.x,
                            one.y,
                            one.radius_m,
                            one.days,
                            one.counted,
                            one.expected,
                            one.ratio,
                            one.as_strong,
                        )
                        for one, label in zip(found, labels, strict=True)
                        if one.p <= RAISED_P
                    ],
                )
            scans += stored.latest_scans(connection, [str(kind)])
    return scans


def is_due(store: Store, actor: Actor, until: date) -> bool:
    """Has any kind not been scanned yet as it now stands?"""
    require(actor, Action.FIND_HOTSPOTS)
    with store.begin(actor) as connection:
        return any(stored.find_scan(connection, _fingerprint(connection, kind, until)) is None for kind in KINDS)


def read_latest_alarms(store: Store, actor: Actor) -> list[Alarms]:
    """The newest scan of each kind, and what it raises."""
    require(actor, Action.VIEW_MAP)
    with store.begin(actor) as connection:
        return [
            Alarms(scan, stored.read_alarms(connection, scan.scan_id))
            for scan in stored.latest_scans(connection, [str(kind) for kind in KINDS])
        ]


def _selection(kind: Kind, until: date) -> Selection:
    return Selection(since=until - timedelta(days=PERIOD_DAYS - 1), until=until, kinds=(kind,))


def _fingerprint(connection: Connection, kind: Kind, until: date) -> bytes:
    """Reports, ground and day as they stand, without reading every report."""
    return hashlib.blake2b(
        f"{kind} {until} {__version__} {stored.stamp_of(connection, _selection(kind, until))}".encode(), digest_size=16
    ).digest()


def _read(connection: Connection, kind: Kind, until: date) -> _Asked:
    """The reports of a year up to a day whose place and day are known."""
    selection = _selection(kind, until)
    study_area, protected = ground_of(connection, selection)
    reports = read_points(connection, selection)
    dated = reports[reports["date_precision"] != "month"]
    used, xy = used_reports(dated, HotspotParameters(), study_area=study_area, protected=protected)
    days_ago = (pd.Timestamp(until) - pd.to_datetime(used["occurred_on"])).dt.days.to_numpy(dtype=np.int64)
    return _Asked(xy, days_ago, len(reports) - len(dated))
