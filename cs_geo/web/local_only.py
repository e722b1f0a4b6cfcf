"""Local mode answers this machine alone.

Nobody signs in there, so whoever reaches the port acts as the one person of the machine. The address the server listens
on is checked at start-up (``cs_geo.serving``); this closes what that cannot see: another server program bound to every
address, a proxy in front, and a web page elsewhere whose name was made to point here.
"""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

REFUSED: Final = (
    "cs_geo runs in local mode: it answers the machine it runs on, and nobody else. To open it to colleagues, set up "
    "sign-in first (docs/operating.md)."
)
FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
POLICY_VIOLATION: Final = 1008
"""Code with which a websocket is closed (RFC 6455, section 7.4.1)."""


class LocalOnly:
    """ASGI middleware that refuses requests from elsewhere while ``is_local`` says so."""

    def __init__(self, app: ASGIApp, is_local: Callable[[], bool]) -> None:
        self.app = app
        self.is_local = is_local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from this machine."""
        if scope["type"] not in ("http", "websocket") or not self.is_local() or comes_from_here(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            await PlainTextResponse(REFUSED, status_code=403)(scope, receive, send)


def comes_from_here(scope: Scope) -> bool:
    """Does a request come from this machine, to this machine's own name, and through nothing in between?"""
    headers = Headers(scope=scope)
    client = scope.get("client")
    return (
        (client is None or is_loopback(client[0]))
        and is_loopback(_host(headers.get("host", "localhost")))
        and not any(name in headers for name in FORWARDED)
    )


def is_loopback(host: str) -> bool:
    """Is an address or a host name this machine's own?"""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _host(named: str) -> str:
    """The host of a ``Host`` header, without its port."""
    if named.startswith("["):
        return named[1:].partition("]")[0]
    return named.rpartition(":")[0] if ":" in named else named
