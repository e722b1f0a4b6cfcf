"""Releasing cells to partners: their record, and leaving out what would tell of few together with earlier releases.

A partner's cells are released often, and a report that came in late changes one of them by one. Refusing the whole
would stop every second export; so a cell's kind in which a difference is small is left out of this release and
counted as withheld. All its numbers go, as one of them could be had from the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from cs_geo.dates import format_window
from cs_geo.disclosure.cells import ALL, TOGETHER, CellCounts, Withheld
from cs_geo.disclosure.ground import Ground
from cs_geo.disclosure.harm_groups import HarmGroups, Level
from cs_geo.disclosure.releases import Number, Release, check_release
from cs_geo.disclosure.rules import RULES, Audience, Rules


def release_cells(
    counts: CellCounts,
    groups: HarmGroups,
    earlier: Sequence[Release],
    *,
    days: tuple[date, date],
    restricted_to: Mapping[str, Sequence[str]],
    today: date,
    ground: Ground | None = None,
    rules: Rules = RULES,
) -> tuple[CellCounts, Release]:
    """Leave out what may not be told beside earlier releases, and make the record of the rest.

    Parameters
    ----------
    counts
        What ``count_by_cell`` gave.
    earlier
        Every release made so far, to anybody.
    days, restricted_to, today
        As for ``record_cells``.
    ground
        Which cells lie in which areas, where releases by area have been made.

    Returns
    -------
    tuple
        The counts that may be given, and their record, which is kept when they are.
    """
    lie = ground or Ground({})
    before = [lie.expand(release) for release in earlier]
    while True:
        record = record_cells(counts, groups, days=days, restricted_to=restricted_to, today=today)
        checked = lie.expand(record)
        found = check_release(checked, before, rules)
        if not found:
            return counts, record
        told = {
            number.name
            for one in found
            for of, number in [(one.larger, one.number), *((one.smaller, n) for n in one.less)]
            if of is checked
        }
        counts = _leave_out(counts, {_cell_and_kind(number) for number in record.numbers if number.name in told})


def _cell_and_kind(number: Number) -> tuple[str, str]:
    (cell,), (kind,) = number.area, dict(number.filter)["kind"]
    return cell, kind


def _leave_out(counts: CellCounts, left_out: set[tuple[str, str]]) -> CellCounts:
    def kept(frame: pd.DataFrame) -> pd.DataFrame:
        stays = [key not in left_out for key in zip(frame["cell"], frame["kind"], strict=True)]
        return frame[stays].reset_index(drop=True)

    exact, told = kept(counts.exact), kept(counts.counts)
    before, after = (int(frame.loc[frame["harm_group"] == ALL, "reports_n"].sum()) for frame in (counts.exact, exact))
    withheld = dict(counts.withheld)
    withheld[Withheld.TOLD_BEFORE] = withheld.get(Withheld.TOLD_BEFORE, 0) + before - after
    return replace(
        counts,
        cells=counts.cells[counts.cells["cell"].isin(told["cell"])].reset_index(drop=True),
        counts=told,
        exact=exact,
        in_cells=counts.in_cells - (before - after),
        withheld=withheld,
    )


def record_cells(
    counts: CellCounts,
    groups: HarmGroups,
    *,
    days: tuple[date, date],
    restricted_to: Mapping[str, Sequence[str]],
    today: date,
) -> Release:
    """The record of a release of cells to partners.

    Parameters
    ----------
    days
        First and last day, both included.
    restricted_to
        Further filters that were used: dimension to values, such as ``{"source_type": ["school_or_college"]}``.
    """
    window = format_window(*days)
    further = frozenset((name, frozenset(values)) for name, values in restricted_to.items())
    every = frozenset(groups.told_at(Level.CELL, Audience.PARTNER))
    numbers = []
    for (cell, kind), rows in counts.exact.groupby(["cell", "kind"], sort=True):
        told = frozenset(rows["harm_group"]) - {ALL, TOGETHER}
        for group, reports_n in zip(rows["harm_group"], rows["reports_n"], strict=True):
            values = {ALL: every, TOGETHER: every - told}.get(group, frozenset({group}))
            filter_ = further | {("kind", frozenset({str(kind)})), ("harm_group", values)}
            name = f"{cell}, {kind}, {group.replace('_', ' ')}, {window}"
            numbers.append(Number(name, frozenset({str(cell)}), *days, filter_, int(reports_n)))
    return Release(f"cells, {window}", today, Audience.PARTNER, tuple(numbers))
