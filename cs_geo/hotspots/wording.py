"""What a person should know of a hotspot run, said in words that need no knowledge of the method."""

import pandas as pd

from cs_geo.hotspots.parameters import HotspotParameters, LeftOut
from cs_geo.hotspots.points import Anchoring
from cs_geo.hotspots.result import RunCounts

REASONS_IN_WORDS: dict[str, str] = {
    LeftOut.NOT_LOCATED: "not found on the map",
    LeftOut.AREA_PRECISION: "known only by ward or district",
    LeftOut.PRECISION_UNKNOWN: "without a word on how exact their point is",
    LeftOut.OUTSIDE_STUDY_AREA: "outside the study area",
    LeftOut.PROTECTED_LOCATION: "at a protected location",
    LeftOut.PUBLISHED: "published police data",
    LeftOut.PRESENCE_ONLY: "of young people merely being present",
    LeftOut.DEFAULT_LOCATION: "at a place often written because the true one was not known",
}


def describe_run(
    hotspots: pd.DataFrame,
    spots: pd.DataFrame,
    counts: RunCounts,
    parameters: HotspotParameters,
    anchoring: Anchoring,
    *,
    places_n: int,
    match_radius_m: float | None,
) -> list[str]:
    """The messages of a run: what was found or why nothing was, then the doubts, the weightiest first.

    Parameters
    ----------
    hotspots, spots
        Tables with at least ``was_split``, ``split_from``, ``is_too_large`` and ``min_reports_used``.
    places_n
        Distinct points among the reports used.
    match_radius_m
        Median radius of the geocoder's matches; None where it is not known.
    """
    messages = [_nothing_found(counts, parameters, len(spots), places_n)] if not len(hotspots) else []
    if len(hotspots):
        messages.append(
            f"{_many(len(hotspots), 'hotspot')} not yet tested against chance: random points alone make some too."
        )
    if len(spots):
        messages.append(
            f"{_many(len(spots), 'spot')} with fewer than {parameters.min_places} distinct places: reports at one "
            "spot, drawn as a point and not as an area."
        )
    if len(hotspots):
        messages.extend(_on_size(hotspots, parameters))
    if anchoring.anchored:
        messages.append(
            f"{anchoring.share:.0%} of the reports lie on a point they share with others, up to "
            f"{anchoring.busiest_reports_n:,} on one. Such points stand for a postcode or a stretch of street: the "
            "map shows them, and not exactly where things happened."
        )
    if match_radius_m is not None and parameters.radius_m < 2 * match_radius_m:
        messages.append(
            f"Half of the reports are placed only to within {match_radius_m:,.0f} m. A radius of "
            f"{parameters.radius_m:g} m is less than twice that: edges and small hotspots are uncertain."
        )
    return messages


def left_out_in_words(left_out: dict[str, int]) -> str:
    """The account of what was left out, as "12 not found on the map, 3 known only by ward or district"."""
    return ", ".join(f"{number:,} {REASONS_IN_WORDS.get(reason, reason)}" for reason, number in left_out.items())


def _nothing_found(counts: RunCounts, parameters: HotspotParameters, spots_n: int, places_n: int) -> str:
    if not counts.read:
        return "There are no reports to find hotspots in. Choose a longer period, or fewer filters."
    if not counts.used:
        told = left_out_in_words(counts.left_out)
        which = "The one report cannot" if counts.read == 1 else f"None of the {counts.read:,} reports can"
        return f"{which} be used to find hotspots: {told}."
    if places_n == 1 and counts.used > 1:
        return f"All {counts.used:,} reports used lie on exactly the same point, which is no area."
    if spots_n:
        return f"No hotspot was found: reports come together only at {_many(spots_n, 'single spot')}."
    return (
        f"No place has {parameters.min_reports} reports within {parameters.radius_m:g} m: "
        f"{_many(counts.used, 'report')} could be used."
    )


def _on_size(hotspots: pd.DataFrame, parameters: HotspotParameters) -> list[str]:
    largest = f"{parameters.max_area_m2 / 1e6:g} km²"
    messages = []
    split = hotspots[hotspots["was_split"]]
    if len(split):
        levels = split["min_reports_used"]
        messages.append(
            f"{_many(split['split_from'].nunique(), 'concentration')} larger than {largest} split into "
            f"{_many(len(split), 'hotspot')}, by asking for {levels.min():,} to {levels.max():,} reports within "
            f"{parameters.radius_m:g} m instead of {parameters.min_reports:,}. Thinner ground between them is in none."
        )
    if too_large := int(hotspots["is_too_large"].sum()):
        messages.append(
            f"{_many(too_large, 'hotspot')} larger than {largest} could not be split: reports lie evenly over the "
            "ground, and nothing in it stands out."
        )
    return messages


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
