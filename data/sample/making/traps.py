"""What goes wrong in real files, put in on purpose and counted. README.md lists every trap under its key."""

from dataclasses import replace
from datetime import date, datetime, timedelta

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
MISSPELT = ("Statoin Road", "Westgate Raod", "Eastgaet", "Lowfeild Road", "Bridge Steet", "Northgaet Road",
"Merebnak Road",
            "Beacon Raod", "Wier Road", "Saltmarch Road", "Hihg Street", "Castel Street", "Tilmere Road",
            "Pelmoor Way", "Kiln Rode")  # fmt: skip
UNKNOWN_POSTCODES = ("HW9 9ZZ", "HW8 1AB", "HW7 4QQ", "HW1", "HW99 1AA", "not known")
MONTHS = ("October 2026", "2026-09", "09/2026", "Sept 2026", "August 2026", "2026-07", "June 2026", "05/2026",
"Apr 2026", "March 2026", "2026-02", "January 2026")  # fmt: skip

LONELY_STOP = (5602.0, 3088.0)
"""A stop on Osier Lane with hardly a house near it."""
HOLIDAY = (date(2026, 7, 22), date(2026, 9, 2))

Made = list[Noticed]


def all_traps(borough: Borough, locator: Locator) -> Made:
    """Every trap's rows."""
    made: Made = []
    made += _presence_only(borough, locator)
    made += _default_locations()
    made += _few_places(borough)
    made += _hard_to_place(borough)
    made += _hard_to_read(locator)
    made += _protected(borough, locator)
    return made


def protected(borough: Borough) -> list[tuple[str, tuple[float, float], int]]:
    """Kind, local point and radius of each protected location: a house near the point that was chosen for it."""
    homes = [house.at for house in borough.buildings if house.postcode and not house.mapped]
    return [
        (kind, min(homes, key=lambda home: float(np.hypot(home[0] - at[0], home[1] - at[1]))), radius)
        for kind, at, radius in _PROTECTED
    ]


def _rows(
    trap: str,
    source: str,
    kind: str,
    wheres: list[Where],
    harm: str,
    rhythm: Rhythm,
    window: tuple[date, date],
    **more: object,
) -> Made:
    rng = chance(f"trap {trap}")
    moments = rhythm.moments(*window, len(wheres), rng)
    return [
        replace(Noticed(source, kind, moment, where, harm, notes.note_for(kind, harm, rng), trap=trap), **more)  # type: ignore[arg-type]
        for moment, where in zip(moments, wheres, strict=True)
    ]


_WHOLE = (days.START, days.END + timedelta(days=1))
_ANY = Rhythm((9.0, 22.0))


def _presence_only(borough: Borough, locator: Locator) -> Made:
    """A cluster of complaints that young people are there, and nothing else."""
    rng = chance("presence only")
    at = borough.feature("Pellmoor Skatepark").shape.centroid
    wheres = [
        replace(locator.coordinates(at.x + dx, at.y + dy, "Pellmoor Skatepark"), style="both")
        for dx, dy in rng.normal(0, 22, (44, 2))
    ]
    early, late = wheres[:18], wheres[18:]
    rhythm = Rhythm((16.0, 21.0), "any", 1.5)
    return _rows(
        "presence_only", "council", "incident", early, "presence_only", rhythm, (days.START, days.LAST_QUARTER)
    ) + _rows("presence_only", "council", "incident", late, "presence_only", rhythm, (days.LAST_QUARTER, _WHOLE[1]))


def _default_locations() -> Made:
    """Where it was told rather than where it happened."""
    hospital = Where("Harrowmere General Hospital", "Oldmarket", style="place")
    police = Where("Harrowmere Police Station", "Oldmarket", style="place")
    school = Where("School office, Weirside Academy", "", style="place")
    late = (days.LAST_QUARTER, _WHOLE[1])
    return (
        _rows("hospital_default", "council", "incident", [hospital] * 16, "violence_between_young_people", _ANY, late)
        + _rows(
            "hospital_default",
            "council",
            "incident",
            [hospital] * 14,
            "violence_by_adults",
            _ANY,
            (days.START, days.LAST_QUARTER),
        )
        + _rows(
            "police_station_default",
            "council",
            "incident",
            [police] * 14,
            "robbery_or_theft_from_a_young_person",
            _ANY,
            _WHOLE,
        )
        + _rows(
            "school_office_proxy",
            "schools",
            "concern",
            [school] * 22,
            "intimidation_or_bullying",
            Rhythm((8.5, 15.5), "school"),
            _WHOLE,
        )
    )


def _few_places(borough: Borough) -> Made:
    """Many reports and hardly any places."""
    postcode = Where(postcode=borough.postcodes[40].text, style="postcode")
    spot = Where("", "", "", *LONELY_STOP, "coordinates")
    late = (days.LAST_QUARTER, _WHOLE[1])
    return _rows("two_at_one_postcode", "residents", "incident", [postcode] * 2, "noise_nuisance", _ANY, late) + _rows(
        "one_spot", "transport", "incident", [spot] * 14, "damage", Rhythm((18.0, 23.0)), late
    )


