from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import LinearConstraint, milp

from cs_geo.disclosure.linked import find_given_away
from cs_geo.disclosure.releases import Number, Release, check_release
from cs_geo.disclosure.rules import Audience
from cs_geo.disclosure.suppression import protect_table

SPRING, SUMMER = (date(2026, 4, 1), date(2026, 6, 30)), (date(2026, 7, 1), date(2026, 9, 30))
HALF_YEAR = (SPRING[0], SUMMER[1])


def number(area, reports_n, *, days=SPRING, told=True, harm=None):
    filter_ = frozenset({("harm", frozenset(harm.split()))}) if harm else frozenset()
    return Number(f"{area} {harm}", frozenset(area), *days, filter_, reports_n, told)


def release(*numbers, audience=Audience.PUBLIC):
    return Release("table", date(2026, 11, 1), audience, numbers)


def test_a_number_squeezed_between_areas_and_quarters_is_found():
    # Spring of a and of b are suppressed; the half year less the summer bounds a, with all rounding, to 4 at most.
    half_year = release(number("a", 8, days=HALF_YEAR))  # told as 10: 8 to 12
    summer = release(number("a", 7, days=SUMMER, told=False))
    spring = release(number("a", 1, told=False))
    assert find_given_away([spring, half_year]) == ()
    told_summer = release(number("a", 8, days=SUMMER))
    (found,) = find_given_away([spring, release(number("a", 9, days=HALF_YEAR)), told_summer])
    assert (found.number.name, found.least, found.largest) == ("a None", 1, 4)
    assert find_given_away([spring, summer, half_year]) == ()


def test_three_tables_give_away_what_no_two_of_them_do():
    # b is ab and bc less abc: at most 22 + 22 - 43, however they were rounded.
    hidden, ab, bc, abc = (
        release(number("b", 1, told=False)), release(number("ab", 22)), release(number("bc", 22)),
        release(number("abc", 43)),
    )  # fmt: skip
    assert all(check_release(new, [hidden, ab, bc]) == () for new in (hidden, ab, bc, abc))
    (found,) = find_given_away([hidden, ab, bc, abc])
    assert (found.number.name, found.least, found.largest) == ("b None", 1, 1)
    assert find_given_away([hidden, ab, bc]) == find_given_away([hidden, ab, abc]) == ()


def test_what_partners_are_told_is_not_what_the_public_knows():
    spring = release(number("a", 1, told=False))
    partners = release(number("a", 9, days=HALF_YEAR), number("a", 8, days=SUMMER), audience=Audience.PARTNER)
    assert find_given_away([spring, partners]) == ()


def test_nothing_released_gives_nothing_away():
    assert find_given_away([]) == ()


def numbers_of(counts, areas, days=SPRING):
    """A protected table as the numbers of a release, and its suppressed cells."""
    table = protect_table(pd.DataFrame(counts, index=list(areas), columns=["damage", "noise", "theft"]))
    ground = {**{area: area for area in areas}, "all": "".join(areas)}
    harm = {"damage": "damage", "noise": "noise", "theft": "theft", "all": "damage noise theft"}
    exact = pd.DataFrame(counts, index=list(areas), columns=["damage", "noise", "theft"])
    exact["all"] = exact.sum(axis=1)
    exact.loc["all"] = exact.sum()
    return [
        number(
            ground[area],
            int(exact.loc[area, h]),
            days=days,
            harm=harm[h],
            told=bool(pd.notna(table.shown.loc[area, h])),
        )
        for area in table.shown.index
        for h in table.shown.columns
    ]


def attacker(numbers, target):
    """The largest value of one number by integer programming over each piece and harm."""
    atoms = [(piece, harm) for piece in "abcdef" for harm in ("damage", "noise", "theft")]
    rows = np.array([[p in n.area and h in dict(n.filter)["harm"] for p, h in atoms] for n in numbers], dtype=float)
    values = np.array([n.reports_n for n in numbers])
    told = np.array([n.told for n in numbers])
    rounded = (values + 2) // 5 * 5
    lower = np.where(told, np.where(values == 0, 0, np.maximum(rounded - 2, 6)), 1)
    upper = np.where(told, np.where(values == 0, 0, rounded + 2), 200)
    found = milp(-rows[target], constraints=LinearConstraint(rows, lower, upper), integrality=np.ones(len(atoms)))
    return round(-found.fun)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.trust("E4", figure="0 disagreements")
def test_the_audit_of_wards_and_their_parts_agrees_with_an_attacker_of_another_make(seed):
    random = np.random.default_rng(seed)
    parts = random.choice([0, 1, 2, 4, 6, 7, 9, 20], size=(6, 3))
    wards = np.array([parts[0:2].sum(axis=0), parts[2:4].sum(axis=0), parts[4:6].sum(axis=0)])
    numbers = [*numbers_of(parts, "abcdef"), *numbers_of(wards, ["ab", "cd", "ef"])]
    expected = {
        (one.name, one.reports_n)
        for position, one in enumerate(numbers)
        if not one.told and 1 <= one.reports_n <= 5 and attacker(numbers, position) <= 5
    }
    assert {(one.number.name, one.number.reports_n) for one in find_given_away([release(*numbers)])} == expected


def test_tables_between_which_many_reports_came_in_are_not_released_together():
    def release(day, **counts):
        numbers = tuple(
            Number(name, frozenset(name), date(2026, 4, 1), date(2026, 6, 30), frozenset(), n, told=n > 5)
            for name, n in counts.items()
        )
        return Release("incident by ward", day, Audience.PUBLIC, numbers)

    found = find_given_away([release(date(2026, 8, 1), ab=30, a=27, b=3), release(date(2026, 9, 1), ab=60, a=57, b=3)])
    assert found
    assert "reports came in since “incident by ward” of 1 August 2026" in str(found[0])
