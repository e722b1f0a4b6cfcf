import math
from collections.abc import Collection, Mapping, Sequence

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.crs import transform_points
from cs_geo.geocode.cascade import BARE_COORDINATE_M, PROBLEMS, match_locations
from cs_geo.geocode.gazetteer import (
    TERMINATED,
    AddressKey,
    Entry,
    Kind,
    address_entries,
    area_entry,
    junction_entry,
    place_entry,
    postcode_entry,
    street_entry,
)
from cs_geo.geocode.match import Confidence, Match, Method, Precision
from cs_geo.geocode.memory import MemoryGazetteer
from cs_geo.reports.report import LocationGiven

STUDY_AREA = shapely.box(395_000, 295_000, 410_000, 305_000)


def some(*entries: Entry | None) -> list[Entry]:
    return [entry for entry in entries if entry is not None]


def a_borough() -> MemoryGazetteer:
    """Elmside and, 8 km east of it, Farley, with a High Street each; none of it is real."""
    known = {"gazetteer": "Test 1"}
    elmside = {"gazetteer": "Test 1", "localities": ["Elmside"]}
    return MemoryGazetteer(
        [
            *some(
                postcode_entry("XX1 1AA", 400_000, 300_000, radius_m=120, **known),
                postcode_entry("XX1 1AB", 400_300, 300_000, radius_m=120, feature=TERMINATED, **known),
                postcode_entry("XX1 1AD", 400_300, 300_300, radius_m=500, **known),
                postcode_entry("XX2 2BB", 408_000, 300_000, radius_m=120, **known),
                street_entry("High Street", 400_000, 300_050, radius_m=140, **elmside),
                street_entry("High Street", 408_000, 300_050, radius_m=90, gazetteer="Test 1", localities=["Farley"]),
                street_entry("Mill Lane", 400_100, 300_050, radius_m=100, **elmside),
                street_entry("Old Turnpike Road", 403_000, 300_000, radius_m=900, **elmside),
                street_entry("Great North Road", 403_000, 302_000, radius_m=4000, **elmside),
                place_entry("Elm Park", 400_500, 300_500, radius_m=200, feature="park", **elmside),
                place_entry("Moss Heath", 401_500, 301_500, radius_m=700, feature="heath", **elmside),
                place_entry("Elmside", 400_000, 300_000, radius_m=1500, feature="town", **known),
                place_entry("Farley", 408_000, 300_000, radius_m=1500, feature="town", **known),
                place_entry("County Hospital", 401_000, 300_500, radius_m=90, feature="hospital",
                            default_location=True, **elmside),
                area_entry("Castle", 400_000, 301_000, radius_m=900, feature="ward", **known),
                area_entry("Castle", 430_000, 331_000, radius_m=900, feature="ward", **known),
                area_entry("Northside", 400_000, 302_000, radius_m=900, feature="ward", **known),
                junction_entry("Mill Lane", "High Street", 400_050, 300_050, **known),
            ),
            *address_entries(x=400_010, y=300_060, number="12", street="High Street", postcode="XX1 1AA", **elmside),
            *address_entries(x=408_010, y=300_060, number="12", street="High Street", postcode="XX2 2BB",
                             gazetteer="Test 1", localities=["Farley"]),
            *address_entries(x=400_020, y=300_060, number="20", street="High Street", postcode="XX1 1AA", **elmside),
            *address_entries(x=400_090, y=300_040, house_name="Rose Cottage", street="Mill Lane", **elmside),
        ]
    )  # fmt: skip


def match(
    text: str = "", *, study_area: shapely.Polygon | None = None, accuracy_m: float | None = None, **cells: str
) -> Match:
    location = LocationGiven(text=text, **cells)
    (found,) = match_locations([location], a_borough(), study_area=study_area, accuracy_m=accuracy_m)
    return found


def degrees(x: float, y: float) -> dict[str, str]:
    longitude, latitude = transform_points(x, y, from_epsg=27700, to_epsg=4326)
    return {"longitude": f"{float(longitude):.6f}", "latitude": f"{float(latitude):.6f}"}


def place_of(found: Match) -> tuple[Method, Precision, Confidence, str]:
    return found.method, found.precision, found.confidence, found.problem


# --- address, street, place, junction -------------------------------------------------------------------------------


