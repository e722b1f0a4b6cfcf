from datetime import date

import geopandas as gpd
import shapely

from cs_geo.crs import storage_epsg
from cs_geo.disclosure.cells import cover_with_cells
from cs_geo.disclosure.ground import area_key, lay_ground
from cs_geo.disclosure.releases import Number, Release, check_release
from cs_geo.disclosure.rules import RULES, Audience, Rules

SHAPES = {
    ("district", "D"): shapely.box(0, 0, 400, 200),
    ("ward", "W1"): shapely.box(0, 0, 200, 200),
    ("ward", "W2"): shapely.box(200, 0, 400, 200),
    ("lsoa", "L1"): shapely.box(0, 0, 130, 200),
    ("lsoa", "L2"): shapely.box(130, 0, 200.01, 200),  # a sliver of it lies in the other ward
    ("lsoa", "L3"): shapely.box(200.01, 0, 400, 200),
}
AREAS = gpd.GeoDataFrame(
    {"kind": [kind for kind, _ in SHAPES], "reference": [name for _, name in SHAPES]},
    geometry=list(SHAPES.values()),
    crs=storage_epsg(),
)


def of(ground, level, reference):
    return ground.pieces[area_key(level, reference)]


def test_areas_lie_in_one_another_although_their_edges_were_drawn_by_different_hands():
    ground = lay_ground(AREAS)
    assert of(ground, "ward", "W1") == of(ground, "lsoa", "L1") | of(ground, "lsoa", "L2")
    assert of(ground, "district", "D") == of(ground, "ward", "W1") | of(ground, "ward", "W2")
    assert not of(ground, "ward", "W1") & of(ground, "ward", "W2")


def test_a_cell_is_part_of_its_own_ward_and_of_an_lsoa_only_where_all_of_it_is():
    ground = lay_ground(AREAS, ["0_0_W1", "100_0_W1", "150_0_W1"])
    assert ground.pieces["0_0_W1"] < of(ground, "lsoa", "L1")
    assert ground.pieces["100_0_W1"] < of(ground, "ward", "W1")
    assert not ground.pieces["100_0_W1"] <= of(ground, "lsoa", "L1")
    assert not ground.pieces["150_0_W1"] & of(ground, "ward", "W2")


def test_a_ward_less_the_cells_in_it_is_found():
    def release(audience, *counts):
        numbers = tuple(
            Number(name, frozenset({name}), date(2026, 4, 1), date(2026, 6, 30), frozenset(), n) for name, n in counts
        )
        return Release(str(audience), date(2026, 9, 1), audience, numbers)

    ground = lay_ground(AREAS, ["0_0_W1", "100_0_W1"])
    cells = ground.expand(release(Audience.PARTNER, ("0_0_W1", 9), ("100_0_W1", 8)))
    few_are_left = ground.expand(release(Audience.PUBLIC, (area_key("ward", "W1"), 20)))
    many_are_left = ground.expand(release(Audience.PUBLIC, (area_key("ward", "W1"), 40)))
    assert check_release(few_are_left, [cells])
    assert not check_release(many_are_left, [cells])


def test_an_area_that_is_no_longer_loaded_stands_for_itself():
    number = Number("old", frozenset({"ward:gone"}), date(2026, 4, 1), date(2026, 6, 30), frozenset(), 9)
    release = Release("old", date(2026, 9, 1), Audience.PUBLIC, (number,))
    assert lay_ground(AREAS).expand(release).numbers[0].area == {"ward:gone"}


def test_an_outline_along_the_cells_has_no_corner_off_the_grid():
    drawn = cover_with_cells(shapely.Point(113, 127).buffer(60), 50)
    assert drawn.contains(shapely.Point(113, 127).buffer(60))
    assert {value % 50 for value in shapely.get_coordinates(drawn).ravel()} == {0.0}


def test_wide_bands_tell_no_small_difference():
    assert [RULES.at_least(n) for n in (0, 4, 5, 9, 10, 49, 50)] == [
        "fewer than 5", "fewer than 5", "5 or more", "5 or more", "10 or more", "20 or more", "50 or more",
    ]  # fmt: skip


def test_the_version_of_the_rules_changes_with_a_threshold():
    assert Rules().version == RULES.version != Rules(hotspot_days=4).version


def test_quarters_are_due_a_month_after_their_end():
    assert RULES.due_quarters(date(2026, 2, 9), date(2026, 7, 29)) == [date(2026, 1, 1)]
    assert RULES.due_quarters(date(2026, 2, 9), date(2026, 7, 30)) == [date(2026, 1, 1), date(2026, 4, 1)]
