"""Reading single cells of a row: texts, codes, numbers and locations, each with the issues it raises.

What both reports and effort sessions need. A cell is never guessed at: what is on no list becomes *unclear* with an
issue that names the nearest code, and what was taken out of a text is named by kind, never by value.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from cs_geo.calendars import SchoolCalendar
from cs_geo.codelists import Codelist
from cs_geo.dates import DateOrder, DateRefused, ReadTime, read_occurred
from cs_geo.reports.report import Issue, Kind, LocationGiven, Severity
from cs_geo.words.masking import Masked, mask_personal_details

NOTE_ASKED_FOR = 400
"""Characters a note is asked to stay within (practice.md §5.2); a longer one is kept, with a warning."""
LONGEST_KEPT = {
    "note": 2000,
    "what_helped": 2000,
    "outcome": 400,
    "location": 300,
    "route": 500,
    "locality": 120,
    "place": 120,
    "postcode": 40,
}
"""Characters of a text that are stored; the rest is left out, with a warning."""
LONGEST_COORDINATE = 40
LONGEST_VALUE = 80
"""Characters of a cell shown in an issue."""

_NOTHING = frozenset({"-", "–", "n/a", "na", "nil", "none", "null", "nan", "."})
_NOT_KNOWN = frozenset({"?", "nk", "not known", "unknown", "don't know", "dont know"})
_NOWHERE = _NOTHING | _NOT_KNOWN | {"no location", "location unknown", "no fixed location", "not stated", "not given"}
_COORDINATE = re.compile(r"[-+]?\d{1,8}(?:\.\d{0,20})?")
_YES = frozenset({"yes", "y", "true", "t", "1", "x", "✓", "✔"})
_NO = frozenset({"no", "n", "false", "f", "0"})
_BANDS = ((0, "none"), (2, "1_to_2"), (5, "3_to_5"), (10, "6_to_10"))
"""Largest number of young people in each band; more is ``11_plus``."""


@dataclass(frozen=True)
class CheckContext:
    """What a row is checked against, the same for every row of a file and for the form."""

    codelists: Mapping[str, Codelist]
    calendar: SchoolCalendar
    today: date
    zone: ZoneInfo
    """The site's zone."""
    source_zone: ZoneInfo | None = None
    """Zone of times without an offset. None: the site's."""
    date_order: DateOrder = "dmy"
    dates_are_months: bool = False
    """Does the head of the date's column say that it holds months?"""
    kind: Kind | None = None
    """Kind of rows that do not say. None: such a row is rejected, unless it is published police data."""
    source_type: str = ""
    """Source type of rows that do not say."""
    agency: str = ""
    effort_type: str = ""
    published: bool = False
    """Published police data: incidents recorded by the police, unless the row says otherwise."""


@dataclass(slots=True)
class Findings:
    """The issues of one row, gathered while its cells are read."""

    line: int
    issues: list[Issue] = field(default_factory=list)

    @property
    def rejected(self) -> bool:
        """Must the row be mended before it can be taken?"""
        return any(issue.severity is Severity.REJECT for issue in self.issues)

    def add(self, severity: Severity, column: str, value: str, code: str, message: str, remedy: str) -> None:
        """Note one issue. ``value`` is masked and shortened here, so that no caller can forget it."""
        self.issues.append(Issue(self.line, column, show_value(value), code, message, remedy, severity))

    def reject(self, column: str, value: str, code: str, message: str, remedy: str) -> None:
        """Note an issue for which the row cannot be taken."""
        self.add(Severity.REJECT, column, value, code, message, remedy)

    def warn(self, column: str, value: str, code: str, message: str, remedy: str) -> None:
        """Note an issue that somebody should look at."""
        self.add(Severity.WARN, column, value, code, message, remedy)