def test_a_house_with_its_postcode_is_a_building_of_high_confidence() -> None:
    found = match("12 High Street", postcode="XX1 1AA")
    assert (found.x, found.y) == (400_010, 300_060)
    assert place_of(found) == (Method.ADDRESS, Precision.BUILDING, Confidence.HIGH, "")
    assert found.gazetteer == "Test 1"


def test_of_two_houses_the_postcode_or_the_town_decides() -> None:
    assert match("12 High Street, Farley").x == 408_010
    assert match("12 High Street", postcode="XX2 2BB").x == 408_010
    assert match("12 High Street", locality="Elmside").x == 400_010


def test_a_house_in_either_of_two_towns_stays_unmatched_with_both() -> None:
    found = match("12 High Street")
    assert found.x is None
    assert found.problem == "ambiguous_name"
    assert {candidate.x for candidate in found.alternatives} == {400_010, 408_010}


def test_the_study_area_decides_between_two_towns() -> None:
    only_elmside = shapely.box(395_000, 295_000, 405_000, 305_000)
    assert match("12 High Street", study_area=only_elmside).x == 400_010


def test_a_house_name_on_its_street_is_a_building() -> None:
    assert match("Rose Cottage, Mill Lane, Elmside").precision is Precision.BUILDING


def test_an_unknown_number_is_placed_by_its_neighbour_and_only_as_the_street() -> None:
    found = match("22 High Street, Elmside")
    assert (found.x, found.precision, found.method) == (400_020, Precision.STREET, Method.ADDRESS)
    assert (found.radius_m or 0) >= 75


def test_a_street_in_its_postcode_is_the_street() -> None:
    found = match("Mill Lane", postcode="XX1 1AA")
    assert (found.method, found.precision, found.x) == (Method.STREET, Precision.STREET, 400_100)
    assert found.confidence is Confidence.HIGH


def test_a_long_street_is_placed_by_its_postcode_where_that_reaches_less_far() -> None:
    found = match("High Street", postcode="XX1 1AA")
    assert found.precision in {Precision.STREET, Precision.POSTCODE}
    assert math.hypot((found.x or 0) - 400_000, (found.y or 0) - 300_000) <= 120
    assert (found.radius_m or 0) <= 170


def test_a_street_known_only_elsewhere_is_not_where_its_postcode_is() -> None:
    found = match("Mill Lane", postcode="XX2 2BB")
    assert (found.method, found.x) == (Method.POSTCODE, 408_000)


def test_a_long_street_by_itself_is_of_low_confidence_or_an_area() -> None:
    assert place_of(match("Old Turnpike Road")) == (Method.STREET, Precision.STREET, Confidence.LOW, "long_street")
    assert match("Great North Road").precision is Precision.AREA


def test_a_named_place_is_a_feature_and_a_large_one_is_an_area() -> None:
    assert match("Elm Park").precision is Precision.JUNCTION
    heath = match("Moss Heath")
    assert (heath.precision, heath.precision.clusters, heath.problem) == (Precision.AREA, False, "area_only")


def test_near_a_place_reaches_further_than_at_it() -> None:
    assert (match("near Elm Park").radius_m or 0) == (match("Elm Park").radius_m or 0) + 100


@pytest.mark.parametrize("text", ["High Street / Mill Lane", "junction of Mill Ln and High St", "High St & Mill Lane"])
def test_a_junction_is_where_its_streets_meet(text: str) -> None:
    found = match(text, study_area=STUDY_AREA)
    assert (found.x, found.method, found.precision) == (400_050, Method.JUNCTION, Precision.JUNCTION)


def test_two_streets_that_do_not_meet_are_not_made_to() -> None:
    found = match("Mill Lane / Old Turnpike Road")
    assert (found.x, found.problem) == (None, "junction_not_found")
    assert {candidate.name for candidate in found.alternatives} == {"Mill Lane", "Old Turnpike Road"}


def test_words_after_a_street_are_a_locality_only_where_one_is_known() -> None:
    assert match("12 High Street Elmside").x == 400_010
    station = match("Mill Lane Station")
    assert (station.x, [candidate.name for candidate in station.alternatives]) == (None, ["Mill Lane"])