def _hard_to_place(borough: Borough) -> Made:
    """Locations that need a second look, or a person."""
    wards = [ward.name for ward in borough.wards]
    inside = np.array([2850.0, 2500.0])
    lost = [inside + off for off in ([9000, 0], [0, -7000], [-8000, 300], [5200, 5200])]
    swapped = [Where("", "", "", 2900.0 + 60 * n, 2700.0 - 80 * n, "swapped") for n in range(3)]
    typos = [Where(name, "", style="misspelt") for name in MISSPELT]
    return (
        _rows("ambiguous_street", "residents", "concern", [Where("Church Lane", style="street")] * 6,
        "environmental_hazard", _ANY, _WHOLE)
        + _rows("ambiguous_street", "residents", "incident", [Where("Mill Lane", style="street")] * 3,
        "noise_nuisance", _ANY, _WHOLE)
        + _rows("misspelt_street", "council", "incident", typos, "noise_nuisance", _ANY, _WHOLE)
        + _rows("unknown_postcode", "business", "incident", [Where(postcode=p,
        style="postcode") for p in UNKNOWN_POSTCODES], "damage", _ANY, _WHOLE)
        + _rows("area_only", "schools", "concern", [Where(f"{wards[n % len(wards)]} ward",
        style="area") for n in range(14)], "missing_whereabouts_worry", _ANY, _WHOLE)
        + _rows("area_only", "voluntary", "concern", [Where(layout.TOWN if n % 2 else "Ropewalk Park",
        style="area") for n in range(8)], "online_harm_linked_to_place", _ANY, _WHOLE)
        + _rows("no_location", "residents", "concern", [Where("not known" if n % 2 else "",
        style="none") for n in range(5)], "unclear", _ANY, _WHOLE)
        + _rows("swapped_axes", "voluntary", "concern", swapped, "environmental_hazard", _ANY, _WHOLE)
        + _rows("zero_coordinates", "voluntary", "concern", [Where(style="zero")], "environmental_hazard", _ANY, _WHOLE)
        + _rows("outside_borough", "voluntary", "concern", [Where("", "", "", float(x), float(y),
        "coordinates") for x, y in lost], "environmental_hazard", _ANY, _WHOLE)
    )  # fmt: skip


def _hard_to_read(locator: Locator) -> Made:
    """Cells that cannot be taken as they stand, and rows that look like one another."""
    rng = chance("hard to read")
    homes = locator.homes()

    def somewhere(style: str = "address") -> Where:
        x, y = homes[int(rng.integers(len(homes)))]
        return locator.write(float(x), float(y), style, rng)

    def rows(trap: str, source: str, kind: str, harm: str, cells: list[dict[str, str]]) -> Made:
        made = _rows(trap, source, kind, [somewhere() for _ in cells], harm, _ANY, _WHOLE)
        return [replace(row, written=written) for row, written in zip(made, cells, strict=True)]

    made = rows(
        "impossible_date", "council", "incident", "noise_nuisance", [{"date": text} for text in IMPOSSIBLE_DATES]
    )
    made += rows("future_date", "housing", "incident", "damage", [{"date": text} for text in FUTURE_DATES])
    made += rows("no_date", "housing", "incident", "damage", [{"date": ""}] * 3)
    made += rows("unknown_code", "residents", "concern", "unclear", [{"harm": text} for text in UNKNOWN_CODES])
    made += rows("unknown_code", "council", "incident", "unclear", [{"harm": text} for text in UNKNOWN_CATEGORIES])
    away = _rows(
        "outside_term",
        "schools",
        "concern",
        [somewhere("street") for _ in range(12)],
        "adults_of_concern_approaching",
        Rhythm((11.0, 20.0)),
        HOLIDAY,
    )
    made += away + rows(
        "month_only",
        "voluntary",
        "concern",
        "intimidation_or_bullying",
        [{"date": text, "time": ""} for text in MONTHS],
    )
    made += rows(
        "contact_details",
        "housing",
        "incident",
        "noise_nuisance",
        [{"note": f"Noise late in the evening. {text}"} for text in notes.DETAILS],
    )
    made += rows(
        "formula",
        "housing",
        "incident",
        "damage",
        [
            {"note": "=1+1 panes of the shelter broken."},
            {"note": "+ lights out again on the stairs."},
            {"note": "-2 panels of the fence are gone."},
        ],
    )
    intervals = _rows(
        "interval", "housing", "incident", [somewhere() for _ in range(25)], "damage", Rhythm((14.0, 20.0)), _WHOLE
    )
    made += [replace(row, until=row.start + timedelta(hours=int(rng.integers(4, 15)))) for row in intervals]
    for number, copies in enumerate((2, 3, 2)):
        one = _rows(
            f"equal_rows_{number}",
            "business",
            "incident",
            [somewhere("coordinates")],
            "damage",
            _ANY,
            (days.LAST_QUARTER, _WHOLE[1]),
        )
        made += [replace(one[0], trap="equal_rows", start=_noon(one[0].start))] * copies
    return made


def _noon(moment: datetime) -> datetime:
    return moment.replace(hour=12, minute=0)


def _protected(borough: Borough, locator: Locator) -> Made:
    """Reports at a protected location, enough for a concentration if they were let through."""
    rng = chance("protected")
    _, (x, y), _ = protected(borough)[0]
    wheres = [locator.coordinates(x + dx, y + dy) for dx, dy in rng.uniform(-24, 24, (16, 2))]
    return _rows(
        "protected_location",
        "housing",
        "incident",
        wheres,
        "missing_whereabouts_worry",
        _ANY,
        (days.LAST_QUARTER, _WHOLE[1]),
    )
