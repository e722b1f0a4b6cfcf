"""Finding the heading of a table among what people put around it: titles, print dates, merged heads in two rows.

A table without a heading is not an error here. Its columns are numbered and every row is kept, so that nothing is lost;
what to make of it is for a person to say.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

SAMPLE_ROWS = 60
"""How many rows are looked at."""
FULL = 0.8
"""A heading labels at least this share of the columns that are in use."""
MOSTLY_WORDS = 0.6
OVER_VALUES = 0.25
"""A row of mostly words is a heading when at least this share of its cells are words over columns of values."""
LONGEST_LABEL = 200
LONGEST_GROUP = 40
"""Longest text of a head that stands over several columns."""

VALUE = re.compile(
    r"""(?!\#$)[^A-Za-z\u00c0-\uffff]+                   # no letter: a number, a date, a time
    |[-+\d.,]+[eE][-+]?\d+                             # a number in scientific notation
    |\d{1,4}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{1,4}.*   # a date, its month as a word, or with a time and zone
    |\d{1,2}[:.]\d{2}\s?[ap]m                          # a time
    |[A-Za-z]{1,2}\d[A-Za-z\d]?\s*\d[A-Za-z]{2}        # a postcode
    |(?i:yes|true|false|null|none|nan|n/?a)            # an answer, or none
    """,
    re.VERBOSE,
)
"""What stands in a cell of data. "No" and "#" are left out: they head the column of a reference."""
YEAR = re.compile(r"(?:19|20)\d\d")
MARKING = re.compile(r"\b(official|sensitive|restricted|confidential|printed|page|version|draft)\b|:$", re.IGNORECASE)
"""What stands above a table without being part of its heading."""


@dataclass(frozen=True)
class Heading:
    """The columns of a table and where its data begin in the rows that were looked at."""

    columns: tuple[str, ...]
    line: int | None
    """Line of the (last row of the) heading; None when there is none."""
    first_data: int
    """Position of the first data row among the sample."""
    above: int = 0
    """How many rows stand above the heading and belong to no data: titles, print dates, notes."""


def find_heading(sample: Sequence[tuple[int, Sequence[str]]]) -> Heading:
    """Find the heading among the first rows of a table, none of them blank, each with its line."""
    rows = [[clean(cell) for cell in cells] for _, cells in sample]
    head = _heading_position(rows)
    if head is None:
        width = max((_extent(row) for row in rows), default=0)
        return Heading(tuple(f"Column {number}" for number in range(1, width + 1)), None, 0)
    first, last, labels = head, head, rows[head]
    if head > 0 and _is_group_row(rows[head - 1], labels, adjacent=_adjacent(sample, head - 1)):
        first, labels = head - 1, _joined(rows[head - 1], labels)
    elif head + 1 < len(rows) and _completes(rows, head):
        last, labels = head + 1, _joined(labels, rows[head + 1])
    data = rows[last + 1 :]
    # A blank head is a column where data stand under it; other blank heads at the end are an artefact of the export.
    in_use = max((_extent(row) for row in data if len(row) <= len(labels)), default=0)
    width = max(_extent(labels), min(in_use, len(labels)))
    return Heading(distinct_names(labels[:width]), sample[last][0], last + 1, above=first)


def clean(cell: str) -> str:
    """The text of a head on one line."""
    return " ".join(cell.replace("\ufeff", "").split())


def distinct_names(labels: Sequence[str]) -> tuple[str, ...]:
    """Make every name different: "Address", "Address (2)"; "Column 4" for a blank one."""
    written = {label.casefold() for label in labels}
    used: set[str] = set()
    names = []
    for number, label in enumerate(labels, start=1):
        name, repeat = label, 1
        if not label or label.casefold() in used:
            stem = label or f"Column {number}"
            name = stem
            while name.casefold() in written or name.casefold() in used:
                repeat += 1
                name = f"{stem} ({repeat})"
        used.add(name.casefold())
        names.append(name)
    return tuple(names)


def _heading_position(rows: list[list[str]]) -> int | None:
    if not rows:
        return None
    fills = [sum(1 for cell in row if cell) for row in rows]
    # The second widest row, because one row may hold a stray comma; of very few rows the widest.
    width = sorted(fills)[-1] if len(fills) < 4 else sorted(fills)[-2]
    candidates = []
    for position, row in enumerate(rows):
        following = rows[position + 1 :]
        if (_is_label_row(row) and following[:1] != [row]) or _stands_out(row, following):
            if fills[position] >= FULL * width:
                return position
            candidates.append(position)
        elif fills[position] >= FULL * width:
            break
    return max(candidates, key=lambda position: (fills[position], -position), default=None)


def _is_label_row(row: list[str]) -> bool:
    labels = [cell for cell in row if cell]
    words = [label for label in labels if not VALUE.fullmatch(label)]
    if any(len(label) > LONGEST_LABEL for label in labels):
        return False
    years = [label for label in labels if YEAR.fullmatch(label)]
    different = len(Counter(label.casefold() for label in labels))
    # Years are heads only in a run of different ones ("Area, 2019, 2020, 2021").
    run_of_years = len(years) >= 2 and len(set(years)) == len(years)
    return (len(words) + (len(years) if run_of_years else 0) == len(labels)) and different >= len(labels) / 2


def _stands_out(row: list[str], following: list[list[str]]) -> bool:
    """Do words stand over columns of values, though not all of the row is words ("18-24", "...10")?"""
    filled = [position for position, cell in enumerate(row) if cell]
    words = [position for position in filled if not VALUE.fullmatch(row[position])]
    if len(words) < MOSTLY_WORDS * len(filled):
        return False
    for_it = against_it = 0
    for position in filled:
        below = [cell for other in following if (cell := _at(other, position))]
        values = sum(1 for cell in below if VALUE.fullmatch(cell))
        if position in words and below and values >= FULL * len(below):
            for_it += 1
        elif position not in words and values < len(below) / 2:
            against_it += 1  # a value over a column of words: both are data
    return for_it >= 2 and for_it >= OVER_VALUES * len(filled) and for_it > 2 * against_it


def _is_group_row(row: list[str], below: list[str], *, adjacent: bool) -> bool:
    """Is this the upper row of a heading whose cells were merged across columns or down both rows?"""
    labels = [cell for cell in row if cell]
    if len(labels) < 2 or not _is_label_row(row):
        return False
    if any(len(label) > LONGEST_GROUP or MARKING.search(label) for label in labels):
        return False
    fills_gaps = any(label and not under for label, under in zip(row, below, strict=False))
    has_gap = any(not label for label in row[: _extent(row)])
    return fills_gaps or (adjacent and has_gap)


def _completes(rows: list[list[str]], head: int) -> bool:
    """Does the next row hold the lower heads of merged ones: labels where the head row has gaps, gaps under others?"""
    upper, lower = rows[head], rows[head + 1]
    extent = max(_extent(upper), _extent(lower))
    gaps = [position for position in range(extent) if not _at(upper, position)]
    merged_down = [position for position in range(extent) if _at(upper, position) and not _at(lower, position)]
    return (
        bool(gaps)
        and bool(merged_down)
        and _is_label_row(lower)
        # The gaps are the rest of a head merged across, so that it has lower heads from its first column on.
        and all(_at(lower, position) and _at(lower, position - 1) for position in gaps)
        and 0 not in gaps
        and any(not _is_label_row(row) for row in rows[head + 2 :])
    )


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    """Name each column by its group and its own head, saying a word once."""
    names, group = [], ""
    for position in range(max(len(upper), len(lower))):
        over, under = _at(upper, position), _at(lower, position)
        if not under:  # merged down both rows, or blank in both: no group goes on past it
            names.append(over)
            group = ""
            continue
        group = over or group
        names.append(under if under.casefold() == group.casefold() else f"{group} {under}".strip())
    return names


def _adjacent(sample: Sequence[tuple[int, Sequence[str]]], position: int) -> bool:
    line, cells = sample[position]
    return sample[position + 1][0] == line + 1 + max((cell.count("\n") for cell in cells), default=0)


def _at(row: list[str], position: int) -> str:
    return row[position] if position < len(row) else ""


def _extent(row: list[str]) -> int:
    return max((position for position, cell in enumerate(row, start=1) if cell), default=0)
