"""Reports in words: days as they are said, names for codes, and how sure their place is."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from cs_geo.dates import format_day, format_window
from cs_geo.geocode.cascade import PROBLEMS
from cs_geo.maps.captions import KIND_WORDS
from cs_geo.settings import get_settings
from cs_geo.ui.widgets.filters import name_of
from cs_geo.ui.widgets.session import actor, store
from cs_geo.workflows.typed_points import name_areas

PLURALS = KIND_WORDS
BY_KEYBOARD = "With the keyboard: Tab to the table, arrows to a row, then Shift and Space."
"""Said beside every table whose rows open something."""
PRECISIONS = {
    "building": "building",
    "junction": "junction or named feature",
    "street": "street",
    "postcode": "postcode",
    "cell": "centre of a cell of 50 m",
    "area": "area only",
    "none": "not placed",
}
METHODS = {
    "coordinates": "its coordinates",
    "grid_reference": "its grid reference",
    "address": "its address",
    "place": "the name of the place",
    "street": "the street",
    "junction": "the junction of two streets",
    "postcode": "its postcode",
    "area": "the area it names",
    "person": "a person",
}
CHANGES = {
    "created": "Stored",
    "updated": "Changed by a later import",
    "edited": "Edited, or its pin doubted",
    "placed": "Placed",
    "withdrawn": "Withdrawn with its import",
    "restored": "Restored",
}


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun: "1 report", "1,204 reports"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def kinds_in_words(by_kind: Mapping[str, int]) -> str:
    """Counts of kinds side by side, never added up: "12 incidents · 4 concerns"."""
    return " · ".join(counted(by_kind[str(kind)], *words) for kind, words in PLURALS.items() if by_kind.get(str(kind)))


def day_in_words(first_day: date, precision: str, last_day: date | None = None) -> str:
    """A day, several days, or a month as they are said."""
    if precision == "month":
        return format_day(first_day).split(" ", 1)[1]
    return format_window(first_day, last_day) if last_day and last_day != first_day else format_day(first_day)


def when_in_words(report: Mapping[str, Any]) -> str:
    """When a report happened, as exactly as it is known."""
    day = day_in_words(report["first_day"], report["date_precision"], report["last_day"])
    if report["date_precision"] != "time":
        return f"{day}, time not known"
    zone = ZoneInfo(get_settings().zone)
    start, until = report["occurred_from"].astimezone(zone), report["occurred_until"].astimezone(zone)
    return f"{day}, {start:%H:%M}" + ("" if until == start else f" to {until:%H:%M}")


def moment_in_words(moment: datetime) -> str:
    """A recorded moment by the site's clock: 14 April 2026, 15:30."""
    local = moment.astimezone(ZoneInfo(get_settings().zone))
    return f"{format_day(local.date())}, {local:%H:%M}"


def harms_in_words(row: Mapping[Any, Any]) -> str:
    """What was harmful, by name; the police's own category where there is nothing else."""
    names = [name_of("harm_type", code) for code in row["harm_types"]]
    if row.get("police_category"):
        names.append(f"police: {name_of('police_category', row['police_category'])}")
    return ", ".join(names)


def place_in_words(report: Mapping[str, Any]) -> str:
    """How a report was placed, how sure that is, and what is doubtful about it."""
    problem = PROBLEMS.get(report["match_problem"], "")
    if report["x"] is None:
        return f"It has no point. {problem}".strip()
    name = f" ({report['match_name']})" if report["match_name"] else ""
    radius = f", true to about {report['match_radius_m']:,.0f} m" if report["match_radius_m"] else ""
    doubt = " Somebody has said that the pin is wrong." if report["pin_doubted"] else ""
    by = METHODS.get(report["match_method"], report["match_method"])
    precision = PRECISIONS.get(report["match_precision"], report["match_precision"])
    return (
        f"Placed by {by}{name}: {precision}{radius}. Confidence: {report['match_confidence']}.{doubt} {problem}".strip()
    )


def candidates_in_words(candidates: Sequence[Mapping[str, Any]]) -> list[str]:
    """A geocoder's candidates as a numbered list, each with its ward, because their names are often the same."""
    areas = name_areas(store(), actor(), [(one["x"], one["y"]) for one in candidates])
    return [
        f"{number}. {one['name']}{', ' + area if area and area not in one['name'] else ''} "
        f"({PRECISIONS.get(str(one['precision']), '')})"
        for number, (one, area) in enumerate(zip(candidates, areas, strict=True), start=1)
    ]


def reports_frame(rows: Sequence[Mapping[Any, Any]]) -> pd.DataFrame:
    """A page of reports as the table that people read."""
    return pd.DataFrame(
        {
            "Reference": [row["reference"] for row in rows],
            "Kind": [str(row["kind"]).capitalize() for row in rows],
            "When": [day_in_words(row["first_day"], row["date_precision"]) for row in rows],
            "Time of day": [name_of("time_band", row["time_band"]) for row in rows],
            "What": [harms_in_words(row) for row in rows],
            "Where, as written": [row["location_text"] or "–" for row in rows],
            "Placed by": [PRECISIONS.get(row["match_precision"], row["match_precision"]).capitalize() for row in rows],
            "Source": [name_of("source_type", row["source_type"]) for row in rows],
        }
    )
