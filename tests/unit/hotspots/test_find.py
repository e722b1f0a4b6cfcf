import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from cs_geo.errors import UserError
from cs_geo.hotspots.find import find_hotspots
from cs_geo.hotspots.parameters import HotspotParameters, LeftOut
from cs_geo.hotspots.result import CHANCE_NOT_TESTED, HOTSPOT_COLUMNS, SPOT_COLUMNS

E, N = 400_000, 300_000


def reports(offsets, **columns):
    xy = np.asarray(offsets, dtype=float).reshape(-1, 2) + np.array([E, N])
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(*xy.T), crs=27700)


def around(x, y, number):
    """That many reports at as many places, 5 m apart in a row."""
    return [(x + 5 * step, y) for step in range(number)]


def test_twelve_reports_in_one_block_are_a_hotspot_with_its_counts():
    result = find_hotspots(
        reports(
            [*around(0, 0, 11), (0, 0), (3000, 3000)],
            report_id=[f"R{number}" for number in range(13)],
            occurred_on=["2026-03-01"] * 6 + ["2026-03-02"] * 7,
            source_type=["resident"] * 8 + ["school"] * 5,
        )
    )
    assert len(result.hotspots) == 1
    hotspot = result.hotspots.iloc[0]
    assert (hotspot["rank"], hotspot["reports_n"], hotspot["places_n"], hotspot["days_n"]) == (1, 12, 11, 2)
    assert hotspot["source_counts"] == {"resident": 8, "school": 4}
    assert hotspot["chance"] == CHANCE_NOT_TESTED == "not yet tested against chance"
    assert hotspot["min_reports_used"] == 10
    assert set(result.members["report_id"]) == {f"R{number}" for number in range(12)}
    assert (result.counts.read, result.counts.used, result.counts.in_hotspots, result.counts.elsewhere) == (
        13,
        13,
        12,
        1,
    )


def test_two_reports_at_one_postcode_do_not_make_a_hotspot():
    result = find_hotspots(reports([(0, 0), (0, 0)]))
    assert len(result.hotspots) == len(result.spots) == 0


def test_any_number_of_reports_at_two_addresses_is_a_spot_and_not_an_area():
    result = find_hotspots(reports([(0, 0)] * 20 + [(30, 0)] * 9))
    assert len(result.hotspots) == 0
    spot = result.spots.iloc[0]
    assert (spot["reports_n"], spot["places_n"]) == (29, 2)
    assert spot.geometry == Point(E, N)  # where most of them lie
    assert result.counts.at_spots == 29
    assert result.members["found_as"].unique().tolist() == ["spot"]


def test_a_third_address_makes_it_an_area():
    result = find_hotspots(reports([(0, 0)] * 20 + [(30, 0)] * 9 + [(0, 30)]))
    assert (len(result.hotspots), len(result.spots)) == (1, 0)
    assert result.hotspots.geometry.iloc[0].area > 0


def test_hotspots_are_ranked_by_reports():
    result = find_hotspots(reports([*around(0, 0, 12), *around(2000, 0, 15)]))
    assert result.hotspots["reports_n"].tolist() == [15, 12]
    assert result.hotspots["rank"].tolist() == [1, 2]
    assert result.hotspots.geometry.iloc[0].contains(Point(E + 2000, N))


@pytest.mark.parametrize(
    ("given_reports", "said"),
    [
        (reports([]), "There are no reports"),
        (reports([(0, 0)]), "No place has 10 reports within 150 m: 1 report could be used."),
        (reports([(0, 0), (10, 0)]), "No place has 10 reports within 150 m: 2 reports could be used."),
        (reports([(0, 0)] * 30), "All 30 reports used lie on exactly the same point"),
        (
            reports([(0, 0)] * 3, precision=["area", "area", "none"]),
            "None of the 3 reports can be used to find hotspots: 1 not found on the map, 2 known only by ward",
        ),
        (gpd.GeoDataFrame(geometry=[None], crs=27700), "The one report cannot be used"),
    ],
)
def test_nothing_to_find_is_explained_in_words(given_reports, said):
    result = find_hotspots(given_reports)
    assert len(result.hotspots) == 0
    assert result.messages[0].startswith(said)
    assert list(result.hotspots.columns) == list(HOTSPOT_COLUMNS)
    assert list(result.spots.columns) == list(SPOT_COLUMNS)


