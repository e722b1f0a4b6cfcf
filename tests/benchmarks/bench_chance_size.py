"""How often the chance test declares a hotspot where there is none, and how often it finds one that was planted.

Figures to hold: on maps by chance the share that declares any hotspot is at most
5% and two standard errors, over 200 maps each of 300, 1,000 and 5,000 reports, on flat ground and where people live in
clusters, with the right baseline; a planted concentration (30 reports where 8 are expected, of 1,000) is found in at
least 90% of maps, with an intersection over union of at least 0.4.

Each map is tested with R = 99 and stopped as soon as five simulated maps are as strong: from there on p is above 5%.
The minimum is the one by chance (``chance.least_by_chance``). Where people live in clusters one minimum for the whole
map is that of the densest of them, and a planted concentration in a thin place is missed: that figure is printed, and
not held. What is done is kept in FILE, a line a map, and not done again: the run may be broken off and taken up.

Run: .venv/bin/python -m tests.benchmarks.bench_chance_size [FILE] [--maps 200]
"""

import argparse
import json
import math
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from shapely import Point, box

from cs_geo.hotspots.baselines import BaselineKind, Ground, flat_ground
from cs_geo.hotspots.chance import POSSIBLE_P, least_by_chance, measure_clusters, strongest_by_chance
from cs_geo.hotspots.outlines import outline_clusters
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.points import collapse
from cs_geo.hotspots.sized import find_sized_clusters

SIDE_M = 4_000.0
R = 99
MOST_AS_STRONG = int(POSSIBLE_P * (R + 1)) - 1
"""With one more simulated map as strong, p is above 5%."""
SIZES = (300, 1_000, 5_000)
PLANTED, EXPECTED, OF = 30, 8, 1_000
LEAST_IOU = 0.4
AREA = box(400_000, 300_000, 400_000 + SIDE_M, 300_000 + SIDE_M)
PARAMETERS = HotspotParameters()


def settlements() -> Ground:
    """People in nine clusters of different size and density, with a few everywhere."""
    rng = np.random.default_rng(20260414)
    flat = flat_ground(AREA)
    density = np.full(len(flat.xy), 0.05)
    for _ in range(9):
        middle = rng.uniform(400_000, 400_000 + SIDE_M, 2) - [0, 100_000]
        spread, people = rng.uniform(150, 600), rng.uniform(0.5, 3)
        density += people * np.exp(-((flat.xy - middle) ** 2).sum(axis=1) / (2 * spread**2))
    return replace(flat, kind=BaselineKind.RESIDENTS, share=density / density.sum())


WORLDS = {"flat": flat_ground(AREA), "settlements": settlements()}


def declared(xy: np.ndarray, world: Ground, parameters: HotspotParameters, seed: int) -> list[bool]:
    """Which clusters of a map are declared, in the order of the clusters: p of at most 5%."""
    places = collapse(xy)
    sized = find_sized_clusters(places, parameters)
    measured = measure_clusters(places, sized, world, parameters, len(xy))
    wide = np.bincount(sized.labels[sized.labels >= 0], minlength=len(sized.discs)) >= parameters.min_places
    as_strong = np.zeros(len(sized.discs), dtype=int)
    if not wide.any():
        return [False] * len(sized.discs)
    for strongest in strongest_by_chance(world, len(xy), parameters, maps=R, seed=seed):
        as_strong += strongest >= measured.ratio
        if as_strong[wide].min() > MOST_AS_STRONG:
            break
    return [bool(fits and number <= MOST_AS_STRONG) for fits, number in zip(wide, as_strong, strict=True)]


def by_chance(world: str, size: int, number: int, parameters: HotspotParameters) -> dict[str, object]:
    """One map without any concentration."""
    ground = WORLDS[world]
    xy = ground.draw(size, np.random.default_rng([1, size, number]))
    return {"found": any(declared(xy, ground, parameters, seed=10_000 + number))}


