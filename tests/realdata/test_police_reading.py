"""Police data as published: every month and every row accounted for, at the speed of the csv module."""

import csv
import io
import tracemalloc
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from cs_geo.reports.columns import bind_columns, recognise_profile
from cs_geo.reports.guessing import guess_profile
from cs_geo.reports.profiles import load_profiles
from cs_geo.reports.reading import Limits, read_tables, surplus_cells
from cs_geo.settings import data_folder

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "police"
MERSEYSIDE = FOLDER / "merseyside-street-2018-01_2021-09.zip"
CITY = FOLDER / "city-of-london-street-2018-01_2021-09.zip"
OPEN = Limits(max_expansion_ratio=100, max_columns=200)

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the police data are not beside the checkout"),
]


def test_every_row_of_merseyside_is_read_and_2019_07_is_a_hole() -> None:
    rows = {table.name: sum(1 for _ in table.rows) for table in read_tables(MERSEYSIDE, limits=OPEN)}
    assert sum(rows.values()) == 627_122
    assert len(rows) == 44
    assert f"{MERSEYSIDE.name}: 2019-06-merseyside-street.csv" in rows
    assert not [name for name in rows if "2019-07" in name]


def test_a_month_is_read_as_the_csv_module_reads_it() -> None:
    with zipfile.ZipFile(MERSEYSIDE) as archive, archive.open("2018-01-merseyside-street.csv") as member:
        expected = list(csv.reader(io.TextIOWrapper(member, "utf-8", newline="")))
    tables = read_tables(MERSEYSIDE, limits=OPEN)
    table = next(tables)
    rows = list(table.rows)
    assert list(table.columns) == expected[0]
    assert [list(row.cells) for row in rows] == expected[1:]
    assert [row.line for row in rows] == list(range(2, len(expected) + 1))
    assert not any(surplus_cells(row, table.columns) for row in rows)


def test_reading_takes_no_more_memory_than_a_few_blocks() -> None:
    tracemalloc.start()
    tables = read_tables(MERSEYSIDE, limits=OPEN)
    table = next(tables)
    for _ in zip(range(5_000), table.rows, strict=False):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024**2


def test_the_city_of_london_is_recognised_and_its_rows_without_a_place_are_blank() -> None:
    profiles = load_profiles(data_folder() / "mappings")
    total = without = 0
    categories: Counter[str] = Counter()
    for table in read_tables(CITY, limits=OPEN):
        profile = recognise_profile(profiles, table.columns)
        assert profile is not None
        assert profile.name == "police-uk-street"
        binding = bind_columns(profile, table.columns, profiles=profiles)
        assert binding.unmapped == ("Falls within", "LSOA code", "LSOA name", "Last outcome category", "Context")
        assert binding.personal == ()
        for row in table.rows:
            fields = binding.read_fields(row)
            total += 1
            categories[fields["police_category"]] += 1
            if not fields["longitude"]:
                without += 1
                assert (fields["latitude"], fields["location"]) == ("", "")
    assert total == 28_761
    assert round(without / total, 3) == 0.076
    assert all(category == category.lower() and " " not in category for category in categories)


def test_without_a_profile_a_police_file_is_guessed_right() -> None:
    tables = read_tables(CITY, limits=OPEN)
    table = next(tables)
    guess = guess_profile(table.columns, [row for _, row in zip(range(100), table.rows, strict=False)])
    assert guess.profile.columns == {
        "reference": ("Crime ID",),
        "date": ("Month",),
        "location": ("Location",),
        "longitude": ("Longitude",),
        "latitude": ("Latitude",),
        "police_category": ("Crime type",),
    }
