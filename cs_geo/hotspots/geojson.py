"""A hotspot run as GeoJSON: longitude and latitude with six decimals, shapes still valid, the run's account inside."""

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry import mapping

from cs_geo.crs import DEGREES, storage_epsg, transformation_accuracy_m
from cs_geo.hotspots.result import HotspotResult

DECIMALS = 6
"""Six decimals of a degree are 0.11 m north and 0.07 m east at 53° N: finer than any report is known."""


def to_feature_collection(result: HotspotResult, run: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Write a run as one GeoJSON FeatureCollection in EPSG:4326.

    Parameters
    ----------
    result
        What ``find_hotspots`` gave.
    run
        More about the run to put beside its parameters and account: its reference, window, filters.

    Returns
    -------
    dict
        ``type``, ``features`` (hotspots by rank, then spots; property ``found_as`` tells them apart) and ``run``.
        Plain values only, ready for ``json.dumps``. Rings run anticlockwise, holes clockwise (RFC 7946).
    """
    features = [*_features(result.hotspots, "hotspot"), *_features(result.spots, "spot")]
    about = {
        **(dict(run) if run else {}),
        **result.run_json(),
        "crs": f"EPSG:{DEGREES}",
        "computed_in": f"EPSG:{storage_epsg()}",
        "accuracy_of_conversion_m": transformation_accuracy_m(storage_epsg(), DEGREES),
    }
    return {"type": "FeatureCollection", "features": features, "run": about}


def to_degrees(shapes: gpd.GeoSeries) -> npt.NDArray[np.object_]:
    """Geometries in EPSG:4326, rounded to ``DECIMALS`` and valid, outer rings anticlockwise."""
    # The grid keeps shapes valid where plain rounding would fold a corner over its neighbour; rounding after it only
    # makes the numbers print short.
    on_grid = shapely.set_precision(np.asarray(shapes.to_crs(epsg=DEGREES).array), 10.0**-DECIMALS)
    return np.asarray(shapely.orient_polygons(shapely.transform(on_grid, _round)), dtype=object)


def _round(coordinates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.round(coordinates, DECIMALS)


def _features(table: gpd.GeoDataFrame, found_as: str) -> Iterator[dict[str, Any]]:
    names = [name for name in table.columns if name != table.geometry.name]
    for shape, row in zip(to_degrees(table.geometry), table[names].to_dict("records"), strict=True):
        properties = {str(name): _plain(value) for name, value in row.items()}
        properties["found_as"] = found_as
        yield {"type": "Feature", "geometry": mapping(shape), "properties": properties}


def _plain(value: Any) -> Any:
    if isinstance(value, dict | list):
        return value
    if pd.isna(value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    return round(value, 1) if isinstance(value, float) else value
