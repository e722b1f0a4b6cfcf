"""What is kept how long: rules as data, holds that override them, and a certificate without content."""

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from cs_geo.access.actor import LOCAL_ACTOR, Role
from cs_geo.access.permissions import Refused
from cs_geo.errors import RefusedInput, SetupError, UsageError
from cs_geo.reports.selection import Selection
from cs_geo.settings import Settings, data_folder
from cs_geo.store import retention as stored
from cs_geo.store.audit import list_audit
from cs_geo.store.imports import expire_rejects
from cs_geo.store.opening import Store
from cs_geo.store.reports import count_reports, count_to_place
from cs_geo.workflows import hold_records
from cs_geo.workflows.retention_rules import COLUMNS, read_rules
from cs_geo.workflows.run_retention import RetentionRun, run_retention
from tests.conftest import Database, plain
from tests.sheets import (
    EASTING,
    NORTHING,
    ask,
    ask_one,
    change,
    effort_row,
    import_rows,
    import_sheet,
    report_row,
    table_hash,
    write_sheet,
)

STEWARD = LOCAL_ACTOR.acting_as({Role.DATA_STEWARD})
ANALYST = LOCAL_ACTOR.acting_as({Role.ANALYST})
TABLES = ("reports", "report_versions", "effort_sessions", "effort_session_versions", "report_cells", "import_rejects",
    "import_issues", "jobs", "hotspot_runs")  # fmt: skip
CANARY = "heron on the weir"


@pytest.fixture
def site(settings: Settings, tmp_path: Path) -> Settings:
    """The settings of a site with a home folder of the test's own."""
    return settings.model_copy(update={"home": tmp_path / "home"})


def make_older(database: Database, age: str, where: str = "true") -> None:
    """Let records, their versions and imports be older than they are."""
    for table in ("reports", "report_versions", "effort_sessions", "effort_session_versions"):
        change(database, f"UPDATE cs_geo.{table} SET recorded_at = recorded_at - interval '{age}' WHERE {where}")
    change(database, f"UPDATE cs_geo.imports SET started_at = started_at - interval '{age}'")


def counts(run: RetentionRun) -> dict[str, tuple[int, int, int]]:
    return {rule.rule: (one.records, one.versions, one.held) for rule, one in run.done}


def report(database: Database, reference: str = "") -> dict[str, object]:
    found = ask(
        database,
        "SELECT *, ST_X(geom) AS x, ST_Y(geom) AS y FROM cs_geo.reports WHERE reference = %s OR %s = ''",
        reference,
        reference,
    )
    return found[0]


def test_each_rule_removes_what_it_names_when_it_is_due_and_nothing_before(
    store: Store, site: Settings, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(note=f"{CANARY}, benches", what_helped="a lamp", outcome="mended")])
    before = report(database)
    run_retention(store, STEWARD, site)
    assert report(database) == before

    make_older(database, "91 days")
    assert counts(run_retention(store, STEWARD, site))["location_text"] == (1, 1, 0)
    now = report(database)
    assert (now["location_text"], now["coordinates_given"], now["note"]) == ("", "", before["note"])
    assert (now["x"], now["y"], now["match_precision"]) == (before["x"], before["y"], before["match_precision"])
    assert now["removed"] == ["location_text"]

    make_older(database, "275 days")
    assert counts(run_retention(store, STEWARD, site))["texts"] == (1, 1, 0)
    now = report(database)
    assert (now["note"], now["what_helped"], now["outcome"]) == ("", "", "")
    assert (now["kind"], now["first_day"], now["source_type"]) == tuple(
        before[name] for name in ("kind", "first_day", "source_type")
    )

    make_older(database, "366 days")
    done = run_retention(store, STEWARD, site)
    assert counts(done)["exact_geometry"] == (1, 1, 0)
    now = report(database)
    # The point lies at 13, 27 of its cell of 50 m.
    assert (EASTING % 50, NORTHING % 50) == (13, 27)
    assert (now["x"], now["y"]) == (EASTING + 12, NORTHING - 2)
    assert now["match_precision"] == "cell"
    assert now["match_radius_m"] == pytest.approx(before["match_radius_m"] + 36)
    assert now["removed"] == ["location_text", "texts", "exact_geometry"]
    for table in ("reports", "report_versions"):
        assert ask_one(database, f"SELECT count(*) FROM cs_geo.{table} t WHERE t::text LIKE %s", f"%{CANARY}%") == 0
    assert ask(database, "SELECT DISTINCT ST_X(geom) AS x, removed FROM cs_geo.report_versions") == [
        {"x": now["x"], "removed": now["removed"]}
    ]
    # Done once, nothing is left to do.
    assert set(counts(run_retention(store, STEWARD, site)).values()) == {(0, 0, 0)}


