"""The commands as a person types them: exit codes, one JSON document, and never a traceback."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cs_geo.cli import main
from cs_geo.settings import get_settings
from tests.conftest import Database
from tests.sheets import EASTING, NORTHING, ask_one, change, effort_row, read_sheet, report_row, write_sheet

Said = subprocess.CompletedProcess[str]
Say = Callable[..., Said]


@pytest.fixture
def say(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command in this process, on the test's database."""
    monkeypatch.setenv("CS_GEO_DATABASE_URL", database.app_url)
    monkeypatch.setenv("CS_GEO_OWNER_DATABASE_URL", database.owner_url)
    get_settings.cache_clear()

    def run(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["cs-geo", *map(str, words)])
        code = 0
        try:
            main.run()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return subprocess.CompletedProcess(words, code, out, err)

    yield run
    get_settings.cache_clear()


def document(said: Said) -> dict[str, object]:
    """The one document of a command that was done."""
    assert said.returncode == 0, said.stderr
    found: dict[str, object] = json.loads(said.stdout)
    return found


def test_the_way_from_reports_to_a_location_database(say: Say, database: Database, tmp_path: Path) -> None:
    rows = [report_row(note=str(n), easting=EASTING + n * 7, northing=NORTHING + n % 5 * 9) for n in range(25)]
    sheet = write_sheet(tmp_path / "reports.csv", [*rows, report_row(date="31/02/2024")])
    words = ["import", sheet, "--source", "Mill Lane School", "--json"]
    dry = document(say(*words, "--dry-run"))
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports") == 0
    done = document(say(*words, "--rejects", tmp_path / "rejects.csv"))
    counts = ("read", "created", "updated", "duplicate", "rejected", "matched", "issues")
    assert [done[name] for name in counts] == [dry[name] for name in counts] == [26, 25, 0, 0, 1, 25, 1]
    assert len(read_sheet(tmp_path / "rejects.csv")) == 1
    again = document(say(*words))
    assert [again[name] for name in counts[:5]] == [26, 0, 0, 25, 1]

    assert document(say("geocode", "--json"))["located"] == 25
    found = document(say("hotspots", "--kind", "incident", "--from", "2024-04-01", "--to", "2024-04-30", "--json"))
    assert found["type"] == "FeatureCollection"
    assert len(found["features"]) == 1  # type: ignore[arg-type]
    exported = document(say("export", tmp_path / "out.gpkg", "--tier", "internal", "--json"))
    assert exported["rows"]["reports"] == 25  # type: ignore[index]

    listed = document(say("imports", "list", "--json"))["imports"]
    assert [one["created"] for one in listed] == [0, 25]  # type: ignore[attr-defined]
    undone = document(say("imports", "undo", listed[1]["import_id"], "--json"))  # type: ignore[index]
    assert undone["withdrawn"] == 25
    assert say("imports", "undo", listed[1]["import_id"]).returncode == 1  # type: ignore[index]


def test_words_for_people_say_the_same(say: Say, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "reports.csv", [report_row(), report_row(date="x")])
    said = say("import", sheet, "--source", "Mill Lane School")
    assert said.returncode == 0
    assert "2 rows read from Mill Lane School" in said.stdout
    assert "1 created" in said.stdout
    assert "1 rejected" in said.stdout
    assert "--rejects FILE" in said.stdout
    assert "25" not in say("imports", "list").stdout.split("Mill Lane School", 1)[1]
    assert "Incident reports" in say("hotspots").stdout
    assert "1 reports" in say("export", tmp_path / "a.csv", "--tier", "internal").stdout
    assert "1 of 1 reports are located" in say("geocode").stdout
    assert say("geocode", "--retry").returncode == 0
    assert say("gazetteer", "list").returncode == 0


def test_an_import_of_which_every_row_is_rejected_fails_and_keeps_its_sheet(say: Say, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "reports.csv", [report_row(date="x")])
    said = say("import", sheet, "--source", "Mill Lane School", "--rejects", tmp_path / "rejects.csv")
    assert said.returncode == 1
    assert "Nothing was imported: every row was rejected." in said.stdout
    assert "cs-geo imports undo" not in said.stdout
    assert len(read_sheet(tmp_path / "rejects.csv")) == 1
    as_json = say("import", sheet, "--source", "Mill Lane School", "--json")
    assert (as_json.returncode, json.loads(as_json.stdout)["rejected"]) == (1, 1)


