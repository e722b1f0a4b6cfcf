import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from cs_geo.hotspots.clusters import NO_CLUSTER, cluster_places, find_clusters
from cs_geo.hotspots.outlines import Outlines, draw_outlines, outline_clusters, verify_outlines


def points(xy, weight=None):
    xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    return gpd.GeoDataFrame(
        {"weight": np.ones(len(xy), dtype=int) if weight is None else weight},
        geometry=gpd.points_from_xy(*xy.T),
        crs=27700,
    )


def draw(xy, weight, radius, least, study_area=None):
    places = points(xy, weight)
    return draw_outlines(places, find_clusters(places, radius, least), radius, study_area)


@st.composite
def crowded_places(draw):
    """Several clusters close to one another, on a lattice (points on the cutting lines) or not."""
    seed, number = draw(st.integers(0, 10_000)), draw(st.integers(10, 150))
    random = np.random.default_rng(seed)
    xy = random.random((number, 2)) * draw(st.sampled_from([400, 900, 1500]))
    if draw(st.booleans()):
        xy = np.round(xy / 25) * 25
    xy = np.unique(xy, axis=0)
    return xy, random.integers(1, 4, len(xy)), draw(st.sampled_from([60.0, 100.0, 150.0])), draw(st.integers(4, 12))


@settings(max_examples=40, deadline=None)
@given(crowded_places())
def test_outlines_are_valid_apart_and_hold_exactly_their_members(drawn):
    xy, weight, radius, least = drawn
    clusters = cluster_places(xy, weight, radius_m=radius, min_reports=least)
    outlines = outline_clusters(xy, clusters.labels, clusters.core, clusters.count, radius_m=radius)
    assert verify_outlines(outlines, xy) == []
    members = clusters.labels != NO_CLUSTER
    assert (outlines.labels[members] == clusters.labels[members]).all()


@settings(max_examples=20, deadline=None)
@given(crowded_places(), st.integers(100, 1400))
def test_clipped_outlines_keep_the_members_within_the_study_area(drawn, edge):
    xy, weight, radius, least = drawn
    area = box(0, 0, edge, 2_000)
    inside = shapely.intersects_xy(area, *xy.T)
    xy, weight = xy[inside], weight[inside]
    clusters = cluster_places(xy, weight, radius_m=radius, min_reports=least)
    outlines = outline_clusters(xy, clusters.labels, clusters.core, clusters.count, radius_m=radius, study_area=area)
    assert verify_outlines(outlines, xy) == []
    assert all(shape is None or shape.difference(area).area < 1e-6 for shape in outlines.shapes)


def test_the_outline_of_one_core_is_a_disc_that_reaches_every_member():
    drawn = draw([[0, 0], [90, 120], [-150, 0]], [8, 1, 1], 150, 10)
    shape = drawn.geometry.iloc[0]
    assert drawn[["reports_n", "places_n"]].to_numpy().tolist() == [[10, 3]]
    # Round the circle of 150 m and not within it, and at most a metre past it.
    assert shape.contains(Point(0, 0).buffer(149.9))
    assert Point(0, 0).buffer(152).contains(shape)
    assert drawn["area_m2"].iloc[0] == pytest.approx(np.pi * 150**2, rel=0.01)


def test_overlapping_discs_are_cut_halfway_between_their_cores():
    # Cores at x = 0 and x = 160, radius 100: no neighbours, but their discs overlap from 60 to 100.
    drawn = draw([[0, 0], [0, 10], [0, 20], [160, 0], [160, 10], [160, 20]], [4] * 6, 100, 10)
    west, east = drawn.sort_values("cluster").geometry
    assert west.intersection(east).area < 1e-6
    across = LineString([(0, 10), (160, 10)])
    assert west.intersection(across).bounds[2] == pytest.approx(80, abs=0.001)
    assert east.intersection(across).bounds[0] == pytest.approx(80, abs=0.001)


def test_a_report_just_past_the_radius_but_inside_the_shape_is_counted_in_it():
    # A drawn disc reaches up to 150.98 m: a report 150.5 m south of the core is nobody's member by distance, and yet
    # whoever counts the reports in the shape meets it.
    places = points([[0, 0], [0, 10], [0, 20], [0, -150.5]], [4, 4, 4, 1])
    clusters = find_clusters(places, 150, 10)
    assert clusters.labels.tolist() == [0, 0, 0, NO_CLUSTER]
    drawn = draw_outlines(places, clusters, 150)
    assert drawn[["reports_n", "places_n"]].to_numpy().tolist() == [[13, 4]]


def test_what_falls_off_when_clipped_is_not_kept_where_nobody_reported():
    # A wall of unknown ground parts the disc: the far piece holds no report.
    drawn = draw(
        [[0, 0], [0, 10], [0, 20]],
        [5, 5, 5],
        150,
        10,
        study_area=box(-500, -500, 40, 500).union(box(80, -500, 500, 500)),
    )
    shape = drawn.geometry.iloc[0]
    assert shape.geom_type == "Polygon"
    assert shape.bounds[2] == pytest.approx(40)


def test_a_cluster_on_the_very_edge_of_the_study_area_has_no_polygon_without_area():
    drawn = draw([[0, 0], [0, 10], [0, 20]], [5, 5, 5], 150, 10, study_area=box(0, 0, 0.01, 20))
    assert len(drawn) == 0


def test_verifying_finds_a_stranger_an_absentee_and_an_overlap():
    xy = np.array([[0.0, 0.0], [50.0, 0.0], [500.0, 0.0]])
    shapes = (Point(0, 0).buffer(100), Point(40, 0).buffer(100))
    problems = verify_outlines(Outlines(labels=np.array([0, NO_CLUSTER, 1]), shapes=shapes), xy)
    assert problems == [
        "Two shapes overlap.",
        "A shape holds a point that is not counted in it.",
        "A member lies outside its shape.",
    ]
