"""The town as an OpenStreetMap extract (.osm.bz2): the same tags and shapes a real one would have."""

import bz2
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from making import layout
from making.buildings import Building, number_text
from making.geometry import Coords, lines_of, to_degrees
from making.landmarks import Feature
from making.network import Way
from making.streets import river_bed

AS_OF = "2026-11-01T00:00:00Z"
_LIT = {"primary", "secondary", "tertiary", "residential", "unclassified"}


@dataclass
class Extract:
    """Nodes and ways with numbers from 1, written in that order."""

    nodes: dict[tuple[float, float], int] = field(default_factory=dict)
    tagged: list[tuple[tuple[float, float], dict[str, str]]] = field(default_factory=list)
    ways: list[tuple[list[int], dict[str, str]]] = field(default_factory=list)

    def node(self, x: float, y: float) -> int:
        """The number of the node at a point of the plan, rounded to 0.1 m."""
        return self.nodes.setdefault((round(float(x), 1), round(float(y), 1)), len(self.nodes) + 1)

    def line(self, xy: Coords | list[tuple[float, float]], tags: dict[str, str]) -> None:
        """Add a way along the points."""
        self.ways.append(([self.node(x, y) for x, y in xy], tags))

    def outline(self, shape: Polygon, tags: dict[str, str]) -> None:
        """Add a closed way."""
        numbers = [self.node(x, y) for x, y in np.asarray(shape.exterior.coords)[:-1]]
        self.ways.append(([*numbers, numbers[0]], tags))

    def point(self, x: float, y: float, tags: dict[str, str]) -> None:
        """Add a tagged node, beside any other at the point."""
        self.tagged.append(((float(x), float(y)), tags))

    def write(self, path: Path) -> None:
        """Write the extract, the same bytes for the same content."""
        rows = [
            '<?xml version="1.0" encoding="UTF-8"?>\n',
            f'<osm version="0.6" generator="cs_geo sample" timestamp="{AS_OF}">\n',
        ]
        bare = list(self.nodes)
        degrees = to_degrees(np.array(bare))
        for number, (lon, lat) in zip(self.nodes.values(), degrees, strict=True):
            rows.append(f'<node id="{number}" lat="{lat:.6f}" lon="{lon:.6f}"/>\n')
        for number, ((x, y), tags) in enumerate(self.tagged, len(bare) + 1):
            lon, lat = to_degrees(np.array([x, y]))
            rows.append(f'<node id="{number}" lat="{lat:.6f}" lon="{lon:.6f}">{_tags(tags)}</node>\n')
        for number, (refs, tags) in enumerate(self.ways, 1):
            nds = "".join(f'<nd ref="{ref}"/>' for ref in refs)
            rows.append(f'<way id="{number}">{nds}{_tags(tags)}</way>\n')
        rows.append("</osm>\n")
        path.write_bytes(bz2.compress("".join(rows).encode("utf-8"), 9))


def _tags(tags: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items() if value)


def extract(ways: list[Way], features: list[Feature], buildings: list[Building], points: list[Feature]) -> Extract:
    """Everything on the map."""
    drawn = Extract()
    for way in ways:
        for xy, bridge in _bridges(way):
            drawn.line(xy, _way_tags(way, bridge))
    _water_and_rails(drawn)
    for feature in features:
        _add(drawn, feature)
    for building in buildings:
        drawn.outline(building.outline, {"building": building.kind, **_address(building)})
    for feature in points:
        _add(drawn, feature)
    return drawn


def _add(drawn: Extract, feature: Feature) -> None:
    if isinstance(feature.shape, Polygon):
        drawn.outline(feature.shape, feature.tags)
    else:
        drawn.point(feature.shape.x, feature.shape.y, feature.tags)


def care_home(at: tuple[float, float]) -> Feature:
    """A children's home as volunteers map them, by name: what is read of it must not be kept."""
    tags = {
        "amenity": "social_facility",
        "social_facility": "group_home",
        "social_facility:for": "child",
        "name": "Tarn Lodge",
    }
    return Feature(Point(at), tags)


def _address(building: Building) -> dict[str, str]:
    if not building.mapped:
        return {}
    return {
        "addr:housenumber": number_text(building.numbers),
        "addr:street": building.street,
        "addr:suburb": building.ward,
        "addr:city": layout.TOWN,
        "addr:postcode": building.postcode,
    }


def _way_tags(way: Way, bridge: bool) -> dict[str, str]:
    tags = {"highway": way.highway, "name": way.name}
    if way.highway == "service":
        tags["service"] = "driveway"
    if way.highway in {"footway", "steps"}:
        tags["lit"] = "yes" if way.street is not None and way.street.quarter else "no"
    elif way.highway in _LIT:
        tags["lit"] = "yes"
    if bridge:
        tags |= {"bridge": "yes", "layer": "1"}
    return tags


def _bridges(way: Way) -> list[tuple[list[tuple[float, float]], bool]]:
    """The way in pieces, bridges over river and railway apart."""
    line = LineString(way.xy)
    spans = [river_bed().buffer(4), layout.RAILWAY.buffer(8)]
    crossed = [span for span, over in zip(spans, (layout.RIVER, layout.RAILWAY), strict=True) if line.intersects(over)]
    if not crossed or way.highway == "service":
        return [(way.xy, False)]
    marks = sorted(
        {
            round(line.project(Point(xy)), 1)
            for span in crossed
            for part in lines_of(line.intersection(span))
            for xy in (part.coords[0], part.coords[-1])
        }
    )
    stations = [line.project(Point(xy)) for xy in way.xy]
    inner = [mark for mark in marks if 0.5 < mark < line.length - 0.5]
    cut = [0.0, *inner, line.length]
    pieces = []
    for start, end in pairwise(cut):
        between = [xy for at, xy in zip(stations, way.xy, strict=True) if start + 0.3 < at < end - 0.3]
        first = way.xy[0] if start == 0 else _at(line, start)
        last = way.xy[-1] if end == line.length else _at(line, end)
        middle = line.interpolate((start + end) / 2)
        pieces.append(([first, *between, last], any(span.contains(middle) for span in crossed)))
    return pieces


def _at(line: LineString, at: float) -> tuple[float, float]:
    point = line.interpolate(at)
    return round(point.x, 1), round(point.y, 1)


def _water_and_rails(drawn: Extract) -> None:
    around = layout.BOROUGH.buffer(300)
    river = lines_of(layout.RIVER.intersection(around))[0]
    drawn.line(np.asarray(river.coords), {"waterway": "river", "name": layout.RIVER_NAME})
    bed = shapely.simplify(river.buffer(layout.RIVER_HALF_WIDTH, cap_style="flat"), 0.3)
    drawn.outline(bed, {"natural": "water", "water": "river", "name": layout.RIVER_NAME})
    rails = lines_of(layout.RAILWAY.intersection(around))[0]
    for off in (-2.2, 2.2):
        drawn.line(
            np.asarray(shapely.simplify(rails.offset_curve(off), 0.2).coords),
            {"railway": "rail", "name": "Harrowmere Line"},
        )
