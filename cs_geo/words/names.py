"""Words in a text that may name a person (practice.md §5.2, layer 3): tokens beside a list of names and the gazetteer.

In: a text from which personal details have been taken, and whether a phrase is the name of a place here. Out: where
words stand that may name somebody, of which kind, and the text with ``[name removed]`` in their stead.

A list of names knows no surname, no nickname and no child called Blade: therefore a word that has a capital in the
middle of a sentence, and is neither a place here nor a word that names nobody, is marked too. What passes all the same:
a name of the list that is also a word ("Will") at the beginning of a sentence or in a text of capitals; an unlisted
name in small letters, at the beginning of a sentence or in capitals; initials; a name of two words that is a place here
too ("Victoria Park"); a script other than Latin. So a person reads a text before anybody else does (layer 4).
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from cs_geo.words.masking import mask_personal_details
from cs_geo.words.personal_details import NAME, TOKENS

FILE = "name_words.csv"
LONGEST_PLACE = 5
"""Words in the longest name of a place that is looked up."""
SHORTEST_SMALL = 4
"""Letters of the shortest name that is known without its capital: of three letters, too many are words."""

IsPlace = Callable[[str], bool]
"""Is a phrase, as it is written, the name of a place here?"""


class Sort(StrEnum):
    """What a word of the list is."""

    NAME = "name"
    ALSO_A_WORD = "also_a_word"
    """A name that is an ordinary word too: known by its capital in the middle of a sentence alone."""
    NAMES_NOBODY = "names_nobody"
    """Written with a capital, such as a day or a shop."""


class NameKind(StrEnum):
    """Why a word may name somebody, as it is said to whoever reads the text."""

    FIRST_NAME = "first name"
    AFTER_NAME = "word after a name or title"
    CAPITAL = "word with a capital"


@dataclass(frozen=True, slots=True)
class Found:
    """Where a word or a row of words stands that may name somebody."""

    start: int
    end: int
    kind: NameKind


@dataclass(frozen=True, slots=True)
class CheckedText:
    """A text as it may be shown, and the kinds of what was found in it."""

    redacted: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    plain: str
    has_capital: bool
    is_capitals: bool
    begins: bool
    """Does it begin a sentence?"""


_WORD = re.compile(r"[^\W\d_]+(?:['’‘-][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’‘][sS]$")
_SIGNS = re.compile(r"['’‘-]")
_REMOVED = re.compile("|".join(re.escape(token) for token in TOKENS))
_SENTENCE_END = re.compile(r"(?:^|[.!?:;•\n])[\s\"“”'‘’()*•–-]*$")
_BESIDE = re.compile(r"[ .]{1,2}$")
_TITLES = frozenset("mr mrs ms miss mx dr pc sgt inspector cllr councillor sir madam auntie aunty uncle".split())  # noqa: SIM905
_NOT_DECOMPOSED = str.maketrans({"ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ı": "i", "ß": "ss"})


@lru_cache(maxsize=4)
def load_name_words(folder: Path) -> Mapping[str, Sort]:
    """Read the list: a word without accents, in small letters, and its sort."""
    with (folder / FILE).open(encoding="utf-8", newline="") as stream:
        return {row["word"]: Sort(row["sort"]) for row in csv.DictReader(stream)}


def fold_name(word: str) -> str:
    """A word as it stands in the list: small letters without accents, hyphens and apostrophes."""
    plain = unicodedata.normalize("NFKD", _SIGNS.sub("", word).translate(_NOT_DECOMPOSED)).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def phrases_to_ask(text: str, words: Mapping[str, Sort]) -> set[str]:
    """The phrases of a text that, if they are places here, are no names: for one question about many texts."""
    asked: set[str] = set()

    def note(phrase: str) -> bool:
        asked.add(phrase)
        return False

    find_names(text, words, note)
    return asked


def find_names(text: str, words: Mapping[str, Sort], is_place: IsPlace) -> tuple[Found, ...]:
    """Where words stand that may name somebody, in their order; words beside each other are one."""
    written = list(_words(text))
    shouts = not any(word.plain.islower() for word in written)
    found: list[Found] = []
    before: Found | None = None
    for position, word in enumerate(written):
        kind = _kind_of(text, written, position, words, None if shouts else before)
        # A place of one word clears no first name: somebody may be called as a place is.
        shortest = 1 if kind is NameKind.CAPITAL else 2
        if kind is None or any(is_place(phrase) for phrase in _phrases(text, written, position, shortest)):
            before = None
            continue
        before = Found(word.start, word.end, kind)
        if found and _is_beside(text, found[-1], before):
            found[-1] = Found(found[-1].start, before.end, found[-1].kind)
        else:
            found.append(before)
    return tuple(found)


def redact_names(text: str, found: tuple[Found, ...]) -> str:
    """The text with words for a name in the place of each."""
    for one in reversed(found):
        text = text[: one.start] + NAME + text[one.end :]
    return text


def check_text(text: str, words: Mapping[str, Sort], is_place: IsPlace) -> CheckedText:
    """Take out what may name somebody or is a personal detail; the kinds of what was found, and never the words."""
    masked = mask_personal_details(text)
    found = find_names(masked.text, words, is_place)
    flags = dict.fromkeys((*masked.found, *(str(one.kind) for one in found)))
    return CheckedText(redact_names(masked.text, found), tuple(flags))


def _words(text: str) -> Iterator[_Word]:
    removed = [match.span() for match in _REMOVED.finditer(text)]
    for match in _WORD.finditer(text):
        start, end = match.span()
        if any(first <= start < last for first, last in removed):
            continue
        if possessive := _POSSESSIVE.search(match[0]):
            end = start + possessive.start()
        core = text[start:end]
        if core:
            is_capitals = core.isupper() and len(core) > 1
            begins = _SENTENCE_END.search(text, max(0, start - 12), start) is not None or start == 0
            yield _Word(start, end, core, core[0].isupper(), is_capitals, begins)


def _kind_of(
    text: str, written: list[_Word], position: int, words: Mapping[str, Sort], before: Found | None
) -> NameKind | None:
    word = written[position]
    sort = _sort_of(word.plain, words)
    if sort is Sort.NAME and (word.has_capital or len(word.plain) >= SHORTEST_SMALL):
        return NameKind.FIRST_NAME
    if not word.has_capital:
        return None
    is_after = position > 0 and _BESIDE.search(text, written[position - 1].end, word.start) is not None
    if (
        is_after
        and (before is not None or fold_name(written[position - 1].plain) in _TITLES)
        and (sort is not Sort.NAMES_NOBODY)
    ):
        return NameKind.AFTER_NAME
    if word.begins or word.is_capitals or sort is Sort.NAMES_NOBODY:
        return None
    return NameKind.FIRST_NAME if sort is Sort.ALSO_A_WORD else NameKind.CAPITAL


def _sort_of(word: str, words: Mapping[str, Sort]) -> Sort | None:
    """What a word is; of a word with a hyphen, what its first part that is a name is."""
    whole = words.get(fold_name(word))
    if whole is not None or "-" not in word:
        return whole
    parts = [words.get(fold_name(part)) for part in word.split("-")]
    return next((sort for sort in (Sort.NAME, Sort.ALSO_A_WORD) if sort in parts), None)


def _phrases(text: str, written: list[_Word], position: int, shortest: int) -> Iterator[str]:
    """The rows of words that hold a word, as they are written, with no more than a space or a stop between them."""
    for length in range(LONGEST_PLACE, shortest - 1, -1):
        for first in range(max(0, position - length + 1), min(position, len(written) - length) + 1):
            row = written[first : first + length]
            if all(_is_joined(text, one, other) for one, other in pairwise(row)):
                yield text[row[0].start : row[-1].end]


def _is_joined(text: str, one: _Word, other: _Word) -> bool:
    between = text[one.end : other.start].removeprefix("'s").removeprefix("’s")
    return between in {" ", "  ", ". ", " & "}


def _is_beside(text: str, one: Found, other: Found) -> bool:
    return text[one.end : other.start] in {" ", "  "}
