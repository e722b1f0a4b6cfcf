"""What row-level security costs on the tiles of the map, in one run, and whether their plan uses the spatial index.

Figure to hold: the tiles under policies take at most 1.3 times as long as the same queries without them. Each tile is
drawn as the app, under policies, and as the cluster's administrator, over whom policies have no power, in turn; the
ratio is that of the medians. Run with a HOME that holds reports (``cs-geo demo --no-serve``, or
bench_import_merseyside.py): .venv/bin/python -m tests.benchmarks.bench_policies HOME [--record]
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.reports.selection import Selection
from cs_geo.store.cluster import Cluster
from cs_geo.store.opening import Store, make_engine
from cs_geo.store.tiles import read_report_tile
from tests.benchmarks.bench_tiles import tiles
from tests.mvt import read_layers
from tests.trust.recording import record_benchmark

MOST_RATIO = 1.3
TURNS = 3
PLAN = """
    EXPLAIN SELECT report_id FROM cs_geo.reports
    WHERE geom && ST_MakeEnvelope(:x, :y, :x + 400, :y + 400, :srid) AND published = :published AND NOT in_protected
"""


def as_app(store: Store, draw: Callable[[Connection], object]) -> float:
    """Seconds that a query takes in a person's name."""
    with store.begin(LOCAL_ACTOR) as connection:
        began = time.perf_counter()
        draw(connection)
        return time.perf_counter() - began


def main() -> None:
    """Draw every tile both ways and print the ratio; with --record keep it for docs/security.md."""
    if len(sys.argv) < 2:
        print("skipped: name a HOME that holds reports")
        return
    cluster = Cluster(Path(sys.argv[1]))
    cluster.ensure_running()
    store = Store(make_engine(cluster.url("app")))
    bypassing = create_engine(cluster.url("admin", "cs_geo"))
    with_policies: list[float] = []
    without: list[float] = []
    with bypassing.connect() as free:
        free.execute(text("SET search_path TO cs_geo, public"))
        free.execute(text("SET jit TO off"))
        free.commit()
        held = free.execute(
            text("""
            SELECT published, count(*), min(ST_X(geom)), min(ST_Y(geom)), min(ST_SRID(geom)) FROM cs_geo.reports
            WHERE geom IS NOT NULL GROUP BY published ORDER BY count(*) DESC
            """)
        ).all()
        published, _, x, y, srid = held[0]
        reports = sum(row.count for row in held)
        for selection in (Selection(published=row.published) for row in held):
            for z, tile_x, tile_y in tiles(store):

                def draw(connection: Connection, chosen: tuple[int, int, int] = (z, tile_x, tile_y)) -> bytes:
                    return read_report_tile(connection, selection, *chosen)  # noqa: B023 - drawn before the next

                assert _features(draw(free)) == _features(_drawn(store, draw)), "both ways draw the same tile"
                turns = [(as_app(store, draw), _timed(free, draw)) for _ in range(TURNS)]
                with_policies.append(min(guarded for guarded, _ in turns))
                without.append(min(bare for _, bare in turns))
        free.rollback()
    with store.begin(LOCAL_ACTOR) as connection:
        plan = "\n".join(connection.scalars(text(PLAN), {"x": x, "y": y, "srid": srid, "published": published}))
    store.close()
    ratio = statistics.median(with_policies) / statistics.median(without)
    total = sum(with_policies) / sum(without)
    uses_index = "Index Cond: (geom &&" in plan
    print(plan)
    figure = (
        f"{reports:,} reports, {len(with_policies)} tiles: {ratio:.2f} times as long under policies by the median, "
        f"{total:.2f} in all; the plan of a window uses the spatial index: {'yes' if uses_index else 'no'}"
    )
    print(figure)
    if "--record" in sys.argv[2:]:
        record_benchmark("A3", Path(__file__).name, figure)
    if max(ratio, total) > MOST_RATIO or not uses_index:
        sys.exit("The figures are not held.")


def _drawn(store: Store, draw: Callable[[Connection], bytes]) -> bytes:
    with store.begin(LOCAL_ACTOR) as connection:
        return draw(connection)


def _features(tile: bytes) -> list[str]:
    # In no order: the database gives groups in whatever order its plan made them.
    return sorted(f"{name} {feature}" for name, features in read_layers(tile).items() for feature in features)


def _timed(connection: Connection, draw: Callable[[Connection], object]) -> float:
    began = time.perf_counter()
    draw(connection)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
