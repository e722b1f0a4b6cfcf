"""How vector tiles are drawn: the quiet basemap, then reports and strengths over it, then names.

Rules are plain values that ``map.js`` turns into protomaps-leaflet symbolizers. A rule names its tile source (a route
of our own server), the layer inside the tile, the kinds it draws (none: all), zooms and colours. Order is painting
order. Names in tiles are drawn on a canvas as they are, so they are not escaped.
"""

from collections.abc import Sequence
from typing import Any

from cs_geo.maps import style
from cs_geo.reports.report import Kind

Rule = dict[str, Any]
Stops = float | list[list[float]]
"""A width or radius in pixels: one number, or ``[[zoom, number], …]`` between which it changes evenly."""

BASEMAP = "basemap"
REPORTS = "reports"
PUBLISHED = "published"

ATTRIBUTION = (
    '© <a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener">OpenStreetMap</a> contributors'
)
"""Asked for by the Open Database Licence. A link, not a request: nothing is fetched until a person follows it."""

FONT = '"Source Sans", "Source Sans 3", system-ui, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif'

BIG_STREETS = ("motorway", "trunk", "primary")
MIDDLE_STREETS = ("secondary", "tertiary")
NAMED_PARKS = ("park", "garden", "recreation_ground", "cemetery", "golf_course")
HELPFUL_AMENITIES = ("youth_venue", "library")
"""Kinds of the basemap's layer ``amenities`` that are drawn as strengths."""


def basemap_paint() -> list[Rule]:
    """Ground to buildings to streets. Pale throughout: data is what is dark (look.md)."""
    return [
        _area("landuse", style.LAND_USE),
        _area("parks", style.PARK),
        _area("water", style.WATER),
        _line("water", style.WATER, [[10, 1], [16, 4]], geometry="line"),
        _area("buildings", style.BUILDING, minzoom=15),
        _line("paths", style.PATH, 1, minzoom=15, dash=[3, 2]),
        _line("streets", style.STREET_EDGE, [[12, 0.4], [14, 2.4], [16, 7], [18, 14]], minzoom=12),
        _line("streets", style.STREET_EDGE, [[10, 1.2], [14, 4], [16, 9], [18, 17]], kinds=MIDDLE_STREETS),
        _line("streets", style.STREET_EDGE, [[8, 1], [10, 2], [14, 6], [16, 12], [18, 22]], kinds=BIG_STREETS),
        _line("streets", style.STREET, [[13, 0.4], [14, 1.4], [16, 5.5], [18, 12]], minzoom=13),
        _line("streets", style.STREET, [[11, 0.6], [14, 3], [16, 7.5], [18, 15]], kinds=MIDDLE_STREETS, minzoom=11),
        _line("streets", style.STREET, [[10, 0.8], [14, 4.6], [16, 10], [18, 20]], kinds=BIG_STREETS),
        _line("rail", style.RAIL, [[10, 0.6], [16, 1.6]]),
    ]


def report_paint(breaks: Sequence[int], *, show_strengths: bool = True) -> list[Rule]:
    """Reports as hexagons at low zoom and at high zoom as points, a shape for each kind; strengths as rings over both.

    Parameters
    ----------
    breaks
        Lower bounds of the classes of reports in one hexagon.
    show_strengths
        On unless the reader turned them off.
    """
    return [
        _cells(REPORTS, breaks, style.REPORTS),
        *(_points(REPORTS, shape, fill, kind) for kind, (shape, fill) in style.POINTS.items()),
        *(strength_paint() if show_strengths else []),
    ]


def published_paint(breaks: Sequence[int]) -> list[Rule]:
    """Published police data in grey, under everything that was reported to us."""
    return [_cells(PUBLISHED, breaks, style.PUBLISHED), _points(PUBLISHED, "disc", style.PUBLISHED_POINT)]


