"""Texts as they may be shown, who has approved them, and the one door by which they reach anybody outside.

``reports`` keeps what a partner wrote, without the details that a pattern finds: the raw text. Of each text there is a
row here, with the words that may name somebody taken out and the kinds of what was found. Pages and files show that.
Outside the internal roles nothing is shown but what ``approved_text`` gives: nothing until somebody approves.

Held by the database: a text begins unreviewed; flags never become fewer; a text with flags is approved by a data
steward alone; a text that changes loses its approval. Every decision is appended, without words, to a table that the
app can read and never write. What flags a text has is found by the program, and the database takes its word for it.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE cs_geo.report_texts (
    text_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    report_id uuid NOT NULL REFERENCES cs_geo.reports ON DELETE CASCADE,
    field text NOT NULL CHECK (field IN ('note', 'what_helped', 'outcome')),
    redacted text NOT NULL CHECK (redacted <> ''),
    flags text[] NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'unreviewed' CHECK (state IN ('unreviewed', 'redacted', 'approved', 'withdrawn')),
    version integer NOT NULL DEFAULT 1,
    checked_at timestamptz NOT NULL DEFAULT now(),
    reviewed_at timestamptz,
    reviewed_by text,
    UNIQUE (report_id, field),
    CHECK ((state = 'unreviewed') = (reviewed_at IS NULL)),
    CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL))
);
CREATE INDEX report_texts_waiting ON cs_geo.report_texts (checked_at) WHERE state IN ('unreviewed', 'redacted');
-- Which texts have not been checked yet is asked after every import.
CREATE INDEX reports_with_texts ON cs_geo.reports (report_id)
    WHERE NOT published AND (note <> '' OR what_helped <> '' OR outcome <> '');

CREATE TABLE cs_geo.text_decisions (
    decision_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    report_id uuid NOT NULL,
    field text NOT NULL,
    decision text NOT NULL CHECK (decision IN ('redacted', 'approved', 'withdrawn', 'released', 'text_changed')),
    flags text[] NOT NULL,
    reason text NOT NULL DEFAULT '',
    decided_at timestamptz NOT NULL DEFAULT now(),
    decided_by text NOT NULL
);
CREATE INDEX text_decisions_report ON cs_geo.text_decisions (report_id);
"""

