import pytest
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from cs_geo.web.security import HEADERS, SecurityHeaders, content_security_policy


@pytest.fixture
def guarded(ask):
    async def answer(request) -> PlainTextResponse:
        return PlainTextResponse("here", headers={"X-Frame-Options": "ALLOWALL"})

    routes = [Route("/{path:path}", answer)]
    return lambda path: ask(routes, path, middleware=[Middleware(SecurityHeaders)])


@pytest.mark.parametrize(
    "path", ["/", "/static/js/index.js", "/component/x/index.html", "/_stcore/health", "/media/a", "/_stcore/metrics"]
)
@pytest.mark.trust("C13", figure="every header")
def test_every_answer_carries_the_headers(guarded, path: str) -> None:
    answer = guarded(path)
    assert {name: answer.headers.get(name.lower()) for name in HEADERS} == HEADERS
    assert answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    ["/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/agent/openapi.json", "/media/x", "/app/static/x"],
)
@pytest.mark.trust("A10", figure="403 for media, metrics, static files and the agent's door")
def test_what_nobody_needs_is_not_served(guarded, path: str) -> None:
    answer = guarded(path)
    assert answer.status == 403
    assert answer.body != b"here"


def test_pages_and_uploads_are_served(guarded) -> None:
    for path in ("/", "/reports", "/_stcore/health", "/_stcore/upload_file/1/2", "/assets/1/map.js", "/tiles/x/1/1/1"):
        assert guarded(path).status == 200


@pytest.mark.trust("C13", figure="0 other hosts in the policy")
def test_the_policy_names_no_host_but_our_own() -> None:
    for path in ("/", "/component/streamlit_folium.st_folium/index.html"):
        policy = content_security_policy(path)
        assert "http" not in policy
        assert "ws:" not in policy
        assert "*" not in policy
        assert "frame-ancestors 'self'" in policy
        assert "object-src 'none'" in policy


@pytest.mark.trust("C13", figure="no unsafe-eval outside a component")
def test_strings_are_run_as_script_only_inside_a_components_frame() -> None:
    assert "'unsafe-eval'" in content_security_policy("/component/streamlit_folium.st_folium/index.html")
    for path in ("/", "/map", "/downloads/x", "/static/js/index.js"):
        scripts = content_security_policy(path).split("script-src ")[1]
        assert "'unsafe-eval'" not in scripts
        assert "'unsafe-inline'" not in scripts


@pytest.mark.trust("B7", figure="0 words of the fault in the log or the answer")
def test_a_fault_is_logged_by_its_place_and_answered_without_its_words(ask, caplog: pytest.LogCaptureFixture) -> None:
    async def fail(request) -> None:
        raise RuntimeError("canary at 53.1, -2.2")

    answer = ask([Route("/x", fail)], "/x", middleware=[Middleware(SecurityHeaders)])
    assert answer.status == 500
    assert {name: answer.headers.get(name.lower()) for name in HEADERS} == HEADERS
    assert "RuntimeError at" in caplog.text
    assert "canary" not in caplog.text + answer.body.decode()


@pytest.mark.trust("B7", figure="0 words of the fault beyond the last door")
def test_an_answer_that_breaks_off_on_its_way_is_cut_without_its_words(ask) -> None:
    def pieces():
        yield b"one "
        raise RuntimeError("canary")

    async def serve(request) -> StreamingResponse:
        return StreamingResponse(pieces())

    with pytest.raises(ConnectionAbortedError) as broken:
        ask([Route("/x", serve)], "/x", middleware=[Middleware(SecurityHeaders)])
    assert broken.value.__suppress_context__
    assert broken.value.__cause__ is None
