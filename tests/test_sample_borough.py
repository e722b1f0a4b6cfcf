"""The sample borough: made again to the same bytes, whole, fictional, and with what its README promises in it."""

import bz2
import csv
import io
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pytest
import shapely

from cs_geo.areas import read_areas
from cs_geo.calendars import read_calendar
from cs_geo.codelists import load_codelists
from cs_geo.geocode.cascade import match_locations
from cs_geo.geocode.csv_entries import entries_of_csv
from cs_geo.geocode.match import Match
from cs_geo.geocode.memory import MemoryGazetteer
from cs_geo.geocode.osm_entries import entries_from_osm
from cs_geo.hotspots.find import find_hotspots
from cs_geo.osm import read_osm
from cs_geo.reports.checks import CheckContext, check_effort, check_report
from cs_geo.reports.columns import bind_columns
from cs_geo.reports.profiles import load_profiles
from cs_geo.reports.reading import read_tables
from cs_geo.reports.report import Checked, Report, Severity, Term, TimeBand
from cs_geo.reports.tabular import Limits
from cs_geo.words.masking import mask_personal_details
from cs_geo.words.wording import suggest_wording

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample"
SHARED = ROOT.parent / "shared" / "data"
MOST_BYTES = 2_000_000
DAY_AFTER = date(2026, 11, 23)
NOT_REPORTED = {"outreach-sessions", "police-uk-street"}
"""Mappings of files that hold no reports of partners."""

EXPECTED: dict[str, Any] = json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8"))
MANIFEST: dict[str, Any] = tomllib.loads((SAMPLE / "manifest.toml").read_text(encoding="utf-8"))
MADE_FILES = sorted(path.name for path in SAMPLE.iterdir() if path.is_file() and path.suffix not in {".py", ".md"})


def table_of(name: str) -> list[dict[str, str]]:
    raw = (SAMPLE / name).read_bytes()
    text = raw.decode("cp1252" if name.startswith("council") else "utf-8-sig")
    delimiter = ";" if name.startswith("council") else "\t" if name.endswith(".tsv") else ","
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.fixture(scope="module")
def osm() -> ET.Element:
    return ET.fromstring(bz2.decompress((SAMPLE / MANIFEST["basemap"]).read_bytes()))


@pytest.fixture(scope="module")
def checked() -> dict[str, list[Checked]]:
    """Every row of every import, read by the profile that the manifest names for it."""
    profiles = load_profiles(ROOT / "data" / "mappings")
    calendar, issues = read_calendar(enumerate(table_of("calendar.csv"), 2))
    assert not issues
    found: dict[str, list[Checked]] = {}
    for load in MANIFEST["imports"] + MANIFEST["later"]:
        profile = profiles[load["mapping"]]
        context = CheckContext(
            codelists=load_codelists(ROOT / "data" / "codelists"), calendar=calendar, today=DAY_AFTER,
            zone=ZoneInfo("Europe/London"), source_zone=ZoneInfo(profile.zone), date_order=profile.date_order,
            source_type=profile.source_type, agency=profile.agency, published=profile.published,
        )  # fmt: skip
        check = check_effort if profile.record == "effort" else check_report
        for table in read_tables(SAMPLE / load["file"], limits=Limits(100, 200)):
            binding = bind_columns(profile, table.columns)
            found[load["file"]] = [check(row.line, binding.read_fields(row), context) for row in table.rows]
    return found


@pytest.fixture(scope="module")
def placed(checked: dict[str, list[Checked]]) -> list[tuple[Report, Match]]:
    """Every partner report with the point that the sample's own gazetteers give it."""
    entries = [*entries_from_osm(read_osm(SAMPLE / MANIFEST["basemap"]), "streets")]
    entries += entries_of_csv(SAMPLE / "postcodes.csv") + entries_of_csv(SAMPLE / "nicknames.csv")
    files = [load["file"] for load in MANIFEST["imports"] if load["mapping"] not in NOT_REPORTED]
    reports = [report for name in files for report in reports_of(checked[name])]
    matches = match_locations([r.location for r in reports], MemoryGazetteer(entries), study_area=study_area())
    return list(zip(reports, matches, strict=True))


def study_area() -> shapely.Geometry:
    return read_areas(SAMPLE / "study-area.geojson", "study").areas.geometry.iloc[0]


def tags_of(thing: ET.Element) -> dict[str, str]:
    return {tag.get("k", ""): tag.get("v", "") for tag in thing.iter("tag")}


