"""Standing purposes: what a person exports for, week after week, kept for 90 days so that it is not asked each time.

Each export still writes a row of its own, which names the standing purpose. A person sees and uses only their own; the
steward sees all. A purpose is ended and never changed.
"""

from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE cs_geo.standing_purposes (
    standing_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person text NOT NULL,
    tier text NOT NULL CHECK (tier IN ('internal', 'partner', 'public')),
    purpose text NOT NULL CHECK (length(purpose) BETWEEN 1 AND 200),
    recipient text NOT NULL DEFAULT '' CHECK (length(recipient) <= 100),
    kept_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '90 days',
    ended_at timestamptz
);
CREATE UNIQUE INDEX standing_purposes_current ON cs_geo.standing_purposes (person, tier, purpose, recipient)
    WHERE ended_at IS NULL;
ALTER TABLE cs_geo.standing_purposes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON cs_geo.standing_purposes FOR ALL TO cs_geo_app
    USING (person = cs_geo.acting_person()) WITH CHECK (person = cs_geo.acting_person());
CREATE POLICY steward ON cs_geo.standing_purposes FOR SELECT TO cs_geo_app
    USING ((SELECT cs_geo.acts_as('data_steward')));
GRANT SELECT ON cs_geo.standing_purposes TO cs_geo_app;
GRANT INSERT (person, tier, purpose, recipient) ON cs_geo.standing_purposes TO cs_geo_app;
GRANT UPDATE (ended_at) ON cs_geo.standing_purposes TO cs_geo_app;
"""


def upgrade() -> None:
    """Make the table of standing purposes."""
    op.execute(TABLE)


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
