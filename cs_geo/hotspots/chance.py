"""Whether chance would give a concentration as strong: the whole pipeline run again on simulated maps.

Clustering finds clusters on any map: 1,000 random points make dozens at usual settings, and each of them looks
"significant" when it is tested as if it had been chosen beforehand. So maps are drawn by the baseline alone, with as
many reports, and taken through the same steps (collapse, cluster, split what is too large). Each map gives the
strongest concentration on it by the likelihood ratio of counted to expected. A hotspot's p is the share of all maps,
its own among them, whose strongest is at least as strong: (1 + #{maps ≥ it}) / (R + 1). Taken over the strongest of
each map, p holds for all hotspots of a map together (family-wise), and not for each by itself.

Kulldorff (1997), A spatial scan statistic, Communications in Statistics 26(6), 1481–1496 (likelihood ratio, Monte
Carlo over the maximum); Dwass (1957), Modified randomization tests for nonparametric hypotheses, Annals of
Mathematical Statistics 28(1), 181–187 (the p of R simulated maps).

The ground of a hotspot, here as in its outline, is all ground whose nearest core is its own and within the radius.

What this cannot know: a baseline that does not hold (see ``baselines``); reports that follow one another, as of one
quarrel over weeks, which are counted as if each came about by itself; points that stand for a postcode, which come in
lumps that no baseline on the ground draws.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from cs_geo.hotspots.baselines import MOST_BARE, THIN_SHARE, Baseline, Ground, Pool
from cs_geo.hotspots.clusters import NO_CLUSTER, Floats, Integers, count_within
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.points import Places, collapse
from cs_geo.hotspots.ratios import bernoulli_ratio, poisson_ratio
from cs_geo.hotspots.sized import find_sized_clusters
from cs_geo.hotspots.splitting import SizedClusters

SCREENING_MAPS = 199
"""Enough to tell 1 in 100: p is at most 0.01 when at most one map of 199 is as strong."""
THOROUGH_MAPS = 999
MINIMUM_MAPS = 39
LEAST_MINIMUM = 5
"""With fewer, a hotspot would be a handful of reports, whatever chance says of it."""
CLEAR_P = 0.01
POSSIBLE_P = 0.05

Progress = Callable[[int, int], None]


class Grade(StrEnum):
    """What the chance test says of a hotspot."""

    CLEAR = "clear"
    POSSIBLE = "possible"
    CHANCE = "not_distinguishable"
    """Random maps have concentrations as strong."""
    NOT_TESTED = "not_tested"
    """The baseline says nothing of this ground, or the test was not asked for."""


class Untested(StrEnum):
    """Why a hotspot was not tested."""

    NOT_ASKED = "not_asked"
    AT_ONE_SPOT = "at_one_spot"
    """Fewer distinct places than a shape needs: random maps on the ground have none, so the test would prove it."""
    NO_GROUND = "no_ground"
    """The baseline does not reach here."""
    NOT_LIVED_ON = "not_lived_on"
    """Nobody lives on most of it, so that where people live says nothing of it."""
    THIN_GROUND = "thin_ground"
    """Next to nothing is expected here by the baseline, so that any report would prove a concentration."""


@dataclass(frozen=True, slots=True)
class ChanceTest:
    """What the test says of each cluster, in the order of the clusters."""

    counted: Integers
    """Reports of the cluster."""
    expected: Floats
    """Reports that the baseline expects on its ground."""
    ratio: Floats
    """Log-likelihood ratio."""
    as_strong: Integers
    """Simulated maps whose strongest concentration is at least as strong."""
    maps: int
    reason: npt.NDArray[np.object_]
    """Why a cluster was not tested; an empty text where it was."""

    @property
    def p(self) -> Floats:
        """Family-wise p of each cluster; NaN where it was not tested."""
        return np.where(self.reason == "", (1 + self.as_strong) / (1 + self.maps), np.nan)

    @property
    def grades(self) -> list[Grade]:
        """The grade of each cluster."""
        return [grade_of(p) for p in self.p.tolist()]


def grade_of(p: float) -> Grade:
    """The grade of a family-wise p; NaN is *not tested*."""
    if np.isnan(p):
        return Grade.NOT_TESTED
    if p <= CLEAR_P:
        return Grade.CLEAR
    return Grade.POSSIBLE if p <= POSSIBLE_P else Grade.CHANCE


def hold_against_chance(
    places: Places,
    sized: SizedClusters,
    baseline: Baseline,
    parameters: HotspotParameters,
    *,
    maps: int = SCREENING_MAPS,
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> ChanceTest:
    """Test the clusters of a map against simulated maps.

    Parameters
    ----------
    places
        Distinct points in storage metres with the reports at each.
    sized
        The clusters that ``find_sized_clusters`` gives for them.
    baseline
        What would be expected where. For a ``Pool``, the reports asked about must be those of ``places``.
    maps
        Simulated maps, R.
    seed
        Equal seeds give equal maps, on any machine with the same versions of the libraries.
    progress
        Told after each map; it may raise to cancel.

    Returns
    -------
    ChanceTest
        One entry a cluster.
    """
    beyond = _beyond_reach(places, baseline, parameters.radius_m)
    reports = int(places.weight[~beyond].sum())
    measured = measure_clusters(places, sized, baseline, parameters, reports)
    reason = np.full(len(sized.discs), "", dtype=object)
    if isinstance(baseline, Ground):
        reason = _reasons(places, sized, baseline, parameters, measured, beyond)
    as_strong = np.zeros(len(sized.discs), dtype=np.int64)
    if (reason == "").any():
        by_chance = strongest_by_chance(baseline, reports, parameters, maps=maps, seed=seed)
        for done, strongest in enumerate(by_chance, start=1):
            as_strong += strongest >= measured.ratio
            progress(done, maps)
    return ChanceTest(measured.counted, measured.expected, measured.ratio, as_strong, maps, reason)


def strongest_by_chance(
    baseline: Baseline, reports: int, parameters: HotspotParameters, *, maps: int, seed: int
) -> Iterator[float]:
    """The likelihood ratio of the strongest concentration on each of many simulated maps; 0 on a map without any."""
    for number in range(maps):
        rng = np.random.default_rng([seed, number])
        places = collapse(baseline.draw(reports, rng))
        sized = find_sized_clusters(places, parameters)
        measured = measure_clusters(places, sized, baseline, parameters, reports)
        fit = np.ones(len(sized.discs), dtype=bool)
        if isinstance(baseline, Ground):
            fit = _places_of(sized) >= parameters.min_places
        yield float(measured.ratio[fit].max(initial=0.0))


def least_by_chance(baseline: Baseline, reports: int, radius_m: float, *, seed: int = 0) -> int:
    """The minimum at which half of all random maps have no core at all.

    A minimum below it joins what chance throws together to what stands out, so that shapes sprawl; one far above it
    overlooks what is thin. The choice rests on the baseline and on the number of reports, and not on where they lie, so
    that it takes nothing from the test.

    Parameters
    ----------
    reports
        Reports on the map.
    radius_m
        Radius of the run, in metres.

    Returns
    -------
    int
        Reports within the radius, ``LEAST_MINIMUM`` at least: the median over ``MINIMUM_MAPS`` random maps of the most
        reports within the radius of one place.
    """
    if not reports:
        return LEAST_MINIMUM
    densest = []
    for number in range(MINIMUM_MAPS):
        # Other maps than those of the test, which the minimum must not have seen.
        places = collapse(baseline.draw(reports, np.random.default_rng([seed, number, 1])))
        densest.append(int(count_within(places.xy, places.weight, radius_m).max()))
    return max(LEAST_MINIMUM, int(np.median(densest)))


@dataclass(frozen=True, slots=True)
class Measured:
    """Clusters held against a baseline, one entry a cluster."""

    counted: Integers
    expected: Floats
    ratio: Floats
    share: Floats
    """Share of the whole baseline that lies on the cluster's ground."""
    bare: Floats
    """Share of the cluster's ground where the baseline has nobody; 0 for a pool."""


