"""Holding a kept run against chance, and trying how steady its hotspots are and which doubtful pins they rest on.

It takes seconds to minutes and is done as a job. The reports must still be those of the run: a test of other reports
than those on the map would say something of a map that nobody sees.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from shapely import Point, STRtree
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from cs_geo import __version__
from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.errors import UsageError
from cs_geo.hotspots.baselines import Baseline, Pool
from cs_geo.hotspots.chance import (
    POSSIBLE_P,
    SCREENING_MAPS,
    ChanceTest,
    grade_of,
    hold_against_chance,
    least_by_chance,
)
from cs_geo.hotspots.chance_words import NOT_TESTED, STEADINESS, chance_sentence, grade_words
from cs_geo.hotspots.find import used_reports
from cs_geo.hotspots.influence import rank_doubtful_pins
from cs_geo.hotspots.labels import label_places
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.result import HotspotResult
from cs_geo.hotspots.scan import Rise, scan_for_rises
from cs_geo.hotspots.stability import Steadiness, try_stability
from cs_geo.reports.selection import Selection
from cs_geo.store import hotspot_tests as stored
from cs_geo.store.hotspot_tests import GradeOfHotspot, PinOfHotspot, StabilityOfHotspot, TestOfRun
from cs_geo.store.hotspots import HotspotRun, read_hotspots, read_label_streets, read_points, read_run
from cs_geo.store.opening import Store
from cs_geo.workflows.baseline_choice import BaselineChoice, build_baseline
from cs_geo.workflows.find_hotspots import compute_again, ground_of
from cs_geo.workflows.progress import Progress, say_nothing
from cs_geo.workflows.recording import recorded_long

SEED = 20260414
"""One seed for all, so that whoever tests the same run again gets the same figures."""


@dataclass(frozen=True, slots=True)
class Defence:
    """What is known of the hotspots of runs, by hotspot."""

    tests: Sequence[TestOfRun]
    grades: Mapping[UUID, Mapping[UUID, GradeOfHotspot]]
    """By test, by hotspot."""
    stability: Mapping[UUID, StabilityOfHotspot]

    def latest(self, run_id: UUID) -> TestOfRun | None:
        """The newest test of a run."""
        return next((test for test in self.tests if test.run_id == run_id), None)

    def grade(self, test: TestOfRun, hotspot_id: UUID) -> GradeOfHotspot | None:
        """What a test says of a hotspot."""
        return self.grades.get(test.test_id, {}).get(hotspot_id)


def defend_run(
    store: Store,
    actor: Actor,
    run_id: UUID,
    choice: BaselineChoice,
    *,
    maps: int = SCREENING_MAPS,
    seed: int = SEED,
    progress: Progress = say_nothing,
) -> TestOfRun:
    """Test a kept run against chance, and try how steady its hotspots are.

    Raises
    ------
    UsageError
        If the run is gone, if its reports have changed since, or if the baseline cannot be built.
    """
    details = {"baseline": choice.to_json(), "maps": maps}
    with recorded_long(store, actor, Action.FIND_HOTSPOTS, subject=str(run_id), details=details) as recording:
        connection = recording.connection
        run = read_run(connection, run_id)
        if run is None:
            raise UsageError("These hotspots have been withdrawn. Find them again, then test them.")
        asked = hashlib.blake2b(
            json.dumps([choice.to_json(), maps, seed, __version__], sort_keys=True).encode(), digest_size=16
        ).digest()
        if stored.find_test(connection, run_id, asked) is None:
            _defend(connection, actor, run, choice, asked, maps, seed, progress)
        return stored.list_tests(connection, [run_id])[0]


def _defend(
    connection: Connection,
    actor: Actor,
    run: HotspotRun,
    choice: BaselineChoice,
    fingerprint: bytes,
    maps: int,
    seed: int,
    progress: Progress,
) -> None:
    again = compute_again(connection, run)
    if again is None:
        raise UsageError("Reports have changed since these hotspots were found. Find them again, then test them.")
    result, study_area, protected = again
    clustered = result.clustered
    baseline = build_baseline(
        connection,
        choice,
        selection=run.selection,
        parameters=result.parameters,
        asked=clustered.xy,
        study_area=study_area,
        protected=protected,
    )
    test = hold_against_chance(
        clustered.places,
        clustered.sized,
        baseline,
        result.parameters,
        maps=maps,
        seed=seed,
        progress=_said(progress, "Drawing random maps"),
    )
    rises = scan_for_rises(
        clustered.xy,
        baseline,
        maps=min(maps, SCREENING_MAPS),
        seed=seed,
        progress=_said(progress, "Looking for wide rises"),
    )
    missed = _missed(rises, result, test)
    labels = label_places(
        np.array([(rise.x, rise.y) for rise in missed]).reshape(-1, 2), read_label_streets(connection)
    )
    kept = stored_ids(connection, run.run_id)
    stored.save_test(
        connection,
        run.run_id,
        fingerprint=fingerprint,
        baseline={**choice.to_json(), "words": choice.words(run.selection), "question": str(choice.kind.question)},
        reports_n=len(clustered.xy),
        maps_n=maps,
        seed=seed,
        rises=[
            {
                "label": label,
                "x": rise.x,
                "y": rise.y,
                "radius_m": rise.radius_m,
                "counted": rise.counted,
                "expected": rise.expected,
                "as_strong": rise.as_strong,
                "maps": rise.maps,
            }
            for rise, label in zip(missed, labels, strict=True)
        ],
        code_version=__version__,
        actor=actor.person,
        grades=_grades(result, test, kept, str(choice.kind.question), choice.words(run.selection)),
    )
    _try_steadiness(connection, run, result, kept, study_area, seed, progress)


def _missed(rises: Sequence[Rise], result: HotspotResult, test: ChanceTest) -> list[Rise]:
    """The rises beyond chance that share no ground with a hotspot beyond chance: those that the hotspots miss."""
    p = test.p[result.clustered.hotspots]
    shown = list(result.hotspots.geometry[p <= POSSIBLE_P])
    tree = STRtree(shown)
    return [
        rise
        for rise in rises
        if rise.p <= POSSIBLE_P and not len(tree.query(Point(rise.x, rise.y).buffer(rise.radius_m), "intersects"))
    ]


def _try_steadiness(
    connection: Connection,
    run: HotspotRun,
    result: HotspotResult,
    kept: Mapping[tuple[bool, int], UUID],
    study_area: BaseGeometry | None,
    seed: int,
    progress: Progress,
) -> None:
    """Steadiness and pins do not rest on the baseline: they are tried once a run."""
    if stored.read_stability(connection, [run.run_id]) or not len(result.hotspots):
        return
    clustered = result.clustered
    stability = try_stability(
        clustered.xy,
        clustered.reach,
        list(result.hotspots.geometry),
        result.parameters,
        study_area=study_area,
        seed=seed,
        progress=_said(progress, "Moving reports within what is known of them"),
    )
    ranks = result.hotspots["rank"].tolist()
    stored.save_stability(
        connection,
        [
            StabilityOfHotspot(
                kept[False, rank],
                str(steadiness),
                int(moved),
                stability.moved_runs,
                int(settings),
                len(stability.settings),
            )
            for rank, steadiness, moved, settings in zip(
                ranks, stability.steadiness, stability.moved_found, stability.settings_found, strict=True
            )
        ],
    )
    pins = rank_doubtful_pins(clustered, np.flatnonzero(clustered.doubtful).tolist(), result.parameters)
    stored.save_pins(
        connection,
        run.run_id,
        [
            PinOfHotspot(
                kept[False, ranks[pin.hotspot]],
                UUID(str(clustered.report_ids[pin.row])),
                pin.dissolves,
                pin.lost,
                pin.doubtful_n,
            )
            for pin in pins
        ],
    )


def _grades(
    result: HotspotResult, test: ChanceTest, kept: Mapping[tuple[bool, int], UUID], question: str, words: str
) -> list[GradeOfHotspot]:
    """What the test says of each kept hotspot and spot."""
    clustered, p = result.clustered, test.p
    rows = [(False, rank, cluster) for rank, cluster in enumerate(clustered.hotspots.tolist(), start=1)]
    rows += [(True, rank, cluster) for rank, cluster in enumerate(clustered.spots.tolist(), start=1)]
    grades = []
    for at_one_spot, rank, cluster in rows:
        grade = str(grade_of(float(p[cluster])))
        counted, expected = int(test.counted[cluster]), float(test.expected[cluster])
        as_strong, untested = int(test.as_strong[cluster]), str(test.reason[cluster])
        sentence = chance_sentence(
            counted=counted,
            expected=expected,
            as_strong=as_strong,
            maps=test.maps,
            baseline=words,
            question=question,
            untested=untested,
        )
        ratio = float(min(test.ratio[cluster], 1e300))
        said = f"{grade_words(grade, question)}. {sentence}"
        grades.append(
            GradeOfHotspot(kept[at_one_spot, rank], grade, untested, counted, expected, ratio, as_strong, said)
        )
    return grades


def stored_ids(connection: Connection, run_id: UUID) -> dict[tuple[bool, int], UUID]:
    """The hotspots of a run by "is it a spot?" and rank."""
    frame = read_hotspots(connection, [run_id])
    return {
        (bool(spot), int(rank)): UUID(identifier)
        for spot, rank, identifier in zip(frame["at_one_spot"], frame["rank"], frame["hotspot_id"], strict=True)
    }


def read_defence(store: Store, actor: Actor, run_ids: Sequence[UUID]) -> Defence:
    """What is known of the hotspots of runs."""
    require(actor, Action.VIEW_MAP)
    with store.begin(actor) as connection:
        return gather_defence(connection, run_ids)


def gather_defence(connection: Connection, run_ids: Sequence[UUID]) -> Defence:
    """``read_defence`` within a transaction that is under way."""
    tests = stored.list_tests(connection, run_ids)
    return Defence(
        tests,
        {test.test_id: stored.read_grades(connection, test.test_id) for test in tests},
        stored.read_stability(connection, run_ids),
    )


def say_defence(defence: Defence, run_id: UUID, hotspot_id: UUID) -> tuple[str, str]:
    """What the newest test of a run says of a hotspot, and how steady it is, in words."""
    test = defence.latest(run_id)
    grade = defence.grade(test, hotspot_id) if test else None
    stability = defence.stability.get(hotspot_id)
    steady = STEADINESS[Steadiness(stability.steadiness)] if stability else "Not tried"
    return grade.said if grade else f"{NOT_TESTED}.", steady


def add_defence(document: dict[str, Any], defence: Defence) -> dict[str, Any]:
    """A document of runs (``find_hotspots.to_document``) with what is known of each hotspot."""
    for feature in document["features"]:
        hotspot_id = UUID(str(feature["id"]))
        feature["properties"]["tests"] = [
            {"test_id": str(test.test_id), "baseline": dict(test.baseline), "maps": test.maps_n, **_plain_grade(grade)}
            for test in defence.tests
            if (grade := defence.grade(test, hotspot_id))
        ]
        if stability := defence.stability.get(hotspot_id):
            feature["properties"]["stability"] = {
                "steadiness": stability.steadiness,
                "moved_found": stability.moved_found_n,
                "moved": stability.moved_n,
                "settings_found": stability.settings_found_n,
                "settings": stability.settings_n,
            }
    for run in document["runs"]:
        of_run = [test for test in defence.tests if str(test.run_id) == run["run_id"]]
        if of_run:
            run["chance"] = "tested"
        run["tests"] = [
            {
                "test_id": str(test.test_id),
                "baseline": dict(test.baseline),
                "reports": test.reports_n,
                "maps": test.maps_n,
                "seed": test.seed,
                "wide_rises": list(test.rises),
            }
            for test in of_run
        ]
    return document


def _plain_grade(grade: GradeOfHotspot) -> dict[str, Any]:
    return {
        "grade": grade.grade,
        "untested": grade.untested,
        "counted": grade.counted_n,
        "expected": round(grade.expected_n, 3),
        "log_likelihood_ratio": round(grade.ratio, 6),
        "maps_as_strong": grade.as_strong_n,
    }


def least_for(
    store: Store, actor: Actor, selection: Selection, parameters: HotspotParameters, choice: BaselineChoice
) -> int:
    """The minimum at which half of all random maps of these reports have no concentration at all."""
    require(actor, Action.FIND_HOTSPOTS)
    with store.begin(actor) as connection:
        study_area, protected = ground_of(connection, selection)
        reports = read_points(connection, selection)
        xy = used_reports(reports, parameters, study_area=study_area, protected=protected)[1]
        baseline: Baseline = build_baseline(
            connection,
            choice,
            selection=selection,
            parameters=parameters,
            asked=xy,
            study_area=study_area,
            protected=protected,
        )
    if isinstance(baseline, Pool) and not len(xy):
        return parameters.min_reports
    return least_by_chance(baseline, len(xy), parameters.radius_m, seed=SEED)


def _said(progress: Progress, doing: str) -> Callable[[int, int], None]:
    """Progress by maps, told a few times a second at most."""

    def tell(done: int, total: int) -> None:
        if done == total or done % max(1, total // 40) == 0:
            progress(doing, done, total)

    return tell
