"""What the home page shows: what is new since last week, and what needs a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import RowMapping

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.reports.selection import Selection
from cs_geo.store.areas import list_areas, read_calendar_periods
from cs_geo.store.arrivals import count_arrivals, imports_to_mend
from cs_geo.store.gazetteer import list_gazetteers
from cs_geo.store.opening import Store
from cs_geo.store.reports import count_reports, count_to_place

LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class HomeSummary:
    """What is new and what waits."""

    arrived_since: datetime
    arrivals: Sequence[RowMapping]
    """``kind``, ``source_type``, ``reports_n``."""
    reports: int
    unmatched: int
    doubtful: int
    doubted: int
    to_mend: Sequence[RowMapping]
    """``import_id``, ``source``, ``rows_n``, ``expires_at``."""
    missing: tuple[str, ...]
    """What the site has not loaded yet."""


def summarise_home(store: Store, actor: Actor, *, now: datetime | None = None) -> HomeSummary:
    """Gather what is new since last week and what needs a person."""
    require(actor, Action.VIEW_REPORTS)
    since = (now or datetime.now(UTC)) - LATELY
    with store.begin(actor) as connection:
        unmatched, doubtful, doubted = count_to_place(connection)
        loaded = {
            "a study area": bool(list_areas(connection, "study")),
            "the school calendar": bool(read_calendar_periods(connection)),
            "a gazetteer": any(one.format != "areas" for one in list_gazetteers(connection)),
        }
        return HomeSummary(
            arrived_since=since,
            arrivals=count_arrivals(connection, since),
            reports=count_reports(connection, Selection()).reports,
            unmatched=unmatched,
            doubtful=doubtful,
            doubted=doubted,
            to_mend=imports_to_mend(connection),
            missing=tuple(what for what, there in loaded.items() if not there),
        )
