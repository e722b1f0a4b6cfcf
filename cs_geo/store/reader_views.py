"""The views that logins of analysts and partners read, with a GIS or any other program, and the rights to them.

Each view stands on one function that runs as the schema's owner and takes nothing from whoever asks. The function
decides by the login alone (``cs_geo.reading_for``): is it a member of the group role of that tier, and on the list of
readers, not ended? No setting of the session is asked. Three things follow from its being a function:

- A reader needs no right to any table, and not even to the schema ``cs_geo``.
- No condition of a reader is carried into it. A plain view would let ``EXPLAIN ANALYZE`` say how many rows of the
  table a condition met before the view took them out: where there are reports on protected ground, and how many.
- Each statement reads all rows of its view: QGIS is no faster for looking at a small window.

The views obey the rights of whoever asks (``security_invoker``) and hold a reader's own functions back from rows
(``security_barrier``), like every view here. They hold nothing, so they are made anew at each upgrade, and are in no
backup: nothing else may be kept in their schemas.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from cs_geo.hotspots.chance_words import NOT_TESTED
from cs_geo.settings import get_settings
from cs_geo.store.hidden_places import HIDDEN_PLACES, MATCH_NAME, place_name
from cs_geo.store.places import PRESENT_BOUNDARY

SCHEMAS = {"analyst": "cs_geo_internal", "partner": "cs_geo_partner"}
"""Tier of a reader: the schema of its views."""
GROUPS = {tier: f"cs_geo_{tier}_read" for tier in SCHEMAS}
"""Tier of a reader: the group role, without login, that may read them. ``cs_geo.reading_for`` names them too."""

MAKE_GROUP = {
    group: f"CREATE ROLE {group} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    for group in GROUPS.values()
}
"""Group role: the statement that makes it."""


@dataclass(frozen=True, slots=True)
class ReaderView:
    """One view: its columns with their types, what it is in words, and the query it shows."""

    tier: str
    name: str
    about: str
    key: str
    """The column that is different in every row: a GIS asks for one."""
    columns: dict[str, str]
    query: str

    @property
    def shape(self) -> str:
        """Type of its geometries, such as MultiPolygon. Empty: it has none."""
        return self.columns.get("geom", "")


INTERNAL = "Internal, exact. Not to be passed on."
AS_GIVEN = "As it was released to this agency, until the day by which it is to be deleted."

# A partner's login is shown what was released to its agency, by the name that was written on the release. The day is
# that of UTC: the session's own time zone is the reader's to set.
RELEASED = """
    cs_geo.releases r JOIN cs_geo.reading_for('partner') AS mine
        ON lower(btrim(r.recipient)) = lower(btrim(mine.agency))
"""
STANDS = "r.audience = 'partner' AND r.expires_on >= (now() AT TIME ZONE 'UTC')::date"

LATEST_RUNS = """(
    SELECT DISTINCT ON (u.kind) u.* FROM cs_geo.hotspot_runs u
    WHERE NOT coalesce((u.selection ->> 'published')::boolean, false) ORDER BY u.kind, u.asked_at DESC)
"""
HOTSPOT_COLUMNS = {
    "hotspot_id": "uuid", "run_id": "uuid", "kind": "text", "rank": "integer", "label": "text",
    "reports_n": "integer", "places_n": "integer", "days_n": "integer", "sources_n": "integer",
    "area_m2": "double precision", "chance": "text", "first_day": "date", "last_day": "date", "ran_at": "timestamptz",
}  # fmt: skip
HOTSPOTS = f"""
    SELECT h.hotspot_id, h.run_id, u.kind, h.rank, h.label, h.reports_n, h.places_n, h.days_n, h.sources_n, h.area_m2,
        coalesce((
            SELECT g.said FROM cs_geo.hotspot_grades g JOIN cs_geo.hotspot_tests t USING (test_id)
            WHERE g.hotspot_id = h.hotspot_id ORDER BY t.tested_at DESC LIMIT 1), '{NOT_TESTED}.'),
        (u.selection ->> 'since')::date, (u.selection ->> 'until')::date, u.ran_at,
        {{shape}}
    FROM cs_geo.hotspots h JOIN {LATEST_RUNS} u USING (run_id)
    WHERE h.at_one_spot = {{at_one_spot}} AND EXISTS (SELECT 1 FROM cs_geo.reading_for('analyst'))
