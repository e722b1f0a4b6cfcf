"""The documents say what the program does: commands, settings, defaults, links and words are held to the code."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cs_geo import errors
from cs_geo.cli.main import app
from cs_geo.geocode.cascade import PROBLEMS
from cs_geo.geocode.match import Confidence, Method, Precision
from cs_geo.hotspots.parameters import HotspotParameters, LeftOut
from cs_geo.reports.columns import Profile
from cs_geo.reports.fields import EFFORT_FIELDS, REPORT_FIELDS
from cs_geo.reports.report import Kind
from cs_geo.settings import Settings
from cs_geo.words.wording import suggest_wording

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = [README, ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
SHOWN_TO_PEOPLE = ("ui", "cli", "maps", "web", "exports", "workflows", "hotspots", "geocode", "disclosure")
"""Folders of the package whose strings end on a screen, in a file or in a message."""
MOST_PICTURE_BYTES = 200_000


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def section(page: Path, heading: str) -> str:
    """The text below a heading of the second level, up to the next one."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert found, f"{named(page)} has no section “{heading}”"
    return found[1]


def rows_of_table(text: str) -> list[list[str]]:
    """The cells of every row of the Markdown tables in a text, without heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rules = {number for number, line in enumerate(lines) if re.fullmatch(r"[|\s:-]+", line)}
    heads = {number - 1 for number in rules}
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
        for number, line in enumerate(lines)
        if number not in rules | heads
    ]


def first_codes(text: str) -> list[str]:
    """What stands between backticks in the first cell of each row."""
    return [code for row in rows_of_table(text) for code in re.findall(r"`([^`]+)`", row[0])]


# --- Commands ---------------------------------------------------------------------------------------------------------


def commands_in_program() -> dict[str, set[str]]:
    """Every command of ``cs-geo`` and the names of its options."""
    found: dict[str, set[str]] = {}

    def walk(command: Any, path: str) -> None:
        inner = getattr(command, "commands", None)
        for name, one in (inner or {}).items():
            walk(one, f"{path} {name}".strip())
        if inner is None:
            found[path] = {
                name
                for parameter in command.params
                if not getattr(parameter, "hidden", False)
                for name in (*parameter.opts, *parameter.secondary_opts)
                if name.startswith("--")
            }

    walk(get_command(app), "")
    return found


def commands_in_readme() -> dict[str, set[str]]:
    """Every command the README lists and the names of its options."""
    lines = [code for code in first_codes(section(README, "Commands")) if code.startswith("cs-geo ")]
    paths = [" ".join(re.match(r"cs-geo((?: [a-z]+)+)", line)[1].split()) for line in lines]  # type: ignore[index]
    assert len(paths) == len(set(paths)), "a command is listed twice"
    return {path: set(re.findall(r"--[a-z-]+", line)) for path, line in zip(paths, lines, strict=True)}


def test_the_readme_lists_every_command_with_its_options_and_no_other() -> None:
    assert commands_in_readme() == commands_in_program()


def test_every_command_says_what_it_does() -> None:
    def without_help(command: Any, path: str) -> Iterator[str]:
        if not command.help:
            yield path
        for name, one in getattr(command, "commands", {}).items():
            yield from without_help(one, f"{path} {name}")

    assert list(without_help(get_command(app), "cs-geo")) == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_shown_in_a_page_exist(page: Path) -> None:
    known = commands_in_program()
    for line in re.findall(r"(?:^|`)(?:\$ )?cs-geo ([^`\n]+)", page.read_text("utf-8"), re.MULTILINE):
        path = next((path for path in known if f"{line} ".startswith(f"{path} ")), None)
        group = any(path.startswith(f"{line.split()[0]} ") for path in known)
        assert path or group, f"{named(page)}: there is no command “cs-geo {line}”"
        if path:
            unknown = set(re.findall(r"--[a-z-]+", line)) - known[path]
            assert not unknown, f"{named(page)}: cs-geo {path} has no option {unknown}"


def test_the_readme_gives_the_exit_codes_of_the_program() -> None:
    documented = {int(row[0].strip("`")) for row in rows_of_table(section(README, "Commands")) if row[0][1:2].isdigit()}
    raised = {
        one.exit_code for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.UserError)
    }
    assert documented == {0, *raised}


def test_targets_of_make_that_the_readme_names_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"`make ([a-z]+)", page.read_text("utf-8"))) <= targets, named(page)


# --- Settings, defaults and vocabularies ------------------------------------------------------------------------------


def test_the_readme_lists_every_setting_with_its_default_and_no_other() -> None:
    rows = {row[0].strip("`"): row[1] for row in rows_of_table(section(README, "Settings"))}
    expected = {f"CS_GEO_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    assert set(rows) == set(expected)
    for name, default in expected.items():
        if default is not None:
            large = isinstance(default, int) and default >= 100_000
            shown = default if isinstance(default, str) else f"{default:,}" if large else f"{default:g}"
            assert rows[name] == shown, name


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_settings_named_in_a_page_exist(page: Path) -> None:
    known = {f"CS_GEO_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"CS_GEO_[A-Z_]*[A-Z]", page.read_text("utf-8"))) <= known


def test_the_methods_page_gives_the_settings_of_a_hotspot_run_with_their_defaults() -> None:
    rows = {row[0].strip("`"): row[1] for row in rows_of_table(section(DOCS / "methods.md", "Hotspots: settings"))}
    defaults = HotspotParameters().to_json()
    assert set(rows) == set(defaults)
    for name in ("radius_m", "min_reports", "max_area_m2", "min_places"):
        assert rows[name] == f"{defaults[name]:,.0f}", name


def test_the_methods_page_gives_every_reason_to_leave_a_report_out_of_hotspots() -> None:
    assert first_codes(section(DOCS / "methods.md", "Hotspots: what is left out")) == [str(one) for one in LeftOut]


@pytest.mark.parametrize(
    ("heading", "values"),
    [("Geocoding: precision", Precision), ("Geocoding: confidence", Confidence), ("Geocoding: method", Method)],
)
def test_the_methods_page_explains_every_answer_of_the_geocoder(heading: str, values: type[StrEnum]) -> None:
    assert first_codes(section(DOCS / "methods.md", heading)) == [str(one) for one in values]


def test_the_methods_page_explains_every_problem_of_a_location() -> None:
    assert set(first_codes(section(DOCS / "methods.md", "Geocoding: problems"))) == set(PROBLEMS)


def test_the_importing_page_explains_every_key_of_a_mapping() -> None:
    keys = {one.name for one in fields(Profile)}
    explained = first_codes(section(DOCS / "importing.md", "Mapping: keys"))
    assert {re.sub(r"[\[\].A-Z]", "", key) for key in explained} == keys


def test_the_importing_page_lists_every_field_that_can_be_mapped() -> None:
    assert first_codes(section(DOCS / "importing.md", "Fields of a report")) == list(REPORT_FIELDS)
    assert first_codes(section(DOCS / "importing.md", "Fields of an effort session")) == list(EFFORT_FIELDS)


def test_the_importing_page_names_the_mappings_that_come_with_the_product() -> None:
    shipped = {path.stem for path in (ROOT / "data" / "mappings").glob("*.toml")}
    assert set(first_codes(section(DOCS / "importing.md", "Mappings that come with the product"))) == shipped


def test_the_glossary_explains_the_words_of_the_code() -> None:
    words = [row[0].strip("*").lower() for row in rows_of_table(section(README, "Glossary"))]
    assert len(words) == len(set(words))
    wanted = {*Kind, "report", "kind", "place", "area", "source", "hotspot", "spot", "run", "precision", "confidence"}
    assert wanted <= set(words)


def test_the_tree_in_the_readme_is_that_of_the_package() -> None:
    shown = re.findall(r"^  ([a-z_]+)/ ", section(README, "The tree"), re.MULTILINE)
    there = [path.parent.name for path in (ROOT / "cs_geo").glob("*/__init__.py")]
    assert sorted(shown) == sorted(there)


# --- Pages ------------------------------------------------------------------------------------------------------------


def anchors_of(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", [*PAGES, ROOT / "data" / "README.md", ROOT / "data/sample/README.md"], ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https:", "http:", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{named(page)} links to {target}, which is not there"
        if anchor:
            assert anchor in anchors_of(there), f"{named(page)} links to {target}, which has no such heading"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_named_in_a_page_exist(page: Path) -> None:
    prefixes = ("cs_geo/", "data/", "tests/", "docs/", "notebooks/", ".ci/", ".streamlit/")
    for code in re.findall(r"`([^`\s]+)`", page.read_text("utf-8")):
        if code.startswith(prefixes) and not re.search(r"[{}*…A-Z]{2,}|[*…{]", code):
            assert (ROOT / code).exists(), f"{named(page)} names {code}"


def test_every_page_is_linked_from_the_readme() -> None:
    text = README.read_text("utf-8")
    for page in DOCS.glob("*.md"):
        assert f"](docs/{page.name})" in text, f"the README does not lead to docs/{page.name}"
    assert "](docs/decisions)" in text


def test_decisions_are_numbered_without_a_gap_and_give_context_decision_consequences_and_what_was_rejected() -> None:
    assert DECISIONS
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    for path in DECISIONS:
        text = path.read_text("utf-8")
        assert text.startswith(f"# {path.name[:4]} "), path.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
            "Rejected",
        ], path.name
        assert len(text.split()) < 700, f"{path.name} is longer than a page"


def test_the_changelog_opens_with_the_version_of_the_program() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)[1] == version  # type: ignore[index]


def test_pictures_are_small_and_shown() -> None:
    pictures = sorted((DOCS / "pictures").iterdir())
    assert pictures
    pages = " ".join(page.read_text("utf-8") for page in PAGES)
    for picture in pictures:
        assert picture.stat().st_size <= MOST_PICTURE_BYTES, picture.name
        assert picture.name in pages, f"no page shows {picture.name}"


# --- Words ------------------------------------------------------------------------------------------------------------


def strings_of(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module that are not docstrings, with their lines."""
    tree = ast.parse(path.read_text("utf-8"))
    said_by_itself = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said_by_itself:
            yield node.lineno, node.value


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_pages_use_the_words_they_ask_for(page: Path) -> None:
    assert [one.written for one in suggest_wording(page.read_text("utf-8"))] == []


