"""Logins that read directly see what the program would show them, row by row, and nothing that is tried adds a row.

On a served PostGIS with real logins, prepared by the statements of docs/operating.md.
"""

import itertools
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg
import pyogrio
import pytest
import shapely
from psycopg import errors
from psycopg.rows import dict_row
from sqlalchemy import text

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, Tier, tier_of
from cs_geo.access.permissions import Refused
from cs_geo.cli import main
from cs_geo.errors import NotAvailable, RefusedInput, SetupError, UsageError
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.settings import Settings, get_settings
from cs_geo.store import cluster_files
from cs_geo.store.areas import replace_protected
from cs_geo.store.cluster import Cluster
from cs_geo.store.cluster_files import OWNER
from cs_geo.store.opening import Store, make_engine, open_store
from cs_geo.store.places import add_place
from cs_geo.store.reader_views import GROUPS, SCHEMAS, VIEWS, ReaderView, make_reader_views
from cs_geo.store.readers import find_openings
from cs_geo.store.upgrading import upgrade_database
from cs_geo.workflows.export_locations import export_locations
from cs_geo.workflows.export_released import ReleaseRequest, export_release
from cs_geo.workflows.find_hotspots import run_hotspots
from cs_geo.workflows.keep_backups import back_up, restore
from cs_geo.workflows.manage_readers import AddedReader, add_reader, end_reader, list_readers
from tests.boroughs import NOTE, STREET, load_areas, spread
from tests.conftest import Database, _run_as_admin
from tests.served import PASSWORD, Served, documented_statements, serve_postgis
from tests.sheets import EASTING, NORTHING, ask, ask_one, change, import_rows, report_row
from tests.workflows.test_export_released import secrets_of

ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
TODAY = date.today()
IN_A_YEAR = TODAY + timedelta(days=365)
SPRING = Selection(since=date(2024, 4, 1), until=date(2024, 6, 30))
PROTECTED_X = EASTING + 400
HIDDEN = "Canaryrefuge"
ROWS = [
    *spread(14, EASTING),
    *spread(3, EASTING + 120),
    *spread(6, EASTING + 300, harm_types="sexual_exploitation"),
    *spread(7, PROTECTED_X),
    *spread(14, EASTING - 300),
    *spread(6, EASTING - 600, kind="concern"),
    report_row(easting=EASTING + 500, date="2024-04", note=f"{NOTE} month"),
    report_row(easting=EASTING + 600, date="2024-04-20T21:30", reported_on="2024-04-21", note=f"{NOTE} evening"),
    report_row(easting="", northing="", location=STREET, note=f"{NOTE} nowhere"),
    report_row(easting="", northing="", location=HIDDEN, place=HIDDEN, note=f"{NOTE} hidden"),
    *[
        report_row(easting=EASTING - 900, date=f"2024-05-0{day}", kind="outreach", note=f"{NOTE} spot {day}")
        for day in range(1, 8)
    ],
]


@dataclass
class Site:
    """A served site with data and three readers."""

    served: Served
    store: Store
    added: dict[str, AddedReader]
    refusal: str
    """What was said to whoever would let a reader in before the database was prepared."""
    files: Path

    @property
    def database(self) -> Database:
        return self.served.database

    def connect(self, login: str, **options: Any) -> psycopg.Connection[Any]:
        url = self.served.url(login, self.added[login].password)
        return psycopg.connect(url, autocommit=True, row_factory=dict_row, **options)

    def read(self, login: str, statement: str) -> list[dict[str, Any]]:
        with self.connect(login) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[arg-type]


