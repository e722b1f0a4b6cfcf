"""Reports and their versions, places, effort, areas, gazetteers, hotspots, basemap, jobs and tickets.

Everything stands in the schema ``cs_geo``, owned by the role that migrates. The app role may read and write rows, and
owns nothing; of ``report_versions`` it may only append.
"""

from alembic import op

from cs_geo.settings import get_settings

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SHARED_LANGUAGE = """
CREATE SCHEMA IF NOT EXISTS cs_geo;

CREATE TABLE cs_geo.areas (
    area_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL CHECK (kind IN ('study', 'district', 'ward', 'lsoa')),
    reference text NOT NULL,
    name text NOT NULL,
    was_mended boolean NOT NULL DEFAULT false,
    source text NOT NULL DEFAULT '',
    loaded_at timestamptz NOT NULL DEFAULT now(),
    loaded_by text NOT NULL,
    geom geometry(MultiPolygon, {srid}) NOT NULL,
    UNIQUE (kind, reference)
);
CREATE INDEX areas_geom ON cs_geo.areas USING gist (geom);

CREATE TABLE cs_geo.calendar_periods (
    period_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL CHECK (kind IN ('term', 'half_term', 'holiday', 'bank_holiday')),
    name text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    CHECK (ends >= starts),
    UNIQUE (kind, starts, ends, name)
);

CREATE TABLE cs_geo.gazetteers (
    gazetteer_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE,
    format text NOT NULL,
    version text NOT NULL,
    entries integer NOT NULL DEFAULT 0,
    skipped jsonb NOT NULL DEFAULT '{{}}',
    loaded_at timestamptz NOT NULL DEFAULT now(),
    loaded_by text NOT NULL
);

CREATE TABLE cs_geo.gazetteer_entries (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gazetteer_id uuid NOT NULL REFERENCES cs_geo.gazetteers ON DELETE CASCADE,
    kind text NOT NULL,
    name text NOT NULL,
    name_norm text NOT NULL,
    number_norm text NOT NULL,
    street_norm text NOT NULL,
    locality_norm text NOT NULL,
    postcode_norm text NOT NULL,
    precision text NOT NULL,
    radius_m real NOT NULL,
    default_location boolean NOT NULL DEFAULT false,
    feature text NOT NULL DEFAULT '',
    x double precision NOT NULL,
    y double precision NOT NULL
);
CREATE INDEX gazetteer_entries_gazetteer ON cs_geo.gazetteer_entries (gazetteer_id);
CREATE INDEX gazetteer_entries_postcode ON cs_geo.gazetteer_entries (postcode_norm) WHERE kind = 'postcode';
CREATE INDEX gazetteer_entries_address ON cs_geo.gazetteer_entries (street_norm, number_norm) WHERE kind = 'address';
CREATE INDEX gazetteer_entries_name ON cs_geo.gazetteer_entries (name_norm) WHERE kind NOT IN ('postcode', 'address');
CREATE INDEX gazetteer_entries_similar ON cs_geo.gazetteer_entries USING gin (name_norm gin_trgm_ops)
    WHERE kind NOT IN ('postcode', 'address');

CREATE TABLE cs_geo.protected_locations (
    protected_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    source text NOT NULL DEFAULT '',
    added_at timestamptz NOT NULL DEFAULT now(),
    added_by text NOT NULL,
    geom geometry(MultiPolygon, {srid}) NOT NULL
);
CREATE INDEX protected_locations_geom ON cs_geo.protected_locations USING gist (geom);
"""

PLACES = """
CREATE TABLE cs_geo.places (
    place_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE,
    place_type text NOT NULL,
    manager_role text NOT NULL DEFAULT '',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE cs_geo.place_boundaries (
    place_id uuid NOT NULL REFERENCES cs_geo.places,
    version integer NOT NULL,
    origin text NOT NULL,
    valid_from timestamptz NOT NULL DEFAULT now(),
    drawn_by text NOT NULL,
    geom geometry(MultiPolygon, {srid}) NOT NULL,
    PRIMARY KEY (place_id, version)
);
CREATE INDEX place_boundaries_geom ON cs_geo.place_boundaries USING gist (geom);

CREATE TABLE cs_geo.place_aliases (
    place_id uuid NOT NULL REFERENCES cs_geo.places,
    alias text NOT NULL,
    alias_norm text NOT NULL,
    PRIMARY KEY (place_id, alias_norm)
);
CREATE INDEX place_aliases_norm ON cs_geo.place_aliases (alias_norm);
"""

