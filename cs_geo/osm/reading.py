"""The reader: from a file to frames of points, lines and areas in storage metres."""

import bz2
import gzip
import re
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import osmium
import pandas as pd
import pyproj
import shapely
from osmium.filter import KeyFilter
from osmium.geom import WKBFactory
from osmium.osm import Area, Node, Way

from cs_geo.crs import DEGREES, storage_epsg, transform_points
from cs_geo.errors import RefusedInput
from cs_geo.osm.protected import without_protected
from cs_geo.osm.tags import FEATURE_KEYS, TAGS, is_area, is_line, is_point_of_use, kept_tags


@dataclass(frozen=True, slots=True, eq=False)
class OsmData:
    """What an extract holds, in storage metres. Every frame has ``osm_id``, one column for each of ``TAGS``, geometry.

    Attributes
    ----------
    points
        Tagged nodes.
    lines
        Tagged ways that are lines. ``nodes`` holds the ids of a row's vertices, in order, as many as its coordinates.
        A way cut by the edge of the extract is one row for each piece, so ``osm_id`` can repeat.
    areas
        Closed ways and multipolygons, with ``osm_type`` (``way`` or ``relation``).
    nodes
        Vertices of the highways in ``lines``: index ``osm_id``, columns ``x`` and ``y`` in storage metres.
    protected
        Objects whose name and kind were taken away because people are protected there.
    unusable
        Areas left out because their outline cannot be put together.
    as_of
        Date the extract states for its data, ``YYYY-MM-DD``; empty where it does not say.
    """

    points: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    nodes: pd.DataFrame
    protected: int = 0
    unusable: int = 0
    as_of: str = ""


@dataclass(slots=True)
class _Rows:
    """Ids and tags as they come in, column by column; a tag costs memory only where it occurs."""

    ids: "array[int]" = field(default_factory=lambda: array("q"))
    tags: "dict[str, tuple[array[int], list[str]]]" = field(default_factory=dict)

    def add(self, osm_id: int, tags: dict[str, str]) -> None:
        for key, value in tags.items():
            rows, values = self.tags.setdefault(key, (array("q"), []))
            rows.append(len(self.ids))
            values.append(value)
        self.ids.append(osm_id)

    def frame(self) -> pd.DataFrame:
        columns: dict[str, object] = {"osm_id": np.array(self.ids, dtype=np.int64)}
        for key in TAGS:
            cells = np.full(len(self.ids), None, dtype=object)
            if key in self.tags:
                rows, values = self.tags[key]
                cells[np.array(rows, dtype=np.int64)] = values
            columns[key] = pd.array(cells, dtype="str")
        return pd.DataFrame(columns)


@dataclass(slots=True)
class _Collected:
    points: _Rows = field(default_factory=_Rows)
    point_xy: "array[float]" = field(default_factory=lambda: array("d"))
    lines: _Rows = field(default_factory=_Rows)
    line_lengths: "array[int]" = field(default_factory=lambda: array("q"))
    line_nodes: "array[int]" = field(default_factory=lambda: array("q"))
    line_xy: "array[float]" = field(default_factory=lambda: array("d"))
    areas: _Rows = field(default_factory=_Rows)
    area_types: list[str] = field(default_factory=list)
    area_wkb: list[str] = field(default_factory=list)
    unusable: int = 0
    missing_nodes: int = 0
    negative_ids: bool = False


def read_osm(path: Path) -> OsmData:
    """Read an OpenStreetMap extract.

    Parameters
    ----------
    path
        An extract in XML (plain, gzip or bzip2) or PBF. Objects out of order (as Overpass gives them) are sorted first.

    Returns
    -------
    OsmData
        Frames in storage metres; protected places carry neither name nor kind.

    Raises
    ------
    RefusedInput
        The file is missing, empty, not OpenStreetMap, cut short, a change or history file, of another part of the
        world than the storage CRS, or holds nothing of use.
    """
    source = osmium.io.File(str(path), _format_of(path))
    with _translated(path):
        header = osmium.io.Reader(source, osmium.osm.NOTHING).header()
        if header.has_multiple_object_versions:
            raise RefusedInput(f"{path.name} holds the history of its objects. Load an extract of how they are now.")
        collected = _collect_in_order(path, source)
    if collected.missing_nodes and collected.negative_ids:
        raise RefusedInput(
            f"{path.name} holds objects with negative numbers, as editors give them before upload. "
            "Number them with “osmium renumber” and load the result."
        )
    if not (collected.points.ids or collected.lines.ids or collected.areas.ids):
        raise RefusedInput(f"{path.name} holds no street, place, address or building. Load an extract of your area.")
    as_of = header.get("osmosis_replication_timestamp") or header.get("timestamp")
    return _assembled(collected, path.name, as_of[:10])


