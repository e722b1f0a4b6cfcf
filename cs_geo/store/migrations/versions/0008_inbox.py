"""The inbox: what contributors hand in, and what became of it.

A contributor reads and adds their own; a coordinator or analyst reads all and answers. Nobody deletes. Which state may
follow which, and who may change what on the way, is held here: a trigger refuses everything else. Times and persons are
taken from the transaction. Every state is appended to a history that the app can read and never write.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE cs_geo.submissions (
    submission_id uuid PRIMARY KEY,
    person text NOT NULL,
    agency text NOT NULL DEFAULT '',
    kind text NOT NULL CHECK (kind IN ('report', 'place_referral')),
    given jsonb NOT NULL,
    state text NOT NULL DEFAULT 'handed_in'
        CHECK (state IN ('handed_in', 'asked_back', 'accepted', 'declined')),
    answer text NOT NULL DEFAULT '',
    report_id uuid,
    reference text NOT NULL DEFAULT '',
    handed_in_at timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz,
    answered_by text,
    CHECK ((state = 'accepted') = (report_id IS NOT NULL)),
    CHECK (state NOT IN ('asked_back', 'declined') OR answer <> ''),
    CHECK ((answered_at IS NULL) = (answered_by IS NULL))
);
CREATE INDEX submissions_person ON cs_geo.submissions (person, handed_in_at);
CREATE INDEX submissions_waiting ON cs_geo.submissions (handed_in_at) WHERE state = 'handed_in';

CREATE TABLE cs_geo.submission_states (
    submission_id uuid NOT NULL REFERENCES cs_geo.submissions,
    number integer NOT NULL,
    state text NOT NULL,
    answer text NOT NULL,
    entered_at timestamptz NOT NULL,
    entered_by text NOT NULL,
    PRIMARY KEY (submission_id, number)
);
"""

FUNCTIONS = """
CREATE FUNCTION cs_geo.guard_submission() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_own boolean;
    call constant text[] := ARRAY['fields', 'safeguarding_answer'];
BEGIN
    -- A rule of retention, which runs as the owner.
    IF current_user <> 'cs_geo_app' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'handed_in' OR NEW.answer <> '' OR NEW.answered_at IS NOT NULL THEN
            RAISE check_violation USING MESSAGE = 'A submission begins as handed in.';
        END IF;
        NEW.handed_in_at := now();
        RETURN NEW;
    END IF;
    is_own := OLD.person = cs_geo.acting_person();
    -- That somebody has called, whoever of the two notes it first.
    IF NEW.state = OLD.state AND OLD.state IN ('handed_in', 'asked_back') AND NEW.answer = OLD.answer
        AND OLD.given #>> call = 'no' AND NEW.given = jsonb_set(OLD.given, call, '"yes"') THEN
        RETURN NEW;
    END IF;
    -- Handed in again after a question.
    IF is_own AND OLD.state = 'asked_back' AND NEW.state = 'handed_in' AND NEW.answer = OLD.answer THEN
        NEW.handed_in_at := now();
        RETURN NEW;
    END IF;
    IF OLD.state = 'handed_in' AND NEW.state IN ('asked_back', 'accepted', 'declined') AND NEW.given = OLD.given
        AND cs_geo.acts_as('coordinator', 'analyst') THEN
        NEW.answered_at := now();
        NEW.answered_by := cs_geo.acting_person();
        RETURN NEW;
    END IF;
    RAISE check_violation USING MESSAGE = 'A submission cannot change in this way.';
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON cs_geo.submissions
    FOR EACH ROW EXECUTE FUNCTION cs_geo.guard_submission();

CREATE FUNCTION cs_geo.note_submission_state() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.state <> OLD.state THEN
        INSERT INTO cs_geo.submission_states (submission_id, number, state, answer, entered_at, entered_by)
        SELECT NEW.submission_id, count(*) + 1, NEW.state,
            CASE WHEN NEW.state = 'handed_in' THEN '' ELSE NEW.answer END, now(), coalesce(cs_geo.acting_person(), '')
        FROM cs_geo.submission_states s WHERE s.submission_id = NEW.submission_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_state AFTER INSERT OR UPDATE ON cs_geo.submissions
    FOR EACH ROW EXECUTE FUNCTION cs_geo.note_submission_state();
"""