IMPORTS = """
CREATE TABLE cs_geo.sources (
    source_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE cs_geo.mapping_profiles (
    name text PRIMARY KEY,
    toml text NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT now(),
    saved_by text NOT NULL
);

CREATE TABLE cs_geo.imports (
    import_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    source_id uuid NOT NULL REFERENCES cs_geo.sources,
    mapping text NOT NULL,
    record text NOT NULL CHECK (record IN ('report', 'effort')),
    state text NOT NULL DEFAULT 'done' CHECK (state IN ('done', 'undone')),
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    actor text NOT NULL,
    read_n integer NOT NULL DEFAULT 0,
    created_n integer NOT NULL DEFAULT 0,
    updated_n integer NOT NULL DEFAULT 0,
    duplicate_n integer NOT NULL DEFAULT 0,
    rejected_n integer NOT NULL DEFAULT 0,
    matched_n integer NOT NULL DEFAULT 0,
    issues_n integer NOT NULL DEFAULT 0,
    undone_at timestamptz,
    undone_by text,
    CHECK (read_n = created_n + updated_n + duplicate_n + rejected_n)
);
CREATE INDEX imports_source ON cs_geo.imports (source_id);

CREATE TABLE cs_geo.import_files (
    import_id uuid NOT NULL REFERENCES cs_geo.imports,
    position integer NOT NULL,
    name text NOT NULL,
    fingerprint bytea NOT NULL,
    read_n integer NOT NULL,
    created_n integer NOT NULL,
    updated_n integer NOT NULL,
    duplicate_n integer NOT NULL,
    rejected_n integer NOT NULL,
    PRIMARY KEY (import_id, position)
);
CREATE INDEX import_files_fingerprint ON cs_geo.import_files (fingerprint);

CREATE TABLE cs_geo.import_issues (
    issue_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id uuid NOT NULL REFERENCES cs_geo.imports,
    file text NOT NULL,
    first_line integer NOT NULL,
    rows_n integer NOT NULL,
    column_name text NOT NULL,
    value text NOT NULL,
    code text NOT NULL,
    severity text NOT NULL,
    message text NOT NULL,
    remedy text NOT NULL
);
CREATE INDEX import_issues_import ON cs_geo.import_issues (import_id);

CREATE TABLE cs_geo.import_rejects (
    reject_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id uuid NOT NULL REFERENCES cs_geo.imports,
    file text NOT NULL,
    line integer NOT NULL,
    columns text[] NOT NULL,
    cells text[] NOT NULL,
    reasons text[] NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX import_rejects_import ON cs_geo.import_rejects (import_id);
CREATE INDEX import_rejects_expiry ON cs_geo.import_rejects (expires_at);
"""

# What a partner's file names and where a row came from: alike for reports and effort sessions.
IDENTITY = """
    source_id uuid NOT NULL REFERENCES cs_geo.sources,
    import_id uuid REFERENCES cs_geo.imports,
    identity bytea NOT NULL,
    is_keyed boolean NOT NULL,
    content bytea NOT NULL,
    occurrence integer NOT NULL,
    version integer NOT NULL DEFAULT 1,
    edited_by_person boolean NOT NULL DEFAULT false,
"""
WHERE = """
    location_text text NOT NULL DEFAULT '',
    locality text NOT NULL DEFAULT '',
    postcode text NOT NULL DEFAULT '',
    coordinates_given text NOT NULL DEFAULT '',
    place_named text NOT NULL DEFAULT '',
    place_id uuid REFERENCES cs_geo.places,
    match_method text NOT NULL DEFAULT 'none',
    match_precision text NOT NULL DEFAULT 'none',
    match_radius_m real,
    match_confidence text NOT NULL DEFAULT 'none',
    match_name text NOT NULL DEFAULT '',
    match_gazetteer text NOT NULL DEFAULT '',
    match_alternatives jsonb,
    match_problem text NOT NULL DEFAULT '',
    default_location boolean NOT NULL DEFAULT false,
    pin_doubted boolean NOT NULL DEFAULT false,
    geom geometry(Point, {srid}),
"""

# Of every version: when and by whom it was recorded, and why. Versions are only ever appended, as copies of records
# whose keys were checked: no foreign key is checked a second time.
RECORDED = """
    recorded_from timestamptz NOT NULL DEFAULT now(),
    recorded_by text NOT NULL,
    change text NOT NULL CHECK (change IN ('created', 'updated', 'edited', 'placed', 'withdrawn', 'restored')),
    changed_by_import uuid
"""

