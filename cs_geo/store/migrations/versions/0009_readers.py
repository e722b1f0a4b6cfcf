"""Logins that read directly, as a GIS does, and what a partner was given, kept as it was given.

A reader is a login of the database. It reads the views of its tier (``store.reader_views``), which ask two things at
every statement: is the login a member of the group role of that tier, and does it stand here, not ended? For a partner
the row says of which agency. Only an administrator writes it, and nobody deletes from it.

A partner's views show released cells and nothing that is counted anew: so the cells, hotspots and counts of a release
are kept with it from now on, in the words and bands in which they were given. Of earlier releases only the record of
numbers was kept, which is exact: those are not shown.
"""

from alembic import op

from cs_geo.settings import get_settings

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

READERS = """
CREATE TABLE cs_geo.readers (
    reader_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    login text NOT NULL,
    tier text NOT NULL CHECK (tier IN ('analyst', 'partner')),
    agency text NOT NULL DEFAULT '',
    added_at timestamptz NOT NULL DEFAULT now(),
    added_by text NOT NULL,
    ended_at timestamptz,
    ended_by text,
    CHECK ((tier = 'partner') = (agency <> '')),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX readers_current ON cs_geo.readers (login) WHERE ended_at IS NULL;

ALTER TABLE cs_geo.readers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY administrator ON cs_geo.readers FOR ALL TO cs_geo_app
    USING ((SELECT cs_geo.acts_as('administrator'))) WITH CHECK ((SELECT cs_geo.acts_as('administrator')));
REVOKE ALL ON cs_geo.readers FROM cs_geo_app, PUBLIC;
GRANT SELECT, INSERT ON cs_geo.readers TO cs_geo_app;
GRANT UPDATE (ended_at, ended_by) ON cs_geo.readers TO cs_geo_app;

-- The agency for which the login of this session reads a tier; no row where it may not. session_user is who logged in:
-- SET ROLE does not change it, nor does a function that runs as its owner, and no setting of the session names it.
CREATE FUNCTION cs_geo.reading_for(wanted text) RETURNS TABLE (agency text)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT r.agency FROM cs_geo.readers r
    JOIN pg_roles g ON g.rolname = 'cs_geo_' || r.tier || '_read'
    WHERE r.login = session_user AND r.tier = wanted AND r.ended_at IS NULL
        AND pg_has_role(session_user, g.oid, 'MEMBER')
$$;
REVOKE EXECUTE ON FUNCTION cs_geo.reading_for(text) FROM PUBLIC;
"""

GIVEN = """
ALTER TABLE cs_geo.releases ADD COLUMN caveats text[] NOT NULL DEFAULT '{{}}',
    ADD COLUMN withheld jsonb NOT NULL DEFAULT '[]';

CREATE TABLE cs_geo.release_cells (
    given_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    release_id uuid NOT NULL REFERENCES cs_geo.releases,
    cell text NOT NULL,
    ward text NOT NULL,
    incident text NOT NULL,
    concern text NOT NULL,
    outreach text NOT NULL,
    strength text NOT NULL,
    watermark text NOT NULL,
    geom geometry(MultiPolygon, {srid}) NOT NULL
);
CREATE INDEX release_cells_release ON cs_geo.release_cells (release_id);
CREATE INDEX release_cells_geom ON cs_geo.release_cells USING gist (geom);

CREATE TABLE cs_geo.release_hotspots (
    given_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    release_id uuid NOT NULL REFERENCES cs_geo.releases,
    kind text NOT NULL,
    rank integer NOT NULL,
    label text NOT NULL,
    reports text NOT NULL,
    area_m2 double precision NOT NULL,
    chance text NOT NULL,
    watermark text NOT NULL,
    geom geometry(MultiPolygon, {srid}) NOT NULL
);
CREATE INDEX release_hotspots_release ON cs_geo.release_hotspots (release_id);
CREATE INDEX release_hotspots_geom ON cs_geo.release_hotspots USING gist (geom);

CREATE TABLE cs_geo.release_counts (
    given_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    release_id uuid NOT NULL REFERENCES cs_geo.releases,
    cell text NOT NULL,
    kind text NOT NULL,
    harm_group text NOT NULL,
    reports text NOT NULL,
    watermark text NOT NULL
);
CREATE INDEX release_counts_release ON cs_geo.release_counts (release_id);
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
    for table in ("release_cells", "release_hotspots", "release_counts")
)


def upgrade() -> None:
    """Make the list of readers, and keep what partners are given."""
    for part in (READERS, GIVEN.format(srid=get_settings().storage_epsg), POLICIES):
        op.get_bind().exec_driver_sql(part)  # a colon here is a colon, and no parameter


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
