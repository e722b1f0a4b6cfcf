"""Loading what everything else is read against: areas, calendar, gazetteers, basemap, protected locations, places."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.geometry.base import BaseGeometry

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.areas import read_areas
from cs_geo.calendars import read_calendar
from cs_geo.codelists import load_codelists
from cs_geo.crs import storage_epsg, transform_points
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.geocode.csv_entries import read_csv_entries
from cs_geo.geocode.gazetteer import Chunk, area_entry, area_names, frame_of
from cs_geo.geocode.gazetteer_files import read_code_point_open, read_onspd
from cs_geo.geocode.osm_entries import entries_from_osm
from cs_geo.maps.basemap_features import basemap_features
from cs_geo.osm import read_osm
from cs_geo.osm.protected import names_protected
from cs_geo.reports.reading import Limits, read_tables
from cs_geo.settings import data_folder, get_settings
from cs_geo.store import areas as stored_areas
from cs_geo.store.basemap import replace_basemap, replace_streets
from cs_geo.store.cells import count_cells
from cs_geo.store.gazetteer import LoadedGazetteer, list_gazetteers, load_gazetteer
from cs_geo.store.hidden_places import count_hidden
from cs_geo.store.hotspots import withdraw_runs
from cs_geo.store.opening import Store
from cs_geo.store.places import has_place
from cs_geo.surroundings.streets import build_streets
from cs_geo.workflows.recording import permit, recorded, recorded_long
from cs_geo.workflows.register_places import PROTECTED_TYPE, add_to_register, link_by_name, neutral_name

GazetteerReader = Callable[[Path, str], Iterator[Chunk]]
GAZETTEER_READERS: Mapping[str, GazetteerReader] = {
    "code-point-open": lambda path, label: read_code_point_open(path, gazetteer=label),
    "onspd": lambda path, label: read_onspd(path, gazetteer=label),
    "osm": lambda path, label: iter([Chunk(frame_of(entries_from_osm(read_osm(path), label)), {})]),
    "csv": lambda path, label: read_csv_entries(path, gazetteer=label),
}
"""Format of a gazetteer: how its files are read, given the name and version it is kept under."""
AREA_GAZETTEER = "loaded areas"
PROTECTED_RADIUS_M = 100
"""Radius of a protected location whose row gives none."""
MOST_PROTECTED_M = 5_000
"""A larger one would blank out a district: kilometres written for metres."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading did: how many things, how many of them were mended, and rows left out by reason."""

    what: str
    loaded: int
    mended: int = 0
    left_out: Mapping[str, int] | None = None
    notes: tuple[str, ...] = ()
    """What became of other things by it, in sentences."""


def load_areas(store: Store, actor: Actor, path: Path, kind: str, *, layer: str | None = None) -> Loaded:
    """Load the areas of one kind, in place of those there were. Their names can be geocoded from then on."""
    permit(store, actor, Action.LOAD_SITE_DATA)
    read = read_areas(path, kind, layer=layer)
    with recorded(store, actor, Action.LOAD_SITE_DATA, subject=kind) as recording:
        connection = recording.connection
        loaded = stored_areas.replace_areas(connection, kind, read.areas, source=path.name, actor=actor.person)
        gazetteer = f"{AREA_GAZETTEER} 1"
        entries = [
            entry
            for area_kind, name, x, y, radius_m in stored_areas.area_entries(connection)
            for called in area_names(name, area_kind)
            if (entry := area_entry(called, x, y, radius_m=radius_m, gazetteer=gazetteer, feature=area_kind))
        ]
        load_gazetteer(
            connection,
            name=AREA_GAZETTEER,
            format_name="areas",
            version="1",
            chunks=[Chunk(frame_of(entries), {})],
            actor=actor.person,
        )
    left_out = {"no polygon": read.left_out} if read.left_out else {}
    return Loaded(f"{kind} areas", loaded, read.mended, left_out)


def load_calendar(store: Store, actor: Actor, path: Path) -> Loaded:
    """Load school terms and bank holidays from a file with the columns kind, name, starts, ends."""
    permit(store, actor, Action.LOAD_SITE_DATA)
    calendar, issues = read_calendar(_rows(path))
    if issues:
        first = issues[0]
        raise RefusedInput(f"{path.name}, line {first.line}: {first.message} {first.remedy}")
    if not calendar.periods:
        raise RefusedInput(f"{path.name} holds no periods. Columns: kind, name, starts, ends.")
    with recorded(store, actor, Action.LOAD_SITE_DATA, subject="calendar") as recording:
        connection = recording.connection
        loaded = stored_areas.replace_calendar(
            connection, [(str(p.kind), p.name, p.starts, p.ends) for p in calendar.periods]
        )
    return Loaded("calendar periods", loaded)


