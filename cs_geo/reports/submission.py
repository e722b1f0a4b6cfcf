"""What a contributor hands in, before it is a report: its two sorts, and what becomes of it."""

from enum import StrEnum


class SubmissionKind(StrEnum):
    """What is handed in: something that was noticed, or a place that somebody asks to have looked at."""

    REPORT = "report"
    PLACE_REFERRAL = "place_referral"


class SubmissionState(StrEnum):
    """Where a submission stands."""

    HANDED_IN = "handed_in"
    ASKED_BACK = "asked_back"
    ACCEPTED = "accepted"
    DECLINED = "declined"
