"""Rows by group, sorted once: a million points in twenty thousand clusters are not searched twenty thousand times."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt


def rows_by_group(groups: npt.NDArray[np.int64], count: int | None = None) -> list[npt.NDArray[np.int64]]:
    """Row numbers of each group 0, 1, 2…, ascending; rows of a negative group are in none.

    Parameters
    ----------
    groups
        Group of each row.
    count
        Number of groups; None: the largest group that occurs, and one more.
    """
    total = int(groups.max(initial=-1)) + 1 if count is None else count
    order = np.argsort(groups, kind="stable").astype(np.int64)
    bounds = np.searchsorted(groups[order], np.arange(total + 1))
    return [order[start:end] for start, end in pairwise(bounds)]
