"""What the basemap draws, sorted out of an OpenStreetMap extract: nine layers for vector tiles.

In: what ``cs_geo.osm`` read. Out: one frame in storage metres with a layer, a kind for the style rules of
``cs_geo.maps.basemap``, a name where one helps, the zoom from which it is drawn, and a rank for labels that compete.

Protected places have lost name and kind when the extract was read, so a children's home is a building like any other.
Things underground and inside (the Tube, corridors of a shopping centre) are left out: they would cross the streets.
"""

from collections.abc import Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cs_geo.crs import require_metres
from cs_geo.osm import OsmData

LAYERS = ("landuse", "parks", "water", "buildings", "rail", "paths", "streets", "amenities", "places")
"""In painting order."""
COLUMNS = ["layer", "kind", "name", "min_zoom", "rank", "geometry"]

STREETS: Mapping[str, tuple[int, int]] = {
    "motorway": (6, 0), "trunk": (7, 1), "primary": (8, 2), "secondary": (10, 3), "tertiary": (11, 4),
    "unclassified": (12, 5), "residential": (12, 5), "living_street": (13, 6), "pedestrian": (13, 6), "road": (13, 6),
    "busway": (13, 7), "service": (14, 7),
}  # fmt: skip
"""Kind of street: smallest zoom and rank. Slip roads (``…_link``) count as the road that they belong to."""
PATHS: Mapping[str, tuple[int, int]] = {
    "cycleway": (14, 1), "bridleway": (14, 2), "track": (14, 2), "footway": (15, 3), "path": (15, 3), "steps": (15, 3),
}  # fmt: skip
SHORT_STREET_ZOOM = 15
"""From here on driveways and car-park aisles are drawn."""
RAIL: Mapping[str, tuple[int, int]] = {
    "rail": (9, 0), "light_rail": (11, 1), "subway": (11, 1), "tram": (13, 2), "narrow_gauge": (12, 2),
    "preserved": (12, 2),
}  # fmt: skip
WATERWAYS: Mapping[str, tuple[int, int]] = {
    "river": (9, 0), "canal": (11, 1), "stream": (14, 2), "drain": (15, 3), "ditch": (15, 3),
}  # fmt: skip
PLACES: Mapping[str, tuple[int, int]] = {
    "city": (6, 0), "borough": (9, 1), "town": (8, 1), "suburb": (11, 2), "village": (11, 2), "quarter": (13, 3),
    "neighbourhood": (13, 4), "hamlet": (13, 4), "isolated_dwelling": (15, 5), "square": (16, 6),
}  # fmt: skip

PARKS: Mapping[tuple[str, str], str] = {
    ("leisure", "park"): "park", ("leisure", "common"): "park", ("leisure", "nature_reserve"): "park",
    ("leisure", "garden"): "garden", ("leisure", "recreation_ground"): "recreation_ground",
    ("landuse", "recreation_ground"): "recreation_ground", ("landuse", "village_green"): "recreation_ground",
    ("leisure", "golf_course"): "golf_course", ("leisure", "pitch"): "pitch", ("leisure", "playground"): "playground",
    ("landuse", "cemetery"): "cemetery", ("amenity", "grave_yard"): "cemetery", ("landuse", "allotments"): "allotments",
    ("landuse", "forest"): "wood", ("natural", "wood"): "wood", ("natural", "scrub"): "wood",
    ("landuse", "grass"): "grass", ("landuse", "meadow"): "grass", ("natural", "grassland"): "grass",
    ("natural", "heath"): "grass",
}  # fmt: skip
WATER: Mapping[tuple[str, str], str] = {
    ("natural", "water"): "water", ("waterway", "riverbank"): "river", ("waterway", "dock"): "dock",
    ("landuse", "reservoir"): "water", ("landuse", "basin"): "water", ("leisure", "swimming_pool"): "pool",
}  # fmt: skip
LAND_USE: Mapping[tuple[str, str], str] = {
    ("landuse", "residential"): "residential", ("landuse", "retail"): "retail", ("landuse", "commercial"): "commercial",
    ("landuse", "industrial"): "industrial", ("landuse", "railway"): "railway", ("amenity", "school"): "school",
    ("amenity", "college"): "school", ("amenity", "university"): "school", ("amenity", "hospital"): "hospital",
    ("amenity", "parking"): "parking", ("highway", "pedestrian"): "square", ("place", "square"): "square",
}  # fmt: skip
"""Tag to kind."""

