"""Standing purposes, and the erasure of a place and of a person.

What a person exports for, week after week, is kept for 90 days so that it is not asked each time. Each export still
writes a row of its own, which names the standing purpose. A person sees and uses only their own; the steward sees all.

A place is erased with its names and boundaries; reports lie where they lay, and name what was written. A person who
used the program is erased to a pseudonym: what they did stays written down, and who they were does not.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
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


ERASURE = """
CREATE TABLE cs_geo.other_erasures (
    erased_id text PRIMARY KEY,
    what text NOT NULL CHECK (what IN ('place', 'person')),
    erased_at timestamptz NOT NULL DEFAULT now(),
    erased_by text NOT NULL,
    reason text NOT NULL
);
ALTER TABLE cs_geo.other_erasures ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY steward ON cs_geo.other_erasures FOR SELECT TO cs_geo_app
    USING ((SELECT cs_geo.acts_as('data_steward')));
GRANT SELECT ON cs_geo.other_erasures TO cs_geo_app;

CREATE FUNCTION cs_geo.erase_place(asked uuid, why text) RETURNS TABLE (boundaries bigint, links bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    part bigint;
BEGIN
    IF NOT cs_geo.acts_as('data_steward') THEN
        RAISE insufficient_privilege USING MESSAGE = 'Only a data steward may erase a place.';
    END IF;
    LOCK TABLE cs_geo.legal_holds, cs_geo.cases IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT 1 FROM cs_geo.legal_holds h WHERE h.place_id = asked AND h.ended_at IS NULL) THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = 'The place is under a legal hold.';
    END IF;
    IF EXISTS (SELECT 1 FROM cs_geo.cases c WHERE c.place_id = asked) THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = 'A case is about the place.';
    END IF;
    INSERT INTO cs_geo.other_erasures (erased_id, what, erased_by, reason)
    VALUES (asked::text, 'place', coalesce(cs_geo.acting_person(), ''), why);
    UPDATE cs_geo.reports r SET place_id = NULL WHERE r.place_id = asked;
    GET DIAGNOSTICS links = ROW_COUNT;
    UPDATE cs_geo.effort_sessions s SET place_id = NULL WHERE s.place_id = asked;
    GET DIAGNOSTICS part = ROW_COUNT;
    links := links + part;
    UPDATE cs_geo.report_versions v SET place_id = NULL WHERE v.place_id = asked;
    UPDATE cs_geo.effort_session_versions v SET place_id = NULL WHERE v.place_id = asked;
    DELETE FROM cs_geo.legal_holds h WHERE h.place_id = asked;
    DELETE FROM cs_geo.place_aliases a WHERE a.place_id = asked;
    DELETE FROM cs_geo.place_boundaries b WHERE b.place_id = asked;
    GET DIAGNOSTICS boundaries = ROW_COUNT;
    DELETE FROM cs_geo.places p WHERE p.place_id = asked;
    IF NOT FOUND THEN
        RAISE no_data_found USING MESSAGE = 'There is no such place.';
    END IF;
    RETURN NEXT;
END $$;

CREATE FUNCTION cs_geo.erase_person(asked text, why text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT cs_geo.acts_as('data_steward') THEN
        RAISE insufficient_privilege USING MESSAGE = 'Only a data steward may erase a person.';
    END IF;
    IF asked = cs_geo.acting_person() OR asked = 'local' THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = 'Nobody erases themselves.';
    END IF;
    UPDATE cs_geo.people p SET issuer = 'erased', subject = p.person_id, label = '', seen_at = NULL,
        left_at = coalesce(p.left_at, now())
    WHERE p.person_id = asked AND p.issuer <> 'erased';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO cs_geo.other_erasures (erased_id, what, erased_by, reason)
    VALUES (asked, 'person', coalesce(cs_geo.acting_person(), ''), why);
    UPDATE cs_geo.role_grants g SET ended_at = coalesce(g.ended_at, now()),
        ended_by = coalesce(g.ended_by, cs_geo.acting_person()), agency = ''
    WHERE g.person_id = asked;
    UPDATE cs_geo.case_members m SET ended_at = now(), ended_by = cs_geo.acting_person()
    WHERE m.person_id = asked AND m.ended_at IS NULL;
    DELETE FROM cs_geo.standing_purposes s WHERE s.person = asked;
    DELETE FROM cs_geo.download_tickets t WHERE t.person = asked;
    RETURN true;
END $$;

-- Whom a steward may erase: by post, for those who still have one here.
CREATE FUNCTION cs_geo.person_named(asked_issuer text, asked_subject text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.person_id FROM cs_geo.people p
    WHERE p.issuer = asked_issuer AND p.subject = asked_subject AND cs_geo.acts_as('data_steward')
$$;

REVOKE EXECUTE ON FUNCTION cs_geo.erase_place(uuid, text), cs_geo.erase_person(text, text),
    cs_geo.person_named(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cs_geo.erase_place(uuid, text), cs_geo.erase_person(text, text),
    cs_geo.person_named(text, text) TO cs_geo_app;
"""


def upgrade() -> None:
    """Make the table of standing purposes, and let a data steward erase a place and a person."""
    for part in (TABLE, ERASURE):
        op.get_bind().exec_driver_sql(part)


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
