"""Drawing a place's boundary: from a file, around a point, or by its corners."""

from collections.abc import Callable
from uuid import UUID

import streamlit as st
from shapely.geometry.base import BaseGeometry

from cs_geo.ui.widgets.session import actor, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.adopt_outline import boundary_of_hotspot, list_outlines
from cs_geo.workflows.register_places import (
    boundary_around,
    boundary_of_corners,
    boundary_of_geojson,
)

AROUND, CORNERS, FILE, LATER = "Around a point", "By its corners", "From a GeoJSON file", "Later"
OUTLINE = "From a concentration"
ITS_OWN = (
    "Best is the boundary of the place itself: its fence, its streets, its doors. An outline says where reports lie "
    "close together; its edge is no boundary on the ground."
)
ReadBoundary = Callable[[], tuple[BaseGeometry | None, str]]
"""Gives the boundary and how it was drawn, or refuses; called when the form is sent."""


def ask_boundary(key: str, *, may_wait: bool) -> ReadBoundary:
    """Draw the fields of a boundary."""
    ways = [AROUND, CORNERS, FILE, OUTLINE, *([LATER] if may_wait else [])]
    way = st.segmented_control("Boundary", ways, default=AROUND, required=True, key=f"{key}_way")
    st.caption(ITS_OWN)
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
    if way == OUTLINE:
        return _ask_outline(key)
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


def _ask_outline(key: str) -> ReadBoundary:
    outlines = list_outlines(store(), actor())
    if outlines is None:
        st.markdown("No concentration has been found yet. Open the map and press *Find hotspots*.")
        return lambda: (None, "")
    rows = outlines.reset_index(drop=True)
    chosen = st.selectbox(
        "Concentration",
        range(len(rows)),
        format_func=lambda row: escape_text(
            f"{rows['label'][row]}: {rows['reports_n'][row]:,} {rows['kind'][row]} reports"
        ),
        key=f"{key}_outline",
    )
    reason = st.text_input(
        "Why this outline, if chance would give it too or nobody has tested it",
        max_chars=200,
        key=f"{key}_outline_reason",
    )
    return lambda: boundary_of_hotspot(
        store(), actor(), UUID(rows["hotspot_id"][chosen]), rows.geometry[chosen], reason
    )