READERS = {"gis_analyst": ("analyst", ""), "parks_gis": ("partner", "parks  team"), "homes_gis": ("partner", "Housing")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    files = tmp_path_factory.mktemp("files")
    with serve_postgis() as served:
        store = Store(make_engine(served.database.app_url, pool_size=3))
        _fill(store, files)
        with pytest.raises(SetupError) as refused:
            add_reader(store, ADMINISTRATOR, served.settings, login="gis_analyst", tier="analyst")
        served.run_as_admin(*documented_statements("Reading with a GIS"))
        added = {}
        for login, (tier, agency) in READERS.items():
            added[login] = add_reader(store, ADMINISTRATOR, served.settings, login=login, tier=tier, agency=agency)
            served.run_as_admin(*added[login].statements)
        yield Site(served, store, added, str(refused.value), files)
        store.close()


def _fill(store: Store, files: Path) -> None:
    load_areas(store)
    with store.begin(LOCAL_ACTOR) as connection:
        refuge = shapely.MultiPolygon([shapely.box(PROTECTED_X - 5, NORTHING - 5, PROTECTED_X + 40, NORTHING + 20)])
        replace_protected(connection, [("refuge", refuge)], source="test", actor="local")
        for name, x in (("Elm Park", EASTING), (HIDDEN, PROTECTED_X)):
            add_place(
                connection,
                name=name,
                place_type="park",
                aliases=[(name, name.lower()), (f"{name} green", f"{name} green".lower())],
                boundary=shapely.Point(x, NORTHING).buffer(60),
                origin="drawn",
                actor="local",
            )
    import_rows(store, files, ROWS)
    for parameters in (HotspotParameters(min_reports=6), HotspotParameters(min_reports=5)):
        for kind in (Kind.INCIDENT, Kind.OUTREACH):
            run_hotspots(store, LOCAL_ACTOR, Selection(kinds=(kind,), since=SPRING.since), parameters)
    partner = {"tier": Tier.PARTNER, "today": TODAY, "purpose": "Lighting plan"}
    for name, given in {
        "parks": {"selection": SPRING, "recipient": "Parks team", "expires_on": IN_A_YEAR},
        "homes": {"selection": SPRING, "recipient": "Housing", "expires_on": IN_A_YEAR},
        "ended": {"selection": SPRING, "recipient": "Parks team", "expires_on": date(2025, 1, 1),
                  "today": date(2024, 9, 1)},
    }.items():  # fmt: skip
        export_release(store, LOCAL_ACTOR, files / f"{name}.gpkg", ReleaseRequest(**(partner | given)))
    export_locations(store, LOCAL_ACTOR, files / "internal.gpkg", selection=Selection())


def view_named(tier: str, name: str) -> ReaderView:
    (found,) = [view for view in VIEWS if (view.tier, view.name) == (tier, name)]
    return found


def full_name(view: ReaderView) -> str:
    return f"{SCHEMAS[view.tier]}.{view.name}"


def views_of(login: str) -> list[ReaderView]:
    return [view for view in VIEWS if view.tier == READERS[login][0]]


def layer(site: Site, file: str, name: str) -> list[dict[str, Any]]:
    """Rows of a layer or table of an export, shapes as WKB."""
    frame = pyogrio.read_dataframe(site.files / f"{file}.gpkg", layer=name)
    if isinstance(frame, gpd.GeoDataFrame):
        frame = frame.assign(geom=[shape.normalize().wkb if shape else None for shape in frame.geometry])
        frame = frame.drop(columns="geometry")
    return frame.astype(object).where(frame.notna(), "").to_dict("records")


def shown(site: Site, login: str, view: ReaderView) -> list[dict[str, Any]]:
    """Rows of a view as QGIS reads them: shapes by ST_AsBinary."""
    columns = ", ".join("ST_AsBinary(geom) AS geom" if name == "geom" else f'"{name}"' for name in view.columns)
    rows = site.read(login, f"SELECT {columns} FROM {full_name(view)}")
    for row in rows:
        if row.get("geom"):
            row["geom"] = shapely.from_wkb(row["geom"]).normalize().wkb
    return rows


# --- What is shown ----------------------------------------------------------------------------------------------------


@pytest.mark.trust("E1", figure="every report of the internal export, column by column")
def test_an_analysts_gis_shows_the_reports_of_the_internal_export_without_their_words(site: Site) -> None:
    exported = {row["report_id"]: row for row in layer(site, "internal", "reports")}
    rows = {str(row["report_id"]): row for row in shown(site, "gis_analyst", view_named("analyst", "reports"))}
    assert len(rows) == len(ROWS) - 7
    assert rows.keys() == exported.keys()
    flags = {"presence_only", "default_location", "checked_by_person", "pin_doubted"}
    compared = set(view_named("analyst", "reports").columns) & set(exported[next(iter(exported))])
    assert {"source", "kind", "harm_types", "registered_place", "precision", "postcode", "geom"} <= compared
    for key, row in rows.items():
        theirs = exported[key]
        for name in compared - {"report_id", "reported_on", "radius_m"}:
            ours = ("yes" if row[name] else "") if name in flags else row[name]
            assert (ours or "") == theirs[name], name
        assert (str(row["reported_on"]) if row["reported_on"] else "") == theirs["reported_on"]
        assert round(row["radius_m"] or 0, 1) == (theirs["radius_m"] or 0)
        if row["date_precision"] == "time":
            assert row["occurred_from"] == datetime.fromisoformat(theirs["date"])
        else:
            assert row["occurred_from"] is None
            assert str(row["first_day"]).startswith(theirs["date"])
    assert {row["date_precision"] for row in rows.values()} == {"time", "day", "month"}
    assert any(row["geom"] is None for row in rows.values())
    assert not {"note", "what_helped", "outcome", "location", "place", "locality", "coordinates_given"} & set(
        view_named("analyst", "reports").columns
    )


def test_an_analysts_gis_shows_the_places_of_the_internal_export_with_their_present_boundary(site: Site) -> None:
    exported = {row["place_id"]: row for row in layer(site, "internal", "places")}
    rows = {str(row["place_id"]): row for row in shown(site, "gis_analyst", view_named("analyst", "places"))}
    assert rows.keys() == exported.keys()
    assert [row["name"] for row in rows.values()] == ["Elm Park"]
    for key, row in rows.items():
        assert {name: row[name] for name in row if name != "place_id"} == {
            name: exported[key][name] for name in row if name != "place_id"
        }


def test_an_analysts_gis_shows_the_hotspots_of_the_latest_run_of_each_kind(site: Site) -> None:
    runs = ask(site.database, "SELECT run_id::text FROM cs_geo.hotspot_runs ORDER BY asked_at DESC LIMIT 2")
    latest = {row["run_id"] for row in runs}
    exported = {row["hotspot_id"]: row for row in layer(site, "internal", "hotspots") if row["run_id"] in latest}
    found = {}
    for name, found_as in (("hotspots", "hotspot"), ("spots", "spot")):
        for row in shown(site, "gis_analyst", view_named("analyst", name)):
            found[str(row["hotspot_id"])] = row
            theirs = exported[str(row["hotspot_id"])]
            assert theirs["found_as"] == found_as
            assert str(row["run_id"]) == theirs["run_id"]
            for column in ("kind", "rank", "label", "reports_n", "places_n", "days_n", "sources_n", "area_m2"):
                assert row[column] == theirs[column], column
            assert row["chance"] == theirs["chance"]
            ours = shapely.from_wkb(row["geom"])
            assert ours.equals(shapely.from_wkb(theirs["geom"]))
            assert row["first_day"] == SPRING.since
    assert found.keys() == exported.keys()
    assert {exported[key]["found_as"] for key in found} == {"hotspot", "spot"}


@pytest.mark.parametrize(("login", "file"), [("parks_gis", "parks"), ("homes_gis", "homes")])
@pytest.mark.trust("E1", figure="every row of the partner's own file and no other")
def test_a_partners_gis_shows_its_own_released_file_row_by_row(site: Site, login: str, file: str) -> None:
    for name in ("cells", "hotspots", "counts", "withheld"):
        view = view_named("partner", name)
        rows = shown(site, login, view)
        exported = layer(site, file, name)
        assert rows
        assert {*exported[0]} <= {*view.columns}
        assert sorted(repr(sorted(row.items())) for row in exported) == sorted(
            repr(sorted((column, row[column]) for column in exported[0])) for row in rows
        ), name
        assert len({row[view.key] for row in rows}) == len(rows)
    (release,) = site.read(login, "SELECT * FROM cs_geo_partner.releases")
    caveats = [row["caveat"] for row in layer(site, file, "caveats")]
    assert release["caveats"].split("\n") == caveats
    assert (release["released_on"], release["expires_on"]) == (TODAY, IN_A_YEAR)


@pytest.mark.trust("E1", figure="0 exact coordinates, 0 identifiers, 0 words")
def test_nothing_that_a_partners_gis_reads_leads_back_to_a_report(site: Site) -> None:
    read = b" ".join(
        value if isinstance(value, bytes) else str(value).encode()
        for view in views_of("parks_gis")
        for row in shown(site, "parks_gis", view)
        for value in row.values()
    )
    secrets = [*secrets_of(site.database), HIDDEN.encode()]
    assert len(secrets) > 100
    assert [one for one in secrets if one in read] == []
    # What is looked for is found where it may be: in the views of analysts.
    internal = b" ".join(str(row).encode() for row in shown(site, "gis_analyst", view_named("analyst", "reports")))
    assert sum(one in internal for one in secrets) > 80


def test_a_release_ends_for_its_readers_with_the_day_by_which_it_is_to_be_deleted(site: Site) -> None:
    assert ask_one(site.database, "SELECT count(*) FROM cs_geo.releases WHERE recipient = 'Parks team'") == 2
    assert len(site.read("parks_gis", "SELECT 1 FROM cs_geo_partner.releases")) == 1
    # The day is not that of the reader's own time zone.
    for zone in ("Etc/GMT+12", "Etc/GMT-14"):
        with site.connect("parks_gis") as connection:
            connection.execute(f"SET TimeZone = '{zone}'")
            assert len(connection.execute("SELECT 1 FROM cs_geo_partner.releases").fetchall()) == 1


# --- What QGIS asks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("login", "view"), [(one, v) for one in ("gis_analyst", "parks_gis") for v in views_of(one)],
                         ids=lambda one: one if isinstance(one, str) else full_name(one))  # fmt: skip
