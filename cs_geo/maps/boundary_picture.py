"""A boundary with the streets round it as one SVG picture: for print, where no tiles and no script are to be had."""

import math
from collections.abc import Sequence
from html import escape

import shapely
from shapely.geometry.base import BaseGeometry

from cs_geo.maps import style

WIDTH_PX = 640
HEIGHT_PX = 420
MARGIN_M = 150.0
_SCALES_M = (50, 100, 200, 500, 1_000, 2_000, 5_000)
_LONGEST_NAMES = 12


def draw_boundary(boundary: BaseGeometry, streets: Sequence[tuple[str, BaseGeometry]]) -> str:
    """Draw a boundary in storage metres with named streets, north up, with a scale.

    Nothing but the boundary and the streets is drawn: no report, and no point of any.
    """
    west, south, east, north = boundary.buffer(MARGIN_M).bounds
    scale = min(WIDTH_PX / (east - west), HEIGHT_PX / (north - south))
    width, height = (east - west) * scale, (north - south) * scale
    frame = shapely.box(west, south, east, north)

    def place(geometry: BaseGeometry) -> str:
        return "".join(
            "M"
            + "L".join(f"{(x - west) * scale:.1f} {(north - y) * scale:.1f}" for x, y in line.coords)
            + ("Z" if line.is_ring else "")
            for line in _lines(geometry)
        )

    drawn = [(name, shapely.intersection(line, frame)) for name, line in streets]
    paths = "".join(
        f'<path d="{place(line)}" fill="none" stroke="{style.STREET_EDGE}" stroke-width="5" stroke-linecap="round"/>'
        for _, line in drawn
        if not line.is_empty
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="Map of the boundary" width="{width:.0f}" height="{height:.0f}">'
        f'<rect width="100%" height="100%" fill="{style.GROUND}"/>{paths}'
        f'<path d="{place(boundary)}" fill="{style.REPORTS[0]}" fill-opacity="0.5" fill-rule="evenodd" '
        f'stroke="{style.OUTLINE}" stroke-width="2.5"/>'
        f"{_names(drawn, west, north, scale)}{_scale_bar(scale, height)}</svg>"
    )


def _lines(geometry: BaseGeometry) -> list[BaseGeometry]:
    """Every ring or line of a geometry."""
    if isinstance(geometry, shapely.Polygon):
        return [geometry.exterior, *geometry.interiors]
    if isinstance(geometry, shapely.LineString):
        return [geometry]
    return [line for part in getattr(geometry, "geoms", ()) for line in _lines(part)]


def _names(drawn: Sequence[tuple[str, BaseGeometry]], west: float, north: float, scale: float) -> str:
    """The names of the longest streets, each once, along their longest stretch."""
    longest: dict[str, BaseGeometry] = {}
    for name, line in drawn:
        for part in _lines(line):
            if name and part.length > longest.get(name, shapely.LineString()).length:
                longest[name] = part
    said = []
    for name, line in sorted(longest.items(), key=lambda one: -one[1].length)[:_LONGEST_NAMES]:
        if line.length * scale < 6 * len(name):
            continue
        middle = line.interpolate(0.5, normalized=True)
        before, after = line.interpolate(0.45, normalized=True), line.interpolate(0.55, normalized=True)
        angle = -math.degrees(math.atan2(after.y - before.y, after.x - before.x))
        upright = (angle + 90) % 180 - 90
        x, y = (middle.x - west) * scale, (north - middle.y) * scale
        said.append(
            f'<text x="{x:.1f}" y="{y:.1f}" transform="rotate({upright:.1f} {x:.1f} {y:.1f})" font-size="10" '
            f'text-anchor="middle" dominant-baseline="middle" fill="{style.LABEL}">{escape(name)}</text>'
        )
    return "".join(said)


def _scale_bar(scale: float, height: float) -> str:
    metres = next((one for one in reversed(_SCALES_M) if one * scale <= WIDTH_PX / 4), _SCALES_M[0])
    length, y = metres * scale, height - 14
    return (
        f'<path d="M12 {y:.0f}h{length:.0f}" stroke="{style.LABEL}" stroke-width="2"/>'
        f'<text x="12" y="{y - 5:.0f}" font-size="10" fill="{style.LABEL}">{metres:,} m, north is up</text>'
    )
