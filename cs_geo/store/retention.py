"""Removing what has been kept for as long as it may be, and keeping what a hold names.

Records and their versions go through one function of the database, because the app may only append to versions. It is
given what is to be removed and how old it must be; which columns that means stands in the migration.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, RowMapping, text

RECORD_PARTS = ("location_text", "texts", "exact_geometry")
"""What can be removed of a report or an effort session, and of every version of it."""

HELD = "IN (SELECT import_id FROM cs_geo.held_imports())"
OTHERS: Mapping[str, tuple[str, str, str, str]] = {
    "import_issues": (
        "import_issues t JOIN cs_geo.imports i USING (import_id)",
        "t.value <> '' AND i.started_at < now() - CAST(:after AS interval)",
        f"t.import_id {HELD}",
        "UPDATE cs_geo.import_issues SET value = '' WHERE issue_id IN (SELECT t.issue_id FROM cs_geo.{chosen})",
    ),
    "jobs": (
        "jobs t",
        "t.finished_at < now() - CAST(:after AS interval)",
        "coalesce(t.result ->> 'import_id', '') IN (SELECT import_id::text FROM cs_geo.held_imports())",
        "DELETE FROM cs_geo.jobs WHERE job_id IN (SELECT t.job_id FROM cs_geo.{chosen})",
    ),
    "hotspot_runs": (
        "hotspot_runs t",
        "t.ran_at < now() - CAST(:after AS interval)",
        "t.run_id IN (SELECT run_id FROM cs_geo.held_runs())",
        "DELETE FROM cs_geo.hotspot_runs WHERE run_id IN (SELECT t.run_id FROM cs_geo.{chosen})",
    ),
    "import_rejects": (
        "import_rejects t",
        # The sheet's day was settled when it was made, from the setting of that day.
        "t.expires_at <= now() AND CAST(:after AS interval) IS NOT NULL",
        f"t.import_id {HELD}",
        "DELETE FROM cs_geo.import_rejects WHERE reject_id IN (SELECT t.reject_id FROM cs_geo.{chosen})",
    ),
}
"""Of everything else that can be removed: its table, when it is due, when it is held, and the statement."""

SUBMISSIONS = "submissions"
"""What the inbox holds in words: removed by a function of its own, because nobody may change what was handed in."""

RAW_TEXTS = "raw_texts"
"""What was written about reports before names were taken out of it; the text that is shown takes its place."""

KEPT = ("exports", "audit_log")
"""What the program only ever keeps."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What one rule did."""

    records: int = 0
    versions: int = 0
    held: int = 0
    """Records that were due and are under a legal hold."""
    kept: int = 0
    """Rows that the rule keeps."""
    months: Sequence[date] = field(default=())
    """First days of the months whose reports may have moved."""


def apply_rule(connection: Connection, what: str, moment: str, after: str) -> Removed:
    """Remove what is older than a time in words, such as “90 days”, or count what is kept."""
    if what in RECORD_PARTS:
        row = connection.execute(
            text("SELECT * FROM cs_geo.apply_retention(:what, :moment, CAST(:after AS interval))"),
            {"what": what, "moment": moment, "after": after},
        ).one()
        return Removed(row.records, row.versions, row.held, months=tuple(row.months))
    if what == SUBMISSIONS:
        row = connection.execute(
            text("SELECT * FROM cs_geo.retain_submissions(CAST(:after AS interval))"), {"after": after}
        ).one()
        return Removed(row.records, held=row.held)
    if what == RAW_TEXTS:
        row = connection.execute(
            text("SELECT * FROM cs_geo.retain_raw_texts(CAST(:after AS interval))"), {"after": after}
        ).one()
        return Removed(row.records, row.versions, row.held)
    if what in KEPT:
        return Removed(kept=connection.execute(text(f"SELECT count(*) FROM cs_geo.{what}")).scalar_one())
    table, due, held, statement = OTHERS[what]
    spared = connection.execute(
        text(f"SELECT count(*) FROM cs_geo.{table} WHERE {due} AND {held}"), {"after": after}
    ).scalar_one()
    removed = connection.execute(
        text(statement.format(chosen=f"{table} WHERE {due} AND NOT ({held})")), {"after": after}
    ).rowcount
    return Removed(records=removed, held=spared)


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: what it keeps, why, since when, and until when."""

    hold_id: UUID
    scope: str
    """report, place or import."""
    name: str
    reason: str
    set_at: datetime
    set_by: str
    ended_at: datetime | None


def report_named(connection: Connection, reference: str) -> UUID | None:
    """The report of a reference, withdrawn or not."""
    found: UUID | None = connection.scalar(
        text("""
        SELECT report_id FROM cs_geo.reports WHERE reference = :reference
        UNION SELECT report_id FROM cs_geo.report_versions WHERE reference = :reference LIMIT 1
        """),
        {"reference": reference},
    )
    return found


def place_named(connection: Connection, name: str) -> UUID | None:
    """The registered place of a name."""
    found: UUID | None = connection.scalar(
        text("SELECT place_id FROM cs_geo.places WHERE lower(name) = lower(:name)"), {"name": name}
    )
    return found


def import_numbered(connection: Connection, import_id: UUID) -> UUID | None:
    """The import of an identifier, if there is one."""
    found: UUID | None = connection.scalar(
        text("SELECT import_id FROM cs_geo.imports WHERE import_id = :id"), {"id": import_id}
    )
    return found


def add_hold(connection: Connection, scope: str, target: UUID, *, reason: str, actor: str) -> UUID:
    """Keep a report, what lies at a place, or what an import brought; the hold's identifier."""
    column = {"report": "report_id", "place": "place_id", "import": "import_id"}[scope]
    hold_id: UUID = connection.execute(
        text(f"""
        INSERT INTO cs_geo.legal_holds ({column}, reason, set_by) VALUES (:target, :reason, :actor) RETURNING hold_id
        """),
        {"target": target, "reason": reason, "actor": actor},
    ).scalar_one()
    return hold_id


def end_hold(connection: Connection, hold_id: UUID, *, actor: str) -> bool:
    """End a hold; False when there is none that stands."""
    return bool(
        connection.execute(
            text("""
            UPDATE cs_geo.legal_holds SET ended_at = now(), ended_by = :actor
            WHERE hold_id = :id AND ended_at IS NULL
            """),
            {"id": hold_id, "actor": actor},
        ).rowcount
    )


def list_holds(connection: Connection) -> list[Hold]:
    """Every hold, those that stand first, then the newest."""
    rows: Sequence[RowMapping] = (
        connection.execute(
            text("""
            SELECT h.hold_id, h.reason, h.set_at, h.set_by, h.ended_at,
                CASE WHEN h.report_id IS NOT NULL THEN 'report' WHEN h.place_id IS NOT NULL THEN 'place' ELSE 'import'
                    END AS scope,
                coalesce(p.name, h.import_id::text,
                    (SELECT v.reference FROM cs_geo.report_versions v WHERE v.report_id = h.report_id LIMIT 1),
                    h.report_id::text) AS name
            FROM cs_geo.legal_holds h LEFT JOIN cs_geo.places p USING (place_id)
            ORDER BY h.ended_at IS NOT NULL, h.set_at DESC
            """)
        )
        .mappings()
        .all()
    )
    return [Hold(**row) for row in rows]