def test_every_view_opens_by_the_statements_that_qgis_sends(site: Site, login: str, view: ReaderView) -> None:
    name = f'"{SCHEMAS[view.tier]}"."{view.name}"'
    listed = site.read(
        login,
        "SELECT l.f_geometry_column, l.type, l.srid, l.coord_dimension, c.relkind FROM geometry_columns l, pg_class c,"
        " pg_namespace n WHERE c.relname = l.f_table_name AND l.f_table_schema = n.nspname AND n.oid = c.relnamespace"
        f" AND l.f_table_schema = '{SCHEMAS[view.tier]}' AND l.f_table_name = '{view.name}'"
        " AND has_schema_privilege(n.nspname, 'usage')"
        """ AND has_table_privilege('"' || n.nspname || '"."' || c.relname || '"', 'select')""",
    )
    expected = [{"f_geometry_column": "geom", "type": view.shape.upper(), "srid": 27700, "coord_dimension": 2,
                 "relkind": "v"}]  # fmt: skip
    assert listed == (expected if view.shape else [])
    about = site.read(login, f"SELECT obj_description('{name}'::regclass, 'pg_class') AS about")[0]["about"]
    assert about == view.about
    keys = site.read(login, f'SELECT count(*) AS n, count(DISTINCT "{view.key}") AS keys FROM {name}')[0]
    assert keys["n"] == keys["keys"] > 0
    if not view.shape:
        return
    (extent,) = site.read(login, f'SELECT st_extent("geom"::geometry) AS box, count("geom") AS n FROM {name}')
    west, south, east, north = map(float, re.findall(r"[\d.]+", extent["box"]))
    with site.connect(login) as connection, connection.transaction():
        connection.execute(
            f"""DECLARE qgis_1 BINARY CURSOR FOR SELECT st_asbinary("geom", 'NDR') AS geom, "{view.key}"::text AS key
            FROM {name} WHERE "geom" && st_makeenvelope({west}, {south}, {east}, {north}, 27700)"""  # type: ignore[arg-type]
        )
        rows = connection.execute("FETCH FORWARD 2000 FROM qgis_1", binary=True).fetchall()
        connection.execute("CLOSE qgis_1")
    assert len(rows) == extent["n"] > 0
    assert {shapely.from_wkb(row["geom"]).geom_type for row in rows} == {view.shape}


def test_the_guide_names_every_view_with_its_key_and_geometry() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "reading-with-a-gis.md").read_text("utf-8")
    rows = re.findall(r"^\| `(cs_geo_\w+\.\w+)` \|.*\| `(\w+)` \| (\w+)[^|]*\|$", guide, re.MULTILINE)
    assert rows == [(full_name(view), view.key, view.shape or "none") for view in VIEWS]


# --- What no setting, function or plan adds ---------------------------------------------------------------------------


def settings_of_the_program(site: Site) -> set[str]:
    """Every ``cs_geo.…`` variable that the code or a function or policy of the database asks for."""
    package = Path(main.__file__).parents[1]
    sources = [path.read_text("utf-8") for path in package.rglob("*.py") if "node_modules" not in path.parts]
    sources += [
        row["prosrc"] for row in ask(site.database, "SELECT prosrc FROM pg_proc WHERE prosrc LIKE '%%cs_geo.%%'")
    ]
    sources += [
        f"{row['qual']} {row['with_check']}" for row in ask(site.database, "SELECT qual, with_check FROM pg_policies")
    ]
    found = re.compile(r"(?:current_setting|set_config)\s*\(\s*'+(cs_geo\.\w+)'|SET (?:LOCAL )?(cs_geo\.\w+)")
    return {one or other for source in sources for one, other in found.findall(source)}


@pytest.mark.parametrize("login", READERS)
@pytest.mark.trust("A5", figure="0 rows more by any cs_geo setting, at any value")
def test_no_setting_of_the_session_shows_a_row_more_or_writes_one(site: Site, login: str) -> None:
    known = settings_of_the_program(site)
    assert known >= {"cs_geo.person", "cs_geo.roles"}
    people = [row["person_id"] for row in ask(site.database, "SELECT person_id FROM cs_geo.people")]
    values = ["", "local", "worker", ",".join(Role), *Role, *people, *READERS, "Housing", "Parks team", "postgres",
              "cs_geo_app", "site_owner", "on", "internal", "*", "%"]  # fmt: skip
    everything = "; ".join(f"SELECT set_config('{name}', '{{}}', false)" for name in sorted(known))
    with site.connect(login) as connection:

        def seen() -> dict[str, int]:
            names = [full_name(view) for view in views_of(login)]
            return {n: connection.execute(f"SELECT count(*) AS n FROM {n}").fetchone()["n"] for n in names}  # type: ignore[index]

        before = seen()
        assert all(before.values())
        for value in values:
            connection.execute(everything.format(*[value] * len(known)))  # type: ignore[arg-type]
            assert seen() == before, value
        for one, other in itertools.product(["local", "worker"], [",".join(Role), "administrator", "data_steward"]):
            connection.execute("SELECT set_config('cs_geo.person', %s, false), set_config('cs_geo.roles', %s, false)",
                               [one, other])  # fmt: skip
            assert seen() == before
            for table in ("reports", "readers", "people", "release_cells", "protected_locations"):
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(f"SELECT count(*) FROM cs_geo.{table}")
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute("INSERT INTO cs_geo.readers (login, tier, added_by) VALUES ('x', 'analyst', 'x')")


