"""A kept run held against chance: the baselines of a site, what is kept of it, and when it is refused."""

import random
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, box

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, Tier
from cs_geo.access.permissions import Refused
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.hotspots.baselines import BaselineKind
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store.basemap import replace_streets
from cs_geo.store.opening import Store
from cs_geo.workflows.adopt_outline import boundary_of_hotspot, list_outlines
from cs_geo.workflows.baseline_choice import BaselineChoice
from cs_geo.workflows.defend_hotspots import add_defence, defend_run, least_for, read_defence
from cs_geo.workflows.find_hotspots import FoundHotspots, run_hotspots, to_document
from cs_geo.workflows.load_baseline import list_loaded_baselines, load_baseline
from cs_geo.workflows.load_site_data import load_areas
from cs_geo.workflows.progress import Cancelled
from cs_geo.workflows.raise_alarms import is_due, raise_alarms, read_latest_alarms
from tests.conftest import Database
from tests.sheets import EASTING, NORTHING, ask, ask_one, change, import_rows, report_row

FEW = HotspotParameters(min_reports=5)
SPRING = Selection(since=date(2024, 4, 1), until=date(2024, 6, 30), kinds=(Kind.INCIDENT,))
STREETS = BaselineChoice(BaselineKind.STREETS)
SIDE = 3000


