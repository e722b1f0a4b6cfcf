from dataclasses import replace

import pytest

from cs_geo.errors import RefusedInput
from cs_geo.reports.columns import Binding, Profile, bind_columns, recognise_profile
from cs_geo.reports.report import Severity
from cs_geo.reports.tabular import Row

COUNCIL = Profile(
    "council",
    source_type="resident",
    agency="council_community_safety",
    columns={
        "reference": ("Case ref",),
        "date": ("Date",),
        "location": ("Address 1", "Address 2"),
        "note": ("Details",),
    },
    key=("reference",),
    required=("Case ref", "Date"),
)


def fields(profile: Profile, **cells: str) -> dict[str, str]:
    """What is read of one row whose columns and cells are given."""
    binding = bind_columns(profile, tuple(cells))
    return binding.read_fields(Row(2, tuple(cells.values())))


@pytest.mark.parametrize(
    ("head", "says"),
    [("month", True), ("MONTH:", True), ("Month and year", True), ("Date", False), ("Date (day/month/year)", False)],
)
def test_a_head_says_that_its_dates_are_months(head: str, says: bool) -> None:
    profile = Profile("sheet", columns={"date": (head,)})
    assert bind_columns(profile, ["Ref", head]).dates_are_months is says


def test_columns_are_found_whatever_their_case_spacing_and_marks() -> None:
    binding = bind_columns(COUNCIL, ["CASE_REF", " date: ", "Address  1", "Details*"])
    read = binding.read_fields(Row(2, ("A1", "2024-01-01", "High Street", "loud")))
    assert (read["reference"], read["date"], read["location"], read["note"]) == (
        "A1",
        "2024-01-01",
        "High Street",
        "loud",
    )


def test_every_field_of_the_profile_is_there_even_if_the_file_lacks_its_column() -> None:
    assert fields(COUNCIL, **{"Case ref": "A1", "Date": ""}) == {
        "reference": "A1",
        "date": "",
        "location": "",
        "note": "",
        "source_type": "resident",
        "agency": "council_community_safety",
    }


def test_lines_of_an_address_are_joined_and_other_fields_take_the_first_that_is_filled() -> None:
    cells = {"Case ref": "A1", "Date": "x", "Address 1": "1 High Street", "Address 2": " Elm ", "Details": ""}
    assert fields(COUNCIL, **cells)["location"] == "1 High Street, Elm"
    assert fields(COUNCIL, **{**cells, "Address 1": " "})["location"] == "Elm"
    assert fields(COUNCIL, **{**cells, "Address 2": "1 High Street"})["location"] == "1 High Street"
    either = replace(COUNCIL, columns={"date": ("Occurred", "Reported")})
    either = replace(either, required=(), key=())
    assert fields(either, Occurred="", Reported="2024-02-01")["date"] == "2024-02-01"
    assert fields(either, Occurred="2024-01-01", Reported="2024-02-01")["date"] == "2024-01-01"


def test_spaces_that_cannot_be_seen_are_taken_off() -> None:
    cells = {"Case ref": "\u00a0A1\u00a0", "Date": "\ufeff2024-01-01 ", "Details": "half\u00a0past"}
    read = fields(COUNCIL, **cells)
    assert (read["reference"], read["date"], read["note"]) == ("A1", "2024-01-01", "half past")


def test_a_row_keeps_what_it_says_of_itself_before_what_the_profile_says_of_all() -> None:
    profile = replace(
        COUNCIL, columns={**COUNCIL.columns, "kind": ("Kind",), "source_type": ("Source",)}, fixed={"kind": "incident"}
    )
    said = fields(profile, **{"Case ref": "A1", "Date": "", "Kind": "strength", "Source": "councillor"})
    unsaid = fields(profile, **{"Case ref": "A1", "Date": "", "Kind": " ", "Source": ""})
    assert (said["kind"], said["source_type"]) == ("strength", "councillor")
    assert (unsaid["kind"], unsaid["source_type"]) == ("incident", "resident")


def test_partners_words_become_codes_and_unknown_words_stay_for_the_checks() -> None:
    profile = replace(
        COUNCIL,
        columns={**COUNCIL.columns, "harm_types": ("Category",), "presence_only": ("Category",)},
        values={
            "harm_types": {"Noise": "noise_nuisance", "Youths gathering": "presence_only"},
            "presence_only": {"Youths gathering": "yes", "*": ""},
        },
    )

    def category(word: str) -> tuple[str, str]:
        read = fields(profile, **{"Case ref": "A1", "Date": "", "Category": word})
        return read["harm_types"], read["presence_only"]

    assert category(" NOISE ") == ("noise_nuisance", "")
    assert category("Youths gathering") == ("presence_only", "yes")
    assert category("Rough sleeping") == ("Rough sleeping", "")
    assert category("") == ("", "")


