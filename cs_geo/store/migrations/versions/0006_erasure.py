"""Erasing one report: its content goes from every table, and a tombstone stays.

The tombstone says which reference was erased, when, why and by whom. Beside it stand the report's identifier and the
digests by which an import knows a row again, so that the same file does not bring the report back.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TOMBSTONES = """
CREATE TABLE cs_geo.erasures (
    reference text PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now(),
    erased_by text NOT NULL,
    reason text NOT NULL,
    report_id uuid NOT NULL,
    source_id uuid NOT NULL REFERENCES cs_geo.sources,
    identity bytea NOT NULL,
    is_keyed boolean NOT NULL,
    content bytea NOT NULL,
    occurrence integer NOT NULL
);
CREATE INDEX erasures_row ON cs_geo.erasures (source_id, identity);

ALTER TABLE cs_geo.erasures ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY internal ON cs_geo.erasures FOR SELECT TO cs_geo_app
    USING ((SELECT cs_geo.acts_as('coordinator', 'analyst', 'assessor', 'data_steward')));
GRANT SELECT ON cs_geo.erasures TO cs_geo_app;
"""

ERASE = """
CREATE FUNCTION cs_geo.is_held(asked uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT 1 FROM cs_geo.held_records() h WHERE h.record_id = asked)
$$;

CREATE FUNCTION cs_geo.erase_report(asked uuid, why text)
RETURNS TABLE (versions bigint, runs bigint, rejects bigint, months date[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    newest cs_geo.report_versions;
    sources uuid[];
    imports uuid[];
    texts text[];
BEGIN
    IF NOT cs_geo.acts_as('data_steward') THEN
        RAISE insufficient_privilege USING MESSAGE = 'Only a data steward may erase a report.';
    END IF;
    -- Nobody sets a hold, and no import brings another version, while this looks and acts.
    LOCK TABLE cs_geo.legal_holds, cs_geo.report_versions IN SHARE ROW EXCLUSIVE MODE;
    IF cs_geo.is_held(asked) THEN
        RAISE object_not_in_prerequisite_state USING MESSAGE = 'The report is under a legal hold.';
    END IF;
    SELECT * INTO STRICT newest FROM cs_geo.report_versions v WHERE v.report_id = asked
    ORDER BY v.version DESC LIMIT 1;
    SELECT array_agg(DISTINCT v.source_id), array_agg(DISTINCT date_trunc('month', v.first_day)::date)
    INTO sources, months FROM cs_geo.report_versions v WHERE v.report_id = asked;
    -- Every import that may have had a row of it: of its source, or that brought or changed it.
    SELECT coalesce(array_agg(i.import_id), '{}') INTO imports FROM cs_geo.imports i
    WHERE (i.source_id = ANY (sources) OR i.import_id IN (
            SELECT unnest(ARRAY[v.import_id, v.changed_by_import]) FROM cs_geo.report_versions v
            WHERE v.report_id = asked))
        AND i.import_id NOT IN (SELECT h.import_id FROM cs_geo.held_imports() h);
    -- What a rejected row of the same report would repeat: prose, not a word that many rows have.
    SELECT coalesce(array_agg(DISTINCT said), '{}') INTO texts
    FROM cs_geo.report_versions v CROSS JOIN LATERAL unnest(ARRAY[v.note, v.what_helped, v.outcome]) AS said
    WHERE v.report_id = asked AND length(said) >= 12;

    INSERT INTO cs_geo.erasures
        (reference, erased_by, reason, report_id, source_id, identity, is_keyed, content, occurrence)
    VALUES (newest.reference, coalesce(cs_geo.acting_person(), ''), why, asked, newest.source_id, newest.identity,
        newest.is_keyed, newest.content, newest.occurrence);

    -- A run in which it took part has its point in an outline. Runs are computed and can be computed again.
    DELETE FROM cs_geo.hotspot_runs r WHERE r.run_id IN (
        SELECT h.run_id FROM cs_geo.hotspots h JOIN cs_geo.hotspot_members m USING (hotspot_id)
        WHERE m.report_id = asked);
    GET DIAGNOSTICS runs = ROW_COUNT;
    DELETE FROM cs_geo.import_rejects j WHERE j.import_id = ANY (imports) AND j.cells && texts;
    GET DIAGNOSTICS rejects = ROW_COUNT;
    -- Issues are counted together and do not say whose row they quote: what these imports quote goes.
    UPDATE cs_geo.import_issues s SET value = '' WHERE s.import_id = ANY (imports) AND s.value <> '';
    UPDATE cs_geo.jobs j SET result = jsonb_set(j.result, '{issue_list}', '[]')
    WHERE j.kind = 'import' AND j.result ? 'issue_list' AND (
        j.result ->> 'import_id' = ANY (imports::text[])
        OR j.result ->> 'source' IN (SELECT s.name FROM cs_geo.sources s WHERE s.source_id = ANY (sources)));
    DELETE FROM cs_geo.reports r WHERE r.report_id = asked;
    DELETE FROM cs_geo.report_versions v WHERE v.report_id = asked;
    GET DIAGNOSTICS versions = ROW_COUNT;
    RETURN NEXT;
END $$;

REVOKE EXECUTE ON FUNCTION cs_geo.is_held(uuid), cs_geo.erase_report(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cs_geo.is_held(uuid), cs_geo.erase_report(uuid, text) TO cs_geo_app;
"""


def upgrade() -> None:
    """Make tombstones, and let a data steward erase a report."""
    for part in (TOMBSTONES, ERASE):
        op.get_bind().exec_driver_sql(part)


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
