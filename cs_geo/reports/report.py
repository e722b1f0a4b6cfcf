"""What a report is: the four kinds, the fields, and the issues a row can raise.

A report says that something was noticed at a place. It has no column for a person: no name, date of birth, plate, photo
or exact age (practice.md §5.1). Geometry is not part of it; where a report lies is a ``Match`` of the geocode stage.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cs_geo.issues import Issue as Issue
from cs_geo.issues import Severity as Severity
from cs_geo.moments import DatePrecision as DatePrecision
from cs_geo.moments import DayType as DayType
from cs_geo.moments import Occurred as Occurred
from cs_geo.moments import Term as Term
from cs_geo.moments import TimeBand as TimeBand


class Kind(StrEnum):
    """The four kinds of report. They are never added up into one count."""

    INCIDENT = "incident"
    CONCERN = "concern"
    OUTREACH = "outreach"
    STRENGTH = "strength"


@dataclass(frozen=True, slots=True)
class LocationGiven:
    """Where it happened as the partner wrote it: the question put to the geocoder. Empty string: not given."""

    text: str = ""
    """Address, place, street, junction ("High Street / Mill Lane") or area, as written."""
    locality: str = ""
    """Village, town or ward that narrows the text."""
    postcode: str = ""
    longitude: str = ""
    latitude: str = ""
    easting: str = ""
    northing: str = ""
    grid_reference: str = ""
    place: str = ""
    """Name of a registered place ("Elm Park"), where the source has such a column."""


@dataclass(frozen=True, slots=True)
class Report:
    """One checked report, before it has a point. Codes are references of the codelists in ``data/codelists``."""

    kind: Kind
    occurred: Occurred
    location: LocationGiven
    source_type: str
    reported_on: date | None = None
    agency: str = ""
    directness: str = ""
    harm_types: tuple[str, ...] = ()
    police_category: str = ""
    asb_qualifier: str = ""
    presence_only: bool = False
    severity_band: str = ""
    young_people_band: str = ""
    who_causes_harm: str = ""
    what_helped: str = ""
    note: str = ""
    outcome: str = ""
    safeguarding_answer: str = ""
    time_band: TimeBand = TimeBand.UNKNOWN
    day_type: DayType = DayType.UNKNOWN
    term: Term = Term.UNKNOWN


@dataclass(frozen=True, slots=True)
class EffortSession:
    """Time spent looking: outreach, patrol, observation. Never a report, and never added to reports."""

    effort_type: str
    start: datetime
    until: datetime
    staff_count: int | None
    staff_hours: float | None
    location: LocationGiven
    route: str = ""
    contacts_band: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one row: a report or an effort session unless it was rejected, and the issues it raised."""

    record: Report | EffortSession | None
    issues: tuple[Issue, ...] = ()