def reports_of(rows: list[Checked]) -> Iterator[Report]:
    return (row.record for row in rows if isinstance(row.record, Report))


# --- the files --------------------------------------------------------------------------------------------------------


def test_the_generator_writes_the_committed_files_to_the_byte(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(SAMPLE / "generate.py"), str(tmp_path)], check=True, timeout=240)
    assert sorted(path.name for path in tmp_path.iterdir()) == MADE_FILES
    changed = [name for name in MADE_FILES if (tmp_path / name).read_bytes() != (SAMPLE / name).read_bytes()]
    assert not changed


def test_the_sample_stays_small() -> None:
    assert sum((SAMPLE / name).stat().st_size for name in MADE_FILES) < MOST_BYTES


def test_the_manifest_names_every_file_once_and_no_other() -> None:
    single = [MANIFEST[key] for key in ("calendar", "protected", "places")]
    listed = [entry["file"] for key in ("areas", "gazetteers", "imports", "later") for entry in MANIFEST[key]]
    assert sorted(single + listed + ["manifest.toml", "expected.json"]) == MADE_FILES
    assert MANIFEST["basemap"] in MADE_FILES


def test_rows_are_as_many_as_expected() -> None:
    assert {name: len(table_of(name)) for name in EXPECTED["rows"]} == EXPECTED["rows"]


def test_the_readme_counts_rows_and_traps_as_they_are() -> None:
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    told = {
        name: int(count.replace(",", "")) for name, count in re.findall(r"\| `([\w.-]+)` \|.*\| ([\d,]+) \|", readme)
    }
    assert {name: told[name] for name in EXPECTED["rows"]} == EXPECTED["rows"]
    assert told["postcodes.csv"] == len(table_of("postcodes.csv"))
    assert told["calendar.csv"] == len(table_of("calendar.csv"))
    trapped: dict[str, dict[str, int]] = defaultdict(dict)
    for key, name, count in re.findall(r"^\| (\w+) \| ([\w.-]+) \| (\d+) \|", readme, re.MULTILINE):
        trapped[key][name] = int(count)
    assert trapped == EXPECTED["traps"]


def test_the_readme_tells_the_counts_of_each_concentration() -> None:
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    for place in EXPECTED["concentrations"]:
        counts = place["reports"]
        told = [" / ".join(str(counts[kind][window]) for kind in counts) for window in ("last_quarter", "last_year")]
        assert f"| {told[0]} | {told[1]} |" in readme, place["key"]


# --- nothing real, nobody in it ---------------------------------------------------------------------------------------


def made_up_names() -> set[str]:
    wards = {str(name) for name in gpd.read_file(SAMPLE / "wards.geojson")["name"]}
    root = ET.fromstring(bz2.decompress((SAMPLE / MANIFEST["basemap"]).read_bytes()))
    tagged = [tags_of(node) for node in root.iter("node") if len(node)]
    return wards | {tags["name"] for tags in tagged if "place" in tags} | {MANIFEST["name"]}


def test_no_ward_suburb_village_or_town_has_the_name_of_a_real_ward() -> None:
    gazetteer = SHARED / "gazetteer" / "uk_ward_names_centroids.csv"
    if not gazetteer.exists():
        pytest.skip("needs ../shared/data/gazetteer/uk_ward_names_centroids.csv")
    with gazetteer.open(encoding="utf-8") as file:
        real = {row["name"].casefold() for row in csv.DictReader(file)}
    assert len(made_up_names()) > 15
    assert not {name for name in made_up_names() if name.casefold() in real}


def test_the_borough_lies_far_from_every_real_ward() -> None:
    gazetteer = SHARED / "gazetteer" / "uk_ward_names_centroids.csv"
    if not gazetteer.exists():
        pytest.skip("needs ../shared/data/gazetteer/uk_ward_names_centroids.csv")
    with gazetteer.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    real = gpd.GeoSeries.from_xy([float(r["lon"]) for r in rows], [float(r["lat"]) for r in rows], crs=4326)
    borough = study_area()
    assert real.to_crs(27700).distance(borough).min() > 30_000


