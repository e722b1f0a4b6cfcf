"""Whether twenty people who look at the map wait for an import that runs beside them.

An import is a long action: it writes that it has begun, works for minutes and writes its end as the last statement of
its transaction, so that the lock of the audit log's chain is held for a moment only (design decision 11). Each viewer
opens the map's numbers and four of its tiles, each look with its row in the log, and then reads for a while. The same
viewers look at a quiet site and at one that takes in 627,122 rows; the ratio is of the medians and of the 95th
percentiles of one run. What must not happen is a look that waits for the import's end, or that fails.

The import is stopped when the viewers are done: what it had begun leaves no row. Run after bench_import_merseyside.py
with the same HOME: .venv/bin/python -m tests.benchmarks.bench_viewers HOME [--record]
"""

import multiprocessing
import random
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import text

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.reports.selection import Selection
from cs_geo.settings import Settings
from cs_geo.store.audit import altered_rows
from cs_geo.store.cluster import Cluster
from cs_geo.store.opening import Store, make_engine
from cs_geo.store.tiles import read_report_tile
from cs_geo.workflows.import_reports import ImportRequest, command_limits, import_files
from cs_geo.workflows.look_at_map import summarise_map
from tests.benchmarks.bench_import_merseyside import MERSEYSIDE
from tests.benchmarks.bench_tiles import tiles
from tests.trust.recording import record_benchmark

VIEWERS = 20
SECONDS = 25.0
READS_FOR_S = (2.0, 6.0)
TILES_A_LOOK = 4
LONGEST_LOOK_S = 10.0
"""A look that waited for the import would take as long as the import."""
SELECTION = Selection(published=True)


def look_on(url: str, chosen: list[tuple[int, int, int]], seed: int) -> list[float]:
    """Look and read in turn; the seconds that each look took."""
    store = Store(make_engine(url, pool_size=1))
    draw = random.Random(seed)
    until = time.perf_counter() + SECONDS
    took = []
    time.sleep(draw.uniform(0, READS_FOR_S[0]))
    while time.perf_counter() < until:
        began = time.perf_counter()
        summarise_map(store, LOCAL_ACTOR, SELECTION)
        for tile in draw.sample(chosen, TILES_A_LOOK):
            with store.begin(LOCAL_ACTOR) as connection:
                read_report_tile(connection, SELECTION, *tile)
        took.append(time.perf_counter() - began)
        time.sleep(draw.uniform(*READS_FOR_S))
    store.close()
    return took


def watch(url: str, chosen: list[tuple[int, int, int]]) -> list[float]:
    """Twenty viewers at once."""
    with ThreadPoolExecutor(VIEWERS) as viewers:
        looks = [viewers.submit(look_on, url, chosen, seed) for seed in range(VIEWERS)]
        return sorted(seconds for look in looks for seconds in look.result())


def take_in(url: str) -> None:
    """Import the file anew, as another source's."""
    store = Store(make_engine(url))
    request = ImportRequest((MERSEYSIDE,), f"Merseyside beside viewers {time.time():.0f}")
    import_files(store, LOCAL_ACTOR, request, limits=command_limits(Settings()))


def main() -> None:
    """Watch the site quiet and while it imports, and print both; with --record keep them for docs/security.md."""
    if len(sys.argv) < 2:
        print("skipped: name the HOME that bench_import_merseyside.py filled")
        return
    cluster = Cluster(Path(sys.argv[1]))
    cluster.ensure_running()
    url = cluster.url("app")
    store = Store(make_engine(url))
    chosen = tiles(store)
    quiet = watch(url, chosen)
    importing = multiprocessing.get_context("spawn").Process(target=take_in, args=(url,))
    importing.start()
    time.sleep(8)
    beside = watch(url, chosen)
    ran_throughout = importing.is_alive()
    importing.terminate()
    importing.join()
    with store.begin(LOCAL_ACTOR) as connection:
        altered = len(altered_rows(connection))
        reports = connection.scalar(text("SELECT count(*) FROM cs_geo.reports"))
    store.close()
    figure = (
        f"{VIEWERS} viewers, {SECONDS:.0f} s each way, {reports:,} reports: {len(quiet)} looks on a quiet site, median "
        f"{statistics.median(quiet):.2f} s, p95 {_p95(quiet):.2f} s; {len(beside)} while it imports, median "
        f"{statistics.median(beside):.2f} s, p95 {_p95(beside):.2f} s, longest {beside[-1]:.2f} s; ratio of medians "
        f"{statistics.median(beside) / statistics.median(quiet):.1f}; 0 failed, {altered} rows of the log altered"
    )
    print(figure)
    if not ran_throughout:
        sys.exit("The import ended before the viewers did: its end is not told from the rest.")
    if "--record" in sys.argv[2:]:
        record_benchmark("B4", Path(__file__).name, figure)
    if beside[-1] > LONGEST_LOOK_S or altered:
        sys.exit("The figures are not held.")


def _p95(ordered: list[float]) -> float:
    return ordered[int(len(ordered) * 0.95)]


if __name__ == "__main__":
    main()
