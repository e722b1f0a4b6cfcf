"""What a partner sees instead of reports: counts by 50 m cell, kind and harm group (practice.md §5.3).

A report is counted in the square it lies in and in its own ward, never in another: a square that a boundary crosses
is as many cells as wards. No count below the threshold leaves, and none can be worked out within a cell: kinds are
never added up, a kind with fewer than five is not told by harm, and harm groups that are too small are told together
(``TOGETHER``), with the next larger one if they are too few even so.

Some reports are in no cell, and are counted by reason: harm that is told by district only, reports at one spot where
there are or may be dwellings, and cells with 1 to 7 addresses where addresses are known (the rule of ``rules``).
"""

from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from cs_geo.crs import require_metres
from cs_geo.disclosure.addresses import count_addresses
from cs_geo.disclosure.harm_groups import HarmGroups, Level
from cs_geo.disclosure.rules import RULES, Audience, Rules

REPORT_COLUMNS: dict[str, str] = {
    "kind": "incident, concern, outreach or strength",
    "ward": "Reference of the ward it is counted in; nothing where there is none",
    "harm_types": "References of the codelist harm_type, a tuple or list",
    "at_spot": "True where a hotspot run found it at one spot; False where absent",
    "protected": "True at a protected location; False where absent",
    "precision": "Match level: building, junction, street, postcode, area, none; precise where absent",
    "geometry": "Point in storage metres, or nothing",
}
CELL_COLUMNS: dict[str, str] = {
    "cell": "Easting and northing of the south-west corner in metres, and ward, joined by _",
    "ward": "Ward it is counted in",
    "geometry": "The square, without what lies in another ward where wards are given",
}
COUNT_COLUMNS: dict[str, str] = {
    "cell": "Cell",
    "kind": "Kind; never added up",
    "harm_group": "Harm group, or all of the kind",
    "reports": 'Number of reports, or "fewer than 5"',
}
ALL = "all"
TOGETHER = "other_harm"
"""Harm groups too small to be told each by itself."""


class Withheld(StrEnum):
    """Why a report is in no cell, in the order in which it is asked."""

    PROTECTED = "at a protected location"
    NOT_LOCATED = "not found on the map, or known only by ward or district"
    NO_WARD = "outside the wards"
    BY_DISTRICT = "of a harm that is told by district only"
    AT_SPOT = "at one spot where there are, or may be, dwellings"
    FEW_ADDRESSES = "in a cell with too few addresses"
    TOLD_BEFORE = "in a cell that was told before, and with it would tell of few"
    """Left out when it is released (``cell_releases``)."""


@dataclass(frozen=True, slots=True, eq=False)
class CellCounts:
    """What may be shown, and the account: reports read = in cells + withheld."""

    cells: gpd.GeoDataFrame
    """Columns ``CELL_COLUMNS``, ordered by cell."""
    counts: pd.DataFrame
    """Columns ``COUNT_COLUMNS``, one row a cell, kind and harm group that may be told."""
    read: int
    in_cells: int
    withheld: dict[str, int]
    """Reason (``Withheld``) to number of reports, in the order of ``Withheld``."""
    exact: pd.DataFrame
    """For the record of releases only, never to be shown: columns ``cell``, ``kind``, ``harm_group``, ``reports_n``, a
    row for each row of ``counts`` that tells a number."""


def count_by_cell(
    reports: gpd.GeoDataFrame,
    groups: HarmGroups,
    *,
    wards: gpd.GeoDataFrame | None = None,
    addresses: npt.NDArray[np.float64] | None = None,
    rules: Rules = RULES,
) -> CellCounts:
    """Count reports by cell, kind and harm group, as a partner may see them.

    Parameters
    ----------
    reports
        Columns of ``REPORT_COLUMNS``, in metres.
    groups
        Which harm is told in which group, and down to where.
    wards
        Columns ``reference`` and ``geometry`` (metres), to draw cells only within their own ward. None: whole squares.
    addresses
        Easting and northing of every address, shape (n, 2), metres. None: not known.

    Raises
    ------
    ValueError
        If the reports are not in honest metres.
    """
    require_metres(reports)
    placed = groups.place_all(reports["harm_types"], Audience.PARTNER)
    cell = _cell_of(reports, rules.cell_m)
    shapes = _draw_cells(cell[cell["located"] & (cell["ward"] != "")], wards, rules.cell_m, reports.crs)
    held = count_addresses(np.asarray(shapes.geometry.array, dtype=object), addresses)
    dwellings = pd.Series(held, index=pd.Index(shapes["cell"]), dtype="int64")
    reason = _reasons(reports, cell, placed["lowest"], dwellings, known=addresses is not None, rules=rules)
    kept = (reason == "").to_numpy()
    inside = pd.DataFrame(
        {
            "cell": cell["cell"].to_numpy()[kept],
            "kind": reports["kind"].astype(str).to_numpy()[kept],
            "harm_group": placed["group"].to_numpy()[kept],
        }
    )
    told = _tell(inside, rules)
    found = reason[~kept].value_counts()
    return CellCounts(
        cells=shapes[shapes["cell"].isin(inside["cell"])].reset_index(drop=True),
        counts=told.assign(reports=[rules.band_count(n) for n in told["reports_n"]])[list(COUNT_COLUMNS)],
        read=len(reports),
        in_cells=int(kept.sum()),
        withheld={str(one): int(found[one]) for one in Withheld if one in found},
        exact=told[told["reports_n"] >= rules.fewest_told].reset_index(drop=True),
    )


