"""What there is to find in the sample: concentrations that are true, the background they stand on, and strengths."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from making import days, notes
from making.borough import Borough
from making.days import Rhythm
from making.effort import Session
from making.geometry import chance
from making.landmarks import ESTATE_BLOCKS
from making.noticed import Locator, Noticed, Where

Weights = dict[str, float]


@dataclass(frozen=True)
class Concentration:
    """Reports that keep coming from one place. Counts are for the three windows of ``days.WINDOWS``."""

    key: str
    label: str
    at: tuple[float, float]
    spread: float
    """Metres: standard deviation of where things happen round ``at``."""
    rhythm: Rhythm
    harms: Weights
    sources: dict[str, Weights]
    """Weights of the sources, by kind."""
    counts: dict[str, tuple[int, int, int]]
    """Reports of a kind in each window."""
    names: tuple[str, ...] = ()
    """What people call the place, where it has a name that stands as a point."""
    ends: str = ""
    """``response``: from the day of the response hardly anything more. ``follows``: hardly anything before it."""


RADIUS_M = 130
"""Within this distance of its middle lies nearly everything that a concentration's reports say exactly."""

AFTER_SCHOOL = Rhythm((15.1, 17.4), "school")
EVENING = Rhythm((18.2, 22.8), "any", 2.0)
LATE = Rhythm((20.0, 23.4), "any", 2.2)
GATE = Rhythm((15.0, 16.4), "school")

CONCENTRATIONS = (
    Concentration(
        "station_forecourt", "Station forecourt after school", (2800, 2030), 26, AFTER_SCHOOL,
        {"violence_between_young_people": 3, "robbery_or_theft_from_a_young_person": 3,
         "intimidation_or_bullying": 3, "adults_of_concern_approaching": 1},
        {"incident": {"transport": 5, "council": 3, "business": 2}, "concern": {"schools": 6, "residents": 2,
         "transport": 2}, "outreach": {"outreach": 1}},
        {"incident": (26, 44, 28), "concern": (14, 22, 16), "outreach": (6, 12, 18)},
        ("Station Kiosk", "Platform Café", "Harrowmere station"),
    ),
    Concentration(
        "park_north_gate", "Ropewalk Park north gate in the evening", (2985, 3772), 34, EVENING,
        {"robbery_or_theft_from_a_young_person": 3, "weapon_seen_found": 1, "violence_between_young_people": 2,
         "environmental_hazard": 2, "intimidation_or_bullying": 2},
        {"incident": {"council": 5, "residents": 3, "voluntary": 1}, "concern": {"residents": 4, "schools": 2,
         "voluntary": 3}, "outreach": {"outreach": 1}},
        {"incident": (18, 36, 24), "concern": (12, 20, 14), "outreach": (8, 14, 22)},
        ("Ropewalk Park north gate",),
    ),
    Concentration(
        "lowfield_parade", "Lowfield Parade in the evening", (2962, 945), 30, EVENING,
        {"alcohol_vape_supply_to_under_18s": 5, "adults_of_concern_approaching": 3, "noise_nuisance": 1,
         "hate_or_discrimination": 1},
        {"incident": {"business": 5, "council": 3, "residents": 2}, "concern": {"residents": 4, "schools": 3,
         "voluntary": 2}, "outreach": {"outreach": 1}},
        {"incident": (16, 30, 20), "concern": (14, 26, 18), "outreach": (4, 8, 12)},
        ("Lowfield Fish Bar", "Lowfield Stores", "Lowfield Parade"),
    ),
    Concentration(
        "maltings_car_park", "Maltings car park until the response", (2597, 2424), 22, LATE,
        {"damage": 2, "noise_nuisance": 2, "substance_use": 2, "violence_between_young_people": 2,
         "environmental_hazard": 1},
        {"incident": {"council": 5, "business": 3, "residents": 1}, "concern": {"business": 3, "residents": 2},
         "outreach": {"outreach": 1}},
        {"incident": (34, 34, 2), "concern": (14, 14, 1), "outreach": (8, 10, 2)},
        ("Maltings multi-storey car park",), "response",
    ),
    Concentration(
        "the_steps", "The Steps by the river since the response", (2862, 2966), 28, LATE,
        {"damage": 2, "noise_nuisance": 2, "substance_use": 2, "violence_between_young_people": 2,
         "environmental_hazard": 2},
        {"incident": {"council": 5, "residents": 3, "business": 1}, "concern": {"residents": 3, "voluntary": 2},
         "outreach": {"outreach": 1}},
        {"incident": (1, 14, 26), "concern": (0, 6, 13), "outreach": (1, 6, 16)},
        ("the Steps",), "follows",
    ),
    Concentration(
        "academy_gate", "Weirside Academy gate in term", (1850, 3540), 34, GATE,
        {"intimidation_or_bullying": 4, "robbery_or_theft_from_a_young_person": 2, "vehicle_road_danger": 2,
         "online_harm_linked_to_place": 1, "violence_between_young_people": 2},
        {"incident": {"council": 3, "residents": 3, "transport": 2}, "concern": {"schools": 7, "residents": 2},
         "outreach": {"outreach": 1}},
        {"incident": (14, 30, 17), "concern": (22, 38, 24), "outreach": (2, 4, 6)},
        ("Academy gate",),
    ),
    Concentration(
        "pellmoor_court", "Pellmoor Court in the evening", (3432, 812), 42, LATE,
        {"criminal_exploitation": 4, "drug_supply_affecting_young_people": 3, "weapon_seen_found": 1, "damage": 1,
         "missing_whereabouts_worry": 1},
        {"incident": {"housing": 6, "council": 2, "residents": 2}, "concern": {"housing": 4, "residents": 2,
         "voluntary": 3}, "outreach": {"outreach": 1}},
        {"incident": (14, 28, 18), "concern": (16, 26, 18), "outreach": (4, 8, 10)},
        ESTATE_BLOCKS,
    ),
)  # fmt: skip

