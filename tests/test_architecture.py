"""The shape of the program, held by tests: who imports whom, and what is nowhere written."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "cs_geo"
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if "node_modules" not in path.parts and "__pycache__" not in path.parts
)
LONGEST_MODULE = 450
LONGEST_MIGRATION = 700
"""A revision is read once and then left alone."""


def names(path: Path) -> Iterator[tuple[int, str]]:
    """Every name, attribute and keyword of a module, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.value.lineno, node.arg


def uses(*wanted: str, besides: tuple[str, ...] = ()) -> list[str]:
    """Where names are used, outside some folders or files of the package."""
    return [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in MODULES
        if not str(path.relative_to(PACKAGE)).startswith(besides or ("\0",))
        for line, name in names(path)
        if name in wanted
    ]


def test_modules_import_each_other_in_one_direction_only() -> None:
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command, "import-linter is not installed beside this Python"
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_no_module_is_too_long_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in MODULES
        if (lines := path.read_text(encoding="utf-8").count("\n"))
        > (LONGEST_MIGRATION if "versions" in path.parts else LONGEST_MODULE)
    }
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_fault_is_caught_without_being_named() -> None:
    """``except Exception`` and bare ``except`` at the last doors alone; ``BaseException`` to clean up and raise."""
    found = []
    last_doors = {ROOT / "cs_geo/ui/widgets/session.py", ROOT / "cs_geo/web/security.py"}
    for path in set(MODULES) - last_doors:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = ast.unparse(node.type) if node.type else ""
            raises = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if caught in {"", "Exception"} or (caught == "BaseException" and not raises):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_no_page_writes_html_of_its_own_or_serves_files_to_anybody() -> None:
    assert uses("unsafe_allow_html", "unsafe_allow_javascript", "download_button") == []


def test_text_reaches_a_map_only_through_the_maps() -> None:
    """Folium runs what is in a popup, tooltip or icon: only ``maps``, which escapes, makes them (trust.md C3)."""
    sinks = ("Popup", "Tooltip", "GeoJsonPopup", "GeoJsonTooltip", "DivIcon", "IFrame", "Html")
    assert uses(*sinks, besides=("maps/",)) == []
    importers = [
        str(path.relative_to(ROOT))
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(
            name.split(".")[0] in {"folium", "branca"}
            for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
        )
    ]
    assert {path for path in importers if "/maps/" not in path} <= set()


def test_nothing_is_printed_but_by_the_command_line() -> None:
    assert [use for use in uses("print") if "/cli/" not in use] == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "NotImplemented ", "/work/", "localhost:5432"])
def test_nothing_is_left_for_later_and_no_machine_is_named(word: str) -> None:
    found = [str(path.relative_to(ROOT)) for path in MODULES if word in path.read_text(encoding="utf-8")]
    assert found == []
