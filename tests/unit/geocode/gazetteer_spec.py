"""What every gazetteer must answer, whatever keeps its entries.

A test module gives a fixture ``gazetteer_of`` (entries in, gazetteer out) and imports these tests by name. All places
are made up.
"""

from collections.abc import Callable, Sequence

from cs_geo.geocode.gazetteer import (
    MOST_SIMILAR_NAMES,
    SIMILAR_ENOUGH,
    TERMINATED,
    Entry,
    Gazetteer,
    Kind,
    address_entries,
    area_entry,
    junction_entry,
    name_similarity,
    place_entry,
    postcode_entry,
    street_entry,
)
from cs_geo.geocode.match import Precision

GazetteerOf = Callable[[Sequence[Entry]], Gazetteer]

__all__ = [
    "test_a_junction_is_found_whichever_street_is_named_first",
    "test_a_misspelt_street_is_found_by_its_likeness",
    "test_a_name_is_looked_for_only_among_the_kinds_asked_for",
    "test_a_postcode_in_two_gazetteers_has_an_entry_of_each",
    "test_an_address_is_found_by_every_number_of_its_range",
    "test_an_address_is_found_by_house_and_street_together",
    "test_entries_come_back_as_they_were_given",
    "test_entries_of_one_name_come_in_the_order_of_their_numbers",
    "test_likeness_gives_the_few_best_names_best_first",
    "test_many_keys_are_answered_in_one_call_without_the_unknown_ones",
    "test_nothing_asked_is_nothing_answered",
]


def some(*entries: Entry | None) -> list[Entry]:
    return [entry for entry in entries if entry is not None]


def a_borough() -> list[Entry]:
    """A borough of a few entries, none of them real."""
    gazetteer = "Test 1"
    here = {"gazetteer": gazetteer, "localities": ["Elmside"]}
    return [
        *some(
            postcode_entry("XX1 1AA", 400_000, 300_000, radius_m=120, gazetteer=gazetteer),
            postcode_entry("XX1 1AB", 400_300, 300_000, radius_m=120, gazetteer=gazetteer, feature=TERMINATED),
            street_entry("High Street", 400_000, 300_050, radius_m=140, **here),
            street_entry("High Street", 420_000, 310_000, radius_m=90, gazetteer=gazetteer, localities=["Farley"]),
            street_entry("Mill Lane", 400_100, 300_050, radius_m=100, **here),
            place_entry("Elm Park", 400_500, 300_500, radius_m=200, feature="park", **here),
            place_entry("Elmside", 400_000, 300_000, radius_m=1500, gazetteer=gazetteer, feature="town"),
            place_entry("County Hospital", 401_000, 300_500, radius_m=90, gazetteer=gazetteer, default_location=True),
            area_entry("Castle", 400_000, 301_000, radius_m=900, gazetteer=gazetteer, feature="ward"),
            junction_entry("Mill Lane", "High Street", 400_050, 300_050, gazetteer=gazetteer),
        ),
        *address_entries(
            x=400_010, y=300_060, number="12-16", street="High Street", postcode="XX1 1AA", **here
        ),
        *address_entries(x=400_090, y=300_040, house_name="Rose Cottage", street="Mill Lane", **here),
    ]  # fmt: skip


def test_entries_come_back_as_they_were_given(gazetteer_of: GazetteerOf) -> None:
    gazetteer = gazetteer_of(a_borough())
    (postcode,) = gazetteer.find_postcodes(["XX1 1AB"])["XX1 1AB"]
    assert (postcode.kind, postcode.name, postcode.precision) == (Kind.POSTCODE, "XX1 1AB", Precision.POSTCODE)
    assert (postcode.x, postcode.y, postcode.radius_m) == (400_300, 300_000, 120)
    assert (postcode.feature, postcode.gazetteer, postcode.default_location) == (TERMINATED, "Test 1", False)
    assert isinstance(postcode.kind, Kind)
    assert isinstance(postcode.precision, Precision)
    (hospital,) = gazetteer.find_names(["county hospital"], [Kind.PLACE])["county hospital"]
    assert hospital.default_location
    (house,) = gazetteer.find_addresses([("rose cottage", "mill lane")])[("rose cottage", "mill lane")]
    assert house.localities == {"elmside"}
    assert house.precision is Precision.BUILDING


def test_many_keys_are_answered_in_one_call_without_the_unknown_ones(gazetteer_of: GazetteerOf) -> None:
    gazetteer = gazetteer_of(a_borough())
    assert set(gazetteer.find_postcodes(["XX1 1AA", "XX9 9ZZ", "XX1 1AB"])) == {"XX1 1AA", "XX1 1AB"}
    found = gazetteer.find_names(["mill lane", "elm park", "no such street"], list(Kind))
    assert {name: len(entries) for name, entries in found.items()} == {"mill lane": 1, "elm park": 1}