def _format_of(path: Path) -> str:
    """What libosmium should read the file as, judged by its first bytes."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise RefusedInput(f"There is no file {path.name}.") from None
    except OSError as fault:
        raise RefusedInput(f"{path.name} cannot be opened: {fault.strerror}.") from fault
    if not head:
        raise RefusedInput(f"{path.name} is empty. Fetch the extract again.")
    if head[4:15] == b"\n\tOSMHeader":
        return "pbf"
    packing = ".gz" if head.startswith(b"\x1f\x8b") else ".bz2" if head.startswith(b"BZh") else ""
    if packing:
        try:
            with gzip.open(path) if packing == ".gz" else bz2.open(path) as unpacked:
                head = unpacked.read(4096)
        except (OSError, EOFError) as fault:
            raise RefusedInput(f"{path.name} is cut short or damaged. Fetch the extract again.") from fault
    if re.search(rb"<osmChange[\s>]", head):
        raise RefusedInput(f"{path.name} is a list of changes, not an extract. Load the extract of your area.")
    if not re.search(rb"<osm[\s>]", head):
        raise RefusedInput(
            f"{path.name} is not an OpenStreetMap extract. Taken are .osm, .osm.gz, .osm.bz2 and .osm.pbf"
            + ("; unpack the archive first." if head.startswith(b"PK") else ".")
        )
    return f"osm{packing}"


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn libosmium's faults, all plain RuntimeErrors, into one that says what to do."""
    try:
        yield
    except (RuntimeError, UnicodeDecodeError) as fault:
        if "missing version attribute" in str(fault):
            reason = "has no version in its <osm> element and may not be an OpenStreetMap extract"
        else:
            reason = "cannot be read to its end: it is damaged or was cut short"
        raise RefusedInput(f"{path.name} {reason}. Fetch the extract again.") from fault


def _collect_in_order(path: Path, source: osmium.io.File) -> _Collected:
    """Pass over the file, sorted first where libosmium or the ways without nodes say that it must be."""
    try:
        found = _collect(source)
        if not found.missing_nodes or found.negative_ids or _is_sorted(source):
            return found
    except RuntimeError as fault:
        if not re.search("out of order|twice in input", str(fault)):
            raise
    with _sorted_copy(path) as copy:
        return _collect(osmium.io.File(str(copy), "pbf"))


def _collect(source: osmium.io.File) -> _Collected:
    """Pass over the file and keep what carries a tag of interest.

    Areas need the relations first, so libosmium reads these in a pass of its own.
    """
    found, polygons = _Collected(), WKBFactory()
    objects = osmium.FileProcessor(source).with_areas(KeyFilter(*FEATURE_KEYS)).with_filter(KeyFilter(*FEATURE_KEYS))
    for thing in objects:
        tags = kept_tags(thing.tags)
        if isinstance(thing, Node):
            if thing.location.valid() and is_point_of_use(tags):
                found.points.add(thing.id, tags)
                found.point_xy.extend((thing.lon, thing.lat))
        elif isinstance(thing, Way):
            if is_line(tags):
                _add_line(found, thing, tags)
        elif isinstance(thing, Area) and is_area(tags, from_way=thing.from_way()):
            try:
                outline = polygons.create_multipolygon(thing)
            except RuntimeError:
                found.unusable += 1
                continue
            found.areas.add(thing.orig_id(), tags)
            found.area_types.append("way" if thing.from_way() else "relation")
            found.area_wkb.append(outline)
    return found


def _add_line(found: _Collected, way: Way, tags: dict[str, str]) -> None:
    """Add a way, in pieces where the extract lacks nodes of it."""
    piece: list[tuple[int, float, float]] = []
    for node in way.nodes:
        if node.location.valid():
            piece.append((node.ref, node.lon, node.lat))
            continue
        found.missing_nodes += 1
        found.negative_ids |= node.ref < 0
        _add_piece(found, way.id, piece, tags)
        piece = []
    _add_piece(found, way.id, piece, tags)


def _add_piece(found: _Collected, way_id: int, piece: list[tuple[int, float, float]], tags: dict[str, str]) -> None:
    if len({node for node, _, _ in piece}) < 2:
        return
    found.lines.add(way_id, tags)
    found.line_lengths.append(len(piece))
    for node, lon, lat in piece:
        found.line_nodes.append(node)
        found.line_xy.extend((lon, lat))


