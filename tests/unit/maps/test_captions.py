from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from cs_geo.maps.captions import (
    NOT_ALL_HARM,
    NOT_DANGER,
    Effort,
    MapFacts,
    caption,
    concentration_text,
    located_percent,
    spot_text,
    window_text,
)

QUARTER = MapFacts(
    since=date(2026, 8, 22),
    until=date(2026, 11, 22),
    reports_n=5020,
    located_n=4820,
    shown_n=4812,
    effort=Effort(sessions=41, staff_hours=123.5),
)


def test_a_caption_carries_window_n_of_n_share_located_effort_and_both_sentences() -> None:
    assert caption(QUARTER) == (
        "Showing 4,812 of 5,020 reports, 22 August 2026 to 22 November 2026. "
        "96% located (at least 85% is needed); 200 not located. "
        "Effort: 41 sessions, 124 staff-hours. "
        "Darker = more reports received, not more dangerous people. "
        "Reports are not all harm, and not all harm is reported."
    )


def test_a_share_below_the_floor_says_the_map_is_not_to_be_trusted() -> None:
    text = caption(replace(QUARTER, located_n=3500, shown_n=3400))
    assert "Only 69% located, below the 85% a map needs to be trusted; 1,520 not located." in text


def test_a_share_just_below_the_floor_is_not_rounded_up_to_it() -> None:
    facts = replace(QUARTER, reports_n=1000, located_n=849, shown_n=849)
    assert located_percent(facts) == 84
    assert "Only 84%" in caption(facts)


def test_effort_that_was_not_recorded_is_said_to_be_so() -> None:
    assert "Effort: not recorded." in caption(replace(QUARTER, effort=None))
    assert "Effort: 1 session." in caption(replace(QUARTER, effort=Effort(sessions=1)))


def test_no_reports_does_not_mean_no_harm() -> None:
    text = caption(replace(QUARTER, reports_n=0, located_n=0, shown_n=0))
    assert "no reports were received. This does not mean no harm took place." in text
    assert NOT_ALL_HARM in text


def test_windows_are_said_in_words() -> None:
    assert window_text(date(2026, 4, 14), date(2026, 4, 14)) == "14 April 2026"
    assert window_text(date(2026, 4, 14), None) == "since 14 April 2026"
    assert window_text(None, date(2026, 4, 14)) == "up to 14 April 2026"
    assert window_text(None, None) == "of all dates"


def test_names_in_captions_are_escaped() -> None:
    assert "<b>" not in caption(replace(QUARTER, area="<b>Ward</b>"))
    assert concentration_text(63, "O'Neill Way") == "O&#39;Neill Way: 63 reports"
    assert spot_text(1, "Mill Lane / High Street") == "Mill Lane / High Street: 1 report at one spot"


@given(reports=st.integers(1, 10**6), located=st.floats(0, 1), shown=st.floats(0, 1))
def test_every_map_of_reports_carries_both_sentences_and_its_true_counts(
    reports: int, located: float, shown: float
) -> None:
    located_n = int(reports * located)
    facts = replace(QUARTER, reports_n=reports, located_n=located_n, shown_n=int(located_n * shown))
    text = caption(facts)
    assert text.endswith(f"{NOT_DANGER} {NOT_ALL_HARM}")
    assert text.startswith(f"Showing {facts.shown_n:,} of {reports:,} report")
    assert ("Only" in text) == (located_n / reports < 0.85)