def test_postcodes_are_of_an_area_that_does_not_exist() -> None:
    postcodes = [row["postcode"] for row in table_of("postcodes.csv")]
    assert len(set(postcodes)) == len(postcodes) > 500
    assert all(re.fullmatch(r"HW[1-9] [1-9][ABDEFGHJLNP-UW-Z]{2}", text) for text in postcodes)
    archive = SHARED / "gazetteer" / "codepoint_open_2014_raw.zip"
    if archive.exists():
        with zipfile.ZipFile(archive) as files:
            assert not any(name.lower().endswith("/hw.csv") for name in files.namelist())


def cells_of(name: str) -> Iterator[str]:
    return (cell for row in table_of(name) for cell in row.values() if cell)


@pytest.mark.parametrize(
    "name", [load["file"] for load in MANIFEST["imports"] if load["mapping"] != "police-uk-street"]
)
def test_the_words_of_the_sample_are_those_of_the_house(name: str) -> None:
    found = {text: suggest_wording(text) for text in set(cells_of(name))}
    assert not {text: hits for text, hits in found.items() if hits}


def test_only_the_notes_made_for_it_hold_personal_details() -> None:
    heads = {"note", "what_helped", "Details", "What happened to safety there", "What was noticed", "What helped"}
    found: Counter[str] = Counter()
    for load in MANIFEST["imports"]:
        for row in table_of(load["file"]):
            found[load["file"]] += any(mask_personal_details(row[head]).found for head in heads & row.keys())
    assert +found == Counter(EXPECTED["traps"]["contact_details"])


# --- areas ------------------------------------------------------------------------------------------------------------


def test_one_small_area_is_invalid_and_loses_next_to_nothing_by_being_mended() -> None:
    raw = gpd.read_file(SAMPLE / "small-areas.geojson").to_crs(27700)
    assert (~raw.is_valid).sum() == EXPECTED["mended_areas"]
    read = read_areas(SAMPLE / "small-areas.geojson", "lsoa")
    assert read.mended == EXPECTED["mended_areas"]
    wards = read_areas(SAMPLE / "wards.geojson", "ward")
    assert read.areas.area.sum() == pytest.approx(wards.areas.area.sum(), rel=0.001)


def test_wards_cover_the_borough_and_do_not_overlap() -> None:
    wards = read_areas(SAMPLE / "wards.geojson", "ward").areas
    borough = study_area()
    assert len(wards) == 9
    assert wards.geometry.union_all().area == pytest.approx(borough.area, rel=0.002)
    assert wards.area.sum() == pytest.approx(borough.area, rel=0.002)


def test_places_of_the_register_lie_in_the_borough_and_have_listed_types() -> None:
    places = gpd.read_file(SAMPLE / "places.geojson").to_crs(27700)
    borough = study_area()
    known = load_codelists(ROOT / "data" / "codelists")["place_type"]
    assert 8 <= len(places) <= 12
    assert places.is_valid.all()
    assert places.within(borough).all()
    assert all(known.find_code(code) for code in places["place_type"])


# --- the map ----------------------------------------------------------------------------------------------------------


def test_streets_are_one_network_of_shared_nodes(osm: ET.Element) -> None:
    nodes = {node.get("id") for node in osm.iter("node")}
    ways = [(tags_of(way), [nd.get("ref") for nd in way.iter("nd")]) for way in osm.iter("way")]
    assert all(ref in nodes for _, refs in ways for ref in refs)
    streets = [refs for tags, refs in ways if "highway" in tags and tags.get("area") != "yes"]
    at: dict[str | None, list[int]] = defaultdict(list)
    for number, refs in enumerate(streets):
        for ref in refs:
            at[ref].append(number)
    reached, todo = {0}, [0]
    while todo:
        for ref in streets[todo.pop()]:
            new = set(at[ref]) - reached
            reached |= new
            todo += new
    assert len(reached) == len(streets)


def test_the_town_has_what_a_town_has(osm: ET.Element) -> None:
    tagged = [tags_of(thing) for kind in ("node", "way") for thing in osm.iter(kind) if thing.find("tag") is not None]
    counted = Counter(pair for tags in tagged for pair in tags.items())
    for pair, least in {
        ("leisure", "park"): 5, ("amenity", "school"): 8, ("amenity", "library"): 3, ("amenity", "hospital"): 1,
        ("amenity", "police"): 1, ("amenity", "townhall"): 1, ("community_centre", "youth_centre"): 2,
        ("railway", "station"): 1, ("highway", "bus_stop"): 20, ("highway", "steps"): 1, ("waterway", "river"): 1,
        ("place", "suburb"): 8, ("amenity", "fast_food"): 8, ("shop", "convenience"): 8, ("amenity", "parking"): 2,
    }.items():  # fmt: skip
        assert counted[pair] >= least, pair
    streets = {tags["name"] for tags in tagged if "highway" in tags and "name" in tags}
    addressed = [tags for tags in tagged if "addr:housenumber" in tags]
    bridges = [tags for tags in tagged if tags.get("bridge") == "yes"]
    assert len(streets) > 250
    assert len(addressed) >= 1_500
    assert {tags["addr:street"] for tags in addressed} <= streets
    assert len(bridges) >= 2


