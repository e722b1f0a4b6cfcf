"""Taking personal details out of free text before it is stored (practice.md §5.2, layer 2).

In: what somebody wrote. Out: the same text with each detail replaced by words such as "[phone removed]", and the kinds
of detail that were found, never the details. Line breaks stay. Masking what was masked changes nothing. A text that
holds no detail stays as it was written; one that does also has plain dashes and letters.

A location keeps its house number and postcode, without which it could not be found; a note loses them.
"""

import re
from dataclasses import dataclass
from functools import partial

from cs_geo.words.personal_details import DETAILS, SIGN_WORDS, SIGNS, TOKENS, WHOLE, Detail

MOST_PASSES = 8
"""Taking one detail out can bare another beside it. Ordinary text settles in two passes; what has not settled after
this many was made to be hard, and is taken out whole."""

_TOKEN = re.compile("(" + "|".join(re.escape(token) for token in TOKENS) + ")")
_DIGIT = re.compile(r"\d")
_PLAIN_FORMS = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | dict.fromkeys(
    (0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2043, 0x2212, 0xFE58, 0xFE63), ord("-")
)
"""Full-width letters, figures and signs, and the dashes of typography, by which a number would pass unseen."""
_LOCATION_DETAILS = tuple(detail for detail in DETAILS if detail.in_locations)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without personal details, and the kinds of detail that were taken out, in the order of ``DETAILS``."""

    text: str
    found: tuple[str, ...] = ()


def mask_personal_details(text: str, *, is_location: bool = False) -> Masked:
    """Take personal details out of a text.

    Parameters
    ----------
    text
        What somebody wrote.
    is_location
        Keep house numbers, postcodes and what only looks like an age in an address.
    """
    written = text
    if not text.isascii():
        text = text.translate(_PLAIN_FORMS)
    if not _may_hold_details(text):
        return Masked(written)
    details = _LOCATION_DETAILS if is_location else DETAILS
    found: set[str] = set()
    for _ in range(MOST_PASSES):
        settled = text
        small, digits = text.lower(), len(_DIGIT.findall(text))
        for detail in details:
            if digits >= detail.digits and any(mark in small for mark in detail.marks):
                text = _take_out(detail, text, found, is_location=is_location)
        if text == settled:
            break
    else:
        text = WHOLE
    if not found:
        return Masked(written)
    return Masked(text, tuple(dict.fromkeys(detail.name for detail in details if detail.name in found)))


def was_masked(text: str) -> bool:
    """Does the text hold words that stand for a detail which was taken out?"""
    return "[" in text and _TOKEN.search(text) is not None


def _may_hold_details(text: str) -> bool:
    if SIGNS.search(text):
        return True
    small = text.lower()
    for word in SIGN_WORDS:  # noqa: SIM110 (a loop is twice as quick as any(), and this runs for every cell)
        if word in small:
            return True
    return False


def _take_out(detail: Detail, text: str, found: set[str], *, is_location: bool) -> str:
    if not detail.pattern.search(text):
        return text
    replace = partial(_replacement, detail, found, is_location)
    # Words that stand for a detail are never looked at again, so that nothing is taken out of them.
    return "".join(
        part if position % 2 else detail.pattern.sub(replace, part) for position, part in enumerate(_TOKEN.split(text))
    )


def _replacement(detail: Detail, found: set[str], is_location: bool, match: re.Match[str]) -> str:
    if detail.second_look and not detail.second_look(match, is_location):
        return match[0]
    found.add(detail.name)
    for group in ("x", "y"):
        if match.groupdict().get(group) is not None:
            start, end = match.start(group) - match.start(), match.end(group) - match.start()
            return match[0][:start] + detail.token + match[0][end:]
    return detail.token
