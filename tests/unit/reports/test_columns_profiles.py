import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.codelists import load_codelists
from cs_geo.errors import UserError
from cs_geo.reports import columns as columns_module
from cs_geo.reports.columns import Profile, bind_columns, recognise_profile
from cs_geo.reports.fields import EFFORT_FIELDS, REPORT_FIELDS
from cs_geo.reports.personal import looks_personal
from cs_geo.reports.profiles import KEYS, load_profiles, profile_to_toml, read_profile, save_profile
from cs_geo.reports.tabular import Row
from cs_geo.settings import data_folder

SHIPPED = data_folder() / "mappings"
PROFILES = load_profiles(SHIPPED)
CODELISTS = load_codelists(data_folder() / "codelists")
CODED = {
    "kind": "kind",
    "source_type": "source_type",
    "agency": "agency",
    "directness": "directness",
    "harm_types": "harm_type",
    "police_category": "police_category",
    "asb_qualifier": "asb_qualifier",
    "severity_band": "severity_band",
    "young_people_band": "young_people_band",
    "contacts_band": "young_people_band",
    "who_causes_harm": "who_causes_harm",
    "safeguarding_answer": "safeguarding_answer",
    "effort_type": "effort_type",
}
"""Fields that hold codes: their lists."""

text = st.text(max_size=8)
columns = st.lists(text, min_size=1, max_size=3).map(tuple)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    record = draw(st.sampled_from(["report", "effort"]))
    field = st.sampled_from(sorted(REPORT_FIELDS if record == "report" else EFFORT_FIELDS))
    mapped = draw(st.dictionaries(field, columns, min_size=1, max_size=6))
    among = st.sampled_from(sorted(mapped))
    return Profile(
        name=draw(st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)),
        title=draw(text),
        record=record,
        source_type=draw(text),
        agency=draw(text),
        columns=mapped,
        fixed=draw(st.dictionaries(field, text, max_size=3)),
        values=draw(st.dictionaries(among, st.dictionaries(text, text, max_size=4), max_size=3)),
        key=draw(st.lists(among, unique=True, max_size=2).map(tuple)),
        rows_are_events=draw(st.booleans()),
        published=draw(st.booleans()),
        date_order=draw(st.sampled_from(["dmy", "mdy", "ymd"])),
        zone=draw(st.sampled_from(["Europe/London", "UTC", "Asia/Tokyo"])),
        location_accuracy_m=draw(st.none() | st.floats(0, 1e9)),
        required=draw(st.lists(text, max_size=3).map(tuple)),
    )


@given(profiles())
def test_a_saved_profile_is_read_back_the_same(tmp_path_factory: pytest.TempPathFactory, profile: Profile) -> None:
    path = save_profile(profile, tmp_path_factory.mktemp("mappings") / "site")
    assert read_profile(path) == profile
    assert [entry.name for entry in path.parent.iterdir()] == [f"{profile.name}.toml"]


def test_a_site_may_replace_a_shipped_profile_and_a_missing_folder_has_none(tmp_path: Path) -> None:
    own = Profile("council-asb", title="Ours", columns={"date": ("Date",)})
    save_profile(own, tmp_path)
    loaded = load_profiles(SHIPPED, tmp_path, tmp_path / "missing")
    assert loaded["council-asb"] == own
    assert set(loaded) == set(PROFILES)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ('name = "p"\n[columns]\ndate = "Date"', "columns.date"),
        ('name = "p"\n[columns]\ndate = [1]', "columns.date"),
        ('name = "p"\n[columns]\nwhen = ["Date"]', "columns.when"),
        ('name = "p"\n[columns]\ndate = []', "columns"),
        ('name = "p"', "columns"),
        ('[columns]\ndate = ["Date"]', "name"),
        ('name = "other"\n[columns]\ndate = ["Date"]', "name"),
        ('name = "../p"\n[columns]\ndate = ["Date"]', "name"),
        ('name = "p"\ncolour = "red"\n[columns]\ndate = ["Date"]', "colour"),
        ('name = "p"\ntitle = 3\n[columns]\ndate = ["Date"]', "title"),
        ('name = "p"\nrecord = "person"\n[columns]\ndate = ["Date"]', "record"),
        ('name = "p"\nrecord = "effort"\n[columns]\nharm_types = ["Harm"]', "columns.harm_types"),
        ('name = "p"\npublished = "yes"\n[columns]\ndate = ["Date"]', "published"),
        ('name = "p"\nkey = "reference"\n[columns]\nreference = ["Ref"]', "key"),
        ('name = "p"\nkey = ["reference"]\n[columns]\ndate = ["Date"]', "key"),
        ('name = "p"\ndate_order = "ydm"\n[columns]\ndate = ["Date"]', "date_order"),
        ('name = "p"\nzone = "Elm/Park"\n[columns]\ndate = ["Date"]', "zone"),
        ('name = "p"\nzone = "../../etc/passwd"\n[columns]\ndate = ["Date"]', "zone"),
        ('name = "p"\nlocation_accuracy_m = "near"\n[columns]\ndate = ["Date"]', "location_accuracy_m"),
        ('name = "p"\nlocation_accuracy_m = -1\n[columns]\ndate = ["Date"]', "location_accuracy_m"),
        ('name = "p"\nlocation_accuracy_m = nan\n[columns]\ndate = ["Date"]', "location_accuracy_m"),
        ('name = "p"\n[columns]\ndate = ["Date"]\n[fixed]\nkind = 1', "fixed.kind"),
        ('name = "p"\n[columns]\ndate = ["Date"]\n[values]\ndate = "x"', "values.date"),
        ('name = "p"\n[columns]\ndate = ["Date"]\n[values.kind]\n"x" = "concern"', "values.kind"),
        ('name = "p"\nname = "p"', "valid TOML"),
    ],
)
def test_a_faulty_profile_is_an_error_that_names_file_and_key(tmp_path: Path, content: str, key: str) -> None:
    (tmp_path / "p.toml").write_text(content)
    with pytest.raises(UserError) as error:
        load_profiles(tmp_path)
    assert "p.toml" in str(error.value)
    assert key in str(error.value)


