"""How commands speak: sentences for people on standard output, one document for programs with ``--json``."""

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID


def say(text: str = "") -> None:
    """Say something to a person."""
    print(text)


def say_progress(doing: str, done: int, total: int | None) -> None:
    """Say on standard error how far long work is, where somebody is looking."""
    if sys.stderr.isatty():
        of = f" of {total:,}" if total else ""
        print(f"\r\033[K{doing}: {done:,}{of}", end="", file=sys.stderr, flush=True)


def end_progress() -> None:
    """Clear the line of progress."""
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def say_document(document: Mapping[str, Any]) -> None:
    """Print one JSON document."""
    print(json.dumps(document, default=_plain, ensure_ascii=False, indent=2))


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun: "1 report", "1,204 reports"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, UUID | Path | StrEnum):
        return str(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} does not go into a JSON document.")
