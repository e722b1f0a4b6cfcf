import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.reports.columns import bind_columns
from cs_geo.reports.guessing import Guess, guess_profile
from cs_geo.reports.personal import looks_personal
from cs_geo.reports.profiles import verify_profile
from cs_geo.reports.tabular import Row

SHEET = (
    "Ref No.; Date of Incident (DD/MM/YYYY); Time; Address Line 1; Address Line 2; Town; Post Code; "
    "Type of ASB; Details; Date Reported; Date Closed; Complainant Name; Mobile"
)
OF_PERSONS = (
    "Name; Surname; First names; Complainant Name; YP name; Child; Victim DOB; Suspect 2; D.O.B.; Age; "
    "Age of child; Date of birth; Telephone; e-mail; E-Mail address; Mobile No; Contact details; NHS No; UPN; "
    "Number plate; Vehicle reg; Registration; Ethnicity; Ethnic group; Religion; Gender; Disability; "
    "Reported by; Reporter; Officer; Staff names; Home address; Complainant Postcode; School attended; "
    "Year group; Instagram handle; Known associates; Photo; Care status; Physical description; Client ID; "
    "Young person (initials); Parent’s address; Name of child; Who was involved; National Insurance number"
)
OF_PLACES = (
    "Street name; LSOA name; Location; Ward; Place name; Name of street; School name; Site Name; Building; "
    "Young people; Number of young people; Age band; No. of staff; Staff hours; Reporter type; Caller type; "
    "Reported by (agency); Date reported; Category; Postcode; Address; Crime type; Crime ID; Falls within; "
    "What happened; Description; Notes; Details; Reference; Source; Who causes harm; Referral made; "
    "Sexual harassment; What helped; Outcome; Time; Subject; Session reference; Contacts; House number"
)


def guess(columns: list[str], *rows: list[str]) -> Guess:
    return guess_profile(columns, [Row(line, tuple(cells)) for line, cells in enumerate(rows, start=2)])


def test_a_usual_council_sheet_is_guessed_whole() -> None:
    found = guess(
        SHEET.split("; "),
        ["1", "13/02/2024", "10:00", "1 High St", "", "Elm", "EM1 2AB", "Noise", "x", "14/02/2024", "", "N", "07"],
    )
    assert found.profile.columns == {
        "reference": ("Ref No.",),
        "date": ("Date of Incident (DD/MM/YYYY)",),
        "time": ("Time",),
        "reported_on": ("Date Reported",),
        "location": ("Address Line 1", "Address Line 2"),
        "locality": ("Town",),
        "postcode": ("Post Code",),
        "harm_types": ("Type of ASB",),
        "note": ("Details",),
    }
    assert found.profile.key == ("reference",)
    assert found.unmapped == ("Date Closed",)
    assert found.personal == ("Complainant Name", "Mobile")


def test_a_guess_says_how_sure_it_is_and_why() -> None:
    found = guess(
        ["Incident Date", "Locaton", "Column 3"], ["01/02/2024", "Elm", "EM1 2AB"], ["02/02/2024", "Elm", "EM1 3AB"]
    )
    assert (found.reasons["date"].confidence, found.reasons["date"].why) == (1.0, "the head says so")
    assert 0.75 < found.reasons["location"].confidence < 1.0
    assert found.reasons["postcode"].columns == ("Column 3",)
    assert found.reasons["postcode"].why == "the values are postcodes"


def test_swapped_latitude_and_longitude_are_taken_by_their_heads() -> None:
    found = guess(["Latitude", "Longitude"], ["-2.9123", "53.4123"], ["-2.9124", "53.4124"])
    assert found.profile.columns == {"longitude": ("Longitude",), "latitude": ("Latitude",)}


def test_vague_heads_are_read_by_the_values_under_them() -> None:
    degrees = guess(["X", "Y"], ["-2.9123", "53.4123"], ["-2.9124", "53.4124"])
    metres = guess(["X", "Y"], ["345678", "398765"], ["345679", "398766"])
    grid = guess(["a", "b"], ["SJ 345 987", "2024-01-01"], ["SJ34569876", "2024-01-02"])
    assert degrees.profile.columns == {"longitude": ("X",), "latitude": ("Y",)}
    assert metres.profile.columns == {"easting": ("X",), "northing": ("Y",)}
    assert grid.profile.columns == {"date": ("b",), "grid_reference": ("a",)}


