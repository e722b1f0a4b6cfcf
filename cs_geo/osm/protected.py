"""Places where people are protected, found by tag and by name, and taken out of what is read.

Children's homes, refuges, supported and asylum accommodation (practice.md §5.1) must never be drawn, named or listed.
OpenStreetMap has many of them by name. This is a net, not a register: what it lets through, the site's own list of
protected locations must hold. An address stays an address, without the name of the house.
"""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cs_geo.osm.tags import ADDRESS_KEYS, NAME_KEYS, TAGS

OPEN_SOCIAL_FACILITIES = {
    "food_bank", "soup_kitchen", "outreach", "day_care", "day_centre", "workshop", "clothing_bank", "ambulatory_care",
}  # fmt: skip
"""``social_facility`` values that anyone may walk into. Any other value is taken for a place where people live and are
protected (OSM wiki, Key:social_facility); an unknown value errs on that side."""
PROTECTED_FOR = {
    "abused", "victim", "women", "orphan", "refugee", "migrant", "asylum", "asylum_seeker", "displaced",
}  # fmt: skip
PROTECTED_AMENITIES = {
    "childrens_home", "children_home", "foster_home", "orphanage", "womens_shelter", "women_shelter", "womens_refuge",
    "refugee_site", "refugee_housing", "nursing_home", "retirement_home", "supported_housing",
}  # fmt: skip
PROTECTED_NAME = (
    r"\bchild(?:ren)?['’]?s?['’]? (?:residential |care |secure )*home\b"
    r"|\b(?:wom[ae]n|girl|famil(?:y|ie)|domestic (?:abuse|violence))['’]?s?['’]? (?:refuge|shelter|aid)\b"
    r"|\brefuge$|\bsafe ?house\b|\bsupported (?:living|housing|accommodation|lodgings)\b|\bsecure children\b"
    r"|\basylum (?:seekers?|accommodation|hotel|hostel|support)\b|\bsecure (?:unit|home)\b"
)
"""Names that give a protected place away where its tags do not. Not put to streets, settlements or open land: a
wildlife refuge is none."""
NAMED_OTHERWISE = ("place", "landuse", "leisure", "natural", "waterway")
KEPT_ON_PROTECTED = {"building", *ADDRESS_KEYS} - {"addr:housename"}


def names_protected(text: str) -> bool:
    """Does a name by itself say that people are protected there?"""
    return re.search(PROTECTED_NAME, text, re.IGNORECASE) is not None


def is_protected(frame: pd.DataFrame) -> pd.Series:
    """Say which rows are places where people are protected, by tags or by name.

    Parameters
    ----------
    frame
        Rows with the columns of ``TAGS``.

    Returns
    -------
    Series of bool
        On the frame's index.
    """
    facilities = frame["social_facility"].fillna("").map(_values)
    audiences = frame["social_facility:for"].fillna("").map(_values)
    lives_there = [bool(values - OPEN_SOCIAL_FACILITIES) for values in facilities]
    sheltered = [bool(values & PROTECTED_FOR) for values in audiences]
    untold = frame["amenity"].eq("social_facility").fillna(False) & frame["social_facility"].isna()
    tagged = pd.Series(np.logical_or(lives_there, sheltered), index=frame.index) | untold.astype(bool)
    tagged |= frame["amenity"].isin(PROTECTED_AMENITIES) | frame["building"].isin(PROTECTED_AMENITIES)
    named = pd.Series(False, index=frame.index)
    for key in (*NAME_KEYS, "addr:housename"):
        named |= frame[key].str.contains(PROTECTED_NAME, case=False, regex=True, na=False)
    return tagged | (named & ~frame[list(NAMED_OTHERWISE)].notna().any(axis=1))


def _values(text: str) -> set[str]:
    """The values of a tag that may hold several ("group_home;outreach")."""
    return {value.strip() for value in text.split(";") if value.strip()}


def without_protected(
    points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, int]:
    """Take name and kind from protected places, and from what would give them away.

    That is the building around a protected node, and all that stands on protected grounds. What then carries no tag
    any more is dropped; an address stays an address.
    """
    people, grounds = is_protected(points).to_numpy(), is_protected(areas).to_numpy()
    count = int(people.sum() + grounds.sum())
    if not count:
        return points, areas, 0
    is_building = areas["building"].notna().to_numpy()
    around = areas.sindex.query(points.geometry[people], predicate="within")[1]
    holding = np.zeros(len(areas), dtype=bool)
    holding[around] = True
    protected_ground = shapely.union_all(areas.geometry[grounds].to_numpy())
    shapely.prepare(protected_ground)
    points_hidden = people | shapely.intersects(protected_ground, points.geometry.to_numpy())
    inside = shapely.intersects(protected_ground, shapely.point_on_surface(areas.geometry.to_numpy()))
    areas_hidden = grounds | (is_building & holding) | (is_building & inside)
    hidden_keys = [key for key in TAGS if key not in KEPT_ON_PROTECTED]
    points, areas = points.copy(), areas.copy()
    points.loc[points_hidden, hidden_keys] = None
    areas.loc[areas_hidden, hidden_keys] = None
    points = points[points[list(TAGS)].notna().any(axis=1)].reset_index(drop=True)
    areas = areas[areas[list(TAGS)].notna().any(axis=1)].reset_index(drop=True)
    return points, areas, count