def test_what_decides_is_the_login_and_no_setting(site: Site) -> None:
    functions = ask(
        site.database,
        "SELECT n.nspname, p.proname, p.prosrc, p.prosecdef, p.proconfig, p.pronargs FROM pg_proc p"
        " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ANY (%s) OR p.proname = 'reading_for'",
        list(SCHEMAS.values()),
    )
    assert len(functions) == len(VIEWS) + 1
    for one in functions:
        assert "current_setting" not in one["prosrc"]
        assert "current_user" not in one["prosrc"]
        assert any(setting.startswith("search_path=pg_catalog") for setting in one["proconfig"])
        if one["proname"] != "reading_for":
            assert one["prosecdef"]
            assert one["pronargs"] == 0
            assert "cs_geo.reading_for('" in one["prosrc"]
            # What it calls asks nobody who acts.
            assert not re.search(r"acts_as|acting_person", one["prosrc"])


ATTEMPTS = {
    "a table of reports": "SELECT * FROM cs_geo.reports",
    "a table by COPY": "COPY cs_geo.reports TO STDOUT",
    "a copy to a program": "COPY (SELECT 1) TO PROGRAM 'id'",
    "a file of the server": "SELECT pg_read_file('/etc/passwd')",
    "a file into the database": "SELECT lo_import('/etc/passwd')",
    "a large object": "SELECT lo_create(0)",
    "a large object with content": "SELECT lo_from_bytea(0, 'kept')",
    "a table as XML": "SELECT table_to_xml({reports}::regclass, true, true, '')",
    "a query as XML": "SELECT query_to_xml('SELECT * FROM cs_geo.reports', true, true, '')",
    "the role of the app": "SET ROLE cs_geo_app",
    "the role of the owner": "SET ROLE site_owner",
    "the login of another": "SET SESSION AUTHORIZATION homes_gis",
    "the login of the administrator": "SET SESSION AUTHORIZATION postgres",
    "the rights of another person": "SELECT * FROM cs_geo.roles_of('local')",
    "somebody's roles": "SELECT * FROM cs_geo.roles_held('local', 'local')",
    "a ticket": "SELECT * FROM cs_geo.redeem_ticket('x')",
    "protected ground": "SELECT ST_AsText(cs_geo.protected_ground())",
    "protected ground at a point": "SELECT cs_geo.lies_protected(400413, 300027)",
    "the agencies of readers": "SELECT * FROM cs_geo.reading_for('partner')",
    "an entry in the audit log": "SELECT cs_geo.write_audit('x', 'done', 'x', '{{}}')",
    "statistics of a table": "SELECT cs_geo.refresh_statistics('reports')",
    "the extent of protected ground": "SELECT ST_EstimatedExtent('cs_geo', 'protected_locations', 'geom')",
    "the extent by an index": "SELECT _postgis_index_extent({protected}::regclass, 'geom')",
    "the histogram of protected ground": "SELECT _postgis_stats({protected}::regclass, 'geom')",
    "the share of reports in a window":
        "SELECT _postgis_selectivity({reports}::regclass, 'geom', ST_MakeEnvelope(0, 0, 9, 9, 27700))",
    "how two tables lie":
        "SELECT _postgis_join_selectivity({reports}::regclass, 'geom', {protected}::regclass, 'geom')",
    "the raw statistics": "SELECT * FROM pg_statistic",
    "a sequence": "SELECT pg_sequence_last_value({numbers}::regclass)",
    "the passwords": "SELECT * FROM pg_authid",
    "a row of a view": "DELETE FROM {view}",
    "a new row of a view": "INSERT INTO {view} SELECT * FROM {view}",
    "a table": "CREATE TABLE public.kept (a int)",
    "a table for a while": "CREATE TEMPORARY TABLE kept (a int)",
    "a schema": "CREATE SCHEMA kept",
    "a function": "CREATE FUNCTION public.kept() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a function for a while": "CREATE FUNCTION pg_temp.kept() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a table in the schema of views": "CREATE TABLE {schema}.kept (a int)",
    "another view": "CREATE OR REPLACE VIEW {view} AS SELECT 1",
    "membership": "GRANT cs_geo_analyst_read TO parks_gis",
    "a role": "CREATE ROLE kept",
    "no logging": "SET log_statement = 'none'",
    "a library": "LOAD 'auto_explain'",
    "an extension": "CREATE EXTENSION dblink",
    "rows without policies": "SET session_replication_role = replica",
}  # fmt: skip


@pytest.mark.parametrize("attempted", ATTEMPTS)
@pytest.mark.parametrize("login", ["gis_analyst", "parks_gis"])
@pytest.mark.trust("A5", figure="refused, whatever is tried")
def test_a_reader_reaches_nothing_but_its_views(site: Site, login: str, attempted: str) -> None:
    view = views_of(login)[0]
    oids = {
        name: ask_one(site.database, f"SELECT 'cs_geo.{table}'::regclass::oid")
        for name, table in (("reports", "reports"), ("protected", "protected_locations"), ("numbers", "report_numbers"))
    }
    statement = ATTEMPTS[attempted].format(view=full_name(view), schema=SCHEMAS[view.tier], **oids)
    with site.connect(login) as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(statement)  # type: ignore[arg-type]
    # 42501: insufficient_privilege. Functions of views take no write; a view of another shape is not asked for rights.
    assert refused.value.sqlstate in {"42501", "55000"}, refused.value