def test_half_a_pair_of_coordinates_and_numbers_of_something_else_are_no_coordinates() -> None:
    assert guess(["Rate"], ["0.1234"], ["1.2345"]).profile.columns == {}
    assert guess(["Population", "Households"], ["345678", "198765"], ["345679", "198766"]).profile.columns == {}


def test_the_order_of_day_and_month_is_seen_where_it_can_be() -> None:
    assert guess(["Date"], ["13/02/2024"], ["01/02/2024"]).profile.date_order == "dmy"
    assert guess(["Date"], ["02/13/2024"], ["01/02/2024"]).profile.date_order == "mdy"
    assert guess(["Date"], ["01/02/2024"]).profile.date_order == "dmy"
    assert guess(["Date"], ["2024-02-13"]).profile.date_order == "dmy"


def test_joined_heads_are_what_their_last_word_says() -> None:
    found = guess(["Where Street", "Where Postcode", "When Date", "When Time", "Complainant Address"])
    assert found.profile.columns == {
        "date": ("When Date",),
        "time": ("When Time",),
        "location": ("Where Street",),
        "postcode": ("Where Postcode",),
    }
    assert found.personal == ("Complainant Address",)


def test_sessions_are_guessed_as_effort_and_a_count_of_staff_is_no_person() -> None:
    found = guess(
        ["Date", "Start", "Finish", "Staff", "Route", "Young people met"],
        ["01/02/2024", "18:00", "20:00", "2", "High Street", "5"],
        ["02/02/2024", "18:00", "20:00", "3", "High Street", "0"],
    )
    assert found.profile.record == "effort"
    assert found.profile.columns["staff_count"] == ("Staff",)
    assert found.profile.fixed == {}
    assert found.personal == ()


def test_columns_with_telephone_numbers_or_addresses_of_mail_are_not_read_whatever_their_head() -> None:
    rows = [["a.b@elm.example", "07700 900123", "AB12 CDE", "x"], ["c@elm.example", "01632 960123", "CD34 EFG", "y"]]
    found = guess(["Note", "Location", "Details", "Comments"], *rows)
    assert found.personal == ("Note", "Location", "Details")
    assert found.profile.columns == {"note": ("Comments",)}


def test_a_guess_can_be_saved_and_bound_and_is_recognised_by_the_columns_it_reads() -> None:
    columns = ["Ref", "Date", "Place", "Colour"]
    found = guess(columns, ["A1", "01/02/2024", "Elm Park", "red"])
    verify_profile(found.profile)
    read = bind_columns(found.profile, columns).read_fields(Row(2, ("A1", "01/02/2024", "Elm Park", "red")))
    assert (read["reference"], read["date"], read["place"], read["kind"]) == (
        "A1",
        "01/02/2024",
        "Elm Park",
        "incident",
    )
    assert set(found.profile.required) == {"Ref", "Date", "Place"}


heads = st.text(max_size=20) | st.sampled_from(["Date", "Latitude", "X", "Address", "Name", "Postcode", "Type"])


@given(
    st.lists(heads, max_size=8, unique=True),
    st.lists(st.lists(st.text(max_size=12), min_size=8, max_size=8), max_size=4),
)
def test_every_column_is_mapped_unmapped_or_personal(columns: list[str], rows: list[list[str]]) -> None:
    found = guess(columns, *rows)
    mapped = [column for names in found.profile.columns.values() for column in names]
    assert sorted([*mapped, *found.unmapped, *found.personal]) == sorted(columns)


@pytest.mark.parametrize("column", OF_PERSONS.split("; "))
def test_columns_that_describe_a_person_are_told_by_their_heads(column: str) -> None:
    assert looks_personal(column)


@pytest.mark.parametrize("column", OF_PLACES.split("; "))
def test_columns_that_describe_a_place_or_an_event_are_read(column: str) -> None:
    assert not looks_personal(column)
