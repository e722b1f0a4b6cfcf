"""The legend's words and swatches: what each shape and class on the map stands for, and what it does not.

The sentences of the caption that matter most stand here again, because a screenshot keeps the map and loses what stood
under it. Hexagons and points are never on the map together, and the legend names only those that are.
"""

from collections.abc import Sequence
from typing import Any

from cs_geo.maps import style
from cs_geo.maps.captions import KIND_WORDS, NOT_DANGER, PUBLISHED_NOTE, TESTED_NOTE, UNTESTED_NOTE
from cs_geo.reports.report import Kind
from cs_geo.words.escaping import escape_text

TITLE, TITLE_WITHOUT_REPORTS = "Reports received", "On this map"
FIRST_POINT_ZOOM = 13
"""Zoom from which tiles hold points; before it they hold hexagons."""


def legend(
    breaks: Sequence[int],
    *,
    reports: bool = True,
    kinds: Sequence[Kind] = (),
    published: bool = False,
    strengths: bool = True,
    hotspots: bool = False,
    spots: bool = False,
    tested: bool = False,
) -> dict[str, Any]:
    """What the map's legend says, as values that ``map.js`` shows. Only shapes that are on the map are named.

    ``kinds`` are those of the reports on the map; empty: every kind.
    """
    drawn = [kind for kind in style.POINTS if reports and (not kinds or kind in kinds)]
    groups: list[dict[str, Any]] = []
    if drawn:
        said = " and ".join(KIND_WORDS[kind][1] for kind in drawn).capitalize() if len(drawn) < 3 else "Reports"
        groups.append(
            {
                "row": True,
                "title": escape_text(f"{said} in one hexagon"),
                "maxzoom": FIRST_POINT_ZOOM - 1,
                "entries": _classes(breaks),
            }
        )
    shapes = [
        _entry(
            style.POINTS[kind][0], f"{KIND_WORDS[kind][0].capitalize()} (larger: several)", fill=style.POINTS[kind][1]
        )
        | {"minzoom": FIRST_POINT_ZOOM}
        for kind in drawn
    ]
    if hotspots:
        shapes.append(
            _entry("area", TESTED_NOTE if tested else UNTESTED_NOTE, fill=style.REPORTS[0], stroke=style.OUTLINE)
        )
    if spots:
        shapes.append(_entry("spot", "Several reports at one spot", fill=style.REPORTS[1], stroke=style.OUTLINE))
    if strengths:
        shapes.append(_entry("ring", "Strength: what helps here", stroke=style.STRENGTH))
    if published:
        shapes.append(_entry("disc", f"{PUBLISHED_NOTE} (published police data)", fill=style.PUBLISHED_POINT))
    if shapes:
        groups.append({"row": False, "entries": shapes})
    notes = [escape_text(NOT_DANGER)] if drawn else []
    return {"title": TITLE if drawn else TITLE_WITHOUT_REPORTS, "groups": groups, "notes": notes}


def _classes(breaks: Sequence[int]) -> list[dict[str, Any]]:
    colours = style.class_colours(breaks)
    return [
        _entry("class", _short(label), fill=colour)
        for label, colour in zip(style.class_labels(breaks), colours, strict=True)
    ]


def _short(label: str) -> str:
    """A class label for a narrow swatch: ``2-4``, ``20+``."""
    return label.replace(" to ", "\N{EN DASH}").replace(" or more", "+")


def _entry(shape: str, text: str, *, fill: str = "", stroke: str = "") -> dict[str, Any]:
    return {"shape": shape, "text": escape_text(text), "fill": fill, "stroke": stroke}