def test_the_statistics_of_columns_are_hidden(site: Site) -> None:
    change(site.database, "ANALYZE cs_geo.reports, cs_geo.protected_locations, cs_geo.release_cells, cs_geo.people")
    for login in READERS:
        assert site.read(login, "SELECT * FROM pg_stats WHERE schemaname LIKE 'cs\\_geo%'") == []
        assert site.read(login, "SELECT * FROM pg_stats_ext") == []
        tables = site.read(login, "SELECT f_table_schema FROM geometry_columns WHERE f_table_schema = 'cs_geo'")
        assert tables == []


@pytest.mark.trust("A5", figure="0 hidden rows in a plan")
def test_a_plan_says_nothing_of_rows_that_the_view_leaves_out(site: Site) -> None:
    visible = len(site.read("gis_analyst", "SELECT 1 FROM cs_geo_internal.reports"))
    hidden = ask(site.database, "SELECT reference, first_day FROM cs_geo.reports WHERE in_protected")
    assert len(hidden) == 7
    conditions = [
        f"geom && ST_MakeEnvelope({PROTECTED_X - 9}, {NORTHING - 9}, {PROTECTED_X + 60}, {NORTHING + 30}, 27700)",
        f"short_reference = '{hidden[0]['reference']}'",
        f"first_day = '{hidden[0]['first_day']}'",
    ]
    with site.connect("gis_analyst") as connection:
        for condition in conditions:
            (met,) = connection.execute(f"SELECT count(*) AS n FROM cs_geo_internal.reports WHERE {condition}")  # type: ignore[arg-type]
            plan = connection.execute(
                f"EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM cs_geo_internal.reports WHERE {condition}"  # type: ignore[arg-type]
            ).fetchone()["QUERY PLAN"]  # type: ignore[index]
            scans = list(_scans(plan[0]["Plan"]))
            assert {scan["Node Type"] for scan in scans} <= {"Function Scan", "Subquery Scan"}
            for scan in scans:
                assert scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0) in {met["n"], visible}
        # Nor does an estimate: it is the same for what is there and hidden as for what is nowhere.
        estimated = {
            connection.execute(
                "EXPLAIN (FORMAT JSON) SELECT * FROM cs_geo_internal.reports WHERE short_reference = %s", [reference]
            ).fetchone()["QUERY PLAN"][0]["Plan"]["Plan Rows"]  # type: ignore[index]
            for reference in (hidden[0]["reference"], "nowhere")
        }
    assert len(estimated) == 1


def _scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _scans(inner)


@pytest.mark.trust("A5", figure="0 hidden rows by a function of the reader's own")
def test_a_function_that_tells_what_it_is_given_is_given_no_hidden_row(site: Site) -> None:
    site.served.run_as_admin(
        """CREATE FUNCTION public.tells(said text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
        $$ BEGIN RAISE NOTICE '%', said; RETURN true; END $$""",
    )
    told: list[str] = []
    try:
        for login in ("gis_analyst", "parks_gis"):
            for view in views_of(login):
                with site.connect(login) as connection:
                    connection.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
                    connection.execute("SET client_min_messages = notice")
                    n = len(told)
                    rows = connection.execute(
                        f'SELECT * FROM {full_name(view)} AS v WHERE tells("{view.key}"::text || v::text)'  # type: ignore[arg-type]
                    ).fetchall()
                    assert len(told) - n == len(rows) > 0
    finally:
        site.served.run_as_admin("DROP FUNCTION public.tells(text)")
    hidden = ask(site.database, "SELECT report_id::text, reference FROM cs_geo.reports WHERE in_protected")
    everything = " ".join(told)
    assert not [row for row in hidden if row["report_id"] in everything or row["reference"] in everything]
    assert HIDDEN not in everything
    assert NOTE not in everything


# --- What the roles are -----------------------------------------------------------------------------------------------


@pytest.mark.trust("A2", figure="0 rights beyond the views of the tier, for groups and their logins")
def test_the_group_roles_and_their_logins_own_nothing_and_reach_their_views_alone(site: Site) -> None:
    names = [*GROUPS.values(), *READERS]
    attributes = ask(
        site.database,
        "SELECT rolname, rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication AS beyond,"
        " rolcanlogin FROM pg_roles WHERE rolname = ANY (%s)",
        names,
    )
    assert {row["rolname"]: row["rolcanlogin"] for row in attributes} == {name: name in READERS for name in names}
    assert not any(row["beyond"] for row in attributes)
    owned = "SELECT 1 FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid WHERE d.deptype = 'o'"
    assert ask(site.database, f"{owned} AND r.rolname = ANY (%s)", names) == []
    for login, (tier, _) in READERS.items():
        for name in (login, GROUPS[tier]):
            reached = ask(
                site.database,
                "SELECT n.nspname || '.' || c.relname AS name, c.relkind FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname LIKE 'cs\\_geo%%' AND c.relkind IN ('r', 'v', 'm', 'p', 'S', 'f')"
                " AND (CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(%s, c.oid, 'USAGE, SELECT, UPDATE') ELSE"
                " has_table_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
                " OR has_any_column_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END)",
                name, name, name,
            )  # fmt: skip
            assert {row["name"] for row in reached} == {full_name(view) for view in VIEWS if view.tier == tier}
            assert {row["relkind"] for row in reached} == {"v"}
            writing = ask(
                site.database,
                "SELECT oid::regclass::text FROM pg_class WHERE relnamespace::regnamespace::text LIKE 'cs\\_geo%%'"
                " AND relkind = 'v' AND has_table_privilege(%s, oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')",
                name,
            )
            assert writing == []
            schemas = ask(
                site.database,
                "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'cs\\_geo%%'"
                " AND has_schema_privilege(%s, oid, 'USAGE, CREATE')",
                name,
            )
            assert [row["nspname"] for row in schemas] == [SCHEMAS[tier]]
    policies = ask(site.database, "SELECT policyname FROM pg_policies WHERE roles && %s::name[]", names)
    assert policies == []