def test_a_misspelt_street_is_found_but_never_for_certain() -> None:
    supported, alone = match("Mil Lane, Elmside"), match("Mil Lane")
    assert (supported.x, supported.confidence, supported.problem) == (400_100, Confidence.MEDIUM, "similar_name")
    assert alone.confidence in {Confidence.LOW, Confidence.NONE}
    assert Confidence.HIGH not in {match("12 Hgih Street", postcode="XX1 1AA").confidence}


# --- postcode, area, nothing ------------------------------------------------------------------------------------------


def test_a_postcode_alone_is_a_postcode_and_never_an_address() -> None:
    found = match(postcode="xx11aa")
    assert place_of(found) == (Method.POSTCODE, Precision.POSTCODE, Confidence.HIGH, "")
    assert found.radius_m == 120


def test_a_house_of_an_unknown_street_is_only_its_postcode() -> None:
    found = match("1 Unheard Way", postcode="XX1 1AA")
    assert (found.method, found.precision) == (Method.POSTCODE, Precision.POSTCODE)


def test_a_postcode_inside_the_text_is_used() -> None:
    assert match("1 Unheard Way, Elmside XX1 1AA").method is Method.POSTCODE


def test_a_terminated_or_vague_postcode_is_of_medium_confidence() -> None:
    assert place_of(match(postcode="XX1 1AB"))[2:] == (Confidence.MEDIUM, "postcode_terminated")
    assert match(postcode="XX1 1AD").confidence is Confidence.MEDIUM


def test_a_house_known_elsewhere_than_its_postcode_is_doubtful() -> None:
    found = match("Rose Cottage, Mill Lane", postcode="XX2 2BB")
    assert (found.x, found.confidence, found.problem) == (408_000, Confidence.LOW, "address_and_postcode_disagree")
    assert [candidate.x for candidate in found.alternatives] == [400_090]


def test_an_unknown_postcode_and_nothing_else_is_unmatched() -> None:
    assert (match(postcode="XX9 9ZZ").x, match(postcode="XX9 9ZZ").problem) == (None, "postcode_not_found")
    assert match(postcode="XX9").problem == "postcode_unreadable"
    assert match("12 High Street, Elmside", postcode="XX9 9ZZ").problem == "postcode_not_found"


def test_a_ward_is_an_area_that_is_counted_and_never_clustered() -> None:
    found = match("Northside")
    assert place_of(found) == (Method.AREA, Precision.AREA, Confidence.MEDIUM, "area_only")
    assert not found.precision.clusters


def test_an_ambiguous_ward_stays_unmatched_with_its_candidates() -> None:
    found = match("Castle")
    assert (found.x, found.problem, len(found.alternatives)) == (None, "ambiguous_name", 2)


def test_no_more_than_ten_candidates_are_given() -> None:
    entries = some(
        *(area_entry("Castle", 300_000 + 9000 * n, 300_000, radius_m=900, gazetteer="Test 1") for n in range(25))
    )
    (found,) = match_locations([LocationGiven(text="Castle")], MemoryGazetteer(entries))
    assert found.x is None
    assert len(found.alternatives) == 10


def test_an_unknown_street_in_a_known_town_is_only_the_town() -> None:
    found = match("Unheard Way, Farley")
    assert (found.precision, found.x) == (Precision.AREA, 408_000)


@pytest.mark.parametrize("text", ["", "No Location", "not known", "N/A", "  "])
def test_no_location_is_said_as_such(text: str) -> None:
    assert (match(text).x, match(text).problem) == (None, "no_location")


def test_an_unheard_of_name_is_unmatched() -> None:
    assert place_of(match("Zzyzx")) == (Method.NONE, Precision.NONE, Confidence.NONE, "not_found")


# --- coordinates ------------------------------------------------------------------------------------------------------


def test_a_bare_coordinate_is_a_stretch_of_street() -> None:
    found = match(**degrees(400_010, 300_060))
    assert place_of(found) == (Method.COORDINATES, Precision.STREET, Confidence.HIGH, "")
    assert found.radius_m == 50


