"""Texts as they may be shown: checked for names, waiting for a person, approved, and the one door to others.

What a partner wrote stays in the report (raw); ``shown_text`` is what every page and file reads in its stead. Which
words are places here is asked of the gazetteers, the areas and the register of places, without those that are hidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, text

from cs_geo.geocode.names import normalise_name
from cs_geo.settings import data_folder
from cs_geo.store.hidden_places import HIDDEN_PLACES
from cs_geo.words.names import CheckedText, IsPlace, check_text, load_name_words, phrases_to_ask

FIELDS = ("note", "what_helped", "outcome")
"""Texts of a report."""
WAITS = "[waits for the check of names]"
"""Shown where a text has not been checked yet."""
BATCH = 2000


@dataclass(frozen=True, slots=True)
class WaitingText:
    """A text in the queue, without its words."""

    text_id: UUID
    report_id: UUID
    reference: str
    kind: str
    first_day: date
    field: str
    state: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredText:
    """A text for whoever reviews it."""

    text_id: UUID
    report_id: UUID
    reference: str
    kind: str
    first_day: date
    field: str
    state: str
    flags: tuple[str, ...]
    raw: str
    redacted: str
    version: int


@dataclass(frozen=True, slots=True)
class TextDecision:
    """One decision about a text of a report."""

    field: str
    decision: str
    flags: tuple[str, ...]
    reason: str
    decided_at: datetime
    decided_by: str


def shown_text(field: str, report: str = "cs_geo.reports") -> str:
    """SQL for a text of a report as it may be shown to those who work with reports. Published data is anybody's."""
    return f"""CASE WHEN {report}.published OR {report}.{field} = '' THEN {report}.{field} ELSE coalesce(
        (SELECT shown.redacted FROM cs_geo.report_texts shown
            WHERE shown.report_id = {report}.report_id AND shown.field = '{field}'), '{WAITS}') END"""


def check_texts(connection: Connection, import_id: UUID | None = None) -> int:
    """Check the texts of an import, or all that have not been checked; how many there were."""
    unchecked = " UNION ALL ".join(
        f"""
        SELECT r.report_id, '{field}' AS field, r.{field} AS said FROM cs_geo.reports r
        WHERE NOT r.published AND (r.note <> '' OR r.what_helped <> '' OR r.outcome <> '') AND r.{field} <> ''
            AND (CAST(:import AS uuid) IS NULL OR r.import_id = :import)
            AND NOT EXISTS (SELECT 1 FROM cs_geo.report_texts t
                WHERE t.report_id = r.report_id AND t.field = '{field}')
        """
        for field in FIELDS
    )
    rows = connection.execute(text(unchecked), {"import": import_id}).all()
    for first in range(0, len(rows), BATCH):
        batch = rows[first : first + BATCH]
        checked = _check(connection, [row.said for row in batch])
        # A colleague's transaction may be checking the same ones: theirs is as good.
        connection.execute(
            text("""
            INSERT INTO cs_geo.report_texts (report_id, field, redacted, flags)
            VALUES (:report, :field, :redacted, :flags) ON CONFLICT (report_id, field) DO NOTHING
            """),
            [
                {"report": row.report_id, "field": row.field, "redacted": one.redacted, "flags": list(one.flags)}
                for row, one in zip(batch, checked, strict=True)
            ],
        )
    return len(rows)


def place_asker(connection: Connection, texts: Sequence[str]) -> IsPlace:
    """Whether a phrase of these texts is the name of a place here. All are asked at once."""
    words = load_name_words(data_folder())
    asked = {phrase: normalise_name(phrase) for said in texts for phrase in phrases_to_ask(said, words)}
    known = _known_places(connection, sorted(set(asked.values())))
    # "The Jordan" is "jordan" where names are looked up: a place of one word clears no row of two.
    return lambda phrase: asked.get(phrase) in known and (" " in asked[phrase] or " " not in phrase)


def _check(connection: Connection, texts: Sequence[str]) -> list[CheckedText]:
    words, is_place = load_name_words(data_folder()), place_asker(connection, texts)
    return [check_text(said, words, is_place) for said in texts]


def _known_places(connection: Connection, names: Sequence[str]) -> frozenset[str]:
    rows = connection.scalars(
        text(f"""
        SELECT e.name_norm FROM cs_geo.gazetteer_entries e
        WHERE e.kind NOT IN ('postcode', 'address') AND e.name_norm = ANY (:names)
        GROUP BY e.name_norm HAVING NOT bool_and(cs_geo.lies_protected(e.x, e.y))
        UNION SELECT a.alias_norm FROM cs_geo.place_aliases a
        WHERE a.alias_norm = ANY (:names) AND a.place_id NOT IN {HIDDEN_PLACES}
        """),
        {"names": list(names)},
    )
    areas = connection.scalars(text("SELECT DISTINCT name FROM cs_geo.areas"))
    return frozenset(rows) | {normalise_name(name) for name in areas}


