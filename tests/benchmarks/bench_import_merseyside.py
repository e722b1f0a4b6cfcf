"""How long 627,122 published rows take to import with checks and geocoding, and again.

Figures to hold: at most 120 s and 2 GB each time, 0 created the second time, every month accounted for.
Run: .venv/bin/python tests/benchmarks/bench_import_merseyside.py [HOME]
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.settings import Settings
from cs_geo.store.cluster import Cluster
from cs_geo.store.opening import Store, make_engine
from cs_geo.store.upgrading import upgrade_database
from cs_geo.workflows.import_reports import ImportRequest, command_limits, import_files

POLICE = Path(__file__).parents[2].parent / "shared" / "data" / "police"
MERSEYSIDE = POLICE / "merseyside-street-2018-01_2021-09.zip"


def main() -> None:
    """Import the file twice into a cluster of its own and print what it took."""
    if not MERSEYSIDE.is_file():
        print(f"skipped: {MERSEYSIDE.name} is not here")
        return
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="cs_geo_bench_"))
    cluster = Cluster(home)
    cluster.ensure_running()
    upgrade_database(cluster.url("owner"))
    store = Store(make_engine(cluster.url("app")))
    try:
        for turn in ("first", "again"):
            began = time.perf_counter()
            cpu = time.process_time()
            outcome = import_files(
                store,
                LOCAL_ACTOR,
                ImportRequest((MERSEYSIDE,), "Merseyside Police"),
                limits=command_limits(Settings()),
            )
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            months = [file for file in outcome.files if file.read != file.created + file.updated + file.duplicate]
            print(
                f"{turn}: {time.perf_counter() - began:.1f} s ({time.process_time() - cpu:.1f} s of it Python's own), "
                f"peak {peak:.0f} MB; read {outcome.read:,}, created {outcome.created:,}, updated {outcome.updated:,}, "
                f"duplicates {outcome.duplicate:,}, rejected {outcome.rejected:,}, placed {outcome.matched:,}; "
                f"{len(outcome.files)} months, {len(months)} with rows unaccounted for",
                flush=True,
            )
    finally:
        store.close()
        cluster.stop()


if __name__ == "__main__":
    main()
