import gzip
import io
import stat
import struct
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.errors import RefusedInput
from cs_geo.reports.reading import Limits, read_tables

OPEN = Limits(max_expansion_ratio=100, max_columns=200)
MAY = "Date,Place\n2024-05-01,Elm\n2024-05-02,Mill\n"
JUNE = "Date,Place\n2024-06-01,Elm\n"


def read(path: Path, limits: Limits = OPEN) -> dict[str, list[tuple[str, ...]]]:
    return {table.name: [row.cells for row in table.rows] for table in read_tables(path, limits=limits)}


def refusal(path: Path, limits: Limits = OPEN) -> str:
    with pytest.raises(RefusedInput) as refused:
        read(path, limits)
    assert path.name in str(refused.value)
    return str(refused.value)


def archive(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return path


def workbook_bytes() -> bytes:
    book = openpyxl.Workbook()
    for row in (["Date", "Place"], ["2024-07-01", "Elm"]):
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_the_members_of_a_zip_are_tables_in_their_order(tmp_path: Path) -> None:
    tables = read(archive(tmp_path / "year.zip", {"june.csv": JUNE, "2024-05/may.csv": MAY}))
    assert {name: len(rows) for name, rows in tables.items()} == {
        "year.zip: june.csv": 1,
        "year.zip: 2024-05/may.csv": 2,
    }


def test_a_zip_may_hold_workbooks_and_gz_beside_text(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "year.zip",
        {"a.tsv": MAY.replace(",", "\t"), "b.xlsx": workbook_bytes(), "c.csv.gz": gzip.compress(JUNE.encode())},
    )
    assert list(read(path)) == ["year.zip: a.tsv", "year.zip: b.xlsx: Sheet", "year.zip: c.csv.gz"]


def test_a_gz_may_hold_text_or_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "may.csv.gz").write_bytes(gzip.compress(MAY.encode()))
    (tmp_path / "july.xlsx.gz").write_bytes(gzip.compress(workbook_bytes()))
    assert [len(rows) for rows in read(tmp_path / "may.csv.gz").values()] == [2]
    assert read(tmp_path / "july.xlsx.gz") == {"july.xlsx.gz: Sheet": [("2024-07-01", "Elm")]}


def test_what_a_mac_or_windows_adds_to_a_zip_is_passed_over_and_a_readme_is_named(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "year.zip",
        {
            "__MACOSX/._may.csv": b"\x00\x05\x16\x07",
            "may.csv": MAY,
            ".DS_Store": b"\x00\x01",
            "Thumbs.db": b"\xd0\xcf",
            "README.txt": "Hello",
        },
    )
    [table] = [(table.name, table.skipped, list(table.rows)) for table in read_tables(path, limits=OPEN)]
    assert table[0] == "year.zip: may.csv"
    assert table[1] == ["year.zip: README.txt: notes, not read"]


def test_a_member_with_a_heading_and_no_rows_is_named(tmp_path: Path) -> None:
    path = archive(tmp_path / "year.zip", {"may.csv": MAY, "june.csv": JUNE.splitlines()[0]})
    tables = [(table, list(table.rows)) for table in read_tables(path, limits=OPEN)]
    assert tables[-1][0].skipped == ["year.zip: june.csv: a heading without rows"]


@pytest.mark.parametrize(
    ("bad", "content", "what"),
    [
        ("b.pdf", b"%PDF-1.7 stream", "PDF"),
        ("b.csv", b"MZ\x90\x00\x03\x00", "Windows program"),
        ("b.csv", b"", "empty"),
        ("b.zip", b"", "empty"),
    ],
)
def test_one_bad_member_refuses_the_archive_before_any_row_is_read(
    tmp_path: Path, bad: str, content: bytes, what: str
) -> None:
    path = archive(tmp_path / "year.zip", {"a.csv": MAY, bad: content})
    with pytest.raises(RefusedInput, match=what) as refused:
        next(read_tables(path, limits=OPEN))
    assert f"year.zip: {bad}" in str(refused.value)


@pytest.mark.trust("C7", figure="refused")
def test_archives_inside_archives_are_refused(tmp_path: Path) -> None:
    inner = archive(tmp_path / "inner.zip", {"may.csv": MAY}).read_bytes()
    twice = gzip.compress(gzip.compress(MAY.encode()))
    assert "archive inside an archive" in refusal(archive(tmp_path / "outer.zip", {"inner.zip": inner}))
    # A first member that looks like a part of a workbook does not get an archive in.
    sly = archive(tmp_path / "sly.zip", {"xl/may.csv": MAY}).read_bytes()
    assert "archive inside an archive" in refusal(archive(tmp_path / "outer2.zip", {"book.xlsx": sly}))
    (tmp_path / "inner.zip.gz").write_bytes(gzip.compress(inner))
    (tmp_path / "twice.gz").write_bytes(twice)
    assert "archive inside an archive" in refusal(tmp_path / "inner.zip.gz")
    assert "archive inside an archive" in refusal(tmp_path / "twice.gz")


@pytest.mark.parametrize(
    "name",
    [
        "../may.csv",
        "a/../../may.csv",
        "/etc/may.csv",
        "C:\\may.csv",
        "\\\\server\\share\\may.csv",
        "..\\may.csv",
        "x" * 300 + ".csv",
    ],
)
@pytest.mark.trust("C7", figure="0 files outside, within 1 s")
def test_names_that_point_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    started = time.process_time()
    message = refusal(archive(tmp_path / "year.zip", {"ok.csv": MAY, name: MAY}))
    assert "points outside" in message or "too long" in message
    assert len(message) < 400
    assert time.process_time() - started < 1
    assert [path.name for path in tmp_path.rglob("*")] == ["year.zip"]
    assert not (tmp_path.parent / "may.csv").exists()


