"""The application as it is served: headers on every answer, errors among them, and nothing behind the closed doors."""

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from cs_geo.web.security import HEADERS

ADDRESSES = {
    "page": ("GET", "/", 200),
    "page of a path": ("GET", "/reports", 200),
    "health": ("GET", "/_stcore/health", 200),
    "settings of the page": ("GET", "/_stcore/host-config", 200),
    "component": ("GET", "/component/streamlit_folium.st_folium/index.html", None),
    "component's file that is none": ("GET", "/component/streamlit_folium.st_folium/none.js", None),
    "component that is none": ("GET", "/component/none/index.html", 404),
    "script that is none": ("GET", "/static/js/none.js", None),
    "asset that is none": ("GET", "/assets/0/none.js", 404),
    "tile without a token": ("GET", "/tiles/reports/1/0/0", 403),
    "tile outside the world": ("GET", "/tiles/reports/1/9/9", 400),
    "tile address that is none": ("GET", "/tiles/reports/x/y/z", 200),
    "download that is none": ("GET", "/downloads/none", 410),
    "download by another method": ("POST", "/downloads/none", 405),
    "page by another method": ("DELETE", "/", 405),
    "upload without a session": ("PUT", "/_stcore/upload_file/none/none", None),
    "media": ("GET", "/media/abc.csv", 403),
    "metrics": ("GET", "/_stcore/metrics", 403),
    "fault of the program": ("GET", "/test-fault", 500),
}
"""Method, path and answer; the answer of some is Streamlit's own affair."""
CLOSED = [
    "/media/abc", "/media", "/media/../media/abc", "/%6dedia/abc", "/media%2Fabc", "/./media/abc",
    "/_stcore/metrics", "/_stcore/metrics/", "/_stcore/%6detrics", "/_stcore/./metrics",
    "/_stcore/script-health-check", "/_stcore/agent/openapi.json", "/app/static/x", "/static/../media/abc",
]  # fmt: skip
ESCAPES = [
    "/component/streamlit_folium.st_folium/../../../../../../etc/passwd",
    "/component/streamlit_folium.st_folium/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/component/streamlit_folium.st_folium/..%2f..%2f..%2f..%2f..%2fetc/passwd",
    "/component/streamlit_folium.st_folium//etc/passwd",
    "/component//etc/passwd",
    "/assets/../../../../etc/passwd",
    "/static/..%5c..%5c..%5cetc/passwd",
    "//elsewhere.example/etc/passwd",
    "/downloads/..%2f..%2fetc%2fpasswd",
]


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture
def put(map_app: str):
    """Ask the served application for exactly this path, dots and all."""

    def ask(method: str, path: str) -> Answered:
        connection = http.client.HTTPConnection(urlsplit(map_app).netloc, timeout=20)
        connection.putrequest(method, path)
        connection.putheader("Content-Length", "0")
        connection.endheaders()
        answer = connection.getresponse()
        found = Answered(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        connection.close()
        return found

    return ask


def assert_guarded(answer: Answered) -> None:
    assert {name: answer.headers.get(name.lower()) for name in HEADERS} == HEADERS
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


@pytest.mark.trust("C13", figure="every header on pages, files, refusals, 404, 405 and 500")
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_of_the_served_application_carries_the_headers(put, address: str) -> None:
    method, path, status = ADDRESSES[address]
    answer = put(method, path)
    assert status in (None, answer.status)
    assert_guarded(answer)


@pytest.mark.trust("A10", figure="403 for every spelling, 0 bytes of media or metrics")
@pytest.mark.parametrize("path", CLOSED)
def test_closed_doors_stay_closed_however_they_are_spelt(put, path: str) -> None:
    answer = put("GET", path)
    # Streamlit answers an address it does not know with its page, which holds nothing.
    assert answer.status in {400, 403} or b"<title>Streamlit</title>" in answer.body
    assert b"# TYPE" not in answer.body
    assert b"cache_memory_bytes" not in answer.body
    assert_guarded(answer)


@pytest.mark.trust("A10", figure="0 files outside the component")
@pytest.mark.parametrize("path", ESCAPES)
def test_no_address_leads_out_of_its_folder(put, path: str) -> None:
    answer = put("GET", path)
    assert b"root:" not in answer.body
    assert answer.status in {400, 403, 404, 410} or b"<title>Streamlit</title>" in answer.body
    assert_guarded(answer)


@pytest.mark.trust("B7", figure="0 words of the fault in the answer")
def test_a_fault_of_the_program_is_answered_without_its_words(put) -> None:
    answer = put("GET", "/test-fault")
    assert answer.status == 500
    assert b"canary" not in answer.body
    assert b"Traceback" not in answer.body