def test_what_a_site_loads_once(say: Say, tmp_path: Path) -> None:
    import geopandas as gpd
    import shapely

    area = gpd.GeoDataFrame(
        {"code": ["E1"], "name": ["Elmside"]}, geometry=[shapely.box(399_000, 299_000, 402_000, 302_000)], crs=27700
    )
    area.to_file(tmp_path / "area.gpkg")
    assert document(say("areas", "load", tmp_path / "area.gpkg", "--kind", "study", "--json"))["loaded"] == 1
    assert document(say("areas", "load", tmp_path / "area.gpkg", "--kind", "ward", "--json"))["loaded"] == 1
    terms = write_sheet(
        tmp_path / "terms.csv", [{"kind": "term", "name": "Summer", "starts": "2024-04-10", "ends": "2024-07-20"}]
    )
    assert document(say("calendar", "load", terms, "--json"))["loaded"] == 1
    listed = write_sheet(
        tmp_path / "p.csv", [{"kind": "refuge", "easting": EASTING + 500, "northing": NORTHING, "radius_m": 50}]
    )
    assert document(say("protected", "load", listed, "--json"))["loaded"] == 1
    places = gpd.GeoDataFrame(
        {"name": ["Elm Park"], "place_type": ["park"], "aliases": ["the park"]},
        geometry=[shapely.box(400_000, 300_000, 400_100, 300_100)],
        crs=27700,
    )
    places.to_file(tmp_path / "places.geojson", driver="GeoJSON")
    assert document(say("places", "load", tmp_path / "places.geojson", "--json"))["loaded"] == 1
    assert document(say("places", "load", tmp_path / "places.geojson", "--json"))["loaded"] == 0
    assert document(say("geocode", "Elmside ward", "--json"))["precision"] in {"area", "none"}
    effort = write_sheet(tmp_path / "effort.csv", [effort_row()])
    assert document(say("import", effort, "--source", "Youth team", "--json"))["record"] == "effort"
    assert document(say("gazetteer", "list", "--json"))["gazetteers"]


