"""The panel: what is written down about a case, its steps from state to state, its linked places, and meetings.

Nothing here is changed or deleted: a correction is a new version of a record, and a step is added. Whoever may see a
case may see its records. A case that was closed may be opened again; its members are then named anew.
"""

from alembic import op

revision = "0023"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE cs_geo.case_records (
    case_id uuid NOT NULL REFERENCES cs_geo.cases,
    sort text NOT NULL,
    key text NOT NULL DEFAULT '',
    version integer NOT NULL CHECK (version > 0),
    body jsonb NOT NULL,
    configuration text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    recorded_by text NOT NULL,
    as_role text NOT NULL,
    PRIMARY KEY (case_id, sort, key, version)
);

CREATE TABLE cs_geo.case_steps (
    case_id uuid NOT NULL REFERENCES cs_geo.cases,
    number integer NOT NULL CHECK (number > 0),
    from_state text NOT NULL,
    to_state text NOT NULL,
    reason text NOT NULL DEFAULT '',
    passed text[] NOT NULL DEFAULT '{}',
    configuration text NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now(),
    taken_by text NOT NULL,
    as_role text NOT NULL,
    PRIMARY KEY (case_id, number),
    -- What was passed over was passed with a reason.
    CHECK (passed = '{}' OR reason <> '')
);

CREATE TABLE cs_geo.case_contexts (
    case_id uuid NOT NULL REFERENCES cs_geo.cases,
    place_id uuid NOT NULL,
    boundary_version integer NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    added_by text NOT NULL,
    PRIMARY KEY (case_id, place_id),
    FOREIGN KEY (place_id, boundary_version) REFERENCES cs_geo.place_boundaries (place_id, version)
);
CREATE INDEX case_contexts_place ON cs_geo.case_contexts (place_id, boundary_version);

CREATE TABLE cs_geo.panel_meetings (
    meeting_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    begun_at timestamptz NOT NULL DEFAULT now(),
    begun_by text NOT NULL,
    as_role text NOT NULL,
    agencies text[] NOT NULL DEFAULT '{}',
    configuration text NOT NULL,
    welfare_read_at timestamptz,
    closed_at timestamptz,
    closed_by text,
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
);

CREATE TABLE cs_geo.meeting_items (
    meeting_id uuid NOT NULL REFERENCES cs_geo.panel_meetings,
    position integer NOT NULL,
    case_id uuid NOT NULL REFERENCES cs_geo.cases,
    why text NOT NULL DEFAULT '',
    PRIMARY KEY (meeting_id, position),
    UNIQUE (meeting_id, case_id)
);
CREATE INDEX meeting_items_case ON cs_geo.meeting_items (case_id);
"""

FUNCTIONS = """
-- The places that stand in a case beside its own, with the boundary that was frozen when they were added.
CREATE FUNCTION cs_geo.case_linked(asked uuid)
RETURNS TABLE (place_id uuid, name text, place_type text, boundary_version integer, boundary public.geometry)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT p.place_id, p.name, p.place_type, b.version, b.geom
    FROM cs_geo.case_contexts x JOIN cs_geo.places p USING (place_id)
    JOIN cs_geo.place_boundaries b ON b.place_id = x.place_id AND b.version = x.boundary_version
    WHERE x.case_id = asked AND cs_geo.may_see_case(asked)
    ORDER BY x.added_at, p.name
$$;

-- What was reported inside each of them, by kind and source.
CREATE FUNCTION cs_geo.case_linked_counts(asked uuid)
RETURNS TABLE (place_id uuid, kind text, source_type text, reports_n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT x.place_id, r.kind, r.source_type, count(*)
    FROM cs_geo.case_contexts x JOIN cs_geo.cases c USING (case_id)
    JOIN cs_geo.place_boundaries b ON b.place_id = x.place_id AND b.version = x.boundary_version
    JOIN cs_geo.reports r ON ST_Intersects(b.geom, r.geom)
    WHERE x.case_id = asked AND cs_geo.may_see_case(asked) AND r.first_day >= c.since
        AND NOT r.published AND NOT r.in_protected AND r.match_precision <> 'area'
    GROUP BY 1, 2, 3
$$;

-- How far the assessment of a case's own place has come, as its guards ask.
CREATE FUNCTION cs_geo.case_fieldwork(asked uuid) RETURNS TABLE (begun boolean, repeated boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT count(*) > 0, count(*) FILTER (WHERE a.repeats IS NOT NULL) > 0
    FROM cs_geo.assessments a JOIN cs_geo.cases c USING (case_id)
    WHERE a.case_id = asked AND a.place_id = c.place_id AND cs_geo.may_see_case(asked)
$$;

-- A case may be closed, given a later day to lapse on, and opened again; what it was opened with stays.
CREATE OR REPLACE FUNCTION cs_geo.guard_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.case_id, NEW.reference, NEW.place_id, NEW.boundary_version, NEW.why_now, NEW.since, NEW.opened_at,
        NEW.opened_by) IS DISTINCT FROM (OLD.case_id, OLD.reference, OLD.place_id, OLD.boundary_version, OLD.why_now,
        OLD.since, OLD.opened_at, OLD.opened_by) OR (OLD.closed_at IS NOT NULL AND NEW.closed_at IS NOT NULL) THEN
        RAISE check_violation USING MESSAGE = 'A case keeps what it was opened with, and when it was closed.';
    END IF;
    -- Whoever was a member before is not one because a case is opened again.
    IF OLD.closed_at IS NOT NULL AND EXISTS (
        SELECT 1 FROM cs_geo.case_members m WHERE m.case_id = OLD.case_id AND m.ended_at IS NULL) THEN
        RAISE check_violation USING MESSAGE = 'A case that is opened again names its members anew.';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION cs_geo.guard_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.meeting_id, NEW.begun_at, NEW.begun_by, NEW.as_role, NEW.configuration) IS DISTINCT FROM
        (OLD.meeting_id, OLD.begun_at, OLD.begun_by, OLD.as_role, OLD.configuration)
        OR OLD.closed_at IS NOT NULL OR (OLD.welfare_read_at IS NOT NULL AND
            NEW.welfare_read_at IS DISTINCT FROM OLD.welfare_read_at) THEN
        RAISE check_violation USING MESSAGE = 'A meeting keeps what was noted of it, and stays closed.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_meeting BEFORE UPDATE ON cs_geo.panel_meetings
    FOR EACH ROW EXECUTE FUNCTION cs_geo.guard_meeting();
