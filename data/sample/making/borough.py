"""The borough put together: streets, buildings, addresses, postcodes and areas."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.strtree import STRtree

from making import areas, buildings, landmarks, layout, naming, network, streets
from making.areas import Area
from making.buildings import Building, side_point
from making.geometry import chance, lines_of
from making.landmarks import Feature
from making.network import Way

POSTCODE_AREA = "HW"
"""No postcode area of this name exists."""
MAPPED_ADDRESSES = 1500
"""Buildings whose address the map knows; the rest is found by street, as on a half-finished real map."""
_UNIT_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_HOMES_PER_POSTCODE = 34


@dataclass(frozen=True)
class Postcode:
    """A unit postcode: the middle of its homes."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Borough:
    """Everything that is drawn; local metres."""

    ways: list[Way]
    features: list[Feature]
    points: list[Feature]
    buildings: list[Building]
    postcodes: list[Postcode]
    wards: list[Area]
    small_areas: list[Area]

    def feature(self, name: str) -> Feature:
        """The one feature of a name."""
        found = [feature for feature in [*self.features, *self.points] if feature.name == name]
        if len(found) != 1:
            raise KeyError(f"{len(found)} features are called {name}.")
        return found[0]

    def ward_at(self, x: float, y: float) -> str:
        """Name of the ward around a point, or an empty string outside the borough."""
        return next((ward.name for ward in self.wards if shapely.contains_xy(ward.shape, x, y)), "")


def build_borough() -> Borough:
    """Draw the whole borough."""
    named = naming.name_streets(streets.lay_town())
    around = layout.BOROUGH.buffer(120)
    whole = [
        naming.Street(s.name, s.highway, line, s.quarter, s.manner)
        for s in named
        for line in lines_of(s.line.intersection(around))
        if line.length > 20
    ]
    ways = network.connected(network.join(whole + network.paths(whole)))
    kept = [way.street for way in ways if way.street is not None]
    features = landmarks.on_sites() + landmarks.beside_streets(kept)
    houses = buildings.build(kept, features)
    all_wards = areas.wards()
    _set_wards(houses, all_wards)
    postcodes = _set_postcodes(houses, all_wards)
    _map_addresses(houses)
    small = areas.small_areas(all_wards, houses)
    return Borough(ways, features, _points(ways, all_wards), houses, postcodes, all_wards, small)


def _set_wards(houses: list[Building], all_wards: list[Area]) -> None:
    at = np.array([house.at for house in houses])
    for ward in all_wards:
        for number in np.flatnonzero(shapely.contains_xy(ward.shape, at)):
            houses[number].ward = ward.name


def _set_postcodes(houses: list[Building], all_wards: list[Area]) -> list[Postcode]:
    """One postcode for every thirty-odd homes in a row; a district for each two or three wards."""
    groups: dict[tuple[str, str], list[Building]] = defaultdict(list)
    for house in houses:
        groups[(house.ward, house.street)].append(house)
    sectors = {ward.name: f"{POSTCODE_AREA}{1 + n // 3} {1 + n % 3}" for n, ward in enumerate(all_wards)}
    given: dict[str, int] = defaultdict(int)
    found: list[Postcode] = []
    for (ward, street), group in groups.items():
        if not street or not ward:
            continue
        group.sort(key=lambda house: min(house.numbers))
        batch: list[Building] = []
        for place, house in enumerate(group):
            batch.append(house)
            if sum(len(h.numbers) for h in batch) >= _HOMES_PER_POSTCODE or place == len(group) - 1:
                number = given[ward] * 7 % 400
                given[ward] += 1
                text = f"{sectors[ward]}{_UNIT_LETTERS[number // 20]}{_UNIT_LETTERS[number % 20]}"
                middle = np.average([h.at for h in batch], axis=0)
                nearest = min(batch, key=lambda h: float(np.hypot(*(np.array(h.at) - middle))))
                for h in batch:
                    h.postcode = text
                found.append(Postcode(text, *nearest.at))
                batch = []
    return sorted(found, key=lambda postcode: postcode.text)


