"""What a file holds, whoever it is for: layers, plain tables, what their columns mean, and the caveats."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

PLAIN_TABLES = {"dictionary": ("table", "column", "meaning"), "caveats": ("caveat",)}
"""The tables that every file carries, and their columns."""


@dataclass(frozen=True, eq=False)
class Contents:
    """The layers and tables of a file. Layers are in storage metres; the first one bears the name of the file."""

    layers: Mapping[str, gpd.GeoDataFrame]
    tables: Mapping[str, pd.DataFrame]
    dictionary: Mapping[str, Mapping[str, str]]
    """Table to its columns and what they mean."""
    geometry_types: Mapping[str, str]
    caveats: tuple[str, ...]

    @property
    def main(self) -> str:
        """The layer that bears the name of the file."""
        return next(iter(self.layers))

    def all_tables(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Every table without its shapes, then dictionary and caveats."""
        for name, frame in self.layers.items():
            yield name, pd.DataFrame(frame.drop(columns="geometry"))
        yield from self.plain_tables().items()

    def plain_tables(self) -> Mapping[str, pd.DataFrame]:
        """The tables that have no shapes, dictionary and caveats last."""
        return {
            **self.tables,
            "dictionary": dictionary_frame(self.dictionary),
            "caveats": pd.DataFrame({"caveat": list(self.caveats)}),
        }

    def row_counts(self) -> dict[str, int]:
        """Rows of each layer and table."""
        return {name: len(frame) for name, frame in {**self.layers, **self.tables}.items()}


def dictionary_frame(dictionary: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """The data dictionary: table, column, meaning."""
    rows = [(table, column, meaning) for table, columns in dictionary.items() for column, meaning in columns.items()]
    return pd.DataFrame(rows, columns=list(PLAIN_TABLES["dictionary"]))
