"""What must be seen before an import is kept: the wrong area, a mistyped source, rows another source has sent."""

from collections.abc import Sequence
from difflib import get_close_matches

from sqlalchemy import Connection

from cs_geo.store.areas import list_areas
from cs_geo.store.sources import compare_with_other_sources

LIKENESS = 0.75
"""Least likeness (difflib's ratio) of two names of which one may be the other, mistyped: "Schols" and "Schools"."""


def alike(name: str, known: Sequence[str]) -> list[str]:
    """Known names that a name may stand for, the likeliest first; the same words in other letters before all."""
    plain = {_plain(one): one for one in known}
    return [plain[one] for one in get_close_matches(_plain(name), list(plain), n=3, cutoff=LIKENESS)]


def say_source_alike(name: str, known: Sequence[str]) -> list[str]:
    """What to ask of a source that has sent nothing yet and is called almost like one that has."""
    found = [] if name in known else alike(name, known)
    if not found:
        return []
    return [
        f"“{name}” has sent nothing before. Did you mean “{found[0]}”? Under another name, reports that are here "
        "already count twice."
    ]


def say_rows_of_another(connection: Connection, name: str) -> list[str]:
    """What to ask of staged rows of which most are reports that another source has sent."""
    equal = compare_with_other_sources(connection)
    if equal is None or 2 * equal.equal_n <= equal.looked_at_n:
        return []
    return [
        f"{equal.equal_n:,} of the first {equal.looked_at_n:,} new rows equal reports of “{equal.source}”. If “{name}” "
        f"is the same source, import them as “{equal.source}”; otherwise they count twice."
    ]


def say_outside(connection: Connection, outside_n: int, written_n: int) -> list[str]:
    """What to ask of a file of which most written rows lie outside the study area."""
    if not outside_n or 2 * outside_n <= written_n:
        return []
    areas = list_areas(connection, "study") or list_areas(connection, "district")
    name = areas[0].name if len(areas) == 1 else "the study area"
    which = "All rows lie" if outside_n == written_n else f"{outside_n:,} of {written_n:,} rows lie"
    return [f"{which} outside {name}: is this the right file?"]


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
