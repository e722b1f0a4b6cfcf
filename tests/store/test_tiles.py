"""Tiles hold every report of a selection once, as counts, and nothing else."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.reports.report import Kind, Term, TimeBand
from cs_geo.reports.selection import Selection
from cs_geo.store.basemap import replace_basemap
from cs_geo.store.cells import CELL_ZOOMS, count_cells, hexagon_edge
from cs_geo.store.opening import Store
from cs_geo.store.selecting import may_be_drawn, report_conditions
from cs_geo.store.tables import reports
from cs_geo.store.tiles import Bounds, _cells, largest_cell, read_basemap_tile, read_report_tile, whole_months
from tests.conftest import Database, plain
from tests.mvt import read_layers, tiles_over
from tests.sheets import EASTING, NORTHING

SQUARE = (EASTING - 4_000, NORTHING - 4_000, EASTING + 4_000, NORTHING + 4_000)
FIRST, LAST = date(2023, 11, 1), date(2024, 5, 31)
AROUND = Bounds(-600_000, 6_500_000, 150_000, 7_300_000)
"""A rectangle in web-mercator metres with room around the square."""
KINDS = ("incident", "concern", "outreach", "strength")
HARMS = ("damage", "noise_nuisance", "unclear")
SOURCES = ("resident", "school_or_college")
QUIET = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rows(number: int) -> Iterator[tuple[object, ...]]:
    chosen = random.Random(7)
    for n in range(number):
        is_month = chosen.random() < 0.1
        day = FIRST + timedelta(days=chosen.randrange((LAST - FIRST).days + 1))
        last = day
        if is_month:
            day = day.replace(day=1)
            last = (day + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        # A tenth lies on shared points, a tenth nowhere.
        where = chosen.random()
        spread = 0 if where < 0.1 else 3_500
        x, y = EASTING + chosen.uniform(-1, 1) * spread, NORTHING + chosen.uniform(-1, 1) * spread
        yield (
            f"T{n}", chosen.choice(KINDS), chosen.random() < 0.2, n.to_bytes(4, "big"), day, last,
            "month" if is_month else "day", chosen.choice([str(band) for band in TimeBand]),
            chosen.choice([str(term) for term in Term]), [chosen.choice(HARMS)], chosen.choice(SOURCES),
            None if where > 0.9 else f"SRID=27700;POINT({x} {y})",
        )  # fmt: skip


@pytest.fixture(scope="module")
def filled(module_database: Database, module_store: Store) -> Store:
    """1,200 reports of half a year, a few of them inside a protected location."""
    with psycopg.connect(plain(module_database.admin_url)) as connection:
        connection.execute("INSERT INTO cs_geo.sources (name) VALUES ('Test')")
        connection.execute(
            "INSERT INTO cs_geo.protected_locations (kind, added_by, geom) VALUES ('refuge', 'test',"
            " ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(%s, %s), 27700), 400)))",
            [EASTING + 2_000, NORTHING],
        )
        connection.cursor().executemany(
            """
            INSERT INTO cs_geo.reports (reference, kind, published, source_id, identity, is_keyed, content, occurrence,
                occurred_from, occurred_until, date_precision, first_day, last_day, time_band, day_type, term,
                harm_types, source_type, geom)
            SELECT r, k, p, source_id, i, false, i, 1, d, l, dp, d, l, b, 'unknown', t, h, s, g::geometry
            FROM cs_geo.sources, (
                SELECT %s AS r, %s AS k, %s::boolean AS p, %s::bytea AS i, %s::date AS d, %s::date AS l, %s AS dp,
                    %s AS b, %s AS t, %s::text[] AS h, %s AS s, %s AS g) AS given
            """,
            list(rows(1_200)),
        )
    with module_store.begin(LOCAL_ACTOR) as connection:
        count_cells(connection)
    return module_store


def days() -> st.SearchStrategy[date | None]:
    return st.none() | st.dates(FIRST - timedelta(days=40), LAST + timedelta(days=40))


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    since, until = draw(days()), draw(days())
    if since and until and since > until:
        since, until = until, since
    return Selection(
        since=since,
        until=until,
        kinds=tuple(draw(st.sets(st.sampled_from(Kind)))),
        harm_types=tuple(draw(st.sets(st.sampled_from(HARMS), max_size=2))) if draw(st.booleans()) else (),
        source_types=tuple(draw(st.sets(st.sampled_from(SOURCES), max_size=1))),
        time_bands=tuple(draw(st.sets(st.sampled_from(TimeBand), max_size=3))) if draw(st.booleans()) else (),
        terms=tuple(draw(st.sets(st.sampled_from(Term), max_size=2))) if draw(st.booleans()) else (),
        published=draw(st.booleans()),
    )


def drawn_n(store: Store, selection: Selection, *, strengths: bool) -> int:
    """Reports the map should draw, counted one by one."""
    kind = reports.c.kind == "strength" if strengths else reports.c.kind != "strength"
    with store.begin(LOCAL_ACTOR) as connection:
        counted = select(func.count()).where(
            report_conditions(selection), may_be_drawn(), reports.c.geom.is_not(None), kind
        )
        return int(connection.scalar(counted) or 0)


def most_of_a_kind(store: Store, selection: Selection, zoom: int) -> list[int]:
    """By hexagon, the reports of the kind that has most, strengths apart; each report is put into its own by itself."""
    by_cell: dict[tuple[int, int], Counter[str]] = {}
    with store.begin(LOCAL_ACTOR) as connection:
        rows = connection.execute(
            select(
                reports.c.kind,
                func.cs_geo.hexagon_cell(
                    func.ST_X(reports.c.geom_web), func.ST_Y(reports.c.geom_web), hexagon_edge(zoom)
                ).label("cell"),
            ).where(
                report_conditions(selection),
                may_be_drawn(),
                reports.c.geom.is_not(None),
                reports.c.kind != "strength",
            )
        )
        for kind, cell in rows:
            by_cell.setdefault(cell, Counter())[kind] += 1
    return sorted(max(counted.values()) for counted in by_cell.values())


@QUIET
@given(selection=selections(), zoom=st.sampled_from(list(CELL_ZOOMS)))
def test_a_hexagon_tells_the_kind_that_has_most_and_never_adds_kinds_up(
    filled: Store, selection: Selection, zoom: int
) -> None:
    with filled.begin(LOCAL_ACTOR) as connection:
        cells = _cells(selection, zoom, AROUND, strengths=False).subquery()
        assert sorted(connection.scalars(select(cells.c.n))) == most_of_a_kind(filled, selection, zoom)
        strengths = _cells(selection, zoom, AROUND, strengths=True).subquery()
        counted = connection.scalar(select(func.coalesce(func.sum(strengths.c.n), 0)))
        assert counted == drawn_n(filled, selection, strengths=True)


@QUIET
@given(selection=selections())
def test_points_hold_every_report_of_a_selection_once(filled: Store, selection: Selection) -> None:
    counted: Counter[str] = Counter()
    with filled.begin(LOCAL_ACTOR) as connection:
        for z, x, y in tiles_over(*SQUARE, 13):
            for layer, features in read_layers(read_report_tile(connection, selection, z, x, y), inside=True).items():
                counted[layer] += sum(feature["n"] for feature in features)
    assert counted["points"] == drawn_n(filled, selection, strengths=False)
    assert counted["strengths"] == drawn_n(filled, selection, strengths=True)


@pytest.mark.parametrize("zoom", CELL_ZOOMS)
@pytest.mark.parametrize("published", [False, True])
def test_the_tiles_of_a_low_zoom_hold_every_hexagon_with_its_whole_count(
    filled: Store, zoom: int, published: bool
) -> None:
    """A hexagon on a seam is drawn by both tiles, each with the count of all of it."""
    selection = Selection(since=date(2023, 12, 9), until=date(2024, 4, 17), published=published)
    edge = hexagon_edge(zoom)
    of_cell: dict[tuple[int, int], int] = {}
    strengths = 0
    with filled.begin(LOCAL_ACTOR) as connection:
        for z, x, y in tiles_over(*SQUARE, zoom):
            bounds = Bounds.of_tile(z, x, y)
            tile = read_report_tile(connection, selection, z, x, y)
            strengths += sum(feature["n"] for feature in read_layers(tile, inside=True).get("strengths", []))
            for feature in read_layers(tile).get("cells", []):
                xs, ys = zip(*feature["points"], strict=True)
                if max(xs) - min(xs) < 8 or max(ys) - min(ys) < 8:
                    continue  # a sliver at the buffer's edge: rounded, it may seem to lie in the next hexagon
                across, down = feature["at"]
                where = {
                    "x": bounds.west + across / 4096 * (bounds.east - bounds.west),
                    "y": bounds.north - down / 4096 * (bounds.north - bounds.south),
                    "edge": edge,
                }
                cell = connection.execute(text("SELECT i, j FROM cs_geo.hexagon_cell(:x, :y, :edge)"), where).one()
                assert of_cell.setdefault((cell.i, cell.j), feature["n"]) == feature["n"]
        cells = _cells(selection, zoom, AROUND, strengths=False).subquery()
        assert len(of_cell) == connection.scalar(select(func.count()).select_from(cells))
    assert sorted(of_cell.values()) == most_of_a_kind(filled, selection, zoom)
    assert strengths == drawn_n(filled, selection, strengths=True)


def test_a_hexagon_is_the_one_that_holds_the_point(filled: Store) -> None:
    with filled.begin(LOCAL_ACTOR) as connection:
        chosen = random.Random(3)
        for zoom in (6, 9, 12):
            edge = hexagon_edge(zoom)
            for _ in range(60):
                x, y = chosen.uniform(-400_000, 200_000), chosen.uniform(6_500_000, 8_000_000)
                covers = connection.scalar(
                    text(
                        "SELECT ST_Covers(ST_Buffer(ST_Hexagon(:e, i, j), :e * 1e-6), ST_MakePoint(:x, :y))"
                        " FROM cs_geo.hexagon_cell(:x, :y, :e)"
                    ),
                    {"e": edge, "x": x, "y": y},
                )
                assert covers


@pytest.mark.trust("E1", figure="0 other properties in a tile")
def test_a_tile_holds_counts_and_kinds_and_nothing_else(filled: Store) -> None:
    seen: dict[str, set[str]] = {}
    with filled.begin(LOCAL_ACTOR) as connection:
        for zoom in (6, 9, 12, 13, 16):
            for z, x, y in itertools.islice(tiles_over(*SQUARE, zoom), 30):
                for layer, features in read_layers(read_report_tile(connection, Selection(), z, x, y)).items():
                    seen.setdefault(layer, set()).update(*(feature.keys() for feature in features))
    drawn = {"type", "points", "at"}
    assert {layer: names - drawn for layer, names in seen.items()} == {
        "cells": {"n"},
        "points": {"kind", "n"},
        "strengths": {"kind", "n"},  # the kind from zoom 13 on
    }


def test_tiles_far_away_and_above_the_lowest_zoom_are_empty(filled: Store) -> None:
    with filled.begin(LOCAL_ACTOR) as connection:
        assert read_report_tile(connection, Selection(), 13, 0, 0) == b""
        assert read_report_tile(connection, Selection(), 9, 0, 0) == b""
        assert read_report_tile(connection, Selection(), 0, 0, 0) == b""


def test_the_largest_hexagon_of_a_legend_leaves_strengths_out(filled: Store) -> None:
    selection = Selection()
    cells = _cells(selection, 12, AROUND, strengths=False).subquery()
    with filled.begin(LOCAL_ACTOR) as connection:
        most = connection.scalar(select(func.max(cells.c.n)))
        assert largest_cell(connection, selection, 12, AROUND) == most
        assert largest_cell(connection, Selection(since=date(2030, 1, 1)), 12, AROUND) == 0


@pytest.mark.parametrize(
    ("since", "until", "whole"),
    [
        (None, None, (None, None)),
        (date(2024, 2, 1), date(2024, 3, 31), (date(2024, 2, 1), date(2024, 3, 31))),
        (date(2024, 2, 2), date(2024, 3, 30), None),
        (date(2024, 1, 31), date(2024, 3, 1), (date(2024, 2, 1), date(2024, 2, 29))),
        (date(2024, 2, 5), None, (date(2024, 3, 1), None)),
        (None, date(2024, 2, 28), (None, date(2024, 1, 31))),
        (date(2023, 12, 15), date(2023, 12, 20), None),
    ],
)
def test_the_whole_months_of_a_window(
    since: date | None, until: date | None, whole: tuple[date | None, date | None] | None
) -> None:
    assert whole_months(Selection(since=since, until=until)) == whole


def test_the_basemap_is_drawn_by_layers_with_names_from_the_zoom_they_are_meant_for(module_store: Store) -> None:
    import geopandas as gpd

    line = shapely.LineString([(EASTING - 500, NORTHING), (EASTING + 500, NORTHING)])
    park = shapely.Point(EASTING, NORTHING + 200).buffer(120)
    features = gpd.GeoDataFrame(
        {
            "layer": ["streets", "parks"],
            "kind": ["residential", "park"],
            "name": ["High Street", None],
            "min_zoom": [14, 10],
            "rank": [1, 2],
        },
        geometry=[line, park],
        crs=27700,
    )
    with module_store.engine.connect() as connection:
        assert replace_basemap(connection, features, source="test.osm") == 2
        assert replace_basemap(connection, features, source="test.osm") == 2
        found: dict[int, dict[str, list[tuple[str, str]]]] = {}
        for zoom in (9, 12, 15):
            layers: dict[str, set[tuple[str, str]]] = {}
            for z, x, y in tiles_over(*SQUARE, zoom):
                for layer, drawn in read_layers(read_basemap_tile(connection, z, x, y)).items():
                    layers.setdefault(layer, set()).update((one["kind"], one["name"]) for one in drawn)
            found[zoom] = layers
        connection.rollback()
    assert found[9] == {}
    assert found[12] == {"parks": {("park", "")}}
    assert found[15] == {"parks": {("park", "")}, "streets": {("residential", "High Street")}}