def _is_sorted(source: osmium.io.File) -> bool:
    """Do nodes come before ways and ways before relations? Only asked where nodes of ways are missing."""
    order, reached = {"n": 0, "w": 1, "r": 2}, 0
    for thing in osmium.FileProcessor(source):
        rank = order[thing.type_str()]
        if rank < reached:
            return False
        reached = rank
    return True


@contextmanager
def _sorted_copy(path: Path) -> Iterator[Path]:
    """A copy in order and without repetitions, for the time it is read."""
    with tempfile.TemporaryDirectory(prefix="cs_geo_osm_") as folder:
        copy = Path(folder) / "sorted.osm.pbf"
        reader = osmium.MergeInputReader()
        reader.add_buffer(path.read_bytes(), _format_of(path))
        with osmium.SimpleWriter(str(copy)) as writer:
            reader.apply(writer)
        yield copy


def _assembled(found: _Collected, name: str, as_of: str) -> OsmData:
    """Frames in storage metres out of what was collected in degrees."""
    point_xy = np.array(found.point_xy, dtype=np.float64).reshape(-1, 2)
    line_xy = np.array(found.line_xy, dtype=np.float64).reshape(-1, 2)
    outlines = shapely.from_wkb(np.array(found.area_wkb, dtype=object))
    _refuse_elsewhere(np.vstack([point_xy, line_xy, shapely.get_coordinates(outlines)]), name)

    points = _geo(found.points.frame(), shapely.points(_metres(point_xy)))
    areas = found.areas.frame()
    areas.insert(1, "osm_type", pd.Series(found.area_types, dtype="str"))
    areas = _geo(areas, _polygons(shapely.transform(outlines, _metres)))
    areas = areas[areas.area > 0].drop_duplicates(["osm_type", "osm_id"], ignore_index=True)
    lines, nodes = _lines(found, _metres(line_xy))
    points, areas, protected = without_protected(points.drop_duplicates("osm_id", ignore_index=True), areas)
    return OsmData(points, lines, areas, nodes, protected=protected, unusable=found.unusable, as_of=as_of)


def _lines(found: _Collected, xy: npt.NDArray[np.float64]) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """The ways, and the vertices of those that are highways."""
    node_ids, lengths = np.array(found.line_nodes, dtype=np.int64), np.array(found.line_lengths, dtype=np.int64)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    lines = found.lines.frame()
    pieces = np.split(node_ids, np.cumsum(lengths)[:-1]) if len(lengths) else []
    lines.insert(1, "nodes", pd.Series(pieces, dtype=object))
    on_street = lines["highway"].notna().to_numpy()[rows]
    nodes = pd.DataFrame({"osm_id": node_ids[on_street], "x": xy[on_street, 0], "y": xy[on_street, 1]})
    shapes = shapely.linestrings(xy, indices=rows) if len(lengths) else np.empty(0, dtype=object)
    repeated = lines.assign(nodes=lines["nodes"].map(bytes)).duplicated(["osm_id", "nodes"])
    lines = _geo(lines, shapes)[~repeated].reset_index(drop=True)
    return lines, nodes.drop_duplicates("osm_id").set_index("osm_id")


def _geo(frame: pd.DataFrame, geometry: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=storage_epsg())


def _metres(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.column_stack(transform_points(degrees[:, 0], degrees[:, 1], from_epsg=DEGREES, to_epsg=storage_epsg()))


def _polygons(outlines: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Valid polygons; the stray lines and points that mending leaves behind are dropped."""
    mended = shapely.make_valid(outlines)
    mixed = np.flatnonzero(shapely.get_type_id(mended) == shapely.GeometryType.GEOMETRYCOLLECTION)
    for row in mixed:
        parts = shapely.get_parts(mended[row])
        mended[row] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return mended


def _refuse_elsewhere(degrees: npt.NDArray[np.float64], name: str) -> None:
    """Refuse an extract of which nothing lies where the storage CRS is meant to be used."""
    use = pyproj.CRS.from_epsg(storage_epsg()).area_of_use
    if use is None:
        return
    lon, lat = degrees[:, 0], degrees[:, 1]
    if not ((lon >= use.west) & (lon <= use.east) & (lat >= use.south) & (lat <= use.north)).any():
        raise RefusedInput(
            f"{name} lies outside the area of EPSG:{storage_epsg()} ({use.name}). Load an extract of your area, or "
            "set CS_GEO_STORAGE_EPSG to the metric system used there before the database is made."
        )
