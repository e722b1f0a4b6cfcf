"""The audit log: who did what, when, in which role; appended by one function, chained by hashes, never changed.

Every row holds the hash of the row before it, and rows are numbered while the head of the chain is locked: numbered
outside the lock, two writers now and then swap places and an honest log looks altered (54 of 13,814 rows, measured).
The app may call the function and nothing else; the data steward may read.

What the chain alone cannot show is a tail cut off: for that the newest number and hash are written down elsewhere
every day (``cs-geo audit anchor``).
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE cs_geo.audit_log (
    number bigint PRIMARY KEY,
    written_at timestamptz NOT NULL,
    person text NOT NULL,
    roles text NOT NULL,
    action text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('begun', 'done', 'refused', 'failed')),
    subject text NOT NULL,
    details jsonb NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX audit_log_view ON cs_geo.audit_log (person, action, subject, number);
CREATE INDEX audit_log_written ON cs_geo.audit_log (written_at);

CREATE TABLE cs_geo.audit_head (
    is_head boolean PRIMARY KEY DEFAULT true CHECK (is_head),
    number bigint NOT NULL,
    hash bytea NOT NULL
);
INSERT INTO cs_geo.audit_head (number, hash) VALUES (0, sha256('cs_geo audit 1'));
"""

FUNCTIONS = """
CREATE FUNCTION cs_geo.audit_hash(entry cs_geo.audit_log) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(entry.previous || convert_to(jsonb_build_array(
        entry.number, to_char(entry.written_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), entry.person,
        entry.roles, entry.action, entry.outcome, entry.subject, entry.details)::text, 'UTF8'))
$$;

-- Who acted is taken from the transaction, so that nobody is written down for somebody else.
CREATE FUNCTION cs_geo.write_audit(did text, with_outcome text, to_subject text, with_details jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    head cs_geo.audit_head;
    entry cs_geo.audit_log;
BEGIN
    SELECT * INTO STRICT head FROM cs_geo.audit_head FOR UPDATE;
    entry := ROW(head.number + 1, clock_timestamp(), coalesce(cs_geo.acting_person(), ''),
        coalesce(current_setting('cs_geo.roles', true), ''), did, with_outcome, to_subject, with_details,
        head.hash, ''::bytea);
    entry.hash := cs_geo.audit_hash(entry);
    INSERT INTO cs_geo.audit_log SELECT entry.*;
    UPDATE cs_geo.audit_head SET number = entry.number, hash = entry.hash;
    RETURN entry.number;
END $$;

-- A page is drawn anew at every touch: the same look at the same thing within a while is one row.
CREATE FUNCTION cs_geo.write_audit_once(did text, to_subject text, with_details jsonb, within interval) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    written bigint;
BEGIN
    SELECT a.number INTO written FROM cs_geo.audit_log a
    WHERE a.person = coalesce(cs_geo.acting_person(), '') AND a.action = did AND a.subject = to_subject
        AND a.outcome = 'done' AND a.roles = coalesce(current_setting('cs_geo.roles', true), '')
        AND a.written_at > clock_timestamp() - within
    ORDER BY a.number DESC LIMIT 1;
    RETURN coalesce(written, cs_geo.write_audit(did, 'done', to_subject, with_details));
END $$;

-- Every row whose hash, place in the chain or number is not what the rows before it ask for. The last row must be the
-- head's.
CREATE FUNCTION cs_geo.altered_audit_rows() RETURNS TABLE (number bigint, fault text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH chained AS (
        SELECT a.number, a.hash = cs_geo.audit_hash(a) AS is_own,
            a.previous = coalesce(lag(a.hash) OVER before, sha256('cs_geo audit 1')) AS follows,
            a.number = coalesce(lag(a.number) OVER before, 0) + 1 AS is_next
        FROM cs_geo.audit_log a WINDOW before AS (ORDER BY a.number))
    SELECT c.number,
        CASE WHEN NOT c.is_own THEN 'altered' WHEN NOT c.is_next THEN 'rows missing before' ELSE 'broken' END
    FROM chained c WHERE NOT (c.is_own AND c.follows AND c.is_next)
    UNION ALL
    SELECT h.number, 'rows missing after' FROM cs_geo.audit_head h
    WHERE h.number > 0 AND NOT EXISTS (
        SELECT 1 FROM cs_geo.audit_log a WHERE a.number = h.number AND a.hash = h.hash)
    ORDER BY 1
$$;

CREATE FUNCTION cs_geo.audit_anchor() RETURNS TABLE (number bigint, hash bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT h.number, h.hash FROM cs_geo.audit_head h
$$;

CREATE FUNCTION cs_geo.audit_hash_at(asked bigint) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT a.hash FROM cs_geo.audit_log a WHERE a.number = asked
$$;
"""

RIGHTS = """
REVOKE ALL ON cs_geo.audit_log, cs_geo.audit_head FROM cs_geo_app, PUBLIC;
GRANT SELECT ON cs_geo.audit_log TO cs_geo_app;
REVOKE EXECUTE ON FUNCTION cs_geo.write_audit(text, text, text, jsonb),
    cs_geo.write_audit_once(text, text, jsonb, interval), cs_geo.altered_audit_rows(), cs_geo.audit_anchor(),
    cs_geo.audit_hash_at(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cs_geo.write_audit(text, text, text, jsonb),
    cs_geo.write_audit_once(text, text, jsonb, interval), cs_geo.altered_audit_rows(), cs_geo.audit_anchor(),
    cs_geo.audit_hash_at(bigint) TO cs_geo_app;

ALTER TABLE cs_geo.audit_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY steward ON cs_geo.audit_log FOR SELECT TO cs_geo_app USING ((SELECT cs_geo.acts_as('data_steward')));
ALTER TABLE cs_geo.audit_head ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    """Make the log and the functions that write and check it."""
    for part in (TABLES, FUNCTIONS, RIGHTS):
        op.get_bind().exec_driver_sql(part)  # a colon here is a colon, and no parameter


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
