"""What is written down about a case: each sort of record as a frozen value, checked when it is made.

A record is kept whole, in versions: a correction is a new version and the earlier ones stay. Every text in one is about
places, adults and services; the workflows refuse texts that hold details of a person.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Short = Annotated[str, Field(max_length=120)]
Text = Annotated[str, Field(max_length=800)]
Said = Annotated[str, Field(min_length=1, max_length=800)]
Post = Annotated[str, Field(min_length=1, max_length=120)]
"""What somebody does, such as “park manager”: never who they are."""

MOST_GOALS = 4
"""Practice.md §1.4, F22."""
EVERYBODY = ("all partners", "everyone", "everybody", "all agencies", "the panel", "all", "partners")
"""Owners that are nobody (practice.md §1.5, F28)."""


class Record(BaseModel):
    """One thing that is written down about a case."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    sort: ClassVar[str]


class Answer(StrEnum):
    """An answer that may also not be known."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


class Referral(Record):
    """Why a place comes to the panel (practice.md §3, REFERRED)."""

    sort: ClassVar[str] = "referral"
    why_now: Said
    harm_types: tuple[str, ...] = ()
    strengths: Text = ""
    young_people_view: Text = ""
    referrer: Short = ""
    in_danger_now: Answer | None = None
    """Might a child be in danger now? Asked first, and answered before the place is referred."""
    referral_made: Answer | None = None
    """Was a safeguarding referral made for a child, where one was needed?"""


class Screening(Record):
    """What was looked at before the panel (practice.md §3, SCREENED)."""

    sort: ClassVar[str] = "screening"
    duplicates_checked: bool = False
    linked_considered: Text = ""
    pulled_on: date | None = None
    """Day on which the counts of twelve months were read."""
    reports: dict[str, int] = Field(default_factory=dict)
    """Reports inside the boundary in twelve months, by kind."""
    sources: int = 0
    located: int = 0
    received: int = 0
    sessions: int = 0
    signposted_to: Short = ""


class UrgentMeeting(Record):
    """A meeting that is called at once (practice.md §1.1, F4; §2.5)."""

    sort: ClassVar[str] = "urgent"
    reason: Said
    attending: tuple[Post, ...] = ()
    first_actions: Text = ""
    communication: Text = ""
    done: tuple[str, ...] = ()
    """Lines of the first-72-hours checklist that are done."""


class WelfareReading(Record):
    """The welfare statement was read."""

    sort: ClassVar[str] = "welfare"
    read_at: datetime
    read_by: Post


class Seen(StrEnum):
    """What is known of an indicator."""

    SEEN = "seen"
    PARTLY = "partly"
    NOT_SEEN = "not_seen"
    NOT_KNOWN = "not_known"


class Mark(BaseModel):
    """One indicator, with what it rests on."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    seen: Seen
    evidence: Text = ""
    sources: tuple[str, ...] = ()


class ThresholdSheet(Record):
    """The indicators of the threshold worksheet, by reference."""

    sort: ClassVar[str] = "sheet"
    indicator_set: str
    marks: dict[str, Mark] = Field(default_factory=dict)


class ThresholdDecision(Record):
    """The level that the panel agreed, in its own judgement."""

    sort: ClassVar[str] = "threshold"
    level: Annotated[int, Field(ge=0, le=3)]
    reason: Text = ""
    dissent: Text = ""
    agencies: tuple[str, ...] = ()
    look_again: date | None = None


class AssessmentPlan(Record):
    """How the place will be assessed (practice.md §3, ASSESSING)."""

    sort: ClassVar[str] = "assessment"
    assessors: tuple[Post, ...] = ()
    stakeholders: tuple[Post, ...] = ()
    methods: tuple[str, ...] = ()
    no_young_people_because: Text = ""
    worker_safety: Text = ""
    fieldwork_from: date | None = None
    fieldwork_until: date | None = None


