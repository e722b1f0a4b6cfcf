"""Buildings and features with a use: what stands on the sites, and what stands beside a street."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import Point, Polygon
from shapely.strtree import STRtree

from making import layout
from making.geometry import block, chance, heading, ring
from making.naming import Street


@dataclass(frozen=True)
class Feature:
    """Something on the map: a point or an outline with its tags."""

    shape: Point | Polygon
    tags: dict[str, str] = field(hash=False)
    street: str = ""
    angle: float = 0.0

    @property
    def name(self) -> str:
        """Its name, or an empty string."""
        return self.tags.get("name", "")


BESIDE_STREETS: tuple[tuple[str, dict[str, str], tuple[float, float], float, float], ...] = (
    ("Harrowmere Town Hall", {"amenity": "townhall", "building": "civic"}, (2765, 2740), 44, 26),
    ("Harrowmere Central Library", {"amenity": "library", "building": "civic"}, (2985, 2655), 36, 24),
    ("Harrowmere Police Station", {"amenity": "police", "building": "civic"}, (2500, 2730), 38, 24),
    ("Harrowmere Fire Station", {"amenity": "fire_station", "building": "civic"}, (1700, 2520), 36, 22),
    ("The Boathouse Youth Centre", {"amenity": "community_centre", "community_centre": "youth_centre",
        "building": "civic"}, (2850, 3150), 30, 20),
    ("Pellmoor Youth Club", {"amenity": "community_centre", "community_centre": "youth_centre", "building": "civic"},
        (3640, 640), 26, 18),
    ("Kilnfield Community Centre", {"amenity": "community_centre", "building": "civic"}, (2060, 1640), 26, 18),
    ("Mossgarth Community Centre", {"amenity": "community_centre", "building": "civic"}, (1085, 1660), 24, 18),
    ("Merebank Community Hub", {"amenity": "community_centre", "building": "civic"}, (4050, 4190), 26, 18),
    ("Ferrymead Hall", {"amenity": "community_centre", "building": "civic"}, (4300, 3530), 24, 16),
    ("Kilnfield Library", {"amenity": "library", "building": "civic"}, (2940, 1440), 26, 18),
    ("Weirside Library", {"amenity": "library", "building": "civic"}, (2100, 3440), 24, 18),
    ("Market Church", {"amenity": "place_of_worship", "religion": "christian", "building": "church"},
        (2660, 2760), 40, 16),
    ("Weirside Chapel", {"amenity": "place_of_worship", "religion": "christian", "building": "church"},
        (1500, 3600), 24, 12),
    ("Osierfield Church", {"amenity": "place_of_worship", "religion": "christian", "building": "church"},
        (4560, 2330), 28, 13),
    ("Kiln Road Mosque", {"amenity": "place_of_worship", "religion": "muslim", "building": "mosque"},
        (3400, 1590), 26, 20),
    ("Harrowmere College", {"amenity": "college", "building": "college"}, (3900, 2240), 60, 30),
    ("Tidewater Cinema", {"amenity": "cinema", "building": "commercial"}, (3090, 2570), 40, 30),
    ("Harrowmere Museum", {"tourism": "museum", "building": "civic"}, (2560, 2810), 26, 20),
    ("Westgate Surgery", {"amenity": "doctors", "building": "commercial"}, (2150, 2620), 22, 15),
    ("Pellmoor Surgery", {"amenity": "doctors", "building": "commercial"}, (3300, 640), 20, 14),
    ("Northgate Surgery", {"amenity": "doctors", "building": "commercial"}, (2680, 3560), 20, 14),
    ("Lowfield Parade", {"building": "retail"}, (2945, 960), 66, 14),
    ("Merebank Parade", {"building": "retail"}, (3770, 4080), 50, 13),
    ("Tillmere Parade", {"building": "retail"}, (1260, 3700), 44, 13),
    ("Ferrymead Parade", {"building": "retail"}, (4420, 3570), 44, 13),
    ("The Wherry", {"amenity": "pub", "building": "commercial"}, (2770, 3140), 18, 13),
    ("The Packhorse", {"amenity": "pub", "building": "commercial"}, (2320, 2640), 16, 12),
    ("The Kiln", {"amenity": "pub", "building": "commercial"}, (2560, 1600), 16, 12),
    ("The Old Signal", {"amenity": "pub", "building": "commercial"}, (2960, 2000), 16, 12),
)  # fmt: skip
"""Name, tags, about where, frontage and depth in metres. Each is set back from the nearest street."""

SHOPS: tuple[tuple[str, dict[str, str], str, float], ...] = (
    ("Market Bakery", {"shop": "bakery"}, "High Street", 0.12),
    ("High Street Pharmacy", {"amenity": "pharmacy"}, "High Street", 0.22),
    ("Sallow Books", {"shop": "books"}, "High Street", 0.33),
    ("Market Café", {"amenity": "cafe"}, "High Street", 0.42),
    ("Harrow Shoes", {"shop": "shoes"}, "High Street", 0.5),
    ("Golden Fry", {"amenity": "fast_food", "cuisine": "fish_and_chips"}, "High Street", 0.6),
    ("Wall Street News", {"shop": "newsagent"}, "High Street", 0.72),
    ("Threadneedle Clothes", {"shop": "clothes"}, "High Street", 0.85),
    ("Station Kiosk", {"shop": "kiosk"}, "Station Road", 0.75),
    ("Platform Café", {"amenity": "cafe"}, "Station Approach", 0.2),
    ("Ring Grill", {"amenity": "fast_food", "cuisine": "kebab"}, "Station Road", 0.55),
    ("Station Pizza", {"amenity": "fast_food", "cuisine": "pizza"}, "Station Road", 0.35),
    ("Station Road Vapes", {"shop": "e-cigarette"}, "Station Road", 0.2),
    ("Westgate Stores", {"shop": "convenience"}, "Westgate", 0.35),
    ("Westgate Barbers", {"shop": "hairdresser"}, "Westgate", 0.15),
    ("Westgate Chicken", {"amenity": "fast_food", "cuisine": "chicken"}, "Westgate", 0.25),
    ("Eastgate Stores", {"shop": "convenience"}, "Eastgate", 0.3),
    ("Eastgate Noodles", {"amenity": "fast_food", "cuisine": "chinese"}, "Eastgate", 0.12),
    ("Eastgate Café", {"amenity": "cafe"}, "Eastgate", 0.2),
    ("Bridge Street Fish Bar", {"amenity": "fast_food", "cuisine": "fish_and_chips"}, "Bridge Street", 0.8),
    ("Bridge Stores", {"shop": "convenience"}, "Bridge Street", 0.9),
    ("Lowfield Stores", {"shop": "convenience"}, "Tollgate Road", 0.21),
    ("Lowfield Fish Bar", {"amenity": "fast_food", "cuisine": "fish_and_chips"}, "Tollgate Road", 0.18),
    ("Lowfield Off-licence", {"shop": "alcohol"}, "Tollgate Road", 0.15),
    ("Lowfield Launderette", {"shop": "laundry"}, "Tollgate Road", 0.24),
    ("Merebank Stores", {"shop": "convenience"}, "Merebank Road", 0.3),
    ("Merebank Takeaway", {"amenity": "fast_food", "cuisine": "indian"}, "Merebank Road", 0.27),
    ("Tillmere Stores", {"shop": "convenience"}, "Tillmere Road", 0.29),
    ("Ferrymead Stores", {"shop": "convenience"}, "Withy Road", 0.2),
    ("Ferrymead Fryer", {"amenity": "fast_food", "cuisine": "fish_and_chips"}, "Withy Road", 0.22),
    ("Kiln Road Stores", {"shop": "convenience"}, "Kiln Road", 0.35),
    ("Kiln Road Balti", {"amenity": "fast_food", "cuisine": "indian"}, "Kiln Road", 0.55),
    ("Northgate Stores", {"shop": "convenience"}, "Northgate Road", 0.6),
    ("Carr Road Stores", {"shop": "convenience"}, "Carr Road", 0.25),
    ("Osierfield Stores", {"shop": "convenience"}, "Saltmarsh Road", 0.15),
    ("Beacon Road Bakery", {"shop": "bakery"}, "Beacon Road", 0.4),
)
"""Name, tags, street and how far along it. Each is a point beside the street."""

SITE_TAGS: dict[str, dict[str, str]] = {
    "park": {"leisure": "park"},
    "recreation_ground": {"landuse": "recreation_ground"},
    "cemetery": {"landuse": "cemetery"},
    "allotments": {"landuse": "allotments"},
    "hospital": {"amenity": "hospital"},
    "secondary": {"amenity": "school"},
    "primary": {"amenity": "school"},
    "retail": {"landuse": "retail"},
    "industrial": {"landuse": "industrial"},
    "mall": {"shop": "mall", "building": "retail"},
    "parking": {"amenity": "parking"},
    "leisure": {"leisure": "sports_centre"},
    "estate": {"landuse": "residential"},
    "bus_station": {"amenity": "bus_station"},
}

_BLOCKS = {
    "hospital": ("hospital", 62, 22, 14, 7),
    "secondary": ("school", 58, 20, 20, 5),
    "primary": ("school", 44, 16, 14, 2),
    "retail": ("retail", 74, 46, 24, 8),
    "industrial": ("industrial", 58, 32, 18, 24),
    "estate": ("apartments", 52, 13, 28, 12),
    "leisure": ("civic", 80, 44, 10, 1),
}
"""What stands on a site: kind of building, length, depth, gap in metres and the most of them."""

ESTATE_BLOCKS = (
    "Ling House",
    "Beck House",
    "Fell House",
    "Cairn House",
    "Bracken House",
    "Whin House",
    "Peat House",
    "Scar House",
    "Gill House",
)
"""The blocks of Pellmoor Court."""


def on_sites() -> list[Feature]:
    """The sites themselves and the buildings, pitches and playgrounds on them."""
    found: list[Feature] = []
    for site in layout.SITES:
        found.append(Feature(site.outline, {"name": site.name, **SITE_TAGS[site.use]}))
        if site.use in _BLOCKS:
            found += _blocks(site)
        if site.use in {"secondary", "primary"}:
            found += _pitch(site)
    found.append(Feature(layout.POND, {"natural": "water", "water": "pond"}))
    found.append(Feature(layout.RESERVOIR, {"natural": "water", "water": "reservoir", "name": "Fen Reservoir"}))
    found += [Feature(wood, {"natural": "wood"}) for wood in layout.WOODS]
    found.append(Feature(layout.GOLF, {"leisure": "golf_course", "name": "Quarrystead Golf Course"}))
    play = {"leisure": "playground"}
    found += [
        Feature(block(3130, 3440, 10, 42, 30), play),
        Feature(block(2280, 1545, -12, 30, 24), play),
        Feature(block(4180, 3990, 0, 36, 26), play),
        Feature(block(3790, 960, -10, 34, 24), play),
        Feature(block(1000, 2860, 0, 34, 24), play),
        Feature(block(2890, 3400, -5, 40, 24), {"leisure": "pitch", "sport": "basketball",
        "name": "Ropewalk Ball Court"}),
        Feature(block(3740, 1010, -10, 34, 20), {"leisure": "pitch", "sport": "skateboard",
        "name": "Pellmoor Skatepark"}),
        Feature(block(3330, 3560, 60, 100, 62), {"leisure": "pitch", "sport": "soccer"}),
        Feature(block(1060, 2960, 20, 100, 62), {"leisure": "pitch", "sport": "soccer"}),
        Feature(block(3850, 2520, -14, 100, 62), {"leisure": "pitch", "sport": "soccer"}),
        Feature(block(2790, 1994, 2, 90, 12), {"building": "train_station"}),
        Feature(block(2800, 1982, 2, 180, 6), {"railway": "platform"}),
        Feature(block(2800, 1955, 2, 180, 6), {"railway": "platform"}),
        Feature(block(2595, 2425, -10, 56, 38), {"building": "parking", "name": "Maltings multi-storey car park"}),
        Feature(block(2605, 2925, 0, 20, 14), {"historic": "castle", "building": "ruins", "name": "Castle Keep"}),
        Feature(ring([(3055, 3480), (3069, 3490), (3055, 3500), (3041, 3490)], 6), {"building": "roof",
        "name": "Ropewalk Bandstand"}),
        Feature(block(2798, 2775, -10, 46, 34), {"amenity": "marketplace", "highway": "pedestrian", "area": "yes",
        "name": "Market Place"}),
        Feature(layout.STATION, {"railway": "station", "public_transport": "station",
        "name": f"{layout.TOWN} station"}),
    ]  # fmt: skip
    return found


def _axis(outline: Polygon) -> float:
    """Direction in degrees of the longer side of the rectangle around an outline."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(outline))
    sides = np.diff(corners, axis=0)[:2]
    # To a millimetre, so that of two equal sides the first is taken on every machine.
    longer = sides[int(np.hypot(*sides.T).round(3).argmax())]
    return float(np.degrees(np.arctan2(longer[1], longer[0])))


