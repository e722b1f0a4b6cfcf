"""Small files as partners send them, and a store to import them into. Names and places are made up."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.reports.reading import Limits
from cs_geo.settings import Settings
from cs_geo.store.opening import Store, make_engine
from cs_geo.workflows.import_reports import ImportRequest, command_limits, import_files
from cs_geo.workflows.imported import ImportOutcome
from tests.conftest import Database, plain

SOURCE = "Harbour Street School"
LIMITS: Limits = command_limits(Settings())
EASTING, NORTHING = 400_013, 300_027
"""Where the made-up borough lies, in metres of the British National Grid."""


def open_test_store(database: Database) -> Store:
    """The test's database as the app sees it."""
    return Store(make_engine(database.app_url, pool_size=2))


def report_row(**given: object) -> dict[str, object]:
    """One row of our own template: a keyless incident, unless it says otherwise."""
    return {
        "kind": "incident",
        "date": "2024-04-14",
        "source_type": "school_or_college",
        "location": "High Street",
        "easting": EASTING,
        "northing": NORTHING,
        "note": "",
    } | given


def effort_row(**given: object) -> dict[str, object]:
    """One row of an outreach session log."""
    return {
        "Session reference": "S1",
        "Session type": "Detached",
        "Date": "14/04/2024",
        "Start": "16:00",
        "Finish": "18:00",
        "Number of staff": "2",
        "Street or area": "High Street",
        "Route": "",
        "Remarks": "",
    } | given


def write_sheet(path: Path, rows: Sequence[Mapping[str, object]], heads: Sequence[str] = ()) -> Path:
    """Write rows as a CSV under the heads of all of them."""
    named = list(heads) or list(dict.fromkeys(head for row in rows for head in row))
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, named, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_sheet(path: Path) -> list[dict[str, str]]:
    """A CSV's rows as they stand."""
    with path.open(newline="", encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def import_sheet(store: Store, *paths: Path, source: str = SOURCE, **options: Any) -> ImportOutcome:
    """Import files as the command does."""
    asked = {name: options.pop(name) for name in ("mapping", "kind", "dry_run", "names") if name in options}
    request = ImportRequest(tuple(paths), source, **asked)
    return import_files(store, LOCAL_ACTOR, request, limits=LIMITS, **options)


def import_rows(store: Store, folder: Path, rows: Sequence[Mapping[str, object]], **options: Any) -> ImportOutcome:
    """Import rows as one CSV."""
    return import_sheet(store, write_sheet(folder / "reports.csv", rows), **options)


def verdicts(outcome: ImportOutcome) -> tuple[int, int, int, int]:
    """Created, updated, duplicate and rejected rows."""
    return outcome.created, outcome.updated, outcome.duplicate, outcome.rejected


def ask(database: Database, question: str, *values: object) -> list[dict[str, Any]]:
    """Rows of a query as the administrator sees them."""
    with psycopg.connect(plain(database.admin_url), row_factory=dict_row) as connection:
        return connection.execute(question, list(values)).fetchall()  # type: ignore[arg-type]


def ask_one(database: Database, question: str, *values: object) -> Any:
    """The one value a query gives."""
    (row,) = ask(database, question, *values)
    (value,) = row.values()
    return value


def change(database: Database, statement: str, *values: object) -> int:
    """Change something behind the program's back; how many rows it concerned."""
    with psycopg.connect(plain(database.admin_url)) as connection:
        return connection.execute(statement, list(values) or None).rowcount  # type: ignore[arg-type]


def table_hash(database: Database, tables: Iterable[str] = ("reports", "effort_sessions", "report_cells")) -> str:
    """A hash of what tables hold, whatever the order of their rows."""
    parts = (f"SELECT '{table}' || t::text AS line FROM cs_geo.{table} t" for table in tables)
    return str(
        ask_one(
            database,
            "SELECT md5(coalesce(string_agg(line, E'\\n' ORDER BY line), ''))"
            f" FROM ({' UNION ALL '.join(parts)}) AS lines",
        )
    )