@pytest.mark.parametrize(
    ("accuracy", "precision", "confidence"),
    [
        (5, Precision.BUILDING, Confidence.HIGH),
        (100, Precision.STREET, Confidence.HIGH),
        (200, Precision.STREET, Confidence.MEDIUM),
        (600, Precision.POSTCODE, Confidence.MEDIUM),
        (3000, Precision.AREA, Confidence.MEDIUM),
    ],
)
def test_a_stated_accuracy_says_how_close_a_coordinate_is(
    accuracy: float, precision: Precision, confidence: Confidence
) -> None:
    found = match(accuracy_m=accuracy, **degrees(400_010, 300_060))
    assert (found.precision, found.confidence, found.radius_m) == (precision, confidence, accuracy)


def test_a_coordinate_of_two_decimals_is_no_closer_than_they_are() -> None:
    longitude, latitude = (f"{float(cell):.2f}" for cell in degrees(400_010, 300_060).values())
    found = match(longitude=longitude, latitude=latitude, accuracy_m=5)
    assert (found.radius_m or 0) > 600
    assert found.precision is Precision.POSTCODE


def test_a_grid_square_of_ten_kilometres_is_an_area() -> None:
    assert match(grid_reference="SP 0 0").precision is Precision.AREA
    assert match(grid_reference="SP 000 000").precision is Precision.STREET


@pytest.mark.parametrize(
    "cells",
    [{"grid_reference": "SP 00000 00000"}, {"easting": "400001", "northing": "300001"}, degrees(400_001, 300_001)],
)
def test_a_coordinate_of_many_figures_is_a_stretch_of_street_until_its_source_says_better(
    cells: dict[str, str],
) -> None:
    found = match(**cells)
    assert (found.precision, found.radius_m) == (Precision.STREET, BARE_COORDINATE_M)
    assert match(accuracy_m=5, **cells).precision is Precision.BUILDING


def test_a_coarse_coordinate_gives_way_to_an_address() -> None:
    found = match("12 High Street", postcode="XX1 1AA", grid_reference="SP 0 0")
    assert found.method is Method.ADDRESS


def test_coordinates_far_from_their_postcode_are_kept_and_doubted() -> None:
    found = match(postcode="XX2 2BB", **degrees(400_010, 300_060))
    assert found.method is Method.COORDINATES
    assert (found.confidence, found.problem) == (Confidence.LOW, "coordinates_and_postcode_disagree")
    assert [candidate.name for candidate in found.alternatives] == ["XX2 2BB"]
    assert match(postcode="XX1 1AA", **degrees(400_010, 300_060)).problem == ""


def test_coordinates_outside_the_study_area_give_way_to_an_address_inside_it() -> None:
    outside = degrees(450_000, 300_000)
    found = match("12 High Street", postcode="XX1 1AA", study_area=STUDY_AREA, **outside)
    assert (found.x, found.problem, found.confidence) == (400_010, "address_used_instead", Confidence.MEDIUM)
    alone = match(study_area=STUDY_AREA, **outside)
    assert (alone.problem, alone.confidence) == ("outside_study_area", Confidence.LOW)


def test_an_address_outside_the_study_area_is_said_to_be() -> None:
    elsewhere = shapely.box(500_000, 500_000, 510_000, 510_000)
    found = match("12 High Street", postcode="XX1 1AA", study_area=elsewhere)
    assert (found.problem, found.confidence) == ("outside_study_area", Confidence.LOW)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"longitude": "0", "latitude": "0"}, "zero_coordinates"),
        ({"grid_reference": "J 338 740"}, "irish_grid"),
        ({"longitude": "-2.1"}, "coordinate_missing"),
        ({"longitude": "100", "latitude": "13"}, "outside_country"),
    ],
)
def test_bad_coordinates_are_said_and_the_address_used(cells: dict[str, str], problem: str) -> None:
    assert (match(**cells).x, match(**cells).problem) == (None, problem)
    found = match("12 High Street", postcode="XX1 1AA", **cells)
    assert (found.x, found.problem, found.confidence) == (400_010, problem, Confidence.MEDIUM)


# --- default locations, the register ----------------------------------------------------------------------------------


def test_a_hospital_is_flagged_however_it_was_found() -> None:
    for found in (
        match("County Hospital, Elmside"),
        match("Mill Lane Police Station, Elmside"),
        match("Accident and Emergency, 12 High Street, Elmside"),
        match("On or near Hospital", **degrees(400_010, 300_060)),
    ):
        assert found.x is not None
        assert found.default_location
        assert found.confidence is not Confidence.HIGH


