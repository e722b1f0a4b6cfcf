"""Guessing how a partner's columns map to ours, for a person to confirm.

A head counts before the values under it: columns called Latitude and Longitude are taken at their word even where the
values were swapped, because the checks catch that row by row. Values speak where heads say nothing ("X", "Column 7").
Columns that describe a person are left out, whatever they would fit.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from rapidfuzz import fuzz

from cs_geo.reports.columns import JOINED_FIELDS, RECORDS, Profile, name_key
from cs_geo.reports.guessing_words import EFFORT_HEADS, NOT_READ, REPORT_HEADS
from cs_geo.reports.personal import looks_personal, names_people
from cs_geo.reports.tabular import Row

EXACT, SPELLING, PART, VALUES = 1.0, 0.9, 0.75, 0.6
"""How sure a guess is: the very words, nearly the same letters, at least the words among others, only the values."""
ALIKE = 88
"""Least similarity (0 to 100, rapidfuzz token sort ratio) at which two heads are spellings of the same words."""
SHORT = 4
"""Words of so few letters are alike too easily ("date", "data")."""
MOST_VALUES = 0.7
"""Share of the values under a head that must look alike for them to be believed."""
PERSONAL_VALUES = 0.3


@dataclass(frozen=True, slots=True)
class Reason:
    """Why columns were mapped to a field."""

    columns: tuple[str, ...]
    confidence: float
    """From 0 to 1."""
    why: str


@dataclass(frozen=True, slots=True)
class Guess:
    """A profile to confirm, with the reasons for it."""

    profile: Profile
    reasons: Mapping[str, Reason]
    """Field: why."""
    unmapped: tuple[str, ...]
    """Columns nothing was found for, other than personal ones."""
    personal: tuple[str, ...]
    """Columns that look as if they described a person. They are not read."""


def guess_profile(columns: Sequence[str], sample: Sequence[Row], *, name: str = "guessed") -> Guess:
    """Guess a profile from the heads of a table and its first rows."""
    values = [[row.cells[at].strip() for row in sample if row.cells[at].strip()] for at in range(len(columns))]
    personal = [at for at, column in enumerate(columns) if _is_personal(column, values[at])]
    free = [at for at in range(len(columns)) if at not in personal]
    record = _guess_record(columns, free)
    found = _by_heads(columns, free, record)
    found |= _by_values(
        columns, values, [at for at in free if at not in found], {field for field, *_ in found.values()}
    )
    reasons = _reasons(columns, found)
    fixed = {} if record == "effort" or "kind" in reasons else {"kind": "incident"}
    profile = Profile(
        name,
        title="Guessed from the headings",
        record=record,
        columns={field: reason.columns for field, reason in reasons.items()},
        fixed=fixed,
        key=("reference",) if "reference" in reasons else (),
        date_order=_date_order([text for at, (field, *_) in found.items() if "date" in field for text in values[at]]),
        required=tuple(column for reason in reasons.values() for column in reason.columns),
    )
    if fixed:
        reasons["kind"] = Reason((), 0.3, "no column says the kind; most sheets list incidents")
    return Guess(
        profile=profile,
        reasons=reasons,
        unmapped=tuple(columns[at] for at in free if at not in found),
        personal=tuple(columns[at] for at in personal),
    )


Found = dict[int, tuple[str, float, str]]
"""Position of a column: its field, how sure, and why."""


def _is_personal(column: str, values: Sequence[str]) -> bool:
    if looks_personal(column):
        # "Staff" over 1, 2, 2, 3 is how many there were.
        return not (names_people(column) and _share(values, re.compile(r"\d{1,2}")) >= MOST_VALUES)
    return _share(values, PERSONAL) >= PERSONAL_VALUES


def _guess_record(columns: Sequence[str], free: Sequence[int]) -> str:
    """Effort where two columns say what only sessions have, and none what only reports have."""
    effort = {field for field, *_ in _by_heads(columns, free, "effort").values()}
    report = {field for field, *_ in _by_heads(columns, free, "report").values()}
    only_effort = effort & {"effort_type", "staff_count", "staff_hours", "contacts_band", "route"}
    only_report = report & {"harm_types", "police_category", "kind", "presence_only", "severity_band"}
    return "effort" if len(only_effort) >= 2 and not only_report else "report"


def _by_heads(columns: Sequence[str], free: Sequence[int], record: str) -> Found:
    found: Found = {}
    for at in free:
        head = _words(columns[at])
        options = [(*_likeness(head, phrase), field) for phrase, field in _phrases(record)]
        confidence, why, field = max(options, key=lambda option: option[0])
        if confidence >= PART and field:
            found[at] = (field, round(confidence, 2), why)
    return _without_rivals(found)


@cache
def _phrases(record: str) -> tuple[tuple[str, str], ...]:
    """What heads may say, each with the field it means; the field is "" for what is not read."""
    heads = {**(EFFORT_HEADS if record == "effort" else REPORT_HEADS), "": NOT_READ}
    return tuple((_words(phrase), field) for field, phrases in heads.items() for phrase in (*phrases, field) if phrase)


def _without_rivals(found: Found) -> Found:
    """For fields that are not running text, keep the surest column only, and of equals the first."""
    best: dict[str, int] = {}
    for at, (field, confidence, _) in found.items():
        if field not in best or confidence > found[best[field]][1]:
            best[field] = at
    return {at: item for at, item in found.items() if item[0] in JOINED_FIELDS or best[item[0]] == at}


def _likeness(head: str, phrase: str) -> tuple[float, str]:
    """How sure it is that a head means a phrase, and why."""
    if head == phrase:
        return EXACT, "the head says so"
    alike = fuzz.token_sort_ratio(head, phrase)
    if alike >= ALIKE and len(phrase) > SHORT:
        return SPELLING * alike / 100, "the head is nearly the same"
    words, wanted = head.split(), phrase.split()
    if not wanted or not set(wanted) <= set(words):
        return 0.0, ""
    # The last word of a head is what it is about: "Where Postcode" is a postcode.
    about = 0.5 if words[-1] in wanted else 0.0
    return PART + (SPELLING - PART) * (len(wanted) / len(words) + about) / 2, "the head holds the words"


def _by_values(columns: Sequence[str], values: Sequence[Sequence[str]], free: Sequence[int], taken: set[str]) -> Found:
    found: Found = {}
    for at in free:
        for field, test, why in VALUE_TESTS:
            if field in GRID_METRES and not VAGUE_HEAD.match(_words(columns[at])):
                continue
            if field not in taken and test(values[at]):
                found[at] = (field, VALUES, why)
                taken.add(field)
                break
    # Half a pair of coordinates is a number like any other.
    lone = [at for at, (field, *_) in found.items() for pair in PAIRS if field in pair and not pair <= taken]
    return {at: item for at, item in found.items() if at not in lone}


def _date_order(values: Sequence[str]) -> str:
    """How dates of figures are written: day first, unless a value can only be read with the month first."""
    figures = [match for value in values if (match := re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}", value))]
    day_first = any(int(match[1]) > 12 for match in figures)
    month_first = any(int(match[2]) > 12 for match in figures)
    return "mdy" if month_first and not day_first else "dmy"


def _reasons(columns: Sequence[str], found: Found) -> dict[str, Reason]:
    order = [*RECORDS["report"], *RECORDS["effort"]]
    reasons: dict[str, Reason] = {}
    for at, (field, confidence, why) in sorted(found.items(), key=lambda item: (order.index(item[1][0]), item[0])):
        if field in reasons:
            before = reasons[field]
            reasons[field] = replace(
                before, columns=(*before.columns, columns[at]), confidence=min(before.confidence, confidence)
            )
        else:
            reasons[field] = Reason((columns[at],), confidence, why)
    return reasons


def _words(column: str) -> str:
    """The words of a head: without what stands in brackets, and with camel case taken apart."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"\([^)]*\)", " ", column))
    return " ".join(re.sub(r"[^\w#]+", " ", name_key(apart)).split())