def count_waiting(connection: Connection, *, flagged: bool) -> int:
    """How many texts wait for a person: those with flags, or those without."""
    number: int = connection.execute(
        text("""
        SELECT count(*) FROM cs_geo.report_texts t JOIN cs_geo.reports r USING (report_id)
        WHERE t.state IN ('unreviewed', 'redacted') AND NOT r.in_protected AND (cardinality(t.flags) > 0) = :flagged
        """),
        {"flagged": flagged},
    ).scalar_one()
    return number


def list_waiting(connection: Connection, *, flagged: bool, limit: int) -> list[WaitingText]:
    """The texts that wait, newest reports first: what happened lately is what a panel looks at."""
    rows = connection.execute(
        text("""
        SELECT t.text_id, t.report_id, r.reference, r.kind, r.first_day, t.field, t.state, t.flags
        FROM cs_geo.report_texts t JOIN cs_geo.reports r USING (report_id)
        WHERE t.state IN ('unreviewed', 'redacted') AND NOT r.in_protected AND (cardinality(t.flags) > 0) = :flagged
        ORDER BY r.first_day DESC, t.text_id LIMIT :limit
        """),
        {"flagged": flagged, "limit": limit},
    )
    return [WaitingText(**{**row, "flags": tuple(row["flags"])}) for row in rows.mappings()]


def read_text(connection: Connection, text_id: UUID, *, lock: bool = False) -> StoredText | None:
    """One text with its raw words; None where there is none, or its report lies in a protected location."""
    row = connection.execute(
        text(f"""
        SELECT t.text_id, t.report_id, r.reference, r.kind, r.first_day, t.field, t.state, t.flags,
            CASE t.field WHEN 'note' THEN r.note WHEN 'what_helped' THEN r.what_helped ELSE r.outcome END AS raw,
            t.redacted, t.version
        FROM cs_geo.report_texts t JOIN cs_geo.reports r USING (report_id)
        WHERE t.text_id = :id AND NOT r.in_protected {"FOR UPDATE OF t" if lock else ""}
        """),
        {"id": text_id},
    )
    found = row.mappings().first()
    return StoredText(**{**found, "flags": tuple(found["flags"])}) if found else None


def keep_review(
    connection: Connection, text_id: UUID, state: str, *, redacted: str | None = None, flags: Sequence[str] = ()
) -> None:
    """Write what a person decided; the database says whether they may, when and who."""
    connection.execute(
        text("""
        UPDATE cs_geo.report_texts SET state = :state, redacted = coalesce(CAST(:redacted AS text), redacted),
            flags = flags || ARRAY(SELECT f FROM unnest(CAST(:flags AS text[])) AS f WHERE f <> ALL (flags))
        WHERE text_id = :id
        """),
        {"id": text_id, "state": state, "redacted": redacted, "flags": list(flags)},
    )


def list_decisions(connection: Connection, report_id: UUID) -> list[TextDecision]:
    """What was decided about the texts of a report, the newest first."""
    rows = connection.execute(
        text("""
        SELECT field, decision, flags, reason, decided_at, decided_by FROM cs_geo.text_decisions
        WHERE report_id = :id ORDER BY decided_at DESC
        """),
        {"id": report_id},
    )
    return [TextDecision(**{**row, "flags": tuple(row["flags"])}) for row in rows.mappings()]


def read_raw(connection: Connection, report_id: UUID) -> Mapping[str, str]:
    """The raw texts of a report outside protected locations: for a data steward whose look is written down."""
    row = (
        connection.execute(
            text(f"SELECT {', '.join(FIELDS)} FROM cs_geo.reports WHERE report_id = :id AND NOT in_protected"),
            {"id": report_id},
        )
        .mappings()
        .first()
    )
    return {field: said for field, said in row.items() if said} if row else {}


def read_approved(connection: Connection, report_id: UUID) -> Mapping[str, str]:
    """The approved texts of a report, for whoever the database lets have them."""
    rows = connection.execute(text("SELECT field, said FROM cs_geo.approved_text(:id)"), {"id": report_id})
    return {row.field: row.said for row in rows}


def may_release(connection: Connection, report_id: UUID) -> bool:
    """May the acting person release the texts of a report?"""
    return bool(connection.scalar(text("SELECT cs_geo.may_release(:id)"), {"id": report_id}))


def release_text(connection: Connection, report_id: UUID, *, reason: str) -> int:
    """Release the texts of a report that wait, without the words that may name somebody; how many."""
    released: int = connection.execute(
        text("SELECT cs_geo.release_text(:id, :reason)"), {"id": report_id, "reason": reason}
    ).scalar_one()
    return released
