"""How long the map page takes to stand in an empty browser at 627,122 reports, and what it moves over the wire.

Figures to hold on a warm server: the first view within 4 s, at most 2 MB beyond the static files of Streamlit and of
Leaflet, and no run of the page's script for a pan or a zoom. The reports are Merseyside's published ones, imported as a
partner's, so that they are drawn, counted and clustered like reports of the site. Needs Chromium.

Run: .venv/bin/python tests/benchmarks/bench_first_view.py [HOME]  (HOME is filled once and can be used again)
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Frame, Page, sync_playwright

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.profiles import load_profiles
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.settings import Settings, data_folder
from cs_geo.store.cluster import Cluster
from cs_geo.store.opening import Store, make_engine
from cs_geo.store.upgrading import upgrade_database
from cs_geo.workflows.choose_mapping import save_mapping
from cs_geo.workflows.find_hotspots import run_hotspots
from cs_geo.workflows.import_reports import ImportRequest, command_limits, import_files
from cs_geo.workflows.look_at_map import window_of_reports

POLICE = Path(__file__).parents[2].parent / "shared" / "data" / "police"
MERSEYSIDE = POLICE / "merseyside-street-2018-01_2021-09.zip"
QUIET = [f"--{flag}" for flag in ("no-sandbox", "disable-gpu", "disable-background-networking", "disable-sync")]
STATIC = ("/static/", "/component/", "/assets/", "/_stcore/bidi-components/", "/favicon")
"""Addresses of files that do not change with the data: Streamlit's own, the map component's, Leaflet and friends."""
TILES_STAND = "map.csGeoTiles && Object.values(map.csGeoTiles._tiles).every((tile) => tile.loaded)"
TURNS = 5


@dataclass
class Moved:
    """Bytes over the wire in one visit, by what they are."""

    static: int = 0
    tiles: int = 0
    other: int = 0
    words: int = 0
    """Frames of the page's websocket."""
    addresses: dict[str, str] = field(default_factory=dict)

    def watch(self, session: CDPSession) -> None:
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", lambda e: self.addresses.update({e["requestId"]: e["request"]["url"]}))
        session.on("Network.loadingFinished", lambda e: self.count(e["requestId"], int(e["encodedDataLength"])))
        session.on("Network.webSocketFrameReceived", lambda e: self.hear(e["response"]["payloadData"]))

    def count(self, request: str, size: int) -> None:
        path = "/" + self.addresses.get(request, "").split("/", 3)[-1]
        if path.startswith("/tiles/"):
            self.tiles += size
        elif path.startswith(STATIC) or path in ("/", "/map"):
            self.static += size
        else:
            self.other += size

    def hear(self, payload: str) -> None:
        self.words += len(payload) * 3 // 4  # binary frames are told in base64


def fill(home: Path) -> None:
    """Import the file as a partner's and find the hotspots of its last twelve months, if the home is new."""
    cluster = Cluster(home)
    cluster.ensure_running()
    upgrade_database(cluster.url("owner"))
    store = Store(make_engine(cluster.url("app")))
    try:
        if window_of_reports(store, LOCAL_ACTOR) is None:
            published = load_profiles(data_folder() / "mappings")["police-uk-street"]
            save_mapping(store, LOCAL_ACTOR, replace(published, name="as-a-partner", published=False))
            request = ImportRequest((MERSEYSIDE,), "Merseyside", mapping="as-a-partner")
            import_files(store, LOCAL_ACTOR, request, limits=command_limits(Settings()))
            twelve_months = Selection(date(2020, 10, 1), date(2021, 9, 30), kinds=(Kind.INCIDENT,))
            run_hotspots(store, LOCAL_ACTOR, twelve_months, HotspotParameters())
    finally:
        store.close()


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The address of a server of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "CS_GEO_HOME": str(home), "CS_GEO_JOB_WORKERS": "0"}
    command = [sys.executable, "-m", "cs_geo.cli.main", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health"):
                    break
            except OSError:
                time.sleep(0.25)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def map_frame(page: Page) -> Frame:
    page.wait_for_selector("iframe", timeout=60_000)
    frame = next(frame for frame in page.frames if "st_folium" in frame.url)
    frame.wait_for_function(f"window.map && window.map.getSize().y > 0 && {TILES_STAND}", timeout=60_000, polling=50)
    return frame


def visit(browser: Browser, address: str, window: str) -> dict[str, float]:
    """Open the map in an empty browser; then pan and zoom, and count what the page said meanwhile."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    moved = Moved()
    moved.watch(context.new_cdp_session(page))
    began = time.perf_counter()
    page.goto(f"{address}/map", wait_until="commit")
    frame = map_frame(page)
    page.get_by_text("Reports are concentrated here").first.wait_for()
    seconds = time.perf_counter() - began
    if window:
        page.get_by_label("Window").first.click()
        page.get_by_role("option", name=window).click()
        began = time.perf_counter()
        page.get_by_text("showing 6").first.wait_for()
        map_frame(page)
        seconds = time.perf_counter() - began
    page.wait_for_timeout(1500)
    before = moved.words
    figures = {
        "seconds": round(seconds, 2),
        "beyond_static_kb": round((moved.tiles + moved.other + moved.words) / 1024),
        "tiles_kb": round(moved.tiles / 1024),
        "page_kb": round(moved.words / 1024),
        "static_kb": round(moved.static / 1024),
    }
    for step in ("panBy([250, 120])", "zoomIn()", "zoomIn()", "panBy([-300, 0])", "zoomOut()"):
        frame.evaluate(f"void map.{step}")  # what a call gives back would be the whole map
        page.wait_for_timeout(900)
    figures["page_bytes_while_panning"] = moved.words - before
    context.close()
    return figures


def main() -> None:
    """Print each visit's figures."""
    if not MERSEYSIDE.is_file():
        print(f"skipped: {MERSEYSIDE.name} is not here")
        return
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="cs_geo_bench_"))
    fill(home)
    with serving(home) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        visit(browser, address, "")  # warms the server
        for window in ("", "All dates"):
            for _ in range(TURNS):
                print(
                    json.dumps(
                        {"window": window or "3 months to the newest report", **visit(browser, address, window)}
                    ),
                    flush=True,
                )
        browser.close()
    Cluster(home).stop()


if __name__ == "__main__":
    main()