def _blocks(site: layout.Site) -> list[Feature]:
    """Buildings in rows, as many as fit well inside the outline."""
    kind, length, depth, gap, most = _BLOCKS[site.use]
    rng = chance(f"blocks {site.name}")
    angle = _axis(site.outline)
    inner = site.outline.buffer(-9)
    turn = np.radians(angle)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    middle = np.array([site.outline.centroid.x, site.outline.centroid.y])
    spots = [
        middle + along * (i + 0.5 * (j % 2)) * (length + gap) + across * j * (depth + gap)
        for j in range(-6, 7)
        for i in range(-6, 7)
    ]
    found: list[Feature] = []
    for x, y in spots:
        shape = block(float(x), float(y), angle, length * rng.uniform(0.75, 1.0), depth * rng.uniform(0.8, 1.0))
        if inner.contains(shape):
            found.append(Feature(shape, {"building": kind}))
    if site.use in {"secondary", "primary"}:  # at one end, so that the field keeps the other
        # To a millimetre: blocks beside one another are equally far along, whatever the last digit of this machine.
        found.sort(key=lambda feature: round(float(np.array(feature.shape.centroid.coords[0]) @ along), 3))
    if site.use == "estate":
        named = zip(found, ESTATE_BLOCKS, strict=False)
        return [Feature(f.shape, {**f.tags, "name": name, "addr:place": site.name}) for f, name in named]
    return found[:most]