def _map_addresses(houses: list[Building]) -> None:
    """Choose the streets whose addresses the map knows: those nearest the middle, then every third."""
    middle = Point(2850, 2450)
    by_street: dict[tuple[str, str], list[Building]] = defaultdict(list)
    for house in houses:
        if house.street and house.postcode:
            by_street[(house.street, house.ward)].append(house)
    order = sorted(by_street, key=lambda key: middle.distance(Point(by_street[key][0].at)))
    chosen = [key for n, key in enumerate(order) if n < 60 or n % 3 == 0]
    known = 0
    for key in chosen:
        if known >= MAPPED_ADDRESSES:
            break
        for house in by_street[key]:
            house.mapped = True
        known += len(by_street[key])


def _points(ways: list[Way], all_wards: list[Area]) -> list[Feature]:
    """Shops, stops, lamps, cameras and the names of suburbs."""
    lines: dict[str, LineString] = {}
    for way in ways:
        line = LineString(way.xy)
        if way.name and line.length > lines.get(way.name, LineString()).length:
            lines[way.name] = line
    rng = chance("points")
    found: list[Feature] = []
    for name, tags, street, share in landmarks.SHOPS:
        side = 9.0 if rng.random() < 0.5 else -9.0
        x, y = side_point(lines[street], share * lines[street].length, side)
        found.append(Feature(Point(x, y), {"name": name, **tags, "addr:street": street, "addr:city": layout.TOWN}))
    found += _stops(ways, lines)
    for name in ("Station Approach", "High Street", "Station Road", "Bridge Street"):
        for at in np.arange(15, lines[name].length - 10, 45):
            x, y = side_point(lines[name], float(at), 6.0)
            found.append(Feature(Point(x, y), {"highway": "street_lamp"}))
    camera = {"man_made": "surveillance", "surveillance": "public"}
    for name, share in (
        ("High Street", 0.2),
        ("High Street", 0.8),
        ("Station Approach", 0.3),
        ("Station Approach", 0.8),
        ("Bridge Street", 0.6),
        ("Westgate", 0.1),
        ("Eastgate", 0.15),
        ("Tollgate Road", 0.2),
    ):
        x, y = side_point(lines[name], share * lines[name].length, -6.0)
        found.append(Feature(Point(x, y), camera))
    suburbs = {
        quarter.name: quarter.at[0]
        for quarter in layout.QUARTERS
        if quarter.name not in {"Old town", "Kilnfield east", "Goods"}
    }
    for name, (x, y) in suburbs.items():
        found.append(Feature(Point(x, y), {"place": "suburb", "name": name}))
    for name, middle, _ in layout.VILLAGES:
        found.append(Feature(middle, {"place": "village", "name": name}))
    found.append(Feature(Point(2830, 2600), {"place": "town", "name": layout.TOWN}))
    return found


def _stops(ways: list[Way], lines: dict[str, LineString]) -> list[Feature]:
    """A bus stop about every 380 m on the main roads, named after the nearest side street."""
    main = {road.name for road in layout.ROADS if road.highway in {"secondary", "tertiary", "primary"}}
    sides = [way for way in ways if way.name and way.name not in main and way.highway != "footway"]
    tree = STRtree([LineString(way.xy) for way in sides])
    found: list[Feature] = []
    used: set[str] = set()
    for name in sorted(main):
        line = lines[name]
        for at in np.arange(160, line.length - 60, 380):
            x, y = side_point(line, float(at), 6.5 if int(at) % 2 else -6.5)
            near = sides[int(tree.nearest(Point(x, y)))].name
            if near not in used and layout.BOROUGH.contains(Point(x, y)):
                used.add(near)
                found.append(
                    Feature(
                        Point(x, y), {"highway": "bus_stop", "public_transport": "platform", "name": f"{near} stop"}
                    )
                )
    return found


def inside(shape: Polygon, rng: np.random.Generator) -> tuple[float, float]:
    """A point inside an outline."""
    west, south, east, north = shape.bounds
    while True:
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        if shapely.contains_xy(shape, x, y):
            return float(x), float(y)
