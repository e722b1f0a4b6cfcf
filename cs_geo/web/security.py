"""Headers on every answer, and addresses that are not served at all.

Streamlit sends none of these itself. A content-security policy forbids every other host, so that no page, map or
component can load from or send to one, whatever slipped into it. Only the frames of components (the map) may evaluate
strings, because ``st_folium`` builds its map that way; there, the escaper (``cs_geo.words.escaping``) is the defence.
"""

import logging
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cs_geo.errors import place_of

SELF_ONLY: Final = {
    "default-src": "'self'",
    "base-uri": "'self'",
    "object-src": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
    "frame-src": "'self'",
    # 'self' covers this host's websocket too. A bare ws: would allow every host's.
    "connect-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' blob:",
    "worker-src": "'self' blob:",
    "style-src": "'self' 'unsafe-inline'",
}
STREAMLIT_INLINE: Final = "'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='"
"""The one script that stands in Streamlit's own page (1.67: ``window.prerenderReady = false``). Refusing it would do no
harm but put an error on every page's console, where a real one would be missed."""
PAGE_SCRIPTS: Final = f"'self' 'wasm-unsafe-eval' {STREAMLIT_INLINE}"
COMPONENT_SCRIPTS: Final = "'self' 'unsafe-inline' 'unsafe-eval'"

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

COMPONENT_PATHS: Final = ("/component/", "/_stcore/bidi-components/")
CLOSED_PATHS: Final = ("/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/agent/", "/media/", "/app/static/")
"""Served to nobody: figures about the server, an agent's door, and Streamlit's own file addresses, which ask nobody who
they are. Files are handed over by ``/downloads`` alone."""
BROKEN: Final = "Something went wrong in the program. Nothing that was saved is lost. Go back, and try again."


class SecurityHeaders:
    """ASGI middleware around the whole application. Websockets pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close what is not served; add the headers to every answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        has_begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = content_security_policy(path)
            await send(message)

        if path.startswith(CLOSED_PATHS):
            await PlainTextResponse("Not served here.", status_code=403)(scope, receive, send_guarded)
            return
        try:
            await self.app(scope, receive, send_guarded)
        except Exception as fault:  # noqa: BLE001 - beyond here the server would log its words and answer unguarded
            logging.getLogger(__name__).error("An answer broke: %s", place_of(fault))
            if has_begun:
                raise ConnectionAbortedError("An answer broke off.") from None
            await PlainTextResponse(BROKEN, status_code=500)(scope, receive, send_guarded)


def content_security_policy(path: str) -> str:
    """The policy for one address: itself only, and string evaluation only inside a component's frame."""
    scripts = COMPONENT_SCRIPTS if path.startswith(COMPONENT_PATHS) else PAGE_SCRIPTS
    return "; ".join(f"{name} {sources}" for name, sources in (SELF_ONLY | {"script-src": scripts}).items())