AMENITIES: Mapping[tuple[str, str], str] = {
    ("amenity", "community_centre"): "youth_venue", ("amenity", "youth_centre"): "youth_venue",
    ("leisure", "youth_club"): "youth_venue", ("amenity", "library"): "library",
    ("railway", "station"): "station", ("railway", "halt"): "station", ("building", "train_station"): "station",
    ("public_transport", "station"): "station", ("amenity", "bus_station"): "station",
    ("railway", "tram_stop"): "stop", ("highway", "bus_stop"): "stop",
    ("amenity", "school"): "school", ("amenity", "college"): "college", ("amenity", "kindergarten"): "nursery",
    ("amenity", "hospital"): "health", ("amenity", "clinic"): "health", ("amenity", "doctors"): "health",
    ("amenity", "pharmacy"): "health", ("amenity", "police"): "police", ("amenity", "townhall"): "civic",
    ("amenity", "place_of_worship"): "worship", ("leisure", "sports_centre"): "sport", ("leisure", "pitch"): "sport",
    ("leisure", "playground"): "play", ("leisure", "skatepark"): "play", ("amenity", "cinema"): "leisure",
    ("leisure", "bowling_alley"): "leisure", ("leisure", "amusement_arcade"): "leisure",
    ("amenity", "fast_food"): "food", ("amenity", "restaurant"): "food", ("amenity", "cafe"): "food",
    ("amenity", "food_court"): "food", ("amenity", "pub"): "pub", ("amenity", "bar"): "pub",
    ("amenity", "nightclub"): "pub", ("amenity", "toilets"): "toilets", ("shop", "mall"): "shopping_centre",
}  # fmt: skip
"""Tag to kind; any other ``shop`` is a shop."""
AMENITY_ZOOMS: Mapping[str, tuple[int, int]] = {
    "youth_venue": (13, 0), "library": (13, 0), "station": (13, 1), "school": (14, 2), "college": (14, 2),
    "shopping_centre": (14, 2), "health": (15, 3), "police": (15, 3), "civic": (15, 3), "park_entrance": (16, 4),
    "stop": (16, 4), "sport": (16, 5), "play": (16, 5), "nursery": (16, 5), "leisure": (16, 5), "toilets": (16, 6),
    "worship": (16, 6), "food": (16, 7), "pub": (16, 7), "shop": (16, 8),
}  # fmt: skip
GATES = frozenset({"gate", "entrance", "kissing_gate", "swing_gate", "cycle_barrier", "turnstile"})
AT_THE_EDGE_M = 3
"""A gate no further from a park's outline is an entrance of the park."""
SAME_PLACE_M = 150
"""Things of one kind and name no further apart are one thing, drawn twice (a school as a node and as an outline)."""
SAME_SETTLEMENT_M = 2_000
"""The same for settlements, whose outline may have its middle far from the church and the green."""

BIG_AREAS = ((1_000_000, 9), (100_000, 11), (10_000, 13), (1_000, 14))
"""Smallest area in m² and the zoom from which it is drawn: five to nine pixels across at 53° N."""
TINY_AREA_ZOOM = 15
SHORT_TUNNEL_M = 60
"""A shorter tunnel is a way under a road or a railway: leaving it out would cut a path in two."""


