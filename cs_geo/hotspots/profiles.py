"""What is in each hotspot: days, sources and times of its reports, counted without inventing any.

A report known only by its month adds no day, and one without a time adds no hour: both are counted as what they are.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

HOURS = 24
NOT_STATED = "not_stated"
"""Stands among the sources for reports whose source is not said; it is no source and is not counted as one."""
_UNKNOWN_BAND = "unknown"
_SPREAD = "spread"
_MONTH = "month"
_TIME = "time"


def profile_groups(reports: pd.DataFrame, groups: npt.NDArray[np.int64], count: int) -> pd.DataFrame:
    """Count days, sources and times in groups of reports.

    Parameters
    ----------
    reports
        Columns of ``incoming.REPORT_COLUMNS``; those that are absent are counted as unknown.
    groups
        Group of each report, from 0; reports of a negative group are not counted.
    count
        Number of groups.

    Returns
    -------
    DataFrame
        One row a group: ``days_n`` distinct days, ``months_n`` distinct months, ``month_precise_n`` reports known only
        by their month, ``sources_n`` distinct source types, ``source_counts`` and ``time_band_counts`` (code to number,
        most first), ``noise_only_n`` and ``presence_only_n`` reports of noise alone and of mere presence, ``timed_n``
        reports with a known hour and ``hour_profile``, 24 numbers that add up to it.
    """
    inside = groups >= 0
    grouped = reports[inside]
    group = groups[inside]
    day = _days(grouped)
    month_only = _texts(grouped, "date_precision").eq(_MONTH).to_numpy()
    month = day.to_numpy().astype("datetime64[M]")
    source = _texts(grouped, "source_type")
    hours = _hours(grouped)
    timed = hours >= 0
    profile = np.bincount(group[timed] * HOURS + hours[timed], minlength=count * HOURS).reshape(count, HOURS)
    known = ~np.isnat(month)
    return pd.DataFrame(
        {
            "days_n": _distinct(group[known & ~month_only], day.to_numpy()[known & ~month_only], count),
            "months_n": _distinct(group[known], month[known], count),
            "month_precise_n": np.bincount(group[month_only], minlength=count),
            "sources_n": _distinct(group[(source != "").to_numpy()], source[source != ""].to_numpy(), count),
            "source_counts": _tallies(group, source.where(source != "", NOT_STATED), count),
            "time_band_counts": _tallies(group, _bands(grouped), count),
            "noise_only_n": _flagged(grouped, "noise_only", group, count),
            "presence_only_n": _flagged(grouped, "presence_only", group, count),
            "timed_n": profile.sum(axis=1),
            "hour_profile": pd.Series(profile.tolist(), dtype=object),
        }
    )


def _flagged(reports: pd.DataFrame, column: str, group: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """Reports of each group for which a flag is set."""
    if column not in reports:
        return np.zeros(count, dtype=np.int64)
    flagged = np.asarray(reports[column].fillna(False), dtype=bool)
    return np.bincount(group[flagged], minlength=count).astype(np.int64)


def _days(reports: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    if "occurred_on" not in reports:
        return pd.Series(pd.NaT, index=reports.index, dtype="datetime64[s]")
    day = pd.to_datetime(reports["occurred_on"], errors="coerce")
    return day.dt.tz_localize(None).dt.normalize()


def _hours(reports: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Hour of each report, -1 where it is not known to the hour."""
    if "hour" not in reports:
        return np.full(len(reports), -1, dtype=np.int64)
    hour = pd.to_numeric(reports["hour"], errors="coerce")
    known = hour.between(0, HOURS, inclusive="left") & _texts(reports, "time_band").ne(_SPREAD)
    if "date_precision" in reports:
        known &= _texts(reports, "date_precision").eq(_TIME)
    return hour.where(known, -1).to_numpy(dtype=float).astype(np.int64)


def _bands(reports: pd.DataFrame) -> "pd.Series[str]":
    band = _texts(reports, "time_band")
    return band.where(band != "", _UNKNOWN_BAND)


def _texts(reports: pd.DataFrame, column: str) -> "pd.Series[str]":
    if column not in reports:
        return pd.Series("", index=reports.index, dtype=str)
    return reports[column].astype(object).where(reports[column].notna(), "").astype(str)


def _distinct(group: npt.NDArray[np.int64], values: Iterable[object], count: int) -> npt.NDArray[np.int64]:
    pairs = pd.DataFrame({"group": group, "value": values}).drop_duplicates()
    return np.bincount(pairs["group"].to_numpy(), minlength=count)


def _tallies(group: npt.NDArray[np.int64], codes: "pd.Series[str]", count: int) -> "pd.Series[Any]":
    """Code to number for each group, most first, equal numbers by code."""
    pairs = pd.DataFrame({"group": group, "code": codes.to_numpy()})
    sizes = pairs.groupby(["group", "code"], sort=True).size().rename("n").reset_index()
    sizes = sizes.sort_values(["group", "n", "code"], ascending=[True, False, True])
    tallies: list[dict[str, int]] = [{} for _ in range(count)]
    for number, code, n in zip(sizes["group"], sizes["code"], sizes["n"], strict=True):
        tallies[number][code] = int(n)
    return pd.Series(tallies, dtype=object)