REVIEW = """
CREATE FUNCTION cs_geo.guard_report_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A rule of retention, an upgrade or a chair's release, which run as the owner.
    IF current_user <> 'cs_geo_app' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'unreviewed' OR NEW.version <> 1 THEN
            RAISE check_violation USING MESSAGE = 'A text begins as unreviewed.';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT OLD.flags <@ NEW.flags THEN
        RAISE check_violation USING MESSAGE = 'What was found in a text stays noted.';
    END IF;
    CASE NEW.state
    WHEN 'redacted' THEN NULL;
    WHEN 'withdrawn' THEN
        IF OLD.state = 'withdrawn' OR NEW.redacted <> OLD.redacted THEN
            RAISE check_violation USING MESSAGE = 'A text cannot be withdrawn in this way.';
        END IF;
    WHEN 'approved' THEN
        IF OLD.state NOT IN ('unreviewed', 'redacted') OR NEW.redacted <> OLD.redacted THEN
            RAISE check_violation USING MESSAGE = 'A text cannot be approved in this way.';
        END IF;
        IF cardinality(NEW.flags) > 0 AND NOT cs_geo.acts_as('data_steward') THEN
            RAISE insufficient_privilege USING MESSAGE = 'A text with flags is approved by a data steward.';
        END IF;
    ELSE
        RAISE check_violation USING MESSAGE = 'A text cannot change in this way.';
    END CASE;
    NEW.version := OLD.version + 1;
    NEW.reviewed_at := now();
    NEW.reviewed_by := cs_geo.acting_person();
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON cs_geo.report_texts
    FOR EACH ROW EXECUTE FUNCTION cs_geo.guard_report_text();

CREATE FUNCTION cs_geo.note_text_decision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO cs_geo.text_decisions (report_id, field, decision, flags, decided_by)
    VALUES (NEW.report_id, NEW.field, NEW.state, NEW.flags, coalesce(cs_geo.acting_person(), ''));
    RETURN NULL;
END $$;
CREATE TRIGGER note_decision AFTER UPDATE ON cs_geo.report_texts
    FOR EACH ROW WHEN (current_user = 'cs_geo_app') EXECUTE FUNCTION cs_geo.note_text_decision();

-- Whatever changes a text, it must be checked and approved anew, unless it became the very text that was shown.
CREATE FUNCTION cs_geo.forget_changed_texts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    WITH changed AS (
        SELECT c.field, c.now_is FROM (VALUES ('note', OLD.note, NEW.note),
            ('what_helped', OLD.what_helped, NEW.what_helped), ('outcome', OLD.outcome, NEW.outcome)
        ) AS c (field, was, now_is) WHERE c.was <> c.now_is),
    gone AS (
        DELETE FROM cs_geo.report_texts t USING changed c
        WHERE t.report_id = NEW.report_id AND t.field = c.field AND t.redacted <> c.now_is
        RETURNING t.field, t.flags, t.state)
    INSERT INTO cs_geo.text_decisions (report_id, field, decision, flags, decided_by)
    SELECT NEW.report_id, g.field, 'text_changed', g.flags, coalesce(cs_geo.acting_person(), '')
    FROM gone g WHERE g.state <> 'unreviewed';
    RETURN NULL;
END $$;
CREATE TRIGGER forget_changed_texts AFTER UPDATE OF note, what_helped, outcome ON cs_geo.reports
    FOR EACH ROW WHEN ((OLD.note, OLD.what_helped, OLD.outcome) IS DISTINCT FROM
        (NEW.note, NEW.what_helped, NEW.outcome))
    EXECUTE FUNCTION cs_geo.forget_changed_texts();
"""

