"""What leaves the team: cells for a partner, tables for the public, and nothing that leads back to a report."""

import io
import json
import struct
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, Tier, tier_of
from cs_geo.access.permissions import Refused
from cs_geo.crs import DEGREES, storage_epsg, transform_points
from cs_geo.disclosure.cells import Withheld
from cs_geo.disclosure.hotspots import Reason
from cs_geo.errors import NotAvailable, RefusedInput, UsageError
from cs_geo.jobs.worker import run_worker
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.store.areas import replace_protected
from cs_geo.store.opening import Store
from cs_geo.store.places import add_place
from cs_geo.workflows import export_released, recording
from cs_geo.workflows.export_files import ReadyExport
from cs_geo.workflows.export_released import ReleaseRequest, WrittenRelease, export_release, preview_release
from cs_geo.workflows.run_jobs import read_job, start_job
from tests.boroughs import NOTE, STREET, X0, Y0, load_areas, spread
from tests.conftest import Database, plain
from tests.sheets import EASTING, NORTHING, ask, import_rows, open_test_store, report_row

TODAY = date(2024, 9, 1)
SPRING = Selection(since=date(2024, 4, 1), until=date(2024, 6, 30))
ENDINGS = (".gpkg", ".geojson", ".parquet", ".csv", ".xlsx", ".zip", ".shp")
PLACE = "Canaryplace"

PROTECTED_X = EASTING + 400
ROWS = [
    *spread(14, EASTING),
    *spread(3, EASTING + 120),
    *spread(6, EASTING + 300, harm_types="sexual_exploitation"),
    *spread(7, PROTECTED_X),
    *spread(14, EASTING - 300, source_type="school_or_college"),
    *spread(2, EASTING, kind="concern"),
]


