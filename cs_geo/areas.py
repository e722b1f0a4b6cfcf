"""Reading areas from files: study area, districts, wards and LSOAs, mended, in storage metres.

GeoPackage, GeoJSON and Shapefile are read, also inside a zip. Published boundaries hold invalid polygons (27 of the
LSOAs of 2011); they are mended and counted, never dropped.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from cs_geo.crs import storage_epsg
from cs_geo.errors import RefusedInput, UsageError

AREA_KINDS = ("study", "district", "ward", "lsoa")
REFERENCE_NAMES = re.compile(r"(.*(cd|code)|reference|ref|id|.*_id)$", re.IGNORECASE)
NAME_NAMES = re.compile(r"(.*nm|.*name)$", re.IGNORECASE)
WRITTEN_BY = {".gpkg": "GeoPackage", ".geojson": "GeoJSON", ".json": "GeoJSON", ".shp": "Shapefile"}


@dataclass(frozen=True, slots=True)
class AreaFile:
    """Areas read from a file.

    ``areas`` has the columns ``reference``, ``name``, ``was_mended`` and multipolygons in storage metres.
    """

    areas: gpd.GeoDataFrame
    mended: int
    left_out: int
    """Features without a polygon."""


def read_areas(path: Path, kind: str, *, layer: str | None = None) -> AreaFile:
    """Read the areas of one kind from a file.

    Parameters
    ----------
    layer
        Layer of a file that has several. None: the only one, or the one named for the kind.

    Raises
    ------
    UsageError
        If the kind is none, or the file has several layers and none is chosen.
    RefusedInput
        If the file cannot be read as areas.
    """
    if kind not in AREA_KINDS:
        raise UsageError(f"“{kind}” is no kind of area. Use one of: {', '.join(AREA_KINDS)}.")
    frame = _read_layer(path, kind, layer)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise RefusedInput(f"{path.name} holds no shapes. GeoPackage, GeoJSON and Shapefile are taken.")
    if frame.crs is None:
        raise RefusedInput(
            f"{path.name} does not say in which reference system its coordinates are. "
            "Save it again with one, for example as a GeoPackage in EPSG:27700."
        )
    polygonal = frame.geometry.notna() & frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    kept = frame[polygonal].to_crs(storage_epsg()).reset_index(drop=True)
    if kept.empty:
        raise RefusedInput(f"{path.name} holds no polygons. Areas need boundaries; points or lines are not enough.")
    geometry = kept.geometry.to_numpy()
    invalid = ~shapely.is_valid(geometry)
    whole = np.where(invalid, shapely.make_valid(geometry), geometry)
    areas = gpd.GeoDataFrame(
        {
            "reference": _column(kept, REFERENCE_NAMES) or [f"{kind}-{n}" for n in range(1, len(kept) + 1)],
            "name": _column(kept, NAME_NAMES) or [f"{kind.capitalize()} {n}" for n in range(1, len(kept) + 1)],
            "was_mended": invalid,
        },
        geometry=[_only_polygons(shape) for shape in whole],
        crs=storage_epsg(),
    )
    repeated = areas["reference"].duplicated(keep=False)
    if repeated.any():
        areas = areas.dissolve(
            by="reference", aggfunc={"name": "first", "was_mended": "any"}, as_index=False, sort=False
        )
    return AreaFile(areas, mended=int(invalid.sum()), left_out=int((~polygonal).sum()))


def _read_layer(path: Path, kind: str, layer: str | None) -> gpd.GeoDataFrame:
    if not path.exists():
        raise RefusedInput(f"There is no file {path.name} here. Check the path.")
    try:
        layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
        if layer is None and len(layers) > 1:
            fitting = [name for name in layers if name.lower().startswith((kind, {"district": "lad"}.get(kind, kind)))]
            if len(fitting) != 1:
                raise UsageError(f"{path.name} has several layers: {', '.join(layers)}. Choose one with --layer.")
            layer = fitting[0]
        return gpd.read_file(path, layer=layer or layers[0])
    except (DataSourceError, DataLayerError, IndexError) as fault:
        raise RefusedInput(
            f"{path.name} cannot be read as areas. GeoPackage, GeoJSON and Shapefile are taken, also inside a zip; "
            "a Shapefile needs its .shx, .dbf and .prj files beside it."
        ) from fault


def _column(frame: gpd.GeoDataFrame, names: re.Pattern[str]) -> list[str] | None:
    for column in frame.columns:
        if names.fullmatch(str(column)) and frame[column].notna().all():
            return [str(value) for value in frame[column]]
    return None


def _only_polygons(shape: shapely.Geometry) -> shapely.MultiPolygon:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in {"Polygon", "MultiPolygon"}]
    polygons = [polygon for part in parts for polygon in shapely.get_parts(part) if not polygon.is_empty]
    return shapely.MultiPolygon(polygons)