def scatter(chosen: random.Random, number: int, **given: object) -> list[dict[str, object]]:
    return [
        report_row(
            easting=EASTING + chosen.randrange(-SIDE // 2, SIDE // 2),
            northing=NORTHING + chosen.randrange(-SIDE // 2, SIDE // 2),
            note=f"{given} {n}",
            **{"date": f"2024-05-{1 + n % 28:02d}", **given},
        )
        for n in range(number)
    ]


def corner(chosen: random.Random, number: int, **given: object) -> list[dict[str, object]]:
    return [
        report_row(
            easting=EASTING + chosen.randrange(-60, 60),
            northing=NORTHING + chosen.randrange(-60, 60),
            note=f"corner {given} {n}",
            **{"date": f"2024-05-{1 + n % 28:02d}", **given},
        )
        for n in range(number)
    ]


@pytest.fixture
def borough(store: Store, database: Database, tmp_path: Path) -> Store:
    """A square of streets, reports along them, a corner with many, and the year before."""
    chosen = random.Random(5)
    rows = scatter(chosen, 60) + corner(chosen, 30)
    rows += scatter(chosen, 60, date="2023-10-10") + corner(chosen, 30, date="2023-11-11")
    rows += scatter(chosen, 40, kind="outreach")
    import_rows(store, tmp_path, rows)
    west, south = EASTING - SIDE // 2, NORTHING - SIDE // 2
    lines = [LineString([(west + x, south), (west + x, south + SIDE)]) for x in range(0, SIDE + 1, 150)]
    lines += [LineString([(west, south + y), (west + SIDE, south + y)]) for y in range(0, SIDE + 1, 150)]
    count = len(lines)
    edges = gpd.GeoDataFrame(
        {
            "u": range(count),
            "v": range(1000, 1000 + count),
            "key": 0,
            "way_id": range(count),
            "name": "",
            "highway": "residential",
            "walkable": True,
            "drivable": True,
            "oneway": False,
            "length_m": [line.length for line in lines],
        },
        geometry=lines,
        crs=27700,
    )
    ends = [line.coords[0] for line in lines] + [line.coords[-1] for line in lines]
    nodes = gpd.GeoDataFrame(
        {"osm_id": [*range(count), *range(1000, 1000 + count)]},
        geometry=gpd.points_from_xy(*zip(*ends, strict=True)),
        crs=27700,
    )
    with store.begin(LOCAL_ACTOR) as connection:
        replace_streets(connection, nodes, edges, source="drawn")
    return store


def find(store: Store, selection: Selection = SPRING, parameters: HotspotParameters = FEW) -> FoundHotspots:
    (found,) = run_hotspots(store, LOCAL_ACTOR, selection, parameters)
    return found


def layer_of(path: Path, *, park: bool = False, number: object = 1000) -> Path:
    west, south = EASTING - SIDE // 2, NORTHING - SIDE // 2
    shapes = [box(west, south, west + SIDE, south + SIDE)]
    gpd.GeoDataFrame({"people": [number], "name": ["all of it"]}, geometry=shapes, crs=27700).to_file(path)
    return path


def test_a_corner_with_many_is_beyond_chance_by_the_streets_and_the_test_is_kept(
    borough: Store, database: Database
) -> None:
    found = find(borough)
    test = defend_run(borough, LOCAL_ACTOR, found.run.run_id, STREETS, maps=39)
    again = defend_run(borough, LOCAL_ACTOR, found.run.run_id, STREETS, maps=39)
    assert again.test_id == test.test_id
    assert ask_one(database, "SELECT count(*) FROM cs_geo.hotspot_tests") == 1
    defence = read_defence(borough, LOCAL_ACTOR, [found.run.run_id])
    first = found.hotspots.iloc[0]
    grade = defence.grade(test, UUID(first["hotspot_id"]))
    assert grade is not None
    assert (grade.grade, grade.as_strong_n) == ("possible", 0)
    assert grade.expected_n < 10 < grade.counted_n
    assert defence.stability[UUID(first["hotspot_id"])].moved_n == 99


def test_every_hotspot_and_spot_of_the_run_has_a_grade(borough: Store) -> None:
    found = find(borough)
    test = defend_run(borough, LOCAL_ACTOR, found.run.run_id, STREETS, maps=19)
    defence = read_defence(borough, LOCAL_ACTOR, [found.run.run_id])
    assert set(defence.grades[test.test_id]) == {UUID(one) for one in found.hotspots["hotspot_id"]}


def test_what_was_as_much_last_year_has_not_risen(borough: Store) -> None:
    found = find(borough)
    test = defend_run(borough, LOCAL_ACTOR, found.run.run_id, BaselineChoice(BaselineKind.PAST), maps=39)
    grade = read_defence(borough, LOCAL_ACTOR, [found.run.run_id]).grade(test, UUID(found.hotspots["hotspot_id"][0]))
    assert grade is not None
    assert grade.grade == "not_distinguishable"
    assert test.baseline["question"] == "risen"
    assert "April 2023 to March 2024" in str(test.baseline["words"])


def test_a_test_of_each_question_stands_beside_the_other(borough: Store) -> None:
    found = find(borough)
    for choice in (STREETS, BaselineChoice(BaselineKind.REPORTS, other_kind=Kind.OUTREACH)):
        defend_run(borough, LOCAL_ACTOR, found.run.run_id, choice, maps=19)
    tests = read_defence(borough, LOCAL_ACTOR, [found.run.run_id]).tests
    assert {test.baseline["words"] for test in tests} == {
        "the length of walkable streets and paths",
        "outreach reports",
    }


def test_a_population_layer_is_loaded_and_held_against(borough: Store, tmp_path: Path) -> None:
    loaded = load_baseline(borough, LOCAL_ACTOR, layer_of(tmp_path / "census.gpkg"), "residents")
    assert loaded.loaded == 1
    assert [(one.name, one.number) for one in list_loaded_baselines(borough, LOCAL_ACTOR)] == [("census", 1000.0)]
    found = find(borough)
    choice = BaselineChoice(BaselineKind.RESIDENTS, "census")
    test = defend_run(borough, LOCAL_ACTOR, found.run.run_id, choice, maps=39)
    grade = read_defence(borough, LOCAL_ACTOR, [found.run.run_id]).grade(test, UUID(found.hotspots["hotspot_id"][0]))
    assert grade is not None
    assert grade.grade == "possible"


def test_where_nobody_lives_residents_prove_nothing(borough: Store, database: Database, tmp_path: Path) -> None:
    load_baseline(borough, LOCAL_ACTOR, layer_of(tmp_path / "census.gpkg"), "residents")
    change(
        database,
        "INSERT INTO cs_geo.basemap_features (source, layer, kind, name, min_zoom, rank, geom) SELECT 'drawn', 'parks',"
        " 'park', '', 10, 0, ST_Transform(ST_Buffer(ST_SetSRID(ST_MakePoint("
        f"{EASTING}, {NORTHING}), 27700), 400), 3857)",
    )
    found = find(borough)
    choice = BaselineChoice(BaselineKind.RESIDENTS, "census")
    test = defend_run(borough, LOCAL_ACTOR, found.run.run_id, choice, maps=19)
    grade = read_defence(borough, LOCAL_ACTOR, [found.run.run_id]).grade(test, UUID(found.hotspots["hotspot_id"][0]))
    assert grade is not None
    assert (grade.grade, grade.untested) == ("not_tested", "not_lived_on")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "jobs"}, "no population layer"),
        ({"column": "peeple"}, "has no column “peeple”. It has: people, name"),
        ({"number": -4}, "no number of people"),
        ({"number": "many"}, "Say which column"),
    ],
)
def test_a_population_layer_that_cannot_be_used_is_refused_with_the_remedy(
    store: Store, tmp_path: Path, given: dict[str, object], said: str
) -> None:
    path = layer_of(tmp_path / "census.gpkg", number=given.get("number", 10))
    with pytest.raises((UsageError, RefusedInput), match=said):
        load_baseline(
            store, LOCAL_ACTOR, path, str(given.get("kind", "residents")), column=str(given.get("column", ""))
        )
    assert list_loaded_baselines(store, LOCAL_ACTOR) == []


