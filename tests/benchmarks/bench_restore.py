"""How long a large site takes to back up, and to restore into an empty cluster with every count and checksum checked.

Figure to hold: a full restore within 30 minutes (trust.md D12). The site is that of bench_import_merseyside.py, with
627,122 reports; it is brought to the present revision first, which is timed too (D11: at most 2 minutes for 100,000
reports). Run after it with the same HOME: .venv/bin/python -m tests.benchmarks.bench_restore HOME [--record]
"""

import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.settings import Settings
from cs_geo.store.cluster import Cluster
from cs_geo.store.opening import Store, make_engine
from cs_geo.store.upgrading import upgrade_database
from cs_geo.workflows.keep_backups import back_up, restore
from tests.trust.recording import record_benchmark

MOST_MINUTES = 30
PASSPHRASE = "elm copper harbour nine"


def main() -> None:
    """Upgrade, back up and restore, and print what each took; with --record keep it for docs/security.md."""
    if len(sys.argv) < 2:
        print("skipped: name the HOME that bench_import_merseyside.py filled")
        return
    home = Path(sys.argv[1])
    cluster = Cluster(home)
    cluster.ensure_running()
    began = time.perf_counter()
    upgrade_database(cluster.url("owner"))
    upgraded = time.perf_counter() - began
    store = Store(make_engine(cluster.url("app")))
    settings = Settings(home=home)
    with store.begin(LOCAL_ACTOR) as connection:
        reports = connection.scalar(text("SELECT count(*) FROM cs_geo.reports"))
    with tempfile.TemporaryDirectory(prefix="cs_geo_restore_") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as a user of its own
        file, target = Path(folder) / "site.backup", Path(folder) / "h"
        began = time.perf_counter()
        back_up(store, LOCAL_ACTOR, settings, file, PASSPHRASE)
        backed_up = time.perf_counter() - began
        size = file.stat().st_size / 1e6
        began = time.perf_counter()
        restore(LOCAL_ACTOR, settings, file, PASSPHRASE, into_home=target)
        restored = time.perf_counter() - began
        Cluster(target).stop()
    store.close()
    figure = (
        f"{reports:,} reports: backed up in {backed_up:.0f} s ({size:.0f} MB sealed), restored into a new cluster with "
        f"every count and checksum checked in {restored:.0f} s"
    )
    print(f"{figure}; brought to the present revision in {upgraded:.1f} s")
    if "--record" in sys.argv[2:]:
        record_benchmark("D12", Path(__file__).name, figure)
    if restored > MOST_MINUTES * 60:
        sys.exit("The figures are not held.")


if __name__ == "__main__":
    main()