def test_a_house_on_hospital_lane_is_not_flagged() -> None:
    assert not match("Hospital Lane", **degrees(400_010, 300_060)).default_location


def test_a_registered_place_is_found_by_name_and_alias() -> None:
    (entry,) = some(place_entry("Swing Park", 400_600, 300_600, radius_m=80, gazetteer="place register"))
    (estate,) = some(place_entry("Elm Estate", 400_900, 300_900, radius_m=600, gazetteer="place register"))
    register = {"swing park": entry, "the rec": entry, "elm estate": estate}
    locations = [
        LocationGiven(place="Swing Park"),
        LocationGiven(text="Swing Park, Elmside"),
        LocationGiven(place="Elm Estate"),
    ]
    by_column, by_text, too_large = match_locations(locations, a_borough(), registered_places=register)
    assert by_column.x == by_text.x == 400_600
    assert place_of(by_column) == (Method.PLACE, Precision.JUNCTION, Confidence.HIGH, "")
    assert (too_large.precision, too_large.x) == (Precision.AREA, 400_900)


# --- as a whole -------------------------------------------------------------------------------------------------------


class CountingGazetteer(MemoryGazetteer):
    """A gazetteer that counts how often it is asked."""

    calls = 0

    def find_postcodes(self, postcodes: Collection[str]) -> Mapping[str, Sequence[Entry]]:
        self.calls += 1
        return super().find_postcodes(postcodes)

    def find_addresses(self, keys: Collection[AddressKey]) -> Mapping[AddressKey, Sequence[Entry]]:
        self.calls += 1
        return super().find_addresses(keys)

    def find_names(self, names: Collection[str], kinds: Collection[Kind]) -> Mapping[str, Sequence[Entry]]:
        self.calls += 1
        return super().find_names(names, kinds)


def test_a_thousand_rows_ask_no_oftener_than_one() -> None:
    asked = []
    for rows in (1, 1000):
        gazetteer = CountingGazetteer(some(postcode_entry("XX1 1AA", 1, 1, radius_m=120, gazetteer="Test 1")))
        match_locations([LocationGiven(text=f"{row} Elm Road", postcode="XX1 1AA") for row in range(rows)], gazetteer)
        asked.append(gazetteer.calls)
    assert asked[0] == asked[1] <= 8


def test_matches_come_in_the_order_of_the_rows() -> None:
    locations = [LocationGiven(postcode=code) for code in ("XX2 2BB", "XX1 1AA", "", "XX2 2BB")]
    found = match_locations(locations, a_borough())
    assert [each.x for each in found] == [408_000, 400_000, None, 408_000]


def test_no_rows_are_no_matches() -> None:
    assert match_locations([], a_borough()) == []


WORDS = [
    "High Street",
    "Mill Lane",
    "12",
    "Elmside",
    "Farley",
    "Castle",
    "Elm Park",
    "/",
    "and",
    ",",
    "XX1 1AA",
    "near",
]


@given(st.lists(st.sampled_from(WORDS), max_size=7), st.sampled_from(["", "XX1 1AA", "XX2 2BB", "XX9 9ZZ", "XX"]))
def test_every_answer_keeps_its_promises(words: list[str], postcode: str) -> None:
    found = match(" ".join(words), postcode=postcode)
    assert found.problem in {"", *PROBLEMS}
    assert (found.x is None) == (found.precision is Precision.NONE) == (found.method is Method.NONE)
    if found.x is None:
        assert found.problem
        return
    assert found.radius_m is not None
    assert found.confidence is not Confidence.NONE
    if found.confidence is Confidence.HIGH:
        assert found.radius_m <= 150
    if found.precision is Precision.BUILDING:
        assert found.method is Method.ADDRESS
    assert len(found.alternatives) <= 10


@given(st.text(max_size=60), st.text(max_size=12))
def test_no_text_breaks_the_cascade(text: str, postcode: str) -> None:
    assert match(text, postcode=postcode).problem in {"", *PROBLEMS}


def test_every_problem_says_what_to_do() -> None:
    for code, message in PROBLEMS.items():
        assert message.endswith("."), code
        assert 20 < len(message) <= 110, code
