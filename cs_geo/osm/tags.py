"""Which OpenStreetMap tags are kept, and whether they describe a point, a line or an area of use.

The rules follow the wiki's Map features and, for areas, its list of keys by which a closed way is the ground inside it.
"""

from collections.abc import Iterable, Mapping

import osmium

FEATURE_KEYS = (
    "addr:housename", "addr:housenumber", "amenity", "barrier", "building", "entrance", "healthcare", "highway",
    "historic", "landuse", "leisure", "man_made", "natural", "office", "place", "public_transport", "railway", "shop",
    "social_facility", "tourism", "water", "waterway",
)  # fmt: skip
"""An object without any of these is not read."""

NAME_KEYS = ("name", "alt_name", "loc_name", "official_name", "old_name", "short_name", "ref")
ADDRESS_KEYS = (
    "addr:housenumber", "addr:housename", "addr:unit", "addr:street", "addr:place", "addr:suburb", "addr:city",
    "addr:postcode",
)  # fmt: skip
DETAIL_KEYS = (
    "access", "area", "bridge", "community_centre", "covered", "cuisine", "foot", "footway", "government", "indoor",
    "junction", "layer", "level", "lit", "motor_vehicle", "motorcar", "oneway", "service", "sidewalk",
    "social_facility:for", "sport", "station", "surface", "surveillance", "tunnel",
)  # fmt: skip

TAGS: tuple[str, ...] = tuple(dict.fromkeys([*NAME_KEYS, *ADDRESS_KEYS, *FEATURE_KEYS, *DETAIL_KEYS]))
"""The tags that are kept, one column each. A tag of ``no`` is as good as missing, save for ``NO_MATTERS``."""
NO_MATTERS = frozenset({"access", "foot", "lit", "motor_vehicle", "motorcar"})

LINEAR_NATURAL = frozenset({"coastline", "cliff", "tree_row", "ridge", "arete", "valley", "earth_bank", "strait"})
LINEAR_MAN_MADE = frozenset({"pipeline", "cutline", "embankment", "dyke", "pier", "breakwater", "groyne"})
AREA_WATERWAYS = frozenset({"riverbank", "dock", "boatyard", "fuel"})
AREA_RAILWAYS = frozenset({"station", "platform", "halt", "depot", "roundhouse", "traverser", "turntable", "yard"})
SKIPPED_POINTS = {"natural": {"tree", "shrub"}, "barrier": {"bollard", "block", "kerb"}}
"""Nodes that no part of the product uses and that cities have by the ten thousand."""

_KEPT = frozenset(TAGS)
_FEATURES = frozenset(FEATURE_KEYS)
_AREA_KEYS = _FEATURES - {"highway", "railway", "waterway", "natural", "man_made", "barrier", "entrance"}


def kept_tags(tags: Iterable[osmium.osm.Tag]) -> dict[str, str]:
    """The tags of ``TAGS`` with something in them, white space tidied."""
    kept = {tag.k: " ".join(tag.v.split()) for tag in tags if tag.k in _KEPT}
    return {key: value for key, value in kept.items() if value and (value != "no" or key in NO_MATTERS)}


def is_point_of_use(tags: Mapping[str, str]) -> bool:
    """Is this more than a tree or a bollard?"""
    return any(tags[key] not in SKIPPED_POINTS.get(key, ()) for key in tags.keys() & _FEATURES)


def is_line(tags: Mapping[str, str]) -> bool:
    """Streets, rails and rivers. A street drawn as an area (a square) is no line: osmnx leaves it out, too."""
    return (
        ("highway" in tags and tags.get("area") != "yes")
        or tags.get("railway", "station") not in AREA_RAILWAYS
        or tags.get("waterway", "dock") not in AREA_WATERWAYS
        or tags.get("natural") in LINEAR_NATURAL
        or tags.get("man_made") in LINEAR_MAN_MADE
    )


def is_area(tags: Mapping[str, str], *, from_way: bool) -> bool:
    """Say whether an outline is meant as the ground inside it: a roundabout is not, a square is."""
    if tags.get("area") == "yes" or not from_way:
        return bool(tags)
    return (
        bool(tags.keys() & _AREA_KEYS)
        or tags.get("railway") in AREA_RAILWAYS
        or tags.get("waterway") in AREA_WATERWAYS
        or ("natural" in tags and tags["natural"] not in LINEAR_NATURAL)
        or ("man_made" in tags and tags["man_made"] not in LINEAR_MAN_MADE)
    )
