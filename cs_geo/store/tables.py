"""The tables that queries are composed from. The migrations make them; a test holds the two together."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    REAL,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cs_geo.settings import get_settings

metadata = MetaData(schema="cs_geo")
SRID = get_settings().storage_epsg


def _geometry(kind: str, srid: int = SRID) -> Geometry:
    return Geometry(kind, srid=srid, spatial_index=False)


def _identity_columns() -> list[Column]:  # type: ignore[type-arg]
    return [
        Column("source_id", Uuid, nullable=False),
        Column("import_id", Uuid),
        Column("identity", LargeBinary, nullable=False),
        Column("is_keyed", Boolean, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("occurrence", Integer, nullable=False),
        Column("version", Integer, nullable=False),
        Column("edited_by_person", Boolean, nullable=False),
        Column("removed", ARRAY(Text), nullable=False),
    ]


def _location_columns() -> list[Column]:  # type: ignore[type-arg]
    return [
        Column("location_text", Text, nullable=False),
        Column("locality", Text, nullable=False),
        Column("postcode", Text, nullable=False),
        Column("coordinates_given", Text, nullable=False),
        Column("place_named", Text, nullable=False),
        Column("place_id", Uuid),
        Column("match_method", Text, nullable=False),
        Column("match_precision", Text, nullable=False),
        Column("match_radius_m", REAL),
        Column("match_confidence", Text, nullable=False),
        Column("match_name", Text, nullable=False),
        Column("match_gazetteer", Text, nullable=False),
        Column("match_alternatives", JSONB),
        Column("match_problem", Text, nullable=False),
        Column("default_location", Boolean, nullable=False),
        Column("pin_doubted", Boolean, nullable=False),
        Column("geom", _geometry("POINT")),
    ]


reports = Table(
    "reports",
    metadata,
    Column("report_id", Uuid, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("published", Boolean, nullable=False),
    *_identity_columns(),
    Column("source_type", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("directness", Text, nullable=False),
    Column("occurred_from", DateTime(timezone=True), nullable=False),
    Column("occurred_until", DateTime(timezone=True), nullable=False),
    Column("date_precision", Text, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("time_band", Text, nullable=False),
    Column("day_type", Text, nullable=False),
    Column("term", Text, nullable=False),
    Column("reported_on", Date),
    Column("harm_types", ARRAY(Text), nullable=False),
    Column("police_category", Text, nullable=False),
    Column("asb_qualifier", Text, nullable=False),
    Column("presence_only", Boolean, nullable=False),
    Column("severity_band", Text, nullable=False),
    Column("young_people_band", Text, nullable=False),
    Column("who_causes_harm", Text, nullable=False),
    Column("what_helped", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("safeguarding_answer", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    *_location_columns(),
    Column("in_protected", Boolean, nullable=False),
    Column("geom_partner", _geometry("POINT")),
    Column("geom_public", _geometry("POINT")),
    Column("geom_web", _geometry("POINT", 3857), Computed("ST_Transform(geom, 3857)", persisted=True)),
)

effort_sessions = Table(
    "effort_sessions",
    metadata,
    Column("session_id", Uuid, primary_key=True),
    *_identity_columns(),
    Column("effort_type", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("staff_count", Integer),
    Column("staff_hours", REAL),
    Column("route", Text, nullable=False),
    Column("contacts_band", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    *_location_columns(),
)

areas = Table(
    "areas",
    metadata,
    Column("area_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("was_mended", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False),
    Column("loaded_by", Text, nullable=False),
    Column("geom", _geometry("MULTIPOLYGON"), nullable=False),
)

report_cells = Table(
    "report_cells",
    metadata,
    Column("zoom", SmallInteger, nullable=False),
    Column("i", Integer, nullable=False),
    Column("j", Integer, nullable=False),
    Column("month", Date, nullable=False),
    Column("published", Boolean, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source_type", Text, nullable=False),
    Column("time_band", Text, nullable=False),
    Column("term", Text, nullable=False),
    Column("reports_n", Integer, nullable=False),
)

hotspots = Table(
    "hotspots",
    metadata,
    Column("hotspot_id", Uuid, primary_key=True),
    Column("run_id", Uuid, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("at_one_spot", Boolean, nullable=False),
    Column("label", Text, nullable=False),
    Column("reports_n", Integer, nullable=False),
    Column("places_n", Integer, nullable=False),
    Column("days_n", Integer, nullable=False),
    Column("sources_n", Integer, nullable=False),
    Column("area_m2", Double, nullable=False),
    Column("details", JSONB, nullable=False),
    Column("doubted", Boolean, nullable=False),
    Column("geom", _geometry("GEOMETRY"), nullable=False),
)

hotspot_members = Table(
    "hotspot_members",
    metadata,
    Column("hotspot_id", Uuid, primary_key=True),
    Column("report_id", Uuid, primary_key=True),
)
