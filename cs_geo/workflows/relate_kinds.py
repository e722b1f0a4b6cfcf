"""One kind of report laid over another: where it is more common beside the other than on the whole map."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from scipy.ndimage import label as number_parts

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.crs import storage_epsg
from cs_geo.errors import UsageError
from cs_geo.hotspots.baselines import BaselineKind, report_pool
from cs_geo.hotspots.find import used_reports
from cs_geo.hotspots.labels import label_places
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.relative import RelativeSurface
from cs_geo.hotspots.relative import relate_kinds as divide
from cs_geo.hotspots.scan import Rise, scan_for_rises
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store.hotspots import read_label_streets, read_points
from cs_geo.store.opening import Store
from cs_geo.workflows.defend_hotspots import SEED
from cs_geo.workflows.find_hotspots import ground_of
from cs_geo.workflows.recording import looked_at, selection_digest

TWICE = 2.0
MAPS = 199


@dataclass(frozen=True, slots=True, eq=False)
class RelatedKinds:
    """Where one kind is more common beside another."""

    first_n: int
    second_n: int
    more: gpd.GeoDataFrame
    """Ground where the first is at least twice as common beside the second as on the whole map: ``rank``, ``label``,
    ``reports_n`` (of the first kind) and polygons in storage metres."""
    rises: tuple[Rise, ...]
    """Discs with more of the first kind beside the second than chance would give, p of at most 0.05."""
    rise_labels: tuple[str, ...]


def relate_kinds(store: Store, actor: Actor, selection: Selection, first: Kind, second: Kind) -> RelatedKinds:
    """Lay one kind over another, in the window and filters of a selection.

    Raises
    ------
    UsageError
        If both are the same, or there are no reports of one of them.
    """
    if first == second:
        raise UsageError("Choose two different kinds.")
    subject = selection_digest(selection)
    details = {"first": str(first), "second": str(second)}
    with looked_at(store, actor, Action.FIND_HOTSPOTS, subject=subject, details=details) as connection:
        study_area, protected = ground_of(connection, selection)
        one, other = (
            used_reports(
                read_points(connection, replace(selection, kinds=(kind,))),
                HotspotParameters(),
                study_area=study_area,
                protected=protected,
            )[1]
            for kind in (first, second)
        )
        streets = read_label_streets(connection)
    surface = divide(one, other)
    rises = [
        rise
        for rise in scan_for_rises(one, report_pool(one, other, BaselineKind.REPORTS), maps=MAPS, seed=SEED)
        if rise.p <= 0.05
    ]
    labels = label_places(np.array([(rise.x, rise.y) for rise in rises]).reshape(-1, 2), streets)
    return RelatedKinds(len(one), len(other), _twice(surface, one, streets), tuple(rises), tuple(labels))


def _twice(surface: RelativeSurface, xy: np.ndarray, streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Connected ground where the ratio is at least two, most reports first."""
    with np.errstate(invalid="ignore"):
        parts, count = number_parts(surface.ratio >= TWICE)
    grid, half = surface.grid, surface.grid.side_m / 2
    middles = grid.middles()
    part_of = parts.ravel()
    square = grid.squares_of(xy)
    held = np.bincount(part_of[square[square >= 0]], minlength=count + 1)
    shapes = []
    for number in range(1, count + 1):
        own = middles[part_of == number]
        shapes.append(shapely.union_all(shapely.box(*(own - half).T, *(own + half).T)))
    frame = gpd.GeoDataFrame({"reports_n": held[1:]}, geometry=shapes, crs=storage_epsg())
    frame = frame[frame["reports_n"] > 0].sort_values("reports_n", ascending=False, kind="stable")
    points = shapely.get_coordinates(shapely.point_on_surface(np.asarray(frame.geometry.array))).reshape(-1, 2)
    return frame.assign(rank=np.arange(1, len(frame) + 1), label=label_places(points, streets)).reset_index(drop=True)
