from datetime import UTC, date, datetime

import numpy as np
import pandas as pd

from cs_geo.hotspots.profiles import profile_groups


def only(reports):
    """Profile of reports that are all in one group."""
    table = pd.DataFrame(reports)
    return profile_groups(table, np.zeros(len(table), dtype=np.int64), 1).iloc[0]


def test_days_are_counted_once_and_a_month_adds_no_day():
    profile = only(
        {
            "occurred_on": [date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 5), date(2026, 4, 1), None],
            "date_precision": ["day", "time", "day", "month", "day"],
        }
    )
    assert profile["days_n"] == 2
    assert profile["months_n"] == 2
    assert profile["month_precise_n"] == 1


def test_days_are_read_from_times_texts_and_dates_alike():
    for days in (
        ["2026-03-02", "2026-03-03"],
        [datetime(2026, 3, 2, 23, tzinfo=UTC), datetime(2026, 3, 3, 1, tzinfo=UTC)],
    ):
        assert only({"occurred_on": days})["days_n"] == 2


def test_only_a_known_hour_enters_the_hour_profile():
    profile = only(
        {
            "hour": [16, 16, 23, 8, 12, None, 24],
            "date_precision": ["time", "time", "time", "day", "time", "time", "time"],
            "time_band": ["15-18", "15-18", "21-24", "06-09", "spread", "unknown", "unknown"],
        }
    )
    # 8 is of a day without a time, 12 the start of a long interval, 24 no hour of the day.
    assert profile["timed_n"] == 3
    assert len(profile["hour_profile"]) == 24
    assert {hour: n for hour, n in enumerate(profile["hour_profile"]) if n} == {16: 2, 23: 1}
    assert profile["time_band_counts"] == {"15-18": 2, "unknown": 2, "06-09": 1, "21-24": 1, "spread": 1}


def test_sources_are_tallied_and_those_not_stated_are_no_source():
    profile = only({"source_type": ["resident", "school", "resident", None]})
    assert profile["sources_n"] == 2
    assert list(profile["source_counts"].items()) == [("resident", 2), ("not_stated", 1), ("school", 1)]


def test_each_group_is_counted_for_itself_and_reports_of_none_in_none():
    table = pd.DataFrame({"source_type": ["a", "b", "c"], "occurred_on": ["2026-01-01"] * 3})
    profiles = profile_groups(table, np.array([1, -1, 1]), 3)
    assert profiles["sources_n"].tolist() == [0, 2, 0]
    assert profiles["days_n"].tolist() == [0, 1, 0]
    assert profiles["source_counts"].tolist() == [{}, {"a": 1, "c": 1}, {}]


def test_bare_reports_have_an_empty_profile():
    profile = only({"report_id": [1, 2]})
    assert profile[["days_n", "months_n", "month_precise_n", "sources_n", "timed_n"]].tolist() == [0] * 5
    assert profile["source_counts"] == {"not_stated": 2}
    assert profile["time_band_counts"] == {"unknown": 2}
