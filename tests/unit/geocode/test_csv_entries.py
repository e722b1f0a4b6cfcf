import gzip
from collections import Counter
from pathlib import Path

import pytest

from cs_geo.errors import RefusedInput
from cs_geo.geocode.csv_entries import entries_of_csv, read_csv_entries
from cs_geo.geocode.gazetteer import ENTRY_COLUMNS, Entry, Kind
from cs_geo.geocode.match import Precision


def table(folder: Path, text: str, *, name: str = "our_places.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    raw = text.encode(encoding)
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def of_kind(entries: list[Entry], kind: Kind) -> list[Entry]:
    return [entry for entry in entries if entry.kind is kind]


def test_addresses_with_openstreetmaps_heads_are_read(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        '"osm_id","lat","lon","addr:unit","addr:housename","addr:housenumber","addr:street","addr:place","addr:city",'
        '"addr:postcode"\n'
        '"1","53.5","-2.1","","","12","High Street","","Elmside","XX1 1AA"\n'
        '"2","53.5001","-2.1","","Rose Cottage","","High Street","","Elmside","XX1 1AA"\n'
        '"3","53.5002","-2.1","","","3","","Ballagarry","Elmside","XX1 1AB"\n'
        '"4","53.5003","-2.1","B","","","Lake Works","","Elmside",""\n',
        name="houses.csv.gz",
    )
    addresses = of_kind(entries_of_csv(path), Kind.ADDRESS)
    keys = {(entry.number_norm, entry.street_norm) for entry in addresses}
    assert keys == {
        ("12", "high street"), ("rose cottage", "high street"), ("3", "ballagarry"), ("unit b", "lake works")
    }  # fmt: skip
    assert addresses[0].localities == {"elmside"}
    assert addresses[0].postcode_norm == "XX1 1AA"
    assert addresses[0].gazetteer == "houses"


def test_streets_and_postcodes_are_worked_out_of_their_addresses(tmp_path: Path) -> None:
    rows = "".join(f"{n},High Street,Elmside,XX1 1AA,{400_000 + 10 * n},300000\n" for n in range(1, 20))
    entries = entries_of_csv(table(tmp_path, "number,street,town,postcode,easting,northing\n" + rows))
    streets = of_kind(entries, Kind.STREET)
    assert {entry.postcode_norm for entry in streets} == {"", "XX1 1AA"}
    whole = next(entry for entry in streets if not entry.postcode_norm)
    assert (whole.x, whole.y) == (400_100, 300_000), "the middle address, which is on the street"
    assert 90 <= whole.radius_m <= 150
    (postcode,) = of_kind(entries, Kind.POSTCODE)
    assert (postcode.name, postcode.x) == ("XX1 1AA", 400_100)


def test_a_street_known_by_one_house_claims_less_than_one_known_by_many(tmp_path: Path) -> None:
    head = "number,street,easting,northing\n"
    one = entries_of_csv(table(tmp_path, head + "1,Mill Lane,400000,300001\n"))
    many = entries_of_csv(table(tmp_path, head + "".join(f"{n},Mill Lane,{400_001 + n},300001\n" for n in range(9))))
    assert of_kind(one, Kind.STREET)[0].radius_m > 2 * of_kind(many, Kind.STREET)[0].radius_m


def test_the_segments_of_a_street_become_one_street_and_another_village_has_its_own(tmp_path: Path) -> None:
    rows = "".join(f"way,High Street,residential,{400_001 + 150 * n},300001\n" for n in range(5))
    rows += "way,High Street,residential,420001,300001\n"
    rows += "node,High Street,bus_stop,400001,300001\n"
    entries = entries_of_csv(table(tmp_path, "osm_type,name,highway,x,y\n" + rows))
    wholes = [entry for entry in of_kind(entries, Kind.STREET) if entry.radius_m > 160]
    assert {entry.x for entry in wholes} == {400_301, 420_001}
    assert [entry.feature for entry in of_kind(entries, Kind.PLACE)] == ["bus_stop"]


def test_a_long_street_is_also_given_in_stretches(tmp_path: Path) -> None:
    rows = "".join(f"Long Road,trunk,{400_001 + 200 * n},300001\n" for n in range(11))
    streets = of_kind(entries_of_csv(table(tmp_path, "name,highway,x,y\n" + rows)), Kind.STREET)
    whole, *stretches = sorted(streets, key=lambda entry: -entry.radius_m)
    assert whole.radius_m > 1000
    assert whole.precision is Precision.AREA
    assert len(stretches) >= 5
    assert all(entry.radius_m < 500 for entry in stretches)


def test_local_nicknames_are_places_with_their_radius_and_aliases(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "name;aliases;kind;radius;easting;northing\n"
        "The Rec;Elm Rec;place;120;400001;300001\n"
        "Northside;;ward;900;400001;301001\n"
        "Mill Lane / High Street;;junction;;400051;300051\n"
        "XX1 1AA;;postcode;;400001;300001\n",
    )
    entries = entries_of_csv(path)
    assert Counter(entry.kind for entry in entries) == {
        Kind.PLACE: 2, Kind.AREA: 2, Kind.JUNCTION: 1, Kind.POSTCODE: 1
    }  # fmt: skip
    assert {entry.name_norm: entry.radius_m for entry in of_kind(entries, Kind.PLACE)} == {
        "recreation": 120,
        "elm recreation": 120,
    }
    assert of_kind(entries, Kind.JUNCTION)[0].name_norm == "high street / mill lane"


def test_a_settlement_is_an_area_and_a_farm_is_not(tmp_path: Path) -> None:
    entries = entries_of_csv(
        table(tmp_path, "name,place,lat,lon\nElmside,village,53.5,-2.1\nMoss Farm,farm,53.51,-2.1\n")
    )
    assert [entry.precision for entry in entries] == [Precision.AREA, Precision.JUNCTION]
    assert [entry.feature for entry in entries] == ["village", "farm"]


def test_a_default_location_is_flagged_when_it_is_read(tmp_path: Path) -> None:
    entries = entries_of_csv(
        table(tmp_path, "name,amenity,lat,lon\nOak House,hospital,53.5,-2.1\nElm Park,park,53.5,-2.2\n")
    )
    assert [entry.default_location for entry in entries] == [True, False]


def test_rows_without_a_point_are_counted_by_reason(tmp_path: Path) -> None:
    path = table(tmp_path, "name,lat,lon\nA Park,0,0\nB Park,,\nC Park,53.5,\nD Park,53.5,-2.1\n,53.5,-2.1\n")
    (chunk,) = read_csv_entries(path)
    assert tuple(chunk.entries.columns) == ENTRY_COLUMNS
    assert list(chunk.entries["name"]) == ["D Park"]
    assert chunk.skipped == {"zero_coordinates": 1, "no_point": 1, "coordinate_missing": 1, "no_name": 1}


def test_a_table_of_windows_with_tabs_is_read(tmp_path: Path) -> None:
    path = table(tmp_path, "name\tlat\tlon\nCafé Elm\t53.5\t-2.1\n", encoding="cp1252")
    assert [entry.name for entry in entries_of_csv(path)] == ["Café Elm"]


def test_the_same_address_listed_twice_is_one(tmp_path: Path) -> None:
    rows = "number,street,easting,northing\n12,Mill Lane,400001,300001\n12,Mill Lane,400001,300001\n"
    assert len(of_kind(entries_of_csv(table(tmp_path, rows)), Kind.ADDRESS)) == 1


@pytest.mark.parametrize("text", ["", "name,colour\nElm,green\n", "lat,lon\n53.5,-2.1\n"])
def test_a_table_that_names_no_point_or_nothing_to_find_is_refused_in_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(RefusedInput, match="gazetteer"):
        list(read_csv_entries(table(tmp_path, text)))


@pytest.mark.parametrize("head", ["kind", "type"])
def test_a_ward_is_found_with_and_without_the_word_ward_and_knows_its_district(tmp_path: Path, head: str) -> None:
    row = "area,ward" if head == "type" else "ward,"
    path = table(tmp_path, f"kind,type,name,lad_name,easting,northing\n{row},Castle,Elmside,400000,300001\n")
    wards = entries_of_csv(path)
    assert [(entry.name, entry.kind, entry.localities) for entry in wards] == [
        ("Castle", Kind.AREA, {"elmside"}), ("Castle ward", Kind.AREA, {"elmside"}),
    ]  # fmt: skip