"""

INTERNAL = "(SELECT cs_geo.acts_as('coordinator', 'analyst', 'assessor', 'data_steward'))"
WRITES = "(SELECT cs_geo.acts_as('coordinator', 'analyst', 'assessor'))"
PANEL = "(SELECT cs_geo.acts_as('chair', 'panel_member'))"

POLICIES = "".join(
    f"""
ALTER TABLE cs_geo.{table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY internal ON cs_geo.{table} FOR SELECT TO cs_geo_app USING ({INTERNAL});
CREATE POLICY member ON cs_geo.{table} FOR SELECT TO cs_geo_app USING (cs_geo.is_case_member(case_id));
CREATE POLICY written ON cs_geo.{table} FOR INSERT TO cs_geo_app WITH CHECK (
    {who} = cs_geo.acting_person() AND ({WRITES} OR ({PANEL} AND cs_geo.is_case_member(case_id))));
"""
    for table, who in (("case_records", "recorded_by"), ("case_steps", "taken_by"), ("case_contexts", "added_by"))
)
MEETINGS = f"""
ALTER TABLE cs_geo.meeting_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY internal ON cs_geo.meeting_items FOR SELECT TO cs_geo_app USING ({INTERNAL});
CREATE POLICY member ON cs_geo.meeting_items FOR SELECT TO cs_geo_app USING (cs_geo.is_case_member(case_id));
CREATE POLICY added ON cs_geo.meeting_items FOR INSERT TO cs_geo_app WITH CHECK (
    (SELECT cs_geo.acts_as('coordinator')) OR ((SELECT cs_geo.acts_as('chair')) AND cs_geo.is_case_member(case_id)));

ALTER TABLE cs_geo.panel_meetings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY internal ON cs_geo.panel_meetings FOR SELECT TO cs_geo_app USING ({INTERNAL});
CREATE POLICY own ON cs_geo.panel_meetings FOR SELECT TO cs_geo_app USING (begun_by = cs_geo.acting_person());
CREATE POLICY member ON cs_geo.panel_meetings FOR SELECT TO cs_geo_app USING (
    EXISTS (SELECT 1 FROM cs_geo.meeting_items i
        WHERE i.meeting_id = panel_meetings.meeting_id AND cs_geo.is_case_member(i.case_id)));
CREATE POLICY begun ON cs_geo.panel_meetings FOR INSERT TO cs_geo_app WITH CHECK (
    begun_by = cs_geo.acting_person() AND (SELECT cs_geo.acts_as('coordinator', 'chair')));
CREATE POLICY held ON cs_geo.panel_meetings FOR UPDATE TO cs_geo_app
    USING ((SELECT cs_geo.acts_as('coordinator', 'chair'))) WITH CHECK (true);
"""

GRANTS = """
REVOKE EXECUTE ON FUNCTION cs_geo.case_linked(uuid), cs_geo.case_linked_counts(uuid), cs_geo.case_fieldwork(uuid)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cs_geo.case_linked(uuid), cs_geo.case_linked_counts(uuid), cs_geo.case_fieldwork(uuid)
    TO cs_geo_app;
GRANT SELECT, INSERT ON cs_geo.case_records, cs_geo.case_steps, cs_geo.case_contexts, cs_geo.panel_meetings,
    cs_geo.meeting_items TO cs_geo_app;
GRANT UPDATE (agencies, welfare_read_at, closed_at, closed_by) ON cs_geo.panel_meetings TO cs_geo_app;
"""


def upgrade() -> None:
    """Make the panel's tables."""
    for part in (TABLES, FUNCTIONS, POLICIES, MEETINGS, GRANTS):
        op.execute(part)


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
