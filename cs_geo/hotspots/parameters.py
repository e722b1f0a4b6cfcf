"""The choices a hotspot run rests on, each with its reason, checked when they are made and kept with the run."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cs_geo.errors import UsageError

RADIUS_M = 150.0
"""About two minutes' walk: a block and its corners (100–250 m is the range in use). Twice the 73 m within which 95% of
addresses lie from their postcode's centre, so that two reports geocoded to neighbouring postcodes can still meet."""

MIN_REPORTS = 10
"""Fewer than ten reports are too few for a later change to be told from chance (methods: before and after), and a
minimum of five draws dozens of shapes on a map of random points."""

MAX_AREA_M2 = 500_000.0
"""Half a square kilometre is what a team can walk and a panel can name. At 150 m and 10 reports, plain DBSCAN joins 30%
of twelve months of a large city's reports into one shape of 37 km²."""

MIN_PLACES = 3
"""Two points have no area: fewer distinct places than three are reports at one spot."""

_RADIUS_RANGE_M = (20.0, 1_000.0)
_MIN_REPORTS_RANGE = (3, 100_000)
_DISC_ALLOWANCE = 1.05
"""A drawn disc is a little larger than the circle it stands for."""


class LeftOut(StrEnum):
    """Why a report takes no part in clustering. Each report is counted under the first that applies, in this order."""

    NOT_LOCATED = "not_located"
    """No point, or coordinates that are nowhere on the ground."""
    AREA_PRECISION = "area_precision"
    """Known only by ward or district: centres of areas pile up on one coordinate."""
    PRECISION_UNKNOWN = "precision_unknown"
    """There is a point, and nothing says how close it is to the truth."""
    OUTSIDE_STUDY_AREA = "outside_study_area"
    PROTECTED_LOCATION = "protected_location"
    PUBLISHED = "published"
    """Published police data: all recorded crime, all ages, on anonymised points."""
    PRESENCE_ONLY = "presence_only"
    """Young people were merely present and no harm is described."""
    DEFAULT_LOCATION = "default_location"
    """Hospital, police station, council office: often written because the true place was not known."""


MAY_BE_INCLUDED = frozenset({LeftOut.PUBLISHED, LeftOut.PRESENCE_ONLY, LeftOut.DEFAULT_LOCATION})
"""What a person may switch on. Protected locations and vague points never."""


class Method(StrEnum):
    """How reports are clustered."""

    ONE_DENSITY = "one_density"
    """DBSCAN: one radius and one minimum for the whole map."""
    VARIABLE_DENSITY = "variable_density"
    """HDBSCAN: the smallest number of reports alone, for maps with a dense centre and thin edges."""


@dataclass(frozen=True, slots=True)
class HotspotParameters:
    """The settings of one run. Two runs with equal parameters over equal reports give equal results."""

    radius_m: float = RADIUS_M
    """Reports within this distance of one another count as neighbours."""
    min_reports: int = MIN_REPORTS
    """Reports, itself included, within the radius that make a place part of a hotspot's core."""
    max_area_m2: float = MAX_AREA_M2
    """A hotspot that would be larger is split."""
    min_places: int = MIN_PLACES
    """Fewer distinct places are reports at one spot, drawn as a point."""
    include: tuple[LeftOut, ...] = ()
    """What is left out by default and was switched on: published, presence_only, default_location."""
    method: Method = Method.ONE_DENSITY

    def __post_init__(self) -> None:
        _check_number("radius", self.radius_m, *_RADIUS_RANGE_M, unit=" m")
        _check_number("smallest number of reports", self.min_reports, *_MIN_REPORTS_RANGE, whole=True)
        _check_number("smallest number of places", self.min_places, MIN_PLACES, 1_000, whole=True)
        _check_number("largest area", self.max_area_m2, 1.0, 1e12, unit=" m²")
        disc = math.pi * self.radius_m**2 * _DISC_ALLOWANCE
        if disc > self.max_area_m2:
            fitting = math.floor(math.sqrt(self.max_area_m2 / (math.pi * _DISC_ALLOWANCE)))
            raise UsageError(
                f"A radius of {self.radius_m:g} m draws {disc / 1e6:.2f} km² round a single place, more than the "
                f"largest area of {self.max_area_m2 / 1e6:g} km². Choose a radius up to {fitting} m."
            )
        for reason in self.include:
            if reason not in MAY_BE_INCLUDED:
                choices = ", ".join(sorted(MAY_BE_INCLUDED))
                raise UsageError(f"Reports left out as {reason} cannot be switched on. What can be: {choices}.")
        if self.method not in tuple(Method):
            raise UsageError(f"There is no method “{self.method}”. There are: {', '.join(Method)}.")
        object.__setattr__(self, "method", Method(self.method))
        object.__setattr__(self, "radius_m", float(self.radius_m))
        object.__setattr__(self, "max_area_m2", float(self.max_area_m2))
        object.__setattr__(self, "include", tuple(sorted({LeftOut(reason) for reason in self.include})))

    def to_json(self) -> dict[str, Any]:
        """The settings as plain values."""
        return {
            "radius_m": self.radius_m,
            "min_reports": self.min_reports,
            "max_area_m2": self.max_area_m2,
            "min_places": self.min_places,
            "include": [str(reason) for reason in self.include],
            "method": str(self.method),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "HotspotParameters":
        """Read what ``to_json`` wrote; a missing setting takes its default.

        Raises
        ------
        UsageError
            If there is a setting by another name, or a value out of range.
        """
        if unknown := sorted(set(plain) - set(cls.__slots__)):
            raise UsageError(f"No such hotspot setting: {', '.join(unknown)}. There are: {', '.join(cls.__slots__)}.")
        return cls(**{**plain, "include": tuple(plain.get("include", ()))})


def _check_number(name: str, value: float, lowest: float, highest: float, unit: str = "", whole: bool = False) -> None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and lowest <= value <= highest
    if not fits or (whole and not isinstance(value, int)):
        number = "a whole number" if whole else "a number"
        raise UsageError(f"The {name} must be {number} from {lowest:,g} to {highest:,g}{unit}, not {value!r}.")
