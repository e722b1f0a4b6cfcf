"""Rows of our own exports on their way in: what they carry beyond what a source says, as it is staged."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cs_geo.crs import DEGREES, storage_epsg, transform_points
from cs_geo.errors import RefusedInput
from cs_geo.geocode.match import Confidence, Method, Precision
from cs_geo.reports.own_exports import OWN_COLUMNS, OwnColumns, read_identity
from cs_geo.reports.reading import Row
from cs_geo.reports.reference import number_of_reference
from cs_geo.workflows.match_locations import COORDINATES

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Found:
    """What an export knows of a report that no import could reckon again."""

    digest: bytes
    is_keyed: bool
    occurrence: int
    number: int
    """Running number of its short reference."""
    published: bool
    checked_by_person: bool
    pin_doubted: bool
    match: tuple[str, str, float | None, str, str, str, str, bool]
    """Method, precision, radius, confidence, name, gazetteer, problem, default location."""


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A row that names one of our reports."""

    report_id: UUID
    point: Point | None
    """In degrees: where the row says that the report lies."""
    given: Mapping[str, str]
    """Coordinates as the source wrote them, where the table's others are of the point that was found."""
    has_given: bool = False
    """Does the table hold them?"""
    found: Found | None = None
    """None: the table is no export of ours, or the row is no longer as we wrote it."""

    def staged(self, row_no: int) -> tuple[Any, ...]:
        """Values of ``cs_geo.store.own_exports.CARRIED``, the point still in degrees."""
        found = self.found
        knows = (found.number, found.checked_by_person, found.pin_doubted, *found.match) if found else (None,) * 11
        return (row_no, found is not None, self.has_given, *knows, *(self.point or (None, None)))


class OwnRows:
    """Reads the rows of a table that may be one of our exports, or a part of one."""

    def __init__(self, columns: Sequence[str], free: Callable[[str], str]) -> None:
        self._columns = OwnColumns.find(columns)
        self._is_part = not OWN_COLUMNS.keys().isdisjoint(columns)
        self._free = free

    def read(self, row: Row, fields: Mapping[str, str]) -> OwnRow | None:
        """What a row carries; None where it names no report of ours."""
        report_id = _identifier(fields.get("report_id", ""))
        if report_id is None:
            return None
        point = _point(fields.get("longitude", ""), fields.get("latitude", ""))
        if self._columns is None:
            return OwnRow(report_id, point, {"longitude": "", "latitude": ""} if self._is_part else {})
        values, is_sealed = self._columns.read(row, self._free)
        found = _found(values, point) if is_sealed else None
        return OwnRow(report_id, point, _given(values["coordinates_given"]), has_given=True, found=found)


def with_points(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Staged values with the point also in storage metres, as text that the database reads."""
    xs, ys = transform_points(
        [math.nan if row[-2] is None else row[-2] for row in rows],
        [math.nan if row[-1] is None else row[-1] for row in rows],
        from_epsg=DEGREES,
        to_epsg=storage_epsg(),
    )
    return [
        (*row, f"SRID={storage_epsg()};POINT({x!r} {y!r})" if math.isfinite(x) and math.isfinite(y) else None)
        for row, x, y in zip(rows, xs.tolist(), ys.tolist(), strict=True)
    ]


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _point(longitude: str, latitude: str) -> Point | None:
    try:
        x, y = float(longitude), float(latitude)
    except ValueError:
        return None
    return (x, y) if abs(x) <= 180 and abs(y) <= 90 else None


def _given(text: str) -> Mapping[str, str]:
    parts = text.split("|") if text else [""] * len(COORDINATES)
    return dict(zip(COORDINATES, parts if len(parts) == len(COORDINATES) else [""] * len(COORDINATES), strict=True))


def _found(values: Mapping[str, str], point: Point | None) -> Found | None:
    """What a sealed row carries; None where it is nothing that we would have written."""
    try:
        digest, is_keyed = read_identity(values["record_identity"])
        precision = Precision(values["precision"])
        radius_m = float(values["radius_m"]) if values["radius_m"] else None
        if (precision is Precision.NONE) != (point is None) or (radius_m is not None and not radius_m > 0):
            return None
        return Found(
            digest=digest,
            is_keyed=is_keyed,
            occurrence=int(float(values["occurrence"])),
            number=number_of_reference(values["short_reference"]),
            published=values["published"] == "yes",
            checked_by_person=values["checked_by_person"] == "yes",
            pin_doubted=values["pin_doubted"] == "yes",
            match=(
                str(Method(values["matched_by"])),
                str(precision),
                radius_m,
                str(Confidence(values["confidence"])),
                values["matched_name"],
                values["gazetteer"],
                values["location_problem"],
                values["default_location"] == "yes",
            ),
        )
    except (ValueError, OverflowError, RefusedInput):
        return None
