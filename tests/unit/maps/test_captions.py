from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from cs_geo.maps.captions import (
    NOT_ALL_HARM,
    NOT_DANGER,
    Effort,
    KindCount,
    MapFacts,
    caption,
    concentration_text,
    located_percent,
    quiet_text,
    spot_text,
)

QUARTER = MapFacts(
    since=date(2026, 8, 22),
    until=date(2026, 11, 22),
    kinds={"concern": KindCount(1020, 1012), "incident": KindCount(4000, 3800)},
    located_n=4820,
    effort=Effort(sessions=41, staff_hours=123.5),
)


def test_a_caption_carries_window_n_of_n_share_located_effort_and_both_sentences() -> None:
    assert caption(QUARTER) == (
        "Showing 3,800 of 4,000 incidents and 1,012 of 1,020 concerns, 22 August to 22 November 2026. "
        "96% located (at least 85% is needed); 200 not located; 8 not drawn, at protected locations. "
        "Effort: 41 sessions, 124 staff-hours. "
        "Darker = more reports received, not more dangerous people. "
        "Reports are not all harm, and not all harm is reported."
    )


def test_a_share_below_the_floor_says_the_map_is_not_to_be_trusted() -> None:
    text = caption(replace(QUARTER, kinds={"incident": KindCount(5020, 3500)}, located_n=3500))
    assert "Only 69% located, below the 85% a map needs to be trusted; 1,520 not located." in text


def test_every_report_that_is_not_shown_is_accounted_for() -> None:
    facts = replace(QUARTER, kinds={"incident": KindCount(559, 540)}, located_n=556)
    assert "3 not located; 16 not drawn, at protected locations." in caption(facts)


def test_kinds_are_never_added_up_and_strengths_come_first() -> None:
    kinds = {kind: KindCount(2, 1) for kind in ("outreach", "concern", "strength", "incident")}
    assert "1 of 2 strengths, 1 of 2 incidents, 1 of 2 concerns and 1 of 2 outreach notes" in caption(
        replace(QUARTER, kinds=kinds, located_n=4)
    )


def test_a_window_that_follows_the_newest_report_is_said_to_follow_it() -> None:
    text = caption(replace(QUARTER, window="3 months to the newest report"))
    assert "22 August to 22 November 2026 (3 months to the newest report)." in text


def test_reports_that_stopped_coming_are_said_to_have_stopped_after_two_weeks() -> None:
    assert quiet_text(date(2026, 11, 20), date(2026, 12, 4)) == ""
    assert quiet_text(date(2026, 11, 20), date(2026, 12, 5)) == (
        "No reports were received since 20 November 2026; this does not mean that no harm took place."
    )


def test_a_share_just_below_the_floor_is_not_rounded_up_to_it() -> None:
    facts = replace(QUARTER, kinds={"incident": KindCount(1000, 849)}, located_n=849)
    assert located_percent(facts) == 84
    assert "Only 84%" in caption(facts)


def test_effort_that_was_not_recorded_is_said_to_be_so() -> None:
    assert "Effort: not recorded." in caption(replace(QUARTER, effort=None))
    assert "Effort: 1 session." in caption(replace(QUARTER, effort=Effort(sessions=1)))


def test_no_reports_does_not_mean_no_harm() -> None:
    text = caption(replace(QUARTER, kinds={}, located_n=0))
    assert "no reports were received. This does not mean no harm took place." in text
    assert NOT_ALL_HARM in text


def test_names_in_captions_are_escaped() -> None:
    assert "<b>" not in caption(replace(QUARTER, area="<b>Ward</b>"))
    assert concentration_text(63, "O'Neill Way") == "O&#39;Neill Way: 63 reports"
    assert spot_text(1, "Mill Lane / High Street") == "Mill Lane / High Street: 1 report at one spot"


@given(reports=st.integers(1, 10**6), located=st.floats(0, 1), shown=st.floats(0, 1))
def test_every_map_of_reports_carries_both_sentences_and_its_true_counts(
    reports: int, located: float, shown: float
) -> None:
    located_n = int(reports * located)
    shown_n = int(located_n * shown)
    facts = replace(QUARTER, kinds={"incident": KindCount(reports, shown_n)}, located_n=located_n)
    text = caption(facts)
    assert text.endswith(f"{NOT_DANGER} {NOT_ALL_HARM}")
    assert text.startswith(f"Showing {shown_n:,} of {reports:,} incident")
    assert ("Only" in text) == (located_n / reports < 0.85)
