"""What a person chose on the map, read from the answer of ``st_folium``.

The answer keeps the last area clicked after a later click elsewhere, so that an area counts as chosen only when the
click on it and the click on the map are the same one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RETURNED_OBJECTS = ("last_clicked", "last_object_clicked", "last_active_drawing")
"""All a page may ask ``st_folium`` to return. Bounds or zoom among them would re-run the page on every pan."""


@dataclass(frozen=True, slots=True)
class Click:
    """A point on the map in degrees, and the drawn thing it fell on, if any."""

    longitude: float
    latitude: float
    layer: str = ""
    """``hotspots`` or ``spots``; empty for open ground, where the page looks for the nearest report."""
    rank: int | None = None
    """Rank of the hotspot or spot in the run on the map."""


def read_click(answer: Mapping[str, Any] | None) -> Click | None:
    """The last click, or None when nothing was clicked yet or the answer is not one."""
    ground = _point((answer or {}).get("last_clicked"))
    if answer is None or ground is None:
        return None
    drawing = answer.get("last_active_drawing") or {}
    properties = drawing.get("properties") or {}
    if _point(answer.get("last_object_clicked")) != ground or properties.get("layer") not in {"hotspots", "spots"}:
        return Click(*ground)
    return Click(*ground, layer=str(properties["layer"]), rank=int(properties["rank"]))


def _point(place: Any) -> tuple[float, float] | None:
    if not isinstance(place, Mapping) or not {"lng", "lat"} <= set(place):
        return None
    return float(place["lng"]), float(place["lat"])
