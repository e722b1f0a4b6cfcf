"""Cases: what the named members of one open case may see of it, and nobody else outside those who work with reports.

A case freezes one version of a place's boundary. Members hold no policy on reports or places: what they see of them
comes through functions that ask first whether the acting person is a member now, whether the case is open and whether
it has lapsed. The functions give counts by source and day, and never a point, a row or an identifier of a report.
Members are ended and never deleted, so that it can be said later who could see what, when.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = """
CREATE SEQUENCE cs_geo.case_numbers;
CREATE TABLE cs_geo.cases (
    case_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    reference text NOT NULL UNIQUE
        DEFAULT 'C' || to_char(now(), 'YYYY') || '-' || lpad(nextval('cs_geo.case_numbers')::text, 3, '0'),
    place_id uuid NOT NULL,
    boundary_version integer NOT NULL,
    why_now text NOT NULL CHECK (length(why_now) BETWEEN 1 AND 400),
    since date NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    opened_by text NOT NULL,
    lapses_on date NOT NULL,
    closed_at timestamptz,
    closed_by text,
    FOREIGN KEY (place_id, boundary_version) REFERENCES cs_geo.place_boundaries (place_id, version),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CHECK (lapses_on > opened_at::date)
);
CREATE INDEX cases_place ON cs_geo.cases (place_id, boundary_version);

