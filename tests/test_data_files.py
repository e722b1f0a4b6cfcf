"""The files of ``data/`` hold together: lists, mappings, wording and contacts, and with the enumerations in code."""

import csv
import re
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from cs_geo.cases.configuration import ROWS, load_configuration
from cs_geo.cases.needs import YOUNG_PEOPLES_METHODS
from cs_geo.codelists import load_codelists
from cs_geo.reports.columns import ANY_WORD, Profile
from cs_geo.reports.fields import EFFORT_FIELDS, REPORT_FIELDS
from cs_geo.reports.profiles import load_profiles
from cs_geo.reports.report import DayType, Kind, Term, TimeBand
from cs_geo.words.wording import load_phrases, suggest_wording

DATA = Path(__file__).parents[1] / "data"
CODELISTS = load_codelists(DATA / "codelists")
PROFILES = load_profiles(DATA / "mappings")
LIST_OF_FIELD = {"harm_types": "harm_type", "contacts_band": "young_people_band"}
"""Fields whose codelist is called otherwise."""
LISTS = {
    "kind", "harm_type", "police_category", "asb_qualifier", "source_type", "agency", "directness", "severity_band",
    "young_people_band", "who_causes_harm", "effort_type", "place_type", "safeguarding_answer", "time_band", "day_type",
    "term", "hold_reason", "erasure_reason", "release_reason", "action_type", "assessment_method",
}  # fmt: skip


def test_every_list_a_field_or_filter_needs_is_there_and_no_other():
    assert set(CODELISTS) == LISTS
    named = {
        match[1]
        for text in [*REPORT_FIELDS.values(), *EFFORT_FIELDS.values()]
        if (match := re.search(r"codelist (\w+)", text))
    }
    assert named <= LISTS


@pytest.mark.parametrize("name", sorted(LISTS))
def test_every_code_has_a_reference_a_name_a_description_and_a_source(name):
    for code in CODELISTS[name].codes.values():
        assert re.fullmatch(r"[a-z0-9]+(?:[_-][a-z0-9]+)*", code.reference), code.reference
        assert code.name == code.name.strip()
        assert code.description.endswith("."), code.reference
        assert code.source, code.reference
        assert not (code.start_date and code.end_date) or code.start_date <= code.end_date


@pytest.mark.parametrize("name", sorted(LISTS))
def test_every_code_is_found_by_its_own_reference_and_name(name):
    for code in CODELISTS[name].codes.values():
        assert CODELISTS[name].find_code(code.reference) is code
        assert CODELISTS[name].find_code(code.name) is code


@pytest.mark.parametrize(
    ("name", "enumeration"), [("kind", Kind), ("time_band", TimeBand), ("day_type", DayType), ("term", Term)]
)
def test_lists_that_code_branches_on_agree_with_their_enumeration(name: str, enumeration: type[StrEnum]):
    assert set(CODELISTS[name].codes) == set(enumeration)


def test_codes_that_the_checks_rely_on_exist():
    assert {"presence_only", "unclear"} <= set(CODELISTS["harm_type"].codes)
    assert "police_recorded" in CODELISTS["source_type"].codes
    assert "other" in CODELISTS["effort_type"].codes
    assert {"none", "1_to_2", "3_to_5", "6_to_10", "11_plus"} <= set(CODELISTS["young_people_band"].codes)


def test_young_people_bands_never_tell_a_number():
    for code in CODELISTS["young_people_band"].codes.values():
        assert not re.fullmatch(r"\d+", code.name)


def codes_of(profile: Profile) -> Iterator[tuple[str, str]]:
    """Every code a mapping gives out, with the list it must be on."""
    if profile.source_type:
        yield "source_type", profile.source_type
    if profile.agency:
        yield "agency", profile.agency
    fixed = [(field, code) for field, code in profile.fixed.items()]
    mapped = [(field, code) for field, words in profile.values.items() for code in words.values()]
    for field, code in [*fixed, *mapped]:
        name = LIST_OF_FIELD.get(field, field)
        if name in LISTS and code:
            yield from ((name, part.strip()) for part in code.split(";"))


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_mapping_gives_out_only_codes_that_are_on_their_list(name):
    strangers = [(listed, code) for listed, code in codes_of(PROFILES[name]) if code not in CODELISTS[listed].codes]
    assert strangers == []


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_mapping_of_reports_always_says_the_kind_or_reads_it(name):
    profile = PROFILES[name]
    assert profile.record == "effort" or "kind" in profile.columns or "kind" in profile.fixed


def test_the_police_mapping_knows_every_published_category():
    words = PROFILES["police-uk-street"].values["police_category"]
    assert ANY_WORD not in words
    assert set(words.values()) == set(CODELISTS["police_category"].codes)
    for word, reference in words.items():
        if word != "Violent crime":  # the category's name until 2013
            assert CODELISTS["police_category"].codes[reference].name == word


def test_names_and_descriptions_of_codes_say_nothing_the_field_has_stopped_saying():
    for codelist in CODELISTS.values():
        for code in codelist.codes.values():
            assert suggest_wording(f"{code.name} {code.description}") == (), code.reference
    assert suggest_wording((DATA / "contacts.toml").read_text(encoding="utf-8")) == ()


def test_every_phrase_is_listed_once_with_a_suggestion_and_a_reason():
    with (DATA / "wording.csv").open(encoding="utf-8", newline="") as file:
        assert csv.DictReader(file).fieldnames == ["phrase", "suggestion", "reason"]
    phrases = load_phrases()
    assert len({phrase.phrase for phrase in phrases}) == len(phrases)
    assert all(phrase.suggestion and phrase.reason.endswith(".") for phrase in phrases)


def test_the_contacts_begin_with_the_emergency_number_and_only_local_ones_lack_a_number():
    contacts = tomllib.loads((DATA / "contacts.toml").read_text(encoding="utf-8"))
    assert contacts["emergency"]["phone"] == "999"
    for contact in contacts["contacts"]:
        assert set(contact) == {"name", "phone", "hours", "when", "note", "local"}
        assert contact["local"] or contact["phone"]


def test_the_readme_tells_what_every_file_is():
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for path in DATA.iterdir():
        if path.name != "README.md" and not path.name.startswith((".", "__")):
            assert f"`{path.name}" in readme, path.name
    for name in LISTS:
        assert f"`{name}`" in readme, name


@pytest.mark.parametrize("path", [*DATA.glob("*.*"), *(DATA / "codelists").iterdir()], ids=lambda path: path.name)
def test_data_files_are_plain_utf8_that_ends_with_a_line(path):
    text = path.read_bytes().decode("utf-8")
    assert text.endswith("\n")
    assert "\r" not in text
    assert not text.startswith("\ufeff")


def test_the_panel_restricts_by_types_of_action_that_are_listed_and_asks_agencies_that_are():
    panel = load_configuration(DATA)
    assert panel.restrictive <= set(CODELISTS["action_type"].codes)
    assert {agency for group in panel.quorum for agency in group} <= set(CODELISTS["agency"].codes)
    assert set(CODELISTS["assessment_method"].codes) >= YOUNG_PEOPLES_METHODS
    assert {(one.row, one.level) for one in panel.indicators.values() if one.column == "risk"} == {
        (row, level) for row in ROWS for level in (1, 2, 3)
    }
    assert panel.levels.keys() == {0, 1, 2, 3}