@pytest.mark.trust("A4", figure="0 readers' views that ask as anybody else or push conditions inside")
def test_readers_views_ask_as_whoever_looks_behind_a_barrier(site: Site) -> None:
    views = ask(
        site.database,
        "SELECT n.nspname || '.' || relname AS name, relkind, reloptions FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = relnamespace WHERE n.nspname = ANY (%s) AND relkind <> 'i'",
        list(SCHEMAS.values()),
    )
    assert {view["name"] for view in views} == {full_name(view) for view in VIEWS}
    for view in views:
        assert view["relkind"] == "v"
        assert {"security_invoker=true", "security_barrier=true"} <= set(view["reloptions"])


def test_a_member_of_the_group_who_is_on_no_list_sees_no_row(site: Site) -> None:
    site.served.run_as_admin(
        f"CREATE ROLE stray LOGIN PASSWORD '{PASSWORD}' IN ROLE cs_geo_analyst_read, cs_geo_partner_read"
    )
    try:
        with psycopg.connect(site.served.url("stray")) as connection:
            for view in VIEWS:
                assert connection.execute(f"SELECT count(*) FROM {full_name(view)}").fetchone() == (0,)
    finally:
        site.served.run_as_admin("DROP ROLE stray")
    # Nor does the app, or the owner of everything, read by this way.
    for url in (site.database.app_url, site.database.owner_url):
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            if url == site.database.owner_url:
                assert connection.execute("SELECT count(*) FROM cs_geo_internal.reports").fetchone() == (0,)
            else:
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute("SELECT count(*) FROM cs_geo_internal.reports")


def test_a_reader_passes_nothing_on(site: Site) -> None:
    with site.connect("parks_gis") as connection:
        # PostgreSQL warns and grants nothing.
        connection.execute("GRANT SELECT ON cs_geo_partner.cells TO gis_analyst")
    with pytest.raises(errors.InsufficientPrivilege):
        site.read("gis_analyst", "SELECT * FROM cs_geo_partner.cells")


def test_acting_as_the_group_changes_nothing(site: Site) -> None:
    with site.connect("parks_gis") as connection:
        before = connection.execute("SELECT count(*) AS n FROM cs_geo_partner.cells").fetchone()
        connection.execute("SET ROLE cs_geo_partner_read")
        assert connection.execute("SELECT count(*) AS n FROM cs_geo_partner.cells").fetchone() == before
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SET ROLE cs_geo_analyst_read")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT count(*) FROM cs_geo_internal.reports")


@pytest.fixture
def guest(site: Site) -> Iterator[str]:
    """A reader for one test."""
    added = add_reader(site.store, ADMINISTRATOR, site.served.settings, login="guest_gis", tier="analyst")
    site.served.run_as_admin(*added.statements)
    site.added["guest_gis"] = added
    yield "guest_gis"
    with site.store.begin(ADMINISTRATOR) as connection:
        connection.execute(text("UPDATE cs_geo.readers SET ended_at = now(), ended_by = 'x' WHERE login = 'guest_gis'"
                                " AND ended_at IS NULL"))  # fmt: skip
    change(site.database, "DELETE FROM cs_geo.readers WHERE login = 'guest_gis'")
    site.served.run_as_admin("DROP ROLE IF EXISTS guest_gis")


@pytest.mark.trust("A8", figure="0 rows at the next statement of an open connection")
def test_a_reader_that_is_ended_sees_no_row_at_its_next_statement(site: Site, guest: str) -> None:
    with site.connect(guest) as connection:
        assert connection.execute("SELECT 1 FROM cs_geo_internal.reports LIMIT 1").fetchall()
        left = end_reader(site.store, ADMINISTRATOR, site.served.settings, guest)
        assert connection.execute("SELECT 1 FROM cs_geo_internal.reports LIMIT 1").fetchall() == []
        site.served.run_as_admin(*left)
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT 1 FROM cs_geo_internal.reports LIMIT 1")
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        site.connect(guest)


@pytest.mark.trust("A8", figure="0 rows once the group role is taken away")
def test_taking_the_group_role_away_ends_it_at_once(site: Site, guest: str) -> None:
    with site.connect(guest) as connection:
        assert connection.execute("SELECT 1 FROM cs_geo_internal.reports LIMIT 1").fetchall()
        site.served.run_as_admin(f"REVOKE cs_geo_analyst_read FROM {guest}")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SELECT 1 FROM cs_geo_internal.reports LIMIT 1")
        # Even where somebody has opened the views to everybody.
        change(site.database, "GRANT USAGE ON SCHEMA cs_geo_internal TO PUBLIC")
        change(site.database, "GRANT SELECT ON ALL TABLES IN SCHEMA cs_geo_internal TO PUBLIC")
        change(site.database, "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA cs_geo_internal TO PUBLIC")
        assert connection.execute("SELECT 1 FROM cs_geo_internal.reports LIMIT 1").fetchall() == []
    upgrade_database(site.database.owner_url)
    (state,) = [one for one in list_readers(site.store, ADMINISTRATOR) if one.login == guest]
    assert not state.reads


def test_an_upgrade_makes_the_views_anew_and_readers_read_on(site: Site) -> None:
    before = {login: [len(shown(site, login, view)) for view in views_of(login)] for login in READERS}
    upgrade_database(site.database.owner_url)
    assert {login: [len(shown(site, login, view)) for view in views_of(login)] for login in READERS} == before
    assert not site.read("gis_analyst", "SELECT 1 WHERE has_schema_privilege('cs_geo_partner', 'USAGE')")


@pytest.fixture
def elsewhere(cluster: Cluster) -> Iterator[Settings]:
    """An empty database of another cluster, which has no group roles."""
    _run_as_admin(cluster, f"CREATE DATABASE test_elsewhere TEMPLATE {cluster_files.DATABASE} OWNER {OWNER}",
                  *cluster_files.database_privileges("test_elsewhere"))  # fmt: skip
    yield Settings(
        home=cluster.home,
        database_url=cluster.url("app", "test_elsewhere"),
        owner_database_url=cluster.url("owner", "test_elsewhere"),
    )
    _run_as_admin(cluster, "DROP DATABASE test_elsewhere WITH (FORCE)")


