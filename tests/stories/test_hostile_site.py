"""A site whose every name was typed by an attacker, and whose notes must not leave it: the real server, a real browser.

The names are those of ``tests/web/hostile_names.json``; they stand in sources, locations, notes, places, areas, people,
file names and column heads. Beside them a hundred planted strings stand in notes, names and coordinates.
"""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from shapely.geometry import box

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.errors import UserError
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store, make_engine
from cs_geo.workflows.export_files import export_to_file
from cs_geo.workflows.find_hotspots import run_hotspots
from cs_geo.workflows.load_site_data import load_areas
from cs_geo.workflows.manage_people import grant_roles
from cs_geo.workflows.place_reports import look_up
from cs_geo.workflows.register_places import register_place
from tests.conftest import Database
from tests.sheets import EASTING, NORTHING, ask, change, import_rows, import_sheet, report_row
from tests.stories.test_coordinator import CHROMIUM, QUIET, _wait_for
from tests.stories.test_sign_in import free_port
from tests.trust.test_air_gap import GUARD

pytestmark = pytest.mark.browser
NAMES = json.loads((Path(__file__).parents[1] / "web" / "hostile_names.json").read_text("utf-8"))
TYPED = [name for name in NAMES if "\x00" not in name]
"""A zero byte is no text to the database; the import says so of the row."""
CANARIES = [f"Kanarek{number:02d}q" for number in range(90)]
COORDINATES = [str(EASTING + 1000 + 7 * number) for number in range(10)]
"""Eastings that stand nowhere else: with ninety words a hundred planted strings."""
PAGES = ("home", "map", "reports", "places", "export", "import", "add", "review", "audit")
ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))


@dataclass(frozen=True)
class Site:
    address: str
    store: Store
    database: Database
    log: Path


