"""What the map page shows: counts for its caption, choices for its filters, and the reports around a click."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.crs import DEGREES, WEB_MERCATOR, transform_points
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings
from cs_geo.store import basemap as stored_basemap
from cs_geo.store import reports as stored
from cs_geo.store.areas import Area, list_areas, study_bounds
from cs_geo.store.effort import count_effort
from cs_geo.store.opening import Store
from cs_geo.store.reports import ReportCounts
from cs_geo.store.tiles import Bounds, largest_cell
from cs_geo.workflows.recording import looked_at, selection_digest

NEAREST_WITHIN_M = 300.0
"""A click looks this far for the nearest report: four minutes' walk."""
STRENGTHS_WITHIN_M = 250.0
"""Strengths this near to a hotspot are shown with it (the ring of practice.md §2.1)."""
LEGEND_ZOOM = 12
"""Zoom whose hexagons the legend's classes are made for: a borough fills the window."""
GREAT_BRITAIN = (-6.5, 49.9, 1.9, 55.9)
"""What a map without any data shows, in degrees."""


@dataclass(frozen=True, slots=True)
class MapSummary:
    """The counts a map's caption stands on."""

    counts: ReportCounts
    sessions: int
    staff_hours: float | None
    largest_cell: int
    """Most reports in one hexagon at ``LEGEND_ZOOM``."""
    strengths: int
    """Strengths of the same window, whatever kinds were asked for."""
    published: int | None = None
    """Published police data of the same window; None when it was not asked for."""

    @property
    def shown(self) -> int:
        """Reports that the map draws. For arithmetic, never shown as one count of several kinds."""
        return self.counts.drawn


def summarise_map(
    store: Store,
    actor: Actor,
    selection: Selection,
    bounds: tuple[float, float, float, float] = GREAT_BRITAIN,
    *,
    with_published: bool = False,
) -> MapSummary:
    """Count what a map of a selection shows and leaves out within bounds in degrees, and the effort of its window."""
    with looked_at(
        store, actor, Action.VIEW_MAP, subject=selection_digest(selection), details={"filter": selection.to_json()}
    ) as connection:
        counts = stored.count_reports(connection, selection)
        sessions, hours = count_effort(connection, selection.since, selection.until)
        largest = largest_cell(connection, selection, LEGEND_ZOOM, _web_bounds(bounds))
        strengths = stored.count_drawn(connection, replace(selection, kinds=(Kind.STRENGTH,), harm_types=()))
        published = stored.count_drawn(connection, published_of(selection)) if with_published else None
    return MapSummary(counts, sessions, hours, largest, strengths, published)


def published_of(selection: Selection) -> Selection:
    """The published police data that lie behind a selection: those of its window, whatever else was chosen."""
    return Selection(since=selection.since, until=selection.until, published=True)


def today_here() -> date:
    """The present day by the site's clock."""
    return datetime.now(ZoneInfo(get_settings().zone)).date()


def _web_bounds(degrees: tuple[float, float, float, float]) -> Bounds:
    west, south, east, north = degrees
    x, y = transform_points([west, east], [south, north], from_epsg=DEGREES, to_epsg=WEB_MERCATOR)
    return Bounds(float(x[0]), float(y[0]), float(x[1]), float(y[1]))


def first_bounds(store: Store, actor: Actor) -> tuple[float, float, float, float]:
    """What a map shows first, in degrees: the study area, else the reports, else the basemap, else the country."""
    require(actor, Action.LOOK_UP)
    with store.begin(actor) as connection:
        return (
            study_bounds(connection)
            or stored.report_bounds(connection)
            or stored_basemap.basemap_bounds(connection)
            or GREAT_BRITAIN
        )


def has_basemap(store: Store, actor: Actor) -> bool:
    """Is a basemap loaded, so that there are tiles to ask for and somebody to credit?"""
    require(actor, Action.VIEW_BASEMAP)
    with store.begin(actor) as connection:
        return stored_basemap.has_basemap(connection)


def window_of_reports(store: Store, actor: Actor) -> tuple[date, date] | None:
    """First and last day of all partners' reports; None without any."""
    require(actor, Action.VIEW_MAP)
    with store.begin(actor) as connection:
        return stored.span_of_reports(connection)


def has_reports(store: Store, actor: Actor) -> bool:
    """Is there any report of a partner to draw?"""
    require(actor, Action.VIEW_MAP)
    with store.begin(actor) as connection:
        return stored.has_reports(connection)


def choices(store: Store, actor: Actor) -> tuple[list[Area], list[str], list[str]]:
    """What there is to filter by: wards and districts, source types, harm types in use."""
    require(actor, Action.VIEW_MAP)
    with store.begin(actor) as connection:
        return list_areas(connection, "ward", "district"), *stored.codes_in_use(connection)


def reports_near(
    store: Store, actor: Actor, selection: Selection, longitude: float, latitude: float
) -> Sequence[RowMapping]:
    """The reports within a walk of a click, nearest first; without any, the one nearest however far away."""
    with looked_at(store, actor, Action.VIEW_REPORTS, subject="near") as connection:
        return stored.nearest_reports(
            connection, selection, longitude, latitude, within_m=NEAREST_WITHIN_M
        ) or stored.nearest_reports(connection, selection, longitude, latitude, within_m=None, limit=1)


def page_of_reports(
    store: Store, actor: Actor, selection: Selection, *, sorted_by: str, descending: bool, page: int, size: int
) -> Sequence[RowMapping]:
    """One page of the table of reports, counted from 1."""
    with looked_at(
        store, actor, Action.VIEW_REPORTS, subject=selection_digest(selection), details={"filter": selection.to_json()}
    ) as connection:
        return stored.page_of_reports(
            connection,
            selection,
            sorted_by=sorted_by,
            descending=descending,
            offset=(page - 1) * size,
            limit=size,
        )


def page_of_hotspot(
    store: Store, actor: Actor, hotspot_id: UUID, *, page: int, size: int
) -> tuple[int, Sequence[RowMapping]]:
    """How many reports of a hotspot are still current, and one page of them, counted from 1."""
    with looked_at(store, actor, Action.VIEW_REPORTS, subject=str(hotspot_id)) as connection:
        return stored.page_of_hotspot(connection, hotspot_id, offset=(page - 1) * size, limit=size)


def read_report(store: Store, actor: Actor, report_id: UUID) -> dict[str, Any] | None:
    """One report in full; None when it is no longer current."""
    with looked_at(store, actor, Action.VIEW_REPORTS, subject=str(report_id)) as connection:
        found = stored.read_report(connection, report_id)
    return dict(found) if found else None


def strengths_near(store: Store, actor: Actor, hotspot_id: UUID) -> Sequence[RowMapping]:
    """What helps in and around a hotspot: strengths within five minutes' walk, newest first."""
    with looked_at(store, actor, Action.VIEW_REPORTS, subject=str(hotspot_id)) as connection:
        return stored.strengths_near_hotspot(connection, hotspot_id, within_m=STRENGTHS_WITHIN_M)