def planted(world: str, number: int, parameters: HotspotParameters) -> dict[str, object]:
    """One map with a concentration, and how well the best declared hotspot covers it."""
    ground = WORLDS[world]
    rng = np.random.default_rng([2, number])
    middle, radius = _disc_that_expects(ground, EXPECTED / OF, rng)
    disc = Point(middle).buffer(radius)
    around = ground.draw(OF - PLANTED, rng)
    around = around[np.hypot(*(around - middle).T) > radius]
    inside = np.hypot(*(ground.xy - middle).T) <= radius
    share = np.where(inside, ground.share, 0)
    xy = np.concatenate([around, replace(ground, share=share / share.sum()).draw(PLANTED, rng)])
    places = collapse(xy)
    sized = find_sized_clusters(places, parameters)
    outlines = outline_clusters(
        places.xy,
        sized.labels,
        sized.core,
        len(sized.discs),
        radius_m=parameters.radius_m,
        study_area=AREA,
        discs=sized.discs,
    )
    shown = [
        shape
        for shape, is_declared in zip(outlines.shapes, declared(xy, ground, parameters, 20_000 + number), strict=True)
        if is_declared and shape is not None
    ]
    best = max((shape.intersection(disc).area / shape.union(disc).area for shape in shown), default=0.0)
    return {"declared": bool(shown), "iou": round(best, 3)}


def _disc_that_expects(ground: Ground, share: float, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """A disc round a point chosen by the baseline that holds this share of it."""
    while True:
        middle = ground.draw(1, rng)[0]
        away = np.hypot(*(ground.xy - middle).T)
        order = np.argsort(away)
        radius = float(away[order[np.searchsorted(np.cumsum(ground.share[order]), share)]])
        if AREA.buffer(-radius).contains(Point(middle)):
            return middle, radius


def jobs(maps: int) -> Iterator[tuple[str, int, int]]:
    """World, size (0: planted) and number of every map."""
    for world in WORLDS:
        for size in (0, *SIZES):
            yield from ((world, size, number) for number in range(maps))


def main() -> None:
    """Do what is not done yet, and print the shares."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", nargs="?", type=Path, default=Path(tempfile.gettempdir()) / "cs_geo_chance_size.jsonl")
    parser.add_argument("--maps", type=int, default=200)
    chosen = parser.parse_args()
    lines = chosen.file.read_text("utf-8").splitlines() if chosen.file.exists() else []
    done = {(one["world"], one["size"], one["number"]): one for one in map(json.loads, lines)}
    minima = {
        (world, size): least_by_chance(WORLDS[world], size or OF, PARAMETERS.radius_m)
        for world in WORLDS
        for size in (0, *SIZES)
    }
    began = time.perf_counter()
    with chosen.file.open("a", encoding="utf-8") as kept:
        for world, size, number in jobs(chosen.maps):
            if (world, size, number) in done:
                continue
            parameters = replace(PARAMETERS, min_reports=minima[world, size])
            said = by_chance(world, size, number, parameters) if size else planted(world, number, parameters)
            done[world, size, number] = {"world": world, "size": size, "number": number, **said}
            kept.write(json.dumps(done[world, size, number]) + "\n")
            kept.flush()
    print(f"{time.perf_counter() - began:.0f} s")
    held = True
    for world in WORLDS:
        for size in SIZES:
            rows = [done[key] for key in jobs(chosen.maps) if key[:2] == (world, size)]
            share = sum(bool(row["found"]) for row in rows) / len(rows)
            most = POSSIBLE_P + 2 * math.sqrt(POSSIBLE_P * (1 - POSSIBLE_P) / len(rows))
            held &= share <= most
            print(
                f"{world}, {size:,} reports, minimum {minima[world, size]}: {share:.3f} of {len(rows)} maps declare a "
                f"hotspot (at most {most:.3f})"
            )
        rows = [done[key] for key in jobs(chosen.maps) if key[:2] == (world, 0)]
        found = sum(float(str(row["iou"])) >= LEAST_IOU for row in rows) / len(rows)
        told = sum(bool(row["declared"]) for row in rows) / len(rows)
        held &= found >= 0.9 or world != "flat"
        print(
            f"{world}, planted {PLANTED} where {EXPECTED} are expected, minimum {minima[world, 0]}: declared in "
            f"{told:.3f}, found with IoU of {LEAST_IOU} in {found:.3f} of {len(rows)} maps"
        )
    if not held:
        raise SystemExit("The figures are not held.")


if __name__ == "__main__":
    main()
