"""What a partner may have of a selection: cells and hotspots, checked against all that was given before.

Hotspots are found anew, without the reports of guarded harm, and their outlines are drawn along the cells: an outline
round points would lead back to them. Which reports lie at one spot is asked of all reports, guarded ones among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection

from cs_geo.dates import FIRST_DAY
from cs_geo.disclosure.cell_releases import release_cells
from cs_geo.disclosure.cells import CellCounts, Withheld, count_by_cell, cover_with_cells
from cs_geo.disclosure.ground import Ground, lay_ground
from cs_geo.disclosure.harm_groups import HarmGroups, Level, load_harm_groups
from cs_geo.disclosure.hotspots import ShownHotspots, choose_hotspots
from cs_geo.disclosure.preview import Preview, preview_export
from cs_geo.disclosure.releases import Release
from cs_geo.disclosure.rules import RULES, Audience
from cs_geo.errors import NotAvailable, UsageError
from cs_geo.hotspots.find import find_hotspots
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.result import HotspotResult
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.settings import data_folder
from cs_geo.store import releases as stored
from cs_geo.store.areas import hold_protected, read_protected, read_study_area
from cs_geo.store.hotspots import read_label_streets

CELL_LEVELS = ("ward", "lsoa", "district")


@dataclass(frozen=True, slots=True, eq=False)
class PartnerCounts:
    """What a partner may have, its record, and what was left out."""

    cells: CellCounts
    hotspots: dict[str, ShownHotspots]
    """Kind to its hotspots."""
    release: Release
    share_located: float

    def preview(self) -> Preview:
        """What the export holds and leaves out, in words."""
        return preview_export(Audience.PARTNER, cells=self.cells, hotspots=_all_kinds(self.hotspots))


def require_partner_filters(selection: Selection) -> None:
    """Stop where a filter cannot be checked against other releases.

    Raises
    ------
    UsageError
        For a filter by harm (a report has several) or to published data.
    """
    if selection.harm_types:
        raise UsageError("A partner is given every harm that may be told, by group. Leave out the filter by harm.")
    if selection.published:
        raise UsageError("Published police data is not ours to hand on. Take it from data.police.uk.")


def count_for_partner(connection: Connection, selection: Selection, today: date) -> PartnerCounts:
    """Count a selection for a partner.

    Raises
    ------
    NotAvailable
        Where no wards are loaded: cells are cut by them.
    UsageError
        As ``require_partner_filters``, and for an area that is no ward or district.
    """
    require_partner_filters(selection)
    areas = stored.read_areas(connection, *CELL_LEVELS)
    wards = areas[areas["kind"] == "ward"]
    if wards.empty:
        raise NotAvailable("Cells are cut by wards, and no wards are loaded. Load them with `cs-geo areas load`.")
    hold_protected(connection)
    reports = _reports_within(connection, selection, areas)
    groups = load_harm_groups(data_folder())
    addresses = stored.read_addresses(connection)
    hotspots, at_spot = _find(connection, reports, groups, addresses)
    counted = count_by_cell(
        gpd.GeoDataFrame(
            reports.assign(
                at_spot=reports["report_id"].isin(at_spot),
                protected=reports["protected_location"],
                # A default location says where somebody works, not where it happened.
                precision=reports["precision"].mask(reports["default_location"], "none"),
            ),
            geometry="geometry",
            crs=reports.crs,
        ),
        groups,
        wards=gpd.GeoDataFrame(wards, geometry="geometry", crs=areas.crs),
        addresses=addresses,
    )
    earlier = stored.read_releases(connection)
    told, release = release_cells(
        counted,
        groups,
        earlier,
        days=(selection.since or FIRST_DAY, selection.until or today),
        restricted_to=_further_filters(selection),
        today=today,
        ground=_ground(areas, counted, earlier),
    )
    unlocated = counted.withheld.get(str(Withheld.NOT_LOCATED), 0)
    return PartnerCounts(told, hotspots, release, 1 - unlocated / len(reports) if len(reports) else 1.0)


def _reports_within(connection: Connection, selection: Selection, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The reports of a selection; an area is asked of the ward a report counts in, so that no cell is cut by it."""
    reports = stored.read_counted(connection, replace(selection, area=None))
    if selection.area is None:
        return reports
    asked = areas[(areas["reference"] == selection.area) & areas["kind"].isin(["ward", "district"])]
    if asked.empty:
        raise UsageError(f"“{selection.area}” is no ward or district that is loaded. Choose one, or leave it out.")
    ground = asked.geometry.union_all()
    wards = areas[(areas["kind"] == "ward") & areas.geometry.representative_point().within(ground)]
    inside = reports["ward"].isin(wards["reference"])
    return gpd.GeoDataFrame(reports[inside].reset_index(drop=True), geometry="geometry", crs=reports.crs)