DOOR = """
-- Does a case look at a report: inside the boundary that was frozen, on or after the day it looks back to?
CREATE FUNCTION cs_geo.case_holds(asked_case uuid, asked uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (
        SELECT 1 FROM cs_geo.cases c
        JOIN cs_geo.place_boundaries b ON b.place_id = c.place_id AND b.version = c.boundary_version
        JOIN cs_geo.reports r ON ST_Intersects(b.geom, r.geom)
        WHERE c.case_id = asked_case AND r.report_id = asked AND r.first_day >= c.since
            AND NOT r.published AND NOT r.in_protected AND r.match_precision <> 'area')
$$;

-- Is the acting person a member of an open case that looks at a report?
CREATE FUNCTION cs_geo.has_case_with(asked uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT 1 FROM cs_geo.cases c
        WHERE c.closed_at IS NULL AND cs_geo.is_case_member(c.case_id) AND cs_geo.case_holds(c.case_id, asked))
$$;

-- Who may have the approved texts of a report: those who work with reports, and members of an open case with it.
CREATE FUNCTION cs_geo.may_read_approved(asked uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT cs_geo.acts_as('coordinator', 'analyst', 'assessor', 'data_steward') OR cs_geo.has_case_with(asked)
$$;

-- Who may release the texts of a report in an urgent case: the chair, for reports of a case of theirs.
CREATE FUNCTION cs_geo.may_release(asked uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT cs_geo.acts_as('chair') AND cs_geo.has_case_with(asked)
$$;

-- The one way by which a text reaches anybody outside the internal roles.
CREATE FUNCTION cs_geo.approved_text(asked uuid) RETURNS TABLE (field text, said text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT t.field, t.redacted FROM cs_geo.report_texts t JOIN cs_geo.reports r USING (report_id)
    WHERE t.report_id = asked AND t.state = 'approved' AND NOT r.published AND NOT r.in_protected
        AND cs_geo.may_read_approved(asked)
    ORDER BY t.field
$$;

-- The approved texts of the reports of a case, through the same door, in no order that tells which belong together.
CREATE FUNCTION cs_geo.case_texts(asked uuid) RETURNS TABLE (said text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT a.said FROM cs_geo.cases c
    JOIN cs_geo.place_boundaries b ON b.place_id = c.place_id AND b.version = c.boundary_version
    JOIN cs_geo.reports r ON ST_Intersects(b.geom, r.geom)
    CROSS JOIN LATERAL cs_geo.approved_text(r.report_id) AS a
    WHERE c.case_id = asked AND cs_geo.may_see_case(asked) AND cs_geo.case_holds(asked, r.report_id)
    ORDER BY a.said
$$;

-- In an urgent case, before anybody has reviewed it: the text without the words that may name somebody, and never the
-- raw one. What was withdrawn stays so. How many texts were released; 0 also where there is no such report.
CREATE FUNCTION cs_geo.release_text(asked uuid, why text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    released bigint;
BEGIN
    IF NOT cs_geo.may_release(asked) THEN
        RAISE insufficient_privilege USING MESSAGE = 'Only the chair may release a text in an urgent case.';
    END IF;
    IF why = '' THEN
        RAISE check_violation USING MESSAGE = 'A release needs a reason.';
    END IF;
    WITH done AS (
        UPDATE cs_geo.report_texts t
        SET state = 'approved', version = t.version + 1, reviewed_at = now(), reviewed_by = cs_geo.acting_person()
        FROM cs_geo.reports r
        WHERE t.report_id = asked AND r.report_id = asked AND NOT r.published AND NOT r.in_protected
            AND t.state IN ('unreviewed', 'redacted')
        RETURNING t.field, t.flags),
    noted AS (
        INSERT INTO cs_geo.text_decisions (report_id, field, decision, flags, reason, decided_by)
        SELECT asked, d.field, 'released', d.flags, why, cs_geo.acting_person() FROM done d)
    SELECT count(*) INTO released FROM done;
    RETURN released;
END $$;
"""

RETAIN = """
-- Some time after it was recorded, reviewed or not, a raw text gives way to the text that is shown, in the report and
-- in its versions. A version that said something else loses its words. Texts that were never checked are left alone.
CREATE FUNCTION cs_geo.retain_raw_texts(older_than interval, OUT records bigint, OUT versions bigint, OUT held bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    kept uuid[];
BEGIN
    IF NOT cs_geo.acts_as('data_steward') THEN
        RAISE insufficient_privilege USING MESSAGE = 'Only a data steward may apply a rule of retention.';
    END IF;
    IF older_than < interval '1 day' THEN
        RAISE invalid_parameter_value USING MESSAGE = 'A rule of retention needs a time of a day or more.';
    END IF;
    CREATE TEMPORARY TABLE raw_due ON COMMIT DROP AS
        WITH shown AS (
            SELECT r.report_id, r.note, r.what_helped, r.outcome,
                coalesce(max(t.redacted) FILTER (WHERE t.field = 'note'), '') AS new_note,
                coalesce(max(t.redacted) FILTER (WHERE t.field = 'what_helped'), '') AS new_what_helped,
                coalesce(max(t.redacted) FILTER (WHERE t.field = 'outcome'), '') AS new_outcome
            FROM cs_geo.reports r JOIN cs_geo.report_texts t USING (report_id)
            WHERE NOT r.published AND r.recorded_at < now() - older_than GROUP BY r.report_id)
        SELECT s.* FROM shown s
        WHERE (s.note = '') = (s.new_note = '') AND (s.what_helped = '') = (s.new_what_helped = '')
            AND (s.outcome = '') = (s.new_outcome = '')
            AND EXISTS (SELECT 1 FROM cs_geo.report_versions v WHERE v.report_id = s.report_id
                AND (v.note NOT IN ('', s.new_note) OR v.what_helped NOT IN ('', s.new_what_helped)
                    OR v.outcome NOT IN ('', s.new_outcome)));
    kept := ARRAY(SELECT h.record_id FROM cs_geo.held_records() h JOIN pg_temp.raw_due d ON d.report_id = h.record_id);
    held := cardinality(kept);
    DELETE FROM pg_temp.raw_due d WHERE d.report_id = ANY (kept);
    UPDATE cs_geo.report_versions v SET
        note = CASE WHEN v.note = d.note THEN d.new_note ELSE '' END,
        what_helped = CASE WHEN v.what_helped = d.what_helped THEN d.new_what_helped ELSE '' END,
        outcome = CASE WHEN v.outcome = d.outcome THEN d.new_outcome ELSE '' END,
        removed = array_append(array_remove(v.removed, 'raw_texts'), 'raw_texts')
    FROM pg_temp.raw_due d WHERE v.report_id = d.report_id;
    GET DIAGNOSTICS versions = ROW_COUNT;
    UPDATE cs_geo.reports r SET note = d.new_note, what_helped = d.new_what_helped, outcome = d.new_outcome,
        removed = array_append(array_remove(r.removed, 'raw_texts'), 'raw_texts')
    FROM pg_temp.raw_due d WHERE r.report_id = d.report_id;
    GET DIAGNOSTICS records = ROW_COUNT;
    DROP TABLE pg_temp.raw_due;
END $$;
"""

