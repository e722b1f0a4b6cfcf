"""A two-way table for the public: small counts suppressed, enough others with them, and the rest rounded.

*Primary*: counts from 1 to 5 are suppressed; margins too. *Secondary*: others are suppressed with them until whoever
solves the sums of the table, and knows that a suppressed count is a whole number of at least 1, finds for each
primary cell that it may be anything from 1 to 6 at least: neither a smaller range nor the certainty that it is small
(a margin: from as many as its cells above zero).
That is the protection level of Hundepool et al., *Statistical Disclosure Control* (2012,
doi:10.1002/9781118348239), set so that the range reaches over the threshold. Each cell's partners are the cheapest
flow through the table that moves it to both ends of that range: Kelly, Golden & Assad, "Cell suppression: disclosure
protection for sensitive tabular data", Networks 22 (1992) 397–417, doi:10.1002/net.3230220407. Margins cost most.

The table is protected as if its other counts were published exactly. They are rounded to 5 afterwards, each by itself,
and a count that the rounded sums would give back exactly is suppressed as well. Zeros are published.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from cs_geo.disclosure.ranges import Cell, Known, cells_where, sums_of, with_margins
from cs_geo.disclosure.rules import RULES, Rules

ALL = "all"
"""Name of the margins."""
Bools = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

_MARGIN_COST = 10.0
_TOTAL_COST = 100.0
_SUPPRESSED_COST = 1e-6
"""Suppressing a margin takes more from the reader than any cell does, whose cost is its share of the whole.
What is suppressed already costs next to nothing, so that a flow takes no idle way round."""


@dataclass(frozen=True, slots=True, eq=False)
class ProtectedTable:
    """A table that may be published, and the account of what is not in it."""

    shown: pd.DataFrame
    """Rows and columns as given, then the margins ``all``. Rounded counts (Int64), nothing where suppressed."""
    primary_n: int
    """Cells and margins suppressed because their count is small."""
    secondary_n: int
    """Cells and margins suppressed to protect those."""
    protects: Bools
    """Where a count is suppressed, shape of ``shown``."""


def protect_table(counts: pd.DataFrame, rules: Rules = RULES) -> ProtectedTable:
    """Make a table of counts fit for the public.

    Parameters
    ----------
    counts
        Whole numbers of reports, one row an area and one column a group, without margins. Every report counts in one
        cell only.
    rules
        Threshold and rounding.

    Raises
    ------
    ValueError
        If a count is negative or no whole number, or a row or column is called ``all``.
    """
    interior = counts.to_numpy()
    if not np.equal(interior, np.floor(interior.astype(float))).all() or (interior < 0).any():
        raise ValueError("A table of counts holds whole numbers from 0 on.")
    if ALL in counts.index or ALL in counts.columns:
        raise ValueError(f"“{ALL}” is the name of the margins, which are made here.")
    table = with_margins(interior.astype(np.int64))
    primary = (table >= 1) & (table <= rules.suppressed_up_to)
    suppressed = _add_partners(table, primary, rules.suppressed_up_to)
    suppressed = _add_given_back(table, suppressed, rules)
    shown = pd.DataFrame(
        round_counts(table, rules.rounded_to), index=[*counts.index, ALL], columns=[*counts.columns, ALL]
    ).astype("Int64")
    return ProtectedTable(
        shown=shown.mask(suppressed),
        primary_n=int(primary.sum()),
        secondary_n=int((suppressed & ~primary).sum()),
        protects=suppressed,
    )


def round_counts(counts: Integers, to: int) -> Integers:
    """Round counts to the nearest multiple, halves upwards."""
    return (counts + to // 2) // to * to


def known_exactly(table: Integers, suppressed: Bools) -> Known:
    """What is known of a table with margins whose other counts are published exactly."""
    lower = np.where(suppressed, 1.0, table)
    return Known(lower, np.where(suppressed, np.inf, table))


def known_rounded(table: Integers, suppressed: Bools, rules: Rules = RULES) -> Known:
    """What is known of it when the other counts are rounded: published ones are 0 or above the threshold."""
    rounded = round_counts(table, rules.rounded_to)
    lowest = rounded - rules.rounded_to // 2
    lower = np.where(suppressed, 1, np.where(table == 0, 0, np.maximum(lowest, rules.suppressed_up_to + 1)))
    upper = np.where(suppressed, np.inf, np.where(table == 0, 0, lowest + rules.rounded_to - 1))
    return Known(lower.astype(float), upper)


def unprotected(table: Integers, suppressed: Bools, threshold: int) -> list[Cell]:
    """The small counts of a table with margins whose range does not reach from the least to over the threshold."""
    known, least = known_exactly(table, suppressed), least_possible(table)
    small = cells_where((table >= 1) & (table <= threshold))
    return [cell for cell in small if known.range_of(cell, most=threshold + 1) != (least[cell], threshold + 1)]


def least_possible(table: Integers) -> Integers:
    """The least each count can be, as the zeros are published: 1, and for a margin as many as its cells above zero."""
    return with_margins((table[:-1, :-1] > 0).astype(np.int64))


def _add_partners(table: Integers, primary: Bools, threshold: int) -> Bools:
    suppressed, least = primary.copy(), least_possible(table)
    costs = table / max(table[-1, -1], 1)
    costs[-1, :] = costs[:, -1] = _MARGIN_COST
    costs[-1, -1] = _TOTAL_COST
    # The smallest first: their upward flow is the longest, and serves many of the others.
    for cell in sorted(cells_where(primary), key=lambda cell: int(table[cell])):
        value = int(table[cell])
        for change in (threshold + 1 - value, int(least[cell]) - value):
            if change:
                suppressed |= _cheapest_flow(table, suppressed, costs, cell, change)
    return suppressed


def _cheapest_flow(
    table: Integers, suppressed: Bools, costs: npt.NDArray[np.float64], cell: Cell, change: int
) -> Bools:
    """The cells that move when one cell is changed by so much and the sums still hold, at the least cost.

    One always exists: the cell's row, column and total may move with it.
    """
    free = np.flatnonzero(table.ravel() > 0)
    flat = cell[0] * table.shape[1] + cell[1]
    sums = sums_of(table.shape)[:, free]
    cost = np.where(suppressed, _SUPPRESSED_COST, costs).ravel()[free]
    # What is added to a cell and what is taken from it: no more than the change itself, and a count stays at least 1.
    most_added = np.full(len(free), abs(change), dtype=float)
    most_taken = np.minimum(table.ravel()[free] - 1.0, abs(change))
    least_added = np.zeros(len(free))
    least_taken = np.zeros(len(free))
    here = int(np.searchsorted(free, flat))
    least_added[here] = most_added[here] = max(change, 0)
    least_taken[here] = most_taken[here] = max(-change, 0)
    found = linprog(
        np.concatenate([cost, cost]),
        A_eq=sparse.hstack([sums, -sums], format="csr"),
        b_eq=np.zeros(sums.shape[0]),
        bounds=np.column_stack([np.concatenate([least_added, least_taken]), np.concatenate([most_added, most_taken])]),
        method="highs",
    )
    added, taken = np.split(np.asarray(found.x), 2)
    moved = np.zeros(table.size, dtype=bool)
    moved[free] = np.abs(added - taken) > 0.5
    return moved.reshape(table.shape)


def _add_given_back(table: Integers, suppressed: Bools, rules: Rules) -> Bools:
    """Suppress, too, what the sums of the rounded counts give back exactly. More suppressed never tells more."""
    suppressed = suppressed.copy()
    while True:
        among = ~suppressed & (table > 0)
        given_back = known_rounded(table, suppressed, rules).fixed(among, table.astype(float))
        if not given_back.any():
            return suppressed
        suppressed |= given_back
