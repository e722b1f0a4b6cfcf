"""The page of a reporting link, asked without a server: what it says, what it takes, and what it never sends."""

import asyncio
import logging
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import quote, urlencode
from uuid import UUID, uuid4

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from cs_geo.codelists import load_codelists
from cs_geo.errors import TooOften
from cs_geo.settings import data_folder
from cs_geo.web.access_log import WithoutSecrets, keep_secrets_out_of_logs
from cs_geo.web.report_link import FORM_TYPE, MOST_BYTES, report_routes
from cs_geo.web.security import HEADERS, SecurityHeaders
from cs_geo.workflows.local_contacts import read_contacts
from cs_geo.workflows.report_by_link import Offered, Sent

CODE = "c0de-of-the-corner-shop-0001"
HOSTILE = "\"><script>alert(1)</script>'&lt; {{ 7*7 }}"
LISTS = load_codelists(data_folder() / "codelists")
OFFERED = Offered(
    premises="Corner shop",
    location="Mill Lane",
    kinds=tuple(LISTS["kind"].codes.values()),
    harms=tuple(LISTS["harm_type"].codes.values()),
    bands=tuple(LISTS["time_band"].codes.values()),
    today=date(2026, 4, 20),
)


@dataclass
class Premises:
    """The page of one link over workflows that remember what they were sent."""

    sent: list[tuple[Mapping[str, str], UUID]] = field(default_factory=list)
    answer: Sent | Exception = field(default_factory=Sent)

    def open_form(self, code: str) -> Offered | None:
        return OFFERED if code == CODE else None

    def send_form(self, code: str, typed: Mapping[str, str], form_id: UUID) -> Sent | None:
        if code != CODE:
            return None
        self.sent.append((typed, form_id))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = FORM_TYPE) -> "Page":
        routes = report_routes(
            self.open_form, self.send_form, contacts=read_contacts, longest_note=400, address=lambda: None
        )
        app = Starlette(routes=routes, middleware=[Middleware(SecurityHeaders)])
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, _put(app, method, path, body, kind)).result()

    def post(self, **typed: str) -> "Page":
        return self.ask("POST", f"/report/{CODE}", urlencode(typed).encode())


@dataclass
class Page:
    status: int
    headers: dict[str, str]
    text: str


async def _put(app: Starlette, method: str, path: str, body: bytes, kind: str) -> Page:
    pieces = [body[at : at + 4000] for at in range(0, len(body), 4000)] or [b""]
    page = Page(0, {}, "")

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: dict) -> None:
        if message["type"] == "http.response.start":
            page.status = message["status"]
            page.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            page.text += message.get("body", b"").decode()

    scope = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "https", "server": ("geo.example.org", 443),
        "path": path, "raw_path": quote(path).encode(), "query_string": b"", "root_path": "",
        "headers": [(b"content-type", kind.encode()), (b"host", b"geo.example.org")],
    }  # fmt: skip
    await app(scope, receive, send)
    return page


@pytest.fixture
def premises() -> Premises:
    return Premises()


def test_whom_to_call_stands_before_every_question(premises: Premises) -> None:
    page = premises.ask("GET", f"/report/{CODE}")
    assert page.status == 200
    assert page.text.index('href="tel:999"') < page.text.index("<form")
    assert "Nobody reads it at once" in page.text
    assert "No names or descriptions" in page.text


def test_every_question_has_its_label_and_every_group_its_legend(premises: Premises) -> None:
    page = premises.ask("GET", f"/report/{CODE}").text
    asked = set(re.findall(r'<(?:input type="(?:text|date)"|select|textarea) id="(\w+)"', page))
    assert asked == {"harm", "location", "date", "band", "note"}
    assert asked == set(re.findall(r'<label class="asks" for="(\w+)"', page))
    assert page.count("<fieldset") == page.count("<legend") == 3
    for radio in re.findall(r'<input type="radio"[^>]*>', page):
        assert re.search(rf'<label class="choice">{re.escape(radio)}\s*<span>', page)


@pytest.mark.trust("C13", figure="every header on the page of a reporting link, its refusals too")
def test_the_page_runs_no_script_sets_no_cookie_and_is_kept_nowhere(premises: Premises) -> None:
    pages = [
        premises.ask("GET", f"/report/{CODE}"),
        premises.ask("GET", f"/report/{CODE}/sheet"),
        premises.post(kind="concern"),
        premises.ask("GET", "/report/unknown"),
        premises.ask("POST", f"/report/{CODE}", b"x", "text/plain"),
    ]
    assert [page.status for page in pages] == [200, 200, 200, 404, 415]
    for page in pages:
        assert "<script" not in page.text
        assert "set-cookie" not in page.headers
        assert page.headers["cache-control"] == "no-store"
        assert "http" not in re.sub(r"https://geo.example.org/|http://www.w3.org/\S+", "", page.text)
        assert {name: page.headers.get(name.lower()) for name in HEADERS} == HEADERS
        assert page.headers["referrer-policy"] == "no-referrer"


def test_a_link_that_opens_nothing_is_answered_alike_whatever_is_asked_of_it(premises: Premises) -> None:
    opened = premises.ask("GET", "/report/unknown")
    sent = premises.ask("POST", "/report/ended", urlencode({"kind": "concern"}).encode())
    sheet = premises.ask("GET", "/report/x/sheet")
    assert (opened.status, opened.text) == (sent.status, sent.text) == (sheet.status, sheet.text)
    assert opened.status == 404
    assert "This link does not work" in opened.text
    assert 'href="tel:999"' in opened.text
    assert premises.sent == []


