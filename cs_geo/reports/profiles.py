"""Mapping profiles as files: reading a folder of them, checking them, writing one back.

The keys of a profile are explained in ``cs_geo.reports.columns``.
"""

import json
import os
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cs_geo.errors import UserError
from cs_geo.reports.columns import DATE_ORDERS, RECORDS, Profile

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
KEYS = tuple(item.name for item in fields(Profile))
TEXTS = ("name", "title", "record", "source_type", "agency", "date_order", "zone")
LISTS = ("key", "required")
ANSWERS = ("rows_are_events", "published")
TABLES = ("columns", "fixed", "values")


def load_profiles(*folders: Path) -> dict[str, Profile]:
    """Read the profiles of some folders. A later folder replaces profiles of the same name; a missing one has none.

    Raises
    ------
    UserError
        If a file is faulty: its name, the key and what is wrong.
    """
    profiles: dict[str, Profile] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            profile = read_profile(path)
            profiles[profile.name] = profile
    return profiles


def read_profile(path: Path) -> Profile:
    """Read one profile.

    Raises
    ------
    UserError
        If it is faulty.
    """
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise UserError(
            f"Mapping {path.name} is not valid TOML: {fault}. Mend it or take it out of the folder."
        ) from fault
    faults = [*_faults_of_types(plain)]
    if not faults:
        profile = _from_plain(plain)
        faults = [*_faults_of_meaning(profile)]
        if profile.name != path.stem:
            faults.append(("name", f'is "{profile.name}", but the file is called {path.name}: they must agree'))
    if faults:
        key, what = faults[0]
        raise UserError(f"Mapping {path.name}: {key} {what}. Mend it or take it out of the folder.")
    return profile


def verify_profile(profile: Profile) -> None:
    """Check that a profile made on a page or in code would load again.

    Raises
    ------
    UserError
        If it would not: the key and what is wrong.
    """
    for key, fault in _faults_of_meaning(profile):
        raise UserError(f"The mapping cannot be kept: {key} {fault}.")


def save_profile(profile: Profile, folder: Path) -> Path:
    """Keep a profile as a file of the folder, replacing one of the same name whole or not at all.

    Raises
    ------
    UserError
        If the profile is faulty.
    """
    verify_profile(profile)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{profile.name}.toml"
    handle, draft = tempfile.mkstemp(dir=folder, prefix=".", suffix=".draft")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(profile_to_toml(profile))
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return path


def profile_to_toml(profile: Profile) -> str:
    """Write a profile as TOML, leaving out what is as by default."""
    default = Profile(profile.name)
    lines = []
    for key in KEYS:
        value = getattr(profile, key)
        if key in TABLES or (key != "name" and value == getattr(default, key)):
            continue
        lines.append(f"{key} = {_value(value)}")
    for table in ("columns", "fixed"):
        lines += _table(table, getattr(profile, table))
    for field, words in profile.values.items():
        lines += _table(f"values.{_key(field)}", words, even_if_empty=True)
    return "\n".join(lines) + "\n"


def _table(name: str, content: Mapping[str, Any], *, even_if_empty: bool = False) -> list[str]:
    if not content and not even_if_empty:
        return []
    return ["", f"[{name}]", *(f"{_key(key)} = {_value(value)}" for key, value in content.items())]


def _key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_text(item) for item in value)}]"
    return repr(value)


def _text(text: str) -> str:
    """A TOML basic string. JSON escapes the same way, but leaves the delete character bare."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _from_plain(plain: Mapping[str, Any]) -> Profile:
    kept = dict(plain)
    for key in LISTS:
        if key in kept:
            kept[key] = tuple(kept[key])
    if "columns" in kept:
        kept["columns"] = {field: tuple(columns) for field, columns in kept["columns"].items()}
    if "location_accuracy_m" in kept:
        kept["location_accuracy_m"] = float(kept["location_accuracy_m"])
    return Profile(**kept)


def _faults_of_types(plain: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in plain.items():
        if key not in KEYS:
            yield key, f"is not a key of a mapping; the keys are {', '.join(KEYS)}"
        elif key in TEXTS and not isinstance(value, str):
            yield key, "must be text in quotation marks"
        elif key in LISTS and not _is_list(value):
            yield key, "must be a list of texts"
        elif key in ANSWERS and not isinstance(value, bool):
            yield key, "must be true or false"
        elif key in TABLES and not isinstance(value, dict):
            yield key, f"must be a table, [{key}]"
        elif key == "location_accuracy_m" and (isinstance(value, bool) or not isinstance(value, int | float)):
            yield key, "must be a number of metres"
        elif key in TABLES:
            yield from _faults_of_table(key, value)
    if "name" not in plain:
        yield "name", "is missing"


def _faults_of_table(key: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, value in table.items():
        where = f"{key}.{field}"
        if key == "columns" and not _is_list(value):
            yield where, 'must be a list of column names, such as ["Date"]'
        elif key == "fixed" and not isinstance(value, str):
            yield where, "must be text in quotation marks"
        elif key == "values" and not (
            isinstance(value, dict) and all(isinstance(code, str) for code in value.values())
        ):
            yield where, 'must be a table of words and codes, such as "Noise" = "noise_nuisance"'


def _faults_of_meaning(profile: Profile) -> Iterator[tuple[str, str]]:
    if not NAME.fullmatch(profile.name):
        yield "name", "must be of small letters a to z, digits and hyphens, at most 80"
    if profile.record not in RECORDS:
        yield "record", f"must be one of {', '.join(RECORDS)}"
        return
    known = RECORDS[profile.record]
    for table in TABLES:
        for field in getattr(profile, table):
            if field not in known:
                yield f"{table}.{field}", f"is not a field of a {profile.record}; the fields are {', '.join(known)}"
    for field in profile.values:
        if field not in profile.columns:
            yield f"values.{field}", "has words, but no column is mapped to that field"
    if not profile.columns or any(not columns for columns in profile.columns.values()):
        yield "columns", "must name at least one column for each field"
    given = set(profile.columns) | set(profile.fixed)
    for field in profile.key:
        if field not in given:
            yield "key", f"names {field}, but no column is mapped to that field"
    if profile.date_order not in DATE_ORDERS:
        yield "date_order", f"must be one of {', '.join(DATE_ORDERS)}"
    if not _is_zone(profile.zone):
        yield "zone", 'must be the name of a time zone, such as "Europe/London" or "UTC"'
    accuracy = profile.location_accuracy_m
    if accuracy is not None and not 0 <= accuracy < float("inf"):
        yield "location_accuracy_m", "must be a number of metres"


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
