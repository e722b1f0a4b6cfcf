"""A place's boundary from a hotspot's outline: only where the hotspot was tested, or with a reason.

A boundary is kept and does not move when hotspots are found again. One that rests on what chance would give as well is
taken to the panel like any other, so it needs somebody who says why.
"""

from uuid import UUID

import geopandas as gpd
from shapely.geometry.base import BaseGeometry

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.errors import UsageError
from cs_geo.hotspots.chance import Grade
from cs_geo.reports.report import Kind
from cs_geo.store.hotspot_tests import grades_of_hotspot
from cs_geo.store.hotspots import latest_run, read_hotspots
from cs_geo.store.opening import Store

SHORTEST_REASON = 15
BEYOND_CHANCE = {Grade.CLEAR: "clearly more than chance", Grade.POSSIBLE: "possibly more than chance"}
WHY_UNTESTED = (
    "This concentration has not been tested against chance. Test it on the map first, or say in a sentence why its "
    "outline should be the boundary all the same."
)
WHY_CHANCE = (
    "Chance would give a concentration like this too. Say in a sentence why its outline should be the boundary all the "
    "same."
)


def list_outlines(store: Store, actor: Actor) -> gpd.GeoDataFrame | None:
    """The hotspots of the newest run of each kind that have an area, largest first; None without any."""
    require(actor, Action.REGISTER_PLACES)
    with store.begin(actor) as connection:
        runs = [run.run_id for kind in Kind if (run := latest_run(connection, str(kind)))]
        found = read_hotspots(connection, runs) if runs else None
    if found is None:
        return None
    shapes = found[~found["at_one_spot"].astype(bool)].sort_values("reports_n", ascending=False, kind="stable")
    return shapes if len(shapes) else None


def boundary_of_hotspot(
    store: Store, actor: Actor, hotspot_id: UUID, outline: BaseGeometry, reason: str = ""
) -> tuple[BaseGeometry, str]:
    """The outline of a hotspot as a place's boundary, and how it was drawn.

    Raises
    ------
    UsageError
        If the hotspot is not beyond chance by any test and no reason is given.
    """
    require(actor, Action.REGISTER_PLACES)
    with store.begin(actor) as connection:
        grades = [Grade(grade) for grade in grades_of_hotspot(connection, hotspot_id)]
    for grade in (Grade.CLEAR, Grade.POSSIBLE):
        if grade in grades:
            return outline, f"from the outline of a concentration, {BEYOND_CHANCE[grade]}"
    said = " ".join(reason.split())
    if len(said) < SHORTEST_REASON:
        raise UsageError(WHY_CHANCE if Grade.CHANCE in grades else WHY_UNTESTED)
    tested = "no more than chance would give" if Grade.CHANCE in grades else "not tested against chance"
    return outline, f"from the outline of a concentration, {tested}: {said}"