def _share(values: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(1 for value in values if pattern.fullmatch(value)) / len(values) if values else 0.0


def _mostly(pattern: str) -> Callable[[Sequence[str]], bool]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda values: _share(values, compiled) >= MOST_VALUES


def _between(low: float, high: float, *, decimals: bool) -> Callable[[Sequence[str]], bool]:
    """Are the values numbers of a range, with decimals as degrees have, or whole or nearly so as metres are?"""
    number = re.compile(r"-?\d{1,3}\.\d{3,}" if decimals else r"\d{5,7}(?:\.\d{1,3})?")

    def test(values: Sequence[str]) -> bool:
        if _share(values, number) < MOST_VALUES:
            return False
        return all(low <= float(value) <= high for value in values if number.fullmatch(value))

    return test


PAIRS = ({"longitude", "latitude"}, {"easting", "northing"})
GRID_METRES = PAIRS[1]
VAGUE_HEAD = re.compile(r"(?:[xyen]|column \d+|(?:co ?ord|geo|osgb|grid|map|point)\w*)\b")
"""Heads under which six figures may be a coordinate. Under any other they may as well be a number of something."""
DATE = r"\d{1,4}[-/. ](?:\d{1,2}|[a-z]{3,9})[-/. ]\d{1,4}(?:[t ]\d{1,2}:\d{2}.*)?|\d{4}-\d{2}"
PERSONAL = re.compile(
    r"[^@\s]+@[^@\s]+\.\w+|(?:\+44 ?|0)(?:\d[ -]?){9,10}|(?:\d{3}[ -]\d{3}[ -]\d{4})|[A-Z]{2}\d{2} ?[A-Z]{3}"
)
"""E-mail addresses, telephone numbers, NHS numbers, plates."""
VALUE_TESTS: tuple[tuple[str, Callable[[Sequence[str]], bool], str], ...] = (
    ("postcode", _mostly(r"[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}"), "the values are postcodes"),
    ("grid_reference", _mostly(r"[hjnostw][a-z](?: ?\d{3,5} ?\d{3,5})"), "the values are grid references"),
    ("latitude", _between(49, 61, decimals=True), "the values are degrees north in Great Britain"),
    ("longitude", _between(-9, 2.5, decimals=True), "the values are degrees east in Great Britain"),
    ("easting", _between(50_000, 700_000, decimals=False), "the values are metres east in Great Britain"),
    ("northing", _between(5_000, 1_250_000, decimals=False), "the values are metres north in Great Britain"),
    ("date", _mostly(DATE), "the values are dates"),
    ("time", _mostly(r"\d{1,2}[:.]\d{2}(?::\d{2})?(?: ?[ap]m)?"), "the values are times"),
)
