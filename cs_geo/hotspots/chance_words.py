"""What a chance test and a trial of stability say, in words that quote what they rest on.

The baseline stands in every sentence about chance: more than what? Never "95% sure", never a score, and "no more than
chance would give" says nothing against whoever reported.
"""

from cs_geo.hotspots.baselines import Question
from cs_geo.hotspots.chance import Grade, Untested
from cs_geo.hotspots.stability import Steadiness

GRADES = {
    (Question.CONCENTRATED, Grade.CLEAR): "Clearly more than chance",
    (Question.CONCENTRATED, Grade.POSSIBLE): "Possibly more than chance",
    (Question.CONCENTRATED, Grade.CHANCE): "No more than chance would give",
    (Question.RISEN, Grade.CLEAR): "Clearly more than usual",
    (Question.RISEN, Grade.POSSIBLE): "Possibly more than usual",
    (Question.RISEN, Grade.CHANCE): "No more than is usual here",
}
NOT_TESTED = "Not tested against chance"
UNTESTED = {
    Untested.NOT_ASKED: "Nobody has asked yet whether chance would give it.",
    Untested.AT_ONE_SPOT: "Reports at one spot are not tested against the ground: no random map has any.",
    Untested.NO_GROUND: "Not tested: what it would be held against is not known for this ground.",
    Untested.NOT_LIVED_ON: (
        "Not tested: nobody lives on most of this ground, so where people live says nothing of it. Hold it against "
        "walkable streets and paths instead."
    ),
    Untested.THIN_GROUND: "Not tested: next to nothing is expected here, so that any report would seem to prove it.",
}
STEADINESS = {Steadiness.STEADY: "Steady", Steadiness.FAIR: "Fair", Steadiness.FRAGILE: "Fragile"}
STEADY_MEANS = {
    Steadiness.STEADY: "It hardly depends on the settings or on where exactly each report is.",
    Steadiness.FAIR: "It depends somewhat on the settings, or on where exactly reports are.",
    Steadiness.FRAGILE: "Other settings, or reports a little to one side, would not show it. Do not rest a plan on it.",
}


def grade_words(grade: str, question: str) -> str:
    """The grade as it stands in a table."""
    return GRADES.get((Question(question), Grade(grade)), NOT_TESTED)


def expected_words(expected: float) -> str:
    """An expected count: one decimal below ten, whole above."""
    if expected < 0.05:
        return "next to none"
    return f"about {expected:.1f}" if expected < 9.95 else f"about {expected:,.0f}"


def chance_sentence(
    *, counted: int, expected: float, as_strong: int, maps: int, baseline: str, question: str, untested: str = ""
) -> str:
    """What a test says of one hotspot.

    Parameters
    ----------
    counted, expected
        Reports that were tested, and those that the baseline expects on the same ground.
    as_strong, maps
        Random maps with a concentration at least as strong, of how many.
    baseline
        What it was held against, such as "the length of walkable streets and paths".
    untested
        Why there was no test; empty where there was.
    """
    if untested:
        return UNTESTED[Untested(untested)]
    reports = "1 report" if counted == 1 else f"{counted:,} reports"
    what = "rise" if Question(question) is Question.RISEN else "concentration"
    had = "none had" if not as_strong else f"{as_strong:,} had"
    return (
        f"{reports}, where {expected_words(expected)} would be expected by {baseline}. Of {maps:,} random maps {had} a "
        f"{what} this strong anywhere."
    )


def drawing_sentence(*, reports: int, maps: int, baseline: str, question: str) -> str:
    """How the random maps were made."""
    if Question(question) is Question.RISEN:
        return (
            f"From these reports and {baseline} together, {reports:,} were drawn at random {maps:,} times, without "
            "regard to when they happened. Each time the same steps looked for the strongest rise anywhere."
        )
    return (
        f"{maps:,} maps were made on which {reports:,} reports fell by {baseline} and by nothing else. The same steps "
        "looked for the strongest concentration anywhere on each of them."
    )


def stability_sentence(*, moved_found: int, moved: int, settings_found: int, settings: int) -> str:
    """How often a hotspot was found again."""
    return (
        f"With every report moved within what is known of its place, it was found again in {moved_found} of {moved} "
        f"runs; with a radius and a minimum a little smaller and larger, in {settings_found} of {settings}."
    )


def alarm_sentence(
    *, what: str, where: str, counted: int, expected: float, days: int, as_strong: int, maps: int
) -> str:
    """What a weekly alarm says of one place.

    Parameters
    ----------
    what
        The kind of report in the right number, such as "incidents".
    where
        Street or junction.
    """
    window = "today" if days == 1 else f"in the last {days} days"
    had = "none had" if not as_strong else f"{as_strong:,} had"
    return (
        f"{where[0].upper()}{where[1:]}: {counted:,} {what} {window}, where {expected_words(expected)} would be usual. "
        f"With dates dealt out anew {maps:,} times, {had} anything as strong anywhere."
    )


LIMITS = (
    "It says that reports lie closer together than this baseline explains. It does not say why, nor that more happens "
    "here than is reported elsewhere: where more people look, more is reported.",
    "Reports that follow one another, as of one quarrel over weeks, are counted as if each came about by itself.",
)
ANCHORED = (
    "Many of these reports lie on points that stand for a postcode or a stretch of street. Such points come in lumps "
    "that no random map has, so a concentration here may be no more than one such point."
)
SHARED = (
    "All hotspots of a map are tested together: on a map by chance alone, 1 in 20 would show one or more as possible."
)
