"""What was given to partners and the public: every number of it, kept so that the next release can be checked against.

The record holds exact counts, and is for those who work inside. A release is never changed and never taken back: what
somebody was given, they have.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

RELEASES = """
CREATE TABLE cs_geo.releases (
    release_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    export_id uuid NOT NULL REFERENCES cs_geo.exports,
    audience text NOT NULL CHECK (audience IN ('partner', 'public')),
    name text NOT NULL,
    released_on date NOT NULL,
    recipient text NOT NULL DEFAULT '',
    expires_on date,
    rules text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((audience = 'partner') = (recipient <> '' AND expires_on IS NOT NULL))
);
CREATE INDEX releases_export ON cs_geo.releases (export_id);

CREATE TABLE cs_geo.release_numbers (
    release_id uuid NOT NULL REFERENCES cs_geo.releases,
    position integer NOT NULL,
    name text NOT NULL,
    ground text[] NOT NULL CHECK (cardinality(ground) > 0),
    first_day date NOT NULL,
    last_day date NOT NULL CHECK (last_day >= first_day),
    filter jsonb NOT NULL,
    reports_n integer NOT NULL CHECK (reports_n >= 0),
    told boolean NOT NULL,
    PRIMARY KEY (release_id, position)
);
"""

POLICIES = "".join(
    f"""
ALTER TABLE cs_geo.{table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY internal ON cs_geo.{table} FOR ALL TO cs_geo_app
    USING ((SELECT cs_geo.acts_as('coordinator', 'analyst', 'assessor', 'data_steward')))
    WITH CHECK ((SELECT cs_geo.acts_as('coordinator', 'analyst', 'assessor', 'data_steward')));
REVOKE ALL ON cs_geo.{table} FROM cs_geo_app, PUBLIC;
GRANT SELECT, INSERT ON cs_geo.{table} TO cs_geo_app;
"""
    for table in ("releases", "release_numbers")
)


def upgrade() -> None:
    """Make the record of releases."""
    for part in (RELEASES, POLICIES):
        op.get_bind().exec_driver_sql(part)


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
