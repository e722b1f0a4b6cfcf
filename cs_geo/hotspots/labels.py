"""What a hotspot is called: the nearest junction or street, and nothing that would mark the people there.

A school, an estate, a block of flats or a brand is never a label, even where the map data hold it as a named way:
a label travels into minutes and memories, and the place is a stretch of ground, not an institution.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree

from cs_geo.crs import storage_epsg

JUNCTION_M = 60.0
"""A junction this near the place with most reports around it names the hotspot: it is in sight."""
STREET_M = 150.0
"""A street farther off than this does not help anybody find the place."""
NO_STREET = "No street name known"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STREET_CLASSES = _words(
    "trunk primary secondary tertiary unclassified residential living_street pedestrian road footway path cycleway "
    "bridleway steps track trunk_link primary_link secondary_link tertiary_link"
)
"""Values of OpenStreetMap's ``highway`` that are streets or ways on foot. ``service`` is not: these are car parks,
yards and drives, named after whom they serve."""
_NO_STREET_ENDINGS = _words(
    "school academy college nursery university hospital hospice surgery hostel refuge shelter estate house houses "
    "court tower towers flats apartments mansions heights block lodge centre center park mall arcade supermarket "
    "superstore store shop services station depot"
)
"""A way whose name ends so is named after an institution, a block or a site. School Lane is a street, Hill School is
not; Retail Park is not, and losing Elm Park to the next street does no harm."""
_BRANDS = _words(
    "aldi asda booths burger coop greggs iceland kfc lidl mcdonalds morrisons premier sainsbury sainsburys subway "
    "tesco travelodge waitrose wetherspoon"
)
_COMPASS = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")


def label_places(xy: npt.NDArray[np.float64], streets: gpd.GeoDataFrame | None) -> list[str]:
    """Name places by the junction or street nearest to them, each name once.

    Parameters
    ----------
    xy
        Points to name in storage metres, shape (n, 2).
    streets
        Lines with a column ``name`` and, where known, ``highway`` (OpenStreetMap's class), in any known CRS. None: no
        street is known.

    Returns
    -------
    list of str
        "Mill Lane and Cross Street" within ``JUNCTION_M`` of their junction, otherwise "near Mill Lane", otherwise
        ``NO_STREET``. Where several places share a name, each is told apart by where it lies among them: "near Mill
        Lane (north)".
    """
    return _told_apart(_names(xy, streets), xy)


def usable_streets(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The streets whose names may be labels, in storage metres: columns ``name`` and ``geometry``."""
    named = streets[streets["name"].map(lambda name: isinstance(name, str) and _is_street_name(name)).astype(bool)]
    if "highway" in named:
        named = named[named["highway"].map(_is_street_class).astype(bool)]
    named = named[named.geometry.notna() & ~named.geometry.is_empty]
    return gpd.GeoDataFrame(named[["name", named.geometry.name]]).to_crs(epsg=storage_epsg())


def _names(xy: npt.NDArray[np.float64], streets: gpd.GeoDataFrame | None) -> list[str]:
    names = [NO_STREET] * len(xy)
    if streets is None or not len(xy):
        return names
    usable = usable_streets(streets)
    lines, called = np.asarray(usable.geometry.array), usable["name"].to_numpy()
    points = np.asarray(shapely.points(xy))
    near: dict[int, list[int]] = defaultdict(list)
    for number, line in zip(*STRtree(lines).query(points, predicate="dwithin", distance=STREET_M), strict=True):
        near[int(number)].append(int(line))
    for number, rows in near.items():
        names[number] = _name(points[number], lines[rows], called[rows])
    return names


def _name(point: shapely.Point, lines: npt.NDArray[np.object_], called: npt.NDArray[np.object_]) -> str:
    # Rounded to a centimetre, so that streets that meet at the point are equally near and go by name.
    away = np.round(shapely.distance(lines, point), 2)
    order = sorted(range(len(lines)), key=lambda row: (away[row], called[row]))
    at_hand = [row for row in order if away[row] <= JUNCTION_M]
    junctions = []
    for place, first in enumerate(at_hand):
        for second in at_hand[place + 1 :]:
            if called[first] == called[second]:
                continue
            meeting = shapely.intersection(lines[first], lines[second])
            if not meeting.is_empty and (distance := round(meeting.distance(point), 2)) <= JUNCTION_M:
                junctions.append((distance, f"{called[first]} and {called[second]}"))
    return min(junctions)[1] if junctions else f"near {called[order[0]]}"


def _told_apart(names: Sequence[str], xy: npt.NDArray[np.float64]) -> list[str]:
    """Add to repeated names where each place lies among them, and a number where that is not enough."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(names):
        groups[name].append(number)
    told = list(names)
    for name, members in groups.items():
        if len(members) > 1:
            sides = [""] * len(members) if name == NO_STREET else _sides(xy[members])
            for number, side in zip(members, _numbered(sides), strict=True):
                told[number] = f"{name} ({side})"
    return told


def _sides(xy: npt.NDArray[np.float64]) -> list[str]:
    """Where each point lies as seen from the middle of them all."""
    east, north = (xy - xy.mean(axis=0)).T
    return [_COMPASS[side % len(_COMPASS)] for side in np.rint(np.arctan2(north, east) / (np.pi / 4)).astype(int)]


def _numbered(sides: Sequence[str]) -> list[str]:
    """Number the sides that occur more than once: north 1, north 2."""
    occurring, seen = Counter(sides), Counter[str]()
    numbered = []
    for side in sides:
        seen[side] += 1
        numbered.append(side if occurring[side] == 1 else f"{side} {seen[side]}".strip())
    return numbered


def _is_street_name(name: str) -> bool:
    words = re.findall(r"[a-z]+", name.lower().replace("'", "").replace("’", ""))
    return bool(words) and words[-1] not in _NO_STREET_ENDINGS and not _BRANDS.intersection(words)


def _is_street_class(value: object) -> bool:
    """OpenStreetMap gives one class, or several where ways were joined; nothing known restricts nothing."""
    if isinstance(value, str):
        return value in _STREET_CLASSES
    if isinstance(value, Iterable):
        return any(one in _STREET_CLASSES for one in value)
    return True
