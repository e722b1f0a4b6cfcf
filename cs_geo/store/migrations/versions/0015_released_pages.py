"""What partners and the public were given, as the pages show it: from the record of releases, never counted anew.

A person outside the team reads releases by these functions alone. They decide by the agency for which the acting person
holds a partner's role now, and by nothing that the caller says; the exact numbers of a release stay out of reach.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INTERNAL = "cs_geo.acts_as('coordinator', 'analyst', 'assessor', 'data_steward')"
ANYBODY = (
    "cs_geo.acts_as('contributor', 'coordinator', 'analyst', 'assessor', 'panel_member', 'chair', 'data_steward', "
    "'partner_viewer', 'administrator')"
)

PARTNER = f"""
-- The agencies for which the acting person holds a partner's role now, of the roles they act in, as they are compared.
CREATE FUNCTION cs_geo.own_agencies() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT lower(btrim(g.agency))
    FROM cs_geo.role_grants g JOIN cs_geo.people p USING (person_id)
    WHERE g.person_id = cs_geo.acting_person() AND g.ended_at IS NULL AND p.left_at IS NULL
        AND g.role IN ('chair', 'panel_member', 'partner_viewer') AND btrim(g.agency) <> ''
        AND g.role = ANY (string_to_array(coalesce(current_setting('cs_geo.roles', true), ''), ','))
$$;

-- Releases that stand and were made for an agency of the acting person; for the team, those of every agency.
CREATE FUNCTION cs_geo.given_releases() RETURNS TABLE (
    release_id uuid, recipient text, released_on date, expires_on date, recorded_at timestamptz,
    caveats text[], withheld jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT r.release_id, r.recipient, r.released_on, r.expires_on, r.recorded_at, r.caveats, r.withheld
    FROM cs_geo.releases r
    WHERE r.audience = 'partner' AND r.expires_on >= (now() AT TIME ZONE 'UTC')::date
        AND ({INTERNAL} OR lower(btrim(r.recipient)) IN (SELECT cs_geo.own_agencies()))
        -- Of releases before what was given was kept there is the record of exact numbers alone.
        AND cardinality(r.caveats) > 0
$$;

CREATE FUNCTION cs_geo.given_cells(asked uuid) RETURNS TABLE (
    cell text, ward text, incident text, concern text, outreach text, strength text, geom public.geometry)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT c.cell, c.ward, c.incident, c.concern, c.outreach, c.strength, c.geom
    FROM cs_geo.release_cells c
    WHERE c.release_id = asked AND asked IN (SELECT g.release_id FROM cs_geo.given_releases() g)
$$;

CREATE FUNCTION cs_geo.given_hotspots(asked uuid) RETURNS TABLE (
    kind text, rank integer, label text, reports text, chance text, geom public.geometry)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT h.kind, h.rank, h.label, h.reports, h.chance, h.geom
    FROM cs_geo.release_hotspots h
    WHERE h.release_id = asked AND asked IN (SELECT g.release_id FROM cs_geo.given_releases() g)
$$;
"""

PUBLIC = f"""
CREATE TABLE cs_geo.release_tables (
    given_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    release_id uuid NOT NULL REFERENCES cs_geo.releases,
    kind text NOT NULL,
    quarter date NOT NULL,
    level text NOT NULL,
    area text NOT NULL,
    name text NOT NULL,
    harm_group text NOT NULL,
    reports text NOT NULL
);
CREATE INDEX release_tables_release ON cs_geo.release_tables (release_id);

ALTER TABLE cs_geo.release_tables ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY internal ON cs_geo.release_tables FOR ALL TO cs_geo_app
    USING ((SELECT {INTERNAL})) WITH CHECK ((SELECT {INTERNAL}));
REVOKE ALL ON cs_geo.release_tables FROM cs_geo_app, PUBLIC;
GRANT SELECT, INSERT ON cs_geo.release_tables TO cs_geo_app;

-- The tables that anybody may have, for whoever is known here. A table that was given twice has the same numbers twice.
CREATE FUNCTION cs_geo.published_tables() RETURNS TABLE (
    released_on date, kind text, quarter date, level text, area text, name text, harm_group text, reports text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT DISTINCT ON (t.kind, t.quarter, t.level, t.area, t.harm_group)
        r.released_on, t.kind, t.quarter, t.level, t.area, t.name, t.harm_group, t.reports
    FROM cs_geo.release_tables t JOIN cs_geo.releases r USING (release_id)
    WHERE r.audience = 'public' AND {ANYBODY}
    ORDER BY t.kind, t.quarter, t.level, t.area, t.harm_group, r.recorded_at
$$;
"""

FUNCTIONS = (
    "own_agencies()",
    "given_releases()",
    "given_cells(uuid)",
    "given_hotspots(uuid)",
    "published_tables()",
)


def upgrade() -> None:
    """Keep the public's tables, and make the functions that pages read."""
    for part in (PARTNER, PUBLIC):
        op.get_bind().exec_driver_sql(part)  # a colon here is a colon, and no parameter
    for function in FUNCTIONS:
        op.execute(f"REVOKE EXECUTE ON FUNCTION cs_geo.{function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION cs_geo.{function} TO cs_geo_app")


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
