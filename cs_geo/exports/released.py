"""The tables of an export that leaves the team: a partner's cells and hotspots, and the public's tables.

They are made of what ``cs_geo.disclosure`` lets through, and of nothing else. What was left out travels inside as its
reasons, in numbers so wide that they tell of nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd
import shapely

from cs_geo.dates import format_day
from cs_geo.disclosure.cells import ALL, CellCounts, Withheld
from cs_geo.disclosure.hotspots import Reason, ShownHotspots
from cs_geo.disclosure.rules import RULES, Rules
from cs_geo.disclosure.tables import PublicTable
from cs_geo.exports.contents import Contents
from cs_geo.reports.report import Kind

WATERMARK = "For whom, for what and until when this was given"
CELL_COLUMNS = {
    "cell": "Easting and northing of the cell's south-west corner in metres and the ward it is cut by, joined by _",
    "ward": "Ward",
    **{str(kind): f'Number of {kind} reports, or "{RULES.few}"; blank where none is told' for kind in Kind},
    "watermark": WATERMARK,
}
COUNT_COLUMNS = {
    "cell": "Cell",
    "kind": "Kind of report; kinds are never added up",
    "harm_group": "Group of harms, other_harm for those too small to be told each by itself, or all of the kind",
    "reports": f'Number of reports, or "{RULES.few}"',
    "watermark": WATERMARK,
}
HOTSPOT_COLUMNS = {
    "kind": "Kind of report; kinds are never added up",
    "rank": "1 for the one with most reports among those given of its kind",
    "label": "Nearest street or junction",
    "reports": "Number of reports in it, in bands",
    "area_m2": "Area of the cells in square metres",
    "chance": "What is known of chance",
    "watermark": WATERMARK,
}
WITHHELD_COLUMNS = {
    "what": "What was left out",
    "reason": "Why it was left out",
    "how_many": "Number, in bands",
}
PARTNER_DICTIONARY = {
    "cells": CELL_COLUMNS,
    "hotspots": HOTSPOT_COLUMNS,
    "counts": COUNT_COLUMNS,
    "withheld": WITHHELD_COLUMNS,
}
AREA_COLUMNS = {"level": "lsoa, ward or district", "area": "Reference of the area", "name": "Name of the area"}
TABLE_COLUMNS = {
    "kind": "Kind of report; kinds are never added up",
    "quarter": "First day of the quarter",
    "level": "lsoa, ward or district",
    "area": "Reference of the area, or all of them",
    "name": "Name of the area",
    "harm_group": "Group of harms, or all of them",
    "reports": f'Number of reports, rounded to {RULES.rounded_to}, or "suppressed"',
}
PUBLIC_DICTIONARY = {"areas": AREA_COLUMNS, "counts": TABLE_COLUMNS, "withheld": WITHHELD_COLUMNS}
SUPPRESSED = "suppressed"
NOT_TOLD = "not told"
_NEVER_COUNTED = (Withheld.PROTECTED, Withheld.BY_DISTRICT)
"""Reasons of which a number, however wide, would say that there is something in this ground."""


@dataclass(frozen=True, slots=True)
class Given:
    """Whom a partner's export is for, what for, and until when it may be kept."""

    recipient: str
    purpose: str
    expires_on: date

    @property
    def watermark(self) -> str:
        """In one line, for every row."""
        return f"For {self.recipient}: {self.purpose}. Delete by {format_day(self.expires_on)}. Not to be passed on."


def partner_contents(
    cells: CellCounts,
    hotspots: Mapping[str, ShownHotspots],
    given: Given,
    *,
    chance: str,
    caveats: Sequence[str],
    rules: Rules = RULES,
) -> Contents:
    """What a partner is given.

    Parameters
    ----------
    hotspots
        Kind to the hotspots of that kind that may be seen.
    chance
        What is known of chance.
    """
    mark = given.watermark
    counts = cells.counts.assign(watermark=mark)
    return Contents(
        layers={"cells": _cells_layer(cells, mark), "hotspots": _hotspots_layer(hotspots, chance, mark, cells, rules)},
        tables={"counts": counts[list(COUNT_COLUMNS)], "withheld": _withheld_from_partner(cells, hotspots, rules)},
        dictionary=PARTNER_DICTIONARY,
        geometry_types={"cells": "MultiPolygon", "hotspots": "MultiPolygon"},
        caveats=(mark, *caveats),
    )


