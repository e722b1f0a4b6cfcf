import gzip

import pytest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.errors import NotAvailable
from cs_geo.web.tiles import tile_routes
from cs_geo.web.tokens import TileClaims, mint_tile_token

KEY = b"a key for tests that is long enough to be one"
CLAIMS = TileClaims.of(LOCAL_ACTOR, "reports", {"kinds": ["incident"]})
TILE = b"tile " * 400


@pytest.fixture
def asked() -> list[tuple[object, ...]]:
    return []


@pytest.fixture
def tiles(ask, asked):
    def read_tile(claims: TileClaims, layer: str, z: int, x: int, y: int) -> bytes:
        asked.append((claims, layer, z, x, y))
        if z == 5:
            raise NotAvailable("Not for you.")
        return b"" if z == 16 else TILE

    return lambda path, **headers: ask(tile_routes(read_tile, lambda: KEY), path, headers=headers)


def token(layer: str = "reports") -> str:
    return mint_tile_token(KEY, TileClaims.of(LOCAL_ACTOR, layer, {"kinds": ["incident"]}))


def test_a_tile_is_drawn_for_the_claims_of_its_token(tiles, asked) -> None:
    answer = tiles(f"/tiles/reports/12/2048/1360?t={token()}")
    assert answer.status == 200
    assert answer.body == TILE
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert asked == [(CLAIMS, "reports", 12, 2048, 1360)]


@pytest.mark.trust("A12", figure="private, 0 shared")
def test_a_tile_is_kept_by_the_readers_own_browser_and_nobody_elses(tiles) -> None:
    assert tiles(f"/tiles/reports/12/2048/1360?t={token()}").headers["cache-control"].startswith("private, max-age=")


def test_a_tile_is_compressed_once_where_the_browser_takes_it(tiles) -> None:
    packed = tiles(f"/tiles/reports/12/2048/1360?t={token()}", **{"accept-encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == TILE
    assert len(packed.body) < len(TILE) / 5


def test_an_empty_tile_has_no_content(tiles) -> None:
    answer = tiles(f"/tiles/reports/16/0/0?t={token()}")
    assert (answer.status, answer.body) == (204, b"")


@pytest.mark.parametrize("path", ["0/1/0", "12/4096/0", "12/0/4096", "21/0/0", "12/99999999999999999999/0"])
def test_a_tile_outside_the_world_is_refused_before_anything_is_asked(tiles, asked, path: str) -> None:
    assert tiles(f"/tiles/reports/{path}?t={token()}").status == 400
    assert asked == []


@pytest.mark.parametrize("path", ["-1/0/0", "a/b/c", "1.5/0/0", "12/0"])
def test_an_address_that_is_not_a_tiles_is_not_found(tiles, path: str) -> None:
    assert tiles(f"/tiles/reports/{path}?t={token()}").status == 404


@pytest.mark.parametrize("query", ["", "?t=", "?t=made-up", "?token=x"])
def test_without_a_token_there_is_no_tile(tiles, asked, query: str) -> None:
    answer = tiles(f"/tiles/reports/12/0/0{query}")
    assert answer.status == 403
    assert answer.headers["cache-control"] == "no-store"
    assert asked == []


def test_a_token_for_one_layer_opens_no_other(tiles, asked) -> None:
    assert tiles(f"/tiles/reports/12/0/0?t={token('basemap')}").status == 403
    assert asked == []


def test_a_person_who_may_not_see_it_is_told_so(tiles) -> None:
    answer = tiles(f"/tiles/reports/5/0/0?t={token()}")
    assert (answer.status, answer.body) == (403, b"Not for you.")
