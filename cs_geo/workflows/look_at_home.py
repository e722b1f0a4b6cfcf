"""What the home page shows: what is new since last week, and what needs a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings
from cs_geo.store.areas import list_areas, read_calendar_periods
from cs_geo.store.arrivals import count_arrivals, imports_to_mend
from cs_geo.store.gazetteer import list_gazetteers
from cs_geo.store.hotspots import list_doubted_hotspots
from cs_geo.store.opening import Store
from cs_geo.store.reports import count_reports, count_to_place
from cs_geo.workflows.recording import looked_at, permit

LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class HomeSummary:
    """What is new and what waits."""

    since: date
    today: date
    arrivals: Sequence[RowMapping]
    """``kind``, ``source_type``, ``lately_n`` of the days since, ``earlier_n`` of days before."""
    reports: int
    newest: date | None
    """Day of the newest report."""
    unmatched: int
    doubtful: int
    doubted: int
    doubted_hotspots: int
    to_mend: Sequence[RowMapping]
    """``import_id``, ``source``, ``rows_n``, ``expires_at``."""
    missing: Mapping[str, str]
    """What the site has not loaded yet, and the command that loads it."""


def summarise_home(store: Store, actor: Actor, *, now: datetime | None = None) -> HomeSummary:
    """Gather what is new since last week and what needs a person."""
    permit(store, actor, Action.VIEW_REPORTS)
    zone = ZoneInfo(get_settings().zone)
    today = (now or datetime.now(zone)).astimezone(zone).date()
    since = today - LATELY
    with looked_at(store, actor, Action.VIEW_REPORTS, subject="home") as connection:
        unmatched, doubtful, doubted = count_to_place(connection)
        counts = count_reports(connection, Selection())
        needed = {
            "a study area": ("cs-geo areas load FILE --kind study", bool(list_areas(connection, "study"))),
            "the school calendar": ("cs-geo calendar load FILE", bool(read_calendar_periods(connection))),
            "a gazetteer": (
                "cs-geo gazetteer load FILE --format FORMAT",
                any(one.format != "areas" for one in list_gazetteers(connection)),
            ),
        }
        return HomeSummary(
            since=since,
            today=today,
            # From midnight, so that every report of these days is among them, whenever it was recorded.
            arrivals=count_arrivals(connection, datetime.combine(since, time(0), tzinfo=zone), since, today),
            reports=counts.reports,
            newest=counts.last_day,
            unmatched=unmatched,
            doubtful=doubtful,
            doubted=doubted,
            doubted_hotspots=len(list_doubted_hotspots(connection)),
            to_mend=imports_to_mend(connection),
            missing={what: command for what, (command, there) in needed.items() if not there},
        )