def public_contents(
    tables: Sequence[PublicTable],
    areas: gpd.GeoDataFrame,
    refused: Sequence[str],
    *,
    caveats: Sequence[str],
) -> Contents:
    """What the public is given.

    Parameters
    ----------
    areas
        Columns ``kind``, ``reference``, ``name`` and geometry of the areas of the tables.
    refused
        Names of the tables that are left out because of earlier ones.
    """
    names = dict(zip(areas["reference"], areas["name"], strict=True))
    rows = [row for table in tables for row in _rows_of(table, names)]
    withheld = [("a number", "small, or needed to protect a small one", f"{_suppressed(tables):,}")]
    withheld += [(f"table: {name}", "with earlier tables it would tell of a small number", "") for name in refused]
    layer = areas.rename(columns={"kind": "level", "reference": "area"})
    return Contents(
        layers={"areas": gpd.GeoDataFrame(layer[[*AREA_COLUMNS, "geometry"]], crs=areas.crs)},
        tables={
            "counts": pd.DataFrame(rows, columns=list(TABLE_COLUMNS)),
            "withheld": pd.DataFrame(withheld, columns=list(WITHHELD_COLUMNS)),
        },
        dictionary=PUBLIC_DICTIONARY,
        geometry_types={"areas": "MultiPolygon"},
        caveats=tuple(caveats),
    )


def _cells_layer(cells: CellCounts, mark: str) -> gpd.GeoDataFrame:
    of_kind = cells.counts[cells.counts["harm_group"] == ALL].pivot(index="cell", columns="kind", values="reports")
    wide = of_kind.reindex(index=cells.cells["cell"], columns=[str(kind) for kind in Kind]).astype(object)
    wide = wide.where(wide.notna(), "").reset_index(drop=True)
    frame = pd.concat([cells.cells[["cell", "ward"]].reset_index(drop=True), wide], axis=1).assign(watermark=mark)
    return gpd.GeoDataFrame(frame[list(CELL_COLUMNS)], geometry=_multi(cells.cells), crs=cells.cells.crs)


def _hotspots_layer(
    hotspots: Mapping[str, ShownHotspots], chance: str, mark: str, cells: CellCounts, rules: Rules
) -> gpd.GeoDataFrame:
    frames = [
        one.shown.assign(kind=kind, reports=[rules.at_least(int(n)) for n in one.shown["reports_n"]])
        for kind, one in hotspots.items()
        if len(one.shown)
    ]
    if not frames:
        return gpd.GeoDataFrame(columns=list(HOTSPOT_COLUMNS), geometry=[], crs=cells.cells.crs)
    found = pd.concat(frames, ignore_index=True).assign(chance=chance, watermark=mark)
    return gpd.GeoDataFrame(found[list(HOTSPOT_COLUMNS)], geometry=_multi(found), crs=cells.cells.crs)


def _multi(frame: gpd.GeoDataFrame) -> list[shapely.MultiPolygon]:
    """The shapes as multipolygons, of which alone a layer of that type may consist."""
    return [
        shapely.MultiPolygon([part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"])
        for shape in frame.geometry
    ]


def _withheld_from_partner(cells: CellCounts, hotspots: Mapping[str, ShownHotspots], rules: Rules) -> pd.DataFrame:
    rows = [
        ("reports", str(why), NOT_TOLD if why in _NEVER_COUNTED else rules.at_least(cells.withheld.get(str(why), 0)))
        for why in Withheld
    ]
    for why in (reason for reason in Reason if reason is not Reason.AUDIENCE):
        count = sum(one.withheld.get(str(why), 0) for one in hotspots.values())
        rows.append(("hotspots", str(why), rules.band_count(count) if count else "none"))
    return pd.DataFrame(rows, columns=list(WITHHELD_COLUMNS))


def _suppressed(tables: Sequence[PublicTable]) -> int:
    return sum(int(table.table.shown.isna().to_numpy().sum()) for table in tables)


def _rows_of(table: PublicTable, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    shown = table.table.shown
    return [
        (
            table.kind, table.quarter.isoformat(), table.level.name.lower(), str(area), names.get(str(area), str(area)),
            str(group), SUPPRESSED if pd.isna(shown.loc[area, group]) else str(shown.loc[area, group]),
        )
        for area in shown.index
        for group in shown.columns
    ]  # fmt: skip