def test_some_streets_share_a_name_between_wards(osm: ET.Element) -> None:
    at = {node.get("id"): (float(node.get("lon", "")), float(node.get("lat", ""))) for node in osm.iter("node")}
    wards = gpd.read_file(SAMPLE / "wards.geojson")
    found: dict[str, set[str]] = defaultdict(set)
    for way in osm.iter("way"):
        name = tags_of(way).get("name", "")
        if name in {"Church Lane", "Mill Lane"}:
            middle = np.mean([at[nd.get("ref")] for nd in way.iter("nd")], axis=0)
            found[name] |= set(wards["name"][wards.contains(shapely.Point(*middle))])
    assert {name: len(where) for name, where in found.items()} == {"Church Lane": 2, "Mill Lane": 2}


# --- the reports ------------------------------------------------------------------------------------------------------


def test_exactly_the_rows_made_for_it_are_rejected(checked: dict[str, list[Checked]]) -> None:
    rejected = {name: sum(row.record is None for row in rows) for name, rows in checked.items()}
    assert {name: count for name, count in rejected.items() if count} == EXPECTED["rejected"]
    for name, rows in checked.items():
        for row in rows:
            assert (row.record is None) == any(issue.severity is Severity.REJECT for issue in row.issues), name


def test_every_code_is_known_but_the_unknown_ones(checked: dict[str, list[Checked]]) -> None:
    unknown = {
        name: sum(any(issue.code == "unknown_code" for issue in row.issues) for row in rows)
        for name, rows in checked.items()
    }
    assert {name: count for name, count in unknown.items() if count} == EXPECTED["traps"]["unknown_code"]


def test_four_kinds_come_from_eight_sources(checked: dict[str, list[Checked]]) -> None:
    files = [load["file"] for load in MANIFEST["imports"] if load["mapping"] not in NOT_REPORTED]
    assert len(files) == 8
    kinds = Counter(str(report.kind) for name in files for report in reports_of(checked[name]))
    rejected = Counter(incident=sum(EXPECTED["rejected"].values()))
    assert kinds + rejected == Counter(EXPECTED["kinds"])
    assert kinds["strength"] >= 150


def test_reports_end_with_the_last_day(checked: dict[str, list[Checked]]) -> None:
    dated = [
        report.occurred.start.date()
        for load in MANIFEST["imports"]
        for report in reports_of(checked[load["file"]])
        if str(report.occurred.precision) != "month"
    ]
    assert min(dated) == MANIFEST["first_day"]
    assert max(dated) == MANIFEST["last_day"]


def test_presence_months_intervals_and_holidays_are_read_as_they_were_meant(checked: dict[str, list[Checked]]) -> None:
    traps = EXPECTED["traps"]
    presence = sum(report.presence_only for report in reports_of(checked["council-asb.csv"]))
    months = sum(str(r.occurred.precision) == "month" for r in reports_of(checked["voluntary-sector.csv"]))
    spread = sum(r.time_band is TimeBand.SPREAD for r in reports_of(checked["housing-estates.csv"]))
    holiday = sum(r.term is Term.HOLIDAY for r in reports_of(checked["school-concern-forms.csv"]))
    assert presence == traps["presence_only"]["council-asb.csv"]
    assert months == traps["month_only"]["voluntary-sector.csv"]
    assert 0 < spread <= traps["interval"]["housing-estates.csv"]
    assert holiday == traps["outside_term"]["school-concern-forms.csv"]


def test_equal_keyless_rows_stand_in_one_file() -> None:
    copies = Counter(tuple(row.values()) for row in table_of("business-partnership.csv"))
    assert sorted(count for count in copies.values() if count > 1) == [2, 2, 3]
    assert "reference" not in table_of("business-partnership.csv")[0]