@pytest.mark.parametrize("folder", SHOWN_TO_PEOPLE)
def test_the_program_uses_the_words_it_asks_for(folder: str) -> None:
    found = [
        f"{named(path)}:{line}: {one.written}"
        for path in sorted((ROOT / "cs_geo" / folder).rglob("*.py"))
        for line, text in strings_of(path)
        for one in suggest_wording(text)
    ]
    assert found == []


# --- Notebooks --------------------------------------------------------------------------------------------------------


def cells_of(notebook: Path) -> list[dict[str, object]]:
    cells: list[dict[str, object]] = json.loads(notebook.read_text("utf-8"))["cells"]
    return cells


def text_of(cell: dict[str, object]) -> str:
    source = cell["source"]
    return "".join(source) if isinstance(source, list) else str(source)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=named)
def test_a_notebook_is_kept_without_outputs(notebook: Path) -> None:
    for cell in cells_of(notebook):
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=named)
def test_a_notebook_explains_itself_in_the_words_it_asks_for(notebook: Path) -> None:
    cells = cells_of(notebook)
    told = " ".join(text_of(cell) for cell in cells if cell["cell_type"] == "markdown")
    assert len(told.split()) > 200
    assert [one.written for one in suggest_wording(told)] == []


@pytest.fixture
def temporary_folder() -> Iterator[Path]:
    """A short folder that ``postgres`` may enter, in which the notebook makes its database."""
    folder = Path(tempfile.mkdtemp(prefix=f"cs_geo_{os.getpid()}_"))
    folder.chmod(0o755)
    yield folder
    from cs_geo.store.cluster import Cluster

    for home in folder.iterdir():
        if (home / "pg" / "data" / "PG_VERSION").exists():
            Cluster(home).stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=named)
def test_a_notebook_runs_from_its_first_cell_to_its_last(notebook: Path, temporary_folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CS_GEO_", "PYTEST_"))}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbmake", "-p", "no:cacheprovider", "-q", str(notebook)],
        cwd=ROOT,
        env={**environment, "TMPDIR": str(temporary_folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert list(temporary_folder.glob("*/pg")) == [], "the notebook left its database behind"