def show_value(text: str) -> str:
    """A cell as an issue may show it: without personal details, at most ``LONGEST_VALUE`` characters."""
    shown = mask_personal_details(clean_text(text[: 5 * LONGEST_VALUE])).text
    return shown if len(shown) <= LONGEST_VALUE else shown[: LONGEST_VALUE - 1] + "…"


def clean_text(text: str, *, keep_lines: bool = False) -> str:
    """A text without control, format and private characters, and without space around it."""
    if text.isprintable():
        return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip()
    lines = unicodedata.normalize("NFC", text).splitlines()
    cleaned = ("".join(_clean_character(character) for character in line).strip() for line in lines)
    return ("\n" if keep_lines else " ").join(cleaned).strip()


def _clean_character(character: str) -> str:
    if character.isspace():
        return " "
    return "" if unicodedata.category(character).startswith("C") else character


def read_text(findings: Findings, fields: Mapping[str, str], column: str) -> str:
    """Read free text: masked, and cut at ``LONGEST_KEPT``."""
    text = fields.get(column)
    return _masked(findings, column, text, keep_lines=True) if text else ""


def _masked(findings: Findings, column: str, text: str, *, keep_lines: bool = False, is_location: bool = False) -> str:
    limit = LONGEST_KEPT[column]
    text = clean_text(text, keep_lines=keep_lines)
    is_long = len(text) > limit
    # Some room beyond the limit, so that a detail is masked whole before the text is cut.
    masked = mask_personal_details(text[: 2 * limit] if is_long else text, is_location=is_location)
    _note_removed(findings, column, masked)
    if is_long:
        findings.warn(
            column,
            "",
            "text_cut",
            f"Only the first {limit:,} characters were kept.",
            "Shorten the text to what happened to safety at the place.",
        )
    elif column == "note" and len(masked.text) > NOTE_ASKED_FOR:
        findings.warn(
            column,
            "",
            "long_note",
            f"The note is longer than {NOTE_ASKED_FOR} characters.",
            "Shorten it to what happened to safety here, without names or descriptions.",
        )
    return masked.text[:limit] if is_long else masked.text


def _note_removed(findings: Findings, column: str, masked: Masked) -> None:
    if masked.found:
        findings.add(
            Severity.NOTE,
            column,
            "",
            "personal_details_removed",
            f"Taken out before storing: {', '.join(masked.found)}.",
            "Nothing to do here; ask the source to describe places, not people.",
        )


def read_location(findings: Findings, fields: Mapping[str, str], *, needed: bool = True) -> LocationGiven:
    """Read where it happened, as written. Without any location the record is kept and stays unmatched.

    ``needed``: warn where none is given.
    """
    get = fields.get
    given = (
        _read_where(findings, "location", get("location")),
        _read_where(findings, "locality", get("locality")),
        _read_where(findings, "postcode", get("postcode")),
        _read_coordinate(findings, "longitude", get("longitude")),
        _read_coordinate(findings, "latitude", get("latitude")),
        _read_coordinate(findings, "easting", get("easting")),
        _read_coordinate(findings, "northing", get("northing")),
        _read_coordinate(findings, "grid_reference", get("grid_reference")),
        _read_where(findings, "place", get("place")),
    )
    if needed and not any(given):
        findings.warn(
            "location",
            get("location") or "",
            "no_location",
            "There is no location: the row is kept and appears on no map.",
            "Give an address, place, street, junction, postcode or coordinates.",
        )
    return LocationGiven(*given)


def _read_where(findings: Findings, column: str, text: str | None) -> str:
    if not text or text.strip().casefold() in _NOWHERE:
        return ""
    return _masked(findings, column, text, is_location=True)


def _read_coordinate(findings: Findings, column: str, text: str | None) -> str:
    if not text:
        return ""
    masked = mask_coordinate(text)
    _note_removed(findings, column, masked)
    return "" if masked.text.casefold() in _NOWHERE else masked.text[:LONGEST_COORDINATE]