"""

VIEWS = (
    ReaderView(
        "analyst",
        "reports",
        f"Partners' reports with their exact points, without those on protected ground and without what anybody wrote "
        f"in their own words. {INTERNAL}",
        "report_id",
        {
            "report_id": "uuid", "short_reference": "text", "source": "text", "kind": "text", "first_day": "date",
            "last_day": "date", "date_precision": "text", "occurred_from": "timestamptz",
            "occurred_until": "timestamptz", "reported_on": "date", "postcode": "text", "source_type": "text",
            "agency": "text", "directness": "text", "harm_types": "text", "police_category": "text",
            "asb_qualifier": "text", "presence_only": "boolean", "severity_band": "text", "young_people_band": "text",
            "who_causes_harm": "text", "safeguarding_answer": "text", "registered_place": "text", "time_band": "text",
            "day_type": "text", "term": "text", "precision": "text", "radius_m": "real", "confidence": "text",
            "matched_name": "text", "matched_by": "text", "gazetteer": "text", "location_problem": "text",
            "default_location": "boolean", "checked_by_person": "boolean", "pin_doubted": "boolean", "geom": "Point",
        },
        f"""
        SELECT r.report_id, r.reference, s.name, r.kind, r.first_day, r.last_day, r.date_precision,
            CASE WHEN r.date_precision = 'time' THEN r.occurred_from END,
            CASE WHEN r.date_precision = 'time' THEN r.occurred_until END,
            r.reported_on, r.postcode, r.source_type, r.agency, r.directness, array_to_string(r.harm_types, '; '),
            r.police_category, r.asb_qualifier, r.presence_only, r.severity_band, r.young_people_band,
            r.who_causes_harm, r.safeguarding_answer, coalesce({place_name("r.place_id")}, ''), r.time_band,
            r.day_type, r.term, r.match_precision, r.match_radius_m, r.match_confidence, {MATCH_NAME},
            r.match_method, r.match_gazetteer, r.match_problem, r.default_location, r.edited_by_person, r.pin_doubted,
            r.geom
        FROM cs_geo.reports r JOIN cs_geo.sources s USING (source_id)
        WHERE NOT r.published AND NOT r.in_protected AND EXISTS (SELECT 1 FROM cs_geo.reading_for('analyst'))
        """,
    ),
    ReaderView(
        "analyst",
        "places",
        f"Registered places with their present boundary, without those on protected ground. {INTERNAL}",
        "place_id",
        {
            "place_id": "uuid", "name": "text", "place_type": "text", "manager_role": "text", "aliases": "text",
            "boundary_version": "integer", "geom": "MultiPolygon",
        },
        f"""
        SELECT p.place_id, p.name, p.place_type, p.manager_role,
            coalesce((SELECT string_agg(a.alias, '; ' ORDER BY a.alias) FROM cs_geo.place_aliases a
                WHERE a.place_id = p.place_id AND a.alias <> p.name), ''),
            b.version, b.geom
        FROM cs_geo.places p {PRESENT_BOUNDARY}
        WHERE p.place_id NOT IN {HIDDEN_PLACES} AND EXISTS (SELECT 1 FROM cs_geo.reading_for('analyst'))
        """,
    ),
    ReaderView(
        "analyst",
        "hotspots",
        f"Hotspots of the latest run of each kind. More reports are not more harm. {INTERNAL}",
        "hotspot_id",
        HOTSPOT_COLUMNS | {"geom": "MultiPolygon"},
        HOTSPOTS.format(shape="ST_Multi(h.geom)", at_one_spot="false"),
    ),
    ReaderView(
        "analyst",
        "spots",
        f"Reports at one spot, fewer than three distinct points, in the latest run of each kind. {INTERNAL}",
        "hotspot_id",
        HOTSPOT_COLUMNS | {"geom": "Point"},
        HOTSPOTS.format(shape="h.geom", at_one_spot="true"),
    ),
    ReaderView(
        "partner",
        "releases",
        f"What was released: for what, until when, with its caveats. {AS_GIVEN}",
        "release_id",
        {
            "release_id": "uuid", "name": "text", "released_on": "date", "expires_on": "date", "rules": "text",
            "caveats": "text",
        },
        f"""
        SELECT r.release_id, r.name, r.released_on, r.expires_on, r.rules, array_to_string(r.caveats, E'\\n')
        FROM {RELEASED} WHERE {STANDS}
        """,
    ),
    ReaderView(
        "partner",
        "cells",
        f"Cells of 50 m, cut by wards, with banded numbers of reports by kind. {AS_GIVEN}",
        "given_id",
        {
            "given_id": "uuid", "release_id": "uuid", "released_on": "date", "cell": "text", "ward": "text",
            "incident": "text", "concern": "text", "outreach": "text", "strength": "text", "watermark": "text",
            "geom": "MultiPolygon",
        },
        f"""
        SELECT g.given_id, g.release_id, r.released_on, g.cell, g.ward, g.incident, g.concern, g.outreach, g.strength,
            g.watermark, g.geom
        FROM {RELEASED} JOIN cs_geo.release_cells g USING (release_id) WHERE {STANDS}
        """,
    ),
    ReaderView(
        "partner",
        "hotspots",
        f"Hotspots that pass the thresholds, drawn along cells, with numbers in wide bands. {AS_GIVEN}",
        "given_id",
        {
            "given_id": "uuid", "release_id": "uuid", "released_on": "date", "kind": "text", "rank": "integer",
            "label": "text", "reports": "text", "area_m2": "double precision", "chance": "text", "watermark": "text",
            "geom": "MultiPolygon",
        },
        f"""
        SELECT g.given_id, g.release_id, r.released_on, g.kind, g.rank, g.label, g.reports, g.area_m2, g.chance,
            g.watermark, g.geom
        FROM {RELEASED} JOIN cs_geo.release_hotspots g USING (release_id) WHERE {STANDS}
        """,
    ),
    ReaderView(
        "partner",
        "counts",
        f"Banded numbers of reports by cell, kind and group of harms. {AS_GIVEN}",
        "given_id",
        {
            "given_id": "uuid", "release_id": "uuid", "released_on": "date", "cell": "text", "kind": "text",
            "harm_group": "text", "reports": "text", "watermark": "text",
        },
        f"""
        SELECT g.given_id, g.release_id, r.released_on, g.cell, g.kind, g.harm_group, g.reports, g.watermark
        FROM {RELEASED} JOIN cs_geo.release_counts g USING (release_id) WHERE {STANDS}
        """,
    ),
    ReaderView(
        "partner",
        "withheld",
        f"What was left out of each release, and why. {AS_GIVEN}",
        "row_key",
        {
            "row_key": "text", "release_id": "uuid", "what": "text", "reason": "text", "how_many": "text",
        },
        f"""
        SELECT r.release_id || ' ' || w.position, r.release_id, w.said ->> 0, w.said ->> 1, w.said ->> 2
        FROM {RELEASED} CROSS JOIN LATERAL jsonb_array_elements(r.withheld) WITH ORDINALITY AS w (said, position)
        WHERE {STANDS}
        """,
    ),
)  # fmt: skip
"""Every view of a reader."""


def make_reader_views(connection: Connection) -> None:
    """Make the readers' schemas and views anew, as the schema's owner, and let the group roles read them.

    Where the owner may make roles the group roles are made first; elsewhere a site that wants readers has them made.
    """
    if may_make_roles(connection):
        for group in missing_groups(connection):
            connection.exec_driver_sql(MAKE_GROUP[group])
    for tier in SCHEMAS:
        connection.exec_driver_sql(_MAKE_SCHEMA[tier])
    for view in VIEWS:
        connection.exec_driver_sql(_make_view(view))
    grant_to_groups(connection)


def may_make_roles(connection: Connection) -> bool:
    """May whoever is connected make roles?"""
    asked = text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    return bool(connection.scalar(asked))


def missing_groups(connection: Connection) -> list[str]:
    """Those of the group roles that do not exist in this cluster."""
    there = set(connection.scalars(text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'cs\\_geo\\_%\\_read'")))
    return [group for group in GROUPS.values() if group not in there]


def grant_to_groups(connection: Connection) -> None:
    """Give the group roles that exist their rights, as the schema's owner: to enter, and to read their own views."""
    missing = missing_groups(connection)
    for tier, group in GROUPS.items():
        if group not in missing:
            connection.exec_driver_sql(_GRANTS[tier])


