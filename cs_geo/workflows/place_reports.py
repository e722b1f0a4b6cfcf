"""Putting reports where they belong: looking a location up, trying again, and a person's own decision."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.crs import DEGREES, storage_epsg, transform_points
from cs_geo.errors import RefusedInput, UserError
from cs_geo.geocode.cascade import PROBLEMS
from cs_geo.geocode.match import Candidate, Match, Precision
from cs_geo.reports.report import LocationGiven
from cs_geo.reports.selection import Selection
from cs_geo.store import placing
from cs_geo.store import reports as stored
from cs_geo.store.area_names import names_at
from cs_geo.store.cells import count_cells
from cs_geo.store.opening import Store
from cs_geo.store.record_tables import EFFORT_SESSIONS, REPORTS
from cs_geo.workflows.match_locations import LocationMatcher, unpack_location
from cs_geo.workflows.pace import LOOK_UPS, keep_pace
from cs_geo.workflows.progress import Progress, say_nothing
from cs_geo.workflows.recording import looked_at, permit, recorded, recorded_long

MATCH_RATE_FLOOR = 0.85
"""Least share of located reports at which a pattern can be relied on (Ratcliffe 2004, "Geocoding crime and a first
estimate of a minimum acceptable hit rate", Int. J. Geographical Information Science 18(1), p. 61)."""
PIN_RADIUS_M = 20.0
"""Radius of a pin set by a person: as exact as a finger on a map of a street."""


class ChangedMeanwhile(UserError):
    """Somebody else has changed the report since it was shown."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a location means to the geocoder."""

    match: Match
    longitude: float | None
    latitude: float | None
    wheres: tuple[str, ...]
    """What tells each candidate from others of its name: district, ward or locality, else its point in degrees."""

    def sentence(self) -> str:
        """The answer in words."""
        match = self.match
        doubt = f" {PROBLEMS[match.problem]}" if match.problem in PROBLEMS else ""
        if match.x is None:
            return f"Not found.{doubt}" if not match.alternatives else f"Not certain.{doubt} {self._candidates()}"
        return (
            f"{match.matched_name or 'A point'}: {match.precision} (within about {match.radius_m:.0f} m), "
            f"{match.confidence} confidence, from {match.gazetteer or 'its coordinates'}. "
            f"{self.longitude:.5f}, {self.latitude:.5f}.{doubt}"
        )

    def _candidates(self) -> str:
        named = zip(self.match.alternatives, self.wheres, strict=True)
        return "It could be: " + "; ".join(f"{one.name} ({where})" for one, where in named) + "."

    def to_json(self) -> dict[str, Any]:
        """The answer as plain values."""
        match = self.match
        return {
            "longitude": self.longitude,
            "latitude": self.latitude,
            "method": str(match.method),
            "precision": str(match.precision),
            "radius_m": match.radius_m,
            "confidence": str(match.confidence),
            "name": match.matched_name,
            "gazetteer": match.gazetteer,
            "problem": match.problem,
            "candidates": [
                {
                    "name": one.name,
                    "where": where,
                    "kind": one.kind,
                    "precision": str(one.precision),
                    "score": one.score,
                }
                for one, where in zip(match.alternatives, self.wheres, strict=True)
            ],
        }


@dataclass(frozen=True, slots=True)
class MatchRate:
    """How many reports have a point in the study area, beside the floor below which a pattern cannot be relied on."""

    reports: int
    located: int
    unmatched: int
    doubtful: int
    doubted: int
    outside: int = 0

    @property
    def share(self) -> float | None:
        """Share of reports with a point; None without reports."""
        return self.located / self.reports if self.reports else None

    def sentence(self) -> str:
        """The rate in words."""
        if self.share is None:
            return "There are no reports yet."
        floor = "" if self.share >= MATCH_RATE_FLOOR else f" That is below {MATCH_RATE_FLOOR:.0%}: read with care."
        return (
            # Not rounded: 84.9% has not reached the floor, and 99.9% is not all.
            f"{self.located:,} of {self.reports:,} reports are located ({100 * self.located // self.reports}%).{floor} "
            f"{self.unmatched:,} have no point, {self.doubtful:,} are doubtful, "
            f"{self.doubted:,} were said to be in the wrong place.{self._outside()}"
        )

    def _outside(self) -> str:
        verb = "lies" if self.outside == 1 else "lie"
        return f" {self.outside:,} {verb} outside the study area." if self.outside else ""

    def to_json(self) -> dict[str, Any]:
        """The rate as plain values."""
        return {
            "reports": self.reports,
            "located": self.located,
            "share_located": self.share,
            "floor": MATCH_RATE_FLOOR,
            "unmatched": self.unmatched,
            "doubtful": self.doubtful,
            "said_to_be_wrong": self.doubted,
            "outside_study_area": self.outside,
        }


def look_up(store: Store, actor: Actor, text: str, *, postcode: str = "") -> LookedUp:
    """Look a location up as an import would. What lies in a protected location is not answered.

    Raises
    ------
    TooOften
        If the person looks more locations up than anybody at work does. The same one again is no further one.
    """
    permit(store, actor, Action.LOOK_UP)
    pace_look_up(store, actor, text, postcode)
    with looked_at(store, actor, Action.LOOK_UP, subject="gazetteer") as connection:
        match = LocationMatcher(connection).look_up(LocationGiven(text=text, postcode=postcode))
        return looked_up(connection, match)


def pace_look_up(store: Store, actor: Actor, *typed: str) -> None:
    """Take the person's turn for looking up what they typed; for nothing typed there is none to take."""
    thing = "\n".join(one.strip().casefold() for one in typed if one.strip())
    if thing:
        keep_pace(store, actor, LOOK_UPS, thing=thing)


def looked_up(connection: Connection, match: Match) -> LookedUp:
    """A match as it is shown to a person."""
    wheres = _tell_apart(connection, match.alternatives)
    if match.x is None or match.y is None:
        return LookedUp(match, None, None, wheres)
    longitude, latitude = _to_degrees(match.x, match.y)
    return LookedUp(match, longitude, latitude, wheres)


def _tell_apart(connection: Connection, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Where each candidate is, and its point as well where its name and whereabouts are those of another."""
    points = [(one.x, one.y) for one in candidates]
    areas = zip(names_at(connection, points), names_at(connection, points, kinds=("district",)), strict=True)
    wheres = []
    for one, (smallest, district) in zip(candidates, areas, strict=True):
        # A ward does not tell itself apart.
        around = district if smallest and one.name.casefold().startswith(smallest.casefold()) else smallest
        wheres.append(one.locality or around)
    said = Counter((one.name, where) for one, where in zip(candidates, wheres, strict=True))
    return tuple(
        where if where and said[one.name, where] == 1 else ", ".join(filter(None, [where, _point_in_words(one)]))
        for one, where in zip(candidates, wheres, strict=True)
    )


def _point_in_words(candidate: Candidate) -> str:
    longitude, latitude = _to_degrees(candidate.x, candidate.y)
    return f"{longitude:.4f}, {latitude:.4f}"


def _to_degrees(x: float, y: float) -> tuple[float, float]:
    longitude, latitude = transform_points([x], [y], from_epsg=storage_epsg(), to_epsg=DEGREES)
    return float(longitude[0]), float(latitude[0])


def match_rate(store: Store, actor: Actor) -> MatchRate:
    """How many partners' reports have a point, and how many need a person."""
    require(actor, Action.VIEW_REPORTS)
    with store.begin(actor) as connection:
        counts = stored.count_reports(connection, Selection())
        unmatched, doubtful, doubted = stored.count_to_place(connection)
    return MatchRate(counts.reports, counts.located, unmatched, doubtful, doubted, counts.outside)


def try_again(store: Store, actor: Actor, *, progress: Progress = say_nothing) -> int:
    """Put every unmatched or doubtful location to the geocoder again; how many records got another point."""
    permit(store, actor, Action.PLACE_REPORTS)
    placed = 0
    with recorded_long(store, actor, Action.PLACE_REPORTS, subject="to place") as recording:
        connection = recording.connection
        matcher = LocationMatcher(connection)
        for table in (REPORTS, EFFORT_SESSIONS):
            locations = placing.locations_to_retry(connection, table)
            progress(f"Looking up {len(locations):,} locations", 0, len(locations))
            keys = [number.to_bytes(4, "big") for number in range(len(locations))]
            values = list(matcher.match_values(keys, [unpack_location(location) for location in locations]))
            changed, months = placing.place_again(connection, table, locations, values, actor=actor.person)
            placed += changed
            if table is REPORTS:
                count_cells(connection, months)
    return placed


def page_to_place(store: Store, actor: Actor, *, offset: int = 0, limit: int = 25) -> Sequence[RowMapping]:
    """Reports whose location needs a person, with their candidates."""
    with looked_at(store, actor, Action.PLACE_REPORTS, subject="to place") as connection:
        return stored.page_to_place(connection, offset=offset, limit=limit)


def place_report(
    store: Store,
    actor: Actor,
    report: Mapping[str, Any],
    *,
    longitude: float | None = None,
    latitude: float | None = None,
    candidate: Mapping[str, Any] | None = None,
) -> None:
    """Place a report where a person says: at a point in degrees, or at one of its candidates.

    Raises
    ------
    RefusedInput
        If the point lies nowhere.
    ChangedMeanwhile
        If somebody has changed the report since it was read.
    """
    permit(store, actor, Action.PLACE_REPORTS)
    if candidate is not None:
        x, y = float(candidate["x"]), float(candidate["y"])
        precision, radius_m, name = candidate["precision"], float(candidate["radius_m"]), candidate["name"]
    elif longitude is not None and latitude is not None:
        xs, ys = transform_points([longitude], [latitude], from_epsg=DEGREES, to_epsg=storage_epsg())
        x, y, precision, radius_m, name = float(xs[0]), float(ys[0]), str(Precision.BUILDING), PIN_RADIUS_M, ""
        if not (abs(x) < 1e7 and abs(y) < 1e7):
            raise RefusedInput("There is no such point. Longitude comes first and is negative west of Greenwich.")
    else:
        raise RefusedInput("Choose a candidate, or set a pin.")
    with recorded(store, actor, Action.PLACE_REPORTS, subject=str(report["report_id"])) as recording:
        connection = recording.connection
        done = placing.place_report(
            connection,
            report["report_id"],
            x=x,
            y=y,
            precision=precision,
            radius_m=radius_m,
            name=name,
            version=report["version"],
            actor=actor.person,
        )
        _stop_if_changed(done)
        count_cells(connection, [report["first_day"].replace(day=1)])


def leave_report(store: Store, actor: Actor, report: Mapping[str, Any]) -> None:
    """Note that a person looked at a report's location and leaves it as it is."""
    with recorded(store, actor, Action.PLACE_REPORTS, subject=str(report["report_id"])) as recording:
        connection = recording.connection
        _stop_if_changed(
            placing.leave_report(connection, report["report_id"], version=report["version"], actor=actor.person)
        )


def doubt_pin(store: Store, actor: Actor, report_id: UUID) -> bool:
    """Say that a report's pin is wrong: it goes to the top of the queue of locations to review."""
    with recorded(store, actor, Action.VIEW_REPORTS, subject=str(report_id)) as recording:
        connection = recording.connection
        return placing.doubt_pin(connection, report_id, actor=actor.person)


def _stop_if_changed(done: bool) -> None:
    if not done:
        raise ChangedMeanwhile("Somebody has changed this report since you opened it. Look at it again, then decide.")
