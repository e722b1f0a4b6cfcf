"""Who a request comes from: by the cookie of a provider's sign-in, by a proxy's secret or by its signed token."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit import config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from cs_geo.errors import SetupError
from cs_geo.serving import require_safe_sign_in
from cs_geo.settings import Settings
from cs_geo.ui.cookie import identity_in_cookies
from cs_geo.web.identity import GUARDED_PATHS, Identity, SignedInOnly, by_proxy, identify
from cs_geo.web.proxy import vouched_by_token

NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)
ISSUER, AUDIENCE = "https://proxy.council.test", "cs_geo"
KEY, OTHER = ECKey.generate_key("P-256", {"kid": "1"}), ECKey.generate_key("P-256", {"kid": "1"})
RSA = RSAKey.generate_key(2048, {"kid": "2"})
CLAIMS = {
    "iss": ISSUER, "aud": AUDIENCE, "sub": "a1", "iat": int(NOW.timestamp()) - 60, "exp": int(NOW.timestamp()) + 600,
}  # fmt: skip


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The proxy's public keys, as the site has saved them."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(KeySet([KEY, RSA]).as_dict(private=False)))
    return path


@pytest.fixture
def look(keys: Path) -> Callable[..., object]:
    def vouched(token: str, header: str = "Authorization", **asked: object) -> object:
        given = {"header": "Authorization", "issuer": ISSUER, "audience": AUDIENCE, "now": NOW, **asked}
        return vouched_by_token({header: token}, keys=keys, **given)  # type: ignore[arg-type]

    return vouched


def signed(key: ECKey | RSAKey = KEY, alg: str = "ES256", **claims: object) -> str:
    held = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": key.kid}, held, key, algorithms=[alg])


@pytest.mark.parametrize("written", ["Bearer {}", "bearer {}", "{}", "  {} "])
def test_a_token_that_the_proxy_signed_names_its_person(look: Callable[..., object], written: str) -> None:
    for token in (signed(), signed(RSA, "RS256"), signed(aud=[AUDIENCE, "another"])):
        found = look(written.format(token))
        assert found is not None
        assert (found.issuer, found.subject) == (ISSUER, "a1")
        assert found.issued_at == NOW - timedelta(minutes=1)


FORGED = {
    "none at all": "",
    "words": "Bearer a1",
    "another key of the same name": signed(OTHER),
    "another issuer": signed(iss="https://elsewhere.test"),
    "no issuer": signed(iss=None),
    "another program's": signed(aud="mail"),
    "no audience": signed(aud=None),
    "run out": signed(exp=int(NOW.timestamp()) - 60),
    "without an end": signed(exp=None),
    "of tomorrow": signed(nbf=int(NOW.timestamp()) + 3600),
    "issued tomorrow": signed(iat=int(NOW.timestamp()) + 3600),
    "nobody": signed(sub=None),
    "an empty somebody": signed(sub=" "),
    "a number": signed(sub=7),
    "unsigned": f"{signed().rpartition('.')[0]}.",
    "altered": signed().replace(".", ".e30", 1),
    "no signature asked": "eyJhbGciOiJub25lIn0." + signed().split(".")[1] + ".",
    "the public key as a shared one": jwt.encode(
        {"alg": "HS256", "kid": "1"},
        CLAIMS,
        OctKey.import_key(json.dumps(KEY.as_dict(private=False))),
        algorithms=["HS256"],
    ),
}


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.trust("A9", figure="forged tokens refused")
def test_a_forged_token_is_nobody(look: Callable[..., object], forged: str) -> None:
    assert look(FORGED[forged]) is None


def test_a_good_token_in_another_header_or_for_another_site_is_nobody(look: Callable[..., object]) -> None:
    assert look(signed(), header="X-Forwarded-Access-Token") is None
    assert look(signed(), audience="") is None
    assert look(signed(), issuer="") is None


@pytest.mark.trust("A9", figure="with keys set, the secret and the name alone are refused")
def test_where_keys_are_set_a_name_and_a_secret_are_nothing(keys: Path) -> None:
    secret = "s" * 32
    site = Settings(sign_in="proxy", proxy_keys=keys, proxy_issuer=ISSUER, proxy_audience=AUDIENCE, proxy_secret=secret)
    assert by_proxy({"X-Forwarded-User": "a1", "X-Cs-Geo-Proxy-Secret": secret}, site) is None
    now = int(datetime.now(UTC).timestamp())
    found = by_proxy({"authorization": f"Bearer {signed(iat=now, exp=now + 60)}", "X-Forwarded-User": "b2"}, site)
    assert (found.issuer, found.subject) == (ISSUER, "a1")  # type: ignore[union-attr]


@pytest.mark.trust("A9", figure="0 starts")
def test_behind_a_proxy_that_signs_nothing_starts_without_good_keys_and_whose_they_are(
    keys: Path, tmp_path: Path
) -> None:
    whole = {"sign_in": "proxy", "proxy_keys": keys, "proxy_issuer": ISSUER, "proxy_audience": AUDIENCE}
    require_safe_sign_in(Settings(**whole), "0.0.0.0")
    for missing in ("proxy_issuer", "proxy_audience"):
        with pytest.raises(SetupError, match="CS_GEO_PROXY_AUDIENCE"):
            require_safe_sign_in(Settings(**{**whole, missing: None}), "0.0.0.0")
    for number, content in enumerate(
        ["", "[]", "{}", '{"keys": []}', '{"keys": [{"kty": "EC"}]}', json.dumps(KeySet([KEY]).as_dict(private=True)),
         '{"keys": [{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"}]}']
    ):  # fmt: skip
        bad = tmp_path / f"{number}.json"
        bad.write_text(content)
        with pytest.raises(SetupError, match="CS_GEO_PROXY_KEYS"):
            require_safe_sign_in(Settings(**{**whole, "proxy_keys": bad}), "0.0.0.0")
    with pytest.raises(SetupError, match="CS_GEO_PROXY_KEYS"):
        require_safe_sign_in(Settings(**{**whole, "proxy_keys": tmp_path / "none.json"}), "0.0.0.0")


async def _page(_request: object) -> PlainTextResponse:
    return PlainTextResponse("here")


@pytest.mark.parametrize("path", [f"{path.rstrip('/')}/x" for path in GUARDED_PATHS])
@pytest.mark.trust("A10", figure="403 for components and uploads without a session, by cookie and by proxy")
def test_components_and_uploads_are_for_people_who_are_signed_in(ask, path: str) -> None:
    routes = [Route("/{path:path}", _page)]
    who: list[Identity | None] = [None]
    guard = [Middleware(SignedInOnly, identify=lambda scope: who[0])]
    refused = ask(routes, path, middleware=guard)
    assert (refused.status, refused.body) == (403, b"Sign in first: this is for people who are signed in.")
    for door in ("/", "/map", "/_stcore/health", "/_stcore/host-config", "/static/js/index.js", "/report/x"):
        assert ask(routes, door, middleware=guard).status == 200
    who[0] = Identity("https://id.test", "a1", NOW)
    assert ask(routes, path, middleware=guard).status == 200


SITE = "https://geo.council.test"
USER = {"origin": SITE, "is_logged_in": True, "iss": "https://id.test", "sub": "a1", "iat": 1_776_000_000}


@pytest.fixture
def cookie(tmp_path: Path) -> Iterator[Callable[..., dict[str, str]]]:
    """The cookie that sign-in leaves on a site whose secret is known here."""
    secret = "c" * 40
    agreed = tmp_path / "secrets.toml"
    agreed.write_text(f'[auth]\ncookie_secret = "{secret}"\nredirect_uri = "{SITE}/oauth2callback"\n')
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(agreed)])
    secrets_singleton._reset()

    def make(signed_with: str = secret, name: str = "_streamlit_user", **user: object) -> dict[str, str]:
        value = create_signed_value(signed_with, name, json.dumps(USER | user)).decode("latin-1")
        return {"_streamlit_user": value}

    yield make
    config.set_option("secrets.files", before)
    secrets_singleton._reset()


@pytest.mark.trust("A11", figure="forged cookies refused")
def test_a_cookie_names_its_person_and_a_forged_one_nobody(cookie: Callable[..., dict[str, str]]) -> None:
    found = identity_in_cookies(cookie())
    assert found == Identity("https://id.test", "a1", datetime.fromtimestamp(1_776_000_000, UTC))
    good = cookie()["_streamlit_user"]
    for forged in (
        {},
        {"_streamlit_user": ""},
        {"_streamlit_user": "a1"},
        {"_streamlit_user": good[:-1] + ("A" if good[-1] != "A" else "B")},
        {"_another": good},
        cookie(signed_with="d" * 40),
        cookie(name="_streamlit_user_tokens"),
        cookie(origin="https://elsewhere.test"),
        cookie(is_logged_in=False),
    ):
        assert identity_in_cookies(forged) is None, forged


def test_a_request_is_asked_by_what_the_site_signs_people_in_with(cookie: Callable[..., dict[str, str]]) -> None:
    def scope(**headers: str) -> dict[str, object]:
        named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        return {"type": "http", "headers": named}

    signed_in = scope(cookie=f"_streamlit_user={cookie()['_streamlit_user']}")
    vouched = scope(x_forwarded_user="b2", x_cs_geo_proxy_secret="s" * 32)
    oidc, proxy = Settings(sign_in="oidc"), Settings(sign_in="proxy", proxy_secret="s" * 32)
    assert identify(signed_in, oidc, identity_in_cookies).subject == "a1"  # type: ignore[union-attr]
    assert identify(vouched, oidc, identity_in_cookies) is None
    assert identify(vouched, proxy, identity_in_cookies).subject == "b2"  # type: ignore[union-attr]
    assert identify(signed_in, proxy, identity_in_cookies) is None
    assert identify(scope(), Settings(), identity_in_cookies).subject == "local"  # type: ignore[union-attr]