def basemap_features(data: OsmData) -> gpd.GeoDataFrame:
    """Sort an extract into the layers of the basemap.

    Parameters
    ----------
    data
        An extract in storage metres.

    Returns
    -------
    GeoDataFrame
        ``layer`` (one of ``LAYERS``), ``kind``, ``name`` ("" where there is none), ``min_zoom``, ``rank`` (0 first
        where labels compete) and the geometry: lines for streets, paths, rail and waterways; points for amenities and
        places; polygons for the rest.
    """
    require_metres(data.areas)
    parts = [
        *_ground(data.areas),
        *_ways(data.lines),
        _amenities(data),
        _places(data),
    ]
    features = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    features = gpd.GeoDataFrame(features[COLUMNS], geometry="geometry", crs=data.areas.crs)
    features = features.astype({"layer": "str", "kind": "str", "min_zoom": "int64", "rank": "int64"})
    order = features["layer"].map(LAYERS.index)
    return features.assign(order=order).sort_values(["order", "rank"], kind="stable")[COLUMNS].reset_index(drop=True)


def _feature_frame(
    rows: gpd.GeoDataFrame, layer: str, kind: pd.Series, look: Mapping[str, tuple[int, int]]
) -> gpd.GeoDataFrame:
    """Rows of one layer, with zoom and rank by their kind."""
    zooms, ranks = (kind.map({name: pair[place] for name, pair in look.items()}) for place in (0, 1))
    frame = rows[["name", "geometry"]].assign(layer=layer, kind=kind, min_zoom=zooms, rank=ranks)
    return frame.assign(name=frame["name"].fillna(""))[frame["min_zoom"].notna()]


def _first_kind(rows: pd.DataFrame, kinds: Mapping[tuple[str, str], str]) -> pd.Series:
    """The kind of each row by the table; of several tags the key named first counts. None where there is none."""
    found = pd.Series(None, index=rows.index, dtype=object)
    for key in dict.fromkeys(key for key, _ in kinds):
        here = {value: kind for (of_key, value), kind in kinds.items() if of_key == key}
        found = found.where(found.notna(), rows[key].astype(object).map(here))
    return found


# --- areas ------------------------------------------------------------------------------------------------------------


def _ground(areas: gpd.GeoDataFrame) -> Iterator[gpd.GeoDataFrame]:
    """Land use, parks and water by their size, and buildings."""
    sizes = areas.area.to_numpy()
    for layer, kinds in (("landuse", LAND_USE), ("parks", PARKS), ("water", WATER)):
        kind = _first_kind(areas, kinds)
        rows = kind.notna().to_numpy()
        zooms = _zoom_by_size(sizes[rows])
        frame = areas.loc[rows, ["name", "geometry"]].assign(layer=layer, kind=kind[rows], min_zoom=zooms)
        frame["rank"] = np.searchsorted([zoom for _, zoom in BIG_AREAS], zooms)
        frame["name"] = "" if layer == "landuse" else frame["name"].fillna("")
        yield frame
    buildings = areas[areas["building"].notna()]
    yield _feature_frame(buildings, "buildings", pd.Series("building", index=buildings.index), {"building": (15, 0)})


