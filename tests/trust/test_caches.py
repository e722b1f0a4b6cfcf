"""What is remembered between requests is the same for everybody: no cache can hand one person's rows to another."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "cs_geo"
REMEMBERS = ("cache", "cache_data", "cache_resource", "lru_cache", "cached_property")


def is_memory(decorator: ast.expr) -> bool:
    """Is it one of the decorators that remember, by whatever way it is named?"""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(called).rpartition(".")[2] in REMEMBERS


def remembering() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions of whatever serves a person that remember their answers."""
    for folder in ("ui", "web", "workflows", "store", "access", "exports", "jobs"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            if "node_modules" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef) and any(map(is_memory, node.decorator_list)):
                    yield f"{path.relative_to(PACKAGE).as_posix()}: {node.name}", node


@pytest.mark.trust("A12", figure="0 cached functions that take a person, a choice or a row")
def test_no_function_remembers_what_depends_on_a_person() -> None:
    found = dict(remembering())
    assert len(found) >= 4
    assert [name for name, function in found.items() if function.args.args or function.args.kwonlyargs] == []


@pytest.mark.trust("A12", figure="0 caches in the pages but the vocabularies")
def test_pages_remember_the_vocabularies_alone() -> None:
    assert [name for name, _ in remembering() if name.startswith("ui/")] == ["ui/widgets/filters.py: codelists"]
