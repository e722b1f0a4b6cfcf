"""Hotspot runs over stored reports: the same clusters as PostGIS, kept, and accounted for."""

import json
import random
from datetime import date
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import text

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.errors import UsageError
from cs_geo.hotspots.clusters import NO_CLUSTER, cluster_places
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.hotspots.points import collapse
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store.hotspots import read_points
from cs_geo.store.opening import Store
from cs_geo.workflows.find_hotspots import NOT_TESTED, hotspots_for, run_hotspots, to_document
from tests.conftest import Database
from tests.sheets import EASTING, NORTHING, ask_one, change, import_rows, report_row

INCIDENTS = Selection(kinds=(Kind.INCIDENT,))
FEW = HotspotParameters(min_reports=5)


def a_corner(chosen: random.Random, x: float, y: float, number: int, spread: float = 60) -> list[dict[str, object]]:
    """Reports round a corner, every third at exactly the same point as the one before."""
    rows: list[dict[str, object]] = []
    for place in range(number):
        at = (
            (rows[-1]["easting"], rows[-1]["northing"])
            if place % 3 == 2
            else (round(x + chosen.uniform(-spread, spread), 1), round(y + chosen.uniform(-spread, spread), 1))
        )
        rows.append(report_row(easting=at[0], northing=at[1], note=str(place), date=f"2024-04-{1 + place % 28:02d}"))
    return rows


@pytest.fixture
def borough(store: Store, tmp_path: Path) -> Store:
    """Two corners with many reports, some at one spot, and a scatter."""
    chosen = random.Random(5)
    rows = a_corner(chosen, EASTING, NORTHING, 40) + a_corner(chosen, EASTING + 900, NORTHING + 400, 25)
    rows += [report_row(easting=EASTING - 1500, northing=NORTHING, note=f"spot {n}") for n in range(8)]
    rows += a_corner(chosen, EASTING, NORTHING, 40, spread=3000)
    assert import_rows(store, tmp_path, rows).matched == len(rows)
    return store


def test_clusters_are_those_of_postgis_over_every_single_report(borough: Store) -> None:
    with borough.begin(LOCAL_ACTOR) as connection:
        points = read_points(connection, INCIDENTS)
        theirs = connection.execute(
            text("""
            SELECT report_id::text, ST_ClusterDBSCAN(geom, 150, 5) OVER (ORDER BY report_id) AS cluster
            FROM cs_geo.reports WHERE geom IS NOT NULL ORDER BY report_id
            """)
        ).all()
        near = {
            row[0]: row[1]
            for row in connection.execute(
                text("""
                SELECT a.report_id::text, count(*) FROM cs_geo.reports a JOIN cs_geo.reports b
                    ON ST_DWithin(a.geom, b.geom, 150) GROUP BY 1
                """)
            )
        }
    places = collapse(shapely.get_coordinates(points.geometry.to_numpy()))
    ours = cluster_places(places.xy, places.weight, radius_m=150, min_reports=5).labels[places.place_of]
    assert list(points["report_id"]) == [row[0] for row in theirs]
    # A report at the border may belong to either of two clusters; cores may not, and noise is noise for both.
    pairs = {(int(one), row[1]) for one, row in zip(ours, theirs, strict=True) if near[row[0]] >= 5}
    assert len(pairs) == len({own for own, _ in pairs}) == len({other for _, other in pairs}) >= 3
    noise = [(one == NO_CLUSTER, row[1] is None) for one, row in zip(ours, theirs, strict=True)]
    assert all(own == other for own, other in noise)


def test_the_same_question_over_the_same_reports_gives_the_kept_run(
    borough: Store, database: Database, tmp_path: Path
) -> None:
    (first,) = run_hotspots(borough, LOCAL_ACTOR, INCIDENTS, FEW)
    (again,) = run_hotspots(borough, LOCAL_ACTOR, INCIDENTS, FEW)
    assert again.run == first.run
    assert json.dumps(to_document([again]), default=str) == json.dumps(to_document([first]), default=str)
    (other,) = run_hotspots(borough, LOCAL_ACTOR, INCIDENTS, HotspotParameters(min_reports=6))
    assert other.run.run_id != first.run.run_id
    change(database, "UPDATE cs_geo.reports SET geom = ST_Translate(geom, 1, 0) WHERE note = 'spot 3'")
    (moved,) = run_hotspots(borough, LOCAL_ACTOR, INCIDENTS, FEW)
    assert moved.run.run_id not in {first.run.run_id, other.run.run_id}
    assert ask_one(database, "SELECT count(*) FROM cs_geo.hotspot_runs") == 3
    assert hotspots_for(borough, LOCAL_ACTOR, Selection(), [Kind.INCIDENT])[0].run == moved.run


