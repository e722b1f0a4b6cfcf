"""Rejected rows go back to be mended: what makes them the same record stays, what tells of a person does not."""

import pytest

from cs_geo.reports.columns import Profile, bind_columns
from cs_geo.reports.rejected_rows import find_masked_key, key_parts, mendable_cells
from cs_geo.reports.tabular import Row

PROFILE = Profile(
    "sheet",
    columns={
        "reference": ("Ref",),
        "date": ("Day",),
        "location": ("Where",),
        "longitude": ("Long",),
        "grid_reference": ("Grid",),
        "note": ("Notes",),
    },
    key=("reference",),
)


def kept(*cells: str, profile: Profile = PROFILE, columns: tuple[str, ...] = ()) -> dict[str, str]:
    heads = columns or ("Ref", "Day", "Where", "Long", "Grid", "Notes")
    return dict(mendable_cells(bind_columns(profile, heads), Row(2, cells)))


@pytest.mark.parametrize("key", ["01234567890", "AB12CDE", "9434765919", "07700 900123", " 12/2024 "])
def test_a_key_comes_back_as_it_was_given_whatever_it_looks_like(key: str) -> None:
    assert kept(key, "31/02/2024", "", "", "", "")["Ref"] == key


def test_coordinates_come_back_as_they_were_given() -> None:
    cells = kept("", "", "", "0.493124787", "SJ0345690123", "")
    assert (cells["Long"], cells["Grid"]) == ("0.493124787", "SJ0345690123")


def test_what_is_no_coordinate_is_masked_in_a_coordinate_s_column() -> None:
    assert kept("", "", "", "07700 900123", "", "")["Long"] == "[phone removed]"


def test_free_text_comes_back_as_it_would_be_stored() -> None:
    cells = kept("1", "", "14 Elm Street, ring 07700 900123", "", "", "lives at 14, AB12 CDE")
    assert cells["Where"] == "14 Elm Street, ring [phone removed]"
    assert cells["Notes"] == "lives at [house number removed], [plate removed]"


def test_a_column_that_is_not_read_is_masked_and_one_about_a_person_left_out() -> None:
    cells = kept("1", "07700 900123", "Anon", columns=("Ref", "Remarks of the desk", "Pupil name"))
    assert cells == {"Ref": "1", "Remarks of the desk": "[phone removed]"}


def test_a_key_whose_head_says_that_it_describes_a_person_is_masked() -> None:
    by_phone = Profile("sheet", columns={"reference": ("Phone",), "date": ("Day",)}, key=("reference",))
    cells = kept("07700 900123", "31/02/2024", profile=by_phone, columns=("Phone", "Day"))
    assert cells["Phone"] == "[phone removed]"


def test_in_a_row_whose_values_have_moved_a_key_of_several_words_is_masked() -> None:
    cells = kept("ring 07700 900123", "", "", "", "", "", "surplus 07700 900123")
    assert cells["Ref"] == "ring [phone removed]"
    assert cells["beyond the heading 1"] == "surplus [phone removed]"
    assert kept("01234567890", "", "", "", "", "", "surplus")["Ref"] == "01234567890"


def test_a_masked_key_is_a_fault_because_it_would_make_another_record() -> None:
    fault = find_masked_key(PROFILE, 2, {"reference": "[phone removed]"})
    assert fault is not None
    assert (fault.line, fault.column, fault.code) == (2, "reference", "key_removed")
    assert find_masked_key(PROFILE, 2, {"reference": "01234567890", "note": "[phone removed]"}) is None


def test_free_text_is_part_of_a_key_as_it_is_stored() -> None:
    profile = Profile("sheet", columns={"location": ("Where",)}, key=("reference", "location"))
    given = {"reference": "01234567890", "location": "14 Elm Street, 07700 900123"}
    assert key_parts(profile, given) == ["01234567890", "14 Elm Street, [phone removed]"]
    assert key_parts(profile, given | {"location": "14 Elm Street, [phone removed]"}) == key_parts(profile, given)
    assert find_masked_key(profile, 2, {"location": "[phone removed]"}) is None
