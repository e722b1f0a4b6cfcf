import datetime
import zipfile
from collections.abc import Callable
from pathlib import Path

import odf.opendocument
import odf.table
import odf.text
import openpyxl
import pytest
import xlsxwriter
import xlwt

from cs_geo.errors import RefusedInput
from cs_geo.reports import reading_sheets
from cs_geo.reports.reading import Limits, Row, Table, read_tables
from cs_geo.reports.sheet_worker import cell_text, number_text

OPEN = Limits(max_expansion_ratio=100, max_columns=200)
PAGE = Limits(100, 200, max_bytes=200 * 1024**2, max_rows=1_000_000)
Sheets = dict[str, list[list[object]]]
REPORTS: list[list[object]] = [["Ref", "Date", "Place"], ["A1", "2024-01-01", "Elm"], ["A2", "2024-01-02", "Mill"]]


def read(path: Path, limits: Limits = OPEN) -> list[tuple[Table, list[Row]]]:
    return [(table, list(table.rows)) for table in read_tables(path, limits=limits)]


def refusal(path: Path, limits: Limits = OPEN) -> str:
    with pytest.raises(RefusedInput) as refused:
        read(path, limits)
    assert path.name in str(refused.value)
    return str(refused.value)


def write_xlsx(path: Path, sheets: Sheets) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def write_xls(path: Path, sheets: Sheets) -> Path:
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for number, row in enumerate(rows):
            for position, value in enumerate(row):
                sheet.write(number, position, value)
    book.save(str(path))
    return path


def write_ods(path: Path, sheets: Sheets) -> Path:
    book = odf.opendocument.OpenDocumentSpreadsheet()
    for name, rows in sheets.items():
        sheet = odf.table.Table(name=name)
        for row in rows:
            line = odf.table.TableRow()
            for value in row:
                cell = odf.table.TableCell(valuetype="string")
                cell.addElement(odf.text.P(text=str(value)))
                line.addElement(cell)
            sheet.addElement(line)
        book.spreadsheet.addElement(sheet)
    book.save(str(path))
    return path


@pytest.mark.parametrize(("ending", "write"), [("xlsx", write_xlsx), ("xls", write_xls), ("ods", write_ods)])
def test_each_kind_of_workbook_gives_the_same_rows(
    tmp_path: Path, ending: str, write: Callable[[Path, Sheets], Path]
) -> None:
    [(table, rows)] = read(write(tmp_path / f"book.{ending}", {"Reports": REPORTS}))
    assert table.name == f"book.{ending}: Reports"
    assert table.columns == ("Ref", "Date", "Place")
    assert rows == [Row(2, ("A1", "2024-01-01", "Elm")), Row(3, ("A2", "2024-01-02", "Mill"))]


def test_a_workbook_under_another_name_is_read_by_what_it_is(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "book.xlsx", {"Reports": REPORTS}).rename(tmp_path / "book.csv")
    assert len(read(path)[0][1]) == 2


def test_notes_empty_and_hidden_sheets_are_left_aside_and_named(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "book.xlsx",
        {
            "Notes": [["Field", "Meaning"], ["Ref", "Our number"]],
            "About": [["Extract of the register."], ["Ask the team."]],
            "Reports": REPORTS,
            "Old": REPORTS,
            "Sheet4": [],
            "Form": [["Ref", "Date", "Place"]],
        },
    )
    book = openpyxl.load_workbook(path)
    book["Old"].sheet_state = "hidden"
    book.save(path)
    [(table, rows)] = read(path)
    assert (table.name, len(rows)) == ("book.xlsx: Reports", 2)
    assert table.skipped == [
        "book.xlsx: Notes: notes, not read",
        "book.xlsx: About: no table, not read",
        "book.xlsx: Old: hidden, not read",
        "book.xlsx: Sheet4: empty",
        "book.xlsx: Form: a heading without rows",
    ]


def test_several_sheets_with_tables_are_several_tables_of_one_file(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "book.xlsx", {"Notes": [["Ref", "Our number"]], "May": REPORTS, "June": REPORTS[:2]})
    assert [table.continues for table, _ in read(path)] == [False, True]
    assert [(table.name, len(rows)) for table, rows in read(path)] == [("book.xlsx: May", 2), ("book.xlsx: June", 1)]


