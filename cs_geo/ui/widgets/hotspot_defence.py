"""How a concentration is defended beside the map: what chance says of it, how steady it is, and how that is known."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from cs_geo.dates import format_day
from cs_geo.hotspots.baselines import BaselineKind, Question
from cs_geo.hotspots.chance import SCREENING_MAPS, THOROUGH_MAPS, Grade
from cs_geo.hotspots.chance_words import (
    ANCHORED,
    LIMITS,
    NOT_TESTED,
    SHARED,
    STEADINESS,
    STEADY_MEANS,
    chance_sentence,
    drawing_sentence,
    expected_words,
    grade_words,
    stability_sentence,
)
from cs_geo.hotspots.stability import Steadiness
from cs_geo.reports.report import Kind
from cs_geo.store.hotspot_tests import TestOfRun
from cs_geo.store.jobs import Job
from cs_geo.ui.widgets.job_list import show_jobs
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.baseline_choice import BaselineChoice
from cs_geo.workflows.defend_hotspots import Defence
from cs_geo.workflows.find_hotspots import FoundHotspots
from cs_geo.workflows.load_baseline import list_loaded_baselines
from cs_geo.workflows.run_jobs import start_job

JOB = "defend_hotspots"
SHORT = {
    Grade.CLEAR: "clearly more",
    Grade.POSSIBLE: "possibly more",
    Grade.CHANCE: "no more",
    Grade.NOT_TESTED: "not tested",
}


def show_defence(row: Any, run: FoundHotspots, defence: Defence) -> None:
    """Say of one hotspot what chance says of it, and open how that is known."""
    hotspot_id, tests = UUID(row["hotspot_id"]), [test for test in defence.tests if test.run_id == run.run.run_id]
    if not tests:
        st.markdown(
            f"**{NOT_TESTED}.** Random points alone make some concentrations too: test it before you rest on it."
        )
        return
    for test in _one_for_each_question(tests):
        grade = defence.grade(test, hotspot_id)
        if grade is None:
            continue
        question = str(test.baseline["question"])
        st.markdown(f"**{grade_words(grade.grade, question)}.** {_sentence(test, grade)}")
    stability = defence.stability.get(hotspot_id)
    if stability:
        steadiness = Steadiness(stability.steadiness)
        st.markdown(f"**{STEADINESS[steadiness]}.** {STEADY_MEANS[steadiness]}")
    with st.expander("How do we know?"):
        for test in tests:
            _explain(test)
        if stability:
            st.markdown(
                stability_sentence(
                    moved_found=stability.moved_found_n,
                    moved=stability.moved_n,
                    settings_found=stability.settings_found_n,
                    settings=stability.settings_n,
                )
            )
        st.markdown("**What this cannot tell**")
        for limit in (*LIMITS, SHARED, *([ANCHORED] if run.run.counts.get("anchored") else [])):
            st.markdown(f"- {limit}")


def defence_column(hotspots: pd.DataFrame, test: TestOfRun, defence: Defence) -> "pd.Series[str]":
    """What the list says of each hotspot: beside chance or what is usual, and how steady it is."""
    rose = Question(test.baseline["question"]) is Question.RISEN
    said = []
    for identifier in hotspots["hotspot_id"]:
        grade = defence.grade(test, UUID(identifier))
        found = defence.stability.get(UUID(identifier))
        steady = f"; {STEADINESS[Steadiness(found.steadiness)].lower()}" if found else ""
        said.append(f"{SHORT[Grade(grade.grade) if grade else Grade.NOT_TESTED]}{steady}".capitalize())
    return pd.Series(said, name="Than usual" if rose else "Than chance")


def show_rises(test: TestOfRun) -> None:
    """The wide, weak rises that no outline shows."""
    if not test.rises:
        return
    st.markdown("**Wide and weak, so that no outline shows it**")
    for rise in test.rises:
        st.markdown(
            "- "
            + escape_text(
                f"{rise['label']}, within {rise['radius_m']:,.0f} m: {rise['counted']:,} reports where "
                f"{expected_words(rise['expected'])} would be expected by {test.baseline['words']}; "
                f"{rise['as_strong']:,} of {rise['maps']:,} random maps had one as strong."
            )
        )


def offer_test(found: Sequence[FoundHotspots]) -> None:
    """Offer to hold the shown runs against chance, and show how far that is."""
    runs = [one for one in found if len(one.hotspots)]
    if not runs:
        return
    if st.button("Test against chance"):
        _ask_test(runs)
    show_jobs([JOB], _show_result, limit=1, heading="Test")


@st.dialog("Test against chance")
def _ask_test(runs: Sequence[FoundHotspots]) -> None:
    with in_words():
        options = _baselines(runs)
        chosen = st.radio(
            "What should these be held against?",
            range(len(options)),
            format_func=lambda number: options[number][0],
            captions=[caption for _, caption, _ in options],
            key="defence_baseline",
        )
        maps = st.segmented_control(
            "Random maps",
            [SCREENING_MAPS, THOROUGH_MAPS],
            default=SCREENING_MAPS,
            required=True,
            key="defence_maps",
            help="199 tell 1 in 100 apart. 999 take five times as long and give finer figures.",
        )
        st.caption("It takes seconds to a few minutes. You can leave the page meanwhile.")
        if st.button("Test", type="primary", key="defence_test"):
            start_job(
                store(),
                actor(),
                JOB,
                {
                    "run_ids": [str(one.run.run_id) for one in runs],
                    "baseline": options[chosen][2].to_json(),
                    "maps": maps,
                },
            )
            st.rerun()


def _baselines(runs: Sequence[FoundHotspots]) -> list[tuple[str, str, BaselineChoice]]:
    """What can be chosen: its name, what it asks, and the choice."""
    kinds = {one.run.kind for one in runs}
    options = [
        (
            "Length of walkable streets and paths",
            "More here than elsewhere?",
            BaselineChoice(BaselineKind.STREETS),
        )
    ]
    if all(one.run.selection.since for one in runs):
        options.append(("The same places' own past", "More here than usual?", BaselineChoice(BaselineKind.PAST)))
    options += [
        (
            escape_text(f"Where {layer.kind} are ({layer.name})"),
            "More here than elsewhere? Not for parks, school gates and precincts.",
            BaselineChoice(BaselineKind(layer.kind), layer.name),
        )
        for layer in list_loaded_baselines(store(), actor())
    ]
    options += [
        (
            f"{other.capitalize()} reports",
            "More of these beside those than elsewhere?",
            BaselineChoice(BaselineKind.REPORTS, other_kind=other),
        )
        for other in Kind
        if other not in kinds and other is not Kind.STRENGTH
    ]
    options.append(
        (
            "Flat ground",
            "The last resort: wherever people are, this finds more than elsewhere.",
            BaselineChoice(BaselineKind.FLAT),
        )
    )
    return options


def _one_for_each_question(tests: Sequence[TestOfRun]) -> list[TestOfRun]:
    """The newest test of each question."""
    newest: dict[str, TestOfRun] = {}
    for test in tests:
        newest.setdefault(str(test.baseline["question"]), test)
    return list(newest.values())


def _sentence(test: TestOfRun, grade: Any) -> str:
    return escape_text(
        chance_sentence(
            counted=grade.counted_n,
            expected=grade.expected_n,
            as_strong=grade.as_strong_n,
            maps=test.maps_n,
            baseline=str(test.baseline["words"]),
            question=str(test.baseline["question"]),
            untested=grade.untested,
        )
    )


def _explain(test: TestOfRun) -> None:
    words, question = str(test.baseline["words"]), str(test.baseline["question"])
    asked = (
        "Is more reported here than usual?"
        if Question(question) is Question.RISEN
        else "Is more reported here than elsewhere?"
    )
    st.markdown(f"**{asked}**")
    st.markdown(
        escape_text(drawing_sentence(reports=test.reports_n, maps=test.maps_n, baseline=words, question=question))
    )
    st.caption(escape_text(f"Held against {words}; tested on {format_day(test.tested_at.date())}; seed {test.seed}."))


def _show_result(job: Job) -> None:
    st.markdown("Tested. The list and the panel now say what chance would give.")
