"""Whether a hotspot survives other settings and uncertain locations: the same reports, moved and asked about otherwise.

Two things are uncertain that a shape on a map hides. Where each report is: a postcode's middle stands for a hundred
metres. And the settings: another radius or minimum would have been as good a choice. So the run is made again with
every report moved within the radius of its match, and with radius and minimum a little smaller and larger. A hotspot
survives a run in which some hotspot covers nearly the same ground: intersection over union of at least a half.

The true place lies within the radius of a match in about 95 of 100 (docs/methods.md), and nothing is known of where
within it. Reports at one geocoded point are moved each by itself, for they need not have been at one place. Points are
moved evenly over the disc, which is a little farther than the errors measured: a hotspot that survives this survives
those.

Hennig (2007), Cluster-wise assessment of cluster stability, Computational Statistics & Data Analysis 52(1), 258–271,
counts how often a cluster is found again by its Jaccard index; Hennig (2008), Dissolution point and isolation
robustness, Journal of Multivariate Analysis 99(6), 1154–1176, calls one dissolved whose best match is at most a half.
The shares from which a hotspot is called steady or fair are this product's own choice.

What this cannot know: a match that is wrong altogether, as of the other Church Lane. Those wait under *Review
locations*.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from cs_geo.errors import UsageError
from cs_geo.hotspots.chance import Progress
from cs_geo.hotspots.clusters import NO_CLUSTER, Floats
from cs_geo.hotspots.outlines import outline_clusters
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.points import collapse
from cs_geo.hotspots.sized import find_sized_clusters

MOVED_RUNS = 99
SAME_GROUND = 0.5
"""Intersection over union from which two shapes are one hotspot (Hennig 2008)."""
RADIUS_TURNS = (0.75, 1.25)
MINIMUM_TURNS = (0.8, 1.2)
STEADY_SHARE = 0.8
"""Share of runs with moved reports that a steady hotspot survives."""
FAIR_SHARE = 0.5


class Steadiness(StrEnum):
    """How well a hotspot survives."""

    STEADY = "steady"
    """In 8 of 10 runs with moved reports, and at every other setting."""
    FAIR = "fair"
    """In half of the runs with moved reports, and at half of the other settings."""
    FRAGILE = "fragile"


@dataclass(frozen=True, slots=True)
class Stability:
    """How often each hotspot was found again, in the order it was given."""

    moved_found: npt.NDArray[np.int64]
    """Runs with moved reports in which it was."""
    moved_runs: int
    settings_found: npt.NDArray[np.int64]
    settings: tuple[str, ...]
    """The other settings that were tried, in words."""

    @property
    def steadiness(self) -> list[Steadiness]:
        """The grade of each hotspot."""
        return [
            grade_stability(int(moved), self.moved_runs, int(kept), len(self.settings))
            for moved, kept in zip(self.moved_found, self.settings_found, strict=True)
        ]


def grade_stability(moved_found: int, moved_runs: int, settings_found: int, settings: int) -> Steadiness:
    """*Steady*, *fair* or *fragile*, from how often a hotspot was found again."""
    if moved_found >= STEADY_SHARE * moved_runs and settings_found == settings:
        return Steadiness.STEADY
    if moved_found >= FAIR_SHARE * moved_runs and settings_found >= FAIR_SHARE * settings:
        return Steadiness.FAIR
    return Steadiness.FRAGILE


def try_stability(
    xy: Floats,
    radius_of: Floats,
    shapes: Sequence[BaseGeometry],
    parameters: HotspotParameters,
    *,
    study_area: BaseGeometry | None = None,
    runs: int = MOVED_RUNS,
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> Stability:
    """Make a run again with moved reports and with other settings, and count how often each hotspot is found again.

    Parameters
    ----------
    xy
        The reports used, shape (n, 2), storage metres.
    radius_of
        By report: metres within which its true place lies; NaN and 0 leave it where it is.
    shapes
        The hotspots that the run found, in storage metres.
    progress
        Told after each run; it may raise to cancel.
    """
    others = other_settings(parameters)
    total = runs + len(others)
    tree = STRtree(list(shapes))
    moved_found = np.zeros(len(shapes), dtype=np.int64)
    settings_found = np.zeros(len(shapes), dtype=np.int64)
    # In the order of the coordinates, so that a seed moves the same points whatever the order of the rows was.
    order = np.lexsort((radius_of, xy[:, 1], xy[:, 0]))
    xy, reach = xy[order], np.nan_to_num(radius_of[order], nan=0.0)
    for number in range(runs):
        moved = move_within(xy, reach, np.random.default_rng([seed, number]))
        moved_found += _found_again(moved, shapes, tree, parameters, study_area)
        progress(number + 1, total)
    for number, (_, changed) in enumerate(others, start=runs + 1):
        settings_found += _found_again(xy, shapes, tree, changed, study_area)
        progress(number, total)
    return Stability(moved_found, runs, settings_found, tuple(words for words, _ in others))


def other_settings(parameters: HotspotParameters) -> list[tuple[str, HotspotParameters]]:
    """The settings a little to either side, those that are out of range left out, each with what it is in words."""
    changes: list[tuple[str, dict[str, float]]] = []
    for turn in RADIUS_TURNS:
        radius = parameters.radius_m * turn
        changes.append((f"within {radius:.0f} m", {"radius_m": radius}))
    for turn in MINIMUM_TURNS:
        least = round(parameters.min_reports * turn)
        if least != parameters.min_reports:
            changes.append((f"from {least} reports", {"min_reports": least}))
    made = []
    for words, changed in changes:
        with suppress(UsageError):
            made.append((words, HotspotParameters.from_json({**parameters.to_json(), **changed})))
    return made


def move_within(xy: Floats, reach: Floats, rng: np.random.Generator) -> Floats:
    """Move each point evenly within the disc of its own reach, in metres."""
    angle = rng.uniform(0.0, 2.0 * np.pi, len(xy))
    away = reach * np.sqrt(rng.uniform(0.0, 1.0, len(xy)))
    return np.asarray(xy + np.column_stack([np.cos(angle), np.sin(angle)]) * away[:, None], dtype=np.float64)


def _found_again(
    xy: Floats,
    shapes: Sequence[BaseGeometry],
    tree: STRtree,
    parameters: HotspotParameters,
    study_area: BaseGeometry | None,
) -> npt.NDArray[np.bool_]:
    """Which shapes a hotspot of these reports covers again."""
    again = np.zeros(len(shapes), dtype=bool)
    places = collapse(xy)
    sized = find_sized_clusters(places, parameters)
    outlines = outline_clusters(
        places.xy,
        sized.labels,
        sized.core,
        len(sized.discs),
        radius_m=parameters.radius_m,
        study_area=study_area,
        discs=sized.discs,
    )
    members = sized.labels != NO_CLUSTER
    spread = np.bincount(sized.labels[members], minlength=len(sized.discs)) >= parameters.min_places
    found = [shape for shape, wide in zip(outlines.shapes, spread, strict=True) if shape is not None and wide]
    if not found or not len(shapes):
        return again
    new, old = tree.query(found, predicate="intersects")
    ours, theirs = np.array(list(shapes), dtype=object)[old], np.array(found, dtype=object)[new]
    common = shapely.area(shapely.intersection(ours, theirs))
    same = common >= SAME_GROUND * (shapely.area(ours) + shapely.area(theirs) - common)
    again[old[same]] = True
    return again
