"""Local mode answers this machine alone; a proxy is believed only with its secret."""

import pytest
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from cs_geo.errors import SetupError
from cs_geo.serving import require_safe_sign_in
from cs_geo.settings import Settings
from cs_geo.web.local_only import LocalOnly, is_loopback
from cs_geo.web.proxy import vouched_by_proxy

SECRET = "s" * 32


async def _page(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("the map")


ROUTES = [Route("/", _page)]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "localhost:8501"}, 200),
        ({"host": "127.0.0.1:8501"}, 200),
        ({"host": "[::1]:8501"}, 200),
        ({"host": "map.council.test"}, 403),
        ({"host": "127.0.0.1.elsewhere.test"}, 403),
        ({"host": "localhost:8501", "x-forwarded-for": "10.1.2.3"}, 403),
        ({"host": "localhost:8501", "forwarded": "for=10.1.2.3"}, 403),
    ],
)
def test_local_mode_answers_to_this_machine_s_own_names_alone(ask, headers: dict[str, str], status: int) -> None:
    guard = [Middleware(LocalOnly, is_local=lambda: True)]
    answer = ask(ROUTES, "/", headers=headers, middleware=guard)
    assert answer.status == status
    assert (b"the map" in answer.body) == (status == 200)


def test_with_sign_in_every_name_is_answered(ask) -> None:
    guard = [Middleware(LocalOnly, is_local=lambda: False)]
    assert ask(ROUTES, "/", headers={"host": "map.council.test"}, middleware=guard).status == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "map.council.test", ""])
@pytest.mark.trust("A9", figure="0 starts")
def test_local_mode_does_not_start_on_an_address_that_others_reach(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(SetupError, match="CS_GEO_SIGN_IN"):
        require_safe_sign_in(Settings(), host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_local_mode_starts_on_this_machine(host: str) -> None:
    require_safe_sign_in(Settings(), host)


@pytest.mark.parametrize("secret", [None, "", "short"])
@pytest.mark.trust("A9", figure="0 starts")
def test_behind_a_proxy_nothing_starts_without_a_secret(secret: str | None) -> None:
    with pytest.raises(SetupError, match="CS_GEO_PROXY_SECRET"):
        require_safe_sign_in(Settings(sign_in="proxy", proxy_secret=secret), "127.0.0.1")
    require_safe_sign_in(Settings(sign_in="proxy", proxy_secret=SECRET), "0.0.0.0")


def test_a_provider_needs_what_was_agreed_with_it(tmp_path) -> None:
    settings = Settings(sign_in="oidc", home=tmp_path)
    with pytest.raises(SetupError, match=r"\[auth\]"):
        require_safe_sign_in(settings, "0.0.0.0")
    (tmp_path / "secrets.toml").write_text("[auth]\n")
    require_safe_sign_in(settings, "0.0.0.0")


@pytest.mark.parametrize(
    ("headers", "person"),
    [
        ({"X-Forwarded-User": "a1", "X-Cs-Geo-Proxy-Secret": SECRET}, "a1"),
        ({"x-forwarded-user": " a1 ", "x-cs-geo-proxy-secret": SECRET}, "a1"),
        ({"X-Forwarded-User": "a1"}, None),
        ({"X-Forwarded-User": "a1", "X-Cs-Geo-Proxy-Secret": ""}, None),
        ({"X-Forwarded-User": "a1", "X-Cs-Geo-Proxy-Secret": SECRET[:-1]}, None),
        ({"X-Forwarded-User": "a1", "X-Cs-Geo-Proxy-Secret": SECRET + "s"}, None),
        ({"X-Forwarded-User": "", "X-Cs-Geo-Proxy-Secret": SECRET}, None),
        ({"X-Forwarded-User": "é", "X-Cs-Geo-Proxy-Secret": "é" * 32}, None),
        ({}, None),
    ],
)
@pytest.mark.trust("A9", figure="refused")
def test_a_forged_header_is_nobody(headers: dict[str, str], person: str | None) -> None:
    assert vouched_by_proxy(headers, SECRET) == person


def test_a_site_without_a_secret_believes_no_header() -> None:
    assert vouched_by_proxy({"X-Forwarded-User": "a1", "X-Cs-Geo-Proxy-Secret": ""}, "") is None
