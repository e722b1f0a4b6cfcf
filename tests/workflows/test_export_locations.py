"""The location database as others open it: complete, described, and safe to open."""

import csv
import json
import zipfile
from datetime import date
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, Tier
from cs_geo.access.permissions import Refused
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.exports.contents import Contents
from cs_geo.exports.tables import DICTIONARY
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.store.places import add_place
from cs_geo.workflows.export_locations import export_locations
from cs_geo.workflows.export_released import read_tier
from cs_geo.workflows.find_hotspots import run_hotspots
from tests.conftest import Database
from tests.sheets import EASTING, NORTHING, ask, effort_row, import_rows, open_test_store, report_row

APRIL = Selection(since=date(2024, 4, 1), until=date(2024, 4, 30))
DANGEROUS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "|calc",
    "%0A",
    "＝1+1",
    "＋1",
    "－1",
    "＠a",
    "\u200b=1",
    "\xa0=1",
    "'=1",
    '"=1"',
]
LAYERS = ("reports", "places", "hotspots", "effort")


@pytest.fixture(scope="module")
def filled(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A corner with reports, hotspots, a place, a session, texts like formulas and reports beyond April."""
    folder = tmp_path_factory.mktemp("sheets")
    store = open_test_store(module_database)
    rows = [report_row(note=text, easting=EASTING + number) for number, text in enumerate(DANGEROUS)]
    rows += [report_row(location=text, what_helped=text, easting="") for text in DANGEROUS]
    rows += [report_row(date="2024-05-02"), report_row(kind="strength"), report_row(kind="concern", date="2024-04")]
    import_rows(store, folder, rows)
    import_rows(
        store, folder, [effort_row(Route="=cmd()"), effort_row(**{"Session reference": "S2", "Date": "01/05/2024"})]
    )
    with store.begin(LOCAL_ACTOR) as connection:
        add_place(
            connection,
            name="=Elm Park",
            place_type="other",
            aliases=[("=Elm Park", "elm park")],
            boundary=shapely.Point(EASTING, NORTHING).buffer(60),
            origin="drawn",
            actor="local",
        )
    run_hotspots(
        store, LOCAL_ACTOR, Selection(since=date(2024, 4, 2), until=date(2024, 4, 29)), HotspotParameters(min_reports=5)
    )
    run_hotspots(store, LOCAL_ACTOR, Selection(), HotspotParameters(min_reports=5))
    return store


def export(store: Store, path: Path, selection: Selection = APRIL) -> dict[str, int]:
    written = export_locations(store, LOCAL_ACTOR, path, selection=selection, purpose="a test")
    assert all(file.exists() for file in written.files)
    return dict(written.rows)


EXPECTED = {"reports": 30, "places": 1, "hotspots": 1, "effort": 1}


def test_a_geopackage_opens_with_every_layer_its_caveats_and_its_dictionary(filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "locations.gpkg"
    rows = export(filled, path)
    export(filled, path)
    layers = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    assert set(layers) == {*LAYERS, "runs", "dictionary", "caveats"}
    for name in LAYERS:
        frame = gpd.read_file(path, layer=name)
        assert len(frame) == rows[name]
        assert frame.crs.to_epsg() == 27700
        assert [column for column in frame.columns if column != "geometry"] == list(DICTIONARY[name])
    assert {name: rows[name] for name in ("reports", "places", "effort")} == {
        name: EXPECTED[name] for name in ("reports", "places", "effort")
    }
    caveats = " ".join(gpd.read_file(path, layer="caveats")["caveat"])
    assert "The column chance says whether each was tested" in caveats
    assert "Not to be passed on" in caveats
    dictionary = gpd.read_file(path, layer="dictionary")
    assert len(dictionary) == sum(len(columns) for columns in DICTIONARY.values())
    assert gpd.read_file(path, layer="hotspots")["run_id"].isin(gpd.read_file(path, layer="runs")["run_id"]).all()


@pytest.mark.parametrize("ending", [".gpkg", ".csv", ".xlsx"])
def test_an_export_that_fails_leaves_the_file_that_was_there(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    path = tmp_path / f"locations{ending}"
    path.write_text("the one of last week")

    def no_space_left(_: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Contents, "plain_tables", no_space_left)
    with pytest.raises(RefusedInput, match="Nothing can be written"):
        export(filled, path)
    assert path.read_text() == "the one of last week"
    assert list(tmp_path.iterdir()) == [path]


def test_geojson_is_in_degrees_with_its_caveats(filled: Store, tmp_path: Path) -> None:
    rows = export(filled, tmp_path / "locations.geojson")
    for name in LAYERS:
        path = tmp_path / ("locations.geojson" if name == "reports" else f"locations-{name}.geojson")
        document = json.loads(path.read_text(encoding="utf-8"))
        assert len(document["features"]) == rows[name]
        assert document["caveats"]
        assert document["dictionary"] == DICTIONARY[name]
        assert "NaN" not in path.read_text(encoding="utf-8")
        frame = gpd.read_file(path)
        located = frame[frame.geometry.notna()]
        assert name == "effort" or located.total_bounds[0] == pytest.approx(-2.0, abs=0.05)


def test_geoparquet_opens_with_its_caveats(filled: Store, tmp_path: Path) -> None:
    rows = export(filled, tmp_path / "locations.parquet")
    for name in LAYERS:
        path = tmp_path / ("locations.parquet" if name == "reports" else f"locations-{name}.parquet")
        frame = gpd.read_parquet(path)
        assert len(frame) == rows[name]
        assert frame.crs.to_epsg() == 27700
        assert frame.attrs["caveats"]
        assert [column for column in frame.columns if column != "geometry"] == list(DICTIONARY[name])


@pytest.mark.trust("C4", figure="CSV: 0 unguarded cells")
def test_csv_holds_no_cell_that_would_run_and_keeps_numbers(filled: Store, tmp_path: Path) -> None:
    rows = export(filled, tmp_path / "locations.csv")
    cells = 0
    for path in tmp_path.glob("*.csv"):
        with path.open(newline="", encoding="utf-8-sig") as stream:
            heads, *lines = csv.reader(stream)
        for line in lines:
            for head, cell in zip(heads, line, strict=True):
                cells += 1
                bare = cell.lstrip('\u200b\xa0\ufeff \t\r\n"')
                is_number = head in {"longitude", "latitude"}
                assert is_number or not bare.startswith(tuple("=+-@|%＝＋－＠")), (path.name, head)
    assert cells > 500
    frame = pd.read_csv(tmp_path / "locations.csv")
    assert list(frame.columns) == list(DICTIONARY["reports"])
    assert len(frame) == rows["reports"]
    assert frame["longitude"].dtype == float
    assert frame["longitude"].dropna().lt(0).all()


@pytest.mark.trust("C4", figure="XLSX: 0 cells of type f")
def test_excel_holds_no_formula_and_keeps_numbers(filled: Store, module_database: Database, tmp_path: Path) -> None:
    path = tmp_path / "locations.xlsx"
    rows = export(filled, path)
    book = openpyxl.load_workbook(path)
    assert set(book.sheetnames) == {"Reports", "Places", "Hotspots", "Effort", "Runs", "Dictionary", "Caveats"}
    kinds: dict[str, int] = {}
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                kinds[cell.data_type] = kinds.get(cell.data_type, 0) + 1
    assert "f" not in kinds
    assert kinds["n"] > 100
    frame = pd.read_excel(path, sheet_name="Reports", engine="calamine")
    assert list(frame.columns) == list(DICTIONARY["reports"])
    assert len(frame) == rows["reports"]
    stored = ask(
        module_database, "SELECT DISTINCT note FROM cs_geo.reports WHERE note <> '' AND first_day < '2024-05-01'"
    )
    assert {row["note"] for row in stored} == set(frame["note"].dropna())
    assert "=1+1" in set(frame["note"])


def test_a_zip_holds_every_format(filled: Store, tmp_path: Path) -> None:
    export(filled, tmp_path / "locations.zip")
    with zipfile.ZipFile(tmp_path / "locations.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert {Path(name).suffix for name in names} == {".gpkg", ".geojson", ".parquet", ".csv", ".xlsx"}
    assert len(names) == len(set(names))


def test_the_counts_are_those_of_the_filter(filled: Store, module_database: Database, tmp_path: Path) -> None:
    for selection in (Selection(), APRIL, Selection(kinds=(Kind.STRENGTH,)), Selection(since=date(2030, 1, 1))):
        rows = export(filled, tmp_path / "locations.gpkg", selection)
        for name in LAYERS:
            assert len(gpd.read_file(tmp_path / "locations.gpkg", layer=name)) == rows[name]
    assert export(filled, tmp_path / "a.csv", Selection())["reports"] == 31
    assert export(filled, tmp_path / "a.csv", Selection(kinds=(Kind.STRENGTH,)))["reports"] == 1


def test_an_empty_site_can_be_exported(store: Store, tmp_path: Path) -> None:
    for ending in (".gpkg", ".geojson", ".parquet", ".csv", ".xlsx", ".zip"):
        assert export(store, tmp_path / f"empty{ending}", Selection())["reports"] == 0
    assert set(pyogrio.list_layers(tmp_path / "empty.gpkg")[:, 0]) >= set(LAYERS)


def test_every_export_is_recorded_with_its_purpose(store: Store, database: Database, tmp_path: Path) -> None:
    export(store, tmp_path / "locations.csv")
    (row,) = ask(database, "SELECT tier, purpose, selection, rows_n, exported_by FROM cs_geo.exports")
    assert (row["tier"], row["purpose"], row["exported_by"]) == ("internal", "a test", "local")
    assert row["selection"] == {"since": "2024-04-01", "until": "2024-04-30"}
    assert row["rows_n"]["reports"] == 0


@pytest.mark.parametrize("name", ["a.doc", "a", "a.shp"])
def test_a_format_that_is_unknown_or_a_partners_only_is_refused(store: Store, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        export_locations(store, LOCAL_ACTOR, tmp_path / name, selection=Selection())


def test_an_unknown_tier_is_refused() -> None:
    assert read_tier("partner") is Tier.PARTNER
    with pytest.raises(UsageError, match="no tier “secret”"):
        read_tier("secret")


def test_a_coordinator_may_not_export(store: Store, tmp_path: Path) -> None:
    coordinator = Actor("c", frozenset({Role.COORDINATOR}), Tier.INTERNAL)
    with pytest.raises(Refused):
        export_locations(store, coordinator, tmp_path / "a.csv", selection=Selection())
