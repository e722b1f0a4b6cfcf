"""What an import writes to: reports or effort sessions, which share identity, location and versions."""

from collections.abc import Iterator
from dataclasses import dataclass

IDENTITY = ("source_id", "identity", "is_keyed", "content")
LOCATION = ("location_text", "locality", "postcode", "coordinates_given", "place_named")
"""Where it happened, as the partner wrote it: the question put to the geocoder."""
MATCH = (
    "place_id",
    "match_method",
    "match_precision",
    "match_radius_m",
    "match_confidence",
    "match_name",
    "match_gazetteer",
    "match_alternatives",
    "match_problem",
    "default_location",
    "geom",
)
"""The geocoder's answer."""


@dataclass(frozen=True)
class RecordTable:
    """A table of records with its versions. ``given`` are the columns that a checked row fills."""

    name: str
    versions: str
    key: str
    given: tuple[str, ...]
    numbered: bool
    """Has it a reference that can be said on the phone?"""

    def columns(self) -> Iterator[str]:
        """Every stored column of a version."""
        yield self.key
        if self.numbered:
            yield "reference"
        yield from (*IDENTITY, "import_id", "occurrence", "version", "edited_by_person", "recorded_at", "removed")
        yield from (*self.given, *LOCATION, *MATCH, "pin_doubted")


REPORTS = RecordTable(
    name="reports",
    versions="report_versions",
    key="report_id",
    given=(
        "kind",
        "published",
        "source_type",
        "agency",
        "directness",
        "occurred_from",
        "occurred_until",
        "date_precision",
        "first_day",
        "last_day",
        "time_band",
        "day_type",
        "term",
        "reported_on",
        "harm_types",
        "police_category",
        "asb_qualifier",
        "presence_only",
        "severity_band",
        "young_people_band",
        "who_causes_harm",
        "what_helped",
        "note",
        "outcome",
        "safeguarding_answer",
    ),
    numbered=True,
)

EFFORT_SESSIONS = RecordTable(
    name="effort_sessions",
    versions="effort_session_versions",
    key="session_id",
    given=(
        "effort_type",
        "started_at",
        "ended_at",
        "first_day",
        "staff_count",
        "staff_hours",
        "route",
        "contacts_band",
        "note",
    ),
    numbered=False,
)
