"""Looking a location up: an answer in words, and candidates that can be told apart."""

from pathlib import Path

import geopandas as gpd
import shapely

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.store.opening import Store
from cs_geo.workflows.load_site_data import load_areas, load_gazetteer_file
from cs_geo.workflows.place_reports import look_up
from tests.sheets import write_sheet

CASTLE = {"kind": "ward", "name": "Castle", "district": "", "easting": 400_001, "northing": 300_001}


def test_candidates_of_one_name_are_told_apart_by_their_locality(store: Store, tmp_path: Path) -> None:
    rows = [CASTLE | {"district": "Elmside"}, CASTLE | {"district": "Newborough", "easting": 450_001}]
    load_gazetteer_file(store, LOCAL_ACTOR, write_sheet(tmp_path / "wards.csv", rows), "csv")
    for asked in ("Castle", "Castle ward"):
        answer = look_up(store, LOCAL_ACTOR, asked)
        said = f"It could be: {asked} (Elmside); {asked} (Newborough)."
        assert said in answer.sentence()
        assert [one["where"] for one in answer.to_json()["candidates"]] == ["Elmside", "Newborough"]


def test_wards_of_one_name_are_told_apart_by_their_district(store: Store, tmp_path: Path) -> None:
    boxes = [shapely.box(400_000, 300_000, 401_000, 301_000), shapely.box(450_000, 300_000, 451_000, 301_000)]
    for kind, names in (("district", ["Elmside", "Newborough"]), ("ward", ["Castle", "Castle"])):
        frame = gpd.GeoDataFrame({"code": [f"{kind}1", f"{kind}2"], "name": names}, geometry=boxes, crs=27700)
        frame.to_file(tmp_path / f"{kind}.gpkg")
        load_areas(store, LOCAL_ACTOR, tmp_path / f"{kind}.gpkg", kind)
    assert set(look_up(store, LOCAL_ACTOR, "Castle").wheres) == {"Elmside", "Newborough"}


def test_candidates_that_nothing_else_tells_apart_say_their_points(store: Store, tmp_path: Path) -> None:
    rows = [CASTLE, CASTLE | {"easting": 450_001}]
    load_gazetteer_file(store, LOCAL_ACTOR, write_sheet(tmp_path / "wards.csv", rows), "csv")
    wheres = look_up(store, LOCAL_ACTOR, "Castle").wheres
    assert len(set(wheres)) == 2
    assert all(", 52.59" in where for where in wheres)