def _make_view(view: ReaderView) -> str:
    srid = get_settings().storage_epsg
    schema, function = SCHEMAS[view.tier], f"{SCHEMAS[view.tier]}.read_{view.name}"
    types = ", ".join(
        f'"{name}" {"public.geometry" if name == "geom" else kind}' for name, kind in view.columns.items()
    )
    # The type of a function's result loses shape and reference system, which a GIS looks for.
    shown = ", ".join(
        f"f.geom::public.geometry({view.shape}, {srid}) AS geom" if name == "geom" else f'f."{name}"'
        for name in view.columns
    )
    about = view.about.replace("'", "''")
    return f"""
        CREATE FUNCTION {function}() RETURNS TABLE ({types})
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET jit = off
        AS $view${view.query}$view$;
        REVOKE EXECUTE ON FUNCTION {function}() FROM PUBLIC;
        CREATE VIEW {schema}.{view.name} WITH (security_invoker = true, security_barrier = true) AS
            SELECT {shown} FROM {function}() AS f;
        COMMENT ON VIEW {schema}.{view.name} IS '{about}';
    """.replace("%", "%%")


_MAKE_SCHEMA = {
    tier: f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}; REVOKE ALL ON SCHEMA {schema} FROM PUBLIC"
    for tier, schema in SCHEMAS.items()
}
_GRANTS = {
    tier: f"""
        DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %%I TO {GROUPS[tier]}', current_database()); END $$;
        GRANT USAGE ON SCHEMA {schema} TO {GROUPS[tier]};
        GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {GROUPS[tier]};
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {GROUPS[tier]};
    """
    for tier, schema in SCHEMAS.items()
}
