"""What has been released before, and whether a new release and it together tell of a small number (trust.md E4, E5).

A release is the record of every number a table tells: of which ground, which days and which reports. Where one number
is about part of what another is about, their difference is the number of the rest; so is a number less several that
do not overlap. A new release is refused where such a difference is small, with the two tables named. The same number
told twice is checked too: between two releases a few reports may have come in late.

Numbers that only overlap are not compared: the difference of two such counts is the difference of two unknown ones.
More than two releases at a time are the matter of ``linked``. The counts are taken exactly, although the public sees
them rounded, so that rounding is never what protects.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from cs_geo.dates import format_day
from cs_geo.disclosure.rules import RULES, Audience, Rules

Filter = frozenset[tuple[str, frozenset[str]]]
"""Dimension and the values counted, such as ("harm_group", {"hate"}). A dimension that is not named is not restricted;
where it is, every report counts under one value only."""
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a table: what it counts and, for our own record, how many there are."""

    name: str
    """As a person would say it: "Elm, damage, January to March 2026"."""
    area: frozenset[str]
    """Pieces of ground, the smallest that any release counts by; a ward is the set of its cells or LSOAs."""
    first_day: date
    last_day: date
    filter: Filter
    reports_n: int
    told: bool = True
    """False where it was suppressed, or told as "fewer than 5"."""


