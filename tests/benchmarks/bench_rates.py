"""Whether somebody who goes much too fast slows those who work at a person's pace (trust.md C12, last clause).

One hasty person signs in 100 times, exports 50 times and looks 1,000 locations up a minute, of which all but 6, 5 and
60 are refused. Six others look at the map's numbers and look a location up, again and again. All are threads of one
process, as in a server. Quiet and hasty spells follow one another in turn, so that whatever else the machine does falls
on both; the figure is the ratio of the 95th percentiles of what the others waited. Figure to hold: at most 1.2.

A private cluster of its own in a temporary folder: .venv/bin/python -m tests.benchmarks.bench_rates [--record]
"""

import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.errors import TooOften
from cs_geo.reports.selection import Selection
from cs_geo.settings import Settings
from cs_geo.store.cluster import Cluster
from cs_geo.store.opening import Store, make_engine
from cs_geo.store.upgrading import upgrade_database
from cs_geo.workflows import private_files
from cs_geo.workflows.export_files import export_to_file
from cs_geo.workflows.look_at_map import summarise_map
from cs_geo.workflows.manage_people import grant_roles
from cs_geo.workflows.place_reports import look_up
from cs_geo.workflows.sign_in import actor_of, note_sign_in
from tests.sheets import import_rows, report_row
from tests.trust.recording import record_benchmark

OTHERS = 6
SPELLS, SPELL_S = 10, 6.0
"""Quiet and hasty in turn."""
READS_FOR_S = (0.05, 0.15)
PER_MINUTE = {"sign_in": 100, "export": 50, "look_up": 1000}
MOST = {"sign_in": 6, "export": 5, "look_up": 60}
MOST_RATIO = 1.2
REPORTS = 400
ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))


def somebody(store: Store, name: str) -> Actor:
    """A person with the roles of the one person of a machine."""
    grant_roles(store, ADMINISTRATOR, issuer="https://id.test", subject=name, roles=sorted(LOCAL_ACTOR.roles))
    return actor_of(store, "https://id.test", name)


def work(store: Store, actor: Actor, seed: int, until: float) -> list[float]:
    """Look and read in turn until a moment; the seconds of each look."""
    draw = random.Random(seed)
    took = []
    while time.perf_counter() < until:
        began = time.perf_counter()
        summarise_map(store, actor, Selection())
        look_up(store, actor, f"{draw.randrange(20)} Mill Lane")
        took.append(time.perf_counter() - began)
        time.sleep(draw.uniform(*READS_FOR_S))
    return took


def hurry(store: Store, actor: Actor, until: float, done: Counter[str]) -> None:
    """Do all three at their pace until a moment, and count what was taken and what refused."""
    number = iter(range(10**9))
    does: dict[str, Callable[[], object]] = {
        "sign_in": lambda: note_sign_in(store, actor, f"{time.time()} {next(number)}"),
        "export": lambda: export_to_file(
            store, actor, ending=".csv", selection=Selection(), purpose="benchmark", today=date(2026, 4, 20)
        ),
        "look_up": lambda: look_up(store, actor, f"{time.time()} {next(number)} Mill Lane"),
    }

    def go(what: str) -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            try:
                does[what]()
                done[f"{what} taken"] += 1
            except TooOften:
                done[f"{what} refused"] += 1
            time.sleep(max(0.0, 60 / PER_MINUTE[what] - (time.perf_counter() - began)))

    threads = [threading.Thread(target=go, args=(what,)) for what in does]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure(store: Store) -> tuple[list[float], list[float], Counter[str], float]:
    """The looks of quiet and of hasty spells, what the hasty one did, and for how long."""
    hasty, others = somebody(store, "hasty"), [somebody(store, f"other {n}") for n in range(OTHERS)]
    quiet: list[float] = []
    beside: list[float] = []
    done: Counter[str] = Counter()
    began = time.perf_counter()
    with ThreadPoolExecutor(OTHERS + 1) as pool:
        # The first of its exports and look-ups are work that anybody may do, and no refusals: they are made beforehand.
        hurry(store, hasty, time.perf_counter() + 6, done)
        for spell in range(SPELLS):
            until = time.perf_counter() + SPELL_S
            looks = [pool.submit(work, store, actor, seed * 100 + spell, until) for seed, actor in enumerate(others)]
            if spell % 2:
                pool.submit(hurry, store, hasty, until, done).result()
            (beside if spell % 2 else quiet).extend(second for look in looks for second in look.result())
    return sorted(quiet), sorted(beside), done, time.perf_counter() - began


def main() -> None:
    """Measure and print; with --record keep the figure for docs/security.md."""
    load = os.getloadavg()[0]
    home = Path(tempfile.mkdtemp(prefix="cs_geo_bench_"))
    home.chmod(0o755)
    cluster = Cluster(home)
    private_files.get_settings = lambda: Settings(home=home)  # type: ignore[assignment]
    try:
        cluster.init()
        cluster.ensure_running()
        upgrade_database(cluster.url("owner"))
        store = Store(make_engine(cluster.url("app"), pool_size=OTHERS + 6))
        import_rows(store, home, [report_row(note=f"{n}", easting=400_013 + n) for n in range(REPORTS)])
        quiet, beside, done, lasted = measure(store)
        store.close()
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)
    ratio = _p95(beside) / _p95(quiet)
    held = {what: done[f"{what} taken"] for what in MOST}
    minutes = lasted / 60
    paces = ", ".join(f"{n:,} {what}s" for what, n in PER_MINUTE.items())
    refused = ", ".join(f"{done[what + ' refused']:,} {what}s" for what in MOST)
    figure = (
        f"{OTHERS} others beside one person at {paces} a minute: p95 of {len(quiet):,} quiet looks "
        f"{_p95(quiet) * 1000:.0f} ms, of {len(beside):,} beside them {_p95(beside) * 1000:.0f} ms, ratio {ratio:.2f}; "
        f"medians {statistics.median(quiet) * 1000:.0f} and {statistics.median(beside) * 1000:.0f} ms; refused: "
        f"{refused} (load of the machine before: {load:.1f} on {os.cpu_count()} cores)"
    )
    figure = figure.replace("sign_in", "sign-in").replace("look_up", "look-up")
    print(figure)
    if "--record" in sys.argv[1:]:
        record_benchmark("C12", Path(__file__).name, figure)
    if ratio > MOST_RATIO or any(n > MOST[what] * (minutes + 1) for what, n in held.items()):
        sys.exit("The figures are not held.")


def _p95(ordered: list[float]) -> float:
    return ordered[int(len(ordered) * 0.95)]


if __name__ == "__main__":
    main()
