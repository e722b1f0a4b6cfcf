"""The errors a person is meant to read.

Bad data is an ``Issue`` (``cs_geo.reports.report``) and is collected; bad use is one of the errors here and is shown
as its message, never as a traceback; anything else is a bug. Every message says what to do next.
"""

import traceback
from pathlib import Path


class UserError(Exception):
    """Something the person can put right. The message is shown to them as it stands."""

    exit_code = 1


class RefusedInput(UserError):
    """A file or value that cannot be taken: what was wrong with it, and what would be taken instead."""


class UsageError(UserError):
    """A command, option or name that does not exist or does not fit with another."""

    exit_code = 2


class NotAvailable(UserError):
    """Something the product will not do yet, or not here."""

    exit_code = 3


class TooOften(UserError):
    """Something done more often than any person at work does it. It can be done again after ``wait_s`` seconds."""

    def __init__(self, said: str, wait_s: int) -> None:
        super().__init__(f"{said} Nothing is lost. Try again in {in_words(wait_s)}.")
        self.wait_s = wait_s


def in_words(seconds: int) -> str:
    """A time to wait, rounded up: "12 seconds", "3 minutes", "2 hours"."""
    for size, one in ((3600, "hour"), (60, "minute")):
        if seconds > 2 * size:
            return f"{-(-seconds // size)} {one}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


class SetupError(UserError):
    """The machine lacks something the product needs. The message names the command that mends it."""

    exit_code = 3


def place_of(fault: Exception) -> str:
    """What kind of fault of the program it was and where, without its words: they may hold what stands in a report."""
    frames = traceback.extract_tb(fault.__traceback__)
    return f"{type(fault).__name__} at " + ", ".join(f"{Path(one.filename).name}:{one.lineno}" for one in frames[-6:])
