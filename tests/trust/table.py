"""Writes docs/security.md: each numbered test of trust, what is held of it here, and what is not yet.

Run every marked test and write the page: ``.venv/bin/python -m tests.trust.table``. With files of tests after it, only
those are run, and the others stand as they were recorded; with ``--no-run`` none are.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.trust.recording import RECORD, read_record, write_record

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
ASKED = Path(__file__).with_name("asked.toml")
HEAD = """# Security: what is tested, and what is not yet

Every line is a test of the trust that a council puts into this program. *Asked* is what should hold. *Held* names the
tests that show it, with the figure that each asserts; a figure in brackets was measured on the way. *Missing* is what
nobody has shown yet: a line with something missing is not done, whatever else stands in it.

This page is made from what a run of the tests recorded (`tests/trust/record.json`) and is not edited by hand:
`.venv/bin/python -m tests.trust.table`. A test compares it with the marks in the tests, so that a test that is renamed,
taken away or added changes this page or fails. Lines of the kind *benchmark* give what one machine with 2 cores did.
"""
GROUPS = {
    "A": "Access",
    "B": "Audit",
    "C": "Hostile input",
    "D": "Losing nothing",
    "E": "Disclosure",
}


class Mark(NamedTuple):
    """That a test says it holds a numbered test of trust."""

    number: str
    test: str
    figure: str


def marks_in_tests() -> Iterator[Mark]:
    """Every mark that stands above a test, read from the tests themselves."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.trust":
                    (number,) = call.args
                    (figure,) = call.keywords
                    yield Mark(
                        ast.literal_eval(number),
                        f"{path.relative_to(ROOT).as_posix()}::{node.name}",
                        ast.literal_eval(figure.value),
                    )


def marks_in_record(record: dict[str, Any]) -> set[Mark]:
    return {Mark(one["number"], one["test"], one["figure"]) for one in record["tests"]}


def read_asked() -> dict[str, dict[str, str]]:
    """What is asked, by number, and what is missing of it."""
    return tomllib.loads(ASKED.read_text("utf-8"))


def page_of(record: dict[str, Any], asked: dict[str, dict[str, str]]) -> str:
    """The page, as Markdown."""
    parts = [HEAD, _summary(record, asked)]
    for letter, title in GROUPS.items():
        parts.append(f"\n## {letter}: {title}\n")
        parts += [_entry(number, asked[number], record) for number in asked if number.startswith(letter)]
    return "\n".join(parts)


def state_of(number: str, one: dict[str, str], record: dict[str, Any]) -> str:
    """Held, in part or not yet."""
    if not any(test["number"] == number for test in record["tests"]):
        return "not yet"
    return "in part" if one["missing"] else "held"


def _summary(record: dict[str, Any], asked: dict[str, dict[str, str]]) -> str:
    rows = ["| # | asked | state |", "|---|---|---|"]
    rows += [f"| {number} | {one['asked']} | {state_of(number, one, record)} |" for number, one in asked.items()]
    return "\n".join(rows)


def _entry(number: str, one: dict[str, str], record: dict[str, Any]) -> str:
    lines = [f"### {number}: {state_of(number, one, record)}", "", f"*Asked:* {one['asked']} → {one['pass']}", ""]
    for test in (test for test in record["tests"] if test["number"] == number):
        path, _, name = test["test"].partition("::")
        sentence = name.removeprefix("test_").replace("_", " ")
        cases = f", {test['cases']} cases" if test["cases"] > 1 else ""
        measured = f" ({test['measured']})" if test["measured"] else ""
        lines.append(f"- {sentence[0].upper()}{sentence[1:]}: **{test['figure']}**{measured}{cases}. `{path}`")
    for bench in (bench for bench in record["benchmarks"] if bench["number"] == number):
        lines.append(f"- Benchmark: **{bench['figure']}**. `tests/benchmarks/{bench['script']}`")
    if one["missing"]:
        lines += ["", f"*Missing:* {one['missing']}"]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def main() -> None:
    """Run the marked tests, unless told not to, and write the page."""
    marked = set(marks_in_tests())
    chosen = sys.argv[1:] or sorted({mark.test.partition("::")[0] for mark in marked})
    if chosen != ["--no-run"]:
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-m", "trust", "--trust-record", str(RECORD), *chosen],
            cwd=ROOT,
            check=True,
        )
    record = read_record()
    stands = {(mark.number, mark.test) for mark in marked}
    record["tests"] = [one for one in record["tests"] if (one["number"], one["test"]) in stands]
    write_record(record)
    PAGE.write_text(page_of(read_record(), read_asked()), "utf-8")


if __name__ == "__main__":
    main()
