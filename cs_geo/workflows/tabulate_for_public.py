"""What the public may have: fixed tables by area and quarter, each checked against all that was given before.

A table is one kind, one quarter and one level of area. It is released whole or not at all, and a table that is left out
is named. The same table may be given again as long as its numbers are the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import geopandas as gpd
from sqlalchemy import Connection

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.dates import add_months, format_day, format_window
from cs_geo.disclosure.ground import Ground, area_key, lay_ground
from cs_geo.disclosure.harm_groups import Level, load_harm_groups
from cs_geo.disclosure.linked import find_given_away
from cs_geo.disclosure.preview import Preview, preview_export
from cs_geo.disclosure.releases import Release, check_release
from cs_geo.disclosure.rules import RULES, Audience, quarter_end, quarter_of
from cs_geo.disclosure.tables import PublicTable, tabulate_quarter
from cs_geo.errors import NotAvailable, UsageError
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.settings import data_folder
from cs_geo.store import releases as stored
from cs_geo.store.areas import list_areas
from cs_geo.store.opening import Store
from cs_geo.workflows.progress import Progress, say_nothing

PUBLIC_KINDS = (Kind.INCIDENT, Kind.CONCERN)
"""Told where no kind is asked for; outreach and strengths name no harm."""
QUICK_ROWS = 60
"""Rows of all tables together, areas times tables, that are protected and checked within about ten seconds."""
LEVELS = {"district": Level.DISTRICT, "ward": Level.WARD, "lsoa": Level.LSOA}


@dataclass(frozen=True, slots=True, eq=False)
class PublicTables:
    """The tables that may be released, and those that may not."""

    tables: tuple[PublicTable, ...]
    refused: dict[str, str]
    """Name of a table that is left out, and why, for whoever exports."""
    not_due: tuple[str, ...]
    """Quarters that were asked for and are too recent, with the day from which they may be published."""
    areas: gpd.GeoDataFrame

    def preview(self) -> Preview:
        """What the export holds and leaves out, in words."""
        told = preview_export(Audience.PUBLIC, tables=self.tables)
        left_out = tuple(f"{name} is left out. {why}" for name, why in self.refused.items())
        nothing = () if self.tables else ("None of these tables may be published.",)
        return replace(told, effects=(*told.effects, *left_out, *self.not_due), refusals=nothing)


def takes_long(store: Store, actor: Actor, level: str, tables_n: int) -> bool:
    """Would so many tables take more than some ten seconds to protect and to check?"""
    require(actor, Action.EXPORT_PUBLIC)
    with store.begin(actor) as connection:
        return len(list_areas(connection, level)) * tables_n > QUICK_ROWS


def require_public_filters(selection: Selection, level: str) -> Level:
    """Stop unless the tables asked for are the fixed ones; their level of area.

    Raises
    ------
    UsageError
        For any filter but dates and kinds, or a level that is none.
    """
    further = (selection.harm_types, selection.source_types, selection.time_bands, selection.terms, selection.area)
    if any(further) or selection.published:
        raise UsageError(
            "Tables for the public are fixed: every area, every harm, whole quarters. Leave out all filters but dates "
            "and kinds."
        )
    if level not in LEVELS:
        raise UsageError(f"There is no level “{level}”. Use {', '.join(LEVELS)}.")
    return LEVELS[level]


def tabulate_for_public(
    connection: Connection, selection: Selection, level: str, today: date, progress: Progress = say_nothing
) -> PublicTables:
    """Make the public's tables of every whole quarter of a selection.

    Raises
    ------
    NotAvailable
        Where no areas of the level are loaded.
    UsageError
        As ``require_public_filters``.
    """
    asked = require_public_filters(selection, level)
    areas = stored.read_areas(connection, *LEVELS)
    own = gpd.GeoDataFrame(areas[areas["kind"] == level], geometry="geometry", crs=areas.crs)
    if own.empty:
        raise NotAvailable(f"No areas of the kind {level} are loaded. Load them with `cs-geo areas load`.")
    reports = stored.read_counted(connection, Selection(kinds=selection.kinds or PUBLIC_KINDS))
    reports = reports[~reports["protected_location"]]
    vague = reports["precision"].isin(["area", "none"]) | reports["default_location"]
    counted = reports.assign(lsoa=reports["lsoa"].mask(vague, ""), ward=reports["ward"].mask(vague, ""))
    quarters, not_due = _quarters(selection, counted["occurred_on"].min() if len(counted) else None, today)
    earlier = stored.read_releases(connection)
    cells = {name for release in earlier for one in release.numbers for name in one.area if ":" not in name}
    ground = lay_ground(areas, cells, RULES.cell_m)
    groups = load_harm_groups(data_folder())
    tables: list[PublicTable] = []
    refused: dict[str, str] = {}
    released = list(earlier)
    wanted = [(quarter, kind) for quarter in quarters for kind in selection.kinds or PUBLIC_KINDS]
    for number, (quarter, kind) in enumerate(wanted):
        progress("Protecting and checking tables", number, len(wanted))
        table = tabulate_quarter(
            counted,
            groups,
            kind=str(kind),
            quarter=quarter,
            level=asked,
            areas={one: frozenset({area_key(level, one)}) for one in own["reference"]},
            today=today,
        )
        why = _against(table.release, released, ground)
        if why:
            refused[table.release.table] = why
        else:
            tables.append(table)
            released.append(table.release)
    return PublicTables(tuple(tables), refused, tuple(not_due), own)


def _against(new: Release, earlier: Sequence[Release], ground: Ground) -> str:
    """Why a table may not be released; nothing where it may."""
    if any(new.numbers == one.numbers for one in earlier if one.audience is Audience.PUBLIC):
        return ""
    same = [one for one in earlier if one.audience is Audience.PUBLIC and one.table == new.table]
    if same:
        return f"It was released on {format_day(same[0].released_on)}, and late reports are not added to it."
    different = list({one.numbers: one for one in earlier}.values())
    expanded = [ground.expand(one) for one in different]
    differences = check_release(ground.expand(new), expanded)
    if differences:
        return str(differences[0])
    given_away = find_given_away([ground.expand(one) for one in (*different, new)])
    return str(given_away[0]) if given_away else ""


def _quarters(selection: Selection, oldest: date | None, today: date) -> tuple[list[date], list[str]]:
    """First days of the whole quarters of a selection that may be published, and what is said of those too recent."""
    since = selection.since or oldest
    if since is None:
        return [], []
    start = quarter_of(since)
    # The dates of the first report begin no quarter; dates that somebody chose do.
    if selection.since is not None and start < selection.since:
        start = add_months(start, 3)
    due, not_due = [], []
    while quarter_end(start) <= (selection.until or today):
        if RULES.is_due(start, today):
            due.append(start)
        else:
            not_due.append(f"{format_window(start, quarter_end(start))} is too recent to be published.")
        start = add_months(start, 3)
    return due, not_due
