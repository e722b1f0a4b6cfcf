"""A small map to set a pin on: the basemap, numbered points to choose between, and what was clicked just now."""

from collections.abc import Sequence

import geopandas as gpd
import streamlit as st
from shapely.geometry import Point

from cs_geo.crs import DEGREES, storage_epsg, transform_points
from cs_geo.errors import UserError
from cs_geo.maps.hotspot_map import Bounds, FrameHeight
from cs_geo.ui.widgets.map_view import show_map, tile_urls

MARGIN_DEGREES = 0.003
"""About 300 m round the points, so that their surroundings can be recognised."""

Degrees = tuple[float, float]
"""Longitude and latitude."""


def show_pin_map(
    key: str,
    points: Sequence[Degrees],
    *,
    present: Degrees | None = None,
    height: FrameHeight | None = None,
    label: str = "Map to set a pin on",
) -> Degrees | None:
    """Draw the map; the point of a click that has not been answered yet.

    Parameters
    ----------
    key
        Of the map. The same key keeps the reader's zoom and place; another one begins at the points.
    points
        Numbered from 1 in their order.
    present
        Where the report is now, as a ring.
    """
    around = [*points, *([present] if present else [])]
    try:
        click = show_map(
            key,
            tile_urls(None),
            pins=_series(points) if points else None,
            selected=_series([present]) if present else None,
            bounds=_bounds(around) if around else None,
            height=height or FrameHeight(beside=420, least=300, most=620),
            show_strengths=False,
            label=label,
        )
    except UserError as refusal:
        st.info(f"{refusal} Until then, type the point.")
        return None
    if click is None:
        return None
    place = (click.longitude, click.latitude)
    # The map repeats its last click at every run: it counts once.
    if st.session_state.get(f"{key}_answered") == place:
        return None
    st.session_state[f"{key}_answered"] = place
    return place


def to_degrees(x: float, y: float) -> Degrees:
    """A point in storage metres as longitude and latitude."""
    longitude, latitude = transform_points([x], [y], from_epsg=storage_epsg(), to_epsg=DEGREES)
    return float(longitude[0]), float(latitude[0])


def _series(points: Sequence[Degrees]) -> gpd.GeoSeries:
    return gpd.GeoSeries([Point(point) for point in points], crs=DEGREES)


def _bounds(points: Sequence[Degrees]) -> Bounds:
    longitudes, latitudes = [point[0] for point in points], [point[1] for point in points]
    return (
        min(longitudes) - MARGIN_DEGREES,
        min(latitudes) - MARGIN_DEGREES,
        max(longitudes) + MARGIN_DEGREES,
        max(latitudes) + MARGIN_DEGREES,
    )
