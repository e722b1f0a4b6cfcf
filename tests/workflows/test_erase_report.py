"""Erasing one report: nothing of it is left anywhere in the database, a tombstone stays, and it does not come back."""

import json
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from cs_geo.access.actor import LOCAL_ACTOR, Role
from cs_geo.access.permissions import Refused
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.hotspots.parameters import HotspotParameters
from cs_geo.reports.selection import Selection
from cs_geo.store.audit import list_audit
from cs_geo.store.erasing import erase_report as erase_stored
from cs_geo.store.erasing import find_tombstone
from cs_geo.store.opening import Store
from cs_geo.workflows.erase_report import erase_report
from cs_geo.workflows.find_hotspots import run_hotspots
from cs_geo.workflows.hold_records import add_hold, end_hold
from cs_geo.workflows.read_reports import find_by_reference
from cs_geo.workflows.undo_imports import undo_import
from tests.conftest import Database, plain
from tests.sheets import (
    EASTING,
    NORTHING,
    SOURCE,
    ask,
    ask_one,
    change,
    import_rows,
    report_row,
    table_hash,
    verdicts,
)

STEWARD = LOCAL_ACTOR.acting_as({Role.DATA_STEWARD})
CANARIES = {
    "note": "zq-heron sat on the parapet",
    "what_helped": "zq-kestrel lamps were mended",
    "outcome": "zq-plover was spoken to",
    "location": "zq-ouzel Lane",
    "place": "zq-dunlin Yard",
    "harm_types": "zq-siskin worry",
}
PLANTED = "zq-"


def canary_row(**given: object) -> dict[str, object]:
    return report_row(reference="CANARY", **CANARIES) | given


def dump(database: Database) -> str:
    """The whole database as text, as its administrator sees it."""
    from cs_geo.store.dumping import programs_for

    engine = create_engine(database.admin_url)
    with engine.begin() as connection:
        program = programs_for(connection, "pg_dump")
    engine.dispose()
    return subprocess.run(
        [program, "--format=plain", f"--dbname={plain(database.admin_url)}"], capture_output=True, check=True
    ).stdout.decode("utf-8")


def reference_of(database: Database, like: str) -> str:
    return str(ask_one(database, "SELECT reference FROM cs_geo.reports WHERE note LIKE %s", f"%{like}%"))


def test_planted_words_of_an_erased_report_are_nowhere_in_a_full_dump(
    store: Store, database: Database, tmp_path: Path
) -> None:
    others = [report_row(reference=f"B{n}", note=f"bench {n}", easting=EASTING + n % 7) for n in range(12)]
    bad = canary_row(date="31/02/2024")
    import_rows(store, tmp_path, [*others, bad])
    first = import_rows(store, tmp_path, [*others, canary_row()])
    import_rows(store, tmp_path, [canary_row(note="zq-heron flew to the weir")])
    checked = import_rows(store, tmp_path, [canary_row(date="2024-05-01")], dry_run=True)
    for outcome in (first, checked):
        change(
            database,
            "INSERT INTO cs_geo.jobs (kind, arguments, actor, state, result) VALUES ('import', '{}', '{}', 'done', %s)",
            json.dumps(outcome.to_json()),
        )
    run_hotspots(store, LOCAL_ACTOR, Selection(), HotspotParameters(min_reports=3))
    before = dump(database)
    tables = ("reports", "report_versions", "import_rejects", "import_issues", "jobs")
    for table in tables:
        hits = f"SELECT count(*) FROM cs_geo.{table} t WHERE t::text LIKE '%%zq-%%'"
        assert ask_one(database, hits) > 0, table
    assert ask_one(database, "SELECT count(*) FROM cs_geo.hotspot_members") > 0
    assert before.count(PLANTED) > 20

    reference = reference_of(database, "zq-heron")
    done = erase_report(store, STEWARD, reference, reason="names_a_person")
    after = dump(database)
    assert after.count(PLANTED) == 0
    assert (done.erased.versions, done.erased.rejects) == (2, 1)
    # What is another's is left.
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports") == 12
    assert ask_one(database, "SELECT count(*) FROM cs_geo.report_versions") == 12
    identifier = ask_one(database, "SELECT report_id FROM cs_geo.erasures")
    found = [line for line in after.splitlines() if str(identifier) in line]
    assert len(found) == 1, "the identifier stands in the tombstone alone"


def test_a_tombstone_says_which_report_was_erased_when_why_and_by_whom(
    store: Store, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [canary_row()])
    reference = reference_of(database, "zq-heron")
    done = erase_report(store, STEWARD, reference.lower().replace("-", ""), reason="Right to erasure")
    with store.begin(STEWARD) as connection:
        tombstone = find_tombstone(connection, reference)
        (row, *_) = list_audit(connection)
    assert tombstone is not None
    assert (tombstone.reference, tombstone.erased_by, tombstone.reason) == (reference, "local", "right_to_erasure")
    assert (row.number, row.action, row.outcome, row.subject) == (done.audit_number, "erase", "done", reference)
    assert PLANTED not in json.dumps(dict(row.details))
    with pytest.raises(RefusedInput, match="was erased on"):
        find_by_reference(store, LOCAL_ACTOR, reference)
    with pytest.raises(RefusedInput, match="already"):
        erase_report(store, STEWARD, reference, reason="right_to_erasure")