def test_a_backup_is_restored_where_there_are_no_group_roles_and_lets_nobody_read(
    site: Site, elsewhere: Settings, tmp_path: Path
) -> None:
    back_up(site.store, LOCAL_ACTOR, site.served.settings, tmp_path / "site.backup", "four words of mine")
    restore(LOCAL_ACTOR, elsewhere, tmp_path / "site.backup", "four words of mine")
    restored = open_store(elsewhere)
    assert {one.login: one.reads for one in list_readers(restored, ADMINISTRATOR)} == dict.fromkeys(READERS, False)
    with restored.begin(LOCAL_ACTOR) as connection:
        cells = connection.scalar(text("SELECT count(*) FROM cs_geo.release_cells"))
    restored.close()
    assert cells == ask_one(site.database, "SELECT count(*) FROM cs_geo.release_cells")


# --- Letting in and ending --------------------------------------------------------------------------------------------


def test_nobody_is_let_in_while_everybody_may_do_more_than_read(site: Site) -> None:
    for opening in ("CREATE ROLE cs_geo_analyst_read NOLOGIN", "_postgis_index_extent(", "st_estimatedextent(",
                    "lo_create(", "REVOKE CREATE, TEMPORARY ON DATABASE cs_geo FROM PUBLIC"):  # fmt: skip
        assert opening in site.refusal
    with site.store.begin(ADMINISTRATOR) as connection:
        assert find_openings(connection) == []
    for opening, closing in {
        "GRANT CREATE ON SCHEMA public TO PUBLIC": "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT cs_geo_app TO cs_geo_partner_read": "REVOKE cs_geo_app FROM cs_geo_partner_read",
        "ALTER ROLE cs_geo_analyst_read BYPASSRLS": "ALTER ROLE cs_geo_analyst_read NOLOGIN NOSUPERUSER NOCREATEDB"
        " NOCREATEROLE NOREPLICATION NOBYPASSRLS",
        "GRANT USAGE ON SCHEMA cs_geo TO PUBLIC": "REVOKE ALL ON SCHEMA cs_geo FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION lo_creat(integer) TO PUBLIC":
            "REVOKE EXECUTE ON FUNCTION pg_catalog.lo_creat(integer) FROM PUBLIC",
    }.items():  # fmt: skip
        site.served.run_as_admin(opening)
        try:
            with pytest.raises(SetupError) as refused:
                add_reader(site.store, ADMINISTRATOR, site.served.settings, login="late_gis", tier="analyst")
            assert str(refused.value).endswith(f":\n{closing};")
        finally:
            site.served.run_as_admin(closing)


@pytest.mark.parametrize(
    ("login", "tier", "agency", "fault", "said"),
    [
        ("postgres", "analyst", "", UsageError, "for the post"),
        ("cs_geo_app", "analyst", "", UsageError, "for the post"),
        ('x"; DROP ROLE site_owner; --', "analyst", "", UsageError, "for the post"),
        ("new_gis", "owner", "", UsageError, "--as analyst or --as partner"),
        ("new_gis", "partner", "", UsageError, "for which agency"),
        ("new_gis", "analyst", "Parks team", UsageError, "Leave out --agency"),
        ("site_login", "analyst", "", RefusedInput, "may hold other rights"),
        ("parks_gis", "partner", "Housing", RefusedInput, "reads already"),
    ],
)
def test_a_login_that_will_not_do_is_refused_in_words(
    site: Site, login: str, tier: str, agency: str, fault: type[Exception], said: str
) -> None:
    with pytest.raises(fault, match=said):
        add_reader(site.store, ADMINISTRATOR, site.served.settings, login=login, tier=tier, agency=agency)


def test_letting_in_stands_in_the_audit_log_and_is_an_administrators(site: Site) -> None:
    analyst = Actor("local", frozenset({Role.ANALYST}), Tier.INTERNAL)
    with pytest.raises(Refused, match="administrator"):
        add_reader(site.store, analyst, site.served.settings, login="own_gis", tier="analyst")
    with pytest.raises(Refused, match="administrator"):
        end_reader(site.store, analyst, site.served.settings, "parks_gis")
    rows = ask(
        site.database,
        "SELECT subject, outcome, details FROM cs_geo.audit_log WHERE action = 'manage_readers' AND subject <> ''",
    )
    found = [(row["subject"], row["outcome"], row["details"]) for row in rows]
    assert ("gis_analyst", "done", {"granted": "analyst"}) in found
    assert ("parks_gis", "done", {"granted": "partner", "agency": "parks team"}) in found
    assert ("own_gis", "refused", {}) in found
    assert not [one for one in site.added.values() if one.password in json.dumps(found)]


def test_the_list_is_written_by_an_administrator_alone_and_nobody_deletes_from_it(site: Site) -> None:
    for roles in ([Role.ANALYST, Role.DATA_STEWARD, Role.COORDINATOR], []):
        actor = Actor("local", frozenset(roles), tier_of(roles))
        with site.store.begin(actor) as connection:
            assert connection.scalar(text("SELECT count(*) FROM cs_geo.readers")) == 0
        with pytest.raises(Exception, match="row-level security"), site.store.begin(actor) as connection:
            connection.execute(text("INSERT INTO cs_geo.readers (login, tier, added_by) VALUES ('x', 'analyst', 'x')"))
    for statement in ("DELETE FROM cs_geo.readers", "UPDATE cs_geo.readers SET agency = 'Housing'"):
        with pytest.raises(Exception, match="permission denied"), site.store.begin(ADMINISTRATOR) as connection:
            connection.execute(text(statement))


def test_no_statement_holds_a_password(site: Site) -> None:
    for added in site.added.values():
        if added.login in READERS:
            (made, granted) = added.statements
            assert added.password not in made
            assert "SCRAM-SHA-256$" in made
            assert granted == f'GRANT "{GROUPS[added.tier]}" TO "{added.login}"'
            assert len(added.password) >= 32


