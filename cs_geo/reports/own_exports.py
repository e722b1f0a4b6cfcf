"""Our own exports coming back: the columns that only they have, and the seal that tells a row as we wrote it.

Beside what a source said, an export holds what no import could reckon again: the report's identity and reference, the
point that was found and how closely it is known. An import takes these over only from a table that has every one of
these columns, and only from rows whose seal fits. A cell of the place or the identity that was edited since breaks the
seal, so that the centroid of a ward cannot come back as a street. The seal guards against accidents and not against
somebody who forges it: what it covers never reaches the report of another source.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Self

from cs_geo.reports.columns import Binding
from cs_geo.reports.identity import normalise
from cs_geo.reports.tabular import Row

OWN_COLUMNS: dict[str, str] = {
    "short_reference": "Reference that can be said on the phone",
    "registered_place": "Registered place that the report names",
    "time_band": "Part of the day, from the time; spread where an interval crosses bands",
    "day_type": "School day, weekend, holiday weekday or bank holiday",
    "term": "Term or holiday",
    "precision": "How closely the point is known: building, junction, street, postcode, cell (50 m), area, none",
    "radius_m": "Metres within which the true place lies in about 95% of such matches",
    "confidence": "How sure the match is: high, medium, low, none",
    "matched_name": "What the location was matched with",
    "matched_by": "Method: coordinates, address, place, street, junction, postcode, area, person",
    "gazetteer": "Gazetteer and version that answered",
    "location_problem": "Why there is no point, or why it is doubtful",
    "default_location": "yes where such a place is often given because the true one is not known",
    "coordinates_given": "As the source wrote them: longitude|latitude|easting|northing|grid reference",
    "checked_by_person": "yes where a person has placed it or confirmed its place: an import leaves it there",
    "pin_doubted": "yes where somebody says that the pin is wrong",
    "published": "yes for published background data",
    "record_identity": "By what its source's rows are recognised: key or content, and its digest in letters a to p",
    "occurrence": "Which of several rows of equal identity it is",
    "seal": "Shows that identity and place are as exported; only then does an import take them over",
}
"""Column that only an export has: what it means."""
SEALED = (
    "report_id", "short_reference", "source", "location", "locality", "postcode", "place", "coordinates_given",
    "longitude", "latitude", "precision", "radius_m", "confidence", "matched_name", "matched_by", "gazetteer",
    "location_problem", "default_location", "checked_by_person", "pin_doubted", "published", "record_identity",
    "occurrence",
)  # fmt: skip
"""Columns that the seal covers."""
_NUMBERS = frozenset({"longitude", "latitude", "radius_m", "occurrence"})
_SEAL_BYTES = 8
# Letters alone: a spreadsheet makes a number of some digests in figures, and some look like a telephone number.
_TO_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_TO_HEX = str.maketrans("abcdefghijklmnop", "0123456789abcdef")


def seal_row(values: Mapping[str, object]) -> str:
    """The seal of a row's columns ``SEALED``, whatever case, spacing and noughts a program writes them with."""
    parts = "\x1f".join(_plain(name, values[name]) for name in SEALED)
    return write_digest(blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=_SEAL_BYTES).digest())


def write_identity(digest: bytes, *, is_keyed: bool) -> str:
    """An identity as an export writes it."""
    return f"{'key' if is_keyed else 'content'} {write_digest(digest)}"


def read_identity(text: str) -> tuple[bytes, bool]:
    """Digest of an identity, and whether it is of a key.

    Raises
    ------
    ValueError
        If it is not as ``write_identity`` wrote it.
    """
    by, _, letters = text.partition(" ")
    if by not in {"key", "content"}:
        raise ValueError(text)
    return bytes.fromhex(letters.translate(_TO_HEX)), by == "key"


def write_digest(digest: bytes) -> str:
    """A digest in the letters a to p, two a byte."""
    return digest.hex().translate(_TO_LETTERS)


class OwnColumns:
    """Where the columns of an export stand in a table that has all of them."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._positions = {name: columns.index(name) for name in (*SEALED, "seal")}

    @classmethod
    def find(cls, columns: Sequence[str]) -> Self | None:
        """The columns, or None for a table that is no export of ours."""
        return cls(columns) if is_own_export(columns) else None

    def read(self, row: Row, free: Callable[[str], str]) -> tuple[dict[str, str], bool]:
        """The cells of a row under ``SEALED``, each set free of its guard, and whether its seal fits them."""
        values = {name: free(row.cells[position].strip()) for name, position in self._positions.items()}
        return values, values["seal"] == seal_row(values)


def is_own_export(columns: Sequence[str]) -> bool:
    """Has a table every column by which an import knows the reports of an export again?"""
    return {*SEALED, "seal"} <= set(columns)


def own_columns(columns: Sequence[str]) -> frozenset[str]:
    """Columns that hold what we wrote ourselves: those that only an export has, in a table that is one."""
    return frozenset(OWN_COLUMNS) if is_own_export(columns) else frozenset()


def claim_own_columns(binding: Binding) -> Binding:
    """A binding for which our own columns are neither unknown nor about a person."""
    own = own_columns(binding.columns)
    return replace(
        binding,
        unmapped=tuple(column for column in binding.unmapped if column not in own),
        personal=tuple(column for column in binding.personal if column not in own),
    )


def _plain(name: str, value: object) -> str:
    """One spelling of a cell: of a number the shortest, of a text ``normalise``'s."""
    if value is None or value != value:  # what pandas holds for a number that is not there
        return ""
    if name in _NUMBERS:
        try:
            return repr(float(str(value)))
        except ValueError:
            pass
    return normalise(str(value))
