"""Drawing a place's boundary: from a file, around a point, or by its corners."""

from collections.abc import Callable

import streamlit as st
from shapely.geometry.base import BaseGeometry

from cs_geo.ui.widgets.session import actor, store
from cs_geo.workflows.register_places import (
    HOTSPOT_NOT_YET,
    boundary_around,
    boundary_of_corners,
    boundary_of_geojson,
)

AROUND, CORNERS, FILE, LATER = "Around a point", "By its corners", "From a GeoJSON file", "Later"
ReadBoundary = Callable[[], tuple[BaseGeometry | None, str]]
"""Gives the boundary and how it was drawn, or refuses; called when the form is sent."""


def ask_boundary(key: str, *, may_wait: bool) -> ReadBoundary:
    """Draw the fields of a boundary."""
    ways = [AROUND, CORNERS, FILE, *([LATER] if may_wait else [])]
    way = st.segmented_control("Boundary", ways, default=AROUND, required=True, key=f"{key}_way")
    st.caption(HOTSPOT_NOT_YET)
    if way == CORNERS:
        text = st.text_area(
            "Corners, one on each line, as one would walk them",
            placeholder="-2.98412, 53.40912\n-2.98301, 53.40915\n-2.98299, 53.40850",
            help="Longitude, latitude; easting, northing; or a grid reference.",
            key=f"{key}_corners",
        )
        return lambda: (boundary_of_corners(store(), actor(), text), "drawn by its corners")
    if way == FILE:
        file = st.file_uploader("GeoJSON file with the outline", type=["geojson", "json"], key=f"{key}_file")
        return lambda: (boundary_of_geojson(file.getvalue()) if file else None, "uploaded as GeoJSON")
    if way == LATER:
        return lambda: (None, "")
    point, radius = st.columns([2, 1])
    typed = point.text_input(
        "Point",
        placeholder="-2.98412, 53.40912 or 334567, 390123 or SJ 345 904",
        help="Longitude, latitude; easting, northing; or a grid reference.",
        key=f"{key}_point",
    )
    metres = radius.number_input("Radius (m)", min_value=5, max_value=1500, value=100, step=5, key=f"{key}_radius")
    return lambda: (
        boundary_around(store(), actor(), typed, float(metres)),
        f"{metres:,.0f} m around a point",
    )
