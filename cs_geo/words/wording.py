"""A gentle linter for names, notes and reports: what the words do, and what could be said instead.

The phrases are data (``data/wording.csv``: phrase, suggestion, reason), after practice.md §4.6 and the language guides
it rests on. It suggests and explains; it never rewrites, because a note may quote what somebody said.
"""

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cs_geo.settings import data_folder

_GAP = r"[\s\-–]+"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase, what could be said instead, and why."""

    phrase: str
    suggestion: str
    reason: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A phrase found in a text, from ``start`` up to ``end``, as it was written there."""

    written: str
    start: int
    end: int
    suggestion: str
    reason: str


def suggest_wording(text: str, phrases: tuple[Phrase, ...] | None = None) -> tuple[Suggestion, ...]:
    """What could be said otherwise in a text, in the order in which it stands there.

    Parameters
    ----------
    text
        A name, a note or a report.
    phrases
        None: the product's own, from ``data/wording.csv``. Of two that overlap the longer one speaks.
    """
    known = {_plain(phrase.phrase): phrase for phrase in (load_phrases() if phrases is None else phrases)}
    return tuple(
        Suggestion(found[0], found.start(), found.end(), phrase.suggestion, phrase.reason)
        for found in _pattern(tuple(known)).finditer(text)
        # A letter that Python folds in two ways (the Turkish dotless i) can match and still not be found.
        if (phrase := known.get(_plain(found[0])))
    )


def load_phrases(path: Path | None = None) -> tuple[Phrase, ...]:
    """Read the phrases of a file; without one, of ``data/wording.csv``."""
    return _read_phrases(path or data_folder() / "wording.csv")


@lru_cache(maxsize=4)
def _read_phrases(path: Path) -> tuple[Phrase, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(Phrase(row["phrase"], row["suggestion"], row["reason"]) for row in csv.DictReader(file))


@lru_cache(maxsize=4)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    spelled = "|".join(_GAP.join(re.escape(word) for word in phrase.split()) for phrase in longest_first)
    return re.compile(rf"(?<!\w)(?:{spelled})(?!\w)" if spelled else r"(?!)", re.IGNORECASE)


def _plain(text: str) -> str:
    return " ".join(re.split(_GAP, text.casefold()))
