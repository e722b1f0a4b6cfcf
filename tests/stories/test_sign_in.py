"""Signing in by OpenID Connect: a real provider on this machine, the real server, a real browser."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from cs_geo.access.actor import Actor, Role, tier_of
from cs_geo.store.opening import Store, make_engine
from cs_geo.workflows.download_files import offer_file
from cs_geo.workflows.manage_people import end_roles, grant_roles
from tests.conftest import Database
from tests.sheets import ask, change, import_rows, report_row
from tests.stories.test_coordinator import CHROMIUM, QUIET, _wait_for

pytestmark = pytest.mark.browser
ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))


@dataclass(frozen=True)
class Site:
    address: str
    issuer: str
    store: Store
    database: Database


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def provider(port: int) -> Iterator[str]:
    """An OpenID Connect provider that lets anybody in under any identifier."""
    program = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://localhost:{port}/.well-known/openid-configuration")
        yield f"http://localhost:{port}"
    finally:
        program.terminate()
        program.wait(timeout=20)


@pytest.fixture(scope="module")
def site(
    make_database: Callable[[], AbstractContextManager[Database]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with make_database() as database, provider(free_port()) as issuer:
        store = Store(make_engine(database.app_url, pool_size=2))
        import_rows(store, tmp_path_factory.mktemp("rows"), [report_row()])
        port = free_port()
        home = tmp_path_factory.mktemp("home")
        (home / "secrets.toml").write_text(
            f"""[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
cookie_secret = "{"c" * 40}"
client_id = "cs_geo"
client_secret = "{"s" * 40}"
server_metadata_url = "{issuer}/.well-known/openid-configuration"
"""
        )
        environment = {
            **os.environ,
            "CS_GEO_DATABASE_URL": database.app_url,
            "CS_GEO_HOME": str(home),
            "CS_GEO_SIGN_IN": "oidc",
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
                _wait_for(f"http://localhost:{port}/_stcore/health")
                yield Site(f"http://localhost:{port}", issuer, store, database)
                assert "Traceback" not in log.read_text()
            finally:
                server.terminate()
                server.wait(timeout=30)
                store.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    visited = context.new_page()
    visited.set_default_timeout(60_000)
    yield visited
    context.close()


def sign_in(page: Page, site: Site, subject: str, path: str = "") -> None:
    page.goto(f"{site.address}/{path}")
    page.get_by_role("button", name="Sign in").click()
    page.locator("input[name=sub]").fill(subject)
    page.locator("button[type=submit]").first.click()
    page.wait_for_url(f"{site.address}/**")


@pytest.mark.trust("A1", figure="0 pages before signing in")
def test_before_signing_in_there_is_a_door_and_nothing_behind_it(page: Page, site: Site) -> None:
    for path in ("", "map", "reports", "export", "audit"):
        page.goto(f"{site.address}/{path}")
        page.get_by_role("button", name="Sign in").wait_for()
        assert "High Street" not in page.content()
        assert page.get_by_role("link", name="Map").count() == 0


def test_somebody_without_a_role_is_told_what_to_do_with_their_identifier(page: Page, site: Site) -> None:
    sign_in(page, site, "stranger-7")
    page.get_by_role("heading", name="You have no role here yet").wait_for()
    page.get_by_text("stranger-7").wait_for()
    refused = ask(
        site.database, "SELECT count(*) AS n FROM cs_geo.audit_log WHERE action = 'sign_in' AND outcome = 'refused'"
    )
    assert refused[0]["n"] == 1


@pytest.mark.trust("A8", figure="no data at the next touch")
def test_a_coordinator_comes_in_and_a_role_taken_away_ends_at_the_next_touch(page: Page, site: Site) -> None:
    person = grant_roles(
        site.store, ADMINISTRATOR, issuer=site.issuer, subject="coordinator-1", roles=[Role.COORDINATOR]
    )
    sign_in(page, site, "coordinator-1")
    page.get_by_text("Signed in as coordinator").wait_for()
    page.get_by_role("link", name="Reports").click()
    page.get_by_text("1 incident").first.wait_for()
    assert page.get_by_role("link", name="People").count() == 0
    end_roles(site.store, ADMINISTRATOR, person, [Role.COORDINATOR])
    page.get_by_role("link", name="Places").click()
    page.get_by_role("heading", name="You have no role here yet").wait_for()


@pytest.mark.trust("A1", figure="0 reports for an administrator")
def test_an_administrator_sees_people_and_no_report(page: Page, site: Site) -> None:
    grant_roles(site.store, ADMINISTRATOR, issuer=site.issuer, subject="administrator-1", roles=[Role.ADMINISTRATOR])
    sign_in(page, site, "administrator-1")
    page.get_by_text("Signed in as administrator").wait_for()
    page.get_by_text("Grant roles").wait_for()
    for hidden in ("Home", "Map", "Reports", "Places", "Export", "Audit"):
        assert page.get_by_role("link", name=hidden, exact=True).count() == 0
    page.goto(f"{site.address}/reports")
    page.get_by_text("Signed in as administrator").wait_for()
    assert "High Street" not in page.content()


@pytest.mark.trust("A11", figure="403 for another who is signed in, and for nobody; then given once to its own person")
@pytest.mark.trust("A10", figure="403 for components without the cookie of a sign-in; the map is drawn with it")
def test_a_link_to_a_file_is_for_whoever_asked_for_it(page: Page, browser: Browser, site: Site, tmp_path: Path) -> None:
    own = grant_roles(site.store, ADMINISTRATOR, issuer=site.issuer, subject="analyst-a", roles=[Role.ANALYST])
    grant_roles(site.store, ADMINISTRATOR, issuer=site.issuer, subject="analyst-b", roles=[Role.ANALYST])
    file = tmp_path / "export.csv"
    file.write_text("a,b\n")
    analyst = Actor(own, frozenset({Role.ANALYST}), tier_of({Role.ANALYST}))
    ticket = offer_file(site.store, analyst, file, file_name="export.csv", media_type="text/csv")
    link = f"{site.address}/downloads/{ticket}"
    component = f"{site.address}/component/streamlit_folium.st_folium/index.html"

    nobody = browser.new_context()
    assert nobody.request.get(link).status == 403
    assert nobody.request.get(component).status == 403
    assert nobody.request.put(f"{site.address}/_stcore/upload_file/a/b").status == 403
    assert nobody.request.get(f"{site.address}/media/a.csv").status == 403
    nobody.close()
    other = browser.new_context()
    sign_in(other.new_page(), site, "analyst-b")
    answer = other.request.get(link)
    assert answer.status == 403
    assert "for the person who asked" in answer.text()
    other.close()
    sign_in(page, site, "analyst-a", "map")
    page.get_by_text("Signed in as analyst").wait_for()
    page.goto(f"{site.address}/map")
    page.frame_locator("iframe").first.locator(".leaflet-container").wait_for()
    assert page.context.request.get(component).status == 200
    given = page.context.request.get(link)
    assert (given.status, given.text()) == (200, "a,b\n")
    assert page.context.request.get(link).status == 410
    rows = ask(site.database, "SELECT outcome FROM cs_geo.audit_log WHERE action = 'fetch' ORDER BY number")
    assert [row["outcome"] for row in rows] == ["refused", "refused", "done"]


@pytest.mark.trust("C12", figure="the seventh sign-in of a minute refused with when to try again; others come in")
def test_who_signs_in_again_and_again_is_told_when_to_come_back_and_others_come_in(page: Page, site: Site) -> None:
    person = grant_roles(site.store, ADMINISTRATOR, issuer=site.issuer, subject="hurried-1", roles=[Role.ANALYST])
    change(
        site.database,
        "INSERT INTO cs_geo.turns (what, taken_by, of_thing) SELECT 'sign_in', %s, n::text"
        " FROM generate_series(1, 6) AS n",
        person,
    )
    sign_in(page, site, "hurried-1", "reports")
    page.get_by_text("You have signed in many times within a minute").wait_for()
    page.get_by_text("Try again in").wait_for()
    assert page.get_by_text("Signed in as").count() == 0
    assert "High Street" not in page.content()
    page.context.clear_cookies()
    grant_roles(site.store, ADMINISTRATOR, issuer=site.issuer, subject="calm-1", roles=[Role.ANALYST])
    sign_in(page, site, "calm-1")
    page.get_by_text("Signed in as analyst").wait_for()


def test_signing_out_leads_back_to_the_door(page: Page, site: Site) -> None:
    grant_roles(site.store, ADMINISTRATOR, issuer=site.issuer, subject="analyst-1", roles=[Role.ANALYST])
    sign_in(page, site, "analyst-1")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{site.issuer}/**")  # the provider is told too
    page.goto(site.address)
    page.get_by_role("button", name="Sign in").wait_for()
