"""Requests to single routes without a server; headless Chromium and the test application for the rest."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Frame, Page, sync_playwright
from starlette.applications import Starlette

ROOT = Path(__file__).parents[2]
TILES_STAND = "!window.map || !map.csGeoTiles || Object.values(map.csGeoTiles._tiles).every((tile) => tile.loaded)"
APP = Path(__file__).parent / "map_app" / "serve.py"


@dataclass
class Seen:
    """One page in the browser, and all that it asked for and complained of."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def elsewhere(self) -> list[str]:
        """Requests to any other host."""
        own = (self.address, "data:", "blob:", self.address.replace("http:", "ws:"))
        return [url for url in self.requests if not url.startswith(own)]

    def tiles(self, layer: str) -> list[str]:
        return [url for url in self.requests if f"/tiles/{layer}/" in url]

    def map_frame(self) -> Frame:
        """The map's frame, once its map stands and has stopped asking for tiles."""
        self.page.wait_for_selector("iframe", timeout=60_000)
        frame = next(frame for frame in self.page.frames if "st_folium" in frame.url)
        frame.wait_for_function("window.map && window.map.getSize().y > 0", timeout=60_000)
        self.settle()
        return frame

    def settle(self) -> None:
        """Wait until the map has drawn its tiles and the page has answered."""
        self.page.wait_for_timeout(700)  # the map answers 250 ms after a move; tiles fade in within 200 ms
        self.page.wait_for_load_state("networkidle")
        for frame in self.page.frames:
            if "st_folium" in frame.url:
                frame.wait_for_function(TILES_STAND)

    def runs(self) -> int:
        """How often the server has run the page's script, for any session."""
        with urllib.request.urlopen(f"{self.address}/test-runs") as answer:
            return int(answer.read())


@dataclass
class Answer:
    """What a route answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture
def ask():
    """Put one request to routes, without a server: ``ask(routes, "/path?query")``."""

    def put(routes, path, *, method="GET", headers=None, middleware=()) -> Answer:
        app = Starlette(routes=routes, middleware=list(middleware))
        # In a thread of its own: while Playwright is open, this one has a running event loop.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, _put(app, method, path, headers or {})).result()

    return put


async def _put(app: Starlette, method: str, path: str, headers: dict[str, str]) -> Answer:
    plain, _, query = path.partition("?")
    answer = Answer(0, {}, b"")

    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, object]:
        if not asked:
            await asyncio.Event().wait()  # nobody hangs up
        return asked.pop()

    async def send(message: dict) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "server": ("test", 80),
        "path": unquote(plain), "raw_path": plain.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    await app(scope, receive, send)
    return answer


@pytest.fixture(scope="session")
def map_app() -> Iterator[str]:
    """Address of the test application, served by its own process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    server = subprocess.Popen([sys.executable, APP, str(port)], env=os.environ | {"PYTHONPATH": paths})
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def look(chromium: Browser, map_app: str):
    """Open a view of the test application and watch what it does."""
    opened: list[Page] = []

    def open_view(query: str = "", *, width: int = 1440, height: int = 900) -> Seen:
        page = chromium.new_page(viewport={"width": width, "height": height})
        opened.append(page)
        seen = Seen(page, map_app)
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("console", lambda said: said.type == "error" and seen.errors.append(said.text))
        page.goto(f"{map_app}/{query}")
        return seen

    yield open_view
    for page in opened:
        page.close()


def _wait_until_up(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        if server.poll() is not None:
            raise RuntimeError(f"The test application stopped with code {server.returncode}.")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health"):
                return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError("The test application did not answer within 60 s.")
