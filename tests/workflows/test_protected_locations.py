"""Protected locations: never clustered, drawn or named, whatever was loaded first."""

from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.errors import RefusedInput
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.store.places import add_place
from cs_geo.workflows.export_locations import export_locations
from cs_geo.workflows.find_hotspots import hotspots_for, read_runs, run_hotspots
from cs_geo.workflows.load_site_data import Loaded, load_gazetteer_file, load_places, load_protected
from cs_geo.workflows.look_at_map import page_of_reports, read_report
from cs_geo.workflows.place_reports import look_up, page_to_place
from cs_geo.workflows.register_places import list_register, redraw_boundary, register_place
from tests.conftest import Database
from tests.sheets import EASTING, NORTHING, ask, ask_one, import_rows, report_row, write_sheet

FEW = HotspotParameters(min_reports=5)
SECRET = "Rose House"
"""Not a name that gives itself away: only its point says that it is protected."""


def protect(store: Store, folder: Path, *points: tuple[float, float], name: str = "protected.csv") -> Loaded:
    rows = [{"kind": "refuge", "easting": x, "northing": y, "radius_m": 50} for x, y in points]
    return load_protected(store, LOCAL_ACTOR, write_sheet(folder / name, rows))


def gazetteer(store: Store, folder: Path) -> None:
    rows = [
        {"kind": "place", "name": SECRET, "easting": EASTING, "northing": NORTHING},
        {"kind": "place", "name": "Safe Cafe", "easting": EASTING, "northing": NORTHING + 5},
        {"kind": "place", "name": "Safe Cafe", "easting": EASTING + 9000, "northing": NORTHING},
        {"kind": "place", "name": "Elm Hall", "easting": EASTING + 500, "northing": NORTHING},
    ]
    load_gazetteer_file(store, LOCAL_ACTOR, write_sheet(folder / "nick.csv", rows), "csv")


def disc(x: float = EASTING, y: float = NORTHING, radius: float = 60) -> shapely.Polygon:
    return shapely.Point(x, y).buffer(radius)


def places_file(folder: Path, *rows: tuple[str, str, Any]) -> Path:
    path = folder / "places.gpkg"
    names, types, shapes = zip(*rows, strict=True)
    gpd.GeoDataFrame({"name": names, "place_type": types}, geometry=list(shapes), crs=27700).to_file(path)
    return path


def everything_shown(store: Store, folder: Path) -> str:
    """All that is exported, listed and answered, as one text."""
    path = folder / "all.gpkg"
    export_locations(store, LOCAL_ACTOR, path, selection=Selection())
    shown = [pyogrio.read_dataframe(path, layer=str(layer)).to_csv() for layer, _ in pyogrio.list_layers(path)]
    listed = page_of_reports(store, LOCAL_ACTOR, Selection(), sorted_by="day", descending=True, page=1, size=50)
    reports = [read_report(store, LOCAL_ACTOR, row["report_id"]) for row in listed]
    queue = [dict(row) for row in page_to_place(store, LOCAL_ACTOR)]
    return " ".join([*shown, str(reports), str(queue), str(list_register(store, LOCAL_ACTOR))])


# --- hotspot runs -----------------------------------------------------------------------------------------------------


@pytest.fixture
def two_corners(store: Store, tmp_path: Path) -> Store:
    rows = [
        report_row(kind=kind, note=str(n), easting=EASTING + at + n * 9, northing=NORTHING + n % 4 * 9)
        for kind, at in (("incident", 0), ("concern", 5000))
        for n in range(12)
    ]
    import_rows(store, tmp_path, rows)
    return store


def test_a_run_that_touches_a_location_protected_since_is_withdrawn_and_that_is_said(
    two_corners: Store, tmp_path: Path
) -> None:
    incidents, concerns = run_hotspots(two_corners, LOCAL_ACTOR, Selection(), FEW)
    said = protect(two_corners, tmp_path, (EASTING + 40, NORTHING))
    assert said.notes == ("1 hotspot run touched one of them and cannot be shown any more. Find hotspots again.",)
    kept = read_runs(two_corners, LOCAL_ACTOR, [incidents.run.run_id, concerns.run.run_id])
    assert [one.run for one in kept] == [concerns.run]
    assert hotspots_for(two_corners, LOCAL_ACTOR, Selection(), [Kind.INCIDENT]) == []
    export_locations(two_corners, LOCAL_ACTOR, tmp_path / "a.gpkg", selection=Selection())
    exported = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="hotspots")
    assert set(exported["run_id"]) == {str(concerns.run.run_id)}


