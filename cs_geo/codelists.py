"""The lists people choose from: what harm, who noticed it, what sort of place.

Each file of ``data/codelists`` is one list: reference, name, description, parent, source, start and end date. Records
hold the reference; people see the name. A code is end-dated, never deleted: it can still be read, and is no longer
offered. A text that is not on a list is never guessed: ``find_code`` knows only references and names, whatever their
case, spaces and hyphens, and ``nearest_codes`` is for the message to the person.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz

from cs_geo.errors import RefusedInput

COLUMNS = ("reference", "name", "description", "parent", "source", "start_date", "end_date")
_SEPARATORS = re.compile(r"[\W_]+")
_LONGEST_LABEL = 120
"""Longer texts are prose, not a code that was misspelt."""


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a list."""

    reference: str
    name: str
    description: str
    parent: str = ""
    source: str = ""
    start_date: date | None = None
    end_date: date | None = None
    """Last day on which it was offered."""

    def is_offered(self, today: date) -> bool:
        """May a person choose it on this day?"""
        return (self.start_date is None or self.start_date <= today) and (
            self.end_date is None or today <= self.end_date
        )


@dataclass(frozen=True, eq=False)
class Codelist:
    """One list of codes, in the order in which they are offered."""

    name: str
    codes: Mapping[str, Code]
    """Reference: code."""
    _spellings: Mapping[str, Code] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        spellings: dict[str, Code] = {}
        # References first: where a name spells another code's reference, the reference is meant.
        for spell in (_reference_spellings, _name_spellings):
            for code in self.codes.values():
                for spelling in spell(code):
                    spellings.setdefault(spelling, code)
        object.__setattr__(self, "_spellings", spellings)

    @property
    def unclear(self) -> str:
        """Reference of the code that stands for what is not known, or an empty string where the list has none."""
        return next((reference for reference in ("unclear", "not_known") if reference in self.codes), "")

    def find_code(self, text: str) -> Code | None:
        """The code whose reference or name this is, whatever its case, spaces and hyphens; None if there is none."""
        found = self._spellings.get(text)
        if found is not None or len(text) > _LONGEST_LABEL:
            return found
        return self._spellings.get(_spaced(text)) or self._spellings.get(_joined(text))

    def nearest_codes(self, text: str, n: int = 1, *, today: date | None = None) -> tuple[Code, ...]:
        """The codes most like a text, best first, for a message to the person. Without ``today`` ended ones too."""
        return _nearest(self, _spaced(text[:_LONGEST_LABEL]), n, today)

    def offered_codes(self, today: date) -> tuple[Code, ...]:
        """The codes a person may choose on this day."""
        return tuple(code for code in self.codes.values() if code.is_offered(today))


def load_codelists(folder: Path) -> Mapping[str, Codelist]:
    """Read every list of a folder, by name.

    Raises
    ------
    RefusedInput
        If a file lacks a column, repeats a reference, names a parent that is not on the list or has an impossible date.
    """
    return {path.stem: _read_codelist(path) for path in sorted(folder.glob("*.csv"))}


def _read_codelist(path: Path) -> Codelist:
    codes: dict[str, Code] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise RefusedInput(f"{path.name} needs the columns {', '.join(COLUMNS)}, in this order.")
        for row in rows:
            code = _read_code(row, f"{path.name}, line {rows.line_num}")
            if code.reference in codes:
                raise RefusedInput(f"{path.name}, line {rows.line_num}: {code.reference} stands there twice. Keep one.")
            codes[code.reference] = code
    orphans = [code.reference for code in codes.values() if code.parent and code.parent not in codes]
    if orphans:
        raise RefusedInput(f"{path.name}: the parent of {', '.join(orphans)} is not on the list. Add or correct it.")
    return Codelist(path.stem, codes)


def _read_code(row: Mapping[str, str | None], where: str) -> Code:
    texts = {column: (row[column] or "").strip() for column in COLUMNS}
    if not texts["reference"] or not texts["name"]:
        raise RefusedInput(f"{where}: a code needs a reference and a name.")
    try:
        start_date, end_date = (
            date.fromisoformat(texts[column]) if texts[column] else None for column in ("start_date", "end_date")
        )
    except ValueError:
        raise RefusedInput(f"{where}: write start and end date as 2026-04-14, or leave them empty.") from None
    return Code(
        texts["reference"],
        texts["name"],
        texts["description"],
        texts["parent"],
        texts["source"],
        start_date,
        end_date,
    )


def _reference_spellings(code: Code) -> tuple[str, ...]:
    return code.reference, _spaced(code.reference), _joined(code.reference)


def _name_spellings(code: Code) -> tuple[str, ...]:
    return code.name, _spaced(code.name), _joined(code.name)


def _spaced(text: str) -> str:
    return _SEPARATORS.sub(" ", text.casefold().replace("&", " and ")).strip()


def _joined(text: str) -> str:
    """The letters alone, so that "antisocial" is "anti-social". Figures keep their gaps: 12 is not 1-2."""
    spaced = _spaced(text)
    return spaced if any(character.isdigit() for character in spaced) else spaced.replace(" ", "")


@lru_cache(maxsize=1024)
def _nearest(codelist: Codelist, text: str, n: int, today: date | None) -> tuple[Code, ...]:
    codes = tuple(codelist.codes.values()) if today is None else codelist.offered_codes(today)
    likeness = {code.reference: _likeness(text, code) for code in codes}
    return tuple(sorted(codes, key=lambda code: -likeness[code.reference])[:n])


def _likeness(text: str, code: Code) -> float:
    """How like a code a text is: by a slip of the pen ("schol"), by words of its label, by words of its description."""
    labels = (_spaced(code.name), _spaced(code.reference))
    likeness = max(fuzz.WRatio(text, label) + fuzz.token_set_ratio(text, label) for label in labels)
    described = bool(text) and set(text.split()) <= set(_spaced(code.description).split())
    return likeness + 100 * described