@pytest.fixture(scope="module")
def site(
    make_database: Callable[[], AbstractContextManager[Database]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with make_database() as database:
        store = Store(make_engine(database.app_url, pool_size=2))
        home = tmp_path_factory.mktemp("home")
        fill_with_names(store, tmp_path_factory.mktemp("names"))
        port = free_port()
        environment = {
            **os.environ,
            "CS_GEO_DATABASE_URL": database.app_url,
            "CS_GEO_HOME": str(home),
            "CS_GEO_JOB_WORKERS": "0",
            "PYTHONPATH": os.pathsep.join(map(str, (GUARD, GUARD.parents[2]))),
            "OUTBOUND_ATTEMPTS": str(home / "attempts"),
        }
        log = home / "server.log"
        with log.open("w") as written:
            server = subprocess.Popen(
                [sys.executable, "-m", "cs_geo.cli.main", "serve", "--port", str(port)],
                env=environment,
                stdout=written,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
            try:
                _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
                yield Site(f"http://127.0.0.1:{port}", store, database, log)
                assert (home / "attempts").read_text().splitlines() == ["guarded"]
            finally:
                server.terminate()
                server.wait(timeout=30)
                store.close()


def fill_with_names(store: Store, folder: Path) -> None:
    rows = [
        report_row(note=name, location=name, easting=EASTING + 9 * number, kind=kind)
        for number, name in enumerate(TYPED)
        for kind in ("incident", "strength")
    ]
    import_rows(store, folder, rows, source=TYPED[2], names=(f"{TYPED[2]}.csv",))
    import_rows(store, folder, [report_row(note="another", kind="concern")], source=TYPED[0])
    grounds = [
        box(EASTING + 50 * n - 5, NORTHING - 500, EASTING + 50 * n + 45, NORTHING + 500) for n in range(len(TYPED))
    ]
    areas = gpd.GeoDataFrame(
        {"name": TYPED, "reference": [f"W{n}" for n in range(len(TYPED))]}, geometry=grounds, crs=27700
    )
    areas.to_file(folder / "wards.gpkg")
    load_areas(store, LOCAL_ACTOR, folder / "wards.gpkg", "ward")
    for number, name in enumerate(TYPED):
        with suppress(UserError):  # a name that looks like a telephone number is not taken at all
            register_place(
                store,
                LOCAL_ACTOR,
                name=name,
                place_type="park",
                manager_role=name[:40],
                aliases=(name,),
                boundary=box(EASTING + 50 * number, NORTHING, EASTING + 50 * number + 20, NORTHING + 20),
                origin=name,
            )
    run_hotspots(store, LOCAL_ACTOR, Selection(), HotspotParameters(min_reports=3))
    grant_roles(store, ADMINISTRATOR, issuer="https://id.test", subject=TYPED[2], roles=[Role.ANALYST], label=TYPED[2])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A visitor on whose page nothing may run, ask another host, open a dialogue or lead elsewhere."""
    visited = browser.new_page(viewport={"width": 1440, "height": 900})
    visited.set_default_timeout(30_000)
    elsewhere: list[str] = []
    broken: list[str] = []
    visited.on(
        "request", lambda r: None if r.url.startswith((site.address, "data:", "blob:")) else elsewhere.append(r.url)
    )
    visited.on("pageerror", lambda error: broken.append(str(error)))
    visited.on("dialog", lambda dialogue: (broken.append(dialogue.message), dialogue.dismiss()))
    yield visited
    assert {frame.evaluate("window.hit") for frame in visited.frames} == {None}
    assert visited.url.startswith(site.address)
    visited.close()
    assert elsewhere == []
    assert broken == []


def open_quietly(page: Page, site: Site, path: str) -> str:
    """Open a page and wait until it stands; its words."""
    page.goto(f"{site.address}/{path}")
    page.locator("[data-testid=stMain]").filter(has_text=re.compile(r"(\S\s*){20}")).wait_for()
    page.locator("[data-testid=stStatusWidget]").wait_for(state="detached")
    page.wait_for_timeout(700)
    return str(page.locator("[data-testid=stMain]").inner_text())


@pytest.mark.trust("C2", figure="0 run, 0 requests elsewhere, 0 dialogues on every page")
@pytest.mark.parametrize("path", PAGES)
def test_hostile_names_run_on_no_page(page: Page, site: Site, path: str) -> None:
    words = open_quietly(page, site, path)
    assert len(words) > 20
    assert "Something went wrong" not in words
    for made in ("script[src*=elsewhere]", "base[href*=elsewhere]", "meta[http-equiv=refresh]", "img[src=x]"):
        assert page.locator(made).count() == 0, made


@pytest.mark.trust("C2", figure="0 run, shown as typed")
@pytest.mark.parametrize("number", range(0, len(TYPED), 6))
def test_a_report_named_by_an_attacker_opens_as_it_was_typed(page: Page, site: Site, number: int) -> None:
    rows = ask(site.database, "SELECT note, reference FROM cs_geo.reports WHERE kind = 'incident' ORDER BY ST_X(geom)")
    open_quietly(page, site, "reports")
    field = page.get_by_label("Reference").first
    field.fill(rows[number]["reference"])
    page.get_by_role("button", name="Open").first.click()
    page.get_by_role("button", name="Close").first.wait_for()
    page.wait_for_timeout(700)
    shown = page.locator("[data-testid=stMain]").inner_text()
    assert _plainly(rows[number]["note"]) in _plainly(shown)


@pytest.mark.trust("C2", figure="0 run, shown as typed in lists of choice")
def test_areas_are_offered_as_they_were_typed(page: Page, site: Site) -> None:
    open_quietly(page, site, "reports")
    page.get_by_role("button", name="More filters").first.click()
    page.get_by_role("combobox", name="Ward or district").click()
    page.get_by_role("option").nth(3).wait_for()
    offered = _plainly(" ".join(page.get_by_role("option").all_inner_texts()))
    assert sum(_plainly(name) in offered for name in TYPED) >= 5


@pytest.mark.trust("C2", figure="0 run, 0 requests elsewhere, from a sheet's name, heads and cells")
def test_a_hostile_sheet_is_looked_at_as_it_was_typed_without_running(page: Page, site: Site, tmp_path: Path) -> None:
    sheet = tmp_path / "<img src=x onerror=window.hit=1>.csv"
    with sheet.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["date", "location", *TYPED[:12]], ["2024-04-14", "High Street", *TYPED[:12]]])
    open_quietly(page, site, "import")
    page.locator("input[type=file]").first.set_input_files(str(sheet))
    page.get_by_text("What the columns mean").wait_for()
    page.wait_for_timeout(2000)
    words = page.locator("[data-testid=stMain]").inner_text()
    assert "<details open ontoggle=window.hit=1>" in words
    assert "Something went wrong" not in words
    assert page.locator("img[src=x]").count() == 0


def _plainly(words: str) -> str:
    """Words without white space and characters that no screen shows."""
    return re.sub(r"[\s\u2028\u202e\u200b]+", "", words)


@pytest.mark.trust("C11", figure="0 connections and 0 names asked for by the server, every page of internal roles")
@pytest.mark.trust(
    "B7", figure="100 planted strings, 0 in the audit log, the server's and the database's log and error pages"
)
def test_planted_strings_reach_no_log_and_no_error_page(page: Page, site: Site, cluster, tmp_path: Path) -> None:
    store = site.store
    planted = [
        report_row(note=f"about {word}", location=f"{word} Street", easting=COORDINATES[number % 10], key=word)
        for number, word in enumerate(CANARIES[:80])
    ]
    spoilt = report_row(note=CANARIES[80], location=CANARIES[81], date=CANARIES[82], easting="x", key=CANARIES[82])
    import_rows(store, tmp_path, [*planted, spoilt], source=CANARIES[83])
    with suppress(UserError):
        bad = tmp_path / f"{CANARIES[84]}.csv"
        bad.write_text(f'{CANARIES[84]}\n"{CANARIES[84]}\n', "utf-8")
        import_sheet(store, bad, source=CANARIES[84])
    around = box(EASTING, NORTHING + 900, EASTING + 50, NORTHING + 950)
    register_place(store, LOCAL_ACTOR, name=CANARIES[85], place_type="park", aliases=(CANARIES[86],), boundary=around)
    for word in CANARIES[85:88]:
        look_up(store, LOCAL_ACTOR, word)
    with suppress(UserError):
        run_hotspots(store, LOCAL_ACTOR, Selection(area=CANARIES[88]), HotspotParameters())
    with suppress(UserError):
        run_hotspots(store, LOCAL_ACTOR.acting_as(()), Selection(area=CANARIES[89]), HotspotParameters())
    export_to_file(
        store, LOCAL_ACTOR, ending=".csv", selection=Selection(), purpose="weekly meeting", today=date(2026, 8, 22)
    )

    for path in PAGES:
        open_quietly(page, site, path)
    change(site.database, "ALTER TABLE cs_geo.reports RENAME TO reports_away")
    try:
        said = [open_quietly(page, site, path) for path in ("home", "map", "reports", "places", "review")]
        pages = [page.content()]
    finally:
        change(site.database, "ALTER TABLE cs_geo.reports_away RENAME TO reports")
    assert any("Something went wrong" in words for words in said)

    # The server was under a guard all the while, which writes down and refuses whatever leads to another machine.
    assert (site.log.parent / "attempts").read_text().splitlines() == ["guarded"]
    strings = [*CANARIES, *COORDINATES]
    assert len(strings) == 100
    audit = json.dumps(ask(site.database, "SELECT t::text FROM cs_geo.audit_log t"))
    logs = [path.read_text("utf-8", "replace") for path in (cluster.home / "log").glob("*") if path.is_file()]
    assert "A page broke" in site.log.read_text()
    found = {
        where: [string for string in strings if string in words]
        for where, words in {
            "audit log": audit,
            "server's log": site.log.read_text(),
            "database's log": "".join(logs),
            "error pages": "".join([*said, *pages]),
        }.items()
    }
    assert found == {where: [] for where in found}
