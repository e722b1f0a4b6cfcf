"""Files that break importers, read as they are or refused in words."""

from pathlib import Path

import pytest

from cs_geo.errors import RefusedInput
from cs_geo.reports.reading import Limits, Row, Table, read_tables, surplus_cells

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "messy"
PAGE = Limits(max_expansion_ratio=100, max_columns=200, max_bytes=200 * 1024**2, max_rows=1_000_000)

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the messy files are not beside the checkout"),
]


def read(name: str) -> list[tuple[Table, list[Row]]]:
    return [(table, list(table.rows)) for table in read_tables(FOLDER / name, limits=PAGE)]


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "heading_line", "heads", "rows", "first", "last"),
    [
        ("211.csv.gz", "utf-8", ",", 1, ("ResourceAgencyNum", "PublicName"), 2132, (2, "373463"), (2133, "373132")),
        ("characters.csv", "big5", ",", 1, ("id", "景點編號"), 382, (2, "v_1"), None),
        ("complex.csv", "utf-8", ",", 1, ("date", "another date"), 3, (2, "2011-01-01"), (4, "2011-01-03")),
        ("example.tsv", "utf-8", "\t", 1, ("hour", "expr1_0_imp"), 140, (2, "2012-06-22 00:00:00"), None),
        ("excel_pasting.csv", "utf-8", ",", 4, ("Year", "2000"), 16, (5, "Timber"), None),
        ("long.csv", "utf-8", ",", None, ("Column 1",), 4000, (1, "foo"), (4000, "foo")),
        ("null.csv", "utf-8", ",", None, ("Column 1", "Column 2"), 10, (1, "1"), (10, "10")),
        ("simple.psv", "utf-8", "|", 1, ("Year", "New dwellings"), 28, (2, "1986"), None),
        ("simple.ssv", "utf-8", ";", 1, ("date", "temperature"), 6, (2, "2011-01-01"), (7, "2011-01-03")),
        ("spanish_chars.csv", "cp1252", ",", 1, ("GF_ID", "FN_ID"), 115, (2, "1"), None),
        ("sparse_with_column_errors.csv", "cp1252", ",", 1, ("LP", "Bezeichnung"), 2200, (2, "A"), None),
        ("utf8bom.csv", "utf-8-sig", ",", 1, ("kitten", "win"), 0, None, None),
        ("weird_head_padding.csv", "utf-8", ";", 12, ("Column 1", "1985"), 76, None, None),
    ],
)
def test_a_messy_text_is_read_whole(
    name: str,
    encoding: str,
    delimiter: str,
    heading_line: int | None,
    heads: tuple[str, ...],
    rows: int,
    first: tuple[int, str] | None,
    last: tuple[int, str] | None,
) -> None:
    [(table, found)] = read(name)
    assert (table.encoding, table.delimiter, table.heading_line) == (encoding, delimiter, heading_line)
    assert table.columns[: len(heads)] == heads
    assert len(found) == rows
    if first:
        assert (found[0].line, found[0].cells[0]) == first
    if last:
        assert (found[-1].line, found[-1].cells[0]) == last


def test_no_row_that_is_not_blank_is_lost_in_a_text() -> None:
    # Files without a line break inside a cell, so that their lines can be counted without a reader.
    for name in ("sparse_with_column_errors.csv", "simple.psv", "example.tsv", "null.csv", "complex.csv"):
        [(table, rows)] = read(name)
        lines = (FOLDER / name).read_text(encoding="latin-1").splitlines()
        not_blank = [number for number, line in enumerate(lines, start=1) if line.strip(",;|\t \r\n")]
        assert [row.line for row in rows] == not_blank[0 if table.heading_line is None else 1 :], name


def test_accents_are_right_in_windows_files() -> None:
    [(spanish, _)] = read("spanish_chars.csv")
    [(_, german)] = read("sparse_with_column_errors.csv")
    assert spanish.columns[-1] == "Descripción"
    assert german[0].cells[1].startswith("Trägerorganisationen")


def test_rows_whose_cells_ran_over_are_kept_and_can_be_told() -> None:
    [(table, rows)] = read("sparse_with_column_errors.csv")
    assert sum(1 for row in rows if surplus_cells(row, table.columns)) == 12


def test_titles_above_a_heading_are_named_as_not_read() -> None:
    assert read("excel_pasting.csv")[0][0].skipped == ["excel_pasting.csv: 2 rows above the heading, not read"]
    assert read("weird_head_padding.csv")[0][0].skipped == [
        "weird_head_padding.csv: 6 rows above the heading, not read"
    ]


@pytest.mark.parametrize("name", ["simple.xls", "simple.xlsx"])
def test_a_simple_workbook_gives_iso_dates_and_whole_numbers(name: str) -> None:
    [(table, rows)] = read(name)
    assert (table.name, table.columns) == (f"{name}: simple.csv", ("date", "temperature", "place"))
    assert rows[0] == Row(2, ("2011-01-01", "1", "Galway"))
    assert len(rows) == 6


def test_a_blank_line_in_a_sheet_is_no_row_and_keeps_the_numbers_of_the_others() -> None:
    [(table, rows)] = read("blank_line.ods")
    assert table.columns == ("Name", "Age", "When")
    assert [row.line for row in rows] == [2, 3, 5]
    assert [row.cells[2] for row in rows] == ["2010-10-10", "2012-01-01", "2015-11-11"]


def test_a_notes_sheet_in_front_is_left_aside_and_both_tables_behind_it_are_read() -> None:
    tables = read("notes_sheet_first.xlsx")
    assert [table.name for table, _ in tables] == [
        "notes_sheet_first.xlsx: IMD 2019",
        "notes_sheet_first.xlsx: Population figures",
    ]
    assert [len(rows) for _, rows in tables] == [4835, 4835]
    assert [table.columns[0] for table, _ in tables] == ["LSOA code (2011)", "LSOA code (2011)"]
    assert tables[0][0].skipped == ["notes_sheet_first.xlsx: Notes: empty"]


def test_an_encrypted_and_an_empty_workbook_are_refused_in_words() -> None:
    with pytest.raises(RefusedInput, match="without a password"):
        read("encrypted_no_password.xls")
    with pytest.raises(RefusedInput, match="no sheet holds a table"):
        read("libreoffice.xlsx")


def test_every_messy_file_is_known_to_these_tests() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [path.name for path in FOLDER.iterdir() if path.name not in text] == []
