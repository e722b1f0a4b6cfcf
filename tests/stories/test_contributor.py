"""A school hands a report in on a phone, the coordinator accepts it, and the school sees what became of it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from cs_geo.store.opening import Store, make_engine
from tests.conftest import Database
from tests.sheets import import_rows, report_row
from tests.stories.test_coordinator import CHROMIUM, QUIET, _wait_for
from tests.stories.test_sign_in import free_port

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
NOTE = "The lamp by the gate is out"
PICTURES = os.environ.get("STORY_PICTURES", "")
"""Folder for pictures of each step, for whoever looks at them."""


@pytest.fixture(scope="module")
def address(
    make_database: Callable[[], AbstractContextManager[Database]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A site in local mode with one report of a partner."""
    with make_database() as database:
        store = Store(make_engine(database.app_url, pool_size=2))
        import_rows(store, tmp_path_factory.mktemp("rows"), [report_row(note="Known to the team alone")])
        store.close()
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
                yield f"http://127.0.0.1:{port}"
                assert "Traceback" not in log.read_text()
            finally:
                server.terminate()
                server.wait(timeout=30)


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


def visit(browser: Browser, address: str, size: dict[str, int]) -> Page:
    page = browser.new_page(viewport=size)
    page.set_default_timeout(30_000)
    page.goto(address)
    page.get_by_role("button", name="Local mode").wait_for()
    return page


def act_as_contributor(page: Page) -> None:
    """Change the roles of the one person of this machine."""
    page.get_by_role("button", name="Local mode").click()
    # The new role first: whoever takes the last one off is nobody in particular, and has no page.
    page.get_by_role("combobox", name="Act as").fill("Contributor")
    page.get_by_role("option", name="Contributor").click()
    page.wait_for_timeout(1500)
    for role in ("Analyst", "Coordinator", "Data steward"):
        page.get_by_role("button", name=f"Remove {role}", exact=False).or_(
            page.locator(f'[data-baseweb="tag"]:has-text("{role}") [role="presentation"]')
        ).first.click()
        page.wait_for_timeout(1000)
    page.keyboard.press("Escape")
    page.mouse.click(PHONE["width"] / 2, PHONE["height"] - 20)
    page.get_by_text("Act as").wait_for(state="hidden")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(1000)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def test_a_school_hands_in_the_coordinator_accepts_and_the_school_sees_it(browser: Browser, address: str) -> None:
    phone = visit(browser, address, PHONE)
    act_as_contributor(phone)
    phone.get_by_role("heading", name="Might a child be in danger now?").wait_for()
    picture(phone, "1-danger-first")
    phone.get_by_role("button", name="No", exact=True).click()
    phone.get_by_text("What do you hand in?").wait_for()
    phone.get_by_text("Concern", exact=True).click()
    where = phone.get_by_role("textbox", name="Where")
    where.fill("400013, 300027")
    where.press("Enter")
    phone.get_by_text("A point:").wait_for()
    note = phone.get_by_role("textbox", name="What happened to safety here?")
    note.fill(NOTE)
    note.press("Control+Enter")
    phone.wait_for_timeout(1000)
    picture(phone, "2-form")
    # No sideways scrolling on a phone, and nothing of what the team knows.
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert "Known to the team alone" not in phone.content()
    assert phone.get_by_text("reported within").count() == 0
    phone.get_by_role("button", name="Hand it in").click()
    phone.get_by_text("Nobody reads it at once").wait_for()
    picture(phone, "3-handed-in")
    phone.get_by_role("button", name="See what became of yours").click()
    phone.get_by_text("Waits for the coordinator").wait_for()

    desk = visit(browser, address, DESK)
    desk.get_by_text("in the inbox to answer").wait_for()
    picture(desk, "4-home")
    desk.get_by_role("button", name="Open the inbox").click()
    desk.get_by_role("button", name="Open", exact=True).wait_for()
    picture(desk, "5-inbox")
    desk.get_by_role("button", name="Open", exact=True).click()
    desk.get_by_text(NOTE).wait_for()
    picture(desk, "6-opened")
    desk.get_by_role("button", name="Accept").click()
    said = desk.get_by_text("Accepted, and kept as")
    said.wait_for()
    picture(desk, "7-accepted")
    reference = said.locator("strong").inner_text()

    phone.get_by_role("button", name="Hand in another").click()
    phone.get_by_role("heading", name="Might a child be in danger now?").wait_for()
    phone.go_back()
    phone.get_by_text(reference).wait_for()
    picture(phone, "8-what-became-of-it")