def test_hotspots_found_again_count_nothing_in_the_location_and_outlast_the_same_list(
    two_corners: Store, tmp_path: Path
) -> None:
    run_hotspots(two_corners, LOCAL_ACTOR, Selection(), FEW)
    protect(two_corners, tmp_path, (EASTING + 40, NORTHING))
    again, _ = run_hotspots(two_corners, LOCAL_ACTOR, Selection(), FEW)
    assert again.run.counts["left_out"]["protected_location"] > 0
    said = protect(two_corners, tmp_path, (EASTING + 40, NORTHING))
    assert said.notes == ()
    assert len(read_runs(two_corners, LOCAL_ACTOR, [again.run.run_id])) == 1


def test_a_second_list_withdraws_the_runs_that_its_own_locations_touch(two_corners: Store, tmp_path: Path) -> None:
    protect(two_corners, tmp_path, (EASTING + 5040, NORTHING))
    incidents, concerns = run_hotspots(two_corners, LOCAL_ACTOR, Selection(), FEW)
    protect(two_corners, tmp_path, (EASTING + 40, NORTHING), name="more.csv")
    kept = read_runs(two_corners, LOCAL_ACTOR, [incidents.run.run_id, concerns.run.run_id])
    assert [one.run for one in kept] == [concerns.run]


# --- the register -----------------------------------------------------------------------------------------------------


def by_file(store: Store, folder: Path, name: str, boundary: Any) -> None:
    load_places(
        store, LOCAL_ACTOR, places_file(folder, ("Elm Park", "other", disc(EASTING + 700)), (name, "other", boundary))
    )


def by_page(store: Store, folder: Path, name: str, boundary: Any) -> None:
    register_place(store, LOCAL_ACTOR, name=name, place_type="other", boundary=boundary, origin="drawn")


Way = Callable[[Store, Path, str, Any], None]


@pytest.mark.parametrize("way", [by_file, by_page])
@pytest.mark.parametrize(
    ("name", "boundary"),
    [
        pytest.param("The corner", disc(), id="a boundary that covers it"),
        pytest.param("The corner", disc(EASTING + 105), id="a boundary that touches it"),
        pytest.param(SECRET, None, id="a name of a gazetteer that lies in it"),
        pytest.param("Mill Lane Women's Refuge", disc(EASTING + 3000), id="a name that says so itself"),
    ],
)
def test_a_place_that_is_a_protected_location_is_refused_in_words_by_every_way_in(
    store: Store, tmp_path: Path, way: Way, name: str, boundary: Any
) -> None:
    gazetteer(store, tmp_path)
    protect(store, tmp_path, (EASTING, NORTHING))
    with pytest.raises(RefusedInput, match="protected location"):
        way(store, tmp_path, name, boundary)
    assert list_register(store, LOCAL_ACTOR) == []


@pytest.mark.parametrize("way", [by_file, by_page])
def test_a_name_that_is_also_known_elsewhere_may_be_registered(store: Store, tmp_path: Path, way: Way) -> None:
    gazetteer(store, tmp_path)
    protect(store, tmp_path, (EASTING, NORTHING))
    way(store, tmp_path, "Safe Cafe", disc(EASTING + 9000))
    assert "Safe Cafe" in {place.name for place in list_register(store, LOCAL_ACTOR)}


def test_a_boundary_is_not_redrawn_over_a_protected_location(store: Store, tmp_path: Path) -> None:
    protect(store, tmp_path, (EASTING, NORTHING))
    place = register_place(store, LOCAL_ACTOR, name="Elm Park", place_type="other", boundary=disc(EASTING + 700))
    with pytest.raises(RefusedInput, match="protected location"):
        redraw_boundary(store, LOCAL_ACTOR, place.place_id, disc(), origin="drawn")
    (kept,) = list_register(store, LOCAL_ACTOR)
    assert kept.boundary_version == 1


@pytest.mark.parametrize("boundary", [disc(EASTING + 80), None], ids=["touching it", "named after it"])
def test_a_place_registered_before_the_list_is_no_longer_shown_exported_or_matched(
    store: Store, database: Database, tmp_path: Path, boundary: Any
) -> None:
    register_place(store, LOCAL_ACTOR, name=SECRET, place_type="other", boundary=boundary)
    given = {"location": "by the gate", "easting": EASTING + 80, "place": SECRET}
    import_rows(store, tmp_path, [report_row(**given), report_row(place=SECRET, easting="", northing="")])
    gazetteer(store, tmp_path)
    said = protect(store, tmp_path, (EASTING, NORTHING))
    assert said.notes == (
        "1 registered place touches a protected location or may bear its name: no longer listed, drawn or exported.",
    )
    assert list_register(store, LOCAL_ACTOR) == []
    assert look_up(store, LOCAL_ACTOR, SECRET).match.x is None
    import_rows(store, tmp_path, [report_row(place=SECRET, note="later", easting=EASTING + 90)])
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports WHERE NOT in_protected") == 3
    assert SECRET not in everything_shown(store, tmp_path)


