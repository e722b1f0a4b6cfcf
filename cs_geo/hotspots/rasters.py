"""Counts on a grid of squares, and how much of them lies within discs of several radii, for whole districts at once.

A square is half open: a point on its western or southern edge is in it, one on its eastern or northern edge is in the
next. A disc of squares holds each square whose middle lies within the radius of its own square's middle.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Squares over an extent in storage metres; rows run from south to north."""

    west: float
    south: float
    side_m: float
    columns: int
    rows: int

    @classmethod
    def over(cls, xy: Floats, side_m: float) -> "Grid":
        """The squares that hold every point, their corners at whole multiples of the side."""
        first = np.floor(xy.min(axis=0) / side_m)
        last = np.floor(xy.max(axis=0) / side_m)
        columns, rows = (last - first + 1).astype(int)
        return cls(float(first[0] * side_m), float(first[1] * side_m), side_m, int(columns), int(rows))

    def squares_of(self, xy: Floats) -> Integers:
        """Number of the square of each point, row by row from the south-west; -1 beyond the grid."""
        column = np.floor((xy[:, 0] - self.west) / self.side_m).astype(np.int64)
        row = np.floor((xy[:, 1] - self.south) / self.side_m).astype(np.int64)
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(inside, row * self.columns + column, -1)

    def count(self, xy: Floats, weight: Floats | None = None) -> Floats:
        """Points, or the sum of their weights, in each square: shape (rows, columns)."""
        square = self.squares_of(xy)
        inside = square >= 0
        weights = None if weight is None else weight[inside]
        counted = np.bincount(square[inside], weights=weights, minlength=self.rows * self.columns)
        return counted.astype(np.float64).reshape(self.rows, self.columns)

    def middles(self) -> Floats:
        """Middle of each square, row by row from the south-west: shape (rows × columns, 2)."""
        xs = self.west + (np.arange(self.columns) + 0.5) * self.side_m
        ys = self.south + (np.arange(self.rows) + 0.5) * self.side_m
        across, up = np.meshgrid(xs, ys)
        return np.column_stack([across.ravel(), up.ravel()])


class DiscSums:
    """Sums over the discs round every square of a grid, by Fourier transform."""

    def __init__(self, grid: Grid, radii_m: Sequence[float]) -> None:
        reach = int(max(radii_m) // grid.side_m)
        self.shape = (grid.rows, grid.columns)
        self._padded = [fft.next_fast_len(size + reach, real=True) for size in self.shape]
        offsets = np.arange(-reach, reach + 1)
        away = np.hypot(*np.meshgrid(offsets, offsets, indexing="ij")) * grid.side_m
        self._discs = []
        for radius in radii_m:
            disc = np.zeros(self._padded)
            rows, columns = np.nonzero(away <= radius)
            # Offsets below nothing lie at the far end, where the transform looks for them.
            disc[offsets[rows], offsets[columns]] = 1.0
            self._discs.append(fft.rfft2(disc))

    def __call__(self, values: Floats, *, whole: bool = False) -> Floats:
        """Sum of the values within each disc: shape (radii, rows, columns); ``whole`` rounds sums of whole numbers."""
        spectrum = fft.rfft2(values, s=self._padded)
        rows, columns = self.shape
        sums = np.stack([fft.irfft2(spectrum * disc, s=self._padded)[:rows, :columns] for disc in self._discs])
        return np.rint(sums) if whole else np.asarray(np.maximum(sums, 0.0))
