"""What was noticed, where and when, before any partner wrote it down; and the ways in which people write a location."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from shapely.geometry import Point
from shapely.strtree import STRtree

from making import network
from making.borough import Borough
from making.buildings import number_text
from making.geometry import Coords, to_degrees, to_grid


@dataclass(frozen=True)
class Where:
    """A location as it will be written. Coordinates are local metres; NaN where none are given."""

    text: str = ""
    locality: str = ""
    postcode: str = ""
    x: float = float("nan")
    y: float = float("nan")
    style: str = "text"
    """coordinates, address, junction, place, street, postcode or area; traps have styles of their own."""

    def degrees(self) -> tuple[str, str]:
        """Longitude and latitude to 0.1 m, or empty strings."""
        if np.isnan(self.x):
            return "", ""
        lon, lat = to_degrees(np.array([self.x, self.y]))
        return f"{lon:.6f}", f"{lat:.6f}"

    def metres(self) -> tuple[str, str]:
        """Easting and northing in whole metres, or empty strings."""
        if np.isnan(self.x):
            return "", ""
        east, north = to_grid(np.array([self.x, self.y]))
        return f"{east:.0f}", f"{north:.0f}"

    def grid_reference(self) -> str:
        """Grid reference of ten figures, or an empty string. The borough lies in the square TA."""
        east, north = self.metres()
        return f"TA {east[1:]} {north[1:]}" if east else ""


@dataclass(frozen=True)
class Noticed:
    """One report before it was written down."""

    source: str
    kind: str
    start: datetime
    where: Where
    harm: str
    note: str
    until: datetime | None = None
    month_only: bool = False
    concentration: str = ""
    trap: str = ""
    written: dict[str, str] = field(default_factory=dict, hash=False)
    """Cells that this row writes otherwise than its truth: dates, codes, coordinates."""


class Locator:
    """Answers where a point is, in the words a partner would use."""

    def __init__(self, borough: Borough) -> None:
        self._borough = borough
        self._mapped = [building for building in borough.buildings if building.mapped]
        self._all = [building for building in borough.buildings if building.postcode]
        self._mapped_tree = STRtree([Point(building.at) for building in self._mapped])
        self._tree = STRtree([Point(building.at) for building in self._all])
        met = network.junctions(borough.ways)
        counted: dict[tuple[str, str], int] = defaultdict(int)
        pairs = {xy: (names[0], names[1]) for xy, names in met.items() if len(names) == 2}
        for pair in pairs.values():
            counted[pair] += 1
        self._junctions = [(xy, pair) for xy, pair in pairs.items() if counted[pair] == 1]
        self._junction_tree = STRtree([Point(xy) for xy, _ in self._junctions])

    def homes(self) -> Coords:
        """Middles of all buildings with a postcode."""
        return np.array([building.at for building in self._all])

    def coordinates(self, x: float, y: float, text: str = "") -> Where:
        """The point itself."""
        return Where(text, "", "", round(x, 1), round(y, 1), "coordinates")

    def address(self, x: float, y: float, within: float, rng: np.random.Generator) -> Where | None:
        """House number and street of a building that the map knows."""
        near = self._mapped_tree.query(Point(x, y), predicate="dwithin", distance=within)
        if not len(near):
            return None
        building = self._mapped[int(rng.choice(np.sort(near)))]
        number = int(rng.choice(building.numbers))
        postcode = building.postcode if rng.random() < 0.6 else ""
        return Where(f"{number} {building.street}", building.ward, postcode, style="address")

    def junction(self, x: float, y: float, within: float, rng: np.random.Generator) -> Where | None:
        """Two streets that meet once."""
        near = self._junction_tree.query(Point(x, y), predicate="dwithin", distance=within)
        if not len(near):
            return None
        (jx, jy), (one, other) = self._junctions[int(rng.choice(np.sort(near)))]
        joined = rng.choice([f"{one} / {other}", f"{one} and {other}", f"Corner of {one} and {other}"])
        return Where(str(joined), self._borough.ward_at(jx, jy), "", style="junction")

    def street(self, x: float, y: float, rng: np.random.Generator) -> Where:
        """The street of the nearest building, mostly with its postcode."""
        building = self._all[int(self._tree.nearest(Point(x, y)))]
        postcode = building.postcode if rng.random() < 0.75 else ""
        return Where(building.street, building.ward, postcode, style="street")

    def postcode(self, x: float, y: float) -> Where:
        """The nearest postcode and nothing else."""
        return Where("", "", self._all[int(self._tree.nearest(Point(x, y)))].postcode, style="postcode")

    def known_numbers(self, street: str) -> list[str]:
        """House numbers of a street that the map knows, for tests."""
        return [number_text(b.numbers) for b in self._mapped if b.street == street]

    def write(self, x: float, y: float, style: str, rng: np.random.Generator, *, reach: float = 60.0) -> Where:
        """A location in a style; where nothing of the sort is near, its street."""
        if style == "coordinates":
            return self.coordinates(x, y)
        if style == "both":
            street = self.street(x, y, rng)
            return replace(self.coordinates(x, y, street.text), locality=street.locality)
        if style == "postcode":
            return self.postcode(x, y)
        found = None
        if style == "address":
            found = self.address(x, y, reach, rng)
        elif style == "junction":
            found = self.junction(x, y, reach, rng)
        return found or self.street(x, y, rng)