@pytest.mark.trust("C7", figure="refused")
def test_a_name_with_a_zero_byte_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "year.zip", {"may#.csv": MAY})
    path.write_bytes(path.read_bytes().replace(b"may#.csv", b"may\x00.csv"))
    assert "not a name" in refusal(path)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    link = zipfile.ZipInfo("may.csv")
    link.external_attr = (kind | 0o777) << 16
    link.create_system = 3
    with zipfile.ZipFile(tmp_path / "year.zip", "w") as zipped:
        zipped.writestr(link, "/etc/passwd")
    assert "a link or a device" in refusal(tmp_path / "year.zip")


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "year.zip", {"may.csv": MAY})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x03\x04") + 6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "password" in refusal(path)


@pytest.mark.trust("C6", figure="refused before unpacking")
def test_a_bomb_is_refused_by_what_its_directory_says(tmp_path: Path) -> None:
    path = archive(tmp_path / "year.zip", {"may.csv": MAY + "\n" * 50_000_000})
    started = time.process_time()
    assert "more than 100 times its size" in refusal(path)
    assert time.process_time() - started < 1


@pytest.mark.trust("C6", figure="stopped at the limit")
def test_a_bomb_in_a_gz_is_stopped_on_its_way(tmp_path: Path) -> None:
    (tmp_path / "may.csv.gz").write_bytes(gzip.compress(MAY.encode() + b"2024-05-03,Elm\n" * 4_000_000))
    assert "more than 100 times its size" in refusal(tmp_path / "may.csv.gz")
    inner = (tmp_path / "may.csv.gz").read_bytes()
    assert "more than 100 times its size" in refusal(archive(tmp_path / "year.zip", {"may.csv.gz": inner}))


def test_a_short_file_of_equal_rows_is_no_bomb(tmp_path: Path) -> None:
    path = archive(tmp_path / "may.zip", {"may.csv": "Date,Place\n" + "2024-05-01,Elm\n" * 20_000})
    assert path.stat().st_size < 3_000
    assert [len(rows) for rows in read(path).values()] == [20_000]


@pytest.mark.trust("C6", figure="refused")
def test_a_directory_that_lies_about_a_size_does_not_get_past_the_limits(tmp_path: Path) -> None:
    path = archive(tmp_path / "year.zip", {"may.csv": MAY + "2024-05-03,Elm\n" * 2_000_000})
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", content, content.index(signature) + offset, 5_000)
    path.write_bytes(content)
    assert "damaged" in refusal(path)


def test_bytes_of_all_members_count_towards_the_limit(tmp_path: Path) -> None:
    path = archive(tmp_path / "year.zip", {"may.csv": MAY * 100, "june.csv": JUNE * 100})
    assert "MB once unpacked" in refusal(path, Limits(100, 200, max_bytes=5_000))
    assert len(read(path, Limits(100, 200, max_bytes=100_000))) == 2


def test_bytes_of_a_gz_count_towards_the_limit(tmp_path: Path) -> None:
    (tmp_path / "may.csv.gz").write_bytes(gzip.compress(MAY.encode() * 100))
    assert "MB once unpacked" in refusal(tmp_path / "may.csv.gz", Limits(100, 200, max_bytes=1_000))


def test_rows_of_all_members_count_towards_the_limit(tmp_path: Path) -> None:
    path = archive(tmp_path / "year.zip", {"may.csv": MAY, "june.csv": JUNE})
    assert "more than 2 rows" in refusal(path, Limits(100, 200, max_rows=2))
    assert len(read(path, Limits(100, 200, max_rows=3))) == 2


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    whole = archive(tmp_path / "whole.zip", {"may.csv": MAY * 1_000}).read_bytes()
    spoilt = bytearray(whole)
    spoilt[120:140] = bytes(20)
    packed = gzip.compress(MAY.encode() * 1_000)
    for name, content in {"cut.zip": whole[:200], "spoilt.zip": bytes(spoilt), "cut.csv.gz": packed[:60]}.items():
        (tmp_path / name).write_bytes(content)
        assert "damaged" in refusal(tmp_path / name)


def test_a_name_in_no_encoding_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "year.zip", {"mä##.csv": MAY})
    path.write_bytes(path.read_bytes().replace("mä##".encode(), b"m\xcd\xce##"))
    assert "damaged" in refusal(path)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_no_spoilt_archive_gives_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, position: int, spoilt: bytes
) -> None:
    path = archive(
        tmp_path_factory.mktemp("zip") / "year.zip", {"may.csv": MAY, "june.csv.gz": gzip.compress(JUNE.encode())}
    )
    content = bytearray(path.read_bytes())
    position %= len(content)
    content[position : position + len(spoilt)] = spoilt
    path.write_bytes(content)
    try:
        found = read(path)
    except RefusedInput as refused:
        found = {str(refused): []}
    assert all("year.zip" in name for name in found)


def test_an_archive_without_tables_is_refused(tmp_path: Path) -> None:
    assert "holds no table" in refusal(archive(tmp_path / "empty.zip", {}))
    assert "holds no table" in refusal(archive(tmp_path / "readme.zip", {"readme.txt": "Nothing here."}))


def test_an_archive_of_very_many_members_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "many.zip", {f"{number}.csv": "" for number in range(2_001)})
    assert "more than 2,000 files" in refusal(path)


def test_a_directory_of_many_megabytes_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        for number in range(70):
            member = zipfile.ZipInfo(f"{number}.csv")
            member.comment = bytes(65_000)
            zipped.writestr(member, MAY)
    assert "more than 2,000 files" in refusal(path)