@pytest.fixture(scope="module")
def filled(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = open_test_store(module_database)
    load_areas(store)
    import_rows(store, tmp_path_factory.mktemp("rows"), ROWS)
    with store.begin(LOCAL_ACTOR) as connection:
        refuge = shapely.MultiPolygon([shapely.box(PROTECTED_X - 5, NORTHING - 5, PROTECTED_X + 40, NORTHING + 20)])
        replace_protected(connection, [("refuge", refuge)], source="test", actor="local")
        add_place(
            connection,
            name=PLACE,
            place_type="other",
            aliases=[(PLACE, PLACE.lower())],
            boundary=shapely.Point(EASTING, NORTHING).buffer(60),
            origin="drawn",
            actor="local",
        )
    return store


def partner(**given: Any) -> ReleaseRequest:
    asked: dict[str, Any] = {
        "tier": Tier.PARTNER,
        "selection": SPRING,
        "today": TODAY,
        "purpose": "Lighting plan",
        "recipient": "Parks team",
        "expires_on": date(2025, 3, 1),
    }
    return ReleaseRequest(**(asked | given))


def public(**given: Any) -> ReleaseRequest:
    return partner(**({"tier": Tier.PUBLIC, "recipient": "", "expires_on": None, "purpose": "Yearly figures"} | given))


def export(store: Store, path: Path, request: ReleaseRequest) -> WrittenRelease:
    return export_release(store, LOCAL_ACTOR, path, request)


def everything_in(files: tuple[Path, ...]) -> bytes:
    """The bytes of files and of what is packed in them; of Parquet, what it holds and says of itself, too."""
    found = []
    for file in files:
        content = file.read_bytes()
        found += [file.name.encode(), content, *_unpacked(file.suffix, content)]
    return b"\n".join(found)


def _unpacked(suffix: str, content: bytes) -> list[bytes]:
    if suffix == ".parquet":
        table = pq.read_table(io.BytesIO(content))
        columns = [str(value).encode() if not isinstance(value, bytes) else value for name in table.column_names
                   for value in table[name].to_pylist()]  # fmt: skip
        return [*columns, repr(table.schema.metadata).encode(), *(table.schema.metadata or {}).values()]
    if suffix in {".zip", ".xlsx"}:
        found = []
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                inner = archive.read(name)
                found += [name.encode(), inner, *_unpacked(Path(name).suffix, inner)]
        return found
    return []


def secrets_of(database: Database) -> list[bytes]:
    """What must stand in no file: references, identifiers, notes, names and exact coordinates in every writing."""
    rows = ask(
        database,
        "SELECT report_id::text, reference, ST_X(geom) AS x, ST_Y(geom) AS y FROM cs_geo.reports",
    )
    found = [NOTE.encode(), PLACE.encode(), STREET.encode(), b"Harbour Street", b"refuge", b"local"]
    for row in rows:
        found += [row["report_id"].encode(), row["reference"].encode()]
        if row["x"] is not None and row["x"] % 50 and row["y"] % 50:
            (lon,), (lat,) = transform_points([row["x"]], [row["y"]], from_epsg=storage_epsg(), to_epsg=DEGREES)
            found += [f"{row['x']:.0f}".encode(), f"{row['y']:.0f}".encode()]
            found += [f"{lon:.6f}".encode(), f"{lat:.6f}".encode()]
            found += [struct.pack("<dd", row["x"], row["y"]), struct.pack("<d", row["x"]), struct.pack("<d", row["y"])]
    return found


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_partners_file_holds_nothing_that_leads_back_to_a_report(
    filled: Store, module_database: Database, tmp_path: Path, ending: str
) -> None:
    written = export(filled, tmp_path / f"p{ending}", partner())
    assert written.rows["cells"] > 0
    content = everything_in(written.files)
    assert b"Parks team" in content
    assert [secret for secret in secrets_of(module_database) if secret in content] == []


@pytest.mark.parametrize("ending", [ending for ending in ENDINGS if ending != ".shp"])
def test_a_public_file_holds_nothing_that_leads_back_to_a_report(
    filled: Store, module_database: Database, tmp_path: Path, ending: str
) -> None:
    written = export(filled, tmp_path / f"t{ending}", public(level="district"))
    content = everything_in(written.files)
    assert b"suppressed" in content or b"rounded" in content
    secrets = [*secrets_of(module_database), str(X0).encode() + b"_", b"spot", b"Parks team"]
    assert [secret for secret in secrets if secret in content] == []


def test_a_partner_gets_banded_counts_by_cell_and_a_reason_for_what_is_missing(filled: Store, tmp_path: Path) -> None:
    written = export(filled, tmp_path / "p.gpkg", partner())
    cells = gpd.read_file(tmp_path / "p.gpkg", layer="cells").set_index("cell")
    assert cells.loc[f"{X0}_{Y0}_W1", "incident"] == "13"
    assert cells.loc[f"{X0}_{Y0}_W1", "concern"] == "fewer than 5"
    assert set(cells["incident"]) <= {"13", "fewer than 5", ""}
    assert {value % 50 for value in shapely.get_coordinates(cells.geometry.to_numpy()).ravel()} == {0.0}
    hotspots = gpd.read_file(tmp_path / "p.gpkg", layer="hotspots")
    assert hotspots["reports"].tolist() == ["10 or more"]
    assert {value % 50 for value in shapely.get_coordinates(hotspots.geometry.to_numpy()).ravel()} == {0.0}
    withheld = gpd.read_file(tmp_path / "p.gpkg", layer="withheld").set_index("reason")["how_many"]
    assert withheld[str(Withheld.BY_DISTRICT)] == withheld[str(Withheld.PROTECTED)] == "not told"
    assert withheld[str(Reason.FEW_SOURCES)] == "fewer than 5"
    assert "6 reports not in any cell: of a harm that is told by district only." in written.preview.effects
    assert "1 hotspot not drawn: from too few sources." in written.preview.effects


def test_what_a_partner_gets_says_for_whom_it_is_and_under_which_rules(filled: Store, tmp_path: Path) -> None:
    export(filled, tmp_path / "p.gpkg", partner())
    layers = {str(name) for name in pyogrio.list_layers(tmp_path / "p.gpkg")[:, 0]}
    assert layers == {"cells", "hotspots", "counts", "withheld", "dictionary", "caveats"}
    mark = "For Parks team: Lighting plan. Delete by 1 March 2025. Not to be passed on."
    for layer in ("cells", "counts"):
        frame = gpd.read_file(tmp_path / "p.gpkg", layer=layer)
        assert set(frame["watermark"]) == {mark}
    caveats = gpd.read_file(tmp_path / "p.gpkg", layer="caveats")["caveat"].tolist()
    assert caveats[0] == mark
    assert any("disclosure rules 1-" in caveat for caveat in caveats)
    dictionary = gpd.read_file(tmp_path / "p.gpkg", layer="dictionary")
    for layer in ("cells", "hotspots", "counts", "withheld"):
        columns = [name for name in gpd.read_file(tmp_path / "p.gpkg", layer=layer).columns if name != "geometry"]
        assert columns == dictionary.loc[dictionary["table"] == layer, "column"].tolist()


def test_a_shapefile_of_a_partner_opens(filled: Store, tmp_path: Path) -> None:
    written = export(filled, tmp_path / "p.shp", partner())
    assert {"p.shp", "p.dbf", "p.prj", "p-caveats.csv"} <= {file.name for file in written.files}
    assert len(gpd.read_file(tmp_path / "p.shp")) == written.rows["cells"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"recipient": " "}, "whom the export is for"),
        ({"expires_on": None}, "until when"),
        ({"expires_on": TODAY}, "still to come"),
        ({"purpose": ""}, "what the export is for"),
        ({"selection": Selection(harm_types=("damage",))}, "filter by harm"),
        ({"selection": Selection(area="L1")}, "no ward or district"),
        ({"selection": Selection(published=True)}, "not ours"),
    ],
)
def test_a_partners_export_that_lacks_something_or_cannot_be_checked_is_refused(
    filled: Store, tmp_path: Path, given: dict[str, Any], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        export(filled, tmp_path / "p.gpkg", partner(**given))
    assert list(tmp_path.iterdir()) == []


def test_the_cells_of_one_ward_are_whole(filled: Store, tmp_path: Path) -> None:
    export(filled, tmp_path / "p.csv", partner(selection=Selection(SPRING.since, SPRING.until, area="W1")))
    assert set(pd.read_csv(tmp_path / "p.csv")["ward"]) == {"W1"}


def test_without_wards_there_are_no_cells(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotAvailable, match="no wards"):
        export(store, tmp_path / "p.csv", partner())
    with pytest.raises(NotAvailable, match="No areas of the kind ward"):
        export(store, tmp_path / "p.csv", public())


def test_a_late_report_takes_its_cell_out_of_the_next_export(store: Store, tmp_path: Path) -> None:
    load_areas(store)
    import_rows(store, tmp_path, [*spread(9, EASTING), *spread(8, EASTING + 100)])
    export(store, tmp_path / "a.csv", partner())
    import_rows(store, tmp_path, [report_row(note="late", harm_types="damage")])
    preview = preview_release(store, LOCAL_ACTOR, partner())
    assert f"10 reports not in any cell: {Withheld.TOLD_BEFORE}." in preview.effects
    export(store, tmp_path / "b.csv", partner(recipient="Another team"))
    cells = pd.read_csv(tmp_path / "b.csv")["cell"].tolist()
    assert f"{X0}_{Y0}_W1" not in cells
    assert f"{X0 + 100}_{Y0}_W1" in cells


def test_a_release_is_recorded_with_every_number_and_the_record_is_never_changed(
    store: Store, database: Database, tmp_path: Path
) -> None:
    load_areas(store)
    import_rows(store, tmp_path, spread(9, EASTING))
    export(store, tmp_path / "a.csv", partner())
    (row,) = ask(
        database, "SELECT r.*, e.tier, e.rows_n FROM cs_geo.releases r JOIN cs_geo.exports e USING (export_id)"
    )
    assert (row["audience"], row["tier"], row["recipient"]) == ("partner", "partner", "Parks team")
    assert row["expires_on"] == date(2025, 3, 1)
    numbers = ask(database, "SELECT ground, reports_n, told FROM cs_geo.release_numbers WHERE reports_n = 9")
    assert {tuple(one["ground"]) for one in numbers} == {(f"{X0}_{Y0}_W1",)}
    with psycopg.connect(plain(database.app_url)) as connection:
        for statement in ("DELETE FROM cs_geo.releases", "UPDATE cs_geo.release_numbers SET reports_n = 1"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement)
    viewer = Actor("local", frozenset({Role.PARTNER_VIEWER}), tier_of({Role.PARTNER_VIEWER}))
    with store.begin(viewer) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM cs_geo.releases").scalar() == 0


def test_what_cannot_be_written_is_not_recorded(
    store: Store, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space_left(_: Path, __: object) -> object:
        raise RefusedInput("full")

    monkeypatch.setattr(export_released, "write_contents", no_space_left)
    refuse_with_nothing_left(store, database, tmp_path)


def test_a_file_that_cannot_be_recorded_is_not_left(
    store: Store, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_log(_: object, __: object, outcome: str, **___: object) -> int:
        if outcome == "done":
            raise RefusedInput("The log cannot be written.")
        return 0

    monkeypatch.setattr(recording, "write_audit", no_log)
    refuse_with_nothing_left(store, database, tmp_path)


def refuse_with_nothing_left(store: Store, database: Database, folder: Path) -> None:
    load_areas(store)
    with pytest.raises(RefusedInput):
        export(store, folder / "a.csv", partner())
    assert list(folder.iterdir()) == []
    assert ask(database, "SELECT 1 FROM cs_geo.releases") == []
    assert ask(database, "SELECT 1 FROM cs_geo.exports") == []


def test_the_log_says_who_got_what_and_names_no_cell(store: Store, database: Database, tmp_path: Path) -> None:
    load_areas(store)
    import_rows(store, tmp_path, spread(9, EASTING))
    export(store, tmp_path / "a.csv", partner())
    rows = ask(database, "SELECT outcome, details FROM cs_geo.audit_log WHERE action = 'export_partner' ORDER BY 1")
    assert [row["outcome"] for row in rows] == ["begun", "done"]
    details = rows[-1]["details"]
    assert (details["tier"], details["recipient"], details["expires"]) == ("partner", "Parks team", "2025-03-01")
    assert details["rows"]["cells"] == 1
    assert details["filter"] == SPRING.to_json()
    assert f"{X0}_" not in json.dumps(details)


def test_only_a_data_steward_exports_for_the_public(store: Store, database: Database, tmp_path: Path) -> None:
    analyst = Actor("local", frozenset({Role.ANALYST}), Tier.INTERNAL)
    with pytest.raises(Refused, match="data steward"):
        export_release(store, analyst, tmp_path / "a.csv", public())
    coordinator = Actor("local", frozenset({Role.COORDINATOR}), Tier.INTERNAL)
    with pytest.raises(Refused):
        preview_release(store, coordinator, partner())
    (row,) = ask(database, "SELECT outcome FROM cs_geo.audit_log WHERE action = 'export_public'")
    assert row["outcome"] == "refused"


def test_the_public_gets_rounded_tables_with_small_numbers_left_out(store: Store, tmp_path: Path) -> None:
    load_areas(store)
    import_rows(
        store,
        tmp_path,
        [*spread(23, EASTING), *spread(3, EASTING + 300), *spread(4, 400300, harm_types="hate_or_discrimination")],
    )
    written = export(store, tmp_path / "t.csv", public())
    counts = pd.read_csv(tmp_path / "t-counts.csv", dtype=str)
    of_damage = counts[(counts["kind"] == "incident") & (counts["harm_group"] == "surroundings")].set_index("area")
    assert of_damage.loc["W2", "reports"] == "suppressed"
    assert "hate" not in set(counts["harm_group"])
    numbers = counts.loc[counts["reports"] != "suppressed", "reports"].astype(int)
    assert (numbers % 5 == 0).all()
    assert any("by district only" in line for line in written.preview.effects)
    assert pd.read_csv(tmp_path / "t.csv")["name"].tolist() == ["Westward", "Eastward"]


def test_a_quarter_that_is_too_recent_is_not_published(store: Store, tmp_path: Path) -> None:
    load_areas(store)
    import_rows(store, tmp_path, spread(23, EASTING))
    with pytest.raises(RefusedInput, match="April to June 2024 is too recent"):
        export(store, tmp_path / "t.csv", public(today=date(2024, 7, 15)))
    assert not (tmp_path / "t.csv").exists()


def test_a_table_may_be_given_again_but_not_with_a_few_late_reports(
    store: Store, database: Database, tmp_path: Path
) -> None:
    load_areas(store)
    import_rows(store, tmp_path, [*spread(23, EASTING), *spread(17, EASTING + 300, kind="concern")])
    export(store, tmp_path / "a.csv", public())
    assert export(store, tmp_path / "b.csv", public()).rows["counts"] > 0
    import_rows(store, tmp_path, [report_row(note=f"late {n}", harm_types="damage") for n in range(3)])
    written = export(store, tmp_path / "c.csv", public())
    assert set(pd.read_csv(tmp_path / "c-counts.csv")["kind"]) == {"concern"}
    withheld = pd.read_csv(tmp_path / "c-withheld.csv")["what"].tolist()
    assert "table: incident by ward, April to June 2024" in withheld
    assert any("incident by ward, April to June 2024 is left out" in line for line in written.preview.effects)
    with pytest.raises(RefusedInput, match="Nothing was released"):
        export(store, tmp_path / "d.csv", public(selection=Selection(SPRING.since, SPRING.until, (Kind.INCIDENT,))))
    assert len(ask(database, "SELECT 1 FROM cs_geo.releases")) == 5


def test_a_public_table_that_would_give_a_partners_cells_away_is_left_out(store: Store, tmp_path: Path) -> None:
    load_areas(store)
    import_rows(store, tmp_path, [*spread(23, EASTING), *spread(3, EASTING - 200)])
    export(store, tmp_path / "p.csv", partner())
    preview = preview_release(store, LOCAL_ACTOR, public())
    assert any("incident by ward, April to June 2024 is left out" in line for line in preview.effects)


@pytest.mark.parametrize("given", [{"area": "W1"}, {"harm_types": ("damage",)}, {"source_types": ("parks",)}])
def test_tables_for_the_public_take_no_filter(filled: Store, tmp_path: Path, given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="are fixed"):
        export(filled, tmp_path / "t.csv", public(selection=Selection(**given)))


def test_a_worker_checks_and_writes_tables_for_the_public(store: Store, tmp_path: Path) -> None:
    load_areas(store)
    import_rows(store, tmp_path, spread(23, EASTING))
    request = public(level="lsoa").to_json()
    looked = start_job(store, LOCAL_ACTOR, "preview_release", {"request": request})
    wrote = start_job(store, LOCAL_ACTOR, "release", {"request": request, "ending": ".gpkg"})
    run_worker(store, wait=False)
    preview, ready = (read_job(store, LOCAL_ACTOR, job) for job in (looked, wrote))
    assert preview is not None
    assert ready is not None
    assert (preview.state, ready.state) == ("done", "done"), ready.message
    assert any("are counted" in line for line in (preview.result or {})["effects"])
    assert Path(ReadyExport(**(ready.result or {})).path).is_file()
