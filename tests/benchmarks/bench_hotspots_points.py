"""How long hotspots take for a million points, and how the clustering compares with scikit-learn's in the same run.

    python tests/benchmarks/bench_hotspots_points.py [--points 1000000] [--pattern towns|carpet]

``towns`` are Thomas clusters (parents at random, twenty reports round each with a deviation of 100 m, 100 a km²);
``carpet`` is complete chance over 30 by 30 km, the worst case for splitting: one cluster of 900 km². Settings are the
product's defaults. The targets, on two cores: 60 s and 2 GB for a million points.
"""

import argparse
import json
import resource
import sys
import time

import geopandas as gpd
import numpy as np
import pandas as pd
from sklearn.cluster import DBSCAN

from cs_geo.hotspots.clusters import find_clusters
from cs_geo.hotspots.find import find_hotspots
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.points import collapse_duplicates

SECONDS, MEGABYTES = 60.0, 2_000.0


def synthetic_reports(number: int, pattern: str) -> gpd.GeoDataFrame:
    random = np.random.default_rng(20260101)
    if pattern == "carpet":
        xy = random.random((number, 2)) * 30_000
    else:
        side = np.sqrt(number / 100) * 1_000
        parents = random.random((max(number // 20, 1), 2)) * side
        xy = parents[random.integers(0, len(parents), number)] + random.normal(0, 100, (number, 2))
    return gpd.GeoDataFrame(
        {
            "report_id": np.arange(number),
            "occurred_on": pd.Timestamp("2026-01-01") + pd.to_timedelta(random.integers(0, 365, number), unit="D"),
            "date_precision": "time",
            "hour": random.integers(0, 24, number).astype(float),
            "source_type": random.choice(["resident", "school", "business", "youth_worker"], number),
            "precision": "street",
        },
        geometry=gpd.points_from_xy(*(xy + np.array([300_000, 200_000])).T),
        crs=27700,
    )


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--pattern", choices=["towns", "carpet"], default="towns")
    chosen = parser.parse_args()
    reports = synthetic_reports(chosen.points, chosen.pattern)
    before = peak_megabytes()
    settings = HotspotParameters()

    start, start_cpu = time.perf_counter(), time.process_time()
    result = find_hotspots(reports, settings)
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    peak = peak_megabytes()

    places = collapse_duplicates(reports)
    start, start_cpu = time.perf_counter(), time.process_time()
    clusters = find_clusters(places, settings.radius_m, settings.min_reports)
    ours, ours_cpu = time.perf_counter() - start, time.process_time() - start_cpu

    xy = np.column_stack([places.geometry.x, places.geometry.y])
    start, start_cpu = time.perf_counter(), time.process_time()
    oracle = DBSCAN(eps=settings.radius_m, min_samples=settings.min_reports, algorithm="kd_tree").fit(
        xy, sample_weight=places["weight"]
    )
    theirs, theirs_cpu = time.perf_counter() - start, time.process_time() - start_cpu

    agree = np.array_equal(np.flatnonzero(clusters.core), np.sort(oracle.core_sample_indices_)) and np.array_equal(
        clusters.labels == -1, oracle.labels_ == -1
    )
    figures = {
        "points": len(reports),
        "pattern": chosen.pattern,
        "seconds": round(seconds, 1),
        "processor_seconds": round(cpu, 1),
        "peak_mb": round(peak),
        "peak_mb_before": round(before),
        "hotspots": len(result.hotspots),
        "spots": len(result.spots),
        "largest_km2": round(float(result.hotspots["area_m2"].max()) / 1e6, 3),
        "clustering_seconds": round(ours, 2),
        "scikit_learn_seconds": round(theirs, 2),
        "clustering_to_scikit_learn": round(ours / theirs, 2),
        "clustering_to_scikit_learn_processor": round(ours_cpu / theirs_cpu, 2),
        "same_cores_and_noise": bool(agree),
        "peak_mb_with_scikit_learn": round(peak_megabytes()),
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return 0 if seconds <= SECONDS and peak <= MEGABYTES and agree else 1


if __name__ == "__main__":
    sys.exit(main())
