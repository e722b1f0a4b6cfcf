"""How long hotspots take for twelve months of a large city's published police data, and how large the largest is.

    python tests/benchmarks/bench_hotspots_merseyside.py

Reads ``../shared/data/police``. The target, on two cores: 20 s from a frame in longitude and latitude to the result.
"""

import json
import sys
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd

from cs_geo.hotspots.clusters import find_clusters
from cs_geo.hotspots.discs import disc_union
from cs_geo.hotspots.find import find_hotspots
from cs_geo.hotspots.points import collapse_duplicates

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "police" / "merseyside-street-2018-01_2021-09.zip"
FIRST, LAST = "2020-10", "2021-09"
SECONDS = 20.0


def twelve_months() -> gpd.GeoDataFrame:
    with zipfile.ZipFile(ARCHIVE) as archive:
        months = [name for name in sorted(archive.namelist()) if FIRST <= name[:7] <= LAST]
        tables = [pd.read_csv(archive.open(name), usecols=["Month", "Longitude", "Latitude"]) for name in months]
    rows = pd.concat(tables, ignore_index=True)
    return gpd.GeoDataFrame(
        {"occurred_on": pd.to_datetime(rows["Month"]), "date_precision": "month", "source_type": "police_recorded"},
        geometry=gpd.points_from_xy(rows["Longitude"], rows["Latitude"]),
        crs=4326,
    )


def main() -> int:
    reports = twelve_months()
    start, start_cpu = time.perf_counter(), time.process_time()
    result = find_hotspots(reports)
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu

    settings = result.parameters
    places = collapse_duplicates(reports.to_crs(result.hotspots.crs))
    plain = find_clusters(places, settings.radius_m, settings.min_reports)
    cores = places.geometry[plain.core & (plain.labels == 0)]
    unsplit = disc_union(cores.get_coordinates().to_numpy(), settings.radius_m).area
    figures = {
        "reports": len(reports),
        "places": len(places),
        "seconds": round(seconds, 1),
        "processor_seconds": round(cpu, 1),
        "hotspots": len(result.hotspots),
        "of_them_split": int(result.hotspots["was_split"].sum()),
        "too_large": int(result.hotspots["is_too_large"].sum()),
        "spots": len(result.spots),
        "largest_km2": round(float(result.hotspots["area_m2"].max()) / 1e6, 3),
        "largest_before_splitting_km2": round(unsplit / 1e6, 1),
        "share_in_hotspots": round(result.counts.in_hotspots / result.counts.used, 3),
        "share_on_anchors": round(result.anchoring.share, 3),
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    return 0 if seconds <= SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