@pytest.mark.trust("D14", figure="0 left in versions, by retention")
def test_every_version_and_every_effort_session_goes_with_its_record(
    store: Store, site: Settings, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(reference="A1", note="one")])
    import_rows(store, tmp_path, [report_row(reference="A1", note="two")])
    session = effort_row(Route="From the weir to the bridge", Remarks="quiet")
    import_sheet(store, write_sheet(tmp_path / "effort.csv", [session]), source="Youth team")
    make_older(database, "3 years")
    done = counts(run_retention(store, STEWARD, site))
    assert done["texts"] == (2, 3, 0)
    assert ask_one(database, "SELECT count(*) FROM cs_geo.report_versions WHERE note = '' AND location_text = ''") == 2
    for table in ("effort_sessions", "effort_session_versions"):
        (row,) = ask(database, f"SELECT note, route, location_text FROM cs_geo.{table}")
        assert set(row.values()) == {""}


def test_a_dry_run_counts_what_the_run_does_and_changes_nothing(
    store: Store, site: Settings, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(note=str(n)) for n in range(5)] + [report_row(date="x")])
    make_older(database, "3 years")
    change(database, "UPDATE cs_geo.import_rejects SET expires_at = now() - interval '1 day'")
    before = table_hash(database, TABLES)
    dry = run_retention(store, STEWARD, site, dry_run=True)
    assert table_hash(database, TABLES) == before
    assert dry.certificate is None
    assert not (tmp_path / "home").exists()
    done = run_retention(store, STEWARD, site)
    assert counts(done) == counts(dry)
    assert counts(done)["reject_sheets"] == (1, 0, 0)
    assert counts(done)["import_issues"][0] == 1
    assert ask_one(database, "SELECT count(*) FROM cs_geo.import_rejects") == 0


def test_counts_by_hexagon_follow_the_points(store: Store, site: Settings, database: Database, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(easting=EASTING + n * 9, note=str(n)) for n in range(20)])
    make_older(database, "3 years")
    run_retention(store, STEWARD, site)
    kept = table_hash(database, ["report_cells"])
    with store.begin(STEWARD) as connection:
        from cs_geo.store.cells import count_cells

        count_cells(connection)
    assert table_hash(database, ["report_cells"]) == kept
    assert ask_one(database, "SELECT sum(reports_n) FROM cs_geo.report_cells WHERE zoom = 12") == 20


def hold_report(store: Store, database: Database, place: str) -> None:
    reference = ask_one(database, "SELECT reference FROM cs_geo.reports WHERE note = 'held'")
    hold_records.add_hold(store, STEWARD, reason="inquiry", report=reference)


def hold_place(store: Store, database: Database, place: str) -> None:
    hold_records.add_hold(store, STEWARD, reason="inquiry", place="the weir")


def hold_import(store: Store, database: Database, place: str) -> None:
    number = ask_one(database, "SELECT import_id FROM cs_geo.reports WHERE note = 'held'")
    hold_records.add_hold(store, STEWARD, reason="inquiry", of_import=number)


@pytest.mark.parametrize("hold", [hold_report, hold_place, hold_import])
def test_a_hold_by_report_place_or_import_overrides_every_rule_until_it_ends(
    store: Store,
    site: Settings,
    database: Database,
    tmp_path: Path,
    hold: Callable[[Store, Database, str], None],
) -> None:
    import_rows(store, tmp_path, [report_row(note="other", easting=EASTING + 900)])
    import_rows(store, tmp_path, [report_row(note="held")])
    change(database, "INSERT INTO cs_geo.places (name, place_type, created_by) VALUES ('The Weir', 'other', 'local')")
    change(
        database,
        "INSERT INTO cs_geo.place_boundaries (place_id, version, origin, drawn_by, geom) SELECT place_id, 1, 'drawn',"
        f" 'local', ST_Multi(ST_Expand(ST_SetSRID(ST_MakePoint({EASTING}, {NORTHING}), 27700), 30)) FROM cs_geo.places",
    )
    hold(store, database, "")
    make_older(database, "3 years")
    held = report(database, ask_one(database, "SELECT reference FROM cs_geo.reports WHERE note = 'held'"))
    done = counts(run_retention(store, STEWARD, site))
    assert [done[name] for name in ("location_text", "texts", "exact_geometry")] == [(1, 1, 1)] * 3
    assert report(database, str(held["reference"])) == held
    (standing,) = hold_records.list_holds(store, STEWARD)
    hold_records.end_hold(store, STEWARD, standing.hold_id)
    done = counts(run_retention(store, STEWARD, site))
    assert [done[name] for name in ("location_text", "texts", "exact_geometry")] == [(1, 1, 0)] * 3
    with pytest.raises(RefusedInput, match="hold"):
        hold_records.end_hold(store, STEWARD, standing.hold_id)