RETAIN = """
-- What was said in words goes some time after the answer; its sort, day, codes and state stay. Where nobody has called
-- about a child who may be in danger, it waits for that.
CREATE FUNCTION cs_geo.retain_submissions(older_than interval, OUT records bigint, OUT held bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    texts constant text[] := ARRAY['location', 'note', 'what_helped'];
    due uuid[];
BEGIN
    IF NOT cs_geo.acts_as('data_steward') THEN
        RAISE insufficient_privilege USING MESSAGE = 'Only a data steward may apply a rule of retention.';
    END IF;
    IF older_than < interval '1 day' THEN
        RAISE invalid_parameter_value USING MESSAGE = 'A rule of retention needs a time of a day or more.';
    END IF;
    due := ARRAY(SELECT s.submission_id FROM cs_geo.submissions s
        WHERE s.state <> 'handed_in' AND s.answered_at < now() - older_than
            AND NOT (s.state = 'asked_back' AND s.given #>> '{fields,safeguarding_answer}' = 'no')
            AND (s.given -> 'fields' ?| texts OR s.given -> 'pin' <> 'null' OR s.answer NOT IN ('', 'removed')));
    SELECT count(*) INTO held FROM cs_geo.submissions s
    WHERE s.submission_id = ANY (due) AND s.report_id IN (SELECT r.record_id FROM cs_geo.held_records() r);
    WITH done AS (
        UPDATE cs_geo.submissions s SET answer = CASE WHEN s.answer = '' THEN '' ELSE 'removed' END,
            given = jsonb_build_object('fields', (s.given -> 'fields') - texts, 'pin', NULL)
        WHERE s.submission_id = ANY (due)
            AND (s.report_id IS NULL OR s.report_id NOT IN (SELECT r.record_id FROM cs_geo.held_records() r))
        RETURNING s.submission_id),
    words AS (
        UPDATE cs_geo.submission_states t SET answer = 'removed'
        WHERE t.answer <> '' AND t.submission_id IN (SELECT d.submission_id FROM done d))
    SELECT count(*) INTO records FROM done;
END $$;
REVOKE EXECUTE ON FUNCTION cs_geo.retain_submissions(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cs_geo.retain_submissions(interval) TO cs_geo_app;
"""

HANDS_IN = "(SELECT cs_geo.acts_as('contributor', 'coordinator', 'analyst'))"
ANSWERS = "(SELECT cs_geo.acts_as('coordinator', 'analyst'))"
OWN = f"person = cs_geo.acting_person() AND {HANDS_IN}"

POLICIES = f"""
REVOKE ALL ON cs_geo.submissions, cs_geo.submission_states FROM PUBLIC;
GRANT SELECT, INSERT ON cs_geo.submissions TO cs_geo_app;
GRANT UPDATE (given, state, answer, report_id, reference) ON cs_geo.submissions TO cs_geo_app;
GRANT SELECT ON cs_geo.submission_states TO cs_geo_app;

ALTER TABLE cs_geo.submissions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY read_own ON cs_geo.submissions FOR SELECT TO cs_geo_app USING ({OWN});
CREATE POLICY hand_in ON cs_geo.submissions FOR INSERT TO cs_geo_app WITH CHECK ({OWN});
CREATE POLICY hand_in_again ON cs_geo.submissions FOR UPDATE TO cs_geo_app USING ({OWN}) WITH CHECK ({OWN});
CREATE POLICY read_all ON cs_geo.submissions FOR SELECT TO cs_geo_app USING ({ANSWERS});
CREATE POLICY answer ON cs_geo.submissions FOR UPDATE TO cs_geo_app USING ({ANSWERS}) WITH CHECK ({ANSWERS});

-- Whoever may read a submission may read its states.
ALTER TABLE cs_geo.submission_states ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY with_submission ON cs_geo.submission_states FOR SELECT TO cs_geo_app
    USING (EXISTS (SELECT 1 FROM cs_geo.submissions s WHERE s.submission_id = submission_states.submission_id));
"""


def upgrade() -> None:
    """Make the inbox, its states and its policies."""
    for part in (TABLES, FUNCTIONS, RETAIN, POLICIES):
        op.get_bind().exec_driver_sql(part)  # a colon here is a colon, and no parameter


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