def mask_coordinate(text: str) -> Masked:
    """A coordinate as it may be kept: a number as it was written, anything else without personal details."""
    if _COORDINATE.fullmatch(text):
        return Masked(text)
    return mask_personal_details(clean_text(text[: 2 * LONGEST_COORDINATE]), is_location=True)


def read_when(findings: Findings, fields: Mapping[str, str], context: CheckContext) -> ReadTime | None:
    """Read when it happened. None: the row is rejected."""
    get = fields.get
    try:
        read = read_occurred(
            get("date") or "",
            get("time") or "",
            get("date_to") or "",
            get("time_to") or "",
            zone=context.zone,
            source_zone=context.source_zone or context.zone,
            order=context.date_order,
            today=context.today,
            of_months=context.dates_are_months,
        )
    except DateRefused as refused:
        value = get(refused.field) or get("date") or ""
        findings.reject(refused.field, value, refused.code, refused.message, refused.remedy)
        return None
    for caution in read.cautions:
        value = get(caution.field) or get("date") or ""
        findings.add(caution.severity, caution.field, value, caution.code, caution.message, caution.remedy)
    return read


def read_code(
    findings: Findings, fields: Mapping[str, str], context: CheckContext, column: str, codelist: str = ""
) -> str:
    """Read one code of the codelist named like the column. Empty where nothing is given."""
    text = fields.get(column)
    return find_reference(findings, context.codelists[codelist or column], column, text) if text else ""


def find_reference(findings: Findings, codelist: Codelist, column: str, text: str) -> str:
    """The reference of a code, or the list's word for unclear, with an issue that names the nearest code."""
    code = codelist.find_code(text)
    if code:
        return code.reference
    plain = text.strip().casefold()
    if not plain or plain in _NOTHING:
        return ""
    if plain not in _NOT_KNOWN:
        nearest = codelist.nearest_codes(text)
        findings.warn(
            column,
            text,
            "unknown_code",
            f"This is not on the list {codelist.name}; it was taken as {codelist.unclear or 'not given'}.",
            f"The nearest on the list is {nearest[0].reference} ({nearest[0].name}). Correct the row, or map the value."
            if nearest
            else "Correct the row, or map the value.",
        )
    return codelist.unclear


def read_band(findings: Findings, fields: Mapping[str, str], context: CheckContext, column: str) -> str:
    """Read how many young people: a band, or a number, of which only the band is kept."""
    text = (fields.get(column) or "").strip()
    if not text:
        return ""
    count = text.removesuffix("+").removesuffix(".0")
    if count.isascii() and count.isdigit():
        return next((band for largest, band in _BANDS if int(count[:9]) <= largest), "11_plus")
    return read_code(findings, fields, context, column, "young_people_band")


def read_yes(findings: Findings, fields: Mapping[str, str], column: str) -> bool:
    """Read yes or no; anything else is no, with an issue."""
    text = (fields.get(column) or "").strip().casefold()
    if not text:
        return False
    if text not in _YES | _NO | _NOTHING | _NOT_KNOWN:
        findings.warn(
            column, text, "not_yes_or_no", "This is neither yes nor no; it was taken as no.", "Write yes or no."
        )
    return text in _YES


def read_number(findings: Findings, fields: Mapping[str, str], column: str) -> float | None:
    """Read a number above nought, or hours and minutes ("1:30"). None: not given, or rejected."""
    text = (fields.get(column) or "").strip()
    if not text or text.casefold() in _NOTHING | _NOT_KNOWN:
        return None
    clock = re.fullmatch(r"(\d{1,3}):([0-5]\d)", text)
    plain = re.fullmatch(r"\d{1,6}(?:[.,]\d{1,6})?", text)
    number = int(clock[1]) + int(clock[2]) / 60 if clock else float(text.replace(",", ".")) if plain else 0.0
    if number <= 0:
        findings.reject(column, text, "not_a_number", "This is not a number above nought.", "Write a number such as 2.")
        return None
    return number