def strength_paint() -> list[Rule]:
    """Strengths that were reported, and the youth venues and libraries of the basemap, as rings of one tone."""
    ring: Rule = {"draw": "rings", "stroke": style.STRENGTH, "fill": "#ffffff"}
    return [
        ring | {"source": BASEMAP, "layer": "amenities", "kinds": list(HELPFUL_AMENITIES)}
        | {"radius": [[13, 3], [17, 5]], "width": 2, "minzoom": 13},
        ring | {"source": REPORTS, "layer": "strengths", "radius": [[11, 4], [13, 4.5], [17, 7]], "width": 3},
    ]  # fmt: skip


def names(*, show_strengths: bool = True) -> list[Rule]:
    """Names of settlements, stations, parks and streets, small and grey; of helpful places, in the tone of strengths.

    Schools, shops and other amenities stay unnamed: a map that names them hangs reports on them.
    """
    helpful = _name("amenities", "beside", 12, minzoom=15) | {
        "kinds": list(HELPFUL_AMENITIES),
        "fill": style.STRENGTH,
    }
    return [
        _name("places", "point", 13, weight=600),
        *([helpful] if show_strengths else []),
        _name("amenities", "point", 11, minzoom=14, kinds=("station",)),
        _name("parks", "area", 12, minzoom=14, kinds=NAMED_PARKS),
        _name("streets", "line", 12, minzoom=13, kinds=(*BIG_STREETS, *MIDDLE_STREETS)),
        _name("streets", "line", 11, minzoom=15),
        _name("water", "area", 11, minzoom=14),
        _name("water", "line", 11, minzoom=14),
    ]


def _cells(source: str, breaks: Sequence[int], colours: Sequence[str]) -> Rule:
    return {
        "source": source, "layer": "cells", "draw": "classes", "count": "n", "breaks": list(breaks),
        "fills": list(style.class_colours(breaks, colours)), "opacity": style.CELL_OPACITY,
        "stroke": "#ffffff", "width": 1,
    }  # fmt: skip


def _points(source: str, shape: str, fill: str, *kinds: Kind) -> Rule:
    rule: Rule = {
        "source": source, "layer": "points", "draw": "dots", "count": "n", "shape": shape, "fill": fill,
        "opacity": style.POINT_OPACITY, "radius": [[12, 2], [14, 3.2], [16, 4.5], [18, 5.5]],
    }  # fmt: skip
    return rule | {"kinds": [str(kind) for kind in kinds]} if kinds else rule


def _area(layer: str, fill: str, *, minzoom: int | None = None) -> Rule:
    return _rule(layer, {"draw": "area", "fill": fill, "geometry": "area"}, minzoom=minzoom)


def _line(
    layer: str,
    colour: str,
    width: Stops,
    *,
    kinds: Sequence[str] = (),
    minzoom: int | None = None,
    dash: Sequence[int] = (),
    geometry: str = "line",
) -> Rule:
    drawn: Rule = {"draw": "line", "color": colour, "width": width, "geometry": geometry}
    if dash:
        drawn["dash"] = list(dash)
    return _rule(layer, drawn, kinds=kinds, minzoom=minzoom)


def _name(
    layer: str, place: str, size: int, *, weight: int = 400, minzoom: int | None = None, kinds: Sequence[str] = ()
) -> Rule:
    drawn: Rule = {"place": place, "size": size, "weight": weight, "font": FONT, "fill": style.LABEL}
    shape: Rule = {} if place in {"point", "beside"} else {"geometry": place}
    return _rule(layer, drawn | shape | {"halo": style.LABEL_HALO}, kinds=kinds, minzoom=minzoom)


def _rule(layer: str, drawn: Rule, *, kinds: Sequence[str] = (), minzoom: int | None = None) -> Rule:
    rule: Rule = {"source": BASEMAP, "layer": layer, **drawn}
    if kinds:
        rule["kinds"] = list(kinds)
    if minzoom is not None:
        rule["minzoom"] = minzoom
    return rule
