"""Writing the location database: GeoPackage, GeoJSON, GeoParquet, CSV or Excel, caveats and dictionary inside.

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
from cs_geo.exports.tables import DICTIONARY, LocationDatabase, dictionary_frame
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


def write_database(path: Path, database: LocationDatabase) -> list[Path]:
    """Write the location database in the format of the file's ending.

    GeoPackage, Excel and zip are one file. GeoJSON, GeoParquet and CSV hold one table a file: the reports under the
    name given, the others beside it as ``NAME-places.csv`` and so on.

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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and moved in whole: what stood here stays as it was unless everything could be written.
        with TemporaryDirectory(dir=path.parent, prefix=".writing-") as aside:
            written = writer(Path(aside) / path.name, database)
            return [file.replace(path.parent / file.name) for file in written]
    except (OSError, xlsxwriter.exceptions.FileCreateError, pyogrio.errors.DataSourceError) as fault:
        raise RefusedInput(
            f"Nothing can be written to {path.name} in the folder {path.parent.absolute().name or '/'}: it is closed "
            "to this user, full, or no folder. Choose another."
        ) from fault


def _write_geopackage(path: Path, database: LocationDatabase) -> list[Path]:
    for name, frame in database.layers().items():
        pyogrio.write_dataframe(
            frame,
            path,
            layer=name,
            driver="GPKG",
            geometry_type=_geometry_type(name),
            append=path.exists(),
            layer_options={"DESCRIPTION": _layer_description(name, database)},
        )
    for name, table in _plain_tables(database).items():
        pyogrio.write_dataframe(table, path, layer=name, driver="GPKG", append=True)
    return [path]


def _layer_description(name: str, database: LocationDatabase) -> str:
    return " ".join((f"{name.capitalize()}.", *database.caveats))


def _geometry_type(name: str) -> str:
    return {"reports": "Point", "effort": "Point", "places": "MultiPolygon", "hotspots": "Unknown"}[name]


def _write_geojson(path: Path, database: LocationDatabase) -> list[Path]:
    written = []
    for name, frame in database.layers().items():
        document: dict[str, Any] = json.loads(frame.to_crs(DEGREES).to_json(drop_id=True))
        document["caveats"] = list(database.caveats)
        document["dictionary"] = DICTIONARY[name]
        document.pop("crs", None)
        target = _beside(path, name)
        target.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        written.append(target)
    return written


def _write_parquet(path: Path, database: LocationDatabase) -> list[Path]:
    written = []
    for name, frame in database.layers().items():
        target = _beside(path, name)
        described = frame.copy()
        described.attrs = {"caveats": list(database.caveats), "dictionary": DICTIONARY[name]}
        described.to_parquet(target, index=False)
        written.append(target)
    return written


def _write_csv(path: Path, database: LocationDatabase) -> list[Path]:
    tables = {name: pd.DataFrame(frame.drop(columns="geometry")) for name, frame in database.layers().items()}
    tables |= _plain_tables(database)
    written = []
    for name, table in tables.items():
        target = _beside(path, name)
        _guarded(table).to_csv(target, index=False, encoding="utf-8-sig", lineterminator="\r\n")
        written.append(target)
    return written


def _guarded(table: pd.DataFrame) -> pd.DataFrame:
    """The table with every text guarded; columns of numbers are not touched."""
    texts = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    return table.assign(**{name: table[name].map(_guarded_value) for name in texts})


def _guarded_value(value: Any) -> Any:
    return guard_cell(value) if isinstance(value, str) else value


def _write_excel(path: Path, database: LocationDatabase) -> list[Path]:
    tables = {name: pd.DataFrame(frame.drop(columns="geometry")) for name, frame in database.layers().items()}
    tables |= _plain_tables(database)
    # Text is written as text whatever it begins with: no formulas, no links.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        head = workbook.add_format({"bold": True, "text_wrap": True})
        for name, table in tables.items():
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


def _write_zip(path: Path, database: LocationDatabase) -> list[Path]:
    with TemporaryDirectory() as folder, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending in (".gpkg", ".geojson", ".parquet", ".csv", ".xlsx"):
            for file in WRITERS[ending](Path(folder) / f"{path.stem}{ending}", database):
                archive.write(file, file.name)
    return [path]


def _plain_tables(database: LocationDatabase) -> Mapping[str, pd.DataFrame]:
    return {
        "runs": database.runs,
        "dictionary": dictionary_frame(),
        "caveats": pd.DataFrame({"caveat": list(database.caveats)}),
    }


def _beside(path: Path, name: str) -> Path:
    return path if name == "reports" else path.with_name(f"{path.stem}-{name}{path.suffix}")


WRITERS: Mapping[str, Callable[[Path, LocationDatabase], list[Path]]] = {
    ".gpkg": _write_geopackage,
    ".geojson": _write_geojson,
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".xlsx": _write_excel,
    ".zip": _write_zip,
}
