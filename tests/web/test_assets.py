import gzip
import json
import re

import pytest

from cs_geo.errors import SetupError
from cs_geo.web import assets


@pytest.fixture
def served(ask):
    return lambda path, **headers: ask(assets.asset_routes(), path, headers=headers)


def test_a_map_needs_leaflet_then_the_tile_drawer_then_our_own(served) -> None:
    needed = assets.map_assets()
    assert [url.rsplit("/", 1)[1] for url in needed.scripts] == ["leaflet.js", "protomaps-leaflet.js", "map.js"]
    for url in (*needed.scripts, *needed.styles):
        answer = served(url)
        assert answer.status == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_files_are_sent_compressed_where_the_browser_takes_it(served) -> None:
    url = assets.map_assets().scripts[0]
    packed = served(url, **{"accept-encoding": "gzip"})
    assert gzip.decompress(packed.body) == served(url).body
    assert len(packed.body) < 60_000


def test_media_types_are_said(served) -> None:
    base = f"/assets/{assets.fingerprint()}"
    assert "javascript" in served(f"{base}/map.js").headers["content-type"]
    assert "text/css" in served(f"{base}/leaflet/leaflet.css").headers["content-type"]
    assert served(f"{base}/leaflet/images/marker-icon.png").headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    "name", ["package.json", "files.toml", "__init__.py", "../tokens.py", "..%2ftokens.py", "leaflet/../map.js", ""]
)
def test_only_files_on_the_list_are_served(served, name: str) -> None:
    assert served(f"/assets/{assets.fingerprint()}/{name}").status == 404


def test_an_address_of_another_version_is_not_answered_with_this_one(served) -> None:
    assert served("/assets/0000000000000000/map.js").status == 404


def test_each_library_travels_with_its_licence() -> None:
    named = set(assets.asset_files())
    assert {"leaflet/LICENSE", "protomaps-leaflet/LICENSE"} <= named
    assert len([name for name in named if name.startswith("protomaps-leaflet/licences/")]) >= 8


def test_versions_are_pinned_and_the_lock_names_hashes_and_no_registry() -> None:
    wanted = json.loads((assets.HERE / "package.json").read_text("utf-8"))
    lock = json.loads((assets.HERE / "package-lock.json").read_text("utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted["dependencies"].values())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert "resolved" not in json.dumps(lock)


def test_files_that_are_not_installed_are_named_with_the_command_that_fetches_them(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(assets, "asset_files", lambda: {"map.js": tmp_path / "map.js"})
    assets.load_assets.cache_clear()
    with pytest.raises(SetupError, match="npm ci"):
        assets.load_assets()
    assets.load_assets.cache_clear()


def test_a_wheel_is_served_from_its_static_folder(tmp_path) -> None:
    (tmp_path / "files.toml").write_text('[files]\n"leaflet/leaflet.js" = "node_modules/leaflet/dist/leaflet.js"\n')
    in_checkout = tmp_path / "node_modules" / "leaflet" / "dist" / "leaflet.js"
    assert assets.asset_files(tmp_path)["leaflet/leaflet.js"] == in_checkout
    (tmp_path / "static").mkdir()
    assert assets.asset_files(tmp_path)["leaflet/leaflet.js"] == tmp_path / "static" / "leaflet" / "leaflet.js"


def test_a_map_that_no_server_stands_behind_carries_its_files_inside() -> None:
    inline = assets.map_assets(inline=True)
    assert all(url.startswith("data:text/javascript;base64,") for url in inline.scripts)
    assert all(url.startswith("data:text/css;base64,") for url in inline.styles)


def test_the_pages_own_font_is_found_where_this_streamlit_keeps_it() -> None:
    assert re.fullmatch(r"/static/media/SourceSansVF-Upright[\w.-]+\.woff2", assets.page_font())


@pytest.mark.trust("C3", figure="0 hits in our own scripts")
def test_our_own_scripts_set_text_and_never_markup() -> None:
    script = (assets.HERE / "map.js").read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script)
    assert "http" not in script.replace("http-", "")
