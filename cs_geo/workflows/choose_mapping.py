"""Which mapping reads a table: the one that was named, the one its columns are recognised by, or a guess.

A guess is used only when it leaves nothing essential open, and what was understood is said.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.reports.columns import Profile, recognise_profile
from cs_geo.reports.guessing import Guess, guess_profile
from cs_geo.reports.profiles import load_profiles, profile_to_toml, verify_profile
from cs_geo.reports.reading import Limits, Row, Table, read_tables
from cs_geo.settings import data_folder
from cs_geo.store.imports import keep_profile, saved_profiles
from cs_geo.store.opening import Store
from cs_geo.workflows.recording import permit, recorded

SAMPLE_ROWS = 200
"""Rows a guess looks at."""


def known_profiles(connection: Connection) -> dict[str, Profile]:
    """The mappings that come with the product, and those saved here, which come first."""
    profiles = load_profiles(data_folder() / "mappings")
    saved = saved_profiles(connection)
    if saved:
        with TemporaryDirectory() as folder:
            for name, toml in saved.items():
                (Path(folder) / f"{name}.toml").write_text(toml, encoding="utf-8")
            profiles |= load_profiles(Path(folder))
    return profiles


def list_profiles(store: Store, actor: Actor) -> dict[str, Profile]:
    """Every mapping a person may choose."""
    require(actor, Action.IMPORT_REPORTS)
    with store.begin(actor) as connection:
        return known_profiles(connection)


def save_mapping(store: Store, actor: Actor, profile: Profile) -> None:
    """Keep a mapping for the next file of the same partner."""
    permit(store, actor, Action.IMPORT_REPORTS)
    verify_profile(profile)
    with recorded(store, actor, Action.IMPORT_REPORTS, subject=profile.name) as recording:
        connection = recording.connection
        keep_profile(connection, profile.name, profile_to_toml(profile), actor.person)


def look_into(path: Path, limits: Limits, *, name: str | None = None) -> tuple[Table, list[Row]]:
    """The first table of a file with a sample of its rows.

    Raises
    ------
    RefusedInput
        If the file cannot be read or holds no table.
    """
    for table in read_tables(path, limits=limits, name=name):
        return table, list(islice(table.rows, SAMPLE_ROWS))
    raise RefusedInput(f"{name or path.name}: there is no table in this file. Check that it is the right one.")


class MappingChooser:
    """Chooses the mapping of each table of one import; all tables of one import share one."""

    def __init__(self, connection: Connection, *, named: str | None, kind: str) -> None:
        self._profiles = known_profiles(connection)
        self._named = named
        self._kind = kind
        self._settled: Profile | None = None
        if named is not None and named not in self._profiles:
            raise UsageError(f"There is no mapping “{named}”. There are: {', '.join(sorted(self._profiles))}.")

    def choose(self, table: Table) -> tuple[Profile, Iterator[Row]]:
        """The mapping of a table, and its rows, none of them lost to the looking.

        Raises
        ------
        RefusedInput
            If the columns fit no mapping, or another one than the tables before.
        """
        rows: Iterable[Row] = table.rows
        if self._named is not None:
            return self._profiles[self._named], iter(rows)
        profile = recognise_profile(self._profiles, table.columns)
        if profile is None and self._settled is None:
            sample = list(islice(table.rows, SAMPLE_ROWS))
            rows = chain(sample, table.rows)
            profile = self._guess(table, guess_profile(table.columns, sample))
        profile = profile or self._settled
        if profile is None or (self._settled is not None and profile.name != self._settled.name):
            raise RefusedInput(
                f"{table.name}: its columns fit another mapping than the tables before it. Import it by itself."
            )
        self._settled = profile
        return profile, iter(rows)

    def _guess(self, table: Table, guess: Guess) -> Profile:
        mapped = guess.profile.columns
        located = {"location", "postcode", "longitude", "easting", "grid_reference", "place"} & set(mapped)
        if "date" in mapped and located and ("kind" in mapped or self._kind):
            # What kind of report a file holds is never guessed: the file says it, or the person does.
            said = {name: value for name, value in guess.profile.fixed.items() if name != "kind"}
            return replace(guess.profile, fixed=said)
        missing = [
            what
            for what, known in (
                ("the date", "date" in mapped),
                ("the location", bool(located)),
                ("the kind of report (or give it with --kind)", "kind" in mapped or bool(self._kind)),
            )
            if not known
        ]
        raise RefusedInput(
            f"{table.name}: no mapping fits these columns: {', '.join(table.columns[:30])}. "
            f"Not found in them: {', '.join(missing)}. Choose a mapping with --mapping "
            f"({', '.join(sorted(self._profiles))}), or map the columns on the import page and save them for next time."
        )
