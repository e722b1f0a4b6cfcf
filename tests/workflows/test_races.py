"""Two people, one report: one of them is told, and nothing is overwritten in silence."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.store.opening import Store, make_engine
from cs_geo.workflows.place_reports import ChangedMeanwhile, leave_report, page_to_place, place_report
from tests.conftest import Database
from tests.sheets import ask, import_rows, report_row

RACES = 100


@pytest.fixture
def store(database: Database):
    opened = Store(make_engine(database.app_url, pool_size=4))
    yield opened
    opened.close()


@pytest.mark.trust("D10", figure="100 races, 1 winner and 1 told in each, 0 silent overwrites")
def test_of_two_who_place_one_report_the_second_is_told(store: Store, database: Database, tmp_path: Path) -> None:
    nowhere = {"easting": "", "northing": ""}
    rows = [report_row(location=f"Somewhere {n}", note=f"race {n}", **nowhere) for n in range(RACES)]
    import_rows(store, tmp_path, rows)
    reports = page_to_place(store, LOCAL_ACTOR, limit=RACES)
    assert len(reports) == RACES
    told = []

    def race(number: int) -> None:
        report = dict(reports[number])
        start = Barrier(2)

        def place(longitude: float) -> float | None:
            start.wait()
            try:
                place_report(store, LOCAL_ACTOR, report, longitude=longitude, latitude=52.6)
            except ChangedMeanwhile:
                return None
            return longitude

        def leave() -> float | None:
            start.wait()
            try:
                leave_report(store, LOCAL_ACTOR, report)
            except ChangedMeanwhile:
                return None
            return 0.0

        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(place, -2.0)
            second = pool.submit(leave) if number % 2 else pool.submit(place, -1.9)
            told.append([one.result() for one in (first, second)].count(None))

    for number in range(RACES):
        race(number)
    assert told == [1] * RACES
    versions = ask(database, "SELECT version, count(*) FROM cs_geo.report_versions GROUP BY version ORDER BY version")
    assert [(row["version"], row["count"]) for row in versions] == [(1, RACES), (2, RACES)]
