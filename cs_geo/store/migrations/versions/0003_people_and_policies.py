"""People and their roles, and which rows each may reach: row-level security on every table that holds report data.

A person is known by who vouches for them (issuer) and by which sign (subject). What they may do is what stands in
``role_grants`` at this moment: the policies read it in every statement, so a role that is taken away is gone at once.
Grants are ended and never deleted, so that it can be said later who could see what, when.

The settings ``cs_geo.person`` and ``cs_geo.roles`` say who is acting, and in which of their roles; they can narrow what
the grants allow and never widen it. Nobody acting: no rows.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PEOPLE = """
CREATE TABLE cs_geo.people (
    person_id text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    issuer text NOT NULL,
    subject text NOT NULL,
    label text NOT NULL DEFAULT '',
    added_at timestamptz NOT NULL DEFAULT now(),
    added_by text NOT NULL,
    left_at timestamptz,
    seen_at timestamptz,
    UNIQUE (issuer, subject)
);

CREATE TABLE cs_geo.role_grants (
    grant_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person_id text NOT NULL REFERENCES cs_geo.people,
    role text NOT NULL CHECK (role IN ('contributor', 'coordinator', 'analyst', 'assessor', 'panel_member', 'chair',
        'data_steward', 'partner_viewer', 'administrator')),
    agency text NOT NULL DEFAULT '',
    granted_at timestamptz NOT NULL DEFAULT now(),
    granted_by text NOT NULL,
    ended_at timestamptz,
    ended_by text,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX role_grants_current ON cs_geo.role_grants (person_id, role, agency) WHERE ended_at IS NULL;
CREATE INDEX role_grants_person ON cs_geo.role_grants (person_id);

-- The one person of a local installation and of the command line, who may pick any role.
INSERT INTO cs_geo.people (person_id, issuer, subject, label, added_by)
VALUES ('local', 'local', 'local', 'this machine', 'set-up');
INSERT INTO cs_geo.role_grants (person_id, role, granted_by)
SELECT 'local', role, 'set-up' FROM unnest(ARRAY['contributor', 'coordinator', 'analyst', 'assessor', 'panel_member',
    'chair', 'data_steward', 'partner_viewer', 'administrator']) AS role;
"""

IDENTITY = """
CREATE FUNCTION cs_geo.acting_person() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('cs_geo.person', true), '')
$$;

