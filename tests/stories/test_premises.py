"""A shop is given a link, its staff send a report from a phone without an account, and the coordinator accepts it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import Database
from tests.sheets import ask
from tests.stories.test_coordinator import CHROMIUM, QUIET, _wait_for
from tests.stories.test_sign_in import free_port

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
NOTE = "The lamp over the back door is out"
PICTURES = os.environ.get("STORY_PICTURES", "")
"""Folder for pictures of each step, for whoever looks at them."""


@dataclass(frozen=True)
class Site:
    address: str
    database: Database
    log: Path


@pytest.fixture(scope="module")
def site(
    make_database: Callable[[], AbstractContextManager[Database]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site in local mode."""
    with make_database() as database:
        port, home = free_port(), tmp_path_factory.mktemp("home")
        environment = {
            **os.environ,
            "CS_GEO_DATABASE_URL": database.app_url,
            "CS_GEO_HOME": str(home),
            "CS_GEO_JOB_WORKERS": "0",
            "PYTHONPATH": str(Path(__file__).parents[2]),
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
                yield Site(f"http://127.0.0.1:{port}", database, log)
            finally:
                server.terminate()
                server.wait(timeout=30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(800)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def add_link(page: Page, site: Site) -> str:
    """Add a link on the page of links; the link."""
    page.goto(f"{site.address}/links")
    page.get_by_role("heading", name="Add a link").wait_for()
    picture(page, "1-links-empty")
    page.get_by_role("textbox", name="Premises").fill("Corner shop, Mill Lane")
    page.get_by_role("textbox", name="Where they lie").fill("Mill Lane")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("It is shown only now").wait_for()
    page.get_by_role("img").first.wait_for()
    picture(page, "2-link-added")
    return page.locator("code", has_text="/report/").inner_text().strip()


def no_script_ran(page: Page) -> Page:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.locator("script").count() == 0
    assert page.context.cookies() == []
    return page


@pytest.mark.trust("B7", figure="0 codes of reporting links in the server's log")
def test_a_shop_sends_a_report_from_a_phone_without_an_account_and_the_coordinator_accepts_it(
    browser: Browser, site: Site
) -> None:
    desk = browser.new_page(viewport=DESK)
    desk.set_default_timeout(30_000)
    link = add_link(desk, site)
    code = link.rpartition("/")[2]
    assert link.startswith(f"{site.address}/report/")

    phone = browser.new_context(viewport=PHONE).new_page()
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto(link)
    phone.get_by_role("link", name="Call 999").wait_for()
    picture(phone, "3-form")
    phone.get_by_role("button", name="Hand it in").click()
    phone.get_by_role("heading", name="Not handed in yet.").wait_for()
    picture(phone, "4-form-empty-sent")
    no_script_ran(phone)
    phone.get_by_role("radio", name="No", exact=True).check()
    phone.get_by_role("radio", name="Concern").check()
    phone.get_by_label("What harm, or risk of it?").select_option(label="Environmental hazard")
    phone.get_by_role("radio", name="At Corner shop, Mill Lane, or right outside").check()
    phone.get_by_label("About what time?").select_option("18-21")
    phone.get_by_label("What happened to safety here").fill(f"{NOTE}\nRing 07700 900123")
    phone.get_by_role("button", name="Hand it in").click()
    phone.get_by_text("were taken out of your note").first.wait_for()
    assert phone.get_by_label("What happened to safety here").input_value() == f"{NOTE}\nRing [phone removed]"
    assert phone.get_by_role("radio", name="Concern").is_checked()
    picture(phone, "5-form-note-mended")
    phone.get_by_label("What happened to safety here").fill(NOTE)
    phone.get_by_role("button", name="Hand it in").click()
    phone.get_by_role("heading", name="Handed in. Thank you.").wait_for()
    picture(phone, "6-thanks")
    phone.reload()  # the same form once more
    phone.get_by_role("heading", name="Handed in. Thank you.").wait_for()
    assert ask(site.database, "SELECT count(*) AS n FROM cs_geo.submissions")[0]["n"] == 1
    no_script_ran(phone)
    assert [url for url in asked if not url.startswith(site.address)] == []

    desk.goto(f"{site.address}/inbox")
    desk.get_by_text("Handed in by the link of Corner shop, Mill Lane").wait_for()
    desk.get_by_role("button", name="Open", exact=True).click()
    desk.get_by_text(NOTE).wait_for()
    desk.get_by_text("nobody can be asked back there").wait_for()
    picture(desk, "7-inbox")
    desk.get_by_role("button", name="Accept").click()
    desk.get_by_text("Accepted, and kept as").wait_for()

    if PICTURES:
        desk.goto(link)
        picture(desk, "8-form-wide")
        desk.goto(f"{link}/sheet")
        picture(desk, "9-sheet")
    desk.goto(f"{site.address}/links")
    desk.get_by_role("heading", name="End a link").wait_for()
    desk.get_by_role("button", name="End", exact=True).click()
    desk.get_by_role("heading", name="End a link").wait_for(state="hidden")
    picture(desk, "10-links-ended")
    phone.goto(link)
    phone.get_by_role("heading", name="This link does not work").wait_for()
    picture(phone, "11-ended")
    written = site.log.read_text()
    assert code not in written
    assert "Traceback" not in written