def test_a_sheet_that_is_not_read_to_its_end_does_not_disturb_the_next(tmp_path: Path) -> None:
    many = [["Ref", "Date"], *([str(number), "2024-01-01"] for number in range(5_000))]
    path = write_xlsx(tmp_path / "book.xlsx", {"May": many, "June": REPORTS})
    first_rows = [next(table.rows).cells[0] for table in read_tables(path, limits=OPEN)]
    assert first_rows == ["0", "A1"]


def test_the_only_sheet_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    [(table, rows)] = read(write_xlsx(tmp_path / "book.xlsx", {"Notes": [["Place"], ["Elm"]]}))
    assert (table.columns, len(rows)) == (("Place",), 1)


def test_a_workbook_without_a_table_is_refused_with_the_reasons(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "book.xlsx", {"Notes": [["Ask the team."]], "Sheet2": []})
    assert "Notes: notes, not read; book.xlsx: Sheet2: empty" in refusal(path)


def test_a_table_that_starts_in_the_middle_of_a_sheet_keeps_its_row_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B2"] = "Reports of the third quarter"
    for row, values in enumerate([["Ref", "Date"], ["A1", "2024-01-01"], [None, None], ["A2", "2024-01-02"]], start=5):
        for column, value in enumerate(values, start=2):
            sheet.cell(row, column, value)
    book.save(tmp_path / "book.xlsx")
    [(table, rows)] = read(tmp_path / "book.xlsx")
    assert table.columns == ("Ref", "Date")
    assert rows == [Row(6, ("A1", "2024-01-01")), Row(8, ("A2", "2024-01-02"))]
    assert table.heading_line == 5


def test_heads_merged_in_a_sheet_are_joined(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for values in (["Ref", "Where", None, "When", None], [None, "Street", "Postcode", "Date", "Time"]):
        sheet.append(values)
    sheet.append(["A1", "Elm Road", "EM1 2AB", datetime.date(2024, 1, 1), datetime.time(15, 30)])
    for merged in ("A1:A2", "B1:C1", "D1:E1"):
        sheet.merge_cells(merged)
    book.save(tmp_path / "book.xlsx")
    [(table, rows)] = read(tmp_path / "book.xlsx")
    assert table.columns == ("Ref", "Where Street", "Where Postcode", "When Date", "When Time")
    assert rows == [Row(3, ("A1", "Elm Road", "EM1 2AB", "2024-01-01", "15:30"))]


def test_values_are_written_as_a_person_would_write_them(tmp_path: Path) -> None:
    values = {
        "whole": (7.0, "7"),
        "zero": (0, "0"),
        "below": (-3.0, "-3"),
        "degrees": (-2.804451, "-2.804451"),
        "fraction": (0.1 + 0.2, "0.3"),
        "tiny": (0.0000001234, "0.0000001234"),
        "long": (123456789012, "123456789012"),
        "day": (datetime.date(2024, 3, 1), "2024-03-01"),
        "moment": (datetime.datetime(2024, 3, 1, 13, 45), "2024-03-01T13:45"),
        "second": (datetime.datetime(2024, 3, 1, 13, 45, 30), "2024-03-01T13:45:30"),
        "clock": (datetime.time(9, 5), "09:05"),
        "hours": (datetime.timedelta(hours=26, minutes=30), "26:30"),
        "yes": (True, "yes"),
        "no": (False, "no"),
        "zeros kept": ("00123", "00123"),
        "text": ("Elm Park", "Elm Park"),
    }
    heads, cells = [*values, "last"], [*(value for value, _ in values.values()), "x"]
    [(table, rows)] = read(write_xlsx(tmp_path / "book.xlsx", {"Reports": [heads, cells]}))
    assert dict(zip(table.columns, rows[0].cells, strict=True)) == {
        **{head: text for head, (_, text) in values.items()},
        "last": "x",
    }


def test_a_moment_that_a_sheet_rounded_down_is_the_minute_that_was_meant() -> None:
    assert cell_text(datetime.datetime(2024, 3, 1, 13, 44, 59, 999_500)) == "2024-03-01T13:45"
    assert cell_text(datetime.datetime(2024, 2, 29, 23, 59, 59, 999_999)) == "2024-03-01T00:00"
    assert cell_text(datetime.timedelta(minutes=-90)) == "-01:30"


@pytest.mark.parametrize(
    ("number", "text"),
    [(1e22, "10000000000000000000000"), (-1e-9, "-0.000000001"), (float("nan"), ""), (float("inf"), ""), (-0.0, "0")],
)
def test_no_number_is_written_in_scientific_notation(number: float, text: str) -> None:
    assert number_text(number) == text


@pytest.mark.trust("C6", figure="refused")
def test_one_cell_in_the_last_corner_is_refused_and_takes_no_memory(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "corner.xlsx")
    sheet = book.add_worksheet()
    sheet.write(0, 0, "Date")
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    assert "too large or not well formed" in refusal(tmp_path / "corner.xlsx", OPEN)


def test_too_many_columns_are_refused_but_blank_ones_do_not_count(tmp_path: Path) -> None:
    wide = write_xlsx(tmp_path / "wide.xlsx", {"S": [[f"c{n}" for n in range(201)], list(range(201))]})
    assert "201 columns, and at most 200" in refusal(wide)
    far = write_xlsx(tmp_path / "far.xlsx", {"S": [*REPORTS, *[["A", "B", "C"]] * 100, [*[""] * 300, "x"]]})
    assert "row 104: 301 columns" in refusal(far)
    blank = write_xlsx(tmp_path / "blank.xlsx", {"S": [[*REPORTS[0], *[" "] * 300], *REPORTS[1:]]})
    assert len(read(blank)[0][0].columns) == 3


@pytest.mark.trust("C6", figure="refused before parsing")
def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "bomb.xlsx", {"Reports": REPORTS})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/large.bin", bytes(30_000_000))
    assert "more than 100 times its size" in refusal(path)
    assert "MB once unpacked" in refusal(path, Limits(10_000, 200, max_bytes=20_000_000))


