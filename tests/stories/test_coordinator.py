"""A coordinator's nine minutes before a meeting: the real server, the sample borough, a real browser."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.store.opening import Store, make_engine
from cs_geo.workflows.load_demo import load_demo
from tests.conftest import Database

pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"
QUIET = [f"--{flag}" for flag in ("no-sandbox", "disable-gpu", "disable-background-networking", "disable-sync")]
START_SECONDS = 60


@pytest.fixture(scope="module")
def borough(
    make_database: Callable[[], AbstractContextManager[Database]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a server of the sample borough."""
    with make_database() as database:
        store = Store(make_engine(database.app_url))
        for _ in load_demo(store, LOCAL_ACTOR):
            pass
        store.close()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {
            **os.environ,
            "CS_GEO_DATABASE_URL": database.app_url,
            "CS_GEO_HOME": str(tmp_path_factory.mktemp("home")),
            "CS_GEO_JOB_WORKERS": "0",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        log = tmp_path_factory.mktemp("log") / "server.log"
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
                yield f"http://127.0.0.1:{port}"
                assert "Traceback" not in log.read_text()
            finally:
                server.terminate()
                server.wait(timeout=30)


def _wait_for(address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise TimeoutError(f"The server did not answer within {START_SECONDS} s.")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, borough: str) -> Iterator[Page]:
    """A page of a new visitor, who asks no other host for anything."""
    visited = browser.new_page(viewport={"width": 1440, "height": 900})
    visited.set_default_timeout(60_000)
    elsewhere: list[str] = []
    broken: list[str] = []
    visited.on("request", lambda r: None if r.url.startswith((borough, "data:", "blob:")) else elsewhere.append(r.url))
    visited.on("pageerror", lambda error: broken.append(str(error)))
    yield visited
    visited.close()
    assert elsewhere == []
    assert broken == []


def test_the_first_address_a_visitor_opens_has_its_navigation(page: Page, borough: str) -> None:
    page.goto(f"{borough}/map")
    page.get_by_text("Reports are concentrated here").first.wait_for()
    for heading in ("Home", "Map", "Reports", "Places", "Export"):
        assert page.get_by_role("link", name=heading, exact=True).count() == 1
    assert page.get_by_text("Local mode").count() >= 1


def test_a_concentration_opens_beside_the_map_and_the_map_stays(page: Page, borough: str) -> None:
    tiles: list[int] = []
    page.on("response", lambda r: tiles.append(r.status) if "/tiles/" in r.url else None)
    page.goto(f"{borough}/map")
    page.get_by_text("Reports are concentrated here").first.wait_for()
    frame = page.frame_locator("iframe").first
    frame.locator(".leaflet-container").wait_for()
    assert frame.locator(".leaflet-container").bounding_box()["height"] > 300
    page.wait_for_timeout(2000)
    assert tiles
    assert set(tiles) <= {200, 204}
    assert page.get_by_text("Not tested against chance").count() >= 1
    assert page.get_by_text("not more dangerous people").count() >= 1
    frame.locator(".leaflet-control-zoom-in").click()
    page.wait_for_timeout(1500)
    zoomed = len(tiles)
    frame.locator("path.leaflet-interactive").first.click(force=True)
    page.get_by_text("What helps here").wait_for()
    page.get_by_text("What is reported").wait_for()
    assert frame.locator(".leaflet-container").count() == 1
    page.wait_for_timeout(1500)
    # The map was not built anew: choosing something asks for no more than the few tiles that were still missing.
    assert len(tiles) - zoomed < zoomed
    page.get_by_text("Back to the list").click()
    page.get_by_text("Choose a row, or an outline on the map").wait_for()


def test_on_a_phone_what_was_tapped_comes_into_sight(page: Page, borough: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{borough}/map")
    frame = page.frame_locator("iframe").first
    frame.locator("path.leaflet-interactive").first.wait_for(state="attached")
    page.wait_for_timeout(2000)
    assert frame.locator(".leaflet-container").bounding_box()["y"] < 400
    frame.locator("path.leaflet-interactive").first.click(force=True)
    page.get_by_text("Back to the list").wait_for()
    page.wait_for_timeout(1500)
    assert 0 <= page.get_by_text("Back to the list").bounding_box()["y"] < 400


def test_on_a_projector_the_legend_is_folded_and_no_field_leaves_the_row(page: Page, borough: str) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"{borough}/map")
    frame = page.frame_locator("iframe").first
    frame.locator(".cs-geo-legend").wait_for()
    assert frame.locator(".cs-geo-legend").bounding_box()["height"] < 60
    button = page.get_by_role("button", name="Find hotspots").bounding_box()
    window = page.get_by_role("combobox", name="Window").bounding_box()
    assert abs(button["y"] - window["y"]) < 20


def test_home_says_what_is_new_and_what_needs_a_person(page: Page, borough: str) -> None:
    page.goto(borough)
    page.get_by_text("New since last week").wait_for()
    page.get_by_text("locations to review").first.wait_for()
    page.get_by_text("rejected rows").first.wait_for()


def test_every_page_opens_with_something_to_read(page: Page, borough: str) -> None:
    for address, said in {
        "reports": "Import a file",
        "import": "Every row is checked first",
        "add": "danger",
        "review": "located",
        "places": "10 places",
        "export": "caveats",
    }.items():
        page.goto(f"{borough}/{address}")
        page.get_by_text(said).first.wait_for()
