import codecs
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.errors import RefusedInput
from cs_geo.reports.reading import Limits, Row, read_tables, surplus_cells

OPEN = Limits(max_expansion_ratio=100, max_columns=200)


def read(path: Path, content: bytes | str, limits: Limits = OPEN) -> tuple[tuple[str, ...], list[Row]]:
    """Columns and rows of a text that holds one table."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    columns, rows = (), []
    for table in read_tables(path, limits=limits):
        columns, rows = table.columns, list(table.rows)
    return columns, rows


def refusal(path: Path, content: bytes | str, limits: Limits = OPEN) -> str:
    with pytest.raises(RefusedInput) as refused:
        read(path, content, limits)
    assert path.name in str(refused.value)
    return str(refused.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "reports.csv"


def test_a_plain_file_is_read_with_the_line_of_each_row(file: Path) -> None:
    columns, rows = read(file, "Date,Place\n2024-01-01,Elm Park\n2024-01-02,Mill Lane\n")
    assert columns == ("Date", "Place")
    assert rows == [Row(2, ("2024-01-01", "Elm Park")), Row(3, ("2024-01-02", "Mill Lane"))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_usual_delimiter_is_found_among_commas_in_addresses(file: Path, delimiter: str) -> None:
    lines = [["Date", "Address", "Note"]] + [
        [f"2024-01-0{day}", f'"{day} High Street, Elm"', "loud, late"] for day in "123"
    ]
    if delimiter == ",":
        lines = [[cell if cell.startswith('"') else f'"{cell}"' for cell in line] for line in lines]
    columns, rows = read(file, "\n".join(delimiter.join(line) for line in lines))
    assert columns == ("Date", "Address", "Note")
    assert rows[0].cells == ("2024-01-01", "1 High Street, Elm", "loud, late")


def test_a_line_in_which_excel_names_the_delimiter_is_obeyed_and_counted(file: Path) -> None:
    columns, rows = read(file, "sep=;\r\nDate;Place\r\n2024-01-01;Elm, Park\r\n")
    assert columns == ("Date", "Place")
    assert rows == [Row(3, ("2024-01-01", "Elm, Park"))]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("cp1252", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", codecs.BOM_UTF32_LE),
    ],
)
@pytest.mark.trust("C8", figure="right")
def test_each_usual_encoding_gives_the_same_text(file: Path, encoding: str, mark: bytes) -> None:
    text = "Date,Place\r\n2024-01-01,Café “Élan”\r\n2024-01-02,Mill Lane – north end\r\n"
    columns, rows = read(file, mark + text.encode(encoding))
    assert columns == ("Date", "Place")
    assert [row.cells[1] for row in rows] == ["Café “Élan”", "Mill Lane – north end"]


def test_a_file_that_changes_to_windows_1252_far_down_keeps_its_accents(file: Path) -> None:
    plain = b"Date,Place\n" + b"2024-01-01,Elm Park\n" * 20_000
    _, rows = read(file, plain + "2024-01-02,Café\n".encode("cp1252") + "2024-01-03,Café\n".encode())
    assert len(rows) == 20_002
    assert [row.cells[1] for row in rows[-2:]] == ["Café", "Café"]


def test_a_file_that_changes_from_windows_1252_to_utf_8_keeps_its_accents(file: Path) -> None:
    parts = ["Date,Place\n", "2024-01-02,Café – Élan\n"]
    _, rows = read(file, parts[0].encode() + parts[1].encode("cp1252") * 5_000 + parts[1].encode() * 5_000)
    assert {row.cells[1] for row in rows} == {"Café – Élan"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_counted_as_an_editor_counts_them(file: Path, end: str) -> None:
    _, rows = read(file, end.join(["Date,Place", "2024-01-01,Elm", "", "2024-01-02,Mill", ""]))
    assert [(row.line, row.cells[1]) for row in rows] == [(2, "Elm"), (4, "Mill")]


@pytest.mark.trust("C8", figure="0 rows lost")
def test_mixed_line_ends_lose_no_row(file: Path) -> None:
    _, rows = read(file, "Date,Place\r\n2024-01-01,a\n2024-01-02,b\r2024-01-03,c\r\n2024-01-04,d")
    assert [(row.line, row.cells[1]) for row in rows] == [(2, "a"), (3, "b"), (4, "c"), (5, "d")]


def test_line_ends_that_fall_between_two_blocks_are_not_counted_twice(file: Path) -> None:
    body = "".join(f"2024-01-01,{'x' * (number % 97)}\r\n" for number in range(20_000))
    _, rows = read(file, "Date,Place\r\n" + body)
    assert [row.line for row in rows] == list(range(2, 20_002))


def test_a_quoted_cell_over_several_lines_stands_at_its_first_line(file: Path) -> None:
    _, rows = read(file, 'Date,Note\n2024-01-01,"first\nsecond\nthird"\n2024-01-02,next\n')
    assert rows == [Row(2, ("2024-01-01", "first\nsecond\nthird")), Row(5, ("2024-01-02", "next"))]


def test_wholly_blank_rows_are_not_rows(file: Path) -> None:
    _, rows = read(file, "Date,Place\n\n  , \u00a0\n,,\n2024-01-01,Elm\n,\n")
    assert [row.line for row in rows] == [5]


def test_short_rows_are_filled_up_and_long_ones_keep_what_stands_beyond(file: Path) -> None:
    columns, rows = read(file, "Date,Place,Note\n2024-01-01\n2024-01-02,Elm,quiet,,\n2024-01-03,1 High St,Elm,loud\n")
    assert rows[0].cells == ("2024-01-01", "", "")
    assert rows[1].cells == ("2024-01-02", "Elm", "quiet")
    assert [surplus_cells(row, columns) for row in rows] == [0, 0, 1]
    assert rows[2].cells[-1] == "loud"


def test_spaces_after_a_delimiter_do_not_undo_the_quotation_marks(file: Path) -> None:
    _, rows = read(file, 'Date, Count, Place\n2024-01-01, "6,000", Elm\n')
    assert rows[0].cells == ("2024-01-01", "6,000", "Elm")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('Date,Note,Place\n2024-01-01,"never closed,Elm\n2024-01-02,fine,Mill\n', 2),
        ('Date,Note,Place\n2024-01-01,fine,Elm\n2024-01-02,"never closed,Elm\n2024-01-03,"quoted, text",Mill\n', 3),
        ('Date,Note,Place\n2024-01-01,"open,Elm\n2024-01-02,fine,Mill\n2024-01-03,"",Elm\n2024-01-04,x,y\n', 2),
        ('Date,Note,Place\n2024-01-01,"open,Elm\n2024-01-02,fine,Mill"\n2024-01-03,x,Elm\n', 2),
        ('Date,Note,Place\n2024-01-01,fine,"Elm', 2),
    ],
)
@pytest.mark.trust("C8", figure="refused in words")
def test_a_quotation_mark_that_is_not_closed_is_refused_with_its_line(file: Path, content: str, line: int) -> None:
    assert f"starts on line {line} is not closed" in refusal(file, content)


def test_an_unclosed_quotation_mark_does_not_swallow_a_long_file(file: Path) -> None:
    rows = "".join(f"2024-01-01,{number},Elm\n" for number in range(50_000))
    assert "starts on line 2 is not closed" in refusal(file, 'Date,Note,Place\n2024-01-01,"open,Elm\n' + rows)


def test_odd_quotation_marks_within_a_line_are_read_if_the_cells_still_add_up(file: Path) -> None:
    _, rows = read(file, 'Date,Place,Note\n2024-01-01,"Red" Lion,a 5" pipe\n2024-01-02,Elm,x\n')
    assert rows[0].cells == ("2024-01-01", "Red Lion", 'a 5" pipe')
    assert "line 2 do not pair up" in refusal(file, 'Date,Place,Note\n2024-01-01,"Red Lion,quiet"x\n2024-01-02,Elm,x\n')


@pytest.mark.trust("C8", figure="refused in words")
def test_a_cell_of_a_megabyte_is_refused_in_words(file: Path) -> None:
    assert "line 3 has a cell of more than" in refusal(file, f"Date,Note\n2024-01-01,a\n2024-01-02,{'x' * 1_000_000}\n")


def test_reading_does_not_change_the_field_limit_of_the_csv_module(file: Path) -> None:
    before = csv.field_size_limit()
    read(file, "Date,Note\n2024-01-01,a\n")
    assert csv.field_size_limit() == before


def test_a_line_without_end_is_refused(file: Path) -> None:
    assert "more than 4,194,304 characters" in refusal(file, "Date,Note\n" + "ab, " * 1_500_000)


@pytest.mark.parametrize("content", [b"", b"\n\n \r\n", codecs.BOM_UTF8, b"\xff\xfe"])
def test_an_empty_file_is_refused(file: Path, content: bytes) -> None:
    assert "empty" in refusal(file, content)


def test_a_file_of_delimiters_only_is_refused(file: Path) -> None:
    assert "no rows" in refusal(file, ",,,\n,,,\n")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"MZ\x90\x00\x03\x00\x00\x00\x04\x00" * 50, "Windows program"),
        (b"\x7fELF\x02\x01\x01\x00" * 50, "program"),
        (b"#!/bin/sh\necho hello\n", "script"),
        (b"%PDF-1.7\nobject stream", "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "picture"),
        (b"SQLite format 3\x00\x10\x00", "database"),
        (b"PAR1\x15\x04\x15\x00\x00", "Parquet"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "7-Zip"),
        (bytes(range(256)) * 8, "not text"),
        (b"<!DOCTYPE html><html><table><tr><td>Date</td></tr></table></html>", "web page"),
        (b"\xef\xbb\xbf\r\n<table border=1><tr><td>Date", "web page"),
        (b'<?xml version="1.0"?><FHRSEstablishment/>', "XML"),
        (b'{"type": "FeatureCollection", "features": []}', "JSON"),
        (b'[{"date": "2024-01-01"}]', "JSON"),
    ],
)
@pytest.mark.trust("C8", figure="refused in words")
def test_what_is_no_table_is_refused_by_what_it_is_and_not_by_its_name(file: Path, content: bytes, what: str) -> None:
    assert what in refusal(file, content)


def test_zero_bytes_far_down_are_refused(file: Path) -> None:
    assert "not text" in refusal(file, b"Date,Place\n" + b"2024-01-01,Elm\n" * 10_000 + b"2024-01-02,\x00\x00\n")


def test_utf_16_that_is_cut_in_the_middle_is_refused(file: Path) -> None:
    assert "breaks off" in refusal(file, ("Date,Place\n" + "2024-01-01,Elm\n" * 9_000).encode("utf-16")[:-1])


def test_text_under_a_name_of_excel_is_read_as_text(tmp_path: Path) -> None:
    columns, rows = read(tmp_path / "export.xls", "Date\tPlace\n2024-01-01\tElm\n")
    assert (columns, len(rows)) == (("Date", "Place"), 1)


def test_too_many_columns_are_refused_in_the_heading_and_in_a_row(file: Path) -> None:
    few = Limits(max_expansion_ratio=100, max_columns=5)
    assert "6 columns, and at most 5" in refusal(file, "a,b,c,d,e,f\n1,2,3,4,5,6\n", few)
    assert "line 3: 9 columns" in refusal(file, "a,b\n1,2\n1,2,3,4,5,6,7,8,9\n", few)
    columns, _ = read(file, "a,b,,,,,,,\n1,2,,,,,,,\n", few)
    assert columns == ("a", "b")


def test_limits_of_rows_and_bytes_hold_and_the_command_line_has_none(file: Path) -> None:
    content = "Date,Place\n" + "2024-01-01,Elm\n" * 1_000
    assert "more than 999 rows" in refusal(file, content, Limits(100, 200, max_rows=999))
    assert "MB once unpacked" in refusal(file, content, Limits(100, 200, max_bytes=10_000))
    assert len(read(file, content, Limits(100, 200, max_rows=1_000, max_bytes=20_000))[1]) == 1_000
    assert len(read(file, content)[1]) == 1_000


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "none.csv", "no such file"), (tmp_path, "not a file")):
        with pytest.raises(RefusedInput, match=why):
            list(read_tables(path, limits=OPEN))


def test_an_upload_goes_by_the_name_the_person_gave_it(file: Path) -> None:
    file.write_text("Date,Place\n2024-01-01,Elm\n")
    tables = [table.name for table in read_tables(file, limits=OPEN, name="my\x1b[31m reports.csv")]
    assert tables == ["my?[31m reports.csv"]


def test_rows_asked_for_too_late_are_an_error_and_not_an_empty_table(file: Path) -> None:
    file.write_text("Date,Place\n" + "2024-01-01,Elm\n" * 100_000)
    late = list(read_tables(file, limits=OPEN))
    with pytest.raises(RuntimeError, match="while its upload is open"):
        list(late[0].rows)


cell = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)


@given(st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=30), st.sampled_from(",;\t|"))
def test_whatever_was_written_as_csv_is_read_back_or_refused_without_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str
) -> None:
    file = tmp_path_factory.mktemp("csv") / "reports.csv"
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows([["Date", "Place", "Note"], *rows])
    try:
        columns, found = read(file, written.getvalue())
    except RefusedInput:
        return
    if columns == ("Date", "Place", "Note"):
        expected = [tuple(row) for row in rows if any(text.strip() for text in row)]
        assert [tuple(text.lstrip(" ") for text in row.cells) for row in found] == [
            tuple(text.lstrip(" ") for text in row) for row in expected
        ]


@given(st.binary(max_size=400))
@pytest.mark.trust("C8", figure="0 tracebacks")
def test_no_bytes_whatever_give_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("bytes") / "reports.csv"
    message = ""
    try:
        _, rows = read(file, content)
    except RefusedInput as refused:
        message = str(refused)
        rows = []
    assert file.name in message or all(any(cell.strip() for cell in row.cells) for row in rows)