-- Security definer: whoever acts may not read the grants of others, and the answer is yes or no.
CREATE FUNCTION cs_geo.acts_as(VARIADIC wanted text[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (
        SELECT 1 FROM cs_geo.role_grants g JOIN cs_geo.people p USING (person_id)
        WHERE g.person_id = cs_geo.acting_person() AND g.ended_at IS NULL AND p.left_at IS NULL
            AND g.role = ANY (wanted)
            AND g.role = ANY (string_to_array(coalesce(current_setting('cs_geo.roles', true), ''), ',')))
$$;

-- What sign-in asks before anybody acts: the roles a person holds now. One row without a role for somebody known who
-- holds none; no row for somebody unknown.
CREATE FUNCTION cs_geo.roles_held(asked_issuer text, asked_subject text)
RETURNS TABLE (person_id text, label text, role text, agency text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.person_id, p.label, g.role, g.agency
    FROM cs_geo.people p LEFT JOIN cs_geo.role_grants g ON g.person_id = p.person_id AND g.ended_at IS NULL
    WHERE p.issuer = asked_issuer AND p.subject = asked_subject AND p.left_at IS NULL
$$;

-- The same for a person named in a signed token or in a job.
CREATE FUNCTION cs_geo.roles_of(asked_person text) RETURNS TABLE (role text, agency text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT g.role, g.agency
    FROM cs_geo.people p JOIN cs_geo.role_grants g USING (person_id)
    WHERE p.person_id = asked_person AND p.left_at IS NULL AND g.ended_at IS NULL
$$;

-- When the acting person was last seen, and that they are seen now: written once a minute, a page being drawn anew at
-- every touch.
CREATE FUNCTION cs_geo.last_seen() RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    before timestamptz;
BEGIN
    SELECT p.seen_at INTO before FROM cs_geo.people p WHERE p.person_id = cs_geo.acting_person();
    UPDATE cs_geo.people p SET seen_at = now()
    WHERE p.person_id = cs_geo.acting_person() AND (before IS NULL OR before < now() - interval '1 minute');
    RETURN before;
END $$;

-- Where nothing is drawn, clustered or named. Everybody's queries must leave such ground out, and only the data steward
-- may read where it is: this answers for one point or shape, and names nothing.
CREATE FUNCTION cs_geo.lies_protected(shape public.geometry) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (SELECT 1 FROM cs_geo.protected_locations p WHERE ST_Covers(p.geom, shape))
$$;
CREATE FUNCTION cs_geo.lies_protected(x double precision, y double precision) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (
        SELECT 1 FROM cs_geo.protected_locations p
        WHERE ST_Covers(p.geom, ST_SetSRID(ST_MakePoint(x, y), ST_SRID(p.geom))))
$$;
CREATE FUNCTION cs_geo.meets_protected(shape public.geometry) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (SELECT 1 FROM cs_geo.protected_locations p WHERE ST_Intersects(p.geom, shape))
$$;
-- All of it together, without saying what any of it is: hotspots are found in the program, and keep off this ground.
CREATE FUNCTION cs_geo.protected_ground() RETURNS public.geometry
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT ST_Union(p.geom) FROM cs_geo.protected_locations p
$$;
ALTER FUNCTION cs_geo.note_protected() SECURITY DEFINER SET search_path = pg_catalog, public;
"""

INTERNAL_ROLES = ("coordinator", "analyst", "assessor", "data_steward")
"""Who works with reports as they are (``access.permissions``); everybody else gets what the disclosure engine gives."""
INTERNAL_TABLES = (
    "reports",
    "report_versions",
    "report_cells",
    "effort_sessions",
    "effort_session_versions",
    "places",
    "place_boundaries",
    "place_aliases",
    "sources",
    "imports",
    "import_files",
    "import_issues",
    "import_rejects",
    "hotspot_runs",
    "hotspots",
    "hotspot_members",
    "exports",
)


def _policy(table: str, condition: str, name: str, command: str = "ALL") -> str:
    check = "" if command in ("SELECT", "DELETE") else f" WITH CHECK ({condition})"
    using = "" if command == "INSERT" else f" USING ({condition})"
    return f"CREATE POLICY {name} ON cs_geo.{table} FOR {command} TO cs_geo_app{using}{check};\n"


def _force(table: str) -> str:
    # Under FORCE the owner too needs a policy or BYPASSRLS: nothing that runs as the owner by mistake sees rows.
    return f"ALTER TABLE cs_geo.{table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n"


def _acts_as(*roles: str) -> str:
    # In a sub-select, so that it is asked once a statement and not once a row.
    return f"(SELECT cs_geo.acts_as({', '.join(repr(role) for role in roles)}))"


def policies() -> str:
    """The policies of every table that is not the same for everybody."""
    internal = _acts_as(*INTERNAL_ROLES)
    statements = [_force(table) + _policy(table, internal, "internal") for table in INTERNAL_TABLES]
    own_job = "actor ->> 'person' = cs_geo.acting_person()"
    own_ticket = "person = cs_geo.acting_person()"
    statements += [
        _force("protected_locations"),
        _policy("protected_locations", _acts_as("data_steward"), "steward"),
        _force("jobs"),
        _policy("jobs", f"{own_job} OR cs_geo.acting_person() = 'worker' OR {internal}", "own_or_internal"),
        _force("download_tickets"),
        _policy("download_tickets", own_ticket, "own"),
        _force("people"),
        _policy("people", _acts_as("administrator"), "administrator"),
        _policy("people", "person_id = cs_geo.acting_person()", "self", "SELECT"),
        _force("role_grants"),
        _policy("role_grants", _acts_as("administrator"), "administrator"),
        _policy("role_grants", "person_id = cs_geo.acting_person()", "self", "SELECT"),
    ]
    return "".join(statements)


# A link carries no identity of its own: whoever holds the ticket names its person by it.
TICKETS = """
CREATE FUNCTION cs_geo.redeem_ticket(given bytea)
RETURNS TABLE (person text, file_name text, media_type text, path text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE cs_geo.download_tickets t SET used_at = now()
    WHERE t.ticket = given AND t.used_at IS NULL AND t.expires_at > now()
    RETURNING t.person, t.file_name, t.media_type, t.path
$$;

CREATE FUNCTION cs_geo.drop_old_tickets() RETURNS TABLE (path text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
    DELETE FROM cs_geo.download_tickets t WHERE t.expires_at < now() - interval '1 hour' RETURNING t.path
$$;
"""

GRANTS = """
REVOKE EXECUTE ON FUNCTION cs_geo.acts_as(text[]), cs_geo.roles_held(text, text), cs_geo.roles_of(text),
    cs_geo.last_seen(), cs_geo.lies_protected(public.geometry),
    cs_geo.lies_protected(double precision, double precision), cs_geo.meets_protected(public.geometry),
    cs_geo.protected_ground(), cs_geo.redeem_ticket(bytea), cs_geo.drop_old_tickets() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cs_geo.acting_person(), cs_geo.acts_as(text[]), cs_geo.roles_held(text, text),
    cs_geo.roles_of(text), cs_geo.last_seen(), cs_geo.lies_protected(public.geometry),
    cs_geo.lies_protected(double precision, double precision), cs_geo.meets_protected(public.geometry),
    cs_geo.protected_ground(), cs_geo.redeem_ticket(bytea), cs_geo.drop_old_tickets() TO cs_geo_app;
-- Grants are ended, and people leave; neither is deleted.
GRANT SELECT, INSERT, UPDATE ON cs_geo.people, cs_geo.role_grants TO cs_geo_app;
"""


def upgrade() -> None:
    """Make people and roles, and put every table with report data under policies."""
    for part in (PEOPLE, IDENTITY, TICKETS, GRANTS, policies()):
        op.execute(part)


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