@pytest.mark.parametrize("name", ["", "../up", "Council", "a b", "x" * 81])
def test_a_profile_is_kept_under_a_plain_name_only(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="name"):
        save_profile(Profile(name, columns={"date": ("Date",)}), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_as_by_default_is_not_written() -> None:
    assert profile_to_toml(Profile("p", columns={"date": ("Date",)})) == 'name = "p"\n\n[columns]\ndate = ["Date"]\n'


def test_the_promised_profiles_are_shipped() -> None:
    assert set(PROFILES) == {
        "police-uk-street",
        "council-asb",
        "outreach-log",
        "outreach-sessions",
        "school-concern-form",
        "cs-geo-template",
    }


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_every_code_of_a_shipped_profile_is_on_its_list(profile: Profile) -> None:
    given_codes = [
        *profile.fixed.items(),
        ("source_type", profile.source_type),
        ("agency", profile.agency),
        *((field, code) for field, words in profile.values.items() for code in words.values()),
    ]
    for field, code in given_codes:
        if field in CODED and code:
            assert code in CODELISTS[CODED[field]].codes, f"{field}: {code}"
    assert set(profile.values) <= {*CODED, "presence_only", "location"}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_shipped_profile_is_recognised_by_its_own_heading_and_by_no_other(profile: Profile) -> None:
    heading = [column for columns in profile.columns.values() for column in columns]
    assert recognise_profile(PROFILES, heading) == profile
    assert recognise_profile(PROFILES, profile.required) == profile


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_shipped_profile_reads_no_column_about_a_person(profile: Profile) -> None:
    columns = {column for columns in profile.columns.values() for column in columns}
    # The force, and who causes harm as a group, are no persons.
    assert {column for column in columns if looks_personal(column)} <= {"Reported by"}


def test_presence_of_young_people_alone_is_kept_apart_in_a_council_sheet() -> None:
    profile = PROFILES["council-asb"]
    binding = bind_columns(profile, ["Case reference", "Incident date", "Location", "Category"])
    read = binding.read_fields(Row(2, ("1", "01/02/2024", "Elm Park", "youths congregating")))
    assert (read["harm_types"], read["presence_only"], read["asb_qualifier"]) == ("presence_only", "yes", "")
    read = binding.read_fields(Row(3, ("2", "01/02/2024", "Elm Park", "Graffiti")))
    assert (read["harm_types"], read["presence_only"], read["asb_qualifier"]) == ("damage", "", "environmental")


def test_our_template_has_a_column_for_every_field_of_a_report() -> None:
    assert PROFILES["cs-geo-template"].columns == {field: (field,) for field in REPORT_FIELDS}


def test_only_police_data_are_published_background() -> None:
    assert [name for name, profile in PROFILES.items() if profile.published] == ["police-uk-street"]


def test_every_key_is_explained_where_the_profile_is_defined() -> None:
    explained = set(re.findall(r"``\[?(\w+)", columns_module.__doc__ or ""))
    assert set(KEYS) <= explained
