"""Writing what is exported: GeoPackage, GeoJSON, GeoParquet, CSV, Excel or Shapefile, caveats and dictionary inside.

Text that a spreadsheet would run as a formula is guarded in CSV and written as plain text in Excel; numbers stay
numbers. GeoPackage and GeoParquet are in storage metres, GeoJSON in degrees, as each is meant to be.
"""

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyogrio
import xlsxwriter

from cs_geo.crs import DEGREES
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.exports.contents import Contents
from cs_geo.words.formulas import guard_cell

MEDIA_TYPES = {
    ".gpkg": "application/geopackage+sqlite3",
    ".geojson": "application/geo+json",
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
"""Ending of a file: its media type."""
SHAPEFILE = ".shp"
"""Written where it is asked for by name: for programs that open nothing newer."""


def write_contents(path: Path, contents: Contents) -> list[Path]:
    """Write contents in the format of the file's ending.

    GeoPackage, Excel and zip are one file. GeoJSON, GeoParquet, CSV and Shapefile hold one table a file: the first
    layer under the name given, the others beside it as ``NAME-places.csv`` and so on.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    UsageError
        If the ending is none of ``MEDIA_TYPES``.
    RefusedInput
        If nothing can be written there.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UsageError(f"“{path.suffix or path.name}” is no format here. End the name in {', '.join(MEDIA_TYPES)}.")
    if writer is _write_shapefile and set(contents.geometry_types.values()) != {"MultiPolygon"}:
        raise UsageError("A Shapefile holds a partner's cells and nothing else. Choose another format.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and moved in whole: what stood here stays as it was unless everything could be written.
        with TemporaryDirectory(dir=path.parent, prefix=".writing-") as aside:
            written = writer(Path(aside) / path.name, contents)
            return [file.replace(path.parent / file.name) for file in written]
    except (OSError, xlsxwriter.exceptions.FileCreateError, pyogrio.errors.DataSourceError) as fault:
        raise RefusedInput(
            f"Nothing can be written to {path.name} in the folder {path.parent.absolute().name or '/'}: it is closed "
            "to this user, full, or no folder. Choose another."
        ) from fault


def _write_geopackage(path: Path, contents: Contents) -> list[Path]:
    for name, frame in contents.layers.items():
        pyogrio.write_dataframe(
            frame,
            path,
            layer=name,
            driver="GPKG",
            geometry_type=contents.geometry_types[name],
            append=path.exists(),
            layer_options={"DESCRIPTION": _layer_description(name, contents)},
        )
    for name, table in contents.plain_tables().items():
        pyogrio.write_dataframe(table, path, layer=name, driver="GPKG", append=True)
    return [path]


def _layer_description(name: str, contents: Contents) -> str:
    return " ".join((f"{name.capitalize()}.", *contents.caveats))


def _write_geojson(path: Path, contents: Contents) -> list[Path]:
    written = []
    for name, frame in contents.layers.items():
        document: dict[str, Any] = json.loads(frame.to_crs(DEGREES).to_json(drop_id=True))
        document["caveats"] = list(contents.caveats)
        document["dictionary"] = dict(contents.dictionary[name])
        document.pop("crs", None)
        target = _beside(path, name, contents)
        target.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        written.append(target)
    return [*written, *_write_records_beside(path, contents)]


def _write_records_beside(path: Path, contents: Contents) -> list[Path]:
    """The tables without shapes, as features that have none: any program that reads the layers reads these."""
    written = []
    for name, table in contents.tables.items():
        target = _beside(path, name, contents)
        document = {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "geometry": None, "properties": row}
                for row in json.loads(table.to_json(orient="records"))
            ],
            "caveats": list(contents.caveats),
            "dictionary": dict(contents.dictionary[name]),
        }
        target.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        written.append(target)
    return written


def _write_parquet(path: Path, contents: Contents) -> list[Path]:
    written = []
    for name, frame in contents.layers.items():
        target = _beside(path, name, contents)
        described = frame.copy()
        described.attrs = {"caveats": list(contents.caveats), "dictionary": dict(contents.dictionary[name])}
        described.to_parquet(target, index=False)
        written.append(target)
    for name, table in contents.tables.items():
        target = _beside(path, name, contents)
        plain = table.copy()
        plain.attrs = {"caveats": list(contents.caveats), "dictionary": dict(contents.dictionary[name])}
        plain.to_parquet(target, index=False)
        written.append(target)
    return written


def _write_csv(path: Path, contents: Contents) -> list[Path]:
    written = []
    for name, table in contents.all_tables():
        target = _beside(path, name, contents)
        _guarded(table).to_csv(target, index=False, encoding="utf-8-sig", lineterminator="\r\n")
        written.append(target)
    return written


def _guarded(table: pd.DataFrame) -> pd.DataFrame:
    """The table with every text guarded; columns of numbers are not touched."""
    texts = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    return table.assign(**{name: table[name].map(_guarded_value) for name in texts})


def _guarded_value(value: Any) -> Any:
    return guard_cell(value) if isinstance(value, str) else value


def _write_excel(path: Path, contents: Contents) -> list[Path]:
    # Text is written as text whatever it begins with: no formulas, no links.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        head = workbook.add_format({"bold": True, "text_wrap": True})
        for name, table in contents.all_tables():
            sheet = workbook.add_worksheet(name.capitalize())
            sheet.freeze_panes(1, 0)
            for column, title in enumerate(table.columns):
                sheet.write_string(0, column, str(title), head)
            for number, row in enumerate(table.itertuples(index=False), start=1):
                for column, value in enumerate(row):
                    _write_cell(sheet, number, column, value)
    return [path]


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, "yes" if value else "no")
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value)[:32_767])


def _write_shapefile(path: Path, contents: Contents) -> list[Path]:
    written = []
    for name, frame in contents.layers.items():
        target = _beside(path, name, contents)
        # The format allows ten characters for the name of a column.
        short = frame.rename(columns={column: column[:10] for column in frame.columns if column != "geometry"})
        pyogrio.write_dataframe(
            short,
            target,
            driver="ESRI Shapefile",
            geometry_type=contents.geometry_types[name],
            layer_options={"ENCODING": "UTF-8"},
        )
        written += sorted(path.parent.glob(f"{target.stem}.*"))
    for name, table in contents.plain_tables().items():
        target = path.with_name(f"{path.stem}-{name}.csv")
        _guarded(table).to_csv(target, index=False, encoding="utf-8-sig", lineterminator="\r\n")
        written.append(target)
    return written


def _write_zip(path: Path, contents: Contents) -> list[Path]:
    with TemporaryDirectory() as folder, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending in (".gpkg", ".geojson", ".parquet", ".csv", ".xlsx"):
            for file in WRITERS[ending](Path(folder) / f"{path.stem}{ending}", contents):
                archive.write(file, file.name)
    return [path]


def _beside(path: Path, name: str, contents: Contents) -> Path:
    return path if name == contents.main else path.with_name(f"{path.stem}-{name}{path.suffix}")


WRITERS: Mapping[str, Callable[[Path, Contents], list[Path]]] = {
    ".gpkg": _write_geopackage,
    ".geojson": _write_geojson,
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".xlsx": _write_excel,
    ".zip": _write_zip,
    SHAPEFILE: _write_shapefile,
}
