import csv
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from cs_geo.errors import RefusedInput
from cs_geo.geocode.gazetteer import ENTRY_COLUMNS, TERMINATED, Chunk, entries_of
from cs_geo.geocode.gazetteer_files import MEASURED_POSTCODE_M, read_code_point_open, read_onspd
from cs_geo.geocode.match import Precision

# As the file is shipped: no header, postcodes padded to seven characters, four of the ten columns used here.
CODE_POINT = (
    '"XX1 1AA",10,390000,400000,"E92000001","E19000001","E18000002","","E08000012","E05000907"\n'
    '"X1  1AB",10,390100,400000,"E92000001","","","","",""\n'
    '"XX1 1AD",50,390200,400000,"E92000001","","","","",""\n'
    '"XX1 1AE",60,390300,400000,"E92000001","","","","",""\n'
    '"XX1 1AF",90,0,0,"E92000001","","","","",""\n'
)
METADATA = "ORDNANCE SURVEY\nPRODUCT: OS CODE-POINT_OPEN\nDATASET VERSION NUMBER: 2099.1.0\n"

# The head of the published directory of August 2022, in its order.
ONSPD_HEAD = (
    "pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward,parish,usertype,oseast1m,osnrth1m,osgrdind,oshlthau,nhser,ctry,"
    "rgn,streg,pcon,eer,teclec,ttwa,pct,itl,statsward,oa01,casward,npark,lsoa01,msoa01,ur01ind,oac01,oa11,lsoa11,msoa11,"
    "wz11,sicbl,bua11,buasd11,ru11ind,oac11,lat,long,lep1,lep2,pfa,imd,calncv,icb,oa21,lsoa21,msoa21"
)
ONSPD_COLUMNS = ONSPD_HEAD.split(",")


def entries(chunks: list[Chunk]) -> dict[str, pd.Series]:
    frame = pd.concat([chunk.entries for chunk in chunks], ignore_index=True)
    assert tuple(frame.columns) == ENTRY_COLUMNS
    return {row["postcode_norm"]: row for _, row in frame.iterrows()}


def skipped(chunks: list[Chunk]) -> dict[str, int]:
    total: dict[str, int] = {}
    for chunk in chunks:
        for reason, count in chunk.skipped.items():
            total[reason] = total.get(reason, 0) + count
    return total


def code_point_archive(folder: Path, content: str = CODE_POINT) -> Path:
    path = folder / "codepo_gb.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Data_CSV/xx.csv", content)
        archive.writestr("Doc/metadata.txt", METADATA)
        archive.writestr("Doc/Code-Point_Open_Column_Headers.csv", "PC,PQ,EA,NO\n")
    return path


def onspd_row(**cells: str) -> dict[str, str]:
    usual = {"osgrdind": "1", "lat": "53.5", "long": "-2.1", "doterm": ""}
    return {**dict.fromkeys(ONSPD_COLUMNS, ""), **usual, **cells}


def onspd(rows: list[dict[str, str]], *, head: list[str] | None = None) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=head or ONSPD_COLUMNS, quoting=csv.QUOTE_ALL, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def a_directory() -> bytes:
    here = {"oseast1m": "390000", "osnrth1m": "0400000"}
    return onspd(
        [
            onspd_row(pcd="XX1 1AA", pcd2="XX1  1AA", pcds="XX1 1AA", **here),
            onspd_row(pcd="XX1 1AB", pcd2="XX1  1AB", pcds="XX1 1AB", doterm="201506", **here),
            onspd_row(pcd="XX1 1AD", pcd2="XX1  1AD", pcds="XX1 1AD", osgrdind="6", **here),
            onspd_row(pcd="IM1 1AA", pcd2="IM1  1AA", pcds="IM1 1AA", osgrdind="9", lat="99.999999", long="0.000000"),
            onspd_row(pcd="BT1 1AA", pcd2="BT1  1AA", pcds="BT1 1AA", oseast1m="333800", osnrth1m="374000",
                      lat="54.602", long="-5.931"),
        ]
    )  # fmt: skip


