"""What a run is held against: chosen by a person, built from what the site has loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import geopandas as gpd
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from cs_geo.dates import add_months, format_window
from cs_geo.errors import UsageError
from cs_geo.hotspots.baselines import (
    AGAINST,
    Baseline,
    BaselineKind,
    area_ground,
    flat_ground,
    report_pool,
    street_ground,
)
from cs_geo.hotspots.clusters import Floats
from cs_geo.hotspots.find import used_reports
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store.baselines import read_baseline_areas, read_ground_not_lived_on, read_walkable_streets
from cs_geo.store.hotspots import read_points

PAST_MONTHS = 12
"""A year, so that every season is in what is usual."""


@dataclass(frozen=True, slots=True)
class BaselineChoice:
    """A baseline by its kind, and by what else it needs."""

    kind: BaselineKind = BaselineKind.STREETS
    name: str = ""
    """Residents and addresses: the loaded layer."""
    other_kind: Kind | None = None
    """Reports: the other kind."""

    def to_json(self) -> dict[str, Any]:
        """The choice as plain values."""
        return {
            "kind": str(self.kind),
            "name": self.name,
            "other_kind": str(self.other_kind) if self.other_kind else None,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "BaselineChoice":
        """Read what ``to_json`` wrote.

        Raises
        ------
        UsageError
            If there is no baseline or no kind of that name.
        """
        try:
            other = plain.get("other_kind")
            return cls(BaselineKind(plain["kind"]), plain.get("name") or "", Kind(other) if other else None)
        except ValueError as fault:
            raise UsageError(f"There is no such baseline. There are: {', '.join(BaselineKind)}.") from fault

    def words(self, selection: Selection) -> str:
        """What the baseline is called in a sentence about chance."""
        if self.kind is BaselineKind.REPORTS and self.other_kind:
            return f"{self.other_kind} reports"
        if self.kind is BaselineKind.PAST and selection.since:
            before = past_of(selection)
            return f"the same places' own past ({format_window(before.since, before.until)})"
        if self.kind in (BaselineKind.RESIDENTS, BaselineKind.ADDRESSES):
            return f"{AGAINST[self.kind]} ({self.name})"
        return AGAINST[self.kind]


def past_of(selection: Selection) -> Selection:
    """The same selection in the twelve months before it.

    Raises
    ------
    UsageError
        If the selection has no first day.
    """
    if selection.since is None:
        raise UsageError("What is usual here can be told only beside a window with a first day. Choose one.")
    until = selection.since - timedelta(days=1)
    return replace(selection, since=add_months(until, -PAST_MONTHS) + timedelta(days=1), until=until)


def build_baseline(
    connection: Connection,
    choice: BaselineChoice,
    *,
    selection: Selection,
    parameters: HotspotParameters,
    asked: Floats,
    study_area: BaseGeometry | None,
    protected: BaseGeometry | None,
) -> Baseline:
    """Build what a run is held against.

    Parameters
    ----------
    asked
        The points of the run's reports, shape (n, 2), storage metres.
    study_area, protected
        Areas in storage metres, as the run had them.

    Raises
    ------
    UsageError
        If the site has not loaded what the baseline needs, with how to.
    """
    if choice.kind is BaselineKind.STREETS:
        return street_ground(read_walkable_streets(connection, study_area), study_area)
    if choice.kind is BaselineKind.FLAT:
        if study_area is None:
            raise UsageError("Flat ground needs a study area. Load one: cs-geo areas load FILE --kind study.")
        return flat_ground(study_area)
    if choice.kind in (BaselineKind.RESIDENTS, BaselineKind.ADDRESSES):
        return _of_areas(connection, choice, study_area)
    if choice.kind is BaselineKind.REPORTS:
        if choice.other_kind is None or choice.other_kind in selection.kinds:
            raise UsageError("Choose another kind of report to hold these against.")
        others = replace(selection, kinds=(choice.other_kind,))
    else:
        others = past_of(selection)
    reports = read_points(connection, others)
    return report_pool(
        asked, used_reports(reports, parameters, study_area=study_area, protected=protected)[1], choice.kind
    )


def _of_areas(connection: Connection, choice: BaselineChoice, study_area: BaseGeometry | None) -> Baseline:
    found = read_baseline_areas(connection, choice.name)
    if found is None:
        raise UsageError(
            f"No layer “{choice.name}” is loaded. Load one: cs-geo baseline load FILE --kind {choice.kind} --name NAME."
        )
    kind, areas = found
    if kind != choice.kind:
        raise UsageError(f"“{choice.name}” holds {kind}, not {choice.kind}. Choose it as what it is.")
    bounds = (study_area if study_area is not None else gpd.GeoSeries(areas.geometry).union_all()).bounds
    return area_ground(
        areas, choice.kind, study_area=study_area, not_lived_on=read_ground_not_lived_on(connection, bounds)
    )
