"""What makes two rows the same record, and two files the same file.

Identity rests on what the source said and never on what was reckoned from it: neither a time band, a term or a match,
nor the file's name or the row's place in it. A rule that is changed later therefore leaves every identity as it was.

* A row with a key is the same record as another of its source with that key.
* A row without one is the same as a row of equal content; but equal rows of one file are separate records, told apart
  by their occurrence number: police files give no key for antisocial behaviour, and 6–7% of their rows are equal.

Texts enter as they are stored, masked of personal details. A hash of the raw note would let anybody who holds the
database try telephone numbers until one fits.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from cs_geo.reports.report import EffortSession, LocationGiven, Report

DIGEST_BYTES = 16
"""128 bits: among a thousand million rows two differing ones share a hash with a chance of about 10⁻²¹."""
_PART = "\x1f"
_MODULUS = 2 ** (8 * DIGEST_BYTES)


@dataclass(frozen=True, slots=True)
class Identity:
    """Hashes of a row's key, where it has one, and of its content."""

    key: bytes | None
    content: bytes


def identify(source: str, key_parts: Sequence[str], record: Report | EffortSession) -> Identity:
    """Identity of a checked row.

    Parameters
    ----------
    source
        Name of the source.
    key_parts
        Cells of the profile's key columns, in its order. None, or all blank: the row has no key.
    record
        The checked row.
    """
    key = [normalise(part) for part in key_parts]
    return Identity(
        key=_digest(["key", normalise(source), *key]) if any(key) else None,
        content=_digest(["content", normalise(source), *_content(record)]),
    )


def normalise(text: str) -> str:
    """One spelling of a text for comparison: case, spacing and the ways to write an accent do not tell rows apart."""
    if not text:
        return ""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().replace(_PART, " ").split())


def _digest(parts: Iterable[str]) -> bytes:
    return blake2b(_PART.join(parts).encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def _content(record: Report | EffortSession) -> list[str]:
    if isinstance(record, EffortSession):
        return [
            "effort",
            record.effort_type,
            _instant(record.start),
            _instant(record.until),
            str(record.staff_count),
            _number(str(record.staff_hours)),
            *_location(record.location),
            record.contacts_band,
            normalise(record.route),
            normalise(record.note),
        ]
    return [
        "report",
        record.kind,
        _instant(record.occurred.start),
        _instant(record.occurred.until),
        record.occurred.precision,
        record.reported_on.isoformat() if record.reported_on else "",
        *_location(record.location),
        record.source_type,
        record.agency,
        record.directness,
        ";".join(sorted(record.harm_types)),
        record.police_category,
        record.asb_qualifier,
        "presence" if record.presence_only else "",
        record.severity_band,
        record.young_people_band,
        record.who_causes_harm,
        record.safeguarding_answer,
        normalise(record.what_helped),
        normalise(record.note),
        normalise(record.outcome),
    ]


def _instant(moment: datetime) -> str:
    return repr(moment.timestamp())


def _location(location: LocationGiven) -> tuple[str, ...]:
    return (
        normalise(location.text),
        normalise(location.locality),
        normalise(location.postcode).replace(" ", ""),
        _number(location.longitude),
        _number(location.latitude),
        _number(location.easting),
        _number(location.northing),
        normalise(location.grid_reference).replace(" ", ""),
        normalise(location.place),
    )


def _number(text: str) -> str:
    """A number without the noughts that one spreadsheet writes and another leaves away."""
    if not text:
        return ""
    try:
        return repr(float(text))
    except ValueError:
        return normalise(text)


class OccurrenceCounter:
    """Numbers equal rows of one file: the first is 1, the next like it 2. One integer and a table slot per row."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def number(self, digest: bytes) -> int:
        """How many rows with this key, or this keyless content, there have been so far, this one included."""
        # Half of the hash is enough within one file, and an integer of 64 bits is smaller than the bytes.
        short = int.from_bytes(digest[:8], "big")
        number = self._seen.get(short, 0) + 1
        self._seen[short] = number
        return number


class FileFingerprint:
    """What a file says, whatever its name and the order of its rows: a running sum of the rows' hashes and their count.

    Rejected rows count too: the fingerprint is of the file, not of what the rules of the day made of it. It tells equal
    files apart from different ones by accident, not from ones made to look equal.
    """

    def __init__(self) -> None:
        self._sum = 0
        self._rows = 0

    def add(self, cells: Mapping[str, str]) -> None:
        """Add one row: its cells by column or field. Blank cells and the order of columns do not matter."""
        # repr quotes what is inside a text, so that no text can pass for two.
        named = repr(sorted([(name, text) for name, text in cells.items() if text]))
        self._sum = (self._sum + int.from_bytes(_digest([named]), "big")) % _MODULUS
        self._rows += 1

    def value(self) -> bytes:
        """The fingerprint of the rows added so far."""
        return blake2b(
            self._rows.to_bytes(8, "big") + self._sum.to_bytes(DIGEST_BYTES, "big"), digest_size=DIGEST_BYTES
        ).digest()
