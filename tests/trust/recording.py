"""What each test of trust holds, written down by the run that shows it.

A test that holds one of the numbered tests of trust says so: ``@pytest.mark.trust("A5", figure="0 rows")``. What it
measured on its way it may add with pytest's own ``record_property("figure", …)``. With ``--trust-record FILE`` a run
writes both, with the outcome, into a file; ``tests.trust.table`` makes ``docs/security.md`` of it.
"""

import json
from pathlib import Path
from typing import Any

import pytest

RECORD = Path(__file__).with_name("record.json")


class Recorder:
    """Collects the outcome of every marked test, also from the workers of a run in parallel."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held: dict[tuple[str, str], dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        given = dict(report.user_properties)
        if "trust" not in given or (report.when != "call" and report.passed):
            return
        measured = [value for name, value in report.user_properties if name == "figure"]
        for number, figure in given["trust"]:
            one = self.held.setdefault(
                (number, report.nodeid.partition("[")[0]),
                {"figure": figure, "measured": "", "cases": 0, "passed": 0},
            )
            one["cases"] += 1
            one["passed"] += report.passed
            one["measured"] = "; ".join(dict.fromkeys(filter(None, [one["measured"], *measured])))

    def pytest_sessionfinish(self) -> None:
        record = read_record(self.path)
        ran = {test for _, test in self.held}
        kept = [one for one in record["tests"] if one["test"] not in ran]
        held = [{"number": number, "test": test, **one} for (number, test), one in self.held.items()]
        record["tests"] = sorted([*kept, *held], key=lambda one: (one["number"], one["test"]))
        write_record(record, self.path)


def read_record(path: Path = RECORD) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {"tests": [], "benchmarks": []}
    return record


def write_record(record: dict[str, Any], path: Path = RECORD) -> None:
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")


def record_benchmark(number: str, script: str, figure: str) -> None:
    """Put what a benchmark measured beside what the tests hold."""
    record = read_record()
    kept = [one for one in record["benchmarks"] if (one["number"], one["script"]) != (number, script)]
    record["benchmarks"] = sorted(
        [*kept, {"number": number, "script": script, "figure": figure}], key=lambda one: (one["number"], one["script"])
    )
    write_record(record)


def note_marks(item: pytest.Item) -> None:
    """Hand a test's marks to whoever reads its report."""
    marks = [(mark.args[0], mark.kwargs["figure"]) for mark in item.iter_markers("trust")]
    if marks:
        item.user_properties.append(("trust", marks))
