"""How long map tiles take at 627,122 reports: 200 tiles of zoom 9-16, unfiltered and for 12 months of three kinds.

Figure to hold: the 95th percentile at most 150 ms. Tiles lie where reports are, 25 to a zoom, chosen by one seed.
Run after bench_import_merseyside.py with the same HOME: .venv/bin/python tests/benchmarks/bench_tiles.py HOME
"""

import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
from sqlalchemy import text

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store.cells import WORLD_M
from cs_geo.store.cluster import Cluster
from cs_geo.store.opening import Store, make_engine
from cs_geo.store.tiles import read_report_tile

ZOOMS = range(9, 17)
TILES_PER_ZOOM = 25
SELECTIONS = {
    "all reports": Selection(published=True),
    "12 months of three kinds": Selection(
        since=date(2020, 10, 1),
        until=date(2021, 9, 30),
        kinds=(Kind.INCIDENT, Kind.CONCERN, Kind.OUTREACH),
        published=True,
    ),
    "12 months from mid-month": Selection(
        since=date(2020, 9, 16), until=date(2021, 9, 15), kinds=(Kind.INCIDENT, Kind.CONCERN), published=True
    ),
}


def tiles(store: Store) -> list[tuple[int, int, int]]:
    """Tiles that hold reports."""
    with store.begin(LOCAL_ACTOR) as connection:
        rows = connection.execute(
            text("""
            SELECT ST_X(geom_web), ST_Y(geom_web) FROM cs_geo.reports TABLESAMPLE SYSTEM (2) WHERE geom IS NOT NULL
            """)
        ).all()
    points = np.array([tuple(row) for row in rows])
    draw = np.random.default_rng(20260414)
    chosen = []
    for z in ZOOMS:
        width = WORLD_M / 2**z
        for x, y in points[draw.integers(0, len(points), TILES_PER_ZOOM)]:
            chosen.append((z, int((x + WORLD_M / 2) // width), int((WORLD_M / 2 - y) // width)))
    return chosen


def main() -> None:
    """Draw the tiles and print what they took."""
    if len(sys.argv) < 2:
        print("skipped: name the HOME that bench_import_merseyside.py filled")
        return
    cluster = Cluster(Path(sys.argv[1]))
    cluster.ensure_running()
    store = Store(make_engine(cluster.url("app")))
    chosen = tiles(store)
    for name, selection in SELECTIONS.items():
        for turn in ("cold", "warm"):
            times, sizes = [], []
            for z, x, y in chosen:
                began = time.perf_counter()
                with store.begin(LOCAL_ACTOR) as connection:
                    sizes.append(len(read_report_tile(connection, selection, z, x, y)))
                times.append((time.perf_counter() - began) * 1000)
            by_zoom = {z: np.median([t for t, tile in zip(times, chosen, strict=True) if tile[0] == z]) for z in ZOOMS}
            print(
                f"{name}, {turn}: p50 {np.percentile(times, 50):.0f} ms, p95 {np.percentile(times, 95):.0f} ms, "
                f"largest {max(times):.0f} ms; median by zoom "
                f"{', '.join(f'{z}: {median:.0f}' for z, median in by_zoom.items())}; largest {max(sizes):,} bytes",
                flush=True,
            )
    store.close()


if __name__ == "__main__":
    main()
