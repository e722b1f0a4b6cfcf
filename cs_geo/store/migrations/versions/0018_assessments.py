"""Assessments of a neighbourhood: each of one place, on a frozen version of its boundary, perhaps for a case.

What is asked, seen and talked about in an assessment hangs on its row. It is begun once and closed once; the one that
runs it again at a review names the one that it repeats.
"""

from alembic import op

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE cs_geo.assessments (
    assessment_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    place_id uuid NOT NULL,
    boundary_version integer NOT NULL,
    case_id uuid REFERENCES cs_geo.cases,
    repeats uuid REFERENCES cs_geo.assessments,
    begun_at timestamptz NOT NULL DEFAULT now(),
    begun_by text NOT NULL,
    closed_at timestamptz,
    closed_by text,
    FOREIGN KEY (place_id, boundary_version) REFERENCES cs_geo.place_boundaries (place_id, version),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
);
CREATE INDEX assessments_place ON cs_geo.assessments (place_id, boundary_version);
CREATE INDEX assessments_case ON cs_geo.assessments (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX assessments_repeats ON cs_geo.assessments (repeats) WHERE repeats IS NOT NULL;
"""

FUNCTIONS = """
CREATE FUNCTION cs_geo.guard_assessment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.assessment_id, NEW.place_id, NEW.boundary_version, NEW.case_id, NEW.repeats, NEW.begun_at, NEW.begun_by)
        IS DISTINCT FROM (OLD.assessment_id, OLD.place_id, OLD.boundary_version, OLD.case_id, OLD.repeats,
        OLD.begun_at, OLD.begun_by) OR OLD.closed_at IS NOT NULL THEN
        RAISE check_violation USING MESSAGE = 'An assessment keeps what it was begun with, and stays closed.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_assessment BEFORE UPDATE ON cs_geo.assessments
    FOR EACH ROW EXECUTE FUNCTION cs_geo.guard_assessment();
"""

POLICIES = """
ALTER TABLE cs_geo.assessments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY internal ON cs_geo.assessments FOR SELECT TO cs_geo_app
    USING ((SELECT cs_geo.acts_as('coordinator', 'analyst', 'assessor', 'data_steward')));
CREATE POLICY begun ON cs_geo.assessments FOR INSERT TO cs_geo_app
    WITH CHECK ((SELECT cs_geo.acts_as('coordinator', 'assessor')) AND begun_by = cs_geo.acting_person());
CREATE POLICY closed ON cs_geo.assessments FOR UPDATE TO cs_geo_app
    USING ((SELECT cs_geo.acts_as('coordinator', 'assessor'))) WITH CHECK (true);
"""

GRANTS = """
GRANT SELECT, INSERT ON cs_geo.assessments TO cs_geo_app;
GRANT UPDATE (closed_at, closed_by) ON cs_geo.assessments TO cs_geo_app;
"""


def upgrade() -> None:
    """Make assessments."""
    for part in (TABLES, FUNCTIONS, POLICIES, GRANTS):
        op.execute(part)


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
