"""No cell that a spreadsheet would run leaves unguarded, and none that it would not run is touched."""

import csv
import io
import itertools

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.words.formulas import GUARD, guard_cell, guard_text, unguard_cell

SIGNS = ["=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "＝", "＋", "－", "＠", "\u2212"]
BEFORE = ["", " ", "\xa0", "\ufeff", "\u200b", "\u200c", "\u200d", "\u2060", "\x00", "'", '"', " \u200b'", "\t ", "''"]
FORMULAS = ["1+1", "cmd|' /C calc'!A0", 'HYPERLINK("//elsewhere.example","x")', "SUM(1)", "WEBSERVICE(A1)"]
NUMBERS = ["-0.1276", "51.5", "-12", "+44", "1e5", "-1.5E-7", "0"]
HARMLESS = [
    "High Street",
    "a = b",
    "24/7 shop",
    "St. Anne's",
    "5 + 5",
    "No. 3",
    "(north)",
    "路",
    "",
    "#tag",
    "a\nb",
    "Café",
]


@pytest.mark.trust("C4", figure="14 signs × 14 beginnings × 5 formulas, 0 unguarded")
def test_every_formula_is_guarded_whatever_stands_before_its_sign() -> None:
    for before, sign, formula in itertools.product(BEFORE, SIGNS, FORMULAS):
        cell = before + sign + formula
        assert guard_cell(cell) == GUARD + cell, ascii(cell)
        assert guard_text(cell).startswith(GUARD), ascii(cell)


@pytest.mark.trust("C4", figure="0 unguarded, any text")
@given(st.text())
def test_what_is_left_unguarded_begins_with_no_sign(text: str) -> None:
    if guard_cell(text) == text:
        seen = text.lstrip("".join(BEFORE))
        assert not seen.startswith(tuple(SIGNS))


@pytest.mark.trust("C5", figure="identical, any text")
@given(st.text())
def test_a_guard_put_is_a_guard_taken_away(text: str) -> None:
    assert unguard_cell(guard_cell(text)) == text
    assert unguard_cell(guard_text(text)) == text


@pytest.mark.trust("C5", figure="0 numbers and 0 ordinary words touched")
@pytest.mark.parametrize("text", [*NUMBERS, *HARMLESS])
def test_numbers_and_ordinary_words_stay_as_they_are(text: str) -> None:
    assert guard_text(text) == text


@pytest.mark.trust("C4", figure="0 formulas in a workbook made of a guarded CSV")
def test_a_spreadsheet_that_opens_a_guarded_file_finds_text() -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([[guard_cell(sign + formula)] for sign in SIGNS for formula in FORMULAS])
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(stream.getvalue())):
        book.active.append(row)
    assert {cell.data_type for (cell,) in book.active.iter_rows()} == {"s"}