def test_without_streets_the_remedy_is_said(store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, corner(random.Random(1), 12))
    with pytest.raises(UsageError, match="Load OpenStreetMap data first"):
        defend_run(store, LOCAL_ACTOR, find(store).run.run_id, STREETS)


def test_reports_that_changed_since_are_not_tested(borough: Store, database: Database) -> None:
    found = find(borough)
    change(database, "UPDATE cs_geo.reports SET geom = ST_Translate(geom, 5, 0) WHERE note LIKE 'corner%'")
    with pytest.raises(UsageError, match="Reports have changed"):
        defend_run(borough, LOCAL_ACTOR, found.run.run_id, STREETS)


def test_a_test_that_is_stopped_leaves_nothing(borough: Store, database: Database) -> None:
    found = find(borough)

    def stop(doing: str, done: int, total: int | None) -> None:
        raise Cancelled("Stopped as asked.")

    with pytest.raises(Cancelled):
        defend_run(borough, LOCAL_ACTOR, found.run.run_id, STREETS, maps=39, progress=stop)
    assert ask_one(database, "SELECT count(*) FROM cs_geo.hotspot_tests") == 0


def test_the_document_of_a_run_says_what_it_was_held_against(borough: Store) -> None:
    found = find(borough)
    defend_run(borough, LOCAL_ACTOR, found.run.run_id, STREETS, maps=19)
    document = add_defence(to_document([found]), read_defence(borough, LOCAL_ACTOR, [found.run.run_id]))
    assert document["runs"][0]["chance"] == "tested"
    assert document["runs"][0]["tests"][0]["maps"] == 19
    assert document["features"][0]["properties"]["tests"][0]["grade"] in {"clear", "possible"}
    assert document["features"][0]["properties"]["stability"]["moved"] == 99


def test_the_minimum_by_chance_is_the_same_for_everybody(borough: Store) -> None:
    least = least_for(borough, LOCAL_ACTOR, SPRING, FEW, STREETS)
    assert 5 <= least <= 12
    assert least == least_for(borough, LOCAL_ACTOR, SPRING, FEW, STREETS)


