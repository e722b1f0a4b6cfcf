"""What is known of hotspots beyond their shape: baselines, chance tests, stability, wide rises and weekly alarms.

A test belongs to a run, and a run may be tested against several baselines: each answers its own question. Tests are
kept, so that the same question over the same run is not asked of chance twice.
"""

from alembic import op

from cs_geo.settings import get_settings

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BASELINES = """
CREATE TABLE cs_geo.baselines (
    baseline_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('residents', 'addresses')),
    source text NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now(),
    loaded_by text NOT NULL
);

CREATE TABLE cs_geo.baseline_areas (
    baseline_id uuid NOT NULL REFERENCES cs_geo.baselines ON DELETE CASCADE,
    reference text NOT NULL,
    number double precision NOT NULL CHECK (number >= 0),
    geom geometry(MultiPolygon, {srid}) NOT NULL,
    PRIMARY KEY (baseline_id, reference)
);
CREATE INDEX baseline_areas_geom ON cs_geo.baseline_areas USING gist (geom);
GRANT SELECT, INSERT, DELETE ON cs_geo.baselines, cs_geo.baseline_areas TO cs_geo_app;
"""

TESTS = """
CREATE TABLE cs_geo.hotspot_tests (
    test_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    run_id uuid NOT NULL REFERENCES cs_geo.hotspot_runs ON DELETE CASCADE,
    fingerprint bytea NOT NULL,
    baseline jsonb NOT NULL,
    reports_n integer NOT NULL,
    maps_n integer NOT NULL,
    seed bigint NOT NULL,
    rises jsonb NOT NULL DEFAULT '[]',
    code_version text NOT NULL,
    tested_at timestamptz NOT NULL DEFAULT now(),
    tested_by text NOT NULL,
    UNIQUE (run_id, fingerprint)
);

CREATE TABLE cs_geo.hotspot_grades (
    test_id uuid NOT NULL REFERENCES cs_geo.hotspot_tests ON DELETE CASCADE,
    hotspot_id uuid NOT NULL REFERENCES cs_geo.hotspots ON DELETE CASCADE,
    grade text NOT NULL CHECK (grade IN ('clear', 'possible', 'not_distinguishable', 'not_tested')),
    untested text NOT NULL DEFAULT '',
    counted_n integer NOT NULL,
    expected_n double precision NOT NULL,
    ratio double precision NOT NULL,
    as_strong_n integer NOT NULL,
    said text NOT NULL,
    PRIMARY KEY (test_id, hotspot_id)
);
CREATE INDEX hotspot_grades_hotspot ON cs_geo.hotspot_grades (hotspot_id);

CREATE TABLE cs_geo.hotspot_stability (
    hotspot_id uuid PRIMARY KEY REFERENCES cs_geo.hotspots ON DELETE CASCADE,
    steadiness text NOT NULL CHECK (steadiness IN ('steady', 'fair', 'fragile')),
    moved_found_n integer NOT NULL,
    moved_n integer NOT NULL,
    settings_found_n integer NOT NULL,
    settings_n integer NOT NULL,
    tried_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE cs_geo.hotspot_pins (
    hotspot_id uuid NOT NULL REFERENCES cs_geo.hotspots ON DELETE CASCADE,
    report_id uuid NOT NULL REFERENCES cs_geo.reports ON DELETE CASCADE,
    dissolves boolean NOT NULL,
    lost_n integer NOT NULL,
    doubtful_n integer NOT NULL,
    PRIMARY KEY (hotspot_id, report_id)
);
CREATE INDEX hotspot_pins_report ON cs_geo.hotspot_pins (report_id);
"""

ALARMS = """
CREATE TABLE cs_geo.alarm_scans (
    scan_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    fingerprint bytea NOT NULL UNIQUE,
    until date NOT NULL,
    reports_n integer NOT NULL,
    undated_n integer NOT NULL,
    maps_n integer NOT NULL,
    code_version text NOT NULL,
    scanned_at timestamptz NOT NULL DEFAULT now(),
    scanned_by text NOT NULL
);
CREATE INDEX alarm_scans_kind ON cs_geo.alarm_scans (kind, scanned_at);

CREATE TABLE cs_geo.alarms (
    alarm_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    scan_id uuid NOT NULL REFERENCES cs_geo.alarm_scans ON DELETE CASCADE,
    label text NOT NULL,
    radius_m double precision NOT NULL,
    days_n integer NOT NULL,
    counted_n integer NOT NULL,
    expected_n double precision NOT NULL,
    ratio double precision NOT NULL,
    as_strong_n integer NOT NULL,
    geom geometry(Point, {srid}) NOT NULL
);
CREATE INDEX alarms_scan ON cs_geo.alarms (scan_id);
CREATE INDEX alarms_geom ON cs_geo.alarms USING gist (geom);
"""

INTERNAL_TABLES = (
    "hotspot_tests",
    "hotspot_grades",
    "hotspot_stability",
    "hotspot_pins",
    "alarm_scans",
    "alarms",
)
INTERNAL = "(SELECT cs_geo.acts_as('coordinator', 'analyst', 'assessor', 'data_steward'))"


def policies() -> str:
    """Who works with reports as they are sees what is known of their hotspots, and nobody else."""
    return "".join(
        f"ALTER TABLE cs_geo.{table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n"
        f"CREATE POLICY internal ON cs_geo.{table} FOR ALL TO cs_geo_app USING ({INTERNAL}) WITH CHECK ({INTERNAL});\n"
        f"GRANT SELECT, INSERT, DELETE ON cs_geo.{table} TO cs_geo_app;\n"
        for table in INTERNAL_TABLES
    )


def upgrade() -> None:
    """Make the tables of baselines, tests and alarms."""
    for part in (BASELINES, TESTS, ALARMS):
        op.execute(part.format(srid=get_settings().storage_epsg))
    op.execute(policies())


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