BACKGROUND: dict[str, tuple[int, int, int]] = {
    "incident": (200, 285, 128),
    "concern": (120, 165, 84),
    "outreach": (40, 70, 92),
}
BACKGROUND_SOURCES: dict[str, Weights] = {
    "incident": {"council": 7, "housing": 3, "transport": 2, "business": 2, "residents": 3},
    "concern": {"schools": 5, "residents": 4, "voluntary": 2, "housing": 2, "business": 1},
    "outreach": {"outreach": 1},
}
BACKGROUND_HARMS: dict[str, Weights] = {
    "incident": {
        "noise_nuisance": 6,
        "damage": 5,
        "vehicle_road_danger": 4,
        "environmental_hazard": 3,
        "violence_between_young_people": 3,
        "robbery_or_theft_from_a_young_person": 2,
        "intimidation_or_bullying": 2,
        "substance_use": 2,
        "violence_by_adults": 1,
        "hate_or_discrimination": 1,
        "unclear": 1,
    },
    "concern": {
        "intimidation_or_bullying": 4,
        "missing_whereabouts_worry": 3,
        "online_harm_linked_to_place": 2,
        "criminal_exploitation": 2,
        "drug_supply_affecting_young_people": 2,
        "adults_of_concern_approaching": 3,
        "environmental_hazard": 3,
        "sexual_harassment_or_harmful_sexual_behaviour": 1,
        "alcohol_vape_supply_to_under_18s": 2,
        "vehicle_road_danger": 2,
    },
    "outreach": {
        "intimidation_or_bullying": 2,
        "substance_use": 2,
        "environmental_hazard": 2,
        "criminal_exploitation": 1,
        "adults_of_concern_approaching": 2,
    },
}
BACKGROUND_RHYTHM = {"incident": Rhythm((8.0, 23.5), "any", 1.4), "concern": Rhythm((8.5, 20.0))}