@dataclass(frozen=True, slots=True)
class Release:
    """One table as it was released, to be kept and never changed."""

    table: str
    released_on: date
    audience: Audience
    numbers: tuple[Number, ...]

    @property
    def name(self) -> str:
        """The table and the day."""
        return f"“{self.table}” of {format_day(self.released_on)}"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two releases whose numbers, one less the others, tell of a small number of reports."""

    larger: Release
    number: Number
    smaller: Release
    less: tuple[Number, ...]

    def __str__(self) -> str:
        names = " and ".join(f"“{one.name}”" for one in self.less[:3])
        more = f" and {len(self.less) - 3:,} more" if len(self.less) > 3 else ""
        return (
            f"“{self.number.name}” in {self.larger.name}, less {names}{more} in {self.smaller.name}, would tell of a "
            "small number of reports. Leave one of them out, or release the tables with the same areas and dates."
        )


def check_release(new: Release, earlier: Sequence[Release], rules: Rules = RULES) -> tuple[Difference, ...]:
    """Find what a new release would tell of small numbers, with itself and with each of the earlier ones.

    Parameters
    ----------
    new
        The table that is to be released.
    earlier
        Every release made so far, to anybody.

    Returns
    -------
    tuple of Difference
        Nothing where the table may be released.
    """
    releases = [*earlier, new]
    numbers = _Numbers.of(releases)
    pairs = numbers.nested()
    of_new = numbers.release == len(earlier)
    pairs = pairs[of_new[pairs["larger"]] | of_new[pairs["smaller"]]]
    # Only a partner sees both a table for partners and one for the public.
    public = np.array([release.audience is Audience.PUBLIC for release in releases])[numbers.release]
    limits = {one: rules.largest_small(one) for one in (Audience.PARTNER, Audience.PUBLIC)}
    both_public = public[pairs["larger"]] & public[pairs["smaller"]]
    pairs = pairs.assign(limit=np.where(both_public, limits[Audience.PUBLIC], limits[Audience.PARTNER]))
    return tuple(_differences(releases, numbers, pairs))


def _differences(releases: Sequence[Release], numbers: "_Numbers", pairs: pd.DataFrame) -> Iterator[Difference]:
    pairs = pairs.assign(
        rest=numbers.reports_n[pairs["larger"]] - numbers.reports_n[pairs["smaller"]],
        release=numbers.release[pairs["smaller"]],
        family=numbers.family[pairs["smaller"]],
        counted=numbers.reports_n[pairs["smaller"]],
    )
    # A part that is told as more than its whole came later, with reports that were not there: no rest of anything.
    small = pairs[pairs["rest"].between(1, pairs["limit"])]
    for larger, smaller in zip(small["larger"].tolist(), small["smaller"].tolist(), strict=True):
        yield numbers.difference(releases, larger, [smaller])
    groups = pairs.groupby(["larger", "release", "family"], sort=True)
    sums = groups.agg(counted=("counted", "sum"), members=("counted", "size"), limit=("limit", "first"))
    rest = numbers.reports_n[sums.index.get_level_values("larger")] - sums["counted"]
    for key in sums[(sums["members"] > 1) & rest.between(1, sums["limit"])].index:
        yield numbers.difference(releases, int(key[0]), sorted(groups.get_group(key)["smaller"].tolist()))


@dataclass(frozen=True, slots=True, eq=False)
class _Numbers:
    """The numbers told by some releases as columns, shape (n,), and the sets they are about."""

    release: Integers
    position: Integers
    """Position within its release."""
    reports_n: Integers
    first: Integers
    last: Integers
    area: Integers
    filter: Integers
    family: Integers
    """Within a release, numbers of one family do not overlap."""
    areas: sparse.csr_matrix
    """Distinct areas by pieces of ground."""
    filters: tuple[Filter, ...]

    @classmethod
    def of(cls, releases: Sequence[Release]) -> "_Numbers":
        told = [(r, p, one) for r, of in enumerate(releases) for p, one in enumerate(of.numbers) if one.told]
        areas = {area: number for number, area in enumerate(dict.fromkeys(one.area for _, _, one in told))}
        filters = {filter_: number for number, filter_ in enumerate(dict.fromkeys(one.filter for _, _, one in told))}
        pieces = {piece: number for number, piece in enumerate(dict.fromkeys(p for area in areas for p in area))}
        held = [pieces[piece] for area in areas for piece in area]
        ends = np.cumsum([0, *(len(area) for area in areas)])
        incidence = sparse.csr_matrix((np.ones(len(held), dtype=np.int64), held, ends), shape=(len(areas), len(pieces)))
        columns = np.array(
            [
                (r, p, one.reports_n, one.first_day.toordinal(), one.last_day.toordinal(), areas[one.area],
                 filters[one.filter])
                for r, p, one in told
            ],
            dtype=np.int64,
        ).reshape(-1, 7).T  # fmt: skip
        families = _families(columns, incidence, tuple(filters))
        release, position, reports_n, first, last, area, filter_ = columns
        return cls(release, position, reports_n, first, last, area, filter_, families, incidence, tuple(filters))

    def nested(self) -> pd.DataFrame:
        """Pairs of which the smaller is about part of, or the same as, what the larger is about, and is not nothing."""
        shared = (self.areas @ self.areas.T).tocoo()
        sizes = np.asarray(self.areas.sum(axis=1)).ravel()
        holds = shared.data == sizes[shared.col]
        inside = pd.DataFrame({"area": shared.row[holds], "part": shared.col[holds]})
        number = np.arange(len(self.area))
        pairs = inside.merge(pd.DataFrame({"area": self.area, "larger": number}), on="area").merge(
            pd.DataFrame({"part": self.area, "smaller": number}), on="part"
        )
        larger, smaller = pairs["larger"].to_numpy(dtype=np.int64), pairs["smaller"].to_numpy(dtype=np.int64)
        within = _compare(self.filters, _holds)
        kept = (
            (larger != smaller)
            & (self.first[larger] <= self.first[smaller])
            & (self.last[larger] >= self.last[smaller])
            & (self.reports_n[smaller] > 0)
            & within[self.filter[larger], self.filter[smaller]]
        )
        return pd.DataFrame({"larger": larger[kept], "smaller": smaller[kept]})

    def difference(self, releases: Sequence[Release], larger: int, smaller: list[int]) -> Difference:
        """The finding that a number less others is small."""
        outer, inner = releases[self.release[larger]], releases[self.release[smaller[0]]]
        return Difference(
            outer,
            outer.numbers[self.position[larger]],
            inner,
            tuple(inner.numbers[self.position[one]] for one in smaller),
        )


def _holds(one: Filter, other: Filter) -> bool:
    """Is every report that the other filter counts counted by the one?"""
    values = dict(other)
    return all(dimension in values and values[dimension] <= allowed for dimension, allowed in one)


def _are_apart(one: Filter, other: Filter) -> bool:
    """Is there no report that both filters count?"""
    values = dict(other)
    return any(dimension in values and not values[dimension] & allowed for dimension, allowed in one)


def _compare(filters: Sequence[Filter], question: Callable[[Filter, Filter], bool]) -> npt.NDArray[np.bool_]:
    answers = [question(one, other) for one in filters for other in filters]
    return np.array(answers, dtype=bool).reshape(len(filters), len(filters))


def _families(columns: Integers, areas: sparse.csr_matrix, filters: Sequence[Filter]) -> Integers:
    """Part the numbers of each release into families without overlap: areas, filters and windows, each in layers."""
    release, _, _, first, last, area, filter_ = columns
    layers = np.zeros((3, len(release)), dtype=np.int64)
    shared = (areas @ areas.T).tocsr()
    sizes = np.asarray(areas.sum(axis=1)).ravel()
    meet = ~_compare(filters, _are_apart)
    breadths = -np.array([sum(len(values) for _, values in one) for one in filters])
    for one in np.unique(release):
        own = release == one
        layers[0, own] = _in_layers(area[own], sizes, lambda a: shared.indices[shared.indptr[a] : shared.indptr[a + 1]])
        layers[1, own] = _in_layers(filter_[own], breadths, lambda f: np.flatnonzero(meet[f]))
        windows, window = np.unique(np.column_stack([first[own], last[own]]), axis=0, return_inverse=True)
        layers[2, own] = _in_layers(window.ravel(), windows[:, 1] - windows[:, 0], _overlaps(windows))
    return np.unique(np.vstack([release, layers]), axis=1, return_inverse=True)[1].ravel().astype(np.int64)


def _overlaps(windows: Integers) -> Callable[[int], Integers]:
    return lambda w: np.flatnonzero((windows[:, 0] <= windows[w, 1]) & (windows[:, 1] >= windows[w, 0]))


def _in_layers(sets: Integers, sizes: Integers, meeting: Callable[[int], Integers]) -> Integers:
    """A layer for each set, the largest first in the first, so that no two of a layer meet."""
    layer: dict[int, int] = {}
    distinct = np.unique(sets)
    for one in distinct[np.argsort(-sizes[distinct], kind="stable")].tolist():
        taken = {layer[other] for other in meeting(one).tolist() if other in layer}
        layer[one] = next(number for number in range(len(taken) + 1) if number not in taken)
    return np.array([layer[one] for one in sets.tolist()], dtype=np.int64)
