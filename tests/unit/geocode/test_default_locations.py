from datetime import date
from pathlib import Path

import pytest

from cs_geo.geocode.default_locations import read_default_locations, shipped_default_locations
from cs_geo.settings import data_folder


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("On or near Hospital", "hospital"),
        ("Royal Oak Infirmary", "hospital"),
        ("On or near Police Station", "police_station"),
        ("Custody Suite", "custody"),
        ("Civic Centre", "council_offices"),
        ("Main School Office", "school_office"),
        ("Elmside Town Centre", "town_centre"),
        ("Elmside Station Car Park", "station_car_park"),
    ],
)
def test_a_place_given_for_want_of_a_better_one_is_known(name: str, reference: str) -> None:
    assert shipped_default_locations().reference_of(name) == reference


@pytest.mark.parametrize(
    "name",
    ["Hospital Lane", "Police Station Road", "Town Hall Square", "Elm Park", "Animal Hospital", "Railway Station", ""],
)
def test_a_street_called_after_one_is_not_one(name: str) -> None:
    assert shipped_default_locations().reference_of(name) == ""


def test_a_feature_of_the_map_is_one_whatever_it_is_called() -> None:
    assert shipped_default_locations().reference_of("Oak House", "hospital") == "hospital"
    assert shipped_default_locations().reference_of("Oak House", "park") == ""


def test_a_row_that_has_ended_no_longer_counts(tmp_path: Path) -> None:
    file = tmp_path / "default_locations.csv"
    head = "reference,name,words,not_with,features,description,parent,source,start_date,end_date\n"
    file.write_text(head + "depot,Depot,bus depot,,,,,,2024-01-01,2025-03-31\n", encoding="utf-8")
    assert read_default_locations(file, on=date(2025, 3, 31)).reference_of("Bus Depot") == "depot"
    assert read_default_locations(file, on=date(2025, 4, 1)).reference_of("Bus Depot") == ""
    assert read_default_locations(file, on=date(2023, 12, 31)).reference_of("Bus Depot") == ""


def test_the_shipped_list_names_its_sources() -> None:
    lines = (data_folder() / "default_locations.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].split(",")[:3] == ["reference", "name", "words"]
    assert len(shipped_default_locations().rows) == len(lines) - 1 >= 7
