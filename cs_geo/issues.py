"""Bad data is an issue: one thing about one cell, gathered and told with its remedy while the work goes on."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What an issue means for its row."""

    REJECT = "reject"
    """The row cannot be taken until it is mended."""
    WARN = "warn"
    """The row is taken; somebody should look."""
    NOTE = "note"
    """The row is taken; this is what was done to it."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing about one cell, and what to do about it. ``value`` is masked of personal details beforehand."""

    line: int
    column: str
    value: str
    code: str
    message: str
    remedy: str
    severity: Severity
