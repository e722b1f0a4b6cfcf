"""The route that hands a file over once: ``/downloads/{ticket}``.

Never ``st.download_button``: Streamlit serves what it is given at an address that anybody may ask, for minutes. Here a
page has a ticket written into the database, good for one request of the person who asked for it within 60 seconds, and
whichever server process answers redeems it there.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from cs_geo.errors import UserError
from cs_geo.web.identity import Identify
from cs_geo.words.escaping import escape_text


class ReadyFile(Protocol):
    """A file as a workflow hands it over."""

    @property
    def filename(self) -> str:
        """The name it is saved under."""
        ...

    @property
    def media_type(self) -> str:
        """For example ``application/geopackage+sqlite3``."""
        ...

    @property
    def body(self) -> bytes | Path | Iterator[bytes]:
        """What is sent."""
        ...


Redeem = Callable[[str, tuple[str, str] | None], ReadyFile | None]
"""Takes a ticket out of the database for whoever asks, and gives its file; None if it was used, is over or never was.

Raises a ``UserError`` if it is another's, or the person may no longer have it."""

HEADERS: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
GONE: Final = (
    "This link has been used, or is more than a minute old. "
    "Go back to the page it came from and ask for the file again; nothing is lost."
)
GET_ONLY: Final = "This link gives its file once, to a browser that asks for it."


def download_routes(redeem: Redeem, identify: Identify) -> list[Route]:
    """The download route. ``redeem`` is called in a thread, for whoever the request comes from."""

    async def serve(request: Request) -> Response:
        if request.method != "GET":
            # A scanner that only looks (HEAD) must not use the ticket up.
            return _page("Not like this", GET_ONLY, 405)
        who = identify(request.scope)
        asker = (who.issuer, who.subject) if who else None
        try:
            ready = await run_in_threadpool(redeem, request.path_params["ticket"], asker)
        except UserError as refusal:
            return _page("This file cannot be given to you", str(refusal), 403)
        return _page("This link no longer works", GONE, 410) if ready is None else _file(ready)

    return [Route("/downloads/{ticket:str}", serve, methods=["GET"])]


def _file(ready: ReadyFile) -> Response:
    headers = HEADERS | {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(ready.filename, safe='')}"}
    body = ready.body
    if isinstance(body, bytes):
        return Response(body, media_type=ready.media_type, headers=headers)
    if isinstance(body, Path):
        return FileResponse(body, media_type=ready.media_type, headers=headers)
    close = getattr(body, "close", None)
    return StreamingResponse(
        body, media_type=ready.media_type, headers=headers, background=BackgroundTask(close) if close else None
    )


def _page(title: str, words: str, status: int) -> Response:
    return HTMLResponse(
        "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>{escape_text(title)}</title><body style='font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:3em "
        f"auto;padding:0 1em;color:#0f1c23'><h1 style='font-size:1.5em'>{escape_text(title)}</h1>"
        f"<p>{escape_text(words)}</p></body></html>",
        status_code=status,
        headers=HEADERS,
    )
