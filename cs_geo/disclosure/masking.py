"""The masked point of a place: made once, stored by the caller, and the same for ever (trust.md E2, E3).

It is the centre of a 50 m square some way off, chosen among those that fit by a keyed hash of the place's own secret:
the same secret and boundary always give the same point, and without the secret no point is likelier than another. It
lies in the place's own area, and its catchment (the part of that square inside the area) holds 8 addresses or more, or
none, as the map points of police.uk do (the rule of ``rules``). Snapping is preferred to a random shift: a point that
is drawn anew at each export is averaged back to the truth (practice.md §0, decision 9).

A point is not made again when the boundary changes: two points of one place are two clues.
"""

import hashlib
import hmac
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from cs_geo.disclosure.cells import cell_corners
from cs_geo.disclosure.rules import RULES, Rules
from cs_geo.errors import RefusedInput

SECRET_BYTES = 16
"""Least length of a place's secret."""
NEAREST_M = 50.0
"""A masked point is at least so far from the middle of its place."""
RINGS_M = (250.0, 500.0, 1000.0)
"""And at most so far: the first of these distances within which enough squares fit."""
FEWEST_SQUARES = 8
"""Squares there must be to choose among: where only one fits, it needs no secret to say which."""


@dataclass(frozen=True, slots=True)
class MaskedPoint:
    """Where a place is shown to a partner, in storage metres. How far that is from the place is kept nowhere."""

    x: float
    y: float


def mask_place(
    boundary: BaseGeometry,
    area: BaseGeometry,
    secret: bytes,
    *,
    addresses: npt.NDArray[np.float64] | None = None,
    rules: Rules = RULES,
) -> MaskedPoint | None:
    """Choose the masked point of a place.

    Parameters
    ----------
    boundary
        Shape of the place, or its point, in metres.
    area
        Ward or district the place is counted in, which the point does not leave, in metres.
    secret
        Random bytes of this place alone, stored beside it and never shown.
    addresses
        Easting and northing of every address, shape (n, 2), metres. None: not known, and not asked for.

    Returns
    -------
    MaskedPoint or None
        None where too few squares within the widest ring fit: such a place is told by its area only.

    Raises
    ------
    RefusedInput
        If the place lies outside the area.
    ValueError
        If the secret is too short to be one.
    """
    if len(secret) < SECRET_BYTES:
        raise ValueError(f"A secret of fewer than {SECRET_BYTES} bytes can be guessed.")
    inside = shapely.intersection(boundary, area)
    if inside.is_empty:
        raise RefusedInput("The place lies outside the area it is counted in. Check its boundary, or choose its area.")
    middle = inside.representative_point()
    for ring_m in RINGS_M:
        centres = _fitting(middle, area, ring_m, addresses, rules)
        if len(centres) >= FEWEST_SQUARES:
            keys = [hmac.digest(secret, f"{x:.1f} {y:.1f}".encode(), hashlib.sha256) for x, y in centres.tolist()]
            x, y = centres[keys.index(min(keys))].tolist()
            return MaskedPoint(x, y)
    return None


def _fitting(
    middle: shapely.Point,
    area: BaseGeometry,
    ring_m: float,
    addresses: npt.NDArray[np.float64] | None,
    rules: Rules,
) -> npt.NDArray[np.float64]:
    """Centres of the squares of the national grid that may stand for a place, shape (n, 2)."""
    here = np.array([middle.x, middle.y])
    steps = np.arange(-ring_m, ring_m + rules.cell_m, rules.cell_m)
    corners = cell_corners(here + np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2), rules.cell_m)
    centres = corners + rules.cell_m / 2
    away = np.hypot(*(centres - here).T)
    # A centre on the boundary itself would be anybody's.
    fits = (away >= NEAREST_M) & (away <= ring_m) & shapely.contains_xy(area, centres[:, 0], centres[:, 1])
    centres, corners = centres[fits], corners[fits]
    if addresses is None or not len(centres):
        return np.asarray(centres, dtype=np.float64)
    own = addresses[shapely.intersects_xy(area, addresses[:, 0], addresses[:, 1])] if len(addresses) else addresses
    held = _count_in_squares(cell_corners(own, rules.cell_m), corners)
    may_stand = np.array([rules.may_hold(n) for n in held.tolist()], dtype=bool)
    return np.asarray(centres[may_stand], dtype=np.float64)


def _count_in_squares(own: npt.NDArray[np.float64], corners: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    distinct, counts = np.unique(own.reshape(-1, 2), axis=0, return_counts=True)
    held = dict(zip(map(tuple, distinct.tolist()), counts.tolist(), strict=True))
    return np.array([held.get((x, y), 0) for x, y in corners.tolist()], dtype=np.int64)
