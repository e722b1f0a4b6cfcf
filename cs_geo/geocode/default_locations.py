"""Locations that are written down because the true one was not known: the hospital, the police station, the town hall.

Reports pile up there and a hotspot grows where nothing happened, so a match that rests on one is flagged. The list is
``data/default_locations.csv``.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from cs_geo.geocode.names import STREET_TYPES, normalise_name
from cs_geo.settings import data_folder


@dataclass(frozen=True, slots=True)
class DefaultLocation:
    """One row of the list, its words normalised."""

    reference: str
    words: frozenset[str]
    not_with: frozenset[str]
    features: frozenset[str]


@dataclass(frozen=True, slots=True)
class DefaultLocations:
    """The list, asked about a name or about a feature of a gazetteer."""

    rows: tuple[DefaultLocation, ...]

    def reference_of(self, name: str, feature: str = "") -> str:
        """The reference of the default location that a name or feature is, "" where it is none.

        A street called after one is not one: "Hospital Lane", "Police Station Road".
        """
        padded = f" {normalise_name(name)} "
        for row in self.rows:
            if feature and feature in row.features:
                return row.reference
            if any(_stands_in(words, padded) for words in row.words) and not row.not_with & set(padded.split()):
                return row.reference
        return ""


def _stands_in(words: str, padded: str) -> bool:
    for found in re.finditer(f" {re.escape(words)} ", padded):
        following = padded[found.end() :].split(" ", 1)[0]
        if following not in STREET_TYPES:
            return True
    return False


def read_default_locations(path: Path, *, on: date | None = None) -> DefaultLocations:
    """The list from its file; with ``on``, without the rows that had ended or not begun by that day."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if on is None or _in_force(row, on)]
    return DefaultLocations(
        tuple(
            DefaultLocation(
                row["reference"], _names(row["words"]), _names(row["not_with"]), frozenset(_parts(row["features"]))
            )
            for row in rows
        )
    )


@lru_cache(maxsize=1)
def shipped_default_locations() -> DefaultLocations:
    """The list that comes with the product, read at the first call."""
    return read_default_locations(data_folder() / "default_locations.csv")


def _in_force(row: dict[str, str], on: date) -> bool:
    return row["start_date"] <= on.isoformat() and (not row["end_date"] or on.isoformat() <= row["end_date"])


def _parts(text: str) -> Iterable[str]:
    return (part.strip() for part in text.split(";") if part.strip())


def _names(text: str) -> frozenset[str]:
    return frozenset(normalise_name(part) for part in _parts(text))