INTERNAL = "(SELECT cs_geo.acts_as('coordinator', 'analyst', 'assessor', 'data_steward'))"
REVIEWS = "(SELECT cs_geo.acts_as('coordinator', 'data_steward'))"

POLICIES = f"""
REVOKE ALL ON cs_geo.report_texts, cs_geo.text_decisions FROM cs_geo_app, PUBLIC;
GRANT SELECT ON cs_geo.report_texts, cs_geo.text_decisions TO cs_geo_app;
GRANT INSERT (report_id, field, redacted, flags) ON cs_geo.report_texts TO cs_geo_app;
GRANT UPDATE (redacted, flags, state) ON cs_geo.report_texts TO cs_geo_app;

ALTER TABLE cs_geo.report_texts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY read ON cs_geo.report_texts FOR SELECT TO cs_geo_app USING ({INTERNAL});
CREATE POLICY note_checked ON cs_geo.report_texts FOR INSERT TO cs_geo_app WITH CHECK ({INTERNAL});
CREATE POLICY review ON cs_geo.report_texts FOR UPDATE TO cs_geo_app USING ({REVIEWS}) WITH CHECK ({REVIEWS});

ALTER TABLE cs_geo.text_decisions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY read ON cs_geo.text_decisions FOR SELECT TO cs_geo_app USING ({INTERNAL});

REVOKE EXECUTE ON FUNCTION cs_geo.note_text_decision(), cs_geo.forget_changed_texts(),
    cs_geo.case_holds(uuid, uuid), cs_geo.has_case_with(uuid), cs_geo.may_read_approved(uuid),
    cs_geo.may_release(uuid), cs_geo.approved_text(uuid), cs_geo.case_texts(uuid), cs_geo.release_text(uuid, text),
    cs_geo.retain_raw_texts(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cs_geo.may_release(uuid), cs_geo.approved_text(uuid), cs_geo.case_texts(uuid),
    cs_geo.release_text(uuid, text), cs_geo.retain_raw_texts(interval) TO cs_geo_app;
"""


def upgrade() -> None:
    """Make the texts that are shown, their decisions, and the door by which they leave."""
    for part in (TABLES, REVIEW, DOOR, RETAIN, POLICIES):
        op.get_bind().exec_driver_sql(part)  # a colon here is a colon, and no parameter


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
