"""A wheel built from the checkout carries everything and runs from an empty folder, with nothing of the checkout."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
ASSETS = CHECKOUT / "cs_geo" / "web" / "assets"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)], CHECKOUT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it, which sees the packages of this one but not the checkout."""
    environment = tmp_path_factory.mktemp("installed") / "env"
    run([sys.executable, "-m", "venv", "--without-pip", str(environment)], environment.parent)
    (packages,) = environment.glob("lib/python*/site-packages")
    # A .pth file brings in a folder, but not the .pth files within it, of which one leads to the checkout.
    (packages / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python")]
    run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], environment.parent)
    return environment


def run(command: list[str], folder: Path, **settings: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CS_GEO_", "PYTHON"))}
    done = subprocess.run(command, cwd=folder, env=clean | settings, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_wheel_carries_every_data_file(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("cs_geo/_data/")}
    beside = {
        f"cs_geo/_data/{path.relative_to(CHECKOUT / 'data').as_posix()}"
        for path in (CHECKOUT / "data").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "cs_geo/_data/codelists/harm_type.csv" in beside
    assert inside == beside


def test_the_wheel_carries_the_files_of_the_map_that_are_served_and_no_others_of_npm(wheel: Path) -> None:
    named = tomllib.loads((ASSETS / "files.toml").read_text(encoding="utf-8"))["files"]
    contents = zipfile.ZipFile(wheel)
    folder = "cs_geo/web/assets/static/"
    assert {name.removeprefix(folder) for name in contents.namelist() if name.startswith(folder)} == set(named)
    assert contents.read(folder + "leaflet/leaflet.js") == (ASSETS / named["leaflet/leaflet.js"]).read_bytes()
    assert not [name for name in contents.namelist() if "node_modules" in name]


def test_the_wheel_carries_what_python_alone_would_leave_behind(wheel: Path) -> None:
    inside = zipfile.ZipFile(wheel).namelist()
    assert "cs_geo/ui/.streamlit/config.toml" in inside
    assert "cs_geo/store/migrations/script.py.mako" in inside
    assert not [name for name in inside if name.startswith(("tests/", "docs/", ".ci/", ".venv/")) or ".pyc" in name]


def test_the_installed_program_runs_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    assert "import" in run([str(installed / "bin" / "cs-geo"), "--help"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_installed_program_makes_and_migrates_its_own_database(installed: Path, tmp_path: Path) -> None:
    program = str(installed / "bin" / "cs-geo")
    home = tempfile.mkdtemp(prefix=f"cs_geo_{os.getpid()}_")
    try:
        run([program, "db", "init"], tmp_path, CS_GEO_HOME=home)
        status = json.loads(run([program, "db", "status", "--json"], tmp_path, CS_GEO_HOME=home))
        assert (status["state"], status["home"]) == ("running", home)
        run([program, "db", "stop"], tmp_path, CS_GEO_HOME=home)
    finally:
        shutil.rmtree(home)
    assert list(tmp_path.iterdir()) == []


def test_the_installed_program_finds_its_data_and_the_files_of_the_map(installed: Path, tmp_path: Path) -> None:
    question = """
import json
import cs_geo
from cs_geo.settings import data_folder
from cs_geo.store.upgrading import newest_revision
from cs_geo.web.assets import load_assets
print(json.dumps([cs_geo.__file__, str(data_folder()), sorted(load_assets()), newest_revision()]))
"""
    answer = run([str(installed / "bin" / "python"), "-c", question], tmp_path)
    package, data, assets, revision = json.loads(answer.splitlines()[-1])
    assert Path(package).is_relative_to(installed)
    assert Path(data).is_relative_to(installed)
    assert (Path(data) / "codelists" / "harm_type.csv").is_file()
    assert "leaflet/leaflet.js" in assets
    assert revision