def test_rejected_rows_of_a_held_import_outlive_their_days(store: Store, database: Database, tmp_path: Path) -> None:
    outcome = import_rows(store, tmp_path, [report_row(), report_row(date="x")])
    change(database, "UPDATE cs_geo.import_rejects SET expires_at = now() - interval '1 day'")
    hold_records.add_hold(store, STEWARD, reason="complaint", of_import=outcome.import_id)
    with store.begin(ANALYST) as connection:
        assert expire_rejects(connection) == 0
    (hold,) = hold_records.list_holds(store, STEWARD)
    hold_records.end_hold(store, STEWARD, hold.hold_id)
    with store.begin(ANALYST) as connection:
        assert expire_rejects(connection) == 1


def test_a_report_in_a_protected_location_stays_there_when_its_point_becomes_coarse(
    store: Store, site: Settings, database: Database, tmp_path: Path
) -> None:
    # The point is 13 m from the west of its cell, the protected ground reaches to 14 m: the centre lies outside.
    change(
        database,
        "INSERT INTO cs_geo.protected_locations (kind, added_by, geom) VALUES ('refuge', 'local',"
        f" ST_Multi(ST_MakeEnvelope({EASTING - 20}, {NORTHING - 50}, {EASTING + 1}, {NORTHING + 50}, 27700)))",
    )
    import_rows(store, tmp_path, [report_row()])
    assert report(database)["in_protected"]
    make_older(database, "3 years")
    run_retention(store, STEWARD, site)
    assert report(database)["match_precision"] == "cell"
    assert report(database)["in_protected"]


def test_published_data_is_left_as_it_is(store: Store, site: Settings, database: Database, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(note="as published")])
    for table in ("reports", "report_versions"):
        change(database, f"UPDATE cs_geo.{table} SET published = true")
    make_older(database, "3 years")
    before = report(database)
    run_retention(store, STEWARD, site)
    assert report(database) == before


def test_a_location_whose_words_are_gone_no_longer_waits_for_a_person(
    store: Store, site: Settings, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(easting="", northing="", location="Behind the old mill")])
    with store.begin(STEWARD) as connection:
        assert count_to_place(connection)[0] == 1
    make_older(database, "91 days")
    run_retention(store, STEWARD, site)
    with store.begin(STEWARD) as connection:
        assert count_to_place(connection)[0] == 0
        assert count_reports(connection, Selection()).to_place == 1


def test_the_same_file_imported_again_brings_nothing_back_and_a_changed_row_counts_anew(
    store: Store, site: Settings, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(reference="A1", note="one")])
    make_older(database, "3 years")
    run_retention(store, STEWARD, site)
    assert import_rows(store, tmp_path, [report_row(reference="A1", note="one")]).duplicate == 1
    assert report(database)["note"] == ""
    assert import_rows(store, tmp_path, [report_row(reference="A1", note="two")]).updated == 1
    assert (report(database)["note"], report(database)["removed"]) == ("two", [])


def test_the_certificate_names_rules_counts_and_row_of_the_log_and_no_content(
    store: Store, site: Settings, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(note=CANARY, location="Otter Lane")])
    make_older(database, "3 years")
    done = run_retention(store, STEWARD, site)
    assert done.certificate is not None
    written = done.certificate.read_text(encoding="utf-8")
    certificate = json.loads(written)
    assert certificate == done.to_json()
    assert certificate["counts"]["texts"] == {"records": 1, "versions": 1, "held": 0, "kept": 0}
    assert certificate["rules_sha256"] == read_rules(site).sha256
    assert CANARY not in written
    assert "Otter" not in written
    assert done.certificate.stat().st_mode & 0o077 == 0
    with store.begin(STEWARD) as connection:
        row = next(row for row in list_audit(connection) if row.number == certificate["audit_row"])
    assert (row.action, row.outcome, row.person) == ("run_retention", "done", certificate["ran_by"])
    assert row.details["counts"] == certificate["counts"]
    with pytest.raises(RefusedInput, match="there already"):
        run_retention(store, STEWARD, site, certificate=done.certificate)
    assert done.certificate.read_text(encoding="utf-8") == written