def test_a_backup_is_written_and_nothing_is_restored_over_what_is_there(
    say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text("elm copper harbour nine\n")
    file = tmp_path / "site.backup"
    done = document(say("db", "backup", file, "--passphrase-file", secret, "--json"))
    assert done["tables"]["people"]["rows"] == 1  # type: ignore[index]
    restored = say("db", "restore", file, "--passphrase-file", secret)
    assert restored.returncode == 1
    assert "not empty" in restored.stderr
    monkeypatch.setenv("CS_GEO_BACKUP_PASSPHRASE", "elm copper harbour ten")
    get_settings.cache_clear()
    wrong = say("db", "restore", file)
    assert wrong.returncode == 1
    assert "not the passphrase" in wrong.stderr
    assert "are in" in say("db", "backup", tmp_path / "second.backup").stdout


@pytest.mark.trust("D13", figure="cut short, wrong key, missing key: 3 of 3 end with an exit code that is not 0")
def test_a_backup_that_cannot_be_restored_ends_in_a_sentence_and_an_exit_code(say: Say, tmp_path: Path) -> None:
    secret, other = tmp_path / "passphrase", tmp_path / "other"
    secret.write_text("elm copper harbour nine\n")
    other.write_text("elm copper harbour ten\n")
    file = tmp_path / "site.backup"
    say("db", "backup", file, "--passphrase-file", secret)
    cut = tmp_path / "cut.backup"
    cut.write_bytes(file.read_bytes()[:-100])
    into = tmp_path / "new home"
    for asked, code, told in (
        ([cut, "--passphrase-file", secret], 1, "cut short"),
        ([file, "--passphrase-file", other], 1, "not the passphrase"),
        ([file], 2, "A passphrase is missing"),
    ):
        done = say("db", "restore", *asked, "--into-home", into)
        assert done.returncode == code, done.stderr
        assert told in done.stderr
        assert "Traceback" not in done.stderr
        assert not into.exists()


REFUSED = {
    "missing": ["import", "{missing}", "--source", "S"],
    "binary": ["import", "{binary}", "--source", "S"],
    "empty": ["import", "{empty}", "--source", "S"],
    "folder": ["import", "{folder}", "--source", "S"],
    "no mapping fits": ["import", "{odd}", "--source", "S"],
    "area of rubbish": ["areas", "load", "{binary}", "--kind", "study"],
    "area missing": ["areas", "load", "{missing}", "--kind", "study"],
    "calendar of rubbish": ["calendar", "load", "{binary}"],
    "calendar of another sort": ["calendar", "load", "{odd}"],
    "gazetteer missing": ["gazetteer", "load", "{missing}", "--format", "csv"],
    "csv gazetteer of rubbish": ["gazetteer", "load", "{binary}", "--format", "csv"],
    "osm gazetteer of rubbish": ["gazetteer", "load", "{binary}", "--format", "osm"],
    "code point of rubbish": ["gazetteer", "load", "{binary}", "--format", "code-point-open"],
    "onspd of rubbish": ["gazetteer", "load", "{binary}", "--format", "onspd"],
    "basemap missing": ["basemap", "load", "{missing}"],
    "basemap of rubbish": ["basemap", "load", "{binary}"],
    "places of rubbish": ["places", "load", "{binary}"],
    "places missing": ["places", "load", "{missing}"],
    "places without names": ["places", "load", "{nameless}"],
    "a place that is a point": ["places", "load", "{pointed}"],
    "protected without a point": ["protected", "load", "{odd}"],
    "protected with a radius in words": ["protected", "load", "{radius}"],
    "export into a file": ["export", "{odd}/out.csv", "--tier", "internal"],
    "export where nothing can be written": ["export", "/proc/x.csv", "--tier", "internal"],
    "export over a folder": ["export", "{folder}/taken.gpkg", "--tier", "internal"],
    "rejects into nowhere": ["import", "{good}", "--source", "S", "--rejects", "{missing}/x/rejects.csv"],
    "passphrase in no file": ["db", "backup", "{folder}/a", "--passphrase-file", "{missing}"],
    "undo of nothing": ["imports", "undo", "00000000-0000-0000-0000-000000000000"],
}
MISUSED = {
    "no command": ["nonsense"],
    "no option": ["import", "{good}", "--source", "S", "--nonsense"],
    "no source": ["import", "{good}"],
    "blank source": ["import", "{good}", "--source", " "],
    "unknown mapping": ["import", "{good}", "--source", "S", "--mapping", "nobody"],
    "unknown kind": ["import", "{good}", "--source", "S", "--kind", "riot"],
    "unknown kind of hotspot": ["hotspots", "--kind", "riot"],
    "radius": ["hotspots", "--radius-m", "5"],
    "minimum": ["hotspots", "--min-reports", "1"],
    "no day": ["hotspots", "--from", "yesterday"],
    "hotspots of a window that ends before it starts": ["hotspots", "--from", "2026-05-01", "--to", "2026-04-01"],
    "export of a window that ends before it starts": [
        "export",
        "{folder}/a.csv",
        "--tier",
        "internal",
        "--from",
        "2026-05-01",
        "--to",
        "2026-04-01",
    ],
    "no port": ["serve", "--port", "99999999"],
    "unknown area": ["hotspots", "--area", "E05999999"],
    "unknown kind of area": ["areas", "load", "{good}", "--kind", "county"],
    "unknown gazetteer format": ["gazetteer", "load", "{good}", "--format", "paper"],
    "unknown format": ["export", "{folder}/a.doc", "--tier", "internal"],
    "unknown tier": ["export", "{folder}/a.csv", "--tier", "secret"],
    "partner without a recipient": ["export", "{folder}/a.csv", "--tier", "partner", "--purpose", "a"],
    "public without a purpose": ["export", "{folder}/a.csv", "--tier", "public"],
    "no identifier": ["imports", "undo", "17"],
    "backup without a passphrase": ["db", "backup", "{folder}/a"],
    "restore without a passphrase": ["db", "restore", "{good}"],
    "unknown role": ["db", "url", "--role", "king"],
}
UNAVAILABLE = {
    "cells without wards": [
        "export",
        "{folder}/a.csv",
        "--tier",
        "partner",
        "--recipient",
        "Parks",
        "--expires",
        "2999-01-01",
        "--purpose",
        "a",
    ],
    "tables without areas": ["export", "{folder}/a.csv", "--tier", "public", "--purpose", "a"],
    "cluster of a served database": ["db", "start"],
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    import geopandas as gpd
    import shapely

    binary = tmp_path / "binary.csv"
    binary.write_bytes(bytes(range(256)) * 64)
    (tmp_path / "empty.csv").touch()
    (tmp_path / "taken.gpkg").mkdir()
    gpd.GeoDataFrame({"x": [1]}, geometry=[shapely.Point(0, 0)], crs=27700).to_file(
        tmp_path / "nameless.geojson", driver="GeoJSON"
    )
    gpd.GeoDataFrame({"name": ["Elm Corner"]}, geometry=[shapely.Point(400_000, 300_000)], crs=27700).to_file(
        tmp_path / "pointed.geojson", driver="GeoJSON"
    )
    return {
        "missing": tmp_path / "missing.csv",
        "binary": binary,
        "empty": tmp_path / "empty.csv",
        "folder": tmp_path,
        "pointed": tmp_path / "pointed.geojson",
        "odd": write_sheet(tmp_path / "odd.csv", [{"colour": "red", "taste": "sour"}]),
        "good": write_sheet(tmp_path / "good.csv", [report_row()]),
        "nameless": tmp_path / "nameless.geojson",
        "radius": write_sheet(
            tmp_path / "radius.csv", [{"kind": "a", "easting": 1, "northing": 2, "radius_m": "wide"}]
        ),
    }


@pytest.mark.parametrize(
    ("code", "words"),
    [
        *(pytest.param(1, words, id=f"1 {name}") for name, words in REFUSED.items()),
        *(pytest.param(2, words, id=f"2 {name}") for name, words in MISUSED.items()),
        *(pytest.param(3, words, id=f"3 {name}") for name, words in UNAVAILABLE.items()),
    ],
)
def test_what_cannot_be_done_ends_in_a_sentence_and_its_exit_code(
    say: Say, database: Database, files: dict[str, Path], code: int, words: list[str]
) -> None:
    said = say(*(word.format(**files) for word in words))
    assert said.returncode == code, said.stdout + said.stderr
    assert len(said.stderr.strip()) > 20
    assert said.stdout == ""
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports") == 0


def test_retention_is_tried_and_run_and_a_hold_keeps_a_report(say: Say, database: Database, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "reports.csv", [report_row(note="one"), report_row(note="two")])
    document(say("import", sheet, "--source", "Mill Lane School", "--json"))
    for table in ("reports", "report_versions"):
        change(database, f"UPDATE cs_geo.{table} SET recorded_at = now() - interval '13 months'")
    reference = ask_one(database, "SELECT reference FROM cs_geo.reports WHERE note = 'one'")
    hold = document(say("hold", "add", "--report", reference, "--reason", "inquiry", "--json"))["hold"]
    assert "stands" in say("hold", "list").stdout
    certificate = tmp_path / "certificate.json"
    dry = document(say("retention", "run", "--dry-run", "--json"))
    assert dry["counts"]["texts"] == {"records": 1, "versions": 1, "held": 1, "kept": 0}  # type: ignore[index]
    assert "would be removed; 1 under a legal hold" in say("retention", "run", "--dry-run").stdout
    done = document(say("retention", "run", "--certificate", certificate, "--json"))
    assert done["counts"] | {"audit_log": 0} == dry["counts"] | {"audit_log": 0}  # type: ignore[operator]
    assert json.loads(certificate.read_text(encoding="utf-8")) == done
    assert ask_one(database, "SELECT string_agg(note, ',') FROM cs_geo.reports WHERE note <> ''") == "one"
    assert say("hold", "end", hold).returncode == 0
    again = say("hold", "end", hold)
    assert (again.returncode, "hold list" in again.stderr) == (1, True)
    assert document(say("hold", "list", "--json"))["holds"][0]["ended_at"] is not None  # type: ignore[index]


def test_a_report_is_erased_once(say: Say, database: Database, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "reports.csv", [report_row(note="one")])
    document(say("import", sheet, "--source", "Mill Lane School", "--json"))
    reference = ask_one(database, "SELECT reference FROM cs_geo.reports")
    done = document(say("erase", reference, "--reason", "sent_in_error", "--json"))
    assert (done["reference"], done["versions"], done["exports_since"]) == (reference, 1, 0)
    assert ask_one(database, "SELECT count(*) FROM cs_geo.report_versions") == 0
    again = say("erase", reference, "--reason", "sent_in_error")
    assert (again.returncode, "erased on" in again.stderr) == (1, True)
    assert say("erase", reference, "--reason", "because").returncode == 2


def test_help_stands_for_every_command() -> None:
    runner = CliRunner()
    for words in (
        [],
        *([command.name] for command in main.app.registered_commands),
        *([g.name] for g in main.app.registered_groups),
    ):
        answer = runner.invoke(main.app, [*words, "--help"])
        assert answer.exit_code == 0
        assert "Usage" in answer.output


def test_the_program_runs_as_a_process_of_its_own(database: Database, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "reports.csv", [report_row()])
    environment = os.environ | {"CS_GEO_DATABASE_URL": database.app_url}

    def call(*words: object) -> Said:
        return subprocess.run(
            [sys.executable, "-m", "cs_geo.cli.main", *map(str, words)],
            env=environment, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1],
        )  # fmt: skip

    done = call("import", sheet, "--source", "Mill Lane School", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["created"] == 1


def test_a_database_that_does_not_answer_or_is_behind_is_said_in_words(
    say: Say, monkeypatch: pytest.MonkeyPatch, database: Database, tmp_path: Path
) -> None:
    monkeypatch.setenv("CS_GEO_DATABASE_URL", f"postgresql://nobody@/none?host={tmp_path}")
    get_settings.cache_clear()
    said = say("imports", "list")
    assert said.returncode == 3
    assert "does not answer" in said.stderr


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [("DATABASE_URL", "garbage", 3), ("PORT", "99999999", 2), ("STORAGE_EPSG", "metres", 2)],
)
def test_a_setting_that_makes_no_sense_is_said_in_words(
    say: Say, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, code: int
) -> None:
    monkeypatch.setenv(f"CS_GEO_{setting}", value)
    get_settings.cache_clear()
    said = say("imports", "list")
    assert said.returncode == code
    assert f"CS_GEO_{setting}" in said.stderr


def test_a_link_is_added_listed_and_ended_by_command(say: Say, tmp_path: Path) -> None:
    drawn = tmp_path / "link.svg"
    added = document(say("link", "add", "--premises", "Corner shop", "--until", "2999-01-31", "--qr", drawn, "--json"))
    assert str(added["address"]).startswith("http://localhost:8501/report/")
    assert drawn.read_text().startswith("<svg")
    listed = say("link", "list").stdout
    assert f"{added['link']}  Corner shop: stands until 31 January 2999" in listed
    assert str(added["address"]).rpartition("/")[2] not in listed
    assert "has ended" in say("link", "end", added["link"]).stdout
    again = say("link", "end", added["link"])
    assert (again.returncode, "ended already" in again.stderr) == (1, True)
    (one,) = document(say("link", "list", "--json"))["links"]  # type: ignore[misc]
    assert one["ended_by"] == "local"


def test_an_upgrade_says_what_is_missing_for_a_gis_to_read_and_readers_are_listed(say: Say) -> None:
    said = say("db", "upgrade")
    assert said.returncode == 0
    assert "CREATE ROLE cs_geo_analyst_read NOLOGIN" in said.stdout
    assert "Nobody reads the database directly" in say("db", "readers", "list").stdout
    assert document(say("db", "readers", "list", "--json")) == {"readers": []}
    refused = say("db", "readers", "add", "parks_gis", "--as", "partner", "--agency", "Parks team")
    assert refused.returncode == 3
    assert "not ready for readers" in refused.stderr
