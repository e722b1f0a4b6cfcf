"""Chance tests of hotspot runs, how steady their hotspots are, and which doubtful pins they rest on."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class TestOfRun:
    """A kept test: what a run was held against, and on how many maps."""

    __test__ = False  # not a test of ours, whatever pytest thinks of its name

    test_id: UUID
    run_id: UUID
    baseline: Mapping[str, Any]
    reports_n: int
    maps_n: int
    seed: int
    rises: Sequence[Mapping[str, Any]]
    """Wide, weak rises: ``x``, ``y``, ``radius_m``, ``counted``, ``expected``, ``as_strong``; storage metres."""
    tested_at: datetime


@dataclass(frozen=True, slots=True)
class GradeOfHotspot:
    """What a test says of one hotspot."""

    hotspot_id: UUID
    grade: str
    untested: str
    """Why it was not tested; empty where it was."""
    counted_n: int
    expected_n: float
    ratio: float
    as_strong_n: int
    said: str
    """The grade and what it rests on, in words: what every export and view says."""


@dataclass(frozen=True, slots=True)
class StabilityOfHotspot:
    """How often one hotspot was found again."""

    hotspot_id: UUID
    steadiness: str
    moved_found_n: int
    moved_n: int
    settings_found_n: int
    settings_n: int


@dataclass(frozen=True, slots=True)
class PinOfHotspot:
    """What taking one doubtful pin away does to the hotspot it lies in."""

    hotspot_id: UUID
    report_id: UUID
    dissolves: bool
    lost_n: int
    doubtful_n: int


def find_test(connection: Connection, run_id: UUID, fingerprint: bytes) -> UUID | None:
    """The kept test of the same question over the same run."""
    found: UUID | None = connection.scalar(
        text("SELECT test_id FROM cs_geo.hotspot_tests WHERE run_id = :run AND fingerprint = :f"),
        {"run": run_id, "f": fingerprint},
    )
    return found


def save_test(
    connection: Connection,
    run_id: UUID,
    *,
    fingerprint: bytes,
    baseline: Mapping[str, Any],
    reports_n: int,
    maps_n: int,
    seed: int,
    rises: Sequence[Mapping[str, Any]],
    code_version: str,
    actor: str,
    grades: Iterable[GradeOfHotspot],
) -> UUID:
    """Keep a test of a run, with what it says of each hotspot."""
    test_id: UUID = connection.execute(
        text("""
        INSERT INTO cs_geo.hotspot_tests
            (run_id, fingerprint, baseline, reports_n, maps_n, seed, rises, code_version, tested_by)
        VALUES (:run, :fingerprint, :baseline, :reports_n, :maps_n, :seed, :rises, :code_version, :actor)
        RETURNING test_id
        """),
        {
            "run": run_id,
            "fingerprint": fingerprint,
            "baseline": json.dumps(baseline),
            "reports_n": reports_n,
            "maps_n": maps_n,
            "seed": seed,
            "rises": json.dumps(list(rises)),
            "code_version": code_version,
            "actor": actor,
        },
    ).scalar_one()
    rows = [
        {
            "test": test_id,
            "hotspot": one.hotspot_id,
            "grade": one.grade,
            "untested": one.untested,
            "counted": one.counted_n,
            "expected": one.expected_n,
            "ratio": one.ratio,
            "as_strong": one.as_strong_n,
            "said": one.said,
        }
        for one in grades
    ]
    if rows:
        connection.execute(
            text("""
            INSERT INTO cs_geo.hotspot_grades
                (test_id, hotspot_id, grade, untested, counted_n, expected_n, ratio, as_strong_n, said)
            VALUES (:test, :hotspot, :grade, :untested, :counted, :expected, :ratio, :as_strong, :said)
            """),
            rows,
        )
    return test_id


def list_tests(connection: Connection, run_ids: Sequence[UUID]) -> list[TestOfRun]:
    """The tests of runs, the newest first."""
    rows = connection.execute(
        text("""
        SELECT test_id, run_id, baseline, reports_n, maps_n, seed, rises, tested_at
        FROM cs_geo.hotspot_tests WHERE run_id = ANY(:runs) ORDER BY tested_at DESC
        """),
        {"runs": list(run_ids)},
    )
    return [TestOfRun(*row) for row in rows]


def read_grades(connection: Connection, test_id: UUID) -> dict[UUID, GradeOfHotspot]:
    """What a test says of each hotspot."""
    rows = connection.execute(
        text("""
        SELECT hotspot_id, grade, untested, counted_n, expected_n, ratio, as_strong_n, said
        FROM cs_geo.hotspot_grades WHERE test_id = :test
        """),
        {"test": test_id},
    )
    return {row[0]: GradeOfHotspot(*row) for row in rows}


def grades_of_hotspot(connection: Connection, hotspot_id: UUID) -> list[str]:
    """Every grade that any test has given a hotspot."""
    rows = connection.scalars(
        text("SELECT grade FROM cs_geo.hotspot_grades WHERE hotspot_id = :hotspot"), {"hotspot": hotspot_id}
    )
    return list(rows)


def save_stability(connection: Connection, found: Iterable[StabilityOfHotspot]) -> None:
    """Keep how steady hotspots are, in place of what was known before."""
    rows = [
        {
            "hotspot": one.hotspot_id,
            "steadiness": one.steadiness,
            "moved_found": one.moved_found_n,
            "moved": one.moved_n,
            "settings_found": one.settings_found_n,
            "settings": one.settings_n,
        }
        for one in found
    ]
    if not rows:
        return
    connection.execute(
        text("DELETE FROM cs_geo.hotspot_stability WHERE hotspot_id = ANY(:ids)"),
        {"ids": [row["hotspot"] for row in rows]},
    )
    connection.execute(
        text("""
        INSERT INTO cs_geo.hotspot_stability
            (hotspot_id, steadiness, moved_found_n, moved_n, settings_found_n, settings_n)
        VALUES (:hotspot, :steadiness, :moved_found, :moved, :settings_found, :settings)
        """),
        rows,
    )


def read_stability(connection: Connection, run_ids: Sequence[UUID]) -> dict[UUID, StabilityOfHotspot]:
    """How steady the hotspots of runs are, of those that were tried."""
    rows = connection.execute(
        text("""
        SELECT hotspot_id, steadiness, moved_found_n, moved_n, settings_found_n, settings_n
        FROM cs_geo.hotspot_stability JOIN cs_geo.hotspots USING (hotspot_id) WHERE run_id = ANY(:runs)
        """),
        {"runs": list(run_ids)},
    )
    return {row[0]: StabilityOfHotspot(*row) for row in rows}


def save_pins(connection: Connection, run_id: UUID, pins: Iterable[PinOfHotspot]) -> None:
    """Keep which doubtful pins the hotspots of a run rest on, in place of what was known before."""
    connection.execute(
        text("""
        DELETE FROM cs_geo.hotspot_pins
        WHERE hotspot_id IN (SELECT hotspot_id FROM cs_geo.hotspots WHERE run_id = :run)
        """),
        {"run": run_id},
    )
    rows = [
        {
            "hotspot": one.hotspot_id,
            "report": one.report_id,
            "dissolves": one.dissolves,
            "lost": one.lost_n,
            "doubtful": one.doubtful_n,
        }
        for one in pins
    ]
    if rows:
        connection.execute(
            text("""
            INSERT INTO cs_geo.hotspot_pins (hotspot_id, report_id, dissolves, lost_n, doubtful_n)
            VALUES (:hotspot, :report, :dissolves, :lost, :doubtful)
            """),
            rows,
        )