def measure_clusters(
    places: Places, sized: SizedClusters, baseline: Baseline, parameters: HotspotParameters, reports: int
) -> Measured:
    """Count what each cluster holds and what its ground should hold of ``reports`` on the whole map."""
    count = len(sized.discs)
    members = sized.labels != NO_CLUSTER
    counted = np.bincount(sized.labels[members], weights=places.weight[members], minlength=count)
    ground = _clusters_of(baseline.xy, places.xy, sized, parameters.radius_m)
    on_ground = ground != NO_CLUSTER
    held = np.bincount(ground[on_ground], minlength=count).astype(np.float64)
    bare = np.zeros(count)
    if isinstance(baseline, Pool):
        share = held / len(baseline.xy)
        ratio = bernoulli_ratio(counted, held, reports, len(baseline.xy))
    else:
        nobody = np.bincount(ground[on_ground & (baseline.share == 0)], minlength=count)
        bare = np.divide(nobody, held, out=bare, where=held > 0)
        share = np.bincount(ground[on_ground], baseline.share[on_ground], count).astype(np.float64)
        ratio = poisson_ratio(counted, share * reports, reports)
    return Measured(counted.astype(np.int64), share * reports, ratio, share, bare)


def _clusters_of(xy: Floats, places_xy: Floats, sized: SizedClusters, radius_m: float) -> Integers:
    """The cluster on whose ground each point lies: that of its nearest core within the radius."""
    cores = np.flatnonzero(sized.core)
    clusters = np.full(len(xy), NO_CLUSTER, dtype=np.int64)
    if not len(cores):
        return clusters
    distance, nearest = cKDTree(places_xy[cores]).query(xy, distance_upper_bound=np.nextafter(radius_m, np.inf))
    reached = np.isfinite(distance)
    clusters[reached] = sized.labels[cores[nearest[reached]]]
    return clusters


