"""What goes wrong in real files, put in on purpose and counted. README.md lists every trap under its key."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from making import days, layout, notes
from making.borough import Borough
from making.days import Rhythm
from making.geometry import chance
from making.noticed import Locator, Noticed, Where

_PROTECTED = (
    ("childrens_home", (4262, 820), 60),
    ("refuge", (1345, 2270), 60),
    ("supported_accommodation", (3770, 3300), 50),
)
"""Kind, about where, and radius of places that must never be clustered, drawn or named. All made up."""

IMPOSSIBLE_DATES = (
    "31/02/2026", "30/02/2026", "29/02/2026", "31/04/2026", "31/06/2026", "31/09/2026", "31/11/2025", "32/10/2026",
    "12/13/2026",
    "0/10/2026",
)  # fmt: skip
FUTURE_DATES = ("2062-10-14", "2099-03-03")
UNKNOWN_CODES = (
    "anti-social",
    "knife worry",
    "vape shop",
    "bulying",
    "exploitaton",
    "dark path",
    "speeding",
    "other worry",
)
UNKNOWN_CATEGORIES = ("Trespass", "Begging", "Anti social behaviour", "Dog fouling")
MISSPELT = (
    "Statoin Road", "Westgate Raod", "Eastgaet", "Lowfeild Road", "Bridge Steet", "Northgaet Road", "Merebnak Road",
    "Beacon Raod", "Wier Road", "Saltmarch Road", "Hihg Street", "Castel Street", "Tilmere Road", "Pelmoor Way",
    "Kiln Rode",
)  # fmt: skip
UNKNOWN_POSTCODES = ("HW9 9ZZ", "HW8 1AB", "HW7 4QQ", "HW1", "HW99 1AA", "not known")
MONTHS = (
    "October 2026", "2026-09", "09/2026", "Sept 2026", "August 2026", "2026-07", "June 2026", "05/2026", "Apr 2026",
    "March 2026", "2026-02", "January 2026",
)  # fmt: skip

LONELY_STOP = (5602.0, 3088.0)
"""A stop on Osier Lane with hardly a house near it."""
SUMMER_HOLIDAY = (date(2026, 7, 22), date(2026, 9, 2))
OUTSIDE = ((11850.0, 2500.0), (2850.0, -4500.0), (-5150.0, 2800.0), (8050.0, 7700.0))
FORMULAS = (
    "=1+1 panes of the shelter broken.",
    "+ lights out again on the stairs.",
    "-2 panels of the fence are gone.",
)

Made = list[Noticed]


def all_traps(borough: Borough, locator: Locator) -> Made:
    """Every trap's rows."""
    plan = _presence_only(borough, locator) + _default_locations() + _few_places(borough)
    plan += _hard_to_place(borough) + _protected(borough, locator)
    return [row for trap in plan for row in trap.rows()] + _hard_to_read(locator)


def protected(borough: Borough) -> list[tuple[str, tuple[float, float], int]]:
    """Kind, local point and radius of each protected location: a house near the point that was chosen for it."""
    homes = [house.at for house in borough.buildings if house.postcode and not house.mapped]
    return [
        (kind, min(homes, key=lambda home: float(np.hypot(home[0] - at[0], home[1] - at[1]))), radius)
        for kind, at, radius in _PROTECTED
    ]


_LATE = (days.LAST_QUARTER, days.END + timedelta(days=1))
_EARLY = (days.START, days.LAST_QUARTER)
_WHOLE = (days.START, _LATE[1])
_ANY = Rhythm((9.0, 22.0))
_SCHOOL_HOURS = Rhythm((8.5, 15.5), "school")


@dataclass(frozen=True)
class _Trap:
    """Rows of one trap in one file: as many as there are locations."""

    key: str
    source: str
    kind: str
    harm: str
    wheres: list[Where]
    rhythm: Rhythm = _ANY
    window: tuple[date, date] = _WHOLE

    def rows(self) -> Made:
        rng = chance(f"trap {self.key}")
        moments = self.rhythm.moments(*self.window, len(self.wheres), rng)
        return [
            Noticed(
                self.source, self.kind, at, where, self.harm, notes.note_for(self.kind, self.harm, rng), trap=self.key
            )
            for at, where in zip(moments, self.wheres, strict=True)
        ]


def _presence_only(borough: Borough, locator: Locator) -> list[_Trap]:
    """A cluster of complaints that young people are there, and nothing else."""
    at = borough.feature("Pellmoor Skatepark").shape.centroid
    off = chance("presence only").normal(0, 22, (44, 2))
    wheres = [locator.coordinates(at.x + dx, at.y + dy, "Pellmoor Skatepark") for dx, dy in off]
    rhythm = Rhythm((16.0, 21.0), "any", 1.5)
    return [
        _Trap("presence_only", "council", "incident", "presence_only", wheres[:18], rhythm, _EARLY),
        _Trap("presence_only", "council", "incident", "presence_only", wheres[18:], rhythm, _LATE),
    ]


def _default_locations() -> list[_Trap]:
    """Where it was told rather than where it happened."""
    hospital = Where("Harrowmere General Hospital", "Oldmarket", style="place")
    police = Where("Harrowmere Police Station", "Oldmarket", style="place")
    office = Where("School office, Weirside Academy", style="place")
    theft = "robbery_or_theft_from_a_young_person"
    return [
        _Trap("hospital_default", "council", "incident", "violence_between_young_people", [hospital] * 16, _ANY, _LATE),
        _Trap("hospital_default", "council", "incident", "violence_by_adults", [hospital] * 14, _ANY, _EARLY),
        _Trap("police_station_default", "council", "incident", theft, [police] * 14),
        _Trap("school_office_proxy", "schools", "concern", "intimidation_or_bullying", [office] * 22, _SCHOOL_HOURS),
    ]


