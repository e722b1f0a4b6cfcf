"""The routes that serve vector tiles: ``/tiles/{layer}/{z}/{x}/{y}?t=token``.

The token says who asks for which reports (``tokens``); what may be drawn for that person is decided by the reader that
is handed in, which asks the database. Nothing about a tile is logged or audited one by one.
"""

import gzip
from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cs_geo.errors import UserError
from cs_geo.web.tokens import TileClaims, read_tile_token

ReadTile = Callable[[TileClaims, str, int, int, int], bytes]
"""Draws one tile for a person: claims, layer, z, x, y → an encoded vector tile, empty when nothing is there.

Raises a ``UserError`` if the person may not see it."""

MEDIA_TYPE: Final = "application/vnd.mapbox-vector-tile"
DEEPEST_ZOOM: Final = 20
KEPT_S: Final = 600
"""Seconds a browser may keep a tile, for the person it was drawn for alone."""
WORTH_PACKING: Final = 500
"""Bytes under which compressing costs more than it saves."""


def tile_routes(read_tile: ReadTile, key: Callable[[], bytes]) -> list[Route]:
    """The tile route.

    Parameters
    ----------
    read_tile
        Draws a tile; called in a thread.
    key
        Gives the secret that tokens are signed with; asked at each request, so that nothing is read at import.
    """

    async def serve(request: Request) -> Response:
        layer, z, x, y = (request.path_params[name] for name in ("layer", "z", "x", "y"))
        if not (0 <= z <= DEEPEST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
            return _words("There is no such tile.", 400)
        packs = "gzip" in request.headers.get("accept-encoding", "")
        try:
            content, packed = await run_in_threadpool(_draw, request.query_params.get("t", ""), layer, z, x, y, packs)
        except UserError as refusal:
            return _words(str(refusal), 403)
        return _tile(content, packed=packed)

    def _draw(token: str, layer: str, z: int, x: int, y: int, packs: bool) -> tuple[bytes, bool]:
        claims = read_tile_token(key(), token)
        if claims.layer != layer:
            raise UserError("This address of the map is for another layer. Reload the page.")
        tile = read_tile(claims, layer, z, x, y)
        if packs and len(tile) >= WORTH_PACKING:
            return gzip.compress(tile, 5, mtime=0), True
        return tile, False

    return [Route("/tiles/{layer:str}/{z:int}/{x:int}/{y:int}", serve, methods=["GET"])]


def _tile(content: bytes, *, packed: bool) -> Response:
    headers = {"Cache-Control": f"private, max-age={KEPT_S}", "Vary": "Accept-Encoding"}
    if not content:
        return Response(status_code=204, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


def _words(text: str, status: int) -> Response:
    # The map's tile reader takes a refusal for a broken tile, which these words are, and says so on the map.
    return PlainTextResponse(text, status_code=status, headers={"Cache-Control": "no-store"})
