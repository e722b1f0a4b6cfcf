"""A month of published police data for the made-up force, in the layout of data.police.uk.

All recorded crime, all ages, on anchor points: background for a map, never part of a run.
"""

import csv
import io
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import LineString, Point

from making.areas import Area
from making.borough import Borough
from making.geometry import chance, to_degrees

MONTH = "2026-08"
FILE = f"police-street-{MONTH}.csv"
FORCE = "Harrowmere and Fens Constabulary"
ROWS = 800
_HEADS = (
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code", "LSOA name",
    "Crime type", "Last outcome category", "Context",
)  # fmt: skip
_TYPES = {
    "Anti-social behaviour": 22, "Violence and sexual offences": 31, "Public order": 8, "Criminal damage and arson": 9,
    "Shoplifting": 8, "Vehicle crime": 5, "Burglary": 4, "Drugs": 3, "Other theft": 6, "Robbery": 1, "Bicycle theft": 1,
    "Theft from the person": 1, "Possession of weapons": 1, "Other crime": 2,
}  # fmt: skip
_OUTCOMES = (
    "Under investigation", "Investigation complete; no suspect identified", "Unable to prosecute suspect",
    "Awaiting court outcome",
)  # fmt: skip
_NAMELESS = 40
"""Rows without coordinates and without a location."""


def write_published(path: Path, borough: Borough) -> int:
    """Write the month and return its number of rows."""
    rng = chance("published")
    anchors = _anchors(borough)
    weights = rng.pareto(1.3, len(anchors)) + 0.3
    for number, (name, _, _) in enumerate(anchors):
        if name in {"Shopping Area", "Supermarket", "Station", "Hospital"}:
            weights[number] += 14
    chosen = rng.choice(len(anchors), ROWS, p=weights / weights.sum())
    shares = np.array(list(_TYPES.values()), dtype=float)
    types = rng.choice(list(_TYPES), ROWS, p=shares / shares.sum())
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADS)
    for number, (anchor, kind) in enumerate(zip(chosen, types, strict=True)):
        name, point, area = anchors[int(anchor)]
        nameless = number % (ROWS // _NAMELESS) == 7
        lon, lat = to_degrees(np.array([point.x, point.y]))
        anti_social = kind == "Anti-social behaviour"
        place = (
            ("", "", "No Location", "", "")
            if nameless
            else (f"{lon:.6f}", f"{lat:.6f}", f"On or near {name}", area.reference, area.name)
        )
        crime = "" if anti_social else rng.bytes(32).hex()
        outcome = "" if anti_social else str(rng.choice(_OUTCOMES))
        writer.writerow([crime, MONTH, FORCE, FORCE, *place, kind, outcome, ""])
    path.write_bytes(text.getvalue().encode("utf-8"))
    return ROWS


def _anchors(borough: Borough) -> list[tuple[str, Point, Area]]:
    """A point on every other street, and some on places that stand for many addresses."""
    named: dict[str, LineString] = {}
    for way in borough.ways:
        if way.name and way.highway not in {"footway", "steps"}:
            named.setdefault(way.name, LineString(way.xy))
    found = [(name, line.interpolate(0.5, normalized=True)) for name, line in sorted(named.items())][::2]
    found += [
        ("Shopping Area", borough.feature("The Maltings Shopping Centre").shape.centroid),
        ("Supermarket", borough.feature("Ringway Retail Park").shape.centroid),
        ("Station", borough.feature("Platform Café").shape.centroid),
        ("Hospital", borough.feature("Harrowmere General Hospital").shape.centroid),
        ("Park/Open Space", borough.feature("Ropewalk Park").shape.centroid),
        ("Parking Area", borough.feature("Maltings car park").shape.centroid),
    ]
    placed: list[tuple[str, Point, Area]] = []
    for name, point in found:
        area = next((a for a in borough.small_areas if shapely.contains(a.shape, point)), None)
        if area is not None:
            placed.append((name, point, area))
    return placed