def _few_places(borough: Borough) -> list[_Trap]:
    """Many reports and hardly any places."""
    postcode = Where(postcode=borough.postcodes[40].text, style="postcode")
    spot = Where("", "", "", *LONELY_STOP, "coordinates")
    return [
        _Trap("two_at_one_postcode", "residents", "incident", "noise_nuisance", [postcode] * 2, _ANY, _LATE),
        _Trap("one_spot", "transport", "incident", "damage", [spot] * 14, Rhythm((18.0, 23.0)), _LATE),
    ]


def _hard_to_place(borough: Borough) -> list[_Trap]:
    """Locations that need a second look, or a person."""
    wards = [ward.name for ward in borough.wards]
    swapped = [Where("", "", "", 2900.0 + 60 * n, 2700.0 - 80 * n, "swapped") for n in range(3)]
    areas = [Where(wards[n % len(wards)] + " ward" * (n % 2), style="area") for n in range(14)]
    too_large = [Where(layout.TOWN if n % 2 else "Ropewalk Park", style="area") for n in range(8)]
    postcodes = [Where(postcode=text, style="postcode") for text in UNKNOWN_POSTCODES]
    unknown = [Where("not known" if n % 2 else "", style="none") for n in range(5)]
    outside = [Where("", "", "", x, y, "coordinates") for x, y in OUTSIDE]
    typos = [Where(name, style="misspelt") for name in MISSPELT]
    church, mill = Where("Church Lane", style="street"), Where("Mill Lane", style="street")
    return [
        _Trap("ambiguous_street", "residents", "concern", "environmental_hazard", [church] * 6),
        _Trap("ambiguous_street", "residents", "incident", "noise_nuisance", [mill] * 3),
        _Trap("misspelt_street", "council", "incident", "noise_nuisance", typos),
        _Trap("unknown_postcode", "business", "incident", "damage", postcodes),
        _Trap("area_only", "schools", "concern", "missing_whereabouts_worry", areas, _SCHOOL_HOURS),
        _Trap("area_only", "voluntary", "concern", "online_harm_linked_to_place", too_large),
        _Trap("no_location", "residents", "concern", "unclear", unknown),
        _Trap("swapped_axes", "voluntary", "concern", "environmental_hazard", swapped),
        _Trap("zero_coordinates", "voluntary", "concern", "environmental_hazard", [Where(style="zero")]),
        _Trap("outside_borough", "voluntary", "concern", "environmental_hazard", outside),
    ]


def _protected(borough: Borough, locator: Locator) -> list[_Trap]:
    """Reports at a protected location, enough for a concentration if they were let through."""
    _, (x, y), _ = protected(borough)[0]
    off = chance("protected").uniform(-24, 24, (16, 2))
    wheres = [locator.coordinates(x + dx, y + dy) for dx, dy in off]
    return [_Trap("protected_location", "housing", "incident", "missing_whereabouts_worry", wheres, _ANY, _LATE)]


def _hard_to_read(locator: Locator) -> Made:
    """Cells that cannot be taken as they stand, and rows that look like one another."""
    rng = chance("hard to read")
    homes = locator.homes()

    def somewhere(count: int, style: str = "address") -> list[Where]:
        at = homes[rng.integers(len(homes), size=count)]
        return [locator.write(float(x), float(y), style, rng) for x, y in at]

    def rows(key: str, source: str, kind: str, harm: str, head: str, cells: Sequence[str]) -> Made:
        made = _Trap(key, source, kind, harm, somewhere(len(cells))).rows()
        return [replace(row, written={head: text}) for row, text in zip(made, cells, strict=True)]

    details = [f"Noise late in the evening. {text}" for text in notes.DETAILS]
    made = rows("impossible_date", "council", "incident", "noise_nuisance", "date", IMPOSSIBLE_DATES)
    made += rows("future_date", "housing", "incident", "damage", "date", FUTURE_DATES)
    made += rows("no_date", "housing", "incident", "damage", "date", [""] * 3)
    made += rows("month_only", "voluntary", "concern", "intimidation_or_bullying", "date", MONTHS)
    made += rows("unknown_code", "residents", "concern", "unclear", "harm", UNKNOWN_CODES)
    made += rows("unknown_code", "council", "incident", "unclear", "harm", UNKNOWN_CATEGORIES)
    made += rows("contact_details", "housing", "incident", "noise_nuisance", "note", details)
    made += rows("formula", "housing", "incident", "damage", "note", FORMULAS)

    holiday = somewhere(12, "street")
    made += _Trap(
        "outside_term", "schools", "concern", "adults_of_concern_approaching", holiday, _ANY, SUMMER_HOLIDAY
    ).rows()
    intervals = _Trap("interval", "housing", "incident", "damage", somewhere(25), Rhythm((14.0, 20.0))).rows()
    made += [replace(row, until=row.start + timedelta(hours=int(rng.integers(4, 15)))) for row in intervals]
    for copies in (2, 3, 2):
        (one,) = _Trap("equal_rows", "business", "incident", "damage", somewhere(1, "coordinates"), _ANY, _LATE).rows()
        made += [one] * copies
    return made
