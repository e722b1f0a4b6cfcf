"""Coordinates as people type them, read into numbers: decimals, commas, degree signs, compass letters, grid references.

Every reader gives the resolution with the value, because "53.4" and "53.40912" do not claim the same thing. Nothing
here knows where the point should lie; that is ``coordinates``.
"""

import math
import re
from dataclasses import dataclass

_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "º": "°", "˚": "°", "’": "'", "′": "'", "”": '"', "″": '"'})
_DECIMAL_COMMA = re.compile(r"^([+-]?\d{1,3}),(\d+)$")
_THOUSANDS = re.compile(r"^\d{1,3}([ ,']\d{3})+(\.\d+)?$")
_COMPASS = re.compile(r"^([NSEW])?\s*([^NSEW]*?)\s*([NSEW])?$", re.I)
_SEXAGESIMAL = re.compile(
    r"^([+-]?)(\d{1,3})\s*(?:°|d|deg|:|\s)\s*(\d{1,2}(?:\.\d+)?)\s*(?:['m:]|\s)?\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:\"|''|s)?)?$",
    re.I,
)
_PAIR = re.compile(r"^\s*\(?\s*([+-]?\d{1,3}\.\d+)\s*[,;\s]\s*([+-]?\d{1,3}\.\d+)\s*\)?\s*$")


_LONGEST = 64
"""Characters of a cell that may be a coordinate; degrees, minutes and seconds with words take 30."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A number with its last place: 0.001 for "53.412", one second of arc for degrees, minutes and seconds."""

    value: float
    resolution: float
    axis: str = ""
    """"x" or "y" where a compass letter says which."""


def read_plain(text: str) -> tuple[float, float] | None:
    """The value and last place of a plain decimal number, None for anything else. The quick path for most cells."""
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value) or "_" in text:
        return None
    if "e" in text or "E" in text:
        return value, 0.0
    point = text.rfind(".")
    return value, 10.0 ** (point + 1 - len(text.rstrip())) if point >= 0 else 1.0


def read_degrees(text: str) -> Reading | None:
    """Degrees from "-2.804451", "53.35N", "2,8044", "53°24'15N" or "53 24.5"; None for anything else."""
    text = text.translate(_MINUS).strip()
    plain = read_plain(text)
    if plain:
        return Reading(*plain)
    if len(text) > _LONGEST:
        return None
    found = _COMPASS.match(text)
    if not found or (found[1] and found[3]):
        return None
    letter, body = (found[1] or found[3] or "").upper(), found[2].strip().rstrip("°").strip()
    sign = -1 if letter in {"S", "W"} else 1
    axis = "x" if letter in {"E", "W"} else "y" if letter else ""
    comma = _DECIMAL_COMMA.match(body)
    plain = read_plain(f"{comma[1]}.{comma[2]}" if comma else body)
    if plain:
        return Reading(sign * abs(plain[0]) if letter else plain[0], plain[1], axis)
    parts = _SEXAGESIMAL.match(body)
    if not parts or float(parts[3]) >= 60 or float(parts[4] or 0) >= 60 or (letter and parts[1]):
        return None
    value = int(parts[2]) + float(parts[3]) / 60 + float(parts[4] or 0) / 3600
    finest = (parts[4], 3600) if parts[4] else (parts[3], 60)
    resolution = (read_plain(finest[0]) or (0.0, 1.0))[1] / finest[1]
    return Reading((-1 if parts[1] == "-" else sign) * value, resolution, axis)


def read_metres(text: str) -> Reading | None:
    """Metres from "334941", "334,941", "334 941.5" or "334941 m"; None for anything else.

    The resolution of a whole number is its trailing noughts, since 334900 is more often a rounded figure.
    """
    if len(text) > _LONGEST:
        return None
    text = re.sub(r"\s*m(?:etres)?\.?$", "", text.translate(_MINUS).strip(), flags=re.I)
    plain = read_plain(text)
    if plain is None and _THOUSANDS.match(text):
        plain = read_plain(re.sub(r"[ ,']", "", text))
    if plain is None:
        degrees = read_degrees(text)  # a degree typed into the wrong column is still to be read, and caught later
        return degrees
    value, resolution = plain
    if value.is_integer() and value != 0:
        whole = str(abs(int(value)))
        resolution = 10.0 ** (len(whole) - len(whole.rstrip("0")))
    return Reading(value, resolution)


def read_pair(text: str) -> tuple[Reading, Reading] | None:
    """Two numbers in one cell, as map sites give them ("53.4084, -2.9916"), in the order written."""
    found = _PAIR.match(text.translate(_MINUS)) if len(text) <= _LONGEST else None
    if not found:
        return None
    one, other = read_plain(found[1]), read_plain(found[2])
    return (Reading(*one), Reading(*other)) if one and other else None


@dataclass(frozen=True, slots=True)
class Square:
    """A square of the National Grid: its south-west corner and side, in metres of EPSG:27700."""

    easting: float
    northing: float
    side: float


_GRID = re.compile(r"^([A-Z]{1,2})\s*((?:\d[\s,/.]*)*)$", re.I)
_GRID_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # I is left out of the grid
_COLUMNS, _ROWS = range(7), range(13)  # 100 km squares of Great Britain: 700 km by 1,300 km


def read_grid_reference(text: str) -> Square | str:
    """The grid square of "SJ 345 904", "SJ39" or "sj3494190387", or the code of the problem.

    Two to ten figures: 10 km to 1 m. One letter is the Irish grid, which is another system and is refused.
    """
    found = _GRID.match(text.strip()) if len(text) <= _LONGEST else None
    digits = re.sub(r"\D", "", found[2]) if found else ""
    if found and len(found[1]) == 1 and digits and len(digits) % 2 == 0:
        return "irish_grid"
    if not found or len(found[1]) != 2 or not digits or len(digits) % 2 or len(digits) > 10:
        return "grid_reference_unreadable"
    corner = _corner(found[1].upper())
    if corner is None:
        return "grid_reference_unreadable"
    half = len(digits) // 2
    side = 10.0 ** (5 - half)
    return Square(corner[0] + int(digits[:half]) * side, corner[1] + int(digits[half:]) * side, side)


def _corner(letters: str) -> tuple[int, int] | None:
    if "I" in letters:
        return None
    first, second = (_GRID_LETTERS.index(letter) for letter in letters)
    column = (first % 5 - 2) * 5 + second % 5
    row = (3 - first // 5) * 5 + 4 - second // 5
    return (column * 100_000, row * 100_000) if column in _COLUMNS and row in _ROWS else None