def _pitch(site: layout.Site) -> list[Feature]:
    angle = _axis(site.outline)
    turn = np.radians(angle)
    reach = 0.22 * float(np.sqrt(site.outline.area)) * np.array([np.cos(turn), np.sin(turn)])
    large = site.use == "secondary"
    shape = block(
        site.outline.centroid.x + reach[0],
        site.outline.centroid.y + reach[1],
        angle,
        90 if large else 44,
        56 if large else 30,
    )
    return [Feature(shape, {"leisure": "pitch", "sport": "soccer"})] if site.outline.contains(shape) else []


def beside_streets(streets: list[Street]) -> list[Feature]:
    """Landmarks set beside the nearest street where they touch nothing else."""
    lines = [street.line for street in streets if street.name]
    called = [street.name for street in streets if street.name]
    tree = STRtree(lines)
    kept_clear = [line.buffer(5.5) for line in lines] + [layout.RAILWAY.buffer(9), layout.RIVER.buffer(20)]
    kept_clear += [site.outline for site in layout.SITES]
    around = STRtree(kept_clear)
    found: list[Feature] = []
    for name, tags, (x, y), width, depth in BESIDE_STREETS:
        number = int(tree.nearest(Point(x, y)))
        line = lines[number]
        at = line.project(Point(x, y))
        turn = heading(line, at)
        foot = line.interpolate(at)
        side = 1.0 if (x - foot.x) * -np.sin(turn) + (y - foot.y) * np.cos(turn) > 0 else -1.0
        for step in sorted(range(-20, 21), key=abs):
            for which in (side, -side):
                shape, angle = beside(line, at + 9 * step, which, 8.5, width, depth)
                if not len(around.query(shape, "intersects")) and all(not shape.intersects(o.shape) for o in found):
                    break
            else:
                continue
            found.append(Feature(shape, {"name": name, **tags}, called[number], angle))
            break
        else:
            raise ValueError(f"There is no room for {name}.")
    return found


def beside(
    line: shapely.LineString, at: float, side: float, setback: float, width: float, depth: float
) -> tuple[Polygon, float]:
    """A block with its front along a street, ``setback`` metres off its middle, and its angle in degrees."""
    at = float(np.clip(at, 0, line.length))
    turn = heading(line, at)
    foot = line.interpolate(at)
    off = side * (setback + depth / 2)
    x, y = foot.x - off * np.sin(turn), foot.y + off * np.cos(turn)
    return block(float(x), float(y), float(np.degrees(turn)), width, depth), float(np.degrees(turn))
