"""How fast the audit log is written by many at once, and whether an honest log ever looks altered.

Figures to hold: at least 1,000 rows a second by 20 writers for 8 s, 0 false alarms, 0 gaps (trust.md B4). The cluster
is made for the run, with PostgreSQL's own settings: each row is on the disk before the next is numbered. The verifier
runs beside the writers, which are processes, as the servers of a site are. The machine's load is said: others who use
it take from the figure. Run: .venv/bin/python -m tests.benchmarks.bench_audit [--record]
"""

import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Manager
from pathlib import Path
from threading import Barrier

from sqlalchemy import text

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.store.audit import altered_rows, write_audit
from cs_geo.store.cluster import Cluster
from cs_geo.store.opening import Store, make_engine
from cs_geo.store.upgrading import upgrade_database
from tests.trust.recording import record_benchmark

WRITERS = 20
SECONDS = 8.0
LEAST_PER_SECOND = 1000
VERIFY_EVERY_S = 2.0


def write_for(url: str, start: Barrier) -> int:
    """Write rows as actions do, one transaction each; how many."""
    store = Store(make_engine(url, pool_size=1))
    with store.begin(LOCAL_ACTOR) as connection:
        connection.execute(text("SELECT 1"))
    start.wait()
    until = time.perf_counter() + SECONDS
    n = 0
    while time.perf_counter() < until:
        with store.begin(LOCAL_ACTOR) as connection:
            write_audit(connection, "export", "done", subject="x", details={"rows": n})
        n += 1
    store.close()
    return n


def verify_for(url: str, start: Barrier) -> list[list[tuple[int, str]]]:
    """Verify the whole log now and then, as a steward might while others work; what each check found."""
    store = Store(make_engine(url, pool_size=1))
    start.wait()
    until = time.perf_counter() + SECONDS
    found = []
    while time.perf_counter() < until:
        time.sleep(VERIFY_EVERY_S)
        with store.begin(LOCAL_ACTOR) as connection:
            found.append(altered_rows(connection))
    store.close()
    return found


def main() -> None:
    """Write, verify and print; with --record keep the figure for docs/security.md."""
    load = os.getloadavg()[0]
    home = Path(tempfile.mkdtemp(prefix="cs_geo_bench_"))
    home.chmod(0o755)
    cluster = Cluster(home)
    try:
        cluster.init()
        cluster.ensure_running()
        upgrade_database(cluster.url("owner"))
        with Manager() as manager, ProcessPoolExecutor(WRITERS + 1) as processes:
            start = manager.Barrier(WRITERS + 1)
            checks = processes.submit(verify_for, cluster.url("app"), start)
            writers = [processes.submit(write_for, cluster.url("app"), start) for _ in range(WRITERS)]
            written = sum(writer.result() for writer in writers)
            alarms = [alarm for found in checks.result() for alarm in found]
        store = Store(make_engine(cluster.url("app"), pool_size=1))
        with store.begin(LOCAL_ACTOR) as connection:
            alarms += altered_rows(connection)
            newest, rows = connection.execute(text("SELECT max(number), count(*) FROM cs_geo.audit_log")).one()
        store.close()
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)
    per_second = written / SECONDS
    gaps = newest - rows
    figure = (
        f"{WRITERS} writers, {SECONDS:g} s: {written:,} rows, {per_second:,.0f} a second, {len(alarms)} false "
        f"alarms in {len(checks.result()) + 1} checks, {gaps} gaps (load of the machine before: {load:.1f} on "
        f"{os.cpu_count()} cores)"
    )
    print(figure)
    if "--record" in sys.argv[1:]:
        record_benchmark("B4", Path(__file__).name, figure)
    if per_second < LEAST_PER_SECOND or alarms or gaps or rows != written:
        sys.exit("The figures are not held.")


if __name__ == "__main__":
    main()
