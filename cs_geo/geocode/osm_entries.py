"""Gazetteer entries from an OpenStreetMap extract: addresses, named places, streets and junctions.

In: what ``cs_geo.osm`` read, from which protected places are already gone. Out: entries in storage metres. A thing
drawn twice (a school as a node and as an outline, a shop in the house that has its address) is one entry: two would
leave the cascade in doubt between a place and itself.

Doubt: a place known as a point gets a radius by what it is, since the map does not say how far it reaches.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import hypot, isnan

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from cs_geo.geocode.default_locations import DefaultLocations, shipped_default_locations
from cs_geo.geocode.gazetteer import FEATURE_RADIUS_M, POINT_RADIUS_M, Entry, address_entries, place_entry, place_radius
from cs_geo.geocode.osm_localities import LocalityFinder
from cs_geo.geocode.osm_streets import ALIAS_KEYS, Street, junction_entries, normalised, street_entries, streets_of
from cs_geo.osm import TAGS, OsmData

FEATURE_ORDER = (
    "amenity", "leisure", "shop", "tourism", "railway", "healthcare", "office", "historic", "place", "natural", "water",
    "landuse", "man_made", "public_transport", "highway", "building",
)  # fmt: skip
"""Which tag says best what a thing is."""
FURNITURE = frozenset({
    "atm", "bench", "bicycle_parking", "bicycle_rental", "car_sharing", "charging_station", "clock", "give_box",
    "motorcycle_parking", "parking_entrance", "parking_space", "post_box", "recycling", "telephone", "vending_machine",
    "waste_basket", "waste_disposal", "street_lamp", "crossing", "traffic_signals", "speed_camera", "milestone", "tree",
    "surveillance", "stop_position", "subway_entrance",
})  # fmt: skip
"""Things whose name is an operator's, or the street's they stand in (hired bicycles)."""
STOPS = frozenset({"bus_stop", "platform", "stop", "tram_stop", "bus_station"})
STATIONS = frozenset({"station", "halt"})
RADIUS_M = {
    "park": 150, "common": 200, "nature_reserve": 200, "wood": 200, "recreation_ground": 150, "industrial": 200,
    "retail": 150, "golf_course": 250, "cemetery": 100, "playground": 40, "pitch": 60, "sports_centre": 80,
    "school": 100, "college": 100, "university": 150, "hospital": 150, "station": 80, "halt": 50, "mall": 100,
    "supermarket": 50, "bus_station": 50, "marketplace": 50, "parking": 50, "roundabout": 50,
}  # fmt: skip
"""Reach of a thing that the map knows only as a point, by what it is; set by hand. ``POINT_RADIUS_M`` for everything
else: 90% of the 788 named shops, pubs, cafés and offices drawn as outlines in central London reach no further."""
SAME_THING_M = 100
"""Two things of one name, the gap between them no wider, are one."""
STOP_OF_M = 300
"""A stop no further from a thing or street of its name is named after it."""
SAME_ADDRESS_M = 60

IsDefault = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class _Thing:
    """A named thing before its entries are made."""

    names: tuple[str, ...]
    x: float
    y: float
    radius_m: float
    feature: str
    has_outline: bool
    postcode: str
    localities: tuple[str, ...]


def entries_from_osm(
    data: OsmData, gazetteer: str, *, default_locations: DefaultLocations | None = None
) -> Iterator[Entry]:
    """The entries of an extract: addresses, then places, streets and junctions.

    Parameters
    ----------
    data
        An extract in storage metres.
    gazetteer
        Name and version under which the entries are kept.
    default_locations
        Which places are written down because the true place was not known; None: the list that is shipped.
    """
    defaults = default_locations or shipped_default_locations()

    @lru_cache(maxsize=100_000)
    def is_default(name: str, feature: str) -> bool:
        return bool(defaults.reference_of(name, feature))

    localities = LocalityFinder.of(data)
    streets = streets_of(data)
    located = _located(data)
    yield from _addresses(located, localities, gazetteer, is_default)
    yield from _places(located, streets, localities, gazetteer, is_default)
    yield from street_entries(data, streets, localities, gazetteer)
    yield from junction_entries(data, gazetteer)


def _located(data: OsmData) -> pd.DataFrame:
    """Points and areas in one frame: tags ("" where missing), ``x``, ``y``, ``reach`` (NaN of a point), ``feature``."""
    points, areas = data.points, data.areas
    middles = _middles(areas)
    reach = shapely.hausdorff_distance(areas.geometry.to_numpy(), middles) if len(areas) else np.empty(0)
    xy = np.vstack([shapely.get_coordinates(points.geometry.to_numpy()), shapely.get_coordinates(middles)])
    things: pd.DataFrame = pd.concat([points[list(TAGS)], areas[list(TAGS)]], ignore_index=True)
    things["x"], things["y"] = xy[:, 0], xy[:, 1]
    things["reach"] = np.concatenate([np.full(len(points), np.nan), reach])
    things["feature"] = _features(things)
    return things.fillna(dict.fromkeys(TAGS, ""))


def _middles(areas: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """The centroid of each area, or a point inside it where the centroid is not."""
    shapes: npt.NDArray[np.object_] = areas.geometry.to_numpy()
    middles = shapely.centroid(shapes)
    return np.where(shapely.intersects(shapes, middles), middles, shapely.point_on_surface(shapes))


def _features(things: pd.DataFrame) -> pd.Series:
    """What each thing is: the value of its most telling tag, or the key where the value is only "yes"."""
    feature = pd.Series("", index=things.index, dtype=object)
    for key in FEATURE_ORDER:
        open_still = (feature == "") & things[key].notna()
        feature[open_still] = things.loc[open_still, key].replace("yes", key)
    feature[things["highway"] == "bus_stop"] = "bus_stop"  # whatever shelter or platform it has
    ring = things["junction"].isin(["roundabout", "circular"])
    return feature.replace("train_station", "station").where(~ring, "roundabout")


# --- addresses --------------------------------------------------------------------------------------------------------


def _addresses(
    things: pd.DataFrame, localities: LocalityFinder, gazetteer: str, is_default: IsDefault
) -> Iterator[Entry]:
    given = things != ""
    numbered = given["addr:housenumber"] | given["addr:housename"] | given["addr:unit"]
    addressed = given["addr:street"] | given["addr:place"]
    things = things[addressed & (numbered | given["building"] & given["name"])]
    # Buildings before shops inside them, and a postcode before none: the first of several at one door is kept.
    order = things.assign(is_inside=things["building"] == "", is_bare=things["addr:postcode"] == "")
    things = things.loc[order.sort_values(["is_inside", "is_bare"], kind="stable").index]
    around = localities.around(things[["x", "y"]].to_numpy())
    reach = np.fmax(things["reach"], POINT_RADIUS_M)
    kept: dict[tuple[str, str], list[Entry]] = {}
    for row, radius, near in zip(things.to_dict("records"), reach.tolist(), around, strict=True):
        house = row["addr:housename"] or (row["name"] if row["building"] and not row["amenity"] else "")
        for entry in address_entries(
            x=row["x"], y=row["y"], gazetteer=gazetteer, number=row["addr:housenumber"], house_name=house,
            unit=row["addr:unit"], street=row["addr:street"], place=row["addr:place"], postcode=row["addr:postcode"],
            localities=[row["addr:suburb"], row["addr:city"], *near], radius_m=radius,
            feature=row["feature"], default_location=is_default(house, row["feature"]),
        ):  # fmt: skip
            at_door = kept.setdefault((entry.number_norm, entry.street_norm), [])
            if not any(_apart(entry, other) <= SAME_ADDRESS_M + other.radius_m for other in at_door):
                at_door.append(entry)
    yield from (entry for at_door in kept.values() for entry in at_door)


def _apart(one: Entry | _Thing, other: Entry | _Thing | Street) -> float:
    return hypot(one.x - other.x, one.y - other.y)


# --- places -----------------------------------------------------------------------------------------------------------


def _places(
    located: pd.DataFrame, streets: list[Street], localities: LocalityFinder, gazetteer: str, is_default: IsDefault
) -> Iterator[Entry]:
    by_name: dict[str, list[_Thing]] = {}
    for thing in _things(located, localities):
        by_name.setdefault(_bare(thing), []).append(thing)
    of_street: dict[str, list[Street]] = {}
    for street in streets:
        of_street.setdefault(street.norm, []).append(street)
    for norm, things in by_name.items():
        for thing in _one_each(things):
            for name in _names_to_list(thing, of_street.get(norm, [])):
                entry = place_entry(
                    name, thing.x, thing.y, radius_m=thing.radius_m, gazetteer=gazetteer, feature=thing.feature,
                    localities=thing.localities, postcode=thing.postcode,
                    default_location=is_default(name, thing.feature),
                )  # fmt: skip
                if entry:
                    yield entry


def _things(things: pd.DataFrame, localities: LocalityFinder) -> Iterator[_Thing]:
    things = things[(things["name"] != "") & (things["feature"] != "") & ~things["feature"].isin(FURNITURE)]
    around = localities.around(things[["x", "y"]].to_numpy())
    for row, near in zip(things.to_dict("records"), around, strict=True):
        written = dict.fromkeys(
            part.strip() for key in ("name", *ALIAS_KEYS) for part in row[key].split(";") if normalised(part)
        )
        names = tuple(written)
        if not names:
            continue
        has_outline = not isnan(row["reach"])
        reach = row["reach"] if has_outline else _usual_reach(row["feature"], is_place=row["feature"] == row["place"])
        yield _Thing(
            names=names,
            x=row["x"],
            y=row["y"],
            radius_m=float(max(reach, POINT_RADIUS_M)),
            feature=row["feature"],
            has_outline=has_outline,
            postcode=row["addr:postcode"],
            localities=tuple(name for name in (row["addr:suburb"], row["addr:city"], *near) if name not in names),
        )


def _usual_reach(feature: str, *, is_place: bool) -> float:
    return place_radius(feature) if is_place else RADIUS_M.get(feature, POINT_RADIUS_M)


def _bare(thing: _Thing) -> str:
    """The normalised name; of a stop or station without that word, since both name the same spot."""
    norm = normalised(thing.names[0])
    return _STATION_WORDS.sub("", norm) if thing.feature in STOPS | STATIONS else norm


_STATION_WORDS = re.compile(r"(?<=.)(?: (?:railway|rail|train|tube|underground|metro|tram|bus))? (?:station|stop)$")


def _one_each(things: list[_Thing]) -> Iterator[_Thing]:
    """Things of one name without those that are drawn twice or named after another one."""
    things = sorted(things, key=lambda thing: (thing.feature in STOPS, not thing.has_outline, -thing.radius_m))
    kept: list[_Thing] = []
    for thing in things:
        reach = STOP_OF_M if thing.feature in STOPS else SAME_THING_M
        if not any(_apart(thing, other) <= reach + other.radius_m and _of_a_size(thing, other) for other in kept):
            kept.append(thing)
    yield from kept


def _of_a_size(one: _Thing, other: _Thing) -> bool:
    """Can they be one thing? A station is not the suburb that it is called after."""
    return (one.radius_m <= FEATURE_RADIUS_M) == (other.radius_m <= FEATURE_RADIUS_M)


def _names_to_list(thing: _Thing, streets: list[Street]) -> Iterator[str]:
    """The names by which a thing is found. A stop or station called as the street beside it leaves it the bare name."""
    here = shapely.Point(thing.x, thing.y)
    beside = any(shapely.distance(street.line, here) <= STOP_OF_M for street in streets)
    word = "bus stop" if thing.feature in {"bus_stop", "platform", "stop"} else "station"
    is_stop = thing.feature in STOPS | STATIONS
    for number, name in enumerate(thing.names):
        if is_stop and word not in name.casefold():
            yield f"{name} {word}"
        if not (number == 0 and beside and (is_stop or thing.feature in {"pedestrian", "square", "footway"})):
            yield name
