"""From a ``Selection`` to the conditions of a query: the one place where it is said which reports are meant."""

from sqlalchemy import ColumnElement, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from cs_geo.reports.report import DatePrecision
from cs_geo.reports.selection import Selection
from cs_geo.store.tables import areas, reports


def report_conditions(selection: Selection) -> ColumnElement[bool]:
    """The condition that a report belongs to a selection.

    A report belongs to a window by the day it began; one known only by its month belongs when the whole month does.
    """
    conditions: list[ColumnElement[bool]] = [reports.c.published == selection.published]
    if selection.since:
        conditions.append(reports.c.first_day >= selection.since)
    if selection.until:
        conditions.append(reports.c.first_day <= selection.until)
        conditions.append(
            or_(reports.c.date_precision != str(DatePrecision.MONTH), reports.c.last_day <= selection.until)
        )
    if selection.kinds:
        conditions.append(reports.c.kind.in_([str(kind) for kind in selection.kinds]))
    if selection.harm_types:
        conditions.append(reports.c.harm_types.overlap(cast(list(selection.harm_types), ARRAY(Text))))
    if selection.source_types:
        conditions.append(reports.c.source_type.in_(selection.source_types))
    if selection.time_bands:
        conditions.append(reports.c.time_band.in_([str(band) for band in selection.time_bands]))
    if selection.terms:
        conditions.append(reports.c.term.in_([str(term) for term in selection.terms]))
    if selection.area:
        conditions.append(within_area(selection.area))
    return and_(*conditions)


def within_area(reference: str) -> ColumnElement[bool]:
    """The condition that a report lies in a loaded area."""
    return (
        select(areas.c.area_id)
        .where(areas.c.reference == reference, func.ST_Covers(areas.c.geom, reports.c.geom))
        .exists()
    )


def may_be_drawn() -> ColumnElement[bool]:
    """The condition that a report may be drawn and clustered: it does not lie in a protected location."""
    return reports.c.in_protected.is_(False)
