import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.reports.heads import Heading, distinct_names, find_heading

DATA = ["A1", "2024-01-01", "EM1 2AB", "loud"]


def heading(*rows: list[str]) -> Heading:
    return find_heading(list(enumerate(rows, start=1)))


def test_a_heading_on_the_first_line_is_taken_as_it_stands() -> None:
    found = heading(["Ref", "Date", "Postcode", "Note"], DATA, DATA)
    assert (found.columns, found.line, found.first_data, found.above) == (("Ref", "Date", "Postcode", "Note"), 1, 1, 0)


def test_titles_and_filters_above_the_heading_are_passed_over_and_counted() -> None:
    found = heading(
        ["Antisocial behaviour, third quarter", "", "", ""],
        ["Ward:", "Elm", "", ""],
        ["Ref", "Date", "Postcode", "Note"],
        DATA,
        DATA,
    )
    assert (found.columns, found.line, found.above) == (("Ref", "Date", "Postcode", "Note"), 3, 2)


def test_a_protective_marking_above_the_heading_is_no_group() -> None:
    found = heading(["Elm Borough", "", "", "OFFICIAL – SENSITIVE"], ["Ref", "Date", "Postcode", "Note"], DATA, DATA)
    assert found.columns == ("Ref", "Date", "Postcode", "Note")


def test_heads_merged_across_columns_are_joined_to_those_below() -> None:
    found = heading(
        ["Where", "", "When", ""], ["Street", "Postcode", "Date", "Time"], ["Elm Rd", "EM1 2AB", "1/2/24", "9:00"]
    )
    assert found.columns == ("Where Street", "Where Postcode", "When Date", "When Time")
    assert (found.line, found.first_data, found.above) == (2, 2, 0)


def test_heads_merged_down_two_rows_are_joined_whichever_row_holds_more() -> None:
    upper = heading(
        ["Ref", "Type", "Where", "", "Note"], ["", "", "Street", "Postcode", ""], [*DATA, "x"], [*DATA, "y"]
    )
    lower = heading(["Ref", "Where", "", "When", ""], ["", "Street", "Postcode", "Date", "Time"], [*DATA, "9:00"])
    assert upper.columns == ("Ref", "Type", "Where Street", "Where Postcode", "Note")
    assert upper.first_data == 2
    assert lower.columns == ("Ref", "Where Street", "Where Postcode", "When Date", "When Time")


def test_a_first_row_of_words_under_the_heading_is_data_and_not_a_second_heading() -> None:
    found = heading(
        ["", "2019", "2020", "2021"], ["Fights", "", "", ""], ["Noise", "3", "4", "5"], ["Damage", "1", "2", "3"]
    )
    assert (found.columns, found.first_data) == (("Column 1", "2019", "2020", "2021"), 1)


def test_years_and_bands_may_be_heads() -> None:
    assert heading(["Ward", "2019", "2020"], ["Elm", "3", "4"]).columns == ("Ward", "2019", "2020")
    rows = [["Elm", "12", "3", "4", "5"]] * 3
    assert heading(["Ward", "Reports", "Days", "0-15", "16-24"], *rows).columns[3:] == ("0-15", "16-24")


def test_a_table_without_heading_loses_no_row() -> None:
    found = heading(DATA, DATA[::-1], DATA)
    assert (found.columns, found.line, found.first_data) == (("Column 1", "Column 2", "Column 3", "Column 4"), None, 0)
    assert heading(["foo"], ["foo"], ["foo"]).first_data == 0


def test_a_stray_cell_far_right_does_not_hide_the_heading() -> None:
    found = heading(["Ref", "Date", "Postcode", "Note"], DATA, [*DATA, "", "", "moved on"], DATA)
    assert (found.columns, found.line) == (("Ref", "Date", "Postcode", "Note"), 1)


def test_a_column_without_head_is_kept_when_data_stand_in_it() -> None:
    found = heading(["Ref", "Date", "Postcode", "Note", "", ""], [*DATA, "x", ""], [*DATA, "", ""])
    assert found.columns == ("Ref", "Date", "Postcode", "Note", "Column 5")


def test_a_heading_alone_is_a_heading() -> None:
    assert heading(["kitten", "win"]) == Heading(("kitten", "win"), 1, 1)


def test_heads_lose_their_line_breaks_and_invisible_spaces() -> None:
    assert heading(["\ufeffRef\u00a0no", "Date\nof incident "], ["1", "2024-01-01"]).columns == (
        "Ref no",
        "Date of incident",
    )


def test_equal_heads_are_told_apart_and_take_no_name_that_is_written() -> None:
    names = distinct_names(["Address", "address", "", "Address (2)", "Address"])
    assert names == ("Address", "address (3)", "Column 3", "Address (2)", "Address (4)")


@given(st.lists(st.text(max_size=6), max_size=12))
def test_names_of_columns_are_always_different(labels: list[str]) -> None:
    names = distinct_names(labels)
    assert len(names) == len(labels)
    assert len({name.casefold() for name in names}) == len(names)


@given(st.lists(st.lists(st.text(max_size=5), min_size=1, max_size=6).filter(any), min_size=1, max_size=12))
def test_every_row_is_above_the_heading_or_in_it_or_data(rows: list[list[str]]) -> None:
    found = heading(*rows)
    assert 0 <= found.above <= found.first_data <= len(rows)
    assert found.first_data - found.above in {0, 1, 2}
    assert (found.line is None) == (found.first_data == 0)


@pytest.mark.parametrize("first", ["No", "#", "URN"])
def test_short_words_for_a_reference_are_heads(first: str) -> None:
    assert heading([first, "Date", "Place"], ["1", "2024-01-01", "Elm"]).columns == (first, "Date", "Place")
