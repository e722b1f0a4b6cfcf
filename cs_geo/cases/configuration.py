"""How a site's panel works: its name, its quorum, its times, its indicators and its words, as data with a version.

The product ships ``data/panel.toml`` and ``data/indicators``; files of these names in the site's home folder stand in
their place. The version, a number and the first letters of a hash of what was read, is stamped on every decision.
"""

import csv
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cs_geo.cases.states import State
from cs_geo.errors import SetupError

PANEL_FILE = "panel.toml"
INDICATOR_COLUMNS = ("reference", "row", "column", "level", "text")
ROWS = ("harm", "young_people", "guardianship", "environment")
COLUMNS = ("risk", "strength")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One line of the threshold worksheet."""

    reference: str
    row: str
    column: str
    level: int
    text: str


@dataclass(frozen=True, eq=False)
class PanelConfiguration:
    """How a site's panel works."""

    version: str
    panel: str
    """What the panel is called."""
    welfare_statement: str
    quorum: tuple[tuple[str, ...], ...]
    """Groups of agencies: of each, one at least is there."""
    quorum_words: str
    screening_days: int
    review_months: int
    notice_days: int
    checklist: tuple[str, ...]
    """What is done in the first 72 hours after a serious incident."""
    levels: Mapping[int, str]
    state_names: Mapping[State, str]
    indicator_set: str
    indicators: Mapping[str, Indicator]
    restrictive: frozenset[str]
    """Types of action that need a side-effect check."""

    def name_of(self, state: State) -> str:
        """A state as this site calls it."""
        return self.state_names.get(state) or state.value.replace("_", " ").capitalize()


def load_configuration(*folders: Path) -> PanelConfiguration:
    """Read how the panel works; of several folders the first that holds a file is followed for it.

    Raises
    ------
    SetupError
        With the file and what is the matter with it.
    """
    panel_file = _first(folders, PANEL_FILE)
    content = panel_file.read_bytes()
    try:
        panel = tomllib.loads(content.decode("utf-8"))
        indicator_file = _first(folders, f"indicators/{panel['indicator_set']}.csv")
        indicator_content = indicator_file.read_bytes()
        indicators = _read_indicators(indicator_content.decode("utf-8"))
        digest = hashlib.sha256(content + b"\0" + indicator_content).hexdigest()[:8]
        return _configured(panel, indicators, digest)
    except KeyError as fault:
        raise SetupError(
            f"{panel_file.name} has no {fault}. Take the file that comes with cs_geo as a pattern."
        ) from fault
    except (ValueError, TypeError, AttributeError) as fault:
        raise SetupError(f"{panel_file.name} cannot be read: {fault}. Mend it, or take it away.") from fault


def _configured(panel: Mapping[str, Any], indicators: Mapping[str, Indicator], digest: str) -> PanelConfiguration:
    return PanelConfiguration(
        version=f"{int(panel['version'])}-{digest}",
        panel=str(panel["panel"]),
        welfare_statement=" ".join(str(panel["welfare_statement"]).split()),
        quorum=tuple(tuple(map(str, group)) for group in panel["quorum"]["groups"]),
        quorum_words=str(panel["quorum"]["words"]),
        screening_days=int(panel["times"]["screening_working_days"]),
        review_months=int(panel["times"]["review_months"]),
        notice_days=int(panel["times"]["notice_days"]),
        checklist=tuple(map(str, panel["first_72_hours"])),
        levels={int(level): str(words) for level, words in panel["levels"].items()},
        state_names={State(state): str(words) for state, words in panel["states"].items()},
        indicator_set=str(panel["indicator_set"]),
        indicators=indicators,
        restrictive=frozenset(map(str, panel["restrictive_actions"])),
    )


def _read_indicators(content: str) -> dict[str, Indicator]:
    rows = csv.DictReader(content.splitlines())
    if tuple(rows.fieldnames or ()) != INDICATOR_COLUMNS:
        raise ValueError(f"the indicators need the columns {', '.join(INDICATOR_COLUMNS)}")
    indicators = {}
    for row in rows:
        if row["row"] not in ROWS or row["column"] not in COLUMNS or row["level"] not in {"1", "2", "3"}:
            raise ValueError(f"the indicator {row['reference']} has a row, column or level that does not exist")
        if row["reference"] in indicators:
            raise ValueError(f"the indicator {row['reference']} stands there twice")
        indicators[row["reference"]] = Indicator(
            row["reference"], row["row"], row["column"], int(row["level"]), row["text"]
        )
    return indicators


def _first(folders: tuple[Path, ...], name: str) -> Path:
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    raise SetupError(f"There is no file {name}. It comes with cs_geo in its data folder.")
