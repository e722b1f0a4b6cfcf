"""In which group, and down to which area, each audience is told of a harm.

The groups are data (``data/disclosure/harm_groups.csv``: harm type, tier, group, lowest area). A report counts once,
in one group: the most guarded of its harms, so that a report of sexual harm in a fight is never placed on a map as
violence. Sexual harm, exploitation, hate and radicalisation worry stop at the district outside internal and case
(practice.md §5.3). A harm the file does not know is treated as the most guarded: a list may grow before the rule does.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import pandas as pd

from cs_geo.disclosure.rules import Audience
from cs_geo.errors import RefusedInput

COLUMNS = ("reference", "tier", "group", "lowest_area")
NONE_GIVEN = "none_given"
"""Group of a report that names no harm, such as a strength."""
UNLISTED = "other"
"""Group of a harm that the file does not know."""


class Level(IntEnum):
    """Areas from the smallest to the largest. A harm is told at its lowest area and at every larger one."""

    CELL = 1
    LSOA = 2
    WARD = 3
    DISTRICT = 4
    NEVER = 5


@dataclass(frozen=True, slots=True)
class HarmGroup:
    """A group of harms and the smallest area at which it is told."""

    group: str
    lowest: Level


@dataclass(frozen=True, slots=True)
class HarmGroups:
    """Harm type to group, for each audience that is told groups. Internal and case see the harm types themselves."""

    groups: Mapping[Audience, Mapping[str, HarmGroup]]

    def place(self, harm_types: Iterable[str], audience: Audience) -> HarmGroup:
        """The one group in which a report with these harms counts: the most guarded, then the first of the file."""
        if audience not in self.groups:
            return HarmGroup(next(iter(harm_types), NONE_GIVEN), Level.CELL)
        known = self.groups[audience]
        order = {reference: position for position, reference in enumerate(known)}
        found = [
            (-known[harm].lowest, order[harm], known[harm])
            if harm in known
            else (-Level.DISTRICT, len(order), HarmGroup(UNLISTED, Level.DISTRICT))
            for harm in harm_types
        ]
        return min(found, key=lambda one: one[:2])[2] if found else HarmGroup(NONE_GIVEN, Level.CELL)

    def told_at(self, level: Level, audience: Audience) -> tuple[str, ...]:
        """The groups an audience is told of at an area, in the order of the file, and reports without harm."""
        groups = {one.group: one.lowest for one in self.groups[audience].values()}
        return (*(group for group, lowest in groups.items() if lowest <= level), NONE_GIVEN)

    def place_all(self, harm_types: "pd.Series[Any]", audience: Audience) -> pd.DataFrame:
        """The group and level of every report.

        Parameters
        ----------
        harm_types
            The references of each report, however they are held; nothing where it names no harm. A text is one
            reference, so that several in one text are taken for a harm the file does not know.

        Returns
        -------
        DataFrame
            Columns ``group`` (str) and ``lowest`` (``Level`` as int), index as given.
        """
        keys = [_references(value) for value in harm_types]
        placed = {key: self.place(key, audience) for key in set(keys)}
        return pd.DataFrame(
            {
                "group": [placed[key].group for key in keys],
                "lowest": pd.Series([int(placed[key].lowest) for key in keys], index=harm_types.index, dtype="int64"),
            },
            index=harm_types.index,
        )


def _references(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    return () if pd.api.types.is_scalar(value) and pd.isna(value) else tuple(value)


def load_harm_groups(folder: Path) -> HarmGroups:
    """Read ``disclosure/harm_groups.csv`` of a data folder.

    Raises
    ------
    RefusedInput
        If the file lacks a column, names an unknown tier or area, repeats a harm type within a tier, or gives one group
        two lowest areas.
    """
    path = folder / "disclosure" / "harm_groups.csv"
    groups: dict[Audience, dict[str, HarmGroup]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise RefusedInput(f"{path.name} needs the columns {', '.join(COLUMNS)}, in this order.")
        for row in rows:
            where = f"{path.name}, line {rows.line_num}"
            try:
                audience, lowest = Audience(row["tier"]), Level[row["lowest_area"].upper()]
            except (ValueError, KeyError):
                raise RefusedInput(
                    f"{where}: the tier is partner or public, the lowest area one of "
                    f"{', '.join(level.name.lower() for level in Level)}."
                ) from None
            of_tier = groups.setdefault(audience, {})
            if row["reference"] in of_tier:
                raise RefusedInput(f"{where}: {row['reference']} stands there twice for {audience}. Keep one.")
            if any(other.group == row["group"] and other.lowest != lowest for other in of_tier.values()):
                raise RefusedInput(f"{where}: the group {row['group']} has two lowest areas for {audience}. Keep one.")
            of_tier[row["reference"]] = HarmGroup(row["group"], lowest)
    return HarmGroups(groups)