def test_the_late_sheet_holds_known_changed_and_new_rows() -> None:
    known = {row["Case reference"]: row for row in table_of("council-asb.csv")}
    found: Counter[str] = Counter()
    for row in table_of("council-asb-late.csv"):
        before = known.get(row["Case reference"])
        found["created" if before is None else "duplicate" if before == row else "updated"] += 1
    assert found == Counter(EXPECTED["late"])


def test_one_place_moves_after_the_response_and_one_rests_outside_term() -> None:
    places = {place["key"]: place for place in EXPECTED["concentrations"]}
    left, came = places["maltings_car_park"], places["the_steps"]
    assert left["before_response"] > 100 > 10 > left["since_response"]
    assert came["since_response"] > 70 > 10 > came["before_response"]
    assert places["academy_gate"]["outside_term"] == places["station_forecourt"]["outside_term"] == 0
    assert places["park_north_gate"]["outside_term"] > 50


def test_outreach_is_looked_for_more_in_the_last_quarter() -> None:
    since = [
        date(*map(int, reversed(row["Date"].split("/"))))
        for row in table_of("outreach-sessions.csv")
        if row["Session type"] != "Warden patrol"
    ]
    quarter = date.fromisoformat(EXPECTED["last_quarter_from"])
    year = date.fromisoformat(EXPECTED["last_year_from"])
    last, before = sum(day >= quarter for day in since), sum(year <= day < quarter for day in since)
    assert last > 2 * before / 3
    assert len(since) >= 150


# --- what there is to find --------------------------------------------------------------------------------------------


def points_of(placed: list[tuple[Report, Match]], kind: str, since: str) -> gpd.GeoDataFrame:
    chosen = [
        (report, match)
        for report, match in placed
        if report.kind == kind and report.occurred.start.date() >= date.fromisoformat(EXPECTED[since])
    ]
    return gpd.GeoDataFrame(
        {
            "kind": [str(report.kind) for report, _ in chosen],
            "precision": [str(match.precision) for _, match in chosen],
            "presence_only": [report.presence_only for report, _ in chosen],
            "default_location": [match.default_location for _, match in chosen],
        },
        geometry=[None if match.x is None else shapely.Point(match.x, match.y) for _, match in chosen],
        crs=27700,
    )


def protected_area() -> shapely.Geometry:
    rows = table_of("protected.csv")
    return shapely.union_all(
        [shapely.Point(int(r["easting"]), int(r["northing"])).buffer(int(r["radius_m"])) for r in rows]
    )


def test_more_reports_are_located_than_the_least_reliable_rate(placed: list[tuple[Report, Match]]) -> None:
    located = sum(match.x is not None for _, match in placed)
    assert located / len(placed) > 0.95
    assert len(placed) > 2_500


@pytest.mark.parametrize("kind", ["incident", "concern", "outreach"])
@pytest.mark.parametrize("window", ["last_quarter", "last_year"])
def test_concentrations_lie_where_they_were_planted(placed: list[tuple[Report, Match]], kind: str, window: str) -> None:
    points = points_of(placed, kind, f"{window}_from").geometry
    for place in EXPECTED["concentrations"]:
        middle = shapely.Point(place["easting"], place["northing"])
        assert (points.distance(middle) <= place["radius_m"]).sum() >= 0.85 * place["reports"][kind][window], place[
            "key"
        ]


def test_the_last_quarter_has_the_planted_hotspots_and_no_others(placed: list[tuple[Report, Match]]) -> None:
    reports = points_of(placed, "incident", "last_quarter_from")
    result = find_hotspots(reports, study_area=study_area(), protected=protected_area())
    planted = {
        place["key"]: shapely.Point(place["easting"], place["northing"])
        for place in EXPECTED["concentrations"]
        if place["reports"]["incident"]["last_quarter"] >= 10
    }
    held = [{key for key, middle in planted.items() if shape.contains(middle)} for shape in result.hotspots.geometry]
    assert sorted(key for keys in held for key in keys) == sorted(planted)
    assert all(len(keys) == 1 for keys in held)
    assert list(result.spots["reports_n"]) == [EXPECTED["traps"]["one_spot"]["transport-operator.tsv"]]
    assert (
        result.counts.left_out["protected_location"] == EXPECTED["traps"]["protected_location"]["housing-estates.csv"]
    )
    assert result.counts.left_out["presence_only"] > 20
    assert result.counts.left_out["default_location"] > 15