def test_presence_only_reports_do_not_alter_hotspots_unless_switched_on():
    offsets = around(0, 0, 12)
    mixed = reports(offsets, presence_only=[False] * 9 + [True] * 3)
    result = find_hotspots(mixed)
    assert len(result.hotspots) == 0
    assert result.counts.left_out == {"presence_only": 3}
    switched_on = find_hotspots(mixed, HotspotParameters(include=(LeftOut.PRESENCE_ONLY,)))
    assert switched_on.hotspots["reports_n"].tolist() == [12]


def test_a_protected_location_leaves_no_trace_in_a_shape():
    offsets = [*around(0, 0, 12), *around(200, 0, 20)]
    refuge = Point(E + 250, N).buffer(60)
    without = find_hotspots(reports(offsets), protected=refuge)
    never_there = find_hotspots(reports(around(0, 0, 12)))
    assert without.counts.left_out == {"protected_location": 20}
    assert without.hotspots.geometry.to_wkb().tolist() == never_there.hotspots.geometry.to_wkb().tolist()


def test_shapes_end_at_the_study_area():
    area = box(E - 10, N - 1000, E + 1000, N + 1000)
    result = find_hotspots(reports([*around(0, 0, 12), (-500, 0)]), study_area=area)
    assert result.counts.left_out == {"outside_study_area": 1}
    assert result.hotspots.geometry.iloc[0].bounds[0] == pytest.approx(E - 10)
    assert result.hotspots["reports_n"].tolist() == [12]


def test_kinds_are_never_added_up():
    with pytest.raises(UserError, match="several kinds \\(concern, incident\\)"):
        find_hotspots(reports([(0, 0), (1, 1)], kind=["incident", "concern"]))


def test_a_large_concentration_is_split_and_says_so():
    # Three kilometres of street with a report every 25 m, and two busy corners of thirty more.
    street = [(25 * step, 0) for step in range(121)]
    result = find_hotspots(reports([*street, *around(0, 20, 30), *around(2850, 20, 30)]))
    assert result.hotspots["area_m2"].max() <= 500_000
    assert result.hotspots["was_split"].all()
    assert result.hotspots["split_from"].tolist() == [1] * len(result.hotspots)
    assert (result.hotspots["min_reports_used"] > 10).all()
    assert any("1 concentration larger than 0.5 km² split into" in message for message in result.messages)


def test_what_cannot_be_split_is_marked_and_said():
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    ring = np.column_stack([1000 * np.cos(angle), 1000 * np.sin(angle)])
    result = find_hotspots(reports(np.repeat(ring, 5, axis=0)))
    assert result.hotspots["is_too_large"].tolist() == [True]
    assert not result.hotspots["was_split"].any()
    assert any("could not be split" in message for message in result.messages)


def test_a_map_of_postcode_centres_is_marked_as_anchored():
    result = find_hotspots(reports([(0, 0)] * 10 + [(50, 0)] * 10 + [(0, 50)] * 10))
    assert result.anchoring.anchored
    assert any("100% of the reports lie on a point they share" in message for message in result.messages)


def test_a_radius_finer_than_the_geocoding_is_doubted():
    result = find_hotspots(reports(around(0, 0, 12), precision_radius_m=[100] * 12))
    assert any("placed only to within 100 m" in message for message in result.messages)
    fine = find_hotspots(reports(around(0, 0, 12), precision_radius_m=[75] * 12))
    assert not any("placed only" in message for message in fine.messages)


def test_hotspots_and_spots_have_distinct_labels_by_street():
    street = gpd.GeoDataFrame(
        {"name": ["Mill Lane"], "highway": ["residential"]},
        geometry=[LineString([(E - 3000, N), (E + 3000, N)])],
        crs=27700,
    )
    result = find_hotspots(reports([*around(-1000, 0, 12), *[(1000, 0)] * 12]), streets=street)
    assert result.hotspots["label"].tolist() == ["near Mill Lane (west)"]
    assert result.spots["label"].tolist() == ["near Mill Lane (east)"]


