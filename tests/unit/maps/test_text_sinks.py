"""Folium runs script found in its texts, so every text that reaches it must be seen to pass the one escaper (C3)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[3] / "cs_geo"
TEXT_OF = {
    "Popup": ("html", 0),
    "Tooltip": ("text", 0),
    "DivIcon": ("html", 0),
    "Html": ("data", 0),
    "FeatureGroup": ("name", 0),
    "GeoJson": ("name", 4),
    "Element": ("template", 0),
}
"""Text argument of each folium element, by name and by place."""
MARKUP_DOORS = {"unsafe_allow_html", "unsafe_allow_javascript"}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in PACKAGE.rglob("*.py"):
        if "node_modules" not in path.parts:
            yield path, ast.parse(path.read_text("utf-8"))


def is_safe(text: ast.expr | None) -> bool:
    """A literal of ours, or a call of the escaper, and nothing mixed from both."""
    if text is None or isinstance(text, ast.Constant):
        return True
    return isinstance(text, ast.Call) and isinstance(text.func, ast.Name) and text.func.id == "escape_text"


def text_of(call: ast.Call) -> ast.expr | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    keyword, place = TEXT_OF[name]
    named = [given.value for given in call.keywords if given.arg == keyword]
    return named[0] if named else call.args[place] if len(call.args) > place else None


@pytest.mark.trust("C3", figure="0 hits")
def test_every_text_given_to_folium_passes_the_escaper() -> None:
    seen, faults = 0, []
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TEXT_OF:
                if not (isinstance(node.func.value, ast.Name) and node.func.value.id in {"folium", "plugins"}):
                    continue
                seen += 1
                if not is_safe(text_of(node)):
                    faults.append(f"{path.name}:{node.lineno}")
    assert seen >= 4
    assert faults == []


@pytest.mark.trust("C3", figure="0 hits")
def test_pages_never_open_the_door_to_markup() -> None:
    faults = [
        f"{path.name}:{node.value.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg in MARKUP_DOORS
    ]
    assert faults == []


@pytest.mark.parametrize("module", ["folium", "branca"])
def test_only_the_maps_stage_draws_with_folium(module: str) -> None:
    drawing = {
        path.relative_to(PACKAGE).parts[0]
        for path, tree in modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(name.name.split(".")[0] == module for name in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == module)
    }
    assert drawing == {"maps"}
