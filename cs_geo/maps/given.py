"""What a partner was given, as features and a legend: cells with banded counts, and hotspots in wide bands.

One kind of report at a time: kinds are never added up. A count stands on the map in the words in which it was given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from cs_geo.maps import layers, style
from cs_geo.maps.captions import KIND_WORDS
from cs_geo.reports.report import Kind
from cs_geo.words.escaping import escape_text

STEPS = (5, 10, 20, 50)
"""Lower bounds of the classes above those cells that are told only in words, the same for every release."""


@dataclass(frozen=True, slots=True, eq=False)
class GivenCells:
    """The cells of one kind of report in a release, with its hotspots."""

    kind: Kind
    cells: gpd.GeoDataFrame
    """Columns ``reports``, a number or words such as "fewer than 5", and ``ward``; polygons in any CRS."""
    hotspots: gpd.GeoDataFrame
    """Columns ``rank``, ``label`` and ``reports`` in words; polygons in any CRS."""
    few: str
    """The words for a count that is not told."""


def class_of(reports: Sequence[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Class of each count: 0 for one that is told in words, then by ``STEPS``."""
    numbers = pd.to_numeric(pd.Series(list(reports), dtype=object).str.replace(",", ""), errors="coerce").fillna(0)
    return np.searchsorted(STEPS, numbers.to_numpy(), side="right")


def draw_given(given: GivenCells) -> list[folium.GeoJson]:
    """The layers of a release: cells below, hotspots above, which are an outline only."""
    drawn = []
    if len(given.cells):
        drawn.append(
            folium.GeoJson(
                _cell_features(given),
                name="cells",
                style_function=lambda feature: {
                    "color": style.REPORTS[-2],
                    "weight": 1,
                    "fillColor": feature["properties"]["colour"],
                    "fillOpacity": style.CELL_OPACITY,
                },
                highlight_function=lambda feature: {"weight": 3},
                tooltip=_tooltip(),
            )
        )
    if len(given.hotspots):
        drawn.append(
            folium.GeoJson(
                _hotspot_features(given),
                name="given_hotspots",
                # Outlines alone: a fill would take the pointer away from the cells under it.
                style_function=lambda feature: {"color": style.OUTLINE, "weight": 3, "fill": False},
                tooltip=_tooltip(),
            )
        )
    return drawn


def given_legend(given: GivenCells) -> dict[str, Any]:
    """What the legend says, as values that ``map.js`` shows."""
    labels = [given.few, *(one.replace(" to ", "\N{EN DASH}") for one in style.class_labels(STEPS))]
    classes = [
        {"shape": "class", "text": escape_text(_short(label)), "fill": colour, "stroke": ""}
        for label, colour in zip(labels, style.REPORTS, strict=True)
    ]
    groups: list[dict[str, Any]] = [
        {
            "row": False,
            "title": escape_text(f"{KIND_WORDS[given.kind][1].capitalize()} in one cell of 50 m"),
            "entries": classes,
        }
    ]
    if len(given.hotspots):
        said = "Reports are concentrated here, drawn along cells"
        groups.append(
            {
                "row": False,
                "entries": [{"shape": "area", "text": escape_text(said), "fill": "", "stroke": style.OUTLINE}],
            }
        )
    notes = ["More reports are not more harm.", "No colour: nothing is told here, not that nothing happened."]
    return {"title": "As it was released", "groups": groups, "notes": [escape_text(note) for note in notes]}


def _short(label: str) -> str:
    return label[0].upper() + label[1:]


def _cell_features(given: GivenCells) -> layers.Features:
    frame = given.cells.assign(colour=[style.REPORTS[one] for one in class_of(given.cells["reports"])])
    word = KIND_WORDS[given.kind][1]
    return layers.make_features(
        frame,
        lambda row: {
            "layer": "cells",
            "colour": row["colour"],
            "text": f"{escape_text(row['ward'])}: {escape_text(row['reports'])} {escape_text(word)}",
        },
    )


def _hotspot_features(given: GivenCells) -> layers.Features:
    return layers.make_features(
        given.hotspots.sort_values("rank"),
        lambda row: {
            "layer": "given_hotspots",
            "rank": int(row["rank"]),
            "text": f"{escape_text(row['label'])}: {escape_text(row['reports'])} reports",
        },
    )


def _tooltip() -> folium.GeoJsonTooltip:
    # The only text in a layer is ``text``, which is escaped above.
    return folium.GeoJsonTooltip(fields=["text"], labels=False, sticky=True, style="")