def test_an_owner_that_may_make_roles_makes_and_closes_the_login_itself(site: Site) -> None:
    site.served.run_as_admin(f"CREATE ROLE maker LOGIN CREATEROLE PASSWORD '{PASSWORD}' IN ROLE site_owner",
                             "GRANT cs_geo_analyst_read TO maker WITH ADMIN OPTION")  # fmt: skip
    maker = site.served.settings.model_copy(update={"owner_database_url": site.served.url("maker")})
    try:
        added = add_reader(site.store, ADMINISTRATOR, maker, login="made_gis", tier="analyst")
        assert added.statements == ()
        with psycopg.connect(site.served.url("made_gis", added.password)) as connection:
            assert connection.execute("SELECT count(*) > 40 FROM cs_geo_internal.reports").fetchone() == (True,)
        assert end_reader(site.store, ADMINISTRATOR, maker, "made_gis") == ()
        with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
            psycopg.connect(site.served.url("made_gis", added.password))
        again = add_reader(site.store, ADMINISTRATOR, maker, login="made_gis", tier="analyst")
        with psycopg.connect(site.served.url("made_gis", again.password)) as connection:
            assert connection.execute("SELECT count(*) > 40 FROM cs_geo_internal.reports").fetchone() == (True,)
        end_reader(site.store, ADMINISTRATOR, maker, "made_gis")
    finally:
        site.served.run_as_admin("DROP ROLE IF EXISTS made_gis", "DROP ROLE maker")


def test_an_upgrade_by_an_owner_that_may_make_roles_makes_the_groups(site: Site) -> None:
    site.served.run_as_admin("ALTER ROLE cs_geo_analyst_read RENAME TO put_aside", "ALTER ROLE site_owner CREATEROLE")
    try:
        with Store(make_engine(site.database.app_url)).connect():
            upgrade_database(site.database.owner_url)
        made = ask_one(site.database, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'cs_geo_analyst_read'")
        assert made is False
        assert ask_one(site.database, "SELECT has_schema_privilege('cs_geo_analyst_read', 'cs_geo_internal', 'USAGE')")
    finally:
        site.served.run_as_admin(
            "ALTER ROLE site_owner NOCREATEROLE", "DROP OWNED BY cs_geo_analyst_read",
            "DROP ROLE cs_geo_analyst_read", "ALTER ROLE put_aside RENAME TO cs_geo_analyst_read",
        )  # fmt: skip
        upgrade_database(site.database.owner_url)
    assert site.read("gis_analyst", "SELECT 1 FROM cs_geo_internal.reports LIMIT 1")


def test_the_private_cluster_lets_no_reader_in(site: Site) -> None:
    with pytest.raises(NotAvailable, match="served PostGIS"):
        add_reader(site.store, ADMINISTRATOR, Settings(home=site.served.home), login="new_gis", tier="analyst")


# --- What is written down ---------------------------------------------------------------------------------------------


@pytest.mark.trust("B7", figure="a reader's statements and no value of a row; of the program nothing")
def test_a_readers_statements_are_logged_where_the_administrator_says_so(site: Site, guest: str) -> None:
    logging = site.added[guest].logging
    documented = documented_statements("Reading with a GIS", block=1)
    assert [one.replace('"guest_gis"', "parks_gis") for one in logging] == documented
    assert not {one.login: one.is_logged for one in list_readers(site.store, ADMINISTRATOR)}[guest]
    before = len(site.served.log())
    site.served.run_as_admin(*logging)
    with site.connect(guest) as connection:
        connection.execute("SELECT 'asked by a reader', * FROM cs_geo_internal.reports")
        with pytest.raises(errors.InvalidTextRepresentation, match="Harbour"):
            connection.execute("SELECT source::int FROM cs_geo_internal.reports")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SET log_statement = 'none'")
    with site.store.begin(LOCAL_ACTOR) as connection:
        connection.execute(text("SELECT 'asked by the program'"))
    written = site.served.log()[before:]
    assert f"{guest} LOG:  statement: SELECT 'asked by a reader', * FROM cs_geo_internal.reports" in written
    assert f"{guest} LOG:  statement: SELECT source::int FROM cs_geo_internal.reports" in written
    assert "asked by the program" not in written
    assert not [value for value in ("Harbour", NOTE, STREET, "Elm Park") if value in written]
    assert {one.login: one.is_logged for one in list_readers(site.store, ADMINISTRATOR)}[guest]


# --- The command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def say(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[int, str, str]]]:
    monkeypatch.setenv("CS_GEO_DATABASE_URL", site.database.app_url)
    monkeypatch.setenv("CS_GEO_OWNER_DATABASE_URL", site.database.owner_url)
    get_settings.cache_clear()

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cs-geo", "db", "readers", *words])
        code = 0
        try:
            main.run()
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    yield run
    get_settings.cache_clear()


def test_the_command_lets_in_lists_and_ends(site: Site, say: Callable[..., tuple[int, str, str]]) -> None:
    try:
        code, out, _ = say("add", "typed_gis", "--as", "partner", "--agency", "Parks team")
        assert code == 0
        password = re.search(r"shown this once: (\S+)", out)
        assert password
        made = re.findall(r"^  ((?:CREATE|GRANT) .*);$", out, re.MULTILINE)
        assert "waits for its login" in say("list")[1]
        site.served.run_as_admin(*made)
        with psycopg.connect(site.served.url("typed_gis", password[1])) as connection:
            assert connection.execute("SELECT count(*) FROM cs_geo_partner.releases").fetchone() == (1,)
        assert "typed_gis: partner (Parks team), reads, statements not logged" in say("list")[1]
        listed = json.loads(say("list", "--json")[1])["readers"]
        assert {one["login"]: one["reads"] for one in listed}["typed_gis"] is True
        code, out, _ = say("end", "typed_gis")
        assert code == 0
        assert "sees no row any more" in out
        assert 'ALTER ROLE "typed_gis" NOLOGIN;' in out
        assert "typed_gis: partner (Parks team), ended on" in say("list")[1]
        assert say("end", "typed_gis")[0] == 1
        assert json.loads(say("add", "typed_gis", "--as", "analyst", "--json")[1])["schema"] == "cs_geo_internal"
        assert say("add", "other_gis", "--as", "partner")[0] == 2
    finally:
        change(site.database, "DELETE FROM cs_geo.readers WHERE login = 'typed_gis'")
        site.served.run_as_admin("DROP ROLE IF EXISTS typed_gis")


def test_making_the_views_needs_no_more_than_the_owner(site: Site) -> None:
    engine = make_engine(site.database.app_url)
    with pytest.raises(Exception, match=r"must be owner|permission denied"), engine.begin() as connection:
        make_reader_views(connection)
    engine.dispose()