def _zoom_by_size(sizes: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.select([sizes >= least for least, _ in BIG_AREAS], [zoom for _, zoom in BIG_AREAS], TINY_AREA_ZOOM)


# --- lines ------------------------------------------------------------------------------------------------------------


def _ways(lines: gpd.GeoDataFrame) -> Iterator[gpd.GeoDataFrame]:
    """Streets, paths, rail and waterways above ground, ways of one name joined into lines long enough for it."""
    under = lines["tunnel"].notna() & (lines["tunnel"] != "building_passage") & (lines.length > SHORT_TUNNEL_M)
    lines = lines[~under & lines["indoor"].isna()]
    highway = lines["highway"].str.removesuffix("_link")
    streets = _feature_frame(lines, "streets", highway, STREETS)
    short = lines["service"].reindex(streets.index).notna() & (streets["kind"] == "service")
    streets["min_zoom"] = streets["min_zoom"].where(~short, SHORT_STREET_ZOOM)
    yield _joined(streets)
    yield _joined(_feature_frame(lines, "paths", highway, PATHS))
    main_line = lines["service"].isna()
    yield _joined(_feature_frame(lines[main_line], "rail", lines.loc[main_line, "railway"], RAIL))
    yield _joined(_feature_frame(lines, "water", lines["waterway"], WATERWAYS))


def _joined(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows that are alike in all but geometry, as lines from junction to junction of their like."""
    if frame.empty:
        return frame
    alike = ["layer", "kind", "name", "min_zoom", "rank"]
    group = frame.groupby(alike, sort=True).ngroup().to_numpy()
    order = np.argsort(group, kind="stable")
    together = shapely.line_merge(shapely.multilinestrings(frame.geometry.to_numpy()[order], indices=group[order]))
    parts, owner = shapely.get_parts(together, return_index=True)
    values = frame[alike].iloc[np.unique(group, return_index=True)[1]].iloc[owner].reset_index(drop=True)
    return gpd.GeoDataFrame(values, geometry=parts, crs=frame.crs)


# --- points -----------------------------------------------------------------------------------------------------------


def _amenities(data: OsmData) -> gpd.GeoDataFrame:
    """Places that people go to, as points; the entrances of parks among them."""
    rows = _as_points(data)
    kind = _first_kind(rows, AMENITIES)
    kind = kind.where(kind.notna() | rows["shop"].isna(), "shop")
    found = _feature_frame(rows, "amenities", kind, AMENITY_ZOOMS)
    return pd.concat([_drawn_once(found), _park_entrances(data)], ignore_index=True)


def _as_points(data: OsmData) -> gpd.GeoDataFrame:
    """Areas, by a point inside them, and then points: the outline of a thing drawn twice says better where it is."""
    areas = data.areas.assign(geometry=data.areas.representative_point())
    return pd.concat([areas, data.points], ignore_index=True)


def _drawn_once(found: gpd.GeoDataFrame, *, within_m: float = SAME_PLACE_M) -> gpd.GeoDataFrame:
    """Leave out what stands near an earlier thing of its kind and name. The two stops of a street stay two."""
    may_repeat = (found["name"] == "") | found["kind"].isin(["stop", "shop", "food", "pub"])
    named = found[~may_repeat & found.duplicated(["kind", "name"], keep=False)]
    repeated: list[int] = []
    for _, alike in named.groupby(["kind", "name"]):
        kept: list[shapely.Point] = []
        for row, point in zip(alike.index, alike.geometry, strict=True):
            if any(point.distance(other) <= within_m for other in kept):
                repeated.append(row)
            else:
                kept.append(point)
    return found.drop(index=repeated)


def _park_entrances(data: OsmData) -> gpd.GeoDataFrame:
    """Gates in the outline of a park, under the park's name."""
    gates = data.points[data.points["barrier"].isin(GATES) | data.points["entrance"].notna()]
    parks = data.areas[_first_kind(data.areas, PARKS).isin(["park", "recreation_ground", "garden"])]
    edges = shapely.STRtree(parks.boundary.to_numpy())
    gate, park = edges.query(gates.geometry.to_numpy(), predicate="dwithin", distance=AT_THE_EDGE_M)
    first = np.unique(gate, return_index=True)[1]
    entrances = gates.iloc[gate[first]].assign(name=parks["name"].to_numpy()[park[first]])
    kind = pd.Series("park_entrance", index=entrances.index)
    return _feature_frame(entrances, "amenities", kind, AMENITY_ZOOMS)


def _places(data: OsmData) -> gpd.GeoDataFrame:
    """Names of settlements and squares; a settlement that has both a point and an outline stands at its point."""
    rows = pd.concat([data.points, data.areas.assign(geometry=data.areas.representative_point())], ignore_index=True)
    place = rows["place"].where(rows["place"].notna() | rows["highway"].ne("pedestrian").fillna(True), "square")
    found = _feature_frame(rows[rows["name"].notna()], "places", place[rows["name"].notna()], PLACES)
    is_square = found["kind"] == "square"
    return pd.concat([_drawn_once(found[~is_square], within_m=SAME_SETTLEMENT_M), _drawn_once(found[is_square])])
