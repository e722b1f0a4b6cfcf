"""What can be worked out of a two-way table with margins: the smallest and largest value each cell can have.

Whoever reads a table knows that rows and columns add up to their margins and that counts are whole numbers. Each cell's
range is found by linear programming, the auditing of Hundepool et al., *Statistical Disclosure Control* (2012,
doi:10.1002/9781118348239). The system is a network (every cell stands in one row sum and in one column sum, with
opposite signs), so that its extremes are whole numbers and no integer programming is needed.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog

Floats = npt.NDArray[np.float64]
Cell = tuple[int, int]

_STILL = 1e-6
"""Two solutions of whole numbers differ by one or by nothing; less is the solver's rounding."""


def with_margins(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """A table (shape (r, c)) with a last row and column of sums (shape (r + 1, c + 1))."""
    rows = np.column_stack([counts, counts.sum(axis=1)])
    return np.vstack([rows, rows.sum(axis=0)]).astype(np.int64)


def cells_where(mask: npt.NDArray[np.bool_]) -> list[Cell]:
    """The cells of a table for which a mask is true."""
    return [(row, column) for row, column in np.argwhere(mask).tolist()]


@lru_cache(maxsize=32)
def sums_of(shape: Cell) -> sparse.csr_matrix:
    """The sums of a table with margins as a matrix over its flattened cells: each row of it adds up to nothing."""
    rows_n, columns_n = shape
    number = np.arange(rows_n * columns_n).reshape(shape)
    row_of, column_of = np.divmod(number.ravel(), columns_n)
    values = np.concatenate(
        [np.where(column_of == columns_n - 1, -1.0, 1.0), np.where(row_of == rows_n - 1, -1.0, 1.0)]
    )
    lines = np.concatenate([row_of, rows_n + column_of])
    return sparse.csr_matrix(
        (values, (lines, np.concatenate([number.ravel(), number.ravel()]))),
        shape=(rows_n + columns_n, rows_n * columns_n),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of each cell of a table with margins, before its sums are used.

    ``lower`` and ``upper`` have the shape of the table with margins; ``upper`` is infinite where nothing bounds it.
    """

    lower: Floats
    upper: Floats

    def solve(self, weights: Floats) -> Floats:
        """The table with the smallest weighted sum that agrees with all that is known.

        Raises
        ------
        ValueError
            If no table agrees, or none is the smallest.
        """
        found = linprog(
            weights.ravel(),
            A_eq=sums_of(self.lower.shape),
            b_eq=np.zeros(sum(self.lower.shape)),
            bounds=np.column_stack([self.lower.ravel(), self.upper.ravel()]),
            method="highs",
        )
        if not found.success:
            raise ValueError(found.message)
        return np.asarray(found.x, dtype=np.float64).reshape(self.lower.shape)

    def range_of(self, cell: Cell, most: float = np.inf) -> tuple[int, int]:
        """The smallest and largest value of one cell. ``most`` ends the search where more is of no interest."""
        weights = np.zeros(self.lower.shape)
        weights[cell] = 1.0
        least = self.solve(weights)[cell]
        # Without an end the largest value may be infinite, which no solver returns as a solution.
        end = min(most, self.upper[cell]) if np.isfinite(min(most, self.upper[cell])) else _ENDLESS
        upper = self.upper.copy()
        upper[cell] = max(end, least)
        largest = Known(self.lower, upper).solve(-weights)[cell]
        return round(float(least)), round(float(largest))

    def fixed(self, among: npt.NDArray[np.bool_], truth: Floats) -> npt.NDArray[np.bool_]:
        """Which of some cells can have one value only.

        The truth is one table that agrees; every other one that is found frees all the cells in which it differs, so
        that few cells need a search of their own.
        """
        open_ = among & (self.upper - self.lower > _STILL)
        pinned = among & ~open_
        bounded = Known(self.lower, np.minimum(self.upper, _ENDLESS))
        random = np.random.default_rng(0)
        for _ in range(_TRIES):
            if open_.any():
                other = bounded.solve(np.where(open_, random.normal(size=open_.shape), 0.0))
                open_ &= np.abs(other - truth) <= _STILL
        for cell in cells_where(open_):
            least, largest = bounded.range_of(cell)
            pinned[cell] = least == largest
        return pinned


_ENDLESS = 1e7
"""Stands for a count without a bound."""
_TRIES = 6
"""Searches that look at all cells at once, before cells are looked at one by one."""
