"""What the routes of the test application ask, and counters of what was asked."""

from functools import lru_cache

import borough

from cs_geo.errors import UserError
from cs_geo.web.tokens import TileClaims

KEY = b"a key for tests that is long enough to be one"
RUNS = [0]


def count_run() -> None:
    RUNS[0] += 1


@lru_cache(maxsize=4096)
def _drawn(layer: str, z: int, x: int, y: int) -> bytes:
    draw = {"basemap": borough.basemap_tile, "reports": borough.report_tile}.get(layer)
    if draw is None:
        raise UserError("There is no such layer.")
    return draw(z, x, y)


def read_tile(claims: TileClaims, layer: str, z: int, x: int, y: int) -> bytes:
    return _drawn(layer, z, x, y)
