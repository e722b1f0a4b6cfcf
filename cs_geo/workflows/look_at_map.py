"""What the map page shows: counts for its caption, choices for its filters, and the reports around a click."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.reports.selection import Selection
from cs_geo.store import reports as stored
from cs_geo.store.areas import Area, list_areas, study_bounds
from cs_geo.store.basemap import basemap_bounds
from cs_geo.store.effort import count_effort
from cs_geo.store.opening import Store
from cs_geo.store.reports import ReportCounts

NEAREST_WITHIN_M = 300.0
"""A click looks this far for the nearest report: four minutes' walk."""
GREAT_BRITAIN = (-6.5, 49.9, 1.9, 55.9)
"""What a map without any data shows, in degrees."""


@dataclass(frozen=True, slots=True)
class MapSummary:
    """The counts a map's caption stands on."""

    counts: ReportCounts
    shown: int
    sessions: int
    staff_hours: float | None


def summarise_map(store: Store, actor: Actor, selection: Selection) -> MapSummary:
    """Count what a map of a selection shows and leaves out, and the effort of its window."""
    require(actor, Action.VIEW_MAP)
    with store.begin(actor) as connection:
        counts = stored.count_reports(connection, selection)
        shown = stored.count_drawn(connection, selection)
        sessions, hours = count_effort(connection, selection.since, selection.until)
    return MapSummary(counts, shown, sessions, hours)


def first_bounds(store: Store, actor: Actor) -> tuple[float, float, float, float]:
    """What a map shows first, in degrees: the study area, else the reports, else the basemap, else the country."""
    require(actor, Action.VIEW_MAP)
    with store.begin(actor) as connection:
        return (
            study_bounds(connection) or stored.report_bounds(connection) or basemap_bounds(connection) or GREAT_BRITAIN
        )


def window_of_reports(store: Store, actor: Actor) -> tuple[date, date] | None:
    """First and last day of all partners' reports; None without any."""
    require(actor, Action.VIEW_MAP)
    with store.begin(actor) as connection:
        counts = stored.count_reports(connection, Selection())
    return (counts.first_day, counts.last_day) if counts.first_day and counts.last_day else None


def choices(store: Store, actor: Actor) -> tuple[list[Area], list[str], list[str]]:
    """What there is to filter by: wards and districts, source types, harm types in use."""
    require(actor, Action.VIEW_MAP)
    with store.begin(actor) as connection:
        return list_areas(connection, "ward", "district"), *stored.codes_in_use(connection)


def reports_near(
    store: Store, actor: Actor, selection: Selection, longitude: float, latitude: float
) -> Sequence[RowMapping]:
    """The reports nearest to a click, nearest first."""
    require(actor, Action.VIEW_REPORTS)
    with store.begin(actor) as connection:
        return stored.nearest_reports(connection, selection, longitude, latitude, within_m=NEAREST_WITHIN_M)


def page_of_reports(
    store: Store, actor: Actor, selection: Selection, *, sorted_by: str, descending: bool, page: int, size: int
) -> Sequence[RowMapping]:
    """One page of the table of reports, counted from 1."""
    require(actor, Action.VIEW_REPORTS)
    with store.begin(actor) as connection:
        return stored.page_of_reports(
            connection,
            selection,
            sorted_by=sorted_by,
            descending=descending,
            offset=(page - 1) * size,
            limit=size,
        )


def read_report(store: Store, actor: Actor, report_id: UUID) -> dict[str, Any] | None:
    """One report in full; None when it is no longer current."""
    require(actor, Action.VIEW_REPORTS)
    with store.begin(actor) as connection:
        found = stored.read_report(connection, report_id)
    return dict(found) if found else None