def cell_corners(xy: npt.NDArray[np.float64], cell_m: int) -> npt.NDArray[np.float64]:
    """South-west corners of the cells that points lie in, half-open: a point on a shared side belongs north or east.

    Parameters
    ----------
    xy
        Easting and northing in metres, shape (n, 2); NaN stays NaN.
    """
    # floor_divide is exact where the quotient itself would round up to the next cell.
    return np.asarray(np.floor_divide(xy, cell_m) * cell_m, dtype=np.float64)


def cover_with_cells(shape: BaseGeometry, cell_m: int) -> BaseGeometry:
    """The whole cells that a shape reaches into, as one shape: its edge is the grid's, and follows no point."""
    west, south, east, north = shape.bounds
    (x0, y0), (x1, y1) = cell_corners(np.array([[west, south], [east, north]]), cell_m).tolist()
    xs, ys = np.meshgrid(np.arange(x0, x1 + cell_m, cell_m), np.arange(y0, y1 + cell_m, cell_m))
    squares = np.asarray(shapely.box(xs, ys, xs + cell_m, ys + cell_m), dtype=object).ravel()
    reached = shapely.area(np.asarray(shapely.intersection(squares, shape), dtype=object)) > 0
    return shapely.union_all(squares[reached])


def _cell_of(reports: gpd.GeoDataFrame, cell_m: int) -> pd.DataFrame:
    points = np.asarray(reports.geometry.array)
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    corners = cell_corners(xy, cell_m)
    located = np.asarray(np.isfinite(xy).all(axis=1), dtype=bool)
    if "precision" in reports:
        located &= ~reports["precision"].fillna("none").isin(["area", "none"]).to_numpy()
    ward = reports["ward"].fillna("").astype(str).to_numpy()
    names = [
        f"{x:.0f}_{y:.0f}_{of}" if ok and of else "" for (x, y), of, ok in zip(corners, ward, located, strict=True)
    ]
    return pd.DataFrame(
        {"cell": names, "ward": ward, "x": corners[:, 0], "y": corners[:, 1], "located": located}, index=reports.index
    )


def _draw_cells(cell: pd.DataFrame, wards: gpd.GeoDataFrame | None, cell_m: int, crs: object) -> gpd.GeoDataFrame:
    distinct = cell.drop_duplicates("cell").sort_values("cell")
    x, y = distinct["x"].to_numpy(), distinct["y"].to_numpy()
    squares = np.asarray(shapely.box(x, y, x + cell_m, y + cell_m), dtype=object)
    if wards is not None:
        # A report whose ward lies elsewhere than its point gets no shape: it may not be drawn in a neighbour's ground.
        ground = wards.drop_duplicates("reference").set_index("reference").geometry.reindex(distinct["ward"])
        squares = np.asarray(shapely.intersection(squares, np.asarray(ground.array)), dtype=object)
    shapes = gpd.GeoDataFrame(distinct[["cell", "ward"]].reset_index(drop=True), geometry=squares, crs=crs)
    has_ground = shapely.area(np.asarray(shapes.geometry.array)) > 0
    return shapes[has_ground].reset_index(drop=True)


def _reasons(
    reports: gpd.GeoDataFrame,
    cell: pd.DataFrame,
    lowest: "pd.Series[int]",
    dwellings: "pd.Series[int]",
    *,
    known: bool,
    rules: Rules,
) -> "pd.Series[str]":
    drawn = cell["cell"].isin(dwellings.index)
    around = cell["cell"].map(dwellings).fillna(0).astype("int64")
    tests = {
        Withheld.PROTECTED: _flag(reports, "protected"),
        Withheld.NOT_LOCATED: ~cell["located"],
        Withheld.NO_WARD: ~drawn,
        Withheld.BY_DISTRICT: lowest > Level.CELL,
        Withheld.AT_SPOT: _flag(reports, "at_spot") & ((around > 0) | (not known)),
        Withheld.FEW_ADDRESSES: ~around.map(rules.may_hold).astype(bool),
    }
    reason = pd.Series("", index=reports.index, dtype=object)
    for why in reversed(tests):  # the first of the list is written last, and so prevails
        reason = reason.mask(tests[why].to_numpy(dtype=bool), str(why))
    return reason


def _flag(reports: gpd.GeoDataFrame, name: str) -> "pd.Series[bool]":
    if name not in reports:
        return pd.Series(False, index=reports.index)
    return pd.Series(reports[name].fillna(False).to_numpy(dtype=bool), index=reports.index)


def _tell(inside: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Exact counts of what is told: for each cell and kind all of it, and its harm groups where none is small."""
    rows: list[tuple[str, str, str, int]] = []
    for (cell, kind), of_kind in inside.groupby(["cell", "kind"], sort=True):
        rows.append((str(cell), str(kind), ALL, len(of_kind)))
        if len(of_kind) >= rules.fewest_told:
            rows.extend((str(cell), str(kind), group, n) for group, n in tell_groups(of_kind["harm_group"], rules))
    return pd.DataFrame(rows, columns=["cell", "kind", "harm_group", "reports_n"])


def tell_groups(harm_groups: "pd.Series[str]", rules: Rules = RULES) -> list[tuple[str, int]]:
    """The harm groups of one count and the number of reports of each, so that none is small nor what is left of all.

    Parameters
    ----------
    harm_groups
        Group of each report of the count, which has at least as many as may be told.
    """
    ordered = sorted(harm_groups.value_counts().items(), key=lambda one: (one[1], str(one[0])))
    together = 0
    while ordered and (ordered[0][1] < rules.fewest_told or 0 < together < rules.fewest_told):
        together += int(ordered.pop(0)[1])
    told = sorted((str(group), int(n)) for group, n in ordered)
    return [*told, (TOGETHER, together)] if together else told
