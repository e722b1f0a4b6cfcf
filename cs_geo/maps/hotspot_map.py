"""The map of reports: a frame that stays, and content that changes without disturbing it.

A page draws two things. ``draw_frame`` makes the folium map itself: where it looks at first, how tall it is, the
scripts it needs from our own server. It must be the same at every run, or the browser builds the map anew and the
reader loses zoom and place. ``draw_content`` makes everything that changes with a filter, a choice or a new tile token,
as one feature group for ``st_folium(…, feature_group_to_add=…)``. ``draw_hotspot_map`` puts both into one folium map,
for a notebook or a file.

No default tiles, scripts or styles of folium remain, so that no other host is asked for anything. Element names are
fixed: a random one would look like a change.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import folium
import geopandas as gpd
from branca.element import Element
from folium.utilities import JsCode

from cs_geo.maps import basemap, layers, style
from cs_geo.maps.elements import MapContent, MapFrame
from cs_geo.maps.given import GivenCells, draw_given, given_legend
from cs_geo.maps.legend import legend
from cs_geo.reports.report import Kind
from cs_geo.words.escaping import escape_text

FARTHEST_ZOOM, CLOSEST_ZOOM = 8, 19
FIRST_ZOOM = 12
"""Where a map without bounds begins: about a borough."""
MOST_RANKS = 12
"""Areas whose rank is written on the map; the list beside it has all of them."""
LARGEST_TILE_ZOOM = 16
"""Tiles of closer zooms are drawn from those of this one: a report has no more detail to show."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@dataclass(frozen=True, slots=True)
class MapAssets:
    """Addresses of what a map needs, in order: Leaflet, what draws tiles, our own."""

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    font: str = ""
    """The font of the pages around the map, so that both look alike. Empty: the reader's own."""


@dataclass(frozen=True, slots=True)
class FrameHeight:
    """How tall the map is: the window's height less what stands beside it, within limits, in pixels."""

    beside: int = 300
    least: int = 380
    most: int = 1100


@dataclass(frozen=True, kw_only=True)
class MapContents:
    """What is on the map at one run of a page."""

    tile_urls: Mapping[str, str]
    """Tile addresses with ``{z}/{x}/{y}`` and their token, by source: ``basemap``, ``reports``, ``published``."""
    hotspots: gpd.GeoDataFrame | None = None
    """Columns ``rank``, ``reports_n`` and ``label``; polygons in any CRS."""
    spots: gpd.GeoDataFrame | None = None
    """Several reports at one spot: the same columns; points."""
    selected: gpd.GeoSeries | None = None
    """What was chosen: an area or a point."""
    given: GivenCells | None = None
    """What a partner was given, on a map of its own."""
    pins: gpd.GeoSeries | None = None
    """Points to choose between, numbered from 1 in their order: a geocoder's candidates, or the pin being set."""
    breaks: Sequence[int] = field(default=(1, 2, 5, 10, 20))
    """Lower bounds of the classes of reports (``style.class_breaks``): the same for both sides of a comparison."""
    show_strengths: bool = True
    tested: bool = False
    """Has the run of the hotspots been tested against chance?"""
    kinds: Sequence[Kind] = ()
    """Kinds of the reports on the map, for its legend; empty: every kind."""
    panel: str = ""
    """Key of the container beside the map that says more of what was chosen."""
    chosen: str = ""
    """What that container is about at present. Empty: nothing was chosen."""


def draw_frame(
    *, assets: MapAssets, bounds: Bounds, height: FrameHeight | None = None, label: str = "Map of reports"
) -> folium.Map:
    """Make the map without content.

    Parameters
    ----------
    assets
        Scripts and styles of our own server (``cs_geo.web.assets.map_assets``).
    bounds
        What is seen at first. Keep it the same over the runs of a page.
    height
        Fit the map's height to the window. None: as the caller of ``st_folium`` says.
    label
        The map's name for a screen reader.
    """
    west, south, east, north = bounds
    drawn = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=FIRST_ZOOM,
        tiles=None,
        min_zoom=FARTHEST_ZOOM,
        max_zoom=CLOSEST_ZOOM,
        font_size="14px",
    )
    drawn.default_js = [(f"script {number}", url) for number, url in enumerate(assets.scripts)]
    drawn.default_css = [(f"style {number}", url) for number, url in enumerate(assets.styles)]
    fit = {"beside": height.beside, "least": height.least, "most": height.most} if height else None
    values = {
        "bounds": [[south, west], [north, east]],
        "closest": 17,
        "fit": fit,
        "font": assets.font,
        "label": escape_text(label),
    }
    drawn.add_child(MapFrame(values))
    _settle_names(drawn.get_root(), "map")
    return drawn