def load_gazetteer_file(
    store: Store, actor: Actor, path: Path, format_name: str, *, name: str | None = None, version: str | None = None
) -> LoadedGazetteer:
    """Load a gazetteer, in place of an earlier one of the same name (the file's, unless it is given)."""
    permit(store, actor, Action.LOAD_SITE_DATA)
    if format_name not in GAZETTEER_READERS:
        raise UsageError(f"“{format_name}” is no gazetteer format. Use one of: {', '.join(GAZETTEER_READERS)}.")
    if not path.exists():
        raise RefusedInput(f"There is no file {path.name} here. Check the path.")
    called = name or path.name.split(".")[0]
    made = version or pd.Timestamp(path.stat().st_mtime, unit="s").strftime("%Y-%m-%d")
    chunks = GAZETTEER_READERS[format_name](path, f"{called} {made}")
    with recorded_long(store, actor, Action.LOAD_SITE_DATA, subject="gazetteer") as recording:
        connection = recording.connection
        loaded = load_gazetteer(
            connection, name=called, format_name=format_name, version=made, chunks=chunks, actor=actor.person
        )
        if not loaded.entries:
            raise RefusedInput(f"{path.name} holds nothing that {format_name} would. Check the file and the format.")
    return loaded


def list_loaded_gazetteers(store: Store, actor: Actor) -> list[LoadedGazetteer]:
    """Every loaded gazetteer."""
    with store.begin(actor) as connection:
        return list_gazetteers(connection)


def load_basemap(store: Store, actor: Actor, path: Path) -> Loaded:
    """Load the basemap and the street network from an OpenStreetMap extract."""
    permit(store, actor, Action.LOAD_SITE_DATA)
    data = read_osm(path)
    features = basemap_features(data)
    network = build_streets(data)
    if features.empty and network.edges.empty:
        raise RefusedInput(f"{path.name} holds neither streets nor anything else a map would show.")
    with recorded_long(store, actor, Action.LOAD_SITE_DATA, subject="basemap") as recording:
        connection = recording.connection
        drawn = replace_basemap(connection, features, source=path.name)
        streets = replace_streets(connection, network.nodes, network.edges, source=path.name)
    return Loaded("basemap features", drawn, left_out={"stretches of street for measuring": streets})


def load_protected(store: Store, actor: Actor, path: Path) -> Loaded:
    """Load locations that are never clustered, drawn or named: columns kind, easting, northing, radius_m.

    Hotspot runs that touch a location protected since are withdrawn, and places that touch one or bear its name are
    hidden.
    """
    permit(store, actor, Action.LOAD_PROTECTED)
    locations = [
        (cells.get("kind", "") or "protected", shapely.Point(x, y).buffer(_radius(path, line, cells)))
        for line, cells, x, y in _points(path)
    ]
    with recorded(store, actor, Action.LOAD_PROTECTED, subject="protected locations") as recording:
        connection = recording.connection
        before = stored_areas.read_protected(connection)
        loaded = stored_areas.replace_protected(connection, locations, source=path.name, actor=actor.person)
        count_cells(connection)
        withdrawn = withdraw_runs(connection, [shape for _, shape in locations if _is_new(shape, before)])
        hidden = count_hidden(connection)
    notes = []
    if withdrawn:
        runs = "1 hotspot run" if withdrawn == 1 else f"{withdrawn:,} hotspot runs"
        notes.append(f"{runs} touched one of them and cannot be shown any more. Find hotspots again.")
    if hidden:
        places = "1 registered place touches" if hidden == 1 else f"{hidden:,} registered places touch"
        notes.append(f"{places} a protected location or may bear its name: no longer listed, drawn or exported.")
    return Loaded("protected locations", loaded, notes=tuple(notes))


def _is_new(shape: BaseGeometry, before: BaseGeometry | None) -> bool:
    """Was a location not protected before? Measured, for joining shapes moves corners by a hair."""
    return before is None or shape.difference(before).area > 1e-6 * shape.area


