"""Who a request comes from: the person of this machine, or whoever a provider or a proxy vouches for.

Pages ask this of Streamlit. What stands beside the pages (files, components, uploads) asks it of the request itself: of
the cookie that sign-in by a provider left, or of the headers that a proxy adds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from cs_geo.settings import Settings, SignIn
from cs_geo.web.proxy import vouched_by_proxy, vouched_by_token

LOCAL: Final = "local"
PROXY: Final = "proxy"
"""Issuer of those whom a proxy with a shared secret signed in. A signed token names its own."""
GUARDED_PATHS: Final = ("/component/", "/_stcore/bidi-components/", "/_stcore/upload_file")
"""Streamlit's own addresses beside the page, which ask nobody who they are."""
NOT_SIGNED_IN: Final = "Sign in first: this is for people who are signed in."


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whom a provider vouches for: who vouches, by which identifier, and since when."""

    issuer: str
    subject: str
    since: datetime


Identify = Callable[[Scope], Identity | None]
"""Who a request comes from; None: nobody known."""
ReadCookies = Callable[[Mapping[str, str]], Identity | None]
"""Who signed in by a provider, from the cookies of a request."""


def identify(scope: Scope, settings: Settings, read_cookies: ReadCookies) -> Identity | None:
    """Who a request comes from."""
    if settings.sign_in is SignIn.LOCAL:
        return Identity(LOCAL, LOCAL, datetime.now(UTC))  # it comes from this machine, or ``LocalOnly`` refused it
    if settings.sign_in is SignIn.PROXY:
        return by_proxy(dict(Headers(scope=scope)), settings)
    return read_cookies(HTTPConnection(scope).cookies)


def by_proxy(headers: Mapping[str, str], settings: Settings) -> Identity | None:
    """Whom the proxy in front vouches for: by a token that it signed where keys are set, else by the secret."""
    if settings.proxy_keys is not None:
        claims = vouched_by_token(
            headers,
            keys=settings.proxy_keys,
            header=settings.proxy_token_header,
            issuer=settings.proxy_issuer or "",
            audience=settings.proxy_audience or "",
        )
        return Identity(claims.issuer, claims.subject, claims.issued_at) if claims else None
    subject = vouched_by_proxy(headers, settings.proxy_secret or "")
    # How long its sessions last is the proxy's own rule: it vouches anew with every page that is opened.
    return Identity(PROXY, subject, datetime.now(UTC)) if subject else None


class SignedInOnly:
    """ASGI middleware that refuses requests from nobody to addresses that do not ask themselves."""

    def __init__(self, app: ASGIApp, identify: Identify, paths: tuple[str, ...] = GUARDED_PATHS) -> None:
        self.app = app
        self.identify = identify
        self.paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from somebody known."""
        guarded = scope["type"] == "http" and scope["path"].startswith(self.paths)
        if guarded and self.identify(scope) is None:
            await PlainTextResponse(NOT_SIGNED_IN, status_code=403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