def test_code_point_open_is_read_as_it_is_shipped(tmp_path: Path) -> None:
    found = entries(list(read_code_point_open(code_point_archive(tmp_path))))
    assert set(found) == {"XX1 1AA", "X1 1AB", "XX1 1AD", "XX1 1AE"}
    first = found["XX1 1AA"]
    assert (first["x"], first["y"], first["radius_m"]) == (390_000, 400_000, MEASURED_POSTCODE_M)
    assert (first["kind"], first["precision"], first["gazetteer"]) == (
        "postcode",
        "postcode",
        "Code-Point Open 2099.1.0",
    )


def test_postcodes_without_a_point_are_counted_and_not_put_in_the_atlantic(tmp_path: Path) -> None:
    chunks = list(read_code_point_open(code_point_archive(tmp_path)))
    assert skipped(chunks) == {"no_point": 1}
    assert min(row["x"] for row in entries(chunks).values()) > 0


def test_a_postcode_placed_by_its_neighbours_reaches_further_and_by_its_sector_is_an_area(tmp_path: Path) -> None:
    found = entries(list(read_code_point_open(code_point_archive(tmp_path))))
    assert found["XX1 1AA"]["radius_m"] < found["XX1 1AD"]["radius_m"] < found["XX1 1AE"]["radius_m"]
    assert found["XX1 1AE"]["precision"] == Precision.AREA.value


def test_one_file_of_code_point_open_is_read_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "xx.csv"
    path.write_text(CODE_POINT, encoding="utf-8")
    (chunk,) = read_code_point_open(path, gazetteer="Code-Point Open, our part")
    assert len(chunk.entries) == 4
    assert next(entries_of(chunk.entries)).gazetteer == "Code-Point Open, our part"


def test_another_archive_or_table_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    with pytest.raises(RefusedInput, match="Code-Point Open"):
        list(read_code_point_open(path))
    with pytest.raises(RefusedInput, match="postcode, quality, easting"):
        list(read_code_point_open(code_point_archive(tmp_path, "name,place\nElm,Park\n")))


def test_the_postcode_directory_is_read_in_its_published_layout(tmp_path: Path) -> None:
    path = tmp_path / "ONSPD_AUG_2099_UK.csv"
    path.write_bytes(a_directory())
    chunks = list(read_onspd(path))
    found = entries(chunks)
    assert (found["XX1 1AA"]["x"], found["XX1 1AA"]["y"]) == (390_000, 400_000)
    assert found["XX1 1AA"]["gazetteer"] == "ONSPD AUG 2099 UK"
    assert skipped(chunks) == {"no_point": 1}


def test_a_terminated_postcode_is_kept_and_marked(tmp_path: Path) -> None:
    path = tmp_path / "ONSPD.csv"
    path.write_bytes(a_directory())
    found = entries(list(read_onspd(path)))
    assert found["XX1 1AB"]["feature"] == TERMINATED
    assert found["XX1 1AA"]["feature"] == ""


def test_irish_eastings_are_not_taken_for_british_ones(tmp_path: Path) -> None:
    path = tmp_path / "ONSPD.csv"
    path.write_bytes(a_directory())
    belfast = entries(list(read_onspd(path)))["BT1 1AA"]
    assert belfast["x"] == pytest.approx(146_000, abs=3000), "longitude -5.93 lies west of the grid's middle"


def test_the_directory_is_found_inside_its_archive_and_in_the_layout_of_2025(tmp_path: Path) -> None:
    head = ["pcd7", "pcd8", "pcds", "dointr", "doterm", "east1m", "north1m", "gridind", "lat", "long"]
    row = {"pcd7": "XX1 1AA", "pcd8": "XX1  1AA", "pcds": "XX1 1AA", "east1m": "390000", "north1m": "400000",
           "gridind": "1", "lat": "53.5", "long": "-2.1"}  # fmt: skip
    path = tmp_path / "directory.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Data/ONSPD_MAY_2099_UK.csv", onspd([row], head=head))
        archive.writestr("Data/multi_csv/ONSPD_MAY_2099_UK_XX.csv", onspd([], head=head))
    assert set(entries(list(read_onspd(path)))) == {"XX1 1AA"}


def test_a_table_without_the_columns_of_the_directory_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("pcds,lat,long\nXX1 1AA,53,-2\n", encoding="utf-8")
    with pytest.raises(RefusedInput, match="doterm"):
        list(read_onspd(path))
