"""The tables that the public is told: reports of one kind in one quarter, by area and harm group.

They are fixed: every area and every group the level allows has its row and column whatever was reported, so that no
filter is free (practice.md §5.3, differencing). A harm that stops at the district is in the district's table only,
and young people merely present are in none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from cs_geo.dates import add_months, format_day, format_window
from cs_geo.disclosure.harm_groups import UNLISTED, HarmGroups, Level
from cs_geo.disclosure.releases import Number, Release
from cs_geo.disclosure.rules import RULES, Audience, Rules, quarter_end, quarter_of
from cs_geo.disclosure.suppression import ALL, ProtectedTable, protect_table
from cs_geo.errors import NotAvailable

REPORT_COLUMNS: dict[str, str] = {
    "kind": "incident, concern, outreach or strength",
    "occurred_on": "Day it happened, or the first day of the month where only the month is known",
    "harm_types": "References of the codelist harm_type, a tuple or list",
    "lsoa, ward or district": "Reference of the area of the table's level",
}


@dataclass(frozen=True, slots=True, eq=False)
class PublicTable:
    """A table fit for the public, its record for the check of releases, and the account of the reports in it."""

    table: ProtectedTable
    release: Release
    """Numbers as they are; for the record only. Not yet checked against others."""
    level: Level
    kind: str
    quarter: date
    """Its first day."""
    read: int
    """Reports of the kind in the quarter."""
    counted: int
    by_district_only: int
    never_told: int
    outside: int
    """In none of the table's areas."""


def tabulate_quarter(
    reports: pd.DataFrame,
    groups: HarmGroups,
    *,
    kind: str,
    quarter: date,
    level: Level,
    areas: Mapping[str, frozenset[str]],
    today: date,
    rules: Rules = RULES,
) -> PublicTable:
    """Make the public's table of one kind, quarter and level of area.

    Parameters
    ----------
    reports
        Columns of ``REPORT_COLUMNS``.
    quarter
        Any day of the quarter.
    level
        LSOA, ward or district.
    areas
        Reference of each area of that level to the pieces of ground it is made of (``releases.Number.area``).
    today
        The day of release.

    Raises
    ------
    NotAvailable
        If the quarter may not be published yet, or the level is none the public is told.
    """
    start, end = quarter_of(quarter), quarter_end(quarter_of(quarter))
    if level not in (Level.LSOA, Level.WARD, Level.DISTRICT):
        raise NotAvailable("The public is told of LSOAs, wards and districts only. Choose one of them.")
    if not rules.is_due(start, today):
        due = format_day(add_months(end, rules.delay_months))
        raise NotAvailable(f"{format_window(start, end)} may be published from {due} on.")
    days = pd.to_datetime(reports["occurred_on"])
    of_quarter = reports[
        (reports["kind"] == kind) & (days >= pd.Timestamp(start)) & (days < pd.Timestamp(add_months(start, 3)))
    ]
    placed = groups.place_all(of_quarter["harm_types"], Audience.PUBLIC)
    inside = of_quarter[level.name.lower()].isin(list(areas))
    told = placed["lowest"] <= level
    columns = list(groups.told_at(level, Audience.PUBLIC))
    if level == Level.DISTRICT and UNLISTED not in columns:
        columns.append(UNLISTED)
    counts = pd.crosstab(
        pd.Categorical(of_quarter.loc[inside & told, level.name.lower()], categories=list(areas)),
        pd.Categorical(placed.loc[inside & told, "group"], categories=columns),
        dropna=False,
    ).reindex(index=list(areas), columns=columns, fill_value=0)
    table = protect_table(counts, rules)
    return PublicTable(
        table=table,
        release=_record(counts, table, kind, (start, end), level, areas, today),
        level=level,
        kind=kind,
        quarter=start,
        read=len(of_quarter),
        counted=int((inside & told).sum()),
        by_district_only=int((inside & ~told & (placed["lowest"] < Level.NEVER)).sum()),
        never_told=int((inside & (placed["lowest"] == Level.NEVER)).sum()),
        outside=int((~inside).sum()),
    )


def _record(
    counts: pd.DataFrame,
    table: ProtectedTable,
    kind: str,
    days: tuple[date, date],
    level: Level,
    areas: Mapping[str, frozenset[str]],
    today: date,
) -> Release:
    window = format_window(*days)
    ground = {**areas, ALL: frozenset().union(*areas.values())}
    values = {**{group: frozenset({group}) for group in counts.columns}, ALL: frozenset(counts.columns)}
    exact = counts.assign(**{ALL: counts.sum(axis=1)})
    exact.loc[ALL] = exact.sum()
    numbers = tuple(
        Number(
            f"{area}, {kind}, {group.replace('_', ' ')}, {window}",
            ground[area],
            *days,
            frozenset({("kind", frozenset({kind})), ("harm_group", values[group])}),
            int(exact.loc[area, group]),
            told=bool(pd.notna(table.shown.loc[area, group])),
        )
        for area in table.shown.index
        for group in table.shown.columns
    )
    return Release(f"{kind} by {level.name.lower()}, {window}", today, Audience.PUBLIC, numbers)
