"""What can be worked out of all public tables together: margins, levels of area, quarters and earlier releases.

Each table is protected by itself (``suppression``), and each pair is checked (``releases``). A suppressed number may
still be squeezed between several tables: a ward's total, its LSOAs and the year. Here everything published is one
system over the smallest pieces of ground, days and harm that any table tells apart, and the range of each small
number that was suppressed is found by linear programming (Hundepool et al., *Statistical Disclosure Control*, 2012,
doi:10.1002/9781118348239). A number whose whole range is small has been given away.

Ranges are taken for whole numbers by rounding them inwards. Where a system of linked tables has whole-number solutions
only within a still smaller range, that is not seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from cs_geo.disclosure.releases import Number, Release
from cs_geo.disclosure.rules import RULES, Audience, Rules
from cs_geo.disclosure.suppression import round_counts

_UNNAMED = ""
"""Stands for the values of a dimension that no table names."""
_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class GivenAway:
    """A small number that was suppressed and whose whole range is small.

    The range is empty where no numbers agree with all tables: reports came in between two of them.
    """

    release: Release
    number: Number
    least: int
    largest: int

    def __str__(self) -> str:
        if self.largest < self.least:
            return (
                f"The tables do not fit together: reports came in since {self.release.name}. Whoever has them all "
                "could work out what was added. Leave out the newest table."
            )
        return (
            f"“{self.number.name}” in {self.release.name} is suppressed, and the tables together would tell that it is "
            "small. Leave out the newest table, or release it for larger areas."
        )


def find_given_away(releases: Sequence[Release], rules: Rules = RULES) -> tuple[GivenAway, ...]:
    """Find the suppressed numbers that whoever has all public tables knows to be small.

    Parameters
    ----------
    releases
        Every release, the new one among them. Those to partners are left aside: the public does not have them.

    Returns
    -------
    tuple of GivenAway
        Nothing where none is.
    """
    public = [release for release in releases if release.audience is Audience.PUBLIC]
    numbers = [(release, number) for release in public for number in release.numbers]
    if not numbers:
        return ()
    sums = _sums_over_atoms([number for _, number in numbers])
    lower, upper = np.array([_known(number, rules) for _, number in numbers]).T
    # Only what hangs together with a number bounds it.
    parts = connected_components(sums @ sums.T, directed=False)[1]
    limit = rules.suppressed_up_to
    found = []
    for position, (release, number) in enumerate(numbers):
        if 1 <= number.reports_n <= limit:
            least, largest = _range_of(position, sums, parts, lower, upper, limit + 1)
            if largest <= limit:
                found.append(GivenAway(release, number, least, largest))
    return tuple(found)


def _known(number: Number, rules: Rules) -> tuple[float, float]:
    """The bounds that the table itself gives: zeros are published, other numbers rounded."""
    if not number.told:
        return 1.0, np.inf
    if number.reports_n == 0:
        return 0.0, 0.0
    lowest = int(round_counts(np.array([number.reports_n]), rules.rounded_to)[0]) - rules.rounded_to // 2
    return float(max(lowest, rules.suppressed_up_to + 1)), float(lowest + rules.rounded_to - 1)


def _range_of(
    position: int,
    sums: sparse.csr_matrix,
    parts: npt.NDArray[np.int32],
    lower: npt.NDArray[np.float64],
    upper: npt.NDArray[np.float64],
    most: int,
) -> tuple[int, int]:
    """The smallest and largest whole value of one number; ``most`` ends the search where more is of no interest.

    The largest is less than the smallest where nothing agrees with all that is known.
    """
    own = np.flatnonzero(parts == parts[position])
    atoms = np.unique(sums[own].indices)
    system = sums[own][:, atoms]
    weights = np.asarray(sums[position][:, atoms].todense()).ravel()
    rows = sparse.vstack([system, -system], format="csr")
    ends = np.concatenate([upper[own], -lower[own]])
    bounded = np.isfinite(ends)
    capped = sparse.vstack([rows[bounded], sparse.csr_matrix(weights)], format="csr")
    least = linprog(weights, A_ub=rows[bounded], b_ub=ends[bounded], method="highs")
    largest = linprog(-weights, A_ub=capped, b_ub=np.append(ends[bounded], most), method="highs")
    if not least.success:
        return 1, 0
    # Where nothing at or below the end agrees, everything that does lies above it.
    return int(np.ceil(least.fun - _SLACK)), int(np.floor(-largest.fun + _SLACK)) if largest.success else most


def _sums_over_atoms(numbers: Sequence[Number]) -> sparse.csr_matrix:
    """Which atoms each number counts, shape (numbers, atoms). Atoms that the same numbers count are one."""
    pieces = _classes([number.area for number in numbers])
    starts = sorted(
        {day for number in numbers for day in (number.first_day.toordinal(), number.last_day.toordinal() + 1)}
    )
    days = np.array(
        [[n.first_day.toordinal() <= start <= n.last_day.toordinal() for start in starts] for n in numbers], dtype=bool
    )
    return sparse.csr_matrix(_crossed(_crossed(pieces, days), _filter_classes(numbers)), dtype=np.float64)


def _classes(sets: Sequence[frozenset[str]]) -> npt.NDArray[np.bool_]:
    """Membership of the members of some sets, shape (sets, classes); members of the same sets are one class."""
    members = sorted(frozenset().union(*sets))
    return np.unique(np.array([[member in one for member in members] for one in sets], dtype=bool), axis=1)


def _filter_classes(numbers: Sequence[Number]) -> npt.NDArray[np.bool_]:
    filters = [dict(number.filter) for number in numbers]
    dimensions = sorted({name for one in filters for name in one})
    values = {
        name: [*sorted(frozenset().union(*(one[name] for one in filters if name in one))), _UNNAMED]
        for name in dimensions
    }
    combinations = [dict(zip(dimensions, chosen, strict=True)) for chosen in product(*values.values())]
    return np.unique(
        np.array(
            [[all(at[name] in allowed for name, allowed in one.items()) for at in combinations] for one in filters],
            dtype=bool,
        ),
        axis=1,
    )


def _crossed(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Every class of the one with every class of the other that some number counts, the same ones once."""
    both = (one[:, :, None] & other[:, None, :]).reshape(len(one), -1)
    return np.unique(both[:, both.any(axis=0)], axis=1)