def test_nothing_asked_is_nothing_answered(gazetteer_of: GazetteerOf) -> None:
    gazetteer = gazetteer_of(a_borough())
    assert not gazetteer.find_postcodes([])
    assert not gazetteer.find_addresses([])
    assert not gazetteer.find_names([], [Kind.STREET])
    assert not gazetteer.find_names(["mill lane"], [])
    assert not gazetteer.find_junctions([])
    assert not gazetteer.find_similar_names([], [Kind.STREET])


def test_an_address_is_found_by_house_and_street_together(gazetteer_of: GazetteerOf) -> None:
    gazetteer = gazetteer_of(a_borough())
    keys = [("rose cottage", "mill lane"), ("rose cottage", "high street"), ("12", "mill lane")]
    assert set(gazetteer.find_addresses(keys)) == {("rose cottage", "mill lane")}


def test_an_address_is_found_by_every_number_of_its_range(gazetteer_of: GazetteerOf) -> None:
    keys = [(number, "high street") for number in ("12-16", "12", "13", "14", "16")]
    found = gazetteer_of(a_borough()).find_addresses(keys)
    assert [number for number, _ in found] == ["12-16", "12", "14", "16"]


def test_a_name_is_looked_for_only_among_the_kinds_asked_for(gazetteer_of: GazetteerOf) -> None:
    gazetteer = gazetteer_of(a_borough())
    assert not gazetteer.find_names(["high street"], [Kind.PLACE, Kind.AREA])
    assert "castle" in gazetteer.find_names(["castle"], [Kind.AREA])
    assert not gazetteer.find_names(["xx1 1aa", "high street / mill lane"], list(Kind))


def test_entries_of_one_name_come_in_the_order_of_their_numbers(gazetteer_of: GazetteerOf) -> None:
    entries = gazetteer_of(a_borough()).find_names(["high street"], [Kind.STREET])["high street"]
    assert [entry.locality_norm for entry in entries] == ["elmside", "farley"]
    assert entries[0].entry_id < entries[1].entry_id


def test_a_postcode_in_two_gazetteers_has_an_entry_of_each(gazetteer_of: GazetteerOf) -> None:
    again = some(postcode_entry("XX1 1AA", 400_020, 300_000, radius_m=500, gazetteer="Other 1"))
    found = gazetteer_of([*a_borough(), *again]).find_postcodes(["XX1 1AA"])
    assert [entry.gazetteer for entry in found["XX1 1AA"]] == ["Test 1", "Other 1"]


def test_a_junction_is_found_whichever_street_is_named_first(gazetteer_of: GazetteerOf) -> None:
    pairs = [("high street", "mill lane"), ("mill lane", "high street"), ("mill lane", "elm road")]
    found = gazetteer_of(a_borough()).find_junctions(pairs)
    assert set(found) == set(pairs[:2])
    assert found[pairs[0]] == found[pairs[1]]


def test_a_misspelt_street_is_found_by_its_likeness(gazetteer_of: GazetteerOf) -> None:
    gazetteer = gazetteer_of(a_borough())
    found = gazetteer.find_similar_names(["hgih street", "mil lane", "quite another road"], [Kind.STREET])
    assert set(found) == {"hgih street", "mil lane"}
    assert {entry.name_norm for entry, _ in found["hgih street"]} == {"high street"}
    assert len(found["hgih street"]) == 2, "one entry for each of the two streets of that name"
    (entry, likeness), *_ = found["mil lane"]
    assert likeness == name_similarity("mil lane", entry.name_norm)
    assert not gazetteer.find_similar_names(["high street"], [Kind.STREET]), "the name itself is not a likeness"
    assert not gazetteer.find_similar_names(["hgih street"], [Kind.PLACE])


def test_likeness_gives_the_few_best_names_best_first(gazetteer_of: GazetteerOf) -> None:
    names = [f"Barnston{letter} Avenue" for letter in "abcdefgh"] + ["Barnstone Avenues"]
    entries = some(*(street_entry(name, 0, 0, radius_m=50, gazetteer="Test 1") for name in names))
    (alike,) = gazetteer_of(entries).find_similar_names(["barnston avenue"], [Kind.STREET]).values()
    likeness = [score for _, score in alike]
    assert likeness == sorted(likeness, reverse=True)
    assert len({entry.name_norm for entry, _ in alike}) == MOST_SIMILAR_NAMES
    assert min(likeness) >= SIMILAR_ENOUGH
