"""What an export holds: its tables, what each column means, and the caveats that travel with it.

The columns of the table of reports are those of our own template (``cs_geo.reports.fields``), so that an export can be
imported again, followed by what was found out about each report and by what makes it the same report elsewhere
(``cs_geo.reports.own_exports``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd

from cs_geo.crs import DEGREES
from cs_geo.exports.contents import PLAIN_TABLES, Contents
from cs_geo.reports.fields import REPORT_FIELDS
from cs_geo.reports.own_exports import OWN_COLUMNS, SEALED, seal_row, write_identity
from cs_geo.reports.report import DatePrecision

REPORT_COLUMNS: dict[str, str] = {
    "report_id": "Our own identifier; an import recognises the report by it",
    "short_reference": OWN_COLUMNS["short_reference"],
    **{
        name: meaning
        for name, meaning in REPORT_FIELDS.items()
        if name not in {"report_id", "reference", "time", "time_to", "easting", "northing", "grid_reference"}
    },
    "longitude": "Degrees east (WGS 84) of the point found; blank where there is none",
    "latitude": "Degrees north (WGS 84) of the point found; blank where there is none",
    **{name: meaning for name, meaning in OWN_COLUMNS.items() if name != "short_reference"},
}
"""Column of the table of reports: what it means."""

PLACE_COLUMNS: dict[str, str] = {
    "place_id": "Identifier of the place",
    "name": "Neutral name",
    "place_type": "Codelist place_type",
    "manager_role": "Role of whoever manages the place; never a person",
    "aliases": "Other names, parted by ;",
    "boundary_version": "Version of the boundary",
    "incidents": "Incidents inside it or naming it",
    "concerns": "Concerns inside it or naming it",
    "outreach": "Outreach notes inside it or naming it",
    "strengths": "Strengths inside it or naming it",
    "sessions": "Effort sessions there",
    "last_day": "Day of the newest report",
}
HOTSPOT_COLUMNS: dict[str, str] = {
    "hotspot_id": "Identifier of the hotspot",
    "run_id": "Run that found it",
    "kind": "Kind of report; kinds are never added up",
    "rank": "1 for the one with most reports of its run",
    "found_as": "hotspot (a shape) or spot (reports at one spot: fewer than three distinct points)",
    "label": "Nearest street or junction",
    "reports_n": "Reports inside the shape",
    "places_n": "Distinct points among them",
    "days_n": "Distinct days, of those known to the day",
    "sources_n": "Distinct source types",
    "area_m2": "Area in square metres",
    "chance": "What is known of chance: the grade, and what it rests on",
    "steadiness": "How well it is found again with other settings, and with reports moved within what is known of them",
}
RUN_COLUMNS: dict[str, str] = {
    "run_id": "Identifier of the run",
    "kind": "Kind of report",
    "ran_at": "When it ran",
    "window": "First and last day",
    "filters": "Which reports it was about",
    "parameters": "Radius, minimum and other settings",
    "counts": "Reports read, used and left out by reason",
    "messages": "What it said",
}
EFFORT_COLUMNS: dict[str, str] = {
    "session_id": "Identifier of the session",
    "effort_type": "Codelist effort_type",
    "started_at": "Start",
    "ended_at": "End",
    "staff_count": "Staff",
    "staff_hours": "Hours times staff",
    "route": "Route walked",
    "contacts_band": "Young people spoken with, in bands",
    "place": "Registered place or location as written",
}
DICTIONARY = {
    "reports": REPORT_COLUMNS,
    "places": PLACE_COLUMNS,
    "hotspots": HOTSPOT_COLUMNS,
    "runs": RUN_COLUMNS,
    "effort": EFFORT_COLUMNS,
}

GEOMETRY_TYPES = {"reports": "Point", "effort": "Point", "places": "MultiPolygon", "hotspots": "Unknown"}


@dataclass(frozen=True, eq=False)
class LocationDatabase:
    """Everything an export writes. Frames are in storage metres and have exactly the columns of ``DICTIONARY``."""

    reports: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    hotspots: gpd.GeoDataFrame
    effort: gpd.GeoDataFrame
    runs: pd.DataFrame
    caveats: tuple[str, ...]
    zone: ZoneInfo

    def layers(self) -> Mapping[str, gpd.GeoDataFrame]:
        """The tables with geometry."""
        return {"reports": self.reports, "places": self.places, "hotspots": self.hotspots, "effort": self.effort}

    def row_counts(self) -> dict[str, int]:
        """Rows of each table."""
        return {**{name: len(frame) for name, frame in self.layers().items()}, "runs": len(self.runs)}

    def contents(self) -> Contents:
        """As it is written: the reports first."""
        return Contents(
            layers=self.layers(),
            tables={"runs": self.runs},
            dictionary=DICTIONARY,
            geometry_types=GEOMETRY_TYPES,
            caveats=self.caveats,
        )


def table_beside_reports(columns: Sequence[str]) -> str:
    """Name of the table of an export that has these columns and holds no reports. Empty for any other table."""
    beside = {name: tuple(heads) for name, heads in DICTIONARY.items() if name != "reports"} | PLAIN_TABLES
    return next((name for name, heads in beside.items() if heads == tuple(columns)), "")


def reports_table(stored: gpd.GeoDataFrame, zone: ZoneInfo) -> gpd.GeoDataFrame:
    """The table of reports from the columns that are stored (``cs_geo.store.exporting.REPORT_COLUMNS``)."""
    points = stored.geometry.to_crs(DEGREES)
    precision = stored["date_precision"]
    table = pd.DataFrame(
        {
            "report_id": stored["report_id"].astype(str),
            "short_reference": stored["reference"],
            "source": stored["source"],
            "kind": stored["kind"],
            "date": _starts(stored["occurred_from"], precision, zone),
            "date_to": _ends(stored["occurred_from"], stored["occurred_until"], precision, zone),
            "reported_on": stored["reported_on"].map(lambda day: day.isoformat() if day else ""),
            "location": stored["location_text"],
            "locality": stored["locality"],
            "postcode": stored["postcode"],
            "longitude": points.x.round(6),
            "latitude": points.y.round(6),
            "place": stored["place_named"],
            **{name: stored[name] for name in _SAME_NAMES},
            "harm_types": stored["harm_types"].map("; ".join),
            "presence_only": stored["presence_only"].map(_yes),
            "registered_place": stored["place"].fillna(""),
            "precision": stored["match_precision"],
            "radius_m": stored["match_radius_m"].astype(float).round(1),
            "confidence": stored["match_confidence"],
            "matched_name": stored["match_name"],
            "matched_by": stored["match_method"],
            "gazetteer": stored["match_gazetteer"],
            "location_problem": stored["match_problem"],
            "default_location": stored["default_location"].map(_yes),
            "coordinates_given": stored["coordinates_given"],
            "checked_by_person": stored["edited_by_person"].map(_yes),
            "pin_doubted": stored["pin_doubted"].map(_yes),
            "published": stored["published"].map(_yes),
            "record_identity": [
                write_identity(bytes(digest), is_keyed=is_keyed)
                for digest, is_keyed in zip(stored["identity"], stored["is_keyed"], strict=True)
            ],
            "occurrence": stored["occurrence"],
        }
    )
    sealed = table[list(SEALED)].itertuples(index=False, name=None)
    table["seal"] = [seal_row(dict(zip(SEALED, row, strict=True))) for row in sealed]
    return gpd.GeoDataFrame(table[list(REPORT_COLUMNS)], geometry=stored.geometry.to_numpy(), crs=stored.crs)


_SAME_NAMES = (
    "source_type", "agency", "directness", "police_category", "asb_qualifier", "severity_band", "young_people_band",
    "who_causes_harm", "what_helped", "note", "outcome", "safeguarding_answer", "time_band", "day_type", "term",
)  # fmt: skip


def _starts(start: Sequence[datetime], precision: Sequence[str], zone: ZoneInfo) -> list[str]:
    return [_moment(moment, level, zone) for moment, level in zip(start, precision, strict=True)]


def _ends(start: Sequence[datetime], until: Sequence[datetime], precision: Sequence[str], zone: ZoneInfo) -> list[str]:
    """End of an interval; blank for a moment, and for the whole of one day or month, which ``date`` says already."""
    ends = []
    for first, last, level in zip(start, until, precision, strict=True):
        # The stored end of days and months is the midnight after the last one.
        inside = last if level == DatePrecision.TIME else last.astimezone(zone) - pd.Timedelta(hours=12)
        end = _moment(inside, level, zone)
        ends.append("" if end == _moment(first, level, zone) else end)
    return ends


def _moment(moment: datetime, precision: str, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    if precision == DatePrecision.MONTH:
        return local.strftime("%Y-%m")
    return local.date().isoformat() if precision == DatePrecision.DAY else local.isoformat()


def _yes(value: Any) -> str:
    return "yes" if value else ""