def test_several_words_in_one_cell_or_several_columns_become_a_list_of_codes() -> None:
    profile = Profile(
        "p",
        columns={"harm_types": ("Harm 1", "Harm 2")},
        values={"harm_types": {"Noise": "noise_nuisance", "Damage": "damage", "Smoking, drinking": "substance_use"}},
    )
    assert fields(profile, **{"Harm 1": "Noise; damage", "Harm 2": ""})["harm_types"] == "noise_nuisance; damage"
    assert fields(profile, **{"Harm 1": "Noise, Damage"})["harm_types"] == "noise_nuisance; damage"
    assert fields(profile, **{"Harm 1": "Smoking, drinking"})["harm_types"] == "substance_use"
    assert fields(profile, **{"Harm 1": "Noise", "Harm 2": "Damage"})["harm_types"] == "noise_nuisance; damage"
    assert fields(profile, **{"Harm 1": "Noise", "Harm 2": "Noise"})["harm_types"] == "noise_nuisance"
    assert fields(profile, **{"Harm 1": "Noise, loud"})["harm_types"] == "Noise, loud"


def test_a_word_that_means_nothing_is_blank() -> None:
    profile = Profile("p", columns={"location": ("Location",)}, values={"location": {"No location": ""}})
    assert fields(profile, Location="No Location")["location"] == ""
    assert fields(profile, Location="Mill Lane")["location"] == "Mill Lane"


def test_an_effort_session_has_no_source_or_agency() -> None:
    profile = Profile("patrols", record="effort", source_type="x", agency="y", columns={"date": ("Date",)})
    assert fields(profile, Date="2024-01-01") == {"date": "2024-01-01"}


def test_columns_about_people_are_not_read_and_are_named() -> None:
    columns = ["Case ref", "Date", "Complainant name", "Ward", "DOB", "Colour"]
    binding = bind_columns(COUNCIL, columns)
    assert binding.personal == ("Complainant name", "DOB")
    assert binding.unmapped == ("Ward", "Colour")


def test_the_first_of_equal_columns_is_bound() -> None:
    binding = bind_columns(COUNCIL, ["Case ref", "Date", "Case Ref"])
    assert binding.read_fields(Row(2, ("A1", "", "B1")))["reference"] == "A1"
    assert binding.unmapped == ("Case Ref",)


def test_a_row_with_text_beyond_its_last_column_is_an_issue_that_shows_none_of_it() -> None:
    binding = bind_columns(COUNCIL, ["Case ref", "Date"])
    assert binding.find_fault(Row(2, ("A1", "2024-01-01"))) is None
    fault = binding.find_fault(Row(3, ("A1", "1 High Street", "Elm", "loud")))
    assert fault is not None
    assert (fault.line, fault.severity, fault.code, fault.value) == (3, Severity.REJECT, "surplus_cells", "")
    assert "2 more cells" in fault.message


def test_a_missing_column_is_refused_with_what_was_found_and_what_would_fit() -> None:
    other = Profile("other", columns={"date": ("When",)}, required=("When",))
    with pytest.raises(RefusedInput) as refused:
        bind_columns(COUNCIL, ["When", "Date"], profiles={"council": COUNCIL, "other": other}, table="may.csv")
    assert str(refused.value) == (
        "may.csv: the columns do not fit the mapping council. Missing: Case ref. Found: When, Date. "
        "It would fit the mapping other."
    )


def test_a_table_with_none_of_the_columns_is_refused_though_none_is_required() -> None:
    with pytest.raises(RefusedInput, match="Choose another mapping"):
        bind_columns(replace(COUNCIL, required=()), ["a", "b"])


def test_a_file_is_recognised_by_its_heading_and_by_the_profile_that_reads_most_of_it() -> None:
    plain = Profile("plain", columns={"date": ("Date",)}, required=("Date",))
    profiles = {"plain": plain, "council": COUNCIL}
    assert recognise_profile(profiles, ["Case ref", "DATE", "Details"]) == COUNCIL
    assert recognise_profile(profiles, ["Date", "Ref"]) == plain
    assert recognise_profile(profiles, ["Ref"]) is None


def test_a_file_that_two_profiles_fit_equally_is_not_recognised() -> None:
    twin = replace(COUNCIL, name="twin")
    assert recognise_profile({"council": COUNCIL, "twin": twin}, ["Case ref", "Date"]) is None


def test_a_profile_without_required_columns_recognises_nothing() -> None:
    assert recognise_profile({"council": replace(COUNCIL, required=())}, ["Case ref", "Date"]) is None


def test_a_binding_says_what_it_is_bound_to() -> None:
    binding = bind_columns(COUNCIL, ["Case ref", "Date"])
    assert isinstance(binding, Binding)
    assert (binding.profile, binding.columns) == (COUNCIL, ("Case ref", "Date"))
