"""Find hotspots: from reports of one kind to polygons, spots and an account of every report.

The steps: coordinates to honest metres; set aside what may not be clustered, counted by reason; collapse exact
duplicates to weighted places; DBSCAN; split what is too large; draw, cut and clip outlines and count again what lies in
them; tell polygons from reports at one spot; profile and name them. The same reports give the same result, bit for bit,
whatever the order of the rows.

A hotspot says that reports lie closer together here than the parameters ask for. It does not say that this is more than
chance would give, nor that more happens here: it may be where more people look, or where a geocoder puts what it does
not know.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from cs_geo.crs import storage_epsg
from cs_geo.errors import UsageError
from cs_geo.hotspots.clusters import NO_CLUSTER, Integers
from cs_geo.hotspots.grouping import rows_by_group
from cs_geo.hotspots.incoming import locate
from cs_geo.hotspots.labels import label_places
from cs_geo.hotspots.outlines import Outlines, outline_clusters
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.points import Places, anchoring, collapse, count_reasons, reasons_to_leave_out
from cs_geo.hotspots.profiles import profile_groups
from cs_geo.hotspots.result import (
    CHANCE_NOT_TESTED,
    HOTSPOT_COLUMNS,
    SPOT_COLUMNS,
    Clustered,
    HotspotResult,
    RunCounts,
)
from cs_geo.hotspots.sized import find_sized_clusters
from cs_geo.hotspots.splitting import SizedClusters
from cs_geo.hotspots.wording import describe_run


def find_hotspots(
    reports: gpd.GeoDataFrame,
    parameters: HotspotParameters | None = None,
    *,
    study_area: BaseGeometry | None = None,
    protected: BaseGeometry | None = None,
    streets: gpd.GeoDataFrame | None = None,
) -> HotspotResult:
    """Find the hotspots of reports of one kind.

    Parameters
    ----------
    reports
        One row a report, columns as in ``incoming.REPORT_COLUMNS``; point geometry in any known CRS, missing where the
        report is not located.
    parameters
        None: the documented defaults.
    study_area, protected
        Areas in storage metres. Reports outside the one or inside the other take no part; outlines are clipped to the
        study area, and deliberately not cut round protected locations, for the hole would show them.
    streets
        Named lines for labels (see ``labels.label_places``).

    Returns
    -------
    HotspotResult
        Hotspots and spots in storage metres, membership, account and messages.

    Raises
    ------
    RefusedInput
        If coordinates cannot be trusted (see ``incoming.locate``).
    UsageError
        If reports of several kinds are mixed.
    """
    settings = parameters or HotspotParameters()
    _require_one_kind(reports)
    located = locate(reports)
    reasons = reasons_to_leave_out(
        reports, located.xy, study_area=study_area, protected=protected, include=settings.include
    )
    taking_part = (reasons == "").to_numpy()
    used = reports[taking_part]
    places = collapse(located.xy[taking_part])
    sized = find_sized_clusters(places, settings)
    outlines = outline_clusters(
        places.xy,
        sized.labels,
        sized.core,
        len(sized.discs),
        radius_m=settings.radius_m,
        study_area=study_area,
        discs=sized.discs,
    )
    is_spot = _are_spots(sized, outlines, settings.min_places)
    labels = _without_strays(outlines.labels, sized.labels, is_spot)
    table = _describe(used, places, sized, outlines, labels)
    hotspots = _ranked(table[~is_spot])
    spots = _ranked(table[is_spot])
    names = label_places(np.concatenate([_xy(hotspots["peak"]), _xy(spots["peak"])]), streets)
    members = _members(used, labels[places.place_of], hotspots, spots)
    result_counts = RunCounts(
        read=len(reports),
        used=len(used),
        left_out=count_reasons(reasons),
        in_hotspots=int(hotspots["reports_n"].sum()),
        at_spots=int(spots["reports_n"].sum()),
        elsewhere=len(used) - len(members),
    )
    anchors = anchoring(places.weight)
    return HotspotResult(
        hotspots=_finish(hotspots.assign(label=names[: len(hotspots)]), "shape", HOTSPOT_COLUMNS),
        spots=_finish(spots.assign(label=names[len(hotspots) :]), "heaviest", SPOT_COLUMNS),
        members=members,
        counts=result_counts,
        parameters=settings,
        anchoring=anchors,
        clustered=Clustered(
            places=places,
            sized=sized,
            hotspots=hotspots.index.to_numpy(dtype=np.int64),
            spots=spots.index.to_numpy(dtype=np.int64),
            xy=located.xy[taking_part],
            reach=_reach(used),
            doubtful=_doubtful(used),
            report_ids=_ids(used),
        ),
        messages=(
            *located.messages,
            *describe_run(
                hotspots,
                spots,
                result_counts,
                settings,
                anchors,
                places_n=len(places.xy),
                match_radius_m=_match_radius(used),
            ),
        ),
    )


def used_reports(
    reports: gpd.GeoDataFrame,
    parameters: HotspotParameters,
    *,
    study_area: BaseGeometry | None = None,
    protected: BaseGeometry | None = None,
) -> tuple[gpd.GeoDataFrame, npt.NDArray[np.float64]]:
    """The reports that a run would use, and their points, shape (n, 2), storage metres.

    Raises
    ------
    RefusedInput
        If coordinates cannot be trusted (see ``incoming.locate``).
    """
    located = locate(reports)
    reasons = reasons_to_leave_out(
        reports, located.xy, study_area=study_area, protected=protected, include=parameters.include
    )
    taking_part = (reasons == "").to_numpy()
    return reports[taking_part], located.xy[taking_part]


def _require_one_kind(reports: gpd.GeoDataFrame) -> None:
    if "kind" in reports and reports["kind"].nunique() > 1:
        kinds = ", ".join(sorted(str(kind) for kind in reports["kind"].dropna().unique()))
        raise UsageError(
            f"These reports are of several kinds ({kinds}). Find hotspots for one kind at a time: each comes about in "
            "its own way, and their counts cannot be added up."
        )


def _are_spots(sized: SizedClusters, outlines: Outlines, min_places: int) -> npt.NDArray[np.bool_]:
    """Clusters of too few distinct places for a shape, or left without one by clipping."""
    clustered = sized.labels[sized.labels != NO_CLUSTER]
    few = np.bincount(clustered, minlength=len(sized.discs)) < min_places
    return np.asarray(few | np.array([shape is None for shape in outlines.shapes], dtype=bool), dtype=bool)


def _without_strays(labels: Integers, clustered: Integers, is_spot: npt.NDArray[np.bool_]) -> Integers:
    """A spot has no shape, so it holds none but its own members."""
    if not len(is_spot):
        return labels
    stray = (labels != NO_CLUSTER) & (clustered == NO_CLUSTER) & is_spot[labels]
    return np.where(stray, NO_CLUSTER, labels)


def _describe(
    used: gpd.GeoDataFrame, places: Places, sized: SizedClusters, outlines: Outlines, labels: Integers
) -> pd.DataFrame:
    """One row a cluster: its counts, profile, shape, heaviest place, and the place with most reports around it."""
    count = len(sized.discs)
    members_of = rows_by_group(labels, count)
    by_density = [rows[np.lexsort((rows, -places.weight[rows], -sized.density[rows]))[0]] for rows in members_of]
    by_weight = [rows[np.lexsort((rows, -places.weight[rows]))[0]] for rows in members_of]
    inside = labels != NO_CLUSTER
    split = sized.split_from != NO_CLUSTER
    shapes = np.array(outlines.shapes, dtype=object)
    table = profile_groups(used, labels[places.place_of], count)
    reports_n = np.bincount(labels[inside], weights=places.weight[inside], minlength=count).astype(np.int64)
    return table.assign(
        reports_n=reports_n,
        places_n=np.array([len(rows) for rows in members_of], dtype=np.int64),
        area_m2=shapely.area(shapes),
        min_reports_used=sized.min_reports_used,
        was_split=split,
        split_from=pd.array(np.where(split, sized.split_from + 1, 0), dtype="Int64"),
        is_too_large=sized.too_large,
        chance=CHANCE_NOT_TESTED,
        first=[rows[0] for rows in members_of],
        peak=list(places.xy[np.array(by_density, dtype=np.int64)]),
        heaviest=np.asarray(shapely.points(places.xy[np.array(by_weight, dtype=np.int64)])),
        shape=shapes,
    ).assign(split_from=lambda frame: frame["split_from"].mask(~frame["was_split"]))


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Most reports first; equal numbers by the first place in the order of x, then y."""
    ranked = table.sort_values(["reports_n", "first"], ascending=[False, True])
    return ranked.assign(rank=np.arange(1, len(ranked) + 1))


