"""The scripts and styles a map needs, served by the program itself so that no other host is asked for anything.

``files.toml`` names every file that may be served; npm puts them into ``node_modules`` by lock file, and a wheel
carries them in ``static``. The address holds a fingerprint of all of them, so that a browser may keep them for ever and
still gets new ones after an upgrade. Third-party code is not committed.

protomaps-leaflet draws vector tiles on a plain canvas. MapLibre GL, which its authors name for new projects, needs
WebGL, which remote desktops and old machines in town halls often lack, and cannot live in a Leaflet (folium) map
without a second map inside it. Leaflet.VectorGrid had its last release in 2017.
"""

import base64
import gzip
import hashlib
import mimetypes
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cs_geo.errors import SetupError
from cs_geo.maps.hotspot_map import MapAssets

HERE = Path(__file__).parent
KEPT_FOR_EVER = "public, max-age=31536000, immutable"
PACKED_TYPES = ("text/", "image/svg")
"""Media types worth compressing."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent: plain, and compressed where that helps."""

    media_type: str
    content: bytes
    packed: bytes | None


def asset_files(folder: Path = HERE) -> dict[str, Path]:
    """Where each allowed file is: in a wheel under ``static``, in a checkout where npm put it."""
    named: dict[str, str] = tomllib.loads((folder / "files.toml").read_text("utf-8"))["files"]
    packaged = folder / "static"
    return {name: packaged / name if packaged.is_dir() else folder / path for name, path in named.items()}


@lru_cache(maxsize=1)
def load_assets() -> dict[str, Asset]:
    """Read every allowed file once.

    Raises
    ------
    SetupError
        If a file is not there; the message names the command that fetches it.
    """
    files = asset_files()
    missing = sorted(name for name, path in files.items() if not path.is_file())
    if missing:
        raise SetupError(
            f"The map's own files are not installed ({missing[0]} and {len(missing) - 1} more). "
            "Run: npm ci --ignore-scripts --prefix cs_geo/web/assets"
        )
    return {name: _read(path, name) for name, path in files.items()}


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """A short hash of all files, part of their address."""
    whole = hashlib.sha256()
    for name, asset in sorted(load_assets().items()):
        whole.update(f"{name}\0{len(asset.content)}\0".encode())
        whole.update(asset.content)
    return whole.hexdigest()[:16]


def map_assets(*, inline: bool = False) -> MapAssets:
    """Addresses of what a map needs, for ``cs_geo.maps.hotspot_map``.

    Parameters
    ----------
    inline
        Put the files themselves into the addresses, for a map that no server stands behind: a notebook, a saved file.
    """
    needed = tomllib.loads((HERE / "files.toml").read_text("utf-8"))["map"]
    address = _inline_address if inline else _address
    return MapAssets(
        scripts=_addresses(needed["scripts"], address),
        styles=_addresses(needed["styles"], address),
        font="" if inline else page_font(),
    )


@lru_cache(maxsize=1)
def page_font() -> str:
    """Address of the font that Streamlit serves with its own pages, or nothing if it is not where 1.67 keeps it.

    The map is a frame and does not inherit the page's font; the browser has the file already. Looked up without
    importing Streamlit, which only the pages do.
    """
    package = find_spec("streamlit")
    if package is None or package.origin is None:
        return ""
    folder = Path(package.origin).parent / "static" / "static" / "media"
    found = sorted(folder.glob("SourceSansVF-Upright*.woff2"))
    return f"/static/media/{found[0].name}" if found else ""


def asset_routes() -> list[Route]:
    """The route under which the files are served."""
    return [Route("/assets/{fingerprint}/{name:path}", _serve, methods=["GET"])]


async def _serve(request: Request) -> Response:
    assets = await run_in_threadpool(load_assets)
    asset = assets.get(request.path_params["name"])
    if asset is None or request.path_params["fingerprint"] != fingerprint():
        return PlainTextResponse("There is no such file here.", status_code=404)
    headers = {"Cache-Control": KEPT_FOR_EVER, "Vary": "Accept-Encoding"}
    if asset.packed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(asset.content, media_type=asset.media_type, headers=headers)


def _read(path: Path, name: str) -> Asset:
    content = path.read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "text/plain"
    packed = gzip.compress(content, 9, mtime=0) if media_type.startswith(PACKED_TYPES) else None
    return Asset(media_type, content, packed)


def _addresses(names: Sequence[str], address: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(address(name) for name in names)


def _address(name: str) -> str:
    return f"/assets/{fingerprint()}/{name}"


def _inline_address(name: str) -> str:
    asset = load_assets()[name]
    return f"data:{asset.media_type};base64,{base64.b64encode(asset.content).decode()}"