def test_reports_in_degrees_give_the_hotspots_of_metres():
    in_metres = reports([*around(0, 0, 12), *around(900, 0, 11)])
    from_degrees = find_hotspots(in_metres.to_crs(4326))
    assert from_degrees.hotspots.crs.to_epsg() == 27700
    assert from_degrees.hotspots["reports_n"].tolist() == [12, 11]
    assert from_degrees.messages[0] == "Longitude and latitude were converted."


@st.composite
def scattered_reports(draw):
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    number = draw(st.integers(20, 250))
    xy = random.random((number, 2)) * draw(st.sampled_from([500, 1500, 4000]))
    if draw(st.booleans()):
        xy = np.round(xy / 40) * 40
    return reports(
        xy,
        report_id=[f"R{row:04d}" for row in range(number)],
        occurred_on=pd.Timestamp("2026-01-01") + pd.to_timedelta(random.integers(0, 90, number), unit="D"),
        source_type=random.choice(["resident", "school", "business"], number),
        hour=random.integers(0, 24, number).astype(float),
        date_precision="time",
        precision=random.choice(["street", "building", "area"], number, p=[0.5, 0.4, 0.1]),
    )


SETTINGS = HotspotParameters(radius_m=100, min_reports=6, max_area_m2=100_000)


@settings(max_examples=12, deadline=None)
@given(scattered_reports(), st.integers(0, 1000))
def test_the_same_reports_in_any_order_give_the_same_result_to_the_last_bit(given_reports, seed):
    shuffled = given_reports.sample(frac=1, random_state=seed)
    one, other = find_hotspots(given_reports, SETTINGS), find_hotspots(shuffled, SETTINGS)
    for first, second in ((one.hotspots, other.hotspots), (one.spots, other.spots)):
        assert first.geometry.to_wkb().tolist() == second.geometry.to_wkb().tolist()
        pd.testing.assert_frame_equal(
            pd.DataFrame(first.drop(columns="geometry")), pd.DataFrame(second.drop(columns="geometry"))
        )
    pd.testing.assert_frame_equal(one.members, other.members)
    assert (one.counts, one.anchoring, one.messages) == (other.counts, other.anchoring, other.messages)


@settings(max_examples=12, deadline=None)
@given(scattered_reports())
def test_every_report_is_accounted_for_and_counted_where_it_lies(given_reports):
    result = find_hotspots(given_reports, SETTINGS)
    counts = result.counts
    assert counts.read == counts.used + sum(counts.left_out.values())
    assert counts.used == counts.in_hotspots + counts.at_spots + counts.elsewhere
    assert len(result.members) == counts.in_hotspots + counts.at_spots
    assert result.members["report_id"].is_unique

    located = given_reports[given_reports["precision"] != "area"]
    for hotspot in result.hotspots.itertuples():
        inside = located[shapely.intersects(hotspot.geometry, located.geometry.array)]
        named = result.members.query("found_as == 'hotspot' and rank == @hotspot.rank")
        assert sorted(inside["report_id"]) == named["report_id"].tolist()
        assert hotspot.reports_n == len(inside) == sum(hotspot.hour_profile)
        assert hotspot.area_m2 <= SETTINGS.max_area_m2 or hotspot.is_too_large
        assert hotspot.geometry.is_valid
        assert hotspot.places_n >= 3


@pytest.mark.parametrize("given", ["degrees", "degrees the wrong way round", "web mercator"])
def test_the_same_reports_in_other_coordinates_give_the_same_polygons_to_a_metre(given):
    metres = reports([*around(0, 0, 14), *around(900, 400, 25)])
    expected = find_hotspots(metres).hotspots
    moved = metres.to_crs(3857 if given == "web mercator" else 4326)
    if given == "degrees the wrong way round":
        moved = moved.set_geometry(gpd.points_from_xy(moved.geometry.y, moved.geometry.x), crs=4326)
    found = find_hotspots(moved).hotspots
    assert len(found) == len(expected) == 2
    for ours, theirs in zip(found.geometry, expected.geometry, strict=True):
        assert shapely.hausdorff_distance(ours, theirs) <= 1.0
    assert list(found["reports_n"]) == list(expected["reports_n"])
