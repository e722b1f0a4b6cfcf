"""A report's short reference, made to be said on the phone: "4KM-7PXC".

Six characters that spread the reports' running numbers over all references, and a check character that finds any one
wrong character and any two neighbours swapped. No letter looks or sounds like a figure: there is no 0, 1, I, L or O.
The database makes references by the same rule; a test holds the two together.
"""

import re

from cs_geo.errors import RefusedInput

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 characters: a prime, so that every error described above changes the check character."""
CAPACITY = len(LETTERS) ** 6
"""887,503,681 reports."""
_MULTIPLIER, _START = 3**18, 12_345_678
"""Any multiplier without a factor 31 gives every number its own reference; this one sets neighbours far apart."""
_WEIGHTS = (2, 3, 4, 5, 6, 7)


def say_reference(number: int) -> str:
    """The reference of the report with this running number.

    Raises
    ------
    ValueError
        If the number is negative or beyond ``CAPACITY``.
    """
    if not 0 <= number < CAPACITY:
        raise ValueError(f"References go from 0 to {CAPACITY - 1:,}; {number:,} has none.")
    rest = (number * _MULTIPLIER + _START) % CAPACITY
    characters = ""
    for _ in _WEIGHTS:
        rest, digit = divmod(rest, len(LETTERS))
        characters = LETTERS[digit] + characters
    return f"{characters[:3]}-{characters[3:]}{_check_character(characters)}"


def number_of_reference(reference: str) -> int:
    """The running number of a reference: ``say_reference`` the other way round.

    Raises
    ------
    RefusedInput
        If it is no reference.
    """
    scrambled = 0
    for character in read_reference(reference).replace("-", "")[:-1]:
        scrambled = scrambled * len(LETTERS) + LETTERS.index(character)
    return (scrambled - _START) * pow(_MULTIPLIER, -1, CAPACITY) % CAPACITY


def read_reference(text: str) -> str:
    """A reference as it was typed or heard, in its proper form.

    Raises
    ------
    RefusedInput
        If it has another length, a character that no reference has, or a check character that does not fit.
    """
    characters = re.sub(r"[\s\-–—.]+", "", text).upper()
    if len(characters) != len(_WEIGHTS) + 1:
        raise RefusedInput("A reference has seven characters, such as 4KM-7PXC. Ask for it again.")
    if not set(characters) <= set(LETTERS):
        raise RefusedInput("A reference has no 0, 1, I, L or O and no other signs. Ask for it again.")
    if _check_character(characters[:-1]) != characters[-1]:
        raise RefusedInput(
            "One character of the reference is wrong: its check character does not fit. Ask for it again."
        )
    return f"{characters[:3]}-{characters[3:]}"


def _check_character(characters: str) -> str:
    weighted = sum(weight * LETTERS.index(character) for weight, character in zip(_WEIGHTS, characters, strict=True))
    return LETTERS[weighted % len(LETTERS)]
