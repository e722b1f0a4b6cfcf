"""The reference engine: a gazetteer in plain dictionaries, for tests, benchmarks and small lists.

It says what every other engine must answer; ``tests/unit/geocode/gazetteer_spec.py`` holds them to it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from cs_geo.geocode.gazetteer import MOST_SIMILAR_NAMES, SIMILAR_ENOUGH, AddressKey, Entry, Kind, junction_key
from cs_geo.geocode.names import name_similarity

_NAMED = frozenset({Kind.PLACE, Kind.STREET, Kind.AREA})
_BATCH = 200
"""Names compared with the whole vocabulary at once: 200 by 50,000 similarities are 40 MB."""

K = TypeVar("K")


class MemoryGazetteer:
    """A ``Gazetteer`` over a list of entries."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Take the entries in their order; those without a number (0) are numbered by it."""
        self._postcodes: dict[str, list[Entry]] = {}
        self._addresses: dict[AddressKey, list[Entry]] = {}
        self._names: dict[tuple[Kind, str], list[Entry]] = {}
        self._junctions: dict[str, list[Entry]] = {}
        self._vocabulary: dict[Kind, list[str]] = {}
        for number, entry in enumerate(entries, start=1):
            self._keep(entry if entry.entry_id else replace(entry, entry_id=number))

    def _keep(self, entry: Entry) -> None:
        if entry.kind is Kind.POSTCODE:
            self._postcodes.setdefault(entry.postcode_norm, []).append(entry)
        elif entry.kind is Kind.ADDRESS:
            self._addresses.setdefault((entry.number_norm, entry.street_norm), []).append(entry)
        elif entry.kind is Kind.JUNCTION:
            self._junctions.setdefault(entry.name_norm, []).append(entry)
        else:
            of_name = self._names.setdefault((entry.kind, entry.name_norm), [])
            if not of_name:
                self._vocabulary.setdefault(entry.kind, []).append(entry.name_norm)
            of_name.append(entry)

    def find_postcodes(self, postcodes: Collection[str]) -> Mapping[str, Sequence[Entry]]:
        """Entries of kind POSTCODE by postcode."""
        return _known(self._postcodes, postcodes)

    def find_addresses(self, keys: Collection[AddressKey]) -> Mapping[AddressKey, Sequence[Entry]]:
        """Entries of kind ADDRESS by house and street."""
        return _known(self._addresses, keys)

    def find_names(self, names: Collection[str], kinds: Collection[Kind]) -> Mapping[str, Sequence[Entry]]:
        """Entries of the kinds PLACE, STREET or AREA by name."""
        found: dict[str, list[Entry]] = {}
        for name in names:
            entries = [entry for kind in _NAMED & set(kinds) for entry in self._names.get((kind, name), [])]
            if entries:
                found[name] = sorted(entries, key=lambda entry: entry.entry_id)
        return found

    def find_junctions(self, pairs: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], Sequence[Entry]]:
        """Entries of kind JUNCTION by the two streets, in either order."""
        return {pair: self._junctions[key] for pair in pairs if (key := junction_key(*pair)) in self._junctions}

    def find_similar_names(
        self, names: Collection[str], kinds: Collection[Kind]
    ) -> Mapping[str, Sequence[tuple[Entry, float]]]:
        """Entries whose name is spelt like the name but not equal, most alike first."""
        wanted = list(dict.fromkeys(names))
        vocabulary = sorted({name for kind in set(kinds) for name in self._vocabulary.get(kind, [])})
        found: dict[str, list[tuple[Entry, float]]] = {}
        if not vocabulary:
            return found
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            likeness = process.cdist(
                batch, vocabulary, scorer=OSA.normalized_similarity, score_cutoff=SIMILAR_ENOUGH, dtype=np.float32
            )
            for row, name in enumerate(batch):
                alike = [vocabulary[column] for column in np.flatnonzero(likeness[row])]
                entries = self._similar(name, alike, kinds)
                if entries:
                    found[name] = entries
        return found

    def _similar(self, name: str, alike: Sequence[str], kinds: Collection[Kind]) -> list[tuple[Entry, float]]:
        scored = sorted((-name_similarity(name, other), other) for other in alike if other != name)
        kept = [(other, -score) for score, other in scored if -score >= SIMILAR_ENOUGH][:MOST_SIMILAR_NAMES]
        of_name = self.find_names([other for other, _ in kept], kinds)
        return [(entry, score) for other, score in kept for entry in of_name[other]]


def _known(entries: Mapping[K, list[Entry]], keys: Collection[K]) -> dict[K, Sequence[Entry]]:
    return {key: entries[key] for key in keys if key in entries}