CREATE TABLE cs_geo.case_members (
    member_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    case_id uuid NOT NULL REFERENCES cs_geo.cases,
    person_id text NOT NULL REFERENCES cs_geo.people,
    added_at timestamptz NOT NULL DEFAULT now(),
    added_by text NOT NULL,
    ended_at timestamptz,
    ended_by text,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX case_members_current ON cs_geo.case_members (case_id, person_id) WHERE ended_at IS NULL;
CREATE INDEX case_members_person ON cs_geo.case_members (person_id);
"""

INTERNAL = "cs_geo.acts_as('coordinator', 'analyst', 'assessor', 'data_steward')"
MEMBER_ROLES = "cs_geo.acts_as('chair', 'panel_member', 'partner_viewer', 'assessor', 'coordinator', 'analyst')"

FUNCTIONS = f"""
-- Is the acting person a member now, in a role that a panel is made of, of a case that is open and has not lapsed?
CREATE FUNCTION cs_geo.is_case_member(asked uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT {MEMBER_ROLES} AND EXISTS (
        SELECT 1 FROM cs_geo.case_members m JOIN cs_geo.cases c USING (case_id)
        WHERE m.case_id = asked AND m.person_id = cs_geo.acting_person() AND m.ended_at IS NULL
            AND c.closed_at IS NULL AND c.lapses_on > current_date)
$$;
CREATE FUNCTION cs_geo.may_see_case(asked uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT {INTERNAL} OR cs_geo.is_case_member(asked)
$$;

-- The neutral name of the place and the boundary that was frozen.
CREATE FUNCTION cs_geo.case_place(asked uuid)
RETURNS TABLE (name text, place_type text, boundary_version integer, boundary public.geometry)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT p.name, p.place_type, b.version, b.geom
    FROM cs_geo.cases c JOIN cs_geo.places p USING (place_id)
    JOIN cs_geo.place_boundaries b ON b.place_id = c.place_id AND b.version = c.boundary_version
    WHERE c.case_id = asked AND cs_geo.may_see_case(asked)
$$;

-- Exact counts by kind, source and day of what was reported inside the boundary since the day that the case looks back
-- to. What is known only by its month stays so.
CREATE FUNCTION cs_geo.case_counts(asked uuid)
RETURNS TABLE (kind text, source_type text, day date, date_precision text, reports_n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT r.kind, r.source_type, r.first_day, CASE WHEN r.date_precision = 'month' THEN 'month' ELSE 'day' END,
        count(*)
    FROM cs_geo.cases c
    JOIN cs_geo.place_boundaries b ON b.place_id = c.place_id AND b.version = c.boundary_version
    JOIN cs_geo.reports r ON ST_Intersects(b.geom, r.geom)
    WHERE c.case_id = asked AND cs_geo.may_see_case(asked) AND r.first_day >= c.since
        AND NOT r.published AND NOT r.in_protected AND r.match_precision <> 'area'
    GROUP BY 1, 2, 3, 4
$$;

-- Whom a case may be opened to: those who hold a role that a panel is made of, by what colleagues call their post.
CREATE FUNCTION cs_geo.case_people() RETURNS TABLE (person_id text, label text, roles text[], agencies text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.person_id, p.label, array_agg(DISTINCT g.role ORDER BY g.role),
        array_agg(DISTINCT g.agency ORDER BY g.agency) FILTER (WHERE g.agency <> '')
    FROM cs_geo.people p JOIN cs_geo.role_grants g USING (person_id)
    WHERE p.left_at IS NULL AND g.ended_at IS NULL
        AND g.role IN ('chair', 'panel_member', 'partner_viewer', 'assessor', 'coordinator', 'analyst')
        AND cs_geo.acts_as('coordinator', 'data_steward', 'chair')
    GROUP BY p.person_id
$$;

-- What was opened stays as it was: a case may be closed, and be given a later day to lapse on.
CREATE FUNCTION cs_geo.guard_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.case_id, NEW.reference, NEW.place_id, NEW.boundary_version, NEW.why_now, NEW.since, NEW.opened_at,
        NEW.opened_by) IS DISTINCT FROM (OLD.case_id, OLD.reference, OLD.place_id, OLD.boundary_version, OLD.why_now,
        OLD.since, OLD.opened_at, OLD.opened_by) OR OLD.closed_at IS NOT NULL THEN
        RAISE check_violation USING MESSAGE = 'A case keeps what it was opened with, and stays closed.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_case BEFORE UPDATE ON cs_geo.cases FOR EACH ROW EXECUTE FUNCTION cs_geo.guard_case();
CREATE FUNCTION cs_geo.guard_case_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.member_id, NEW.case_id, NEW.person_id, NEW.added_at, NEW.added_by) IS DISTINCT FROM
        (OLD.member_id, OLD.case_id, OLD.person_id, OLD.added_at, OLD.added_by) OR OLD.ended_at IS NOT NULL THEN
        RAISE check_violation USING MESSAGE = 'A membership can be ended, and nothing else.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_case_member BEFORE UPDATE ON cs_geo.case_members
    FOR EACH ROW EXECUTE FUNCTION cs_geo.guard_case_member();
"""

POLICIES = f"""
ALTER TABLE cs_geo.cases ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY internal ON cs_geo.cases FOR SELECT TO cs_geo_app USING ((SELECT {INTERNAL}));
CREATE POLICY member ON cs_geo.cases FOR SELECT TO cs_geo_app USING (cs_geo.is_case_member(case_id));
CREATE POLICY opened ON cs_geo.cases FOR INSERT TO cs_geo_app
    WITH CHECK ((SELECT cs_geo.acts_as('coordinator')) AND opened_by = cs_geo.acting_person());
CREATE POLICY closed ON cs_geo.cases FOR UPDATE TO cs_geo_app
    USING ((SELECT cs_geo.acts_as('coordinator', 'data_steward'))
        OR ((SELECT cs_geo.acts_as('chair')) AND cs_geo.is_case_member(case_id)))
    WITH CHECK (true);

ALTER TABLE cs_geo.case_members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY internal ON cs_geo.case_members FOR SELECT TO cs_geo_app USING ((SELECT {INTERNAL}));
CREATE POLICY member ON cs_geo.case_members FOR SELECT TO cs_geo_app USING (cs_geo.is_case_member(case_id));
CREATE POLICY added ON cs_geo.case_members FOR INSERT TO cs_geo_app
    WITH CHECK (added_by = cs_geo.acting_person() AND ((SELECT cs_geo.acts_as('coordinator', 'data_steward'))
        OR ((SELECT cs_geo.acts_as('chair')) AND cs_geo.is_case_member(case_id))));
CREATE POLICY ended ON cs_geo.case_members FOR UPDATE TO cs_geo_app
    USING ((SELECT cs_geo.acts_as('coordinator', 'data_steward'))
        OR ((SELECT cs_geo.acts_as('chair')) AND cs_geo.is_case_member(case_id)))
    WITH CHECK (true);
"""

GRANTS = """
REVOKE EXECUTE ON FUNCTION cs_geo.is_case_member(uuid), cs_geo.may_see_case(uuid), cs_geo.case_place(uuid),
    cs_geo.case_counts(uuid), cs_geo.case_people() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cs_geo.is_case_member(uuid), cs_geo.may_see_case(uuid), cs_geo.case_place(uuid),
    cs_geo.case_counts(uuid), cs_geo.case_people() TO cs_geo_app;
GRANT SELECT, INSERT ON cs_geo.cases, cs_geo.case_members TO cs_geo_app;
GRANT UPDATE (closed_at, closed_by, lapses_on) ON cs_geo.cases TO cs_geo_app;
GRANT UPDATE (ended_at, ended_by) ON cs_geo.case_members TO cs_geo_app;
GRANT USAGE ON SEQUENCE cs_geo.case_numbers TO cs_geo_app;
"""


def upgrade() -> None:
    """Make cases and their members, and what members may see."""
    for part in (TABLES, FUNCTIONS, POLICIES, GRANTS):
        op.execute(part)


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