def test_a_run_that_fails_removes_nothing_and_leaves_no_certificate(
    store: Store, site: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_rows(store, tmp_path, [report_row(note="one")])
    make_older(database, "3 years")
    before = table_hash(database, TABLES)

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("cs_geo.workflows.run_retention.count_cells", fail)
    with pytest.raises(RuntimeError):
        run_retention(store, STEWARD, site)
    assert table_hash(database, TABLES) == before
    assert list((tmp_path / "home" / "certificates").iterdir()) == []
    with store.begin(STEWARD) as connection:
        assert [row.outcome for row in list_audit(connection)][:2] == ["failed", "begun"]


def test_audit_and_exports_are_kept_and_counted(store: Store, site: Settings) -> None:
    first = {rule.rule: one for rule, one in run_retention(store, STEWARD, site).done}
    assert first["exports"].kept == 0
    again = {rule.rule: one for rule, one in run_retention(store, STEWARD, site).done}
    assert again["audit_log"].kept == first["audit_log"].kept + 2


def test_only_a_data_steward_runs_retention_and_holds(store: Store, site: Settings, database: Database) -> None:
    everybody_else = LOCAL_ACTOR.acting_as(set(Role) - {Role.DATA_STEWARD})
    with pytest.raises(Refused):
        run_retention(store, everybody_else, site)
    with pytest.raises(Refused):
        hold_records.add_hold(store, everybody_else, reason="inquiry", place="The Weir")
    # Nor does the database let anybody else.
    with pytest.raises(Exception, match="Only a data steward"), store.begin(everybody_else) as connection:
        stored.apply_rule(connection, "texts", "recorded", "12 months")
    with store.begin(everybody_else) as connection:
        assert stored.list_holds(connection) == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("'kind', 'recorded', interval '1 year'", "cannot be removed"),
        ("'texts', 'recorded', interval '1 hour'", "a day or more"),
        ("'texts', 'true OR now', interval '1 year'", "not known"),
    ],
)
def test_the_function_that_blanks_versions_does_what_a_rule_names_and_nothing_else(
    database: Database, call: str, message: str
) -> None:
    with psycopg.connect(plain(database.app_url)) as connection:
        connection.execute(
            "SELECT set_config('cs_geo.person', 'local', true), set_config('cs_geo.roles', 'data_steward', true)"
        )
        with pytest.raises(errors.InvalidParameterValue, match=message):
            connection.execute(f"SELECT cs_geo.apply_retention({call})")  # type: ignore[arg-type]


def test_holds_are_ended_and_never_deleted(database: Database) -> None:
    with psycopg.connect(plain(database.app_url)) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("DELETE FROM cs_geo.legal_holds")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "one thing"),
        ({"report": "234-5678", "place": "x"}, "one thing"),
        ({"place": "Nowhere"}, "no registered place"),
        ({"place": "Nowhere", "reason": "because"}, "legal_proceedings"),
    ],
)
def test_a_hold_names_one_thing_that_exists_and_a_reason_on_the_list(
    store: Store, given: dict[str, str], message: str
) -> None:
    with pytest.raises((UsageError, RefusedInput), match=message):
        hold_records.add_hold(store, STEWARD, **{"reason": "inquiry", **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a,texts,12 months,recorded,kept,law,steward", "can only be removed"),
        ("a,texts,soon,recorded,removed,law,steward", "no time"),
        ("a,texts,12 months,written,removed,law,steward", "counted from"),
        ("a,names,12 months,recorded,removed,law,steward", "none of"),
        ("a,texts,12 months,recorded,removed,,steward", "a source"),
        ("a,import_rejects,7 days,imported,removed,law,steward", "CS_GEO_REJECT_DAYS"),
    ],
)
def test_a_rule_that_cannot_be_followed_stops_the_run_before_anything_is_removed(
    store: Store, site: Settings, tmp_path: Path, line: str, message: str
) -> None:
    own = tmp_path / "home" / "retention.csv"
    own.parent.mkdir()
    own.write_text(f"{','.join(COLUMNS)}\n{line}\n", encoding="utf-8")
    with pytest.raises(SetupError, match=rf"retention\.csv, line 2: .*{message}"):
        run_retention(store, STEWARD, site)


def test_a_site_s_own_rules_stand_in_place_of_the_product_s(
    store: Store, site: Settings, database: Database, tmp_path: Path
) -> None:
    own = tmp_path / "home" / "retention.csv"
    own.parent.mkdir()
    own.write_text(f"{','.join(COLUMNS)}\nnotes,texts,30 days,recorded,removed,DPO,steward\n", encoding="utf-8")
    import_rows(store, tmp_path, [report_row(note="one")])
    make_older(database, "31 days")
    assert counts(run_retention(store, STEWARD, site)) == {"notes": (1, 1, 0)}


def test_the_product_s_rules_are_those_of_the_field(site: Settings) -> None:
    rules = {rule.rule: (rule.after, rule.happens) for rule in read_rules(site).rules}
    assert rules["location_text"] == ("90 days", "removed")
    assert rules["texts"] == ("12 months", "removed")
    assert rules["exact_geometry"] == ("24 months", "replaced")
    assert rules["reject_sheets"] == ("7 days", "removed")
    assert rules["audit_log"] == rules["exports"] == ("7 years", "kept")
    assert (data_folder() / "retention.csv").is_file()
