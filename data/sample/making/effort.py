"""Outreach sessions and patrols: the time spent looking, which is no report and never added to reports.

The last quarter has as many outreach sessions as the nine months before it. Reports from outreach grow with it, and a
count that is not read beside it misleads.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from making import days
from making.days import Rhythm
from making.geometry import chance

OUTREACH: dict[str, tuple[int, int, int]] = {
    "station_forecourt": (6, 9, 9),
    "park_north_gate": (7, 9, 11),
    "lowfield_parade": (4, 6, 6),
    "maltings_car_park": (6, 6, 1),
    "the_steps": (1, 4, 8),
    "academy_gate": (2, 3, 3),
    "pellmoor_court": (4, 6, 7),
    "route": (9, 16, 18),
}
"""Sessions at a place in each window of ``days.WINDOWS``; ``route``: walked through the town."""
PATROLS: dict[str, tuple[int, int, int]] = {
    "station_forecourt": (3, 4, 3),
    "maltings_car_park": (3, 4, 1),
    "park_north_gate": (2, 4, 3),
    "the_steps": (0, 1, 4),
    "lowfield_parade": (1, 2, 1),
}
PLACES = {
    "station_forecourt": "Harrowmere station",
    "park_north_gate": "Ropewalk Park",
    "lowfield_parade": "Lowfield Parade",
    "maltings_car_park": "Maltings multi-storey car park",
    "the_steps": "the Steps",
    "academy_gate": "Weirside Academy",
    "pellmoor_court": "Pellmoor Court",
    "route": "",
}
ROUTES = (
    "High Street to Ropewalk Park", "Westgate and Castle Garth", "Kiln Road to Tenter Green",
    "Osier Meadow and the river path",
    "Merebank Green to Ferrymead Parade", "Pellmoor Rec and Tollgate Road",
)  # fmt: skip
_STARTS = {"station_forecourt": Rhythm((14.75, 15.5), "school"), "academy_gate": Rhythm((14.5, 15.0), "school")}
_EVENING = Rhythm((17.5, 19.5), "any", 1.8)


@dataclass(frozen=True)
class Session:
    """One session: where, when, with how many staff."""

    reference: str
    effort_type: str
    key: str
    place: str
    route: str
    start: datetime
    until: datetime
    staff: int
    contacts: str


def sessions() -> list[Session]:
    """Every session, oldest first."""
    rng = chance("effort")
    found: list[Session] = []
    for effort_type, plan in (("detached_youth_work", OUTREACH), ("warden_uniform_patrol", PATROLS)):
        for key, counts in plan.items():
            for (first, after), count in zip(days.WINDOWS, counts, strict=True):
                for start in _STARTS.get(key, _EVENING).moments(first, after, count, rng):
                    until = start + timedelta(minutes=int(rng.choice([90, 120, 120, 150, 180])))
                    route = str(rng.choice(ROUTES)) if key == "route" else ""
                    contacts = str(rng.choice(["1_to_2", "3_to_5", "6_to_10", "6_to_10", "11_plus"]))
                    kind = effort_type
                    if effort_type == "detached_youth_work" and rng.random() < 0.12:
                        kind = "outreach_pop_up"
                    found.append(
                        Session(
                            "", kind, key, PLACES[key], route, start, until, int(rng.choice([2, 2, 2, 3])), contacts
                        )
                    )
    found.sort(key=lambda session: (session.start, session.key))
    return [replace(session, reference=f"S{number:04d}") for number, session in enumerate(found, 1)]
