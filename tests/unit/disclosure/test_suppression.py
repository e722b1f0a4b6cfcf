"""Tables for the public, and an attacker who has everything that is published and a solver of his own."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.optimize import LinearConstraint, milp

from cs_geo.disclosure.ranges import with_margins
from cs_geo.disclosure.rules import RULES, Rules
from cs_geo.disclosure.suppression import ALL, protect_table, round_counts, unprotected

SMALL = {1, 2, 3, 4, 5}


def frame(rows):
    counts = np.array(rows)
    return pd.DataFrame(
        counts,
        index=[f"ward {n}" for n in range(1, counts.shape[0] + 1)],
        columns=[f"group {n}" for n in range(1, counts.shape[1] + 1)],
    )


def attack(lower, upper, cell):
    """The range of one cell for somebody who knows bounds and sums, by integer programming over the interior alone."""
    rows, columns = lower.shape[0] - 1, lower.shape[1] - 1
    sums, weights = [], {}
    for i in range(rows + 1):
        for j in range(columns + 1):
            inside = np.zeros((rows, columns))
            inside[slice(None) if i == rows else i, slice(None) if j == columns else j] = 1
            weights[i, j] = inside.ravel()
            sums.append(inside.ravel())
    known = LinearConstraint(np.array(sums), lower.ravel(), upper.ravel())
    ends = []
    for sign in (1, -1):
        found = milp(sign * weights[cell], constraints=known, integrality=np.ones(rows * columns))
        ends.append(np.inf if not found.success else round(sign * found.fun))
    return tuple(ends)


def exact_view(table, hidden):
    """Published counts exact, suppressed ones at least 1."""
    return np.where(hidden, 1, table), np.where(hidden, np.inf, table)


def rounded_view(shown, hidden):
    """Published counts to within two, and never one of the small ones."""
    values = shown.fillna(0).to_numpy(dtype=float)
    lower = np.where(hidden, 1, np.where(values == 0, 0, np.maximum(values - 2, 6)))
    return lower, np.where(hidden, np.inf, np.where(values == 0, 0, values + 2))


def recovered(table, lower, upper, hidden):
    """The small counts that the attacker narrows to small values only, or that he narrows at all within 1 to 6."""
    found = []
    least_of = with_margins((table[:-1, :-1] > 0).astype(int))  # zeros are published
    for i, j in np.argwhere(hidden & np.isin(table, list(SMALL))).tolist():
        least, largest = attack(lower, upper, (i, j))
        if largest < 6 or least > least_of[i, j]:
            found.append((i, j, least, largest))
    return found


def test_a_count_of_five_is_suppressed_and_six_and_zero_are_not():
    # One row's small counts protect each other: 3 and 5 of 8 may be 1 and 7.
    table = protect_table(frame([[30, 0], [50, 40]]))
    assert table.shown.loc["ward 1", "group 2"] == 0
    assert table.secondary_n == table.primary_n == 0
    assert pd.isna(protect_table(frame([[5, 20], [20, 20]])).shown.iloc[0, 0])
    assert not pd.isna(protect_table(frame([[6, 20], [20, 20]])).shown.iloc[0, 0])


def test_one_small_count_takes_three_others_with_it_and_no_margin():
    table = protect_table(frame([[3, 20, 90], [20, 20, 90], [90, 90, 90]]))
    assert table.primary_n == 1
    assert table.secondary_n == 3
    assert table.shown.isna().to_numpy().tolist() == [
        [True, True, False, False],
        [True, True, False, False],
        [False, False, False, False],
        [False, False, False, False],
    ]


def test_where_nothing_else_can_protect_a_count_its_margins_go_too():
    table = protect_table(frame([[3, 0], [0, 40]]))
    hidden = table.shown.isna().to_numpy()
    assert hidden[0, 0]
    assert hidden[0, 2]  # the row's margin is the same 3
    assert hidden[2, 0]
    assert unprotected(with_margins(np.array([[3, 0], [0, 40]])), table.protects, 5) == []


def test_two_small_counts_that_a_margin_would_give_away_are_protected():
    # 2 + 2 = 4 of a row total of 24: each would be 1 to 3.
    counts = [[2, 2, 20], [30, 30, 30]]
    table = protect_table(frame(counts))
    assert unprotected(with_margins(np.array(counts)), table.protects, 5) == []
    assert table.secondary_n > 0


def test_a_count_is_kept_from_being_known_as_nearly_five_too():
    # 5 may grow with the 2 across from it, but can shrink by 1 only: it would be known as 4 at least.
    counts = [[5, 30, 80], [30, 2, 80], [80, 80, 80]]
    table = with_margins(np.array(counts))
    four = np.zeros_like(table, dtype=bool)
    four[:2, :2] = True
    assert unprotected(table, four, 5) == [(0, 0)]
    assert unprotected(table, protect_table(frame(counts)).protects, 5) == []


def test_the_audit_names_what_suppression_of_small_counts_alone_gives_away():
    counts = with_margins(np.array([[3, 20], [20, 20]]))
    assert unprotected(counts, (counts > 0) & (counts <= 5), 5) == [(0, 0)]


def test_counts_are_rounded_each_by_itself_and_margins_are_no_sums_of_them():
    table = protect_table(frame([[11, 12], [21, 31]]))
    assert table.shown.to_numpy().tolist() == [[10, 10, 25], [20, 30, 50], [30, 45, 75]]
    assert round_counts(np.array([0, 6, 7, 8, 12, 13]), 5).tolist() == [0, 5, 5, 10, 10, 15]


def test_what_rounded_sums_would_give_back_is_suppressed():
    # "5" is 6 or 7 and "10" is 8 to 12, so two fives of ten would be six each.
    table = protect_table(frame([[6, 6], [6, 60]]))
    hidden = table.shown.isna().to_numpy()
    lower, upper = rounded_view(table.shown, hidden)
    for i, j in np.argwhere(~hidden & (with_margins(np.array([[6, 6], [6, 60]])) > 0)).tolist():
        least, largest = attack(lower, upper, (i, j))
        assert least < largest


def test_a_site_may_ask_for_more():
    strict = Rules(suppressed_up_to=9)
    table = protect_table(frame([[8, 30], [30, 40]]), strict)
    assert pd.isna(table.shown.iloc[0, 0])
    assert not protect_table(frame([[8, 30], [30, 40]])).shown.isna().to_numpy().any()


@pytest.mark.parametrize(("rows", "names"), [([[-1]], None), ([[1.5]], None), ([[1]], [ALL])])
def test_what_is_no_table_of_counts_is_refused(rows, names):
    with pytest.raises(ValueError, match=r"whole numbers|margins"):
        protect_table(pd.DataFrame(rows, columns=names))


def test_an_empty_table_and_one_of_zeros_are_published_as_they_are():
    assert protect_table(frame([[0, 0], [0, 0]])).shown.sum().sum() == 0
    assert protect_table(pd.DataFrame(index=["ward 1"], dtype="int64")).shown.shape == (2, 1)


counts = st.one_of(st.integers(0, 7), st.integers(0, 7), st.integers(0, 80))
tables = arrays.arrays(np.int64, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=counts)


@settings(max_examples=60)
@given(tables)
@pytest.mark.trust("E4", figure="0 recovered")
def test_an_attacker_with_all_margins_recovers_no_small_count(interior):
    table = with_margins(interior)
    protected = protect_table(frame(interior))
    hidden = protected.shown.isna().to_numpy()
    assert (hidden == protected.protects).all()
    assert hidden[np.isin(table, list(SMALL))].all()
    assert recovered(table, *exact_view(table, hidden), hidden) == []
    assert recovered(table, *rounded_view(protected.shown, hidden), hidden) == []


@settings(max_examples=30)
@given(tables)
def test_rounding_gives_no_published_count_back(interior):
    table = with_margins(interior)
    shown = protect_table(frame(interior)).shown
    hidden = shown.isna().to_numpy()
    lower, upper = rounded_view(shown, hidden)
    for i, j in np.argwhere(~hidden & (table > 0)).tolist():
        least, largest = attack(lower, upper, (i, j))
        assert least < largest


@settings(max_examples=30)
@given(tables)
def test_the_audit_agrees_with_an_attacker_of_another_make(interior):
    """Linear programming here and integer programming there see the same, also where much is given away."""
    table = with_margins(interior)
    hidden = np.isin(table, list(SMALL))
    named = {(i, j) for i, j, _, _ in recovered(table, *exact_view(table, hidden), hidden)}
    assert set(unprotected(table, hidden, RULES.suppressed_up_to)) == named