REPORTS = """
CREATE SEQUENCE cs_geo.report_numbers;

-- The SQL twin of cs_geo.reports.reference.say_reference: a test holds the two together. One expression without FROM,
-- so that it is inlined: as a query of its own it took 33 microseconds a row, a third of an import's inserts.
CREATE FUNCTION cs_geo.say_reference(number bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT {say_reference}
$$;

CREATE TABLE cs_geo.reports (
    report_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    reference text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('incident', 'concern', 'outreach', 'strength')),
    published boolean NOT NULL DEFAULT false,
    {identity}
    source_type text NOT NULL DEFAULT '',
    agency text NOT NULL DEFAULT '',
    directness text NOT NULL DEFAULT '',
    occurred_from timestamptz NOT NULL,
    occurred_until timestamptz NOT NULL,
    date_precision text NOT NULL CHECK (date_precision IN ('time', 'day', 'month')),
    first_day date NOT NULL,
    last_day date NOT NULL,
    time_band text NOT NULL,
    day_type text NOT NULL,
    term text NOT NULL,
    reported_on date,
    harm_types text[] NOT NULL DEFAULT '{{}}',
    police_category text NOT NULL DEFAULT '',
    asb_qualifier text NOT NULL DEFAULT '',
    presence_only boolean NOT NULL DEFAULT false,
    severity_band text NOT NULL DEFAULT '',
    young_people_band text NOT NULL DEFAULT '',
    who_causes_harm text NOT NULL DEFAULT '',
    what_helped text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    outcome text NOT NULL DEFAULT '',
    safeguarding_answer text NOT NULL DEFAULT '',
    recorded_at timestamptz NOT NULL DEFAULT now(),
    {where}
    in_protected boolean NOT NULL DEFAULT false,
    geom_partner geometry(Point, {srid}),
    geom_public geometry(Point, {srid}),
    geom_web geometry(Point, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    CHECK (occurred_until >= occurred_from),
    CHECK (last_day >= first_day)
);
CREATE UNIQUE INDEX reports_identity ON cs_geo.reports (identity, occurrence, source_id);
-- Tiles are found by this index too, through the tile's square in storage metres: a second one on geom_web would add
-- a third to the time of an import.
CREATE INDEX reports_geom ON cs_geo.reports USING gist (geom);
CREATE INDEX reports_days ON cs_geo.reports (published, first_day, last_day);
CREATE INDEX reports_import ON cs_geo.reports (import_id);
CREATE INDEX reports_source ON cs_geo.reports (source_id);
CREATE INDEX reports_place ON cs_geo.reports (place_id) WHERE place_id IS NOT NULL;
CREATE INDEX reports_to_place ON cs_geo.reports (recorded_at)
    WHERE geom IS NULL OR match_confidence IN ('low', 'none') OR pin_doubted;

-- Whatever places a report, it is known at once whether it lies where nothing is drawn, clustered or named.
CREATE FUNCTION cs_geo.note_protected() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.in_protected := NEW.geom IS NOT NULL AND EXISTS (
        SELECT 1 FROM cs_geo.protected_locations p WHERE ST_Covers(p.geom, NEW.geom));
    RETURN NEW;
END $$;
CREATE TRIGGER reports_note_protected BEFORE INSERT OR UPDATE OF geom ON cs_geo.reports
    FOR EACH ROW EXECUTE FUNCTION cs_geo.note_protected();

CREATE TABLE cs_geo.report_versions (LIKE cs_geo.reports, {recorded}, PRIMARY KEY (report_id, version));
ALTER TABLE cs_geo.report_versions DROP COLUMN geom_web, DROP COLUMN in_protected;
CREATE INDEX report_versions_import ON cs_geo.report_versions (changed_by_import);

CREATE VIEW cs_geo.report_history WITH (security_invoker = true) AS
    SELECT report_id, version, change, recorded_by, recorded_from,
        lead(recorded_from) OVER (PARTITION BY report_id ORDER BY version) AS recorded_until
    FROM cs_geo.report_versions;

CREATE TABLE cs_geo.effort_sessions (
    session_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    {identity}
    effort_type text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    first_day date NOT NULL,
    staff_count integer,
    staff_hours real,
    route text NOT NULL DEFAULT '',
    contacts_band text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    recorded_at timestamptz NOT NULL DEFAULT now(),
    {where}
    CHECK (ended_at >= started_at)
);
CREATE UNIQUE INDEX effort_sessions_identity ON cs_geo.effort_sessions (identity, occurrence, source_id);
CREATE TABLE cs_geo.effort_session_versions (
    LIKE cs_geo.effort_sessions, {recorded}, PRIMARY KEY (session_id, version)
);
CREATE INDEX effort_session_versions_import ON cs_geo.effort_session_versions (changed_by_import);
CREATE INDEX effort_sessions_geom ON cs_geo.effort_sessions USING gist (geom);
CREATE INDEX effort_sessions_day ON cs_geo.effort_sessions (first_day);
CREATE INDEX effort_sessions_import ON cs_geo.effort_sessions (import_id);
CREATE INDEX effort_sessions_source ON cs_geo.effort_sessions (source_id);
CREATE INDEX effort_sessions_place ON cs_geo.effort_sessions (place_id) WHERE place_id IS NOT NULL;

-- Column and row of the hexagon that holds a point, in the tiling of ST_Hexagon (flat tops, odd columns half a
-- hexagon higher): the nearer of the two candidate centres.
CREATE FUNCTION cs_geo.hexagon_cell(x double precision, y double precision, edge double precision)
RETURNS TABLE (i integer, j integer) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT c.i, c.j
    FROM (
        SELECT k AS i, round((y - edge * sqrt(3) / 2 * (abs(k) % 2)) / (edge * sqrt(3)))::int AS j
        FROM (VALUES (floor(x / (edge * 1.5))::int), (floor(x / (edge * 1.5))::int + 1)) AS columns (k)
    ) AS c
    ORDER BY (x - edge * 1.5 * c.i) ^ 2 + (y - edge * sqrt(3) * (c.j + (abs(c.i) % 2) / 2.0)) ^ 2, c.i, c.j
    LIMIT 1
$$;

-- Reports counted by hexagon and month at low zoom, so that a tile of a whole county reads thousands of rows, not
-- hundreds of thousands (measured: 90-500 ms a tile without).
CREATE TABLE cs_geo.report_cells (
    zoom smallint NOT NULL,
    i integer NOT NULL,
    j integer NOT NULL,
    month date NOT NULL,
    published boolean NOT NULL,
    kind text NOT NULL,
    source_type text NOT NULL,
    time_band text NOT NULL,
    term text NOT NULL,
    reports_n integer NOT NULL
);
CREATE INDEX report_cells_tile ON cs_geo.report_cells (zoom, published, i, j);
CREATE INDEX report_cells_month ON cs_geo.report_cells (month);
"""