def load_places(store: Store, actor: Actor, path: Path) -> Loaded:
    """Register places from GeoJSON or GeoPackage: name, place_type, aliases parted by ; and polygons.

    All of the file or nothing. A place of a name that is registered already is left as it is.

    Raises
    ------
    RefusedInput
        If the file cannot be read, or one of its places cannot be registered.
    """
    permit(store, actor, Action.REGISTER_PLACES)
    if not path.exists():
        raise RefusedInput(f"There is no file {path.name} here. Check the path.")
    frame = _read_places(path)
    loaded, left_out = 0, Counter[str]()
    with recorded(store, actor, Action.REGISTER_PLACES, subject="places") as recording:
        connection = recording.connection
        for number, row in enumerate(frame.itertuples(), start=1):
            try:
                if has_place(connection, neutral_name(row.name)):
                    left_out["registered already"] += 1
                    continue
                place_type, is_listed = _place_type(_text(row, "place_type"))
                add_to_register(
                    connection,
                    actor,
                    name=row.name,
                    place_type=place_type,
                    manager_role=_text(row, "manager_role"),
                    aliases=_text(row, "aliases").split(";"),
                    boundary=_areas_of(row.geometry),
                    origin=f"loaded from {path.name}",
                )
            except RefusedInput as refusal:
                raise RefusedInput(f"{path.name}, place {number}: {refusal} No place was registered.") from refusal
            loaded += 1
            if not is_listed:
                left_out["of a type that is not on the list, kept as “other”"] += 1
        link_by_name(connection)
    return Loaded("places", loaded, left_out=left_out)


def _place_type(text: str) -> tuple[str, bool]:
    """The type as it is kept, and whether it stands on the list. What is like a protected type is taken for it."""
    known = load_codelists(data_folder() / "codelists")["place_type"]
    code = known.find_code(text or "other")
    if code is None and (names_protected(text) or known.nearest_codes(text)[0].reference == PROTECTED_TYPE):
        return PROTECTED_TYPE, False
    return code.reference if code else "other", code is not None


def _areas_of(shape: BaseGeometry | None) -> BaseGeometry | None:
    """The polygons of a shape, mended; the shape itself where it is of another sort, for the refusal to say so."""
    if shape is None or shape.geom_type not in {"Polygon", "MultiPolygon"}:
        return shape
    parts = shapely.get_parts(shapely.make_valid(shapely.force_2d(shape), method="structure"))
    return shapely.union_all([part for part in parts if part.geom_type in {"Polygon", "MultiPolygon"}])


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    settings = get_settings()
    limits = Limits(settings.max_expansion_ratio, settings.max_columns, settings.page_max_bytes, settings.page_max_rows)
    for table in read_tables(path, limits=limits):
        names = [column.strip().lower() for column in table.columns]
        for row in table.rows:
            yield row.line, dict(zip(names, row.cells, strict=False))


def _read_places(path: Path) -> gpd.GeoDataFrame:
    try:
        frame = gpd.read_file(path)
    except (DataSourceError, DataLayerError) as fault:
        raise RefusedInput(f"{path.name} cannot be read as places. GeoJSON and GeoPackage are taken.") from fault
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        raise RefusedInput(f"{path.name} holds no shapes, or does not say in which reference system they are.")
    if "name" not in frame or not frame["name"].map(lambda name: isinstance(name, str) and bool(name.strip())).all():
        raise RefusedInput(
            f"{path.name}: every place needs a name. Give the file a column “name”, with no blank in it."
        )
    return frame.to_crs(storage_epsg())


def _text(row: object, name: str) -> str:
    """A text of a row; a frame holds a missing one as None or as NaN."""
    value = getattr(row, name, "")
    return value if isinstance(value, str) else ""


def _radius(path: Path, line: int, cells: Mapping[str, str]) -> float:
    text = cells.get("radius_m") or str(PROTECTED_RADIUS_M)
    try:
        radius = float(text)
    except ValueError:
        radius = 0.0
    if not 0 < radius <= MOST_PROTECTED_M:
        raise RefusedInput(
            f"{path.name}, line {line}: the radius must be a number of metres above 0 and up to {MOST_PROTECTED_M:,}."
        )
    return radius


def _points(path: Path) -> Iterator[tuple[int, Mapping[str, str], float, float]]:
    for line, cells in _rows(path):
        try:
            if cells.get("easting"):
                yield line, cells, float(cells["easting"]), float(cells["northing"])
            else:
                x, y = transform_points(
                    [float(cells["longitude"])], [float(cells["latitude"])], from_epsg=4326, to_epsg=storage_epsg()
                )
                yield line, cells, float(x[0]), float(y[0])
        except (KeyError, ValueError) as fault:
            raise RefusedInput(
                f"{path.name}, line {line}: there is no point here. "
                "Give easting and northing in metres, or longitude and latitude in degrees."
            ) from fault
