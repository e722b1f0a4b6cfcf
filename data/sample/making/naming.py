"""Names for drafted streets: one to a street, words from the theme of the quarter, short spurs after their parent."""

from dataclasses import dataclass

import numpy as np
from shapely.geometry import LineString, Point

from making import layout, names
from making.streets import Draft, Plan

SERVICE_UP_TO = 84.0
"""A dead end up to this long is a yard or a drive: no street with a name."""


@dataclass(frozen=True)
class Street:
    """A street as it stands on the map. ``name`` is empty for drives and paths."""

    name: str
    highway: str
    line: LineString
    quarter: str
    manner: str


def name_streets(plan: Plan) -> list[Street]:
    """Every street of the plan with its name."""
    manners = {quarter.name: quarter.manner for quarter in layout.QUARTERS}
    themes = {quarter.name: quarter.theme for quarter in layout.QUARTERS}
    roads = [Street(road.name, road.highway, road.line, "", "main") for road in layout.ROADS]
    named = list(roads)
    for quarter in [*manners, *(name for name, _, _ in layout.VILLAGES)]:
        manner = manners.get(quarter, "estate")
        drafts = [draft for draft in plan.drafts if draft.quarter == quarter]
        named += _name_quarter(quarter, manner, names.THEMES[themes.get(quarter, quarter)], drafts)
    return named


def _name_quarter(quarter: str, manner: str, words: tuple[str, ...], drafts: list[Draft]) -> list[Street]:
    shared = [name for name, quarters in names.SHARED if quarter in quarters]
    through = [d for d in drafts if not d.dead_end and d.line.length > 110]
    taken_by = dict(zip(map(id, sorted(through, key=lambda d: -d.line.length)[1:]), shared, strict=False))
    named: list[Street] = []
    used: set[str] = set()
    for place, draft in enumerate(drafts):
        if draft.dead_end and draft.line.length <= SERVICE_UP_TO:
            named.append(Street("", "service", draft.line, quarter, manner))
            continue
        name = taken_by.get(id(draft)) or (_straight_on(draft, named) if manner == "terrace" else "")
        name = name or _next_name(place, draft, manner, words, used, named)
        used.add(name)
        highway = "residential" if draft.highway in {"collector", "residential"} else draft.highway
        named.append(Street(name, highway, draft.line, quarter, manner))
    return named


def _next_name(
    place: int, draft: Draft, manner: str, words: tuple[str, ...], used: set[str], named: list[Street]
) -> str:
    role = "collector" if draft.highway == "collector" else "end" if draft.dead_end else "through"
    kinds = names.KINDS.get((manner, role)) or names.KINDS[(manner, "through")]
    words_used = {name.rsplit(" ", 1)[0] for name in used}
    if role == "end" and draft.line.length < 130 and (parent := _parent(draft, named)):
        own = [f"{parent.rsplit(' ', 1)[0]} {kind}" for kind in kinds]
        if free := [name for name in own if name not in used]:
            return free[0]
    for word in words:
        if word not in words_used:
            return f"{word} {kinds[place % len(kinds)]}"
    for number in range(len(words) * len(kinds) * 3):
        every = (*kinds, "Lane", "View", "Green", "Garth")
        name = f"{words[number % len(words)]} {every[(number // len(words) + place) % len(every)]}"
        if name not in used:
            return name
    raise ValueError(f"Too few words for {len(used)} streets.")


def _parent(draft: Draft, named: list[Street]) -> str:
    start = Point(draft.line.coords[0])
    return next((street.name for street in named if street.name and street.line.distance(start) < 1), "")


def _straight_on(draft: Draft, named: list[Street]) -> str:
    """The name of a row of which this is the next piece, across a road."""
    for street in named:
        for mine, beyond in ((0, -1), (-1, 0)):
            gap = Point(draft.line.coords[mine]).distance(Point(street.line.coords[beyond]))
            if street.name and gap < 60 and _aligned(draft.line, street.line, mine, beyond):
                return street.name
    return ""


def _aligned(line: LineString, other: LineString, mine: int, beyond: int) -> bool:
    one, two = np.asarray(line.coords), np.asarray(other.coords)
    a = one[1] - one[0] if mine == 0 else one[-1] - one[-2]
    b = two[-1] - two[-2] if beyond == -1 else two[1] - two[0]
    across = (one[mine] - two[beyond]) @ np.array([-a[1], a[0]]) / np.hypot(*a)
    turn = (a[0] * b[1] - a[1] * b[0]) / (np.hypot(*a) * np.hypot(*b))
    return bool(abs(turn) < 0.2 and abs(across) < 12)