def test_what_was_typed_stays_where_something_must_be_mended(premises: Premises) -> None:
    premises.answer = Sent(
        faults={"where": "Say where.", "note": "Read it again."}, mended={"note": "Rang [phone removed]\nthen left"}
    )
    typed = {
        "form": str(uuid4()), "danger": "yes", "kind": "incident", "harm": "damage", "location": HOSTILE,
        "date": "2026-04-18", "band": "15-18", "note": "Rang 07700 900123\r\nthen left",
    }  # fmt: skip
    page = premises.post(**typed)
    assert page.status == 400
    assert "<title>Please put this right" in page.text
    assert (
        page.text.index('<a href="#where">Say where.</a>')
        < page.text.index('<a href="#note">')
        < page.text.index("<form")
    )
    assert 'id="note" name="note" aria-invalid="true" aria-describedby="note-fault note-hint"' in page.text
    for kept in (
        'value="yes" checked',
        'value="incident" checked',
        'value="damage" selected',
        'value="15-18" selected',
    ):
        assert kept in page.text
    assert 'value="2026-04-18"' in page.text
    assert f'value="{typed["form"]}"' in page.text
    assert "\nRang [phone removed]\nthen left</textarea>" in page.text
    assert "07700" not in page.text


@pytest.mark.trust("C2", figure="0 markup of what was typed on the page of a reporting link")
def test_what_was_typed_never_becomes_markup(premises: Premises) -> None:
    premises.answer = Sent(faults={"note": HOSTILE})
    page = premises.post(
        **dict.fromkeys(("form", "danger", "kind", "harm", "location", "date", "band", "note"), HOSTILE)
    )
    assert page.status == 400
    assert "<script" not in page.text
    assert "{{ 7*7 }}" in page.text
    assert page.text.count("&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;lt;") == 5


def test_that_nobody_has_called_is_said_with_the_number(premises: Premises) -> None:
    premises.answer = Sent(has_nobody_called=True)
    page = premises.post(kind="concern").text
    assert "nobody has called yet. Please call now" in page
    assert 'href="tel:999"' in page
    premises.answer = Sent()
    assert "Please call now" not in premises.post(kind="concern").text


@pytest.mark.trust("C12", figure="429 with Retry-After, and what was typed kept")
def test_too_many_are_refused_with_when_to_try_again_and_nothing_typed_is_lost(premises: Premises) -> None:
    premises.answer = TooOften("Many reports were sent from this link within a minute.", 41)
    page = premises.post(kind="concern", note="Glass by the door")
    assert (page.status, page.headers["retry-after"]) == (429, "41")
    assert "Try again in 41 seconds" in page.text
    assert "\nGlass by the door</textarea>" in page.text


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"note=" + b"x" * MOST_BYTES, FORM_TYPE, 413),
        (b"kind=concern", "application/json", 415),
        (b"kind=concern", "multipart/form-data; boundary=x", 415),
        (b"kind=concern", "", 415),
        (b"note=%ff%fe", FORM_TYPE, 400),
        (b"note=\xff", FORM_TYPE, 400),
        (b"&".join(b"a=1" for _ in range(41)), FORM_TYPE, 400),
    ],
)
def test_what_is_no_form_of_this_page_is_refused_in_words(
    premises: Premises, body: bytes, kind: str, status: int
) -> None:
    page = premises.ask("POST", f"/report/{CODE}", body, kind)
    assert page.status == status
    assert "This was not taken" in page.text
    assert premises.sent == []


def test_only_the_questions_of_the_form_are_taken(premises: Premises) -> None:
    form = uuid4()
    premises.post(form=str(form), kind="concern", person="local", agency="Police", state="accepted", note="a\r\nb\x00")
    assert premises.sent == [({"kind": "concern", "note": "a\nb"}, form)]


def test_other_methods_are_refused(premises: Premises) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        assert premises.ask(method, f"/report/{CODE}").status == 405


def test_the_sheet_shows_the_link_as_it_is_opened_and_as_squares(premises: Premises) -> None:
    page = premises.ask("GET", f"/report/{CODE}/sheet").text
    assert f"https://geo.example.org/report/{CODE}</p>" in page
    assert page.count("<svg") == 1
    assert "Corner shop" in page


@pytest.mark.trust("A11", figure="0 codes, tickets and tokens in a server's access log")
def test_no_access_log_holds_what_opens_something(caplog: pytest.LogCaptureFixture) -> None:
    keep_secrets_out_of_logs()
    keep_secrets_out_of_logs()
    logger = logging.getLogger("uvicorn.access")
    assert sum(isinstance(one, WithoutSecrets) for one in logger.filters) == 1
    with caplog.at_level(logging.INFO, logger="uvicorn.access"):
        for path in (
            f"/report/{CODE}",
            f"/report/{CODE}/sheet",
            f"/downloads/{CODE}",
            f"/tiles/reports/1/0/0?t={CODE}",
        ):
            logger.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", path, "1.1", 200)
            logger.info(f'127.0.0.1 "GET {path} HTTP/1.1" 200')
    assert CODE not in caplog.text
    assert caplog.text.count("/report/…") == 4
    assert caplog.text.count("200") == 8
