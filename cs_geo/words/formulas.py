"""Cells that a spreadsheet would run as a formula, guarded on the way out and set free on the way back.

A note that begins with ``=`` is a formula to Excel and LibreOffice when a CSV is opened, also behind white space,
zero-width characters, a byte-order mark or in full width (trust.md C4). Only text passes here; numbers stay numbers.
"""

import re

GUARD = "'"
"""What spreadsheets take as "this is text"."""
UNSEEN = "\\s\u00a0\u200b\u200c\u200d\u2060\ufeff\u0000"
RUNS = re.compile(f"['\"{UNSEEN}]*[=+\\-@|%\uff1d\uff0b\uff0d\uff20\u2212\t\r\n]")
"""A formula sign, behind anything that is not seen, or a quotation mark."""

NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def guard_cell(text: str) -> str:
    """Put a guard before text that a spreadsheet might run."""
    return GUARD + text if RUNS.match(text) else text


def guard_text(text: str) -> str:
    """Guard a cell of a table that was read as text: what is plainly a number stays one (trust.md C5)."""
    return text if NUMBER.fullmatch(text) else guard_cell(text)


def unguard_cell(text: str) -> str:
    """Take away the guard that ``guard_cell`` put."""
    return text[1:] if text.startswith(GUARD) and RUNS.match(text[1:]) else text