def _places_of(sized: SizedClusters) -> Integers:
    return np.bincount(sized.labels[sized.labels != NO_CLUSTER], minlength=len(sized.discs)).astype(np.int64)


def _beyond_reach(places: Places, baseline: Baseline, radius_m: float) -> npt.NDArray[np.bool_]:
    """Places farther than the radius from anything that the baseline knows."""
    if isinstance(baseline, Pool):
        return np.zeros(len(places.xy), dtype=bool)
    distance, _ = cKDTree(baseline.xy).query(places.xy, distance_upper_bound=radius_m)
    return np.asarray(~np.isfinite(distance), dtype=bool)


def _reasons(
    places: Places,
    sized: SizedClusters,
    baseline: Ground,
    parameters: HotspotParameters,
    measured: "Measured",
    beyond: npt.NDArray[np.bool_],
) -> npt.NDArray[np.object_]:
    """Why each cluster is not tested, or an empty text."""
    reason = np.full(len(sized.discs), "", dtype=object)
    # What the same discs hold elsewhere: the usual over everywhere that reports could fall by the baseline.
    reason[measured.share < THIN_SHARE * _usual_share(baseline, parameters.radius_m)] = Untested.THIN_GROUND
    reason[measured.bare > MOST_BARE] = Untested.NOT_LIVED_ON
    reason[np.unique(sized.labels[(sized.labels != NO_CLUSTER) & beyond])] = Untested.NO_GROUND
    reason[_places_of(sized) < parameters.min_places] = Untested.AT_ONE_SPOT
    return reason


def _usual_share(baseline: Ground, radius_m: float) -> float:
    """Share of the baseline within the radius of a point chosen by the baseline: the median of a thousand points."""
    rng = np.random.default_rng(0)
    chosen = rng.choice(
        len(baseline.xy), size=min(1_000, int((baseline.share > 0).sum())), p=baseline.share, replace=False
    )
    tree = cKDTree(baseline.xy)
    near = tree.query_ball_point(baseline.xy[chosen], radius_m)
    return float(np.median([baseline.share[rows].sum() for rows in near]))