STRENGTHS = (45, 85, 60)
STRENGTH_SOURCES = {"voluntary": 5.0, "residents": 3.0, "business": 1.0, "housing": 1.0, "transport": 1.0}
STRENGTH_PLACES = {
    "The Boathouse Youth Centre": 22,
    "Pellmoor Youth Club": 18,
    "Harrowmere Central Library": 16,
    "Kilnfield Community Centre": 14,
    "Mossgarth Community Centre": 10,
    "Merebank Community Hub": 12,
    "Ferrymead Hall": 8,
    "Kilnfield Library": 8,
    "Weirside Library": 8,
    "Market Café": 10,
    "Platform Café": 8,
    "Lowfield Fish Bar": 6,
    "Ropewalk Ball Court": 8,
    "Harrowmere Leisure Centre": 10,
    "Pellmoor Skatepark": 8,
    "Market Church": 6,
    "Kiln Road Mosque": 8,
    "Harrowmere College": 6,
}
"""Where strengths were told of, and how often; the rest lies along the streets."""

WITHOUT_COORDINATES = {"schools", "outreach"}
OUTREACH_TYPES = {"detached_youth_work", "outreach_pop_up"}

STYLES: dict[str, Weights] = {
    "council": {"both": 5, "address": 2, "street": 2, "junction": 1},
    "schools": {"address": 2, "junction": 3, "street": 3},
    "outreach": {"address": 3, "junction": 3, "street": 3},
    "residents": {"address": 4, "junction": 2, "street": 3, "coordinates": 2},
    "business": {"address": 4, "postcode": 1, "street": 1, "coordinates": 3},
    "transport": {"coordinates": 6, "junction": 1},
    "voluntary": {"address": 2, "junction": 2, "coordinates": 3},
    "housing": {"address": 4, "street": 1, "coordinates": 3},
}
"""How each source writes a location."""
CLOSE_STYLES: dict[str, Weights] = {
    "council": {"both": 8, "address": 1, "junction": 1},
    "schools": {"coordinates": 0, "address": 3, "junction": 4, "name": 3},
    "outreach": {"address": 4, "junction": 4, "name": 2},
    "residents": {"address": 3, "junction": 2, "coordinates": 4, "name": 1},
    "business": {"address": 2, "coordinates": 4, "name": 3},
    "transport": {"coordinates": 9, "junction": 1},
    "voluntary": {"address": 1, "junction": 1, "coordinates": 4},
    "housing": {"address": 1, "coordinates": 6},
}
"""The same for things that happen at one place again and again, which people tell more exactly."""


def pick(weights: Weights, rng: np.random.Generator) -> str:
    """One of the keys, by weight."""
    values = np.array(list(weights.values()))
    return str(rng.choice(list(weights), p=values / values.sum()))


def in_sessions(held: list[Session], count: int, rng: np.random.Generator) -> list[datetime]:
    """So many moments within sessions, in order, to five minutes."""
    chosen = [held[int(n)] for n in rng.integers(len(held), size=count)]
    parts = rng.uniform(0.05, 0.95, count)
    return sorted(
        s.start + timedelta(minutes=round(float(p) * _minutes(s) / 5) * 5) for s, p in zip(chosen, parts, strict=True)
    )


def _minutes(session: Session) -> float:
    return (session.until - session.start).total_seconds() / 60


def concentrated(locator: Locator, held: list[Session]) -> list[Noticed]:
    """Every report of the concentrations; those of outreach within its sessions there."""
    found: list[Noticed] = []
    for place in CONCENTRATIONS:
        rng = chance(f"concentration {place.key}")
        for kind, counts in place.counts.items():
            for (first, after), count in zip(_windows(place), counts, strict=True):
                there = [
                    s
                    for s in held
                    if s.key == place.key and first <= s.start.date() < after and s.effort_type in OUTREACH_TYPES
                ]
                moments = (
                    in_sessions(there, count, rng)
                    if kind == "outreach" and there
                    else place.rhythm.moments(first, after, count, rng)
                )
                for moment in moments:
                    sources = place.sources[kind]
                    if moment.date() not in days.SCHOOL_DAYS:
                        sources = {name: weight for name, weight in sources.items() if name != "schools"}
                    source, harm = pick(sources, rng), pick(place.harms, rng)
                    where = _close(place, source, locator, rng)
                    found.append(
                        Noticed(
                            source, kind, moment, where, harm, notes.note_for(kind, harm, rng), concentration=place.key
                        )
                    )
    return found