def test_only_a_tested_outline_becomes_a_boundary_without_a_reason(borough: Store) -> None:
    found = find(borough)
    outlines = list_outlines(borough, LOCAL_ACTOR)
    assert outlines is not None
    first = outlines.iloc[0]
    hotspot_id = UUID(first["hotspot_id"])
    with pytest.raises(UsageError, match="has not been tested"):
        boundary_of_hotspot(borough, LOCAL_ACTOR, hotspot_id, first.geometry)
    _, how = boundary_of_hotspot(
        borough, LOCAL_ACTOR, hotspot_id, first.geometry, "The panel met before the test could be made."
    )
    assert "not tested against chance: The panel met" in how
    defend_run(borough, LOCAL_ACTOR, found.run.run_id, BaselineChoice(BaselineKind.PAST), maps=39)
    with pytest.raises(UsageError, match="Chance would give"):
        boundary_of_hotspot(borough, LOCAL_ACTOR, hotspot_id, first.geometry)
    defend_run(borough, LOCAL_ACTOR, found.run.run_id, STREETS, maps=39)
    shape, how = boundary_of_hotspot(borough, LOCAL_ACTOR, hotspot_id, first.geometry)
    assert shape.equals(first.geometry)
    assert how.endswith("possibly more than chance")


def test_whoever_may_not_find_hotspots_may_not_test_them(borough: Store) -> None:
    found = find(borough)
    member = Actor("local", frozenset({Role.PANEL_MEMBER}), Tier.PARTNER)
    with pytest.raises(Refused):
        defend_run(borough, member, found.run.run_id, STREETS)
    with pytest.raises(Refused):
        read_defence(borough, member, [found.run.run_id])


def test_doubtful_pins_that_a_hotspot_rests_on_are_kept(borough: Store, database: Database) -> None:
    change(
        database,
        "UPDATE cs_geo.reports SET match_confidence = 'low', match_problem = 'similar_name' WHERE note LIKE 'corner%'"
        " AND first_day >= '2024-01-01'",
    )
    found = find(borough)
    defend_run(borough, LOCAL_ACTOR, found.run.run_id, STREETS, maps=19)
    pins = ask(database, "SELECT DISTINCT doubtful_n FROM cs_geo.hotspot_pins")
    assert max(row["doubtful_n"] for row in pins) >= 20


def test_areas_of_the_site_bound_what_is_expected(borough: Store, tmp_path: Path) -> None:
    west, south = EASTING - SIDE // 2, NORTHING - SIDE // 2
    path = tmp_path / "study.gpkg"
    gpd.GeoDataFrame(
        {"reference": ["S1"], "name": ["Study"]}, geometry=[box(west, south, west + SIDE, south + SIDE)], crs=27700
    ).to_file(path)
    load_areas(borough, LOCAL_ACTOR, path, "study")
    found = find(borough)
    test = defend_run(borough, LOCAL_ACTOR, found.run.run_id, BaselineChoice(BaselineKind.FLAT), maps=19)
    assert test.baseline["words"] == "flat ground, as if people were everywhere alike"


def test_the_weekly_alarm_is_raised_once_for_the_same_reports(borough: Store, tmp_path: Path) -> None:
    today = date(2024, 7, 1)
    assert read_latest_alarms(borough, LOCAL_ACTOR) == []
    new = [
        report_row(
            easting=EASTING + 1100, northing=NORTHING - 900, note=f"new {n}", date=str(today - timedelta(days=n % 4))
        )
        for n in range(8)
    ]
    import_rows(borough, tmp_path, new)
    assert is_due(borough, LOCAL_ACTOR, today)
    raise_alarms(borough, LOCAL_ACTOR, today)
    assert not is_due(borough, LOCAL_ACTOR, today)
    (incidents,) = [alarms for alarms in read_latest_alarms(borough, LOCAL_ACTOR) if alarms.scan.kind == "incident"]
    assert [alarm.counted_n for alarm in incidents.raised] == [8]
    assert incidents.raised[0].days_n == 4
    assert incidents.scan.undated_n == 0
    change_nothing = raise_alarms(borough, LOCAL_ACTOR, today)
    assert {scan.scan_id for scan in change_nothing} >= {incidents.scan.scan_id}
    assert np.isclose(incidents.raised[0].x, EASTING + 1100, atol=1)
