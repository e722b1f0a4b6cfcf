"""Quarter after quarter of tables for the public, and somebody who keeps them all (trust.md E4)."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import LinearConstraint, milp

from cs_geo.disclosure.harm_groups import Level, load_harm_groups
from cs_geo.disclosure.linked import find_given_away
from cs_geo.disclosure.releases import check_release
from cs_geo.disclosure.tables import tabulate_quarter
from cs_geo.settings import data_folder

GROUPS = load_harm_groups(data_folder())
HARMS = ["damage", "weapon_seen_found", "substance_use", "sexual_exploitation", "missing_whereabouts_worry"]
WARD_OF = {"a": "ab", "b": "ab", "c": "cd", "d": "cd", "e": "ef", "f": "ef"}
AREAS = {
    Level.LSOA: {lsoa: frozenset(lsoa) for lsoa in WARD_OF},
    Level.WARD: {ward: frozenset(ward) for ward in ["ab", "cd", "ef"]},
    Level.DISTRICT: {"district": frozenset("abcdef")},
}
QUARTERS = [date(2026, 1, 1), date(2026, 4, 1)]
TODAY = date(2026, 12, 1)


def reported(random, n):
    lsoa = random.choice(list(WARD_OF), n, p=[0.3, 0.3, 0.2, 0.1, 0.06, 0.04])
    return pd.DataFrame(
        {
            "kind": "incident",
            "occurred_on": [date(2026, int(month), 9) for month in random.integers(1, 7, n)],
            "lsoa": lsoa,
            "ward": [WARD_OF[one] for one in lsoa],
            "district": "district",
            "harm_types": [(harm,) for harm in random.choice(HARMS, n, p=[0.5, 0.2, 0.15, 0.1, 0.05])],
        }
    )


def released(random):
    """What gets through the checks: every level and quarter, and all of them again with reports that came in late."""
    reports = reported(random, 320)
    later = pd.concat([reports, reported(random, 12)], ignore_index=True)
    out, refused = [], 0
    for known in (reports, later):
        for quarter in QUARTERS:
            for level in (Level.LSOA, Level.WARD, Level.DISTRICT):
                new = tabulate_quarter(
                    known, GROUPS, kind="incident", quarter=quarter, level=level, areas=AREAS[level], today=TODAY
                ).release
                if check_release(new, out) or find_given_away([*out, new]):
                    refused += 1
                else:
                    out.append(new)
    return out, refused


def small_numbers_recovered(releases):
    """Suppressed small numbers that can only be small, by integer programming over piece, quarter and group."""
    numbers = [number for release in releases for number in release.numbers]
    groups = sorted({group for number in numbers for group in dict(number.filter)["harm_group"]})
    atoms = [(piece, quarter, group) for piece in WARD_OF for quarter in QUARTERS for group in groups]
    rows = np.array(
        [
            [p in n.area and q == n.first_day and g in dict(n.filter)["harm_group"] for p, q, g in atoms]
            for n in numbers
        ],
        dtype=float,
    )
    counts = np.array([n.reports_n for n in numbers])
    told = np.array([n.told for n in numbers])
    rounded = (counts + 2) // 5 * 5
    lower = np.where(told, np.where(counts == 0, 0, np.maximum(rounded - 2, 6)), 1)
    upper = np.where(told, np.where(counts == 0, 0, rounded + 2), 5000)
    known = LinearConstraint(rows, lower, upper)
    recovered = []
    for position in np.flatnonzero(~told & (counts >= 1) & (counts <= 5)).tolist():
        largest = milp(-rows[position], constraints=known, integrality=np.ones(len(atoms)))
        if round(-largest.fun) <= 5:
            recovered.append(numbers[position].name)
    return recovered


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.trust("E4", figure="0 recovered from earlier releases")
def test_whoever_keeps_every_table_ever_released_recovers_no_suppressed_number(seed):
    releases, refused = released(np.random.default_rng(seed))
    assert len(releases) >= 3
    assert refused  # late reports and totals by district are what gives small numbers away
    assert small_numbers_recovered(releases) == []
