"""The loaded school calendar as a value."""

from sqlalchemy import Connection

from cs_geo.calendars import Period, PeriodKind, SchoolCalendar
from cs_geo.store.areas import read_calendar_periods


def read_school_calendar(connection: Connection) -> SchoolCalendar:
    """Read the calendar; without periods it answers *unknown*."""
    return SchoolCalendar(
        tuple(
            Period(PeriodKind(kind), starts, ends, name)
            for kind, name, starts, ends in read_calendar_periods(connection)
        )
    )
