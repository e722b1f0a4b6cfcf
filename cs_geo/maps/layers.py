"""Frames of areas and spots as the GeoJSON a map draws: geometry in degrees, a rank and one escaped sentence.

Everything in a GeoJSON layer can be read in the page's source, whatever is drawn, so nothing travels here that is not
shown. Reports themselves never do: they are vector tiles.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import mapping

from cs_geo.crs import DEGREES
from cs_geo.maps.captions import concentration_text, spot_text

DRAWN_DECIMALS = 6
"""Decimals of a degree that are drawn, about 0.1 m. The exact outline is in the table and in exports."""

Features = dict[str, Any]
"""A GeoJSON FeatureCollection."""


def hotspot_features(hotspots: gpd.GeoDataFrame) -> Features:
    """Outlines of the areas where reports are concentrated.

    Parameters
    ----------
    hotspots
        Polygons in any CRS with the columns ``rank`` (1 is the largest), ``reports_n`` and ``label``.

    Returns
    -------
    dict
        A FeatureCollection in EPSG:4326, in the order of ``rank``. Properties: ``layer``, ``rank`` and ``text``
        (escaped for HTML).
    """
    return make_features(
        hotspots.sort_values("rank"),
        lambda row: {
            "layer": "hotspots",
            "rank": int(row["rank"]),
            "text": concentration_text(int(row["reports_n"]), row["label"]),
        },
    )


def spot_features(spots: gpd.GeoDataFrame) -> Features:
    """Several reports at one spot: points, never areas. Columns and properties as for ``hotspot_features``."""
    return make_features(
        spots.sort_values("rank"),
        lambda row: {
            "layer": "spots",
            "rank": int(row["rank"]),
            "text": spot_text(int(row["reports_n"]), row["label"]),
        },
    )


def selected_features(chosen: gpd.GeoSeries) -> Features:
    """What was chosen, an area or a point, to be drawn over everything else. No properties."""
    return make_features(gpd.GeoDataFrame(geometry=chosen), lambda row: {"layer": "selected"})


def rank_places(hotspots: gpd.GeoDataFrame, most: int) -> list[tuple[int, float, float]]:
    """Where the ranks of the largest areas are written: rank, longitude, latitude of a point inside each."""
    largest = hotspots.sort_values("rank").head(most)
    inside = largest.geometry.representative_point().to_crs(DEGREES)
    return [(int(rank), point.x, point.y) for rank, point in zip(largest["rank"], inside, strict=True)]


def degrees_bounds(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> tuple[float, float, float, float]:
    """West, south, east and north of a frame in degrees, as ``draw_hotspot_map`` takes them."""
    west, south, east, north = frame.to_crs(DEGREES).total_bounds
    return float(west), float(south), float(east), float(north)


def make_features(frame: gpd.GeoDataFrame, properties: Any) -> Features:
    """A FeatureCollection in EPSG:4326 of a frame in any CRS; ``properties`` makes those of a row, all that travels."""
    drawn = frame.to_crs(DEGREES)
    rounded = shapely.transform(drawn.geometry.array, lambda xy: np.round(xy, DRAWN_DECIMALS))
    rows: Sequence[Mapping[str, Any]] = drawn.drop(columns=drawn.geometry.name).to_dict("records")
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": str(number), "properties": properties(row), "geometry": mapping(geometry)}
            for number, (row, geometry) in enumerate(zip(rows, rounded, strict=True))
        ],
    }