HOTSPOTS = """
CREATE TABLE cs_geo.hotspot_runs (
    run_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    selection jsonb NOT NULL,
    parameters jsonb NOT NULL,
    fingerprint bytea NOT NULL,
    counts jsonb NOT NULL,
    messages text[] NOT NULL DEFAULT '{{}}',
    code_version text NOT NULL,
    ran_at timestamptz NOT NULL DEFAULT now(),
    ran_by text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX hotspot_runs_fingerprint ON cs_geo.hotspot_runs (fingerprint);

CREATE TABLE cs_geo.hotspots (
    hotspot_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    run_id uuid NOT NULL REFERENCES cs_geo.hotspot_runs ON DELETE CASCADE,
    rank integer NOT NULL,
    at_one_spot boolean NOT NULL,
    label text NOT NULL,
    reports_n integer NOT NULL,
    places_n integer NOT NULL,
    days_n integer NOT NULL,
    sources_n integer NOT NULL,
    area_m2 double precision NOT NULL,
    details jsonb NOT NULL,
    doubted boolean NOT NULL DEFAULT false,
    geom geometry(Geometry, {srid}) NOT NULL
);
CREATE INDEX hotspots_run ON cs_geo.hotspots (run_id, rank);
CREATE INDEX hotspots_geom ON cs_geo.hotspots USING gist (geom);

CREATE TABLE cs_geo.hotspot_members (
    hotspot_id uuid NOT NULL REFERENCES cs_geo.hotspots ON DELETE CASCADE,
    report_id uuid NOT NULL,
    PRIMARY KEY (hotspot_id, report_id)
);
CREATE INDEX hotspot_members_report ON cs_geo.hotspot_members (report_id);
"""

