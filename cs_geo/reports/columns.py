"""A partner's columns and words, mapped once to ours: the profile, and its binding to the columns of one file.

A profile is a TOML file in ``data/mappings`` or in a site's own folder, named after the profile. Its keys:

``name``
    Same as the file, without ``.toml``: letters a to z, digits and hyphens.
``title``
    What people see in the list of mappings.
``record``
    ``"report"`` (default) or ``"effort"``: what a row is.
``source_type``, ``agency``
    Codes given to reports whose row says nothing else (codelists of the same names).
``required``
    Columns by which a file is recognised, and without which it is refused.
``key``
    Fields that together are the partner's own key of a record. Empty or absent: rows have no key.
``rows_are_events``
    ``true`` where equal rows of different files are different events and not the same one sent twice.
``published``
    ``true`` for published background data, which is kept apart from partners' reports.
``date_order``
    How dates such as 03/04/2024 are meant: ``"dmy"`` (default), ``"mdy"`` or ``"ymd"``.
``zone``
    Time zone in which times without one are written, such as ``"Europe/London"`` (default) or ``"UTC"``.
``location_accuracy_m``
    Stated accuracy of its coordinates, in metres, where they are not exact.
``[columns]``
    ``field = ["Column", …]``. Fields are those of ``cs_geo.reports.fields``. Several columns are joined by ", " for the
    fields in ``JOINED_FIELDS`` and by "; " for those in ``LISTED_FIELDS``; for every other field the first one that is
    not blank counts, so that they may also be the names a column had in different years. Columns a file lacks are
    passed over, unless they are required. Case, spacing, "_" and a mark such as ":" or "*" at the end do not matter.
``[fixed]``
    ``field = "value"``: given to a row whose columns say nothing for the field.
``[values.FIELD]``
    ``"Partner's word" = "code"``, whatever its case. ``"*"`` stands for every other word; without it a word that is not
    listed is handed on as it is, for the checks to judge. An empty code means that the word says nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from cs_geo.errors import RefusedInput
from cs_geo.reports.fields import EFFORT_FIELDS, REPORT_FIELDS
from cs_geo.reports.personal import looks_personal
from cs_geo.reports.report import Issue, Severity
from cs_geo.reports.tabular import Row, surplus_cells

RECORDS: Mapping[str, Mapping[str, str]] = {"report": REPORT_FIELDS, "effort": EFFORT_FIELDS}
"""What a row can be, and the fields it then has."""
DATE_ORDERS = ("dmy", "mdy", "ymd")
JOINED_FIELDS = frozenset({"location", "note", "outcome", "what_helped", "route"})
"""Fields of running text: several columns are joined, as the lines of an address."""
LISTED_FIELDS = frozenset({"harm_types"})
"""Fields that hold several codes parted by ";"."""
ANY_WORD = "*"
SHOWN_COLUMNS = 30
"""How many columns a message lists."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How one partner's table is read. The keys are explained at the top of this module."""

    name: str
    title: str = ""
    record: str = "report"
    source_type: str = ""
    agency: str = ""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    rows_are_events: bool = False
    published: bool = False
    date_order: str = "dmy"
    zone: str = "Europe/London"
    location_accuracy_m: float | None = None
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binding:
    """A profile bound to the columns of one table, so that rows are read by position."""

    profile: Profile
    columns: tuple[str, ...]
    unmapped: tuple[str, ...]
    """Columns that are not read, other than personal ones."""
    personal: tuple[str, ...]
    """Columns that look as if they described a person. They are not read."""
    _fields: Mapping[int, frozenset[str]]
    _blank: Mapping[str, str]
    _plain: tuple[tuple[str, int], ...]
    _other: tuple[tuple[str, Callable[[Sequence[str]], str]], ...]

    def read_fields(self, row: Row) -> dict[str, str]:
        """The fields of a row, their text stripped. Every field of the profile is there, blank if the row is."""
        cells = row[1]
        fields = dict(self._blank)
        for name, position in self._plain:
            if text := cells[position].strip():
                fields[name] = text if text.isascii() else _tidy(text)
        for name, read in self._other:
            if text := read(cells):
                fields[name] = text
        return fields

    @property
    def dates_are_months(self) -> bool:
        """Do the heads of the date say that it is a month?"""
        dates = [column for at, column in enumerate(self.columns) if "date" in self.fields_at(at)]
        return bool(dates) and all(map(_says_month, dates))

    def fields_at(self, position: int) -> frozenset[str]:
        """The fields that a column feeds; none where it is not read."""
        return self._fields.get(position, frozenset())

    def find_fault(self, row: Row) -> Issue | None:
        """The issue of a row with text beyond its last column: its values stand in the wrong columns."""
        surplus = surplus_cells(row, self.columns)
        if not surplus:
            return None
        return Issue(
            line=row.line,
            column=self.columns[-1],
            value="",
            code="surplus_cells",
            message=f"The row has {surplus} more {'cell' if surplus == 1 else 'cells'} than the heading.",
            remedy="Put the text that holds a comma (or other delimiter) into quotation marks, or into one cell.",
            severity=Severity.REJECT,
        )


def name_key(column: str) -> str:
    """What makes two column names the same: not case, spacing, underscores or a mark at the end."""
    return " ".join(column.casefold().replace("_", " ").split()).rstrip(" :*?.")


def _says_month(column: str) -> bool:
    """Heads such as "Month" and "Month and year" say so; "Date (day, month, year)" does not."""
    words = set(re.findall(r"[a-z]+", column.casefold()))
    return bool(words & {"month", "months"}) and not words & {"day", "days", "date", "dd", "time", "when"}