def _members(used: gpd.GeoDataFrame, cluster_of: Integers, hotspots: pd.DataFrame, spots: pd.DataFrame) -> pd.DataFrame:
    ids = _ids(used)
    count = len(hotspots) + len(spots)
    rank = np.zeros(count + 1, dtype=np.int64)
    found_as = np.full(count + 1, "", dtype=object)
    for kind, table in (("hotspot", hotspots), ("spot", spots)):
        rank[table.index] = table["rank"]
        found_as[table.index] = kind
    inside = cluster_of != NO_CLUSTER
    members = pd.DataFrame(
        {"report_id": ids[inside], "found_as": found_as[cluster_of[inside]], "rank": rank[cluster_of[inside]]}
    )
    order = np.lexsort((members["report_id"].astype(str), members["rank"], members["found_as"].astype(str)))
    return members.iloc[order].reset_index(drop=True)


def _finish(table: pd.DataFrame, geometry: str, columns: dict[str, str]) -> gpd.GeoDataFrame:
    shaped = table.assign(geometry=table[geometry]).reset_index(drop=True)[list(columns)]
    return gpd.GeoDataFrame(shaped, geometry="geometry", crs=storage_epsg())


def _xy(peaks: "pd.Series[Any]") -> npt.NDArray[np.float64]:
    return np.array(list(peaks), dtype=np.float64).reshape(-1, 2)


def _ids(used: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    return np.asarray(used["report_id"] if "report_id" in used else used.index.to_series(), dtype=object)


def _doubtful(used: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    if "doubtful" not in used:
        return np.zeros(len(used), dtype=bool)
    return np.asarray(used["doubtful"].fillna(False), dtype=bool)


def _reach(used: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """By report, the radius of its match in metres; NaN where it is not known."""
    if "precision_radius_m" not in used:
        return np.full(len(used), np.nan)
    return np.asarray(pd.to_numeric(used["precision_radius_m"], errors="coerce"), dtype=np.float64)


def _match_radius(used: gpd.GeoDataFrame) -> float | None:
    """Median radius of the geocoder's matches in metres; None where it is not known."""
    known = _reach(used)
    known = known[np.isfinite(known)]
    return float(np.median(known)) if len(known) else None
