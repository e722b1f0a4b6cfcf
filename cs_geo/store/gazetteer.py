"""The gazetteer in PostGIS: loaded by COPY, asked by set.

Answers the ``Gazetteer`` protocol of ``cs_geo.geocode.gazetteer``; its tests hold it to the specification that the
reference engine in memory is held to.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from cs_geo.geocode.gazetteer import (
    ENTRY_COLUMNS,
    MOST_SIMILAR_NAMES,
    SIMILAR_ENOUGH,
    AddressKey,
    Chunk,
    Entry,
    Kind,
    junction_key,
    name_similarity,
)
from cs_geo.geocode.match import Precision
from cs_geo.store.staging import driver_connection

STORED = tuple(name for name in ENTRY_COLUMNS if name != "gazetteer")
NAMED = frozenset({Kind.PLACE, Kind.STREET, Kind.AREA})
TRIGRAM_THRESHOLD = 0.3
"""Share of common trigrams below which no spelling is ``SIMILAR_ENOUGH``: a slip in a word of seven letters leaves 5 of
11 trigrams in common, a swap of two letters 4 of 12."""
ENTRY = """e.entry_id, e.kind, e.name, e.name_norm, e.number_norm, e.street_norm, e.locality_norm, e.postcode_norm,
    e.x, e.y, e.radius_m, e.precision, g.name || ' ' || g.version, e.default_location, e.feature"""


@dataclass(frozen=True)
class StoredGazetteer:
    """Every loaded gazetteer, asked within one transaction."""

    connection: Connection

    def find_postcodes(self, postcodes: Collection[str]) -> Mapping[str, Sequence[Entry]]:
        """Entries of kind POSTCODE by ``postcode_norm``."""
        rows = self.connection.execute(
            text(f"""
            SELECT {ENTRY} FROM cs_geo.gazetteer_entries e JOIN cs_geo.gazetteers g USING (gazetteer_id)
            WHERE e.kind = 'postcode' AND e.postcode_norm = ANY(:postcodes) ORDER BY e.entry_id
            """),
            {"postcodes": list(postcodes)},
        )
        return _by(rows, "postcode_norm")

    def find_addresses(self, keys: Collection[AddressKey]) -> Mapping[AddressKey, Sequence[Entry]]:
        """Entries of kind ADDRESS by (``number_norm``, ``street_norm``)."""
        rows = self.connection.execute(
            text(f"""
            SELECT {ENTRY} FROM cs_geo.gazetteer_entries e JOIN cs_geo.gazetteers g USING (gazetteer_id)
            JOIN unnest(CAST(:numbers AS text[]), CAST(:streets AS text[])) AS asked (number, street)
                ON e.street_norm = asked.street AND e.number_norm = asked.number
            WHERE e.kind = 'address' ORDER BY e.entry_id
            """),
            {"numbers": [number for number, _ in keys], "streets": [street for _, street in keys]},
        )
        found: dict[AddressKey, list[Entry]] = defaultdict(list)
        for entry in map(_entry, rows):
            found[entry.number_norm, entry.street_norm].append(entry)
        return found

    def find_names(self, names: Collection[str], kinds: Collection[Kind]) -> Mapping[str, Sequence[Entry]]:
        """Entries of the kinds PLACE, STREET or AREA by ``name_norm``."""
        return self._find_named(names, NAMED & set(kinds))

    def _find_named(self, names: Collection[str], kinds: Collection[Kind]) -> Mapping[str, Sequence[Entry]]:
        rows = self.connection.execute(
            text(f"""
            SELECT {ENTRY} FROM cs_geo.gazetteer_entries e JOIN cs_geo.gazetteers g USING (gazetteer_id)
            WHERE e.kind NOT IN ('postcode', 'address') AND e.name_norm = ANY(:names) AND e.kind = ANY(:kinds)
            ORDER BY e.entry_id
            """),
            {"names": list(names), "kinds": [str(kind) for kind in kinds]},
        )
        return _by(rows, "name_norm")

    def find_junctions(self, pairs: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], Sequence[Entry]]:
        """Entries of kind JUNCTION where two streets meet, whichever of them is named first."""
        keys = {pair: junction_key(*pair) for pair in pairs}
        found = self._find_named(set(keys.values()), [Kind.JUNCTION])
        return {pair: found[key] for pair, key in keys.items() if key in found}

    def find_similar_names(
        self, names: Collection[str], kinds: Collection[Kind]
    ) -> Mapping[str, Sequence[tuple[Entry, float]]]:
        """Entries of the kinds whose ``name_norm`` is spelt like the name but not equal, most alike first."""
        self.connection.execute(
            text("SELECT set_config('pg_trgm.similarity_threshold', :threshold, true)"),
            {"threshold": str(TRIGRAM_THRESHOLD)},
        )
        pairs = self.connection.execute(
            text("""
            SELECT DISTINCT asked.name, e.name_norm
            FROM unnest(CAST(:names AS text[])) AS asked (name)
            JOIN cs_geo.gazetteer_entries e ON e.name_norm % asked.name AND e.name_norm <> asked.name
            WHERE e.kind NOT IN ('postcode', 'address') AND e.kind = ANY(:kinds)
            """),
            {"names": list(names), "kinds": [str(kind) for kind in NAMED & set(kinds)]},
        )
        alike: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for asked, spelt in pairs:
            similarity = name_similarity(asked, spelt)
            if similarity >= SIMILAR_ENOUGH:
                alike[asked].append((-similarity, spelt))
        best = {asked: sorted(found)[:MOST_SIMILAR_NAMES] for asked, found in alike.items()}
        entries = self.find_names({spelt for found in best.values() for _, spelt in found}, kinds)
        return {
            asked: [(entry, -negative) for negative, spelt in found for entry in entries[spelt]]
            for asked, found in best.items()
        }


def _by(rows: Iterable[Row[Any]], attribute: str) -> Mapping[str, Sequence[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in map(_entry, rows):
        found[getattr(entry, attribute)].append(entry)
    return found


def _entry(row: Row[Any]) -> Entry:
    values = list(row)
    values[1], values[11] = Kind(values[1]), Precision(values[11])
    return Entry(*values)


@dataclass(frozen=True, slots=True)
class LoadedGazetteer:
    """One loaded gazetteer, for the list."""

    name: str
    format: str
    version: str
    entries: int
    skipped: Mapping[str, int]
    loaded_at: Any


def load_gazetteer(
    connection: Connection, *, name: str, format_name: str, version: str, chunks: Iterable[Chunk], actor: str
) -> LoadedGazetteer:
    """Load a gazetteer, in place of an earlier one of the same name."""
    connection.execute(text("DELETE FROM cs_geo.gazetteers WHERE name = :name"), {"name": name})
    gazetteer_id: UUID = connection.execute(
        text("""
        INSERT INTO cs_geo.gazetteers (name, format, version, loaded_by) VALUES (:name, :format, :version, :actor)
        RETURNING gazetteer_id
        """),
        {"name": name, "format": format_name, "version": version, "actor": actor},
    ).scalar_one()
    entries_n = 0
    skipped: dict[str, int] = defaultdict(int)
    columns = ", ".join(("gazetteer_id", *STORED))
    cursor = driver_connection(connection).cursor()
    with cursor, cursor.copy(f"COPY cs_geo.gazetteer_entries ({columns}) FROM STDIN") as copy:
        for chunk in chunks:
            for reason, rows_n in chunk.skipped.items():
                skipped[reason] += rows_n
            for values in zip(*(chunk.entries[column].tolist() for column in STORED), strict=True):
                copy.write_row((gazetteer_id, *values))
            entries_n += len(chunk.entries)
    connection.execute(
        text("UPDATE cs_geo.gazetteers SET entries = :n, skipped = :skipped WHERE gazetteer_id = :id"),
        {"n": entries_n, "skipped": json.dumps(skipped), "id": gazetteer_id},
    )
    connection.execute(text("SELECT cs_geo.refresh_statistics('gazetteer_entries')"))
    return next(loaded for loaded in list_gazetteers(connection) if loaded.name == name)


def list_gazetteers(connection: Connection) -> list[LoadedGazetteer]:
    """Every loaded gazetteer with its version and size."""
    rows = connection.execute(
        text("SELECT name, format, version, entries, skipped, loaded_at FROM cs_geo.gazetteers ORDER BY loaded_at")
    )
    return [LoadedGazetteer(*row) for row in rows]