def test_counts_by_hexagon_and_hotspots_are_without_it(store: Store, database: Database, tmp_path: Path) -> None:
    rows = [report_row(note=f"number {n}", easting=EASTING + n, northing=NORTHING + n % 3) for n in range(20)]
    import_rows(store, tmp_path, rows)
    run_hotspots(store, LOCAL_ACTOR, Selection(), HotspotParameters())
    assert ask_one(database, "SELECT count(*) FROM cs_geo.hotspots") > 0
    done = erase_report(store, STEWARD, reference_of(database, "number 7"), reason="sent_in_error")
    assert done.erased.runs == 1
    assert ask_one(database, "SELECT count(*) FROM cs_geo.hotspots") == 0
    assert ask(database, "SELECT zoom, sum(reports_n) AS n FROM cs_geo.report_cells GROUP BY zoom ORDER BY zoom") == [
        {"zoom": zoom, "n": 19} for zoom in range(6, 13)
    ]


@pytest.mark.parametrize("keyed", [True, False], ids=["keyed", "keyless"])
def test_the_same_file_imported_again_does_not_bring_it_back(
    store: Store, database: Database, tmp_path: Path, keyed: bool
) -> None:
    key = {"reference": "A1"} if keyed else {}
    rows = [report_row(**key, note="the first of two"), report_row(note="the second of two")]
    import_rows(store, tmp_path, rows)
    erase_report(store, STEWARD, reference_of(database, "first"), reason="sent_in_error")
    more = [*rows, report_row(note="a third one")]
    assert verdicts(import_rows(store, tmp_path, more)) == (1, 0, 2, 0)
    if keyed:
        mended = [report_row(**key, note="the first, in other words")]
        assert verdicts(import_rows(store, tmp_path, mended)) == (0, 0, 1, 0)
    assert ask_one(database, "SELECT count(*) FROM cs_geo.reports WHERE note LIKE '%%first%%'") == 0
    # Another source's row is another report.
    assert verdicts(import_rows(store, tmp_path, rows, source="Mill Lane School")) == (2, 0, 0, 0)


def test_of_equal_rows_only_the_one_that_was_erased_stays_away(
    store: Store, database: Database, tmp_path: Path
) -> None:
    rows = [report_row(note="three times alike")] * 3
    import_rows(store, tmp_path, rows)
    reference = ask(database, "SELECT reference FROM cs_geo.reports WHERE occurrence = 2")[0]["reference"]
    erase_report(store, STEWARD, reference, reason="sent_in_error")
    assert verdicts(import_rows(store, tmp_path, [*rows, *rows[:1], report_row()])) == (2, 0, 3, 0)
    assert ask(database, "SELECT occurrence FROM cs_geo.reports WHERE note <> '' ORDER BY 1") == [
        {"occurrence": n} for n in (1, 3, 4)
    ]


def test_a_report_that_was_withdrawn_with_its_import_is_erased_too(
    store: Store, database: Database, tmp_path: Path
) -> None:
    outcome = import_rows(store, tmp_path, [canary_row()])
    reference = reference_of(database, "zq-heron")
    assert outcome.import_id is not None
    undo_import(store, LOCAL_ACTOR, outcome.import_id)
    assert erase_report(store, STEWARD, reference, reason="court_order").erased.versions == 2
    assert PLANTED not in dump(database)


def test_a_report_under_a_hold_is_not_erased(store: Store, database: Database, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [canary_row()])
    reference = reference_of(database, "zq-heron")
    hold = add_hold(store, STEWARD, reason="legal_proceedings", report=reference)
    before = table_hash(database, ["reports", "report_versions", "import_issues"])
    with pytest.raises(RefusedInput, match="legal hold"):
        erase_report(store, STEWARD, reference, reason="right_to_erasure")
    identifier = ask_one(database, "SELECT report_id FROM cs_geo.reports")
    with pytest.raises(Exception, match="legal hold"), store.begin(STEWARD) as connection:
        erase_stored(connection, identifier, reason="right_to_erasure")
    assert table_hash(database, ["reports", "report_versions", "import_issues"]) == before
    end_hold(store, STEWARD, hold)
    erase_report(store, STEWARD, reference, reason="right_to_erasure")
    assert PLANTED not in dump(database)


def test_only_a_data_steward_erases_and_nobody_writes_or_removes_a_tombstone(
    store: Store, database: Database, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [canary_row()])
    reference = reference_of(database, "zq-heron")
    identifier = ask_one(database, "SELECT report_id FROM cs_geo.reports")
    everybody_else = LOCAL_ACTOR.acting_as(set(Role) - {Role.DATA_STEWARD})
    with pytest.raises(Refused):
        erase_report(store, everybody_else, reference, reason="court_order")
    with pytest.raises(Exception, match="Only a data steward"), store.begin(everybody_else) as connection:
        erase_stored(connection, identifier, reason="court_order")
    erase_report(store, STEWARD, reference, reason="court_order")
    for statement in ("DELETE FROM cs_geo.erasures", "UPDATE cs_geo.erasures SET reason = ''"):
        with pytest.raises(Exception, match="permission denied"), store.begin(STEWARD) as connection:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    ("reference", "reason", "message"),
    [
        ("234-5678", "court_order", "check character|no report"),
        ("22", "court_order", "seven characters"),
        ("222-2222", "because", "right_to_erasure"),
    ],
)
def test_what_cannot_be_erased_is_said_in_words(store: Store, reference: str, reason: str, message: str) -> None:
    with pytest.raises((RefusedInput, UsageError), match=message):
        erase_report(store, STEWARD, reference, reason=reason)


def test_the_number_of_exports_that_may_hold_it_is_said(store: Store, database: Database, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [canary_row()], source=SOURCE)
    for when in ("now()", "now() - interval '1 year'"):
        change(
            database,
            "INSERT INTO cs_geo.exports (tier, selection, file_names, rows_n, exported_at, exported_by)"
            f" VALUES ('internal', '{{}}', '{{a.csv}}', '{{}}', {when}, 'local')",
        )
    assert erase_report(store, STEWARD, reference_of(database, "zq-heron"), reason="sent_in_error").exports == 1
