"""All that is written down about one case, as the guards and the pages read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from cs_geo.cases.records import (
    ActionStatus,
    Goal,
    PlanAgreement,
    PlannedAction,
    PostponedReview,
    Record,
    WelfareReading,
)
from cs_geo.cases.states import State
from cs_geo.dates import add_months

One = TypeVar("One", bound=Record)


@dataclass(frozen=True, slots=True)
class Fieldwork:
    """What was done of the assessment of a place, as far as a guard asks for it."""

    begun: bool = False
    baseline_taken: bool = False
    repeated: bool = False
    """Has it been run again, with the same items and slots?"""
    second_snapshot: bool = False
    second_reader_signed: bool = False
    """Of the findings that are kept with the assessment."""


@dataclass(frozen=True, eq=False)
class CaseFile:
    """One case: where it stands, and the records that hold now, by sort and key."""

    state: State
    entered_at: datetime
    records: Mapping[str, Mapping[str, Record]] = field(default_factory=dict)
    paused_from: State | None = None
    fieldwork: Fieldwork = Fieldwork()
    recorded_by: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Who wrote the version that holds, by sort and key."""

    def one(self, sort: type[One]) -> One | None:
        """The record of a sort of which a case holds one."""
        found = self.records.get(sort.sort, {})
        record = found.get("") if found else None
        return record if isinstance(record, sort) else None

    def many(self, sort: type[One]) -> Sequence[tuple[str, One]]:
        """Keys and records of a sort of which a case holds several, in the order of their keys."""
        return [(key, one) for key, one in sorted(self.records.get(sort.sort, {}).items()) if isinstance(one, sort)]

    @property
    def goals(self) -> Sequence[tuple[str, Goal]]:
        """The goals that stand."""
        return [(key, goal) for key, goal in self.many(Goal) if not goal.withdrawn]

    @property
    def open_actions(self) -> Sequence[tuple[str, PlannedAction]]:
        """Actions that are neither done nor stopped."""
        ended = {ActionStatus.DONE, ActionStatus.STOPPED}
        return [(key, action) for key, action in self.many(PlannedAction) if action.status not in ended]

    @property
    def welfare_read_at(self) -> datetime | None:
        """When the welfare statement was read last."""
        return max((one.read_at for _, one in self.many(WelfareReading)), default=None)


def review_date(approved_on: date, months: int = 3) -> date:
    """The day on which a plan is reviewed: so many calendar months after it was agreed.

    The last day of a shorter month stands for a day that it has not: 31 January gives 30 April.
    """
    return add_months(approved_on, months)


def notice_date(review: date, days: int = 28) -> date:
    """The day on which notice of a review is given."""
    return review - timedelta(days=days)


def review_of(case: CaseFile, months: int = 3) -> date | None:
    """The day on which the plan of a case is reviewed; None before one is agreed."""
    agreed = case.one(PlanAgreement)
    if agreed is None:
        return None
    due = review_date(agreed.approved_on, months)
    postponed = case.one(PostponedReview)
    return max(due, postponed.until) if postponed else due