def bind_columns(
    profile: Profile, columns: Sequence[str], *, profiles: Mapping[str, Profile] | None = None, table: str = ""
) -> Binding:
    """Bind a profile to the columns of a table.

    Parameters
    ----------
    profile, columns
        The mapping, and the heads of the table.
    profiles
        Other mappings, of which a refusal names those that would fit.
    table
        Name of the table, for the refusal.

    Raises
    ------
    RefusedInput
        If a required column is missing, or the table has none of the columns of the profile.
    """
    positions: dict[str, int] = {}
    for position, column in enumerate(columns):
        positions.setdefault(name_key(column), position)
    missing = [column for column in profile.required if name_key(column) not in positions]
    bound = {
        name: found
        for name, wanted in profile.columns.items()
        if (found := [positions[name_key(column)] for column in wanted if name_key(column) in positions])
    }
    if missing or not bound:
        wanted = missing or [column for names in profile.columns.values() for column in names]
        raise _misfit(profile, wanted, columns, profiles or {}, table)
    read = {position for found in bound.values() for position in found}
    rest = [column for position, column in enumerate(columns) if position not in read]
    plain, other = [], []
    for name, found in bound.items():
        if len(found) == 1 and name not in profile.values:
            plain.append((name, found[0]))
        else:
            other.append((name, _reader(name, found, profile.values.get(name))))
    return Binding(
        profile=profile,
        columns=tuple(columns),
        unmapped=tuple(column for column in rest if not looks_personal(column)),
        personal=tuple(column for column in rest if looks_personal(column)),
        _fields={position: frozenset(name for name, found in bound.items() if position in found) for position in read},
        _blank=_blank_fields(profile),
        _plain=tuple(plain),
        _other=tuple(other),
    )


def recognise_profile(profiles: Mapping[str, Profile], columns: Sequence[str]) -> Profile | None:
    """The one profile whose required columns a table has. Of several the one that reads most of it; None in doubt."""
    found = {name_key(column) for column in columns}
    fitting: list[tuple[int, Profile]] = []
    for profile in profiles.values():
        if profile.required and fits(profile, columns):
            read = {name_key(column) for names in profile.columns.values() for column in names}
            fitting.append((len(found & read), profile))
    fitting.sort(key=lambda item: -item[0])
    if not fitting or (len(fitting) > 1 and fitting[0][0] == fitting[1][0]):
        return None
    return fitting[0][1]


def fits(profile: Profile, columns: Sequence[str]) -> bool:
    """Does a table have the columns that a profile requires?"""
    return {name_key(column) for column in profile.required} <= {name_key(column) for column in columns}


def _blank_fields(profile: Profile) -> dict[str, str]:
    """The fields of a row of which nothing is known but what the profile says of all."""
    blank = dict.fromkeys(profile.columns, "")
    if profile.record == "report":
        blank |= {"source_type": profile.source_type, "agency": profile.agency}
    return blank | dict(profile.fixed)


def _reader(name: str, positions: Sequence[int], words: Mapping[str, str] | None) -> Callable[[Sequence[str]], str]:
    """How a field is read that is not simply the text of one column."""
    translate = _translator(name, words) if words is not None else None
    if name in JOINED_FIELDS:
        separator: str | None = ", "
    elif name in LISTED_FIELDS:
        separator = "; "
    else:
        separator = None
    if len(positions) == 1 and translate is not None:
        return partial(_read_word, positions[0], translate)
    return partial(_read_several, tuple(positions), translate, separator)


def _read_word(position: int, translate: Callable[[str], str], cells: Sequence[str]) -> str:
    text = cells[position].strip()
    return translate(text if text.isascii() else _tidy(text)) if text else ""


def _read_several(
    positions: Sequence[int], translate: Callable[[str], str] | None, separator: str | None, cells: Sequence[str]
) -> str:
    texts = []
    for position in positions:
        text = _tidy(cells[position])
        if text and translate is not None:
            text = translate(text)
        if text and separator is None:
            return text
        if text and text not in texts:
            texts.append(text)
    return (separator or "").join(texts)


def _translator(name: str, words: Mapping[str, str]) -> Callable[[str], str]:
    """A function from a partner's word to our code."""
    codes = {word.casefold(): code for word, code in words.items()}
    other = codes.pop(ANY_WORD, None)

    def translate(word: str) -> str:
        code = codes.get(word.casefold(), other)
        return word if code is None else code

    def translate_list(text: str) -> str:
        if text.casefold() in codes:
            return codes[text.casefold()]
        parts = [part.strip() for part in text.replace("|", ";").replace("\n", ";").split(";")]
        by_comma = [part.strip() for part in text.split(",")]
        if len(parts) == 1 and all(part.casefold() in codes for part in by_comma):
            parts = by_comma
        return "; ".join(dict.fromkeys(filter(None, (translate(part) for part in parts if part))))

    return translate_list if name in LISTED_FIELDS else translate


def _tidy(text: str) -> str:
    """Text without the spaces that cannot be seen: no-break ones become plain, zero-width ones at the ends go."""
    return text.replace("\xa0", " ").replace("\u202f", " ").strip().strip("\ufeff\u200b\u2060").strip()


def _misfit(
    profile: Profile, missing: Sequence[str], columns: Sequence[str], profiles: Mapping[str, Profile], table: str
) -> RefusedInput:
    others = [name for name, other in profiles.items() if other.required and fits(other, columns) and other != profile]
    advice = (
        f"It would fit the mapping {_listed(others)}."
        if others
        else "Choose another mapping, or make one from this file on the import page."
    )
    return RefusedInput(
        f"{table + ': ' if table else ''}the columns do not fit the mapping {profile.name}. "
        f"Missing: {_listed(missing)}. Found: {_listed(columns)}. {advice}"
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN_COLUMNS])
    return f"{shown} and {len(names) - SHOWN_COLUMNS} more" if len(names) > SHOWN_COLUMNS else shown