def draw_content(contents: MapContents) -> folium.FeatureGroup:
    """Make everything that may change on the map, as one feature group to hand to ``st_folium``."""
    group = folium.FeatureGroup(name="content", control=False)
    panel = {"key": contents.panel, "chosen": contents.chosen} if contents.panel else None
    group.add_child(MapContent({"tiles": _tiles(contents), "legend": _legend(contents), "panel": panel}))
    if contents.hotspots is not None and len(contents.hotspots):
        _areas(layers.hotspot_features(contents.hotspots)).add_to(group)
        for rank, longitude, latitude in layers.rank_places(contents.hotspots, MOST_RANKS):
            _number(latitude, longitude, rank, size=20, look="cs-geo-rank").add_to(group)
    if contents.spots is not None and len(contents.spots):
        _spots(layers.spot_features(contents.spots)).add_to(group)
    if contents.given is not None:
        for layer in draw_given(contents.given):
            layer.add_to(group)
        for rank, longitude, latitude in layers.rank_places(contents.given.hotspots, MOST_RANKS):
            _number(latitude, longitude, rank, size=20, look="cs-geo-rank").add_to(group)
    if contents.selected is not None and len(contents.selected):
        _selected(layers.selected_features(contents.selected)).add_to(group)
    for number, point in enumerate(contents.pins.to_crs(4326) if contents.pins is not None else (), start=1):
        _number(point.y, point.x, number, size=28, look="cs-geo-pin").add_to(group)
    _settle_names(group, "content")
    return group


def draw_hotspot_map(
    contents: MapContents, *, assets: MapAssets, bounds: Bounds, height: FrameHeight | None = None
) -> folium.Map:
    """Make a whole map at once, where nothing will change on it."""
    drawn = draw_frame(assets=assets, bounds=bounds, height=height)
    draw_content(contents).add_to(drawn)
    return drawn


def _tiles(contents: MapContents) -> dict[str, Any]:
    urls = contents.tile_urls
    paint, labels = [], []
    if basemap.BASEMAP in urls:
        paint += basemap.basemap_paint()
        labels += basemap.names(show_strengths=contents.show_strengths)
    if basemap.PUBLISHED in urls:
        paint += basemap.published_paint(contents.breaks)
    if basemap.REPORTS in urls:
        paint += basemap.report_paint(contents.breaks, show_strengths=contents.show_strengths)
    elif contents.show_strengths:
        paint += basemap.strength_paint()
    return {
        # Basemap tiles are drawn at 512 px, which asks for a quarter as many; reports at 256 px, so that a hexagon of a
        # tile is about 26 px across and points begin at zoom 13.
        "sources": {
            name: {"url": url, "maxzoom": LARGEST_TILE_ZOOM, "large": name == basemap.BASEMAP}
            for name, url in urls.items()
        },
        "paint": [rule for rule in paint if rule["source"] in urls],
        "labels": labels,
        "ground": style.GROUND,
        "attribution": basemap.ATTRIBUTION if basemap.BASEMAP in urls else "",
    }


def _legend(contents: MapContents) -> dict[str, Any] | None:
    """What the legend says; nothing on a map that only asks where something is."""
    if contents.given is not None:
        return given_legend(contents.given)
    shapes = _legend_of(contents)
    if not any(shapes.values()):
        return None
    return legend(contents.breaks, kinds=contents.kinds, tested=contents.tested, **shapes)


def _legend_of(contents: MapContents) -> dict[str, bool]:
    return {
        "reports": basemap.REPORTS in contents.tile_urls,
        "published": basemap.PUBLISHED in contents.tile_urls,
        "strengths": contents.show_strengths and {basemap.BASEMAP, basemap.REPORTS} & {*contents.tile_urls} != set(),
        "hotspots": contents.hotspots is not None and len(contents.hotspots) > 0,
        "spots": contents.spots is not None and len(contents.spots) > 0,
    }


def _areas(features: layers.Features) -> folium.GeoJson:
    return folium.GeoJson(
        features,
        name="hotspots",
        style_function=lambda feature: {
            "color": style.OUTLINE,
            "weight": 2,
            "fillColor": style.REPORTS[2],
            "fillOpacity": style.AREA_OPACITY,
        },
        highlight_function=lambda feature: {"weight": 4},
        tooltip=_tooltip(),
        on_each_feature=JsCode("csGeo.reachable"),
    )


def _spots(features: layers.Features) -> folium.GeoJson:
    return folium.GeoJson(
        features,
        name="spots",
        marker=folium.CircleMarker(radius=7),
        style_function=lambda feature: {
            "color": style.OUTLINE,
            "weight": 2,
            "fill": True,
            "fillColor": style.REPORTS[1],
            "fillOpacity": 1,
        },
        tooltip=_tooltip(),
        on_each_feature=JsCode("csGeo.reachable"),
    )


def _selected(features: layers.Features) -> folium.GeoJson:
    return folium.GeoJson(
        features,
        name="selected",
        marker=folium.CircleMarker(radius=12),
        style_function=lambda feature: {"color": style.ACTION, "weight": 5, "fill": False},
        interactive=False,
    )


def _number(latitude: float, longitude: float, number: int, *, size: int, look: str) -> folium.Marker:
    """A number on the map that ties a thing to its line in the list beside it.

    An icon of fixed size: a permanent tooltip would be measured before the style sheet has arrived.
    """
    return folium.Marker(
        location=[latitude, longitude],
        icon=folium.DivIcon(html=escape_text(number), icon_size=(size, size), class_name=look),
        interactive=False,
        keyboard=False,
    )


def _tooltip() -> folium.GeoJsonTooltip:
    # The only text in a layer is ``text``, which ``layers`` has escaped.
    return folium.GeoJsonTooltip(fields=["text"], labels=False, sticky=True, style="")


def _settle_names(element: Element, path: str) -> None:
    """Give an element and all under it names made of their place in the tree, the same at every run."""
    element._id = uuid.uuid5(uuid.NAMESPACE_URL, path).hex
    for number, child in enumerate(element._children.values()):
        _settle_names(child, f"{path}/{number}")