BASEMAP = """
CREATE TABLE cs_geo.basemap_features (
    feature_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    layer text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL DEFAULT '',
    min_zoom smallint NOT NULL,
    rank smallint NOT NULL,
    geom geometry(Geometry, 3857) NOT NULL
);
CREATE INDEX basemap_features_geom ON cs_geo.basemap_features USING gist (geom);
CREATE INDEX basemap_features_source ON cs_geo.basemap_features (source);

CREATE TABLE cs_geo.street_nodes (
    node_id bigint PRIMARY KEY,
    source text NOT NULL,
    geom geometry(Point, {srid}) NOT NULL
);
CREATE INDEX street_nodes_geom ON cs_geo.street_nodes USING gist (geom);

CREATE TABLE cs_geo.street_edges (
    from_node bigint NOT NULL REFERENCES cs_geo.street_nodes,
    to_node bigint NOT NULL REFERENCES cs_geo.street_nodes,
    parallel integer NOT NULL,
    source text NOT NULL,
    way_id bigint NOT NULL,
    name text NOT NULL DEFAULT '',
    highway text NOT NULL,
    walkable boolean NOT NULL,
    drivable boolean NOT NULL,
    oneway boolean NOT NULL DEFAULT false,
    length_m real NOT NULL,
    geom geometry(LineString, {srid}) NOT NULL,
    PRIMARY KEY (from_node, to_node, parallel)
);
CREATE INDEX street_edges_to_node ON cs_geo.street_edges (to_node);
CREATE INDEX street_edges_geom ON cs_geo.street_edges USING gist (geom);
"""

WORK = """
CREATE TABLE cs_geo.jobs (
    job_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    arguments jsonb NOT NULL,
    actor jsonb NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'done', 'refused', 'failed', 'cancelled')),
    doing text NOT NULL DEFAULT '',
    done_n bigint NOT NULL DEFAULT 0,
    total_n bigint,
    result jsonb,
    message text NOT NULL DEFAULT '',
    cancel_requested boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    heard_at timestamptz,
    finished_at timestamptz
);
CREATE INDEX jobs_created ON cs_geo.jobs (created_at);

CREATE TABLE cs_geo.download_tickets (
    ticket bytea PRIMARY KEY,
    person text NOT NULL,
    file_name text NOT NULL,
    media_type text NOT NULL,
    path text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE TABLE cs_geo.exports (
    export_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tier text NOT NULL,
    purpose text NOT NULL DEFAULT '',
    selection jsonb NOT NULL,
    file_names text[] NOT NULL,
    rows_n jsonb NOT NULL,
    exported_at timestamptz NOT NULL DEFAULT now(),
    exported_by text NOT NULL
);
"""

# The app owns nothing and so may not ANALYZE; after a bulk load the planner must not guess until autovacuum comes by.
STATISTICS = """
CREATE FUNCTION cs_geo.refresh_statistics(table_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    EXECUTE format('ANALYZE cs_geo.%I', table_name);
END $$;
REVOKE ALL ON FUNCTION cs_geo.refresh_statistics(text) FROM PUBLIC;
"""

GRANTS = """
GRANT USAGE ON SCHEMA cs_geo TO cs_geo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA cs_geo TO cs_geo_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA cs_geo TO cs_geo_app;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA cs_geo TO cs_geo_app;
REVOKE UPDATE, DELETE ON cs_geo.report_versions, cs_geo.effort_session_versions FROM cs_geo_app;
REVOKE ALL ON cs_geo.alembic_version FROM cs_geo_app;
GRANT SELECT ON cs_geo.alembic_version TO cs_geo_app;
"""


def say_reference_expression() -> str:
    """Six digits of the scrambled number in base 31, and a letter that checks them (``cs_geo.reports.reference``)."""
    scrambled = "((number * 387420489 + 12345678) % 887503681)"
    digits = [f"({scrambled} / {31**power} % 31)" for power in (5, 4, 3, 2, 1, 0)]
    check = " + ".join(f"{digit} * {weight}" for weight, digit in enumerate(digits, start=2))
    letters = [
        f"substr('23456789ABCDEFGHJKMNPQRSTUVWXYZ', ({digit})::int + 1, 1)" for digit in (*digits, f"({check}) % 31")
    ]
    return " || ".join([*letters[:3], "'-'", *letters[3:]])


def upgrade() -> None:
    """Make the schema."""
    srid = get_settings().storage_epsg
    parts = {
        "srid": srid,
        "identity": IDENTITY,
        "where": WHERE.format(srid=srid),
        "recorded": RECORDED,
        "say_reference": say_reference_expression(),
    }
    for part in (SHARED_LANGUAGE, PLACES, IMPORTS, REPORTS, HOTSPOTS, BASEMAP, WORK, STATISTICS, GRANTS):
        op.execute(part.format(**parts))


def downgrade() -> None:
    """Nothing lies before the first revision."""
    raise NotImplementedError("The first revision cannot be undone; restore a backup instead.")
