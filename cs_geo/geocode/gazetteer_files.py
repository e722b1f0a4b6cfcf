"""National postcode files, read as they are published: Code-Point Open and the ONS Postcode Directory.

Both are read in pieces, never whole (1.7 million postcodes), and give frames with ``ENTRY_COLUMNS`` that go straight
into COPY. Rows without a point are counted by reason, not read as a point in the Atlantic.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from cs_geo.crs import DEGREES, storage_epsg, transform_points
from cs_geo.errors import RefusedInput
from cs_geo.geocode.coordinates import BRITISH_NATIONAL_GRID, land_bounds
from cs_geo.geocode.gazetteer import ENTRY_COLUMNS, LONG_STREET_RADIUS_M, TERMINATED, Chunk, Kind
from cs_geo.geocode.match import Precision
from cs_geo.geocode.names import normalise_postcode

MEASURED_POSTCODE_M = 120.0
"""Radius of a postcode placed by its own addresses. Measured as the distance of 95% of houses from their postcode's
point: 120 m on the Isle of Man (2,618 addresses of OpenStreetMap, from their postcode's mean), 81 m in central London
(655 addresses, from Code-Point Open). The larger is taken."""
_BESIDE_M, _NEIGHBOUR_M, _SECTOR_M, _LAST_KNOWN_M = 170.0, 500.0, 2000.0, 500.0

CODE_POINT_QUALITY: Mapping[int, float] = {
    10: MEASURED_POSTCODE_M,  # the building of the address nearest to the postcode's mean
    20: MEASURED_POSTCODE_M,  # the same, found by eye
    30: _BESIDE_M,  # to within 50 m of it
    40: MEASURED_POSTCODE_M,  # the mean of its addresses, not moved to a building
    50: _NEIGHBOUR_M,  # worked out from the postcodes beside it
    60: _SECTOR_M,  # the mean of its sector: "EH1 1"
}
"""Positional quality indicator of Code-Point Open (user guide, "positional quality") to radius in metres. 90 is no
point. Only 10 is measured; the others are set from their definitions."""
ONSPD_QUALITY: Mapping[int, float] = {
    1: CODE_POINT_QUALITY[10],
    2: CODE_POINT_QUALITY[20],
    3: CODE_POINT_QUALITY[30],
    4: CODE_POINT_QUALITY[40],
    5: CODE_POINT_QUALITY[50],
    6: CODE_POINT_QUALITY[60],
    8: _LAST_KNOWN_M,  # ended before 2001; the last reference that was known
}
"""Grid reference quality of the ONS Postcode Directory (user guide, ``osgrdind``) to radius in metres. 9: no point."""
_ROWS = 100_000

_NO_POINT, _NOT_A_POSTCODE = "no_point", "not_a_postcode"
_NORMAL = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}")


def read_code_point_open(path: Path, *, gazetteer: str | None = None) -> Iterator[Chunk]:
    """Postcodes of Code-Point Open, one chunk for each postcode area.

    Parameters
    ----------
    path
        The archive as Ordnance Survey ships it, or one of its CSV files. They have no header.
    gazetteer
        Name and version. None: "Code-Point Open" and the version number from the archive's metadata.

    Raises
    ------
    RefusedInput
        If there is no such file in it.
    """
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield _code_point_chunk(file, gazetteer or "Code-Point Open")
        return
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if re.fullmatch(r"(?:.*/)?[a-z]{1,2}\.csv", name, re.I)]
        if not names:
            raise RefusedInput(
                "This archive holds no Code-Point Open files (one CSV for each postcode area, such as ab.csv)."
            )
        named = gazetteer or f"Code-Point Open {_code_point_version(archive)}".strip()
        for name in sorted(names):
            with archive.open(name) as file:
                yield _code_point_chunk(file, named)


def _code_point_version(archive: zipfile.ZipFile) -> str:
    for name in archive.namelist():
        if name.lower().endswith("metadata.txt"):
            found = re.search(r"VERSION NUMBER:\s*(\S+)", archive.read(name).decode("utf-8", "replace"), re.I)
            return found[1] if found else ""
    return ""


def _code_point_chunk(file: IO[bytes], gazetteer: str) -> Chunk:
    try:
        table = pd.read_csv(
            file, header=None, usecols=[0, 1, 2, 3], names=["postcode", "quality", "easting", "northing"],
            dtype={"postcode": str, "quality": np.int64, "easting": np.float64, "northing": np.float64},
        )  # fmt: skip
    except (ValueError, pd.errors.ParserError) as fault:
        raise RefusedInput(
            "This is not a Code-Point Open file: its first four columns are postcode, quality, easting and northing, "
            "without a header."
        ) from fault
    radius = table["quality"].map(CODE_POINT_QUALITY)
    placed = (table["easting"] > 0) & (table["northing"] > 0) & radius.notna()
    x, y = _to_storage(table["easting"].to_numpy(), table["northing"].to_numpy(), BRITISH_NATIONAL_GRID)
    return _postcode_chunk(table["postcode"], x, y, radius, placed, "", gazetteer)


# The published names of the columns, before and since the layout of 2025.
_ONSPD_COLUMNS = {
    "postcode": ("pcds", "pcd2", "pcd8", "pcd", "pcd7"),
    "ended": ("doterm",),
    "easting": ("oseast1m", "east1m"),
    "northing": ("osnrth1m", "north1m"),
    "quality": ("osgrdind", "gridind"),
    "longitude": ("long",),
    "latitude": ("lat",),
}


def read_onspd(path: Path, *, gazetteer: str | None = None) -> Iterator[Chunk]:
    """Postcodes of the ONS Postcode Directory in its published layout, in chunks of 100,000 rows.

    Terminated postcodes are kept, with ``feature`` "terminated". Northern Ireland's eastings are of the Irish grid, so
    its postcodes are placed by their latitude and longitude.

    Parameters
    ----------
    path
        The CSV file, or the archive that holds it.
    gazetteer
        Name and version. None: the file's name, which carries the month of issue.

    Raises
    ------
    RefusedInput
        If the columns are not those of the directory.
    """
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield from _onspd_chunks(file, gazetteer or path.stem.replace("_", " "))
        return
    with zipfile.ZipFile(path) as archive:
        names = [info for info in archive.infolist() if re.search(r"ONSPD[^/]*\.csv$", info.filename, re.I)]
        if not names:
            raise RefusedInput("This archive holds no file of the ONS Postcode Directory (ONSPD_….csv).")
        largest = max(names, key=lambda info: info.file_size)  # the archive repeats it by postcode area
        with archive.open(largest) as file:
            yield from _onspd_chunks(file, gazetteer or Path(largest.filename).stem.replace("_", " "))


def _onspd_chunks(file: IO[bytes], gazetteer: str) -> Iterator[Chunk]:
    buffered = io.BufferedReader(file) if isinstance(file, io.RawIOBase) else file
    header = pd.read_csv(io.BytesIO(buffered.readline()), dtype=str, encoding="utf-8-sig").columns
    columns: dict[str, str] = {}
    for wanted, names in _ONSPD_COLUMNS.items():
        found = [column for column in header if column.strip().lower() in names]
        if not found:
            raise RefusedInput(
                f"The ONS Postcode Directory has a column {names[0]}; this file has none. Its published layout is "
                "wanted, with its header."
            )
        columns[min(found, key=lambda column: names.index(column.strip().lower()))] = wanted
    for table in pd.read_csv(
        buffered, header=None, names=list(header), usecols=list(columns), dtype=str, keep_default_na=False,
        chunksize=_ROWS,
    ):  # fmt: skip
        yield _onspd_chunk(table.rename(columns=columns), gazetteer)


def _onspd_chunk(table: pd.DataFrame, gazetteer: str) -> Chunk:
    numbers = {
        name: pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float)
        for name in ("easting", "northing", "longitude", "latitude", "quality")
    }
    radius = pd.Series(numbers["quality"], index=table.index).map(ONSPD_QUALITY)
    x, y = _to_storage(numbers["easting"], numbers["northing"], BRITISH_NATIONAL_GRID)
    irish = table["postcode"].str.upper().str.startswith("BT").to_numpy(dtype=bool)
    if irish.any():
        x[irish], y[irish] = transform_points(
            numbers["longitude"][irish], numbers["latitude"][irish], from_epsg=DEGREES, to_epsg=storage_epsg()
        )
    west, south, east, north = land_bounds()
    placed = (
        np.isfinite(x) & np.isfinite(y) & radius.notna().to_numpy(dtype=bool)
        & (numbers["easting"] > 0) & (numbers["northing"] > 0)
        & (numbers["longitude"] >= west) & (numbers["longitude"] <= east)
        & (numbers["latitude"] >= south) & (numbers["latitude"] <= north)
    )  # fmt: skip
    feature = np.where(table["ended"].str.strip() != "", TERMINATED, "")
    return _postcode_chunk(table["postcode"], x, y, radius, pd.Series(placed, index=table.index), feature, gazetteer)


def _to_storage(x: np.ndarray, y: np.ndarray, from_epsg: int) -> tuple[np.ndarray, np.ndarray]:
    if from_epsg == storage_epsg():
        return x.copy(), y.copy()
    return transform_points(x, y, from_epsg=from_epsg, to_epsg=storage_epsg())


def _postcode_chunk(
    written: "pd.Series[str]",
    x: np.ndarray,
    y: np.ndarray,
    radius: "pd.Series[float]",
    placed: "pd.Series[bool]",
    feature: np.ndarray | str,
    gazetteer: str,
) -> Chunk:
    """A frame of postcode entries from columns, and what was left out."""
    norms = pd.Series(_normalised(written), index=written.index, dtype=object)
    known = norms != ""
    frame = pd.DataFrame(index=written.index)
    frame["kind"] = Kind.POSTCODE.value
    frame["name"] = frame["name_norm"] = norms
    frame["number_norm"] = frame["street_norm"] = frame["locality_norm"] = ""
    frame["postcode_norm"] = norms
    frame["x"], frame["y"], frame["radius_m"] = x, y, radius
    frame["precision"] = np.where(radius <= LONG_STREET_RADIUS_M, Precision.POSTCODE.value, Precision.AREA.value)
    frame["gazetteer"] = gazetteer
    frame["default_location"] = False
    frame["feature"] = feature
    kept = frame.loc[placed & known, list(ENTRY_COLUMNS)].reset_index(drop=True)
    skipped = {_NO_POINT: int((~placed & known).sum()), _NOT_A_POSTCODE: int((~known).sum())}
    return Chunk(kept, {reason: count for reason, count in skipped.items() if count})


def _normalised(written: "pd.Series[str]") -> list[str]:
    """Postcodes normalised; most are well formed and only need their spacing."""
    norms = []
    for text in written:
        compact = text.replace(" ", "") if isinstance(text, str) else ""
        norm = f"{compact[:-3]} {compact[-3:]}"
        norms.append(norm if _NORMAL.fullmatch(norm) else normalise_postcode(compact))
    return norms