def _further_filters(selection: Selection) -> dict[str, list[str]]:
    filters = {
        "source_type": list(selection.source_types),
        "time_band": [str(band) for band in selection.time_bands],
        "term": [str(term) for term in selection.terms],
    }
    return {name: values for name, values in filters.items() if values}


def _ground(areas: gpd.GeoDataFrame, counted: CellCounts, earlier: Sequence[Release]) -> Ground:
    before = {
        name
        for release in earlier
        if release.audience is Audience.PARTNER
        for number in release.numbers
        for name in number.area
    }
    if not any(release.audience is Audience.PUBLIC for release in earlier):
        return Ground({})
    return lay_ground(areas, before.union(counted.exact["cell"]), RULES.cell_m)


def _find(
    connection: Connection,
    reports: gpd.GeoDataFrame,
    groups: HarmGroups,
    addresses: npt.NDArray[np.float64] | None,
) -> tuple[dict[str, ShownHotspots], set[str]]:
    """The hotspots of each kind that may be seen, and the reports at one spot."""
    grounds = {"study_area": read_study_area(connection), "protected": read_protected(connection)}
    streets = read_label_streets(connection)
    guarded = groups.place_all(reports["harm_types"], Audience.PARTNER)["lowest"] > Level.CELL
    shown: dict[str, ShownHotspots] = {}
    at_spot: set[str] = set()
    for kind in Kind:
        of_kind = (reports["kind"] == kind).to_numpy()
        if not of_kind.any():
            continue
        everything = find_hotspots(reports[of_kind], HotspotParameters(), **grounds)
        members = everything.members
        at_spot.update(members.loc[members["found_as"] == "spot", "report_id"].astype(str))
        told = find_hotspots(reports[of_kind & ~guarded.to_numpy()], HotspotParameters(), streets=streets, **grounds)
        shown[str(kind)] = choose_hotspots(_along_cells(told), Audience.PARTNER, addresses=addresses)
    return shown, at_spot


def _along_cells(found: HotspotResult) -> gpd.GeoDataFrame:
    """Hotspots and spots, their outlines drawn along the cells they reach into."""
    hotspots = found.hotspots.assign(found_as="hotspot")
    spots = found.spots.assign(found_as="spot", area_m2=0.0)
    shapes = [cover_with_cells(shape, RULES.cell_m) for shape in hotspots.geometry]
    hotspots = gpd.GeoDataFrame(hotspots, geometry=shapes, crs=found.hotspots.crs)
    hotspots["area_m2"] = hotspots.area
    both = pd.concat([frame for frame in (hotspots, spots) if len(frame)] or [hotspots], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=found.hotspots.crs)


def _all_kinds(hotspots: dict[str, ShownHotspots]) -> ShownHotspots | None:
    """The hotspots of all kinds as one account."""
    if not hotspots:
        return None
    withheld: dict[str, int] = {}
    for one in hotspots.values():
        for reason, count in one.withheld.items():
            withheld[reason] = withheld.get(reason, 0) + count
    first = next(iter(hotspots.values()))
    shown = [one.shown for one in hotspots.values() if len(one.shown)]
    return ShownHotspots(
        shown=pd.concat(shown, ignore_index=True) if shown else first.shown,
        read=sum(one.read for one in hotspots.values()),
        withheld=withheld,
        addresses_known=first.addresses_known,
    )