def test_a_run_asked_for_again_after_another_is_the_one_the_map_shows(borough: Store) -> None:
    (first,) = run_hotspots(borough, LOCAL_ACTOR, INCIDENTS, FEW)
    run_hotspots(borough, LOCAL_ACTOR, INCIDENTS, HotspotParameters(min_reports=6))
    run_hotspots(borough, LOCAL_ACTOR, INCIDENTS, FEW)
    assert hotspots_for(borough, LOCAL_ACTOR, Selection(), [Kind.INCIDENT])[0].run.run_id == first.run.run_id


def test_the_map_s_hotspots_are_never_those_of_published_police_data(borough: Store) -> None:
    (own,) = run_hotspots(borough, LOCAL_ACTOR, INCIDENTS, FEW)
    run_hotspots(borough, LOCAL_ACTOR, Selection(kinds=(Kind.INCIDENT,), published=True), FEW)
    assert hotspots_for(borough, LOCAL_ACTOR, Selection(), [Kind.INCIDENT])[0].run == own.run


def test_every_report_that_takes_no_part_is_counted_by_its_reason(
    store: Store, database: Database, tmp_path: Path
) -> None:
    rows = [
        *(report_row(note=str(n), easting=EASTING + n) for n in range(6)),
        report_row(easting="", note="nowhere"),
        report_row(harm_types="presence_only", note="merely there"),
        report_row(note="hospital", easting=EASTING + 20),
        report_row(note="ward", easting=EASTING + 21),
        report_row(kind="concern"),
    ]
    import_rows(store, tmp_path, rows)
    change(database, "UPDATE cs_geo.reports SET default_location = true WHERE note = 'hospital'")
    change(database, "UPDATE cs_geo.reports SET match_precision = 'area' WHERE note = 'ward'")
    incidents, concerns = run_hotspots(store, LOCAL_ACTOR, Selection(), FEW)
    counts = incidents.run.counts
    assert counts["left_out"] == {
        "not_located": 1, "area_precision": 1, "presence_only": 1, "default_location": 1,
    }  # fmt: skip
    assert counts["read"] == counts["used"] + sum(counts["left_out"].values()) == 10
    assert counts["used"] == counts["in_hotspots"] + counts["at_spots"] + counts["elsewhere"] == 6
    assert (concerns.run.kind, concerns.run.counts["read"]) == ("concern", 1)


def test_members_are_kept_and_a_spot_is_a_point(borough: Store, database: Database) -> None:
    (found,) = run_hotspots(borough, LOCAL_ACTOR, INCIDENTS, FEW)
    frame = found.hotspots
    assert len(frame) >= 3
    for row in frame.itertuples():
        members = ask_one(
            database, "SELECT count(*) FROM cs_geo.hotspot_members WHERE hotspot_id = %s::uuid", row.hotspot_id
        )
        assert members == row.reports_n
        assert row.geometry.geom_type == ("Point" if row.at_one_spot else row.geometry.geom_type)
        assert row.geometry.is_valid
    spots = frame[frame["at_one_spot"].astype(bool)]
    assert set(spots["reports_n"]) == {8}


def test_the_document_is_geojson_in_degrees_with_what_the_run_rests_on(borough: Store) -> None:
    selection = Selection(since=date(2024, 4, 1), until=date(2024, 4, 30), kinds=(Kind.INCIDENT,))
    found = run_hotspots(borough, LOCAL_ACTOR, selection, FEW)
    document = json.loads(json.dumps(to_document(found)))
    assert document["type"] == "FeatureCollection"
    assert document["features"]
    for feature in document["features"]:
        geometry = shape(feature["geometry"])
        assert geometry.is_valid
        west, south, east, north = geometry.bounds
        assert -2.1 < west <= east < -1.9
        assert 52.5 < south <= north < 52.7
        assert feature["properties"]["chance"] == "not yet tested against chance"
        if geometry.geom_type == "Polygon":
            assert geometry.exterior.is_ccw, "RFC 7946: outer rings run anticlockwise"
    (run,) = document["runs"]
    assert run["selection"] == {"since": "2024-04-01", "until": "2024-04-30", "kinds": ["incident"]}
    assert run["parameters"]["min_reports"] == 5
    assert run["counts"]["read"] == 113
    assert run["chance"] == NOT_TESTED


def test_an_area_that_is_not_loaded_is_named(store: Store) -> None:
    with pytest.raises(UsageError, match="No area has the reference “E05999999”"):
        run_hotspots(store, LOCAL_ACTOR, Selection(area="E05999999"), FEW)


def test_no_reports_are_no_hotspots(store: Store) -> None:
    for found in run_hotspots(store, LOCAL_ACTOR, Selection(), FEW):
        assert len(found.hotspots) == 0
        assert found.run.counts["read"] == 0