class FindingsNote(Record):
    """That the findings are ready, and who read them second."""

    sort: ClassVar[str] = "findings"
    summary: Text = ""
    unknowns: Text = ""
    coverage: Text = ""
    second_reader: Short = ""


class Goal(Record):
    """What should be so: a positive statement, and how a change in it would be seen."""

    sort: ClassVar[str] = "goal"
    statement: Said
    method: str = ""
    measure: Text = ""
    better: Text = ""
    withdrawn: bool = False


class ActionStatus(StrEnum):
    """How far an action is."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    DONE = "done"
    STOPPED = "stopped"


class PlannedAction(Record):
    """Something that an adult or a service does."""

    sort: ClassVar[str] = "action"
    goal: str = ""
    action_type: str
    expected: Said
    lead_role: Post
    lead_agency: str
    partners: tuple[str, ...] = ()
    start: date | None = None
    due: date | None = None
    status: ActionStatus = ActionStatus.PLANNED
    why_stopped: Text = ""
    is_resourced: bool | None = None
    consulted: Text = ""
    """How young people were asked about it."""
    purpose: Text = ""
    until: date | None = None
    side_effect: Text = ""
    """Whom this might move on, where to, and whether that place is safer."""
    watched_place: Text = ""
    """Which linked place is watched meanwhile."""

    @model_validator(mode="after")
    def _has_one_owner(self) -> Self:
        if self.lead_role.casefold() in EVERYBODY:
            raise ValueError("An action has one lead. Name the role that answers for it, such as “parks manager”.")
        if self.status is ActionStatus.STOPPED and not self.why_stopped:
            raise ValueError("Say why the action was stopped.")
        return self


class PlanAgreement(Record):
    """That the plan was agreed, and how young people answered the findings."""

    sort: ClassVar[str] = "agreement"
    approved_on: date
    got_this_right: Text = ""
    young_people_answered: Text = ""
    communication: Text = ""


class LightCheck(Record):
    """A look at how the plan goes, once a month."""

    sort: ClassVar[str] = "check"
    on: date
    said: Said


class Caution(Record):
    """That somebody has read the cautions of a comparison before the panel sees it."""

    sort: ClassVar[str] = "caution"
    as_role: Post
    snapshots: tuple[str, ...] = ()


class Decision(StrEnum):
    """What the panel decides at a review."""

    CLOSE = "close"
    CONTINUE = "continue"
    CHANGE = "change"
    ESCALATE = "escalate"
    REASSESS = "reassess"


class PanelDecision(Record):
    """What the panel decided at a review, in welfare terms."""

    sort: ClassVar[str] = "decision"
    decision: Decision
    reason: Text = ""
    not_known: Text = ""
    feedback: Text = ""
    """How young people are told: by whom and when."""
    next_date: date | None = None


class Closing(Record):
    """Who keeps an eye on the place from now on, and what was learnt."""

    sort: ClassVar[str] = "closing"
    owner: Short = ""
    look_again: date | None = None
    learning: Text = ""
    handed_over: Text = ""
    """To which role the actions that are still open go."""


class PostponedReview(Record):
    """A review that is held later than it was due: once, and with a reason."""

    sort: ClassVar[str] = "postponed"
    until: date
    reason: Said


RECORDS: dict[str, type[Record]] = {
    one.sort: one
    for one in (
        Referral,
        Screening,
        UrgentMeeting,
        WelfareReading,
        ThresholdSheet,
        ThresholdDecision,
        AssessmentPlan,
        FindingsNote,
        Goal,
        PlannedAction,
        PlanAgreement,
        LightCheck,
        Caution,
        PanelDecision,
        Closing,
        PostponedReview,
    )
}
MANY = frozenset({Goal.sort, PlannedAction.sort, LightCheck.sort, Caution.sort, WelfareReading.sort})
"""Sorts of which a case holds several at a time; of the others the last version holds."""