# --- geocoding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(["list", "gazetteer", "reports"])))
def test_a_name_that_lies_in_a_protected_location_is_no_answer_and_no_candidate(
    store: Store, tmp_path: Path, order: Sequence[str]
) -> None:
    def reports() -> None:
        rows = [report_row(location="Safe Cafe", easting="", northing=""), report_row(location="Elm Hall", easting="")]
        import_rows(store, tmp_path, rows)

    steps = {
        "list": lambda: protect(store, tmp_path, (EASTING, NORTHING)),
        "gazetteer": lambda: gazetteer(store, tmp_path),
        "reports": reports,
    }
    for step in order:
        steps[step]()
    answer = look_up(store, LOCAL_ACTOR, SECRET)
    assert (answer.longitude, answer.match.matched_name, answer.match.alternatives) == (None, "", ())
    assert answer.sentence().startswith("Not found. Nothing of this name is known.")
    assert look_up(store, LOCAL_ACTOR, "Rose Housse").longitude is None
    assert look_up(store, LOCAL_ACTOR, "Elm Hall").longitude is not None
    assert [one.x for one in look_up(store, LOCAL_ACTOR, "Safe Cafe").match.alternatives] == [EASTING + 9000]
    for row in page_to_place(store, LOCAL_ACTOR):
        assert all(other["x"] != EASTING for other in row["match_alternatives"] or ())
    assert SECRET not in everything_shown(store, tmp_path)


def test_a_report_that_names_a_protected_location_counts_as_lying_there_and_is_not_named_by_it(
    store: Store, database: Database, tmp_path: Path
) -> None:
    protect(store, tmp_path, (EASTING, NORTHING))
    gazetteer(store, tmp_path)
    import_rows(store, tmp_path, [report_row(location=SECRET, easting="", northing="")])
    (report,) = ask(database, "SELECT in_protected, match_name FROM cs_geo.reports")
    assert report == {"in_protected": True, "match_name": ""}
    assert SECRET not in everything_shown(store, tmp_path)


# --- places from a file -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("Elm Corner", "other", shapely.Point(EASTING, NORTHING)), "place 2: A boundary needs an area"),
        (("12 High Street, call 07700 900123", "other", disc()), "place 2: .*personal details"),
        (("Elm House", "Care or supported accommodation", disc()), "place 2: Homes, refuges"),
        (("Elm House", "care home", disc()), "place 2: Homes, refuges"),
        (("Elm Moor", "other", disc(radius=3000)), "place 2: This boundary holds 28 km²"),
    ],
)
def test_a_file_of_places_is_checked_like_the_page_and_kept_whole_or_not_at_all(
    store: Store, database: Database, tmp_path: Path, row: tuple[str, str, Any], said: str
) -> None:
    path = places_file(tmp_path, ("Elm Park", "park_green_space", disc()), row)
    with pytest.raises(RefusedInput, match=said):
        load_places(store, LOCAL_ACTOR, path)
    assert ask_one(database, "SELECT count(*) FROM cs_geo.places") == 0


def test_a_type_that_is_not_on_the_list_is_said_and_a_place_may_wait_for_its_boundary(
    store: Store, tmp_path: Path
) -> None:
    path = places_file(tmp_path, ("Elm Park", "bandstand", disc()), ("Elm Hall", "other", None))
    said = load_places(store, LOCAL_ACTOR, path)
    assert (said.loaded, dict(said.left_out or {})) == (2, {"of a type that is not on the list, kept as “other”": 1})
    assert [(one.place_type, one.boundary_version) for one in list_register(store, LOCAL_ACTOR)] == [
        ("other", None), ("other", 1),
    ]  # fmt: skip


def test_a_place_kept_with_an_empty_boundary_stops_neither_looking_up_nor_importing(
    store: Store, tmp_path: Path
) -> None:
    with store.begin(LOCAL_ACTOR) as connection:
        add_place(
            connection, name="Elm Corner", place_type="other", aliases=[("Elm Corner", "elm corner")],
            boundary=shapely.Point(EASTING, NORTHING), origin="an older version", actor="local",
        )  # fmt: skip
    assert look_up(store, LOCAL_ACTOR, "Elm Corner").match.x is None
    assert import_rows(store, tmp_path, [report_row(location="Elm Corner", easting="", northing="")]).created == 1