@pytest.fixture(scope="module")
def long_sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three million cells: what takes the child memory and time."""
    path = write_xlsx(tmp_path_factory.mktemp("long") / "long.xlsx", {"Reports": REPORTS})
    cells = "".join(f"<c><v>{number}</v></c>" for number in range(20))
    rows = "".join(f'<row r="{number}">{cells}</row>' for number in range(4, 150_004))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = next(name for name in parts if name.startswith("xl/worksheets/"))
    parts[sheet] = parts[sheet].replace(b"</sheetData>", rows.encode() + b"</sheetData>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(("limit", "least"), [("PAGE_MEMORY", 110 * 1024**2), ("PAGE_SECONDS", 1)])
@pytest.mark.trust("C6", figure="the child is ended at its limit of memory and of time, and the file refused in words")
def test_a_child_that_takes_more_than_it_may_is_ended_and_the_file_refused(
    long_sheet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, least: int
) -> None:
    monkeypatch.setattr(reading_sheets, limit, least)
    loose = Limits(10_000, 200, max_bytes=200 * 1024**2, max_rows=1_000_000)
    small = write_xlsx(tmp_path / "small.xlsx", {"Reports": REPORTS})
    assert len(read(small, loose)[0][1]) == 2
    assert "reading it was stopped" in refusal(long_sheet, loose)


@pytest.mark.trust("C6", figure="1 GiB and 60 s for an upload by page")
def test_the_limits_of_the_child_are_those_that_are_written_down() -> None:
    assert (reading_sheets.PAGE_MEMORY, reading_sheets.PAGE_SECONDS) == (1024**3, 60)


def test_bytes_of_several_workbooks_of_one_archive_count_together(tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "book.xlsx", {"Reports": REPORTS})
    with zipfile.ZipFile(book) as parts:
        unpacked = sum(part.file_size for part in parts.infolist())
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.write(book, "a.xlsx")
        archive.write(book, "b.xlsx")
    packed = 2 * book.stat().st_size
    assert "b.xlsx: more than" in refusal(tmp_path / "two.zip", Limits(100, 200, max_bytes=packed + unpacked + 1_000))
    assert len(read(tmp_path / "two.zip", Limits(100, 200, max_bytes=packed + 2 * unpacked))) == 2


def test_rows_asked_for_when_the_workbook_is_closed_are_an_error(tmp_path: Path) -> None:
    many = [["Ref", "Date"], *([str(number), "2024-01-01"] for number in range(5_000))]
    late = list(read_tables(write_xlsx(tmp_path / "book.xlsx", {"May": many, "June": many}), limits=OPEN))
    with pytest.raises(RuntimeError, match="while its upload is open"):
        list(late[1].rows)


def test_rows_of_all_sheets_count_towards_the_limit(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "book.xlsx", {"May": REPORTS, "June": REPORTS})
    assert "more than 3 rows" in refusal(path, Limits(100, 200, max_rows=3))
    assert len(read(path, Limits(100, 200, max_rows=4))) == 2


def edited(path: Path, member: str, change: Callable[[str], str]) -> Path:
    """The same zipped workbook with one part changed."""
    result = path.with_name(f"edited-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()).encode() if name == member else content)
    return result


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)) + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a9 SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE])
@pytest.mark.trust("C7", figure="0 expanded, 0 fetched")
def test_entities_are_neither_expanded_nor_fetched(tmp_path: Path, doctype: str) -> None:
    def plant(text: str) -> str:
        return (text.replace("?>", f"?>{doctype}", 1) if "?>" in text else doctype + text).replace("Elm", "&a9;")

    sheets = {"Reports": REPORTS}
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    sheet = book.add_worksheet("Reports")
    for number, row in enumerate(REPORTS):
        sheet.write_row(number, 0, row)
    book.close()
    for path in (
        edited(tmp_path / "book.xlsx", "xl/sharedStrings.xml", plant),
        edited(write_ods(tmp_path / "book.ods", sheets), "content.xml", plant),
    ):
        try:
            cells = [cell for _, rows in read(path, PAGE) for row in rows for cell in row.cells]
        except RefusedInput:
            continue
        assert max(map(len, cells)) < 20


def test_broken_workbooks_are_refused(tmp_path: Path) -> None:
    whole = write_xlsx(tmp_path / "whole.xlsx", {"Reports": REPORTS}).read_bytes()
    for name, content in {
        "cut.xlsx": whole[: len(whole) // 2],
        "cut.xls": write_xls(tmp_path / "whole.xls", {"Reports": REPORTS}).read_bytes()[:600],
    }.items():
        (tmp_path / name).write_bytes(content)
        assert "damaged" in refusal(tmp_path / name)
    assert "cannot be opened" in refusal(
        edited(tmp_path / "whole.xlsx", "xl/worksheets/sheet1.xml", lambda text: text[: len(text) // 2])
    )


def test_workbooks_with_a_password_are_refused(tmp_path: Path) -> None:
    compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    (tmp_path / "new.xlsx").write_bytes(compound + "EncryptedPackage".encode("utf-16-le") + bytes(512))
    opening = b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(12)
    (tmp_path / "old.xls").write_bytes(compound + opening + b"\x2f\x00\x36\x00" + bytes(512))
    locked = edited(
        write_ods(tmp_path / "book.ods", {"Reports": REPORTS}),
        "META-INF/manifest.xml",
        lambda text: text.replace("</manifest:manifest>", "<manifest:encryption-data/></manifest:manifest>"),
    )
    for path in (tmp_path / "new.xlsx", tmp_path / "old.xls", locked):
        assert "without a password" in refusal(path)


def test_documents_that_are_no_workbook_are_refused(tmp_path: Path) -> None:
    for name, inside in {"letter.docx": "word/document.xml", "slides.pptx": "ppt/presentation.xml"}.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr(inside, "<x/>")
        assert "not a workbook" in refusal(tmp_path / name)


def test_the_worker_gets_none_of_the_programs_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}
    start = reading_sheets.subprocess.Popen

    def watched(*args: object, **options: object) -> object:
        seen.update(options)
        return start(*args, **options)

    monkeypatch.setenv("CS_GEO_DATABASE_URL", "postgresql://somebody")
    monkeypatch.setattr(reading_sheets.subprocess, "Popen", watched)
    assert len(read(write_xlsx(tmp_path / "book.xlsx", {"Reports": REPORTS}))) == 1
    assert not [name for name in seen["env"] if name.startswith("CS_GEO")]
