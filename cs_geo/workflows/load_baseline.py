"""Loading population layers: how many people live, or addresses lie, in each area."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.crs import storage_epsg
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.hotspots.baselines import BaselineKind
from cs_geo.store import baselines as stored
from cs_geo.store.baselines import LoadedBaseline
from cs_geo.store.opening import Store
from cs_geo.workflows.load_site_data import Loaded
from cs_geo.workflows.recording import permit, recorded

KINDS = (BaselineKind.RESIDENTS, BaselineKind.ADDRESSES)


def load_baseline(
    store: Store,
    actor: Actor,
    path: Path,
    kind: str,
    *,
    name: str = "",
    column: str = "",
    layer: str | None = None,
) -> Loaded:
    """Load a layer of areas with the number of residents or addresses in each, in place of one of the same name.

    Raises
    ------
    UsageError
        If the kind is neither, or the column cannot be told.
    RefusedInput
        If the file cannot be read, holds no areas, or a number is negative or none.
    """
    permit(store, actor, Action.LOAD_SITE_DATA)
    if kind not in KINDS:
        raise UsageError(f"“{kind}” is no population layer. Use one of: {', '.join(KINDS)}.")
    called = name.strip() or path.stem
    frame = _read(path, layer)
    value = column or _only_number(frame, path)
    if value not in frame:
        raise UsageError(f"{path.name} has no column “{value}”. It has: {', '.join(_columns(frame))}.")
    areas, left_out = _areas(frame, value, path)
    with recorded(store, actor, Action.LOAD_SITE_DATA, subject="baseline") as recording:
        loaded = stored.replace_baseline(
            recording.connection, called, kind, areas, source=path.name, actor=actor.person
        )
        recording.details["areas"] = loaded
    return Loaded(
        f"areas with {int(areas['number'].sum()):,} {kind}, as “{called}”",
        loaded,
        left_out={"without a polygon, left out": left_out} if left_out else {},
    )


def list_loaded_baselines(store: Store, actor: Actor) -> list[LoadedBaseline]:
    """The loaded layers, by name."""
    require(actor, Action.LOOK_UP)
    with store.begin(actor) as connection:
        return stored.list_baselines(connection)


def _read(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    if not path.exists():
        raise RefusedInput(f"There is no file {path.name} here. Check the path.")
    try:
        frame = gpd.read_file(path, **({"layer": layer} if layer else {}))
    except (DataSourceError, DataLayerError, ValueError) as fault:
        raise RefusedInput(
            f"{path.name} cannot be read as a layer of areas. Save it as GeoPackage, GeoJSON or Shapefile."
        ) from fault
    if not isinstance(frame, gpd.GeoDataFrame) or not len(frame):
        raise RefusedInput(f"{path.name} holds no areas.")
    if frame.crs is None:
        raise RefusedInput(f"{path.name} does not say which coordinates it uses. Set its reference system first.")
    return frame.to_crs(epsg=storage_epsg())


def _columns(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(column) for column in frame.columns if column != frame.geometry.name]


def _only_number(frame: gpd.GeoDataFrame, path: Path) -> str:
    numbers = [column for column in _columns(frame) if pd.api.types.is_numeric_dtype(frame[column])]
    if len(numbers) != 1:
        raise UsageError(
            f"Say which column of {path.name} holds the number, with --column. It has: {', '.join(_columns(frame))}."
        )
    return numbers[0]


def _areas(frame: gpd.GeoDataFrame, value: str, path: Path) -> tuple[gpd.GeoDataFrame, int]:
    shapes = shapely.make_valid(np.asarray(frame.geometry.array))
    drawn = np.isin(shapely.get_type_id(shapes), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    if not drawn.any():
        raise RefusedInput(f"{path.name} holds no polygons. A population layer needs areas.")
    number = pd.to_numeric(frame[value], errors="coerce")
    wrong = np.flatnonzero(drawn & ~((number >= 0) & np.isfinite(number)).to_numpy())
    if len(wrong):
        raise RefusedInput(
            f"{path.name}, row {wrong[0] + 1}: “{frame[value].iloc[wrong[0]]}” in “{value}” is no number of people or "
            f"addresses ({len(wrong):,} such rows). Mend them, or leave these areas out."
        )
    rows = np.flatnonzero(drawn)
    return (
        gpd.GeoDataFrame(
            {"reference": [str(row + 1) for row in rows], "number": number.iloc[rows].to_numpy(dtype=float)},
            geometry=shapes[rows],
            crs=frame.crs,
        ),
        int((~drawn).sum()),
    )
