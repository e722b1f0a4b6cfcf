"""How long the chance test and the trial of stability take: 199 maps of 5,000 reports against walkable streets.

Figure to hold: 199 maps of 5,000 reports in at most 20 s on 2 cores. The town is a square of 15 km with streets every
100 m, 3,000 km in all; a third of the reports lie in twenty concentrations.
Run: .venv/bin/python -m tests.benchmarks.bench_chance_speed
"""

import sys
import time

import geopandas as gpd
import numpy as np
from shapely import LineString, box

from cs_geo.hotspots.alarms import scan_for_alarms
from cs_geo.hotspots.baselines import street_ground
from cs_geo.hotspots.chance import hold_against_chance
from cs_geo.hotspots.find import find_hotspots
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.scan import scan_for_rises
from cs_geo.hotspots.stability import try_stability

SIDE = 15_000
REPORTS = 5_000
MOST_SECONDS = 20
EAST, NORTH = 400_000, 300_000


def main() -> None:
    """Time each part once and print them; exit code 1 where the figure is not held."""
    rng = np.random.default_rng(20260414)
    lines = [LineString([(EAST + x, NORTH), (EAST + x, NORTH + SIDE)]) for x in range(0, SIDE + 1, 100)]
    lines += [LineString([(EAST, NORTH + y), (EAST + SIDE, NORTH + y)]) for y in range(0, SIDE + 1, 100)]
    area = box(EAST, NORTH, EAST + SIDE, NORTH + SIDE)
    began = time.perf_counter()
    ground = street_ground(gpd.GeoDataFrame(geometry=lines, crs=27700), area)
    print(f"baseline of {len(ground.xy):,} points: {time.perf_counter() - began:.1f} s")
    middles = rng.uniform([EAST + 500, NORTH + 500], [EAST + SIDE - 500, NORTH + SIDE - 500], (20, 2))
    close = middles[rng.integers(0, 20, REPORTS // 3)] + rng.normal(0, 100, (REPORTS // 3, 2))
    xy = np.concatenate([ground.draw(REPORTS - len(close), rng), close])
    reports = gpd.GeoDataFrame(
        {"precision_radius_m": rng.choice([15.0, 60.0, 110.0], REPORTS), "precision": ["street"] * REPORTS},
        geometry=gpd.points_from_xy(*xy.T),
        crs=27700,
    )
    parameters = HotspotParameters()
    found = find_hotspots(reports, parameters, study_area=area)
    clustered = found.clustered
    began = time.perf_counter()
    test = hold_against_chance(clustered.places, clustered.sized, ground, parameters, maps=199)
    chance = time.perf_counter() - began
    print(
        f"199 maps of {REPORTS:,} reports: {chance:.1f} s; {len(found.hotspots)} hotspots, "
        f"{int((test.p <= 0.01).sum())} of them clearly more than chance (20 were planted)"
    )
    began = time.perf_counter()
    try_stability(clustered.xy, clustered.reach, list(found.hotspots.geometry), parameters, study_area=area)
    print(f"99 runs with moved reports and 4 other settings: {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    scan_for_rises(clustered.xy, ground, maps=199)
    print(f"199 maps through the circular scan: {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    scan_for_alarms(clustered.xy, rng.integers(0, 365, len(clustered.xy)), maps=999)
    print(f"999 permutations of the weekly alarm: {time.perf_counter() - began:.1f} s")
    if chance > MOST_SECONDS:
        sys.exit("The figure is not held.")


if __name__ == "__main__":
    main()