def _windows(place: Concentration) -> list[tuple[date, date]]:
    """The three windows; where a response ends or begins the concentration, the middle one is cut there."""
    first, middle, last = days.WINDOWS
    if place.ends == "response":
        middle = (middle[0], days.RESPONSE)
    if place.ends == "follows":
        middle = (days.RESPONSE, middle[1])
    return [first, middle, last]


def _close(place: Concentration, source: str, locator: Locator, rng: np.random.Generator) -> Where:
    off = np.clip(rng.normal(0, place.spread, 2), -2 * place.spread, 2 * place.spread)
    x, y = place.at[0] + off[0], place.at[1] + off[1]
    style = pick(CLOSE_STYLES[source], rng)
    if style == "name" and place.names:
        return Where(str(rng.choice(place.names)), style="place")
    if style in {"address", "junction"}:
        where = locator.write(place.at[0], place.at[1], style, rng, reach=80)
        if where.style == style:
            return where
        if source not in WITHOUT_COORDINATES:
            style = "coordinates"
        elif place.names:
            return Where(str(rng.choice(place.names)), style="place")
    if style in {"name", "address", "junction"}:
        style = "street"
    return locator.write(float(x), float(y), style, rng)


def background(locator: Locator, held: list[Session]) -> list[Noticed]:
    """Reports along the streets where people are, of three kinds; those of outreach on its walks through the town."""
    homes = locator.homes()
    found: list[Noticed] = []
    for kind, counts in BACKGROUND.items():
        rng = chance(f"background reports: {kind}")
        for (first, after), count in zip(days.WINDOWS, counts, strict=True):
            sources = [pick(BACKGROUND_SOURCES[kind], rng) for _ in range(count)]
            for source in sorted(set(sources)):
                for moment in _background_moments(kind, source, first, after, sources.count(source), held, rng):
                    harm = pick(BACKGROUND_HARMS[kind], rng)
                    x, y = homes[int(rng.integers(len(homes)))] + rng.normal(0, 10, 2)
                    where = locator.write(float(x), float(y), pick(STYLES[source], rng), rng)
                    found.append(Noticed(source, kind, moment, where, harm, notes.note_for(kind, harm, rng)))
    return found


def _background_moments(
    kind: str, source: str, first: date, after: date, count: int, held: list[Session], rng: np.random.Generator
) -> list[datetime]:
    """Schools hear of things on school days, outreach on its walks; the others at any time."""
    if source == "outreach":
        return in_sessions([s for s in held if s.key == "route" and first <= s.start.date() < after], count, rng)
    rhythm = Rhythm((8.25, 16.5), "school") if source == "schools" else BACKGROUND_RHYTHM[kind]
    return rhythm.moments(first, after, count, rng)


def strengths(borough: Borough, locator: Locator) -> list[Noticed]:
    """What makes places safer, mostly told of by name."""
    rng = chance("strengths")
    homes = locator.homes()
    found: list[Noticed] = []
    for (first, after), count in zip(days.WINDOWS, STRENGTHS, strict=True):
        for moment in Rhythm((9.0, 21.0)).moments(first, after, count, rng):
            source = pick(STRENGTH_SOURCES, rng)
            if rng.random() < 0.78:
                name = pick({place: float(weight) for place, weight in STRENGTH_PLACES.items()}, rng)
                at = borough.feature(name).shape.centroid
                named = rng.random() < 0.6
                where = (
                    Where(name, style="place")
                    if named
                    else locator.coordinates(at.x + rng.normal(0, 8), at.y + rng.normal(0, 8), name)
                )
            else:
                x, y = homes[int(rng.integers(len(homes)))]
                where = locator.write(float(x), float(y), pick(STYLES[source], rng), rng)
            found.append(Noticed(source, "strength", moment, where, "", notes.note_for("strength", "", rng)))
    return found
